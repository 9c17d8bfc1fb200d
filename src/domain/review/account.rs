//! The account as it was read, page by page.

use std::collections::BTreeMap;

use crate::domain::arn::{PolicyArn, RoleArn, UserArn};
use crate::domain::fault::Fault;
use crate::domain::key::{LastUse, SeenKey};

/// Where AWS keeps roles that only its services and IAM Identity Center may change (IAM user guide, "Using service-linked
/// roles"; IAM Identity Center user guide, "Referencing permission sets in resource policies").
const RESERVED: [&str; 2] = ["/aws-service-role/", "/aws-reserved/"];

/// A page of the account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Roles.
    pub roles: Vec<RoleEntry>,
    /// Users.
    pub users: Vec<UserEntry>,
    /// Groups.
    pub groups: Vec<GroupEntry>,
    /// The account's own managed policies: the document of the version in force, percent-decoded.
    pub policies: BTreeMap<PolicyArn, String>,
    /// By which the next page is asked for; `None` after the last.
    pub more: Option<String>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleEntry {
    /// The ARN as the server spells it.
    pub arn: RoleArn,
    /// The name as the server spells it.
    pub name: String,
    /// Its path.
    pub path: String,
    /// The trust policy, percent-decoded.
    pub trust: String,
    /// When it was made, seconds since 1970.
    pub created_at: Option<i64>,
    /// The longest session in seconds, where it was told: `GetAccountAuthorizationDetails` does not.
    pub max_session_seconds: Option<u32>,
    /// Its permissions boundary.
    pub boundary: Option<PolicyArn>,
    /// Managed policies attached to it.
    pub attached: Vec<PolicyArn>,
    /// Inline policies by name, percent-decoded.
    pub inline: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// When it was last used, and in which region. AWS keeps track for 400 days (IAM API reference, `RoleLastUsed`).
    pub last_use: LastUse,
    /// Why not all of it could be read. What is there counts nevertheless.
    pub unread: Option<Fault>,
}

impl RoleEntry {
    /// Whether only AWS may change it.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        RESERVED.iter().any(|path| self.path.starts_with(path))
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEntry {
    /// The ARN as the server spells it.
    pub arn: UserArn,
    /// The name as the server spells it.
    pub name: String,
    /// Its path.
    pub path: String,
    /// When it was made, seconds since 1970.
    pub created_at: Option<i64>,
    /// Its permissions boundary.
    pub boundary: Option<PolicyArn>,
    /// Managed policies attached to it.
    pub attached: Vec<PolicyArn>,
    /// Inline policies by name, percent-decoded.
    pub inline: BTreeMap<String, String>,
    /// The groups it is in, whose policies count too.
    pub groups: Vec<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its access keys, the oldest first; `None` before they were read.
    pub keys: Option<Vec<SeenKey>>,
    /// Whether it has a password for the console; `None` where that was not read.
    pub has_password: Option<bool>,
    /// Why not all of it could be read. What is there counts nevertheless.
    pub unread: Option<Fault>,
}

/// A group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupEntry {
    /// Its name.
    pub name: String,
    /// Managed policies attached to it.
    pub attached: Vec<PolicyArn>,
    /// Inline policies by name, percent-decoded.
    pub inline: BTreeMap<String, String>,
}

/// The groups and the texts of managed policies, as far as they were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelf {
    /// Groups by name.
    pub groups: BTreeMap<String, GroupEntry>,
    /// Managed policies, the account's and AWS's: the document, or why it could not be read.
    pub policies: BTreeMap<PolicyArn, Result<String, Fault>>,
}

/// A repository's own policy, as far as the operator may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryEntry {
    /// `arn:PARTITION:ecr:REGION:ACCOUNT:repository/NAME`.
    pub arn: String,
    /// Its policy; `None` where it has none. Or why it could not be read.
    pub policy: Result<Option<String>, Fault>,
}

/// What `GetAccountSummary` counts, as far as the review needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary(pub BTreeMap<String, i64>);

impl Summary {
    /// A figure by AWS's name for it, such as `AccountAccessKeysPresent`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<i64> {
        self.0.get(name).copied()
    }
}
