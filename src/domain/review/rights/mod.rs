//! What a role or user may do in ECR, by action and repository.
//!
//! Nothing here knows the rules of evaluation. Requests are made up, [`crate::domain::evaluate`] is asked about each, and
//! what it says is what is said: of each resource pattern, and of what several have in common, one repository is tried
//! that stands for all that match the same patterns.
//!
//! Policies are taken at their best: a condition on what is not known of the request counts as met where it allows, and as
//! not met where it denies. Policies on repositories, of the organization and of the session are not looked at.

mod beyond;
mod judge;
mod papers;
mod settle;
#[cfg(test)]
mod tests;

pub use judge::judge;
pub use papers::Papers;
pub(super) use papers::{Paper, Place, Reading};
pub(super) use settle::{Known, settle};

use crate::domain::trust::admit::pattern::Pattern;

/// What stands among the unread where the patterns of the policies have more in common than is tried.
pub(in crate::domain::review) const CUT: &str = "what the patterns of its policies have in common: more than is tried, so that rights may be missing or too wide";

/// A kind of doing, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// `ecr:GetAuthorizationToken`: without it nothing else can be done by a registry client.
    Login,
    /// `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer`.
    Pull,
    /// Filling a pull-through cache: `ecr:BatchImportUpstreamImage`, `ecr:CreateRepository`.
    Import,
    /// Uploading: `ecr:InitiateLayerUpload`, `ecr:UploadLayerPart`, `ecr:CompleteLayerUpload`, `ecr:PutImage`,
    /// `ecr:ReplicateImage`.
    Push,
    /// Deleting, and changing policies and settings.
    Administer,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Login, Self::Pull, Self::Import, Self::Push, Self::Administer];

    /// The word of results and filters.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Pull => "pull",
            Self::Import => "import",
            Self::Push => "push",
            Self::Administer => "administer",
        }
    }

    /// Its actions that a repository scopes (service authorization reference, "Amazon ECR").
    #[must_use]
    pub const fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Login => &[],
            Self::Pull => &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            Self::Import => &["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
            Self::Push => &[
                "ecr:InitiateLayerUpload",
                "ecr:UploadLayerPart",
                "ecr:CompleteLayerUpload",
                "ecr:PutImage",
                "ecr:ReplicateImage",
            ],
            Self::Administer => &[
                "ecr:BatchDeleteImage",
                "ecr:DeleteRepository",
                "ecr:SetRepositoryPolicy",
                "ecr:DeleteRepositoryPolicy",
                "ecr:PutLifecyclePolicy",
                "ecr:DeleteLifecyclePolicy",
                "ecr:PutImageTagMutability",
                "ecr:PutImageScanningConfiguration",
                "ecr:TagResource",
                "ecr:UntagResource",
            ],
        }
    }

    /// Its actions that no resource scopes: only `*` in a policy gives them.
    #[must_use]
    pub const fn registry_actions(self) -> &'static [&'static str] {
        match self {
            Self::Login => &["ecr:GetAuthorizationToken"],
            Self::Administer => &[
                "ecr:PutRegistryPolicy",
                "ecr:DeleteRegistryPolicy",
                "ecr:PutReplicationConfiguration",
                "ecr:PutRegistryScanningConfiguration",
                "ecr:PutAccountSetting",
                "ecr:CreatePullThroughCacheRule",
                "ecr:UpdatePullThroughCacheRule",
                "ecr:DeletePullThroughCacheRule",
                "ecr:CreateRepositoryCreationTemplate",
                "ecr:UpdateRepositoryCreationTemplate",
                "ecr:DeleteRepositoryCreationTemplate",
            ],
            Self::Pull | Self::Import | Self::Push => &[],
        }
    }

    /// Whether it takes all of its actions, on the same repository. Of the others one is enough to be told.
    const fn needs_all(self) -> bool {
        matches!(self, Self::Pull)
    }
}

/// One kind of doing, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What.
    pub act: Act,
    /// On which resources: ARNs, `*` and `?` in them are wildcards; `*` is all. Each once, in the policies' order; what lies
    /// in a wider one is left out.
    pub on: Vec<String>,
    /// What of these is denied nevertheless. What of it is allowed again stands in `on` by itself.
    pub except: Vec<String>,
    /// Whether each of them is held to conditions that were not judged.
    pub conditional: bool,
}

impl Grant {
    /// Whether it is about this resource.
    #[must_use]
    pub fn has(&self, arn: &str) -> bool {
        let except: Vec<Pattern> = self.except.iter().map(|e| Pattern::wild(e)).collect();
        self.on.iter().map(|on| Pattern::wild(on)).any(|on| {
            on.has(arn) && !except.iter().any(|except| except.has(arn) && on.covers(except))
        })
    }

    /// Whether it is about every repository, but for what is excepted.
    #[must_use]
    pub fn is_on_all(&self) -> bool {
        self.on.iter().any(|on| on == "*")
    }
}

/// What a role or user may do in ECR.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// Each kind of doing that is allowed somewhere, in the order of [`Act::ALL`].
    pub grants: Vec<Grant>,
    /// Where they come from: `AmazonEC2ContainerRegistryReadOnly`, `inline okteto-ecr-pull`, `group devs: …`, `boundary …`.
    pub sources: Vec<String>,
    /// Policies whose text could not be read or made out, named as `sources` are, and what was too much to be tried: there may
    /// be more rights, or fewer.
    pub unread: Vec<String>,
    /// What is allowed beyond ECR, by service: `s3`; `*` alone where nothing in particular is asked. On which resources is
    /// not looked at.
    pub beyond: Vec<String>,
}

impl Rights {
    /// The grant of a kind.
    #[must_use]
    pub fn of(&self, act: Act) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.act == act)
    }

    /// In a word or two, for a column: `pull`, `pull, push`, `none`.
    #[must_use]
    pub fn word(&self) -> String {
        let acts = self.grants.iter().filter(|grant| grant.act != Act::Login);
        let words: Vec<&str> = acts.map(|grant| grant.act.word()).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    }
}
