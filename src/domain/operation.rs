//! One change: its words, its API call, its parameters as sent.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::arn::{PolicyArn, ProviderArn};
use super::issuer::Issuer;
use super::name::{IamPath, RoleName};
use super::subject::Audience;

/// One changing call to AWS, whole: performing it needs nothing else. Documents are the exact text to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// `iam:CreateOpenIDConnectProvider`; no thumbprint, AWS fetches its own (IAM API reference).
    CreateProvider {
        /// The issuer's URL.
        issuer: Issuer,
        /// Its first client id.
        audience: Audience,
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
    /// `iam:AttachRolePolicy`; attaching twice succeeds.
    AttachPolicy {
        /// The role's name.
        role: String,
        /// The managed policy.
        policy: PolicyArn,
    },
    /// `iam:PutRolePolicy`: overwrites the inline policy of that name.
    PutInlinePolicy {
        /// The role's name.
        role: String,
        /// The policy's name.
        name: String,
        /// Its text.
        document: String,
    },
    /// `iam:PutRolePermissionsBoundary`.
    PutBoundary {
        /// The role's name.
        role: String,
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
    /// `iam:TagRole`.
    TagRole {
        /// The role's name.
        role: String,
        /// Tags to add or overwrite.
        tags: BTreeMap<String, String>,
    },
}

/// What an operation made: the fact that the journal and the result keep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deed {
    /// ARN of what was made or changed, as AWS returned it or as it was addressed.
    pub arn: Option<String>,
    /// AWS's request id.
    pub request_id: Option<String>,
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
            Self::AttachPolicy { .. } => "iam:AttachRolePolicy",
            Self::PutInlinePolicy { .. } => "iam:PutRolePolicy",
            Self::PutBoundary { .. } => "iam:PutRolePermissionsBoundary",
            Self::UpdateRole { .. } => "iam:UpdateRole",
            Self::TagRole { .. } => "iam:TagRole",
        }
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
            Self::CreateProvider { issuer, audience, tags } => {
                put("Url", issuer.url().into());
                put("ClientIDList", json!([audience.as_str()]));
                put("Tags", list(tags));
            }
            Self::AddAudience { provider, audience } => {
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
            Self::AttachPolicy { role, policy } => {
                put("RoleName", role.as_str().into());
                put("PolicyArn", policy.as_str().into());
            }
            Self::PutInlinePolicy { role, name, document } => {
                put("RoleName", role.as_str().into());
                put("PolicyName", name.as_str().into());
                put("PolicyDocument", document.as_str().into());
            }
            Self::PutBoundary { role, boundary } => {
                put("RoleName", role.as_str().into());
                put("PermissionsBoundary", boundary.as_str().into());
            }
            Self::UpdateRole { role, description, max_session_seconds } => {
                put("RoleName", role.as_str().into());
                put("Description", json!(description));
                put("MaxSessionDuration", json!(max_session_seconds));
            }
            Self::TagRole { role, tags } => {
                put("RoleName", role.as_str().into());
                put("Tags", list(tags));
            }
        }
        Value::Object(request)
    }

    /// A few words for it, such as `role my-private-registry`.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::CreateProvider { issuer, audience, .. } => {
                format!("identity provider {} with audience {audience}", issuer.name())
            }
            Self::AddAudience { audience, .. } => format!("audience {audience}"),
            Self::CreateRole { role, .. } => format!("role {role}"),
            Self::UpdateTrust { role, .. } => format!("trust policy of {role}"),
            Self::AttachPolicy { role, policy } => format!("{} on {role}", policy.name()),
            Self::PutInlinePolicy { role, name, .. } => format!("inline policy {name} on {role}"),
            Self::PutBoundary { role, boundary } => {
                format!("permissions boundary {} on {role}", boundary.name())
            }
            Self::UpdateRole { role, .. } => format!("settings of {role}"),
            Self::TagRole { role, tags } => {
                let keys: Vec<&str> = tags.keys().map(String::as_str).collect();
                format!("tags {} on {role}", keys.join(", "))
            }
        }
    }
}

fn list(tags: &BTreeMap<String, String>) -> Value {
    if tags.is_empty() {
        return Value::Null;
    }
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}
