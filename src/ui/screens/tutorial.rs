//! The tutorial beside what is sent: printed with its defects on the left, sent and answered on the right; one of them at a
//! time where there is no room for both.

use std::ops::Range;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::apply::write;
use crate::app::list::scroll;
use crate::app::steps::tutorial::story::{self, Tone, Words};
use crate::app::steps::tutorial::{Pane, is_answered, passage};
use crate::app::wizard::App;
use crate::domain::tutorial::{Defect, Passage};
use crate::ui::frame::{self, below, put, put_ends, title};
use crate::ui::text::wrap;
use crate::ui::theme::{Glyph, Theme};

/// From so many columns on both sides have room.
const WIDE: u16 = 100;

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let width = frame.area().width;
    let areas = frame::draw(frame, app, theme, (width >= WIDE).then_some(width / 2 - 2));
    let Some(passage) = passage(app) else { return };
    let (main, pane) = (areas.main, app.tutorial.pane);
    let roomy = u16::from(main.height >= 16);
    let head = story::head(passage);
    let body = below(main, 2 + roomy);
    let Some(side) = areas.side else {
        put(frame, main, 0, title(theme, &head, true));
        put(frame, main, 1, panes(theme, pane));
        match pane {
            Pane::Printed => printed(frame, app, theme, body, passage),
            other => text(frame, app, theme, body, other),
        }
        return;
    };
    put(frame, main, 0, title(theme, &head, pane == Pane::Printed));
    put(frame, main, 1, Line::styled("  as printed", theme.dim()));
    printed(frame, app, theme, body, passage);
    let shown = if pane == Pane::Printed { Pane::Sent } else { pane };
    let (head, from) = match shown {
        Pane::Answers => (story::ANSWERS, "  the practice account, just now"),
        _ if is_answered(app) => ("What is sent", "  from your answers"),
        _ => ("What is sent", "  from the tutorial's own values"),
    };
    put(frame, side, 0, title(theme, head, pane == shown));
    put(frame, side, 1, Line::styled(from, theme.dim()));
    text(frame, app, theme, below(side, 2 + roomy), shown);
}

/// The names of the panes; a mark and bold letters show the one in sight.
fn panes(theme: Theme, at: Pane) -> Line<'static> {
    let names = [(Pane::Printed, "printed"), (Pane::Sent, "sent"), (Pane::Answers, "AWS answers")];
    let spans = names.into_iter().flat_map(|(pane, name)| {
        let here = pane == at;
        let mark = if here { theme.glyph(Glyph::Focus) } else { " " };
        let style = if here { theme.bold() } else { theme.dim() };
        [Span::styled(format!("  {mark} "), theme.accent()), Span::styled(name, style)]
    });
    spans.collect::<Vec<_>>().into()
}

/// A pane of words, scrolled by its lines.
fn text(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, pane: Pane) {
    let width = usize::from(area.width).saturating_sub(3);
    let lines = story::lines(app, pane);
    let first = if app.tutorial.pane == pane { app.tutorial.line.within(lines.len()) } else { 0 };
    let mut rows = Vec::new();
    let mut tops = Vec::new();
    for words in &lines {
        tops.push(rows.len());
        rows.extend(worded(theme, words, width));
    }
    // Never so far down that there is room left below.
    let most = rows.len().saturating_sub(usize::from(area.height));
    let top = tops.get(first).copied().unwrap_or_default().min(most);
    // At the end of a scrolled text nothing is left to say of the rest.
    let left = rows.split_off(top);
    write(frame, theme, area, left);
}

fn worded(theme: Theme, words: &Words, width: usize) -> Vec<Line<'static>> {
    let style = match words.tone {
        Tone::Plain => theme.plain(),
        Tone::Strong => theme.bold(),
        Tone::Good => theme.good(),
        Tone::Bad => theme.bad(),
        Tone::Dim => theme.dim(),
    };
    let rows = wrap(&words.text, width).into_iter();
    rows.map(|row| Line::from(vec![Span::raw("  "), Span::styled(row, style)])).collect()
}

/// The printed text with its marks, and below it what is wrong at the selected one.
fn printed(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, passage: &'static Passage) {
    let width = usize::from(area.width).saturating_sub(1);
    let told = told(app, theme, passage, width.saturating_sub(2));
    let (rows, lines) = marked(app, theme, passage, width);
    // What is wrong has at least half of the room where it needs that much.
    let height = usize::from(area.height);
    let wanted = told.len().min(height / 2).max(height.saturating_sub(rows.len() + 1));
    let room = height.saturating_sub(wanted + 1).max(1);
    let here = lines.iter().position(|line| *line == app.tutorial.line.row).unwrap_or_default();
    let top = scroll(here, rows.len(), room);
    let more = rows.len().saturating_sub(top + room);
    let shown = rows.len().min(room);
    for (n, row) in (0..).zip(rows.into_iter().skip(top).take(shown)) {
        let last = usize::from(n) + 1 == shown && more > 0;
        let label =
            if last { format!(" {} {more} more", theme.glyph(Glyph::More)) } else { String::new() };
        put_ends(frame, area, n, row, Line::styled(label, theme.dim()));
    }
    let used = u16::try_from(shown).unwrap_or(u16::MAX);
    write(frame, theme, below(area, used + 1), told);
}

/// What is wrong at the selected mark.
fn told(app: &App, theme: Theme, passage: &Passage, width: usize) -> Vec<Line<'static>> {
    let at = app.tutorial.defect;
    let Some(defect) = passage.defects.get(at) else { return Vec::new() };
    let head = format!("{} of {}: {}", at + 1, passage.defects.len(), story::weight(defect));
    let (sign, style) = sign(theme, defect);
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("  {sign} "), style),
        Span::styled(head, theme.bold()),
    ])];
    let source = format!("Source: {}", defect.source);
    for (text, style) in [(defect.why, theme.plain()), (&source, theme.dim())] {
        let rows = wrap(text, width.saturating_sub(2)).into_iter();
        lines.extend(rows.map(|row| Line::styled(format!("  {row}"), style)));
    }
    lines
}

fn sign(theme: Theme, defect: &Defect) -> (&'static str, Style) {
    if defect.stops {
        (theme.glyph(Glyph::Error), theme.bad())
    } else {
        (theme.glyph(Glyph::Warning), theme.warning())
    }
}

/// The printed text as rows, with the line that each is of. A mark is told by its style, and by sign and number before the
/// row in which it begins.
fn marked(
    app: &App,
    theme: Theme,
    passage: &'static Passage,
    width: usize,
) -> (Vec<Line<'static>>, Vec<usize>) {
    let marks: Vec<(Range<usize>, &Defect)> = passage
        .begins()
        .zip(passage.defects)
        .map(|(begin, defect)| (begin..begin + defect.marks.len(), defect))
        .collect();
    // Two marks can begin in one row.
    let gutter = if marks.len() > 1 { 5 } else { 3 };
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    let mut begin = 0;
    for (n, (text, indent)) in
        passage.printed.split('\n').zip(story::indents(passage.printed)).enumerate()
    {
        let room = width.saturating_sub(gutter + indent).max(8);
        for piece in folded(text, room) {
            let range = begin + piece.start..begin + piece.end;
            let mut spans = before(theme, &marks, &range, gutter);
            spans.push(Span::raw(" ".repeat(indent)));
            spans.extend(styled(theme, passage.printed, range, &marks, app.tutorial.defect));
            rows.push(Line::from(spans));
            lines.push(n);
        }
        begin += text.len() + 1;
    }
    (rows, lines)
}

/// Sign and number of the marks that begin in a row.
fn before(
    theme: Theme,
    marks: &[(Range<usize>, &Defect)],
    row: &Range<usize>,
    gutter: usize,
) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut used = 0;
    for (i, (_, defect)) in
        marks.iter().enumerate().filter(|(_, (mark, _))| row.contains(&mark.start))
    {
        let (sign, style) = sign(theme, defect);
        let text = format!("{sign}{}", i + 1);
        used += text.width();
        spans.push(Span::styled(text, style));
    }
    spans.push(Span::raw(" ".repeat(gutter.saturating_sub(used))));
    spans
}

/// A piece of the text, what is marked in it by its style.
fn styled(
    theme: Theme,
    text: &'static str,
    row: Range<usize>,
    marks: &[(Range<usize>, &Defect)],
    selected: usize,
) -> Vec<Span<'static>> {
    let mut cuts: Vec<usize> = marks.iter().flat_map(|(mark, _)| [mark.start, mark.end]).collect();
    cuts.extend([row.start, row.end]);
    cuts.retain(|cut| (row.start..=row.end).contains(cut));
    cuts.sort_unstable();
    cuts.dedup();
    let pieces = cuts.windows(2).filter_map(|pair| match pair {
        [from, to] => Some(*from..*to),
        _ => None,
    });
    pieces
        .map(|piece| {
            let at = marks.iter().position(|(mark, _)| mark.contains(&piece.start));
            let style = match at.and_then(|at| marks.get(at)) {
                Some(_) if at == Some(selected) => theme.selected(),
                Some((_, defect)) => theme.found().patch(sign(theme, defect).1),
                None => theme.plain(),
            };
            Span::styled(text.get(piece).unwrap_or_default(), style)
        })
        .collect()
}

/// The rows of a line, as parts of it: broken behind a space where one is near the end, else where the width ends. Nothing is
/// left out, for this is a quotation.
fn folded(line: &str, room: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let (mut start, mut used, mut space) = (0, 0, None);
    for (at, c) in line.char_indices() {
        let cells = c.width().unwrap_or(0);
        if used + cells > room {
            let near = space.filter(|space| (space - start) * 2 > at - start);
            let end = near.unwrap_or(at);
            rows.push(start..end);
            used = line.get(end..at).map_or(0, UnicodeWidthStr::width);
            (start, space) = (end, None);
        }
        used += cells;
        if c == ' ' {
            space = Some(at + 1);
        }
    }
    rows.push(start..line.len());
    rows
}
