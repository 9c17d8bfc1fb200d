//! The permissions to choose from, in words.

use crate::domain::draft::PolicyChoice;

/// The permissions to choose from: the tutorial's first.
pub const CHOICES: [PolicyChoice; 3] =
    [PolicyChoice::ReadOnly, PolicyChoice::PullOnly, PolicyChoice::Repositories];

/// The name of a choice, what is said of it in two words, and what it brings.
#[must_use]
pub const fn words(choice: PolicyChoice) -> (&'static str, &'static str, &'static str) {
    match choice {
        PolicyChoice::ReadOnly => (
            "Read only",
            "the tutorial's",
            "AmazonEC2ContainerRegistryReadOnly: pull and list every repository.",
        ),
        PolicyChoice::PullOnly => (
            "Pull only",
            "tighter",
            "AmazonEC2ContainerRegistryPullOnly: pull from every repository, no lists.",
        ),
        PolicyChoice::Repositories => (
            "Chosen repositories",
            "tightest",
            "A policy of its own: pull from the repositories you name, no others.",
        ),
    }
}

/// All of them side by side.
#[must_use]
pub(super) fn comparison() -> Vec<String> {
    [
        "Read only: the policy that the tutorial attaches, AmazonEC2ContainerRegistryReadOnly. Okteto can pull, and",
        "also list repositories and images and read scan results, in every repository of the account.",
        "",
        "Pull only: AmazonEC2ContainerRegistryPullOnly, since October 2024. Login, manifests, layers, and filling a",
        "pull-through cache. No lists. In every repository of the account.",
        "",
        "Chosen repositories: an inline policy of the role, named okteto-ecr-pull. Login on everything (AWS knows no",
        "narrower resource for it), manifests and layers only of the repositories you name. A name may end in *.",
        "",
        "None of them can push, delete or change anything.",
    ]
    .map(str::to_owned)
    .to_vec()
}
