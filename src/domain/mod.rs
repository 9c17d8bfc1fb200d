//! What a trust policy, a plan and a probe *are*. Pure: no clock, no network, no terminal, no SDK.

pub mod access;
pub mod answers;
pub mod arn;
pub mod claims;
pub mod custody;
pub(crate) mod denial;
pub mod draft;
pub mod evaluate;
pub mod fault;
pub mod finding;
pub mod handoff;
pub mod host;
pub mod intent;
pub mod inventory;
pub mod issuer;
pub mod journal;
pub mod key;
pub mod moment;
pub mod name;
pub mod operation;
pub mod partition;
pub mod plan;
pub mod policy;
pub mod principal;
pub mod probe;
pub mod problem;
pub mod review;
pub mod rotation;
#[cfg(test)]
pub(crate) mod sample;
pub mod secret;
pub mod seen;
pub mod subject;
pub mod trust;
pub mod undo;
pub mod visible;
