//! What is wrong with the permissions of a role or user.
//!
//! Grades: the stricter of the two catalogues, unless it would say more than is so. What is wrong only with something that is
//! made for pulls is told as a note of what may be made for something else. Where a rule grades below a catalogue, the table
//! says why ([`super::rules`]).
//!
//! | part | looks at |
//! | --- | --- |
//! | `push` | rights to push, to administer, and to do anything |
//! | `pull` | the login and the pull: missing, or taken away by the boundary |
//! | `other` | rights beyond ECR; ARNs of another partition |

mod other;
mod pull;
mod push;
#[cfg(test)]
pub(super) mod tests;

use jiff::Timestamp;

use super::account::{RoleEntry, Shelf};
use super::found::{Found, On};
use super::rights::{Act, Paper, Papers, Place, Reading, Rights};
use super::rules;
use crate::domain::access::{PULL_ONLY, READ_ONLY};
use crate::domain::arn::PolicyArn;
use crate::domain::finding::Severity;
use crate::domain::intent::Caller;
use crate::domain::key::LastUse;
use crate::domain::operation::Operation;
use crate::domain::partition::Partition;
use crate::domain::principal::Principal;
use crate::domain::trust::lint::Rule;

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;
/// What the rules look at.
struct Look<'a> {
    on: &'a On,
    papers: &'a Papers,
    rights: &'a Rights,
    shelf: &'a Shelf,
    reading: Reading,
    partition: Partition,
}

/// What is wrong with the permissions. `rights` are those of the same papers.
#[must_use]
pub fn look(
    on: &On,
    papers: &Papers,
    rights: &Rights,
    shelf: &Shelf,
    caller: &Caller,
) -> Vec<Found> {
    let reading = papers.read(shelf);
    let look = Look { on, papers, rights, shelf, reading, partition: caller.partition };
    let mut found: Vec<Found> = look.unread().into_iter().collect();
    found.extend(push::look(&look));
    found.extend(look.read_only());
    found.extend(look.login());
    found.extend(look.no_pull());
    found.extend(look.assumes());
    found.extend(look.partitions());
    found.extend(look.boundary());
    found.extend(look.beyond());
    found.extend(look.notes());
    found
}

/// A role that was not used for more than 90 days at the time `now`, seconds since 1970. One that was made since then has
/// had no time to be.
#[must_use]
pub fn stale(entry: &RoleEntry, now: i64) -> Option<Found> {
    let is_old = |at: i64| now.saturating_sub(at) > 90 * DAY;
    let message = match (&entry.last_use, entry.created_at) {
        (LastUse::At(at, _), _) if is_old(*at) => {
            format!("last used {}, more than 90 days ago", day(*at))
        }
        (LastUse::Never, Some(at)) if is_old(at) => format!(
            "made {}, more than 90 days ago, and not used as far as AWS keeps track (400 days)",
            day(at)
        ),
        _ => return None,
    };
    let finding = rules::STALE
        .at("role", message)
        .mended("find out whose it is; delete it if nobody needs it", None);
    Some(Found::new(On::Role(entry.name.clone()), finding))
}

/// The day of an instant, in UTC: `2024-06-10`.
pub(super) fn day(at: i64) -> String {
    let day = |t: Timestamp| t.to_string().chars().take_while(|c| *c != 'T').collect();
    Timestamp::from_second(at).map_or_else(|_| at.to_string(), day)
}

impl Look<'_> {
    fn found(&self, rule: &Rule, place: &str, message: impl Into<String>) -> Found {
        Found::new(self.on.clone(), rule.at(place, message))
    }

    /// Whose policies they are; `None` where it is neither a role nor a user.
    fn principal(&self) -> Option<Principal> {
        match self.on {
            On::Role(name) => Some(Principal::Role(name.clone())),
            On::User(name) => Some(Principal::User(name.clone())),
            On::Provider(_) | On::Account => None,
        }
    }

    fn is_granted(&self, act: Act) -> bool {
        self.rights.of(act).is_some()
    }

    /// AWS's own policy of this name, if it is attached to it.
    fn attached(&self, name: &str) -> Option<&PolicyArn> {
        self.papers.attached.iter().find(|arn| is_of_aws(arn) && arn.name() == name)
    }

    /// The calls that put `PullOnly` in the place of a policy, where that partition is known to have it (AWS managed policy
    /// reference, also of China; of the others it is not known).
    fn pull_only_for(&self, policy: &PolicyArn) -> Vec<Operation> {
        let has_it =
            matches!(self.partition, Partition::Aws | Partition::China | Partition::GovCloud);
        let Some(principal) = self.principal().filter(|_| has_it) else { return Vec::new() };
        let mut calls = Vec::new();
        if self.attached(PULL_ONLY).is_none() {
            calls.push(Operation::AttachPolicy {
                to: principal.clone(),
                policy: PolicyArn::managed(self.partition, PULL_ONLY),
            });
        }
        calls.push(Operation::DetachPolicy { from: principal, policy: policy.clone() });
        calls
    }

    fn unread(&self) -> Option<Found> {
        let unread = &self.rights.unread;
        (!unread.is_empty()).then(|| {
            self.found(
                &rules::POLICY_UNREAD,
                "policies",
                "not every policy could be read and worked through: there may be more rights than are shown, or fewer",
            )
            .shown_by(unread.iter().cloned())
        })
    }

    fn read_only(&self) -> Option<Found> {
        let policy = self.attached(READ_ONLY)?;
        let place = format!("policy {READ_ONLY}");
        let mut found = if self.papers.is_for_pulls {
            self.found(&rules::READ_ONLY, &place, format!("{PULL_ONLY} would do for pulling"))
        } else {
            let message = format!("if it only pulls, {PULL_ONLY} would do");
            let mut found = self.found(&rules::READ_ONLY, &place, message);
            found.finding.severity = Severity::Note;
            found
        };
        found.evidence = vec![policy.to_string()];
        let words = format!("attach {PULL_ONLY}, then detach {READ_ONLY}");
        Some(found.mended_by(words, self.pull_only_for(policy)))
    }

    /// Whether anything is allowed.
    fn is_everything(&self) -> bool {
        self.rights.beyond.iter().any(|service| service == "*")
    }

    /// What is worth knowing of whatever can pull.
    fn notes(&self) -> Vec<Found> {
        let Some(pull) = self.rights.of(Act::Pull) else { return Vec::new() };
        let mut found = Vec::new();
        let mut note =
            |rule: &Rule, message: &str| found.push(self.found(rule, "policies", message));
        if pull.is_on_all() {
            note(&rules::ALL_REPOSITORIES, "it may pull from every repository");
        }
        let is_wide = pull.on.iter().any(|on| on.contains('*'));
        if is_wide && !self.is_granted(Act::Import) && self.attached(READ_ONLY).is_none() {
            note(
                &rules::NO_IMPORT,
                "from a pull-through cache it gets only what is there already: \
                 ecr:BatchImportUpstreamImage is not allowed",
            );
        }
        if self.papers.boundary.is_none() {
            note(&rules::NO_BOUNDARY, "it has no permissions boundary");
        }
        if self.papers.path == "/" && self.papers.tags.is_empty() {
            note(&rules::UNLABELLED, "it has no tags and the path /");
        }
        found
    }
}

/// Whether AWS keeps the policy.
fn is_of_aws(arn: &PolicyArn) -> bool {
    arn.as_str().split(':').nth(4) == Some("aws")
}
