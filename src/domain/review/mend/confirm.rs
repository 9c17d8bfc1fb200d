//! The name that has to be typed before a call is sent.

use super::widen::{admits_the_same, widens};
use crate::domain::inventory::{Holdings, is_ours};
use crate::domain::key::KeyStatus;
use crate::domain::operation::Operation;
use crate::domain::principal::Principal;

/// The name to be typed before a call of a plan is sent: of what somebody else made, and wherever it gives more than there
/// was, or takes from somebody what he had.
pub(super) fn confirm(operation: &Operation, all: &[Operation], seen: &Holdings) -> Option<String> {
    let is_asked = owner(operation).is_none_or(|who| is_foreign(&who, seen))
        || operation.removes()
        || takes(operation, seen)
        || widens(operation, all, seen);
    is_asked.then(|| name(operation))
}

/// The name to be typed before a mending is taken back by this call: it makes somebody's provider again, or lets in or allows
/// again what the mending ended.
pub(in crate::domain) fn again(
    operation: &Operation,
    all: &[Operation],
    seen: &Holdings,
) -> Option<String> {
    let is_asked = match operation {
        Operation::CreateProvider { .. } | Operation::AddAudience { .. } => true,
        Operation::SetKeyStatus { status, .. } => *status == KeyStatus::Active,
        Operation::UpdateTrust { .. } => widens(operation, all, seen),
        Operation::AttachPolicy { .. }
        | Operation::PutInlinePolicy { .. }
        | Operation::PutBoundary { .. }
        | Operation::DeleteBoundary { .. } => {
            owner(operation).is_none_or(|who| is_foreign(&who, seen))
        }
        _ => false,
    };
    is_asked.then(|| name(operation))
}

/// Whether a call takes from somebody what he had: a trust policy that lets in fewer, a key that is no longer good.
fn takes(operation: &Operation, seen: &Holdings) -> bool {
    match operation {
        Operation::UpdateTrust { role, trust } => {
            seen.roles.get(role).is_none_or(|before| !admits_the_same(&before.trust, trust))
        }
        Operation::SetKeyStatus { .. } => true,
        _ => false,
    }
}

fn is_foreign(who: &Principal, seen: &Holdings) -> bool {
    let tags = match who {
        Principal::Role(role) => seen.roles.get(role).map(|role| &role.tags),
        Principal::User(user) => seen.users.get(user).map(|user| &user.tags),
    };
    !tags.is_some_and(is_ours)
}

/// The role or user that a call is about; none of a provider, by which others live, or of what is made or deleted whole.
fn owner(operation: &Operation) -> Option<Principal> {
    match operation {
        Operation::UpdateTrust { role, .. } => Some(Principal::Role(role.clone())),
        Operation::AttachPolicy { to: who, .. }
        | Operation::DetachPolicy { from: who, .. }
        | Operation::PutInlinePolicy { on: who, .. }
        | Operation::DeleteInlinePolicy { on: who, .. }
        | Operation::PutBoundary { on: who, .. }
        | Operation::DeleteBoundary { on: who }
        | Operation::Tag { on: who, .. }
        | Operation::Untag { on: who, .. } => Some(who.clone()),
        Operation::SetKeyStatus { user, .. } | Operation::DeleteAccessKey { user, .. } => {
            Some(Principal::User(user.clone()))
        }
        _ => None,
    }
}

/// The name of what a call is about: a role's or user's, a provider's issuer, an access key's id.
fn name(operation: &Operation) -> String {
    match operation {
        Operation::SetKeyStatus { key, .. } | Operation::DeleteAccessKey { key, .. } => {
            key.to_string()
        }
        Operation::AddAudience { provider, .. }
        | Operation::RemoveAudience { provider, .. }
        | Operation::DeleteProvider { provider } => provider.url(),
        Operation::CreateProvider { issuer, .. } => issuer.url().to_owned(),
        Operation::CreateRole { role, .. } => role.to_string(),
        Operation::CreateUser { user, .. } => user.to_string(),
        Operation::UpdateRole { role, .. } | Operation::DeleteRole { role } => role.clone(),
        Operation::CreateAccessKey { user, .. } | Operation::DeleteUser { user } => user.clone(),
        other => owner(other).map_or_else(String::new, |who| who.name().to_owned()),
    }
}
