//! One changing call after the other: the caller checked and the journal written before each, its answer written after it.

mod book;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

pub(super) use self::book::{Book, now_exactly};
use super::whoami::is_mended_by_login;
use crate::app::task::{News, StepOutcome};
use crate::clock::unix_now;
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::Caller;
use crate::domain::inventory::Holdings;
use crate::domain::journal::{Change, Thing, changes, wanted};
use crate::domain::operation::{Deed, Operation};
use crate::domain::plan::{Planned, Standing, StepId};
use crate::domain::principal::Principal;
use crate::engine::control::{CHANGE_LIMIT, Control, Stopped, read};
use crate::ports::{Answer, World};

/// Reads right after writes may show the old state for this long.
pub(super) const READ_BACK: Duration = Duration::from_secs(10);
/// Between two looks.
pub(super) const BETWEEN_LOOKS: Duration = Duration::from_secs(2);
/// How long it is waited for a login to be renewed.
pub const RENEWAL: Duration = Duration::from_mins(15);
/// Between two looks for a renewed login.
const BETWEEN_LOGINS: Duration = Duration::from_secs(3);
/// A call that AWS was too busy for is sent again after these times. It was refused, so this repeats nothing.
const BUSY: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];

/// A role or user that was just cleared is, for a while, still taken for one with policies or keys on it: IAM's reads are
/// late (IAM user guide, "eventual consistency"; Terraform's provider tries a `DeleteConflict` again for two minutes).
const SETTLING: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
];

/// One call, with what the journal keeps of it.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) id: &'static str,
    pub(super) summary: String,
    pub(super) operation: Operation,
    pub(super) before: serde_json::Value,
    /// `created`, `adopted`, `changed` or `removed`.
    pub(super) effect: &'static str,
}

impl Call {
    /// The call of a step, if it has one.
    pub(super) fn of(step: &Planned) -> Option<Self> {
        let operation = step.operation.clone()?;
        let effect = effect(step, &operation);
        let (id, summary) = (step.id.word(), step.summary.clone());
        Some(Self { id, summary, operation, before: step.before.clone(), effect })
    }

    /// A call about an access key, beside the plan's steps.
    pub(super) fn of_key(operation: Operation) -> Self {
        let before = crate::domain::journal::before(&operation, &Holdings::default());
        let effect = match operation {
            Operation::CreateAccessKey { .. } => "created",
            _ => "removed",
        };
        let (id, summary) = (StepId::AccessKey.word(), operation.summary());
        Self { id, summary, operation, before, effect }
    }
}

const fn effect(step: &Planned, operation: &Operation) -> &'static str {
    match operation {
        Operation::DeleteAccessKey { .. }
        | Operation::DeleteProvider { .. }
        | Operation::RemoveAudience { .. }
        | Operation::DeleteRole { .. }
        | Operation::DeleteUser { .. }
        | Operation::DetachPolicy { .. }
        | Operation::DeleteInlinePolicy { .. }
        | Operation::DeleteBoundary { .. }
        | Operation::Untag { .. } => "removed",
        // Also on a user that somebody else made, or in the place of somebody's provider that a run deleted.
        Operation::CreateAccessKey { .. } | Operation::CreateProvider { .. } => "created",
        _ => match (step.standing, &step.confirm) {
            (Standing::Change, _) => "changed",
            // Added to what somebody else made.
            (_, Some(_)) => "adopted",
            _ => "created",
        },
    }
}

/// How far a call goes out of its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Hears a stop before it is sent; waits for a login to be renewed and for AWS to have time.
    Patient,
    /// As `Patient`; what turns out not to be there any more is taken back already.
    Clearing,
    /// Is sent now, whoever wants to stop: it clears away what must not be left.
    Resolute,
}

/// Sends calls of one run.
#[derive(Clone)]
pub(super) struct Sender {
    pub(super) world: World,
    pub(super) control: Control,
    pub(super) book: Book,
}

/// Why a call was not sent.
enum Unsent {
    Stopped,
    Fault(Fault),
}

impl Sender {
    /// Sends one call, once, unless it was refused in a way that says that it was not looked at. `Skipped` where it was stopped
    /// before. What is not answered is looked for.
    pub(super) async fn send(&self, call: &Call, manner: Manner) -> StepOutcome {
        self.send_if(call, manner, &|| Box::pin(std::future::ready(Ok(())))).await
    }

    /// The same, if `stands` says, each time right before it is sent, that it still may be. It is asked once the login works:
    /// waiting for that may have taken long.
    pub(super) async fn send_if<'a>(
        &self,
        call: &Call,
        manner: Manner,
        stands: &(dyn Fn() -> Answer<'a, ()> + Send + Sync),
    ) -> StepOutcome {
        let began = Instant::now();
        let (mut busy, mut settling) = (BUSY.iter(), SETTLING.iter());
        let mut renewed = false;
        loop {
            match self.may_send(manner, began + RENEWAL).await {
                Ok(()) => {}
                Err(Unsent::Stopped) => return StepOutcome::Skipped,
                Err(Unsent::Fault(fault)) => {
                    return StepOutcome::Failed { fault, took: began.elapsed() };
                }
            }
            let stands = match manner {
                Manner::Patient | Manner::Clearing => self.control.until_stopped(stands()).await,
                Manner::Resolute => Ok(stands().await),
            };
            let outcome = match stands {
                Err(Stopped) => return StepOutcome::Skipped,
                Ok(Err(fault)) => {
                    let fault = fault.with("action", call.operation.call()).with("sent", "no");
                    StepOutcome::Failed { fault, took: began.elapsed() }
                }
                Ok(Ok(())) => match self.sent_once(call, manner, began).await {
                    Ok(outcome) => outcome,
                    Err(outcome) => return outcome,
                },
            };
            let StepOutcome::Failed { fault, .. } = &outcome else { return outcome };
            let wait = match fault.cause {
                _ if manner == Manner::Resolute => None,
                // The next look at who the caller is waits for the login. Where STS takes it and IAM still does not, more
                // looks would not help at once.
                cause if is_mended_by_login(cause) => (began.elapsed() < RENEWAL).then(|| {
                    if std::mem::replace(&mut renewed, true) {
                        BETWEEN_LOGINS
                    } else {
                        Duration::ZERO
                    }
                }),
                Cause::Throttled => busy.next().copied(),
                _ if is_settling(fault) => settling.next().copied(),
                _ => None,
            };
            let Some(wait) = wait else { return outcome };
            if !wait.is_zero() {
                self.control.news(News::Waiting(fault.clone()));
                if self.control.sleep(wait).await == Err(Stopped) {
                    return outcome;
                }
                self.control.news(News::GoesOn);
            }
        }
    }

    /// Sends a call with its lines in the journal. Not sent, and nothing to be tried again, where the first cannot be written.
    async fn sent_once(
        &self,
        call: &Call,
        manner: Manner,
        began: Instant,
    ) -> Result<StepOutcome, StepOutcome> {
        let number = match self.book.began(call).await {
            Ok(number) => number,
            Err(fault) => {
                let fault = fault.with("action", call.operation.call()).with("sent", "no");
                return Err(StepOutcome::Failed { fault, took: began.elapsed() });
            }
        };
        let sent = self.sent(&call.operation, began).await;
        let outcome = match sent {
            StepOutcome::Unknown { fault, .. } if is_looked_for(&call.operation) => {
                self.looked_up(call, fault, began).await
            }
            StepOutcome::Failed { fault, .. }
                if manner == Manner::Clearing && is_absent(&fault) =>
            {
                self.found_gone(call, fault, began).await
            }
            sent => sent,
        };
        // If this is not on the disk, nothing else will be begun; what was done stays done.
        let _ = self.book.ended(number, &outcome, call.effect).await;
        Ok(outcome)
    }

    /// The login works, and is of the run's account. It is waited for until then.
    async fn may_send(&self, manner: Manner, until: Instant) -> Result<(), Unsent> {
        let mut waited = false;
        loop {
            let asked = read("from STS", || self.world.cloud.whoami());
            let asked = match manner {
                Manner::Patient | Manner::Clearing => self.control.until_stopped(asked).await,
                Manner::Resolute => Ok(asked.await),
            };
            match asked {
                Err(Stopped) => return Err(Unsent::Stopped),
                Ok(Ok(caller)) => {
                    if waited {
                        self.control.news(News::GoesOn);
                    }
                    return self.book.is_of(&caller).map_err(Unsent::Fault);
                }
                Ok(Err(fault)) => {
                    let waits = manner != Manner::Resolute
                        && is_mended_by_login(fault.cause)
                        && Instant::now() < until;
                    if !waits {
                        return Err(Unsent::Fault(fault));
                    }
                    waited = true;
                    self.control.news(News::Waiting(fault));
                }
            }
            if self.control.sleep(BETWEEN_LOGINS).await == Err(Stopped) {
                return Err(Unsent::Stopped);
            }
        }
    }

    /// The call itself. It is not dropped, whatever happens here.
    async fn sent(&self, operation: &Operation, began: Instant) -> StepOutcome {
        let (cloud, operation) = (Arc::clone(&self.world.cloud), operation.clone());
        let call = operation.call();
        let work = async move { cloud.perform(&operation).await };
        let sent = self.control.undropped(CHANGE_LIMIT, work).await;
        let took = began.elapsed();
        match sent {
            Ok(Ok(deed)) => StepOutcome::Done { deed, took },
            Ok(Err(fault)) if is_unanswered(&fault) => StepOutcome::Unknown { fault, took },
            Ok(Err(fault)) => StepOutcome::Failed { fault, took },
            Err(_) => StepOutcome::Unknown { fault: unanswered(call), took },
        }
    }

    /// AWS says that it is not there. That may be as old as any answer right after a write, so it is looked at as well.
    async fn found_gone(&self, call: &Call, fault: Fault, began: Instant) -> StepOutcome {
        let changes = changes(&call.operation, &call.before, &self.book.header());
        let wanted = wanted(changes.iter().map(|change| &change.thing));
        let until = Instant::now() + READ_BACK;
        loop {
            let seen = read("from IAM", || self.world.cloud.holdings(&wanted)).await;
            let is_gone = |seen: &Holdings| {
                !changes.is_empty() && changes.iter().all(|change| is_gone(change, seen))
            };
            let took = began.elapsed();
            if seen.is_ok_and(|seen| is_gone(&seen)) {
                let deed = Deed { request_id: fault.request_id, ..Deed::default() };
                return StepOutcome::Done { deed, took };
            }
            if Instant::now() >= until {
                return StepOutcome::Failed { fault, took };
            }
            sleep(BETWEEN_LOOKS).await;
        }
    }

    /// No answer came: what the account has says whether it happened. What is not there yet may still come.
    async fn looked_up(&self, call: &Call, fault: Fault, began: Instant) -> StepOutcome {
        self.control.news(News::LookingUp);
        let changes = changes(&call.operation, &call.before, &self.book.header());
        let wanted = wanted(changes.iter().map(|change| &change.thing));
        let until = Instant::now() + READ_BACK;
        loop {
            let seen = read("from IAM", || self.world.cloud.holdings(&wanted)).await;
            let took = began.elapsed();
            if let Ok(seen) = &seen
                && !changes.is_empty()
                && changes.iter().all(|c| c.thing.same(&c.thing.state(seen), &c.after))
            {
                let arn = changes.first().and_then(|change| arn(&change.thing, seen));
                return StepOutcome::Done { deed: Deed { arn, ..Deed::default() }, took };
            }
            if Instant::now() >= until {
                let fault = match seen {
                    Err(why) => fault.with("not_looked_at", why.message),
                    Ok(_) => fault.with("looked_at", "it is not there, or not yet"),
                };
                return StepOutcome::Unknown { fault, took };
            }
            sleep(BETWEEN_LOOKS).await;
        }
    }
}

/// Notes that the account was, or may have been, changed just now.
pub(super) async fn note_change(world: &World, caller: &Caller) {
    let (ledger, account) = (Arc::clone(&world.ledger), caller.account.clone());
    let _ = spawn_blocking(move || ledger.note_change(&account, unix_now())).await;
}

/// Whether a thing is not there any more, or what it was on.
fn is_gone(change: &Change, seen: &Holdings) -> bool {
    let thing = &change.thing;
    let owner = thing.principal().map(Thing::Principal);
    let owner = owner.or_else(|| thing.provider().cloned().map(Thing::Provider));
    let is_there = |thing: &Thing| thing.state(seen).is_some();
    // A policy is put back on what is there: that it is not on it says nothing.
    let is_itself = change.after.is_none() || matches!(thing, Thing::Key(..));
    owner.is_some_and(|owner| !is_there(&owner)) || (is_itself && !is_there(thing))
}

fn is_absent(fault: &Fault) -> bool {
    fault.evidence.get("code").is_some_and(|code| code.starts_with("NoSuchEntity"))
}

/// Of an access key its secret is lost with the answer: whoever makes one sees to that.
const fn is_looked_for(operation: &Operation) -> bool {
    !matches!(operation, Operation::CreateAccessKey { .. })
}

fn is_settling(fault: &Fault) -> bool {
    fault.evidence.get("code").is_some_and(|code| code.starts_with("DeleteConflict"))
}

fn is_unanswered(fault: &Fault) -> bool {
    fault.evidence.get("outcome").is_some_and(|outcome| outcome == "unknown")
}

/// A call whose stated time has passed.
pub(super) fn unanswered(call: &str) -> Fault {
    let limit = CHANGE_LIMIT.as_secs();
    let message = format!("{call} was sent, and no answer came within {limit} s");
    Fault::new(Cause::DeadlinePassed, message)
        .with("action", call)
        .with("outcome", "unknown")
        .remedy("make the plan again: it shows whether it happened")
}

/// The ARN of what was made.
fn arn(thing: &Thing, seen: &Holdings) -> Option<String> {
    Some(match thing {
        Thing::Provider(arn) | Thing::Audience(arn, _) => arn.to_string(),
        Thing::Principal(Principal::Role(role)) => seen.roles.get(role)?.arn.to_string(),
        Thing::Principal(Principal::User(user)) => seen.users.get(user)?.arn.to_string(),
        Thing::Attached(_, policy) => policy.to_string(),
        _ => return None,
    })
}
