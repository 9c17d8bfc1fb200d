//! Practice, beside the sequence of steps: the exercises, the open one and its goals.

pub mod open;
pub mod record;

pub use self::open::Open;

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::keymap::Command;
use crate::app::step::{Offer, Step};
use crate::app::task::{End, News};
use crate::app::wizard::{App, Lessons};
use crate::domain::exercise::Exercise;
use crate::domain::exercise::progress::Progress;
use crate::domain::fault::Fault;

/// Where one is in practice. It outlives the account: another exercise changes everything else.
#[derive(Debug, Default)]
pub struct State {
    /// The exercises; the first is the set-up, guided.
    pub exercises: Vec<Arc<Exercise>>,
    /// Which of them the cursor stands on.
    pub at: usize,
    /// How far the learner is.
    pub progress: Progress,
    /// Why that could not be read or kept.
    pub fault: Option<Fault>,
    /// The exercise whose world is in the account's place.
    pub open: Option<Open>,
    /// The exercises that were opened in this session before it, as they were left.
    pub before: Vec<Open>,
    /// Whether the open exercise is shown, and not the list.
    pub is_inside: bool,
    /// Whether the trainer's notes are shown.
    pub notes: bool,
    /// Large and quiet, for a room.
    pub quiet: bool,
    /// Where the record of this session is, once it was written.
    pub record: Option<PathBuf>,
    /// Where it was entered from.
    pub from: Option<Step>,
}

impl State {
    /// Nothing opened yet.
    #[must_use]
    pub fn of(lessons: &Lessons) -> Self {
        Self {
            exercises: lessons.exercises.clone(),
            progress: lessons.progress.clone(),
            fault: lessons.fault.clone(),
            ..Self::default()
        }
    }
}

/// Opens it from wherever one is.
pub fn open(app: &mut App) {
    if app.step != Step::Practice {
        app.practice.from = Some(app.step);
    }
    app.go_to(Step::Practice);
}

/// It was entered.
pub fn enter(app: &mut App) {
    app.practice.is_inside = app.practice.open.is_some();
}

/// What leads other programs to the practice account.
pub fn show_exports(_: &mut App) {}

/// What the keys do.
#[must_use]
pub fn offers(_: &App) -> Vec<Offer> {
    vec![Offer::on(Command::Down, "choose"), Offer::on(Command::Go, "open")]
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    match command {
        Command::Go => open::begin(app, app.practice.at),
        Command::Export => record::write(app),
        _ => return false,
    }
    true
}

/// The line above the keys.
#[must_use]
pub fn status(_: &App) -> String {
    String::new()
}

/// How far the goals are.
pub fn news(app: &mut App, news: News) {
    if let (News::Goals(standings, trail), Some(open)) = (news, &mut app.practice.open) {
        record::note(open, &standings);
        (open.told, open.trail) = (standings, trail);
    }
}

/// Something for practice ended.
pub fn ended(app: &mut App, end: End) {
    match end {
        End::ExerciseOpened(result) => open::opened(app, result.map(|draft| *draft)),
        End::RecordWritten(result) => record::written(app, result),
        _ => {}
    }
}
