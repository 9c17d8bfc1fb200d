//! Roles.

use serde_json::{Value, json};

use crate::practice::account::difficulty::Kind;
use crate::practice::account::refusal::Refusal;
use crate::practice::account::spread::Spread;
use crate::practice::account::state::{Role, fold};
use crate::practice::account::{Account, Action, Ask, grammar};

use super::attachment::{self, check_removable};
use super::out;
use super::resource::{Entity, Resource, on, on_any, on_new};
use super::user::{begin, in_path, show_identity};

pub(super) const ACTIONS: &[Action] = &[
    Action { name: "CreateRole", needs: on_new::<Role>, run: create },
    Action { name: "GetRole", needs: on::<Role>, run: get },
    Action { name: "ListRoles", needs: on_any, run: list },
    Action { name: "UpdateRole", needs: on::<Role>, run: update },
    Action { name: "UpdateRoleDescription", needs: on::<Role>, run: describe },
    Action { name: "UpdateAssumeRolePolicy", needs: on::<Role>, run: trust },
    Action { name: "DeleteRole", needs: on::<Role>, run: delete },
    Action { name: "ListInstanceProfilesForRole", needs: on::<Role>, run: profiles },
];

pub(super) const TRUST: usize = 2048;
const SESSION: i64 = 3600;

/// A trust policy must hold to the grammar and the quota.
fn check_trust(account: &Account, document: &str) -> Result<(), Refusal> {
    grammar::trust(document, &account.state)?;
    if grammar::size(document) > TRUST {
        return Err(Refusal::new(
            "LimitExceeded",
            format!("Cannot exceed quota for ACLSizePerRole: {TRUST}"),
        ));
    }
    Ok(())
}

fn create(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let mut identity = begin::<Role>(account, ask, "AROA")?;
    let document = ask.input.get("AssumeRolePolicyDocument").unwrap_or_default().to_owned();
    check_trust(account, &document)?;
    identity.boundary = Spread::settled(attachment::boundary(account, ask)?);
    let after = account.delay(Kind::Role);
    let role = Role {
        there: Spread::arriving(ask.now, after, true),
        trust: Spread::arriving(ask.now, after, document),
        description: description(ask),
        max_session_seconds: duration(ask)?,
        last_used: None,
        identity,
    };
    // The answer has neither the description nor the longest session, by the API reference's examples.
    let mut answer = show_identity(&role.identity, "Role", true);
    answer["AssumeRolePolicyDocument"] = trust_of(&role);
    account.state.roles.insert(fold(&role.identity.name), role);
    Ok(json!({ "Role": answer }))
}

/// An empty one is how a description is taken away (ansible/ansible#32629).
fn description(ask: &Ask) -> Option<String> {
    ask.input.get("Description").filter(|text| !text.is_empty()).map(str::to_owned)
}

fn duration(ask: &Ask) -> Result<i64, Refusal> {
    Ok(ask.input.number("MaxSessionDuration", SESSION..=43_200)?.unwrap_or(SESSION))
}

pub(super) fn trust_of(role: &Role) -> Value {
    Value::String(role.trust.latest().map(|text| out::encode(text)).unwrap_or_default())
}

/// When and where it was last used, as far as it ever was.
pub(super) fn last_used(role: &Role) -> Value {
    match &role.last_used {
        Some((at, region)) => json!({ "LastUsedDate": out::time(*at), "Region": region }),
        None => json!({}),
    }
}

/// Lists leave out boundary, tags and last use.
fn show(role: &Role, whole: bool) -> Value {
    let mut answer = show_identity(&role.identity, "Role", whole);
    answer["AssumeRolePolicyDocument"] = trust_of(role);
    if let Some(description) = &role.description {
        answer["Description"] = json!(description);
    }
    answer["MaxSessionDuration"] = json!(role.max_session_seconds);
    if whole {
        answer["RoleLastUsed"] = last_used(role);
    }
    answer
}

fn get(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    Ok(json!({ "Role": show(Role::find(account, ask)?, true) }))
}

fn list(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let roles = in_path::<Role>(account, ask);
    out::list_by(&ask.input, "Roles", roles.collect(), |role| show(role, false))
}

/// The model says that a duration not given is set to one hour again; a description not given stays.
fn update(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let role = Role::find_mut(account, ask)?;
    role.max_session_seconds = duration(ask)?;
    if ask.input.get("Description").is_some() {
        role.description = description(ask);
    }
    Ok(json!({}))
}

fn describe(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let role = Role::find_mut(account, ask)?;
    role.description = description(ask);
    Ok(json!({ "Role": show(role, true) }))
}

fn trust(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    Role::find(account, ask)?;
    let document = ask.input.get("PolicyDocument").unwrap_or_default().to_owned();
    check_trust(account, &document)?;
    let after = account.delay(Kind::Trust);
    Role::find_mut(account, ask)?.trust.write(ask.now, after, document);
    Ok(Value::Null)
}

fn delete(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let identity = Role::find(account, ask)?.identity();
    check_removable(identity)?;
    let key = fold(&identity.name);
    account.state.roles.remove(&key);
    Ok(Value::Null)
}

fn profiles(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    Role::find(account, ask)?;
    out::list(&ask.input, "InstanceProfiles", Vec::new())
}
