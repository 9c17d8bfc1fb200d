//! Carries out a plan: one call after the other, in order, up to the first failure; then reads back.

use std::time::Duration;

use tokio::time::Instant;

use crate::app::task::{Applied, ApplyOutcome, News, StepOutcome};
use crate::domain::arn::RoleArn;
use crate::domain::fault::{Cause, Fault};
use crate::domain::operation::Operation;
use crate::domain::plan::{AudienceChoice, Difference, Plan, Stamp, plan as decide};
use crate::engine::control::{Control, within};
use crate::engine::jobs::look::LOOK;
use crate::ports::World;

/// A changing call is given up after this long. Whether it happened is then not known.
const CHANGE: Duration = Duration::from_secs(60);
/// Reads just after a write may show the old state; only what stays different for this long is told
/// (IAM user guide, `troubleshoot_general`, "Changes that I make are not always immediately visible").
const READ_BACK: Duration = Duration::from_secs(10);

/// Carries out a plan. The caller has confirmed it; account and conflicts are checked again here.
pub async fn apply(world: &World, control: &Control, plan: &Plan) -> Applied {
    let changes: Vec<&Operation> = plan.changes().filter_map(|s| s.operation.as_ref()).collect();
    let mut applied = Applied {
        outcome: ApplyOutcome::Blocked,
        steps: vec![StepOutcome::Skipped; changes.len()],
        role: None,
        differs: Vec::new(),
        fault: None,
    };
    if let Err(fault) = may_begin(world, plan).await {
        applied.fault = Some(fault);
        return applied;
    }
    applied.outcome = ApplyOutcome::Done;
    for (index, operation) in changes.iter().enumerate() {
        if control.is_stopping() {
            applied.outcome = ApplyOutcome::Stopped;
            break;
        }
        control.news(News::StepBegan(index));
        let outcome = perform(world, operation).await;
        if let (StepOutcome::Done { deed, .. }, Operation::CreateRole { .. }) =
            (&outcome, operation)
        {
            applied.role = deed.arn.as_deref().and_then(|arn| RoleArn::parse(arn).ok());
        }
        control.news(News::StepEnded(index, outcome.clone()));
        let done = matches!(outcome, StepOutcome::Done { .. });
        if let Some(step) = applied.steps.get_mut(index) {
            *step = outcome;
        }
        if !done {
            applied.outcome = ApplyOutcome::Failed;
            break;
        }
    }
    if applied.outcome == ApplyOutcome::Done {
        control.news(News::ReadingBack);
        read_back(world, control, plan, &mut applied).await;
    }
    applied
}

/// The caller must still be the one the plan was made for, and nothing may stand in the way.
async fn may_begin(world: &World, plan: &Plan) -> Result<(), Fault> {
    if let Some(step) = plan.conflicts().next() {
        return Err(Fault::new(Cause::Conflict, format!("{}: {}", step.summary, step.reason))
            .remedy(step.ways_out.join("; or ")));
    }
    let now = within(LOOK, "who the caller is", world.cloud.whoami()).await?;
    let meant = &plan.caller;
    if now.account != meant.account || now.partition != meant.partition {
        return Err(Fault::new(
            Cause::WrongAccount,
            format!(
                "the login is now one of account {}, the plan is for {}",
                now.account, meant.account
            ),
        )
        .with("wanted", meant.account.as_str())
        .with("got", now.account.as_str())
        .remedy("log in to the account of the plan, or plan again"));
    }
    Ok(())
}

async fn perform(world: &World, operation: &Operation) -> StepOutcome {
    let began = Instant::now();
    let answer = tokio::time::timeout(CHANGE, world.cloud.perform(operation)).await;
    let took = began.elapsed();
    match answer {
        Ok(Ok(deed)) => StepOutcome::Done { deed, took },
        Ok(Err(fault)) if fault.evidence.get("outcome").is_some_and(|o| o == "unknown") => {
            StepOutcome::Unknown { fault, took }
        }
        Ok(Err(fault)) => StepOutcome::Failed { fault, took },
        Err(_) => {
            let what = format!("no answer to {} within {} s", operation.call(), CHANGE.as_secs());
            let fault = Fault::new(Cause::DeadlinePassed, what)
                .with("outcome", "unknown")
                .remedy("read the account again: that shows whether it happened");
            StepOutcome::Unknown { fault, took }
        }
    }
}

/// Reads back until nothing differs from what was meant, or the time in which reads may be old has passed.
async fn read_back(world: &World, control: &Control, plan: &Plan, applied: &mut Applied) {
    let until = Instant::now() + READ_BACK;
    let stamp = Stamp { run: String::new(), version: String::new() };
    loop {
        match within(LOOK, "what AWS has now", world.cloud.survey(&plan.intent)).await {
            Ok(seen) => {
                // Audiences that the role already admits beside ours are kept by choice, so they are no difference.
                let again = decide(&plan.intent, &seen, &plan.caller, &stamp, AudienceChoice::Add);
                applied.differs = again.changes().flat_map(differences).collect();
                applied.role = seen.role.map(|r| r.arn).or_else(|| applied.role.take());
                applied.fault = None;
            }
            Err(fault) => applied.fault = Some(fault),
        }
        let good = applied.differs.is_empty() && applied.fault.is_none();
        if good || Instant::now() >= until || !control.sleep(Duration::from_secs(1)).await {
            return;
        }
    }
}

fn differences(step: &crate::domain::plan::Planned) -> Vec<Difference> {
    if step.diff.is_empty() {
        let then = Some(step.summary.clone());
        return vec![Difference { at: step.id.word().to_owned(), now: None, then }];
    }
    step.diff.clone()
}
