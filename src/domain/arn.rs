//! ARNs, told apart by what they name: a role is no provider, a provider no role.

use std::fmt;

use super::partition::{AccountId, Partition};
use super::problem::Problem;

/// An ARN split into its fields. The resource keeps its colons and slashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arn {
    /// Second field.
    pub partition: Partition,
    /// Third field, such as `iam`.
    pub service: String,
    /// Fourth field; empty for IAM.
    pub region: String,
    /// Fifth field: an account id, or `aws` for managed policies.
    pub account: String,
    /// The rest, such as `role/okteto/my-private-registry`.
    pub resource: String,
}

impl Arn {
    /// Splits an ARN.
    ///
    /// # Errors
    /// Says what is missing.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let wrong = |what: String| {
            Problem::new(
                what,
                "an ARN is arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE",
                "arn:aws:iam::112233445566:role/my-private-registry",
            )
        };
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        let [prefix, partition, service, region, account, resource] = fields[..] else {
            return Err(wrong(format!("{text:?} is not an ARN")));
        };
        if prefix != "arn" || service.is_empty() || resource.is_empty() {
            return Err(wrong(format!("{text:?} is not an ARN")));
        }
        let partition = Partition::from_id(partition)
            .ok_or_else(|| wrong(format!("{partition:?} is no partition of AWS")))?;
        Ok(Self {
            partition,
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource: resource.to_owned(),
        })
    }

    /// What the ARN names, in words: "the ARN of a role", …
    #[must_use]
    pub fn kind(&self) -> &'static str {
        let head = self.resource.split(['/', ':']).next().unwrap_or_default();
        match (self.service.as_str(), head) {
            ("iam", "role") => "the ARN of a role",
            ("iam", "oidc-provider") => "the ARN of an identity provider",
            ("iam", "user") => "the ARN of a user",
            ("iam", "policy") => "the ARN of a policy",
            ("iam", "root") => "the ARN of an account",
            ("sts", "assumed-role") => "the ARN of a role session",
            ("ecr", "repository") => "the ARN of a repository",
            _ => "an ARN of another kind",
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// The ARN of a role, the value that Okteto asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleArn(pub(crate) String);

impl RoleArn {
    /// Parses the ARN of a role; says what it is instead where it is another one's.
    ///
    /// # Errors
    /// Not an ARN, or not a role's.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let arn = Arn::parse(text)?;
        if arn.service != "iam" || !arn.resource.starts_with("role/") {
            return Err(Problem::new(
                format!("this is {}, a role is asked for", arn.kind()),
                "the tutorial keeps the provider's ARN in ROLE_ARN; the role's has :role/ in it",
                "arn:aws:iam::112233445566:role/my-private-registry",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// Wraps what AWS returned, also where it is not as [`Self::parse`] has it: just after a role was made its unique id
    /// may stand for it (terraform-provider-aws, `role.go`).
    #[must_use]
    pub fn from_server(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The ARN of a user.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserArn(pub(crate) String);

impl UserArn {
    /// Parses the ARN of a user; says what it is instead where it is another one's.
    ///
    /// # Errors
    /// Not an ARN, or not a user's.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let arn = Arn::parse(text)?;
        if arn.service != "iam" || !arn.resource.starts_with("user/") {
            return Err(Problem::new(
                format!("this is {}, a user is asked for", arn.kind()),
                "the access key belongs to a user, whose ARN has :user/ in it",
                "arn:aws:iam::112233445566:user/private-registry-user",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// Wraps what AWS returned, whatever it is: nothing that was read is lost.
    #[must_use]
    pub fn from_server(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The ARN of an IAM OIDC provider: `arn:PARTITION:iam::ACCOUNT:oidc-provider/NAME`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderArn(pub(crate) String);

impl ProviderArn {
    /// The ARN that IAM gives the provider called `name` (an issuer without `https://`).
    #[must_use]
    pub fn of(partition: Partition, account: &AccountId, name: &str) -> Self {
        Self(format!("arn:{partition}:iam::{account}:oidc-provider/{name}"))
    }

    /// Wraps what AWS returned; the server's spelling wins over a derived one.
    #[must_use]
    pub fn from_server(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The provider's name: the issuer without `https://`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split_once(":oidc-provider/").map_or(&self.0, |(_, name)| name)
    }

    /// The issuer, by which a provider is decided about.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.name())
    }

    /// The ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The ARN of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PolicyArn(pub(crate) String);

impl PolicyArn {
    /// Parses the ARN of a managed policy.
    ///
    /// # Errors
    /// Not an ARN, or not a policy's.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let arn = Arn::parse(text)?;
        if arn.service != "iam" || !arn.resource.starts_with("policy/") {
            return Err(Problem::new(
                format!("this is {}, a policy is asked for", arn.kind()),
                "a permissions boundary is a managed policy",
                "arn:aws:iam::112233445566:policy/boundary",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// Wraps what AWS returned, whatever it is: nothing that was read is lost.
    #[must_use]
    pub fn from_server(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The AWS managed policy called `name`: `arn:PARTITION:iam::aws:policy/NAME`.
    #[must_use]
    pub fn managed(partition: Partition, name: &str) -> Self {
        Self(format!("arn:{partition}:iam::aws:policy/{name}"))
    }

    /// The ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part of the ARN.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for PolicyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: &str =
        "arn:aws:iam::112233445566:oidc-provider/container.googleapis.com/v1/projects/p";

    #[test]
    fn a_provider_is_no_role_and_is_named() {
        let problem = RoleArn::parse(PROVIDER).unwrap_err();
        assert!(problem.what.contains("identity provider"), "{problem}");
        assert!(RoleArn::parse("arn:aws:iam::112233445566:role/x/y").is_ok());
        assert!(RoleArn::parse("arn:nowhere:iam::112233445566:role/x").is_err());
    }

    #[test]
    fn an_arn_prints_as_it_was_read() {
        assert_eq!(Arn::parse(PROVIDER).unwrap().to_string(), PROVIDER);
    }
}
