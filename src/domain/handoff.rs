//! The values for Okteto, in the words of its dialog.

use super::arn::RoleArn;
use super::host::RegistryHost;
use super::intent::Intent;

/// What "Add Credential" asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    /// Hostname, bare.
    pub hostname: String,
    /// Role ARN, as AWS returned it.
    pub role_arn: RoleArn,
    /// Audience.
    pub audience: String,
    /// Where Okteto's documented rules may not admit a value.
    pub warnings: Vec<String>,
}

impl Handoff {
    /// The value of the dialog's Type.
    pub const TYPE: &'static str = "AWS IAM Role";

    /// The values for an intent whose role has this ARN.
    #[must_use]
    pub fn new(intent: &Intent, role_arn: RoleArn) -> Self {
        Self {
            hostname: intent.host.to_string(),
            role_arn,
            audience: intent.audience.to_string(),
            warnings: warnings(&intent.host, &intent.account),
        }
    }
}

fn warnings(host: &RegistryHost, role_account: &super::partition::AccountId) -> Vec<String> {
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
    if host.partition() == super::partition::Partition::GovCloud {
        warnings.push(
            "Okteto checks role ARNs by a pattern it does not publish; GovCloud's may be refused"
                .to_owned(),
        );
    }
    if &host.account != role_account {
        warnings.push(format!(
            "The registry stands in account {}, the role in {role_account}: a repository policy there must admit the role",
            host.account
        ));
    }
    warnings
}
