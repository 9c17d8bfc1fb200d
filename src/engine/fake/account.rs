//! The fake's account: what a call leaves in it, and what it has of what is asked for.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use super::{Fake, SECRET, inventory, key_id, seen_key, seen_user};
use crate::domain::arn::PolicyArn;
use crate::domain::inventory::{Holdings, Inventory, SeenRole, Wanted};
use crate::domain::operation::{Deed, Operation};
use crate::domain::principal::Principal;
use crate::domain::sample;
use crate::domain::secret::AccessKey;

impl Fake {
    /// What the account has after a call.
    pub(super) fn carried_out(&self, operation: &Operation) -> Deed {
        let mut deed = Deed { arn: None, request_id: Some("r-1".to_owned()), key: None };
        let mut account = self.account.lock().unwrap();
        let whole = inventory(&sample::intent());
        let forgets = self.forgets.load(Ordering::SeqCst) > 0;
        match operation {
            Operation::CreateRole { .. } => {
                deed.arn = Some(sample::intent().role_arn().to_string());
            }
            Operation::CreateUser { .. } => {
                deed.arn = Some(sample::user_intent().user_arn().to_string());
            }
            Operation::CreateAccessKey { .. } => {
                let made = self.performed.lock().unwrap();
                let number = made.iter().filter(|call| call.ends_with("CreateAccessKey")).count();
                deed.key = Some(AccessKey { id: key_id(number), secret: SECRET.into() });
            }
            _ => {}
        }
        if forgets {
            return deed;
        }
        let user = account.user.as_mut();
        match operation {
            Operation::CreateProvider { .. } => account.provider = whole.provider,
            Operation::CreateRole { .. } => {
                account.role = whole.role.map(|role| SeenRole { attached: Vec::new(), ..role });
            }
            Operation::CreateUser { .. } => account.user = Some(seen_user(Vec::new())),
            Operation::CreateAccessKey { .. } => {
                let made = deed.key.iter().map(|key| seen_key(key.id.clone()));
                user.unwrap().keys.extend(made);
            }
            Operation::SetKeyStatus { key, status, .. } => {
                for there in user.unwrap().keys.iter_mut().filter(|there| there.id == *key) {
                    there.status = *status;
                }
            }
            // A made-up user has its policy from the start.
            Operation::AttachPolicy { to: Principal::User(_), .. } => {}
            removal if removal.removes() => take_away(&mut account, removal),
            _ => account.role = whole.role,
        }
        deed
    }
}

/// Managed and inline policies, tags and boundary of a role or user.
type Parts<'a> = (
    &'a mut Vec<PolicyArn>,
    &'a mut BTreeMap<String, String>,
    &'a mut BTreeMap<String, String>,
    &'a mut Option<PolicyArn>,
);

/// Those of the role or user that an operation names; it must be there.
fn parts_of<'a>(account: &'a mut Inventory, of: &Principal) -> Parts<'a> {
    match of {
        Principal::Role(name) => {
            let role = account.role.as_mut().filter(|role| role.name == *name).unwrap();
            (&mut role.attached, &mut role.inline, &mut role.tags, &mut role.boundary)
        }
        Principal::User(name) => {
            let user = account.user.as_mut().filter(|user| user.name == *name).unwrap();
            (&mut user.attached, &mut user.inline, &mut user.tags, &mut user.boundary)
        }
    }
}

fn take_away(account: &mut Inventory, operation: &Operation) {
    match operation {
        Operation::DeleteProvider { provider } => {
            account.provider.take_if(|there| there.arn == *provider);
        }
        Operation::RemoveAudience { audience, .. } => {
            account.provider.as_mut().unwrap().audiences.retain(|one| one != audience.as_str());
        }
        Operation::DeleteRole { role } => {
            account.role.take_if(|there| there.name == *role).unwrap();
        }
        Operation::DeleteUser { user } => {
            account.user.take_if(|there| there.name == *user).unwrap();
        }
        Operation::DeleteAccessKey { key, .. } => {
            account.user.as_mut().unwrap().keys.retain(|there| there.id != *key);
        }
        Operation::DetachPolicy { from, policy } => {
            parts_of(account, from).0.retain(|there| there != policy);
        }
        Operation::DeleteInlinePolicy { on, name } => {
            parts_of(account, on).1.remove(name).unwrap();
        }
        Operation::Untag { on, keys } => {
            parts_of(account, on).2.retain(|key, _| !keys.contains(key));
        }
        Operation::DeleteBoundary { on } => *parts_of(account, on).3 = None,
        other => panic!("{} takes nothing away", other.call()),
    }
}

/// What the account has of what is wanted.
pub(super) fn held(account: &Inventory, wanted: &Wanted) -> Holdings {
    let provider = account.provider.iter().filter(|one| wanted.providers.contains(&one.arn));
    let role = account.role.iter().filter(|one| wanted.roles.contains(&one.name));
    let user = account.user.iter().filter(|one| wanted.users.contains(&one.name));
    let trusts = |role: &&SeenRole| {
        wanted.providers.iter().any(|arn| role.trust.contains(&format!("{arn}\"")))
    };
    let trusting = account.role.iter().filter(trusts);
    let trusting = trusting.map(|role| (role.name.clone(), role.trust.clone())).collect();
    Holdings {
        providers: provider.map(|one| (one.arn.clone(), one.clone())).collect(),
        roles: role.map(|one| (one.name.clone(), one.clone())).collect(),
        users: user.map(|one| (one.name.clone(), one.clone())).collect(),
        trusting: (!wanted.providers.is_empty()).then_some(Ok(trusting)),
    }
}
