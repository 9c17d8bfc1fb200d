//! Several findings about one trust policy, mended in one call.

use std::collections::BTreeSet;

use super::calls::Wish;
use super::{Ground, left_out};
use crate::domain::operation::Operation;
use crate::domain::review::{listed, role};

/// Makes of all trust policies that are wished for a role the one that mends all of them. Where there is none, the first
/// stays, and the others are left for a later plan.
pub(super) fn combine(wishes: &mut Vec<Wish<'_>>, ground: &Ground<'_>, remarks: &mut Vec<String>) {
    let audiences = listed(ground.providers.iter().map(|one| (&one.arn, &one.seen)));
    for role in ground.roles {
        let name = &role.entry.name;
        let mut documents: Vec<&str> = Vec::new();
        let mut rules: BTreeSet<&str> = BTreeSet::new();
        for wish in wishes.iter() {
            for trust in wish.calls.iter().filter_map(|call| trust_of(call, name)) {
                if !documents.contains(&trust) {
                    documents.push(trust);
                }
                rules.insert(wish.found.finding.rule);
            }
        }
        let [first, _, ..] = documents.as_slice() else { continue };
        let first = (*first).to_owned();
        let whole = role::mended_trust(&role.entry, &audiences, Some(&rules));
        let whole = whole.map(|(document, mended)| {
            let rules: Vec<&str> = mended.iter().map(|finding| finding.rule).collect();
            (format!("{document:#}"), rules)
        });
        // By its rule alone: what is wrong by it in another place is mended as well.
        let marked = |rule: &str| {
            let is_of_it = |wish: &&Wish<'_>| {
                wish.found.finding.rule == rule
                    && wish.calls.iter().any(|call| trust_of(call, name).is_some())
            };
            wishes.iter().filter(is_of_it).count()
        };
        let note = |rule: &str| {
            let (_, mended) = whole.as_ref()?;
            let n = mended.iter().filter(|there| **there == rule).count();
            (n > marked(rule)).then(|| format!("It mends all {n} findings of {rule} in it."))
        };
        let notes: Vec<(&str, String)> =
            rules.iter().filter_map(|rule| Some((*rule, note(rule)?))).collect();
        wishes.retain_mut(|wish| {
            let Some(at) = wish.calls.iter().position(|call| trust_of(call, name).is_some()) else {
                return true;
            };
            let stays = match &whole {
                Some((_, mended)) => mended.contains(&wish.found.finding.rule),
                None => wish.calls.iter().any(|call| trust_of(call, name) == Some(&first)),
            };
            if !stays {
                let why = "it cannot be mended together with the others; mend it after this";
                remarks.push(left_out(wish.found, why));
                return false;
            }
            if let (Some((trust, _)), Some(call)) = (&whole, wish.calls.get_mut(at)) {
                *call = Operation::UpdateTrust { role: name.clone(), trust: trust.clone() };
                let own = notes.iter().filter(|(rule, _)| *rule == wish.found.finding.rule);
                wish.notes = own.map(|(_, note)| note.clone()).collect();
            }
            true
        });
    }
}

fn trust_of<'a>(call: &'a Operation, of: &str) -> Option<&'a str> {
    match call {
        Operation::UpdateTrust { role, trust } if role == of => Some(trust),
        _ => None,
    }
}
