//! The pull test as a timeline: a row a rung, all on one axis of time.

use std::fmt::Write as _;
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::below;
use crate::app::steps::pull::is_running;
use crate::app::steps::pull::run::{Run, Stage};
use crate::app::steps::pull::story;
use crate::app::wizard::App;
use crate::domain::moment::Moment;
use crate::domain::probe::RungStatus;
use crate::ui::frame::{self, put, put_ends};
use crate::ui::text::{clock, cut, fit, took};
use crate::ui::theme::{Glyph, Theme};

/// Cells of a rung's name.
const NAME: usize = 20;
/// Cells of a duration.
const TOOK: usize = 7;
/// The lengths that the axis of time can have, in seconds.
const SPANS: [u64; 14] = [4, 8, 12, 20, 24, 32, 40, 48, 60, 80, 120, 180, 240, 400];

/// The columns of the timeline.
#[derive(Debug, Clone, Copy)]
struct Columns {
    mark: usize,
    axis: usize,
    detail: usize,
    span: Duration,
}

impl Columns {
    fn new(theme: Theme, width: u16, elapsed: Duration) -> Self {
        let mark = theme.mark();
        let fixed = 2 + mark + 1 + NAME + 2 + TOOK + 2;
        let rest = usize::from(width).saturating_sub(fixed);
        // In a narrow window the durations say it without the axis.
        let axis = if width < 70 { 0 } else { rest / 2 };
        let detail = rest.saturating_sub(axis + 1);
        let seconds = elapsed.as_secs() + 1;
        let span = SPANS.into_iter().find(|s| *s >= seconds);
        Self { mark, axis, detail, span: Duration::from_secs(span.unwrap_or(seconds * 5 / 4)) }
    }

    /// The first cell of the axis.
    const fn axis_at(self) -> usize {
        2 + self.mark + 1 + NAME + 2
    }
}

/// Draws the run.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme, run: &Run) {
    let areas = frame::draw(frame, app, theme, None);
    let main = areas.main;
    let roomy = u16::from(main.height >= 22);
    let elapsed = run.elapsed(app.now);
    let columns = Columns::new(theme, main.width, elapsed);
    let n = roomy + put_title(frame, theme, Rect { y: main.y + roomy, ..main }, run, elapsed);
    let mut n = n + u16::from(main.height >= 17);
    if roomy > 0 {
        put(frame, main, n, scale(theme, columns));
        n += 1;
    }
    // What stands below the rungs has its rows first; the rungs scroll in the rest.
    let left = main.height.saturating_sub(n);
    let wanted = u16::try_from(run.stages.len()).unwrap_or(left).min(left);
    let below = below::rows(app, theme, run, main.width, main.height, left - wanted);
    // Of a failed test what went wrong counts for more than what went well before.
    let least = if main.height < 17 && story::fault(run).is_some() { 1 } else { 3 }.min(left);
    let needed = u16::try_from(below.len()).unwrap_or(u16::MAX).min(left - least);
    let height = wanted.min(left - needed);
    let top = top(app.pull.rung.row, run.stages.len(), usize::from(height));
    let focused = app.pull.on_rungs || is_running(app);
    for (i, stage) in run.stages.iter().enumerate().skip(top).take(usize::from(height)) {
        let selected = i == app.pull.rung.row;
        let y = n + u16::try_from(i - top).unwrap_or(0);
        put(frame, main, y, row(app, theme, run, stage, columns, selected.then_some(focused)));
        if selected && focused {
            frame.set_cursor_position(Position::new(main.x, main.y + y));
        }
    }
    let hidden = run.stages.len().saturating_sub(top + usize::from(height));
    n += height;
    // A single row has the fault that it is about, whole.
    if hidden > 0 && height > 1 {
        let words = format!("{} {hidden} more", theme.glyph(Glyph::More));
        put_ends(frame, main, n - 1, Line::default(), Line::styled(words, theme.dim()));
    }
    let room = main.bottom().saturating_sub(main.y + n);
    below::draw(frame, app, theme, Rect { y: main.y + n, height: room, ..main }, below);
}

/// The first visible rung: what is done stays in sight, with one rung to come below the selected one.
fn top(row: usize, len: usize, height: usize) -> usize {
    (row + 2).saturating_sub(height).min(len.saturating_sub(height)).min(row)
}

fn put_title(frame: &mut Frame<'_>, theme: Theme, area: Rect, run: &Run, elapsed: Duration) -> u16 {
    let mut title = frame::title(theme, "Pull test", true);
    let room = usize::from(area.width).saturating_sub(22);
    let image = cut(theme, &run.image, room);
    let rest = room.saturating_sub(unicode_width::UnicodeWidthStr::width(image.as_str()) + 3);
    title.push_span(Span::raw("   "));
    title.push_span(Span::styled(image, theme.bold()));
    if rest >= run.host.len() {
        title.push_span(Span::styled(format!("   {}", run.host), theme.dim()));
    }
    put_ends(frame, area, 0, title, Line::raw(format!("{} ", clock(elapsed))));
    1
}

/// The ticks over the axis.
fn scale(theme: Theme, columns: Columns) -> Line<'static> {
    let mut text = format!("{:1$}", "    Stage", columns.axis_at());
    let quarter = columns.span.as_secs() / 4;
    for i in 0..4 {
        let at = columns.axis_at() + columns.axis * i / 4;
        let pad = at.saturating_sub(text.len());
        text.push_str(&" ".repeat(pad));
        let _ = write!(text, "{}s", quarter * u64::try_from(i).unwrap_or(0));
    }
    Line::styled(text, theme.dim())
}

/// One rung. `selected` says whether it is, and if the rungs have the focus.
fn row(
    app: &App,
    theme: Theme,
    run: &Run,
    stage: &Stage,
    columns: Columns,
    selected: Option<bool>,
) -> Line<'static> {
    let (mark, style) = mark(app, theme, run, stage);
    let cursor = if selected == Some(true) { theme.glyph(Glyph::Cursor) } else { " " };
    let name_style = match selected {
        Some(true) => theme.selected(),
        Some(false) => theme.bold(),
        None if stage.began.is_none() && stage.result.is_none() => theme.dim(),
        None => theme.plain(),
    };
    let time = time(app.now, run, stage);
    let mut spans = vec![
        Span::styled(format!("{cursor} "), theme.accent()),
        Span::styled(format!("{} ", fit(theme, mark, columns.mark)), style),
        Span::styled(fit(theme, stage.rung.words(), NAME), name_style),
        Span::raw("  "),
    ];
    if columns.axis > 0 {
        spans.push(Span::styled(bar(theme, app.now, run, stage, columns), style));
        spans.push(Span::raw(" "));
    }
    spans.push(Span::raw(format!("{time:>TOOK$}  ")));
    spans.push(Span::styled(cut(theme, &story::short(run, stage), columns.detail), theme.plain()));
    Line::from(spans)
}

fn mark(app: &App, theme: Theme, run: &Run, stage: &Stage) -> (&'static str, Style) {
    match stage.result.as_ref().map(|r| r.status) {
        Some(RungStatus::Passed) => (theme.glyph(Glyph::Done), theme.good()),
        Some(RungStatus::Warned) => (theme.glyph(Glyph::Warning), theme.warning()),
        Some(RungStatus::Failed) => (theme.glyph(Glyph::Error), theme.bad()),
        None if stage.is_running() && run.outcome.is_none() => {
            let quarters = app.now.since(run.began).as_millis() / 250;
            (theme.spinner(quarters), theme.plain())
        }
        _ => (theme.glyph(Glyph::ToCome), theme.dim()),
    }
}

/// How long: a tenth of a second where it is over, whole seconds where it runs.
fn time(now: Moment, run: &Run, stage: &Stage) -> String {
    match (stage.took(now), &stage.result) {
        (None, _) => String::new(),
        (Some(time), Some(_)) => took(time),
        (Some(_), None) if run.outcome.is_some() => String::new(),
        (Some(time), None) if time.as_secs() < 2 => String::new(),
        (Some(time), None) => clock(time),
    }
}

/// The rung's span on the axis.
fn bar(theme: Theme, now: Moment, run: &Run, stage: &Stage, columns: Columns) -> String {
    let blank = " ".repeat(columns.axis);
    let (Some(began), Some(time)) = (stage.began, stage.took(run.ended.unwrap_or(now))) else {
        return blank;
    };
    let cell = |at: Duration| {
        let share = at.as_millis() * columns.axis as u128 / columns.span.as_millis().max(1);
        usize::try_from(share).unwrap_or(columns.axis).min(columns.axis.saturating_sub(1))
    };
    let from = began.since(run.began);
    let (first, last) = (cell(from), cell(from + time));
    let going = stage.is_running() && run.outcome.is_none();
    let end = theme.glyph(if going { Glyph::SpanGoing } else { Glyph::SpanEnd });
    let mut text = " ".repeat(first);
    if last > first {
        text.push_str(theme.glyph(Glyph::SpanStart));
        text.push_str(&theme.glyph(Glyph::Span).repeat(last - first - 1));
    }
    text.push_str(end);
    text.push_str(&" ".repeat(columns.axis - last - 1));
    text
}
