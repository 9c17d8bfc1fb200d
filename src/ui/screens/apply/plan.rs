//! The plan: every step with how it stands, and the selected one in detail.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{below, detail, write};
use crate::app::list::{Cursor, scroll};
use crate::app::steps::apply::state::Ready;
use crate::app::wizard::App;
use crate::domain::operation::Operation;
use crate::domain::plan::{Planned, Standing};
use crate::ui::frame::put_ends;
use crate::ui::text::{cut, fit, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Draws the plan.
pub fn draw(
    frame: &mut Frame<'_>,
    app: &App,
    theme: Theme,
    area: Rect,
    side: Option<Rect>,
    ready: &Ready,
) {
    let steps = &ready.plan.steps;
    // The list keeps at most half of the room where the details stand below it.
    let room = if side.is_some() { area.height } else { (area.height / 2).max(3) };
    let wanted = u16::try_from(steps.len()).unwrap_or(u16::MAX);
    let list = Rect { height: room.min(wanted), ..area };
    put_list(frame, theme, list, steps, app.apply.cursor.row, |step| step.standing.word());
    let rest = below(area, list.height + u16::from(area.height > 8));
    let Some(step) = app.apply.selected() else { return };
    if let Some(side) = side {
        let details = detail::lines(app, theme, step, usize::from(side.width));
        write(frame, theme, side, details);
        write(frame, theme, rest, closing(theme, ready, usize::from(area.width)));
    } else {
        let width = usize::from(area.width).saturating_sub(2);
        let mut lines: Vec<Line<'_>> = detail::lines(app, theme, step, width)
            .into_iter()
            .map(|l| super::indented(l, 2))
            .collect();
        let closing = closing(theme, ready, usize::from(area.width));
        if ready.changes() == 0 && !ready.plan.remarks.is_empty() {
            // Nothing will be asked: this is the last place where the remarks are read.
            lines.splice(0..0, closing.into_iter().chain([Line::default()]));
        } else if lines.len() + closing.len() < usize::from(rest.height) {
            lines.push(Line::default());
            lines.extend(closing);
        }
        write(frame, theme, rest, lines);
    }
}

/// The steps in rows: sign, how each stands in a word, what it is.
pub fn put_list(
    frame: &mut Frame<'_>,
    theme: Theme,
    area: Rect,
    steps: &[Planned],
    row: usize,
    word: impl Fn(&Planned) -> &'static str,
) {
    let height = usize::from(area.height);
    let selected = Cursor { row }.within(steps.len());
    let top = scroll(selected, steps.len(), height);
    let more = steps.len().saturating_sub(top + height);
    for (n, (i, step)) in (0..).zip(steps.iter().enumerate().skip(top).take(height)) {
        let here = i == selected;
        let mark = if here { theme.glyph(Glyph::Cursor) } else { " " };
        let (sign, style) = sign(theme, step);
        let label = if more > 0 && n + 1 == area.height {
            format!(" {} {more} more ", theme.glyph(Glyph::More))
        } else {
            String::new()
        };
        let room = usize::from(area.width).saturating_sub(17 + label.chars().count());
        let name = if here { theme.selected() } else { theme.plain() };
        let left = Line::from(vec![
            Span::styled(format!("  {mark} "), theme.accent()),
            Span::styled(fit(theme, sign, 3), style),
            Span::styled(fit(theme, word(step), 9), style),
            Span::styled(cut(theme, &step.summary, room), name),
        ]);
        put_ends(frame, area, n, left, Line::styled(label, theme.dim()));
        if here {
            frame.set_cursor_position(Position::new(area.x + 2, area.y + n));
        }
    }
}

/// The sign of a step; its word always stands beside it.
fn sign(theme: Theme, step: &Planned) -> (&'static str, Style) {
    if step.operation.as_ref().is_some_and(Operation::removes) {
        return ("-", theme.warning());
    }
    match step.standing {
        Standing::Needed => ("+", theme.bold()),
        Standing::Present => (theme.glyph(Glyph::Done), theme.good()),
        Standing::Change => ("~", theme.warning()),
        Standing::Adopt => ("!", theme.warning()),
        Standing::Conflict => (theme.glyph(Glyph::Error), theme.bad()),
    }
}

/// `3 changes, 1 present`
pub fn counts(ready: &Ready) -> String {
    let of = |standing| ready.plan.steps.iter().filter(|s| s.standing == standing).count();
    let mut parts = Vec::new();
    match ready.changes() {
        0 if ready.plan.conflicts().count() > 0 => {}
        0 => parts.push("nothing to change".to_owned()),
        1 => parts.push("1 change".to_owned()),
        n => parts.push(format!("{n} changes")),
    }
    for (standing, word) in [(Standing::Present, "present"), (Standing::Conflict, "in the way")] {
        let n = of(standing);
        if n > 0 {
            parts.push(format!("{n} {word}"));
        }
    }
    parts.join(", ")
}

/// What is to be said of the whole plan.
fn closing(theme: Theme, ready: &Ready, width: usize) -> Vec<Line<'static>> {
    let plan = &ready.plan;
    let mut lines = Vec::new();
    if plan.conflicts().count() > 0 {
        lines.push(Line::styled(
            "  Nothing can be sent while something is in the way.",
            theme.bold(),
        ));
    } else if ready.changes() == 0 {
        lines.push(Line::styled("  Nothing to change: all is as wished.", theme.bold()));
    } else {
        let words =
            "If a step fails, the run stops there. What exists stays, and running again is safe.";
        let pieces = wrap(words, width.saturating_sub(4));
        lines.extend(pieces.iter().map(|l| Line::styled(format!("  {l}"), theme.dim())));
    }
    for remark in &plan.remarks {
        let pieces = wrap(remark, width.saturating_sub(6));
        for (i, piece) in pieces.into_iter().enumerate() {
            let mark = if i == 0 { theme.glyph(Glyph::Warning) } else { " " };
            lines.push(Line::from(vec![
                Span::styled(format!("  {mark} "), theme.warning()),
                Span::raw(piece),
            ]));
        }
    }
    lines
}
