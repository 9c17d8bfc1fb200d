//! What can lie over a screen: at most one of them at a time.

use tui_input::Input as Line;

use super::keymap::Command;
use super::list::Cursor;
use super::search::Reading;
use super::step::Offer;

/// The topmost thing.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// The keys, of this screen first.
    Help {
        /// Scroll place and search.
        reading: Reading,
        /// What it covers and gives back as it was.
        under: Option<Box<Overlay>>,
    },
    /// The log of calls.
    Log(Reading),
    /// A text to read whole: an explanation, an error with all that was seen.
    Text(TextBox),
    /// A question; the only thing with a frame.
    Question(Question),
    /// A list to choose from, with a filter.
    Picker(Picker),
    /// A few lines to be filled in.
    Sheet(Sheet),
    /// Lines that lead another terminal to the practice account. They are put together when drawn: a key is among them.
    Exports(Reading),
}

impl Overlay {
    /// The help, over what lies there already.
    #[must_use]
    pub fn help(under: Option<Self>) -> Self {
        Self::Help { reading: Reading::default(), under: under.map(Box::new) }
    }

    /// Where one is in it, if it is a text.
    #[must_use]
    pub const fn reading(&self) -> Option<&Reading> {
        match self {
            Self::Help { reading, .. } | Self::Log(reading) | Self::Exports(reading) => {
                Some(reading)
            }
            Self::Text(text) => Some(&text.reading),
            Self::Question(_) | Self::Picker(_) | Self::Sheet(_) => None,
        }
    }

    /// Where one is in it, if it is a text.
    pub const fn reading_mut(&mut self) -> Option<&mut Reading> {
        match self {
            Self::Help { reading, .. } | Self::Log(reading) | Self::Exports(reading) => {
                Some(reading)
            }
            Self::Text(text) => Some(&mut text.reading),
            Self::Question(_) | Self::Picker(_) | Self::Sheet(_) => None,
        }
    }

    /// The list to choose from, also where the help covers it.
    pub fn picker_mut(&mut self) -> Option<&mut Picker> {
        match self {
            Self::Picker(picker) => Some(picker),
            Self::Help { under: Some(under), .. } => under.picker_mut(),
            _ => None,
        }
    }

    /// Whether printable keys are typed.
    #[must_use]
    pub fn is_typing(&self) -> bool {
        match self {
            Self::Question(question) => question.typing().is_some(),
            Self::Picker(picker) => picker.filtering,
            Self::Sheet(_) => true,
            text => text.reading().is_some_and(|r| r.search.typing),
        }
    }

    /// What the keys do.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer> {
        let reading = match self {
            Self::Question(_) => return Question::offers(),
            Self::Picker(picker) => return picker.offers(),
            Self::Sheet(sheet) => return sheet.offers(),
            Self::Help { reading, .. } | Self::Log(reading) | Self::Exports(reading) => reading,
            Self::Text(text) => &text.reading,
        };
        if reading.search.typing {
            return reading.offers();
        }
        let mut offers = vec![reading.back("close")];
        if matches!(self, Self::Text(_)) {
            offers.push(Offer::on(Command::Copy, "copy"));
            offers.push(Offer::on(Command::Print, "print"));
        }
        if matches!(self, Self::Exports(_)) {
            offers.push(Offer::on(Command::Copy, "copy all"));
            offers.push(Offer::on(Command::Reveal, "show the key"));
        }
        offers.extend(reading.offers());
        offers
    }
}

/// A text to read.
#[derive(Debug, Clone)]
pub struct TextBox {
    /// Its title.
    pub title: String,
    /// Its lines; wrapped when drawn.
    pub lines: Vec<String>,
    /// Scroll place and search.
    pub reading: Reading,
}

impl TextBox {
    /// A text box at its first line.
    pub fn new(title: impl Into<String>, lines: Vec<String>) -> Self {
        Self { title: title.into(), lines, reading: Reading::default() }
    }
}

/// What a question is about; decides what its answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// Leave the wizard?
    Leave,
    /// End at the last step, with a secret that is held only here?
    Finish,
    /// Apply the plan?
    Apply,
    /// Take the run back?
    Undo,
    /// Mend what the review found?
    Mend,
    /// Has Okteto got the new access key?
    OktetoHasIt,
    /// The caller is the account's root: go on?
    Root,
    /// The finding is accepted: is that taken back?
    Acceptance,
}

/// A question with choices. The first choice is the safe one and has the focus.
#[derive(Debug, Clone)]
pub struct Question {
    /// What it is about.
    pub matter: Matter,
    /// Its title, with the question mark.
    pub title: String,
    /// What it says.
    pub body: Vec<String>,
    /// The choices, the safe one first.
    pub choices: Vec<String>,
    /// Which has the focus. Beyond the choices: none, a name is being typed.
    pub chosen: usize,
    /// Names that must be typed before anything but the safe choice can be taken.
    pub names: Vec<TypedName>,
}

/// A name to be typed.
#[derive(Debug, Clone)]
pub struct TypedName {
    /// What must be typed.
    pub wanted: String,
    /// What was typed.
    pub line: Line,
}

impl Question {
    /// A question with its focus on the safe choice.
    pub fn new(
        matter: Matter,
        title: impl Into<String>,
        body: Vec<String>,
        choices: &[&str],
    ) -> Self {
        let choices = choices.iter().map(|&c| c.to_owned()).collect();
        Self { matter, title: title.into(), body, choices, chosen: 0, names: Vec::new() }
    }

    /// Asks for names to be typed first.
    #[must_use]
    pub fn with_names<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.names = names
            .into_iter()
            .map(|n| TypedName { wanted: n.to_owned(), line: Line::default() })
            .collect();
        self
    }

    /// Whether every name was typed to the letter.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.names.iter().all(|n| n.line.value() == n.wanted)
    }

    /// The first name that is not typed yet, by its index.
    #[must_use]
    pub fn next_name(&self) -> usize {
        self.names.iter().position(|n| n.line.value() != n.wanted).unwrap_or_default()
    }

    /// The name being typed: the parts are the choices, then the names.
    pub fn typing_mut(&mut self) -> Option<&mut TypedName> {
        let i = self.chosen.checked_sub(self.choices.len())?;
        self.names.get_mut(i)
    }

    /// Which name is being typed.
    #[must_use]
    pub fn typing(&self) -> Option<usize> {
        self.chosen.checked_sub(self.choices.len()).filter(|i| *i < self.names.len())
    }

    /// What the keys do.
    #[must_use]
    pub fn offers() -> Vec<Offer> {
        vec![
            Offer::on(Command::NextPart, "choose"),
            Offer::on(Command::Go, "press"),
            Offer::on(Command::Back, "back"),
        ]
    }

    /// Moves the focus over choices and names, wrapping.
    pub fn move_focus(&mut self, forward: bool) {
        let n = (self.choices.len() + self.names.len()).max(1);
        self.chosen = if forward { self.chosen + 1 } else { self.chosen + n - 1 } % n;
    }
}

/// What a picker's choice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picking {
    /// Repositories for the inline policy; several may be marked.
    PolicyRepositories,
    /// The repository of the image to pull.
    ImageRepository,
    /// The image of that repository.
    Image,
    /// How the review is exported.
    Format,
    /// With which token a role of the review is tested.
    Token,
    /// The answer to a question of an exercise. The title is the question.
    Answer,
}

/// A list with a filter.
#[derive(Debug, Clone)]
pub struct Picker {
    /// What for.
    pub picking: Picking,
    /// Its title.
    pub title: String,
    /// All rows: the value, and what is said beside it.
    pub rows: Vec<(String, String)>,
    /// Marked values, where several may be chosen.
    pub marked: Vec<String>,
    /// The filter; typing goes there while it is being edited.
    pub filter: Line,
    /// Whether typing goes to the filter.
    pub filtering: bool,
    /// Selected among the rows that pass the filter.
    pub cursor: Cursor,
    /// What to say while there are no rows: loading, failed, none.
    pub empty: String,
}

impl Picker {
    /// What the keys do.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer> {
        if self.picking == Picking::Answer {
            return vec![
                Offer::on(Command::Down, "choose"),
                Offer::on(Command::Go, "answer"),
                Offer::on(Command::Back, "back"),
            ];
        }
        let several = self.picking == Picking::PolicyRepositories;
        let mark = several.then(|| Offer::on(Command::Mark, "mark"));
        let others = [
            Offer::on(Command::Find, "filter"),
            Offer::on(Command::Go, "take"),
            Offer::on(Command::Back, "back"),
        ];
        mark.into_iter().chain(others).collect()
    }

    /// The rows that pass the filter.
    #[must_use]
    pub fn visible(&self) -> Vec<&(String, String)> {
        let filter = self.filter.value().to_lowercase();
        self.rows.iter().filter(|(v, _)| v.to_lowercase().contains(&filter)).collect()
    }
}

/// A few lines to be filled in. What is typed stays until it is taken.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Its title.
    pub title: String,
    /// What it says.
    pub body: Vec<String>,
    /// The lines.
    pub fields: Vec<SheetField>,
    /// Which line has the focus.
    pub at: usize,
}

/// A line of a sheet.
#[derive(Debug, Clone)]
pub struct SheetField {
    /// What it is called.
    pub name: &'static str,
    /// What was typed.
    pub line: Line,
    /// Why it cannot be taken, once that was tried.
    pub problem: Option<String>,
}

impl SheetField {
    /// A line with a text in it.
    #[must_use]
    pub fn new(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, line: Line::new(text.into()), problem: None }
    }
}

impl Sheet {
    /// What the keys do.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer> {
        let last = self.at + 1 == self.fields.len();
        vec![
            Offer::on(Command::NextPart, "next line"),
            Offer::on(Command::Go, if last { "take it" } else { "next line" }),
            Offer::on(Command::Back, "back"),
        ]
    }

    /// The line with the focus.
    pub fn focused_mut(&mut self) -> Option<&mut SheetField> {
        self.fields.get_mut(self.at)
    }

    /// Moves the focus, going round.
    pub fn move_focus(&mut self, forward: bool) {
        let n = self.fields.len().max(1);
        self.at = if forward { self.at + 1 } else { self.at + n - 1 } % n;
    }
}
