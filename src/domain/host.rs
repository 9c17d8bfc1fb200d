//! The registry's host name, and references to images in it.

use std::fmt;

use super::name::RepositoryName;
use super::partition::{AccountId, Partition, Region};
use super::problem::Problem;

/// The host of a private ECR registry, bare: no scheme, path, port, tag.
///
/// Forms: the `ecr-login` client's list, each separator paired with its suffix.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegistryHost {
    /// The account that owns the registry.
    pub account: AccountId,
    /// The registry's region.
    pub region: Region,
    /// Whether it is a FIPS host.
    pub fips: bool,
    /// Whether it is a dual-stack host (`….dkr-ecr.REGION.on.aws`).
    pub dual_stack: bool,
}

impl RegistryHost {
    /// The classic host of an account and region.
    #[must_use]
    pub const fn classic(account: AccountId, region: Region) -> Self {
        Self { account, region, fips: false, dual_stack: false }
    }

    /// The partition, from the region.
    #[must_use]
    pub fn partition(&self) -> Partition {
        Partition::of_region(&self.region)
    }

    /// Parses a bare host.
    ///
    /// # Errors
    /// Says which part is not that of an ECR host; names ECR Public as the other service it is.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let example = "112233445566.dkr.ecr.us-east-2.amazonaws.com";
        let wrong = |what: String, why: &str| Err(Problem::new(what, why, example));
        if text == "public.ecr.aws" {
            return wrong(
                "public.ecr.aws is ECR Public".to_owned(),
                "ECR Public is another service and needs no role to pull",
            );
        }
        let Some((account, rest)) = text.split_once('.') else {
            return wrong(
                format!("{text:?} is not the host of a private ECR"),
                "it begins with the account id",
            );
        };
        let Ok(account) = AccountId::parse(account) else {
            return wrong(
                format!("{account:?} is not an account id"),
                "the host of a private ECR begins with the 12 digits of its account",
            );
        };
        for (middle, dual_stack, fips) in [
            ("dkr.ecr.", false, false),
            ("dkr.ecr-fips.", false, true),
            ("dkr-ecr.", true, false),
            ("dkr-ecr-fips.", true, true),
        ] {
            let Some((region, _)) = rest.strip_prefix(middle).and_then(|r| r.split_once('.'))
            else {
                continue;
            };
            let host =
                Self { account: account.clone(), region: Region::parse(region)?, fips, dual_stack };
            if host.to_string() == text {
                return Ok(host);
            }
            return wrong(
                format!("{text:?} does not end as a registry of {region} does"),
                "each partition has its own suffix",
            );
        }
        wrong(
            format!("{text:?} is not the host of a private ECR"),
            "after the account id comes .dkr.ecr. and the region",
        )
    }

    /// Whether Okteto's documented rule (`metadata.name` ends with `.amazonaws.com`) admits the host.
    #[must_use]
    pub fn is_admitted_by_okteto(&self) -> bool {
        self.to_string().ends_with(".amazonaws.com")
    }
}

impl fmt::Display for RegistryHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, region, fips, dual_stack } = self;
        let fips = if *fips { "-fips" } else { "" };
        if *dual_stack {
            let suffix = match self.partition() {
                Partition::China => "on.amazonwebservices.com.cn",
                _ => "on.aws",
            };
            write!(f, "{account}.dkr-ecr{fips}.{region}.{suffix}")
        } else {
            write!(f, "{account}.dkr.ecr{fips}.{region}.{}", self.partition().dns_suffix())
        }
    }
}

/// Which image of a repository: a tag or a digest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// `latest`, `1.0`, …
    Tag(String),
    /// `sha256:…`, 64 hex digits.
    Digest(String),
}

/// An image within the registry: `team/app:latest` or `team/app@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageRef {
    /// The repository.
    pub repository: RepositoryName,
    /// Tag or digest.
    pub reference: Reference,
}

impl ImageRef {
    /// Parses a repository with a tag or digest; no tag means `latest`. A leading registry host is the caller's
    /// to take off.
    ///
    /// # Errors
    /// Says which part cannot be.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let example = "team/app:latest";
        if let Some((name, digest)) = text.split_once('@') {
            let good = digest.strip_prefix("sha256:").is_some_and(|h| {
                h.len() == 64 && h.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            });
            if !good {
                return Err(Problem::new(
                    format!("{digest:?} is not a digest"),
                    "a digest is sha256: and 64 hex digits",
                    example,
                ));
            }
            // `name:tag@digest` is allowed in references; the digest decides.
            let name = name.split_once(':').map_or(name, |(n, _)| n);
            return Ok(Self {
                repository: RepositoryName::parse(name)?,
                reference: Reference::Digest(digest.to_owned()),
            });
        }
        let (name, tag) = text.split_once(':').unwrap_or((text, "latest"));
        let repository = RepositoryName::parse(name)?;
        let first = tag.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let rest = tag.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if !first || !rest || tag.len() > 128 {
            return Err(Problem::new(
                format!("{tag:?} is not a tag"),
                "a tag is 1 to 128 letters, digits, . _ - and begins with a letter, digit or _",
                example,
            ));
        }
        Ok(Self { repository, reference: Reference::Tag(tag.to_owned()) })
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reference {
            Reference::Tag(tag) => write!(f, "{}:{tag}", self.repository),
            Reference::Digest(digest) => write!(f, "{}@{digest}", self.repository),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_host_is_read_and_printed_alike() {
        for host in [
            "112233445566.dkr.ecr.us-east-1.amazonaws.com",
            "112233445566.dkr.ecr.cn-north-1.amazonaws.com.cn",
            "112233445566.dkr-ecr.us-west-2.on.aws",
            "112233445566.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
            "112233445566.dkr-ecr-fips.us-east-1.on.aws",
            "112233445566.dkr.ecr.eusc-de-east-1.amazonaws.eu",
        ] {
            assert_eq!(RegistryHost::parse(host).unwrap().to_string(), host);
        }
    }

    #[test]
    fn look_alikes_are_refused() {
        for host in [
            "public.ecr.aws",
            "112233445566.dkr.ecr.us-east-1.amazonaws.com.fake.example.com",
            "112233445566.dkr.ecr.us-east-1.on.aws",
            "112233445566.dkr-ecr.us-east-1.amazonaws.com",
            "11223344556.dkr.ecr.us-east-1.amazonaws.com",
            "112233445566.dkr.ecr.us-east-1.amazonaws.com:443",
            "112233445566.dkr.ecr.cn-north-1.amazonaws.com",
            "registry.example.com",
        ] {
            assert!(RegistryHost::parse(host).is_err(), "{host}");
        }
        assert!(
            !RegistryHost::parse("112233445566.dkr-ecr.us-west-2.on.aws")
                .unwrap()
                .is_admitted_by_okteto()
        );
    }

    #[test]
    fn images() {
        let digest = format!("team/app@sha256:{}", "a".repeat(64));
        for text in ["team/app:latest", "team/app:1.0", &digest] {
            assert_eq!(ImageRef::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(ImageRef::parse("team/app").unwrap().to_string(), "team/app:latest");
        assert!(ImageRef::parse("team/app@sha256:abc").is_err());
        assert!(ImageRef::parse("team/app:-x").is_err());
    }
}
