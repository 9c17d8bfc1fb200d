//! Taking a run back: the calls before, while and after they are sent.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::apply::detail::{command_alone, of_step};
use super::apply::rows::{self, Row};
use super::apply::{refused, spinner};
use super::calls::{self, Place};
use crate::app::slot::Slot;
use crate::app::steps::apply::story as words;
use crate::app::steps::undo::state::{Phase, Sent, Shown};
use crate::app::steps::undo::{marked, story};
use crate::app::task::ApplyOutcome;
use crate::app::wizard::App;
use crate::domain::undo::Undo;
use crate::ui::frame::{self, below, put_ends, title};
use crate::ui::text::{clock, cut, took, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let wide = frame.area().width >= 100;
    let areas = frame::draw(frame, app, theme, wide.then_some(42));
    let main = areas.main;
    let roomy = u16::from(main.height >= 16);
    let body = below(main, 1 + 2 * roomy);
    let side = areas.side.map(|side| below(side, 1));
    let right = match &app.undo.phase {
        Phase::Shown(shown) => counts(&shown.undo),
        Phase::Sent(sent) => {
            let (done, all) = (sent.course.done(), sent.course.progress.len());
            format!("{done} of {all}, {}", clock(sent.took(app.now)))
        }
        _ => String::new(),
    };
    let right = Line::styled(format!("{right} "), theme.dim());
    let room = usize::from(main.width).saturating_sub(right.width() + 16);
    let name = format!("Take back {}", cut(theme, &app.undo.run, room));
    put_ends(frame, main, roomy, title(theme, &name, true), right);
    match &app.undo.phase {
        Phase::Unread => reading(frame, app, theme, body),
        Phase::Failed(fault) => {
            refused(frame, theme, body, "Journal or account could not be read.", fault, "back");
        }
        Phase::Shown(shown) => put_shown(frame, app, theme, Place { area: body, side }, shown),
        Phase::Sent(sent) => put_sent(frame, app, theme, Place { area: body, side }, sent),
    }
}

fn reading(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let Some(task) = app.slots.running(Slot::Recall) else { return };
    let since = app.now.since(task.began);
    let mark = spinner(app, theme, Slot::Recall).unwrap_or(" ");
    let time = if since.as_secs() >= 2 { clock(since) } else { String::new() };
    let words = Line::raw(format!("  {mark} Reading the journal, and what AWS has of it"));
    put_ends(frame, area, 0, words, Line::raw(format!("{time} ")));
    frame::put(frame, area, 2, Line::raw("    Reading changes nothing. Esc stops it."));
}

/// `3 calls, 1 altered`
fn counts(undo: &Undo) -> String {
    let calls = match undo.changes().count() {
        0 => "no call".to_owned(),
        1 => "1 call".to_owned(),
        n => format!("{n} calls"),
    };
    match undo.conflicts().count() {
        0 => calls,
        n => format!("{calls}, {n} altered"),
    }
}

fn put_shown(frame: &mut Frame<'_>, app: &App, theme: Theme, place: Place, shown: &Shown) {
    let closing = closing(theme, &shown.undo, usize::from(place.area.width));
    let list = (shown.undo.steps.as_slice(), app.undo.cursor.row);
    let details = |width| details(app, theme, width);
    calls::put_shown(frame, theme, place, list, story::standing, details, closing);
}

/// The selected step: why it stands so, what differs, the command.
fn details(app: &App, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let Some(step) = app.undo.selected() else { return Vec::new() };
    let mut between = Vec::new();
    if let Some((name, taken)) = marked(app) {
        let (key, style) = (Span::styled("Space", theme.bold()), theme.plain());
        let said = if taken {
            format!("  lets it stay; {name} is marked to go")
        } else {
            "  takes it back all the same; unmarked it stays".to_owned()
        };
        between.push(Line::from(vec![
            key,
            Span::styled(cut(theme, &said, width.saturating_sub(5)), style),
        ]));
    }
    let mut lines = of_step(theme, step, between, width);
    if step.operation.is_some() {
        lines.push(Line::default());
        lines.extend(command_alone(theme, step, width));
    }
    lines
}

/// What is to be said of the whole.
fn closing(theme: Theme, undo: &Undo, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut push = |text: &str, style: Style| {
        let pieces = wrap(text, width.saturating_sub(4));
        lines.extend(pieces.into_iter().map(|l| Line::styled(format!("  {l}"), style)));
    };
    match (undo.changes().count(), undo.conflicts().count()) {
        (0, 0) => push("Nothing of it is left in AWS to be taken back.", theme.bold()),
        (0, _) => push("All that is left was altered since the run, and stays.", theme.bold()),
        _ => push(
            "The newest goes first. A refusal does not stop the rest; twice is safe.",
            theme.dim(),
        ),
    }
    lines.extend(calls::remarks(theme, &undo.remarks, width));
    lines
}

fn put_sent(frame: &mut Frame<'_>, app: &App, theme: Theme, place: Place, sent: &Sent) {
    let rows = sent_rows(app, theme, sent);
    let area = place.area;
    let after = after(app, theme, sent, usize::from(area.width), area.height > 8);
    let beside = |width| beside(app, theme, sent, width);
    calls::put_sent(frame, app, theme, place, (&rows, app.undo.cursor.row), after, beside);
}

fn sent_rows(app: &App, theme: Theme, sent: &Sent) -> Vec<Row> {
    let name = |step| format!("{} {}", words::sign(step), step.summary);
    let calls = sent.changes().map(|(step, progress)| (name(step), progress));
    let mut rows = rows::of_calls(app, theme, Slot::Undo, calls, &sent.course);
    let row =
        |glyph, style, state: &str, time| Row::new(theme, glyph, style, "Read back", state, time);
    rows.push(match (&sent.ended, sent.course.reading_back) {
        (None, since) => rows::to_read_back(app, theme, Slot::Undo, since),
        (Some(_), None) => row(Glyph::ToCome, theme.dim(), "not read", String::new()),
        (Some((at, undone)), Some(since)) => {
            let time = took(at.since(since));
            match (undone.left.len(), &undone.fault) {
                (_, Some(_)) => row(Glyph::Warning, theme.warning(), "not read", time),
                (0, None) if sent.is_done() => row(Glyph::Done, theme.good(), "gone", time),
                (0, None) => row(Glyph::Done, theme.good(), "as answered", time),
                (n, None) => {
                    row(Glyph::Warning, theme.warning(), &format!("{n} still there"), time)
                }
            }
        }
    });
    rows
}

/// How all of it ended, and what is left; nothing while it runs.
fn after(app: &App, theme: Theme, sent: &Sent, width: usize, roomy: bool) -> Vec<Line<'static>> {
    let Some((_, undone)) = &sent.ended else { return Vec::new() };
    let (done, all) = (sent.course.done(), sent.course.progress.len());
    let run = &app.undo.run;
    let (glyph, style, head) = match undone.outcome {
        ApplyOutcome::Done if !sent.stays() => {
            (Glyph::Done, theme.good(), format!("Taken back: nothing of run {run} is left in AWS."))
        }
        ApplyOutcome::Done => (
            Glyph::Warning,
            theme.warning(),
            "Taken back, but for what was altered since.".to_owned(),
        ),
        ApplyOutcome::Failed => {
            (Glyph::Error, theme.bad(), format!("Not all of it went: {done} of {all} done."))
        }
        ApplyOutcome::Stopped => (
            Glyph::Warning,
            theme.warning(),
            format!("Stopped as you asked: {done} of {all} done."),
        ),
        ApplyOutcome::Blocked => (Glyph::Error, theme.bad(), "Nothing was sent.".to_owned()),
    };
    let mut lines = calls::headline(theme, (glyph, style), &head, width);
    if undone.outcome != ApplyOutcome::Done && roomy {
        lines.push(Line::from(vec![
            Span::styled("    r", theme.bold()),
            Span::raw("  reads again and shows what is left"),
        ]));
    }
    if undone.outcome == ApplyOutcome::Done {
        lines.extend(calls::remarks(theme, &sent.undo.remarks, width));
    }
    if roomy {
        lines.push(Line::default());
    }
    lines
}

/// What is to be read beside the calls: a delay, every failure, what is left; else the command of the selected call.
fn beside(app: &App, theme: Theme, sent: &Sent, width: usize) -> Vec<Line<'static>> {
    if sent.ended.is_none() {
        return calls::going(theme, &sent.course, app.undo.selected(), width);
    }
    let left = ("Left in AWS", story::left(sent));
    calls::failures(theme, (sent.undo.changes(), &sent.course), sent.fault(), left, width)
}
