//! The calls are sent: news of each, the end, and what exists afterwards.

use super::state::{Made, Phase, Sent};
use crate::app::slot::Slot;
use crate::app::steps::apply::story::sign;
use crate::app::steps::course::{Course, Progress};
use crate::app::task::{ApplyOutcome, End, Job, Mended, News, StepOutcome};
use crate::app::wizard::App;

/// The question was answered with yes: exactly what was shown is sent.
pub fn begin(app: &mut App) {
    let refused = super::refusal(app);
    let Phase::Shown(mend) = &app.mend.phase else { return };
    if let Some(why) = refused {
        return app.remark(why);
    }
    if app.slots.changing().is_some() {
        return app.remark("A change is being sent already.");
    }
    let mend = (**mend).clone();
    let course = Course::new(mend.steps.len(), app.now);
    let job = Job::Mend(Box::new(mend.clone()));
    app.mend.count();
    app.mend.cursor.row = 0;
    app.mend.phase = Phase::Sent(Box::new(Sent { mend, course, ended: None }));
    app.start(Slot::Mend, job);
}

/// News from the task.
pub fn news(app: &mut App, news: News) {
    let now = app.now;
    let Phase::Sent(sent) = &mut app.mend.phase else { return };
    match news {
        News::StepEnded(i, outcome) => step_ended(app, i, outcome),
        news => {
            if let Some(begun) = sent.course.news(news, now) {
                app.mend.cursor.row = begun;
            }
        }
    }
}

/// Notes how a call ended, once. A call that was not answered may have happened, too.
fn step_ended(app: &mut App, i: usize, outcome: StepOutcome) {
    let Phase::Sent(sent) = &mut app.mend.phase else { return };
    let (done, unknown) = (
        matches!(outcome, StepOutcome::Done { .. }),
        matches!(outcome, StepOutcome::Unknown { .. }),
    );
    if !sent.course.end_step(i, outcome) || !(done || unknown) {
        return;
    }
    let Some(step) = sent.mend.steps.get(i) else { return };
    let perhaps = if unknown { " (perhaps: no answer came)" } else { "" };
    let call = format!("{} {}{perhaps}", sign(step), step.summary);
    let run = &sent.mend.stamp.run;
    if app.mend.made.last().is_none_or(|made| made.run != *run) {
        app.mend.made.push(Made { run: run.clone(), calls: Vec::new(), done: 0 });
    }
    if let Some(made) = app.mend.made.last_mut() {
        made.calls.push(call);
        made.done += usize::from(done);
    }
}

/// Mending has ended, well or not.
pub fn ended(app: &mut App, end: End) {
    let Phase::Sent(sent) = &app.mend.phase else { return };
    let mended = match end {
        End::Mended(mended) => *mended,
        _ => Mended {
            outcome: ApplyOutcome::Stopped,
            steps: sent.course.outcomes(),
            ..Mended::default()
        },
    };
    for (i, outcome) in mended.steps.iter().enumerate() {
        step_ended(app, i, outcome.clone());
    }
    let now = app.now;
    let Phase::Sent(sent) = &mut app.mend.phase else { return };
    let failed = sent.course.faults().next().map(|(i, _)| i);
    app.mend.cursor.row = failed.unwrap_or(app.mend.cursor.row);
    sent.ended = Some((now, mended));
    // What was read before is no longer so.
    app.apply.forget();
    app.pull.forget();
    app.start(Slot::Runs, Job::Runs);
}

/// What was changed by mending in this start and was not taken back whole; what is being sent may be there as well.
pub fn made(app: &App) -> impl Iterator<Item = &Made> {
    app.mend.made.iter()
}

/// How many calls of mending were answered well.
#[must_use]
pub fn calls_made(app: &App) -> usize {
    made(app).map(|made| made.done).sum()
}

/// The call under way, if there is one: its answer may never come.
fn under_way(app: &App) -> Option<(&str, String)> {
    let sent = app.mend.running()?;
    let going = |(_, progress): &(_, &Progress)| matches!(progress, Progress::Going(_));
    let (step, _) = sent.changes().find(going)?;
    let words = format!("{} {} (perhaps: no answer came)", sign(step), step.summary);
    Some((sent.mend.stamp.run.as_str(), words))
}

/// Whether something was mended, or may have been if the program ended now.
#[must_use]
pub fn may_exist(app: &App) -> bool {
    made(app).next().is_some() || under_way(app).is_some()
}

/// What is said after the program has ended: what was mended, and how it is taken back.
#[must_use]
pub fn last_words(app: &App) -> Vec<String> {
    let mut words = Vec::new();
    let under_way = under_way(app);
    for made in made(app) {
        words.extend(made.lines());
        words.extend(
            under_way
                .iter()
                .filter(|(run, _)| *run == made.run)
                .map(|(_, call)| format!("  {call}")),
        );
        words.push(format!("okteto-ecr undo {} takes it back.", made.run));
    }
    if let Some((run, call)) = under_way.filter(|(run, _)| made(app).all(|made| made.run != *run)) {
        let made = Made { run: run.to_owned(), calls: vec![call], done: 0 };
        words.extend(made.lines());
        words.push(format!("okteto-ecr undo {run} takes it back."));
    }
    words
}

/// A run was taken back whole: nothing that it mended is mended any more.
pub fn taken_back(app: &mut App, run: &str) {
    app.mend.made.retain(|made| made.run != run);
    if app.mend.mend().is_some_and(|mend| mend.stamp.run == run) {
        app.mend.phase = Phase::Empty;
    }
}
