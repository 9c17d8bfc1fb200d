//! What there is to say of the selected row beside or below the table.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::style;
use crate::app::steps::review::story;
use crate::app::wizard::App;
use crate::ui::frame::{below, put};
use crate::ui::text::wrap;
use crate::ui::theme::{Glyph, Theme};

/// Draws it; where there is a column for it, with its name.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, roomy: u16) {
    let state = &app.review;
    let (Some(thing), Some((_, row))) = (state.selected(), state.shown().selected()) else {
        return;
    };
    let width = usize::from(area.width).saturating_sub(1);
    let mut lines: Vec<Line<'_>> = Vec::new();
    if roomy > 0 {
        lines.extend(
            wrap(&row.name, width).into_iter().take(3).map(|l| Line::styled(l, theme.bold())),
        );
        lines.push(Line::default());
    }
    let indent = if roomy > 0 { "" } else { "   " };
    let room = width.saturating_sub(indent.len());
    for (voice, text) in story::brief(thing, state.judge()) {
        let style = style(theme, voice);
        let rows = wrap(&text, room).into_iter();
        // Behind its letter a finding keeps its column.
        lines.extend(rows.map(|l| Line::styled(format!("{indent}{l}"), style)));
    }
    let area = below(area, roomy);
    let height = usize::from(area.height);
    let more = lines.len().saturating_sub(height);
    let shown = if more > 0 { height.saturating_sub(1) } else { lines.len() };
    for (n, line) in (0..).zip(lines.into_iter().take(shown)) {
        put(frame, area, n, line);
    }
    if more > 0 {
        let note = format!(
            "{indent}{} {} more, Enter opens all of it",
            theme.glyph(Glyph::More),
            more + 1
        );
        let at = area.height.saturating_sub(1);
        put(frame, area, at, Line::styled(note, theme.dim()));
    }
}
