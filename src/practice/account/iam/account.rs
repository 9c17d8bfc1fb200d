//! The account as a whole.

use serde_json::{Value, json};

use crate::practice::account::refusal::Refusal;
use crate::practice::account::state::{Identity, Role, User, fold};
use crate::practice::account::{Account, Action, Ask};

use super::resource::{Entity, on_any};
use super::{attachment, key, out, policy, role, tag, user};

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
        "UsersQuota": User::MOST,
        "Groups": 0,
        "GroupsQuota": 300,
        "ServerCertificates": 0,
        "ServerCertificatesQuota": 20,
        "UserPolicySizeQuota": User::INLINE,
        "GroupPolicySizeQuota": 5120,
        "GroupsPerUserQuota": 10,
        "SigningCertificatesPerUserQuota": 2,
        "AccessKeysPerUserQuota": key::KEYS,
        "MFADevices": 1,
        "MFADevicesInUse": 1,
        "AccountMFAEnabled": 1,
        "AccountAccessKeysPresent": 0,
        "AccountPasswordPresent": 1,
        "AccountSigningCertificatesPresent": 0,
        "AttachedPoliciesPerGroupQuota": 10,
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
        "RolesQuota": Role::MOST,
    }}))
}

fn aliases(_: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    out::list(&ask.input, "AccountAliases", Vec::new())
}

/// A user or role with its policies.
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
    answer["Tags"] = tag::show(&identity.tags);
    answer
}

/// Everything on one list of pages: users, roles, policies. Of AWS's own policies those in use; that AWS leaves out the
/// others is from what accounts were seen to answer.
fn details(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let filter = ask.input.list("Filter");
    let is_wanted = |kind: &str| filter.is_empty() || filter.iter().any(|one| one == kind);
    let mut items: Vec<(String, (&str, Value))> = Vec::new();
    for user in account.state.users.values().filter(|_| is_wanted("User")) {
        let mut shown = detail(account, &user.identity, "User");
        shown["GroupList"] = json!([]);
        items.push((format!("1{}", fold(&user.identity.name)), ("UserDetailList", shown)));
    }
    for role in account.state.roles.values().filter(|_| is_wanted("Role")) {
        let mut shown = detail(account, &role.identity, "Role");
        shown["AssumeRolePolicyDocument"] = role::trust_of(role);
        shown["InstanceProfileList"] = json!([]);
        shown["RoleLastUsed"] = role::last_used(role);
        items.push((format!("2{}", fold(&role.identity.name)), ("RoleDetailList", shown)));
    }
    for (arn, managed) in &account.state.policies {
        let kind = if policy::is_aws(arn) { "AWSManagedPolicy" } else { "LocalManagedPolicy" };
        let is_idle = policy::is_aws(arn) && policy::uses(account, arn) == (0, 0);
        if !is_wanted(kind) || is_idle {
            continue;
        }
        let mut shown = policy::show(account, arn, managed);
        shown["PolicyVersionList"] = Value::Array(policy::versions(managed));
        items.push((format!("3{}", policy::page_key(arn, managed)), ("Policies", shown)));
    }
    let page = out::cut(&ask.input, items)?;
    let of = |list: &str| -> Vec<&Value> {
        page.items.iter().filter(|(other, _)| *other == list).map(|(_, shown)| shown).collect()
    };
    Ok(page.close(json!({
        "UserDetailList": of("UserDetailList"),
        "GroupDetailList": [],
        "RoleDetailList": of("RoleDetailList"),
        "Policies": of("Policies"),
    })))
}
