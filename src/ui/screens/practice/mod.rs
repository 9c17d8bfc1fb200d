//! Practice: the exercises, and the open one.

mod inside;
mod list;
mod quiet;

use ratatui::Frame;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::steps::practice::story::{Part, Voice};
use crate::app::wizard::App;
use crate::domain::exercise::goal::Standing;
use crate::ui::text::wrap;
use crate::ui::theme::{Glyph, Theme};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    match app.practice.inside() {
        Some(open) if app.practice.quiet => quiet::draw(frame, app, theme, open),
        Some(open) => inside::draw(frame, app, theme, open),
        None => list::draw(frame, app, theme),
    }
}

/// The right column's width, as on the other screens.
const SIDE: u16 = 42;

/// A part in lines of at most `width` cells.
fn lines(
    theme: Theme,
    part: &Part,
    standings: &[Standing],
    at: usize,
    width: usize,
) -> Vec<Line<'static>> {
    let style = style(theme, part.voice);
    let plain = |indent: &str, text: &str, style: Style| -> Vec<Line<'static>> {
        let rows = wrap(text, width.saturating_sub(indent.len()).max(1)).into_iter();
        rows.map(|row| Line::styled(format!("{indent}{row}"), style)).collect()
    };
    let under = 3 + theme.mark();
    match part.voice {
        Voice::Gap => vec![Line::default()],
        Voice::OfGoal => plain(&" ".repeat(under), &part.text, style),
        Voice::Goal(i) => {
            let is_met = standings.get(i) == Some(&Standing::Met);
            let (glyph, of_glyph) = if is_met {
                (theme.glyph(Glyph::Done), theme.good())
            } else {
                (theme.glyph(Glyph::ToCome), theme.dim())
            };
            let is_here = i == at;
            let cursor = if is_here { theme.glyph(Glyph::Cursor) } else { " " };
            let of_words = if is_here { theme.bold() } else { theme.plain() };
            let pad = theme.mark() + 1;
            let rows = wrap(&part.text, width.saturating_sub(under).max(1)).into_iter();
            rows.enumerate()
                .map(|(n, row)| {
                    if n > 0 {
                        return Line::styled(format!("{}{row}", " ".repeat(under)), of_words);
                    }
                    Line::from(vec![
                        Span::styled(format!("{cursor} "), theme.accent()),
                        Span::styled(format!("{glyph:pad$}"), of_glyph),
                        Span::styled(row, of_words),
                    ])
                })
                .collect()
        }
        Voice::Good => {
            let mark = theme.glyph(Glyph::Done);
            plain("", &format!("{mark} {}", part.text), style)
        }
        Voice::Bad => {
            let mark = theme.glyph(Glyph::Error);
            plain("", &format!("{mark} {}", part.text), style)
        }
        Voice::Command => plain("  ", &part.text, style),
        Voice::Head | Voice::Plain | Voice::Dim => plain("", &part.text, style),
    }
}

fn style(theme: Theme, voice: Voice) -> Style {
    match voice {
        Voice::Head => theme.bold(),
        Voice::Dim => theme.dim(),
        Voice::Good => theme.good().patch(theme.bold()),
        Voice::Bad => theme.bad(),
        _ => theme.plain(),
    }
}
