//! One change: its words, its API call, its parameters as sent.

mod inverse;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::arn::{PolicyArn, ProviderArn};
use super::issuer::Issuer;
use super::key::{KeyId, KeyStatus};
use super::name::{IamPath, RoleName, UserName};
use super::principal::Principal;
use super::secret::AccessKey;
use super::subject::Audience;

/// One changing call to AWS, whole: performing it needs nothing else. Documents are the exact text to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// `iam:CreateOpenIDConnectProvider`; no thumbprint, AWS fetches its own (IAM API reference).
    CreateProvider {
        /// The issuer's URL.
        issuer: Issuer,
        /// Its client ids: one of a new set-up, all that it had where it is made again.
        audiences: Vec<Audience>,
        /// Tags as sent.
        tags: BTreeMap<String, String>,
    },
    /// `iam:AddClientIDToOpenIDConnectProvider`; idempotent.
    AddAudience {
        /// The provider.
        provider: ProviderArn,
        /// The client id to add.
        audience: Audience,
    },
    /// `iam:CreateRole`.
    CreateRole {
        /// The name.
        role: RoleName,
        /// The path.
        path: IamPath,
        /// The trust policy's text.
        trust: String,
        /// The description.
        description: Option<String>,
        /// The longest session; `None` is not sent.
        max_session_seconds: Option<u32>,
        /// The permissions boundary, in the same call, because guards check it there.
        boundary: Option<PolicyArn>,
        /// Tags as sent.
        tags: BTreeMap<String, String>,
    },
    /// `iam:UpdateAssumeRolePolicy`: replaces the whole document.
    UpdateTrust {
        /// The role's name as the server spells it.
        role: String,
        /// The new text.
        trust: String,
    },
    /// `iam:CreateUser`.
    CreateUser {
        /// The name.
        user: UserName,
        /// The path.
        path: IamPath,
        /// The permissions boundary, in the same call, because guards check it there.
        boundary: Option<PolicyArn>,
        /// Tags as sent.
        tags: BTreeMap<String, String>,
    },
    /// `iam:AttachRolePolicy`, `iam:AttachUserPolicy`; attaching twice succeeds.
    AttachPolicy {
        /// The role or user.
        to: Principal,
        /// The managed policy.
        policy: PolicyArn,
    },
    /// `iam:PutRolePolicy`, `iam:PutUserPolicy`: overwrites the inline policy of that name.
    PutInlinePolicy {
        /// The role or user.
        on: Principal,
        /// The policy's name.
        name: String,
        /// Its text.
        document: String,
    },
    /// `iam:PutRolePermissionsBoundary`, `iam:PutUserPermissionsBoundary`.
    PutBoundary {
        /// The role or user.
        on: Principal,
        /// The boundary.
        boundary: PolicyArn,
    },
    /// `iam:UpdateRole`: description and longest session.
    UpdateRole {
        /// The role's name.
        role: String,
        /// The description to set; `None` is not sent.
        description: Option<String>,
        /// The longest session to set; `None` is not sent.
        max_session_seconds: Option<u32>,
    },
    /// `iam:TagRole`, `iam:TagUser`.
    Tag {
        /// The role or user.
        on: Principal,
        /// Tags to add or overwrite.
        tags: BTreeMap<String, String>,
    },
    /// `iam:CreateAccessKey`. Always names the user: without a name the key would be the caller's own. Its answer tells
    /// the secret, once; it is sent once and never repeated, or keys whose secret nobody has would be left.
    CreateAccessKey {
        /// The user.
        user: String,
        /// The keys that it has, not sent: if there are others when it comes to it, nothing is.
        beside: Vec<KeyId>,
    },
    /// `iam:UpdateAccessKey`.
    SetKeyStatus {
        /// The user.
        user: String,
        /// The key.
        key: KeyId,
        /// What it is to be: `Active` or `Inactive`.
        status: KeyStatus,
    },
    /// `iam:DeleteAccessKey`.
    DeleteAccessKey {
        /// The user.
        user: String,
        /// The key.
        key: KeyId,
    },
    /// `iam:DeleteOpenIDConnectProvider`; succeeds also where there is none. Does not look whether a role trusts it.
    DeleteProvider {
        /// The provider.
        provider: ProviderArn,
    },
    /// `iam:RemoveClientIDFromOpenIDConnectProvider`; idempotent.
    RemoveAudience {
        /// The provider.
        provider: ProviderArn,
        /// The client id to remove.
        audience: Audience,
    },
    /// `iam:DeleteRole`; refused while policies are attached to it or in it.
    DeleteRole {
        /// The role's name as the server spells it.
        role: String,
    },
    /// `iam:DeleteUser`; refused while it has keys, policies, groups or a password.
    DeleteUser {
        /// The user's name as the server spells it.
        user: String,
    },
    /// `iam:DetachRolePolicy`, `iam:DetachUserPolicy`.
    DetachPolicy {
        /// The role or user.
        from: Principal,
        /// The managed policy.
        policy: PolicyArn,
    },
    /// `iam:DeleteRolePolicy`, `iam:DeleteUserPolicy`.
    DeleteInlinePolicy {
        /// The role or user.
        on: Principal,
        /// The policy's name.
        name: String,
    },
    /// `iam:DeleteRolePermissionsBoundary`, `iam:DeleteUserPermissionsBoundary`.
    DeleteBoundary {
        /// The role or user.
        on: Principal,
    },
    /// `iam:UntagRole`, `iam:UntagUser`.
    Untag {
        /// The role or user.
        on: Principal,
        /// The keys of the tags to remove.
        keys: Vec<String>,
    },
}

/// What an operation made: the fact that the journal and the result keep.
#[derive(Debug, Clone, Default)]
pub struct Deed {
    /// ARN of what was made or changed, as AWS returned it or as it was addressed.
    pub arn: Option<String>,
    /// AWS's request id.
    pub request_id: Option<String>,
    /// The access key that was made. Whoever asked for it takes it out and sees to its custody: no report carries it on.
    pub key: Option<AccessKey>,
}

impl Operation {
    /// The call's name as in policies and logs, such as `iam:CreateRole`.
    #[must_use]
    pub const fn call(&self) -> &'static str {
        match self {
            Self::CreateProvider { .. } => "iam:CreateOpenIDConnectProvider",
            Self::AddAudience { .. } => "iam:AddClientIDToOpenIDConnectProvider",
            Self::CreateRole { .. } => "iam:CreateRole",
            Self::UpdateTrust { .. } => "iam:UpdateAssumeRolePolicy",
            Self::CreateUser { .. } => "iam:CreateUser",
            Self::AttachPolicy { to: Principal::Role(_), .. } => "iam:AttachRolePolicy",
            Self::AttachPolicy { to: Principal::User(_), .. } => "iam:AttachUserPolicy",
            Self::PutInlinePolicy { on: Principal::Role(_), .. } => "iam:PutRolePolicy",
            Self::PutInlinePolicy { on: Principal::User(_), .. } => "iam:PutUserPolicy",
            Self::PutBoundary { on: Principal::Role(_), .. } => "iam:PutRolePermissionsBoundary",
            Self::PutBoundary { on: Principal::User(_), .. } => "iam:PutUserPermissionsBoundary",
            Self::UpdateRole { .. } => "iam:UpdateRole",
            Self::Tag { on: Principal::Role(_), .. } => "iam:TagRole",
            Self::Tag { on: Principal::User(_), .. } => "iam:TagUser",
            Self::CreateAccessKey { .. } => "iam:CreateAccessKey",
            Self::SetKeyStatus { .. } => "iam:UpdateAccessKey",
            Self::DeleteAccessKey { .. } => "iam:DeleteAccessKey",
            Self::DeleteProvider { .. } => "iam:DeleteOpenIDConnectProvider",
            Self::RemoveAudience { .. } => "iam:RemoveClientIDFromOpenIDConnectProvider",
            Self::DeleteRole { .. } => "iam:DeleteRole",
            Self::DeleteUser { .. } => "iam:DeleteUser",
            Self::DetachPolicy { from: Principal::Role(_), .. } => "iam:DetachRolePolicy",
            Self::DetachPolicy { from: Principal::User(_), .. } => "iam:DetachUserPolicy",
            Self::DeleteInlinePolicy { on: Principal::Role(_), .. } => "iam:DeleteRolePolicy",
            Self::DeleteInlinePolicy { on: Principal::User(_), .. } => "iam:DeleteUserPolicy",
            Self::DeleteBoundary { on: Principal::Role(_) } => "iam:DeleteRolePermissionsBoundary",
            Self::DeleteBoundary { on: Principal::User(_) } => "iam:DeleteUserPermissionsBoundary",
            Self::Untag { on: Principal::Role(_), .. } => "iam:UntagRole",
            Self::Untag { on: Principal::User(_), .. } => "iam:UntagUser",
        }
    }

    /// Whether it only takes something away.
    #[must_use]
    pub const fn removes(&self) -> bool {
        matches!(
            self,
            Self::DeleteAccessKey { .. }
                | Self::DeleteProvider { .. }
                | Self::RemoveAudience { .. }
                | Self::DeleteRole { .. }
                | Self::DeleteUser { .. }
                | Self::DetachPolicy { .. }
                | Self::DeleteInlinePolicy { .. }
                | Self::DeleteBoundary { .. }
                | Self::Untag { .. }
        )
    }

    /// The parameters in the names of the AWS API, exactly as sent. Documents are strings, tags a list of
    /// `{Key, Value}`; what is not sent is not there.
    #[must_use]
    pub fn request(&self) -> Value {
        let mut request = Map::new();
        let mut put = |key: &str, value: Value| {
            if !value.is_null() {
                request.insert(key.to_owned(), value);
            }
        };
        match self {
            Self::CreateProvider { issuer, audiences, tags } => {
                let audiences: Vec<&str> = audiences.iter().map(Audience::as_str).collect();
                put("Url", issuer.url().into());
                if !audiences.is_empty() {
                    put("ClientIDList", json!(audiences));
                }
                put("Tags", list(tags));
            }
            Self::AddAudience { provider, audience }
            | Self::RemoveAudience { provider, audience } => {
                put("OpenIDConnectProviderArn", provider.as_str().into());
                put("ClientID", audience.as_str().into());
            }
            Self::CreateRole {
                role,
                path,
                trust,
                description,
                max_session_seconds,
                boundary,
                tags,
            } => {
                put("Path", path.as_str().into());
                put("RoleName", role.as_str().into());
                put("AssumeRolePolicyDocument", trust.as_str().into());
                put("Description", json!(description));
                put("MaxSessionDuration", json!(max_session_seconds));
                put("PermissionsBoundary", json!(boundary.as_ref().map(PolicyArn::as_str)));
                put("Tags", list(tags));
            }
            Self::UpdateTrust { role, trust } => {
                put("RoleName", role.as_str().into());
                put("PolicyDocument", trust.as_str().into());
            }
            Self::CreateUser { user, path, boundary, tags } => {
                put("Path", path.as_str().into());
                put("UserName", user.as_str().into());
                put("PermissionsBoundary", json!(boundary.as_ref().map(PolicyArn::as_str)));
                put("Tags", list(tags));
            }
            Self::AttachPolicy { to, policy } => {
                put(to.parameter(), to.name().into());
                put("PolicyArn", policy.as_str().into());
            }
            Self::PutInlinePolicy { on, name, document } => {
                put(on.parameter(), on.name().into());
                put("PolicyName", name.as_str().into());
                put("PolicyDocument", document.as_str().into());
            }
            Self::PutBoundary { on, boundary } => {
                put(on.parameter(), on.name().into());
                put("PermissionsBoundary", boundary.as_str().into());
            }
            Self::UpdateRole { role, description, max_session_seconds } => {
                put("RoleName", role.as_str().into());
                put("Description", json!(description));
                put("MaxSessionDuration", json!(max_session_seconds));
            }
            Self::Tag { on, tags } => {
                put(on.parameter(), on.name().into());
                put("Tags", list(tags));
            }
            Self::CreateAccessKey { user, .. } | Self::DeleteUser { user } => {
                put("UserName", user.as_str().into());
            }
            Self::SetKeyStatus { user, key, status } => {
                put("UserName", user.as_str().into());
                put("AccessKeyId", key.as_str().into());
                put("Status", status.word().into());
            }
            Self::DeleteAccessKey { user, key } => {
                put("UserName", user.as_str().into());
                put("AccessKeyId", key.as_str().into());
            }
            Self::DeleteProvider { provider } => {
                put("OpenIDConnectProviderArn", provider.as_str().into());
            }
            Self::DeleteRole { role } => put("RoleName", role.as_str().into()),
            Self::DetachPolicy { from, policy } => {
                put(from.parameter(), from.name().into());
                put("PolicyArn", policy.as_str().into());
            }
            Self::DeleteInlinePolicy { on, name } => {
                put(on.parameter(), on.name().into());
                put("PolicyName", name.as_str().into());
            }
            Self::DeleteBoundary { on } => put(on.parameter(), on.name().into()),
            Self::Untag { on, keys } => {
                put(on.parameter(), on.name().into());
                put("TagKeys", json!(keys));
            }
        }
        Value::Object(request)
    }

    /// A few words for it, such as `role my-private-registry`.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::CreateProvider { issuer, audiences, .. } => {
                let listed: Vec<&str> = audiences.iter().map(Audience::as_str).collect();
                let with = match listed.as_slice() {
                    [] => String::new(),
                    [one] => format!(" with audience {one}"),
                    several => format!(" with audiences {}", several.join(", ")),
                };
                format!("identity provider {}{with}", issuer.name())
            }
            Self::AddAudience { audience, .. } => format!("audience {audience}"),
            Self::CreateRole { role, .. } => format!("role {role}"),
            Self::UpdateTrust { role, .. } => format!("trust policy of {role}"),
            Self::CreateUser { user, .. } => format!("user {user}"),
            Self::AttachPolicy { to, policy } => format!("{} on {to}", policy.name()),
            Self::PutInlinePolicy { on, name, .. } => format!("inline policy {name} on {on}"),
            Self::PutBoundary { on, boundary } => {
                format!("permissions boundary {} on {on}", boundary.name())
            }
            Self::UpdateRole { role, .. } => format!("settings of {role}"),
            Self::Tag { on, tags } => {
                let keys: Vec<&str> = tags.keys().map(String::as_str).collect();
                format!("tags {} on {on}", keys.join(", "))
            }
            Self::CreateAccessKey { user, .. } => format!("access key of {user}"),
            Self::SetKeyStatus { key, status, .. } => {
                format!("access key {key}: {}", status.word().to_lowercase())
            }
            Self::DeleteAccessKey { key, .. } => format!("access key {key}: deleted"),
            Self::DeleteProvider { provider } => {
                format!("identity provider {}: deleted", provider.name())
            }
            Self::RemoveAudience { audience, .. } => format!("audience {audience}: removed"),
            Self::DeleteRole { role } => format!("role {role}: deleted"),
            Self::DeleteUser { user } => format!("user {user}: deleted"),
            Self::DetachPolicy { from, policy } => {
                format!("{} on {from}: detached", policy.name())
            }
            Self::DeleteInlinePolicy { on, name } => {
                format!("inline policy {name} on {on}: deleted")
            }
            Self::DeleteBoundary { on } => format!("permissions boundary on {on}: removed"),
            Self::Untag { on, keys } => format!("tags {} on {on}: removed", keys.join(", ")),
        }
    }
}

fn list(tags: &BTreeMap<String, String>) -> Value {
    if tags.is_empty() {
        return Value::Null;
    }
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}
