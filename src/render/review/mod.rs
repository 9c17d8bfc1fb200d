//! A review as text, JSON, CSV or SARIF.
//!
//! The same for the same account, byte for byte: worst first, of equal ones by name; no time of reading, no request id, and
//! whether a finding is new only where there is an earlier review to compare with.

mod csv;
mod json;
mod sarif;
mod text;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::domain::fault::Fault;
use crate::domain::finding::{Finding, Severity};
use crate::domain::review::Review;
use crate::domain::review::found::Found;
use crate::domain::review::role::RoleReview;
use crate::domain::review::triage::{Accepted, Known, Standing};

pub use json::{admits, intruder};

/// What a review is printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, at most 80 columns wide.
    Text,
    /// One object: everything.
    Json,
    /// One line a finding, for spreadsheets (RFC 4180).
    Csv,
    /// SARIF 2.1.0, for what shows findings beside code.
    Sarif,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Csv, Self::Sarif];

    /// The word of `--format`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Sarif => "sarif",
        }
    }

    /// What it is for.
    #[must_use]
    pub const fn is_for(self) -> &'static str {
        match self {
            Self::Text => "for people",
            Self::Json => "for scripts",
            Self::Csv => "for tables",
            Self::Sarif => "for code scanning",
        }
    }

    /// The name of the file that an export is written to.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Text => "review.txt",
            Self::Json => "review.json",
            Self::Csv => "review.csv",
            Self::Sarif => "review.sarif",
        }
    }
}

/// Prints a review.
#[must_use]
pub fn print(review: &Review, format: Format) -> String {
    let sheet = Sheet::of(review);
    match format {
        Format::Text => text::print(&sheet),
        Format::Json => json::print(&sheet),
        Format::Csv => csv::print(&sheet),
        Format::Sarif => sarif::print(&sheet),
    }
}

/// A finding and how it stands.
struct Line<'a> {
    found: &'a Found,
    fingerprint: String,
    standing: Standing,
}

impl Line<'_> {
    fn acceptance(&self) -> Option<&Accepted> {
        match &self.standing {
            Standing::Accepted(one) | Standing::Expired(one) => Some(one),
            Standing::New | Standing::Known => None,
        }
    }

    const fn severity(&self) -> Severity {
        self.found.finding.severity
    }
}

/// What all formats print, in its order.
struct Sheet<'a> {
    review: &'a Review,
    /// Worst first.
    lines: Vec<Line<'a>>,
    /// Whether there is an earlier review to compare with.
    is_compared: bool,
    mended: Vec<&'a Known>,
    stale: Vec<&'a Accepted>,
    /// What could not be read, with its reason.
    gaps: Vec<(&'a str, Fault)>,
}

impl<'a> Sheet<'a> {
    fn of(review: &'a Review) -> Self {
        let account = review.caller.account.as_str();
        let triage = review.triage.as_ref();
        let standing = |found| triage.map_or(Standing::Known, |t| t.standing(account, found));
        let mut lines: Vec<Line<'a>> = review
            .found()
            .map(|found| Line {
                found,
                fingerprint: found.fingerprint(),
                standing: standing(found),
            })
            .collect();
        lines.sort_by_cached_key(|line| {
            let Found { on, finding, evidence, .. } = line.found;
            let Finding { rule, severity, message, place, .. } = finding;
            let what = (*rule, severity.word(), place.clone(), message.clone(), evidence.clone());
            (Reverse(severity.rank()), on.clone(), what)
        });
        let mut gaps: Vec<_> =
            review.gaps.iter().map(|gap| (gap.what.as_str(), steady(&gap.fault))).collect();
        if let Err(fault) = triage {
            gaps.push(("what was accepted", steady(fault)));
        }
        Self {
            review,
            lines,
            is_compared: triage.is_ok_and(|triage| triage.known.is_some()),
            mended: triage.map(|triage| triage.gone(review)).unwrap_or_default(),
            stale: triage.map(|triage| triage.stale(review)).unwrap_or_default(),
            gaps,
        }
    }

    /// How a finding stands, as far as that can be said.
    fn word(&self, line: &Line<'_>) -> Option<&'static str> {
        let said = self.is_compared || line.acceptance().is_some();
        said.then(|| line.standing.word())
    }

    /// How many findings of each severity count, the worst first.
    fn counts(&self) -> impl Iterator<Item = (Severity, usize)> {
        const WORST_FIRST: [Severity; 6] = [
            Severity::Critical,
            Severity::Error,
            Severity::High,
            Severity::Medium,
            Severity::Low,
            Severity::Note,
        ];
        WORST_FIRST.into_iter().map(|severity| {
            let counting = self.lines.iter().filter(|line| line.standing.counts());
            (severity, counting.filter(|line| line.severity() == severity).count())
        })
    }

    /// The roles, by name.
    fn roles(&self) -> Vec<&'a RoleReview> {
        let mut roles: Vec<&RoleReview> = self.review.roles.iter().map(AsRef::as_ref).collect();
        roles.sort_by_cached_key(|role| by_name(&role.entry.name));
        roles
    }

    /// The rules that found something, by name.
    fn rules(&self) -> BTreeSet<&'static str> {
        self.lines.iter().map(|line| line.found.finding.rule).collect()
    }
}

/// Names in the order of people, which no case tells apart.
fn by_name(name: &str) -> (String, String) {
    (name.to_lowercase(), name.to_owned())
}

/// A fault without what is another in each run.
fn steady(fault: &Fault) -> Fault {
    let also = fault.also.as_deref().map(|next| Box::new(steady(next)));
    Fault { request_id: None, also, ..fault.clone() }
}
