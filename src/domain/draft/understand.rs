//! What a paste means for each field.

use super::{Field, Understood, clean, kind};
use crate::domain::arn::Arn;
use crate::domain::name::RepositoryPattern;
use crate::domain::problem::Problem;

impl Field {
    /// What a text means for this field: takes off line ends, `export X=`, quotes, a scheme or path on a host,
    /// takes the name out of an ARN, … and says so. A value that is merely wrong comes back as it is: `judge` names
    /// its problem.
    ///
    /// # Errors
    /// The text plainly is another kind of value (a provider's ARN where a role's name is asked for), a placeholder,
    /// or several lines.
    pub fn understand(self, text: &str) -> Result<Understood, Problem> {
        let Understood { value, mut notes } = clean::clean(self, text)?;
        if value.is_empty() {
            return Ok(Understood { value, notes });
        }
        let value = match self {
            Self::Issuer => issuer(value, &mut notes)?,
            Self::Audience => audience(value, &mut notes)?,
            Self::Role => role(value, &mut notes)?,
            Self::User => user(value, &mut notes)?,
            Self::Registry => registry(value, &mut notes)?,
            Self::Image => image(self, value, &mut notes)?,
            Self::Repositories => repositories(&value, &mut notes)?,
            Self::Subject => fits(self, value, |k| k == "a subject")?,
            Self::Boundary => fits(self, value, |k| k == "the ARN of a policy")?,
            Self::Path | Self::Platform | Self::MaxSession | Self::Namespace => {
                fits(self, value, |_| false)?
            }
            // What a path to a file or a tag looks like is nobody's business but a token or key must not land there.
            Self::TokenFile | Self::KeyFile | Self::Tags | Self::Description => {
                fits(self, value, |k| k != "a token" && k != "the id of an access key")?
            }
        };
        Ok(Understood { value, notes })
    }

    /// What is asked for, in words.
    pub(super) const fn wanted(self) -> &'static str {
        match self {
            Self::Issuer => "an issuer",
            Self::Audience => "an audience",
            Self::Subject => "a subject",
            Self::Role => "a role's name",
            Self::Registry => "the host of a registry or a region",
            Self::Repositories => "a list of repositories",
            Self::Path => "an IAM path",
            Self::Boundary => "the ARN of a policy",
            Self::Tags => "a list of tags",
            Self::Description => "a description",
            Self::MaxSession => "a number of seconds",
            Self::Image => "an image",
            Self::Platform => "a platform",
            Self::TokenFile | Self::KeyFile => "the path of a file",
            Self::User => "a user's name",
            Self::Namespace => "a namespace",
        }
    }

    /// A value that would do.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::Issuer => "https://container.googleapis.com/v1/projects/p/locations/l/clusters/c",
            Self::Audience => "okteto.example.com/us-east-2",
            Self::Subject => "system:serviceaccount:okteto:okteto",
            Self::Role => "my-private-registry",
            Self::Registry => "112233445566.dkr.ecr.us-east-2.amazonaws.com",
            Self::Repositories => "team/app, team/base/*",
            Self::Path => "/okteto/",
            Self::Boundary => "arn:aws:iam::112233445566:policy/boundary",
            Self::Tags => "owner=platform, cost=42",
            Self::Description => "pull access for Okteto",
            Self::MaxSession => "3600",
            Self::Image => "team/app:latest",
            Self::Platform => "linux/amd64",
            Self::TokenFile => "token.jwt",
            Self::User => "private-registry-user",
            Self::KeyFile => "registry-key.env",
            Self::Namespace => "okteto",
        }
    }
}

fn other_kind(field: Field, kind: &str, why: &str) -> Problem {
    Problem::new(format!("this is {kind}, {} is asked for", field.wanted()), why, field.example())
}

/// Refuses a value that plainly is of a kind that does not do.
fn fits(field: Field, value: String, does: fn(&str) -> bool) -> Result<String, Problem> {
    match kind::words(&value) {
        Some(kind) if !does(kind) => {
            Err(other_kind(field, kind, "each value has its own place and meaning"))
        }
        _ => Ok(value),
    }
}

fn issuer(value: String, notes: &mut Vec<String>) -> Result<String, Problem> {
    if let Ok(arn) = Arn::parse(&value)
        && arn.service == "iam"
        && let Some(name) = arn.resource.strip_prefix("oidc-provider/")
    {
        notes.push("took the issuer from its provider's ARN, with https:// before it".to_owned());
        return Ok(format!("https://{name}"));
    }
    if let Some(issuer) = value.strip_suffix("/.well-known/openid-configuration") {
        notes.push("took off /.well-known/openid-configuration".to_owned());
        return Ok(issuer.to_owned());
    }
    fits(Field::Issuer, value, |kind| kind == "a URL, like an issuer's")
}

fn audience(value: String, notes: &mut Vec<String>) -> Result<String, Problem> {
    // An audience is free text, so only what can be none is refused; what looks odd is said.
    match kind::words(&value) {
        None | Some("an audience, by its look") => {}
        Some(
            kind @ ("the host of a registry"
            | "an image reference"
            | "a URL, like an issuer's"
            | "a region"),
        ) => notes.push(format!("this looks like {kind}; it is taken as it is, to the letter")),
        Some(kind) => {
            return Err(other_kind(
                Field::Audience,
                kind,
                "the audience is the aud of the token, any text that is the same in AWS and in Okteto",
            ));
        }
    }
    Ok(value)
}

fn role(value: String, notes: &mut Vec<String>) -> Result<String, Problem> {
    if let Ok(arn) = Arn::parse(&value) {
        let Some(resource) = arn.resource.strip_prefix("role/").filter(|_| arn.service == "iam")
        else {
            return Err(other_kind(
                Field::Role,
                arn.kind(),
                "the tutorial keeps the provider's ARN in ROLE_ARN; a role's has :role/ in it",
            ));
        };
        let (path, name) = resource.rsplit_once('/').unwrap_or(("", resource));
        notes.push("took the name from the role's ARN".to_owned());
        if !path.is_empty() {
            notes.push(format!("the ARN has the path /{path}/: give it as the path"));
        }
        return Ok(name.to_owned());
    }
    fits(Field::Role, value, |_| false)
}

fn user(value: String, notes: &mut Vec<String>) -> Result<String, Problem> {
    if let Ok(arn) = Arn::parse(&value) {
        let Some(resource) = arn.resource.strip_prefix("user/").filter(|_| arn.service == "iam")
        else {
            let why = "the key is made for a user, whose ARN has :user/ in it";
            return Err(other_kind(Field::User, arn.kind(), why));
        };
        let (path, name) = resource.rsplit_once('/').unwrap_or(("", resource));
        notes.push(format!("took the name from an ARN of account {}", arn.account));
        if !path.is_empty() {
            notes.push(format!("the ARN has the path /{path}/: give it as the path"));
        }
        return Ok(name.to_owned());
    }
    fits(Field::User, value, |_| false)
}

fn registry(value: String, notes: &mut Vec<String>) -> Result<String, Problem> {
    if let Some((host, _)) = kind::registry(&value) {
        let host = host.to_string();
        if host != value {
            notes.push(format!("took the bare host {host}: no scheme, port, path or tag"));
        }
        return Ok(host);
    }
    if let Ok(arn) = Arn::parse(&value)
        && arn.service == "ecr"
    {
        let suffix = arn.partition.dns_suffix();
        notes.push("took account and region from the repository's ARN".to_owned());
        return Ok(format!("{}.dkr.ecr.{}.{suffix}", arn.account, arn.region));
    }
    if value.contains("public.ecr.aws") {
        return Err(other_kind(
            Field::Registry,
            "ECR Public",
            "ECR Public is another service and needs no role to pull",
        ));
    }
    fits(Field::Registry, value, |kind| kind == "a region")
}

fn image(field: Field, value: String, notes: &mut Vec<String>) -> Result<String, Problem> {
    if let Some((_, rest)) = kind::registry(&value) {
        if rest.is_empty() {
            return Err(other_kind(field, "the host of a registry", "the repository is missing"));
        }
        notes.push("took off the registry's host".to_owned());
        return Ok(rest);
    }
    if let Ok(arn) = Arn::parse(&value)
        && let Some(name) = arn.resource.strip_prefix("repository/")
    {
        notes.push("took the repository from its ARN".to_owned());
        return Ok(name.to_owned());
    }
    fits(field, value, |kind| kind == "an audience, by its look")
}

fn repositories(value: &str, notes: &mut Vec<String>) -> Result<String, Problem> {
    let mut names = Vec::new();
    for item in super::list::items(value) {
        let mut name = match image(Field::Repositories, item.clone(), notes) {
            Ok(name) => name,
            Err(problem) if RepositoryPattern::parse(&item).is_err() => return Err(problem),
            Err(_) => item,
        };
        let tag = name.find(['@', ':']);
        if let Some(at) = tag {
            name.truncate(at);
            notes.push("took off tag or digest: permissions are for whole repositories".to_owned());
        }
        names.push(name);
    }
    notes.dedup();
    Ok(names.join(" "))
}
