//! Repositories of other accounts: do their own policies admit the role?

use std::sync::Arc;

use super::super::Review;
use super::super::account::RepositoryEntry;
use super::super::found::{self, Found, On};
use super::super::repository::{Admits, admits};
use super::super::rights::Act;
use super::super::role::RoleReview;
use super::super::rules::REPOSITORY_FOREIGN;
use crate::domain::arn::Arn;
use crate::domain::finding::Severity;
use crate::domain::host::RegistryHost;
use crate::domain::partition::{AccountId, Region};

/// The repositories of other accounts that roles of an Okteto name to the letter, each once, in order: what is to be read
/// before [`super::look`].
#[must_use]
pub fn foreign_repositories(
    roles: &[Arc<RoleReview>],
    account: &AccountId,
) -> Vec<(RegistryHost, String)> {
    let mut all: Vec<(RegistryHost, String)> = Vec::new();
    for named in roles.iter().flat_map(|role| named(role, account)) {
        all.extend(named.place());
    }
    all.sort();
    all.dedup();
    all
}

/// A repository, or a pattern of repositories, of another account.
struct Named {
    text: String,
    arn: Arn,
}

impl Named {
    /// The registry and the name; `None` for a pattern.
    fn place(&self) -> Option<(RegistryHost, String)> {
        let name = self.arn.resource.strip_prefix("repository/")?;
        let region = Region::parse(&self.arn.region).ok()?;
        let account = AccountId::parse(&self.arn.account).ok()?;
        (!name.contains(['*', '?']))
            .then(|| (RegistryHost::classic(account, region), name.to_owned()))
    }
}

/// What of other accounts a role of an Okteto may pull, as far as its policies name the account.
fn named(role: &RoleReview, account: &AccountId) -> Vec<Named> {
    let grant = role.rights.as_ref().filter(|_| role.trust.is_okteto).and_then(|r| r.of(Act::Pull));
    let mut all: Vec<Named> = Vec::new();
    for text in grant.iter().flat_map(|grant| &grant.on) {
        let Ok(arn) = Arn::parse(text) else { continue };
        let is_foreign = arn.service == "ecr"
            && arn.account != account.as_str()
            && AccountId::parse(&arn.account).is_ok();
        if is_foreign && !all.iter().any(|one| one.text == *text) {
            all.push(Named { text: text.clone(), arn });
        }
    }
    all
}

/// Of each role what its repositories of other accounts say to it.
pub(super) fn look(review: &Review) -> Vec<Vec<Found>> {
    let of_one = |role: &Arc<RoleReview>| {
        let named = named(role, &review.caller.account);
        named.iter().filter_map(|one| told(role, one, &review.repositories)).collect()
    };
    review.roles.iter().map(of_one).collect()
}

fn told(role: &RoleReview, named: &Named, repositories: &[RepositoryEntry]) -> Option<Found> {
    let on = On::Role(role.entry.name.clone());
    let text = &named.text;
    let doubt = |why: &str, lines: Vec<String>| {
        let message = format!(
            "{text} is of another account. Whether it admits the role is not known: {why}."
        );
        let finding = REPOSITORY_FOREIGN.at("role", message).graded(Severity::Note);
        Some(Found::new(on.clone(), finding).shown_by(lines))
    };
    let words = format!(
        "In account {} let the repository's policy allow {} to {}.",
        named.arn.account,
        Act::Pull.actions().join(" and "),
        role.entry.arn
    );
    let wrong = |what: &str| {
        let message = format!("{text} is of another account, and {what}: the pull is refused.");
        let finding = REPOSITORY_FOREIGN.at("role", message).mended(words, None);
        Some(Found::new(on.clone(), finding))
    };
    if named.place().is_none() {
        let why = format!(
            "it is a pattern, and repositories are looked up by name only. In account {} see that the policy of each \
             repository that it matches lets the role pull",
            named.arn.account
        );
        return doubt(&why, Vec::new());
    }
    match repositories.iter().find(|entry| entry.arn == *text).map(|entry| &entry.policy) {
        None => doubt("its policy was not read", Vec::new()),
        Some(Err(fault)) => doubt("its policy could not be read", vec![found::why(fault)]),
        Some(Ok(None)) => wrong("has no policy of its own"),
        Some(Ok(Some(policy))) => match admits(policy, text, &role.entry.arn) {
            Admits::Yes => None,
            Admits::No => wrong("its policy does not admit the role"),
            Admits::Depends => {
                doubt("its policy has parts that only the request decides", Vec::new())
            }
        },
    }
}
