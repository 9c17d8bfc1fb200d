//! Parts of a role or user that the run did not make: each goes back to what it was by itself.

use super::{Desk, KEPT, bring, still};
use crate::domain::inventory::SeenUser;
use crate::domain::journal::{Entry, State, Thing};
use crate::domain::key::{KeyStatus, SeenKey};
use crate::domain::operation::Operation;
use crate::domain::plan::{Difference, Planned, Standing, StepId};
use crate::domain::policy::compare;

impl Desk<'_> {
    /// One thing that was changed, or added to what was there.
    pub(super) fn part(&self, entry: &Entry, steps: &[Planned]) -> Planned {
        let thing = &entry.thing;
        let (id, summary) = (thing.id(), thing.summary());
        let state = thing.state(self.seen);
        let done = |reason: &str| still(id, Standing::Present, summary.clone(), reason);
        if !self.is_owner_there(thing) {
            return done("What it was on is gone.");
        }
        if entry.is_as_found(&state) {
            return done("It is as it was before the run.");
        }
        if let (Thing::Key(..), Some(_), None) = (thing, &entry.before, &state) {
            return done("It was deleted, and cannot be had back.");
        }
        let Some(operation) = bring(thing, entry.before.as_deref()) else {
            return done("It is gone.");
        };
        let (name, told) = self.name_and_words(thing);
        if self.decisions.keep.contains(&name) {
            return done(KEPT);
        }
        let diff = differences(thing, &state, &entry.before);
        if !entry.is_as_left(&state) {
            let reason = format!("It was changed since the run.{told}");
            return self.decided(id, &name, summary, reason, Some(operation)).differing(diff);
        }
        if let Some(why) = self.is_in_use(thing, steps) {
            return self.decided(id, &name, summary, why, Some(operation)).differing(diff);
        }
        let (standing, reason) = if entry.is_made() {
            (Standing::Needed, format!("The run made it, and it is as it was made.{told}"))
        } else {
            (Standing::Change, format!("The run changed it; it goes back to what it was.{told}"))
        };
        Planned { summary, ..Planned::sends(id, standing, operation, reason) }.differing(diff)
    }

    fn is_owner_there(&self, thing: &Thing) -> bool {
        thing.principal().is_none_or(|who| Thing::Principal(who).state(self.seen).is_some())
    }

    /// The name by which a thing is decided about, and what else there is to say of a key.
    fn name_and_words(&self, thing: &Thing) -> (String, String) {
        if let Thing::Key(user, id) = thing {
            let words = self.key(user, id).map(|key| format!(" {}.", key.words(None)));
            return (id.clone(), words.unwrap_or_default());
        }
        let name = thing.principal().map(|who| who.name().to_owned());
        (name.unwrap_or_default(), String::new())
    }

    pub(super) fn user(&self, name: &str) -> Option<&SeenUser> {
        self.seen.users.get(name)
    }

    fn key(&self, user: &str, id: &str) -> Option<&SeenKey> {
        self.user(user)?.keys.iter().find(|key| key.id.as_str() == id)
    }

    /// Why a key that the run made in the place of another should not just go.
    fn is_in_use(&self, thing: &Thing, steps: &[Planned]) -> Option<String> {
        let Thing::Key(user, id) = thing else { return None };
        // One that the run made itself was not there before it.
        let mut replaced = self.past.beside.get(id)?.iter();
        replaced.find(|old| !self.past.beside.contains_key(*old))?;
        if let Some(place) = self.past.delivered.get(id).filter(|to| to.starts_with("Secret ")) {
            return Some(format!(
                "Its secret is in the {place} by now, and that of the key before it is not: who pulls by that Secret would be refused."
            ));
        }
        let stays = |key: &&SeenKey| {
            let status = steps.iter().rev().find_map(|step| match &step.operation {
                Some(Operation::SetKeyStatus { key: id, status, .. }) if *id == key.id => {
                    Some(*status == KeyStatus::Active)
                }
                Some(Operation::DeleteAccessKey { key: id, .. }) if *id == key.id => Some(false),
                _ => None,
            });
            status.unwrap_or(key.is_active())
        };
        let mut others = self.user(user)?.keys.iter().filter(|key| key.id.as_str() != id);
        others.find(stays).is_none().then(|| {
            "The key that it took the place of is inactive or deleted: without this one nothing can be pulled."
                .to_owned()
        })
    }

    /// Keys that were perhaps made: whose they are is decided by their id.
    pub(super) fn unsure_keys(&self, steps: &mut Vec<Planned>) {
        for (user, key) in self.lost_keys() {
            let thing = Thing::Key(user.clone(), key.clone());
            let (_, told) = self.name_and_words(&thing);
            let reason = format!(
                "It may be the one whose answer never came; then nobody has its secret.{told}"
            );
            let operation = bring(&thing, None);
            steps.push(self.decided(StepId::AccessKey, &key, thing.summary(), reason, operation));
        }
    }

    /// Keys that were perhaps made by the run, with their user.
    pub(super) fn lost_keys(&self) -> Vec<(String, String)> {
        let of = |user: &SeenUser| {
            let name = user.name.clone();
            self.past.unsure_keys(user).into_iter().map(move |id| (name.clone(), id.to_string()))
        };
        self.seen.users.values().flat_map(of).collect()
    }
}

/// What is there now, and what it goes back to: of documents by what they say, where that can be read.
fn differences(thing: &Thing, now: &State, then: &State) -> Vec<Difference> {
    let said = match (thing, now, then) {
        (Thing::Trust(_) | Thing::Inline(..), Some(now), Some(then)) => {
            compare::differences(now, then).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    if said.is_empty() {
        return vec![Difference { at: thing.summary(), now: now.clone(), then: then.clone() }];
    }
    said
}
