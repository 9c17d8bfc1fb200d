//! Calls in rows while they are sent, and after: shared by making and taking back.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::spinner;
use crate::app::list::scroll;
use crate::app::slot::Slot;
use crate::app::steps::course::{Course, Delay, Progress};
use crate::app::task::StepOutcome;
use crate::app::wizard::App;
use crate::domain::fault::Fault;
use crate::domain::moment::Moment;
use crate::ui::frame::put_ends;
use crate::ui::text::{clock, cut, fit, took, wrap};
use crate::ui::theme::{Glyph, Theme};

/// The calls of the log that are shown.
pub const LOG: usize = 6;

/// One row of the list: its sign, what it is, how it is, how long it took.
pub struct Row {
    sign: &'static str,
    style: Style,
    name: String,
    state: String,
    time: String,
}

impl Row {
    /// A row.
    pub fn new(
        theme: Theme,
        glyph: Glyph,
        style: Style,
        name: &str,
        state: &str,
        time: String,
    ) -> Self {
        let sign = theme.glyph(glyph);
        Self { sign, style, name: name.to_owned(), state: state.to_owned(), time }
    }
}

/// One row for each call.
pub fn of_calls<'a>(
    app: &App,
    theme: Theme,
    slot: Slot,
    calls: impl Iterator<Item = (String, &'a Progress)>,
    course: &Course,
) -> Vec<Row> {
    calls
        .map(|(name, progress)| {
            let row =
                |glyph, style, state: &str, time| Row::new(theme, glyph, style, &name, state, time);
            match progress {
                Progress::ToCome => row(Glyph::ToCome, theme.dim(), "to come", String::new()),
                Progress::Going(since) => {
                    let state = course.delay.as_ref().map_or("sent, waiting", Delay::in_short);
                    going(app, theme, slot, &name, state, *since)
                }
                Progress::Ended(StepOutcome::Done { took: t, .. }) => {
                    row(Glyph::Done, theme.good(), "done", took(*t))
                }
                Progress::Ended(StepOutcome::Failed { fault, .. }) if is_unsent(fault) => {
                    row(Glyph::Error, theme.bad(), "not sent", String::new())
                }
                Progress::Ended(StepOutcome::Failed { took: t, .. }) => {
                    row(Glyph::Error, theme.bad(), "refused", took(*t))
                }
                Progress::Ended(StepOutcome::Unknown { took: t, .. }) => {
                    row(Glyph::Warning, theme.warning(), "no answer", took(*t))
                }
                Progress::Ended(StepOutcome::Skipped) => {
                    row(Glyph::ToCome, theme.dim(), "not sent", String::new())
                }
            }
        })
        .collect()
}

/// Whether a call did not leave this machine.
fn is_unsent(fault: &Fault) -> bool {
    fault.evidence.get("sent").is_some_and(|sent| sent == "no")
}

/// The row of reading back, before it has ended.
pub fn to_read_back(app: &App, theme: Theme, slot: Slot, since: Option<Moment>) -> Row {
    let name = "Read back";
    match since {
        None => Row::new(theme, Glyph::ToCome, theme.dim(), name, "to come", String::new()),
        Some(since) => {
            let state = if slot == Slot::Undo { "looking" } else { "comparing with the plan" };
            going(app, theme, slot, name, state, since)
        }
    }
}

fn going(app: &App, theme: Theme, slot: Slot, name: &str, state: &str, since: Moment) -> Row {
    let waited = app.now.since(since);
    let time = if waited >= Duration::from_secs(2) { clock(waited) } else { String::new() };
    let sign = spinner(app, theme, slot).unwrap_or(" ");
    Row { sign, ..Row::new(theme, Glyph::ToCome, theme.bold(), name, state, time) }
}

/// Draws the rows. The last one is no call: the cursor does not come to it.
pub fn put_rows(frame: &mut Frame<'_>, theme: Theme, area: Rect, rows: &[Row], selected: usize) {
    let height = usize::from(area.height);
    let top = scroll(selected, rows.len(), height);
    for (n, (i, row)) in (0..).zip(rows.iter().enumerate().skip(top).take(height)) {
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

/// Why the call under way takes longer, and what to do about it.
pub fn delay_lines(theme: Theme, delay: &Delay, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut push = |text: &str, style: Style| {
        lines.extend(wrap(text, width).into_iter().map(|l| Line::styled(l, style)));
    };
    let mut words = delay.words().to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    push(&format!("{} {words}", theme.glyph(Glyph::Warning)), theme.warning());
    let told = match delay {
        Delay::Waiting(fault) => Some(fault.what_to_do()),
        Delay::LookingUp => None,
    };
    for line in delay.story() {
        let style = if told == Some(line.as_str()) { theme.bold() } else { theme.plain() };
        push(&line, style);
    }
    lines
}

/// The last calls.
pub fn log(app: &App, theme: Theme, width: usize, rows: usize) -> Vec<Line<'static>> {
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
