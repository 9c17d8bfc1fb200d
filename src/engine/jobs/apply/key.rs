//! Making an access key: its secret is told once, so where it goes is tried before, and what cannot be delivered is deleted.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{BETWEEN_LOOKS, READ_BACK, outcome};
use crate::app::task::StepOutcome;
use crate::domain::custody::{Custody, SeenPlace};
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::UserIntent;
use crate::domain::key::{KeyId, SeenKey};
use crate::domain::operation::{Deed, Operation};
use crate::domain::secret::AccessKey;
use crate::engine::control::{CHANGE_LIMIT, Control, read};
use crate::engine::jobs::custody::{deliver, seen};
use crate::ports::World;

/// For delivering what was made, and for deleting what could not be delivered.
const DELIVERY: Duration = Duration::from_secs(30);

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

/// Makes a key beside those that the plan knows of, and delivers its secret. From the call on nothing is dropped.
pub(super) async fn make(
    world: &World,
    control: &Control,
    intent: &UserIntent,
    user: &str,
    beside: &[KeyId],
) -> Made {
    let began = Instant::now();
    let failed = |fault| Made::not(StepOutcome::Failed { fault, took: began.elapsed() });
    let place = match seen(world, &intent.custody).await {
        Ok(place) => place,
        Err(fault) => return failed(fault.with("key_made", "no")),
    };
    match listed(world, user).await {
        Ok(there) if same(&there, beside) => {}
        Ok(there) => return failed(changed(user, &there)),
        Err(fault) => return failed(fault.with("key_made", "no")),
    }
    let work = {
        let (world, custody) = (world.clone(), intent.custody.clone());
        let (user, beside) = (user.to_owned(), beside.to_vec());
        async move { made(&world, &custody, &place, user, &beside, began).await }
    };
    let limit = CHANGE_LIMIT + DELIVERY + READ_BACK;
    match control.undropped(limit, work).await {
        Ok(made) => made,
        Err(_) => Made::not(outcome("iam:CreateAccessKey", None, began.elapsed())),
    }
}

async fn made(
    world: &World,
    custody: &Custody,
    place: &SeenPlace,
    user: String,
    beside: &[KeyId],
    began: Instant,
) -> Made {
    let operation = Operation::CreateAccessKey { user: user.clone(), beside: beside.to_vec() };
    let sent = tokio::time::timeout(CHANGE_LIMIT, world.cloud.perform(&operation)).await.ok();
    let (key, deed) = match sent {
        Some(Ok(Deed { key: Some(key), arn, request_id })) => {
            (key, Deed { arn, request_id, key: None })
        }
        // An answer without the key is no better than none.
        Some(Ok(_)) => {
            let fault = Fault::new(Cause::Unexplained, "iam:CreateAccessKey told no secret")
                .with("outcome", "unknown");
            return Made::not(orphaned(world, &user, beside, fault, began).await);
        }
        refused => match outcome(operation.call(), refused, began.elapsed()) {
            StepOutcome::Unknown { fault, .. } => {
                return Made::not(orphaned(world, &user, beside, fault, began).await);
            }
            other => return Made::not(other),
        },
    };
    if let Err(fault) = deliver(world, custody, place, &key).await {
        return Made::not(taken_back(world, &user, &key, fault, began).await);
    }
    Made {
        outcome: StepOutcome::Done { deed, took: began.elapsed() },
        key: Some(key.id.clone()),
        held: (*custody == Custody::Show).then_some(key),
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
    .with("key_made", "no")
    .remedy("make the plan again: it takes in the keys that are there now")
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

/// The secret could not be delivered: the key goes at once, so that none is left whose secret nobody has.
async fn taken_back(
    world: &World,
    user: &str,
    key: &AccessKey,
    fault: Fault,
    began: Instant,
) -> StepOutcome {
    let operation = Operation::DeleteAccessKey { user: user.to_owned(), key: key.id.clone() };
    let cloud = Arc::clone(&world.cloud);
    let deleted = tokio::time::timeout(CHANGE_LIMIT, cloud.perform(&operation)).await;
    let id = &key.id;
    let why = fault.message.clone();
    let with = |message: String| Fault { message, ..fault.clone() }.with("key", id.as_str());
    let took = began.elapsed();
    let left = match deleted {
        Ok(Ok(_)) => {
            let told = with(format!(
                "the secret could not be delivered, and the key {id} was deleted at once: {why}"
            ));
            return StepOutcome::Failed { fault: told.with("key_deleted", "yes"), took };
        }
        Ok(Err(fault)) => fault.message,
        Err(_) => "no answer".to_owned(),
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
