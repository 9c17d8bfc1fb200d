//! What was typed, with its problems; becomes an `Intent` once it holds together.

mod clean;
mod judge;
mod kind;
pub(super) mod list;
mod understand;
mod whole;

pub use whole::{Derived, NAMESPACE};

use std::collections::BTreeMap;

use super::custody::CustodyChoice;
use super::probe::Depth;

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
    /// `iam_user.user`
    User,
    /// The path in `iam_user.secret_to = "file:PATH"`
    KeyFile,
    /// `cluster.namespace`
    Namespace,
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

impl PolicyChoice {
    /// The word of the answers file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::PullOnly => "pull-only",
            Self::Repositories => "repositories",
        }
    }
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
    /// Where the secret of a user's key goes.
    pub custody: CustodyChoice,
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

    /// Sets a field's text; an empty one takes it out.
    pub fn set(&mut self, field: Field, text: impl Into<String>) {
        let text = text.into();
        if text.is_empty() {
            self.texts.remove(&field);
        } else {
            self.texts.insert(field, text);
        }
    }
}

impl Field {
    /// Every field, in the order of the answers file.
    pub const ALL: [Self; 17] = [
        Self::Registry,
        Self::Issuer,
        Self::Audience,
        Self::Subject,
        Self::Role,
        Self::Repositories,
        Self::Path,
        Self::Boundary,
        Self::Tags,
        Self::Description,
        Self::MaxSession,
        Self::Image,
        Self::Platform,
        Self::TokenFile,
        Self::User,
        Self::KeyFile,
        Self::Namespace,
    ];

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
            Self::User => "iam_user.user",
            Self::KeyFile => "iam_user.secret_to",
            Self::Namespace => "cluster.namespace",
        }
    }
}

#[cfg(test)]
mod tests;
