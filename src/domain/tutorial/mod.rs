//! Okteto's tutorial "Amazon ECR" as it is printed (Okteto documentation, version 1.28), passage by passage, with what is
//! wrong in it.
//!
//! What is printed is quoted to the letter, in pieces; what is said of it is this program's own.

mod oidc;
pub mod shell;
mod trial;
mod user;
pub mod words;

use serde_json::{Map, Value};

use super::draft::Mode;
use super::plan::StepId;

/// Where all that is printed comes from.
pub const SOURCE: &str = "Okteto documentation 1.28, Amazon ECR";

/// What stands for a secret in an answer of the practice account.
pub const HIDDEN: &str = "••••••••••••••••••••";

/// A call as the tutorial's command would send it.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintedCall {
    /// Such as `iam:CreateRole`.
    pub call: String,
    /// Its parameters by the names of the API.
    pub input: Map<String, Value>,
}

/// What the practice account answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// The output's shape, as the AWS CLI prints it: documents as JSON. [`HIDDEN`] stands for its secrets.
    Done(Value),
    /// AWS's code, message and HTTP status.
    Refused {
        /// Such as `MalformedPolicyDocument`.
        code: String,
        /// AWS's sentence.
        message: String,
        /// HTTP status.
        status: u16,
    },
}

/// What a passage is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// `create-user`.
    User,
    /// `attach-user-policy`.
    UserPolicy,
    /// `create-access-key`, with its sample reply.
    AccessKey,
    /// What is typed into Okteto for a user.
    UserValues,
    /// The exports of issuer and subject.
    Identity,
    /// The export of the audience.
    Audience,
    /// `create-open-id-connect-provider`.
    Provider,
    /// The export called `ROLE_ARN`.
    RoleArn,
    /// The file `trust-policy.json`.
    Trust,
    /// `create-role`.
    Role,
    /// The sample reply of `create-role`.
    RoleReply,
    /// `attach-role-policy`.
    RolePolicy,
    /// What is typed into Okteto for a role.
    RoleValues,
}

/// What this program has in the place of a passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The calls of these steps of the plan.
    Calls(&'static [StepId]),
    /// Issuer and subject, and the condition keys that follow from them.
    Identity,
    /// The audience, entered once.
    Audience,
    /// The two ARNs, each by its own name.
    Arns,
    /// The trust policy.
    Trust,
    /// The values for Okteto's dialog.
    Values,
}

/// A piece of the tutorial.
#[derive(Debug)]
pub struct Passage {
    /// Which.
    pub part: Part,
    /// The way it belongs to.
    pub way: Mode,
    /// The tutorial's step, 1 to 3.
    pub step: u8,
    /// A few words for it.
    pub title: &'static str,
    /// The text as it is printed.
    pub printed: &'static str,
    /// What is wrong with it, in the order of the text.
    pub defects: &'static [Defect],
    /// What is there in its place.
    pub sent: Sent,
    /// What can be asked of the practice account about it; empty where nothing of it goes to AWS.
    pub trials: &'static [Trial],
}

impl Passage {
    /// Where the marks of the defects begin in what is printed: each is looked for from where the one before it began.
    pub fn begins(&self) -> impl Iterator<Item = usize> {
        self.defects.iter().scan(0, |from, defect| {
            let rest = self.printed.get(*from..)?;
            *from += rest.find(defect.marks)?;
            Some(*from)
        })
    }
}

/// One thing that is wrong.
#[derive(Debug)]
pub struct Defect {
    /// The part of the printed text, to the letter.
    pub marks: &'static str,
    /// Whether whoever follows it does not get through; else it misleads, or leaves something out.
    pub stops: bool,
    /// What is wrong and why.
    pub why: &'static str,
    /// Who says so.
    pub source: &'static str,
}

/// A question to the practice account.
#[derive(Debug)]
pub struct Trial {
    /// What is tried.
    pub title: &'static str,
    /// The calls on a fresh account, in their order; the last is the one that it is about.
    pub calls: fn() -> Vec<PrintedCall>,
    /// The code by which the last is refused; `None` where it is accepted.
    pub refused: Option<&'static str>,
    /// What the answer means.
    pub means: &'static str,
}

/// All passages, in the order of the tutorial: the user's three steps, then those of OIDC.
pub fn passages() -> impl Iterator<Item = &'static Passage> {
    user::PASSAGES.iter().chain(oidc::PASSAGES)
}

/// How many there are.
#[must_use]
pub const fn count() -> usize {
    user::PASSAGES.len() + oidc::PASSAGES.len()
}

/// What is printed for a part.
#[must_use]
pub fn printed(part: Part) -> &'static str {
    passages().find(|passage| passage.part == part).map_or("", |passage| passage.printed)
}

/// Where a part stands among the passages.
#[must_use]
pub fn place(part: Part) -> usize {
    passages().position(|passage| passage.part == part).unwrap_or_default()
}

#[cfg(test)]
mod tests;
