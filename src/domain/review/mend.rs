//! Findings made into a plan: the calls of all that are to be mended, each once, in an order in which nobody loses more
//! than is meant to go.
//!
//! The plan is made from the account as the review read it, and keeps what it was made from: before anything is sent, each
//! thing that is touched must still stand so.

mod calls;
mod trust;
mod widen;

#[cfg(test)]
pub(crate) mod scene;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::calls::{Calls, Wish};
use super::found::{Found, On};
use super::role::RoleReview;
use super::{ProviderReview, UserReview};
use crate::domain::arn::ProviderArn;
use crate::domain::fault::Fault;
use crate::domain::intent::Caller;
use crate::domain::inventory::{Holdings, SeenRole, SeenUser, Wanted, is_ours};
use crate::domain::journal::{
    Change, Format, Header, REVIEW, State, Thing, before, changes, wanted,
};
use crate::domain::operation::Operation;
use crate::domain::plan::{Planned, Stamp, Standing, StepId, confirmations, differences_of};
use crate::domain::principal::Principal;

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
            None => usable.push(Wish { found, calls: found.calls.clone() }),
        }
    }
    trust::combine(&mut usable, ground, &mut remarks);
    let Calls { list, wishes } = Calls::of(usable, &seen, &header, &mut remarks);
    let all: Vec<Operation> = list.iter().map(|call| call.operation.clone()).collect();
    let mut expects: Vec<(Thing, State)> = Vec::new();
    let mut steps = Vec::new();
    for call in &list {
        let was = before(&call.operation, &seen);
        let made = changes(&call.operation, &was, &header);
        for change in &made {
            let owner = change.thing.principal().map(Thing::Principal);
            let owner = owner.or_else(|| change.thing.provider().cloned().map(Thing::Provider));
            for thing in owner.iter().chain([&change.thing]) {
                if !expects.iter().any(|(there, _)| there == thing) {
                    expects.push((thing.clone(), thing.state(&seen)));
                }
            }
        }
        let findings: Vec<&Found> = call.mends.iter().filter_map(|at| wishes.get(*at)).collect();
        let step = Planned { before: was, ..step(&call.operation, &findings, &made) };
        steps.push(step.confirmed_by(confirm(&call.operation, &all, &seen).as_deref()));
    }
    Mend {
        stamp: ground.stamp.clone(),
        caller: ground.caller.clone(),
        region: ground.region.to_owned(),
        wishes,
        steps,
        expects,
        remarks,
    }
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
fn step(operation: &Operation, findings: &[&Found], made: &[Change]) -> Planned {
    let replaces = made.iter().any(|change| change.before.is_some());
    let standing =
        if replaces || operation.removes() { Standing::Change } else { Standing::Needed };
    let reasons: Vec<String> = findings
        .iter()
        .map(|found| {
            let finding = &found.finding;
            format!("Mends {} ({}): {}", finding.rule, finding.severity, finding.message)
        })
        .collect();
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

/// The name to be typed before a call is sent: of what somebody else made, and wherever it widens or takes away.
fn confirm(operation: &Operation, all: &[Operation], seen: &Holdings) -> Option<String> {
    let of = |who: &Principal| {
        let tags = match who {
            Principal::Role(role) => seen.roles.get(role).map(|role| &role.tags),
            Principal::User(user) => seen.users.get(user).map(|user| &user.tags),
        };
        !tags.is_some_and(is_ours)
    };
    let asks =
        |who: &Principal| of(who) || operation.removes() || widen::widens(operation, all, seen);
    match operation {
        Operation::UpdateTrust { role, .. } => {
            asks(&Principal::Role(role.clone())).then(|| role.clone())
        }
        Operation::AttachPolicy { to: who, .. }
        | Operation::DetachPolicy { from: who, .. }
        | Operation::PutInlinePolicy { on: who, .. }
        | Operation::DeleteInlinePolicy { on: who, .. }
        | Operation::PutBoundary { on: who, .. }
        | Operation::DeleteBoundary { on: who }
        | Operation::Tag { on: who, .. }
        | Operation::Untag { on: who, .. } => asks(who).then(|| who.name().to_owned()),
        Operation::SetKeyStatus { user, key, .. } | Operation::DeleteAccessKey { user, key } => {
            asks(&Principal::User(user.clone())).then(|| key.to_string())
        }
        Operation::AddAudience { provider, .. }
        | Operation::RemoveAudience { provider, .. }
        | Operation::DeleteProvider { provider } => Some(provider.url()),
        Operation::CreateProvider { issuer, .. } => Some(issuer.url().to_owned()),
        Operation::CreateRole { role, .. } => Some(role.to_string()),
        Operation::CreateUser { user, .. } => Some(user.to_string()),
        Operation::UpdateRole { role, .. } | Operation::DeleteRole { role } => Some(role.clone()),
        Operation::CreateAccessKey { user, .. } | Operation::DeleteUser { user } => {
            Some(user.clone())
        }
    }
}

/// The account as it was reviewed. Description and longest session of a role are not in it.
fn holdings(ground: &Ground<'_>) -> Holdings {
    let role = |role: &Arc<RoleReview>| {
        let entry = role.entry.clone();
        let seen = SeenRole {
            arn: entry.arn,
            name: entry.name.clone(),
            path: entry.path,
            trust: entry.trust,
            created_at: entry.created_at,
            tags: entry.tags,
            description: None,
            max_session_seconds: entry.max_session_seconds.unwrap_or_default(),
            boundary: entry.boundary,
            attached: entry.attached,
            inline: entry.inline,
        };
        (entry.name, seen)
    };
    let user = |user: &Arc<UserReview>| {
        let entry = user.entry.clone();
        let seen = SeenUser {
            arn: entry.arn,
            name: entry.name.clone(),
            path: entry.path,
            created_at: entry.created_at,
            tags: entry.tags,
            boundary: entry.boundary,
            attached: entry.attached,
            inline: entry.inline,
            groups: entry.groups,
            has_password: entry.has_password,
            keys: entry.keys.unwrap_or_default(),
        };
        (entry.name, seen)
    };
    let provider = |one: &Arc<ProviderReview>| {
        one.seen.as_ref().ok().map(|seen| (one.arn.clone(), seen.clone()))
    };
    let trust = |role: &Arc<RoleReview>| (role.entry.name.clone(), role.entry.trust.clone());
    Holdings {
        providers: ground.providers.iter().filter_map(provider).collect(),
        roles: ground.roles.iter().map(role).collect(),
        users: ground.users.iter().map(user).collect(),
        trusting: Some(Ok(ground.roles.iter().map(trust).collect())),
    }
}

/// Who would be left without the provider or the audience that a call takes away, once the calls are sent; one sentence.
fn in_use(operation: &Operation, trusts: &BTreeMap<String, String>) -> Option<String> {
    let (provider, audience) = match operation {
        Operation::DeleteProvider { provider } => (provider, None),
        Operation::RemoveAudience { provider, audience } => (provider, Some(audience)),
        _ => return None,
    };
    // To its quotes: one ARN, and one audience, may be the beginning of another. JSON may write a slash as `\/`.
    let named = |trust: &str, text: &str| trust.contains(&format!("{text}\""));
    let asks = |trust: &str| {
        let trust = trust.replace("\\/", "/");
        named(&trust, provider.as_str())
            && audience.is_none_or(|audience| named(&trust, &format!("\"{audience}")))
    };
    let (role, _) = trusts.iter().find(|(_, trust)| asks(trust))?;
    Some(match audience {
        None => format!("the role {role} trusts it"),
        Some(audience) => format!("the role {role} asks for {audience}"),
    })
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

    /// What of the account has to be looked at.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        wanted(self.expects.iter().map(|(thing, _)| thing))
    }

    /// What is not as it was when the plan was made, one sentence each; none where it may be sent.
    #[must_use]
    pub fn altered(&self, seen: &Holdings) -> Vec<String> {
        let mut found = Vec::new();
        for (thing, then) in &self.expects {
            let now = thing.state(seen);
            if !thing.same(&now, then) {
                found.push(match (now, then) {
                    (None, _) => format!("{} is gone", thing.summary()),
                    (Some(_), None) => format!("{} is there by now", thing.summary()),
                    (Some(_), Some(_)) => format!("{} was altered", thing.summary()),
                });
            }
        }
        found.extend(self.more_listed(seen));
        let trusts = match &seen.trusting {
            Some(Ok(roles)) => self.then(roles),
            Some(Err(fault)) => {
                found.push(format!("which roles trust the provider could not be read: {fault}"));
                return found;
            }
            None => return found,
        };
        let calls = self.steps.iter().filter_map(|step| step.operation.as_ref());
        found.extend(calls.filter_map(|call| in_use(call, &trusts)));
        found
    }

    /// Audiences that came to a provider which is to be deleted: they would go unseen.
    fn more_listed<'a>(&'a self, seen: &'a Holdings) -> impl Iterator<Item = String> + 'a {
        let deleted = self.steps.iter().filter_map(|step| match &step.operation {
            Some(Operation::DeleteProvider { provider }) => Some(provider),
            _ => None,
        });
        deleted.flat_map(move |arn: &ProviderArn| {
            let listed = seen.providers.get(arn).map_or(&[][..], |there| &there.audiences);
            let new = listed.iter().filter(move |audience| {
                let thing = Thing::Audience(arn.clone(), (*audience).clone());
                !self.expects.iter().any(|(expected, _)| *expected == thing)
            });
            new.map(move |audience| format!("{} lists {audience} by now", arn.name()))
        })
    }

    /// Trust policies as they are once the calls are sent.
    fn then(&self, roles: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut then = roles.clone();
        for step in &self.steps {
            if let Some(Operation::UpdateTrust { role, trust }) = &step.operation {
                then.entry(role.clone()).and_modify(|now| now.clone_from(trust));
            }
        }
        then
    }

    /// The things that the account does not have as a step meant them.
    #[must_use]
    pub fn differs(&self, step: &Planned, seen: &Holdings) -> Vec<String> {
        let Some(operation) = &step.operation else { return Vec::new() };
        let made = changes(operation, &step.before, &self.header(String::new()));
        let wrong =
            made.iter().filter(|made| !made.thing.same(&made.thing.state(seen), &made.after));
        wrong.map(|made| made.thing.summary()).collect()
    }
}
