//! What is looked for in a text: its line, and the places where it stands.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;
use crate::app::search::Search;

/// Lights the words up wherever they stand in an area that was drawn.
pub fn light(frame: &mut Frame<'_>, theme: Theme, area: Rect, search: &Search) {
    let wanted: Vec<char> = search.wanted().chars().collect();
    if wanted.is_empty() {
        return;
    }
    let buffer = frame.buffer_mut();
    for y in area.top()..area.bottom() {
        let mut drawn: Vec<(char, Position)> = Vec::new();
        let mut x = area.left();
        while x < area.right() {
            let at = Position::new(x, y);
            let symbol = buffer.cell(at).map_or(" ", |cell| cell.symbol());
            x = x.saturating_add(u16::try_from(symbol.width()).unwrap_or(1).max(1));
            drawn.extend(symbol.to_lowercase().chars().map(|c| (c, at)));
        }
        let here = drawn.windows(wanted.len()).filter(|w| w.iter().map(|(c, _)| c).eq(&wanted));
        for (_, at) in here.flatten() {
            if let Some(cell) = buffer.cell_mut(*at) {
                cell.set_style(theme.found());
            }
        }
    }
}

/// Puts the terminal's cursor behind what is typed, in the line above the keys.
pub fn put_cursor(frame: &mut Frame<'_>, search: &Search) {
    let area = frame.area();
    let x = u16::try_from(search.line.visual_cursor()).unwrap_or(u16::MAX);
    let x = x.saturating_add(3).min(area.right().saturating_sub(1));
    frame.set_cursor_position(Position::new(x, area.height.saturating_sub(2)));
}
