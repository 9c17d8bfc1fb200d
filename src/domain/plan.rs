//! `plan(intent, inventory)`: each operation with its standing.

mod principal;
mod provider;
mod role;
mod user;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::access::Access;
use super::fault::Fault;
use super::intent::{Caller, Intent};
use super::inventory::{Inventory, OWN_TAGS, RUN_TAG, VERSION_TAG};
use super::journal::{self, Change, Past, Thing};
use super::key::KeyId;
use super::operation::Operation;
use super::rotation::KeyWish;

/// How one wished-for thing stands against what AWS has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not there: will be made.
    Needed,
    /// There and as wished: nothing is sent.
    Present,
    /// There, not made by this program, and to be relied on or added to: asks by name.
    Adopt,
    /// There and different: the difference is shown first.
    Change,
    /// In the way; this program will not touch it. `reason` says why, `ways_out` what to do.
    Conflict,
}

impl Standing {
    /// The word of the JSON results.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Needed => "needed",
            Self::Present => "present",
            Self::Adopt => "adopt",
            Self::Change => "change",
            Self::Conflict => "conflict",
        }
    }
}

/// Which part of the set-up a step is: the `id` of the JSON results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepId {
    /// The identity provider.
    Provider,
    /// The audience on an existing provider.
    Audience,
    /// The role.
    Role,
    /// The trust policy of an existing role.
    Trust,
    /// The role's permissions boundary.
    Boundary,
    /// Description and session length of an existing role.
    Settings,
    /// The operator's tags on an existing role.
    Tags,
    /// The permission policy.
    Permissions,
    /// The user.
    User,
    /// Where the secret of a new access key goes.
    Custody,
    /// The user's access key.
    AccessKey,
}

impl StepId {
    /// The word of the JSON results.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Audience => "audience",
            Self::Role => "role",
            Self::Trust => "trust",
            Self::Boundary => "boundary",
            Self::Settings => "settings",
            Self::Tags => "tags",
            Self::Permissions => "permissions",
            Self::User => "user",
            Self::Custody => "custody",
            Self::AccessKey => "access-key",
        }
    }
}

/// One point where what is there differs from what is wished, in the terms of the thing and not of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where, such as `Condition StringEquals oidc.example/x:aud`.
    pub at: String,
    /// What is there now; `None` where there is nothing.
    pub now: Option<String>,
    /// What it will be; `None` where it goes.
    pub then: Option<String>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Which part.
    pub id: StepId,
    /// How it stands.
    pub standing: Standing,
    /// A few words: `role my-private-registry`.
    pub summary: String,
    /// Why it stands so, one sentence.
    pub reason: String,
    /// The call that will be sent; `None` for present and conflict.
    pub operation: Option<Operation>,
    /// What changes, for `Change`.
    pub diff: Vec<Difference>,
    /// The name the operator must give for it: a role's or user's name, a provider's issuer, an access key's id.
    pub confirm: Option<String>,
    /// For a conflict, and for a change with a gentler way: what else can be done.
    pub ways_out: Vec<String>,
    /// What the outside said where that is the conflict.
    pub fault: Option<Fault>,
    /// What the call takes the place of, in the names of the AWS API; null where nothing is there.
    pub before: Value,
}

/// What will be done about one intent in one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The run that it is of.
    pub stamp: Stamp,
    /// Who will do it.
    pub caller: Caller,
    /// What for.
    pub intent: Intent,
    /// What was chosen about it.
    pub choices: Choices,
    /// In the order they will be performed.
    pub steps: Vec<Planned>,
    /// Things worth saying that stop nothing.
    pub remarks: Vec<String>,
    /// The user's key whose secret is where the answers say already.
    pub placed: Option<KeyId>,
    /// The run that it goes on with, as it stood when the plan was made, where whoever made it knows that.
    pub goes_on: Option<Past>,
}

/// What to do with an existing role whose trust differs only in the audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AudienceChoice {
    /// Add the audience to the list that the trust policy has (the default: nobody loses access).
    #[default]
    Add,
    /// Replace the document.
    Replace,
}

/// What the operator chose about a plan, beyond what is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// About a trust that differs only in the audience.
    pub audience: AudienceChoice,
    /// About a user's access keys.
    pub keys: KeyWish,
}

/// The tags that this run gives to what it makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The run's id.
    pub run: String,
    /// The program's version.
    pub version: String,
}

/// Decides for each operation how it stands. Rules: nothing that is there and as wished is touched; what this
/// program did not make is changed only with its name confirmed; what is not wished for is never taken away, except
/// from a trust policy that is replaced.
#[must_use]
pub fn plan(
    intent: &Intent,
    seen: &Inventory,
    caller: &Caller,
    stamp: &Stamp,
    choices: &Choices,
) -> Plan {
    let mut remarks = seen.remarks.clone();
    let mut steps = match intent {
        Intent::Oidc(oidc) => {
            let mut steps = provider::steps(oidc, seen, stamp);
            steps.extend(match &seen.role {
                None => role::new(oidc, stamp, &mut remarks),
                Some(role) => role::existing(oidc, role, choices.audience, &mut remarks),
            });
            steps
        }
        Intent::IamUser(user) => user::steps(user, seen, stamp, &choices.keys, &mut remarks),
    };
    let holdings = seen.holdings();
    for step in &mut steps {
        step.before = step
            .operation
            .as_ref()
            .map(|call| journal::before(call, &holdings))
            .unwrap_or_default();
    }
    Plan {
        stamp: stamp.clone(),
        caller: caller.clone(),
        intent: intent.clone(),
        choices: choices.clone(),
        steps,
        remarks,
        placed: seen.placed_key().cloned(),
        goes_on: None,
    }
}

/// The operator's tags and those that say which run made the thing.
fn stamped(access: &Access, stamp: &Stamp) -> BTreeMap<String, String> {
    let mut tags = access.tags.clone();
    tags.insert(RUN_TAG.to_owned(), stamp.run.clone());
    tags.insert(VERSION_TAG.to_owned(), stamp.version.clone());
    tags
}

impl Planned {
    /// A step that sends nothing.
    pub(super) fn still(
        id: StepId,
        standing: Standing,
        summary: String,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            id,
            standing,
            summary,
            reason: reason.into(),
            operation: None,
            diff: Vec::new(),
            confirm: None,
            ways_out: Vec::new(),
            fault: None,
            before: Value::Null,
        }
    }

    /// A step that sends a call.
    pub(super) fn sends(
        id: StepId,
        standing: Standing,
        operation: Operation,
        reason: impl Into<String>,
    ) -> Self {
        let still = Self::still(id, standing, operation.summary(), reason);
        Self { operation: Some(operation), ..still }
    }

    pub(super) fn confirmed_by(self, name: Option<&str>) -> Self {
        Self { confirm: name.map(str::to_owned), ..self }
    }

    pub(super) fn differing(self, diff: Vec<Difference>) -> Self {
        Self { diff, ..self }
    }

    pub(super) fn or(self, ways_out: impl IntoIterator<Item = String>) -> Self {
        Self { ways_out: ways_out.into_iter().collect(), ..self }
    }
}

impl Plan {
    /// The steps that will send a call.
    pub fn changes(&self) -> impl Iterator<Item = &Planned> {
        self.steps.iter().filter(|s| s.operation.is_some())
    }

    /// The steps that stand in the way.
    pub fn conflicts(&self) -> impl Iterator<Item = &Planned> {
        self.steps.iter().filter(|s| s.standing == Standing::Conflict)
    }

    /// The names that must be given before this plan may be applied, each once.
    #[must_use]
    pub fn confirmations(&self) -> Vec<&str> {
        confirmations(&self.steps)
    }

    /// A fingerprint of account, requests and what they change, without the run's own tags: equal plans have equal
    /// hashes, and a request that would by now take away something else has another.
    #[must_use]
    pub fn hash(&self) -> String {
        let diff = |step: &Planned| -> Vec<Value> {
            step.diff.iter().map(|d| json!([d.at, d.now, d.then])).collect()
        };
        let requests: Vec<Value> = self
            .changes()
            .filter_map(|step| Some((step, step.operation.as_ref()?)))
            .map(|(step, operation)| {
                let request = unstamped(operation.request());
                // Beside which keys another one is made is in no request.
                let beside: Vec<&str> = match operation {
                    Operation::CreateAccessKey { beside, .. } => {
                        beside.iter().map(KeyId::as_str).collect()
                    }
                    _ => Vec::new(),
                };
                let standing = step.standing.word();
                json!([operation.call(), request, standing, step.confirm, diff(step), beside])
            })
            .collect();
        let account = self.intent.account().as_str();
        let mut whole = json!([self.intent.partition().id(), account, requests]);
        // Where a secret will go, and what it takes the place of, is as much of the plan as what is sent.
        let places = self.steps.iter().filter(|step| step.id == StepId::Custody);
        let cluster = self.intent.user().map(|user| user.custody.context());
        if let Some(whole) = whole.as_array_mut() {
            whole.extend(places.map(|step| {
                let standing = step.standing.word();
                json!([step.summary, cluster, standing, step.confirm, diff(step)])
            }));
        }
        let text = whole.to_string();
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }
}

/// The names that must be given before any of these may be sent, each once.
pub(super) fn confirmations<'a>(steps: impl IntoIterator<Item = &'a Planned>) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for name in steps.into_iter().filter_map(|step| step.confirm.as_deref()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What a change comes to: of a document by what it means, of anything else before and after.
pub(super) fn differences_of(change: &Change) -> Vec<Difference> {
    let Change { thing, before, after } = change;
    match (thing, before, after) {
        (Thing::Trust(_) | Thing::Inline(..), Some(now), Some(then)) => {
            principal::differences(now, then)
        }
        // The run that its tag names says nothing here.
        (Thing::Provider(_), ..) => Vec::new(),
        _ => vec![Difference { at: thing.summary(), now: before.clone(), then: after.clone() }],
    }
}

/// A request without the tags that differ from run to run.
fn unstamped(mut request: Value) -> Value {
    if let Some(Value::Array(tags)) = request.get_mut("Tags") {
        tags.retain(|tag| {
            !tag.get("Key").and_then(Value::as_str).is_some_and(|k| k.starts_with(OWN_TAGS))
        });
    }
    request
}

#[cfg(test)]
mod tests;
