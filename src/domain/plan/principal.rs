//! What stands on a role or a user that is there, and what both are given.

use std::collections::BTreeMap;

use crate::domain::access::{Access, INLINE_POLICY_NAME, PULL_ONLY, Permissions, READ_ONLY};
use crate::domain::arn::PolicyArn;
use crate::domain::host::RegistryHost;
use crate::domain::inventory::{SeenRole, SeenUser, is_ours};
use crate::domain::operation::Operation;
use crate::domain::partition::Partition;
use crate::domain::plan::{Difference, Planned, Standing, StepId};
use crate::domain::policy::{compare, permission};
use crate::domain::principal::Principal;

/// Tags on one resource (IAM quotas).
const TAGS: usize = 50;

/// A role or user that is there, as far as both have it.
pub(super) struct There<'a> {
    pub(super) who: Principal,
    tags: &'a BTreeMap<String, String>,
    boundary: Option<&'a PolicyArn>,
    attached: &'a [PolicyArn],
    inline: &'a BTreeMap<String, String>,
}

impl<'a> From<&'a SeenRole> for There<'a> {
    fn from(seen: &'a SeenRole) -> Self {
        Self {
            who: Principal::Role(seen.name.clone()),
            tags: &seen.tags,
            boundary: seen.boundary.as_ref(),
            attached: &seen.attached,
            inline: &seen.inline,
        }
    }
}

impl<'a> From<&'a SeenUser> for There<'a> {
    fn from(seen: &'a SeenUser) -> Self {
        Self {
            who: Principal::User(seen.name.clone()),
            tags: &seen.tags,
            boundary: seen.boundary.as_ref(),
            attached: &seen.attached,
            inline: &seen.inline,
        }
    }
}

/// The call that gives a role or user its permissions.
pub(super) fn grant(
    access: &Access,
    host: &RegistryHost,
    partition: Partition,
    to: Principal,
) -> Operation {
    match &access.permissions {
        Permissions::Repositories(list) => Operation::PutInlinePolicy {
            on: to,
            name: INLINE_POLICY_NAME.to_owned(),
            document: permission::inline(host, list),
        },
        Permissions::ReadOnly => attach(to, PolicyArn::managed(partition, READ_ONLY)),
        Permissions::PullOnly => attach(to, PolicyArn::managed(partition, PULL_ONLY)),
    }
}

const fn attach(to: Principal, policy: PolicyArn) -> Operation {
    Operation::AttachPolicy { to, policy }
}

/// A conflict about the name: another is to be chosen, or the one that is there.
pub(super) fn conflict(wished: &Principal, reason: String, there: &str) -> Planned {
    let kind = wished.kind();
    Planned::still(id(wished), Standing::Conflict, format!("{kind} {wished}"), reason)
        .or([format!("give the {kind}'s name as {there}"), format!("choose another {kind} name")])
}

/// A conflict where the name is taken under another path.
pub(super) fn elsewhere(who: &Principal, path: &str, wished: &str) -> Option<Planned> {
    let kind = who.kind();
    let conflict = |reason: String, ways_out: Vec<String>| {
        let summary = format!("{kind} {who}");
        Some(Planned::still(id(who), Standing::Conflict, summary, reason).or(ways_out))
    };
    let another = format!("choose another {kind} name");
    if path.starts_with("/aws-service-role/") || path.starts_with("/aws-reserved/") {
        return conflict(
            format!("A {kind} of this name stands under {path} and belongs to AWS itself."),
            vec![another],
        );
    }
    if path != wished {
        return conflict(
            format!(
                "A {kind} of this name stands under the path {path}; a path is not changed here."
            ),
            vec![format!("give the path as {path}"), another],
        );
    }
    None
}

const fn id(who: &Principal) -> StepId {
    match who {
        Principal::Role(_) => StepId::Role,
        Principal::User(_) => StepId::User,
    }
}

/// Differences by meaning; a document that cannot be read differs as a whole.
pub(super) fn differences(existing: &str, wished: &str) -> Vec<Difference> {
    compare::differences(existing, wished).unwrap_or_else(|_| {
        vec![Difference {
            at: "document".to_owned(),
            now: Some(existing.to_owned()),
            then: Some(wished.to_owned()),
        }]
    })
}

impl There<'_> {
    /// The name to confirm for a change on what this program did not make.
    pub(super) fn confirm(&self) -> Option<&str> {
        (!is_ours(self.tags)).then_some(self.who.name())
    }

    pub(super) fn boundary(&self, access: &Access, remarks: &mut Vec<String>) -> Option<Planned> {
        let kind = self.who.kind();
        let Some(wished) = &access.boundary else {
            if let Some(there) = self.boundary {
                remarks.push(format!(
                    "The {kind} has the permissions boundary {there}, which stays; it must allow what a pull needs."
                ));
            }
            return None;
        };
        if self.boundary == Some(wished) {
            let summary = format!("permissions boundary {}", wished.name());
            let reason = format!("The {kind} has it.");
            return Some(Planned::still(StepId::Boundary, Standing::Present, summary, reason));
        }
        let diff = vec![Difference {
            at: "PermissionsBoundary".to_owned(),
            now: self.boundary.map(ToString::to_string),
            then: Some(wished.to_string()),
        }];
        let operation = Operation::PutBoundary { on: self.who.clone(), boundary: wished.clone() };
        let reason = format!("The {kind} has none, or another one.");
        Some(
            Planned::sends(StepId::Boundary, Standing::Change, operation, reason)
                .differing(diff)
                .confirmed_by(self.confirm()),
        )
    }

    pub(super) fn tags(&self, access: &Access) -> Option<Planned> {
        if access.tags.is_empty() {
            return None;
        }
        let kind = self.who.kind();
        let missing: BTreeMap<String, String> = access
            .tags
            .iter()
            .filter(|(key, value)| self.tags.get(*key) != Some(value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let summary = format!("tags of {}", self.who);
        if missing.is_empty() {
            let reason = format!("The {kind} has them.");
            return Some(Planned::still(StepId::Tags, Standing::Present, summary, reason));
        }
        let new = missing.keys().filter(|key| !self.tags.contains_key(*key)).count();
        if self.tags.len() + new > TAGS {
            let reason = format!("The {kind} would have more than {TAGS} tags, which AWS refuses.");
            return Some(
                Planned::still(StepId::Tags, Standing::Conflict, summary, reason)
                    .or(["give fewer tags".to_owned()]),
            );
        }
        let diff: Vec<Difference> = missing
            .iter()
            .map(|(key, value)| Difference {
                at: format!("Tag {key}"),
                now: self.tags.get(key).cloned(),
                then: Some(value.clone()),
            })
            .collect();
        let operation = Operation::Tag { on: self.who.clone(), tags: missing };
        let reason = "Some are missing or different.";
        Some(
            Planned::sends(StepId::Tags, Standing::Change, operation, reason)
                .differing(diff)
                .confirmed_by(self.confirm()),
        )
    }

    pub(super) fn permissions(
        &self,
        access: &Access,
        host: &RegistryHost,
        partition: Partition,
        remarks: &mut Vec<String>,
    ) -> Planned {
        let kind = self.who.kind();
        let operation = grant(access, host, partition, self.who.clone());
        let managed = access.permissions.managed(partition);
        let name = managed.as_ref().map_or(INLINE_POLICY_NAME, |arn| arn.name()).to_owned();
        for other in self.attached.iter().filter(|arn| Some(*arn) != managed.as_ref()) {
            remarks.push(format!("The {kind} also has {other}, which stays."));
        }
        for other in self.inline.keys().filter(|n| managed.is_some() || **n != name) {
            remarks.push(format!("The {kind} also has the inline policy {other}, which stays."));
        }
        let (standing, diff) = match (&managed, &access.permissions) {
            (Some(arn), _) if self.attached.contains(arn) => (Standing::Present, Vec::new()),
            (None, Permissions::Repositories(list)) => match self.inline.get(&name) {
                None => (Standing::Needed, Vec::new()),
                Some(there) => {
                    let diff = differences(there, &permission::inline(host, list));
                    let same = diff.is_empty();
                    (if same { Standing::Present } else { Standing::Change }, diff)
                }
            },
            _ => (Standing::Needed, Vec::new()),
        };
        if standing == Standing::Present {
            let summary = format!("{name} on {}", self.who);
            let reason = format!("The {kind} has it.");
            return Planned::still(StepId::Permissions, standing, summary, reason);
        }
        let reason = match standing {
            Standing::Change => {
                format!("The {kind} has a policy of this name that says something else.")
            }
            _ => format!("The {kind} does not have it."),
        };
        Planned::sends(StepId::Permissions, standing, operation, reason)
            .differing(diff)
            .confirmed_by(self.confirm())
    }
}
