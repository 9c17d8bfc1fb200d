//! Providers: trusted by whom, audiences that nobody asks for, names that a new cluster inherits.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::super::found::{Found, On};
use super::super::role::RoleReview;
use super::super::rules::{AUDIENCE_UNUSED, PROVIDER_UNREAD, PROVIDER_UNUSED};
use super::super::{ProviderReview, Review};
use super::Known;
use crate::domain::finding::Severity;
use crate::domain::inventory::SeenProvider;
use crate::domain::issuer::is_gke;
use crate::domain::operation::Operation;
use crate::domain::policy::Document;
use crate::domain::subject::Audience;
use crate::domain::trust::lint::{NAME_INHERITED, audiences_many, inherited};

/// As many audiences as a provider can list before it is told (IAM quotas: 100).
const MANY: usize = 90;

/// Of each provider the roles that trust it, and what is wrong with it.
pub(super) fn look(review: &Review, known: &Known) -> Vec<(Vec<String>, Vec<Found>)> {
    let mut by_issuer: BTreeMap<&str, Vec<&RoleReview>> = BTreeMap::new();
    for role in &review.roles {
        for issuer in &role.trust.issuers {
            by_issuer.entry(&issuer.name).or_default().push(role);
        }
    }
    let of_one = |provider: &Arc<ProviderReview>| {
        let trusting = by_issuer.get(provider.arn.name()).map(Vec::as_slice).unwrap_or_default();
        let names = trusting.iter().map(|role| role.entry.name.clone()).collect();
        (names, of_provider(provider, trusting, known))
    };
    review.providers.iter().map(of_one).collect()
}

fn of_provider(provider: &ProviderReview, trusting: &[&RoleReview], known: &Known) -> Vec<Found> {
    let name = provider.arn.name();
    let on = On::Provider(name.to_owned());
    let mut found = Vec::new();
    if trusting.is_empty() {
        found.push(unused(provider, &on, known));
    }
    if is_gke(name) {
        found.push(Found::new(on.clone(), NAME_INHERITED.at("provider", inherited(name))));
    }
    match &provider.seen {
        Err(fault) => {
            let message = "It could not be read: which audiences it lists is not known.";
            let finding = PROVIDER_UNREAD.at("provider", message);
            found.push(Found::new(on, finding).shown_by([fault.message.clone()]));
        }
        Ok(seen) => {
            if seen.audiences.len() > MANY {
                found.push(Found::new(on.clone(), audiences_many(seen.audiences.len())));
            }
            if known.roles && !trusting.is_empty() {
                found.extend(unasked(provider, seen, &on, trusting));
            }
        }
    }
    found
}

/// That no role trusts it.
fn unused(provider: &ProviderReview, on: &On, known: &Known) -> Found {
    // A pool of Cognito's names a provider without a role of its own (Amazon Cognito developer guide, "OIDC providers").
    let words = "Delete it if its cluster is gone and no identity pool of Cognito uses it.";
    if known.roles {
        let finding = PROVIDER_UNUSED.at("provider", "No role of the account trusts it.");
        let delete = Operation::DeleteProvider { provider: provider.arn.clone() };
        return Found::new(on.clone(), finding).mended_by(words, vec![delete]);
    }
    let message = "No role that could be read trusts it; not all of them could be.";
    let finding = PROVIDER_UNUSED.at("provider", message).graded(Severity::Low);
    Found::new(on.clone(), finding.mended(words, None))
}

/// The audiences that no role asks for. A role that pins none asks for all of them.
fn unasked(
    provider: &ProviderReview,
    seen: &SeenProvider,
    on: &On,
    trusting: &[&RoleReview],
) -> Vec<Found> {
    let asked: Vec<Asked> = trusting.iter().map(|role| Asked::of(role, provider)).collect();
    let is_asked = |audience: &String| {
        asked.iter().any(|asked| match asked {
            Asked::All => true,
            Asked::These(list) => list.contains(audience),
        })
    };
    let told = |audience: &String| {
        let message = format!("No role asks for the audience {audience:?}.");
        let found = Found::new(on.clone(), AUDIENCE_UNUSED.at("provider", message));
        let words = "Remove it if no identity pool of Cognito uses it.";
        match Audience::parse(audience) {
            Ok(audience) => {
                let provider = provider.arn.clone();
                found.mended_by(words, vec![Operation::RemoveAudience { provider, audience }])
            }
            Err(_) => found.mended_by(words, Vec::new()),
        }
    };
    seen.audiences.iter().filter(|audience| !is_asked(audience)).map(told).collect()
}

/// The audiences that a role asks for, or would, were its other faults mended.
enum Asked {
    All,
    These(Vec<String>),
}

impl Asked {
    fn of(role: &RoleReview, provider: &ProviderReview) -> Self {
        let Ok(document) = Document::parse(&role.entry.trust) else { return Self::All };
        let mut list = Vec::new();
        for statement in document.raw_statements() {
            let federated = statement.get("Principal").and_then(|p| p.get("Federated"));
            let names =
                |text: &str| text.ends_with(&format!("oidc-provider/{}", provider.arn.name()));
            let is_about = match federated {
                Some(Value::String(text)) => names(text),
                Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).any(names),
                _ => false,
            };
            if !is_about || statement.get("Effect").and_then(Value::as_str) == Some("Deny") {
                continue;
            }
            let before = list.len();
            list.extend(pinned(statement));
            if list.len() == before {
                return Self::All;
            }
        }
        // A repeated key, a wildcard, an audience that is excluded only: each may ask for more than is written.
        let is_exact =
            document.duplicates.is_empty() && !list.iter().any(|a| a.contains(['*', '?']));
        if is_exact { Self::These(list) } else { Self::All }
    }
}

/// The values to which a statement pins an audience, whichever issuer's key it writes.
fn pinned(statement: &Value) -> Vec<String> {
    let operators = statement.get("Condition").and_then(Value::as_object);
    let mut list = Vec::new();
    for (operator, keys) in operators.into_iter().flatten() {
        let positive = operator.contains("String") && !operator.contains("Not");
        for (key, value) in keys.as_object().into_iter().flatten() {
            if positive && key.to_ascii_lowercase().ends_with(":aud") {
                match value {
                    Value::String(text) => list.push(text.clone()),
                    Value::Array(texts) => {
                        list.extend(texts.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => {}
                }
            }
        }
    }
    list
}
