//! Mending what the review found, beside the sequence of steps: the calls are shown, one question, then exactly those are
//! sent.

use crate::app::keymap::Command;
use crate::app::step::{Offer, Step};
use crate::app::task::{End, News};
use crate::app::wizard::App;
use crate::domain::review::found::Found;

/// The state of mending.
#[derive(Debug, Default)]
pub struct State {}

/// Opens it for these findings.
pub fn open(app: &mut App, _wishes: Vec<Found>) {
    app.go_to(Step::Mend);
}

/// It was entered.
pub fn enter(_app: &mut App) {}

/// How it goes.
pub fn news(_app: &mut App, _news: News) {}

/// How it ended.
pub fn ended(_app: &mut App, _end: End) {}

/// What the keys do.
#[must_use]
pub fn offers(_app: &App) -> Vec<Offer> {
    vec![Offer::on(Command::Back, "back")]
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    if command == Command::Back {
        app.go_to(Step::Review);
        return true;
    }
    false
}

/// The line above the keys.
#[must_use]
pub fn status(_app: &App) -> String {
    String::new()
}
