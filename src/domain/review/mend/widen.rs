//! Whether a call lets in, or allows, more than before. Where that cannot be told it is taken for widening: then it is asked.

use crate::domain::access::{PULL_ONLY, READ_ONLY};
use crate::domain::inventory::Holdings;
use crate::domain::key::KeyStatus;
use crate::domain::operation::Operation;
use crate::domain::policy::Document;
use crate::domain::policy::permission::PULLS;
use crate::domain::principal::Principal;
use crate::domain::trust::admit::{self, Meant};

/// AWS's own policies for ECR, each with all that the one before it allows (AWS managed policy reference).
const LADDER: [&str; 4] = [
    PULL_ONLY,
    READ_ONLY,
    "AmazonEC2ContainerRegistryPowerUser",
    "AmazonEC2ContainerRegistryFullAccess",
];

/// Whether a call widens, with all that are sent with it.
pub(super) fn widens(operation: &Operation, all: &[Operation], seen: &Holdings) -> bool {
    match operation {
        Operation::UpdateTrust { role, trust } => {
            let before = seen.roles.get(role).map(|role| role.trust.as_str());
            !before.is_some_and(|before| lets_in_no_more(before, trust))
        }
        Operation::AttachPolicy { to, policy } => {
            !takes_away(all, to, step_of(policy.as_str()).unwrap_or(usize::MAX))
        }
        Operation::PutInlinePolicy { on, document, .. } => {
            !(only_pulls(document) && takes_away(all, on, 1))
        }
        Operation::SetKeyStatus { status, .. } => *status == KeyStatus::Active,
        _ => true,
    }
}

/// Whether every set of tokens that gets in after a change got in before it. What no token decides, such as a condition on
/// the caller's address, must be the same.
fn lets_in_no_more(before: &str, after: &str) -> bool {
    let (Some(before), Some(after)) = (admit::read(before), admit::read(after)) else {
        return false;
    };
    let meant = Meant::default();
    let was = admit::admitted(&before, &meant);
    admit::beyond(&before) == admit::beyond(&after)
        && admit::admitted(&after, &meant).iter().all(|new| was.iter().any(|old| old.covers(new)))
}

/// Where an AWS managed policy stands among those for ECR.
fn step_of(arn: &str) -> Option<usize> {
    LADDER.iter().position(|name| arn.ends_with(&format!(":aws:policy/{name}")))
}

/// Whether a policy that allows at least as much goes in the same plan.
fn takes_away(all: &[Operation], who: &Principal, step: usize) -> bool {
    all.iter().any(|other| match other {
        Operation::DetachPolicy { from, policy } => {
            from == who && step_of(policy.as_str()).is_some_and(|there| there >= step)
        }
        _ => false,
    })
}

/// Whether a document allows nothing but to pull.
fn only_pulls(document: &str) -> bool {
    let Ok(document) = Document::parse(document) else { return false };
    document.duplicates.is_empty()
        && document.statements().iter().all(|facts| {
            let says =
                |key: &str, value: &str| facts.get(key).is_some_and(|fact| fact.values == [value]);
            let pulls = |action: &String| PULLS.iter().any(|one| one.eq_ignore_ascii_case(action));
            says("Effect", "Deny")
                || says("Effect", "Allow")
                    && facts.get("Action").is_some_and(|fact| fact.values.iter().all(pulls))
        })
}
