//! The list of runs that the journal knows.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::apply::{fault_lines, refused, spinner, write};
use crate::app::list::scroll;
use crate::app::slot::Slot;
use crate::app::steps::runs::{stopped_in_undo, story};
use crate::app::wizard::App;
use crate::domain::journal::{Phase, Recorded};
use crate::ui::frame::{self, below, put, put_ends, title};
use crate::ui::text::{clock, cut, fit, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Below this width the account stands only beside the list.
const NARROW: u16 = 80;

/// Draws it: the runs, and the selected one in detail.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let areas = frame::draw(frame, app, theme, None);
    let main = areas.main;
    let roomy = u16::from(main.height >= 16);
    let runs = app.runs.all();
    let open = runs.iter().filter(|run| is_open(run)).count();
    let count = match (runs.len(), open) {
        (0, _) => String::new(),
        (n, 0) => format!("{n} "),
        (n, open) => format!("{n}, {open} open "),
    };
    let count = match spinner(app, theme, Slot::Runs) {
        Some(picture) => format!("{picture} {count}"),
        None => count,
    };
    put_ends(frame, main, roomy, title(theme, "Runs", true), Line::styled(count, theme.dim()));
    let body = below(main, 1 + 2 * roomy);
    match &app.runs.list {
        None => reading(frame, app, theme, body),
        Some(Err(fault)) => {
            refused(frame, theme, body, "The journals could not be read.", fault, "back");
        }
        Some(Ok(runs)) if runs.is_empty() => {
            put(frame, body, 0, Line::raw("  No run has changed anything yet."));
            let words = "What is sent in step 4 is written down first; here it is found again.";
            for (n, line) in (2..).zip(wrap(words, usize::from(body.width).saturating_sub(4))) {
                put(frame, body, n, Line::styled(format!("  {line}"), theme.dim()));
            }
        }
        Some(Ok(runs)) => {
            let wanted = u16::try_from(runs.len()).unwrap_or(u16::MAX);
            let list = Rect { height: (body.height / 2).max(3).min(wanted), ..body };
            put_runs(frame, app, theme, list, runs);
            let rest = below(body, list.height + u16::from(body.height > 8));
            let Some(selected) = app.runs.selected() else { return };
            let width = usize::from(rest.width).saturating_sub(4);
            let lines = details(app, theme, selected, width).into_iter().map(|mut line| {
                line.spans.insert(0, Span::raw("  "));
                line
            });
            write(frame, theme, rest, lines.collect());
        }
    }
}

fn is_open(recorded: &Recorded) -> bool {
    recorded.process.is_none() && recorded.past.as_ref().is_ok_and(|past| past.phase.is_open())
}

fn reading(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let Some(task) = app.slots.running(Slot::Runs) else { return };
    let since = app.now.since(task.began);
    let mark = spinner(app, theme, Slot::Runs).unwrap_or(" ");
    let time = if since.as_secs() >= 2 { clock(since) } else { String::new() };
    let words = Line::raw(format!("  {mark} Reading the journals"));
    put_ends(frame, area, 0, words, Line::raw(format!("{time} ")));
}

fn put_runs(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, runs: &[Recorded]) {
    let height = usize::from(area.height);
    let selected = app.runs.cursor.within(runs.len());
    let top = scroll(selected, runs.len(), height);
    let more = runs.len().saturating_sub(top + height);
    for (n, (i, run)) in (0..).zip(runs.iter().enumerate().skip(top).take(height)) {
        let here = i == selected;
        let mark = if here { theme.glyph(Glyph::Cursor) } else { " " };
        let (glyph, style) = sign(run);
        let style = style(theme);
        let (when, account, about) = match &run.past {
            Ok(past) => {
                let header = &past.header;
                (story::when(&past.last), header.account.clone(), header.does())
            }
            Err(_) => (String::new(), String::new(), run.run.clone()),
        };
        let right = if more > 0 && n + 1 == area.height {
            format!("{} {more} more ", theme.glyph(Glyph::More))
        } else {
            format!(" {} ", story::outcome(run))
        };
        let mut left = vec![
            Span::styled(format!("  {mark} "), theme.accent()),
            Span::styled(fit(theme, theme.glyph(glyph), if theme.ascii { 3 } else { 2 }), style),
            Span::raw(format!("{when:18}")),
        ];
        let mut used = 24;
        if frame.area().width >= NARROW {
            left.push(Span::raw(format!("{account:14}")));
            used += 14;
        }
        let room = usize::from(area.width).saturating_sub(used + right.width());
        let name = if here { theme.selected() } else { theme.plain() };
        left.push(Span::styled(cut(theme, &about, room), name));
        put_ends(frame, area, n, Line::from(left), Line::styled(right, style));
        if here {
            frame.set_cursor_position(Position::new(area.x + 2, area.y + n));
        }
    }
}

fn sign(run: &Recorded) -> (Glyph, fn(Theme) -> Style) {
    match &run.past {
        Err(_) => (Glyph::Error, Theme::bad),
        Ok(_) if run.process.is_some() => (Glyph::Here, Theme::accent),
        Ok(past) => match past.phase {
            Phase::Done => (Glyph::Done, Theme::good),
            Phase::Undone => (Glyph::ToCome, Theme::dim),
            Phase::Failed => (Glyph::Error, Theme::bad),
            Phase::Stopped | Phase::Interrupted | Phase::PartlyUndone => {
                (Glyph::Warning, Theme::warning)
            }
        },
    }
}

fn details(app: &App, theme: Theme, run: &Recorded, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    match &run.past {
        Err(fault) => {
            lines.push(Line::raw(cut(theme, &format!("Run       {}", run.run), width)));
            lines.extend(fault_lines(theme, fault, width));
        }
        Ok(past) => {
            for fact in story::short(app, run) {
                let open = fact.starts_with("not answered");
                let style = if open { theme.warning() } else { theme.plain() };
                let fact =
                    if open { format!("{} {fact}", theme.glyph(Glyph::Warning)) } else { fact };
                lines.extend(wrap(&fact, width).into_iter().map(|l| Line::styled(l, style)));
            }
            if is_open(run) && stopped_in_undo(past) {
                lines.push(Line::styled("It stopped while it was taken back.", theme.dim()));
            }
        }
    }
    lines
}
