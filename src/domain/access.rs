//! What the role may do, and how it is made.

use std::collections::BTreeMap;

use super::arn::PolicyArn;
use super::name::{IamPath, RepositoryPattern};
use super::partition::Partition;

/// The permissions the role is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permissions {
    /// `AmazonEC2ContainerRegistryReadOnly`, the tutorial's.
    ReadOnly,
    /// `AmazonEC2ContainerRegistryPullOnly`.
    PullOnly,
    /// An inline policy for these repositories of the registry.
    Repositories(Vec<RepositoryPattern>),
}

impl Permissions {
    /// The managed policy to attach; none for chosen repositories.
    #[must_use]
    pub fn managed(&self, partition: Partition) -> Option<PolicyArn> {
        let name = match self {
            Self::ReadOnly => "AmazonEC2ContainerRegistryReadOnly",
            Self::PullOnly => "AmazonEC2ContainerRegistryPullOnly",
            Self::Repositories(_) => return None,
        };
        Some(PolicyArn::managed(partition, name))
    }

    /// The word of the answers file.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::PullOnly => "pull-only",
            Self::Repositories(_) => "repositories",
        }
    }
}

/// The name of the inline policy for chosen repositories.
pub const INLINE_POLICY_NAME: &str = "okteto-ecr-pull";

/// Everything of the role but its trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// What it may do.
    pub permissions: Permissions,
    /// Where it stands in IAM.
    pub path: IamPath,
    /// The cap on its permissions.
    pub boundary: Option<PolicyArn>,
    /// The operator's own tags.
    pub tags: BTreeMap<String, String>,
    /// 0 to 1000 Latin-1 characters.
    pub description: Option<String>,
    /// 3600 to 43,200; `None` leaves IAM's default of 3600.
    pub max_session_seconds: Option<u32>,
}
