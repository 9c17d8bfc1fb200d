//! Several providers in one statement.

use serde_json::Value;

use super::fix;
use super::issuer::{Federation, claim};
use super::look::{Look, Seen};
use super::rules::SEVERAL_ISSUERS;
use crate::domain::evaluate::Condition;
use crate::domain::finding::{Finding, Severity};

pub(super) fn look(look: &Look, seen: &Seen) -> Option<Finding> {
    let providers = &seen.providers;
    if providers.len() < 2 {
        return None;
    }
    let guarded: Vec<&String> = providers
        .iter()
        .filter(|name| seen.statement.conditions.iter().any(|c| is_strong(seen, c, name)))
        .collect();
    let open = seen.statement.conditions.iter().any(|condition| {
        claim(&condition.key).is_some() && (seen.is_weak(condition) || condition.operator.negated)
    });
    let unheld: Vec<&str> = providers
        .iter()
        .filter(|name| !seen.on("sub").any(|c| !c.operator.negated && is_of(c, name)))
        .map(String::as_str)
        .collect();
    let all = providers.join(", ");
    let finding = match &guarded[..] {
        [] if open && unheld.is_empty() => SEVERAL_ISSUERS.at(
            seen.place("Principal Federated"),
            format!(
                "One statement lets in tokens of {all}, each by conditions that hold for absent keys: a key that is \
                 misspelled lets all of its issuer in."
            ),
        ),
        [] if open => SEVERAL_ISSUERS
            .at(
                seen.place("Principal Federated"),
                format!(
                    "A token carries the keys of its own issuer only, and these conditions hold for absent keys: \
                     any token of {} may get in unguarded.",
                    unheld.join(", ")
                ),
            )
            .graded(Severity::High),
        [] => SEVERAL_ISSUERS.at(
            seen.place("Principal Federated"),
            format!("One statement lets in tokens of {all}, and no condition tells them apart."),
        ),
        [one] => SEVERAL_ISSUERS.at(
            seen.place("Principal Federated"),
            format!(
                "One statement names {all}, and its conditions are on {one}. A token carries the keys of its own \
                 issuer only, so tokens of the others never get in."
            ),
        ),
        _ => SEVERAL_ISSUERS
            .at(
                seen.place("Principal Federated"),
                format!(
                    "The conditions want keys of several issuers at once ({all}). A token carries those of its own \
                     only, so nobody gets in."
                ),
            )
            .graded(Severity::Error),
    };
    let keep = look
        .wanted_provider()
        .filter(|wanted| providers.iter().any(|name| name == wanted))
        .or(match &guarded[..] {
            [one] => Some(one.as_str()),
            _ => None,
        });
    let document = match keep {
        Some(name) => look.edit(seen, |map| {
            *map = part(map, seen, name)?;
            Some(())
        }),
        None if guarded.len() == providers.len() => split(look, seen),
        None => None,
    };
    let words = match keep {
        Some(name) => format!(
            "Name the provider of {name} alone; another one needs a statement with its own keys."
        ),
        None => "Write one statement for each provider, with its own keys.".to_owned(),
    };
    Some(finding.mended(words, document))
}

/// Whether a condition is on a key of this issuer and holds only where that is there.
fn is_strong(seen: &Seen, condition: &Condition, issuer: &str) -> bool {
    let operator = &condition.operator;
    let positive = !operator.negated && operator.written != "Null" && !seen.is_weak(condition);
    positive && is_of(condition, issuer)
}

/// Whether a condition is on a key of this issuer.
fn is_of(condition: &Condition, issuer: &str) -> bool {
    claim(&condition.key).is_some_and(|(name, _)| name.eq_ignore_ascii_case(issuer))
}

/// The statement for one of its providers: without the others, and without the conditions on their keys.
fn part(
    map: &serde_json::Map<String, Value>,
    seen: &Seen,
    provider: &str,
) -> Option<serde_json::Map<String, Value>> {
    let mut map = map.clone();
    let own: Vec<&str> =
        seen.federated().filter(|text| Federation::of(text).provider() == Some(provider)).collect();
    *map.get_mut("Principal")?.get_mut("Federated")? = fix::texts(&own);
    for condition in &seen.statement.conditions {
        let of_other = claim(&condition.key).is_some_and(|(name, _)| {
            seen.providers.iter().any(|p| p != provider && p.eq_ignore_ascii_case(name))
        });
        if of_other {
            fix::take(&mut map, condition)?;
        }
    }
    Some(map)
}

/// The document with one statement for each provider.
fn split(look: &Look, seen: &Seen) -> Option<Value> {
    fix::whole(look.document(), |map| {
        let statement = map.get_mut("Statement")?;
        let mut list = match statement.take() {
            Value::Array(list) => list,
            one => vec![one],
        };
        let raw = list.get(seen.index)?.as_object()?.clone();
        let mut parts = Vec::new();
        for (number, provider) in seen.providers.iter().enumerate() {
            let mut one = part(&raw, seen, provider)?;
            if number > 0 {
                // Labels must be unique.
                one.shift_remove("Sid");
            }
            parts.push(Value::Object(one));
        }
        list.splice(seen.index..=seen.index, parts);
        *statement = Value::Array(list);
        Some(())
    })
}
