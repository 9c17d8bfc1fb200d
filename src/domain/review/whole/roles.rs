//! Roles: a provider that is gone, the same audience for two instances, two clusters for one role.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::Review;
use super::super::found::{Found, On};
use super::super::role::{IssuerKind, OKTETO, RoleReview};
use super::super::rules::{AUDIENCE_SHARED, PROVIDER_GONE, TWO_CLUSTERS};
use super::Known;
use crate::domain::arn::Arn;
use crate::domain::finding::Severity;
use crate::domain::inventory::is_ours;
use crate::domain::trust::lint::SEVERAL_ISSUERS;

/// Of each role what is wrong with it beside the others.
pub(super) fn look(review: &Review, known: &Known) -> Vec<Vec<Found>> {
    let there: BTreeSet<&str> = review.providers.iter().map(|p| p.arn.name()).collect();
    let instances = instances(&review.roles);
    let of_one = |role: &Arc<RoleReview>| {
        let mut found = Vec::new();
        if known.providers {
            found.extend(gone(role, &there));
        }
        found.extend(shared(role, &instances));
        found.extend(two_clusters(role));
        found
    };
    review.roles.iter().map(of_one).collect()
}

/// That its provider is gone.
fn gone(role: &RoleReview, there: &BTreeSet<&str>) -> Option<Found> {
    let own = Arn::parse(role.entry.arn.as_str()).ok()?;
    let base = format!("arn:{}:iam::{}:oidc-provider/", own.partition, own.account);
    let written = role.entry.trust.replace("\\/", "/");
    // Of another account's the lint tells; what AWS knows without an ARN is always there.
    let named: Vec<&str> = role
        .trust
        .issuers
        .iter()
        .map(|issuer| issuer.name.as_str())
        .filter(|name| written.contains(&format!("{base}{name}")))
        .collect();
    let missing: Vec<&str> = named.iter().copied().filter(|name| !there.contains(name)).collect();
    let first = missing.first()?;
    let alike = there.iter().find(|name| {
        let plain = |name: &str| name.trim_end_matches('/').to_ascii_lowercase();
        plain(name) == plain(first)
    });
    let message = format!("The account has no provider {}.", missing.join(", "));
    let words = match alike {
        Some(alike) => {
            format!("Name the provider as the account has it: {base}{alike}, here and in the condition keys.")
        }
        None => "Take the trust away if the cluster is gone; else make the provider again, with its audience."
            .to_owned(),
    };
    let is_alone = missing.len() == named.len();
    let severity = if is_alone { Severity::Error } else { Severity::Medium };
    let finding = PROVIDER_GONE.at("role", message).graded(severity).mended(words, None);
    let lines = missing.iter().map(|name| format!("\"Federated\": \"{base}{name}\""));
    let has = alike.map(|alike| format!("The account has {alike}, which is another name."));
    let lines = lines.take(2).chain(has);
    Some(Found::new(On::Role(role.entry.name.clone()), finding).shown_by(lines))
}

/// An Okteto instance, as far as trust policies tell: a service account of a cluster.
type Instance<'a> = (&'a str, &'a str);

/// The instances of Okteto by the audience to the letter that gets in, each with the roles that it can assume. Another
/// account of a cluster is one where this program made the role.
fn instances(roles: &[Arc<RoleReview>]) -> BTreeMap<&str, BTreeMap<Instance<'_>, Vec<&str>>> {
    let mut all: BTreeMap<&str, BTreeMap<Instance<'_>, Vec<&str>>> = BTreeMap::new();
    for role in roles.iter().filter(|role| role.trust.is_okteto) {
        for set in &role.trust.admits {
            let is_wild = |text: &str| text.contains(['*', '?']);
            let is_okteto = set.subject.starts_with(OKTETO) || is_ours(&role.entry.tags);
            if !is_okteto || [&set.issuer, &set.audience, &set.subject].iter().any(|t| is_wild(t)) {
                continue;
            }
            let issuer = set.issuer.strip_prefix("https://").unwrap_or(&set.issuer);
            let of_audience = all.entry(&set.audience).or_default();
            let names = of_audience.entry((issuer, &set.subject)).or_default();
            if !names.contains(&role.entry.name.as_str()) {
                names.push(&role.entry.name);
            }
        }
    }
    all
}

/// The first of the roles, and how many there are beside it.
fn by(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("role {one}"),
        [first, rest @ ..] => format!("role {first} and {} more", rest.len()),
    }
}

/// That another instance has the same audience.
fn shared(
    role: &RoleReview,
    instances: &BTreeMap<&str, BTreeMap<Instance<'_>, Vec<&str>>>,
) -> Vec<Found> {
    let name = role.entry.name.as_str();
    let own: BTreeSet<&str> = role.trust.admits.iter().map(|set| set.audience.as_str()).collect();
    let of_one = |(audience, all): (&&str, &BTreeMap<Instance<'_>, Vec<&str>>)| {
        let own: Vec<&Instance<'_>> =
            all.iter().filter(|(_, names)| names.contains(&name)).map(|(one, _)| one).collect();
        // One role of two clusters is told as that.
        let others: Vec<(&Instance<'_>, &Vec<&str>)> =
            all.iter().filter(|(_, names)| !names.contains(&name)).collect();
        if others.is_empty() || own.is_empty() {
            return None;
        }
        let near = others.iter().any(|((issuer, _), _)| own.iter().any(|(own, _)| own == issuer));
        let whose = if near { "another instance of the cluster" } else { "an instance elsewhere" };
        let message = format!("The audience {audience:?} is also that of {whose}.");
        let finding = AUDIENCE_SHARED
            .at("role", message)
            .graded(if near { Severity::Medium } else { Severity::Low })
            .mended("Give each Okteto instance and region an audience of its own.", None);
        let lines = others
            .iter()
            .map(|((issuer, subject), names)| format!("{}: {subject} of {issuer}", by(names)));
        Some(Found::new(On::Role(name.to_owned()), finding).shown_by(lines.take(3)))
    };
    own.iter().filter_map(|audience| instances.get_key_value(audience)).filter_map(of_one).collect()
}

/// That two clusters can assume it.
fn two_clusters(role: &RoleReview) -> Option<Found> {
    let issuers: BTreeSet<&str> = role
        .trust
        .admits
        .iter()
        .map(|set| set.issuer.strip_prefix("https://").unwrap_or(&set.issuer))
        .filter(|name| *name != "*" && IssuerKind::of(name) != IssuerKind::Shared)
        .collect();
    // The lint tells already where one statement lets in both.
    let is_told = role.found.iter().any(|found| found.finding.rule == SEVERAL_ISSUERS.slug);
    if issuers.len() < 2 || is_told {
        return None;
    }
    let finding = TWO_CLUSTERS
        .at("role", "Tokens of more than one issuer get in.")
        .mended("Give each cluster a role of its own.", None);
    let lines = issuers.iter().map(|name| (*name).to_owned());
    Some(Found::new(On::Role(role.entry.name.clone()), finding).shown_by(lines.take(3)))
}
