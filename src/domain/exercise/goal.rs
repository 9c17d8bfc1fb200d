//! What is to be true in the end, and how far it is.

use crate::domain::review::triage::Accepted;

/// One goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    /// What is to be reached, as the learner reads it.
    pub text: String,
    /// By what it is known to be reached.
    pub by: By,
}

/// By what a goal is known to be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The learner's answer.
    Answer(Question),
    /// The account's state, whatever brought it about.
    State(Check),
}

/// A question to the learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The question.
    pub ask: String,
    /// What can be chosen; the answer is typed where it is empty.
    pub choices: Vec<String>,
    /// What is right, each of them alone.
    pub right: Vec<String>,
}

impl Question {
    /// Whether an answer is right: without regard to capitals, blanks around it, and a full stop.
    #[must_use]
    pub fn is_right(&self, answer: &str) -> bool {
        let plain = |text: &str| text.trim().trim_end_matches('.').trim().to_lowercase();
        !answer.trim().is_empty() && self.right.iter().any(|right| plain(right) == plain(answer))
    }
}

/// What is looked for in the practice account. Each word is that of the file, in `kebab-case`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// `okteto-pulls`: the role takes Okteto's token now, and its session may pull from the repository.
    OktetoPulls {
        /// The role's name.
        role: String,
        /// The repository.
        repository: String,
    },
    /// `nobody-else`: nobody but Okteto gets into the role: neighbours' tokens are shown to it, and its trust policy is
    /// searched for others.
    NobodyElse {
        /// The role's name.
        role: String,
    },
    /// `may-not`: the role may not do this in the repository.
    MayNot {
        /// The role's name.
        role: String,
        /// Such as `ecr:PutImage`.
        action: String,
        /// The repository.
        repository: String,
    },
    /// `pulled`: since the start, an image of this repository was pulled as this role or user.
    Pulled {
        /// The name of the role or user.
        by: String,
        /// The repository.
        repository: String,
    },
    /// `key-pulls`: the key in Okteto's Secret is one of this user's, active, and may pull from the repository.
    KeyPulls {
        /// The user's name.
        user: String,
        /// The repository.
        repository: String,
    },
    /// `no-outage`: at no moment since the start was the key in Okteto's Secret one that cannot pull.
    NoOutage {
        /// The user's name.
        user: String,
        /// The repository.
        repository: String,
    },
    /// `first-keys-gone`: the keys that the user had at the start are deleted.
    FirstKeysGone {
        /// The user's name.
        user: String,
    },
    /// `provider-lists`: the provider of Okteto's cluster lists this audience.
    ProviderLists {
        /// The audience.
        audience: String,
    },
    /// `unchanged`: trust policy and permissions of the role are as at the start.
    Unchanged {
        /// The role's name.
        role: String,
    },
    /// `gone`: the role is no more.
    Gone {
        /// The role's name.
        role: String,
    },
    /// `one-run`: the provider of Okteto's cluster and the role bear the tag of one and the same run.
    OneRun {
        /// The role's name.
        role: String,
    },
    /// `accepted`: the finding of this rule on this thing is accepted, in the review's file.
    Accepted {
        /// What it is on, as the file has it, such as `role/old-ci`.
        on: String,
        /// The rule.
        rule: String,
    },
}

impl Check {
    /// Its word in the file.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::OktetoPulls { .. } => "okteto-pulls",
            Self::NobodyElse { .. } => "nobody-else",
            Self::MayNot { .. } => "may-not",
            Self::Pulled { .. } => "pulled",
            Self::KeyPulls { .. } => "key-pulls",
            Self::NoOutage { .. } => "no-outage",
            Self::FirstKeysGone { .. } => "first-keys-gone",
            Self::ProviderLists { .. } => "provider-lists",
            Self::Unchanged { .. } => "unchanged",
            Self::Gone { .. } => "gone",
            Self::OneRun { .. } => "one-run",
            Self::Accepted { .. } => "accepted",
        }
    }

    /// What is known of it without the account; `None` where only the account can tell.
    #[must_use]
    pub fn by_papers(&self, accepted: &[Accepted]) -> Option<Standing> {
        let Self::Accepted { on, rule } = self else { return None };
        let found = accepted.iter().any(|one| one.on == *on && one.rule == *rule);
        let why = || Standing::Open(format!("{rule} of {on} is not accepted"));
        Some(if found { Standing::Met } else { why() })
    }
}

/// How far a goal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Reached.
    Met,
    /// Not yet, and what was seen; empty where nothing was.
    Open(String),
}
