//! The calls are sent: news of each, the end, and what is left afterwards.

use super::state::{Phase, Sent};
use crate::app::slot::Slot;
use crate::app::steps::course::Course;
use crate::app::steps::{apply, mend};
use crate::app::task::{ApplyOutcome, End, Job, News, StepOutcome, Undone};
use crate::app::wizard::App;
use crate::domain::operation::Operation;

/// The question was answered with yes: exactly what was shown is sent.
pub fn begin(app: &mut App) {
    let refused = super::refusal(app);
    let Phase::Shown(shown) = &app.undo.phase else { return };
    if let Some(why) = refused {
        return app.remark(why);
    }
    if app.slots.changing().is_some() {
        return app.remark("A change is being sent already.");
    }
    let undo = shown.undo.clone();
    let course = Course::new(undo.changes().count(), app.now);
    let job = Job::Undo(Box::new(undo.clone()));
    app.undo.cursor.row = 0;
    app.undo.taken_back = None;
    app.undo.phase = Phase::Sent(Box::new(Sent { undo, course, ended: None }));
    app.start(Slot::Undo, job);
}

/// News from the task.
pub fn news(app: &mut App, news: News) {
    let now = app.now;
    let Phase::Sent(sent) = &mut app.undo.phase else { return };
    match news {
        News::StepEnded(i, outcome) => step_ended(app, i, &outcome),
        news => {
            if let Some(begun) = sent.course.news(news, now) {
                app.undo.cursor.row = begun;
            }
        }
    }
}

/// Notes how a call ended, once.
fn step_ended(app: &mut App, i: usize, outcome: &StepOutcome) {
    let Phase::Sent(sent) = &mut app.undo.phase else { return };
    let done = matches!(outcome, StepOutcome::Done { .. });
    if !sent.course.end_step(i, outcome.clone()) || !done {
        return;
    }
    let operation = sent.undo.changes().nth(i).and_then(|step| step.operation.as_ref());
    if let Some(Operation::DeleteAccessKey { key, .. }) = operation {
        app.apply.drop_key(key);
    }
}

/// Taking back has ended, well or not.
pub(super) fn ended(app: &mut App, end: End) {
    let Phase::Sent(sent) = &app.undo.phase else { return };
    let undone = match end {
        End::Undone(undone) => *undone,
        _ => Undone {
            outcome: ApplyOutcome::Stopped,
            steps: sent.course.outcomes(),
            ..Undone::default()
        },
    };
    for (i, outcome) in undone.steps.iter().enumerate() {
        step_ended(app, i, outcome);
    }
    let now = app.now;
    let Phase::Sent(sent) = &mut app.undo.phase else { return };
    let all = undone.outcome == ApplyOutcome::Done && !sent.stays();
    let touched = sent
        .course
        .progress
        .iter()
        .any(|p| matches!(p, crate::app::steps::course::Progress::Ended(o) if was_sent(o)));
    let failed = sent.course.faults().next().map(|(i, _)| i);
    app.undo.cursor.row = failed.unwrap_or(app.undo.cursor.row);
    sent.ended = Some((now, undone));
    let run = app.undo.run.clone();
    let own = run == app.setup.stamp.run;
    if all {
        app.undo.half_done = app.undo.half_done.take().filter(|half| *half != run);
        mend::taken_back(app, &run);
        app.undo.taken_back = Some(run);
    } else if touched {
        app.undo.half_done = Some(run);
    }
    if own && all {
        apply::nothing_made(app);
    }
    app.undo.unsettled = own && touched && !all;
    // What was read before is no longer so.
    app.apply.forget();
    app.pull.forget();
    app.start(Slot::Runs, Job::Runs);
}

const fn was_sent(outcome: &StepOutcome) -> bool {
    matches!(outcome, StepOutcome::Done { .. } | StepOutcome::Unknown { .. })
}

/// The journals were read: of the wizard's own run they say what is left.
pub fn settle(app: &mut App) {
    if !app.undo.unsettled {
        return;
    }
    let own = &app.setup.stamp.run;
    let recorded = app.runs.all().iter().find(|recorded| recorded.run == *own);
    if let Some(past) = recorded.and_then(|recorded| recorded.past.clone().ok()) {
        apply::adopt(app, &past);
        app.undo.unsettled = false;
    }
}
