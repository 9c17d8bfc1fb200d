//! The values of `sub`.

use serde_json::{Value, json};

use super::fix;
use super::issuer::has_placeholder;
use super::look::{Look, Seen, bare, is_wild, quoted, reads_wildcards};
use super::rules::{
    ACCOUNT_WILDCARD, CASE_DIFFERS, DEFAULT_ACCOUNT, NAMESPACE_WILDCARD, SUB_OTHER, SUB_WILDCARD,
    SUBJECT_UNUSUAL,
};
use crate::domain::claims::first_difference;
use crate::domain::evaluate::{Condition, Context};
use crate::domain::finding::{Finding, Severity};
use crate::domain::trust::admit::has_capitals;

/// What Kubernetes puts before namespace and account.
const KUBERNETES: &str = "system:serviceaccount:";
/// Okteto's account in Okteto's namespace, as its tutorial has it.
const USUAL: &str = "system:serviceaccount:okteto:okteto";

/// How issuers of pipelines write `sub`: what stands before the owner, what ends the owner, and what ends that which
/// the owner has several of (their documentation on OIDC).
const PIPELINES: [(&str, char, char); 3] =
    [("repo:", '/', ':'), ("project_path:", '/', ':'), ("organization:", ':', ':')];

/// How far a wildcard reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach<'a> {
    /// Any account of the issuer.
    Everyone,
    /// Any owner whose name begins so, or any at all where that is empty.
    Owner(&'a str),
    /// Other namespaces, or other projects of the owner.
    Namespace,
    /// Other accounts of one namespace.
    Account,
}

pub(super) fn look(look: &Look) -> Vec<Finding> {
    let mut found = Vec::new();
    for seen in look.web() {
        for condition in positive(seen, "sub") {
            let plain = |value: &&String| !(reads_wildcards(condition) && is_wild(value));
            if !seen.is_pinned_beside(condition) {
                let fits = |value: &&String| !plain(value) && !is_impossible(condition, value);
                let wild = condition.wanted.iter().filter(fits);
                found.extend(wild.map(|value| wildcard(look, seen, condition, value)));
            }
            for value in &condition.wanted {
                found.extend(case(look, seen, condition, value));
            }
            for value in &condition.wanted {
                found.extend(default_account(look, seen, condition, value));
            }
            found.extend(unusual(look, seen, condition));
        }
    }
    expected(look, &mut found);
    found
}

/// The conditions that say what a claim must be.
pub(super) fn positive<'a>(seen: &'a Seen, claim: &'a str) -> impl Iterator<Item = &'a Condition> {
    seen.on(claim).filter(|c| !c.operator.negated && bare(c).starts_with("String"))
}

/// Whether a condition holds for a value of its key, by IAM's own evaluation.
pub(super) fn admits(condition: &Condition, value: &str) -> bool {
    condition.judge(&Context::default().with(&condition.key, [value]), None).met
}

/// The condition with one value only.
pub(super) fn alone(condition: &Condition, value: &str) -> Condition {
    Condition {
        operator: condition.operator.clone(),
        key: condition.key.clone(),
        wanted: vec![value.to_owned()],
    }
}

fn reach<'a>(condition: &Condition, value: &'a str) -> Reach<'a> {
    // Names that nobody would have had in mind.
    const NAMES: [&str; 3] = ["q7", "x-9-team", "some-other-rather-long-name"];
    let pattern = alone(condition, value);
    let fits = |namespace: &str, account: &str| {
        admits(&pattern, &format!("{KUBERNETES}{namespace}:{account}"))
    };
    if NAMES.iter().all(|namespace| NAMES.iter().all(|account| fits(namespace, account))) {
        return Reach::Everyone;
    }
    let before = value.split(['*', '?']).next().unwrap_or_default();
    for (begin, owner, owned) in PIPELINES {
        if let Some(rest) = before.strip_prefix(begin) {
            return match rest.split_once(owner) {
                None if value.len() == before.len() + 1 && rest.is_empty() => Reach::Everyone,
                None => Reach::Owner(rest),
                Some((_, rest)) if !rest.contains(owned) => Reach::Namespace,
                Some(_) => Reach::Account,
            };
        }
        if begin.starts_with(before) && !KUBERNETES.starts_with(before) {
            return Reach::Everyone;
        }
    }
    match before.strip_prefix(KUBERNETES) {
        Some(rest) if rest.contains(':') => Reach::Account,
        Some(_) => Reach::Namespace,
        None if KUBERNETES.starts_with(before) => Reach::Namespace,
        None => Reach::Account,
    }
}

fn wildcard(look: &Look, seen: &Seen, condition: &Condition, value: &str) -> Finding {
    let place = seen.place_of(condition);
    let finding = match reach(condition, value) {
        Reach::Everyone => SUB_WILDCARD.at(
            place,
            format!("{value:?} fits every account of the issuer: the condition has the looks of a guard and is none."),
        ),
        Reach::Owner("") => SUB_WILDCARD.at(
            place,
            format!("{value:?} leaves the owner open: whoever registers one can make what fits the rest."),
        ),
        Reach::Owner(begin) => SUB_WILDCARD.at(
            place,
            format!("{value:?} fits every owner whose name begins with {begin}, also one that is registered \
                     tomorrow."),
        ),
        Reach::Namespace => NAMESPACE_WILDCARD.at(
            place,
            format!("{value:?} leaves the namespace or project open: whoever may make one that fits gets in."),
        ),
        Reach::Account => ACCOUNT_WILDCARD.at(
            place,
            format!("{value:?} lets in every account (or branch, or job) there that fits, also those made later."),
        ),
    };
    let (words, document) = exact(look, seen, condition, "sub");
    finding.mended(words, document)
}

/// The condition with the value that was meant, or with those of its values that have no wildcard.
pub(super) fn exact(
    look: &Look,
    seen: &Seen,
    condition: &Condition,
    claim: &str,
) -> (String, Option<Value>) {
    let mendable = fix::is_mendable(look.document());
    let plain = condition.wanted.iter().filter(|value| mendable && !is_wild(value));
    let plain: Vec<&String> = plain.collect();
    let value = match look.wanted(seen, claim) {
        Some(wanted) => json!(wanted),
        None if !plain.is_empty() => fix::texts(&plain),
        None => {
            return (format!("Pin {claim} by StringEquals to the one value that is meant."), None);
        }
    };
    (
        format!("Write StringEquals {} = {value}.", condition.key),
        look.rewrite(seen, condition, "StringEquals", &condition.key, Some(value)),
    )
}

/// The document with one value of a condition replaced.
fn replaced(
    look: &Look,
    seen: &Seen,
    condition: &Condition,
    old: &str,
    new: &str,
) -> Option<Value> {
    if !fix::is_mendable(look.document()) {
        return None;
    }
    let mut values: Vec<&str> = Vec::new();
    for value in &condition.wanted {
        let value = if value == old { new } else { value };
        if !values.contains(&value) {
            values.push(value);
        }
    }
    let value = Some(fix::texts(&values));
    look.rewrite(seen, condition, &condition.operator.written, &condition.key, value)
}

fn default_account(
    look: &Look,
    seen: &Seen,
    condition: &Condition,
    value: &str,
) -> Option<Finding> {
    value.strip_prefix(KUBERNETES)?.strip_suffix(":default")?;
    let wanted = look.wanted(seen, "sub").filter(|wanted| !wanted.ends_with(":default"));
    Some(
        DEFAULT_ACCOUNT
            .at(
                seen.place_of(condition),
                format!("{value:?} is the account that each pod uses which has none of its own: all of them get in."),
            )
            .mended(
                "Give the workload an account of its own, and name that.",
                wanted.and_then(|wanted| replaced(look, seen, condition, value, wanted)),
            ),
    )
}

/// Whether the operator compares with case, and the value may count as one.
fn compares(condition: &Condition, value: &str) -> bool {
    !bare(condition).ends_with("IgnoreCase") && !has_placeholder(value)
}

/// Whether the value has capitals that no subject of Kubernetes can have, so that none fits it.
fn is_impossible(condition: &Condition, value: &str) -> bool {
    compares(condition, value) && has_capitals(value)
}

/// Kubernetes takes lower case only in the names of namespaces and accounts (RFC 1123).
fn case(look: &Look, seen: &Seen, condition: &Condition, value: &str) -> Option<Finding> {
    let lower = value.to_ascii_lowercase();
    let sent = look.wanted(seen, "sub").filter(|wanted| wanted.eq_ignore_ascii_case(value));
    let wanted = match sent {
        Some(wanted) => wanted,
        None if has_capitals(value) => &lower,
        None => return None,
    };
    let difference = first_difference(wanted, value)?;
    // Written in small letters a wildcard would let in whom the text as it stands does not.
    let document = || replaced(look, seen, condition, value, wanted).filter(|_| !is_wild(value));
    compares(condition, value).then(|| {
        CASE_DIFFERS
            .at(
                seen.place_of(condition),
                format!("The policy has sub {value:?}, tokens have {wanted:?} ({difference}). Values compare \
                         with case, so no token fits."),
            )
            .mended(format!("Write {wanted}."), document())
    })
}

fn unusual(look: &Look, seen: &Seen, condition: &Condition) -> Option<Finding> {
    let meant = look.meant.subject.as_deref();
    let others: Vec<&String> = condition
        .wanted
        .iter()
        .filter(|value| *value != USUAL && Some(value.as_str()) != meant)
        .filter(|value| !is_wild(value) && !has_placeholder(value))
        .collect();
    let first = others.first()?;
    let more = match others.len() {
        1 => "is".to_owned(),
        n => format!("and {} more are", n - 1),
    };
    Some(SUBJECT_UNUSUAL.at(
        seen.place_of(condition),
        format!("{first:?} {more} not Okteto's usual {USUAL}. That is fine if Okteto shows it so."),
    ))
}

/// What was meant against what is pinned. Values that another rule takes apart do not count.
fn expected(look: &Look, found: &mut Vec<Finding>) {
    let Some(wanted) = look.meant.subject.as_deref() else { return };
    let lets_in = |seen: &Seen| positive(seen, "sub").all(|condition| admits(condition, wanted));
    let somewhere = look.web().filter(|seen| look.is_meant(seen)).any(lets_in);
    for seen in look.web().filter(|seen| look.is_meant(seen)) {
        for condition in positive(seen, "sub") {
            let is_in = admits(condition, wanted);
            let others: Vec<&String> = condition
                .wanted
                .iter()
                .filter(|value| !is_wild(value) && !value.eq_ignore_ascii_case(wanted))
                .filter(|value| !has_placeholder(value))
                .collect();
            let Some(closest) = closest(&others, wanted) else { continue };
            let place = seen.place_of(condition);
            let finding = if is_in || somewhere {
                SUB_OTHER
                    .at(
                        place,
                        format!(
                            "Wanted is {wanted:?} alone, and {} gets in as well.",
                            quoted(&others)
                        ),
                    )
                    .graded(Severity::High)
            } else {
                let difference = first_difference(wanted, closest).unwrap_or_default();
                SUB_OTHER.at(
                    place,
                    format!("The policy has sub {closest:?}, wanted is {wanted:?} ({difference}). Who was meant does not \
                             get in."),
                )
            };
            let document = if !is_in && somewhere {
                fix::without(look.document(), seen.index)
            } else {
                look.rewrite(seen, condition, "StringEquals", &condition.key, Some(json!(wanted)))
            };
            found.push(finding.mended(format!("Pin sub to {wanted} alone."), document));
        }
    }
}

/// The value that has most at its beginning in common with what is wanted.
pub(super) fn closest<'a>(values: &[&'a String], wanted: &str) -> Option<&'a str> {
    let same = |value: &str| value.chars().zip(wanted.chars()).take_while(|(a, b)| a == b).count();
    values.iter().map(|value| value.as_str()).max_by_key(|value| same(value))
}
