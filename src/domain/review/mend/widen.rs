//! Whether a call lets in, or allows, more than before. Where that cannot be told it is taken for widening: then it is asked.

use crate::domain::access::{PULL_ONLY, READ_ONLY};
use crate::domain::inventory::Holdings;
use crate::domain::key::KeyStatus;
use crate::domain::operation::Operation;
use crate::domain::policy::Document;
use crate::domain::policy::permission::PULLS;
use crate::domain::principal::Principal;
use crate::domain::trust::admit::{self, Meant};

/// AWS's own policies for ECR, each with those that allow no more than it (AWS managed policy reference). Only to pull is no
/// less than to read, or than the power user has: `ecr:BatchImportUpstreamImage` is in neither.
const WITHIN: [(&str, &[&str]); 4] = [
    (PULL_ONLY, &[PULL_ONLY]),
    (READ_ONLY, &[READ_ONLY]),
    (POWER_USER, &[READ_ONLY, POWER_USER]),
    (FULL_ACCESS, &[PULL_ONLY, READ_ONLY, POWER_USER, FULL_ACCESS]),
];
const POWER_USER: &str = "AmazonEC2ContainerRegistryPowerUser";
const FULL_ACCESS: &str = "AmazonEC2ContainerRegistryFullAccess";

/// Whether a call widens, with all that are sent with it.
pub(super) fn widens(operation: &Operation, all: &[Operation], seen: &Holdings) -> bool {
    match operation {
        Operation::UpdateTrust { role, trust } => {
            let before = seen.roles.get(role).map(|role| role.trust.as_str());
            !before.is_some_and(|before| lets_in_no_more(before, trust))
        }
        Operation::AttachPolicy { to, policy } => {
            let policy = policy.as_str();
            !goes(all, to, |gone| within(gone).iter().any(|name| is_aws(policy, name)))
        }
        Operation::PutInlinePolicy { on, document, .. } => {
            let is_held = goes(all, on, |gone| within(gone).contains(&READ_ONLY));
            !(only_pulls(document) && is_held)
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

/// Whether a trust policy lets in the same as another, in other words.
pub(super) fn admits_the_same(before: &str, after: &str) -> bool {
    lets_in_no_more(before, after) && lets_in_no_more(after, before)
}

/// Whether it is the AWS managed policy of this name.
fn is_aws(arn: &str, name: &str) -> bool {
    arn.ends_with(&format!(":aws:policy/{name}"))
}

/// The policies that allow no more than this one.
fn within(arn: &str) -> &'static [&'static str] {
    WITHIN.iter().find(|(name, _)| is_aws(arn, name)).map_or(&[], |(_, within)| within)
}

/// Whether a policy of this kind goes in the same plan.
fn goes(all: &[Operation], who: &Principal, is_meant: impl Fn(&str) -> bool) -> bool {
    all.iter().any(|other| match other {
        Operation::DetachPolicy { from, policy } => from == who && is_meant(policy.as_str()),
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
