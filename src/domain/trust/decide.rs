//! Does a policy let a holder in?

use super::{ACTION, Holder};
use crate::domain::claims::first_difference;
use crate::domain::evaluate::{Asker, Finding, Judgement, Outcome, Policy, Request};

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
    let judgement = policy.judge(&request);
    Decision { allowed: judgement.outcome == Outcome::Allowed, judgement }
}

/// Where the value that came closest parts from what is wanted: `character 9: wanted '2', got '1'`. `None` where the
/// condition holds, or one side has no value.
#[must_use]
pub fn difference(finding: &Finding) -> Option<String> {
    if finding.met {
        return None;
    }
    let same = |a: &str, b: &str| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let got = finding.got.as_deref().unwrap_or_default();
    let pairs = finding.wanted.iter().flat_map(|w| got.iter().map(move |g| (w, g)));
    let (wanted, got) = pairs.max_by_key(|(w, g)| same(w, g))?;
    first_difference(wanted, got)
}
