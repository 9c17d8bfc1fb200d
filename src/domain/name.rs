//! Names and paths as IAM and ECR take them on create. Limits and patterns: botocore service models.

use std::fmt;

use super::problem::Problem;

/// A name that IAM takes on create for a role or a user: 1 to 64 of letters, digits and `_+=,.@-`. Unique ignoring case.
fn iam_name(text: &str, of: &str, example: &str) -> Result<(), Problem> {
    if let Some(bad) = text.chars().find(|c| !is_name_char(*c)) {
        return Err(Problem::new(
            format!("{bad:?} cannot stand in a {of} name"),
            "IAM takes letters, digits and _+=,.@-",
            example,
        ));
    }
    match text.len() {
        0 => Err(Problem::new(
            format!("a {of} name is missing"),
            format!("the {of} is made under it"),
            example,
        )),
        1..=64 => Ok(()),
        n => Err(Problem::new(
            format!("{n} characters"),
            format!("IAM takes at most 64 in a {of} name"),
            example,
        )),
    }
}

macro_rules! iam_names {
    ($( $(#[doc = $doc:literal])+ $name:ident, $of:literal, $example:literal; )+) => { $(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Parses a name as IAM takes it on create.
            ///
            /// # Errors
            /// Names the first character that IAM would refuse, or the length.
            pub fn parse(text: &str) -> Result<Self, Problem> {
                iam_name(text, $of, $example).map(|()| Self(text.to_owned()))
            }

            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+ };
}

iam_names! {
    /// A role name: 1 to 64 of letters, digits and `_+=,.@-`. Unique ignoring case, but exact when assumed.
    RoleName, "role", "my-private-registry";
    /// A user name: 1 to 64 of letters, digits and `_+=,.@-` (`CreateUser`; other calls take more). Unique ignoring case.
    UserName, "user", "private-registry-user";
}

const fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '=' | ',' | '.' | '@' | '-')
}

/// An IAM path: `/`, or `/…/` of printable ASCII, 1 to 512 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IamPath(String);

impl IamPath {
    /// Parses a path.
    ///
    /// # Errors
    /// Says which rule of IAM paths the text breaks.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let example = "/okteto/";
        if !text.starts_with('/') || !text.ends_with('/') {
            return Err(Problem::new(
                format!("{text:?} does not begin and end with a slash"),
                "an IAM path is / or words between slashes",
                example,
            ));
        }
        if let Some(bad) = text.chars().find(|c| !('!'..='~').contains(c)) {
            return Err(Problem::new(
                format!("{bad:?} cannot stand in an IAM path"),
                "IAM takes printable ASCII without spaces",
                example,
            ));
        }
        if text.len() > 512 {
            return Err(Problem::new(
                format!("{} characters", text.len()),
                "IAM takes at most 512 in a path",
                example,
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The root path, `/`.
    #[must_use]
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// The path with its slashes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for IamPath {
    fn default() -> Self {
        Self::root()
    }
}

/// A repository's name, or a pattern of names that ends in `*`, as it stands in an ARN.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepositoryPattern(String);

impl RepositoryPattern {
    /// Parses a repository name or a name whose last character is `*`.
    ///
    /// # Errors
    /// Says which rule of ECR repository names the text breaks.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match text.strip_suffix('*') {
            Some("") => Ok(Self(text.to_owned())),
            Some(stem) => {
                // What stands before the star need only be completable to a name.
                let completed = format!("{stem}a");
                RepositoryName::parse(&completed).map(|_| Self(text.to_owned()))
            }
            None => RepositoryName::parse(text).map(|name| Self(name.0)),
        }
    }

    /// The pattern as it stands after `repository/` in the ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern covers `name`.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        self.0.strip_suffix('*').map_or(name == self.0, |stem| name.starts_with(stem))
    }
}

/// A repository's name: 2 to 256 characters, lower-case words joined by `.`, `_`, `__`, hyphens and slashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepositoryName(String);

impl RepositoryName {
    /// Parses a repository name by ECR's pattern.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let example = "team/app";
        if let Some(bad) = text
            .chars()
            .find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/".contains(*c)))
        {
            return Err(Problem::new(
                format!("{bad:?} cannot stand in a repository name"),
                "ECR takes lower-case letters, digits and . _ - /",
                example,
            ));
        }
        if !(2..=256).contains(&text.len()) {
            return Err(Problem::new(
                format!("{} characters", text.len()),
                "ECR takes 2 to 256 in a repository name",
                example,
            ));
        }
        if !text.split('/').all(is_component) {
            return Err(Problem::new(
                format!("{text:?} has a part that ECR refuses"),
                "each part begins and ends with a letter or digit; between them one of . _ __ or hyphens",
                example,
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`, the part between slashes.
fn is_component(part: &str) -> bool {
    let alnum = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    part.starts_with(alnum)
        && part.ends_with(alnum)
        && part
            .split(alnum)
            .filter(|gap| !gap.is_empty())
            .all(|gap| matches!(gap, "." | "_" | "__") || gap.bytes().all(|b| b == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_names_follow_create_role() {
        assert!(RoleName::parse("my-private-registry").is_ok());
        assert!(RoleName::parse(&"r".repeat(64)).is_ok());
        assert!(RoleName::parse(&"r".repeat(65)).is_err());
        assert!(RoleName::parse("").is_err());
        let problem = RoleName::parse("my role").unwrap_err();
        assert!(problem.what.contains("' '"), "{problem}");
    }

    #[test]
    fn repositories_and_patterns() {
        for good in ["team/app", "a1", "a__b", "a--b/c.d", "9x"] {
            assert!(RepositoryName::parse(good).is_ok(), "{good}");
        }
        for wrong in ["a", "Team/app", "/app", "app/", "a___b", "a..b", "-a", "a b", "app:1"] {
            assert!(RepositoryName::parse(wrong).is_err(), "{wrong}");
        }
        assert!(RepositoryPattern::parse("team/*").unwrap().covers("team/app"));
        assert!(!RepositoryPattern::parse("team/app").unwrap().covers("team/app2"));
        assert!(RepositoryPattern::parse("te*am").is_err());
    }

    #[test]
    fn paths() {
        assert!(IamPath::parse("/").is_ok());
        assert!(IamPath::parse("/okteto/").is_ok());
        assert!(IamPath::parse("okteto").is_err());
        assert!(IamPath::parse("/a b/").is_err());
    }
}
