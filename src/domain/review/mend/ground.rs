//! The account as it was reviewed, in the form in which it is looked at again.

use std::sync::Arc;

use super::Ground;
use crate::domain::inventory::{Holdings, SeenRole, SeenUser};
use crate::domain::review::role::RoleReview;
use crate::domain::review::{ProviderReview, UserReview};

/// The account as it was reviewed. Description and longest session of a role are not in it.
pub(super) fn holdings(ground: &Ground<'_>) -> Holdings {
    let role = |role: &Arc<RoleReview>| {
        let entry = role.entry.clone();
        let seen = SeenRole {
            arn: entry.arn,
            name: entry.name.clone(),
            path: entry.path,
            trust: entry.trust,
            created_at: entry.created_at,
            tags: entry.tags,
            description: None,
            max_session_seconds: entry.max_session_seconds.unwrap_or_default(),
            boundary: entry.boundary,
            attached: entry.attached,
            inline: entry.inline,
        };
        (entry.name, seen)
    };
    let user = |user: &Arc<UserReview>| {
        let entry = user.entry.clone();
        let seen = SeenUser {
            arn: entry.arn,
            name: entry.name.clone(),
            path: entry.path,
            created_at: entry.created_at,
            tags: entry.tags,
            boundary: entry.boundary,
            attached: entry.attached,
            inline: entry.inline,
            groups: entry.groups,
            has_password: entry.has_password,
            keys: entry.keys.unwrap_or_default(),
        };
        (entry.name, seen)
    };
    let provider = |one: &Arc<ProviderReview>| {
        one.seen.as_ref().ok().map(|seen| (one.arn.clone(), seen.clone()))
    };
    let trust = |role: &Arc<RoleReview>| (role.entry.name.clone(), role.entry.trust.clone());
    Holdings {
        providers: ground.providers.iter().filter_map(provider).collect(),
        roles: ground.roles.iter().map(role).collect(),
        users: ground.users.iter().map(user).collect(),
        trusting: Some(Ok(ground.roles.iter().map(trust).collect())),
    }
}
