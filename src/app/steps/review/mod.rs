//! The review, beside the sequence of steps: roles, users, providers and the account, what is wrong with them, worst
//! first.

use crate::app::keymap::Command;
use crate::app::step::{Offer, Step};
use crate::app::task::{End, News};
use crate::app::wizard::App;

/// The state of the review.
#[derive(Debug, Default)]
pub struct State {
    /// The whole, once it was read.
    pub review: Option<std::sync::Arc<crate::domain::review::Review>>,
}

/// Opens it from wherever one is.
pub fn open(app: &mut App) {
    app.go_to(Step::Review);
}

/// It was entered.
pub fn enter(_app: &mut App) {}

/// Reads the account anew.
pub fn reread(_app: &mut App) {}

/// Rows and counts while the account is read.
pub fn news(_app: &mut App, _news: News) {}

/// The account was read, or something was written.
pub fn ended(_app: &mut App, _end: End) {}

/// What the keys do.
#[must_use]
pub fn offers(_app: &App) -> Vec<Offer> {
    vec![Offer::on(Command::Back, "back")]
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    if command == Command::Back {
        app.go_to(Step::Mode);
        return true;
    }
    false
}

/// The line above the keys.
#[must_use]
pub fn status(_app: &App) -> String {
    String::new()
}
