//! The open exercise: story, goals and hints; beside them the tools, the trainer's notes or what it was.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::super::apply::{spinner, write};
use super::{SIDE, lines};
use crate::app::slot::Slot;
use crate::app::steps::practice::story::{self, Voice};
use crate::app::steps::practice::{Open, is_wide};
use crate::app::wizard::App;
use crate::domain::exercise::goal::Standing;
use crate::ui::frame::{self, below, put, put_ends, title};
use crate::ui::text::cut;
use crate::ui::theme::{Glyph, Theme};

pub(super) fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme, open: &Open) {
    let areas = frame::draw(frame, app, theme, is_wide(app).then_some(SIDE));
    let main = areas.main;
    let roomy = u16::from(main.height >= 20);
    let standings = open.standings();
    let right = match spinner(app, theme, Slot::Exercise) {
        Some(picture) => picture,
        None if open.exercise.is_done(&standings) => "done",
        None => "",
    };
    let room = usize::from(main.width).saturating_sub(right.len() + 4);
    let name = cut(theme, &story::title(app), room);
    let right = Line::styled(format!("{right} "), theme.dim());
    put_ends(frame, main, roomy, title(theme, &name, true), right);
    let body = below(main, 1 + 2 * roomy);
    let body = Rect { x: body.x + 2, width: body.width.saturating_sub(2), ..body };
    put_text(frame, app, theme, body, &standings);
    if let Some(side) = areas.side {
        let (head, parts) = story::side(app);
        let width = usize::from(side.width);
        put(frame, side, 1, Line::styled(head, theme.bold()));
        let rows = parts.iter().flat_map(|part| lines(theme, part, &standings, usize::MAX, width));
        write(frame, theme, below(side, 3), rows.collect());
    }
}

/// The column, as far down as it was moved; else so that the selected goal is in sight.
fn put_text(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, standings: &[Standing]) {
    let at = app.practice.open.as_ref().map_or(0, |open| open.at);
    let width = usize::from(area.width).saturating_sub(1);
    let mut rows: Vec<Line<'static>> = Vec::new();
    let (mut first, mut last) = (0, 0);
    let is_low = area.height < 12;
    for part in story::main(app) {
        // A low window has no row to leave empty.
        if is_low && part.voice == Voice::Gap {
            continue;
        }
        let part_lines = lines(theme, &part, standings, at, width);
        if part.voice == Voice::Goal(at) {
            first = rows.len();
            last = rows.len() + part_lines.len();
        } else if part.voice == Voice::OfGoal {
            last = rows.len() + part_lines.len();
        }
        rows.extend(part_lines);
    }
    let all = rows.len();
    // The last row says how much is below.
    let height =
        usize::from(area.height).saturating_sub(usize::from(all > usize::from(area.height)));
    let most = all.saturating_sub(height);
    let top =
        app.practice.scroll.unwrap_or_else(|| last.saturating_sub(height).min(first)).min(most);
    for (n, line) in (0..).zip(rows.into_iter().skip(top).take(height)) {
        put(frame, area, n, line);
    }
    let more = all.saturating_sub(top + height);
    if all > height {
        let (above, more) = (top, more);
        let words = match (above, more) {
            (_, 0) => format!("{above} rows above, PgUp"),
            _ => format!("{} {more} more, PgDn; i has all of it", theme.glyph(Glyph::More)),
        };
        put(frame, area, area.height.saturating_sub(1), Line::styled(words, theme.dim()));
    }
    if (top..top + height).contains(&first) {
        let y = area.y + u16::try_from(first - top).unwrap_or(0);
        frame.set_cursor_position(Position::new(area.x, y));
    }
}
