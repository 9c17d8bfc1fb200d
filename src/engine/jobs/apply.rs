//! Carries out a plan: one call after the other, then a look at what came of it.

mod again;
mod key;

use tokio::time::Instant;

use self::again::{is_same_run, is_still_so, leaves_more};
use super::change::{
    BETWEEN_LOOKS, Book, Call, Manner, READ_BACK, Sender, note_change, now_exactly,
};
use super::recall::runs;
use crate::app::task::{Applied, ApplyOutcome, News, StepOutcome};
use crate::domain::arn::{RoleArn, UserArn};
use crate::domain::fault::{Cause, Fault};
use crate::domain::inventory::Inventory;
use crate::domain::journal::{Header, Outcome, Past, Phase, Purpose, Recorded, is_of};
use crate::domain::key::KeyId;
use crate::domain::operation::{Deed, Operation};
use crate::domain::plan::{
    AudienceChoice, Choices, Difference, Plan, Planned, Stamp, StepId, plan as plan_again,
};
use crate::domain::rotation::KeyWish;
use crate::engine::control::{Control, Stopped, read};
use crate::ports::{Cloud, World};

/// Carries out a plan. Hears a stop between two calls, never within one.
pub async fn apply(world: &World, control: &Control, plan: &Plan) -> Applied {
    begin(world, control, plan, usize::MAX).await
}

/// The same, stopped after so many calls.
pub(super) async fn begin(world: &World, control: &Control, plan: &Plan, most: usize) -> Applied {
    let applied = Applied::nothing(plan);
    match control.until_stopped(may_begin(&*world.cloud, plan)).await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => return Applied::blocked(plan, fault),
        Err(Stopped) => return stopped(applied),
    }
    if plan.changes().next().is_none() {
        let (applied, seen) = read_back(&*world.cloud, control, plan, applied).await;
        if applied.told() != ApplyOutcome::Done || seen.is_some_and(|seen| leaves_more(plan, &seen))
        {
            return applied;
        }
        return settled(world, plan, applied).await;
    }
    let calls = plan.changes().map(|step| step.summary.clone()).collect();
    let opened =
        Book::open(world, Header::of(plan, now_exactly()), &plan.caller, Purpose::Apply, calls)
            .await;
    let book = match opened {
        Ok(book) => book,
        Err(fault) => return Applied::blocked(plan, fault),
    };
    match control.until_stopped(is_still_so(world, &book, plan)).await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => return Applied::blocked(plan, fault),
        Err(Stopped) => return stopped(applied),
    }
    let sender = Sender { world: world.clone(), control: control.clone(), book: book.clone() };
    let (applied, seen) = carried_out(&sender, plan, most, applied).await;
    let more = seen.is_none_or(|seen| leaves_more(plan, &seen));
    match book.closed(closing(&applied, book.past().as_ref(), more)).await {
        Err(fault) if applied.fault.is_none() => Applied { fault: Some(fault), ..applied },
        _ => applied,
    }
}

/// How the work ended, for the journal. A run that was left unfinished, and of which only the keys were seen to, stays so.
fn closing(applied: &Applied, past: Option<&Past>, more: bool) -> Outcome {
    let unfinished = past.map(|past| past.phase).filter(|phase| more && phase.is_open());
    match (applied.told(), unfinished) {
        (ApplyOutcome::Done, None) => Outcome::Done,
        (ApplyOutcome::Done, Some(Phase::Failed))
        | (ApplyOutcome::Failed | ApplyOutcome::Blocked, _) => Outcome::Failed,
        (ApplyOutcome::Done, Some(_)) | (ApplyOutcome::Stopped, _) => Outcome::Stopped,
    }
}

/// Nothing was left to be done: an interrupted run that the plan goes on with is over.
async fn settled(world: &World, plan: &Plan, applied: Applied) -> Applied {
    let closed = async {
        let known = runs(world).await?;
        let is_open = |run: &Recorded| run.past.as_ref().is_ok_and(|past| past.phase.is_open());
        if !known.iter().any(|run| run.run == plan.stamp.run && is_open(run)) {
            return Ok(());
        }
        let (header, nothing) = (Header::of(plan, now_exactly()), Vec::new());
        let book = Book::open(world, header, &plan.caller, Purpose::Apply, nothing).await?;
        is_same_run(&book, plan)?;
        book.opened().await?;
        book.closed(Outcome::Done).await
    };
    match closed.await {
        Ok(()) => applied,
        Err(fault) => Applied { fault: Some(fault), ..applied },
    }
}

/// Sends the calls. What was seen in the end, where it came to that.
async fn carried_out(
    sender: &Sender,
    plan: &Plan,
    most: usize,
    mut applied: Applied,
) -> (Applied, Option<Inventory>) {
    let Sender { world, control, .. } = sender;
    for (number, step) in plan.changes().enumerate() {
        let Some(call) = Call::of(step) else { continue };
        if number >= most || control.is_stopped() {
            return (stopped(applied), None);
        }
        control.news(News::StepBegan(number));
        let outcome = match (&call.operation, plan.intent.user()) {
            (Operation::CreateAccessKey { beside, .. }, Some(intent)) => {
                let made = key::make(sender, plan, intent, &call, beside).await;
                (applied.key, applied.held) = (made.key, made.held);
                made.outcome
            }
            _ => sender.send(&call, Manner::Patient).await,
        };
        if matches!(outcome, StepOutcome::Done { .. } | StepOutcome::Unknown { .. }) {
            note(world, plan).await;
        }
        control.news(News::StepEnded(number, outcome.clone()));
        if let StepOutcome::Done { deed: Deed { arn: Some(arn), .. }, .. } = &outcome {
            match call.operation {
                Operation::CreateRole { .. } => applied.role = RoleArn::parse(arn).ok(),
                Operation::CreateUser { .. } => applied.user = UserArn::parse(arn).ok(),
                _ => {}
            }
        }
        let good = matches!(outcome, StepOutcome::Done { .. });
        let skipped = matches!(outcome, StepOutcome::Skipped);
        if let Some(place) = applied.steps.get_mut(number) {
            *place = outcome;
        }
        if skipped {
            return (stopped(applied), None);
        }
        if !good {
            return (Applied { outcome: ApplyOutcome::Failed, ..applied }, None);
        }
    }
    read_back(&*world.cloud, control, plan, applied).await
}

fn stopped(applied: Applied) -> Applied {
    let fault = Fault::new(Cause::Stopped, "it was stopped before the next call");
    Applied { outcome: ApplyOutcome::Stopped, fault: Some(fault), ..applied }
}

/// Nothing in the way, and the same account as when the plan was made.
async fn may_begin(cloud: &dyn Cloud, plan: &Plan) -> Result<(), Fault> {
    if let Some(step) = plan.conflicts().next() {
        if let Some(fault) = &step.fault {
            return Err(fault.clone().with("step", step.id.word()));
        }
        let fault = Fault::new(Cause::Conflict, format!("{}: {}", step.summary, step.reason))
            .with("step", step.id.word());
        return Err(match step.ways_out.first() {
            Some(way) => fault.remedy(way.as_str()),
            None => fault,
        });
    }
    let now = read("from STS", || cloud.whoami()).await?;
    is_of(&Header::of(plan, now_exactly()), &now)
}

/// Notes that the account was, or may have been, changed just now: a later pull test waits for it to spread. Without the
/// note it waits less, which is no reason to fail.
async fn note(world: &World, plan: &Plan) {
    // What is deleted is not waited for.
    let deletes =
        |step: &Planned| matches!(step.operation, Some(Operation::DeleteAccessKey { .. }));
    if plan.changes().all(deletes) {
        return;
    }
    note_change(world, &plan.caller).await;
}

async fn read_back(
    cloud: &dyn Cloud,
    control: &Control,
    plan: &Plan,
    mut applied: Applied,
) -> (Applied, Option<Inventory>) {
    control.news(News::ReadingBack);
    let until = Instant::now() + READ_BACK;
    loop {
        let looked = control.until_stopped(read("from IAM", || cloud.survey(&plan.intent))).await;
        let seen = match looked {
            Ok(Ok(seen)) => seen,
            Ok(Err(fault)) => return (Applied { fault: Some(fault), ..applied }, None),
            Err(Stopped) => return (unread(applied), None),
        };
        applied.differs = differs(plan, &seen, applied.key.as_ref());
        if let Some(role) = &seen.role {
            applied.role = Some(role.arn.clone());
        }
        if let Some(user) = &seen.user {
            applied.key = applied.key.take().or_else(|| user.current_key().cloned());
            applied.user = Some(user.arn.clone());
        }
        if applied.differs.is_empty() || Instant::now() >= until {
            return (applied, Some(seen));
        }
        if control.sleep(BETWEEN_LOOKS).await == Err(Stopped) {
            return (unread(applied), None);
        }
    }
}

fn unread(applied: Applied) -> Applied {
    let fault = Fault::new(Cause::Stopped, "it was stopped before the result was read back");
    Applied { fault: Some(fault), ..applied }
}

/// What planning again would still change, and whether the key that was made is listed.
fn differs(plan: &Plan, seen: &Inventory, made: Option<&KeyId>) -> Vec<Difference> {
    // Tags of the run play no part in what is compared; an audience that was added counts as there.
    let stamp = Stamp { run: String::new(), version: String::new() };
    let mut found = Vec::new();
    let listed = seen.user.iter().flat_map(|user| &user.keys);
    if let Some(made) = made.filter(|made| !listed.map(|key| &key.id).any(|id| id == *made)) {
        found.push(Difference {
            at: StepId::AccessKey.word().to_owned(),
            now: None,
            then: Some(made.to_string()),
        });
    }
    // The other key is there now, or not yet; a further one is not wanted, and nothing else was touched.
    if plan.choices.keys == KeyWish::Another {
        return found;
    }
    let choices = Choices { audience: AudienceChoice::Add, keys: plan.choices.keys.clone() };
    let again = plan_again(&plan.intent, seen, &plan.caller, &stamp, &choices);
    // The same thing is not told twice.
    let is_told = !found.is_empty();
    let keys = [StepId::Custody, StepId::AccessKey];
    let steps = again.changes().chain(again.conflicts());
    for step in steps.filter(|step| !is_told || !keys.contains(&step.id)) {
        if step.diff.is_empty() {
            found.push(Difference {
                at: step.id.word().to_owned(),
                now: None,
                then: Some(step.summary.clone()),
            });
        }
        found.extend(step.diff.iter().cloned());
    }
    found
}

#[cfg(test)]
mod tests;
