//! What a run made, and what it perhaps made because no answer came: of what was sent here, and of a journal alike.

use crate::domain::intent::{Intent, OidcIntent};
use crate::domain::inventory::Holdings;
use crate::domain::journal::{Entry, Header, Past, Thing, Unsure, changes};
use crate::domain::operation::Operation;
use crate::domain::plan::Planned;
use crate::domain::principal::Principal;

/// A change whose answer never came.
#[derive(Debug)]
pub(super) struct Perhaps {
    pub(super) words: String,
    entries: Vec<Entry>,
    key: Option<Unsure>,
}

impl Perhaps {
    /// A change that was sent just now.
    pub(super) fn of(step: &Planned, header: &Header) -> Self {
        let operation = step.operation.as_ref();
        let made = operation.map(|operation| changes(operation, &step.before, header));
        let entry = |change: crate::domain::journal::Change| Entry {
            after: vec![change.before.clone(), change.after],
            thing: change.thing,
            before: change.before,
        };
        let entries = made.into_iter().flatten().map(entry);
        let changed = |entry: &Entry| entry.after.iter().any(|after| !entry.is_as_found(after));
        let key = match operation {
            Some(Operation::CreateAccessKey { user, beside, .. }) => Some(Unsure {
                user: user.clone(),
                beside: beside.iter().map(ToString::to_string).collect(),
                among: None,
            }),
            _ => None,
        };
        let entries = entries.filter(changed).collect();
        Self { words: step.summary.clone(), entries, key }
    }

    /// Whether it was made, by what the account has now.
    pub(super) fn is_there(&self, seen: &Holdings) -> bool {
        if let Some(key) = &self.key {
            let user = seen.users.get(&key.user);
            let mut keys = user.iter().flat_map(|user| &user.keys);
            return keys.any(|seen| !key.beside.iter().any(|id| id == seen.id.as_str()));
        }
        let is_there = |entry: &Entry| {
            let state = entry.thing.state(seen);
            entry.is_as_left(&state) && !entry.is_as_found(&state)
        };
        !self.entries.is_empty() && self.entries.iter().all(is_there)
    }

    /// Whether whoever read the account for these answers looked at it.
    pub(super) fn is_about(&self, intent: &Intent) -> bool {
        let provider = intent.oidc().map(OidcIntent::provider_arn);
        let looked = |thing: &Thing| match (thing.principal(), thing.provider()) {
            (Some(who), _) => who == intent.principal(),
            (None, Some(arn)) => provider.as_ref() == Some(arn),
            (None, None) => true,
        };
        let user = |key: &Unsure| Principal::User(key.user.clone()) == intent.principal();
        self.entries.iter().all(|entry| looked(&entry.thing)) && self.key.iter().all(user)
    }
}

/// What the journal of a run says was made, one phrase each, and what perhaps.
pub(super) fn of_past(past: &Past) -> (Vec<String>, Vec<Perhaps>) {
    let whole = past.entries.iter().filter(|entry| !is_part(past, &entry.thing));
    let (sure, open): (Vec<&Entry>, Vec<&Entry>) = whole.partition(|entry| entry.after.len() < 2);
    let words = |entry: &Entry| match entry.after.as_slice() {
        [None] => format!("{}: gone", entry.thing.summary()),
        _ => entry.thing.summary(),
    };
    let made = sure.into_iter().map(words).collect();
    let perhaps = open.into_iter().map(|entry| Perhaps {
        words: words(entry),
        entries: vec![entry.clone()],
        key: None,
    });
    let keys = past.unsure.iter().map(|one| Perhaps {
        words: format!("access key of {}", one.user),
        entries: Vec::new(),
        key: Some(one.clone()),
    });
    (made, perhaps.chain(keys).collect())
}

/// Whether it came with something that the run made, in the same call.
fn is_part(past: &Past, thing: &Thing) -> bool {
    let owner = match thing {
        Thing::Audience(arn, _) => Thing::Provider(arn.clone()),
        Thing::Trust(_) | Thing::Settings(_) | Thing::Boundary(_) | Thing::Tag(..) => {
            match thing.principal() {
                Some(who) => Thing::Principal(who),
                None => return false,
            }
        }
        _ => return false,
    };
    past.entry(&owner).is_some_and(Entry::is_made)
}
