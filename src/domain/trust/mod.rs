//! Trust policies judged: does this token get in, who else does, what is wrong with the document.
//!
//! | part | asks |
//! | --- | --- |
//! | [`Given`] | what is this text: a document, a reply of `get-role`, percent-encoded? |
//! | [`Holder`] | who knocks: the claims of a token, any of which may be absent |
//! | [`decide()`] | does the policy let the holder in, statement by statement, condition by condition? |
//! | [`outlook()`] | would STS swap the token, and if not, why: one [`Fault`](super::fault::Fault) for each thing in the way |
//! | [`admit`] | who gets in altogether, and which neighbours do that were not meant |
//! | [`Asks`] | which providers does it live by, and for which of their audiences? |
//! | [`lint`] | what is wrong with the document, by a table of rules |
//!
//! The rules of evaluation themselves are those of [`super::evaluate`].

pub mod admit;
mod asked;
mod decide;
mod given;
mod holder;
pub mod lint;
mod outlook;

pub use asked::Asks;
pub use decide::{Decision, Provider, decide, difference, lets_in};
pub use given::Given;
pub use holder::{Holder, is_of_request};
pub use outlook::{Outlook, before_policy, outlook};

/// The action that a web identity token is swapped by.
pub const ACTION: &str = "sts:AssumeRoleWithWebIdentity";
