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
//! | `proof` | what the evaluator says of made-up tokens, beyond the rules |
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
mod proof;
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
use super::admit::Meant;
use crate::domain::finding::Finding;
use crate::domain::policy::Document;
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
    proof::prove(given, meant, &mut found);
    let mut once = HashSet::new();
    found.retain(|f| once.insert((f.rule, f.severity, f.place.clone(), f.message.clone())));
    found.sort_by_cached_key(|f| (Reverse(f.severity.rank()), number(&f.place), f.place.clone()));
    found
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
