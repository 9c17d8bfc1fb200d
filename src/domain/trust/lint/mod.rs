//! What is wrong with a trust policy, by a table of rules.

use super::Given;
use super::admit::Meant;
use crate::domain::finding::{Finding, Severity};

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name, a promise to scripts.
    pub slug: &'static str,
    /// How bad it usually is.
    pub severity: Severity,
    /// What it looks for, in a few words.
    pub looks_for: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
}

/// Every rule.
pub const RULES: &[Rule] = &[];

/// What is wrong with a trust policy, worst first.
#[must_use]
pub fn lint(_given: &Given, _meant: &Meant) -> Vec<Finding> {
    Vec::new()
}
