//! What actions are about: how it is found, and what its caller must be allowed.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::practice::account::refusal::Refusal;
use crate::practice::account::state::{Group, Identity, Role, State, User, fold};
use crate::practice::account::{Account, Ask, Need, Principal};

use super::{model, tag};

/// Tags in the order they were set.
pub(super) type Tags = Vec<(String, String)>;

/// Something that has an ARN and tags.
pub(super) trait Resource: Sized {
    /// The ARN that a request means, whether or not the thing is there.
    fn arn(account: &Account, ask: &Ask) -> Result<String, Refusal>;
    /// The ARN of what a request makes.
    fn new_arn(account: &Account, ask: &Ask) -> Result<String, Refusal>;
    fn find<'a>(account: &'a Account, ask: &Ask) -> Result<&'a Self, Refusal>;
    fn find_mut<'a>(account: &'a mut Account, ask: &Ask) -> Result<&'a mut Self, Refusal>;
    fn tags(&self) -> &Tags;
    fn tags_mut(&mut self) -> &mut Tags;
    /// ARN of its permissions boundary.
    fn boundary(&self) -> Option<&String> {
        None
    }
}

/// A user, a role or a group.
pub(super) trait Entity: Resource {
    /// `role`
    const NOUN: &'static str;
    /// `Role`
    const TITLE: &'static str;
    /// How much its inline policies may hold together, white space not counted.
    const INLINE: usize;
    /// How many there may be.
    fn most(state: &State) -> usize;
    fn all(state: &State) -> &BTreeMap<String, Self>;
    fn all_mut(state: &mut State) -> &mut BTreeMap<String, Self>;
    fn identity(&self) -> &Identity;
    fn identity_mut(&mut self) -> &mut Identity;
}

impl Entity for Role {
    const NOUN: &'static str = "role";
    const TITLE: &'static str = "Role";
    const INLINE: usize = 10_240;

    fn most(state: &State) -> usize {
        state.role_quota
    }
    fn all(state: &State) -> &BTreeMap<String, Self> {
        &state.roles
    }
    fn all_mut(state: &mut State) -> &mut BTreeMap<String, Self> {
        &mut state.roles
    }
    fn identity(&self) -> &Identity {
        &self.identity
    }
    fn identity_mut(&mut self) -> &mut Identity {
        &mut self.identity
    }
}

impl Entity for User {
    const NOUN: &'static str = "user";
    const TITLE: &'static str = "User";
    const INLINE: usize = 2048;

    fn most(_: &State) -> usize {
        5000
    }
    fn all(state: &State) -> &BTreeMap<String, Self> {
        &state.users
    }
    fn all_mut(state: &mut State) -> &mut BTreeMap<String, Self> {
        &mut state.users
    }
    fn identity(&self) -> &Identity {
        &self.identity
    }
    fn identity_mut(&mut self) -> &mut Identity {
        &mut self.identity
    }
}

impl Entity for Group {
    const NOUN: &'static str = "group";
    const TITLE: &'static str = "Group";
    const INLINE: usize = 5120;

    fn most(_: &State) -> usize {
        300
    }
    fn all(state: &State) -> &BTreeMap<String, Self> {
        &state.groups
    }
    fn all_mut(state: &mut State) -> &mut BTreeMap<String, Self> {
        &mut state.groups
    }
    fn identity(&self) -> &Identity {
        &self.identity
    }
    fn identity_mut(&mut self) -> &mut Identity {
        &mut self.identity
    }
}

/// The name a request gives; without one, a user's own.
pub(super) fn name<E: Entity>(ask: &Ask) -> Result<&str, Refusal> {
    match (ask.input.get(&format!("{}Name", E::TITLE)), &ask.caller) {
        (Some(name), _) => Ok(name),
        (None, Some(Principal::User(name))) => Ok(name),
        (None, _) => Err(Refusal::new(
            "ValidationError",
            "Must specify userName when calling with non-User credentials",
        )),
    }
}

/// Names that differ in case find each other: only so can the ARN be read after `EntityAlreadyExists`.
impl<E: Entity> Resource for E {
    fn arn(account: &Account, ask: &Ask) -> Result<String, Refusal> {
        let name = name::<E>(ask)?;
        let there = E::all(&account.state).get(&fold(name));
        Ok(there.map_or_else(
            || account.state.arn(E::NOUN, "/", name),
            |entity| entity.identity().arn.clone(),
        ))
    }

    fn new_arn(account: &Account, ask: &Ask) -> Result<String, Refusal> {
        let path = ask.input.get("Path").unwrap_or("/");
        Ok(account.state.arn(E::NOUN, path, name::<E>(ask)?))
    }

    fn find<'a>(account: &'a Account, ask: &Ask) -> Result<&'a Self, Refusal> {
        let name = name::<E>(ask)?;
        E::all(&account.state).get(&fold(name)).ok_or_else(|| absent::<E>(name))
    }

    fn find_mut<'a>(account: &'a mut Account, ask: &Ask) -> Result<&'a mut Self, Refusal> {
        let name = name::<E>(ask)?;
        E::all_mut(&mut account.state).get_mut(&fold(name)).ok_or_else(|| absent::<E>(name))
    }

    fn tags(&self) -> &Tags {
        &self.identity().tags
    }

    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.identity_mut().tags
    }

    fn boundary(&self) -> Option<&String> {
        self.identity().boundary.latest().and_then(Option::as_ref)
    }
}

fn absent<E: Entity>(name: &str) -> Refusal {
    Refusal::new("NoSuchEntity", format!("The {} with name {name} cannot be found.", E::NOUN))
}

/// Actions that no resource can scope.
pub(super) fn on_any(_: &Account, ask: &Ask) -> Result<Vec<Need>, Refusal> {
    model::check(ask)?;
    Ok(vec![need(&ask.action, "*".to_owned(), Vec::new())])
}

/// Actions on something that should be there. Whoever may not touch it is not told whether it is.
pub(super) fn on<R: Resource>(account: &Account, ask: &Ask) -> Result<Vec<Need>, Refusal> {
    model::check(ask)?;
    let mut context = asked(ask)?;
    if let Ok(found) = R::find(account, ask) {
        for (key, value) in found.tags() {
            for prefix in ["aws", "iam"] {
                context.push((format!("{prefix}:ResourceTag/{key}"), vec![value.clone()]));
            }
        }
        // The key holds the boundary that is set, unless the request sets another. Only what changes permissions has it
        // (service authorization reference).
        let changes =
            ["Attach", "Detach", "Put", "Delete"].iter().any(|w| ask.action.starts_with(w))
                && ["Policy", BOUNDARY].iter().any(|w| ask.action.ends_with(w))
                && ask.input.get(BOUNDARY).is_none();
        if let Some(arn) = found.boundary().filter(|_| changes) {
            context.push((format!("iam:{BOUNDARY}"), vec![arn.clone()]));
        }
    }
    Ok(vec![need(&ask.action, R::arn(account, ask)?, context)])
}

/// Actions that make something. With tags they need the action that tags as well.
pub(super) fn on_new<R: Resource>(account: &Account, ask: &Ask) -> Result<Vec<Need>, Refusal> {
    model::check(ask)?;
    let (arn, context) = (R::new_arn(account, ask)?, asked(ask)?);
    let mut needs = vec![need(&ask.action, arn.clone(), context.clone())];
    if !ask.input.list("Tags").is_empty() {
        needs.push(need(&ask.action.replacen("Create", "Tag", 1), arn, context));
    }
    Ok(needs)
}

const BOUNDARY: &str = "PermissionsBoundary";

/// The condition keys that the request itself fills.
fn asked(ask: &Ask) -> Result<Vec<(String, Vec<String>)>, Refusal> {
    let mut context = Vec::new();
    if let Some(arn) = ask.input.get(BOUNDARY) {
        context.push((format!("iam:{BOUNDARY}"), vec![arn.to_owned()]));
    }
    if let (Some(arn), true) = (ask.input.get("PolicyArn"), ask.action.contains("tach")) {
        context.push(("iam:PolicyARN".to_owned(), vec![arn.to_owned()]));
    }
    let tags = tag::read(ask)?;
    let mut keys: Vec<String> = tags.iter().map(|(key, _)| key.clone()).collect();
    let untagged = ask.input.list("TagKeys").iter().filter_map(Value::as_str);
    keys.extend(untagged.map(str::to_owned));
    for (key, value) in tags {
        context.push((format!("aws:RequestTag/{key}"), vec![value]));
    }
    if !keys.is_empty() {
        context.push(("aws:TagKeys".to_owned(), keys));
    }
    Ok(context)
}

pub(super) fn need(action: &str, resource: String, context: Vec<(String, Vec<String>)>) -> Need {
    Need { action: format!("iam:{action}"), resource, context, resource_policy: None }
}
