//! The plan is sent: news of each change, the end, and what exists afterwards.

use super::state::{Basis, Perhaps, Phase, Progress, Ready, Run};
use crate::app::slot::Slot;
use crate::app::task::{Applied, ApplyOutcome, End, Job, News, StepOutcome};
use crate::app::wizard::App;
use crate::domain::arn::{RoleArn, UserArn};
use crate::domain::key::KeyId;
use crate::domain::operation::Operation;
use crate::domain::plan::Planned;

/// The question was answered with yes: exactly the plan that was shown is sent.
pub fn begin(app: &mut App) {
    let refused = super::refusal(app);
    let Phase::Planned(ready) = &app.apply.phase else { return };
    if let Some(why) = refused {
        return app.remark(why);
    }
    let run = Run {
        plan: ready.plan.clone(),
        progress: vec![Progress::ToCome; ready.changes()],
        reading_back: None,
        began: app.now,
        ended: None,
        seen: ready.seen.clone(),
    };
    let job = Job::Apply(Box::new(run.plan.clone()));
    app.apply.cursor.row = 0;
    app.apply.phase = Phase::Sent(Box::new(run));
    app.start(Slot::Apply, job);
}

/// News from the task.
pub fn news(app: &mut App, news: News) {
    let now = app.now;
    let Phase::Sent(run) = &mut app.apply.phase else { return };
    match news {
        News::StepBegan(i) => {
            if let Some(progress) = run.progress.get_mut(i) {
                *progress = Progress::Going(now);
                app.apply.cursor.row = i;
            }
        }
        News::StepEnded(i, outcome) => step_ended(app, i, outcome),
        News::ReadingBack => run.reading_back = Some(now),
        _ => {}
    }
}

/// Notes how a change ended, once.
fn step_ended(app: &mut App, i: usize, outcome: StepOutcome) {
    let Phase::Sent(run) = &mut app.apply.phase else { return };
    let Some(progress) = run.progress.get_mut(i) else { return };
    if matches!(progress, Progress::Ended(_)) {
        return;
    }
    if let Some(step) = run.plan.changes().nth(i) {
        match &outcome {
            StepOutcome::Done { .. } => {
                if let Some(Operation::DeleteAccessKey { key, .. }) = &step.operation {
                    app.apply.held.retain(|held| held.id != *key);
                }
                app.changes_made += 1;
                app.apply.made.push(step.summary.clone());
            }
            StepOutcome::Unknown { .. } => {
                let (id, words) = (step.id, step.summary.clone());
                app.apply.perhaps.push(Perhaps { id, operation: step.operation.clone(), words });
            }
            StepOutcome::Failed { .. } | StepOutcome::Skipped => {}
        }
    }
    *progress = Progress::Ended(outcome);
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
        step_ended(app, i, outcome.clone());
    }
    let now = app.now;
    if let Phase::Sent(run) = &mut app.apply.phase {
        let failed = run.progress.iter().position(|p| {
            matches!(p, Progress::Ended(StepOutcome::Failed { .. } | StepOutcome::Unknown { .. }))
        });
        app.apply.cursor.row = failed.unwrap_or(app.apply.cursor.row);
        run.ended = Some((now, applied));
    }
}

/// The end where the task was stopped before it could say more.
fn stopped(app: &App) -> Applied {
    let steps = app.apply.run().map_or_else(Vec::new, |run| {
        let outcome = |p: &Progress| match p {
            Progress::Ended(outcome) => outcome.clone(),
            _ => StepOutcome::Skipped,
        };
        run.progress.iter().map(outcome).collect()
    });
    Applied { outcome: ApplyOutcome::Stopped, steps, ..Applied::default() }
}

/// Reading again tells what became of the calls that were not answered.
pub fn settle(app: &mut App, ready: &Ready) {
    for one in std::mem::take(&mut app.apply.perhaps) {
        if one.is_there(ready) {
            app.changes_made += 1;
            app.apply.made.push(one.words);
        }
    }
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
