//! What taking a run back comes to: its journal held against the account, call by call, the newest first.
//!
//! Only what the journal says was made by the run, and carries its tag where AWS can tag it, and is still as it was written,
//! goes by itself. Anything else is a conflict, which whoever undoes decides by name: take it all the same, or keep it.

mod part;
mod principal;
mod provider;

use std::collections::BTreeSet;

use super::arn::{PolicyArn, ProviderArn};
use super::intent::Caller;
use super::inventory::{Holdings, Wanted};
use super::journal::{self, Entry, Past, Thing, before};
use super::key::{KeyId, KeyStatus};
use super::operation::Operation;
use super::plan::{Planned, Standing, StepId, confirmations};
use super::principal::Principal;
use super::review::mend;
use super::subject::Audience;

/// What was decided about conflicts, by their names: a role's or user's, a provider's issuer, an access key's id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    /// To be taken back although altered, or although more is given by it than there is now.
    pub take: BTreeSet<String>,
    /// To stay.
    pub keep: BTreeSet<String>,
}

/// What taking a run back comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// The run, folded.
    pub past: Past,
    /// Who does it.
    pub caller: Caller,
    /// What was decided.
    pub decisions: Decisions,
    /// The newest first.
    pub steps: Vec<Planned>,
    /// Things worth saying that stop nothing.
    pub remarks: Vec<String>,
}

/// What of the account has to be looked at.
#[must_use]
pub fn wanted(past: &Past) -> Wanted {
    let mut wanted =
        journal::wanted(past.entries.iter().chain(&past.restored).map(|entry| &entry.thing));
    wanted.users.extend(past.unsure.iter().map(|one| one.user.clone()));
    wanted
}

/// Decides for everything that the run left other than it found it.
#[must_use]
pub fn undo(past: &Past, seen: &Holdings, caller: &Caller, decisions: &Decisions) -> Undo {
    let desk = Desk { past, seen, decisions };
    let mut steps: Vec<Planned> = Vec::new();
    let mut remarks = Vec::new();
    desk.unsure_keys(&mut steps);
    // What is on a role goes before the role, and that before the provider it trusts, whenever each was made.
    // What is trusted or asked for comes back before what trusts or asks for it.
    for rank in [Rank::Ground, Rank::Part, Rank::Principal, Rank::Provider] {
        for entry in past.entries.iter().rev().filter(|entry| rank_of(entry) == rank) {
            match &entry.thing {
                Thing::Provider(arn) if rank == Rank::Ground => {
                    steps.push(desk.deleted(arn, entry));
                }
                Thing::Audience(arn, audience) if rank == Rank::Ground => {
                    steps.extend(desk.taken(arn, audience, entry));
                }
                Thing::Provider(arn) => desk.provider(arn, entry, &mut steps, &mut remarks),
                Thing::Audience(arn, _) if desk.is_made(arn) => {}
                Thing::Audience(arn, audience) => {
                    let foreign = desk.audience(arn, audience, entry, &steps);
                    steps.push(foreign);
                }
                Thing::Principal(who) if entry.is_made() => desk.principal(who, &mut steps),
                thing => {
                    let step = if let Some(who) = desk.unit(thing) {
                        desk.part_of(&who, entry)
                    } else {
                        Some(desk.part(entry, &steps))
                    };
                    steps.extend(step);
                }
            }
        }
    }
    for step in &mut steps {
        step.before = step.operation.as_ref().map(|call| before(call, seen)).unwrap_or_default();
    }
    if past.header.is_review() {
        ask_again(&mut steps, seen);
    }
    remarks.extend(left_behind(past, &steps));
    Undo {
        past: past.clone(),
        caller: caller.clone(),
        decisions: decisions.clone(),
        steps,
        remarks,
    }
}

/// What depends on what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    /// Providers and audiences that the run took away.
    Ground,
    Part,
    Principal,
    Provider,
}

const fn rank_of(entry: &Entry) -> Rank {
    match &entry.thing {
        Thing::Provider(_) | Thing::Audience(..) if entry.before.is_some() => Rank::Ground,
        Thing::Provider(_) | Thing::Audience(..) => Rank::Provider,
        Thing::Principal(_) => Rank::Principal,
        _ => Rank::Part,
    }
}

/// What a mending ended comes back by name only: it lets in or allows more than there is now, or is not ours.
fn ask_again(steps: &mut [Planned], seen: &Holdings) {
    let all: Vec<Operation> = steps.iter().filter_map(|step| step.operation.clone()).collect();
    for step in steps.iter_mut().filter(|step| step.confirm.is_none()) {
        step.confirm = step.operation.as_ref().and_then(|call| mend::again(call, &all, seen));
        if step.confirm.is_some() {
            step.reason
                .push_str(" It gives back what the review found too much: it wants the name.");
        }
    }
}

/// What was found and stays because somebody wants it so.
const KEPT: &str = "It stays, as was decided.";

/// Secrets that hold a key which goes: they are of the cluster or the disk, not of AWS.
fn left_behind(past: &Past, steps: &[Planned]) -> Vec<String> {
    let gone = steps.iter().filter_map(|step| match &step.operation {
        Some(Operation::DeleteAccessKey { key, .. }) => Some(key),
        _ => None,
    });
    gone.filter_map(|key| {
        let place = past.delivered.get(key.as_str())?;
        Some(format!("The secret of {key} stays in the {place}, where it is good for nothing once the key is deleted."))
    })
    .collect()
}

struct Desk<'a> {
    past: &'a Past,
    seen: &'a Holdings,
    decisions: &'a Decisions,
}

impl Desk<'_> {
    /// The role or user that a thing is a part of, if the run made it.
    fn unit(&self, thing: &Thing) -> Option<Principal> {
        let who = thing.principal()?;
        let made = self.past.entry(&Thing::Principal(who.clone()))?;
        made.is_made().then_some(who)
    }

    /// Whether the run made the provider, or perhaps did.
    fn is_made(&self, arn: &ProviderArn) -> bool {
        let entry = self.past.entry(&Thing::Provider(arn.clone()));
        entry.is_some_and(Entry::is_made)
    }

    /// A step about something that is not as the run left it, by what was decided about its name.
    fn decided(
        &self,
        id: StepId,
        name: &str,
        summary: String,
        reason: String,
        operation: Option<Operation>,
    ) -> Planned {
        if self.decisions.keep.contains(name) {
            return still(id, Standing::Present, summary, format!("{reason} {KEPT}"));
        }
        match operation.filter(|_| self.decisions.take.contains(name)) {
            Some(operation) => Planned {
                summary,
                ..Planned::sends(
                    id,
                    Standing::Change,
                    operation,
                    format!("{reason} It is taken back all the same, as was decided."),
                )
            },
            None => still(id, Standing::Conflict, summary, reason),
        }
        .confirmed_by(Some(name))
    }
}

/// Every name by which something of the run can be decided about: its roles and users, its providers' issuers, its keys.
#[must_use]
pub fn names(past: &Past, seen: &Holdings) -> BTreeSet<String> {
    let of_entry = |entry: &Entry| match &entry.thing {
        Thing::Provider(arn) | Thing::Audience(arn, _) => vec![arn.url()],
        Thing::Key(user, id) => vec![user.clone(), id.clone()],
        thing => thing.principal().iter().map(|who| who.name().to_owned()).collect(),
    };
    let keys = seen.users.values().flat_map(|user| &user.keys).map(|key| key.id.to_string());
    past.entries.iter().flat_map(of_entry).chain(keys).collect()
}

impl Undo {
    /// The steps that will send a call.
    pub fn changes(&self) -> impl Iterator<Item = &Planned> {
        self.steps.iter().filter(|step| step.operation.is_some())
    }

    /// The steps that want a decision.
    pub fn conflicts(&self) -> impl Iterator<Item = &Planned> {
        self.steps.iter().filter(|step| step.standing == Standing::Conflict)
    }

    /// The names that must be given for what is taken back although it was altered, and for what gives back more than there
    /// is by now, each once.
    #[must_use]
    pub fn confirmations(&self) -> Vec<&str> {
        confirmations(self.changes())
    }
}

/// A step that sends nothing.
fn still(id: StepId, standing: Standing, summary: String, reason: impl Into<String>) -> Planned {
    Planned::still(id, standing, summary, reason)
}

/// The call that brings a thing to a state; `None` where no call can.
fn bring(thing: &Thing, to: Option<&str>) -> Option<Operation> {
    Some(match (thing, to) {
        (Thing::Provider(provider), None) => {
            Operation::DeleteProvider { provider: provider.clone() }
        }
        (Thing::Audience(provider, audience), to) => {
            let (provider, audience) = (provider.clone(), Audience::parse(audience).ok()?);
            if to.is_some() {
                Operation::AddAudience { provider, audience }
            } else {
                Operation::RemoveAudience { provider, audience }
            }
        }
        (Thing::Principal(Principal::Role(role)), None) => {
            Operation::DeleteRole { role: role.clone() }
        }
        (Thing::Principal(Principal::User(user)), None) => {
            Operation::DeleteUser { user: user.clone() }
        }
        (Thing::Trust(role), Some(trust)) => {
            Operation::UpdateTrust { role: role.clone(), trust: trust.to_owned() }
        }
        (Thing::Settings(role), Some(both)) => settings(role, both)?,
        (Thing::Boundary(on), Some(arn)) => {
            Operation::PutBoundary { on: on.clone(), boundary: PolicyArn::parse(arn).ok()? }
        }
        (Thing::Boundary(on), None) => Operation::DeleteBoundary { on: on.clone() },
        (Thing::Attached(to, policy), Some(_)) => {
            Operation::AttachPolicy { to: to.clone(), policy: policy.clone() }
        }
        (Thing::Attached(from, policy), None) => {
            Operation::DetachPolicy { from: from.clone(), policy: policy.clone() }
        }
        (Thing::Inline(on, name), Some(document)) => Operation::PutInlinePolicy {
            on: on.clone(),
            name: name.clone(),
            document: document.to_owned(),
        },
        (Thing::Inline(on, name), None) => {
            Operation::DeleteInlinePolicy { on: on.clone(), name: name.clone() }
        }
        (Thing::Tag(on, key), Some(value)) => {
            Operation::Tag { on: on.clone(), tags: [(key.clone(), value.to_owned())].into() }
        }
        (Thing::Tag(on, key), None) => Operation::Untag { on: on.clone(), keys: vec![key.clone()] },
        (Thing::Key(user, id), to) => {
            let (user, key) = (user.clone(), KeyId::parse(id).ok()?);
            match to {
                None => Operation::DeleteAccessKey { user, key },
                Some(status) => {
                    let active = status == KeyStatus::Active.word();
                    let status = if active { KeyStatus::Active } else { KeyStatus::Inactive };
                    Operation::SetKeyStatus { user, key, status }
                }
            }
        }
        (Thing::Provider(_) | Thing::Principal(_), Some(_))
        | (Thing::Trust(_) | Thing::Settings(_), None) => return None,
    })
}

/// Both settings go along: `UpdateRole` applies its default to a session length that is not sent, and IAM takes an empty
/// description for none (IAM API reference).
fn settings(role: &str, both: &str) -> Option<Operation> {
    let both: serde_json::Value = serde_json::from_str(both).ok()?;
    let seconds = both.get("MaxSessionDuration")?.as_u64()?;
    Some(Operation::UpdateRole {
        role: role.to_owned(),
        description: both.get("Description")?.as_str().map(str::to_owned),
        max_session_seconds: u32::try_from(seconds).ok(),
    })
}

#[cfg(test)]
pub(crate) mod tests;
