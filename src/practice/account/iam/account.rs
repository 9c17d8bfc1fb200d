//! The account as a whole.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::practice::account::refusal::Refusal;
use crate::practice::account::state::{Group, Identity, Managed, Role, User};
use crate::practice::account::{Account, Action, Ask};

use super::policy::Uses;
use super::resource::{Entity, on_any};
use super::{attachment, group, key, out, policy, role, tag, user};

pub(super) const ACTIONS: &[Action] = &[
    Action { name: "GetAccountSummary", needs: on_any, run: summary },
    Action { name: "GetAccountAuthorizationDetails", needs: on_any, run: details },
    Action { name: "ListAccountAliases", needs: on_any, run: aliases },
];

/// Counts and the default quotas.
#[expect(clippy::unnecessary_wraps, reason = "as every action is run")]
fn summary(account: &mut Account, _: &Ask) -> Result<Value, Refusal> {
    let state = &account.state;
    let own: Vec<_> = state.policies.iter().filter(|(arn, _)| !policy::is_aws(arn)).collect();
    let versions: usize = own.iter().map(|(_, policy)| policy.versions.len()).sum();
    Ok(json!({ "SummaryMap": {
        "Users": state.users.len(),
        "UsersQuota": User::most(state),
        "Groups": state.groups.len(),
        "GroupsQuota": Group::most(state),
        "ServerCertificates": 0,
        "ServerCertificatesQuota": 20,
        "UserPolicySizeQuota": User::INLINE,
        "GroupPolicySizeQuota": Group::INLINE,
        "GroupsPerUserQuota": group::GROUPS,
        "SigningCertificatesPerUserQuota": 2,
        "AccessKeysPerUserQuota": key::KEYS,
        "MFADevices": 1,
        "MFADevicesInUse": 1,
        "AccountMFAEnabled": 1,
        "AccountAccessKeysPresent": 0,
        "AccountPasswordPresent": 1,
        "AccountSigningCertificatesPresent": 0,
        "AttachedPoliciesPerGroupQuota": attachment::ATTACHED,
        "AttachedPoliciesPerRoleQuota": attachment::ATTACHED,
        "AttachedPoliciesPerUserQuota": attachment::ATTACHED,
        "Policies": own.len(),
        "PoliciesQuota": policy::POLICIES,
        "PolicySizeQuota": policy::SIZE,
        "PolicyVersionsInUse": versions,
        "PolicyVersionsInUseQuota": 10_000,
        "VersionsPerPolicyQuota": policy::VERSIONS,
        "GlobalEndpointTokenVersion": 1,
        "AssumeRolePolicySizeQuota": role::TRUST,
        "InstanceProfiles": 0,
        "InstanceProfilesQuota": 1000,
        "Providers": state.providers.len(),
        "RolePolicySizeQuota": Role::INLINE,
        "Roles": state.roles.len(),
        "RolesQuota": Role::most(state),
    }}))
}

fn aliases(_: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    out::list(&ask.input, "AccountAliases", Vec::new())
}

/// A user, role or group with its policies.
fn detail(account: &Account, identity: &Identity, title: &str) -> Value {
    let mut answer = user::show_identity(identity, title, true);
    let inline: Vec<Value> = identity
        .inline
        .latest()
        .into_iter()
        .flatten()
        .map(|(name, text)| json!({ "PolicyName": name, "PolicyDocument": out::encode(text) }))
        .collect();
    answer[format!("{title}PolicyList")] = Value::Array(inline);
    answer["AttachedManagedPolicies"] =
        attachment::attached(account, identity, "/").into_iter().map(|(_, shown)| shown).collect();
    answer
}

/// Something of the account, before it is written.
enum Item<'a> {
    User(&'a User),
    Group(&'a Group),
    Role(&'a Role),
    Policy(&'a str, &'a Managed),
}

impl Item<'_> {
    const fn list(&self) -> &'static str {
        match self {
            Self::User(_) => "UserDetailList",
            Self::Group(_) => "GroupDetailList",
            Self::Role(_) => "RoleDetailList",
            Self::Policy(..) => "Policies",
        }
    }

    fn show(&self, account: &Account, all: &BTreeMap<&str, Uses>) -> Value {
        match self {
            Self::User(user) => {
                let mut shown = detail(account, &user.identity, "User");
                let groups = user.groups.iter().filter_map(|key| account.state.groups.get(key));
                shown["GroupList"] = groups.map(|group| json!(group.identity.name)).collect();
                shown["Tags"] = tag::show(&user.identity.tags);
                shown
            }
            Self::Group(group) => detail(account, &group.identity, "Group"),
            Self::Role(role) => {
                let mut shown = detail(account, &role.identity, "Role");
                shown["AssumeRolePolicyDocument"] = role::trust_of(role);
                shown["InstanceProfileList"] = json!([]);
                shown["Tags"] = tag::show(&role.identity.tags);
                shown["RoleLastUsed"] = role::last_used(role);
                shown
            }
            Self::Policy(arn, managed) => {
                let counts = all.get(arn).copied().unwrap_or_default();
                let mut shown = policy::show(counts, arn, managed);
                shown["PolicyVersionList"] = Value::Array(policy::versions(managed));
                shown
            }
        }
    }
}

/// Everything on one list of pages: users, groups, roles, policies. Of AWS's own policies those in use; that AWS leaves
/// out the others is from what accounts were seen to answer. Written is only what is on the page.
fn details(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let filter = ask.input.list("Filter");
    let is_wanted = |kind: &str| filter.is_empty() || filter.iter().any(|one| one == kind);
    let state = &account.state;
    let uses = policy::all_uses(account);
    let mut items: Vec<(String, Item<'_>)> = Vec::new();
    if is_wanted("User") {
        items.extend(state.users.iter().map(|(key, user)| (format!("1{key}"), Item::User(user))));
    }
    if is_wanted("Group") {
        let groups = state.groups.iter();
        items.extend(groups.map(|(key, group)| (format!("2{key}"), Item::Group(group))));
    }
    if is_wanted("Role") {
        items.extend(state.roles.iter().map(|(key, role)| (format!("3{key}"), Item::Role(role))));
    }
    for (arn, managed) in &state.policies {
        let (kind, is_idle) = if policy::is_aws(arn) {
            ("AWSManagedPolicy", !uses.contains_key(arn.as_str()))
        } else {
            ("LocalManagedPolicy", false)
        };
        if is_wanted(kind) && !is_idle {
            let key = format!("4{}", policy::page_key(arn, managed));
            items.push((key, Item::Policy(arn, managed)));
        }
    }
    let page = out::cut(&ask.input, items)?;
    let of = |list: &str| -> Vec<Value> {
        let of_list = page.items.iter().filter(|item| item.list() == list);
        of_list.map(|item| item.show(account, &uses)).collect()
    };
    Ok(page.close(json!({
        "UserDetailList": of("UserDetailList"),
        "GroupDetailList": of("GroupDetailList"),
        "RoleDetailList": of("RoleDetailList"),
        "Policies": of("Policies"),
    })))
}
