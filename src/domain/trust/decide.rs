//! Does a policy let a holder in?

use std::cmp::Reverse;

use super::{ACTION, Holder};
use crate::domain::claims::first_difference;
use crate::domain::evaluate::{
    Asker, Effect, Finding, Judgement, Named, Operator, Outcome, Policy, Request,
};

/// An identity provider, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// `arn:…:iam::ACCOUNT:oidc-provider/NAME`.
    pub arn: String,
    /// What it lists; `None` where that is not known.
    pub audiences: Option<Vec<String>>,
}

impl Provider {
    /// The URL without `https://`, as its ARN has it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.arn.split_once(":oidc-provider/").map_or("", |(_, name)| name)
    }
}

/// What a policy says to a holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether it lets the holder in.
    pub allowed: bool,
    /// Why, statement by statement.
    pub judgement: Judgement,
}

/// What a policy alone says to the holder of a token that `provider` (by ARN) vouches for. What STS refuses before it
/// reads the policy is not looked at.
#[must_use]
pub fn decide(policy: &Policy, provider: &str, holder: &Holder) -> Decision {
    let asker = Asker::Federated(provider.to_owned());
    let context = holder.context();
    // The resource of a trust policy is the role itself, so that none is named.
    let request = Request { asker: &asker, action: ACTION, resource: "*", context: &context };
    let mut judgement = policy.judge(&request);
    // A trust policy must say whom it lets in: what names nobody lets nobody in (IAM user guide,
    // `reference_policies_elements_principal`).
    for verdict in &mut judgement.statements {
        if verdict.principal == Some(Named::Owner) && verdict.effect == Effect::Allow {
            verdict.principal = None;
        }
    }
    judgement.outcome = Outcome::of(&judgement.statements);
    Decision { allowed: judgement.outcome == Outcome::Allowed, judgement }
}

/// Whether it lets the holder in: what [`decide`] says, without saying why.
#[must_use]
pub fn lets_in(policy: &Policy, provider: &str, holder: &Holder) -> bool {
    let asker = Asker::Federated(provider.to_owned());
    let context = holder.context();
    let request = Request { asker: &asker, action: ACTION, resource: "*", context: &context };
    let mut is_allowed = false;
    for statement in policy.matching(&request) {
        match statement.effect {
            Effect::Deny => return false,
            // As above: what names nobody lets nobody in.
            Effect::Allow => is_allowed |= statement.principal.is_some(),
        }
    }
    is_allowed
}

/// Where the value that came closest parts from what is wanted: `character 9: wanted '2', got '1'`. `None` where the
/// condition holds, one side has no value, the operator leaves out instead of asking for, or a pattern is met up to its
/// first wildcard.
#[must_use]
pub fn difference(finding: &Finding) -> Option<String> {
    let operator = Operator::parse(&finding.operator)?;
    if finding.met || operator.negated || operator.written == "Null" {
        return None;
    }
    let got = finding.got.as_deref()?;
    // Up to where a pattern is taken to the letter.
    let literal = |wanted: &str| {
        let at = |sign: &str| wanted.find(sign).unwrap_or(wanted.len());
        let wild = if operator.is_wild() { at("*").min(at("?")) } else { wanted.len() };
        wanted.get(..wild.min(at("${"))).unwrap_or(wanted).to_owned()
    };
    let lower = |list: &[String]| list.iter().map(|text| text.to_lowercase()).collect::<Vec<_>>();
    if operator.written.contains("IgnoreCase") {
        return nearest_difference(&lower(&finding.wanted), &lower(got));
    }
    nearest(&finding.wanted, got)
        .filter(|(wanted, got)| *wanted == literal(wanted) || !got.starts_with(&literal(wanted)))
        .and_then(|(wanted, got)| first_difference(wanted, got))
}

/// Where the two values that come closest to each other part, one of each side.
pub(super) fn nearest_difference(wanted: &[String], got: &[String]) -> Option<String> {
    nearest(wanted, got).and_then(|(wanted, got)| first_difference(wanted, got))
}

/// The two values, one of each side, that are the same for longest; what is wanted to the letter is left out.
fn nearest<'a>(wanted: &'a [String], got: &'a [String]) -> Option<(&'a str, &'a str)> {
    let same = |a: &str, b: &str| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let apart: Vec<&String> = got.iter().filter(|got| !wanted.contains(got)).collect();
    let pairs = wanted.iter().flat_map(|w| apart.iter().map(move |g| (w.as_str(), g.as_str())));
    pairs.min_by_key(|(w, g)| Reverse(same(w, g)))
}
