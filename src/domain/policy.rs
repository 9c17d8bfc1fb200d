//! Policy documents: build, print, read, compare by meaning, explain.
//!
//! Rules of what means the same: IAM user guide, `reference_policies_elements`.

pub mod compare;
pub mod document;
pub mod explain;
pub mod permission;
pub mod trust;

pub use document::{Document, Unreadable};

/// Characters of a trust policy that IAM allows by default, white space not counted (IAM quotas).
pub const TRUST_QUOTA: usize = 2048;

/// Characters of a trust policy that IAM allows where the quota was raised as far as it goes.
pub const TRUST_QUOTA_AT_MOST: usize = 4096;

/// The length of a document as IAM's quotas count it: characters, white space left out.
#[must_use]
pub fn size(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

#[cfg(test)]
mod tests;
