//! How the identity provider stands.

use super::{Planned, Stamp, Standing, StepId, stamped};
use crate::domain::intent::OidcIntent;
use crate::domain::inventory::{Inventory, SeenProvider, is_ours};
use crate::domain::operation::Operation;

/// OIDC providers in one account, fixed (IAM quotas).
const PROVIDERS: usize = 100;
/// Audiences on one provider, fixed (IAM quotas).
const AUDIENCES: usize = 100;

pub(super) fn steps(intent: &OidcIntent, seen: &Inventory, stamp: &Stamp) -> Vec<Planned> {
    match &seen.provider {
        Some(provider) => existing(intent, provider),
        None => vec![absent(intent, seen, stamp)],
    }
}

fn absent(intent: &OidcIntent, seen: &Inventory, stamp: &Stamp) -> Planned {
    if seen.providers_in_account >= PROVIDERS {
        return Planned::still(
            StepId::Provider,
            Standing::Conflict,
            format!("identity provider {}", intent.issuer.name()),
            format!("The account has {PROVIDERS} identity providers, and AWS allows no more."),
        )
        .or(["delete a provider that nothing uses any more".to_owned()]);
    }
    let operation = Operation::CreateProvider {
        issuer: intent.issuer.clone(),
        audiences: vec![intent.audience.clone()],
        tags: stamped(&intent.access, stamp),
    };
    let reason = "The account has no provider for this issuer.";
    Planned::sends(StepId::Provider, Standing::Needed, operation, reason)
}

fn existing(intent: &OidcIntent, provider: &SeenProvider) -> Vec<Planned> {
    let summary = format!("identity provider {}", intent.issuer.name());
    // AWS returns the URL with or without its scheme.
    let name = provider.url.strip_prefix("https://").unwrap_or(&provider.url);
    if name != intent.issuer.name() {
        return vec![
            Planned::still(
                StepId::Provider,
                Standing::Conflict,
                summary,
                format!("The account has this provider in another spelling: {name}."),
            )
            .or([
                format!("if tokens carry it so, give the issuer as https://{name}"),
                "otherwise delete the misspelt provider, if nothing uses it".to_owned(),
            ]),
        ];
    }
    let ours = is_ours(&provider.tags);
    let reason = if ours { "It is there." } else { "It is there, made by somebody else." };
    let mut steps = vec![Planned::still(StepId::Provider, Standing::Present, summary, reason)];
    steps.push(audience(intent, provider, ours));
    steps
}

fn audience(intent: &OidcIntent, provider: &SeenProvider, ours: bool) -> Planned {
    let summary = format!("audience {}", intent.audience);
    if provider.audiences.iter().any(|a| a == intent.audience.as_str()) {
        let reason = "The provider lists it.";
        return Planned::still(StepId::Audience, Standing::Present, summary, reason);
    }
    if provider.audiences.len() >= AUDIENCES {
        return Planned::still(
            StepId::Audience,
            Standing::Conflict,
            summary,
            format!("The provider lists {AUDIENCES} audiences, and AWS allows no more."),
        )
        .or([
            "use an audience that the provider lists".to_owned(),
            "remove one that nothing uses any more".to_owned(),
        ]);
    }
    let operation = Operation::AddAudience {
        provider: provider.arn.clone(),
        audience: intent.audience.clone(),
    };
    let reason = "The provider does not list it; the others stay.";
    Planned::sends(StepId::Audience, Standing::Needed, operation, reason)
        .confirmed_by((!ours).then_some(intent.issuer.url()))
}
