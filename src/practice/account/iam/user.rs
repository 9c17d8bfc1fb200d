//! Users, and what making and showing them has in common with roles.

use serde_json::{Value, json};

use crate::practice::account::refusal::Refusal;
use crate::practice::account::spread::Spread;
use crate::practice::account::state::{Identity, User, fold};
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
    if all.len() >= E::MOST {
        return Err(Refusal::new(
            "LimitExceeded",
            format!("Cannot exceed quota for {}sPerAccount: {}", E::TITLE, E::MOST),
        ));
    }
    let (path, arn) = (ask.input.get("Path").unwrap_or("/"), E::new_arn(account, ask)?);
    let mut identity = Identity::new(name, path, random::id(prefix), arn, ask.now);
    identity.tags = tag::read(ask)?;
    Ok(identity)
}

/// A user or role as answers have it. Lists leave out boundary and tags.
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
    account.state.users.insert(fold(&identity.name), User { identity });
    Ok(answer)
}

fn get(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let user = User::find(account, ask)?;
    Ok(json!({ "User": show_identity(&user.identity, "User", true) }))
}

fn list(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let users = in_path::<User>(account, ask)
        .map(|(key, user)| (key, show_identity(&user.identity, "User", false)));
    out::list(&ask.input, "Users", users.collect())
}

fn delete(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let identity = User::find(account, ask)?.identity();
    check_removable(identity)?;
    let key = fold(&identity.name);
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
    User::find(account, ask)?;
    out::list(&ask.input, "Groups", Vec::new())
}

/// Nobody here has a password.
fn login(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let user = User::find(account, ask)?;
    Err(Refusal::new(
        "NoSuchEntity",
        format!("Login Profile for User {} cannot be found.", user.identity.name),
    ))
}
