//! Opening an exercise, and starting it over.

use std::sync::Arc;

use crate::app::slot::Slot;
use crate::app::step::Step;
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

/// Opens an exercise, or starts it over: its world takes the place of the account. Refused while something is being changed.
pub fn begin(app: &mut App, index: usize) {
    let Some(exercise) = app.practice.exercises.get(index).cloned() else { return };
    if app.slots.changing().is_some() || app.slots.running(Slot::Exercise).is_some() {
        return app.remark(
            "Something is being changed just now; wait for its end, or stop it with Ctrl-C.",
        );
    }
    let last = app.practice.open.take();
    app.practice.before.extend(last);
    let number = app.practice.before.len() + 1;
    let base = app.setup.stamp.run.split("-x").next().unwrap_or_default().to_owned();
    let run = format!("{base}-x{number}");
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
    app.practice.is_inside = true;
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
            return;
        }
    };
    let (run, exercise) = (open.run.clone(), Arc::clone(&open.exercise));
    app.restart(&run, Some(draft));
    app.step = Step::Practice;
    app.look_around();
    let accepted = app.setup.accepted.clone();
    app.start(Slot::Goals, Job::WatchGoals(exercise, accepted));
}
