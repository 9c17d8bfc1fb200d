//! What was accepted, and what was there last time.
//!
//! [`mod@file`] is the file of what was accepted, [`kept`] what is kept of a review for the next.

pub mod file;
pub mod kept;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::civil::Date;

use super::found::{Found, On};
use super::{Part, Review, whole};

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
    /// The finding's message, for whoever reads the file; nothing is decided by it.
    pub what: String,
    /// Why it may stay.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Date,
    /// The ARN of who accepted it.
    pub by: String,
    /// On which day.
    pub at: Date,
}

/// A change of what was accepted. It is about one finding; whatever else the file has is left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// Accepts a finding, instead of what was said of the same one before.
    Add(Accepted),
    /// Takes back what was accepted of a finding.
    TakeBack {
        /// The account.
        account: String,
        /// The finding.
        fingerprint: String,
    },
}

impl Acceptance {
    /// Makes the change in what was accepted. Made twice it is as if made once.
    pub fn change(&self, accepted: &mut Vec<Accepted>) {
        let (account, fingerprint) = match self {
            Self::Add(one) => (&one.account, &one.fingerprint),
            Self::TakeBack { account, fingerprint } => (account, fingerprint),
        };
        accepted.retain(|one| (&one.account, &one.fingerprint) != (account, fingerprint));
        if let Self::Add(one) = self {
            accepted.push(one.clone());
        }
    }
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

    /// What the earlier review found and this one did not, although it read whom it was about: it is mended.
    #[must_use]
    pub fn gone(&self, review: &Review) -> Vec<&Known> {
        let Some(known) = &self.known else { return Vec::new() };
        let (there, reading) = (fingerprints(review), Reading::of(review));
        let mut gone: Vec<&Known> = known
            .iter()
            .filter(|(fingerprint, one)| {
                let about = Subject { on: &one.on, rule: &one.rule };
                !there.contains(*fingerprint) && reading.has(&about)
            })
            .map(|(_, one)| one)
            .collect();
        gone.sort_by_key(|one| (&one.on, &one.rule, &one.message));
        gone
    }

    /// What was accepted in this account and is not found any more: it can be taken out of the file.
    #[must_use]
    pub fn stale(&self, review: &Review) -> Vec<&Accepted> {
        let (there, reading) = (fingerprints(review), Reading::of(review));
        let account = review.caller.account.as_str();
        let mut stale: Vec<&Accepted> = self
            .accepted
            .iter()
            .filter(|one| {
                let about = Subject { on: &one.on, rule: &one.rule };
                one.account == account && reading.has(&about)
            })
            .filter(|one| !there.contains(&one.fingerprint))
            .collect();
        stale.sort_by_key(|one| one.order());
        stale.dedup();
        stale
    }

    /// What is to be kept of a review for the next one, by fingerprint: what it found, and what was found before of whatever this
    /// one did not see.
    #[must_use]
    pub fn to_keep(&self, review: &Review) -> BTreeMap<String, Known> {
        let reading = Reading::of(review);
        let unseen = self
            .known
            .iter()
            .flatten()
            .filter(|(_, one)| !reading.has(&Subject { on: &one.on, rule: &one.rule }));
        let unseen = unseen.map(|(fingerprint, one)| (fingerprint.clone(), one.clone()));
        let found = review.found().map(|found| (found.fingerprint(), Known::of(found)));
        unseen.chain(found).collect()
    }
}

impl Known {
    /// A finding as it is kept.
    #[must_use]
    pub fn of(found: &Found) -> Self {
        Self {
            on: found.on.to_string(),
            rule: found.finding.rule.to_owned(),
            message: found.finding.message.clone(),
        }
    }
}

impl Accepted {
    /// By what the file is sorted: account, subject, rule, fingerprint; then the rest, so that no order is left open.
    #[must_use]
    pub fn order(&self) -> impl Ord + use<'_> {
        let Self { account, on, rule, fingerprint, what, reason, until, by, at } = self;
        ((account, on, rule, fingerprint), (until, at, by, reason, what))
    }
}

fn fingerprints(review: &Review) -> BTreeSet<String> {
    review.found().map(Found::fingerprint).collect()
}

/// How far the account was read: what was not looked at is not mended.
struct Reading {
    /// Those that are there and were not read whole.
    unread: BTreeSet<String>,
    /// Those that are there.
    there: BTreeSet<String>,
    /// The kinds all of which are listed, by the beginning of [`On`]'s text.
    listed: Vec<&'static str>,
    /// Whether roles, providers and repositories were all read whole.
    all: bool,
}

impl Reading {
    fn of(review: &Review) -> Self {
        let roles = review.roles.iter().map(|role| {
            let rights = role.rights.as_ref().is_some_and(|rights| rights.unread.is_empty());
            (On::Role(role.entry.name.clone()), role.entry.unread.is_none() && rights)
        });
        let users = review.users.iter().map(|user| {
            let whole = user.entry.unread.is_none() && user.rights.unread.is_empty();
            (On::User(user.entry.name.clone()), whole)
        });
        let providers = review
            .providers
            .iter()
            .map(|provider| (On::Provider(provider.arn.name().to_owned()), provider.seen.is_ok()));
        let listed = |part| !review.misses(part);
        let mut reading = Self {
            unread: BTreeSet::new(),
            there: BTreeSet::new(),
            listed: [
                ("role", listed(Part::Roles)),
                ("provider", listed(Part::Providers)),
                // Pages that never came held users as well.
                ("user", listed(Part::Users) && listed(Part::Roles)),
                // What is wrong with it comes from its figures.
                ("account", review.gaps.is_empty()),
            ]
            .into_iter()
            .filter_map(|(kind, is_listed)| is_listed.then_some(kind))
            .collect(),
            all: listed(Part::Roles)
                && listed(Part::Providers)
                && review.roles.iter().all(|role| role.entry.unread.is_none())
                && review.providers.iter().all(|provider| provider.seen.is_ok())
                && review.repositories.iter().all(|one| one.policy.is_ok()),
        };
        for (on, read) in roles.chain(users).chain(providers) {
            let on = on.to_string();
            if !read {
                reading.unread.insert(on.clone());
            }
            reading.there.insert(on);
        }
        reading
    }

    /// Whether it would have found by this rule whatever is wrong with this one.
    fn has(&self, one: &Subject<'_>) -> bool {
        let Subject { on, rule } = *one;
        let is_listed = on.split('/').next().is_some_and(|kind| self.listed.contains(&kind));
        let is_told = self.all || !whole::needs_all(rule);
        // Who is not there is no more, if all were listed.
        !self.unread.contains(on) && (is_listed || self.there.contains(on)) && is_told
    }
}

/// Whom a finding is about, and its rule.
#[derive(Clone, Copy)]
struct Subject<'a> {
    on: &'a str,
    rule: &'a str,
}

#[cfg(test)]
mod tests;
