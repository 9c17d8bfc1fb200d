//! Who is given permissions: a role or a user. IAM has the same calls for both, under other names.

use std::fmt;

/// A role or a user by its name, as the server spells it where it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A role.
    Role(String),
    /// A user.
    User(String),
}

impl Principal {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Role(name) | Self::User(name) => name,
        }
    }

    /// `role` or `user`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Role(_) => "role",
            Self::User(_) => "user",
        }
    }

    /// The parameter of the API that names it.
    #[must_use]
    pub const fn parameter(&self) -> &'static str {
        match self {
            Self::Role(_) => "RoleName",
            Self::User(_) => "UserName",
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
