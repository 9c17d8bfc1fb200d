//! What the operator wants, checked and whole. Made from a `Draft` and the caller.

use super::access::Access;
use super::arn::{ProviderArn, RoleArn, UserArn};
use super::custody::Custody;
use super::draft::Mode;
use super::host::RegistryHost;
use super::issuer::Issuer;
use super::name::{RoleName, UserName};
use super::partition::{AccountId, Partition};
use super::principal::Principal;
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

/// A set-up in one of the two ways: everything that the plan needs to know besides what AWS has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// A role assumed by OIDC federation.
    Oidc(OidcIntent),
    /// A user with an access key.
    IamUser(UserIntent),
}

/// A set-up in OIDC mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcIntent {
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

/// A set-up in user mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserIntent {
    /// The account of the user: the caller's.
    pub account: AccountId,
    /// Its partition.
    pub partition: Partition,
    /// The registry to pull from; its account may be another one.
    pub host: RegistryHost,
    /// The user's name.
    pub user: UserName,
    /// Where the secret of its key goes.
    pub custody: Custody,
    /// What it may do. Description and session length are a role's and stay empty.
    pub access: Access,
}

impl Intent {
    /// The way of the tutorial.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        match self {
            Self::Oidc(_) => Mode::Oidc,
            Self::IamUser(_) => Mode::IamUser,
        }
    }

    /// The account of what is made.
    #[must_use]
    pub const fn account(&self) -> &AccountId {
        match self {
            Self::Oidc(oidc) => &oidc.account,
            Self::IamUser(user) => &user.account,
        }
    }

    /// Its partition.
    #[must_use]
    pub const fn partition(&self) -> Partition {
        match self {
            Self::Oidc(oidc) => oidc.partition,
            Self::IamUser(user) => user.partition,
        }
    }

    /// The registry.
    #[must_use]
    pub const fn host(&self) -> &RegistryHost {
        match self {
            Self::Oidc(oidc) => &oidc.host,
            Self::IamUser(user) => &user.host,
        }
    }

    /// What the role or user may do.
    #[must_use]
    pub const fn access(&self) -> &Access {
        match self {
            Self::Oidc(oidc) => &oidc.access,
            Self::IamUser(user) => &user.access,
        }
    }

    /// The role or user, under the name that was asked for.
    #[must_use]
    pub fn principal(&self) -> Principal {
        match self {
            Self::Oidc(oidc) => Principal::Role(oidc.role.as_str().to_owned()),
            Self::IamUser(user) => Principal::User(user.user.as_str().to_owned()),
        }
    }

    /// In OIDC mode, what is wanted.
    #[must_use]
    pub const fn oidc(&self) -> Option<&OidcIntent> {
        match self {
            Self::Oidc(oidc) => Some(oidc),
            Self::IamUser(_) => None,
        }
    }

    /// In user mode, what is wanted.
    #[must_use]
    pub const fn user(&self) -> Option<&UserIntent> {
        match self {
            Self::Oidc(_) => None,
            Self::IamUser(user) => Some(user),
        }
    }
}

impl From<OidcIntent> for Intent {
    fn from(oidc: OidcIntent) -> Self {
        Self::Oidc(oidc)
    }
}

impl From<UserIntent> for Intent {
    fn from(user: UserIntent) -> Self {
        Self::IamUser(user)
    }
}

impl OidcIntent {
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

impl UserIntent {
    /// The ARN the user will have.
    #[must_use]
    pub fn user_arn(&self) -> UserArn {
        let Self { partition, account, user, .. } = self;
        UserArn(format!("arn:{partition}:iam::{account}:user{}{user}", self.access.path.as_str()))
    }
}
