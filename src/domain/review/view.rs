//! The rows of the review's tables: what stands in them, in which order, and which of them are shown.

pub mod filter;
mod listing;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use self::filter::Filter;
pub use self::listing::Listing;
use self::listing::{Column, Texts};
use super::found::{Found, On};
use super::rights::{Act, Rights};
use super::role::{IssuerKind, RoleReview};
use super::triage::{Standing, Triage};
use super::{ProviderReview, Review, UserReview};
use crate::domain::finding::Severity;
use crate::domain::key::LastUse;

/// A day in seconds.
const DAY: i64 = 24 * 3600;

/// A table of the review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Table {
    /// Roles that trust a web identity.
    #[default]
    Roles,
    /// Users that may do anything in ECR.
    Users,
    /// Identity providers.
    Providers,
    /// Findings about the account itself.
    Account,
}

impl Table {
    /// All of them, in the order of the screen.
    pub const ALL: [Self; 4] = [Self::Roles, Self::Users, Self::Providers, Self::Account];

    /// Its title.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Roles => "Roles",
            Self::Users => "Users",
            Self::Providers => "Providers",
            Self::Account => "Account",
        }
    }

    /// The next or previous one, going round.
    #[must_use]
    pub fn beside(self, forward: bool) -> Self {
        let n = Self::ALL.len();
        let at = (self as usize + if forward { 1 } else { n - 1 }) % n;
        Self::ALL.get(at).copied().unwrap_or_default()
    }
}

/// By what the rows are sorted; of equal ones by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The worst first.
    #[default]
    Severity,
    /// By name.
    Name,
    /// What was never used first, then what was not used for the longest time.
    LastUse,
    /// By audience; of users by their keys.
    Audience,
    /// By the kind of issuer, then by issuer.
    Issuer,
}

impl Order {
    /// All of them, in the order in which the key goes round.
    pub const ALL: [Self; 5] =
        [Self::Severity, Self::Name, Self::LastUse, Self::Audience, Self::Issuer];

    /// It follows "by".
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Name => "name",
            Self::LastUse => "last use",
            Self::Audience => "audience",
            Self::Issuer => "issuer",
        }
    }

    /// The next one, going round.
    #[must_use]
    pub fn next(self) -> Self {
        let at = (self as usize + 1) % Self::ALL.len();
        Self::ALL.get(at).copied().unwrap_or_default()
    }
}

/// When something was last used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    /// It is nothing that AWS keeps a last use of.
    Nothing,
    /// It could not be read.
    Unknown,
    /// Never, as far as AWS keeps track.
    Never,
    /// Then, in seconds since 1970.
    At(i64),
}

impl From<&LastUse> for Used {
    fn from(last: &LastUse) -> Self {
        match last {
            LastUse::Unknown => Self::Unknown,
            LastUse::Never => Self::Never,
            LastUse::At(at, _) => Self::At(*at),
        }
    }
}

impl Used {
    /// Whole days since then; none where that is not known or never was.
    #[must_use]
    pub const fn days(self, now: i64) -> Option<i64> {
        match self {
            Self::At(at) => {
                let days = now.saturating_sub(at).div_euclid(DAY);
                Some(if days < 0 { 0 } else { days })
            }
            _ => None,
        }
    }

    /// For a column: `today`, `3 d`, `never`, `?`.
    #[must_use]
    pub fn words(self, now: i64) -> String {
        match (self, self.days(now)) {
            (Self::Nothing, _) => String::new(),
            (Self::Never, _) => "never".to_owned(),
            (_, Some(0)) => "today".to_owned(),
            (_, Some(days)) => format!("{days} d"),
            (_, None) => "?".to_owned(),
        }
    }

    /// Where it stands in [`Order::LastUse`].
    fn rank(self) -> u64 {
        match self {
            Self::Never => 0,
            Self::At(at) => u64::try_from(at).unwrap_or(0).saturating_add(1),
            Self::Unknown => u64::MAX - 1,
            Self::Nothing => u64::MAX,
        }
    }
}

/// How findings stand: a row may have several ways at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stands {
    /// Findings that were not there the last time.
    pub new: usize,
    /// Findings that were.
    pub known: usize,
    /// Accepted ones.
    pub accepted: usize,
    /// Ones whose acceptance is over.
    pub expired: usize,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What tells it from the others, also in a later review.
    pub key: String,
    /// Its name; of the account's rows what was found.
    pub name: String,
    /// The kind of issuer: `GKE`, `EKS, other`.
    pub kind: String,
    /// The audience; of users their keys, of providers what they list.
    pub audience: String,
    /// The subject; of users their groups, of providers how many roles trust them.
    pub subject: String,
    /// What it may do in ECR, in a word or two; `?` before that was read.
    pub rights: String,
    /// Its last use.
    pub used: Used,
    /// How many findings count, by severity, in the order of [`Severity::ALL`].
    pub counts: [usize; 6],
    /// How its findings stand.
    pub stands: Stands,
    /// Whether an Okteto instance gets in, or was meant to.
    pub is_okteto: bool,
    /// Whether not all of it could be read.
    pub is_unread: bool,
    worst: Option<Severity>,
    weight: u64,
    low: Low,
    rules: Vec<&'static str>,
    /// What it may do, a bit for each; none before that was read.
    can: Option<u8>,
}

/// The texts that are searched, in small letters, made once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Low {
    name: String,
    issuer: String,
    audience: String,
    subject: String,
    all: String,
    /// The column of audiences, which they are sorted by.
    column: String,
}

impl Row {
    /// The worst that counts.
    #[must_use]
    pub const fn worst(&self) -> Option<Severity> {
        self.worst
    }

    /// Whether something counts that is as bad.
    fn is_as_bad(&self, floor: Severity) -> bool {
        self.worst.is_some_and(|worst| worst.rank() >= floor.rank())
    }

    /// How many findings of a severity count.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.counts.get(severity as usize).copied().unwrap_or(0)
    }
}

/// The worst of these numbers of findings by severity.
fn worst(counts: [usize; 6]) -> Option<Severity> {
    let there = Severity::ALL.into_iter().zip(counts).filter(|(_, n)| *n > 0);
    there.map(|(severity, _)| severity).max_by_key(|severity| severity.rank())
}

/// Larger is worse: by the number of critical findings, then of high ones and errors, and so on down.
fn weight(counts: [usize; 6]) -> u64 {
    let mut weight = [0_u64; 5];
    for (severity, n) in Severity::ALL.into_iter().zip(counts) {
        if let Some(sum) = weight.get_mut(usize::from(severity.rank())) {
            *sum = sum.saturating_add(u64::try_from(n).unwrap_or(u64::MAX)).min(0xfff);
        }
    }
    weight.iter().rev().fold(0, |sum, n| (sum << 12) | n)
}

/// What the findings are held against while rows are made.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The account.
    pub account: &'a str,
    /// What was accepted and what was there the last time, where that is known.
    pub triage: Option<&'a Triage>,
}

impl<'a> Judge<'a> {
    /// By the triage of a review.
    #[must_use]
    pub fn of(review: &'a Review) -> Self {
        Self { account: review.caller.account.as_str(), triage: review.triage.as_ref().ok() }
    }

    /// How a finding stands.
    #[must_use]
    pub fn standing(&self, found: &Found) -> Standing {
        self.triage.map_or(Standing::Known, |triage| triage.standing(self.account, found))
    }

    /// The row without what only its kind has.
    fn row(&self, on: &On, found: &[Found]) -> Row {
        let (mut counts, mut stands) = ([0; 6], Stands::default());
        for one in found {
            let standing = self.standing(one);
            match standing {
                Standing::New => stands.new += 1,
                Standing::Known => stands.known += 1,
                Standing::Accepted(_) => stands.accepted += 1,
                Standing::Expired(_) => stands.expired += 1,
            }
            if let Some(n) = counts.get_mut(one.finding.severity as usize)
                && standing.counts()
            {
                *n += 1;
            }
        }
        let mut rules: Vec<&'static str> = found.iter().map(|one| one.finding.rule).collect();
        rules.dedup();
        Row {
            key: on.to_string(),
            name: on.name().to_owned(),
            kind: String::new(),
            audience: String::new(),
            subject: String::new(),
            rights: String::new(),
            used: Used::Nothing,
            counts,
            stands,
            is_okteto: false,
            is_unread: false,
            worst: worst(counts),
            weight: weight(counts),
            low: Low::default(),
            rules,
            can: None,
        }
    }

    /// The row of a role.
    #[must_use]
    pub fn role(&self, role: &RoleReview) -> Row {
        let RoleReview { entry, trust, rights, found } = role;
        let mut row = self.row(&On::Role(entry.name.clone()), found);
        let mut kinds: Vec<IssuerKind> = trust.issuers.iter().map(|one| one.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        row.kind = kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
        row.audience.clone_from(&trust.audience);
        row.subject.clone_from(&trust.subject);
        row.used = Used::from(&entry.last_use);
        row.is_okteto = trust.is_okteto;
        row.is_unread = entry.unread.is_some();
        row.rights(rights.as_ref());
        let issuers = trust.issuers.iter().map(|one| one.name.as_str());
        let issuer = joined(issuers.chain([row.kind.as_str()]));
        let admits = || trust.admits.iter();
        let audience =
            joined(admits().map(|one| one.audience.as_str()).chain([trust.audience.as_str()]));
        let subject =
            joined(admits().map(|one| one.subject.as_str()).chain([trust.subject.as_str()]));
        row.searched(&issuer, &audience, &subject)
    }

    /// The row of a user.
    #[must_use]
    pub fn user(&self, user: &UserReview) -> Row {
        let UserReview { entry, rights, found } = user;
        let mut row = self.row(&On::User(entry.name.clone()), found);
        row.is_unread = entry.unread.is_some();
        row.rights(Some(rights));
        (row.audience, row.used) = match &entry.keys {
            None => ("?".to_owned(), Used::Unknown),
            Some(keys) => {
                let active = keys.iter().filter(|key| key.is_active()).count();
                let words = match (keys.len(), active) {
                    (0, _) => "no key".to_owned(),
                    (n, active) if n == active => format!("{n} active"),
                    (_, active) => format!("{active} active, {} not", keys.len() - active),
                };
                (words, last_use(keys.iter().map(|key| Used::from(&key.last_use))))
            }
        };
        row.subject = entry.groups.join(", ");
        let ids = entry.keys.iter().flatten().map(|key| key.id.as_str());
        let audience = joined(ids.chain([row.audience.as_str()]));
        let subject = row.subject.to_lowercase();
        row.searched("", &audience, &subject)
    }

    /// The row of a provider.
    #[must_use]
    pub fn provider(&self, provider: &ProviderReview, roles: &[std::sync::Arc<RoleReview>]) -> Row {
        let name = provider.arn.name();
        let mut row = self.row(&On::Provider(name.to_owned()), &provider.found);
        let issuers = || roles.iter().flat_map(|role| &role.trust.issuers);
        let kind = issuers().find(|one| one.name == name).map(|one| one.kind);
        kind.map_or("", IssuerKind::word).clone_into(&mut row.kind);
        row.is_unread = provider.seen.is_err();
        row.audience = match &provider.seen {
            Ok(seen) => seen.audiences.join(", "),
            Err(_) => "?".to_owned(),
        };
        row.subject = match provider.trusted_by.len() {
            0 => "no role".to_owned(),
            1 => "1 role".to_owned(),
            n => format!("{n} roles"),
        };
        let issuer = joined([name, row.kind.as_str()]);
        let audience = row.audience.to_lowercase();
        let subject = joined(provider.trusted_by.iter().map(String::as_str));
        row.searched(&issuer, &audience, &subject)
    }

    /// The row of a finding about the account.
    #[must_use]
    pub fn account(&self, found: &Found) -> Row {
        let mut row = self.row(&found.on, std::slice::from_ref(found));
        row.key = format!("{}/{}", found.on, found.fingerprint());
        row.name.clone_from(&found.finding.message);
        row.searched("", "", "")
    }
}

impl Row {
    fn rights(&mut self, rights: Option<&Rights>) {
        self.rights = rights.map_or_else(|| "?".to_owned(), Rights::word);
        self.can = rights.map(|rights| rights.grants.iter().fold(0, |can, one| can | bit(one.act)));
    }

    fn searched(mut self, issuer: &str, audience: &str, subject: &str) -> Self {
        let name = self.name.to_lowercase();
        let all = format!("{name}\n{issuer}\n{audience}\n{subject}\n{}", self.rules.join("\n"));
        let [issuer, audience, subject] = [issuer, audience, subject].map(str::to_owned);
        let column = self.audience.to_lowercase();
        self.low = Low { name, issuer, audience, subject, all, column };
        self
    }
}

/// The bit of a kind of doing.
const fn bit(act: Act) -> u8 {
    1 << act as u8
}

/// In small letters, one a line.
fn joined<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(str::to_lowercase).collect::<Vec<_>>().join("\n")
}

/// The latest of several uses: what is not known of one is not known of all, unless another was used.
fn last_use(uses: impl Iterator<Item = Used>) -> Used {
    uses.fold(Used::Never, |last, used| match (last, used) {
        (Used::At(a), Used::At(b)) => Used::At(a.max(b)),
        (Used::At(at), _) | (_, Used::At(at)) => Used::At(at),
        (Used::Unknown, _) | (_, Used::Unknown) => Used::Unknown,
        _ => Used::Never,
    })
}

/// The rows of one table of a review, in the order of the review.
#[must_use]
pub fn rows(review: &Review, table: Table) -> Vec<Row> {
    let judge = Judge::of(review);
    match table {
        Table::Roles => review.roles.iter().map(|role| judge.role(role)).collect(),
        Table::Users => review.users.iter().map(|user| judge.user(user)).collect(),
        Table::Providers => {
            review.providers.iter().map(|one| judge.provider(one, &review.roles)).collect()
        }
        Table::Account => review.account.iter().map(|found| judge.account(found)).collect(),
    }
}

/// Which rows are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// What was typed.
    pub filter: Filter,
    /// Only rows with a finding as bad as this.
    pub floor: Option<Severity>,
    /// Only what Okteto can assume, or was meant to.
    pub okteto: bool,
    /// What is marked, by key.
    pub marks: BTreeSet<String>,
    /// The time that ages are told at, seconds since 1970.
    pub at: i64,
}

impl Choice {
    /// For each row whether it is chosen.
    fn hits(&self, rows: &[Row], texts: &Texts) -> Vec<bool> {
        let mut hits = self.filter.hits(rows, texts, &self.marks, self.at);
        if self.floor.is_some() || self.okteto {
            for (hit, row) in hits.iter_mut().zip(rows) {
                *hit &= self.floor.is_none_or(|floor| row.is_as_bad(floor));
                *hit &= !self.okteto || row.is_okteto;
            }
        }
        hits
    }
}
