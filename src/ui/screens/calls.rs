//! Calls on the screen, to be sent, being sent, sent: shared by taking back and by mending.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::apply::detail::command_alone;
use super::apply::plan::put_list;
use super::apply::rows::{LOG, Row, delay_lines, log, put_rows};
use super::apply::{indented, write};
use crate::app::steps::calls;
use crate::app::steps::course::Course;
use crate::app::wizard::App;
use crate::domain::fault::Fault;
use crate::domain::plan::Planned;
use crate::ui::frame::below;
use crate::ui::text::{cut, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Where the calls stand, and where what there is to say of one stands: beside them where there is room.
#[derive(Clone, Copy)]
pub struct Place {
    /// The list, and what is said of the whole.
    pub area: Rect,
    /// The column beside it.
    pub side: Option<Rect>,
}

/// The calls before they are sent: the list, the selected one in `details` of a width, what is said of the whole.
pub fn put_shown(
    frame: &mut Frame<'_>,
    theme: Theme,
    Place { area, side }: Place,
    (steps, row): (&[Planned], usize),
    word: fn(&Planned) -> &'static str,
    details: impl Fn(usize) -> Vec<Line<'static>>,
    closing: Vec<Line<'static>>,
) {
    let room = if side.is_some() { area.height } else { (area.height / 2).max(3) };
    let wanted = u16::try_from(steps.len()).unwrap_or(u16::MAX);
    let list = Rect { height: room.min(wanted), ..area };
    put_list(frame, theme, list, steps, row, word);
    let rest = below(area, list.height + u16::from(area.height > 8 && !steps.is_empty()));
    if let Some(side) = side {
        write(frame, theme, side, details(usize::from(side.width)));
        write(frame, theme, rest, closing);
        return;
    }
    let mut lines: Vec<Line<'_>> = details(usize::from(area.width).saturating_sub(2))
        .into_iter()
        .map(|line| indented(line, 2))
        .collect();
    if lines.is_empty() || lines.len() + closing.len() < usize::from(rest.height) {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(closing);
    }
    write(frame, theme, rest, lines);
}

/// The calls while and after they are sent: the rows, how it ended, what is to be read `beside` in a width, the last calls
/// of the log.
pub fn put_sent(
    frame: &mut Frame<'_>,
    app: &App,
    theme: Theme,
    Place { area, side }: Place,
    (rows, row): (&[Row], usize),
    mut after: Vec<Line<'static>>,
    beside: impl Fn(usize) -> Vec<Line<'static>>,
) {
    let wanted = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let room = if side.is_some() { area.height } else { (area.height / 2).max(4) };
    let list = Rect { height: room.min(wanted), ..area };
    put_rows(frame, theme, list, rows, row);
    let rest = below(area, list.height + u16::from(area.height > 8));
    let beside = beside(usize::from(side.unwrap_or(rest).width).saturating_sub(2));
    if let Some(side) = side {
        write(frame, theme, side, beside);
    } else {
        after.extend(beside.into_iter().map(|line| indented(line, 2)));
    }
    let free = usize::from(rest.height).saturating_sub(after.len() + 2);
    let log = log(app, theme, usize::from(rest.width), if free > 2 { free.min(LOG) } else { 0 });
    let kept = u16::try_from(log.len()).map_or(0, |n| if n > 0 { n + 1 } else { 0 });
    let text = Rect { height: rest.height.saturating_sub(kept), ..rest };
    let used = write(frame, theme, text, after);
    write(frame, theme, below(rest, used + 1), log);
}

/// What there is to read while it runs: a delay, else the command of the selected call.
pub fn going(
    theme: Theme,
    course: &Course,
    selected: Option<&Planned>,
    width: usize,
) -> Vec<Line<'static>> {
    if let Some(delay) = &course.delay {
        return delay_lines(theme, delay, width);
    }
    let Some(step) = selected else { return Vec::new() };
    let mut lines = vec![Line::styled(cut(theme, &step.summary, width), theme.bold())];
    lines.extend(command_alone(theme, step, width));
    lines
}

/// What there is to read once it has ended: every failure, then what is `left` under its title.
pub fn failures<'a>(
    theme: Theme,
    (steps, course): (impl Iterator<Item = &'a Planned>, &Course),
    whole: Option<&Fault>,
    (title, left): (&str, Vec<String>),
    width: usize,
) -> Vec<Line<'static>> {
    let steps: Vec<&Planned> = steps.collect();
    let mut lines = Vec::new();
    let mut push = |text: &str, style: Style| {
        lines.extend(wrap(text, width).into_iter().map(|l| Line::styled(l, style)));
    };
    for (i, fault) in course.faults() {
        let summary = steps.get(i).map_or("", |step| step.summary.as_str());
        let summary = cut(theme, summary, width.saturating_sub(4));
        push(&format!("{} {summary}", theme.glyph(Glyph::Error)), theme.bad());
        push(&format!("  {} ({})", fault.message, fault.cause.slug()), theme.plain());
        push(&format!("  {}", fault.what_to_do()), theme.bold());
    }
    if let Some(fault) = calls::untold(course, whole) {
        push(&format!("{} ({})", fault.message, fault.cause.slug()), theme.plain());
        push(fault.what_to_do(), theme.bold());
    }
    if !left.is_empty() {
        push(title, theme.bold());
        for one in left {
            push(&format!("  {}", cut(theme, &one, width.saturating_sub(2))), theme.plain());
        }
    }
    lines
}

/// How all of it ended, in bold, with its sign before it.
pub fn headline(
    theme: Theme,
    (glyph, style): (Glyph, Style),
    text: &str,
    width: usize,
) -> Vec<Line<'static>> {
    let pieces = wrap(text, width.saturating_sub(6)).into_iter().enumerate();
    pieces
        .map(|(i, piece)| {
            let mark = if i == 0 { theme.glyph(glyph) } else { " " };
            Line::from(vec![
                Span::styled(format!("  {mark} "), style),
                Span::styled(piece, theme.bold()),
            ])
        })
        .collect()
}

/// What is worth saying of the whole, each with a sign before it.
pub fn remarks(theme: Theme, remarks: &[String], width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for remark in remarks {
        for (i, piece) in wrap(remark, width.saturating_sub(6)).into_iter().enumerate() {
            let mark = if i == 0 { theme.glyph(Glyph::Warning) } else { " " };
            lines.push(Line::from(vec![
                Span::styled(format!("  {mark} "), theme.warning()),
                Span::raw(piece),
            ]));
        }
    }
    lines
}
