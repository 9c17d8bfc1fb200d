//! The text of the help: what stands in the focused field, the keys of this screen, all keys.

use super::keymap::{self, Binding, TABLE};
use super::overlay::Overlay;
use super::step::Offer;
use super::steps::story;
use super::wizard::App;

/// What text fields do with the keys of readline.
const IN_FIELDS: &str = "In text fields: Ctrl-A/E ends, Ctrl-W/U/K delete, Alt-B/F words, Ctrl-_ undo, right arrow at the end takes the suggestion, h j k l are letters.";

/// A row of the help.
#[derive(Debug, Clone)]
pub enum Row {
    /// A title.
    Title(String),
    /// Words; none make an empty row.
    Words(String),
    /// What a key does on this screen, or why it does not now.
    Offer(Offer),
    /// What a key does everywhere.
    Key(&'static Binding),
}

impl Row {
    /// The row as it is searched.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Title(text) | Self::Words(text) => text.clone(),
            Self::Offer(offer) => {
                let why = offer.refused.as_deref().unwrap_or_default();
                format!("{} {} {why}", keymap::label(offer.command), offer.words)
            }
            Self::Key(binding) => format!("{} {}", binding.label, binding.meaning),
        }
    }
}

/// The rows: of what the help lies over first, then all keys.
#[must_use]
pub fn rows(app: &App, under: Option<&Overlay>) -> Vec<Row> {
    let gap = || Row::Words(String::new());
    let mut rows = Vec::new();
    let fields = if under.is_none() { story::of_field(app) } else { Vec::new() };
    for (title, words) in fields {
        rows.push(Row::Title(title));
        rows.extend(words.into_iter().map(Row::Words));
        rows.push(gap());
    }
    rows.push(Row::Title("On this screen".to_owned()));
    let offers = under.map_or_else(|| app.offers(), Overlay::offers);
    rows.extend(offers.into_iter().map(Row::Offer));
    rows.push(gap());
    rows.push(Row::Title("Everywhere".to_owned()));
    rows.extend(TABLE.iter().map(Row::Key));
    rows.push(gap());
    rows.push(Row::Words(IN_FIELDS.to_owned()));
    rows
}
