//! The screen of step 3.

mod custody;
mod options;
mod paper;
mod permissions;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::app::steps::access::papers::{self, Paper};
use crate::app::steps::access::{Part, parts};
use crate::app::wizard::App;
use crate::ui::frame::{self, put};
use crate::ui::text::wrap;
use crate::ui::theme::{Glyph, Theme};

/// Draws the step: the titles of the parts in one row that never moves, below it the part with the focus.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let wide = frame.area().width >= 100;
    let areas = frame::draw(frame, app, theme, wide.then_some(39));
    let main = areas.main;
    let roomy = u16::from(main.height >= 16);
    put(frame, main, roomy, titles(app, theme));
    let body = below(main, 1 + 2 * roomy);
    match app.access.part {
        Part::Permissions => permissions::draw(frame, app, theme, body, areas.side),
        Part::Trust => paper::draw(frame, app, theme, body, areas.side, &papers::trust(app)),
        Part::Policy => paper::draw(frame, app, theme, body, areas.side, &papers::permission(app)),
        Part::Custody | Part::Place => custody::draw(frame, app, theme, body, areas.side),
        Part::Options => options::draw(frame, app, theme, body, areas.side),
    }
}

/// The titles; a mark and bold letters show the one with the focus.
fn titles(app: &App, theme: Theme) -> Line<'static> {
    let mut spans = Vec::new();
    for part in parts(app).iter().copied().filter(|part| *part != Part::Place) {
        let here = part.title() == app.access.part.title();
        let mark = if here { theme.glyph(Glyph::Focus) } else { " " };
        let style = if here { theme.bold() } else { theme.dim() };
        let gap = if part == Part::Permissions { "" } else { " " };
        spans.push(Span::styled(format!("{gap}{mark} "), theme.accent()));
        spans.push(Span::styled(part.title(), style));
    }
    Line::from(spans)
}

/// What is left of an area below its first rows.
fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}

/// Writes lines from the top of an area; returns how many rows they took.
fn write(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'_>>) -> u16 {
    let mut rows = 0;
    for line in lines.into_iter().take(usize::from(area.height)) {
        put(frame, area, rows, line);
        rows += 1;
    }
    rows
}

/// The checks: all of them where there is room, else the first, which matters most, with the last, and those that are
/// not met.
fn checks(theme: Theme, paper: &Paper, width: usize, room: usize) -> Vec<Line<'static>> {
    let met = paper.checks.iter().filter(|c| c.met).count();
    let all = paper.checks.len();
    if all == 0 {
        return Vec::new();
    }
    let row = |met: bool, words: &str| {
        let (glyph, style) =
            if met { (Glyph::Done, theme.good()) } else { (Glyph::Warning, theme.warning()) };
        let mark = theme.glyph(glyph);
        let pieces = wrap(words, width.saturating_sub(mark.width() + 1));
        let line = |(i, piece): (usize, String)| {
            let mark = if i == 0 { mark.to_owned() } else { " ".repeat(mark.width()) };
            Line::from(vec![Span::styled(mark, style), Span::raw(format!(" {piece}"))])
        };
        pieces.into_iter().enumerate().map(line).collect::<Vec<_>>()
    };
    let title = format!("Checks: {met} of {all}");
    let mut whole = vec![Line::styled(title, theme.bold())];
    whole.extend(paper.checks.iter().flat_map(|c| row(c.met, &c.words)));
    if room >= whole.len() {
        return whole;
    }
    let mut lines = if met == all {
        let ends: Vec<&str> = [paper.checks.first(), paper.checks.last()]
            .into_iter()
            .flatten()
            .map(|c| c.words.as_str())
            .collect();
        row(true, &ends.join("; "))
    } else {
        row(false, &format!("{met} of {all} checks"))
    };
    lines.extend(paper.checks.iter().filter(|c| !c.met).flat_map(|c| row(false, &c.words)));
    lines
}

/// The one sentence, wrapped.
fn sentence(paper: &Paper, width: usize) -> Vec<Line<'static>> {
    wrap(&paper.sentence, width).into_iter().map(Line::raw).collect()
}

/// A remark that stands in the place of a text that cannot be made yet.
fn instead(frame: &mut Frame<'_>, theme: Theme, area: Rect, why: &str) {
    let width = usize::from(area.width).saturating_sub(4);
    let mut lines =
        vec![Line::styled("  The policy cannot be written yet.", theme.bold()), Line::default()];
    lines.extend(wrap(why, width).into_iter().map(|l| Line::raw(format!("  {l}"))));
    lines.push(Line::default());
    lines.push(Line::styled("  Esc goes back to the answers.", theme.dim()));
    write(frame, area, lines);
}
