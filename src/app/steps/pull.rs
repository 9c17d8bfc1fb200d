//! Step: pull.

use crate::app::form::Form;
use crate::app::input::Key;
use crate::app::keymap::Command;
use crate::app::step::Offer;
use crate::app::task::{End, News};
use crate::app::wizard::App;
use crate::domain::draft::Field;

/// The state of step 5.
#[derive(Debug)]
pub struct State {
    /// Image, platform, token file.
    pub form: Form,
}

impl Default for State {
    fn default() -> Self {
        Self { form: Form::new(&[Field::Image, Field::Platform, Field::TokenFile]) }
    }
}

impl State {
    /// The form, while one of its fields has the focus.
    #[must_use]
    pub fn form_in_focus(&self) -> Option<&Form> {
        None
    }

    /// The form, while one of its fields has the focus.
    pub fn form_in_focus_mut(&mut self) -> Option<&mut Form> {
        None
    }
}

/// What the keys do.
#[must_use]
pub fn offers(_: &App) -> Vec<Offer> {
    Vec::new()
}

/// Carries out a command.
pub fn command(_: &mut App, _: Command) -> bool {
    false
}

/// The step was entered.
pub fn enter(_: &mut App) {}

/// The line above the keys.
#[must_use]
pub fn status(_: &App) -> String {
    String::new()
}

/// A text field was edited.
pub fn edited(_: &mut App) {}

/// A paste that is not for a text field.
pub fn pasted(_: &mut App, _: &str) -> bool {
    false
}

/// A key for the open picker.
pub fn picker_key(app: &mut App, _: Key) {
    app.overlay = None;
}

/// News from the task.
pub fn news(_: &mut App, _: News) {}

/// The end of a task.
pub fn ended(_: &mut App, _: End) {}
