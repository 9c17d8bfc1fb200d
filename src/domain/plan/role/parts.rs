//! What stands on an existing role, part by part.

use std::collections::BTreeMap;

use super::grant;
use crate::domain::access::{INLINE_POLICY_NAME, Permissions};
use crate::domain::intent::Intent;
use crate::domain::inventory::{SeenRole, is_ours};
use crate::domain::operation::Operation;
use crate::domain::plan::{AudienceChoice, Difference, Planned, Standing, StepId};
use crate::domain::policy::{self, compare};

/// Tags on one resource (IAM quotas).
const TAGS: usize = 50;

/// The name to confirm for a change on a role that this program did not make.
fn confirm(seen: &SeenRole) -> Option<&str> {
    (!is_ours(&seen.tags)).then_some(seen.name.as_str())
}

pub(super) fn trust(
    intent: &Intent,
    seen: &SeenRole,
    choice: AudienceChoice,
    remarks: &mut Vec<String>,
) -> Planned {
    let present = |reason: &str| {
        let summary = format!("trust policy of {}", seen.name);
        Planned::still(StepId::Trust, Standing::Present, summary, reason)
    };
    let wished = policy::trust::text(intent);
    let diff = differences(&seen.trust, &wished);
    if diff.is_empty() {
        return present("It says what it should.");
    }
    let merged = compare::differs_only_in_audience(&seen.trust, &wished);
    // Widening what this program made wants no name; anything else that is taken from somebody does.
    let mut name = Some(seen.name.as_str());
    let (text, reason, ways_out) = match (&merged, choice) {
        (Some(audiences), AudienceChoice::Add) => {
            let text = policy::trust::text_for(intent, audiences);
            if compare::differences(&seen.trust, &text).is_ok_and(|d| d.is_empty()) {
                remarks.push(format!(
                    "The role {} admits more audiences than this one: {}.",
                    seen.name,
                    audiences.join(", ")
                ));
                return present("It admits this audience, and others that stay.");
            }
            let ways_out = vec![
                "leave it, and make a second role of another name".to_owned(),
                "replace the trust policy: only this audience would be admitted".to_owned(),
            ];
            let reason = "It differs only in the audience: this one is added, the others stay.";
            name = confirm(seen);
            (text, reason, ways_out)
        }
        (Some(_), AudienceChoice::Replace) => (
            wished,
            "It differs only in the audience and is replaced: others lose access.",
            vec![
                "add this audience to the list that it has".to_owned(),
                "leave it, and make a second role of another name".to_owned(),
            ],
        ),
        (None, _) => (
            wished,
            "It admits somebody else and would be replaced whole; who relies on it loses access.",
            vec!["leave it, and make a second role of another name".to_owned()],
        ),
    };
    remarks.extend(too_long(&text));
    let diff = differences(&seen.trust, &text);
    let operation = Operation::UpdateTrust { role: seen.name.clone(), trust: text };
    Planned::sends(StepId::Trust, Standing::Change, operation, reason)
        .differing(diff)
        .confirmed_by(name)
        .or(ways_out)
}

/// A word on a trust policy that is longer than AWS allows by default.
pub(super) fn too_long(trust: &str) -> Option<String> {
    let (size, quota) = (policy::size(trust), policy::TRUST_QUOTA);
    (size > quota).then(|| {
        format!("The trust policy has {size} characters; AWS allows {quota} unless the quota was raised.")
    })
}

/// Differences by meaning; a document that cannot be read differs as a whole.
fn differences(existing: &str, wished: &str) -> Vec<Difference> {
    compare::differences(existing, wished).unwrap_or_else(|_| {
        vec![Difference {
            at: "document".to_owned(),
            now: Some(existing.to_owned()),
            then: Some(wished.to_owned()),
        }]
    })
}

pub(super) fn boundary(
    intent: &Intent,
    seen: &SeenRole,
    remarks: &mut Vec<String>,
) -> Option<Planned> {
    let Some(wished) = &intent.access.boundary else {
        if let Some(there) = &seen.boundary {
            remarks.push(format!(
                "The role has the permissions boundary {there}, which stays; it must allow what a pull needs."
            ));
        }
        return None;
    };
    if seen.boundary.as_ref() == Some(wished) {
        let summary = format!("permissions boundary {}", wished.name());
        let reason = "The role has it.";
        return Some(Planned::still(StepId::Boundary, Standing::Present, summary, reason));
    }
    let diff = vec![Difference {
        at: "PermissionsBoundary".to_owned(),
        now: seen.boundary.as_ref().map(ToString::to_string),
        then: Some(wished.to_string()),
    }];
    let operation = Operation::PutBoundary { role: seen.name.clone(), boundary: wished.clone() };
    let reason = "The role has none, or another one.";
    Some(
        Planned::sends(StepId::Boundary, Standing::Change, operation, reason)
            .differing(diff)
            .confirmed_by(confirm(seen)),
    )
}

pub(super) fn settings(intent: &Intent, seen: &SeenRole) -> Option<Planned> {
    let access = &intent.access;
    if access.description.is_none() && access.max_session_seconds.is_none() {
        return None;
    }
    // IAM drops an empty description, so none and empty are the same.
    let there = seen.description.as_deref().unwrap_or_default();
    let description = access.description.clone().filter(|d| d != there);
    let seconds = access.max_session_seconds.filter(|s| *s != seen.max_session_seconds);
    if description.is_none() && seconds.is_none() {
        let summary = format!("settings of {}", seen.name);
        let reason = "They are as wished.";
        return Some(Planned::still(StepId::Settings, Standing::Present, summary, reason));
    }
    let mut diff = Vec::new();
    if let Some(then) = &description {
        let (now, then) = (seen.description.clone(), Some(then.clone()));
        diff.push(Difference { at: "Description".to_owned(), now, then });
    }
    if let Some(then) = seconds {
        diff.push(Difference {
            at: "MaxSessionDuration".to_owned(),
            now: Some(seen.max_session_seconds.to_string()),
            then: Some(then.to_string()),
        });
    }
    // UpdateRole applies its default to a session length that is not sent (IAM API reference): both always go along.
    let description = description.or_else(|| seen.description.clone());
    let operation = Operation::UpdateRole {
        role: seen.name.clone(),
        description,
        max_session_seconds: Some(seconds.unwrap_or(seen.max_session_seconds)),
    };
    let reason = "Description or session length differ.";
    Some(
        Planned::sends(StepId::Settings, Standing::Change, operation, reason)
            .differing(diff)
            .confirmed_by(confirm(seen)),
    )
}

pub(super) fn tags(intent: &Intent, seen: &SeenRole) -> Option<Planned> {
    if intent.access.tags.is_empty() {
        return None;
    }
    let missing: BTreeMap<String, String> = intent
        .access
        .tags
        .iter()
        .filter(|(key, value)| seen.tags.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let summary = format!("tags of {}", seen.name);
    if missing.is_empty() {
        let reason = "The role has them.";
        return Some(Planned::still(StepId::Tags, Standing::Present, summary, reason));
    }
    let new = missing.keys().filter(|key| !seen.tags.contains_key(*key)).count();
    if seen.tags.len() + new > TAGS {
        let reason = format!("The role would have more than {TAGS} tags, which AWS refuses.");
        return Some(
            Planned::still(StepId::Tags, Standing::Conflict, summary, reason)
                .or(["give fewer tags".to_owned()]),
        );
    }
    let diff: Vec<Difference> = missing
        .iter()
        .map(|(key, value)| Difference {
            at: format!("Tag {key}"),
            now: seen.tags.get(key).cloned(),
            then: Some(value.clone()),
        })
        .collect();
    let operation = Operation::TagRole { role: seen.name.clone(), tags: missing };
    let reason = "Some are missing or different.";
    Some(
        Planned::sends(StepId::Tags, Standing::Change, operation, reason)
            .differing(diff)
            .confirmed_by(confirm(seen)),
    )
}

pub(super) fn permissions(intent: &Intent, seen: &SeenRole, remarks: &mut Vec<String>) -> Planned {
    let operation = grant(intent, &seen.name);
    let managed = intent.access.permissions.managed(intent.partition);
    let name = managed.as_ref().map_or(INLINE_POLICY_NAME, |arn| arn.name()).to_owned();
    for other in seen.attached.iter().filter(|arn| Some(*arn) != managed.as_ref()) {
        remarks.push(format!("The role also has {other}, which stays."));
    }
    for other in seen.inline.keys().filter(|n| managed.is_some() || **n != name) {
        remarks.push(format!("The role also has the inline policy {other}, which stays."));
    }
    let (standing, diff) = match (&managed, &intent.access.permissions) {
        (Some(arn), _) if seen.attached.contains(arn) => (Standing::Present, Vec::new()),
        (None, Permissions::Repositories(list)) => match seen.inline.get(&name) {
            None => (Standing::Needed, Vec::new()),
            Some(there) => {
                let wished = policy::permission::inline(&intent.host, list);
                let diff = differences(there, &wished);
                let same = diff.is_empty();
                (if same { Standing::Present } else { Standing::Change }, diff)
            }
        },
        _ => (Standing::Needed, Vec::new()),
    };
    if standing == Standing::Present {
        let summary = format!("{name} on {}", seen.name);
        return Planned::still(StepId::Permissions, standing, summary, "The role has it.");
    }
    let reason = match standing {
        Standing::Change => "The role has a policy of this name that says something else.",
        _ => "The role does not have it.",
    };
    Planned::sends(StepId::Permissions, standing, operation, reason)
        .differing(diff)
        .confirmed_by(confirm(seen))
}
