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
//! | `mended` | what each fix comes to, and all of them one after the other |
//!
//! A mended document is offered only if it passes this same check: the finding is gone, and nothing worse is new.

mod action;
mod audience;
mod condition;
mod document;
mod fix;
mod issuer;
mod look;
mod mended;
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

pub(in crate::domain) use issuer::{audiences_many, inherited};
pub use mended::{Linted, Mended};
pub(in crate::domain) use rules::{
    AUD_GENERIC, AUD_UNLISTED, AUDIENCES_MANY, CASE_DIFFERS, KEY_MISMATCH, KEY_SCHEME,
    NAME_INHERITED, PLACEHOLDER, PRINCIPAL_ANYONE, REPEATED_KEY, SEVERAL_ISSUERS, SUBJECT_UNUSUAL,
    WILDCARD_LITERAL,
};
pub use rules::{ELSEWHERE, RULES, Rule};

use super::Given;
use super::admit::Meant;
use crate::domain::finding::Finding;
use look::Look;
use proof::Proof;

/// What is wrong with a trust policy, worst first.
#[must_use]
pub fn lint(given: &Given, meant: &Meant) -> Vec<Finding> {
    Linted::of(given, meant).found
}

/// A document looked at.
#[derive(Clone)]
struct Looked {
    /// What is wrong, worst first. What its fixes offer was not tried.
    found: Vec<Finding>,
    /// Who gets in; `None` where that could only be guessed, or where no account takes the document.
    proof: Option<Proof>,
}

fn look_at(given: &Given, meant: &Meant) -> Looked {
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
    let proof = proof::prove(given, meant, &mut found);
    let mut once = HashSet::new();
    found.retain(|f| once.insert((f.rule, f.severity, f.place.clone(), f.message.clone())));
    found.sort_by_cached_key(|f| (Reverse(f.severity.rank()), number(&f.place), f.place.clone()));
    Looked { found, proof }
}

/// The statement that a place is in; what is in none comes first.
fn number(place: &str) -> usize {
    let rest = place.strip_prefix("Statement ").unwrap_or_default();
    rest.split(':').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}
