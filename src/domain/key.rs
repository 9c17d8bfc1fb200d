//! Access keys as AWS shows them: everything but their secret.

use std::fmt;

use super::problem::Problem;

/// Access keys of one user, fixed; an inactive one counts too (IAM quotas).
pub const MOST_KEYS: usize = 2;

/// The id of an access key: 16 to 128 of letters, digits and `_` (IAM model). Not secret by itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(String);

impl KeyId {
    /// Parses an id.
    ///
    /// # Errors
    /// Says what is wrong, without repeating a text that may be a secret.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if (16..=128).contains(&text.len()) && text.chars().all(good) {
            return Ok(Self(text.to_owned()));
        }
        Err(Problem::new(
            format!("this is no id of an access key ({} characters)", text.chars().count()),
            "an id has 16 to 128 letters and digits; a user's begins with AKIA",
            "AKIAIOSFODNN7EXAMPLE",
        ))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the id of temporary keys, which no user can be given (IAM user guide, "IAM identifiers").
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.0.starts_with("ASIA")
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a key may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStatus {
    /// It may.
    Active,
    /// It was switched off and can be switched on again.
    Inactive,
    /// It has ended.
    Expired,
}

impl KeyStatus {
    /// The word of the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
            Self::Expired => "Expired",
        }
    }
}

/// What is known of a key's last use. AWS tells it late, "N/A" where there was none (`GetAccessKeyLastUsed`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastUse {
    /// It could not be read.
    Unknown,
    /// Never, as far as AWS keeps track.
    Never,
    /// Then, in seconds since 1970, for that service.
    At(i64, String),
}

/// A key of a user as AWS has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenKey {
    /// Its id.
    pub id: KeyId,
    /// Whether it may be used.
    pub status: KeyStatus,
    /// When it was made, seconds since 1970, where AWS says it.
    pub created_at: Option<i64>,
    /// When it was last used.
    pub last_use: LastUse,
}

impl SeenKey {
    /// Whether it may be used.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == KeyStatus::Active
    }

    /// The key in a few words at the time `now`, in seconds since 1970: `AKIA… active, made 12 days ago, used 3 h ago by ecr`.
    #[must_use]
    pub fn words(&self, now: Option<i64>) -> String {
        let ago =
            |at: i64| now.map_or_else(|| "once".to_owned(), |now| ago(now.saturating_sub(at)));
        let status = self.status.word().to_lowercase();
        let made = self.created_at.map_or_else(String::new, |at| format!(", made {}", ago(at)));
        let used = match &self.last_use {
            LastUse::Unknown => "last use not known".to_owned(),
            LastUse::Never => "never used".to_owned(),
            LastUse::At(at, service) => format!("used {} by {service}", ago(*at)),
        };
        format!("{} {status}{made}, {used}", self.id)
    }
}

/// `3 h ago`; of what lies ahead, by clocks that differ, `just now`.
fn ago(seconds: i64) -> String {
    match seconds {
        ..60 => "just now".to_owned(),
        60..7200 => format!("{} min ago", seconds / 60),
        7200..172_800 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// The oldest first; keys whose age is not known come before those whose age is, and equals by their id.
pub fn by_age(keys: &mut [SeenKey]) {
    keys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_none_is_not_repeated() {
        assert!(KeyId::parse("AKIAIOSFODNN7EXAMPLE").is_ok());
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let problem = KeyId::parse(secret).unwrap_err();
        assert!(!problem.to_string().contains(secret), "{problem}");
        assert!(KeyId::parse("AKIASHORT").is_err());
    }

    #[test]
    fn a_key_is_told_by_age_and_use() {
        let day = 86_400;
        let key = SeenKey {
            id: KeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap(),
            status: KeyStatus::Inactive,
            created_at: Some(0),
            last_use: LastUse::At(90 * day, "ecr".to_owned()),
        };
        let words = key.words(Some(100 * day));
        assert_eq!(
            words,
            "AKIAIOSFODNN7EXAMPLE inactive, made 100 days ago, used 10 days ago by ecr"
        );
        let never = SeenKey { last_use: LastUse::Never, ..key };
        assert!(never.words(Some(30)).ends_with("made just now, never used"));
    }
}
