//! Step: apply.

use crate::app::keymap::Command;
use crate::app::step::Offer;
use crate::app::task::{End, News};
use crate::app::wizard::App;
use crate::domain::arn::RoleArn;

/// The state of step 4.
#[derive(Debug, Default)]
pub struct State {}

impl State {
    /// What this run made so far, one phrase each.
    pub fn made(&self) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }
}

/// The role's ARN as AWS returned it, once it is known.
#[must_use]
pub const fn role_arn(_: &App) -> Option<RoleArn> {
    None
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

/// The question was answered with yes: carry out the plan.
pub fn begin(_: &mut App) {}

/// News from the task.
pub fn news(_: &mut App, _: News) {}

/// The end of a task.
pub fn ended(_: &mut App, _: End) {}
