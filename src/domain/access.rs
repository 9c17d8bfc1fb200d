//! What the role or user may do, and how it is made.

use std::collections::BTreeMap;

use super::arn::PolicyArn;
use super::name::{IamPath, RepositoryPattern};
use super::partition::Partition;

/// The permissions that are given.
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
            Self::ReadOnly => READ_ONLY,
            Self::PullOnly => PULL_ONLY,
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

/// AWS's own policy that the tutorial attaches.
pub const READ_ONLY: &str = "AmazonEC2ContainerRegistryReadOnly";
/// AWS's own policy for pulling alone, since October 2024.
pub const PULL_ONLY: &str = "AmazonEC2ContainerRegistryPullOnly";
/// The name of the inline policy for chosen repositories.
pub const INLINE_POLICY_NAME: &str = "okteto-ecr-pull";

/// Everything of the role but its trust, of the user but its key.
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
