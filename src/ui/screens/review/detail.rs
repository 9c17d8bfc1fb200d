//! One row in full.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::style;
use crate::app::list::scroll;
use crate::app::steps::review::detail;
use crate::app::wizard::App;
use crate::ui::frame::{below, put, put_ends, title};
use crate::ui::text::{cut, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Draws it: its name, then the blocks around the one that the cursor stands on.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let Some(open) = &app.review.detail else { return };
    let words = app.review.table.word();
    let word = words.strip_suffix('s').unwrap_or(words);
    let name = open.key.split_once('/').map_or(open.key.as_str(), |(_, name)| name);
    let name = if word == "Account" { String::new() } else { name.to_owned() };
    let room = usize::from(area.width).saturating_sub(24);
    let name = cut(theme, &format!("{word} {name}"), room);
    let body = below(area, 1 + u16::from(area.height >= 16));
    let width = usize::from(body.width).saturating_sub(3);
    let mut rows: Vec<(usize, bool, Line<'_>)> = Vec::new();
    for (i, block) in detail::blocks(app).iter().enumerate() {
        let here = i == open.at;
        for (k, (voice, text)) in block.lines.iter().enumerate() {
            for (w, line) in wrap(text, width).into_iter().enumerate() {
                let first = here && k == 0 && w == 0;
                let mut look = style(theme, *voice);
                if first {
                    look = look.add_modifier(Modifier::REVERSED);
                }
                rows.push((i, first, Line::styled(line, look)));
            }
        }
    }
    let height = usize::from(body.height);
    let at = rows.iter().position(|(_, first, _)| *first).unwrap_or(0);
    let end = rows.iter().rposition(|(i, _, _)| *i == open.at).map_or(at, |end| end + 1);
    // The block is in sight whole where it fits, else from its beginning.
    let top = scroll(at, rows.len(), height);
    let top = top.max(end.saturating_sub(height)).min(at);
    // What stands above the first findings is not scrolled away for nothing.
    let top = if end <= height { 0 } else { top };
    let more = rows.len().saturating_sub(top + height);
    let right =
        if more > 0 { format!("{} {more} more ", theme.glyph(Glyph::More)) } else { String::new() };
    put_ends(frame, area, 0, title(theme, &name, true), Line::styled(right, theme.dim()));
    for (n, (i, first, line)) in (0..).zip(rows.into_iter().skip(top).take(height)) {
        let mark = if first {
            theme.glyph(Glyph::Cursor)
        } else if i == open.at {
            theme.glyph(Glyph::Divider)
        } else {
            " "
        };
        put(frame, Rect { width: 2, ..body }, n, Line::from(Span::styled(mark, theme.accent())));
        let text = Rect { x: body.x + 2, width: body.width.saturating_sub(2), ..body };
        // A line's style covers all of its area: only the words are reversed.
        let cells = u16::try_from(line.width()).unwrap_or(u16::MAX).min(text.width);
        put(frame, Rect { width: cells, ..text }, n, line);
        if first {
            frame.set_cursor_position(Position::new(body.x, body.y + n));
        }
    }
}
