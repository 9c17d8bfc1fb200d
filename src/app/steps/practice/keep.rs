//! What becomes of a goal that is met, and what is kept of the learner's way for the next start.

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::app::slot::Slot;
use crate::app::step::Step;
use crate::app::steps::review;
use crate::app::task::Job;
use crate::app::wizard::App;
use crate::domain::exercise::goal::Standing;
use crate::domain::fault::Fault;

/// The goals may stand otherwise than `before`: says so, and notes that the exercise is done. What was so from the start,
/// as the first telling has it, is no news.
pub(super) fn settle(app: &mut App, before: &[Standing], is_first: bool) {
    let day = today(app);
    let state = &mut app.practice;
    let Some(open) = &mut state.open else { return };
    let after = open.standings();
    let is_met = |standings: &[Standing], i: usize| standings.get(i) == Some(&Standing::Met);
    let goals = open.exercise.goals.iter().enumerate();
    let new: Vec<String> = goals
        .filter(|(i, _)| is_met(&after, *i) && !is_met(before, *i))
        .map(|(_, goal)| goal.text.clone())
        .collect();
    // The cursor goes on from what is met to what is next.
    if is_met(&after, open.at)
        && !is_met(before, open.at)
        && let Some(next) = open.exercise.next_goal(&after)
    {
        open.at = next;
    }
    let is_done = open.exercise.is_done(&after) && !open.exercise.is_done(before);
    if is_done {
        let kept = state.progress.0.entry(open.exercise.name.clone()).or_default();
        if !is_first || kept.done.is_none() {
            kept.done = Some(day);
        }
        (state.was_done, state.scroll) = (true, Some(0));
        note(app);
        app.remark(if app.step == Step::Practice {
            "All goals met."
        } else {
            "All goals met: O tells what it was, and why."
        });
    } else if let Some(last) = new.last().filter(|_| !is_first) {
        app.remark(format!("Goal met: {last}"));
    }
}

/// The day by UTC; empty where nobody told the time.
fn today(app: &App) -> String {
    let at = review::now(app).and_then(|now| Timestamp::from_second(now).ok());
    at.map(|at| Offset::UTC.to_datetime(at).date().to_string()).unwrap_or_default()
}

/// Notes hints and answers of the open exercise, and writes all of it down. What could not be read is not written over.
pub(super) fn note(app: &mut App) {
    let Some(open) = &app.practice.open else { return };
    let kept = app.practice.progress.0.entry(open.exercise.name.clone()).or_default();
    kept.hints = open.hints;
    let given = (1..).zip(&open.answers).filter(|(_, answer)| !answer.is_empty());
    kept.answers = given.map(|(n, answer): (usize, _)| (n.to_string(), answer.clone())).collect();
    if app.setup.lessons.fault.is_some() {
        return;
    }
    // One after the other: the last one written is the newest.
    app.practice.unkept = app.slots.running(Slot::Progress).is_some();
    if !app.practice.unkept {
        app.start(Slot::Progress, Job::KeepProgress(app.practice.progress.clone()));
    }
}

/// It was written, or not; the latter is said once and stops nothing.
pub(super) fn kept(app: &mut App, result: Result<(), Fault>) {
    if std::mem::take(&mut app.practice.unkept) {
        app.start(Slot::Progress, Job::KeepProgress(app.practice.progress.clone()));
    }
    match result {
        Ok(()) => app.practice.fault = None,
        Err(fault) => {
            if app.practice.fault.is_none() {
                app.remark(format!("How far you are was not kept: {fault}"));
            }
            app.practice.fault = Some(fault);
        }
    }
}
