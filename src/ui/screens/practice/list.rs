//! The list of exercises, and beside it the story of the selected one.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::apply::write;
use super::{SIDE, lines};
use crate::app::list::scroll;
use crate::app::steps::practice::{is_open, is_wide, story};
use crate::app::wizard::App;
use crate::domain::exercise::Exercise;
use crate::ui::frame::{self, below, put, put_ends, title};
use crate::ui::text::{cut, shortened};
use crate::ui::theme::{Glyph, Theme};

pub(super) fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let areas = frame::draw(frame, app, theme, is_wide(app).then_some(SIDE));
    let main = areas.main;
    let state = &app.practice;
    let roomy = u16::from(main.height >= 16 && state.exercises.len() + 5 <= main.height.into());
    let count = Line::styled(format!("{} ", story::done(state)), theme.dim());
    put_ends(frame, main, roomy, title(theme, "Exercises", true), count);
    let mut body = below(main, 1 + 2 * roomy);
    if let Some(fault) = &state.fault {
        let words = format!("{} How far you are is not kept: {fault}", theme.glyph(Glyph::Warning));
        for line in shortened(theme, &words, usize::from(main.width).saturating_sub(4), 2) {
            put(frame, body, 0, Line::styled(format!("  {line}"), theme.warning()));
            body = below(body, 1);
        }
    }
    // Two rows each where all of them have room so, else one; what the selected one is about then stands below.
    let len = state.exercises.len();
    let height = usize::from(body.height);
    let two = len * 2 <= height && areas.side.is_none();
    let about = !two && areas.side.is_none() && height >= 6;
    let list_height = if about { height - 2 } else { height };
    let fits = if two { len } else { list_height };
    let top = scroll(state.at, len, fits);
    let step: u16 = if two { 2 } else { 1 };
    let mut n = 0;
    for (i, one) in state.exercises.iter().enumerate().skip(top).take(fits) {
        put_one(frame, app, theme, below(body, n), (i, one));
        if two {
            let room = usize::from(body.width).saturating_sub(11);
            let about = format!("          {}", first_line(theme, &one.about, room));
            put(frame, body, n + 1, Line::styled(about, theme.dim()));
        }
        n += step;
    }
    let Some(selected) = state.selected() else {
        return put(frame, body, 0, Line::raw("  There is no exercise here."));
    };
    if about {
        let room = usize::from(body.width).saturating_sub(4);
        let words = format!("  {}", first_line(theme, &selected.about, room));
        put(frame, body, body.height.saturating_sub(1), Line::styled(words, theme.dim()));
    }
    if let Some(side) = areas.side {
        put_side(frame, app, theme, side, selected);
    }
}

/// A sentence loses its end, where a name would lose its middle.
fn first_line(theme: Theme, text: &str, room: usize) -> String {
    shortened(theme, text, room.saturating_sub(1), 1).concat()
}

fn put_side(frame: &mut Frame<'_>, app: &App, theme: Theme, side: Rect, one: &Exercise) {
    let width = usize::from(side.width);
    let mut n = 1;
    for (text, style) in [(&one.title, theme.bold()), (&one.about, theme.dim())] {
        for line in shortened(theme, text, width, 3) {
            put(frame, side, n, Line::styled(line, style));
            n += 1;
        }
    }
    let parts = story::of_selected(app);
    let rows = parts.iter().flat_map(|part| lines(theme, part, &[], usize::MAX, width));
    write(frame, theme, below(side, n + 1), rows.collect());
}

/// `❯ ✓  3  The scheme in the key                    done 2026-11-29`
fn put_one(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, one: (usize, &Exercise)) {
    let (i, exercise) = one;
    let is_here = i == app.practice.at;
    let standing = story::standing(app, exercise);
    let (glyph, of_glyph) = if app.practice.progress.of(&exercise.name).done.is_some() {
        (theme.glyph(Glyph::Done), theme.good())
    } else if is_open(app, exercise) {
        (theme.glyph(Glyph::Here), theme.accent())
    } else {
        (theme.glyph(Glyph::ToCome), theme.dim())
    };
    let cursor = if is_here { theme.glyph(Glyph::Cursor) } else { " " };
    let pad = theme.mark();
    let number = format!(" {:>2}  ", i + 1);
    let used = 2 + 2 + pad + number.width() + standing.width() + 2;
    let name = cut(theme, &exercise.title, usize::from(area.width).saturating_sub(used));
    let style: Style = if is_here { theme.selected() } else { theme.plain() };
    let left = Line::from(vec![
        Span::raw("  "),
        Span::styled(format!("{cursor} "), theme.accent()),
        Span::styled(format!("{glyph:pad$}"), of_glyph),
        Span::styled(number, theme.dim()),
        Span::styled(name, style),
    ]);
    put_ends(frame, area, 0, left, Line::styled(format!("{standing} "), theme.dim()));
    if is_here {
        frame.set_cursor_position(Position::new(area.x + 2, area.y));
    }
}
