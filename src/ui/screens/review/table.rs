//! The rows of a table, its columns by width.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::of_severity;
use crate::app::list::scroll;
use crate::app::steps::review::words::{WORST_FIRST, letter};
use crate::app::wizard::App;
use crate::domain::finding::Severity;
use crate::domain::review::view::{Row, Table};
use crate::ui::frame::{below, put};
use crate::ui::text::fit;
use crate::ui::theme::{Glyph, Theme};

/// Cells before the name: cursor, mark, whether all of it was read.
const GUTTER: usize = 5;
/// Cells of the findings: a letter and a space for each severity.
const FINDINGS: usize = 9;
const USED: usize = 6;
/// The kind of one issuer, or of several where there is room.
const KIND: [usize; 2] = [6, 11];
/// The most that may be done in ECR, or all of it where there is room.
const RIGHTS: [usize; 2] = [5, 18];
/// From here on there is room for short columns, for subjects, for all in full.
const SHORT: usize = 72;
const SUBJECT: usize = 110;
const FULL: usize = 140;

/// How wide each column is; none is not shown.
struct Columns {
    name: usize,
    kind: usize,
    audience: usize,
    subject: usize,
    rights: usize,
    used: usize,
}

impl Columns {
    fn of(table: Table, width: usize) -> Self {
        let room = width.saturating_sub(GUTTER + FINDINGS + 1);
        let mut columns = Self { name: room, kind: 0, audience: 0, subject: 0, rights: 0, used: 0 };
        if table == Table::Account || width < 44 {
            return columns;
        }
        let mut left = room;
        let mut take = |cells: usize| {
            left = left.saturating_sub(cells + 1);
            cells
        };
        if table != Table::Providers {
            columns.used = take(USED);
        }
        let of = |[short, full]: [usize; 2]| if width >= FULL { full } else { short };
        if width >= SHORT && table != Table::Users {
            columns.kind = take(of(KIND));
        }
        if width >= SHORT && table != Table::Providers {
            columns.rights = take(of(RIGHTS));
        }
        // What is left is shared out: names first, for they tell the rows apart.
        let shared = left.saturating_sub(1);
        if table == Table::Providers {
            columns.subject = 9;
            columns.audience = shared.saturating_sub(10) * 2 / 5;
            columns.name = shared.saturating_sub(10) - columns.audience;
        } else if width >= SUBJECT {
            columns.audience = shared * 3 / 10;
            columns.subject = shared * 3 / 10;
            columns.name = shared.saturating_sub(columns.audience + columns.subject + 1);
        } else {
            columns.audience = shared * 9 / 20;
            columns.name = shared - columns.audience;
        }
        columns
    }

    /// A row of cells, a space between them.
    fn line(&self, theme: Theme, cells: [&str; 6]) -> String {
        let widths = [self.name, self.kind, self.audience, self.subject, self.rights, self.used];
        let shown = cells.into_iter().zip(widths).filter(|(_, width)| *width > 0);
        shown.map(|(text, width)| fit(theme, text, width) + " ").collect()
    }
}

/// Draws the heads and the rows that are in sight; returns how many come below them.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme, area: Rect) -> usize {
    let state = &app.review;
    let (table, pane) = (state.table, state.shown());
    let columns = Columns::of(table, usize::from(area.width));
    let heads = match table {
        Table::Roles => ["Role", "Issuer", "Audience", "Subject", "ECR", "Used"],
        Table::Users => ["User", "", "Keys", "Groups", "ECR", "Used"],
        Table::Providers => ["Provider", "Kind", "Audiences", "Roles", "", ""],
        Table::Account => ["Account", "", "", "", "", ""],
    };
    let head = format!("{}{}Find", " ".repeat(GUTTER), columns.line(theme, heads));
    put(frame, area, 0, Line::styled(head, theme.dim()));
    let list = below(area, 1);
    let shown = pane.listing.shown().len();
    let height = usize::from(list.height);
    let selected = pane.cursor.within(shown);
    let top = scroll(selected, shown, height);
    let more = shown.saturating_sub(top + height);
    for (n, i) in (0..).zip(top..shown.min(top + height)) {
        let Some((_, row)) = pane.listing.get(i) else { continue };
        let here = i == selected;
        let cursor = if here { theme.glyph(Glyph::Cursor) } else { " " };
        let mark = if state.choice.marks.contains(&row.key) { "*" } else { " " };
        let unread = if row.is_unread { "!" } else { " " };
        let used = row.used.words(state.choice.at);
        let rights = if columns.rights < RIGHTS[1] { most(&row.rights) } else { &row.rights };
        let cells: [&str; 6] = [&row.name, &row.kind, &row.audience, &row.subject, rights, &used];
        let style = if here { theme.selected() } else { theme.plain() };
        let mut spans = vec![
            Span::styled(format!("{cursor} "), theme.accent()),
            Span::styled(mark, theme.accent()),
            Span::styled(format!("{unread} "), theme.warning()),
            Span::styled(columns.line(theme, cells), style),
        ];
        spans.extend(letters(theme, row));
        put(frame, list, n, Line::from(spans));
        if here {
            frame.set_cursor_position(Position::new(list.x, list.y + n));
        }
    }
    more
}

/// The most that may be done, in one short word.
fn most(rights: &str) -> &str {
    match rights.rsplit(", ").next() {
        Some("administer") => "admin",
        Some("import") => "pull",
        Some(most) => most,
        None => rights,
    }
}

/// The findings as letters, each severity in its own place.
fn letters(theme: Theme, row: &Row) -> Vec<Span<'static>> {
    if row.worst().is_none() {
        let accepted = row.stands.accepted > 0;
        let sign = if accepted { "accepted" } else { theme.glyph(Glyph::Dot) };
        let pad = FINDINGS.saturating_sub(sign.width());
        return vec![Span::styled(format!("{}{sign}", " ".repeat(pad)), theme.dim())];
    }
    let mut spans: Vec<Span<'static>> = WORST_FIRST
        .into_iter()
        .map(|severity| {
            let has = row.count(severity) > 0;
            let letter = if has { letter(severity) } else { ' ' };
            Span::styled(format!("{letter} "), of_severity(theme, severity))
        })
        .collect();
    if row.count(Severity::Note) > 0 && row.worst() == Some(Severity::Note) {
        spans.pop();
        spans.push(Span::styled("n", theme.dim()));
    }
    spans
}
