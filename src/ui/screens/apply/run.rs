//! The changes while they are sent, and how they ended.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::{below, detail, fault_lines, indented, spinner, write};
use crate::app::list::scroll;
use crate::app::slot::Slot;
use crate::app::steps::apply::state::{Progress, Run};
use crate::app::steps::apply::{self, story};
use crate::app::task::{ApplyOutcome, StepOutcome};
use crate::app::wizard::App;
use crate::domain::plan::{Planned, Standing, StepId};
use crate::ui::frame::put_ends;
use crate::ui::text::{clock, cut, fit, took};
use crate::ui::theme::{Glyph, Theme};

/// The calls of the log that are shown.
const LOG: usize = 6;

/// `1 of 3 · 0:06`
pub fn progress(app: &App, run: &Run) -> String {
    format!("{} of {}, {}", run.done(), run.progress.len(), clock(run.took(app.now)))
}

/// Draws what was sent.
pub fn draw(
    frame: &mut Frame<'_>,
    app: &App,
    theme: Theme,
    area: Rect,
    side: Option<Rect>,
    run: &Run,
) {
    let rows = rows(app, theme, run);
    let wanted = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let room = if side.is_some() { area.height } else { (area.height / 2).max(4) };
    let list = Rect { height: room.min(wanted), ..area };
    put_rows(frame, app, theme, list, &rows);
    let rest = below(area, list.height + u16::from(area.height > 8));
    if let Some(side) = side {
        write(frame, theme, side, account(app, theme, run, usize::from(side.width)));
        let mut lines = after(app, theme, run, usize::from(area.width), area.height > 8);
        let room = usize::from(rest.height).saturating_sub(lines.len() + 1);
        if room > 2 {
            lines.extend(log(app, theme, usize::from(rest.width), LOG.min(room - 1)));
        }
        write(frame, theme, rest, lines);
    } else {
        let width = usize::from(area.width).saturating_sub(2);
        let mut lines = after(app, theme, run, usize::from(area.width), area.height > 8);
        let account = account(app, theme, run, width);
        lines.extend(account.into_iter().map(|l| indented(l, 2)));
        // The last calls keep their place at the end, except where a fault needs all of it.
        let free = usize::from(rest.height).saturating_sub(lines.len() + 2);
        let calls = match run.fault() {
            None if rest.height >= 10 => free.clamp(2, LOG),
            _ => free.min(LOG),
        };
        let log = log(app, theme, usize::from(rest.width), calls);
        let kept = u16::try_from(log.len()).map_or(0, |n| if n > 0 { n + 1 } else { 0 });
        let text = Rect { height: rest.height.saturating_sub(kept), ..rest };
        let used = write(frame, theme, text, lines);
        write(frame, theme, below(rest, used + 1), log);
    }
}

/// One row of the list: its sign, what it is, how it is, how long it took.
struct Row {
    sign: &'static str,
    style: Style,
    name: String,
    state: String,
    time: String,
}

fn rows(app: &App, theme: Theme, run: &Run) -> Vec<Row> {
    let turning = spinner(app, theme, Slot::Apply).unwrap_or(" ");
    let going = |since| {
        let waited = app.now.since(since);
        if waited >= Duration::from_secs(2) { clock(waited) } else { String::new() }
    };
    let row = |glyph: Glyph, style, name: &str, state: &str, time: String| Row {
        sign: theme.glyph(glyph),
        style,
        name: name.to_owned(),
        state: state.to_owned(),
        time,
    };
    let mut rows: Vec<Row> = run
        .changes()
        .map(|(step, progress)| {
            let name = step.summary.as_str();
            match progress {
                Progress::ToCome => row(Glyph::ToCome, theme.dim(), name, "to come", String::new()),
                Progress::Going(since) => Row {
                    sign: turning,
                    ..row(Glyph::ToCome, theme.bold(), name, "sent, waiting", going(*since))
                },
                Progress::Ended(StepOutcome::Done { took: t, .. }) => {
                    row(Glyph::Done, theme.good(), name, "done", took(*t))
                }
                Progress::Ended(StepOutcome::Failed { took: t, .. }) => {
                    row(Glyph::Error, theme.bad(), name, "refused", took(*t))
                }
                Progress::Ended(StepOutcome::Unknown { took: t, .. }) => {
                    row(Glyph::Warning, theme.warning(), name, "no answer", took(*t))
                }
                Progress::Ended(StepOutcome::Skipped) => {
                    row(Glyph::ToCome, theme.dim(), name, "not sent", String::new())
                }
            }
        })
        .collect();
    let name = "Read back";
    rows.push(match (&run.ended, run.reading_back) {
        (None, None) => row(Glyph::ToCome, theme.dim(), name, "to come", String::new()),
        (None, Some(since)) => Row {
            sign: turning,
            ..row(Glyph::ToCome, theme.bold(), name, "comparing with the plan", going(since))
        },
        (Some(_), None) if !run.is_done() => {
            row(Glyph::ToCome, theme.dim(), name, "not read", String::new())
        }
        (Some((at, end)), since) => {
            let time = since.map_or_else(String::new, |since| took(at.since(since)));
            match (end.differs.len(), &end.fault) {
                (_, Some(_)) => row(Glyph::Warning, theme.warning(), name, "not read", time),
                (0, None) => row(Glyph::Done, theme.good(), name, "as meant", time),
                (1, None) => row(Glyph::Warning, theme.warning(), name, "1 difference", time),
                (n, None) => {
                    row(Glyph::Warning, theme.warning(), name, &format!("{n} differences"), time)
                }
            }
        }
    });
    rows
}

fn put_rows(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, rows: &[Row]) {
    let height = usize::from(area.height);
    let selected = app.apply.cursor.row;
    let top = scroll(selected, rows.len(), height);
    for (n, (i, row)) in (0..).zip(rows.iter().enumerate().skip(top).take(height)) {
        // The last row is no change: the cursor does not come to it.
        let here = i == selected && i + 1 < rows.len();
        let mark = if here { theme.glyph(Glyph::Cursor) } else { " " };
        let more = rows.len().saturating_sub(top + height);
        let right = if more > 0 && n + 1 == area.height {
            format!("{} {more} more ", theme.glyph(Glyph::More))
        } else {
            format!("{}  {:>6} ", row.state, row.time)
        };
        let room = usize::from(area.width).saturating_sub(10 + right.width());
        let style = if here { theme.selected() } else { theme.plain() };
        let left = Line::from(vec![
            Span::styled(format!("  {mark} "), theme.accent()),
            Span::styled(fit(theme, row.sign, if theme.ascii { 4 } else { 3 }), row.style),
            Span::styled(cut(theme, &row.name, room), style),
        ]);
        put_ends(frame, area, n, left, Line::raw(right));
        if here {
            frame.set_cursor_position(Position::new(area.x + 2, area.y + n));
        }
    }
}

/// How all of it ended, one or two lines; nothing while it runs.
fn after(app: &App, theme: Theme, run: &Run, width: usize, roomy: bool) -> Vec<Line<'static>> {
    let Some((_, end)) = &run.ended else { return Vec::new() };
    let say = |glyph: Glyph, style: Style, words: String| {
        Line::from(vec![
            Span::styled(format!("  {} ", theme.glyph(glyph)), style),
            Span::styled(words, theme.bold()),
        ])
    };
    let (done, all) = (run.done(), run.progress.len());
    let first = match end.outcome {
        ApplyOutcome::Done if end.differs.is_empty() && end.fault.is_none() => say(
            Glyph::Done,
            theme.good(),
            format!("Made in {}, read back: as meant.", took(run.took(app.now))),
        ),
        ApplyOutcome::Done if end.fault.is_some() => {
            say(Glyph::Warning, theme.warning(), "Made, but reading back failed.".to_owned())
        }
        ApplyOutcome::Done => {
            say(Glyph::Warning, theme.warning(), "Made, but what is there now differs.".to_owned())
        }
        ApplyOutcome::Failed if run.lost_reply() => say(
            Glyph::Warning,
            theme.warning(),
            "No answer came: it may be there or not. r finds out.".to_owned(),
        ),
        ApplyOutcome::Failed => {
            say(Glyph::Error, theme.bad(), format!("Stopped there: {done} of {all} made."))
        }
        ApplyOutcome::Stopped => say(
            Glyph::Warning,
            theme.warning(),
            format!("Stopped as you asked: {done} of {all} made."),
        ),
        ApplyOutcome::Blocked => say(Glyph::Error, theme.bad(), "Nothing was sent.".to_owned()),
    };
    let mut lines = vec![first];
    lines.extend(key(app, theme, run, width));
    if !roomy {
        return lines;
    }
    if end.outcome != ApplyOutcome::Done {
        lines.push(Line::from(vec![
            Span::styled("    r", theme.bold()),
            Span::raw("  reads the account and plans what is left"),
        ]));
    }
    lines.push(Line::default());
    lines
}

/// The access key that was made, and where its secret is.
fn key(app: &App, theme: Theme, run: &Run, width: usize) -> Option<Line<'static>> {
    let made = |(step, progress): (&Planned, &Progress)| {
        step.id == StepId::AccessKey
            && step.standing == Standing::Needed
            && matches!(progress, Progress::Ended(StepOutcome::Done { .. }))
    };
    run.changes().find(|change| made(*change))?;
    let user = run.plan.intent.user()?;
    let words = format!("    {}; its secret: {}.", apply::key(app)?, user.custody);
    Some(Line::raw(cut(theme, &words, width)))
}

/// What is to be read beside the list: a fault whole, differences, else the command of the selected step; then
/// what exists.
fn account(app: &App, theme: Theme, run: &Run, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let differs = run.ended.as_ref().map_or(&[][..], |(_, end)| &end.differs);
    if let Some(fault) = run.fault() {
        lines.push(Line::styled("What went wrong", theme.bold()));
        lines.extend(fault_lines(theme, fault, width));
    } else if !differs.is_empty() {
        lines.push(Line::styled("There now (-), and as it was meant (+)", theme.bold()));
        for line in differs.iter().flat_map(story::difference) {
            lines.push(Line::raw(cut(theme, &line, width)));
        }
    } else if let Some(step) = app.apply.selected() {
        if width < 60 {
            lines.push(Line::styled(cut(theme, &step.summary, width), theme.bold()));
            lines.push(Line::default());
        }
        lines.extend(detail::command(app, theme, step, width));
    }
    // Where all went well the list above says it already.
    let made: Vec<String> = app.apply.made().collect();
    let stopped = run.ended.is_some() && !run.is_done();
    if !made.is_empty() && (stopped || made.len() > run.done()) {
        lines.push(Line::default());
        lines.push(Line::styled("Made so far", theme.bold()));
        lines.extend(made.iter().map(|made| Line::raw(cut(theme, &format!("+ {made}"), width))));
    }
    lines
}

/// The last calls.
fn log(app: &App, theme: Theme, width: usize, rows: usize) -> Vec<Line<'static>> {
    if app.calls.is_empty() || rows == 0 {
        return Vec::new();
    }
    let mut lines = vec![Line::from(vec![
        Span::styled("  Log", theme.bold()),
        Span::styled("   L shows all of it", theme.dim()),
    ])];
    let skipped = app.calls.len().saturating_sub(rows);
    lines.extend(app.calls.iter().skip(skipped).map(|call| {
        let time = call.at.split('T').nth(1).and_then(|t| t.get(..8)).unwrap_or("");
        let status = call.status.map_or_else(|| "no answer".to_owned(), |s| s.to_string());
        let name = fit(theme, &call.call, width.saturating_sub(34));
        Line::raw(format!("  {time:8}  {name} {status:>9}  {:>7}", took(call.took)))
    }));
    lines
}
