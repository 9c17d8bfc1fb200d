//! The verdict on a field while it is typed, and what is suggested instead.

use super::{Draft, Field, Verdict, kind, list};
use crate::domain::arn::{Arn, PolicyArn};
use crate::domain::host::{ImageRef, RegistryHost};
use crate::domain::intent::Caller;
use crate::domain::issuer::Issuer;
use crate::domain::name::{IamPath, RepositoryPattern, RoleName, UserName};
use crate::domain::partition::{Partition, Region};
use crate::domain::problem::Problem;
use crate::domain::subject::{Audience, Subject};

/// Shortest and longest session of a role in seconds (IAM API, `CreateRole`).
const SESSION: std::ops::RangeInclusive<u32> = 3600..=43_200;

impl Field {
    /// Whether a text that is not empty would do for this field by itself.
    ///
    /// # Errors
    /// What is wrong, why, and an example.
    pub fn check(self, text: &str) -> Result<(), Problem> {
        match self {
            Self::Issuer => Issuer::parse(text).map(drop),
            Self::Audience => Audience::parse(text).map(drop),
            Self::Subject => Subject::parse(text).map(drop),
            Self::Role => RoleName::parse(text).map(drop),
            Self::User => UserName::parse(text).map(drop),
            Self::Namespace => namespace(text),
            Self::Registry => match Region::parse(text) {
                Ok(_) => Ok(()),
                Err(_) => RegistryHost::parse(text).map(drop),
            },
            Self::Repositories => list::items(text).iter().try_for_each(|item| {
                without_host(self, item)?;
                RepositoryPattern::parse(item).map(drop)
            }),
            Self::Path => IamPath::parse(text).map(drop),
            Self::Boundary => PolicyArn::parse(text).map(drop),
            Self::Tags => list::tags(text).map(drop),
            Self::Description => description(text),
            Self::MaxSession => seconds(text).map(drop),
            Self::Image => {
                without_host(self, text)?;
                ImageRef::parse(text).map(drop)
            }
            Self::Platform => super::whole::platform(text).map(drop),
            Self::TokenFile | Self::KeyFile => Ok(()),
        }
    }
}

/// A registry's host could pass for the first part of a repository's name.
fn without_host(field: Field, text: &str) -> Result<(), Problem> {
    let Some((host, _)) = kind::registry(text) else { return Ok(()) };
    Err(Problem::new(
        format!("the registry's host {host} stands before it"),
        "the registry has a field of its own",
        field.example(),
    ))
}

pub(super) fn seconds(text: &str) -> Result<u32, Problem> {
    text.parse().ok().filter(|s| SESSION.contains(s)).ok_or_else(|| {
        Problem::new(
            format!("{text:?} is no session length"),
            "AWS takes 3600 to 43200 seconds",
            Field::MaxSession.example(),
        )
    })
}

/// A namespace is a DNS label (Kubernetes, "Object Names and IDs").
fn namespace(text: &str) -> Result<(), Problem> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let good = (1..=63).contains(&text.len())
        && text.chars().all(|c| inner(c) || c == '-')
        && text.starts_with(inner)
        && text.ends_with(inner);
    if good {
        return Ok(());
    }
    Err(Problem::new(
        format!("{text:?} is no namespace"),
        "Kubernetes takes up to 63 lower-case letters, digits and hyphens between them",
        Field::Namespace.example(),
    ))
}

/// Tab, line feed, return, and Latin-1 without U+007F to U+00A0; at most 1000 (IAM API, `CreateRole`).
fn description(text: &str) -> Result<(), Problem> {
    let good = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    if let Some(bad) = text.chars().find(|c| !good(*c)) {
        return Err(Problem::new(
            format!("{bad:?} cannot stand in a description"),
            "IAM takes Latin-1",
            Field::Description.example(),
        ));
    }
    match text.chars().count() {
        0..=1000 => Ok(()),
        n => Err(Problem::new(
            format!("{n} characters"),
            "IAM takes at most 1000 in a description",
            Field::Description.example(),
        )),
    }
}

impl Draft {
    /// Judges one field, in the light of the others (a region in the audience against the registry's).
    #[must_use]
    pub fn judge(&self, field: Field) -> Verdict {
        self.judge_for(field, None)
    }

    /// The same, once it is known who will do it: partition and account of the registry against the caller's.
    #[must_use]
    pub fn judge_for(&self, field: Field, caller: Option<&Caller>) -> Verdict {
        let text = self.text(field);
        if text.is_empty() {
            return Verdict::Empty;
        }
        if let Err(problem) = field.check(text) {
            return Verdict::Wrong(problem);
        }
        if let Some(problem) = caller.and_then(|caller| self.out_of_reach(field, caller)) {
            return Verdict::Wrong(problem);
        }
        let account = caller.map(|c| c.account.as_str()).or(self.account.as_deref());
        self.doubt(field, text, account).map_or(Verdict::Good, Verdict::Warning)
    }

    /// What is offered for a field: for the audience the one with the registry's region in it, for an issuer without
    /// scheme or slash the one with it, for an empty subject or role the tutorial's value. `None` if what stands there is that already.
    #[must_use]
    pub fn suggestion(&self, field: Field) -> Option<String> {
        let text = self.text(field);
        let offer = match field {
            Field::Audience => {
                let (head, region) = region_in(text)?;
                let wanted = self.region().filter(|wanted| *wanted != region)?;
                format!("{head}/{wanted}")
            }
            // IAM and kubectl print the issuer without its scheme in places.
            Field::Issuer if text.contains('.') && !text.contains(':') => {
                Issuer::parse(&format!("https://{text}")).ok()?.to_string()
            }
            Field::Issuer if slash(text).is_some() => format!("{text}/"),
            Field::Subject | Field::Role if text.is_empty() => field.example().to_owned(),
            _ => return None,
        };
        (offer != text).then_some(offer)
    }

    /// The registry's region, as far as it is known.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        let text = self.text(Field::Registry);
        Region::parse(text).ok().or_else(|| RegistryHost::parse(text).ok().map(|host| host.region))
    }

    /// Trust and permissions end at the partition.
    fn out_of_reach(&self, field: Field, caller: &Caller) -> Option<Problem> {
        let (what, partition) = match field {
            Field::Registry => ("the registry", Partition::of_region(&self.region()?)),
            Field::Boundary => ("the boundary", Arn::parse(self.text(field)).ok()?.partition),
            _ => return None,
        };
        (partition != caller.partition).then(|| {
            Problem::new(
                format!(
                    "{what} is in the partition {partition}, the login in {}",
                    caller.partition
                ),
                "trust and permissions do not cross partitions",
                field.example(),
            )
        })
    }

    fn doubt(&self, field: Field, text: &str, account: Option<&str>) -> Option<String> {
        match field {
            Field::Audience => {
                if text == self.text(Field::Issuer) {
                    return Some("This is the issuer itself: one audience for each Okteto instance and region is \
                        safer".to_owned());
                }
                let (_, named) = region_in(text)?;
                let wanted = self.region().filter(|wanted| *wanted != named)?;
                Some(format!("Says {named}, but the registry is in {wanted}"))
            }
            Field::Issuer if text.contains(".svc") || text.contains("//kubernetes.default") => {
                Some(
                    "This name is known only inside the cluster: AWS cannot fetch the keys there"
                        .to_owned(),
                )
            }
            Field::Issuer => slash(text),
            Field::Registry => {
                let host = RegistryHost::parse(text).ok()?;
                if !host.is_admitted_by_okteto() {
                    return Some(
                        "Okteto's documentation admits only hosts that end in .amazonaws.com"
                            .to_owned(),
                    );
                }
                let account = account.filter(|a| *a != host.account.as_str())?;
                Some(format!(
                    "The registry is of account {}, the role will be in {account}: a repository policy there must \
                     admit the role",
                    host.account
                ))
            }
            Field::Repositories if list::items(text).iter().any(|item| item == "*") => {
                Some("A single * covers every repository".to_owned())
            }
            _ => None,
        }
    }
}

/// AKS issuers end in a slash that is easily lost in copying.
fn slash(issuer: &str) -> Option<String> {
    (issuer.contains(".oic.prod-aks.azure.com/") && !issuer.ends_with('/'))
        .then(|| "AKS issuers end in a slash, which belongs to the name".to_owned())
}

/// An audience of the form `…/REGION` in its two parts.
fn region_in(audience: &str) -> Option<(&str, Region)> {
    let (head, tail) = audience.rsplit_once('/')?;
    Region::parse(tail).ok().map(|region| (head, region))
}
