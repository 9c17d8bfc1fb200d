//! The review: tables, the selected row beside or below them, one row in full.

mod detail;
mod pane;
mod table;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::apply::{refused, spinner};
use crate::app::slot::Slot;
use crate::app::steps::review::story::Voice;
use crate::app::steps::review::words::{WORST_FIRST, chosen, letter, number};
use crate::app::steps::review::{State, now, words};
use crate::app::wizard::App;
use crate::domain::finding::Severity;
use crate::domain::review::view::{Listing, Table};
use crate::ui::frame::{self, below, put, put_ends};
use crate::ui::text::{clock, cut, wrap};
use crate::ui::theme::{Glyph, Theme};

/// Below this width, or this height, the selected row stands below the table, not beside it.
const WIDE: (u16, u16) = (100, 20);
/// Below this height of the middle there is no room for it at all.
const LOW: u16 = 14;

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let window = frame.area();
    if app.review.detail.is_some() {
        let areas = frame::draw(frame, app, theme, None);
        return detail::draw(frame, app, theme, areas.main);
    }
    let has_room = window.width >= WIDE.0 && window.height >= WIDE.1;
    let side = has_room.then_some((window.width * 2 / 5 + 4).min(72));
    let areas = frame::draw(frame, app, theme, side);
    let main = areas.main;
    titles(frame, app, theme, main);
    let roomy = u16::from(main.height >= 16);
    filter(frame, app, theme, below(main, 1));
    let body = below(main, 2 + roomy);
    // The last row is for what was found in all.
    let last = Rect { y: main.bottom().saturating_sub(1), height: 1, ..main };
    let body = Rect { height: body.height.saturating_sub(1 + roomy), ..body };
    let under =
        if areas.side.is_some() || main.height < LOW { 0 } else { (body.height / 2).min(10) };
    if instead(frame, app, theme, body) {
        return summary(frame, app, theme, last, "");
    }
    let more = table::draw(frame, app, theme, Rect { height: body.height - under, ..body });
    let more = match more {
        0 => String::new(),
        n => format!("{} {} more ", theme.glyph(Glyph::More), number(n)),
    };
    let rest = below(body, body.height - under);
    if let Some(side) = areas.side {
        pane::draw(frame, app, theme, side, roomy);
    } else if under > 1 {
        let name = app.review.shown().selected().map_or("", |(_, row)| row.name.as_str());
        let rule = theme.glyph(Glyph::Rule);
        let room = usize::from(rest.width).saturating_sub(5 + more.width());
        let name = cut(theme, name, room);
        let tail = rule.repeat(room.saturating_sub(name.width()));
        let left = Line::styled(format!(" {rule} {name} {tail}"), theme.dim());
        put_ends(frame, rest, 0, left, Line::styled(more.clone(), theme.dim()));
        pane::draw(frame, app, theme, below(rest, 1), 0);
    }
    summary(frame, app, theme, last, if under > 1 { "" } else { &more });
}

/// The tables, the one that is shown with the mark of the focus; what is being read at the right end.
fn titles(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let state = &app.review;
    let mut spans = Vec::new();
    for table in Table::ALL {
        let here = table == state.table;
        let mark = if here { theme.glyph(Glyph::Focus) } else { " " };
        let style = if here { theme.bold() } else { theme.plain() };
        spans.push(Span::styled(format!("{mark} "), theme.accent()));
        let n = state.pane(table).listing.len();
        // Where nothing was read, none is not the number of what is there.
        let is_known = n > 0 || state.review.is_some();
        let n = if is_known { format!(" {}", number(n)) } else { String::new() };
        spans.push(Span::styled(format!("{}{n}  ", table.word()), style));
    }
    let task = app.slots.running(Slot::Review);
    let time = task.map(|task| app.now.since(task.began)).filter(|time| time.as_secs() >= 2);
    let time = time.map(|time| format!(" {}", clock(time))).unwrap_or_default();
    let right = spinner(app, theme, Slot::Review).map(|mark| format!("{mark}{time} "));
    let right = Line::styled(right.unwrap_or_default(), theme.dim());
    put_ends(frame, area, 0, Line::from(spans), right);
}

/// The filter, or how old the rows are; how many pass it and what else is chosen at the right.
fn filter(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) {
    let state = &app.review;
    let pane = state.shown();
    let text = state.line.value();
    let count = if state.is_chosen() {
        format!("{} of {}", number(pane.listing.shown().len()), number(pane.listing.len()))
    } else {
        String::new()
    };
    let right = [count, chosen(state)].into_iter().filter(|words| !words.is_empty());
    let dot = format!(" {} ", theme.glyph(Glyph::Dot));
    let right = format!("{} ", right.collect::<Vec<_>>().join(&dot));
    let shown = state.typing || !text.trim().is_empty();
    let room = usize::from(area.width).saturating_sub(right.width() + 6);
    let left = if shown {
        let skip = if state.typing { state.line.visual_scroll(room) } else { 0 };
        let typed: String = text.chars().skip(skip).collect();
        if state.typing {
            let x = state.line.visual_cursor().max(skip) - skip;
            let x = area.x.saturating_add(4 + u16::try_from(x).unwrap_or(0));
            frame.set_cursor_position(Position::new(x.min(area.right()), area.y));
        }
        Line::from(vec![Span::styled("  / ", theme.accent()), Span::raw(cut(theme, &typed, room))])
    } else {
        let at = state.review.as_ref().map(|review| words::read_at(review.read_at, now(app)));
        Line::styled(cut(theme, &format!("  {}", at.unwrap_or_default()), room + 2), theme.dim())
    };
    put_ends(frame, area, 0, left, Line::styled(right, theme.dim()));
}

/// What was found of the rows of this table, by severity; how many rows come below at the right.
fn summary(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect, more: &str) {
    let state = &app.review;
    let listings = || Table::ALL.into_iter().map(|table| &state.pane(table).listing);
    if listings().all(Listing::is_empty) {
        return;
    }
    let mut spans = vec![Span::raw("  ")];
    let wide = area.width >= 74;
    for severity in WORST_FIRST {
        let n = state.count(severity);
        let style = if n > 0 { of_severity(theme, severity) } else { theme.dim() };
        let word = if wide { format!(" {}", severity.word()) } else { String::new() };
        spans.push(Span::styled(format!("{}{word} {}   ", letter(severity), number(n)), style));
    }
    let none = state.shown().listing.sound();
    spans.push(Span::styled(format!("none {}  ", number(none)), theme.dim()));
    put_ends(frame, area, 0, Line::from(spans), Line::styled(more.to_owned(), theme.dim()));
}

/// What stands there while there are no rows; says whether it did.
fn instead(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) -> bool {
    let state = &app.review;
    let pane = state.shown();
    if !pane.listing.shown().is_empty() {
        return false;
    }
    let reading = app.slots.running(Slot::Review).is_some();
    if let Some(fault) = state.fault.as_ref().filter(|_| state.review.is_none() && !reading) {
        refused(frame, theme, area, "The account could not be read.", fault, "back");
        return true;
    }
    let (first, rest) = if !pane.listing.is_empty() {
        ("Nothing passes.".to_owned(), passes(state))
    } else if state.review.is_some() {
        (none(state.table).to_owned(), String::new())
    } else if reading {
        let mark = spinner(app, theme, Slot::Review).unwrap_or(" ");
        let rest = "Rows come as they are read. Reading changes nothing; Esc stops it, and what was read stays.";
        (format!("{mark} Reading the account"), rest.to_owned())
    } else if state.stopped {
        ("Stopped before this was read.".to_owned(), "r reads the account again.".to_owned())
    } else {
        return true;
    };
    put(frame, area, 1, Line::raw(format!("  {first}")));
    for (n, line) in (3..).zip(wrap(&rest, usize::from(area.width).saturating_sub(4))) {
        put(frame, area, n, Line::styled(format!("  {line}"), theme.dim()));
    }
    true
}

fn passes(state: &State) -> String {
    let all = number(state.shown().listing.len());
    let text = state.line.value().trim();
    let filter = (!text.is_empty()).then(|| format!("/ {text}"));
    let by: Vec<String> = filter.into_iter().chain(words::narrowed(state)).collect();
    let esc = if state.typing { "Esc clears the filter." } else { "Esc shows all of them." };
    format!("None of {all} is shown by: {}. {esc}", by.join(", "))
}

const fn none(table: Table) -> &'static str {
    match table {
        Table::Roles => "No role of this account trusts a web identity.",
        Table::Users => "No user of this account may do anything in ECR.",
        Table::Providers => "The account has no identity provider.",
        Table::Account => "Nothing was found about the account itself.",
    }
}

/// How a severity looks; its letter says the same.
fn of_severity(theme: Theme, severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High | Severity::Error => theme.bad(),
        Severity::Medium | Severity::Low => theme.warning(),
        Severity::Note => theme.dim(),
    }
}

fn style(theme: Theme, voice: Voice) -> Style {
    match voice {
        Voice::Plain => theme.plain(),
        Voice::Bold => theme.bold(),
        Voice::Dim => theme.dim(),
        Voice::Warning => theme.warning(),
        Voice::Severity(severity) => of_severity(theme, severity),
    }
}
