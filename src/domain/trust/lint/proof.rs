//! What the evaluator says of made-up tokens, where no rule has said it, or where a rule said too much.

use super::super::Given;
use super::super::admit::{self, Admitted, Intruder, Meant};
use super::rules::{
    ADMITS_NOBODY, ADMITS_OTHERS, AUD_MISSING, CONDITION_MISSING, ONLY_NEGATED, SUB_MISSING,
};
use crate::domain::evaluate::{Effect, Policy};
use crate::domain::finding::{Finding, Severity};
use crate::domain::policy::{TRUST_QUOTA_AT_MOST, size};

/// What is said of a claim that an allowance leaves open.
const OPEN: [&str; 4] =
    [CONDITION_MISSING.slug, SUB_MISSING.slug, AUD_MISSING.slug, ONLY_NEGATED.slug];

/// Holds what was found against the evaluator. A document that IAM takes in no account is not worked through.
pub(super) fn prove(given: &Given, meant: &Meant, found: &mut Vec<Finding>) {
    let Ok(policy) = Policy::read_last(&given.document) else { return };
    if size(&given.document.value.to_string()) > TRUST_QUOTA_AT_MOST {
        return;
    }
    let admitted = admit::admitted(&policy, meant);
    let is_dead = found.iter().any(|finding| finding.severity == Severity::Error);
    let is_said = found.iter().any(|f| f.severity.rank() >= Severity::Medium.rank());
    let more = match nobody(&policy, meant, &admitted).filter(|_| !is_dead) {
        None if !is_said => others(&policy, meant),
        nobody => nobody,
    };
    found.extend(more);
    let denies = policy.statements.iter().any(|s| s.effect == Effect::Deny);
    if denies && is_closed(&admitted) {
        // What an allowance leaves open a denial closes here.
        for finding in found.iter_mut().filter(|finding| OPEN.contains(&finding.rule)) {
            finding.severity = Severity::Low;
            finding.message.push_str(" Only the denials beside it keep the others out.");
        }
    }
}

/// That no token gets in, or not that of whom was meant.
fn nobody(policy: &Policy, meant: &Meant, admitted: &[Admitted]) -> Option<Finding> {
    let who = match admitted {
        [] => "No token gets",
        _ if !admit::admits_meant(policy, meant) => "The token that was meant does not get",
        _ => return None,
    };
    let message = format!("{who} in: the conditions and denials together leave no way.");
    let words = "Take a token of whom is meant to check-trust --claims: it tells which condition refuses it.";
    Some(ADMITS_NOBODY.at("document", message).mended(words, None))
}

/// That a neighbour gets in whom the policy does not name.
fn others(policy: &Policy, meant: &Meant) -> Option<Finding> {
    // STS refuses a token without one of these before it reads the policy.
    let is_whole = |i: &Intruder| i.holder.subject.is_some() && !i.holder.audiences.is_empty();
    let intruders = admit::intruders(policy, meant);
    let first = intruders.iter().find(|i| is_whole(i) && !i.is_named(policy))?;
    let message = format!("Somebody who was not meant gets in. {}", first.why);
    let words = "Pin aud and sub by StringEquals to the one value each that is meant.";
    Some(ADMITS_OTHERS.at("document", message).mended(words, None))
}

/// Whether somebody gets in, and nobody but by a whole issuer, audience and subject.
fn is_closed(admitted: &[Admitted]) -> bool {
    let is_whole = |text: &String| !text.contains(['*', '?']);
    !admitted.is_empty()
        && admitted.iter().all(|set| {
            !set.is_caseless()
                && [&set.issuer, &set.audience, &set.subject].into_iter().all(is_whole)
        })
}
