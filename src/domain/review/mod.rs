//! The review: who may pull, what else they may do, and what is wrong with it.
//!
//! | part | is |
//! | --- | --- |
//! | [`account`] | the account as it was read: roles, users, groups, policies, providers |
//! | [`rules`] | the table of rules beyond those of [`super::trust::lint`]: slug, severity, why, source |
//! | [`found`] | one finding with whom it is about, its evidence and the calls that mend it |
//! | [`role`] | a role judged: who gets in, what is wrong with its trust policy |
//! | [`rights`] | what a role or user may do in ECR, by action and repository |
//! | [`permission`] | what is wrong with the permissions |
//! | [`repository`] | policies of repositories that matter to a role |
//! | [`user`] | a user judged: its keys, its password, its groups |
//! | [`whole`] | what only the whole account shows |
//! | [`mend`] | findings made into a plan |
//! | [`triage`] | what was accepted, what is new, what is gone |
//! | [`view`] | rows of the table: filter and order |

pub mod account;
pub mod found;
pub mod mend;
pub mod permission;
pub mod repository;
pub mod rights;
pub mod role;
pub mod rules;
#[cfg(test)]
pub(crate) mod sample;
pub mod triage;
pub mod user;
pub mod view;
pub mod whole;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::found::Found;
use self::role::RoleReview;
use self::triage::Triage;
use super::arn::ProviderArn;
use super::fault::Fault;
use super::intent::Caller;
use super::inventory::SeenProvider;
use account::{RepositoryEntry, UserEntry};
use rights::Rights;

/// An account, reviewed.
#[derive(Debug, Clone)]
pub struct Review {
    /// Who looked.
    pub caller: Caller,
    /// When it was read, seconds since 1970. No finding and no export has it.
    pub read_at: i64,
    /// The roles that trust a web identity or are open to everyone, by name.
    pub roles: Vec<Arc<RoleReview>>,
    /// The users that may do anything in ECR, by name.
    pub users: Vec<Arc<UserReview>>,
    /// The identity providers, by name.
    pub providers: Vec<Arc<ProviderReview>>,
    /// What is about none of them but the account.
    pub account: Vec<Found>,
    /// Repositories with their own policies: those of the login's region, and those of other accounts that roles name.
    pub repositories: Vec<RepositoryEntry>,
    /// How much was read.
    pub counts: Counts,
    /// What could not be read, in the order in which it was asked.
    pub gaps: Vec<Gap>,
    /// What was accepted and what was there last time, or why that could not be read.
    pub triage: Result<Triage, Fault>,
}

impl Review {
    /// Every finding: of roles, users, providers, the account, each in its order.
    pub fn found(&self) -> impl Iterator<Item = &Found> {
        let roles = self.roles.iter().flat_map(|role| &role.found);
        let users = self.users.iter().flat_map(|user| &user.found);
        let providers = self.providers.iter().flat_map(|provider| &provider.found);
        roles.chain(users).chain(providers).chain(&self.account)
    }

    /// Whether something of this part is missing.
    #[must_use]
    pub fn misses(&self, part: Part) -> bool {
        self.gaps.iter().any(|gap| gap.part == part)
    }
}

/// A user that may do something in ECR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserReview {
    /// As it was read.
    pub entry: UserEntry,
    /// What it may do.
    pub rights: Rights,
    /// What is wrong, worst first.
    pub found: Vec<Found>,
}

/// An identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderReview {
    /// Its ARN.
    pub arn: ProviderArn,
    /// As AWS has it, or why it could not be read.
    pub seen: Result<SeenProvider, Fault>,
    /// The roles that trust it, by name.
    pub trusted_by: Vec<String>,
    /// What is wrong, worst first.
    pub found: Vec<Found>,
}

/// What each provider lists, by its name, as far as it was read.
pub fn listed<'a>(
    providers: impl IntoIterator<Item = (&'a ProviderArn, &'a Result<SeenProvider, Fault>)>,
) -> BTreeMap<String, Vec<String>> {
    let read = providers.into_iter().filter_map(|(arn, seen)| Some((arn, seen.as_ref().ok()?)));
    read.map(|(arn, seen)| (arn.name().to_owned(), seen.audiences.clone())).collect()
}

/// How much was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Roles, without those that were left out.
    pub roles: usize,
    /// Roles of AWS's own services and of IAM Identity Center, which nobody else can change.
    pub left_out: usize,
    /// Roles that trust a web identity or are open to everyone: those of [`Review::roles`].
    pub trusting: usize,
    /// How many roles the account has, where AWS told it.
    pub total: Option<usize>,
    /// Users.
    pub users: usize,
}

/// Of what something is missing: it decides what may be said nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Roles: which of them there are, or whom they trust.
    Roles,
    /// Identity providers, or what they list.
    Providers,
    /// Users.
    Users,
    /// Anything else. It makes no finding of these untrue.
    Rest,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Of what it is missing.
    pub part: Part,
    /// What, such as `the account's users`: it follows "could not read".
    pub what: String,
    /// Why.
    pub fault: Fault,
}
