//! The values of `aud`.

use serde_json::json;

use super::fix;
use super::issuer::{has_placeholder, has_standard_audience};
use super::look::{Look, Seen, bare, is_wild, quoted, reads_wildcards};
use super::rules::{AUD_GENERIC, AUD_OTHER, AUD_UNLISTED, AUD_WILDCARD, CASE_DIFFERS};
use super::subject::{admits, alone, closest, exact, positive};
use crate::domain::claims::first_difference;
use crate::domain::evaluate::Condition;
use crate::domain::finding::{Finding, Severity};
use crate::domain::issuer::is_no_cluster;

/// Audiences that many systems ask for: AWS's own tools, the API server (by default), Vault, `OpenShift`.
const GENERIC: [&str; 9] = [
    "sts.amazonaws.com",
    "sts.amazonaws.com.cn",
    "https://kubernetes.default.svc",
    "https://kubernetes.default.svc.cluster.local",
    "kubernetes.default.svc",
    "kubernetes",
    "api",
    "openshift",
    "vault",
];

pub(super) fn look(look: &Look) -> Vec<Finding> {
    let mut found = Vec::new();
    for seen in look.web() {
        for condition in positive(seen, "aud") {
            let is_pattern = |value: &&String| reads_wildcards(condition) && is_wild(value);
            if !seen.is_pinned_beside(condition) {
                let wild = condition.wanted.iter().filter(is_pattern);
                found.extend(wild.map(|value| wildcard(look, seen, condition, value)));
            }
            found.extend(unlisted(look, seen, condition));
            for value in &condition.wanted {
                found.extend(generic(look, seen, condition, value));
            }
        }
    }
    expected(look, &mut found);
    found
}

fn wildcard(look: &Look, seen: &Seen, condition: &Condition, value: &str) -> Finding {
    let pattern = alone(condition, value);
    let listed = look.listed(seen).unwrap_or_default();
    let fitting = listed.iter().filter(|audience| admits(&pattern, audience)).count();
    let (words, document) = exact(look, seen, condition, "aud");
    let finding = AUD_WILDCARD
        .at(
            seen.place_of(condition),
            format!("{value:?} lets in tokens for every audience that fits and that the provider lists, now or \
                     later."),
        )
        .mended(words, document);
    if fitting >= 2 { finding.graded(Severity::High) } else { finding }
}

fn unlisted(look: &Look, seen: &Seen, condition: &Condition) -> Option<Finding> {
    let listed = look.listed(seen)?;
    let doubtful = |value: &String| is_wild(value) || has_placeholder(value);
    let (there, missing): (Vec<&String>, Vec<&String>) =
        condition.wanted.iter().filter(|value| !doubtful(value)).partition(|v| listed.contains(v));
    if missing.is_empty() {
        return None;
    }
    let value = match look.meant.audience.as_ref().filter(|wanted| listed.contains(wanted)) {
        Some(wanted) => Some(json!(wanted)),
        None => (!there.is_empty()).then(|| fix::texts(&there)),
    };
    let document = value.and_then(|value| {
        let operator = &condition.operator.written;
        look.rewrite(seen, condition, operator, &condition.key, Some(value))
    });
    Some(
        AUD_UNLISTED
            .at(
                seen.place_of(condition),
                format!(
                    "The provider does not list {}: STS refuses such a token before it reads the policy (Incorrect \
                     token audience). It lists {}.",
                    quoted(&missing),
                    if listed.is_empty() { "none".to_owned() } else { listed.join(", ") }
                ),
            )
            .mended("Add the audience to the provider, or pin one that it lists.", document),
    )
}

fn generic(look: &Look, seen: &Seen, condition: &Condition, value: &str) -> Option<Finding> {
    // The API server's own audience is the issuer, unless it is told otherwise. Other issuers have no such server.
    let of_issuer = |name: &String| {
        !is_no_cluster(name) && value.strip_prefix("https://").unwrap_or(value) == name
    };
    if !GENERIC.contains(&value) && !seen.providers.iter().any(of_issuer) {
        return None;
    }
    let standard = value.starts_with("sts.amazonaws.com")
        && !seen.providers.is_empty()
        && seen.providers.iter().all(|name| has_standard_audience(name));
    let wanted = look.wanted(seen, "aud").filter(|wanted| *wanted != value);
    if standard {
        return Some(
            AUD_GENERIC
                .at(
                    seen.place_of(condition),
                    format!("{value:?} is what the tools of this issuer ask for; whoever may ask for a token can \
                             ask for it. sub alone tells roles apart."),
                )
                .graded(Severity::Note),
        );
    }
    Some(
        AUD_GENERIC
            .at(
                seen.place_of(condition),
                format!(
                    "{value:?} is an audience that other systems ask for as well: a token that one of them was \
                     shown can be used here."
                ),
            )
            .mended(
                "Give each Okteto instance and region an audience of its own.",
                wanted.and_then(|wanted| {
                    let operator = &condition.operator.written;
                    look.rewrite(seen, condition, operator, &condition.key, Some(json!(wanted)))
                }),
            ),
    )
}

/// What was meant against what is pinned. Another audience beside it is no fault: one role can serve several
/// instances.
fn expected(look: &Look, found: &mut Vec<Finding>) {
    let Some(wanted) = look.meant.audience.as_deref() else { return };
    let lets_in = |seen: &Seen| positive(seen, "aud").all(|condition| admits(condition, wanted));
    if look.web().filter(|seen| look.is_meant(seen)).any(lets_in) {
        return;
    }
    for seen in look.web().filter(|seen| look.is_meant(seen)) {
        for condition in positive(seen, "aud").filter(|condition| !admits(condition, wanted)) {
            let values: Vec<&String> =
                condition.wanted.iter().filter(|v| !is_wild(v) && !has_placeholder(v)).collect();
            let case = values.iter().find(|value| value.eq_ignore_ascii_case(wanted));
            let Some(got) = case.map(|value| value.as_str()).or(closest(&values, wanted)) else {
                continue;
            };
            let rule = if case.is_some() { CASE_DIFFERS } else { AUD_OTHER };
            let operator = if bare(condition) == "StringLike" {
                "StringEquals"
            } else {
                &condition.operator.written
            };
            let difference = first_difference(wanted, got).unwrap_or_default();
            found.push(
                rule.at(
                    seen.place_of(condition),
                    format!("The policy has aud {got:?}, wanted is {wanted:?} ({difference}). Tokens for what was \
                             meant do not get in."),
                )
                .mended(
                    format!("Pin aud to {wanted}."),
                    look.rewrite(seen, condition, operator, &condition.key, Some(json!(wanted))),
                ),
            );
        }
    }
}
