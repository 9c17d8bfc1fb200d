//! What the practice account holds at the start of an exercise, beside or in place of the tutorial's world.

/// A world. What is empty is as in the tutorial: no provider, no role, its repositories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct World {
    /// The account that the registry is of; the caller's own where it is `None`.
    pub registry_account: Option<String>,
    /// Issuers of further clusters, `https://…`, whose tokens the world knows.
    pub other_issuers: Vec<String>,
    /// Identity providers.
    pub providers: Vec<Provider>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Users beside the operator.
    pub users: Vec<User>,
    /// The repositories, in place of the tutorial's.
    pub repositories: Vec<Repository>,
    /// A token that somebody saved to a file.
    pub token: Option<SavedToken>,
    /// A run with the answers that somebody else left half-done: stopped after so many calls.
    pub stopped_after: Option<usize>,
}

/// An identity provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provider {
    /// `https://…`; the cluster's own where it is `None`.
    pub issuer: Option<String>,
    /// What it lists.
    pub audiences: Vec<String>,
}

/// A role. Its documents are not held against AWS's rules: what AWS would refuse can be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// The trust policy.
    pub trust: String,
    /// Names of AWS's managed policies, or ARNs.
    pub attached: Vec<String>,
    /// Inline policies: name and document.
    pub inline: Vec<(String, String)>,
    /// Tags.
    pub tags: Vec<(String, String)>,
    /// So many seconds from the start STS and ECR see nothing of it: it was made just now.
    pub spreads_for: u64,
    /// It was made so many days ago.
    pub days: u32,
    /// It was last used so many days ago; never where it is `None`.
    pub used_days_ago: Option<u32>,
}

/// A user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Names of AWS's managed policies, or ARNs.
    pub attached: Vec<String>,
    /// Its access keys.
    pub keys: Vec<Key>,
}

/// An access key of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Key {
    /// It was made so many days ago.
    pub days: u32,
    /// It was last used so many days ago; never where it is `None`.
    pub used_days_ago: Option<u32>,
    /// It is the one that Okteto has: the Secret in the cluster holds it.
    pub in_secret: bool,
    /// It is inactive.
    pub inactive: bool,
}

/// A repository with one image for `linux/amd64` and `linux/arm64` at each tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repository {
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its policy.
    pub policy: Option<String>,
}

/// A token of Okteto's service account for the audience of the answers, in a file that `pull_test.token_file` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedToken {
    /// It was issued so many minutes ago.
    pub issued_minutes_ago: u32,
    /// It counts for so many minutes.
    pub minutes: u32,
}
