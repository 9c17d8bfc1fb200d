//! Step: okteto.

use crate::app::keymap::Command;
use crate::app::step::Offer;
use crate::app::wizard::App;

/// The state of step 6.
#[derive(Debug, Default)]
pub struct State {}

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
