//! What the operator wants, checked and whole. Made from a `Draft` and the caller.

use super::access::Access;
use super::arn::{ProviderArn, RoleArn};
use super::host::RegistryHost;
use super::issuer::Issuer;
use super::name::RoleName;
use super::partition::{AccountId, Partition};
use super::subject::{Audience, Subject};

/// Who the operator's credentials belong to, from `GetCallerIdentity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The ARN as AWS returned it.
    pub arn: String,
    /// The partition, from the ARN: `amazonaws.com` is both `aws` and `aws-us-gov`.
    pub partition: Partition,
}

impl Caller {
    /// Whether the account's root signs (`…:root`).
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.arn.ends_with(":root")
    }
}

/// A set-up in OIDC mode: everything that the plan needs to know besides what AWS has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The account of provider and role: the caller's (both must stand in the same one).
    pub account: AccountId,
    /// Its partition.
    pub partition: Partition,
    /// The registry to pull from; its account may be another one.
    pub host: RegistryHost,
    /// Who signs the tokens.
    pub issuer: Issuer,
    /// `aud`.
    pub audience: Audience,
    /// `sub`.
    pub subject: Subject,
    /// The role's name.
    pub role: RoleName,
    /// What it may do.
    pub access: Access,
}

impl Intent {
    /// The ARN the provider has or will have.
    #[must_use]
    pub fn provider_arn(&self) -> ProviderArn {
        self.issuer.provider_arn(self.partition, &self.account)
    }

    /// The ARN the role will have.
    #[must_use]
    pub fn role_arn(&self) -> RoleArn {
        let Self { partition, account, role, .. } = self;
        RoleArn(format!("arn:{partition}:iam::{account}:role{}{role}", self.access.path.as_str()))
    }
}
