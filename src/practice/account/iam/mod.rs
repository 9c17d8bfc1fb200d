//! IAM's actions.
//!
//! Reads see what was written last; STS, ECR and the judging of callers see it when it has spread. What is deleted is
//! gone everywhere at once: a real account may go on honouring it for a while, which only makes a run there luckier.

mod account;
mod attachment;
mod group;
mod key;
mod model;
mod out;
mod policy;
mod provider;
mod resource;
mod role;
mod tag;
mod user;

#[cfg(test)]
mod tests;

pub(super) use self::provider::fetched as thumbprint_of;
use super::Action;

/// All of them.
pub(super) const ACTIONS: &[&[Action]] = &[
    provider::ACTIONS,
    role::ACTIONS,
    user::ACTIONS,
    group::ACTIONS,
    attachment::ACTIONS,
    key::ACTIONS,
    policy::ACTIONS,
    tag::ACTIONS,
    account::ACTIONS,
];
