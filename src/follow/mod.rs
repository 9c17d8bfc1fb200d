//! A second terminal that looks on: what travels to it.
//!
//! The wizard listens on a socket of its own ([`host`]); `okteto-ecr follow` connects to it and draws what comes
//! ([`viewer`]). What comes is the picture, drawn once more from the state with nothing revealed ([`Picture::of`]): a
//! secret that the operator looks at is not blotted out, it was never there. Nothing goes the other way.

pub mod host;
mod hush;
pub mod viewer;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};
use serde::{Deserialize, Serialize};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::app::wizard::App;
use crate::ui::theme::Theme;
use crate::ui::view;

/// The form of what travels.
const FORM: u8 = 1;

/// The largest picture: columns, rows. A larger window is followed in part.
const LARGEST: (u16, u16) = (500, 250);

/// More bytes than a picture can have: every cell in another style than the one before it.
const LONGEST: usize = 4 << 20;

/// Set beside the modifiers of a run that is part of an account number.
const ACCOUNT: u16 = 1 << 15;

/// The colours by their number on the wire; all others are the terminal's own.
const COLOURS: [Color; 17] = [
    Color::Reset,
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// A picture of the whole screen, as rows of runs of one style.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    v: u8,
    columns: u16,
    rows: u16,
    /// Column and row of the cursor, where it is shown.
    cursor: Option<(u16, u16)>,
    lines: Vec<Vec<Run>>,
}

/// Text of one style: text, the numbers of its two colours, its modifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Run(String, u8, u8, u16);

impl Picture {
    /// The picture of a state, without any secret: nothing is revealed in it, whatever is on the operator's own screen.
    #[must_use]
    pub fn of(app: &mut App, theme: Theme) -> Self {
        let (columns, rows) = app.size;
        let size = (columns.clamp(1, LARGEST.0), rows.clamp(1, LARGEST.1));
        app.concealed(|app| {
            let Ok(mut terminal) = Terminal::new(TestBackend::new(size.0, size.1));
            let Ok(_) = terminal.draw(|frame| {
                view::draw(frame, app, theme);
                hush::tokens(frame.buffer_mut());
            });
            let drawn = terminal.backend();
            let cursor = drawn.cursor_visible().then(|| drawn.cursor_position());
            Self::read(drawn.buffer(), cursor, view::account(app))
        })
    }

    /// What was drawn, and where the digits of account numbers are in it.
    fn read(buffer: &Buffer, cursor: Option<Position>, account: Option<&str>) -> Self {
        let Rect { width, height, .. } = buffer.area;
        let digits = view::digits_of_accounts(buffer, account);
        let row = |y: u16| {
            let mut runs: Vec<Run> = Vec::new();
            let mut x = 0;
            while let Some(cell) = buffer.cell((x, y)).filter(|_| x < width) {
                let (text, cells) = text(cell.symbol());
                // The digits come row by row, from left to right.
                let place = (y, x);
                let found = digits.binary_search_by_key(&place, |digit| (digit.y, digit.x));
                let mark = if found.is_ok() { ACCOUNT } else { 0 };
                put(&mut runs, &text, cell, mark);
                x = x.saturating_add(cells);
            }
            while runs.last_mut().is_some_and(is_blank) {
                runs.pop();
            }
            runs
        };
        Self {
            v: FORM,
            columns: width,
            rows: height,
            cursor: cursor.map(|at| (at.x, at.y)),
            lines: (0..height).map(row).collect(),
        }
    }

    /// Columns and rows.
    #[must_use]
    pub const fn size(&self) -> (u16, u16) {
        (self.columns, self.rows)
    }

    /// The cursor, where it is shown and within the picture.
    #[must_use]
    pub fn cursor(&self) -> Option<Position> {
        let within = |at: &(u16, u16)| at.0 < self.columns && at.1 < self.rows;
        self.cursor.filter(within).map(Position::from)
    }

    /// As it travels: one line.
    #[must_use]
    pub fn print(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }

    /// What came. It is data of somebody else's until here: the size is bounded.
    ///
    /// # Errors
    /// It is no picture, or none of this form.
    pub fn parse(line: &[u8]) -> Result<Self, Unreadable> {
        let picture: Self = serde_json::from_slice(line).map_err(|_| Unreadable)?;
        let within = |size: u16, largest: u16| (1..=largest).contains(&size);
        let rows = usize::from(picture.rows);
        let good = picture.v == FORM
            && within(picture.columns, LARGEST.0)
            && within(picture.rows, LARGEST.1)
            && picture.lines.len() <= rows;
        if good { Ok(picture) } else { Err(Unreadable) }
    }

    /// Draws it at the top left, as much of it as there is room for; with `mask` without account numbers. Only what can
    /// be seen is drawn: nothing in it steers a terminal.
    pub fn paint(&self, buffer: &mut Buffer, mask: bool) {
        let area = buffer.area;
        for (y, line) in (area.top()..area.bottom()).zip(&self.lines) {
            let mut x = area.left();
            for Run(text, front, back, modifiers) in line {
                let hidden = mask && modifiers & ACCOUNT != 0;
                let style = Style::default()
                    .fg(colour(*front))
                    .bg(colour(*back))
                    .add_modifier(Modifier::from_bits_truncate(*modifiers));
                for c in text.chars() {
                    let c = if hidden && c.is_ascii_digit() { 'x' } else { c };
                    x = put_char(buffer, x, y, c, style);
                }
            }
        }
        if mask {
            view::mask(buffer, None);
        }
    }
}

/// What came is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// Puts a character into its cells; says where the next one goes.
fn put_char(buffer: &mut Buffer, x: u16, y: u16, c: char, style: Style) -> u16 {
    let (c, cells) = match c.width() {
        // Neither what combines with its neighbour nor what cannot be seen is drawn.
        Some(0) => return x,
        Some(cells) => (c, u16::try_from(cells).unwrap_or(1)),
        None => (char::REPLACEMENT_CHARACTER, 1),
    };
    let next = x.saturating_add(cells);
    if next > buffer.area.right() {
        return buffer.area.right();
    }
    for x in x..next {
        if let Some(cell) = buffer.cell_mut((x, y)) {
            cell.reset();
            cell.set_style(style);
        }
    }
    if let Some(cell) = buffer.cell_mut((x, y)) {
        cell.set_char(c);
    }
    next
}

/// The text of a cell as it travels, and how many cells it takes: one character that is seen, and blanks where the symbol is
/// wider than that.
fn text(symbol: &str) -> (String, u16) {
    let seen = symbol.chars().find_map(|c| c.width().filter(|w| *w > 0).map(|w| (c, w)));
    let (c, own) = seen.unwrap_or((' ', 1));
    let cells = symbol.width().clamp(own, 2);
    let blanks = " ".repeat(cells - own);
    (format!("{c}{blanks}"), u16::try_from(cells).unwrap_or(1))
}

/// Adds a cell to the runs of a row.
fn put(runs: &mut Vec<Run>, text: &str, cell: &Cell, mark: u16) {
    let number = |colour: Color| {
        let at = COLOURS.iter().position(|named| *named == colour);
        at.and_then(|at| u8::try_from(at).ok()).unwrap_or(0)
    };
    let (front, back) = (number(cell.fg), number(cell.bg));
    let modifiers = cell.modifier.bits() | mark;
    match runs.last_mut() {
        Some(Run(so_far, f, b, m)) if (*f, *b, *m) == (front, back, modifiers) => {
            so_far.push_str(text);
        }
        _ => runs.push(Run(text.to_owned(), front, back, modifiers)),
    }
}

/// Takes the blanks off the end of a run that shows nothing else there; says whether nothing is left.
fn is_blank(run: &mut Run) -> bool {
    let Run(text, 0, 0, 0) = run else { return false };
    text.truncate(text.trim_end_matches(' ').len());
    text.is_empty()
}

fn colour(number: u8) -> Color {
    COLOURS.get(usize::from(number)).copied().unwrap_or(Color::Reset)
}

#[cfg(test)]
mod tests;
