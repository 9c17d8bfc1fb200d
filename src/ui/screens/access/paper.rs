//! A policy's text, line by line, beside the tutorial's.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{below, checks, instead, write};
use crate::app::list::scroll;
use crate::app::steps::access::papers::Paper;
use crate::app::wizard::App;
use crate::ui::frame::{put, put_ends};
use crate::ui::search;
use crate::ui::text::{cut, visible, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Cells before the text: sign, cursor, number, space.
const GUTTER: usize = 7;

/// One row of the text as drawn.
struct Row {
    /// The line it belongs to; none for the tutorial's.
    line: Option<usize>,
    /// Whether it is the line's first row.
    first: bool,
    sign: &'static str,
    text: String,
    /// The line whole, where the text is a cut of it.
    whole: Option<String>,
}

/// Draws the part.
pub fn draw(
    frame: &mut Frame<'_>,
    app: &App,
    theme: Theme,
    area: Rect,
    side: Option<Rect>,
    paper: &Result<Paper, String>,
) {
    let paper = match paper {
        Ok(paper) => paper,
        Err(why) => return instead(frame, theme, area, why),
    };
    let reading = app.access.reading();
    let selected = reading.map_or(0, |r| r.cursor.within(paper.lines.len()));
    // Where there is no column beside the text, what is said of a line stands below it.
    let under: u16 = match (side, area.height) {
        (Some(_), _) => 0,
        (None, ..=8) => 3,
        (None, ..=16) => 9,
        (None, _) => 11,
    };
    let text = Rect { height: area.height.saturating_sub(under), ..area };
    put_text(frame, app, theme, text, paper, selected);
    if let Some(reading) = reading {
        search::light(frame, theme, text, &reading.search);
    }
    if let Some(side) = side {
        about(frame, theme, below(side, 1), paper, selected);
    } else {
        let rest = below(area, text.height + u16::from(under > 3));
        let rest = Rect { x: rest.x + 2, width: rest.width.saturating_sub(3), ..rest };
        about(frame, theme, rest, paper, selected);
    }
}

fn put_text(
    frame: &mut Frame<'_>,
    app: &App,
    theme: Theme,
    area: Rect,
    paper: &Paper,
    selected: usize,
) {
    let width = usize::from(area.width).saturating_sub(GUTTER + 1);
    let rows = rows(app, theme, paper, width);
    let height = usize::from(area.height);
    let at = rows.iter().position(|r| r.line == Some(selected)).unwrap_or(0);
    let top = scroll(at, rows.len(), height);
    let more = rows.len().saturating_sub(top + height);
    for (n, row) in (0..).zip(rows.iter().skip(top).take(height)) {
        let here = row.line == Some(selected);
        let mark = if here && row.first { theme.glyph(Glyph::Cursor) } else { " " };
        let number = match row.line {
            Some(line) if row.first => format!("{:>3}  ", line + 1),
            _ => " ".repeat(5),
        };
        let style = if here {
            theme.selected()
        } else if row.line.is_none() {
            theme.dim()
        } else {
            theme.plain()
        };
        let sign = match row.sign {
            "-" => Span::styled("-", theme.bad()),
            "+" => Span::styled("+", theme.good()),
            other => Span::styled(other, theme.dim()),
        };
        let last = more > 0 && n + 1 == area.height;
        let label =
            if last { format!(" {} {more} more", theme.glyph(Glyph::More)) } else { String::new() };
        // The last row gives way to the mark that more comes.
        let room = (width + 1).saturating_sub(label.width());
        let text = match &row.whole {
            _ if label.is_empty() || row.text.width() <= room => row.text.clone(),
            Some(whole) => shorten(theme, whole, room),
            None => cut(theme, &row.text, room),
        };
        let content = text.trim_start_matches(' ').to_owned();
        let indent = " ".repeat(text.len() - content.len());
        let left = Line::from(vec![
            sign,
            Span::styled(mark, theme.accent()),
            Span::styled(number, theme.dim()),
            Span::raw(indent),
            Span::styled(content, style),
        ]);
        put_ends(frame, area, n, left, Line::styled(label, theme.dim()));
        if here && row.first {
            frame.set_cursor_position(Position::new(area.x + 1, area.y + n));
        }
    }
}

/// The text as rows: the tutorial's line before ours where they differ, long ones cut or wrapped.
fn rows(app: &App, theme: Theme, paper: &Paper, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut push = |line: Option<usize>, sign: &'static str, text: &str| {
        let whole = (!app.access.wrap).then(|| text.to_owned());
        let pieces =
            if app.access.wrap { pieces(text, width) } else { vec![shorten(theme, text, width)] };
        for (i, text) in pieces.into_iter().enumerate() {
            rows.push(Row { line, first: i == 0, sign, text, whole: whole.clone() });
        }
    };
    for (i, line) in paper.lines.iter().enumerate() {
        let theirs = paper.tutorial.get(i).and_then(Option::as_ref).filter(|_| app.access.diff);
        if let Some(theirs) = theirs {
            push(None, "-", theirs);
        }
        let sign = match (theirs, &line.contrast) {
            (Some(_), _) => "+",
            (None, Some(_)) if app.access.diff => "i",
            _ => " ",
        };
        push(Some(i), sign, &line.text);
    }
    rows
}

/// A long line in the width: key and value each lose their middle, so that both can be told.
fn shorten(theme: Theme, text: &str, width: usize) -> String {
    let text = visible(text);
    if text.width() <= width {
        return text;
    }
    let content = text.trim_start_matches(' ');
    let indent = text.len() - content.len();
    let room = width.saturating_sub(indent);
    let shown = match content.split_once("\": ") {
        Some((key, value)) => {
            let room = room.saturating_sub(3);
            let (key_width, value_width) = (key.width(), value.width());
            let for_key = key_width.min(room.saturating_sub(value_width).max(room * 3 / 5));
            let key = cut(theme, key, for_key);
            let value = cut(theme, value, room.saturating_sub(key.width()));
            format!("{key}\": {value}")
        }
        None => cut(theme, content, room),
    };
    format!("{}{shown}", " ".repeat(indent))
}

/// A line whole, broken where the width ends; nothing is left out, and what follows is indented like it.
fn pieces(text: &str, width: usize) -> Vec<String> {
    let text = visible(text);
    let content = text.trim_start_matches(' ');
    let indent = " ".repeat(text.len() - content.len());
    let room = width.saturating_sub(indent.len()).max(1);
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for c in content.chars() {
        let cells = c.width().unwrap_or(0);
        if used + cells > room {
            pieces.push(String::new());
            used = 0;
        }
        used += cells;
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces.into_iter().map(|p| format!("{indent}{p}")).collect()
}

/// What the selected line says, then the one sentence and the checks as far as there is room.
fn about(frame: &mut Frame<'_>, theme: Theme, area: Rect, paper: &Paper, selected: usize) {
    let width = usize::from(area.width);
    let height = usize::from(area.height);
    let roomy = height > 14;
    let name = format!("Line {}", selected + 1);
    let mut lines = if roomy {
        let mut lines = vec![Line::styled(name, theme.bold()), Line::default()];
        for text in paper.about(selected) {
            let style = if text.ends_with("the tutorial") { theme.bold() } else { theme.plain() };
            lines.extend(wrap(&text, width).into_iter().map(|l| Line::styled(l, style)));
        }
        lines
    } else {
        in_short(theme, paper, selected, &name, width)
    };
    // What it all amounts to keeps its place at the end; the explanation loses its end instead, and says so.
    let mut end = Vec::new();
    if height > 4 {
        end.push(Line::default());
        if roomy {
            let heading = paper.admitted.as_ref().map_or("In one sentence", |_| "Who gets in");
            end.push(Line::styled(heading, theme.bold()));
        }
        let words = paper.admitted.as_ref().unwrap_or(&paper.sentence);
        end.extend(wrap(words, width).into_iter().map(Line::raw));
        let left = height.saturating_sub(lines.len() + end.len() + 1);
        let list = checks(theme, paper, width, left);
        if list.len() > 1 {
            end.push(Line::default());
        }
        end.extend(list);
    } else {
        // Of all that, where there is next to no room, whether anybody else gets in.
        end.extend(checks(theme, paper, width, 0).into_iter().take(1));
    }
    let room = height.saturating_sub(end.len()).max(1);
    if lines.len() > room {
        lines.truncate(room);
        if let Some(last) = lines.last_mut() {
            let words: String = last.spans.iter().map(|s| s.content.as_ref()).collect();
            let note = format!("{} i: all of it", theme.glyph(Glyph::Cut));
            let keep = width.saturating_sub(note.width() + 1);
            let kept: String = words.chars().take(keep).collect();
            let kept = kept.trim_end().to_owned();
            *last =
                Line::from(vec![Span::raw(format!("{kept} ")), Span::styled(note, theme.dim())]);
        }
    }
    let used = write(frame, area, lines);
    let rest = below(area, used);
    for (n, line) in (0..rest.height).zip(end) {
        put(frame, rest, n, line);
    }
}

/// The same in few rows: what the line says behind its number, then why the tutorial's is another.
fn in_short(
    theme: Theme,
    paper: &Paper,
    selected: usize,
    name: &str,
    width: usize,
) -> Vec<Line<'static>> {
    let Some(line) = paper.lines.get(selected) else { return Vec::new() };
    let lead = format!("{name}  ");
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (i, piece) in wrap(&line.reads, width.saturating_sub(lead.width())).into_iter().enumerate()
    {
        let lead = if i == 0 { lead.clone() } else { " ".repeat(lead.width()) };
        lines.push(Line::from(vec![Span::styled(lead, theme.bold()), Span::raw(piece)]));
    }
    if let Some(contrast) = &line.contrast {
        lines.extend(wrap(contrast.why, width).into_iter().map(Line::raw));
    }
    lines
}
