//! A text field on screen: name and origin, the text, its verdict.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthChar;

use super::frame::{put, put_ends};
use super::text::cut;
use super::theme::{Glyph, Theme};
use crate::app::form::TextField;
use crate::app::steps::suggestion;
use crate::app::wizard::App;
use crate::domain::draft::Verdict;

/// Draws a field in three rows: name and origin, text, verdict. `extra` stands in the verdict's row when the text
/// itself is good.
#[expect(clippy::too_many_arguments, reason = "a drawing function says where and what")]
pub fn put_field(
    frame: &mut Frame<'_>,
    app: &App,
    theme: Theme,
    area: Rect,
    field: &TextField,
    name: &str,
    focused: bool,
    extra: Option<Line<'static>>,
) {
    let bar = if focused { theme.glyph(Glyph::Field) } else { " " };
    let side = || Span::styled(format!("{bar} "), theme.accent());
    let style = if focused { theme.bold() } else { theme.plain() };
    let left = Line::from(vec![side(), Span::styled(name.to_owned(), style)]);
    // What was taken off a paste stands where the origin stands, so that it never hides a verdict.
    let origin = if field.notes.is_empty() {
        field.source.words().to_owned()
    } else {
        field.notes.join(", ")
    };
    let origin = cut(theme, &origin, usize::from(area.width).saturating_sub(left.width() + 3));
    put_ends(frame, area, 0, left, Line::styled(format!("{origin} "), theme.dim()));

    let width = usize::from(area.width).saturating_sub(4);
    let grey = suggestion(app, field.field).filter(|_| focused && field.text().is_empty());
    let mut text = vec![side()];
    if focused {
        let (shown, cursor) = window(field, width);
        text.push(Span::raw(shown));
        text.extend(grey.as_ref().map(|g| Span::styled(cut(theme, g, width), theme.dim())));
        let x = area.x + 2 + u16::try_from(cursor).unwrap_or(0);
        frame.set_cursor_position(Position::new(x.min(area.right()), area.y + 1));
    } else {
        text.push(Span::raw(cut(theme, field.text(), width)));
    }
    put(frame, area, 1, Line::from(text));

    let mut line = vec![side()];
    line.extend(verdict(app, theme, field, extra).spans);
    let mut line = Line::from(line);
    fit_line(theme, &mut line, usize::from(area.width));
    put(frame, area, 2, line);
}

/// A field folded to one row.
pub fn put_folded(
    frame: &mut Frame<'_>,
    app: &App,
    theme: Theme,
    area: Rect,
    n: u16,
    field: &TextField,
    name: &str,
) {
    let (mark, style) = match field.verdict(&app.draft, app.now) {
        Some(Verdict::Good) => (theme.glyph(Glyph::Done), theme.good()),
        Some(Verdict::Warning(_)) => (theme.glyph(Glyph::Warning), theme.warning()),
        Some(Verdict::Wrong(_)) => (theme.glyph(Glyph::Error), theme.bad()),
        _ => (theme.glyph(Glyph::ToCome), theme.dim()),
    };
    put_ends(
        frame,
        area,
        n,
        Line::raw(format!("  {name}")),
        Line::styled(format!("{mark} "), style),
    );
}

/// The verdict's row.
fn verdict(
    app: &App,
    theme: Theme,
    field: &TextField,
    extra: Option<Line<'static>>,
) -> Line<'static> {
    if let Some(problem) = &field.refused {
        let mark = theme.glyph(Glyph::Error);
        return Line::styled(format!("{mark} {}", problem.what), theme.bad());
    }
    match field.verdict(&app.draft, app.now) {
        None | Some(Verdict::Empty) => Line::default(),
        Some(Verdict::Wrong(problem)) => {
            Line::styled(format!("{} {}", theme.glyph(Glyph::Error), problem.what), theme.bad())
        }
        Some(Verdict::Warning(words)) => {
            let mut line =
                Line::styled(format!("{} {words}", theme.glyph(Glyph::Warning)), theme.warning());
            if let Some(better) = suggestion(app, field.field) {
                line.push_span(Span::raw(format!(
                    "  {} takes {better}",
                    theme.glyph(Glyph::Arrow)
                )));
            }
            line
        }
        Some(Verdict::Good) => extra.unwrap_or_default(),
    }
}

/// Cuts the last span of a line so that the line fits.
fn fit_line(theme: Theme, line: &mut Line<'_>, width: usize) {
    if line.width() <= width {
        return;
    }
    let mut room = width;
    for span in &mut line.spans {
        let text = cut(theme, &span.content, room);
        room = room.saturating_sub(unicode_width::UnicodeWidthStr::width(text.as_str()));
        span.content = text.into();
    }
}

/// The part of a long text around the cursor, and the cursor's column in it.
fn window(field: &TextField, width: usize) -> (String, usize) {
    let width = width.max(2);
    let start = field.line.visual_scroll(width.saturating_sub(1));
    let mut column = 0;
    let mut shown = String::new();
    for c in field.text().chars() {
        let w = c.width().unwrap_or(0);
        if column >= start && column + w <= start + width {
            shown.push(if c.is_control() || w == 0 { '\u{fffd}' } else { c });
        }
        column += w;
    }
    (shown, field.line.visual_cursor().saturating_sub(start))
}
