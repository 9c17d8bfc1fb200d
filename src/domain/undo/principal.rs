//! A role or user that the run made: it goes as one, with everything that is on it.

use super::{Desk, KEPT, bring, still};
use crate::domain::inventory::OWN_TAGS;
use crate::domain::journal::{Entry, Thing};
use crate::domain::plan::{Difference, Planned, Standing};
use crate::domain::principal::Principal;

/// How a role or user of the run stands by now.
enum Unit {
    /// It is not there.
    Gone,
    /// Its making was never confirmed, and what is there is somebody else's.
    Foreign,
    /// It is as it was written.
    Intact,
    /// It was altered, or something was put on it that the run did not put there.
    Altered(Vec<Difference>),
    /// It is used in a way that has to be ended by hand first.
    Used(String),
    /// It has a key, by its id, that was perhaps made by the run and is not decided about, or is to stay.
    Keyed(String),
    /// It is to stay, as was decided.
    Kept,
}

impl Desk<'_> {
    /// Whether it will be deleted.
    pub(super) fn goes(&self, who: &Principal) -> bool {
        match self.stands(who) {
            Unit::Intact => true,
            Unit::Altered(_) => self.decisions.take.contains(who.name()),
            _ => false,
        }
    }

    /// The step of the role or user itself; before it what has to go first and is none of the run's.
    pub(super) fn principal(&self, who: &Principal, steps: &mut Vec<Planned>) {
        let thing = Thing::Principal(who.clone());
        let (id, summary, kind) = (thing.id(), thing.summary(), who.kind());
        let step = match self.stands(who) {
            Unit::Gone => still(id, Standing::Present, summary, "It is gone."),
            Unit::Kept => still(id, Standing::Present, summary, KEPT),
            Unit::Keyed(key) if self.decisions.keep.contains(&key) => {
                let reason = format!("The key {key} on it stays, and the {kind} with it.");
                still(id, Standing::Present, summary, reason)
            }
            Unit::Keyed(key) => {
                let reason = format!("It has the key {key}, which is to be decided about first.");
                still(id, Standing::Conflict, summary, reason).confirmed_by(Some(&key))
            }
            Unit::Foreign => still(
                id,
                Standing::Present,
                summary,
                format!(
                    "A {kind} of this name is there, but without this run's tag: it is not this run's, and stays."
                ),
            ),
            Unit::Used(why) => self
                .decided(id, who.name(), summary, why, None)
                .or([format!("end that first, or keep the {kind}")]),
            Unit::Intact => {
                let reason = "The run made it, it carries the run's tag, and it is as it was made.";
                match bring(&thing, None) {
                    Some(operation) => Planned {
                        summary,
                        ..Planned::sends(id, Standing::Needed, operation, reason)
                    },
                    None => return,
                }
            }
            Unit::Altered(differences) => {
                if self.goes(who) {
                    steps.extend(self.extras(who));
                }
                let reason = "It was altered since the run made it.".to_owned();
                self.decided(id, who.name(), summary, reason, bring(&thing, None))
                    .differing(differences)
            }
        };
        steps.push(step);
    }

    /// What goes before the role or user it is on can go.
    pub(super) fn part_of(&self, who: &Principal, entry: &Entry) -> Option<Planned> {
        let thing = &entry.thing;
        if !matches!(thing, Thing::Attached(..) | Thing::Inline(..) | Thing::Key(..)) {
            return None;
        }
        thing.state(self.seen).filter(|_| self.goes(who))?;
        let operation = bring(thing, None)?;
        let reason = format!("It is on the {} that goes.", who.kind());
        let step = Planned::sends(thing.id(), Standing::Needed, operation, reason);
        Some(Planned { summary: thing.summary(), ..step })
    }

    fn stands(&self, who: &Principal) -> Unit {
        let thing = Thing::Principal(who.clone());
        let Some(state) = thing.state(self.seen) else { return Unit::Gone };
        let Some(entry) = self.past.entry(&thing) else { return Unit::Gone };
        let is_ours = entry.is_as_left(&Some(state.clone()));
        if !is_ours && entry.after.contains(&None) {
            return Unit::Foreign;
        }
        if self.decisions.keep.contains(who.name()) {
            return Unit::Kept;
        }
        if let Some(why) = self.used(who) {
            return Unit::Used(why);
        }
        if let Principal::User(name) = who {
            let mut lost = self.lost_keys().into_iter().filter(|(user, _)| user == name);
            if let Some((_, key)) = lost.find(|(_, key)| !self.decisions.take.contains(key)) {
                return Unit::Keyed(key);
            }
        }
        let mut found = Vec::new();
        if !is_ours {
            let then = Some(self.past.header.run.clone());
            found.push(Difference {
                at: "its tag okteto-ecr:run".to_owned(),
                now: Some(state),
                then,
            });
        }
        for entry in &self.past.entries {
            if entry.thing.principal().as_ref() != Some(who) || entry.thing == thing {
                continue;
            }
            let state = entry.thing.state(self.seen);
            // What is gone already is done already; the run's own tag is told above.
            let is_own = matches!(&entry.thing, Thing::Tag(_, key) if key.starts_with(OWN_TAGS));
            if state.is_some() && !is_own && !entry.is_as_left(&state) {
                let then = entry.after.iter().flatten().next().cloned();
                found.push(Difference { at: entry.thing.summary(), now: state, then });
            }
        }
        found.extend(self.foreign(who).into_iter().map(|thing| {
            let now = thing.state(self.seen);
            Difference { at: thing.summary(), now, then: None }
        }));
        if found.is_empty() { Unit::Intact } else { Unit::Altered(found) }
    }

    /// What AWS would refuse to delete a user over, and what is not for this program to end.
    fn used(&self, who: &Principal) -> Option<String> {
        let Principal::User(name) = who else { return None };
        let user = self.user(name)?;
        if !user.groups.is_empty() {
            return Some(format!("The user is in {} by now.", user.groups.join(", ")));
        }
        (user.has_password == Some(true))
            .then(|| "The user has a password for the console by now.".to_owned())
    }

    /// What is on it and was not put there by the run.
    fn foreign(&self, who: &Principal) -> Vec<Thing> {
        let (attached, inline, tags, boundary) = match who {
            Principal::Role(name) => {
                let Some(role) = self.seen.roles.get(name) else { return Vec::new() };
                (&role.attached, &role.inline, &role.tags, &role.boundary)
            }
            Principal::User(name) => {
                let Some(user) = self.user(name) else { return Vec::new() };
                (&user.attached, &user.inline, &user.tags, &user.boundary)
            }
        };
        let things = attached.iter().map(|arn| Thing::Attached(who.clone(), arn.clone()));
        let things =
            things.chain(inline.keys().map(|name| Thing::Inline(who.clone(), name.clone())));
        let things = things.chain(tags.keys().map(|key| Thing::Tag(who.clone(), key.clone())));
        let things = things.chain(boundary.iter().map(|_| Thing::Boundary(who.clone())));
        let known = |thing: &Thing| self.past.entry(thing).is_some();
        let mut found: Vec<Thing> = things.filter(|thing| !known(thing)).collect();
        if let Principal::User(name) = who {
            let lost = self.lost_keys();
            let keys = self.user(name).map_or(&[][..], |user| &user.keys);
            found.extend(
                keys.iter()
                    .map(|key| Thing::Key(name.clone(), key.id.to_string()))
                    .filter(|thing| !known(thing))
                    .filter(|thing| {
                        !lost.iter().any(|(u, id)| *thing == Thing::Key(u.clone(), id.clone()))
                    }),
            );
        }
        found
    }

    /// Calls that clear away what others put on it. A key is asked for by its own id as well.
    fn extras(&self, who: &Principal) -> Vec<Planned> {
        let removed = |thing: Thing| {
            if !matches!(thing, Thing::Attached(..) | Thing::Inline(..) | Thing::Key(..)) {
                return None;
            }
            let (id, summary) = (thing.id(), thing.summary());
            let reason = "The run did not put it there; it has to go first.".to_owned();
            if let Thing::Key(_, key) = &thing {
                return Some(self.decided(id, key, summary, reason, bring(&thing, None)));
            }
            let step = Planned::sends(id, Standing::Change, bring(&thing, None)?, reason);
            Some(Planned { summary, ..step }.confirmed_by(Some(who.name())))
        };
        self.foreign(who).into_iter().filter_map(removed).collect()
    }
}
