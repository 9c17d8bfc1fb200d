//! Managed policies.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::practice::account::difficulty::Kind;
use crate::practice::account::refusal::Refusal;
use crate::practice::account::spread::Spread;
use crate::practice::account::state::{Identity, Managed, fold};
use crate::practice::account::{Account, Action, Ask, grammar, random};

use super::resource::{Resource, Tags, on, on_any, on_new};
use super::{out, tag};

pub(super) const ACTIONS: &[Action] = &[
    Action { name: "CreatePolicy", needs: on_new::<Managed>, run: create },
    Action { name: "GetPolicy", needs: on::<Managed>, run: get },
    Action { name: "ListPolicies", needs: on_any, run: list },
    Action { name: "DeletePolicy", needs: on::<Managed>, run: delete },
    Action { name: "CreatePolicyVersion", needs: on::<Managed>, run: create_version },
    Action { name: "GetPolicyVersion", needs: on::<Managed>, run: get_version },
    Action { name: "ListPolicyVersions", needs: on::<Managed>, run: list_versions },
    Action { name: "DeletePolicyVersion", needs: on::<Managed>, run: delete_version },
    Action { name: "SetDefaultPolicyVersion", needs: on::<Managed>, run: set_default },
    Action { name: "ListEntitiesForPolicy", needs: on::<Managed>, run: list_entities },
];

pub(super) const SIZE: usize = 6144;
pub(super) const VERSIONS: usize = 5;
pub(super) const POLICIES: usize = 1500;

/// An ARN of a managed policy.
pub(super) fn check_arn(arn: &str) -> Result<(), Refusal> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", _, name] if name.starts_with("policy/") => Ok(()),
        _ => Err(Refusal::new("InvalidInput", format!("ARN {arn} is not valid."))),
    }
}

pub(super) fn absent(arn: &str) -> Refusal {
    Refusal::new("NoSuchEntity", format!("Policy {arn} does not exist or is not attachable."))
}

impl Resource for Managed {
    fn arn(_: &Account, ask: &Ask) -> Result<String, Refusal> {
        let arn = ask.input.get("PolicyArn").unwrap_or_default();
        check_arn(arn).map(|()| arn.to_owned())
    }

    fn new_arn(account: &Account, ask: &Ask) -> Result<String, Refusal> {
        let name = ask.input.get("PolicyName").unwrap_or_default();
        Ok(account.state.arn("policy", ask.input.get("Path").unwrap_or("/"), name))
    }

    fn find<'a>(account: &'a Account, ask: &Ask) -> Result<&'a Self, Refusal> {
        let arn = Self::arn(account, ask)?;
        account.state.policies.get(&arn).ok_or_else(|| absent(&arn))
    }

    /// To change it: not where it is AWS's own.
    fn find_mut<'a>(account: &'a mut Account, ask: &Ask) -> Result<&'a mut Self, Refusal> {
        let arn = Self::arn(account, ask)?;
        if is_aws(&arn) {
            return Err(Refusal::new("AccessDenied", "Policy is outside your own account."));
        }
        account.state.policies.get_mut(&arn).ok_or_else(|| absent(&arn))
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

/// Whether it is one of AWS's own.
pub(super) fn is_aws(arn: &str) -> bool {
    arn.contains(":iam::aws:")
}

/// What lists are paged by: the account's own first, by name. (An ARN would not fit into a marker.)
pub(super) fn page_key(arn: &str, policy: &Managed) -> String {
    format!("{}{}", u8::from(is_aws(arn)), policy.name)
}

/// Users, groups and roles, by their kind.
fn identities(account: &Account) -> impl Iterator<Item = (&'static str, &Identity)> {
    let users = account.state.users.values().map(|user| ("User", &user.identity));
    let groups = account.state.groups.values().map(|group| ("Group", &group.identity));
    users.chain(groups).chain(account.state.roles.values().map(|role| ("Role", &role.identity)))
}

fn is_attached(identity: &Identity, arn: &str) -> bool {
    identity.attached.latest().is_some_and(|list| list.iter().any(|other| other == arn))
}

fn is_boundary(identity: &Identity, arn: &str) -> bool {
    matches!(identity.boundary.latest(), Some(Some(other)) if other == arn)
}

/// How often it is attached, and how often a boundary.
pub(super) type Uses = (usize, usize);

/// Of one policy.
fn uses(account: &Account, arn: &str) -> Uses {
    let attached = identities(account).filter(|(_, i)| is_attached(i, arn)).count();
    (attached, identities(account).filter(|(_, i)| is_boundary(i, arn)).count())
}

/// Of all that are used, in one go: an account may have thousands of roles and of policies.
pub(super) fn all_uses(account: &Account) -> BTreeMap<&str, Uses> {
    let mut all: BTreeMap<&str, Uses> = BTreeMap::new();
    for (_, identity) in identities(account) {
        for arn in identity.attached.latest().into_iter().flatten() {
            all.entry(arn).or_default().0 += 1;
        }
        if let Some(Some(arn)) = identity.boundary.latest() {
            all.entry(arn).or_default().1 += 1;
        }
    }
    all
}

/// A policy as lists have it.
pub(super) fn show((attached, boundaries): Uses, arn: &str, policy: &Managed) -> Value {
    let newest = policy.versions.last().map_or(policy.created, |(_, _, at)| *at);
    json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default,
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": boundaries,
        "IsAttachable": true,
        "CreateDate": out::time(policy.created),
        "UpdateDate": out::time(newest),
    })
}

fn check(document: &str) -> Result<(), Refusal> {
    grammar::identity(document)?;
    if grammar::size(document) > SIZE {
        return Err(Refusal::new(
            "LimitExceeded",
            format!("Cannot exceed quota for PolicySize: {SIZE}"),
        ));
    }
    Ok(())
}

fn create(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let name = ask.input.get("PolicyName").unwrap_or_default();
    let document = ask.input.get("PolicyDocument").unwrap_or_default();
    check(document)?;
    let own = account.state.policies.iter().filter(|(arn, _)| !is_aws(arn));
    if own.clone().any(|(_, policy)| fold(&policy.name) == fold(name)) {
        return Err(Refusal::new(
            "EntityAlreadyExists",
            format!("A policy called {name} already exists. Duplicate names are not allowed."),
        ));
    }
    if own.count() >= POLICIES {
        return Err(Refusal::new(
            "LimitExceeded",
            format!("Cannot exceed quota for PoliciesPerAccount: {POLICIES}"),
        ));
    }
    let arn = Managed::new_arn(account, ask)?;
    let policy = Managed {
        name: name.to_owned(),
        path: ask.input.get("Path").unwrap_or("/").to_owned(),
        id: random::id("ANPA"),
        description: ask.input.get("Description").map(str::to_owned),
        created: ask.now,
        tags: tag::read(ask)?,
        versions: vec![("v1".to_owned(), document.to_owned(), ask.now)],
        newest: 1,
        default: "v1".to_owned(),
        in_force: Spread::settled(document.to_owned()),
    };
    let mut answer = show((0, 0), &arn, &policy);
    if !policy.tags.is_empty() {
        answer["Tags"] = tag::show(&policy.tags);
    }
    account.state.policies.insert(arn, policy);
    Ok(json!({ "Policy": answer }))
}

fn get(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let arn = Managed::arn(account, ask)?;
    let policy = account
        .state
        .policies
        .get(&arn)
        .ok_or_else(|| Refusal::new("NoSuchEntity", format!("Policy {arn} was not found.")))?;
    let mut answer = show(uses(account, &arn), &arn, policy);
    if let Some(description) = &policy.description {
        answer["Description"] = json!(description);
    }
    answer["Tags"] = tag::show(&policy.tags);
    Ok(json!({ "Policy": answer }))
}

fn list(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let scope = ask.input.get("Scope").unwrap_or("All");
    let prefix = ask.input.get("PathPrefix").unwrap_or("/");
    let only_attached = ask.input.flag("OnlyAttached")?;
    let usage = ask.input.get("PolicyUsageFilter");
    let all = all_uses(account);
    let uses = |arn: &str| all.get(arn).copied().unwrap_or_default();
    let is_wanted = |arn: &str, policy: &Managed| {
        let (attached, boundaries) = uses(arn);
        let is_found = match usage {
            None => !only_attached || attached > 0,
            Some("PermissionsPolicy") => attached > 0,
            Some(_) => boundaries > 0,
        };
        is_found
            && policy.path.starts_with(prefix)
            && (scope == "All" || is_aws(arn) == (scope == "AWS"))
    };
    let policies = account.state.policies.iter();
    let items = policies
        .filter(|(arn, policy)| is_wanted(arn, policy))
        .map(|(arn, policy)| (page_key(arn, policy), (arn, policy)));
    let show = |(arn, policy): &(&String, &Managed)| show(uses(arn), arn, policy);
    out::list_by(&ask.input, "Policies", items.collect(), show)
}

fn delete(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let arn = Managed::arn(account, ask)?;
    let versions = Managed::find_mut(account, ask)?.versions.len();
    let conflict = if uses(account, &arn) != (0, 0) {
        "Cannot delete a policy attached to entities."
    } else if versions > 1 {
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy."
    } else {
        account.state.policies.remove(&arn);
        return Ok(Value::Null);
    };
    Err(Refusal::new("DeleteConflict", conflict))
}

fn show_version(policy: &Managed, place: usize, with_document: bool) -> Value {
    let Some((id, document, at)) = policy.versions.get(place) else { return Value::Null };
    let mut answer = json!({
        "VersionId": id,
        "IsDefaultVersion": *id == policy.default,
        "CreateDate": out::time(*at),
    });
    if with_document {
        answer["Document"] = json!(out::encode(document));
    }
    answer
}

/// A policy's versions with their documents, as the account's details have them.
pub(super) fn versions(policy: &Managed) -> Vec<Value> {
    (0..policy.versions.len()).rev().map(|place| show_version(policy, place, true)).collect()
}

/// Where the version that a request names stands.
fn place(policy: &Managed, ask: &Ask) -> Result<usize, Refusal> {
    let id = ask.input.get("VersionId").unwrap_or_default();
    policy.versions.iter().position(|(other, ..)| other == id).ok_or_else(|| {
        let arn = ask.input.get("PolicyArn").unwrap_or_default();
        let message = format!("Policy {arn} version {id} does not exist or is not attachable.");
        Refusal::new("NoSuchEntity", message)
    })
}

/// Puts a version in force.
fn enforce(policy: &mut Managed, ask: &Ask, after: SignedDuration, place: usize) {
    if let Some((id, document, _)) =
        policy.versions.get(place).filter(|(id, ..)| *id != policy.default)
    {
        policy.default = id.clone();
        policy.in_force.write(ask.now, after, document.clone());
    }
}

fn create_version(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let after = account.delay(Kind::Permissions);
    let policy = Managed::find_mut(account, ask)?;
    let document = ask.input.get("PolicyDocument").unwrap_or_default();
    check(document)?;
    if policy.versions.len() >= VERSIONS {
        return Err(Refusal::new(
            "LimitExceeded",
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
        ));
    }
    policy.newest += 1;
    policy.versions.push((format!("v{}", policy.newest), document.to_owned(), ask.now));
    let place = policy.versions.len() - 1;
    if ask.input.flag("SetAsDefault")? {
        enforce(policy, ask, after, place);
    }
    Ok(json!({ "PolicyVersion": show_version(policy, place, false) }))
}

fn get_version(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let policy = Managed::find(account, ask)?;
    Ok(json!({ "PolicyVersion": show_version(policy, place(policy, ask)?, true) }))
}

/// The newest first.
fn list_versions(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let policy = Managed::find(account, ask)?;
    let items = (0..policy.versions.len())
        .rev()
        .enumerate()
        .map(|(row, place)| (row.to_string(), show_version(policy, place, false)));
    out::list(&ask.input, "Versions", items.collect())
}

fn delete_version(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let policy = Managed::find_mut(account, ask)?;
    let place = place(policy, ask)?;
    if policy.versions.get(place).is_some_and(|(id, ..)| *id == policy.default) {
        return Err(Refusal::new(
            "DeleteConflict",
            "Cannot delete the default version of a policy.",
        ));
    }
    policy.versions.remove(place);
    Ok(Value::Null)
}

fn set_default(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let after = account.delay(Kind::Permissions);
    let policy = Managed::find_mut(account, ask)?;
    let place = place(policy, ask)?;
    enforce(policy, ask, after, place);
    Ok(Value::Null)
}

fn list_entities(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    Managed::find(account, ask)?;
    let arn = ask.input.get("PolicyArn").unwrap_or_default();
    let kind = ask.input.get("EntityFilter");
    let prefix = ask.input.get("PathPrefix").unwrap_or("/");
    let usage = ask.input.get("PolicyUsageFilter");
    let is_wanted = |identity: &Identity| {
        let attached = usage != Some("PermissionsBoundary") && is_attached(identity, arn);
        let boundary = usage != Some("PermissionsPolicy") && is_boundary(identity, arn);
        (attached || boundary) && identity.path.starts_with(prefix)
    };
    let found = identities(account)
        .filter(|(title, identity)| kind.is_none_or(|k| k == *title) && is_wanted(identity))
        .map(|(title, identity)| {
            let shown = json!({
                format!("{title}Name"): identity.name,
                format!("{title}Id"): identity.id,
            });
            (format!("{title}/{}", fold(&identity.name)), (title, shown))
        });
    let page = out::cut(&ask.input, found.collect())?;
    let of = |title: &str| -> Vec<&Value> {
        page.items.iter().filter(|(other, _)| *other == title).map(|(_, shown)| shown).collect()
    };
    Ok(page.close(json!({
        "PolicyGroups": of("Group"),
        "PolicyUsers": of("User"),
        "PolicyRoles": of("Role"),
    })))
}
