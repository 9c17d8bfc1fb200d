//! Takes a run back: the calls that were shown, the newest first. A refusal does not stop the rest.

use tokio::time::{Instant, sleep};

use super::change::{BETWEEN_LOOKS, Book, Call, Manner, READ_BACK, Sender};
use super::recall::holdings;
use crate::app::task::{ApplyOutcome, News, StepOutcome, Undone};
use crate::domain::fault::{Cause, Fault};
use crate::domain::journal::{Outcome, Purpose, is_of};
use crate::domain::undo::{Undo, undo as decide};
use crate::engine::control::{Control, Stopped, read};
use crate::ports::World;

/// Takes a run back. Hears a stop between two calls, never within one.
pub async fn undo(world: &World, control: &Control, undo: &Undo) -> Undone {
    let nothing = Undone::nothing(undo);
    let stopped = |undone: Undone| {
        let fault = Fault::new(Cause::Stopped, "it was stopped before the next call");
        Undone { outcome: ApplyOutcome::Stopped, fault: Some(fault), ..undone }
    };
    let calls = undo.changes().map(|step| step.summary.clone()).collect();
    let header = undo.past.header.clone();
    let book = match Book::open(world, header, &undo.caller, Purpose::Undo, calls).await {
        Ok(book) => book,
        Err(fault) => return Undone::blocked(undo, fault),
    };
    match control.until_stopped(may_begin(world, &book, undo)).await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => return Undone::blocked(undo, fault),
        Err(Stopped) => return stopped(nothing),
    }
    let sender = Sender { world: world.clone(), control: control.clone(), book: book.clone() };
    let mut undone = carried_out(&sender, undo, nothing).await;
    if undone.outcome == ApplyOutcome::Stopped {
        undone = stopped(undone);
    }
    let outcome = match undone.told() {
        ApplyOutcome::Done => Outcome::Done,
        ApplyOutcome::Stopped => Outcome::Stopped,
        ApplyOutcome::Failed | ApplyOutcome::Blocked => Outcome::Failed,
    };
    // A run of which nothing was left is taken back as well.
    let closed = match book.opened().await {
        Ok(()) => book.closed(outcome).await,
        Err(fault) => Err(fault),
    };
    match closed {
        Err(fault) if undone.fault.is_none() => Undone { fault: Some(fault), ..undone },
        _ => undone,
    }
}

/// The account is the run's, and journal and account are still those that the calls were made from.
async fn may_begin(world: &World, book: &Book, undo: &Undo) -> Result<(), Fault> {
    let caller = read("from STS", || world.cloud.whoami()).await?;
    is_of(&undo.past.header, &caller)?;
    let changed = |what: &str| {
        Fault::new(
            Cause::PlanChanged,
            format!("{what} since it was looked at: nothing was changed"),
        )
        .remedy("read it again: it shows the calls as they would be now")
    };
    if book.past().is_some_and(|past| past != undo.past) {
        return Err(changed("something was done about this run"));
    }
    let seen = holdings(world, &undo.past).await?;
    let again = decide(&undo.past, &seen, &caller, &undo.decisions);
    let same =
        again.steps.len() == undo.steps.len()
            && again.steps.iter().zip(&undo.steps).all(|(now, then)| {
                (now.standing, &now.operation) == (then.standing, &then.operation)
            });
    if same { Ok(()) } else { Err(changed("the account was altered")) }
}

async fn carried_out(sender: &Sender, undo: &Undo, mut undone: Undone) -> Undone {
    let control = &sender.control;
    let mut failed = false;
    for (number, step) in undo.changes().enumerate() {
        let Some(call) = Call::of(step) else { continue };
        if control.is_stopped() {
            return Undone { outcome: ApplyOutcome::Stopped, ..undone };
        }
        control.news(News::StepBegan(number));
        let outcome = sender.send(&call, Manner::Clearing).await;
        control.news(News::StepEnded(number, outcome.clone()));
        let broken = breaks_off(&outcome);
        let skipped = matches!(outcome, StepOutcome::Skipped);
        failed |= !matches!(outcome, StepOutcome::Done { .. });
        if let Some(place) = undone.steps.get_mut(number) {
            *place = outcome;
        }
        if skipped {
            return Undone { outcome: ApplyOutcome::Stopped, ..undone };
        }
        if let Some(fault) = broken {
            return Undone { outcome: ApplyOutcome::Failed, fault: Some(fault), ..undone };
        }
    }
    let undone = read_back(sender, undo, undone).await;
    let outcome = if failed || !undone.left.is_empty() || undone.fault.is_some() {
        ApplyOutcome::Failed
    } else {
        ApplyOutcome::Done
    };
    Undone { outcome, ..undone }
}

/// What stands in the way of every other call as well.
fn breaks_off(outcome: &StepOutcome) -> Option<Fault> {
    let StepOutcome::Failed { fault, .. } = outcome else { return None };
    let all = matches!(
        fault.cause,
        Cause::WrongAccount | Cause::File | Cause::CredentialsExpired | Cause::CredentialsMissing
    );
    all.then(|| fault.clone())
}

/// What is still there although its call was answered well. Reads right after writes may be old.
async fn read_back(sender: &Sender, undo: &Undo, undone: Undone) -> Undone {
    sender.control.news(News::ReadingBack);
    let until = Instant::now() + READ_BACK;
    loop {
        let looked = sender.control.until_stopped(holdings(&sender.world, &undo.past)).await;
        let left = match looked {
            Ok(Ok(seen)) => {
                let again = decide(&undo.past, &seen, &undo.caller, &undo.decisions);
                left(undo, &undone, &again)
            }
            Ok(Err(fault)) => return Undone { fault: Some(fault), ..undone },
            Err(Stopped) => {
                let message = "it was stopped before the result was read back";
                let fault = Fault::new(Cause::Stopped, message);
                return Undone { fault: Some(fault), ..undone };
            }
        };
        if left.is_empty() || Instant::now() >= until {
            return Undone { left, ..undone };
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

fn left(undo: &Undo, undone: &Undone, again: &Undo) -> Vec<String> {
    let done = undo.changes().zip(&undone.steps);
    let done = done.filter(|(_, outcome)| matches!(outcome, StepOutcome::Done { .. }));
    let still = |operation| again.changes().any(|step| step.operation.as_ref() == Some(operation));
    done.filter_map(|(step, _)| {
        step.operation.as_ref().filter(|call| still(call)).map(|_| step.summary.clone())
    })
    .collect()
}

#[cfg(test)]
mod tests;
