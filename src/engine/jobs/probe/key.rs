//! The first rungs of user mode: a key was had, AWS knows it, and it is the user's.

use std::time::Duration;

use tokio::time::Instant;

use super::ladder::Fell;
use super::look::{Seen, Sight, look_at_user};
use super::patience::ONCE_MORE;
use super::window::Window;
use super::{Climb, somebody_else};
use crate::app::task::{KeyBearer, KeySource};
use crate::domain::arn::Arn;
use crate::domain::fault::{Cause, Fault};
use crate::domain::key::{KeyId, SeenKey};
use crate::domain::probe::Rung;
use crate::domain::secret::AccessKey;
use crate::engine::control::{READ_LIMIT, within};
use crate::engine::jobs::custody::on_disk;
use crate::ports::Ledger;

impl Climb<'_> {
    pub(super) async fn by_key(&mut self, bearer: &KeyBearer) -> Result<(), Fell> {
        self.ladder.begin(Rung::AccessKey);
        let had = self.had(bearer).await.map_err(|fault| self.ladder.failed(fault))?;
        self.key = Some(had.id.clone());
        let arn = self.known(bearer, &had).await?;
        self.ladder.passed(format!("{}, {}", had.id, from(&bearer.key)));
        self.ladder.begin(Rung::Identity);
        if arn != bearer.user.as_str() {
            return Err(self.ladder.failed(not_the_users(bearer, &had.id, &arn)));
        }
        self.ladder.passed(arn);
        let fresh = Window::from_now(self.order, "the key is new");
        let login = self.pull(&had.credentials(), &fresh).await?;
        self.refusals(None, &login).await;
        Ok(())
    }

    async fn had(&self, bearer: &KeyBearer) -> Result<AccessKey, Fault> {
        let key = match &bearer.key {
            KeySource::Held(key) => key.clone(),
            KeySource::File(path) => on_disk(self.world, path, <dyn Ledger>::read_key_file).await?,
            KeySource::Secret(place) => {
                let asked = self.world.cluster.read_secret(place);
                within(READ_LIMIT, "from the cluster", asked).await?
            }
        };
        if key.id.is_temporary() {
            let message = format!("{} is a temporary key, not one of a user", key.id);
            return Err(Fault::new(Cause::AccessKeyUnknown, message)
                .with("key", key.id.as_str())
                .remedy("give the access key of the user, whose id begins with AKIA"));
        }
        Ok(key)
    }

    /// Asks STS whose key it is. One that is not known is held against what the account says of it: inactive, gone, or
    /// made a moment ago and not spread yet.
    async fn known(&mut self, bearer: &KeyBearer, key: &AccessKey) -> Result<String, Fell> {
        let (cloud, region) = (&*self.world.cloud, &self.order.wish.host.region);
        let credentials = key.credentials();
        let ask = || cloud.identity(&credentials, region);
        let refused = match within(READ_LIMIT, "from STS", ask()).await {
            Ok(arn) => return Ok(arn),
            Err(fault) => fault.with("key", key.id.as_str()),
        };
        if refused.cause == Cause::SecretMismatch {
            return Err(self.ladder.failed(mistyped(refused, &bearer.key)));
        }
        let mut fresh = Window::from_now(self.order, "whether the key is new is not known");
        let mut unlisted = None;
        if refused.cause == Cause::AccessKeyUnknown {
            self.look_at_user(bearer, Some(&key.id)).await;
            let change = self.sight.change.clone();
            if let Ok(Seen { account, .. }) = &self.sight.seen {
                let user = account.user.as_ref();
                let seen = user.and_then(|user| user.keys.iter().find(|k| k.id == key.id));
                match (seen, change) {
                    (Some(seen), _) if !seen.is_active() => {
                        return Err(self.ladder.failed(inactive(&refused, seen)));
                    }
                    (Some(_), Some(change)) => fresh = change,
                    // IAM itself may not list yet what was made a moment ago.
                    (None, change) => {
                        let there = user.map(|user| user.keys.clone());
                        let Some(change) = change else {
                            return Err(self.ladder.failed(gone(
                                refused,
                                bearer,
                                there.as_deref(),
                            )));
                        };
                        (fresh, unlisted) = (change, Some(there));
                    }
                    // Known to IAM and not to STS, although nothing is new: one more try makes sure.
                    (Some(_), None) => fresh.end = Instant::now() + ONCE_MORE * 2,
                }
            } else if let Some(change) = change {
                fresh = change;
            }
        }
        let began = Instant::now();
        let asked = self.patience(Rung::AccessKey, &fresh).ask_after(Some(refused), ask).await;
        asked.map_err(|fault| {
            let fault = fault.with("key", key.id.as_str());
            let fault = match fault.cause {
                Cause::AccessKeyUnknown if unlisted.is_some() => {
                    gone(fault, bearer, unlisted.flatten().as_deref())
                }
                Cause::AccessKeyUnknown => not_spread(fault, &self.sight, began.elapsed()),
                Cause::SecretMismatch => mistyped(fault, &bearer.key),
                _ => fault,
            };
            self.ladder.failed(fault)
        })
    }

    /// Takes the one look at the account.
    pub(super) async fn look_at_user(&mut self, bearer: &KeyBearer, key: Option<&KeyId>) {
        self.looked = true;
        self.sight = look_at_user(self.world, self.order, bearer, key).await;
    }
}

/// Where the key came from, in words.
fn from(source: &KeySource) -> String {
    match source {
        KeySource::Held(_) => "held in memory".to_owned(),
        KeySource::File(path) => format!("from {}", path.display()),
        KeySource::Secret(place) => format!("from the {place}"),
    }
}

fn mistyped(fault: Fault, source: &KeySource) -> Fault {
    let place = match source {
        KeySource::Held(_) => "what was pasted".to_owned(),
        KeySource::File(path) => path.display().to_string(),
        KeySource::Secret(place) => format!("the {place}"),
    };
    fault.with("from", from(source)).remedy(format!(
        "the secret in {place} is not that of the key: put the right one there, to the letter; if nobody has it, rotate the key"
    ))
}

fn inactive(refused: &Fault, seen: &SeenKey) -> Fault {
    let message = format!("AWS refuses the access key {}: it is {}", seen.id, seen.status.word());
    let fault = Fault::new(Cause::AccessKeyInactive, message)
        .request(refused.request_id.clone())
        .with("key", seen.id.as_str())
        .with("status", seen.status.word());
    refused.evidence.iter().fold(fault, |fault, (name, value)| match name.as_str() {
        "code" | "aws_said" => fault.with(name, value),
        _ => fault,
    })
}

/// The user has no key of this id.
fn gone(refused: Fault, bearer: &KeyBearer, there: Option<&[SeenKey]>) -> Fault {
    let user = &bearer.intent.user;
    let has = match there {
        None => format!("there is no user {user}"),
        Some([]) => format!("{user} has no access key"),
        Some(keys) => {
            let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
            format!("{user} has {}", ids.join(" and "))
        }
    };
    let message = format!("{}; {has}", refused.message);
    Fault { message, ..refused }.with("got", has).remedy(
        "give a key that the user has, or make one; a key that was deleted cannot be had back",
    )
}

/// It stayed unknown until the end of the wait.
fn not_spread(fault: Fault, sight: &Sight, waited: Duration) -> Fault {
    let Some(change) = &sight.change else {
        return match &sight.seen {
            Ok(_) => fault.remedy(
                "IAM lists the key as active and STS does not know it: see whether the registry's region is enabled for the \
                 account, and whether the call reaches AWS itself",
            ),
            Err(why) => fault.with("not_looked_at", why).remedy(
                "log in as an operator who may list the user's keys: then it can be told whether the key is inactive, gone or new",
            ),
        };
    };
    let message =
        format!("AWS does not know the key after {} s, although {}", waited.as_secs(), change.why);
    let fault = Fault { cause: Cause::NotYetPropagated, message, ..fault };
    fault.with("changed", &change.why).remedy("wait a minute, then run the pull test again")
}

fn not_the_users(bearer: &KeyBearer, key: &KeyId, arn: &str) -> Fault {
    let fault = somebody_else(bearer.user.as_str(), arn).with("key", key.as_str());
    let account = Arn::parse(arn).map(|arn| arn.account).unwrap_or_default();
    if arn.ends_with(":root") {
        return fault.remedy(
            "delete this key: it is one of the account's root, which may do everything; make one of the user instead",
        );
    }
    if account == bearer.intent.account.as_str() {
        return fault.remedy(format!("give the access key of {}", bearer.intent.user));
    }
    Fault { cause: Cause::WrongAccount, ..fault }
        .remedy("give the access key of the user in the account that the answers name")
}
