//! Mends what the review found: the calls that were shown, one after the other, up to the first that is refused.

use tokio::time::Instant;

use super::change::{
    BETWEEN_LOOKS, Book, Call, Manner, READ_BACK, Sender, note_change, now_exactly,
};
use super::recall::held;
use crate::app::task::{ApplyOutcome, Mended, News, StepOutcome};
use crate::domain::fault::{Cause, Fault};
use crate::domain::journal::{Outcome, Purpose, is_of};
use crate::domain::plan::Planned;
use crate::domain::review::mend::{Mend, takes_away};
use crate::engine::control::{Control, Stopped, read};
use crate::ports::{Answer, World};

/// Mends. Hears a stop between two calls, never within one.
pub async fn mend(world: &World, control: &Control, mend: &Mend) -> Mended {
    let nothing = Mended::nothing(mend);
    let calls = mend.changes().map(|step| step.summary.clone()).collect();
    let header = mend.header(now_exactly());
    let book = match Book::open(world, header, &mend.caller, Purpose::Apply, calls).await {
        Ok(book) => book,
        Err(fault) => return Mended::blocked(mend, fault),
    };
    match control.until_stopped(may_begin(world, &book, mend)).await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => return Mended::blocked(mend, fault),
        Err(Stopped) => return stopped(nothing),
    }
    let sender = Sender { world: world.clone(), control: control.clone(), book: book.clone() };
    let mended = carried_out(&sender, mend, nothing).await;
    let outcome = match mended.told() {
        ApplyOutcome::Done => Outcome::Done,
        ApplyOutcome::Stopped => Outcome::Stopped,
        ApplyOutcome::Failed | ApplyOutcome::Blocked => Outcome::Failed,
    };
    match book.closed(outcome).await {
        Err(fault) if mended.fault.is_none() => Mended { fault: Some(fault), ..mended },
        _ => mended,
    }
}

fn stopped(mended: Mended) -> Mended {
    let fault = Fault::new(Cause::Stopped, "it was stopped before the next call");
    Mended { outcome: ApplyOutcome::Stopped, fault: Some(fault), ..mended }
}

/// The account is the one that was reviewed, and everything that is touched stands as it did then.
async fn may_begin(world: &World, book: &Book, mend: &Mend) -> Result<(), Fault> {
    let caller = read("from STS", || world.cloud.whoami()).await?;
    is_of(&mend.header(now_exactly()), &caller)?;
    if book.past().is_some() {
        let message = format!("the run {} was begun before: nothing was changed", mend.stamp.run);
        return Err(changed(message));
    }
    let seen = held(world, &mend.wanted()).await?;
    as_reviewed(&mend.altered(&seen), "nothing was changed")
}

/// What a removal takes away is as the review saw it, and nobody has come to live by it.
async fn may_go(world: &World, mend: &Mend, step: &Planned) -> Result<(), Fault> {
    let seen = held(world, &mend.wanted_for(step)).await?;
    as_reviewed(
        &mend.altered_for(step, &seen),
        "it was not sent, and neither was what comes after it",
    )
}

fn as_reviewed(altered: &[String], so: &str) -> Result<(), Fault> {
    match altered {
        [] => Ok(()),
        [one] => Err(changed(format!("since the review, {one}: {so}"))),
        [one, more @ ..] => {
            let fault = changed(format!("since the review, {one}, and {} more: {so}", more.len()));
            Err(fault.with("altered", altered.join("; ")))
        }
    }
}

fn changed(message: String) -> Fault {
    Fault::new(Cause::PlanChanged, message).remedy("r reads the account again")
}

async fn carried_out(sender: &Sender, mend: &Mend, mut mended: Mended) -> Mended {
    let control = &sender.control;
    for (number, step) in mend.changes().enumerate() {
        let Some(call) = Call::of(step) else { continue };
        if control.is_stopped() {
            return stopped(mended);
        }
        control.news(News::StepBegan(number));
        // What was looked at at first may be long ago: a call waits for its login.
        let outcome = if takes_away(&call.operation) {
            let stands = || Box::pin(may_go(&sender.world, mend, step)) as Answer<'_, ()>;
            sender.send_if(&call, Manner::Patient, &stands).await
        } else {
            sender.send(&call, Manner::Patient).await
        };
        if matches!(outcome, StepOutcome::Done { .. } | StepOutcome::Unknown { .. }) {
            note_change(&sender.world, &mend.caller).await;
        }
        control.news(News::StepEnded(number, outcome.clone()));
        let good = matches!(outcome, StepOutcome::Done { .. });
        let skipped = matches!(outcome, StepOutcome::Skipped);
        if let Some(place) = mended.steps.get_mut(number) {
            *place = outcome;
        }
        if skipped {
            return stopped(mended);
        }
        if !good {
            return Mended { outcome: ApplyOutcome::Failed, ..mended };
        }
    }
    read_back(sender, mend, mended).await
}

/// What the account has of it. Reads right after writes may be old.
async fn read_back(sender: &Sender, mend: &Mend, mended: Mended) -> Mended {
    let control = &sender.control;
    control.news(News::ReadingBack);
    let wanted = mend.wanted();
    let unread = |mended: Mended| {
        let fault = Fault::new(Cause::Stopped, "it was stopped before the result was read back");
        Mended { fault: Some(fault), ..mended }
    };
    let until = Instant::now() + READ_BACK;
    loop {
        let seen = match control.until_stopped(held(&sender.world, &wanted)).await {
            Ok(Ok(seen)) => seen,
            Ok(Err(fault)) => return Mended { fault: Some(fault), ..mended },
            Err(Stopped) => return unread(mended),
        };
        let differs: Vec<String> =
            mend.changes().flat_map(|step| mend.differs(step, &seen)).collect();
        if differs.is_empty() || Instant::now() >= until {
            return Mended { differs, ..mended };
        }
        if control.sleep(BETWEEN_LOOKS).await == Err(Stopped) {
            return unread(mended);
        }
    }
}

#[cfg(test)]
mod tests;
