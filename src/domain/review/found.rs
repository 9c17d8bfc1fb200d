//! A finding of the review.

use std::cmp::Reverse;
use std::fmt;

use sha2::{Digest, Sha256};

use super::rules;
use crate::domain::fault::Fault;
use crate::domain::finding::Finding;
use crate::domain::operation::Operation;
use crate::domain::trust::lint::AUDIENCES_MANY;
use crate::domain::trust::lint::Rule;

/// Whom a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum On {
    /// A role, by name.
    Role(String),
    /// A user, by name.
    User(String),
    /// An identity provider, by its name: the issuer without `https://`.
    Provider(String),
    /// The account.
    Account,
}

impl On {
    /// Its name, as it has to be typed where that is asked for.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Role(name) | Self::User(name) | Self::Provider(name) => name,
            Self::Account => "account",
        }
    }
}

/// `role/NAME`, `user/NAME`, `provider/NAME`, `account`: so it stands in results and in the file of what was accepted.
impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(name) => write!(f, "role/{name}"),
            Self::User(name) => write!(f, "user/{name}"),
            Self::Provider(name) => write!(f, "provider/{name}"),
            Self::Account => f.write_str("account"),
        }
    }
}

/// A finding of the review. It tells dates and not ages, so that it says tomorrow what it says today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Whom it is about.
    pub on: On,
    /// Rule, severity, what is wrong, where. A `fix` with a document is a trust policy, mended.
    pub finding: Finding,
    /// What shows it: lines of a document, names of policies, dates. None where the message has all of it.
    pub evidence: Vec<String>,
    /// The calls that mend it, in their order; none where that is the operator's to do. `finding.fix` has the words.
    pub calls: Vec<Operation>,
    /// The user whose key should be rotated, where that mends it.
    pub rotates: Option<String>,
}

impl Found {
    /// A finding without evidence of its own, to be mended by hand.
    #[must_use]
    pub const fn new(on: On, finding: Finding) -> Self {
        Self { on, finding, evidence: Vec::new(), calls: Vec::new(), rotates: None }
    }

    /// The same, shown by this.
    #[must_use]
    pub fn shown_by(self, evidence: impl IntoIterator<Item = String>) -> Self {
        Self { evidence: evidence.into_iter().collect(), ..self }
    }

    /// The same, mended by these calls.
    #[must_use]
    pub fn mended_by(self, words: impl Into<String>, calls: Vec<Operation>) -> Self {
        Self { finding: self.finding.mended(words, None), calls, ..self }
    }

    /// Why it matters and where the rule comes from.
    #[must_use]
    pub fn rule(&self) -> Rule {
        rules::entry(self.finding.rule)
    }

    /// What tells it from any other, also in a later review. What is wrong in another way, or worse, is another finding.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Finding { rule, severity, message, place, .. } = &self.finding;
        let text = format!("{}\n{rule}\n{severity}\n{place}\n{message}", self.on);
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().take(8).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }
}

/// Why something could not be read, as evidence: the cause and the call. AWS's own sentence names whoever looked, with the
/// session, and would make another finding of it for each of them.
#[must_use]
pub(super) fn why(fault: &Fault) -> String {
    let cause = fault.cause.slug();
    match fault.evidence.get("action") {
        Some(action) => format!("{cause}: {action}"),
        None => cause.to_owned(),
    }
}

/// A finding whose message does not change while what is wrong stays: a number that grows is evidence.
#[must_use]
pub(super) fn steady(mut found: Found) -> Found {
    if found.finding.rule == AUDIENCES_MANY.slug {
        let counted = std::mem::replace(
            &mut found.finding.message,
            "The provider lists more than 90 audiences; IAM takes 100.".to_owned(),
        );
        found.evidence = vec![counted];
    }
    found
}

/// Worst first; of equal ones by rule and place.
pub fn sort(found: &mut [Found]) {
    found.sort_by_cached_key(|f| {
        let Finding { rule, severity, place, message, .. } = &f.finding;
        (Reverse(severity.rank()), *rule, place.clone(), message.clone())
    });
}
