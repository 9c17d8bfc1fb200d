//! What stands on an existing role, part by part.

use crate::domain::intent::OidcIntent;
use crate::domain::inventory::{SeenRole, is_ours};
use crate::domain::operation::Operation;
use crate::domain::plan::principal::differences;
use crate::domain::plan::{AudienceChoice, Difference, Planned, Standing, StepId};
use crate::domain::policy::{self, compare};

/// The name to confirm for a change on a role that this program did not make.
fn confirm(seen: &SeenRole) -> Option<&str> {
    (!is_ours(&seen.tags)).then_some(seen.name.as_str())
}

pub(super) fn trust(
    intent: &OidcIntent,
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

pub(super) fn settings(intent: &OidcIntent, seen: &SeenRole) -> Option<Planned> {
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
