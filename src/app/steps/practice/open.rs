//! Opening an exercise, and starting it over.

use std::sync::Arc;

use super::keep;
use crate::app::slot::Slot;
use crate::app::step::Step;
use crate::app::steps;
use crate::app::task::Job;
use crate::app::wizard::App;
use crate::domain::draft::Draft;
use crate::domain::exercise::Exercise;
use crate::domain::exercise::goal::{By, Standing};
use crate::domain::fault::Fault;
use crate::domain::seen::SentCall;

/// An exercise that was opened.
#[derive(Debug, Clone)]
pub struct Open {
    /// Which.
    pub exercise: Arc<Exercise>,
    /// The run that its changes belong to.
    pub run: String,
    /// How far its goals are, as the account tells; `None` where it cannot.
    pub told: Vec<Option<Standing>>,
    /// What was answered, by the goal's index; empty where nothing was.
    pub answers: Vec<String>,
    /// How many hints are shown.
    pub hints: usize,
    /// What was sent since it was opened.
    pub trail: Vec<SentCall>,
    /// What was seen last of each goal while it was not met; empty where nothing was.
    pub found: Vec<String>,
    /// What the last pull test said.
    pub pull: Option<String>,
    /// Which goal the cursor stands on.
    pub at: usize,
    /// Its world is being put into place.
    pub is_coming: bool,
    /// Why that failed.
    pub fault: Option<Fault>,
}

impl Open {
    /// How far each goal is.
    #[must_use]
    pub fn standings(&self) -> Vec<Standing> {
        let goals = self.exercise.goals.iter().enumerate();
        goals
            .map(|(i, goal)| match &goal.by {
                By::Answer(question) => match self.answers.get(i).map_or("", String::as_str) {
                    "" => Standing::Open(String::new()),
                    answer if question.is_right(answer) => Standing::Met,
                    _ => Standing::Open(
                        "not this; look again, and answer as often as you like".to_owned(),
                    ),
                },
                By::State(_) => {
                    let told = self.told.get(i).cloned().flatten();
                    told.unwrap_or(Standing::Open(String::new()))
                }
            })
            .collect()
    }
}

/// Why the account cannot give way to another one now.
pub(super) fn obstacle(app: &App) -> Option<String> {
    if app.slots.running(Slot::Exercise).is_some() {
        return Some("The account of an exercise is just being put into place.".to_owned());
    }
    let changing = "Something is being changed just now: wait for its end, or Ctrl-C stops it.";
    app.slots.changing().map(|_| changing.to_owned())
}

/// Starts the open exercise over: its world anew, its answers and hints cleared. The day on which it was done stays.
pub(super) fn start_over(app: &mut App) {
    if let Some(why) = obstacle(app) {
        return app.remark(why);
    }
    let Some(open) = &app.practice.open else { return };
    let Some(index) = app.practice.place(&open.exercise) else { return };
    let kept = app.practice.progress.0.entry(open.exercise.name.clone()).or_default();
    kept.hints = 0;
    kept.answers.clear();
    begin(app, index);
    keep::note(app);
    app.remark("Started over: the account, the answers and the hints are as at first.");
}

/// Opens an exercise: its world takes the place of the account, and what was kept of its answers and hints is there.
/// Refused while something is being changed.
pub fn begin(app: &mut App, index: usize) {
    let Some(exercise) = app.practice.exercises.get(index).cloned() else { return };
    if let Some(why) = obstacle(app) {
        return app.remark(why);
    }
    let last = app.practice.open.take();
    let base = match &last {
        Some(last) => last.run.rsplit_once("-x").map_or("", |(base, _)| base).to_owned(),
        None => app.setup.stamp.run.clone(),
    };
    app.practice.before.extend(last);
    let run = format!("{base}-x{}", app.practice.before.len() + 1);
    let kept = app.practice.progress.of(&exercise.name);
    app.restart(&run, Some(Draft::default()));
    let answers = (1..=exercise.goals.len())
        .map(|n| kept.answers.get(&n.to_string()).cloned().unwrap_or_default())
        .collect();
    app.practice.open = Some(Open {
        exercise: Arc::clone(&exercise),
        run: run.clone(),
        told: Vec::new(),
        answers,
        hints: kept.hints,
        trail: Vec::new(),
        found: Vec::new(),
        pull: None,
        at: 0,
        is_coming: true,
        fault: None,
    });
    let state = &mut app.practice;
    (state.at, state.is_inside, state.was_done) = (index, true, false);
    (state.scroll, state.notes, state.tells, state.from) = (None, false, state.quiet, None);
    app.step = Step::Practice;
    app.start(Slot::Exercise, Job::OpenExercise(run, exercise));
}

/// The world is there.
pub fn opened(app: &mut App, result: Result<Draft, Fault>) {
    let Some(open) = &mut app.practice.open else { return };
    open.is_coming = false;
    let draft = match result {
        Ok(draft) => draft,
        Err(fault) => {
            open.fault = Some(fault);
            return app.look_around();
        }
    };
    open.at = open.exercise.next_goal(&open.standings()).unwrap_or(0);
    let (run, exercise) = (open.run.clone(), Arc::clone(&open.exercise));
    // Whoever went on to another step meanwhile is there still, and finds the answers.
    let (step, said) = (app.step, app.said().map(str::to_owned));
    let text = app.overlay.take().filter(|overlay| overlay.reading().is_some());
    app.restart(&run, Some(draft));
    (app.step, app.overlay) = (step, text);
    app.look_around();
    if step != Step::Practice {
        app.furthest = if step.is_in_sequence() { step } else { Step::Mode };
        steps::enter(app);
    }
    if let Some(said) = said {
        app.remark(said);
    }
    let accepted = app.setup.accepted.clone();
    app.start(Slot::Goals, Job::WatchGoals(exercise, accepted));
}
