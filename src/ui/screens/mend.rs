//! Mending what the review found: the calls before, while and after they are sent.

use ratatui::Frame;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::apply::detail::{command_alone, of_step};
use super::apply::rows::{self, Row};
use super::calls::{self, Place};
use crate::app::slot::Slot;
use crate::app::steps::apply::story as words;
use crate::app::steps::mend::state::{Phase, Sent};
use crate::app::steps::mend::story;
use crate::app::task::ApplyOutcome;
use crate::app::wizard::App;
use crate::domain::review::mend::Mend;
use crate::ui::frame::{self, below, put, put_ends, title};
use crate::ui::text::{clock, took, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let wide = frame.area().width >= 100;
    let areas = frame::draw(frame, app, theme, wide.then_some(42));
    let main = areas.main;
    let roomy = u16::from(main.height >= 16);
    let place =
        Place { area: below(main, 1 + 2 * roomy), side: areas.side.map(|side| below(side, 1)) };
    let right = match &app.mend.phase {
        Phase::Empty => String::new(),
        Phase::Shown(mend) => counts(mend),
        Phase::Sent(sent) => {
            let (done, all) = (sent.course.done(), sent.course.progress.len());
            format!("{done} of {all}, {}", clock(sent.took(app.now)))
        }
    };
    let right = Line::styled(format!("{right} "), theme.dim());
    put_ends(frame, main, roomy, title(theme, "Mend", true), right);
    match &app.mend.phase {
        Phase::Empty => {
            put(frame, place.area, 0, Line::raw("  Nothing is chosen. Enter goes to the review."));
        }
        Phase::Shown(mend) => {
            let closing = closing(theme, mend, usize::from(place.area.width));
            let list = (mend.steps.as_slice(), app.mend.cursor.row);
            let details = |width| details(app, theme, width);
            calls::put_shown(frame, theme, place, list, story::standing, details, closing);
        }
        Phase::Sent(sent) => {
            let rows = sent_rows(app, theme, sent);
            let (width, roomy) = (usize::from(place.area.width), place.area.height > 8);
            let after = after(theme, sent, width, roomy);
            let beside = |width| beside(app, theme, sent, width);
            calls::put_sent(frame, app, theme, place, (&rows, app.mend.cursor.row), after, beside);
        }
    }
}

/// `3 calls, 2 findings`
fn counts(mend: &Mend) -> String {
    let many = |n: usize, what: &str| match n {
        0 => format!("no {what}"),
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    };
    format!("{}, {}", many(mend.steps.len(), "call"), many(mend.wishes.len(), "finding"))
}

/// The selected call: which findings it mends, what differs, the command.
fn details(app: &App, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let Some(step) = app.mend.selected() else { return Vec::new() };
    let mut lines = of_step(theme, step, Vec::new(), width);
    lines.push(Line::default());
    lines.extend(command_alone(theme, step, width));
    lines
}

/// What is to be said of the whole.
fn closing(theme: Theme, mend: &Mend, width: usize) -> Vec<Line<'static>> {
    let (text, style) = if mend.steps.is_empty() {
        ("No call mends any of this.", theme.bold())
    } else {
        (
            "It stops at the first refusal. It is a run of its own, and can be taken back.",
            theme.dim(),
        )
    };
    let mut lines: Vec<Line<'_>> = wrap(text, width.saturating_sub(4))
        .into_iter()
        .map(|line| Line::styled(format!("  {line}"), style))
        .collect();
    lines.extend(calls::remarks(theme, &mend.remarks, width));
    lines
}

fn sent_rows(app: &App, theme: Theme, sent: &Sent) -> Vec<Row> {
    let name = |step| format!("{} {}", words::sign(step), step.summary);
    let calls = sent.changes().map(|(step, progress)| (name(step), progress));
    let mut rows = rows::of_calls(app, theme, Slot::Mend, calls, &sent.course);
    let row = |glyph, style: Style, state: &str, time| {
        Row::new(theme, glyph, style, "Read back", state, time)
    };
    rows.push(match (&sent.ended, sent.course.reading_back) {
        (None, since) => rows::to_read_back(app, theme, Slot::Mend, since),
        (Some(_), None) => row(Glyph::ToCome, theme.dim(), "not read", String::new()),
        (Some((at, mended)), Some(since)) => {
            let time = took(at.since(since));
            match (mended.differs.len(), &mended.fault) {
                (_, Some(_)) => row(Glyph::Warning, theme.warning(), "not read", time),
                (0, None) => row(Glyph::Done, theme.good(), "as meant", time),
                (n, None) => row(Glyph::Warning, theme.warning(), &format!("{n} not so"), time),
            }
        }
    });
    rows
}

/// How all of it ended, and how it is taken back; nothing while it runs.
fn after(theme: Theme, sent: &Sent, width: usize, roomy: bool) -> Vec<Line<'static>> {
    let Some((_, mended)) = &sent.ended else { return Vec::new() };
    let (done, all) = (sent.course.done(), sent.course.progress.len());
    let run = &sent.mend.stamp.run;
    let (glyph, style, head) = match mended.outcome {
        ApplyOutcome::Done if sent.is_as_meant() => {
            let n = sent.mend.wishes.len();
            let findings = if n == 1 { "1 finding".to_owned() } else { format!("{n} findings") };
            (Glyph::Done, theme.good(), format!("Mended: {findings}, as run {run}."))
        }
        ApplyOutcome::Done => {
            (Glyph::Warning, theme.warning(), "Sent, but not seen as it was meant.".to_owned())
        }
        ApplyOutcome::Failed => {
            (Glyph::Error, theme.bad(), format!("It stopped at a refusal: {done} of {all} done."))
        }
        ApplyOutcome::Stopped => (
            Glyph::Warning,
            theme.warning(),
            format!("Stopped as you asked: {done} of {all} done."),
        ),
        ApplyOutcome::Blocked => (Glyph::Error, theme.bad(), "Nothing was sent.".to_owned()),
    };
    let mut lines = calls::headline(theme, (glyph, style), &head, width);
    let mut key = |key: &'static str, what: String| {
        if roomy {
            lines.push(Line::from(vec![
                Span::styled(format!("    {key}"), theme.bold()),
                Span::raw(what),
            ]));
        }
    };
    if done > 0 || sent.course.lost_reply() {
        key("u", "  takes back what was done".to_owned());
    }
    if mended.outcome != ApplyOutcome::Done {
        key("r", "  reads the account again, to plan anew".to_owned());
    }
    if roomy {
        lines.push(Line::default());
    }
    lines
}

/// What is to be read beside the calls: a delay, every failure, what is not mended; else the selected command.
fn beside(app: &App, theme: Theme, sent: &Sent, width: usize) -> Vec<Line<'static>> {
    if sent.ended.is_none() {
        return calls::going(theme, &sent.course, app.mend.selected(), width);
    }
    let left = ("Not mended", story::left(sent));
    calls::failures(theme, (sent.mend.changes(), &sent.course), sent.fault(), left, width)
}
