//! What only the whole account shows.
//!
//! | part | looks at |
//! | --- | --- |
//! | `providers` | providers: trusted by whom, audiences that nobody asks for, names that a new cluster inherits |
//! | `roles` | roles: a provider that is gone, the same audience for two instances, two clusters for one role |
//! | `repositories` | repositories of other accounts: do their own policies admit the role? |

mod providers;
mod repositories;
mod roles;

pub use repositories::foreign_repositories;

use std::sync::Arc;

use super::account::Summary;
use super::found::{self, Found};
use super::role::RoleReview;
use super::rules::{
    AUDIENCE_SHARED, AUDIENCE_UNUSED, PROVIDER_GONE, PROVIDER_UNREAD, PROVIDER_UNUSED,
    REPOSITORY_FOREIGN, TWO_CLUSTERS,
};
use super::{Part, Review};
use crate::domain::trust::lint::{AUD_UNLISTED, AUDIENCES_MANY, NAME_INHERITED};

/// The rules of this part; of the last two the lint tells with each role, and here it is told once, with the provider.
const OURS: [&str; 9] = [
    PROVIDER_UNREAD.slug,
    PROVIDER_UNUSED.slug,
    PROVIDER_GONE.slug,
    AUDIENCE_UNUSED.slug,
    AUDIENCE_SHARED.slug,
    TWO_CLUSTERS.slug,
    REPOSITORY_FOREIGN.slug,
    NAME_INHERITED.slug,
    AUDIENCES_MANY.slug,
];

/// Adds what only the whole account shows, and puts all of it in order. A second look at the same account changes nothing.
/// What the account has of roles and providers is counted by `summary`, where that could be read.
pub fn look(review: &mut Review, summary: Option<&Summary>) {
    in_order(review);
    for provider in &mut review.providers {
        let provider = Arc::make_mut(provider);
        provider.found.retain(|found| !OURS.contains(&found.finding.rule));
    }
    let known = Known::of(review, summary);
    let of_providers = providers::look(review, &known);
    let of_roles = roles::look(review, &known);
    let of_repositories = repositories::look(review);
    for (provider, (trusted_by, found)) in review.providers.iter_mut().zip(of_providers) {
        let provider = Arc::make_mut(provider);
        provider.trusted_by = trusted_by;
        provider.found.extend(found.into_iter().map(found::steady));
        found::sort(&mut provider.found);
    }
    let listed: Vec<String> = review.providers.iter().map(|p| p.arn.name().to_owned()).collect();
    let new = of_roles.into_iter().zip(of_repositories);
    for (role, (mut new, more)) in review.roles.iter_mut().zip(new) {
        new.extend(more);
        let stale = |found: &Found| is_stale(found, role, &listed);
        if new.is_empty() && !role.found.iter().any(stale) {
            continue;
        }
        let mut kept: Vec<Found> = role.found.iter().filter(|f| !stale(f)).cloned().collect();
        kept.extend(new);
        found::sort(&mut kept);
        Arc::make_mut(role).found = kept;
    }
    found::sort(&mut review.account);
}

/// Whether a rule looks at more than the one that its finding is about: without all of the account it cannot say that nothing
/// is wrong.
#[must_use]
pub fn needs_all(rule: &str) -> bool {
    OURS.contains(&rule) || rule == AUD_UNLISTED.slug
}

/// Whether a finding of a role is one of an earlier look, or is told with a provider.
fn is_stale(found: &Found, role: &RoleReview, listed: &[String]) -> bool {
    let slug = found.finding.rule;
    let is_of_provider = slug == NAME_INHERITED.slug || slug == AUDIENCES_MANY.slug;
    OURS.contains(&slug)
        && (!is_of_provider || role.trust.issuers.iter().all(|i| listed.contains(&i.name)))
}

fn in_order(review: &mut Review) {
    review.roles.sort_by(|a, b| (&a.entry.name, &a.entry.arn).cmp(&(&b.entry.name, &b.entry.arn)));
    review.users.sort_by(|a, b| (&a.entry.name, &a.entry.arn).cmp(&(&b.entry.name, &b.entry.arn)));
    review.providers.sort_by(|a, b| (a.arn.name(), &a.arn).cmp(&(b.arn.name(), &b.arn)));
}

/// How far the account was read.
struct Known {
    /// Whether every role was read, with its trust policy.
    roles: bool,
    /// Whether the list of providers was read.
    providers: bool,
}

impl Known {
    fn of(review: &Review, summary: Option<&Summary>) -> Self {
        let unread =
            |role: &Arc<RoleReview>| role.entry.unread.is_some() && role.trust.issuers.is_empty();
        let counts = &review.counts;
        let told = summary.and_then(|s| usize::try_from(s.get("Roles")?).ok()).or(counts.total);
        Self {
            // Roles that were made while the account was read are no gap.
            roles: !review.misses(Part::Roles)
                && !review.roles.iter().any(unread)
                && told.is_none_or(|total| counts.roles + counts.left_out >= total),
            providers: !review.misses(Part::Providers),
        }
    }
}
