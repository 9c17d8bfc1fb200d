//! What was accepted, and what was there last time.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Date;

use super::found::Found;

/// A finding that somebody answers for until a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The account, 12 digits.
    pub account: String,
    /// Whom it is about: `role/NAME`, `user/NAME`, `provider/NAME`, `account`.
    pub on: String,
    /// The rule.
    pub rule: String,
    /// [`Found::fingerprint`]: what is wrong in another way, or worse, is not accepted.
    pub fingerprint: String,
    /// Why it may stay.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Date,
    /// The ARN of who accepted it.
    pub by: String,
    /// On which day.
    pub at: Date,
}

/// A finding of an earlier review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Whom it was about.
    pub on: String,
    /// The rule.
    pub rule: String,
    /// What was wrong.
    pub message: String,
}

/// What was accepted, and what an earlier review found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Triage {
    /// The file of what was accepted.
    pub file: PathBuf,
    /// All that is in it, of other accounts as well.
    pub accepted: Vec<Accepted>,
    /// The findings of the earlier review by fingerprint; `None` where there was none.
    pub known: Option<BTreeMap<String, Known>>,
    /// Today.
    pub today: Date,
}

/// How a finding stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It was not there the last time.
    New,
    /// It was there the last time, or there was none.
    Known,
    /// It is accepted.
    Accepted(Accepted),
    /// It was accepted up to a day that is over: it counts again.
    Expired(Accepted),
}

impl Standing {
    /// The word of results and filters.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
            Self::Accepted(_) => "accepted",
            Self::Expired(_) => "expired",
        }
    }

    /// Whether it counts: as a finding to be mended, and for `--fail-on`.
    #[must_use]
    pub const fn counts(&self) -> bool {
        !matches!(self, Self::Accepted(_))
    }
}

impl Triage {
    /// How a finding of this account stands.
    #[must_use]
    pub fn standing(&self, account: &str, found: &Found) -> Standing {
        let fingerprint = found.fingerprint();
        let mut of_it: Vec<&Accepted> = self
            .accepted
            .iter()
            .filter(|one| one.account == account && one.fingerprint == fingerprint)
            .collect();
        // The longest counts.
        of_it.sort_by_key(|one| one.until);
        match (of_it.pop(), &self.known) {
            (Some(one), _) if one.until >= self.today => Standing::Accepted(one.clone()),
            (Some(one), _) => Standing::Expired(one.clone()),
            (None, Some(known)) if !known.contains_key(&fingerprint) => Standing::New,
            (None, _) => Standing::Known,
        }
    }
}
