//! Findings made into a plan: the calls of all that are to be mended, each once, in an order in which nobody loses more
//! than is meant to go.
//!
//! The plan is made from the account as the review read it, and keeps what it was made from: before anything is sent, each
//! thing that is touched must still stand so.
//!
//! | part | does |
//! | --- | --- |
//! | `ground` | the account as it was reviewed |
//! | `trust` | several findings about one trust policy, in one call |
//! | `calls` | the calls of several findings, each once, in their order |
//! | `widen` | does a call let in, or allow, more? |
//! | `confirm` | the name that has to be typed before a call |
//! | `check` | the account held against what the plan was made from |

mod calls;
mod check;
mod confirm;
mod ground;
mod trust;
mod widen;

#[cfg(test)]
pub(crate) mod scene;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::calls::{Call, Calls, Wish};
use self::check::last_use;
pub(in crate::domain) use self::confirm::again;
use self::confirm::confirm;
use self::ground::holdings;
use super::found::{Found, On};
use super::role::RoleReview;
use super::{ProviderReview, UserReview};
use crate::domain::fault::Fault;
use crate::domain::finding::Finding;
use crate::domain::intent::Caller;
use crate::domain::journal::{Change, Format, Header, REVIEW, State, Thing, before, changes};
use crate::domain::key::{KeyId, KeyStatus, LastUse};
use crate::domain::operation::Operation;
use crate::domain::plan::{Planned, Stamp, Standing, StepId, confirmations, differences_of};

/// What mending comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    /// The run that it is of.
    pub stamp: Stamp,
    /// Who does it.
    pub caller: Caller,
    /// The region of the login, for the journal alone: IAM has none.
    pub region: String,
    /// The findings that it mends.
    pub wishes: Vec<Found>,
    /// The calls, in their order.
    pub steps: Vec<Planned>,
    /// What of the account it was made from: every thing that a call touches, and what it is on.
    pub expects: Vec<(Thing, State)>,
    /// When the keys that are switched off were last used, as the review saw it.
    pub last_uses: Vec<(KeyId, LastUse)>,
    /// What to think of before it is taken away, in the words of the fixes, each once.
    pub cautions: Vec<String>,
    /// What is left out and why, and what else is worth saying.
    pub remarks: Vec<String>,
}

/// What a plan is made from: the review, who mends, and as which run.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The roles that trust a web identity.
    pub roles: &'a [Arc<RoleReview>],
    /// The users.
    pub users: &'a [Arc<UserReview>],
    /// The identity providers.
    pub providers: &'a [Arc<ProviderReview>],
    /// Who mends.
    pub caller: &'a Caller,
    /// The region of the login.
    pub region: &'a str,
    /// The run.
    pub stamp: &'a Stamp,
}

/// The plan that mends these findings. What it cannot mend it leaves out, and says so.
#[must_use]
pub fn plan(wishes: &[Found], ground: &Ground<'_>) -> Mend {
    let seen = holdings(ground);
    let header = header(ground.stamp, ground.caller, ground.region, String::new());
    let mut remarks = Vec::new();
    let mut usable: Vec<Wish<'_>> = Vec::new();
    let mut told = BTreeSet::new();
    for found in wishes.iter().filter(|found| told.insert(found.fingerprint())) {
        match refusal(found, ground) {
            Some(why) => remarks.push(left_out(found, &why)),
            None => usable.push(Wish::of(found)),
        }
    }
    trust::combine(&mut usable, ground, &mut remarks);
    let Calls { list, wishes } = Calls::of(usable, &seen, &header, &mut remarks);
    let all: Vec<Operation> = list.iter().map(|call| call.operation.clone()).collect();
    let mut expects: Vec<(Thing, State)> = Vec::new();
    let (mut last_uses, mut cautions, mut steps) = (Vec::new(), Vec::new(), Vec::new());
    for call in &list {
        let was = before(&call.operation, &seen);
        let made = changes(&call.operation, &was, &header);
        for thing in touched(&made) {
            if !expects.iter().any(|(there, _)| *there == thing) {
                let state = thing.state(&seen);
                expects.push((thing, state));
            }
        }
        if let Operation::SetKeyStatus { user, key, .. } = &call.operation {
            last_uses.extend(last_use(user, key, &seen).map(|used| (key.clone(), used)));
        }
        let findings: Vec<&Found> = call.mends.iter().filter_map(|at| wishes.get(*at)).collect();
        if takes_away(&call.operation) {
            for words in findings.iter().filter_map(|found| fix_words(found)) {
                if !cautions.contains(&words) {
                    cautions.push(words);
                }
            }
        }
        let step = Planned { before: was, ..step(call, &findings, &made) };
        steps.push(step.confirmed_by(confirm(&call.operation, &all, &seen).as_deref()));
    }
    Mend {
        stamp: ground.stamp.clone(),
        caller: ground.caller.clone(),
        region: ground.region.to_owned(),
        wishes,
        steps,
        expects,
        last_uses,
        cautions,
        remarks,
    }
}

/// What is changed, and the role, user or provider that it is on.
fn touched(made: &[Change]) -> Vec<Thing> {
    let mut things: Vec<Thing> = Vec::new();
    for change in made {
        let owner = change.thing.principal().map(Thing::Principal);
        let owner = owner.or_else(|| change.thing.provider().cloned().map(Thing::Provider));
        for thing in owner.iter().chain([&change.thing]) {
            if !things.contains(thing) {
                things.push(thing.clone());
            }
        }
    }
    things
}

/// Whether somebody may miss what a call takes away: it is looked at once more right before it is sent.
#[must_use]
pub const fn takes_away(operation: &Operation) -> bool {
    let is_off = matches!(operation, Operation::SetKeyStatus { status: KeyStatus::Inactive, .. });
    is_off || operation.removes()
}

/// What the fix of a finding says, as a sentence.
fn fix_words(found: &Found) -> Option<String> {
    let words = found.finding.fix.as_ref()?.words.trim_end_matches('.');
    let mut chars = words.chars();
    let first = chars.next()?;
    Some(format!("{}{}.", first.to_uppercase(), chars.as_str()))
}

/// Why a finding is not mended by a plan at all.
fn refusal(found: &Found, ground: &Ground<'_>) -> Option<String> {
    if found.calls.is_empty() {
        if let Some(user) = &found.rotates {
            return Some(format!("a rotation of the key of {user} mends it"));
        }
        let words = found.finding.fix.as_ref().map(|fix| fix.words.trim_end_matches('.'));
        return Some(match words {
            Some(words) => format!("it is mended by hand: {words}"),
            None => "there is no call that mends it".to_owned(),
        });
    }
    let role = |name: &String| ground.roles.iter().find(|role| role.entry.name == *name);
    match &found.on {
        On::Role(name) => match role(name) {
            Some(role) if role.entry.is_reserved() => Some("only AWS may change it".to_owned()),
            Some(role) => unread(found, role.entry.unread.as_ref()),
            None => Some("it is not in what was read".to_owned()),
        },
        On::User(name) => match ground.users.iter().find(|user| user.entry.name == *name) {
            Some(user) => unread(found, user.entry.unread.as_ref()),
            None => Some("it is not in what was read".to_owned()),
        },
        On::Provider(_) | On::Account => None,
    }
}

/// What was not read cannot be put back. A trust policy comes with the role itself.
fn unread(found: &Found, fault: Option<&Fault>) -> Option<String> {
    let is_trust = |call: &Operation| matches!(call, Operation::UpdateTrust { .. });
    fault
        .filter(|_| !found.calls.iter().all(is_trust))
        .map(|fault| format!("not all of it could be read: {fault}"))
}

/// One sentence for what is not in the plan.
fn left_out(found: &Found, why: &str) -> String {
    format!("{}: {} is not in this plan: {why}.", found.on, found.finding.rule)
}

/// A call with the findings it mends.
fn step(call: &Call, findings: &[&Found], made: &[Change]) -> Planned {
    let operation = &call.operation;
    let replaces = made.iter().any(|change| change.before.is_some());
    let standing =
        if replaces || operation.removes() { Standing::Change } else { Standing::Needed };
    let mut reasons: Vec<String> = Vec::new();
    for found in findings {
        let Finding { rule, severity, message, .. } = &found.finding;
        reasons.push(format!("Mends {rule} ({severity}): {message}"));
        // What it is bound to is for the operator to see to.
        reasons.extend(fix_words(found).filter(|_| takes_away(operation)));
    }
    reasons.extend(call.notes.iter().cloned());
    if let Operation::DeleteProvider { .. } = operation {
        reasons.push(
            "Undo makes it again with its audiences and tags; its thumbprints are not kept."
                .to_owned(),
        );
    }
    let id = made.first().map_or(StepId::Trust, |change| change.thing.id());
    let step = Planned::sends(id, standing, operation.clone(), reasons.join(" "));
    let summary = match operation {
        Operation::RemoveAudience { provider, audience } => {
            format!("audience {audience} of {}: removed", provider.name())
        }
        _ => step.summary.clone(),
    };
    Planned { summary, ..step }.differing(made.iter().flat_map(differences_of).collect())
}

/// The first line of the journal of such a run.
#[must_use]
pub fn header(stamp: &Stamp, caller: &Caller, region: &str, began: String) -> Header {
    Header {
        format: Format::OURS,
        program: stamp.version.clone(),
        run: stamp.run.clone(),
        account: caller.account.to_string(),
        partition: caller.partition.id().to_owned(),
        region: region.to_owned(),
        caller: caller.arn.clone(),
        mode: REVIEW.to_owned(),
        about: String::new(),
        registry: "-".to_owned(),
        began,
    }
}

/// The names that the line about a run has room for.
const NAMED: usize = 3;

impl Mend {
    /// The steps that will send a call: all of them.
    pub fn changes(&self) -> impl Iterator<Item = &Planned> {
        self.steps.iter()
    }

    /// The names that must be given before it may be sent, each once.
    #[must_use]
    pub fn confirmations(&self) -> Vec<&str> {
        confirmations(&self.steps)
    }

    /// The first line of its journal.
    #[must_use]
    pub fn header(&self, began: String) -> Header {
        let header = header(&self.stamp, &self.caller, &self.region, began);
        Header { about: self.about(), ..header }
    }

    /// What is changed, such as `role a`, `2 roles, 1 provider: a, b, c`.
    #[must_use]
    pub fn about(&self) -> String {
        let mut owners: Vec<(&'static str, String)> = Vec::new();
        for (thing, _) in &self.expects {
            let owner = match (thing.principal(), thing.provider()) {
                (Some(who), _) => (who.kind(), who.name().to_owned()),
                (None, Some(arn)) => ("provider", arn.name().to_owned()),
                (None, None) => continue,
            };
            if !owners.contains(&owner) {
                owners.push(owner);
            }
        }
        if let [(kind, name)] = owners.as_slice() {
            return format!("{kind} {name}");
        }
        let counts = ["role", "user", "provider"].into_iter().filter_map(|kind| {
            let n = owners.iter().filter(|(of, _)| *of == kind).count();
            (n > 0).then(|| format!("{n} {kind}{}", if n == 1 { "" } else { "s" }))
        });
        let counts: Vec<String> = counts.collect();
        let mut names: Vec<String> =
            owners.iter().take(NAMED).map(|(_, name)| name.clone()).collect();
        if owners.len() > NAMED {
            names.push(format!("{} more", owners.len() - NAMED));
        }
        format!("{}: {}", counts.join(", "), names.join(", "))
    }
}
