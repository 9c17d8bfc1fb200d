//! Text fields: what is typed, where it came from, when its verdict may be shown.

use std::time::Duration;

use tui_input::{Input as Line, InputRequest};

use super::input::{Code, Key};
use crate::domain::draft::{Draft, Field, Verdict};
use crate::domain::moment::Moment;
use crate::domain::problem::Problem;

/// How long the hands must rest before an error is shown in a field that was not left (ux F3).
pub const REST: Duration = Duration::from_millis(600);
/// How many steps back a field remembers (ux F14 asks for 50).
const UNDO_STEPS: usize = 100;

/// Where a field's value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nobody gave one.
    Nowhere,
    /// Typed or pasted; never overwritten by something detected later.
    Typed,
    /// The tutorial's value.
    Tutorial,
    /// The discovery document of the kubeconfig's cluster.
    Cluster,
    /// The AWS environment: `AWS_REGION`, `the profile`, …
    Aws(&'static str),
    /// The answers of the last run.
    LastTime,
    /// What the open exercise begins with.
    Exercise,
}

impl Source {
    /// The words at the right of the field's name.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nowhere => "",
            Self::Typed => "typed",
            Self::Tutorial => "from the tutorial",
            Self::Cluster => "from the cluster",
            Self::Aws(place) => place,
            Self::LastTime => "from last time",
            Self::Exercise => "from the exercise",
        }
    }
}

/// One text field.
#[derive(Debug, Clone)]
pub struct TextField {
    /// Which.
    pub field: Field,
    /// The text and the cursor in it.
    pub line: Line,
    /// Where the text came from.
    pub source: Source,
    /// What was taken off a paste.
    pub notes: Vec<String>,
    /// Why the last paste was not taken; it changed nothing.
    pub refused: Option<Problem>,
    /// Since when the text is as it is; `None` once the field was left.
    edited: Option<Moment>,
    undo: Vec<String>,
}

impl TextField {
    /// An empty field.
    #[must_use]
    pub fn new(field: Field) -> Self {
        Self {
            field,
            line: Line::default(),
            source: Source::Nowhere,
            notes: Vec::new(),
            refused: None,
            edited: None,
            undo: Vec::new(),
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.line.value()
    }

    /// Fills the field with something found, unless the operator has typed in it, now or last time, or an exercise begins
    /// with it.
    pub fn fill(&mut self, text: &str, source: Source) {
        let theirs = matches!(self.source, Source::Typed | Source::LastTime | Source::Exercise);
        if !theirs && !text.is_empty() {
            self.line = Line::new(text.to_owned());
            self.source = source;
        }
    }

    /// Edits by a key. Says whether the key was for the field.
    pub fn key(&mut self, key: Key, now: Moment) -> bool {
        if matches!(key, Key { code: Code::Char('_' | '7' | '/'), ctrl: true, .. }) {
            if let Some(text) = self.undo.pop() {
                self.line = Line::new(text);
                self.edited = Some(now);
            }
            return true;
        }
        let Some(request) = request(key) else { return false };
        let before = self.text().to_owned();
        self.refused = None;
        self.line.handle(request);
        self.changed_from(before, now);
        true
    }

    /// Takes a paste as one act: understood for this field, or inserted as it is on one line with the reason shown.
    pub fn paste(&mut self, text: &str, now: Moment) {
        let before = self.text().to_owned();
        match self.field.understand(text) {
            Ok(understood) => {
                if before.is_empty() || !understood.notes.is_empty() || self.source != Source::Typed
                {
                    self.line = Line::new(understood.value);
                } else {
                    for c in understood.value.chars() {
                        self.line.handle(InputRequest::InsertChar(c));
                    }
                }
                self.changed_from(before, now);
                self.refused = None;
                self.notes = understood.notes;
            }
            // Nothing typed is lost: a paste that cannot be meant changes nothing and says why.
            Err(problem) => self.refused = Some(problem),
        }
    }

    /// The field is left: what stands in it is understood, and its verdict may be shown.
    pub fn leave(&mut self) {
        self.edited = None;
        self.refused = None;
        if let Ok(understood) = self.field.understand(self.text())
            && understood.value != self.text()
        {
            self.undo.push(self.text().to_owned());
            self.line = Line::new(understood.value);
            self.notes = understood.notes;
        }
    }

    /// Whether the field was left, or the hands have rested.
    #[must_use]
    pub fn is_resting(&self, now: Moment) -> bool {
        self.edited.is_none_or(|at| now.since(at) >= REST)
    }

    /// The verdict as far as it may be shown now: errors only once the field was left or the hands rested.
    #[must_use]
    pub fn verdict(&self, draft: &Draft, now: Moment) -> Option<Verdict> {
        let verdict = draft.judge(self.field);
        match verdict {
            Verdict::Wrong(_) | Verdict::Warning(_) if !self.is_resting(now) => None,
            other => Some(other),
        }
    }

    /// When the verdict will change by time alone.
    #[must_use]
    pub fn due(&self, now: Moment) -> Option<Duration> {
        self.edited.map(|at| REST.saturating_sub(now.since(at))).filter(|left| !left.is_zero())
    }

    /// Whether the cursor stands behind the last character.
    #[must_use]
    pub fn at_end(&self) -> bool {
        self.line.cursor() == self.text().chars().count()
    }

    /// Puts a suggestion in place of the text.
    pub fn take(&mut self, text: &str, now: Moment) {
        let before = self.text().to_owned();
        self.line = Line::new(text.to_owned());
        self.changed_from(before, now);
    }

    fn changed_from(&mut self, before: String, now: Moment) {
        if before != self.text() {
            self.source = Source::Typed;
            self.notes.clear();
            self.refused = None;
            self.edited = Some(now);
            self.undo.push(before);
            if self.undo.len() > UNDO_STEPS {
                self.undo.remove(0);
            }
        }
    }
}

/// What a key does in a text field: the keys of readline.
#[must_use]
pub fn request(key: Key) -> Option<InputRequest> {
    use InputRequest as R;
    if let Some(c) = key.typed() {
        return Some(R::InsertChar(c));
    }
    Some(match (key.code, key.ctrl, key.alt) {
        (Code::Left, false, false) => R::GoToPrevChar,
        (Code::Right, false, false) => R::GoToNextChar,
        (Code::Left, ..) | (Code::Char('b'), false, true) => R::GoToPrevWord,
        (Code::Right, ..) | (Code::Char('f'), false, true) => R::GoToNextWord,
        (Code::Home, ..) | (Code::Char('a'), true, _) => R::GoToStart,
        (Code::End, ..) | (Code::Char('e'), true, _) => R::GoToEnd,
        (Code::Backspace, false, false) | (Code::Char('h'), true, _) => R::DeletePrevChar,
        (Code::Backspace, ..) | (Code::Char('w'), true, _) => R::DeletePrevWord,
        (Code::Delete, false, false) | (Code::Char('d'), true, _) => R::DeleteNextChar,
        (Code::Char('u'), true, _) => R::DeleteFromStart,
        (Code::Char('k'), true, _) => R::DeleteTillEnd,
        _ => return None,
    })
}

/// A column of text fields, one of which has the focus.
#[derive(Debug, Clone)]
pub struct Form {
    /// Those that are shown in reading order, then those that are not asked for now and keep what was typed.
    pub fields: Vec<TextField>,
    /// How many are shown.
    shown: usize,
    /// Index of the focused one.
    pub focus: usize,
}

impl Form {
    /// A form of empty fields.
    #[must_use]
    pub fn new(fields: &[Field]) -> Self {
        let fields: Vec<_> = fields.iter().copied().map(TextField::new).collect();
        Self { shown: fields.len(), fields, focus: 0 }
    }

    /// Shows these fields, in this order; the others keep what was typed.
    pub fn show(&mut self, fields: &[Field]) {
        let place = |field: &TextField| fields.iter().position(|f| *f == field.field);
        let focused = self.focused().map(|field| field.field);
        self.fields.sort_by_key(|field| place(field).unwrap_or(usize::MAX));
        self.shown = self.fields.iter().filter(|field| place(field).is_some()).count();
        let at = self.shown().iter().position(|field| Some(field.field) == focused);
        self.focus = at.unwrap_or(0);
    }

    /// The fields that are shown, in reading order.
    #[must_use]
    pub fn shown(&self) -> &[TextField] {
        self.fields.get(..self.shown).unwrap_or_default()
    }

    /// The field of this kind.
    pub fn get_mut(&mut self, field: Field) -> Option<&mut TextField> {
        self.fields.iter_mut().find(|f| f.field == field)
    }

    /// The field of this kind.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&TextField> {
        self.fields.iter().find(|f| f.field == field)
    }

    /// The focused field.
    #[must_use]
    pub fn focused(&self) -> Option<&TextField> {
        self.fields.get(self.focus)
    }

    /// The focused field.
    pub fn focused_mut(&mut self) -> Option<&mut TextField> {
        self.fields.get_mut(self.focus)
    }

    /// Moves the focus, wrapping; the field that is left is settled.
    pub fn move_focus(&mut self, forward: bool) {
        if let Some(field) = self.focused_mut() {
            field.leave();
        }
        let n = self.shown.max(1);
        self.focus = if forward { self.focus + 1 } else { self.focus + n - 1 } % n;
    }

    /// Puts the focus on a field.
    pub fn focus_on(&mut self, field: Field) {
        if let Some(i) = self.shown().iter().position(|f| f.field == field) {
            if let Some(old) = self.focused_mut() {
                old.leave();
            }
            self.focus = i;
        }
    }

    /// What seems to be from last time is what the exercise begins with.
    pub fn of_exercise(&mut self) {
        for field in self.fields.iter_mut().filter(|field| field.source == Source::LastTime) {
            field.source = Source::Exercise;
        }
    }

    /// Settles the focused field, as when the step is left.
    pub fn leave(&mut self) {
        if let Some(field) = self.focused_mut() {
            field.leave();
        }
    }

    /// Copies the texts into the draft.
    pub fn write_to(&self, draft: &mut Draft) {
        for field in &self.fields {
            if field.text().is_empty() {
                draft.texts.remove(&field.field);
            } else {
                draft.texts.insert(field.field, field.text().to_owned());
            }
        }
    }

    /// When the soonest verdict is due.
    #[must_use]
    pub fn due(&self, now: Moment) -> Option<Duration> {
        self.fields.iter().filter_map(|f| f.due(now)).min()
    }
}
