//! Practice, beside the sequence of steps: the exercises, the open one and its goals.

pub mod answer;
pub mod exports;
pub mod guide;
pub mod keep;
pub mod open;
pub mod record;
pub mod story;
#[cfg(test)]
mod tests;

pub use self::open::Open;

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::keymap::Command;
use crate::app::list::Cursor;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::step::{Offer, Step};
use crate::app::task::{End, News};
use crate::app::wizard::{App, Lessons};
use crate::domain::exercise::Exercise;
use crate::domain::exercise::goal::By;
use crate::domain::exercise::progress::Progress;
use crate::domain::fault::Fault;

/// Rows that a page key moves by.
const PAGE: usize = 6;

/// Where one is in practice. It outlives the account: another exercise changes everything else.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, with a key of its own"
)]
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
    /// It changed again while it was being written.
    unkept: bool,
    /// The exercise whose world is in the account's place.
    pub open: Option<Open>,
    /// Every goal of it was met once since it was opened: what is told afterwards stays, whatever becomes of the goals.
    pub was_done: bool,
    /// The exercises that were opened in this session before it, as they were left.
    pub before: Vec<Open>,
    /// Whether the open exercise is shown, and not the list.
    pub is_inside: bool,
    /// The first row in sight, once the text was moved; before that the selected goal is kept in sight.
    pub scroll: Option<usize>,
    /// Whether the trainer's notes are shown.
    pub notes: bool,
    /// Large and quiet, for a room.
    pub quiet: bool,
    /// Where the record of this session is, once it was written.
    pub record: Option<PathBuf>,
    /// Which goal the question on screen belongs to.
    asked: usize,
    /// In the quiet layout, whether the story is shown and not the goal at hand.
    pub tells: bool,
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

    /// The exercise under the cursor of the list.
    #[must_use]
    pub fn selected(&self) -> Option<&Arc<Exercise>> {
        self.exercises.get(self.at)
    }

    /// The place of an exercise in the list.
    #[must_use]
    pub fn place(&self, exercise: &Exercise) -> Option<usize> {
        self.exercises.iter().position(|one| one.name == exercise.name)
    }

    /// The open exercise, where the screen shows it.
    #[must_use]
    pub fn inside(&self) -> Option<&Open> {
        self.open.as_ref().filter(|_| self.is_inside)
    }

    /// Whether the open exercise is the set-up, guided.
    #[must_use]
    pub fn is_guided(&self) -> bool {
        self.open.as_ref().is_some_and(|open| self.place(&open.exercise) == Some(0))
    }
}

/// Opens it from wherever one is.
pub fn open(app: &mut App) {
    let leads_back = match app.step {
        Step::Practice => true,
        Step::Review => app.review.from == Some(Step::Practice),
        Step::Tutorial => app.tutorial.from == Some(Step::Practice),
        _ => false,
    };
    // What was entered from here is no place to go back to: that would go round in a circle.
    if !leads_back {
        app.practice.from = Some(app.step);
    }
    app.go_to(Step::Practice);
}

/// It was entered.
pub fn enter(app: &mut App) {
    app.practice.is_inside = app.practice.open.is_some();
    app.practice.scroll = None;
    // Whoever comes from a step in the open asks for the learner's page, not for the trainer's.
    app.practice.notes = false;
}

/// Whether there is a right column.
#[must_use]
pub const fn is_wide(app: &App) -> bool {
    app.size.0 >= 100
}

/// Where Enter on the account's goals and Esc lead: where one came from, else the first step.
fn way_back(app: &App) -> Step {
    app.practice.from.unwrap_or(Step::Mode)
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let state = &app.practice;
    let mut offers = match state.inside() {
        Some(open) if state.quiet => return quiet_offers(app, open),
        Some(open) => inside_offers(app, open),
        None => list_offers(app),
    };
    offers.push(Offer::on(Command::Review, "review"));
    offers.push(Offer::on(Command::PullTest, "pull test"));
    offers.push(Offer::on(Command::Tutorial, "tutorial"));
    let again = "start over";
    offers.push(match refused(app) {
        None => Offer::on(Command::StartOver, again),
        Some(why) => Offer::off(Command::StartOver, again, why),
    });
    offers.push(if state.open.is_some() {
        Offer::on(Command::Trainer, "trainer's notes")
    } else {
        Offer::off(Command::Trainer, "trainer's notes", NONE_OPEN)
    });
    offers.push(if state.inside().is_some() {
        Offer::on(Command::Quiet, "large and quiet")
    } else {
        Offer::off(Command::Quiet, "large and quiet", "It is for an exercise: go inside one first.")
    });
    if state.inside().is_some() && state.from.is_none() {
        offers.push(Offer::on(Command::Practice, "list"));
    }
    offers.push(Offer::on(Command::Exports, "lines for another terminal"));
    offers.push(Offer::on(Command::Export, "record"));
    offers
}

const NONE_OPEN: &str = "No exercise is open: Enter opens the selected one.";

/// Why the open exercise cannot be started over.
fn refused(app: &App) -> Option<String> {
    if app.practice.open.is_none() {
        return Some(NONE_OPEN.to_owned());
    }
    open::obstacle(app)
}

fn list_offers(app: &App) -> Vec<Offer> {
    let state = &app.practice;
    let is_open = state.selected().is_some_and(|one| is_open(app, one));
    let mut offers = vec![Offer::on(Command::Down, "choose")];
    offers.push(match open::obstacle(app) {
        _ if is_open => Offer::on(Command::Go, "go inside"),
        _ if state.exercises.is_empty() => {
            Offer::off(Command::Go, "open", "There is no exercise here.")
        }
        None => Offer::on(Command::Go, "open"),
        Some(why) => Offer::off(Command::Go, "open", why),
    });
    offers.push(Offer::on(Command::Back, back_words(app)));
    offers.push(Offer::on(Command::Explain, "the story"));
    offers.push(if state.open.is_some() {
        Offer::on(Command::Practice, "the open one")
    } else {
        Offer::off(Command::Practice, "the open one", NONE_OPEN)
    });
    offers.push(Offer::off(Command::Hint, "hint", "Hints are inside an exercise."));
    offers
}

fn inside_offers(app: &App, open: &Open) -> Vec<Offer> {
    let mut offers = vec![Offer::on(Command::Down, "goal"), go(app, open), hint(open)];
    let back = if app.practice.from.is_some() { back_words(app) } else { "list".to_owned() };
    offers.push(Offer::on(Command::Back, back));
    // Where Esc leads to the list itself, the footer needs the room for others.
    if app.practice.from.is_some() {
        offers.push(Offer::on(Command::Practice, "list"));
    }
    offers.push(Offer::on(Command::Explain, "all of it"));
    offers.push(Offer::on(Command::PageDown, "scroll"));
    offers
}

/// Few keys, to be read from the back of a room.
fn quiet_offers(app: &App, open: &Open) -> Vec<Offer> {
    let words = if app.practice.tells { "the goal" } else { "the story" };
    vec![
        Offer::on(Command::Down, "goal"),
        go(app, open),
        hint(open),
        Offer::on(Command::Explain, words),
        Offer::on(Command::Quiet, "as usual"),
    ]
}

fn go(app: &App, open: &Open) -> Offer {
    match open.exercise.goals.get(open.at).map(|goal| &goal.by) {
        Some(By::Answer(_)) => Offer::on(Command::Go, "answer"),
        _ => Offer::on(Command::Go, back_words(app)),
    }
}

fn hint(open: &Open) -> Offer {
    if open.hints < open.exercise.hints.len() {
        Offer::on(Command::Hint, "hint")
    } else {
        Offer::off(Command::Hint, "hint", "All hints are shown.")
    }
}

/// `to step 1`
fn back_words(app: &App) -> String {
    let step = way_back(app);
    if step.is_in_sequence() {
        return format!("to step {}", step.number());
    }
    format!("to {}", step.name().to_lowercase())
}

/// Whether an exercise is the open one.
#[must_use]
pub fn is_open(app: &App, exercise: &Exercise) -> bool {
    app.practice.open.as_ref().is_some_and(|open| open.exercise.name == exercise.name)
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    match command {
        Command::Export => record::write(app),
        Command::PullTest => app.go_to(Step::Pull),
        Command::StartOver => open::start_over(app),
        Command::Practice => {
            app.practice.is_inside = !app.practice.is_inside && app.practice.open.is_some();
            app.practice.scroll = None;
        }
        _ if app.practice.inside().is_some() => return command_inside(app, command),
        _ => return command_in_list(app, command),
    }
    true
}

fn command_in_list(app: &mut App, command: Command) -> bool {
    let mut cursor = Cursor { row: app.practice.at };
    if cursor.command(command, app.practice.exercises.len(), PAGE) {
        app.practice.at = cursor.row;
        return true;
    }
    match command {
        Command::Go => match app.practice.selected() {
            Some(selected) if is_open(app, selected) => {
                app.practice.is_inside = true;
                app.practice.scroll = None;
            }
            _ => open::begin(app, app.practice.at),
        },
        Command::Back => app.go_to(way_back(app)),
        Command::Explain => {
            let Some(selected) = app.practice.selected() else { return true };
            let (title, parts) = (selected.title.clone(), story::of_selected(app));
            show(app, title, &parts);
        }
        _ => return false,
    }
    true
}

fn command_inside(app: &mut App, command: Command) -> bool {
    let state = &mut app.practice;
    let Some(open) = &mut state.open else { return false };
    match command {
        Command::Up | Command::Down => {
            let mut cursor = Cursor { row: open.at };
            cursor.command(command, open.exercise.goals.len(), PAGE);
            open.at = cursor.row;
            (state.scroll, state.tells) = (None, false);
        }
        Command::PageUp | Command::PageDown | Command::First | Command::Last => {
            let rows = story::rows(app);
            let mut cursor = Cursor { row: app.practice.scroll.unwrap_or(0) };
            cursor.command(command, rows, PAGE);
            app.practice.scroll = Some(cursor.row);
        }
        Command::Go => match open.exercise.goals.get(open.at).map(|goal| &goal.by) {
            Some(By::Answer(_)) => answer::ask(app),
            _ => app.go_to(way_back(app)),
        },
        Command::Hint => {
            open.hints = (open.hints + 1).min(open.exercise.hints.len());
            // The newest stands at the end.
            state.tells = false;
            keep::note(app);
            app.practice.scroll = Some(story::rows(app));
        }
        Command::Back if state.quiet => state.quiet = false,
        Command::Back if state.from.is_some() => app.go_to(way_back(app)),
        Command::Back => state.is_inside = false,
        Command::Quiet => {
            state.quiet = !state.quiet;
            state.tells = state.quiet;
            state.scroll = None;
        }
        Command::Explain if state.quiet => state.tells = !state.tells,
        Command::Explain => {
            let title = story::title(app);
            let parts = story::whole(app);
            show(app, title, &parts);
        }
        Command::Trainer => notes(app),
        _ => return false,
    }
    true
}

/// Shows the trainer's notes, or hides them: beside the exercise where there is room, else over the screen.
pub fn notes(app: &mut App) {
    if app.practice.open.is_none() {
        return app.remark("No exercise is open: O leads to them.");
    }
    let beside = app.step == Step::Practice && app.practice.is_inside && !app.practice.quiet;
    if beside && is_wide(app) {
        app.practice.notes = !app.practice.notes;
        return;
    }
    let parts = story::notes(app);
    show(app, "For the trainer: F2 hides it".to_owned(), &parts);
}

/// A text over the screen, broken so that each of its rows can be scrolled to.
fn show(app: &mut App, title: String, parts: &[story::Part]) {
    let width = usize::from(app.size.0).saturating_sub(8).max(20);
    let rows = parts.iter().flat_map(|part| part.rows(width)).collect();
    app.overlay = Some(Overlay::Text(TextBox::new(title, rows)));
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    let is_coming = app.practice.open.as_ref().is_some_and(|open| open.is_coming);
    if is_coming {
        return "The account of this exercise is being put into place.".to_owned();
    }
    "A made-up account in here. No call leaves this machine.".to_owned()
}

/// How far the goals are.
pub fn news(app: &mut App, news: News) {
    let (News::Goals(standings, trail), Some(open)) = (news, &mut app.practice.open) else {
        return;
    };
    let (before, is_first) = (open.standings(), open.told.is_empty());
    record::note(open, &standings);
    (open.told, open.trail) = (standings, trail);
    keep::settle(app, &before, is_first);
}

/// Something for practice ended.
pub fn ended(app: &mut App, end: End) {
    match end {
        End::ExerciseOpened(result) => open::opened(app, result.map(|draft| *draft)),
        End::RecordWritten(result) => record::written(app, result),
        End::ProgressKept(result) => keep::kept(app, result),
        _ => {}
    }
}
