//! What the evaluator says of made-up tokens, where no rule has said it, or where a rule said too much.

use super::super::Given;
use super::super::admit::{self, Admitted, Intruder, Meant};
use super::number;
use super::rules::{
    ACCOUNT_WILDCARD, ADMITS_NOBODY, ADMITS_OTHERS, AUD_MISSING, AUD_WILDCARD, CONDITION_MISSING,
    DEFAULT_ACCOUNT, FOR_ALL_VALUES, IF_EXISTS, NAMESPACE_WILDCARD, ONLY_NEGATED, SUB_MISSING,
    SUB_WILDCARD,
};
use crate::domain::evaluate::{Effect, Policy};
use crate::domain::finding::{Finding, Severity};
use crate::domain::policy::{TRUST_QUOTA_AT_MOST, size};

/// Whether a set of tokens has but one value of a claim.
type HasOne = fn(&Admitted) -> bool;

/// What is said of claims that an allowance leaves open, and what must hold of all who get in if denials close them.
const OPEN: [(&str, HasOne); 4] = [
    (CONDITION_MISSING.slug, has_one_of_each),
    (SUB_MISSING.slug, Admitted::has_one_subject),
    (AUD_MISSING.slug, Admitted::has_one_audience),
    (ONLY_NEGATED.slug, has_one_of_each),
];

/// What says of a statement whom it lets in.
const LETS_IN: [&str; 11] = [
    CONDITION_MISSING.slug,
    SUB_MISSING.slug,
    AUD_MISSING.slug,
    SUB_WILDCARD.slug,
    NAMESPACE_WILDCARD.slug,
    ACCOUNT_WILDCARD.slug,
    AUD_WILDCARD.slug,
    FOR_ALL_VALUES.slug,
    IF_EXISTS.slug,
    ONLY_NEGATED.slug,
    DEFAULT_ACCOUNT.slug,
];

/// What the evaluator says.
#[derive(Clone)]
pub(super) struct Proof {
    pub policy: Policy,
    /// Who gets in.
    pub admitted: Vec<Admitted>,
    /// Who does and was not meant to; `None` where nobody asked, since a rule has told already that there are some.
    pub intruders: Option<Vec<Intruder>>,
}

/// Holds what was found against the evaluator, and tells who gets in. A document that IAM takes in no account is not
/// worked through.
pub(super) fn prove(given: &Given, meant: &Meant, found: &mut Vec<Finding>) -> Option<Proof> {
    let policy = Policy::read_last(&given.document).ok()?;
    if size(&given.document.value.to_string()) > TRUST_QUOTA_AT_MOST {
        return None;
    }
    if policy.statements.iter().any(|s| s.effect == Effect::Deny) {
        grade_closed(&policy, meant, found);
    }
    grade_shut(&policy, found);
    let admitted = admit::admitted(&policy, meant);
    let is_dead = found.iter().any(|finding| finding.severity == Severity::Error);
    let is_said = found.iter().any(|f| f.severity.rank() >= Severity::Medium.rank());
    let mut proof = Proof { policy, admitted, intruders: None };
    let more = match nobody(&proof.policy, meant, &proof.admitted).filter(|_| !is_dead) {
        None if !is_said => {
            let intruders = admit::intruders_of(&proof.policy, meant, &proof.admitted);
            let more = others(&proof.policy, meant, &intruders);
            proof.intruders = Some(intruders);
            more
        }
        nobody => nobody,
    };
    found.extend(more);
    Some(proof)
}

/// Grades down what an allowance leaves open and denials close.
fn grade_closed(policy: &Policy, meant: &Meant, found: &mut [Finding]) {
    // Not by what the provider lists: that keeps audiences out, but it is no guard of the policy, and more may be listed.
    let admitted = admit::admitted(policy, &Meant { provider_audiences: None, ..meant.clone() });
    if admitted.is_empty() {
        return;
    }
    for finding in found {
        let has_one = OPEN.iter().find(|(slug, _)| *slug == finding.rule).map(|(_, has)| has);
        if has_one.is_some_and(|has_one| admitted.iter().all(has_one)) {
            finding.severity = Severity::Low;
            finding.message.push_str(" Only the denials beside it keep the others out.");
        }
    }
}

/// Grades down what a statement leaves open by which no token gets in at all, such as one with a key that no token has.
fn grade_shut(policy: &Policy, found: &mut [Finding]) {
    let is_open =
        |f: &Finding| LETS_IN.contains(&f.rule) && f.severity.rank() > Severity::Low.rank();
    for (index, statement) in policy.statements.iter().enumerate() {
        let is_here = |f: &Finding| number(&f.place) == index + 1 && is_open(f);
        if !found.iter().any(is_here) {
            continue;
        }
        let alone = Policy { statements: vec![statement.clone()], ..policy.clone() };
        if !admit::admitted(&alone, &Meant::default()).is_empty() {
            continue;
        }
        for finding in found.iter_mut().filter(|f| is_here(f)) {
            finding.severity = Severity::Low;
            let told = &finding.message;
            finding.message = format!(
                "Nobody gets in by this statement as it stands. Once that is mended: {told}"
            );
        }
    }
}

fn has_one_of_each(set: &Admitted) -> bool {
    set.has_one_audience() && set.has_one_subject()
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
fn others(policy: &Policy, meant: &Meant, intruders: &[Intruder]) -> Option<Finding> {
    // STS refuses a token without one of these before it reads the policy.
    let is_whole = |i: &Intruder| i.holder.subject.is_some() && !i.holder.audiences.is_empty();
    // Several instances may share a role, each with its audience; another subject is nobody's wish where one was meant.
    let is_wished = |i: &Intruder| {
        i.is_named(policy)
            && meant.subject.as_ref().is_none_or(|one| i.holder.subject.as_ref() == Some(one))
    };
    let first = intruders.iter().find(|i| is_whole(i) && !is_wished(i))?;
    let message = format!("Somebody who was not meant gets in. {}", first.why);
    let words = "Pin aud and sub by StringEquals to the one value each that is meant.";
    Some(ADMITS_OTHERS.at("document", message).mended(words, None))
}
