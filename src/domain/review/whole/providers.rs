//! Providers: trusted by whom, audiences that nobody asks for, names that a new cluster inherits.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::found::{self, Found, On};
use super::super::role::RoleReview;
use super::super::rules::{AUDIENCE_UNUSED, PROVIDER_UNREAD, PROVIDER_UNUSED};
use super::super::{ProviderReview, Review};
use super::Known;
use crate::domain::finding::Severity;
use crate::domain::inventory::SeenProvider;
use crate::domain::issuer::is_gke;
use crate::domain::operation::Operation;
use crate::domain::subject::Audience;
use crate::domain::trust::Asks;
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
    let asks = |role: &'_ Arc<RoleReview>| (role.entry.name.clone(), Asks::of(&role.entry.trust));
    let asks: Vec<(String, Asks)> = review.roles.iter().map(asks).collect();
    // Whoever may live by a provider without naming it may live by any.
    let open = asks.iter().find(|(_, asks)| asks.anyone()).map(|(role, _)| role.as_str());
    let of_one = |provider: &Arc<ProviderReview>| {
        let trusting = by_issuer.get(provider.arn.name()).map(Vec::as_slice).unwrap_or_default();
        let names = trusting.iter().map(|role| role.entry.name.clone()).collect();
        let users = Users { is_trusted: !trusting.is_empty(), open, asks: &asks };
        (names, of_provider(provider, &users, known))
    };
    review.providers.iter().map(of_one).collect()
}

/// Who lives by a provider.
struct Users<'a> {
    /// Whether a role names it.
    is_trusted: bool,
    /// A role that may live by it without naming it.
    open: Option<&'a str>,
    /// What each role asks for.
    asks: &'a [(String, Asks)],
}

fn of_provider(provider: &ProviderReview, users: &Users<'_>, known: &Known) -> Vec<Found> {
    let name = provider.arn.name();
    let on = On::Provider(name.to_owned());
    let mut found = Vec::new();
    if !users.is_trusted {
        found.push(unused(provider, &on, users, known));
    }
    if is_gke(name) {
        found.push(Found::new(on.clone(), NAME_INHERITED.at("provider", inherited(name))));
    }
    match &provider.seen {
        Err(fault) => {
            let message = "It could not be read: which audiences it lists is not known.";
            let finding = PROVIDER_UNREAD.at("provider", message);
            found.push(Found::new(on, finding).shown_by([found::why(fault)]));
        }
        Ok(seen) => {
            if seen.audiences.len() > MANY {
                found.push(Found::new(on.clone(), audiences_many(seen.audiences.len())));
            }
            if known.roles && users.is_trusted {
                found.extend(unasked(provider, seen, &on, users));
            }
        }
    }
    found
}

/// That no role trusts it.
fn unused(provider: &ProviderReview, on: &On, users: &Users<'_>, known: &Known) -> Found {
    // A pool of Cognito's names a provider without a role of its own (Amazon Cognito developer guide, "OIDC providers").
    let words = "Delete it if its cluster is gone and no identity pool of Cognito uses it.";
    let doubt = match users.open {
        _ if !known.roles => {
            Some("No role that could be read trusts it; not all of them could be.".to_owned())
        }
        role => role.map(|role| {
            format!("No role names it; the role {role} may let in its tokens nevertheless.")
        }),
    };
    let Some(message) = doubt else {
        let finding = PROVIDER_UNUSED.at("provider", "No role of the account trusts it.");
        let delete = Operation::DeleteProvider { provider: provider.arn.clone() };
        return Found::new(on.clone(), finding).mended_by(words, vec![delete]);
    };
    let finding = PROVIDER_UNUSED.at("provider", message).graded(Severity::Low);
    Found::new(on.clone(), finding.mended(words, None))
}

/// The audiences that no role asks for; without a call where one may that does not name the provider.
fn unasked(
    provider: &ProviderReview,
    seen: &SeenProvider,
    on: &On,
    users: &Users<'_>,
) -> Vec<Found> {
    let name = provider.arn.name();
    let asks: Vec<&Asks> = users.asks.iter().map(|(_, a)| a).filter(|a| a.names(name)).collect();
    let is_asked = |audience: &String| asks.iter().any(|a| a.wants(name, audience));
    let told = |audience: &String| {
        let message = match users.open {
            None => format!("No role asks for the audience {audience:?}."),
            Some(role) => format!(
                "No role that names it asks for the audience {audience:?}; the role {role} may nevertheless."
            ),
        };
        let found = Found::new(on.clone(), AUDIENCE_UNUSED.at("provider", message));
        let words = "Remove it if no identity pool of Cognito uses it.";
        match Audience::parse(audience) {
            Ok(audience) if users.open.is_none() => {
                let provider = provider.arn.clone();
                found.mended_by(words, vec![Operation::RemoveAudience { provider, audience }])
            }
            _ => found.mended_by(words, Vec::new()),
        }
    };
    seen.audiences.iter().filter(|audience| !is_asked(audience)).map(told).collect()
}
