//! What was typed, with its problems; becomes an `Intent` once it holds together.

use std::collections::BTreeMap;

use super::fault::Fault;
use super::intent::{Caller, Intent};
use super::probe::{Depth, PullWish};

/// The two ways of the tutorial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// A role assumed by OIDC federation.
    #[default]
    Oidc,
    /// A user with an access key.
    IamUser,
}

impl Mode {
    /// The word of the answers file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Oidc => "oidc",
            Self::IamUser => "iam-user",
        }
    }
}

/// A field of the wizard and of the answers file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `oidc.issuer`
    Issuer,
    /// `oidc.audience`
    Audience,
    /// `oidc.subject`
    Subject,
    /// `oidc.role`
    Role,
    /// `registry` (a host) or `region`
    Registry,
    /// `access.repositories`, separated by spaces or commas
    Repositories,
    /// `access.path`
    Path,
    /// `access.permissions_boundary`
    Boundary,
    /// `access.tags`, `key=value` separated by spaces or commas
    Tags,
    /// `access.description`
    Description,
    /// `access.max_session_seconds`
    MaxSession,
    /// `pull_test.image`
    Image,
    /// `pull_test.platform`
    Platform,
    /// `pull_test.token_file`
    TokenFile,
}

/// Which permissions are chosen, before the list of repositories is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PolicyChoice {
    /// The tutorial's.
    #[default]
    ReadOnly,
    /// Pull only.
    PullOnly,
    /// Chosen repositories.
    Repositories,
}

/// Everything as typed. What a wizard shows, an answers file holds, and a run is repeated from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// The way.
    pub mode: Mode,
    /// Pins the account; checked against the caller before every write.
    pub account: Option<String>,
    /// The texts by field; absent and empty are the same.
    pub texts: BTreeMap<Field, String>,
    /// Which permissions.
    pub policy: PolicyChoice,
    /// How deep the pull test goes.
    pub depth: Depth,
    /// kubeconfig context.
    pub context: Option<String>,
    /// Namespace of Okteto in the cluster, for the Registry object.
    pub namespace: Option<String>,
}

/// A verdict on one field while it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing typed; whether it must be.
    Empty,
    /// Would do.
    Good,
    /// Would do, but look.
    Warning(String),
    /// Would not do.
    Wrong(super::problem::Problem),
}

/// What a paste or a typed text means for a field, and what was taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    /// The value.
    pub value: String,
    /// What was taken off or made of it, one phrase each, such as `took off export AUDIENCE=`.
    pub notes: Vec<String>,
}

impl Draft {
    /// A field's text; empty if absent.
    #[must_use]
    pub fn text(&self, field: Field) -> &str {
        self.texts.get(&field).map_or("", String::as_str)
    }

    /// Checks everything together with the caller.
    ///
    /// # Errors
    /// `bad-answers` naming the first field, its key, the reason and an example; `wrong-account` where the pinned
    /// account or the partition of the registry is not the caller's.
    pub fn intent(&self, _caller: &Caller) -> Result<Intent, Fault> {
        unimplemented!()
    }

    /// What the pull test is to fetch.
    ///
    /// # Errors
    /// `bad-answers` as above.
    pub fn pull_wish(&self, _intent: &Intent) -> Result<PullWish, Fault> {
        unimplemented!()
    }

    /// A value that would fit better than what stands in the field, offered in grey.
    #[must_use]
    pub fn suggestion(&self, _field: Field) -> Option<String> {
        None
    }

    /// What the answers turn into, shown while typing: name and value, as far as it can be said yet.
    #[must_use]
    pub fn derived(&self, _caller: Option<&Caller>) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Judges one field, in the light of the others (a region in the audience against the registry's).
    #[must_use]
    pub fn judge(&self, _field: Field) -> Verdict {
        unimplemented!()
    }
}

impl Field {
    /// What a text means for this field: trims, takes off `export X=`, quotes, a scheme or path on a host, …
    ///
    /// # Errors
    /// A problem where the text is of the wrong kind (a provider's ARN where a role's name is asked for) or has
    /// several lines.
    pub fn understand(self, _text: &str) -> Result<Understood, super::problem::Problem> {
        unimplemented!()
    }

    /// The key of the answers file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Issuer => "oidc.issuer",
            Self::Audience => "oidc.audience",
            Self::Subject => "oidc.subject",
            Self::Role => "oidc.role",
            Self::Registry => "registry",
            Self::Repositories => "access.repositories",
            Self::Path => "access.path",
            Self::Boundary => "access.permissions_boundary",
            Self::Tags => "access.tags",
            Self::Description => "access.description",
            Self::MaxSession => "access.max_session_seconds",
            Self::Image => "pull_test.image",
            Self::Platform => "pull_test.platform",
            Self::TokenFile => "pull_test.token_file",
        }
    }
}
