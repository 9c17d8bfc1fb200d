//! Groups, and who is in them.

use serde_json::{Value, json};

use crate::practice::account::refusal::Refusal;
use crate::practice::account::state::{Group, User, fold};
use crate::practice::account::{Account, Action, Ask};

use super::attachment::check_removable;
use super::out;
use super::resource::{Resource, on, on_any, on_new};
use super::user::{begin, in_path, show_identity};

pub(super) const ACTIONS: &[Action] = &[
    Action { name: "CreateGroup", needs: on_new::<Group>, run: create },
    Action { name: "GetGroup", needs: on::<Group>, run: get },
    Action { name: "ListGroups", needs: on_any, run: list },
    Action { name: "DeleteGroup", needs: on::<Group>, run: delete },
    Action { name: "AddUserToGroup", needs: on::<Group>, run: add },
    Action { name: "RemoveUserFromGroup", needs: on::<Group>, run: remove },
];

/// How many groups one user may be in.
pub(super) const GROUPS: usize = 10;

fn create(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let identity = begin::<Group>(account, ask, "AGPA")?;
    let answer = json!({ "Group": show_identity(&identity, "Group", false) });
    account.state.groups.insert(fold(&identity.name), Group { identity });
    Ok(answer)
}

/// Its users come in pages.
fn get(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let group = Group::find(account, ask)?;
    let key = fold(&group.identity.name);
    let members = account.state.users.iter().filter(|(_, user)| user.groups.contains(&key));
    let items = members.map(|(key, user)| (key.clone(), user));
    let show = |user: &&User| show_identity(&user.identity, "User", false);
    let mut answer = out::list_by(&ask.input, "Users", items.collect(), show)?;
    answer["Group"] = show_identity(&group.identity, "Group", false);
    Ok(answer)
}

fn list(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let groups = in_path::<Group>(account, ask);
    let show = |group: &&Group| show_identity(&group.identity, "Group", false);
    out::list_by(&ask.input, "Groups", groups.collect(), show)
}

fn delete(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let identity = &Group::find(account, ask)?.identity;
    let key = fold(&identity.name);
    if account.state.users.values().any(|user| user.groups.contains(&key)) {
        return Err(Refusal::new(
            "DeleteConflict",
            "Cannot delete entity, must remove users from group first.",
        ));
    }
    check_removable(identity)?;
    account.state.groups.remove(&key);
    Ok(Value::Null)
}

/// Adding twice succeeds, as the model lists no error for it.
fn add(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let key = fold(&Group::find(account, ask)?.identity.name);
    let user = User::find_mut(account, ask)?;
    if user.groups.len() >= GROUPS && !user.groups.contains(&key) {
        return Err(Refusal::new(
            "LimitExceeded",
            format!("Cannot exceed quota for GroupsPerUser: {GROUPS}"),
        ));
    }
    user.groups.insert(key);
    Ok(Value::Null)
}

fn remove(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let key = fold(&Group::find(account, ask)?.identity.name);
    User::find_mut(account, ask)?.groups.remove(&key);
    Ok(Value::Null)
}
