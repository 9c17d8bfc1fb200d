//! The screen of the rotation.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use secrecy::ExposeSecret;

use super::apply::{fault_lines, spinner, write};
use crate::app::slot::Slot;
use crate::app::steps::apply;
use crate::app::steps::rotation::story::story;
use crate::app::steps::rotation::{Point, held, now};
use crate::app::wizard::App;
use crate::ui::frame::{self, below, put_ends, title};
use crate::ui::text::{clock, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Draws it: the points, and what there is to say of the one that has come.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let areas = frame::draw(frame, app, theme, None);
    let main = areas.main;
    let roomy = u16::from(main.height >= 16);
    let user = app.draft.text(crate::domain::draft::Field::User);
    put_ends(
        frame,
        main,
        roomy,
        title(theme, "Rotate the access key", true),
        Line::styled(format!("user {user} "), theme.dim()),
    );
    let points = below(main, 1 + 2 * roomy);
    let here = now(app).map(|(point, _)| point);
    // In a low window only the point that has come: what there is to say of it needs the room.
    let shown = |point: &Point| roomy > 0 || here.is_none_or(|here| here == *point);
    let mut n = 0;
    for point in Point::ALL.into_iter().filter(shown) {
        put_point(frame, app, theme, below(points, n), point, here);
        n += 1;
    }
    let rest = below(points, n + 1);
    let width = usize::from(rest.width).saturating_sub(4);
    write(frame, theme, rest, said(app, theme, width));
}

fn put_point(
    frame: &mut Frame<'_>,
    app: &App,
    theme: Theme,
    area: Rect,
    point: Point,
    here: Option<Point>,
) {
    let is_here = here == Some(point);
    let done = here.is_some_and(|here| point < here || here == Point::Done);
    let running = is_here && app.apply.running().is_some();
    let (glyph, style) = match (done, is_here) {
        (true, _) => (theme.glyph(Glyph::Done), theme.good()),
        (_, true) => (theme.glyph(Glyph::Here), theme.accent()),
        _ => (theme.glyph(Glyph::ToCome), theme.dim()),
    };
    let glyph = if running { spinner(app, theme, Slot::Apply).unwrap_or(glyph) } else { glyph };
    let words = if is_here { theme.bold() } else { theme.plain() };
    let left = Line::from(vec![
        Span::styled(format!("  {glyph} "), style),
        Span::styled(point.words(), words),
    ]);
    let right = match app.apply.running().filter(|_| is_here) {
        Some(run) => format!("{} ", clock(run.took(app.now))),
        None if is_here => format!("{} of {} ", point as usize + 1, Point::ALL.len()),
        None => String::new(),
    };
    put_ends(frame, area, 0, left, Line::styled(right, theme.dim()));
    if is_here {
        frame.set_cursor_position(Position::new(area.x + 2, area.y));
    }
}

fn said(app: &App, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(fault) = apply::fault(app) {
        lines.extend(fault_lines(theme, fault, width));
        lines.push(Line::default());
    }
    if app.slots.running(Slot::Survey).is_some() && now(app).is_none() {
        let mark = spinner(app, theme, Slot::Survey).unwrap_or(" ");
        lines.push(Line::raw(format!("{mark} Reading the user and its keys.")));
    }
    // The one key that can be on this screen, and only while it was asked for: above what there is to say, which may be
    // longer than the window.
    if let Some(key) = held(app).filter(|_| app.is_revealed()) {
        lines.push(Line::raw(format!("Access Key         {}", key.id)));
        lines.push(Line::raw(format!("Secret Access Key  {}", key.secret.expose_secret())));
        lines.push(Line::default());
    }
    for line in story(app) {
        lines.extend(wrap(&line, width).into_iter().map(Line::raw));
    }
    let conflict = app.apply.plan().and_then(|plan| plan.conflicts().next());
    if let Some(step) = conflict.filter(|_| matches!(now(app), Some((Point::Second, _)))) {
        lines.push(Line::default());
        let words = format!("{} {}", theme.glyph(Glyph::Error), step.reason);
        lines.extend(wrap(&words, width).into_iter().map(|l| Line::styled(l, theme.bad())));
        let arrow = theme.glyph(Glyph::Arrow);
        let ways = step.ways_out.iter().flat_map(|way| wrap(&format!("{arrow} {way}"), width));
        lines.extend(ways.map(Line::raw));
    }
    let indent = |mut line: Line<'static>| {
        line.spans.insert(0, Span::raw("  "));
        line
    };
    lines.into_iter().map(indent).collect()
}
