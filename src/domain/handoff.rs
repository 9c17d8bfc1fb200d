//! The values for Okteto, in the words of its dialog.

use super::arn::RoleArn;
use super::custody::SecretPlace;
use super::host::RegistryHost;
use super::intent::{Intent, OidcIntent, UserIntent};
use super::key::KeyId;
use super::partition::{AccountId, Partition};

/// What "Add Credential" asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    /// Hostname, bare.
    pub hostname: String,
    /// What Okteto pulls with.
    pub credential: Credential,
    /// Where Okteto's documented rules may not admit a value.
    pub warnings: Vec<String>,
}

/// What Okteto pulls with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A role.
    Role {
        /// Role ARN, as AWS returned it.
        role_arn: RoleArn,
        /// Audience.
        audience: String,
    },
    /// A user's access key; its secret is never among the values.
    User {
        /// Access Key, once there is one.
        access_key_id: Option<KeyId>,
        /// The Kubernetes Secret that the Registry object refers to.
        secret: String,
    },
}

impl Credential {
    /// The value of the dialog's Type.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Role { .. } => "AWS IAM Role",
            Self::User { .. } => "AWS IAM User",
        }
    }
}

impl Handoff {
    /// The values for a role of this ARN.
    #[must_use]
    pub fn of_role(intent: &OidcIntent, role_arn: RoleArn) -> Self {
        let mut warnings = warnings(&intent.host, &intent.account, "role");
        if intent.host.partition() == Partition::GovCloud {
            warnings.push(
                "Okteto checks role ARNs by a pattern it does not publish; GovCloud's may be refused"
                    .to_owned(),
            );
        }
        let audience = intent.audience.to_string();
        let hostname = intent.host.to_string();
        Self { hostname, credential: Credential::Role { role_arn, audience }, warnings }
    }

    /// The values for a user's access key.
    #[must_use]
    pub fn of_user(intent: &UserIntent, access_key_id: Option<KeyId>) -> Self {
        let secret = SecretPlace::name_for(&intent.host);
        Self {
            hostname: intent.host.to_string(),
            credential: Credential::User { access_key_id, secret },
            warnings: warnings(&intent.host, &intent.account, "user"),
        }
    }

    /// The values as far as they are known before anything is made.
    #[must_use]
    pub fn planned(intent: &Intent) -> Self {
        match intent {
            Intent::Oidc(oidc) => Self::of_role(oidc, oidc.role_arn()),
            Intent::IamUser(user) => Self::of_user(user, None),
        }
    }
}

fn warnings(host: &RegistryHost, account: &AccountId, puller: &str) -> Vec<String> {
    let mut warnings = Vec::new();
    if !host.is_admitted_by_okteto() {
        warnings.push(format!(
            "Okteto's documentation admits only hosts that end in .amazonaws.com; {host} does not"
        ));
    }
    if host.fips {
        warnings.push(
            "A FIPS host needs an entry of its own, spelled as the image references spell it; \
             Okteto's documentation does not mention it"
                .to_owned(),
        );
    }
    if &host.account != account {
        warnings.push(format!(
            "The registry stands in account {}, the {puller} in {account}: a repository policy there must admit the {puller}",
            host.account
        ));
    }
    warnings
}
