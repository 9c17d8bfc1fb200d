//! What is wrong with a typed value, in the three parts that every field owes its reader.

use std::fmt;

/// Why a typed value cannot be used: what is wrong, why that matters, and a value that would do.
///
/// Fragments without a final period; `Display` joins them into one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, for example `11 digits, an account has 12`.
    pub what: String,
    /// Why the rule exists or where it comes from.
    pub why: String,
    /// A value that would be accepted.
    pub example: String,
}

impl Problem {
    /// Builds a problem from its three parts.
    pub fn new(
        what: impl Into<String>,
        why: impl Into<String>,
        example: impl Into<String>,
    ) -> Self {
        Self { what: what.into(), why: why.into(), example: example.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; for example {}", self.what, self.why, self.example)
    }
}

impl std::error::Error for Problem {}
