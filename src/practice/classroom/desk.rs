//! The desk of an exercise that is open: what was there at the start, whom Okteto is, and whether its key failed since.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::domain::custody::SecretPlace;
use crate::domain::draft::{Draft, Field};
use crate::domain::exercise::Exercise;
use crate::domain::exercise::goal::{By, Check};
use crate::domain::exercise::world::SavedToken;
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::RegistryHost;
use crate::domain::intent::Caller;
use crate::domain::partition::{AccountId, Partition, Region};
use crate::domain::secret::WebToken;
use crate::domain::subject::{Audience, Subject};
use crate::practice::account::Account;
use crate::practice::cluster::PracticeCluster;
use crate::practice::issuer::{Issuer, TokenRequest};

/// An exercise that is open.
pub(super) struct Desk {
    pub(super) exercise: Arc<Exercise>,
    pub(super) okteto: Okteto,
    /// Where Okteto's access key is.
    pub(super) place: SecretPlace,
    /// The account as it was at the start.
    pub(super) first: Account,
    pub(super) outages: Arc<Outages>,
    /// How many of the account's changing calls are part of the world: those of a colleague who stopped half-way.
    pub(super) before: Mutex<Option<usize>>,
}

/// Whom the exercise means by Okteto: as its answers say, else as the scene has it.
pub(super) struct Okteto {
    /// `https://…`
    pub(super) issuer: String,
    pub(super) subject: String,
    /// `None` where the learner chooses it.
    pub(super) audience: Option<String>,
}

impl Okteto {
    fn of(answers: &Draft, account: &Account) -> Self {
        let (issuer, subject) = account.okteto();
        let asked = answers.text(Field::Issuer);
        let is_known = account.issuers().iter().any(|issuer| issuer.url == asked);
        let named = Subject::parse(answers.text(Field::Subject)).ok();
        let audience = Audience::parse(answers.text(Field::Audience)).ok();
        Self {
            issuer: if is_known { asked } else { issuer }.to_owned(),
            subject: named.map_or_else(|| subject.to_owned(), |named| named.to_string()),
            audience: audience.map(|audience| audience.to_string()),
        }
    }
}

impl Desk {
    /// The desk of an exercise whose world the account holds.
    pub(super) fn new(
        exercise: &Arc<Exercise>,
        account: &Account,
        cluster: &PracticeCluster,
    ) -> Result<Self, Fault> {
        let place = secret_place(&exercise.answers, account)?;
        let watched = exercise.goals.iter().filter_map(|goal| match &goal.by {
            By::State(Check::NoOutage { user, repository }) => {
                Some((user.clone(), repository.clone()))
            }
            _ => None,
        });
        let outages = Outages {
            cluster: cluster.clone(),
            place: place.clone(),
            watched: watched.collect(),
            seen: Mutex::default(),
        };
        Ok(Self {
            exercise: Arc::clone(exercise),
            okteto: Okteto::of(&exercise.answers, account),
            place,
            first: account.clone(),
            outages: Arc::new(outages),
            before: Mutex::default(),
        })
    }

    /// The issuer of Okteto's cluster.
    pub(super) fn issuer(&self, account: &Account) -> Option<Issuer> {
        account.issuers().into_iter().find(|issuer| issuer.url == self.okteto.issuer)
    }

    /// A token that somebody saved a while ago.
    pub(super) fn saved(
        &self,
        account: &Account,
        now: Timestamp,
        token: &SavedToken,
    ) -> Result<WebToken, Fault> {
        let audience = self.okteto.audience.as_deref().ok_or_else(|| {
            wrong("a token is saved, and the answers have no oidc.audience to make it for")
        })?;
        let ago = SignedDuration::from_mins(token.issued_minutes_ago.into());
        let then = now.saturating_sub(ago).unwrap_or(now);
        let seconds = i64::from(token.minutes) * 60;
        let request = TokenRequest::new(&self.okteto.subject, &[audience], seconds);
        let issuer = self.issuer(account).ok_or_else(|| wrong("the cluster has no issuer"))?;
        issuer.sign(then, &request).map_err(|problem| wrong(&problem.to_string()))
    }
}

/// What a world cannot be made of.
pub(super) fn wrong(why: &str) -> Fault {
    Fault::new(Cause::BadAnswers, format!("the world of this exercise cannot be made: {why}"))
        .remedy("assets/practice/README.md describes the format")
}

/// The place that the product would choose with these answers, or with none for the registry of the world.
fn secret_place(answers: &Draft, account: &Account) -> Result<SecretPlace, Fault> {
    let of = |id: &str| AccountId::parse(id).map_err(|problem| wrong(&problem.to_string()));
    let region = Region::parse(account.region()).map_err(|p| wrong(&p.to_string()))?;
    let caller = Caller {
        account: of(account.id())?,
        arn: String::new(),
        partition: Partition::of_region(&region),
    };
    let host = answers.derived(Some(&caller)).host;
    let host = match host.and_then(|host| RegistryHost::parse(&host).ok()) {
        Some(host) => host,
        None => RegistryHost::classic(of(account.registry())?, region),
    };
    Ok(SecretPlace {
        context: answers.context.clone(),
        namespace: answers.namespace().to_owned(),
        name: SecretPlace::name_for(&host),
    })
}

/// Whether the key in Okteto's Secret ever failed. Looked at after each change, so that a moment is enough.
pub(super) struct Outages {
    cluster: PracticeCluster,
    place: SecretPlace,
    /// User and repository.
    watched: Vec<(String, String)>,
    /// The first of each.
    seen: Mutex<BTreeMap<(String, String), String>>,
}

impl Outages {
    /// Notes what fails now and did not fail before.
    pub(super) fn look(&self, account: &Account, now: Timestamp) {
        for one in &self.watched {
            let (user, repository) = one;
            let why = match self.cluster.secret(&self.place) {
                None => "the Secret held no access key".to_owned(),
                Some(key) => match account.key_pulls(now, &key, user, repository) {
                    Ok(()) => continue,
                    Err(refusal) => format!("{} in the Secret: {refusal}", key.id),
                },
            };
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let at = now.strftime("%H:%M:%S UTC");
            seen.entry(one.clone()).or_insert_with(|| format!("at {at}, {why}"));
        }
    }

    /// The first time that a pull would have failed, and why.
    pub(super) fn first(&self, user: &str, repository: &str) -> Option<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&(user.to_owned(), repository.to_owned())).cloned()
    }
}
