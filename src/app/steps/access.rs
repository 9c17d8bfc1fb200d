//! Step: access.

use crate::app::form::Form;
use crate::app::input::Key;
use crate::app::keymap::Command;
use crate::app::step::Offer;
use crate::app::task::End;
use crate::app::wizard::App;
use crate::domain::draft::Field;

/// The state of step 3.
#[derive(Debug)]
pub struct State {
    /// The text fields of the options.
    pub form: Form,
}

impl Default for State {
    fn default() -> Self {
        Self {
            form: Form::new(&[
                Field::Repositories,
                Field::Path,
                Field::Boundary,
                Field::Tags,
                Field::Description,
                Field::MaxSession,
            ]),
        }
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

/// A key for the open picker.
pub fn picker_key(app: &mut App, _: Key) {
    app.overlay = None;
}

/// The end of a task.
pub fn ended(_: &mut App, _: End) {}
