//! Users, and what making and showing them has in common with roles and groups.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::practice::account::refusal::Refusal;
use crate::practice::account::spread::Spread;
use crate::practice::account::state::{Group, Identity, User, fold};
use crate::practice::account::{Account, Action, Ask, Principal, random};

use super::attachment::{self, check_removable};
use super::out;
use super::resource::{Entity, Resource, name, on, on_any, on_new};
use super::tag;

pub(super) const ACTIONS: &[Action] = &[
    Action { name: "CreateUser", needs: on_new::<User>, run: create },
    Action { name: "GetUser", needs: on::<User>, run: get },
    Action { name: "ListUsers", needs: on_any, run: list },
    Action { name: "DeleteUser", needs: on::<User>, run: delete },
    Action { name: "ListGroupsForUser", needs: on::<User>, run: groups },
    Action { name: "GetLoginProfile", needs: on::<User>, run: login },
    Action { name: "CreateLoginProfile", needs: on::<User>, run: make_login },
    Action { name: "DeleteLoginProfile", needs: on::<User>, run: delete_login },
];

/// Somebody new, if the name is free and there is room.
pub(super) fn begin<E: Entity>(
    account: &Account,
    ask: &Ask,
    prefix: &str,
) -> Result<Identity, Refusal> {
    let name = name::<E>(ask)?;
    let all = E::all(&account.state);
    if all.contains_key(&fold(name)) {
        return Err(Refusal::new(
            "EntityAlreadyExists",
            format!("{} with name {name} already exists.", E::TITLE),
        ));
    }
    let most = E::most(&account.state);
    if all.len() >= most {
        return Err(Refusal::new(
            "LimitExceeded",
            format!("Cannot exceed quota for {}sPerAccount: {most}", E::TITLE),
        ));
    }
    let (path, arn) = (ask.input.get("Path").unwrap_or("/"), E::new_arn(account, ask)?);
    let mut identity = Identity::new(name, path, random::id(prefix), arn, ask.now);
    identity.tags = tag::read(ask)?;
    Ok(identity)
}

/// A user, role or group as answers have it. Lists leave out boundary and tags.
pub(super) fn show_identity(identity: &Identity, title: &str, whole: bool) -> Value {
    let mut answer = json!({
        "Path": identity.path,
        format!("{title}Name"): identity.name,
        format!("{title}Id"): identity.id,
        "Arn": identity.arn,
        "CreateDate": out::time(identity.created),
    });
    if whole {
        if let Some(Some(arn)) = identity.boundary.latest() {
            answer["PermissionsBoundary"] = json!({
                "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
                "PermissionsBoundaryArn": arn,
            });
        }
        if !identity.tags.is_empty() {
            answer["Tags"] = tag::show(&identity.tags);
        }
    }
    answer
}

/// Those under the path of the request, with the key they are paged by.
pub(super) fn in_path<'a, E: Entity + 'a>(
    account: &'a Account,
    ask: &'a Ask,
) -> impl Iterator<Item = (String, &'a E)> {
    let prefix = ask.input.get("PathPrefix").unwrap_or("/");
    E::all(&account.state)
        .iter()
        .filter(move |(_, entity)| entity.identity().path.starts_with(prefix))
        .map(|(key, entity)| (key.clone(), entity))
}

fn create(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let mut identity = begin::<User>(account, ask, "AIDA")?;
    identity.boundary = Spread::settled(attachment::boundary(account, ask)?);
    let answer = json!({ "User": show_identity(&identity, "User", true) });
    account.state.users.insert(fold(&identity.name), User::new(identity));
    Ok(answer)
}

fn get(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let user = User::find(account, ask)?;
    Ok(json!({ "User": show_identity(&user.identity, "User", true) }))
}

fn list(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let users = in_path::<User>(account, ask);
    let show = |user: &&User| show_identity(&user.identity, "User", false);
    out::list_by(&ask.input, "Users", users.collect(), show)
}

fn delete(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let user = User::find(account, ask)?;
    check_removable(&user.identity)?;
    let key = fold(&user.identity.name);
    let left = [
        (user.password.is_some(), "must delete login profile first."),
        (!user.groups.is_empty(), "must remove users from group first."),
    ];
    if let Some((_, left)) = left.iter().find(|(is_there, _)| *is_there) {
        return Err(Refusal::new("DeleteConflict", format!("Cannot delete entity, {left}")));
    }
    let is_his = |of: &Principal| matches!(of, Principal::User(name) if fold(name) == key);
    if account.state.keys.values().any(|k| k.session.is_none() && is_his(&k.of)) {
        return Err(Refusal::new(
            "DeleteConflict",
            "Cannot delete entity, must delete access keys first.",
        ));
    }
    account.state.users.remove(&key);
    Ok(Value::Null)
}

fn groups(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let user = User::find(account, ask)?;
    let groups = user.groups.iter().filter_map(|key| account.state.groups.get_key_value(key));
    let items = groups.map(|(key, group)| (key.clone(), group));
    let show = |group: &&Group| show_identity(&group.identity, "Group", false);
    out::list_by(&ask.input, "Groups", items.collect(), show)
}

fn no_login(user: &User) -> Refusal {
    let message = format!("Login Profile for User {} cannot be found.", user.identity.name);
    Refusal::new("NoSuchEntity", message)
}

fn show_login(name: &str, at: Timestamp) -> Value {
    json!({ "LoginProfile": {
        "UserName": name, "CreateDate": out::time(at), "PasswordResetRequired": false,
    }})
}

fn login(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let user = User::find(account, ask)?;
    let at = user.password.ok_or_else(|| no_login(user))?;
    Ok(show_login(&user.identity.name, at))
}

/// The password itself is not kept: there is no console here. Where an account has no policy of its own, a password has 8
/// characters at least (IAM user guide, "Set an account password policy").
fn make_login(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    const LEAST: usize = 8;
    let user = User::find_mut(account, ask)?;
    if user.password.is_some() {
        let message = format!("Login Profile for user {} already exists.", user.identity.name);
        return Err(Refusal::new("EntityAlreadyExists", message));
    }
    if ask.input.get("Password").unwrap_or_default().chars().count() < LEAST {
        let message = format!("Password should have a minimum length of {LEAST}");
        return Err(Refusal::new("PasswordPolicyViolation", message));
    }
    user.password = Some(ask.now);
    Ok(show_login(&user.identity.name, ask.now))
}

fn delete_login(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let user = User::find_mut(account, ask)?;
    match user.password.take() {
        Some(_) => Ok(Value::Null),
        None => Err(no_login(user)),
    }
}
