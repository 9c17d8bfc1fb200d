//! How the role stands, and everything on it.

mod parts;

use super::{AudienceChoice, Planned, Stamp, Standing, StepId, stamped};
use crate::domain::access::{INLINE_POLICY_NAME, Permissions};
use crate::domain::intent::Intent;
use crate::domain::inventory::{SeenRole, is_ours};
use crate::domain::operation::Operation;
use crate::domain::policy::{permission, trust};

/// The role and its permissions, to be made.
pub(super) fn new(intent: &Intent, stamp: &Stamp, remarks: &mut Vec<String>) -> Vec<Planned> {
    let access = &intent.access;
    let trust = trust::text(intent);
    remarks.extend(parts::too_long(&trust));
    let role = Operation::CreateRole {
        role: intent.role.clone(),
        path: access.path.clone(),
        trust,
        description: access.description.clone(),
        max_session_seconds: access.max_session_seconds,
        boundary: access.boundary.clone(),
        tags: stamped(intent, stamp),
    };
    let grant = grant(intent, intent.role.as_str());
    vec![
        Planned::sends(
            StepId::Role,
            Standing::Needed,
            role,
            "The account has no role of this name.",
        ),
        Planned::sends(StepId::Permissions, Standing::Needed, grant, "A new role may do nothing."),
    ]
}

/// The call that gives the role its permissions.
fn grant(intent: &Intent, role: &str) -> Operation {
    let role = role.to_owned();
    match &intent.access.permissions {
        Permissions::Repositories(list) => Operation::PutInlinePolicy {
            role,
            name: INLINE_POLICY_NAME.to_owned(),
            document: permission::inline(&intent.host, list),
        },
        Permissions::ReadOnly => attach(intent, role, "AmazonEC2ContainerRegistryReadOnly"),
        Permissions::PullOnly => attach(intent, role, "AmazonEC2ContainerRegistryPullOnly"),
    }
}

fn attach(intent: &Intent, role: String, name: &str) -> Operation {
    let policy = crate::domain::arn::PolicyArn::managed(intent.partition, name);
    Operation::AttachPolicy { role, policy }
}

/// The steps for a role that is there.
pub(super) fn existing(
    intent: &Intent,
    seen: &SeenRole,
    choice: AudienceChoice,
    remarks: &mut Vec<String>,
) -> Vec<Planned> {
    if let Some(conflict) = in_the_way(intent, seen) {
        return vec![conflict];
    }
    let mut parts = vec![parts::trust(intent, seen, choice, remarks)];
    parts.extend(parts::boundary(intent, seen, remarks));
    parts.extend(parts::settings(intent, seen));
    parts.extend(parts::tags(intent, seen));
    parts.push(parts::permissions(intent, seen, remarks));
    let changed = parts.iter().any(|p| p.operation.is_some());
    let (standing, reason) = match (is_ours(&seen.tags), changed) {
        (true, _) => (Standing::Present, "It is there."),
        (false, false) => (Standing::Present, "It is there, made by somebody else."),
        (false, true) => {
            (Standing::Adopt, "It is there, made by somebody else; something on it will change.")
        }
    };
    let mut steps =
        vec![Planned::still(StepId::Role, standing, format!("role {}", seen.name), reason)];
    steps.extend(parts);
    steps
}

fn in_the_way(intent: &Intent, seen: &SeenRole) -> Option<Planned> {
    let conflict = |reason: String, ways_out: Vec<String>| {
        let summary = format!("role {}", intent.role);
        Some(Planned::still(StepId::Role, Standing::Conflict, summary, reason).or(ways_out))
    };
    let another = "choose another role name".to_owned();
    let (name, path) = (&seen.name, &seen.path);
    if name != intent.role.as_str() {
        return conflict(
            format!(
                "The account has a role called {name}; IAM takes names that differ only in case for one, but a \
                 token is swapped only under the exact spelling."
            ),
            vec![format!("give the role's name as {name}"), another],
        );
    }
    if path.starts_with("/aws-service-role/") || path.starts_with("/aws-reserved/") {
        return conflict(
            format!("A role of this name stands under {path} and belongs to AWS itself."),
            vec![another],
        );
    }
    if path != intent.access.path.as_str() {
        return conflict(
            format!("A role of this name stands under the path {path}; a path cannot be changed."),
            vec![format!("give the path as {path}"), another],
        );
    }
    None
}
