//! The plan is sent: news of each change, the end, and what exists afterwards.

use super::made::{self, Perhaps};
use super::state::{Basis, Phase, Ready, Run};
use crate::app::slot::Slot;
use crate::app::steps::course::{Course, Progress};
use crate::app::task::{Applied, ApplyOutcome, End, Job, News, StepOutcome};
use crate::app::wizard::App;
use crate::domain::arn::{RoleArn, UserArn};
use crate::domain::journal::{Header, Past};
use crate::domain::key::KeyId;
use crate::domain::operation::Operation;
use crate::domain::plan::Planned;

/// The question was answered with yes: exactly the plan that was shown is sent.
pub fn begin(app: &mut App) {
    let refused = super::refusal(app);
    if let Some(why) = refused {
        return app.remark(why);
    }
    if app.slots.changing().is_some() {
        return app.remark("A change is being sent already.");
    }
    let Phase::Planned(ready) = &app.apply.phase else { return };
    let run = Run {
        plan: ready.plan.clone(),
        course: Course::new(ready.changes(), app.now),
        ended: None,
        seen: ready.seen.clone(),
    };
    let job = Job::Apply(Box::new(run.plan.clone()));
    app.apply.cursor.row = 0;
    app.apply.is_finished = false;
    app.apply.phase = Phase::Sent(Box::new(run));
    app.start(Slot::Apply, job);
}

/// News from the task.
pub fn news(app: &mut App, news: News) {
    let now = app.now;
    let Phase::Sent(run) = &mut app.apply.phase else { return };
    match news {
        News::StepEnded(i, outcome) => step_ended(app, i, &outcome),
        news => {
            if let Some(begun) = run.course.news(news, now) {
                app.apply.cursor.row = begun;
            }
        }
    }
}

/// Notes how a change ended, once.
fn step_ended(app: &mut App, i: usize, outcome: &StepOutcome) {
    let Phase::Sent(run) = &mut app.apply.phase else { return };
    if !run.course.end_step(i, outcome.clone()) {
        return;
    }
    let Some(step) = run.plan.changes().nth(i) else { return };
    match outcome {
        StepOutcome::Done { .. } => {
            app.changes_made += 1;
            app.apply.made.push(step.summary.clone());
            if let Some(Operation::DeleteAccessKey { key, .. }) = step.operation.clone() {
                app.apply.drop_key(&key);
            }
        }
        StepOutcome::Unknown { .. } => {
            let header = Header::of(&run.plan, String::new());
            app.apply.perhaps.push(Perhaps::of(step, &header));
        }
        StepOutcome::Failed { .. } | StepOutcome::Skipped => {}
    }
}

/// Applying has ended, well or not.
pub fn ended(app: &mut App, end: End) {
    let mut applied = match end {
        End::Applied(applied) => *applied,
        _ => stopped(app),
    };
    app.apply.held.extend(applied.held.take());
    let made = |step: &Planned| matches!(step.operation, Some(Operation::CreateAccessKey { .. }));
    if app.apply.plan().is_some_and(|plan| plan.changes().any(made)) {
        app.apply.new_keys.extend(applied.key.clone());
    }
    for (i, outcome) in applied.steps.iter().enumerate() {
        step_ended(app, i, outcome);
    }
    let now = app.now;
    app.apply.is_finished = applied.outcome == ApplyOutcome::Done;
    if let Phase::Sent(run) = &mut app.apply.phase {
        let failed = run.course.faults().next().map(|(i, _)| i);
        app.apply.cursor.row = failed.unwrap_or(app.apply.cursor.row);
        run.ended = Some((now, applied));
    }
}

/// The end where the task was stopped before it could say more.
fn stopped(app: &App) -> Applied {
    let steps = app.apply.run().map_or_else(Vec::new, |run| run.course.outcomes());
    Applied { outcome: ApplyOutcome::Stopped, steps, ..Applied::default() }
}

/// Reading again tells what became of the calls that were not answered, now or in the run that is continued.
pub fn settle(app: &mut App, ready: &Ready) {
    let holdings = ready.seen.holdings();
    for one in std::mem::take(&mut app.apply.perhaps) {
        if !one.is_about(&ready.plan.intent) {
            app.apply.perhaps.push(one);
        } else if one.is_there(&holdings) {
            app.changes_made += 1;
            app.apply.made.push(one.words);
        }
    }
    if let Some((past, user)) = app.apply.past.take().zip(ready.seen.user.as_ref()) {
        let mut lost = past.lost_keys(user, ready.seen.placed_key());
        lost.retain(|key| !app.apply.is_new(key));
        app.apply.lost.extend(lost);
    }
}

/// All that was made was taken back.
pub fn nothing_made(app: &mut App) {
    app.apply.made.clear();
    app.apply.perhaps.clear();
    app.apply.lost.clear();
    app.changes_made = 0;
}

/// What was made is what a journal says: of a run that is continued, or was taken back in part.
pub fn adopt(app: &mut App, past: &Past) {
    (app.apply.made, app.apply.perhaps) = made::of_past(past);
    app.changes_made = app.apply.made.len();
}

impl Run {
    /// Whether this was sent for these very answers.
    pub(super) fn is_for(&self, basis: &Basis) -> bool {
        self.plan.intent == basis.intent && self.plan.caller == basis.caller
    }

    /// The role's ARN as AWS returned it, else as the account had it.
    pub(super) fn role(&self) -> Option<RoleArn> {
        let applied = self.ended.as_ref().and_then(|(_, a)| a.role.clone());
        let created = || {
            self.changes().find_map(|(step, progress)| match (&step.operation, progress) {
                (
                    Some(Operation::CreateRole { .. }),
                    Progress::Ended(StepOutcome::Done { deed, .. }),
                ) => RoleArn::parse(deed.arn.as_deref()?).ok(),
                _ => None,
            })
        };
        applied.or_else(created).or_else(|| Some(self.seen.role.as_ref()?.arn.clone()))
    }

    /// The user's ARN, likewise.
    pub(super) fn user(&self) -> Option<UserArn> {
        let applied = self.ended.as_ref().and_then(|(_, a)| a.user.clone());
        applied.or_else(|| Some(self.seen.user.as_ref()?.arn.clone()))
    }

    /// The access key to be used.
    pub(super) fn key(&self) -> Option<KeyId> {
        let applied = self.ended.as_ref().and_then(|(_, a)| a.key.clone());
        applied.or_else(|| self.seen.user.as_ref()?.current_key().cloned())
    }
}
