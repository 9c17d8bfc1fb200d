//! From the SDK's shapes to entries. Whatever of one is odd stands in its `unread`; no entry is lost, and none spoils its
//! page.

use std::collections::BTreeMap;

use aws_sdk_iam::primitives::DateTime;
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail,
    Role, RoleDetail, RoleLastUsed, User, UserDetail,
};

use super::super::survey::{decoded, tags};
use crate::domain::arn::{Arn, PolicyArn, RoleArn, UserArn};
use crate::domain::fault::{Cause, Fault};
use crate::domain::key::LastUse;
use crate::domain::problem::Problem;
use crate::domain::review::account::{GroupEntry, RoleEntry, UserEntry};

/// What is odd in an answer: the first of it.
pub(super) struct Odd {
    call: &'static str,
    first: Option<Fault>,
}

impl Odd {
    pub(super) const fn new(call: &'static str) -> Self {
        Self { call, first: None }
    }

    fn note(&mut self, what: &str, got: &str) {
        self.first.get_or_insert_with(|| {
            let message = format!("{} answered with {what}", self.call);
            Fault::new(Cause::Unexplained, message).with("action", self.call).with("got", got)
        });
    }

    fn check<T>(&mut self, what: &str, got: &str, parsed: Result<T, Problem>) {
        if let Err(problem) = parsed {
            self.note(&format!("a strange ARN of a {what}: {problem}"), got);
        }
    }

    /// The name; where none was told, the last part of the ARN.
    fn name(&mut self, name: Option<String>, what: &str, arn: &str) -> String {
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| {
            self.note(&format!("a {what} without a name"), arn);
            Arn::parse(arn)
                .ok()
                .and_then(|arn| Some(arn.resource.rsplit_once('/')?.1.to_owned()))
                .unwrap_or_default()
        })
    }

    fn trust(&mut self, document: Option<&str>, arn: &str) -> String {
        let document = document.filter(|document| !document.is_empty());
        if document.is_none() {
            self.note("a role without a trust policy", arn);
        }
        document.map(decoded).unwrap_or_default()
    }

    pub(super) fn attached(&mut self, list: Option<Vec<AttachedPolicy>>) -> Vec<PolicyArn> {
        let mut arns = Vec::new();
        for policy in list.unwrap_or_default() {
            match policy.policy_arn {
                Some(arn) => arns.push(PolicyArn::from_server(&arn)),
                None => self.note(
                    "an attached policy without an ARN",
                    &policy.policy_name.unwrap_or_default(),
                ),
            }
        }
        arns
    }

    fn inline(&mut self, list: Option<Vec<PolicyDetail>>) -> BTreeMap<String, String> {
        let mut policies = BTreeMap::new();
        for policy in list.unwrap_or_default() {
            let name = policy.policy_name.unwrap_or_default();
            if name.is_empty() {
                self.note("an inline policy without a name", "");
            }
            match policy.policy_document {
                Some(document) => {
                    policies.insert(name, decoded(&document));
                }
                None => self.note("an inline policy without its text", &name),
            }
        }
        policies
    }
}

/// What `GetAccountAuthorizationDetails` has of a role.
pub(super) fn of_role(role: RoleDetail) -> RoleEntry {
    let mut odd = Odd::new("iam:GetAccountAuthorizationDetails");
    let arn = role.arn.unwrap_or_default();
    odd.check("role", &arn, RoleArn::parse(&arn));
    let mut entry = RoleEntry {
        name: odd.name(role.role_name, "role", &arn),
        path: path(role.path, &arn),
        trust: odd.trust(role.assume_role_policy_document.as_deref(), &arn),
        created_at: role.create_date.and_then(moment),
        max_session_seconds: None,
        boundary: boundary(role.permissions_boundary),
        attached: odd.attached(role.attached_managed_policies),
        inline: odd.inline(role.role_policy_list),
        tags: tags(role.tags),
        last_use: last_use(role.role_last_used),
        arn: RoleArn::from_server(&arn),
        unread: None,
    };
    entry.unread = odd.first;
    entry
}

/// What `ListRoles` has of a role.
pub(super) fn of_listed_role(role: Role) -> RoleEntry {
    let mut odd = Odd::new("iam:ListRoles");
    odd.check("role", &role.arn, RoleArn::parse(&role.arn));
    let mut entry = RoleEntry {
        name: odd.name(Some(role.role_name), "role", &role.arn),
        path: path(Some(role.path), &role.arn),
        trust: odd.trust(role.assume_role_policy_document.as_deref(), &role.arn),
        created_at: moment(role.create_date),
        max_session_seconds: role.max_session_duration.and_then(|s| u32::try_from(s).ok()),
        boundary: boundary(role.permissions_boundary),
        attached: Vec::new(),
        inline: BTreeMap::new(),
        tags: tags(role.tags),
        last_use: role.role_last_used.map_or(LastUse::Unknown, |used| last_use(Some(used))),
        arn: RoleArn::from_server(&role.arn),
        unread: None,
    };
    entry.unread = odd.first;
    entry
}

/// What `GetAccountAuthorizationDetails` has of a user.
pub(super) fn of_user(user: UserDetail) -> UserEntry {
    let mut odd = Odd::new("iam:GetAccountAuthorizationDetails");
    let arn = user.arn.unwrap_or_default();
    odd.check("user", &arn, UserArn::parse(&arn));
    let mut entry = UserEntry {
        name: odd.name(user.user_name, "user", &arn),
        path: path(user.path, &arn),
        created_at: user.create_date.and_then(moment),
        boundary: boundary(user.permissions_boundary),
        attached: odd.attached(user.attached_managed_policies),
        inline: odd.inline(user.user_policy_list),
        groups: user.group_list.unwrap_or_default(),
        tags: tags(user.tags),
        arn: UserArn::from_server(&arn),
        keys: None,
        has_password: None,
        unread: None,
    };
    entry.unread = odd.first;
    entry
}

/// What `ListUsers` has of a user.
pub(super) fn of_listed_user(user: User) -> UserEntry {
    let mut odd = Odd::new("iam:ListUsers");
    odd.check("user", &user.arn, UserArn::parse(&user.arn));
    let mut entry = UserEntry {
        name: odd.name(Some(user.user_name), "user", &user.arn),
        path: path(Some(user.path), &user.arn),
        created_at: moment(user.create_date),
        boundary: boundary(user.permissions_boundary),
        attached: Vec::new(),
        inline: BTreeMap::new(),
        groups: Vec::new(),
        tags: tags(user.tags),
        arn: UserArn::from_server(&user.arn),
        keys: None,
        has_password: None,
        unread: None,
    };
    entry.unread = odd.first;
    entry
}

/// What `GetAccountAuthorizationDetails` has of a group. A group has no place for what is odd in it.
pub(super) fn of_group(group: GroupDetail) -> GroupEntry {
    let mut odd = Odd::new("iam:GetAccountAuthorizationDetails");
    GroupEntry {
        name: odd.name(group.group_name, "group", &group.arn.unwrap_or_default()),
        attached: odd.attached(group.attached_managed_policies),
        inline: odd.inline(group.group_policy_list),
    }
}

/// The version of a policy that is in force, where it is told; else it is left to be asked for by itself.
pub(super) fn of_policy(policy: ManagedPolicyDetail) -> Option<(PolicyArn, String)> {
    let versions = policy.policy_version_list.unwrap_or_default();
    let default = policy.default_version_id;
    let version = versions
        .into_iter()
        .find(|v| v.is_default_version || (default.is_some() && v.version_id == default))?;
    Some((PolicyArn::from_server(&policy.arn?), decoded(&version.document?)))
}

pub(super) fn boundary(boundary: Option<AttachedPermissionsBoundary>) -> Option<PolicyArn> {
    boundary?.permissions_boundary_arn.as_deref().map(PolicyArn::from_server)
}

/// AWS leaves out what it knows no use of in the 400 days it looks back (IAM API reference, `RoleLastUsed`).
pub(super) fn last_use(used: Option<RoleLastUsed>) -> LastUse {
    let used = used.and_then(|used| Some((used.last_used_date?, used.region.unwrap_or_default())));
    used.map_or(LastUse::Never, |(at, region)| LastUse::At(at.secs(), region))
}

/// The SDK puts 1970 in the place of a date that was not told.
fn moment(date: DateTime) -> Option<i64> {
    Some(date.secs()).filter(|seconds| *seconds != 0)
}

/// The path; where none was told, that of the ARN.
fn path(path: Option<String>, arn: &str) -> String {
    path.filter(|path| !path.is_empty()).unwrap_or_else(|| {
        let of_arn = Arn::parse(arn).ok().and_then(|arn| {
            let (_, rest) = arn.resource.split_once('/')?;
            rest.rsplit_once('/').map(|(path, _)| format!("/{path}/"))
        });
        of_arn.unwrap_or_else(|| "/".to_owned())
    })
}
