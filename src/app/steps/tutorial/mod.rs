//! The tutorial as it is printed, beside what is sent.

use std::collections::BTreeMap;

use crate::app::keymap::Command;
use crate::app::step::{Offer, Step};
use crate::app::task::End;
use crate::app::wizard::App;
use crate::domain::tutorial::Said;

/// Where one is in it.
#[derive(Debug, Default)]
pub struct State {
    /// Which passage the cursor stands on.
    pub at: usize,
    /// What the practice account said, by the passage's index.
    pub said: BTreeMap<usize, Vec<Said>>,
    /// Where it was entered from.
    pub from: Option<Step>,
}

/// Opens it from wherever one is.
pub fn open(app: &mut App) {
    if app.step != Step::Tutorial {
        app.tutorial.from = Some(app.step);
    }
    app.go_to(Step::Tutorial);
}

/// It was entered.
pub fn enter(_: &mut App) {}

/// What the keys do.
#[must_use]
pub fn offers(_: &App) -> Vec<Offer> {
    Vec::new()
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    if command == Command::Down {
        app.tutorial.at += 1;
        return true;
    }
    false
}

/// The line above the keys.
#[must_use]
pub fn status(_: &App) -> String {
    String::new()
}

/// The practice account answered.
pub fn ended(_: &mut App, _: End) {}
