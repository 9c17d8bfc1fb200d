//! The issuer: its URL form, its provider name, its condition keys.

use std::fmt;

use super::arn::ProviderArn;
use super::partition::{AccountId, Partition};
use super::problem::Problem;

/// Issuers that many customers of theirs share, by provider name, with the claim by which each tells them apart. IAM
/// refuses a trust policy that does not test it (`id_roles_providers_oidc_secure-by-default`).
pub const SHARED: [(&str, &str); 15] = [
    ("agent.buildkite.com", "sub"),
    ("api.pulumi.com/oidc", "aud"),
    ("app.terraform.io", "sub"),
    ("cognito-identity.amazonaws.com", "aud"),
    ("gitlab.com", "sub"),
    ("oidc-configuration.audit-log.githubusercontent.com", "sub"),
    ("oidc.codefresh.io", "sub"),
    ("oidc.vercel.com", "aud"),
    ("proidc.upbound.io", "sub"),
    ("sandboxes.cloud", "aud"),
    ("scalr.io", "sub"),
    ("studio.datachain.ai/api", "sub"),
    ("token.actions.githubusercontent.com", "sub"),
    ("tokens.cloud.shisho.dev", "sub"),
    ("vstoken.actions.githubusercontent.com", "sub"),
];

/// Identity providers that AWS knows without an ARN (`id_roles_providers_create_oidc`).
pub const KNOWN_DOMAINS: [&str; 4] = [
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
];

/// Whether a provider's name is that of an EKS cluster: `oidc.eks.REGION.amazonaws.com/id/ID`, in China with `.cn`;
/// dual-stack `oidc-eks.REGION.api.aws/id/ID`.
#[must_use]
pub fn is_eks(provider: &str) -> bool {
    let (host, path) = provider.split_once('/').unwrap_or((provider, ""));
    let classic = host.starts_with("oidc.eks.")
        && [".amazonaws.com", ".amazonaws.com.cn"].iter().any(|suffix| host.ends_with(suffix));
    let dual = host.starts_with("oidc-eks.") && host.ends_with(".api.aws");
    (classic || dual) && path.starts_with("id/")
}

/// Whether a provider's name is that of a GKE cluster: `container.googleapis.com/v1/projects/…/locations/…/clusters/…`. It
/// is made of names, where EKS and AKS have ids.
#[must_use]
pub fn is_gke(provider: &str) -> bool {
    provider.starts_with("container.googleapis.com/v1/projects/") && provider.contains("/clusters/")
}

/// Whether a provider's name is that of an AKS cluster: `REGION.oic.prod-aks.azure.com/TENANT/GUID/`.
#[must_use]
pub fn is_aks(provider: &str) -> bool {
    let host = provider.split('/').next().unwrap_or_default();
    host.ends_with(".oic.prod-aks.azure.com")
}

/// Whether many customers share the issuer of a provider of that name, or AWS knows it without an ARN.
#[must_use]
pub fn is_shared(provider: &str) -> bool {
    let is_of = |rest: &str| rest.is_empty() || rest.starts_with('/');
    SHARED.iter().any(|(shared, _)| provider.strip_prefix(shared).is_some_and(is_of))
        || KNOWN_DOMAINS.contains(&provider)
}

/// Hosts of issuers, besides [`SHARED`], that are of pipelines and of log-ins: no pod of a cluster has their tokens. By the
/// documentation of each on OIDC.
const NO_CLUSTERS: [&str; 15] = [
    "api.bitbucket.org",
    "app.env0.com",
    "app.harness.io",
    "app.spacelift.io",
    "auth0.com",
    "codefresh.io",
    "idp.hashicorp.com",
    "login.microsoftonline.com",
    "oidc.circleci.com",
    "okta.com",
    "oktapreview.com",
    "onelogin.com",
    "semaphoreci.com",
    "sts.windows.net",
    "vercel.com",
];

/// Whether a provider's name is known for one whose tokens no pod of a cluster has: of a pipeline such as GitHub's or
/// `CircleCI`'s, or of a log-in such as Cognito's. Of any other it cannot be told.
#[must_use]
pub fn is_no_cluster(provider: &str) -> bool {
    let host = provider.split('/').next().unwrap_or_default();
    let is_of = |known: &&str| {
        host.strip_suffix(*known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    is_shared(provider)
        || NO_CLUSTERS.iter().any(is_of)
        || host.starts_with("cognito-idp.")
        || ["gitlab.", "keycloak."].iter().any(|begin| host.starts_with(begin))
        || provider.contains("/realms/")
}

/// An OIDC issuer's URL, byte for byte as the token's `iss` has it. A trailing slash is part of it.
///
/// Rules (IAM API `CreateOpenIDConnectProvider`; user guide `id_roles_providers_create_oidc`): begins `https://`,
/// a path is allowed, no query, no fragment, no port, 1 to 255 characters, compared with case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Issuer(String);

impl Issuer {
    /// Parses an issuer's URL.
    ///
    /// # Errors
    /// Says which rule the URL breaks.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let example = "https://container.googleapis.com/v1/projects/p/locations/l/clusters/c";
        let wrong = |what: String, why: &str| Err(Problem::new(what, why, example));
        let Some(rest) = text.strip_prefix("https://") else {
            return wrong(
                if text.is_empty() {
                    "an issuer is missing".to_owned()
                } else {
                    format!("{text:?} does not begin with https://")
                },
                "AWS fetches the issuer's keys over https only",
            );
        };
        if let Some(bad) = text.chars().find(|c| !('!'..='~').contains(c)) {
            return wrong(
                format!("{bad:?} cannot stand in an issuer"),
                "an issuer is a URL of printable ASCII",
            );
        }
        if let Some(bad) = text
            .chars()
            .find(|c| matches!(c, '?' | '#' | '*' | '$' | '{' | '}' | '<' | '>' | '"' | '\\'))
        {
            return wrong(
                format!("{bad:?} cannot stand in an issuer"),
                "AWS takes no query, no fragment and no placeholder",
            );
        }
        let host = rest.split('/').next().unwrap_or_default();
        if host.contains('@') {
            return wrong("the issuer carries a user name".to_owned(), "AWS takes the bare URL");
        }
        if let Some((_, port)) = host.split_once(':') {
            return wrong(
                format!("the issuer names port {port}"),
                "AWS takes no port in an issuer, and condition keys have only one colon",
            );
        }
        if host.is_empty() || host.starts_with('.') || host.ends_with('.') || host.contains("..") {
            return wrong(format!("{host:?} is not a host"), "an issuer is a URL with a host");
        }
        if text.len() > 255 {
            return wrong(
                format!("{} characters", text.len()),
                "IAM takes at most 255 in an issuer's URL",
            );
        }
        Ok(Self(text.to_owned()))
    }

    /// The URL as the token's `iss` has it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0
    }

    /// The provider's name: the URL with only `https://` taken off.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.strip_prefix("https://").unwrap_or(&self.0)
    }

    /// The condition key of a claim, such as `NAME:aud`.
    #[must_use]
    pub fn key(&self, claim: &str) -> String {
        format!("{}:{claim}", self.name())
    }

    /// The ARN its provider has in an account.
    #[must_use]
    pub fn provider_arn(&self, partition: Partition, account: &AccountId) -> ProviderArn {
        ProviderArn::of(partition, account, self.name())
    }

    /// Where the discovery document stands: one trailing slash is taken off before the path is added
    /// (`OpenID` Connect Discovery 1.0, section 4).
    #[must_use]
    pub fn discovery_url(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.0.strip_suffix('/').unwrap_or(&self.0))
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slash_at_the_end_is_kept() {
        let issuer = Issuer::parse("https://auth.example.com/").unwrap();
        assert_eq!(issuer.key("aud"), "auth.example.com/:aud");
        assert_eq!(
            issuer.discovery_url(),
            "https://auth.example.com/.well-known/openid-configuration"
        );
    }

    #[test]
    fn what_iam_refuses_is_refused_here() {
        for wrong in [
            "",
            "http://a.example",
            "https://",
            "https://a.example:8443/x",
            "https://a.example/?x=1",
            "https://a.example/#x",
            "https://a.example/ x",
            "${OIDC_ENDPOINT}",
            "https://u@a.example",
        ] {
            assert!(Issuer::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Issuer::parse(&format!("https://a.example/{}", "x".repeat(255))).is_err());
    }
}
