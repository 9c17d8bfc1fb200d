//! Would STS swap this token, and if not, why?

use super::{Holder, Provider};
use crate::domain::fault::Fault;
use crate::domain::policy::Document;

/// Whether STS would swap a token, as far as it can be told without asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outlook {
    /// It should.
    Admits,
    /// It cannot, however long one waits. The first thing in the way; the others are its `also`.
    Refuses(Box<Fault>),
    /// The policy asks for something that is not known here, such as an address or a source account; what, in words.
    Unsure(String),
}

/// What STS refuses before it reads the policy: a required claim is missing, there is no provider of the token's issuer,
/// the provider does not list the audience.
#[must_use]
pub fn before_policy(_provider: &Provider, _holder: &Holder) -> Vec<Fault> {
    Vec::new()
}

/// The whole outlook of a token at a role with this trust policy.
#[must_use]
pub fn outlook(_document: &Document, _provider: &Provider, _holder: &Holder) -> Outlook {
    Outlook::Admits
}
