//! Audience and subject: `aud` and `sub` of the token.

use std::fmt;

use super::problem::Problem;

/// The audience: any text of 1 to 255 characters that stands equal in three places, the provider's client ids,
/// the trust policy and Okteto.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Audience(String);

impl Audience {
    /// Parses an audience. Stricter than IAM (which takes any text): no white space, no wildcard, no policy
    /// variable, Latin-1 only, because the value goes into a policy document.
    ///
    /// # Errors
    /// Names the character or the length.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let example = "okteto.example.com/us-east-2";
        let wrong = |what: String, why: &str| Err(Problem::new(what, why, example));
        if text.is_empty() {
            return wrong(
                "an audience is missing".to_owned(),
                "AWS swaps a token only for an audience on the list",
            );
        }
        if text.contains("${") || text.contains(['*', '?']) {
            return wrong(
                format!("{text:?} has a placeholder or wildcard in it"),
                "StringEquals compares to the letter, and ${…} would be read as a policy variable",
            );
        }
        if let Some(bad) =
            text.chars().find(|c| c.is_whitespace() || c.is_control() || *c > '\u{ff}')
        {
            return wrong(
                format!("{bad:?} cannot stand in an audience"),
                "a policy document takes Latin-1 without white space here",
            );
        }
        let length = text.chars().count();
        if length > 255 {
            return wrong(format!("{length} characters"), "IAM takes at most 255 in a client id");
        }
        Ok(Self(text.to_owned()))
    }

    /// The audience.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The subject: `system:serviceaccount:NAMESPACE:NAME`, as a Kubernetes service account token carries it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    namespace: String,
    account: String,
}

impl Subject {
    /// Parses a service account's subject.
    ///
    /// # Errors
    /// Says what is missing, or which name Kubernetes would refuse.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let example = "system:serviceaccount:okteto:okteto";
        let wrong = |what: String, why: &str| Err(Problem::new(what, why, example));
        let Some(rest) = text.strip_prefix("system:serviceaccount:") else {
            return wrong(
                if text.is_empty() {
                    "a subject is missing".to_owned()
                } else {
                    format!("{text:?} does not begin with system:serviceaccount:")
                },
                "Kubernetes names a service account so in its tokens",
            );
        };
        let Some((namespace, account)) = rest.split_once(':') else {
            return wrong(
                format!("{text:?} has no account name"),
                "namespace and account are both needed",
            );
        };
        if namespace.contains('*') || account.contains('*') {
            return wrong(
                "a star would let in every service account it covers".to_owned(),
                "the trust is for one service account",
            );
        }
        let label = |s: &str| {
            !s.is_empty()
                && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !s.starts_with('-')
                && !s.ends_with('-')
        };
        if !label(namespace) || namespace.len() > 63 {
            return wrong(
                format!("{namespace:?} is not a namespace"),
                "a namespace is 1 to 63 lower-case letters, digits and hyphens (RFC 1123 label)",
            );
        }
        if account.len() > 253 || !account.split('.').all(label) {
            return wrong(
                format!("{account:?} is not the name of a service account"),
                "it is lower-case letters, digits, hyphens and dots (RFC 1123 subdomain)",
            );
        }
        Ok(Self { namespace: namespace.to_owned(), account: account.to_owned() })
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The service account's name.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "system:serviceaccount:{}:{}", self.namespace, self.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects() {
        let subject = Subject::parse("system:serviceaccount:okteto:okteto").unwrap();
        assert_eq!((subject.namespace(), subject.account()), ("okteto", "okteto"));
        assert_eq!(subject.to_string(), "system:serviceaccount:okteto:okteto");
        for wrong in [
            "",
            "okteto",
            "system:serviceaccount:okteto",
            "system:serviceaccount:*:okteto",
            "system:serviceaccount:Okteto:okteto",
            "system:serviceaccount:okteto:okteto:x",
        ] {
            assert!(Subject::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn audiences() {
        assert!(Audience::parse("okteto.example.com/us-east-2").is_ok());
        for wrong in ["", "a b", "${AUDIENCE}", "*", "a\u{200b}b", &"a".repeat(256)] {
            assert!(Audience::parse(wrong).is_err(), "{wrong}");
        }
    }
}
