//! What STS refuses before it reads the policy.

use super::super::decide::nearest_difference;
use super::{Holder, Provider};
use crate::domain::claims::first_difference;
use crate::domain::fault::{Cause, Fault};

/// What STS refuses before it reads the policy: a required claim is missing, there is no provider of the token's issuer,
/// the provider does not list the audience.
#[must_use]
pub fn before_policy(provider: &Provider, holder: &Holder) -> Vec<Fault> {
    let mut faults: Vec<Fault> = [
        ("iss", holder.issuer.is_none()),
        ("sub", holder.subject.is_none()),
        ("aud", holder.audiences.is_empty()),
    ]
    .into_iter()
    .filter(|(_, is_missing)| *is_missing)
    .map(|(claim, _)| missing(claim))
    .collect();
    faults.extend(holder.issuer.as_deref().and_then(|issuer| other_issuer(provider, issuer)));
    faults.extend(unlisted(provider, holder));
    faults
}

/// STS says `Missing a required claim: aud`, and so of `sub` (aws/aws-sdk-ruby#2698,
/// aws-actions/configure-aws-credentials#502).
fn missing(claim: &str) -> Fault {
    let remedy = match claim {
        "aud" => {
            "tokens kept in Secrets have none: make one with kubectl create token --audience, or by a projected volume"
        }
        _ => "take a token that Kubernetes issued for a service account: it has iss, sub and aud",
    };
    Fault::new(
        Cause::TokenMalformed,
        format!("the token has no {claim}, and AWS swaps no token without it"),
    )
    .with("claim", claim)
    .remedy(remedy)
}

/// The provider's URL and `iss` must be equal to the letter (IAM API reference, `CreateOpenIDConnectProvider`).
fn other_issuer(provider: &Provider, issuer: &str) -> Option<Fault> {
    if provider.name().is_empty() {
        let arn = &provider.arn;
        return Some(
            Fault::new(
                Cause::ProviderMissing,
                format!("{arn} is not the ARN of an OIDC identity provider, so that no token can come from it"),
            )
            .with("wanted", "arn:PARTITION:iam::ACCOUNT:oidc-provider/NAME")
            .with("got", arn)
            .remedy(format!("create the identity provider of {issuer}: a plan for this issuer does it")),
        );
    }
    let wanted = format!("https://{}", provider.name());
    let mend = if issuer.starts_with("https://") {
        format!(
            "make a plan for the issuer {issuer}: it creates its identity provider and lets the role trust it; or take"
        )
    } else {
        "AWS takes tokens of issuers at https:// only: take".to_owned()
    };
    let difference = first_difference(&wanted, issuer)?;
    Some(
        Fault::new(
            Cause::ProviderMissing,
            format!(
                "the token comes from {issuer}, and the identity provider is that of {wanted}: each letter counts, its case, a port and a slash at the end too"
            ),
        )
        .with("claim", "iss")
        .with("wanted", wanted.as_str())
        .with("got", issuer)
        .with("first_difference", difference)
        .remedy(format!("{mend} a token of the cluster whose issuer is {wanted}")),
    )
}

/// STS says `Incorrect token audience` (aws-actions/configure-aws-credentials#1309). Any member of an array will do.
fn unlisted(provider: &Provider, holder: &Holder) -> Option<Fault> {
    let listed = provider.audiences.as_ref()?;
    let (claim, named) = holder.named_audiences();
    if named.is_empty() || named.iter().any(|audience| listed.contains(audience)) {
        return None;
    }
    let got = named.join(", ");
    let arn = &provider.arn;
    let (wanted, mint) = match listed.as_slice() {
        [] => ("no audience at all".to_owned(), String::new()),
        [first, ..] => (listed.join(", "), format!("; or mint the token for the audience {first}")),
    };
    let mut fault = Fault::new(
        Cause::AudienceNotRegistered,
        format!("the token's {claim} is {got}, and the identity provider lists {wanted}"),
    )
    .with("claim", claim)
    .with("wanted", wanted)
    .with("got", got.as_str());
    if let Some(words) = nearest_difference(listed, named) {
        fault = fault.with("first_difference", words);
    }
    let add = named.first().map_or("", String::as_str);
    Some(fault.remedy(format!("add the audience {add} to {arn}: a plan does it{mint}")))
}
