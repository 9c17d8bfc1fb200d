//! What a role or user may do in ECR, by action and repository.

/// A kind of doing, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// `ecr:GetAuthorizationToken`: without it nothing else can be done by a registry client.
    Login,
    /// `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer`.
    Pull,
    /// Filling a pull-through cache: `ecr:BatchImportUpstreamImage`, `ecr:CreateRepository`.
    Import,
    /// Uploading: `ecr:InitiateLayerUpload`, `ecr:UploadLayerPart`, `ecr:CompleteLayerUpload`, `ecr:PutImage`.
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
}

/// One kind of doing, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What.
    pub act: Act,
    /// On which resources: ARNs, `*` and `?` in them are wildcards; `*` is all. Each once, in the policies' order.
    pub on: Vec<String>,
    /// What of these is denied nevertheless.
    pub except: Vec<String>,
    /// Whether each of them is held to conditions that were not judged.
    pub conditional: bool,
}

/// What a role or user may do in ECR.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// Each kind of doing that is allowed somewhere, in the order of [`Act::ALL`].
    pub grants: Vec<Grant>,
    /// Where they come from: `AmazonEC2ContainerRegistryReadOnly`, `inline okteto-ecr-pull`, `group devs: …`, `boundary …`.
    pub sources: Vec<String>,
    /// Policies whose text could not be read: there may be more rights, or fewer.
    pub unread: Vec<String>,
    /// What is allowed beyond ECR, by service: `s3`, `*`.
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

pub struct Papers(Vec<crate::domain::arn::PolicyArn>);
impl From<&super::account::RoleEntry> for Papers {
    fn from(e: &super::account::RoleEntry) -> Self {
        Self(e.attached.clone())
    }
}
impl From<&super::account::UserEntry> for Papers {
    fn from(e: &super::account::UserEntry) -> Self {
        Self(e.attached.clone())
    }
}
impl Papers {
    pub fn managed(&self, _s: &super::account::Shelf) -> Vec<&crate::domain::arn::PolicyArn> {
        self.0.iter().collect()
    }
}
pub fn judge(_p: &Papers, _s: &super::account::Shelf) -> Rights {
    Rights::default()
}
