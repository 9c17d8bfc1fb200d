//! What is wrong with a trust policy, by a table of rules.
//!
//! | part | looks at |
//! | --- | --- |
//! | `rules` | the table: slug, severity, source |
//! | `read` | the document, part by part: what IAM's language does not have |
//! | `document` | version, length, repeated keys, placeholders, the role's session |
//! | `principal`, `several`, `action` | who is named, and which action they may use |
//! | `condition` | keys, operators, and whether each claim has a guard that holds |
//! | `subject`, `audience` | the values of `sub` and `aud`, against what was meant and what the provider lists |
//! | `issuer` | the forms that issuers have |
//! | `fix` | documents mended |
//!
//! A mended document is offered only if it passes this same check: the finding is gone, and nothing worse is new.

mod action;
mod audience;
mod condition;
mod document;
mod fix;
mod issuer;
mod look;
mod principal;
mod read;
mod rules;
mod several;
mod subject;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::HashSet;

pub use rules::{ELSEWHERE, RULES, Rule};

use super::Given;
use super::admit::{self, Intruder, Meant};
use crate::domain::evaluate::{Effect, Policy};
use crate::domain::finding::{Finding, Severity};
use crate::domain::policy::{Document, TRUST_QUOTA_AT_MOST, size};
use look::Look;

/// What is wrong with a trust policy, worst first.
#[must_use]
pub fn lint(given: &Given, meant: &Meant) -> Vec<Finding> {
    let found = findings(given, meant);
    let holds: Vec<bool> =
        found.iter().map(|finding| mends(given, meant, &found, finding)).collect();
    let mut checked = found;
    for (finding, holds) in checked.iter_mut().zip(holds) {
        if let Some(fix) = finding.fix.as_mut().filter(|_| !holds) {
            fix.document = None;
        }
    }
    checked
}

fn findings(given: &Given, meant: &Meant) -> Vec<Finding> {
    let (look, mut found) = Look::new(given, meant);
    for theme in [
        document::look,
        principal::look,
        condition::look,
        subject::look,
        audience::look,
        issuer::look,
    ] {
        found.extend(theme(&look));
    }
    found.extend(proof(given, meant, &found));
    guarded(given, meant, &mut found);
    let mut once = HashSet::new();
    found.retain(|f| once.insert((f.rule, f.severity, f.place.clone(), f.message.clone())));
    found.sort_by_cached_key(|f| (Reverse(f.severity.rank()), number(&f.place), f.place.clone()));
    found
}

/// What the evaluator says of made-up tokens, where no rule has said it: that a neighbour gets in, or that nobody does.
fn proof(given: &Given, meant: &Meant, found: &[Finding]) -> Option<Finding> {
    let worst = found.iter().map(|finding| finding.severity.rank()).max().unwrap_or_default();
    let is_dead = found.iter().any(|finding| finding.severity == Severity::Error);
    let length = size(&given.document.value.to_string());
    let policy =
        Policy::read_last(&given.document).ok().filter(|_| length <= TRUST_QUOTA_AT_MOST)?;
    if !is_dead {
        let at_all = !admit::admitted(&policy, meant).is_empty();
        if !at_all || !admit::admits_meant(&policy, meant) {
            let who =
                if at_all { "The token that was meant does not get" } else { "No token gets" };
            let words = "Take a token of whom is meant to check-trust --claims: it tells which condition refuses it.";
            return Some(
                rules::ADMITS_NOBODY
                    .at(
                        "document",
                        format!("{who} in: the conditions and denials together leave no way."),
                    )
                    .mended(words, None),
            );
        }
    }
    let intruders =
        if worst < Severity::Medium.rank() { admit::intruders(&policy, meant) } else { Vec::new() };
    // STS refuses a token without one of these before it reads the policy.
    let is_whole = |i: &&Intruder| i.holder.subject.is_some() && !i.holder.audiences.is_empty();
    let first = intruders.iter().filter(is_whole).find(|i| !i.is_named(&policy))?;
    Some(
        rules::ADMITS_OTHERS
            .at("document", format!("Somebody who was not meant gets in. {}", first.why))
            .mended("Pin aud and sub by StringEquals to the one value each that is meant.", None),
    )
}

/// What an allowance leaves open a denial may close. Where the evaluator proves that only whole tokens get in, what is said
/// of open claims is low.
fn guarded(given: &Given, meant: &Meant, found: &mut [Finding]) {
    const OPEN: [&str; 4] = [
        rules::CONDITION_MISSING.slug,
        rules::SUB_MISSING.slug,
        rules::AUD_MISSING.slug,
        rules::ONLY_NEGATED.slug,
    ];
    let Ok(policy) = Policy::read(&given.document) else { return };
    let is_open = |finding: &&mut Finding| OPEN.contains(&finding.rule);
    let denies = policy.statements.iter().any(|s| s.effect == Effect::Deny);
    if !denies || size(&given.document.value.to_string()) > TRUST_QUOTA_AT_MOST {
        return;
    }
    let whole = |text: &String| !text.contains(['*', '?']);
    let sets = admit::admitted(&policy, meant);
    let is_closed =
        sets.iter().all(|set| whole(&set.issuer) && whole(&set.audience) && whole(&set.subject));
    if is_closed && !sets.is_empty() {
        for finding in found.iter_mut().filter(is_open) {
            finding.severity = Severity::Low;
            finding.message.push_str(" Only the denials beside it keep the others out.");
        }
    }
}

/// The statement that a place is in; what is in none comes first.
fn number(place: &str) -> usize {
    let rest = place.strip_prefix("Statement ").unwrap_or_default();
    rest.split(':').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Whether the document that a fix offers is better: one finding of this rule less, and none more that is worse.
fn mends(given: &Given, meant: &Meant, found: &[Finding], finding: &Finding) -> bool {
    let Some(value) = finding.fix.as_ref().and_then(|fix| fix.document.clone()) else {
        return false;
    };
    let document = Document { value, duplicates: Vec::new() };
    let after = findings(&Given { document, ..given.clone() }, meant);
    let of_rule = |list: &[Finding]| list.iter().filter(|f| f.rule == finding.rule).count();
    let alike = |list: &[Finding], one: &Finding| {
        list.iter().filter(|f| (f.rule, f.severity) == (one.rule, one.severity)).count()
    };
    of_rule(&after) < of_rule(found)
        && after.iter().all(|new| {
            new.severity.rank() <= finding.severity.rank()
                || alike(&after, new) <= alike(found, new)
        })
}
