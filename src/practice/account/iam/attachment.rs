//! What users, roles and groups may do: attached and inline policies, boundaries.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::practice::account::difficulty::Kind;
use crate::practice::account::refusal::Refusal;
use crate::practice::account::state::{Group, Identity, Role, User};
use crate::practice::account::{Account, Action, Ask, grammar};

use super::out;
use super::policy::{absent, check_arn, page_key};
use super::resource::{Entity, on};

pub(super) const ACTIONS: &[Action] = &[
    Action { name: "AttachRolePolicy", needs: on::<Role>, run: attach::<Role> },
    Action { name: "DetachRolePolicy", needs: on::<Role>, run: detach::<Role> },
    Action { name: "ListAttachedRolePolicies", needs: on::<Role>, run: list_attached::<Role> },
    Action { name: "PutRolePolicy", needs: on::<Role>, run: put::<Role> },
    Action { name: "GetRolePolicy", needs: on::<Role>, run: get::<Role> },
    Action { name: "DeleteRolePolicy", needs: on::<Role>, run: delete::<Role> },
    Action { name: "ListRolePolicies", needs: on::<Role>, run: list::<Role> },
    Action { name: "PutRolePermissionsBoundary", needs: on::<Role>, run: bound::<Role> },
    Action { name: "DeleteRolePermissionsBoundary", needs: on::<Role>, run: unbound::<Role> },
    Action { name: "AttachUserPolicy", needs: on::<User>, run: attach::<User> },
    Action { name: "DetachUserPolicy", needs: on::<User>, run: detach::<User> },
    Action { name: "ListAttachedUserPolicies", needs: on::<User>, run: list_attached::<User> },
    Action { name: "PutUserPolicy", needs: on::<User>, run: put::<User> },
    Action { name: "GetUserPolicy", needs: on::<User>, run: get::<User> },
    Action { name: "DeleteUserPolicy", needs: on::<User>, run: delete::<User> },
    Action { name: "ListUserPolicies", needs: on::<User>, run: list::<User> },
    Action { name: "PutUserPermissionsBoundary", needs: on::<User>, run: bound::<User> },
    Action { name: "DeleteUserPermissionsBoundary", needs: on::<User>, run: unbound::<User> },
    Action { name: "AttachGroupPolicy", needs: on::<Group>, run: attach::<Group> },
    Action { name: "DetachGroupPolicy", needs: on::<Group>, run: detach::<Group> },
    Action { name: "ListAttachedGroupPolicies", needs: on::<Group>, run: list_attached::<Group> },
    Action { name: "PutGroupPolicy", needs: on::<Group>, run: put::<Group> },
    Action { name: "GetGroupPolicy", needs: on::<Group>, run: get::<Group> },
    Action { name: "DeleteGroupPolicy", needs: on::<Group>, run: delete::<Group> },
    Action { name: "ListGroupPolicies", needs: on::<Group>, run: list::<Group> },
];

pub(super) const ATTACHED: usize = 10;

/// Only what has no policies can be deleted; attached ones are told first.
pub(super) fn check_removable(identity: &Identity) -> Result<(), Refusal> {
    let left = if identity.attached.latest().is_some_and(|list| !list.is_empty()) {
        "must detach all policies first."
    } else if identity.inline.latest().is_some_and(|list| !list.is_empty()) {
        "must delete policies first."
    } else {
        return Ok(());
    };
    Err(Refusal::new("DeleteConflict", format!("Cannot delete entity, {left}")))
}

fn attach<E: Entity>(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let arn = ask.input.get("PolicyArn").unwrap_or_default();
    check_arn(arn)?;
    let mut attached =
        E::find(account, ask)?.identity().attached.latest().cloned().unwrap_or_default();
    if !account.state.policies.contains_key(arn) {
        return Err(absent(arn));
    }
    if attached.iter().any(|other| other == arn) {
        return Ok(Value::Null);
    }
    if attached.len() >= ATTACHED {
        return Err(Refusal::new(
            "LimitExceeded",
            format!("Cannot exceed quota for PoliciesPer{}: {ATTACHED}", E::TITLE),
        ));
    }
    attached.push(arn.to_owned());
    let after = account.delay(Kind::Permissions);
    E::find_mut(account, ask)?.identity_mut().attached.write(ask.now, after, attached);
    Ok(Value::Null)
}

fn detach<E: Entity>(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let arn = ask.input.get("PolicyArn").unwrap_or_default();
    check_arn(arn)?;
    let mut attached =
        E::find(account, ask)?.identity().attached.latest().cloned().unwrap_or_default();
    let Some(place) = attached.iter().position(|other| other == arn) else {
        return Err(Refusal::new("NoSuchEntity", format!("Policy {arn} was not found.")));
    };
    attached.remove(place);
    let after = account.delay(Kind::Permissions);
    E::find_mut(account, ask)?.identity_mut().attached.write(ask.now, after, attached);
    Ok(Value::Null)
}

/// Name and ARN of what is attached.
pub(super) fn attached(
    account: &Account,
    identity: &Identity,
    prefix: &str,
) -> Vec<(String, Value)> {
    let arns = identity.attached.latest().into_iter().flatten();
    arns.filter_map(|arn| account.state.policies.get(arn).map(|policy| (arn, policy)))
        .filter(|(_, policy)| policy.path.starts_with(prefix))
        .map(|(arn, policy)| {
            (page_key(arn, policy), json!({ "PolicyName": policy.name, "PolicyArn": arn }))
        })
        .collect()
}

fn list_attached<E: Entity>(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let prefix = ask.input.get("PathPrefix").unwrap_or("/");
    let items = attached(account, E::find(account, ask)?.identity(), prefix);
    out::list(&ask.input, "AttachedPolicies", items)
}

fn inline<E: Entity>(account: &Account, ask: &Ask) -> Result<BTreeMap<String, String>, Refusal> {
    Ok(E::find(account, ask)?.identity().inline.latest().cloned().unwrap_or_default())
}

fn write<E: Entity>(
    account: &mut Account,
    ask: &Ask,
    policies: BTreeMap<String, String>,
) -> Result<Value, Refusal> {
    let after = account.delay(Kind::Permissions);
    E::find_mut(account, ask)?.identity_mut().inline.write(ask.now, after, policies);
    Ok(Value::Null)
}

fn put<E: Entity>(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let mut policies = inline::<E>(account, ask)?;
    let document = ask.input.get("PolicyDocument").unwrap_or_default();
    grammar::identity(document)?;
    let name = ask.input.get("PolicyName").unwrap_or_default();
    policies.insert(name.to_owned(), document.to_owned());
    if policies.values().map(|text| grammar::size(text)).sum::<usize>() > E::INLINE {
        let whose = &E::find(account, ask)?.identity().name;
        return Err(Refusal::new(
            "LimitExceeded",
            format!("Maximum policy size of {} bytes exceeded for {} {whose}", E::INLINE, E::NOUN),
        ));
    }
    write::<E>(account, ask, policies)
}

fn no_inline<E: Entity>(name: &str) -> Refusal {
    let message = format!("The {} policy with name {name} cannot be found.", E::NOUN);
    Refusal::new("NoSuchEntity", message)
}

fn get<E: Entity>(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let name = ask.input.get("PolicyName").unwrap_or_default();
    let policies = inline::<E>(account, ask)?;
    let document = policies.get(name).ok_or_else(|| no_inline::<E>(name))?;
    Ok(json!({
        format!("{}Name", E::TITLE): E::find(account, ask)?.identity().name,
        "PolicyName": name,
        "PolicyDocument": out::encode(document),
    }))
}

fn delete<E: Entity>(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let name = ask.input.get("PolicyName").unwrap_or_default();
    let mut policies = inline::<E>(account, ask)?;
    policies.remove(name).ok_or_else(|| no_inline::<E>(name))?;
    write::<E>(account, ask, policies)
}

fn list<E: Entity>(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let names = inline::<E>(account, ask)?.into_keys();
    let items = names.map(|name| (name.clone(), Value::String(name)));
    out::list(&ask.input, "PolicyNames", items.collect())
}

/// The boundary that a request sets, if it sets one: a policy that is there.
pub(super) fn boundary(account: &Account, ask: &Ask) -> Result<Option<String>, Refusal> {
    let Some(arn) = ask.input.get("PermissionsBoundary") else { return Ok(None) };
    check_arn(arn)?;
    if !account.state.policies.contains_key(arn) {
        return Err(Refusal::new(
            "NoSuchEntity",
            format!("Scope ARN: {arn} does not exist or is not attachable."),
        ));
    }
    Ok(Some(arn.to_owned()))
}

fn bound<E: Entity>(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    E::find(account, ask)?;
    let arn = boundary(account, ask)?;
    let after = account.delay(Kind::Permissions);
    E::find_mut(account, ask)?.identity_mut().boundary.write(ask.now, after, arn);
    Ok(Value::Null)
}

fn unbound<E: Entity>(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let after = account.delay(Kind::Permissions);
    E::find_mut(account, ask)?.identity_mut().boundary.write(ask.now, after, None);
    Ok(Value::Null)
}
