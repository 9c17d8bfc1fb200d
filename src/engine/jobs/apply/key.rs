//! Making an access key: its secret is told once, so where it goes is tried before, and what cannot be delivered is deleted.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::app::task::StepOutcome;
use crate::domain::custody::{Custody, SeenPlace, SeenSecret};
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::UserIntent;
use crate::domain::key::{KeyId, SeenKey};
use crate::domain::operation::{Deed, Operation};
use crate::domain::plan::{Plan, StepId};
use crate::domain::secret::AccessKey;
use crate::engine::control::{CHANGE_LIMIT, READ_LIMIT, Stopped, read};
use crate::engine::jobs::change::{BETWEEN_LOOKS, Call, Manner, READ_BACK, Sender, unanswered};
use crate::engine::jobs::custody::{deliver, seen};
use crate::ports::World;

/// For delivering what was made.
const DELIVERY: Duration = Duration::from_secs(30);
/// For all of it from the call on, each part with the time that it may take: what is said of the parts says more than that
/// the whole took too long.
const WHOLE: Duration = CHANGE_LIMIT
    .saturating_add(DELIVERY)
    .saturating_add(READ_LIMIT)
    .saturating_add(CHANGE_LIMIT)
    .saturating_add(READ_BACK)
    .saturating_add(READ_LIMIT)
    .saturating_add(READ_BACK);

/// What came of it.
pub(super) struct Made {
    pub(super) outcome: StepOutcome,
    /// The key that was made and delivered.
    pub(super) key: Option<KeyId>,
    /// The same with its secret, where it is to be held in memory.
    pub(super) held: Option<AccessKey>,
}

impl Made {
    const fn not(outcome: StepOutcome) -> Self {
        Self { outcome, key: None, held: None }
    }
}

/// Makes a key beside those that the plan knows of, and delivers its secret. A stop is heard before the call; from the
/// call on nothing is dropped. `Skipped` where it was stopped.
pub(super) async fn make(
    sender: &Sender,
    plan: &Plan,
    intent: &UserIntent,
    call: &Call,
    beside: &[KeyId],
) -> Made {
    let began = Instant::now();
    let (world, control) = (&sender.world, &sender.control);
    let user = intent.user.as_str();
    let failed = |fault: Fault| {
        let fault = fault.with("key_made", "no");
        Made::not(StepOutcome::Failed { fault, took: began.elapsed() })
    };
    let before = control.until_stopped(before(world, plan, intent, user, beside)).await;
    let place = match before {
        Ok(Ok(place)) => place,
        Ok(Err(fault)) => return failed(fault),
        Err(Stopped) => return Made::not(StepOutcome::Skipped),
    };
    let work = {
        let (sender, custody, call) = (sender.clone(), intent.custody.clone(), call.clone());
        let (user, beside) = (user.to_owned(), beside.to_vec());
        async move { made(&sender, &custody, place, call, user, &beside, began).await }
    };
    control.undropped(WHOLE, work).await.unwrap_or_else(|_| {
        let fault = unanswered("iam:CreateAccessKey");
        Made::not(StepOutcome::Unknown { fault, took: began.elapsed() })
    })
}

/// The place of the secret, if it and the user's keys are those of the plan.
async fn before(
    world: &World,
    plan: &Plan,
    intent: &UserIntent,
    user: &str,
    beside: &[KeyId],
) -> Result<SeenPlace, Fault> {
    let place = seen(world, &intent.custody).await?;
    if let SeenPlace::Ours(secret) = &place
        && !is_planned(plan, secret)
    {
        return Err(refilled(&intent.custody, secret));
    }
    let there = listed(world, user).await?;
    if same(&there, beside) { Ok(place) } else { Err(changed(user, &there)) }
}

/// Whether the plan says that this very Secret is written anew, with the key that is in it.
fn is_planned(plan: &Plan, secret: &SeenSecret) -> bool {
    let step = plan.steps.iter().find(|step| step.id == StepId::Custody);
    let diff = step.and_then(|step| step.diff.first());
    diff.is_some_and(|diff| diff.now.as_deref() == secret.key.as_ref().map(KeyId::as_str))
}

async fn made(
    sender: &Sender,
    custody: &Custody,
    place: SeenPlace,
    call: Call,
    user: String,
    beside: &[KeyId],
    began: Instant,
) -> Made {
    let world = &sender.world;
    let (key, deed) = match sender.send(&call, Manner::Patient).await {
        StepOutcome::Done { deed: Deed { key: Some(key), arn, request_id }, .. } => {
            (key, Deed { arn, request_id, key: None })
        }
        // An answer without the key is no better than none.
        StepOutcome::Done { .. } => {
            let fault = Fault::new(Cause::Unexplained, "iam:CreateAccessKey told no secret")
                .with("outcome", "unknown");
            return Made::not(orphaned(world, &user, beside, fault, began).await);
        }
        StepOutcome::Unknown { fault, .. } => {
            return Made::not(orphaned(world, &user, beside, fault, began).await);
        }
        other => return Made::not(other),
    };
    let delivered = handed_over(sender, custody, place, &key).await;
    let delivered = match delivered {
        (number, Err(fault)) => (number, arrived(world, custody, &key.id, fault).await),
        delivered => delivered,
    };
    let (number, delivered) = delivered;
    if let Some(number) = number {
        let took = began.elapsed();
        let outcome = match &delivered {
            Ok(()) => StepOutcome::Done { deed: Deed::default(), took },
            Err(fault) => StepOutcome::Failed { fault: fault.clone(), took },
        };
        // Without it the next start takes the key for one that nobody has, and asks.
        let _ = sender.book.ended(number, &outcome, "created").await;
    }
    if let Err(fault) = delivered {
        return Made::not(taken_back(sender, &user, &key.id, fault, began).await);
    }
    Made {
        outcome: StepOutcome::Done { deed, took: began.elapsed() },
        key: Some(key.id.clone()),
        held: (*custody == Custody::Show).then_some(key),
    }
}

/// Hands the secret over, with word of it in the journal before. The number of that word, where it could be written.
async fn handed_over(
    sender: &Sender,
    custody: &Custody,
    place: SeenPlace,
    key: &AccessKey,
) -> (Option<u64>, Result<(), Fault>) {
    let number = match sender.book.delivers(&key.id, custody).await {
        Ok(number) => number,
        Err(fault) => return (None, Err(fault)),
    };
    let delivery = {
        let (world, custody, key) = (sender.world.clone(), custody.clone(), key.clone());
        async move { deliver(&world, &custody, &place, &key).await }
    };
    let delivered = sender.control.undropped(DELIVERY, delivery).await.unwrap_or_else(|_| {
        let seconds = DELIVERY.as_secs();
        let message = format!("{custody} did not take it within {seconds} s");
        Err(Fault::new(Cause::DeadlinePassed, message).with("limit_seconds", seconds.to_string()))
    });
    (Some(number), delivered)
}

/// A delivery without an answer may have arrived all the same: what stands there now says it. A Secret that cannot be
/// read either may hold the key that is about to be deleted, and is named for that.
async fn arrived(world: &World, custody: &Custody, id: &KeyId, fault: Fault) -> Result<(), Fault> {
    let unanswered = matches!(fault.cause, Cause::ClusterUnreachable | Cause::DeadlinePassed);
    if !unanswered || !matches!(custody, Custody::Kubernetes(_)) {
        return Err(fault);
    }
    match seen(world, custody).await {
        Ok(SeenPlace::Ours(secret)) if secret.key.as_ref() == Some(id) => Ok(()),
        Ok(_) => Err(fault),
        Err(_) => Err(fault.with("perhaps_in", custody.to_string())),
    }
}

/// The user's keys. A user that was made a moment ago may not be seen everywhere yet.
async fn listed(world: &World, user: &str) -> Result<Vec<SeenKey>, Fault> {
    let until = Instant::now() + READ_BACK;
    loop {
        let asked = read("from IAM", || world.cloud.keys(user)).await;
        let absent = |fault: &Fault| {
            fault.evidence.get("code").is_some_and(|code| code.starts_with("NoSuchEntity"))
        };
        match asked {
            Err(fault) if absent(&fault) && Instant::now() < until => sleep(BETWEEN_LOOKS).await,
            answer => return answer,
        }
    }
}

fn same(there: &[SeenKey], beside: &[KeyId]) -> bool {
    there.len() == beside.len() && there.iter().all(|key| beside.contains(&key.id))
}

fn changed(user: &str, there: &[SeenKey]) -> Fault {
    let ids: Vec<&str> = there.iter().map(|key| key.id.as_str()).collect();
    Fault::new(
        Cause::PlanChanged,
        format!("the keys of {user} are no longer those of the plan: no key was made"),
    )
    .with("got", ids.join(", "))
    .remedy("make the plan again: it takes in the keys that are there now")
}

/// The Secret was not there when the plan was made, or held another key.
fn refilled(custody: &Custody, secret: &SeenSecret) -> Fault {
    let message = format!("{custody} is no longer as the plan has it: no key was made");
    let key = secret.key.as_ref().map_or("a key without a name", KeyId::as_str);
    Fault::new(Cause::PlanChanged, message)
        .with("got", key)
        .remedy("make the plan again: it says whose key is in the Secret now")
}

/// The answer with the secret is lost. A key that is there now and was not before is of no use to anybody.
async fn orphaned(
    world: &World,
    user: &str,
    beside: &[KeyId],
    fault: Fault,
    began: Instant,
) -> StepOutcome {
    let until = Instant::now() + READ_BACK;
    let found = loop {
        let there = read("from IAM", || world.cloud.keys(user)).await;
        let new = there.as_ref().ok().and_then(|there| {
            there.iter().find(|key| !beside.contains(&key.id)).map(|key| key.id.clone())
        });
        if new.is_some() || Instant::now() >= until {
            break new.ok_or_else(|| there.err());
        }
        sleep(BETWEEN_LOOKS).await;
    };
    let fault = match found {
        Ok(key) => fault.with("unknown_key", key.as_str()).remedy(format!(
            "delete the key {key}: it was made, its secret was lost with the answer, and nobody has it; then make another"
        )),
        Err(None) => fault
            .with("unknown_key", "none is listed")
            .remedy("make the plan again: it shows whether there is a key by now"),
        Err(Some(why)) => fault.with("not_looked_at", why.message).remedy(format!(
            "list the keys of {user} before another is made: one whose secret nobody has may be there"
        )),
    };
    StepOutcome::Unknown { fault, took: began.elapsed() }
}

/// Deletes the key. By its id that can be tried again: AWS may be busy, or not know everywhere yet that the key is there.
async fn deleted(sender: &Sender, user: &str, id: &KeyId) -> StepOutcome {
    let until = Instant::now() + READ_BACK;
    loop {
        let operation = Operation::DeleteAccessKey { user: user.to_owned(), key: id.clone() };
        let outcome = sender.send(&Call::of_key(operation), Manner::Resolute).await;
        let (StepOutcome::Failed { fault, .. } | StepOutcome::Unknown { fault, .. }) = &outcome
        else {
            return outcome;
        };
        let absent = fault.evidence.get("code").is_some_and(|c| c.starts_with("NoSuchEntity"));
        let passing = absent || matches!(fault.cause, Cause::Throttled | Cause::Unreachable);
        if !passing || Instant::now() >= until {
            return outcome;
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

/// The secret could not be delivered: the key goes at once, so that none is left whose secret nobody has.
async fn taken_back(
    sender: &Sender,
    user: &str,
    id: &KeyId,
    fault: Fault,
    began: Instant,
) -> StepOutcome {
    let deleted = deleted(sender, user, id).await;
    let why = fault.message.clone();
    let with = |message: String| Fault { message, ..fault.clone() }.with("key", id.as_str());
    let took = began.elapsed();
    let left = match deleted {
        StepOutcome::Done { .. } => {
            let told = with(format!(
                "the secret could not be delivered, and the key {id} was deleted at once: {why}"
            ));
            return StepOutcome::Failed { fault: told.with("key_deleted", "yes"), took };
        }
        StepOutcome::Failed { fault, .. } | StepOutcome::Unknown { fault, .. } => fault.message,
        StepOutcome::Skipped => "it was not tried".to_owned(),
    };
    let fault = with(format!(
        "the secret could not be delivered, and the key {id} could not be deleted: {why}; {left}"
    ))
    .with("key_deleted", "no")
    .with("unknown_key", id.as_str())
    .with("outcome", "unknown")
    .remedy(format!("delete the key {id}, whose secret nobody has"));
    StepOutcome::Unknown { fault, took }
}
