//! How the role stands, and everything on it.

mod parts;

use super::principal::{self, There};
use super::{AudienceChoice, Planned, Stamp, Standing, StepId, stamped};
use crate::domain::intent::OidcIntent;
use crate::domain::inventory::{SeenRole, is_ours};
use crate::domain::operation::Operation;
use crate::domain::policy::trust;
use crate::domain::principal::Principal;

/// The role and its permissions, to be made.
pub(super) fn new(intent: &OidcIntent, stamp: &Stamp, remarks: &mut Vec<String>) -> Vec<Planned> {
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
        tags: stamped(access, stamp),
    };
    let to = Principal::Role(intent.role.as_str().to_owned());
    let grant = principal::grant(access, &intent.host, intent.partition, to);
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

/// The steps for a role that is there.
pub(super) fn existing(
    intent: &OidcIntent,
    seen: &SeenRole,
    choice: AudienceChoice,
    remarks: &mut Vec<String>,
) -> Vec<Planned> {
    if let Some(conflict) = in_the_way(intent, seen) {
        return vec![conflict];
    }
    let there = There::from(seen);
    let access = &intent.access;
    let mut parts = vec![parts::trust(intent, seen, choice, remarks)];
    parts.extend(there.boundary(access, remarks));
    parts.extend(parts::settings(intent, seen));
    parts.extend(there.tags(access));
    parts.push(there.permissions(access, &intent.host, intent.partition, remarks));
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

fn in_the_way(intent: &OidcIntent, seen: &SeenRole) -> Option<Planned> {
    let (wished, path) = (intent.role.as_str(), intent.access.path.as_str());
    if seen.name != wished {
        let what = format!(
            "The account has a role called {}; IAM takes names that differ only in case for one, but a token is \
             swapped only under the exact spelling.",
            seen.name
        );
        return Some(principal::conflict(&Principal::Role(wished.to_owned()), what, &seen.name));
    }
    principal::elsewhere(&Principal::Role(seen.name.clone()), &seen.path, path)
}
