//! The tutorial as it is printed, beside what is sent, and what the practice account answers to what is printed.

mod beside;
pub mod story;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use self::beside::{is_answered, sent};
use crate::app::keymap::Command;
use crate::app::list::Cursor;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::slot::Slot;
use crate::app::step::{Offer, Step};
use crate::app::task::{End, Job};
use crate::app::wizard::App;
use crate::domain::draft::Mode;
use crate::domain::tutorial::{self, Part, Passage, Said};

/// Rows that a page key moves by.
const PAGE: usize = 8;

/// What of a passage is in sight where one column has to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pane {
    /// As printed, with its defects.
    #[default]
    Printed,
    /// What is sent in its place.
    Sent,
    /// What the practice account answers to the printed.
    Answers,
}

impl Pane {
    /// In the order of the key.
    const ALL: [Self; 3] = [Self::Printed, Self::Sent, Self::Answers];

    /// The one that is so many places further, going round.
    fn on(self, places: usize) -> Self {
        let at = Self::ALL.iter().position(|pane| *pane == self).unwrap_or_default();
        Self::ALL[(at + places) % Self::ALL.len()]
    }
}

/// Where one is in it.
#[derive(Debug, Default)]
pub struct State {
    /// Which passage the cursor stands on.
    pub at: usize,
    /// Which of its defects is told.
    pub defect: usize,
    /// What is in sight where one column has to do.
    pub pane: Pane,
    /// The line of the pane that is kept in sight.
    pub line: Cursor,
    /// What the practice account said, by the indexes of passage and trial.
    pub said: BTreeMap<(usize, usize), Said>,
    /// What it is being asked.
    pub asking: Option<(usize, usize)>,
    /// Where it was entered from.
    pub from: Option<Step>,
}

/// The passage that the cursor stands on.
#[must_use]
pub fn passage(app: &App) -> Option<&'static Passage> {
    tutorial::passages().nth(app.tutorial.at)
}

/// Opens it from wherever one is, at the passage that belongs there.
pub fn open(app: &mut App) {
    if app.step != Step::Tutorial {
        app.tutorial.from = Some(app.step);
        if let Some(part) = part_of(app.step, app.draft.mode) {
            go(app, tutorial::place(part));
        }
    }
    app.go_to(Step::Tutorial);
}

/// What of the tutorial a step is about.
const fn part_of(step: Step, mode: Mode) -> Option<Part> {
    Some(match (step, mode) {
        (Step::Mode | Step::Identity, Mode::Oidc) => Part::Identity,
        (Step::Access, Mode::Oidc) => Part::Trust,
        (Step::Apply, Mode::Oidc) => Part::Provider,
        (Step::Okteto, Mode::Oidc) => Part::RoleValues,
        (Step::Mode | Step::Identity | Step::Apply, Mode::IamUser) => Part::User,
        (Step::Access, Mode::IamUser) => Part::UserPolicy,
        (Step::Okteto, Mode::IamUser) => Part::UserValues,
        (Step::Rotation, _) => Part::AccessKey,
        _ => return None,
    })
}

fn go(app: &mut App, at: usize) {
    app.tutorial.at = at.min(tutorial::count() - 1);
    point(app, 0);
}

/// Points at a defect of the passage: its line is kept in sight.
fn point(app: &mut App, defect: usize) {
    app.tutorial.defect = defect;
    let line = if app.tutorial.pane == Pane::Printed { line_of(app) } else { 0 };
    app.tutorial.line.row = line;
}

/// The line in which the defect begins.
fn line_of(app: &App) -> usize {
    let Some(passage) = passage(app) else { return 0 };
    let begin = passage.begins().nth(app.tutorial.defect).unwrap_or_default();
    passage.printed.get(..begin).map_or(0, |before| before.matches('\n').count())
}

/// It was entered.
pub fn enter(app: &mut App) {
    app.tutorial.pane = Pane::Printed;
    point(app, 0);
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let trials = passage(app).map_or(0, |passage| passage.trials.len());
    let ask = "ask AWS";
    vec![
        Offer::on(Command::Down, "passage"),
        Offer::on(Command::NextMatch, "defect"),
        if app.tutorial.asking.is_some() {
            Offer::off(Command::Go, ask, "It is being asked already.")
        } else if trials == 0 {
            Offer::off(Command::Go, ask, "Nothing of this passage goes to AWS.")
        } else {
            Offer::on(Command::Go, ask)
        },
        Offer::on(Command::NextPart, "other part"),
        Offer::on(Command::Explain, "all of it"),
        Offer::on(Command::Copy, "copy what is sent"),
        Offer::on(Command::PageDown, "scroll"),
        Offer::on(Command::Back, "back"),
    ]
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    let defects = passage(app).map_or(0, |passage| passage.defects.len());
    match command {
        Command::Up => go(app, app.tutorial.at.saturating_sub(1)),
        Command::Down => go(app, app.tutorial.at + 1),
        Command::First => go(app, 0),
        Command::Last => go(app, usize::MAX),
        Command::PageUp | Command::PageDown => {
            let lines = story::lines(app, app.tutorial.pane).len();
            app.tutorial.line.command(command, lines, PAGE);
        }
        Command::NextMatch | Command::PreviousMatch => {
            let step = if command == Command::NextMatch { 1 } else { defects.saturating_sub(1) };
            app.tutorial.pane = Pane::Printed;
            point(app, (app.tutorial.defect + step).checked_rem(defects).unwrap_or_default());
        }
        Command::Explain => {
            let title = "The tutorial beside what is sent";
            app.overlay = Some(Overlay::Text(TextBox::new(title, story::whole(app))));
        }
        Command::NextPart | Command::Right => turn(app, 1),
        Command::PreviousPart | Command::Left => turn(app, 2),
        Command::Go => ask(app, 0),
        Command::Copy | Command::CopyAll => match sent(app) {
            Ok(text) => app.copy(&text),
            Err(why) => app.remark(why),
        },
        Command::Back | Command::Tutorial => {
            let from = app.tutorial.from.take().unwrap_or(Step::Practice);
            app.go_to(from);
        }
        _ => return false,
    }
    true
}

fn turn(app: &mut App, places: usize) {
    app.tutorial.pane = app.tutorial.pane.on(places);
    point(app, app.tutorial.defect);
}

/// Asks about the passage, one trial after the other.
fn ask(app: &mut App, trial: usize) {
    let at = app.tutorial.at;
    let Some(one) = passage(app).and_then(|passage| passage.trials.get(trial)) else { return };
    let state = &mut app.tutorial;
    (state.asking, state.pane, state.line) = (Some((at, trial)), Pane::Answers, Cursor::default());
    app.start(Slot::Printed, Job::AskPrinted((one.calls)()));
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    let place = format!("{} of {}", app.tutorial.at + 1, tutorial::count());
    format!("Passage {place}. Quoted from: {}.", tutorial::SOURCE)
}

/// The practice account answered.
pub fn ended(app: &mut App, end: End) {
    let Some((at, trial)) = app.tutorial.asking.take() else { return };
    let End::Printed(said) = end else { return };
    // What it is about is the last call; those before it lead there.
    let Some(last) = said.into_iter().last() else {
        return app.remark("The practice account did not answer; Enter asks it again.");
    };
    app.tutorial.said.insert((at, trial), last);
    if at == app.tutorial.at {
        ask(app, trial + 1);
    }
}
