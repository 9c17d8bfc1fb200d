//! The screen of step 4.

pub(super) mod detail;
pub(super) mod plan;
pub(super) mod rows;
mod run;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::slot::Slot;
use crate::app::steps::apply::state::Phase;
use crate::app::steps::apply::story;
use crate::app::wizard::App;
use crate::domain::fault::Fault;
use crate::domain::intent::Intent;
use crate::ui::frame::{self, put, put_ends, title};
use crate::ui::text::{clock, cut, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Where Esc leads from a plan that could not be made.
const ANSWERS: &str = "back to the answers";

/// Draws the step.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let wide = frame.area().width >= 100;
    let areas = frame::draw(frame, app, theme, wide.then_some(42));
    let main = areas.main;
    let roomy = u16::from(main.height >= 16);
    let body = below(main, 1 + 2 * roomy);
    let side = areas.side.map(|side| below(side, 1));
    let (words, right) = match &app.apply.phase {
        Phase::Planned(ready) => ("Plan", plan::counts(ready)),
        Phase::Sent(run) => ("Apply", run::progress(app, run)),
        _ => ("Plan", String::new()),
    };
    let right = match spinner(app, theme, Slot::Survey) {
        Some(picture) if app.apply.ready().is_some() => format!("{picture} {right} "),
        _ => format!("{right} "),
    };
    put_ends(frame, main, roomy, title(theme, words, true), Line::styled(right, theme.dim()));
    match &app.apply.phase {
        Phase::Unread => {
            put(frame, body, 0, Line::raw("  The account was not read. r reads it."));
        }
        Phase::Reading(basis) => reading(frame, app, theme, body, &basis.intent),
        Phase::Open(fault) => {
            let what = "The answers do not hold together yet.";
            refused(frame, theme, body, what, fault, ANSWERS);
        }
        Phase::Failed(fault) => {
            refused(frame, theme, body, "The account could not be read.", fault, ANSWERS);
        }
        Phase::Planned(ready) => plan::draw(frame, app, theme, body, side, ready),
        Phase::Sent(run) => run::draw(frame, app, theme, body, side, run),
    }
}

/// The spinner of a task, as long as it is to be seen.
pub(super) fn spinner(app: &App, theme: Theme, slot: Slot) -> Option<&'static str> {
    let task = app.slots.last(slot).filter(|t| t.shows_spinner(app.now))?;
    Some(theme.spinner(app.now.since(task.began).as_millis() / 250))
}

fn reading(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, intent: &Intent) {
    let Some(task) = app.slots.running(Slot::Survey) else { return };
    let since = app.now.since(task.began);
    let mark = spinner(app, theme, Slot::Survey).unwrap_or(" ");
    let time = if since.as_secs() >= 2 { clock(since) } else { String::new() };
    put_ends(
        frame,
        area,
        0,
        Line::raw(format!("  {mark} Reading what AWS has")),
        Line::raw(format!("{time} ")),
    );
    let rows = match intent {
        Intent::Oidc(oidc) => [
            "the identity provider of the issuer, and its audiences".to_owned(),
            format!("the role {}, its trust policy, its permissions, its tags", oidc.role),
        ],
        Intent::IamUser(user) => [
            format!("the user {}, its permissions, groups, password, tags and keys", user.user),
            format!("where the secret would go: {}", user.custody),
        ],
    };
    for (n, row) in (2..).zip(rows) {
        put(frame, area, n, Line::styled(format!("    {row}"), theme.dim()));
    }
    put(frame, area, 5, Line::raw("    Reading changes nothing. Esc stops it."));
    for (n, words) in (7..).zip(app.apply.not_known_yet()) {
        let words = format!("  {} not known yet: {words}", theme.glyph(Glyph::Warning));
        put(
            frame,
            area,
            n,
            Line::styled(cut(theme, &words, usize::from(area.width)), theme.warning()),
        );
    }
}

/// A fault, whole.
pub(super) fn refused(
    frame: &mut Frame<'_>,
    theme: Theme,
    area: Rect,
    what: &str,
    fault: &Fault,
    back: &str,
) {
    let width = usize::from(area.width).saturating_sub(4);
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("  {} ", theme.glyph(Glyph::Error)), theme.bad()),
        Span::styled(what.to_owned(), theme.bold()),
    ])];
    lines.push(Line::default());
    lines.extend(fault_lines(theme, fault, width).into_iter().map(|l| indented(l, 4)));
    lines.push(Line::default());
    lines.push(Line::from(vec![
        Span::styled("    r", theme.bold()),
        Span::raw("  reads again      "),
        Span::styled("Esc", theme.bold()),
        Span::raw(format!("  {back}")),
    ]));
    write(frame, theme, area, lines);
}

/// A fault in lines: what happened, the facts on two columns, what mends it in bold.
pub(super) fn fault_lines(theme: Theme, fault: &Fault, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut push = |text: &str, style: Style| {
        lines.extend(wrap(text, width).into_iter().map(|l| Line::styled(l, style)));
    };
    let story = story::fault(fault);
    for (i, line) in story.iter().enumerate() {
        let style = if i == 0 {
            theme.plain()
        } else if fault.what_to_do() == line.as_str() {
            theme.bold()
        } else {
            theme.dim()
        };
        push(line, style);
    }
    lines
}

pub(super) fn indented(mut line: Line<'static>, cells: usize) -> Line<'static> {
    line.spans.insert(0, Span::raw(" ".repeat(cells)));
    line
}

/// What is left of an area below its first rows.
pub(super) fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}

/// Writes lines; where they do not all fit, the last row says how to see the rest. Returns the rows taken.
pub(super) fn write(frame: &mut Frame<'_>, theme: Theme, area: Rect, lines: Vec<Line<'_>>) -> u16 {
    let height = usize::from(area.height);
    let more = lines.len().saturating_sub(height);
    let shown = if more > 0 { height.saturating_sub(1) } else { lines.len() };
    let mut rows = 0;
    for line in lines.into_iter().take(shown) {
        put(frame, area, rows, line);
        rows += 1;
    }
    if more > 0 && height > 0 {
        let note = format!("  {} {} more, i shows all of it", theme.glyph(Glyph::More), more + 1);
        put(frame, area, rows, Line::styled(note, theme.dim()));
        rows += 1;
    }
    rows
}
