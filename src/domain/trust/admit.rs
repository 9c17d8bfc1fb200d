//! Who gets in: the admitted set of a policy, and the neighbours that were not meant.

use super::Holder;
use crate::domain::evaluate::Policy;

/// A set of tokens that get in. `*` and `?` in it are wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The issuer, with its `https://`.
    pub issuer: String,
    /// The audience.
    pub audience: String,
    /// The subject.
    pub subject: String,
}

/// A token that gets in and was not meant to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intruder {
    /// Who it is and why it gets in.
    pub why: String,
    /// What its token says.
    pub holder: Holder,
}

/// Who was meant, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meant {
    /// The issuer, with its `https://`.
    pub issuer: Option<String>,
    /// The audience.
    pub audience: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// What the provider lists.
    pub provider_audiences: Option<Vec<String>>,
}

/// Who gets in, each set once.
#[must_use]
pub fn admitted(_policy: &Policy, _meant: &Meant) -> Vec<Admitted> {
    Vec::new()
}

/// The admitted set in one sentence.
#[must_use]
pub fn sentence(_admitted: &[Admitted]) -> String {
    String::new()
}

/// The neighbours that get in.
#[must_use]
pub fn intruders(_policy: &Policy, _meant: &Meant) -> Vec<Intruder> {
    Vec::new()
}
