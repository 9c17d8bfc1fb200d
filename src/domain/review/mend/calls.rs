//! The calls of several findings, each once.

use super::check::{in_use, then};
use super::left_out;
use crate::domain::inventory::Holdings;
use crate::domain::issuer::Issuer;
use crate::domain::journal::{Change, Header, Thing, before, changes};
use crate::domain::operation::Operation;
use crate::domain::principal::Principal;
use crate::domain::review::found::Found;
use crate::domain::subject::Audience;

/// A finding that is to be mended, by these calls.
pub(super) struct Wish<'a> {
    pub(super) found: &'a Found,
    pub(super) calls: Vec<Operation>,
    /// What the calls do beyond it.
    pub(super) notes: Vec<String>,
}

impl<'a> Wish<'a> {
    pub(super) fn of(found: &'a Found) -> Self {
        Self { found, calls: found.calls.clone(), notes: Vec::new() }
    }
}

/// One call, and the numbers of the wishes that it is for.
pub(super) struct Call {
    pub(super) operation: Operation,
    pub(super) mends: Vec<usize>,
    pub(super) notes: Vec<String>,
    things: Vec<Thing>,
}

/// The calls in the order in which they are sent, and the findings that they mend.
pub(super) struct Calls {
    pub(super) list: Vec<Call>,
    pub(super) wishes: Vec<Found>,
}

impl Calls {
    /// Takes in one finding after the other. One whose calls go against those of an earlier one is left out.
    pub(super) fn of(
        wishes: Vec<Wish<'_>>,
        seen: &Holdings,
        header: &Header,
        remarks: &mut Vec<String>,
    ) -> Self {
        let mut calls = Self { list: Vec::new(), wishes: Vec::new() };
        for wish in wishes {
            if let Err(why) = calls.take(&wish, seen, header) {
                remarks.push(left_out(wish.found, &why));
            }
        }
        calls.drop_used(seen, remarks);
        calls.sort();
        calls
    }

    fn take(&mut self, wish: &Wish<'_>, seen: &Holdings, header: &Header) -> Result<(), String> {
        let mut new: Vec<(Operation, Vec<Change>)> = Vec::new();
        for operation in &wish.calls {
            let made = changes(operation, &before(operation, seen), header);
            if let Some(why) = beyond(operation, &made, seen) {
                return Err(why);
            }
            // What is so already is not sent.
            if made.iter().any(|change| !change.thing.same(&change.before, &change.after)) {
                new.push((operation.clone(), made));
            }
        }
        if new.is_empty() {
            return Err("it is as it would be, mended".to_owned());
        }
        for (operation, made) in &new {
            let clash = self.list.iter().find(|there| there.clashes(operation, made));
            if let Some(there) = clash {
                let other = there.operation.summary();
                return Err(format!(
                    "{} and {other} go against each other; mend it after this",
                    operation.summary()
                ));
            }
        }
        let number = self.wishes.len();
        self.wishes.push(wish.found.clone());
        for (operation, made) in new {
            let things: Vec<Thing> = made.into_iter().map(|change| change.thing).collect();
            // A provider that goes takes its audiences along.
            if let Some(whole) = self.list.iter_mut().find(|there| there.holds(&operation, &things))
            {
                whole.mends.push(number);
                let new = wish.notes.iter().filter(|note| !whole.notes.contains(note));
                let new: Vec<String> = new.cloned().collect();
                whole.notes.extend(new);
                continue;
            }
            let mut mends = Vec::new();
            if let Operation::DeleteProvider { .. } = operation {
                self.list.retain(|there| {
                    let part = there.is_removed_with(&operation);
                    if part {
                        mends.extend(&there.mends);
                    }
                    !part
                });
            }
            mends.push(number);
            let notes = wish.notes.clone();
            self.list.push(Call { operation, mends, notes, things });
        }
        Ok(())
    }

    /// A provider that a role will still trust stays, and so does an audience that one asks for.
    fn drop_used(&mut self, seen: &Holdings, remarks: &mut Vec<String>) {
        let Some(Ok(roles)) = &seen.trusting else { return };
        let then = then(roles, self.list.iter().map(|call| &call.operation));
        let used = |call: &Call| in_use(&call.operation, &then);
        for call in self.list.iter().filter(|call| used(call).is_some()) {
            let why = used(call).unwrap_or_default();
            let findings = call.mends.iter().filter_map(|at| self.wishes.get(*at));
            remarks.extend(findings.map(|found| left_out(found, &why)));
        }
        self.list.retain(|call| used(call).is_none());
        self.keep_mended();
    }

    /// Forgets the findings that no call is left for.
    fn keep_mended(&mut self) {
        let is_mended = |at: &usize| self.list.iter().any(|call| call.mends.contains(at));
        let kept: Vec<usize> = (0..self.wishes.len()).filter(is_mended).collect();
        for call in &mut self.list {
            for at in &mut call.mends {
                *at = kept.iter().position(|there| there == at).unwrap_or(*at);
            }
        }
        self.wishes = kept.iter().filter_map(|at| self.wishes.get(*at).cloned()).collect();
    }

    /// What is added to providers first, then role by role, user by user; what is taken from providers last. On one role it
    /// is given before it is taken, so that who pulls goes on pulling.
    fn sort(&mut self) {
        let mut order: Vec<Principal> = Vec::new();
        for call in &self.list {
            if let Some(who) = call.things.first().and_then(Thing::principal)
                && !order.contains(&who)
            {
                order.push(who);
            }
        }
        self.list.sort_by_key(|call| {
            let who = call.things.first().and_then(Thing::principal);
            let place = who.and_then(|who| order.iter().position(|there| *there == who));
            match (&call.operation, place) {
                (Operation::DeleteProvider { .. } | Operation::RemoveAudience { .. }, _) => {
                    (2, 0, 0)
                }
                (operation, Some(place)) => (1, place, rank(operation)),
                (_, None) => (0, 0, 0),
            }
        });
    }
}

/// What is given comes first; what cannot be had back, last.
const fn rank(operation: &Operation) -> u8 {
    match operation {
        Operation::UpdateTrust { .. } => 1,
        Operation::SetKeyStatus { .. } => 2,
        Operation::DeleteAccessKey { .. } => 4,
        operation if operation.removes() => 3,
        _ => 0,
    }
}

impl Call {
    /// Whether another call is for the same thing and would leave it otherwise.
    fn clashes(&self, operation: &Operation, made: &[Change]) -> bool {
        let same = made.iter().any(|change| self.things.contains(&change.thing));
        same && self.operation != *operation
            && !self.is_removed_with(operation)
            && !is_removed_with(operation, &self.operation)
    }

    /// Whether this call does all that another would.
    fn holds(&self, operation: &Operation, things: &[Thing]) -> bool {
        self.operation == *operation
            || is_removed_with(operation, &self.operation)
                && things.iter().all(|thing| self.things.contains(thing))
    }

    fn is_removed_with(&self, whole: &Operation) -> bool {
        is_removed_with(&self.operation, whole)
    }
}

/// Whether the part that a call removes goes with the provider that the other deletes.
fn is_removed_with(part: &Operation, whole: &Operation) -> bool {
    match (part, whole) {
        (
            Operation::RemoveAudience { provider: of, .. },
            Operation::DeleteProvider { provider },
        ) => of == provider,
        _ => false,
    }
}

/// Why a call is none that a plan of mending sends: what it changes must be known as it is, so that it can be put back.
fn beyond(operation: &Operation, made: &[Change], seen: &Holdings) -> Option<String> {
    if made.is_empty() {
        return Some(format!("{} is no call of a plan that mends", operation.call()));
    }
    let unknown = made.iter().find(|change| match &change.thing {
        // The review does not read a role's description.
        Thing::Settings(_) | Thing::Principal(_) => true,
        Thing::Provider(arn) | Thing::Audience(arn, _) => !seen.providers.contains_key(arn),
        Thing::Key(..) => change.before.is_none(),
        thing => thing.principal().is_none_or(|who| Thing::Principal(who).state(seen).is_none()),
    });
    match unknown {
        Some(unknown) => Some(format!("{} is not in what was read", unknown.thing.summary())),
        None => lost(operation, seen),
    }
}

/// Why a provider that is deleted could not be made again.
fn lost(operation: &Operation, seen: &Holdings) -> Option<String> {
    let Operation::DeleteProvider { provider } = operation else { return None };
    if let Err(problem) = Issuer::parse(&provider.url()) {
        return Some(format!("it could not be made again from here: {problem}"));
    }
    let mut listed = seen.providers.get(provider)?.audiences.iter();
    let lost = listed.find(|audience| Audience::parse(audience).is_err())?;
    Some(format!("it could not be made again from here: its audience {lost:?} cannot be sent"))
}
