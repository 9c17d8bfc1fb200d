//! The open exercise for a room: one column with wide margins, the story or the goal at hand, and nothing beside it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::lines;
use crate::app::steps::practice::{Open, story};
use crate::app::wizard::App;
use crate::ui::frame::{self, below, put};
use crate::ui::text::wrap;
use crate::ui::theme::Theme;

/// No line is longer: it is read from afar.
const WIDEST: u16 = 64;

pub(super) fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme, open: &Open) {
    let areas = frame::draw(frame, app, theme, None);
    let width = (areas.main.width - areas.main.width / 6).min(WIDEST);
    let margin = (areas.main.width - width) / 2;
    let area = Rect { x: areas.main.x + margin, width, ..areas.main };
    let room = usize::from(area.width);
    let is_low = area.height < 12;
    let mut n = u16::from(!is_low);
    for line in wrap(&open.exercise.title, room).into_iter().take(2) {
        put(frame, area, n, Line::styled(line, theme.bold()));
        n += 1;
    }
    let area = below(area, n + 1);
    let standings = open.standings();
    let parts = story::quiet(app);
    let rows: Vec<Line<'static>> =
        parts.iter().flat_map(|part| lines(theme, part, &standings, open.at, room)).collect();
    let height = usize::from(area.height);
    // A blank row between the lines as long as there is room for it.
    let apart = if rows.len() * 2 <= height + 1 { 2 } else { 1 };
    let top = app.practice.scroll.unwrap_or(0).min(rows.len().saturating_sub(height));
    let mut n = 0;
    for line in rows.into_iter().skip(top) {
        let at = n;
        n += if line.width() == 0 { 1 } else { apart };
        put(frame, area, at, line);
    }
}
