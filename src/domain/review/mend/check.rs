//! The account held against what a plan was made from: before anything is sent, before each thing that is taken away, and
//! once all is done.

use std::collections::BTreeMap;

use super::{Mend, touched};
use crate::domain::inventory::{Holdings, Wanted};
use crate::domain::journal::{State, Thing, changes, wanted};
use crate::domain::key::{KeyId, KeyStatus, LastUse};
use crate::domain::operation::Operation;
use crate::domain::plan::Planned;
use crate::domain::trust::Asks;

impl Mend {
    /// What of the account has to be looked at.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        wanted(self.expects.iter().map(|(thing, _)| thing))
    }

    /// What has to be looked at before one step is sent.
    #[must_use]
    pub fn wanted_for(&self, step: &Planned) -> Wanted {
        wanted(self.touched(step).iter())
    }

    /// What is not as it was when the plan was made, one sentence each; none where it may be sent.
    #[must_use]
    pub fn altered(&self, seen: &Holdings) -> Vec<String> {
        self.other(self.expects.iter(), &self.steps, seen)
    }

    /// The same of what one step is about. What the steps before it were to change is taken for changed.
    #[must_use]
    pub fn altered_for(&self, step: &Planned, seen: &Holdings) -> Vec<String> {
        let touched = self.touched(step);
        let expects = self.expects.iter().filter(|(thing, _)| touched.contains(thing));
        self.other(expects, std::slice::from_ref(step), seen)
    }

    fn other<'a>(
        &self,
        expects: impl Iterator<Item = &'a (Thing, State)>,
        steps: &[Planned],
        seen: &Holdings,
    ) -> Vec<String> {
        let mut found = Vec::new();
        for (thing, then) in expects {
            let now = thing.state(seen);
            if !thing.same(&now, then) {
                found.push(match (now, then) {
                    (None, _) => format!("{} is gone", thing.summary()),
                    (Some(_), None) => format!("{} is there by now", thing.summary()),
                    (Some(_), Some(_)) => format!("{} was altered", thing.summary()),
                });
            }
        }
        let calls = || steps.iter().filter_map(|step| step.operation.as_ref());
        found.extend(calls().filter_map(|call| self.used_since(call, seen)));
        found.extend(calls().flat_map(|call| self.more_listed(call, seen)));
        match &seen.trusting {
            Some(Ok(roles)) => {
                let trusts = self.then(roles);
                found.extend(calls().filter_map(|call| in_use(call, &trusts)));
            }
            Some(Err(fault)) => {
                found.push(format!("which roles trust the provider could not be read: {fault}"));
            }
            None => {}
        }
        found
    }

    /// What a step changes, and what that is on.
    fn touched(&self, step: &Planned) -> Vec<Thing> {
        let Some(operation) = &step.operation else { return Vec::new() };
        touched(&changes(operation, &step.before, &self.header(String::new())))
    }

    /// That a key which is to be switched off was used since, or that this cannot be told.
    fn used_since(&self, call: &Operation, seen: &Holdings) -> Option<String> {
        let Operation::SetKeyStatus { user, key, status: KeyStatus::Inactive } = call else {
            return None;
        };
        let (_, then) = self.last_uses.iter().find(|(id, _)| id == key)?;
        match (last_use(user, key, seen)?, then) {
            (LastUse::Unknown, _) => Some(format!("the last use of {key} cannot be read")),
            (LastUse::At(now, _), LastUse::At(then, _)) if now <= *then => None,
            (LastUse::Never, _) => None,
            (LastUse::At(..), _) => Some(format!("access key {key} was used")),
        }
    }

    /// Audiences that came to a provider which is to be deleted: they would go unseen.
    fn more_listed(&self, call: &Operation, seen: &Holdings) -> Vec<String> {
        let Operation::DeleteProvider { provider } = call else { return Vec::new() };
        let listed = seen.providers.get(provider).map_or(&[][..], |there| &there.audiences);
        let is_new = |audience: &&String| {
            let thing = Thing::Audience(provider.clone(), (*audience).clone());
            !self.expects.iter().any(|(expected, _)| *expected == thing)
        };
        let told = |audience: &String| format!("{} lists {audience} by now", provider.name());
        listed.iter().filter(is_new).map(told).collect()
    }

    /// Trust policies as they are once the calls are sent.
    fn then(&self, roles: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        then(roles, self.steps.iter().filter_map(|step| step.operation.as_ref()))
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

/// When a key was last used, where it is there.
pub(super) fn last_use(user: &str, key: &KeyId, seen: &Holdings) -> Option<LastUse> {
    let keys = &seen.users.get(user)?.keys;
    keys.iter().find(|there| there.id == *key).map(|there| there.last_use.clone())
}

/// Trust policies as they are once these calls are sent.
pub(super) fn then<'a>(
    roles: &BTreeMap<String, String>,
    calls: impl Iterator<Item = &'a Operation>,
) -> BTreeMap<String, String> {
    let mut then = roles.clone();
    for call in calls {
        if let Operation::UpdateTrust { role, trust } = call {
            then.insert(role.clone(), trust.clone());
        }
    }
    then
}

/// Who would be left without the provider or the audience that a call takes away, once the calls are sent; one sentence.
pub(super) fn in_use(operation: &Operation, trusts: &BTreeMap<String, String>) -> Option<String> {
    let (provider, audience) = match operation {
        Operation::DeleteProvider { provider } => (provider.name(), None),
        Operation::RemoveAudience { provider, audience } => (provider.name(), Some(audience)),
        _ => return None,
    };
    trusts.iter().find_map(|(role, trust)| {
        let asks = Asks::of(trust);
        match audience {
            Some(audience) => asks
                .wants(provider, audience.as_str())
                .then(|| format!("the role {role} asks for {audience}, or may")),
            None if asks.names(provider) => Some(format!("the role {role} trusts it")),
            None => asks
                .anyone()
                .then(|| format!("the role {role} may let in its tokens without naming it")),
        }
    })
}
