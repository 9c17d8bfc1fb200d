//! What the account remembers of what was done since its opening: calls that change something, and pulls.

use std::collections::BTreeSet;

use super::refusal::Refusal;
use super::state::fold;
use super::{Account, Ask, Principal, Service};
use crate::domain::seen::SentCall;

/// What was done since the opening.
#[derive(Debug, Clone)]
pub(super) struct Chronicle {
    /// Counts what may change how something stands. It goes on where another scene takes the place of this one.
    revision: u64,
    trail: Vec<SentCall>,
    /// Names in small letters of who was given a manifest, and of which repository.
    manifests: BTreeSet<(String, String)>,
    /// The same, of who was given a blob after a manifest.
    pulls: BTreeSet<(String, String)>,
}

/// What a call begins with that only reads.
const READS: [&str; 7] =
    ["Get", "List", "Describe", "BatchGet", "BatchCheck", "Simulate", "Generate"];
/// Parameters that are secrets.
const SECRETS: [&str; 3] = ["Password", "OldPassword", "NewPassword"];

impl Chronicle {
    /// Nothing was done yet.
    pub(super) fn new() -> Self {
        let (trail, manifests, pulls) = Default::default();
        Self { revision: 1, trail, manifests, pulls }
    }

    /// That of the account that takes the place of this one's.
    pub(super) fn after(old: &Self) -> Self {
        Self { revision: old.revision + 1, ..Self::new() }
    }

    /// A call that the account knows was answered.
    pub(super) fn note_call(&mut self, ask: &Ask, refused: Option<&Refusal>) {
        if ask.service == Service::Sts {
            // A session of the role: its last use.
            self.revision += u64::from(ask.action.starts_with("AssumeRole") && refused.is_none());
            return;
        }
        if READS.iter().any(|read| ask.action.starts_with(read)) {
            return;
        }
        let mut input = ask.input.0.clone();
        input.retain(|name, _| !SECRETS.contains(&name.as_str()));
        self.revision += 1;
        self.trail.push(SentCall {
            at: ask.now.as_second(),
            call: format!("{}:{}", ask.service.name(), ask.action),
            input,
            refused: refused.map(|refusal| refusal.code.to_owned()),
        });
    }

    /// A manifest was given.
    pub(super) fn note_manifest(&mut self, of: &Principal, repository: &str) {
        self.revision += 1;
        self.manifests.insert((who(of), repository.to_owned()));
    }

    /// A blob was given.
    pub(super) fn note_blob(&mut self, of: &Principal, repository: &str) {
        self.revision += 1;
        let pull = (who(of), repository.to_owned());
        if self.manifests.contains(&pull) {
            self.pulls.insert(pull);
        }
    }
}

fn who(of: &Principal) -> String {
    match of {
        Principal::User(name) | Principal::Session { role: name, .. } => fold(name),
    }
}

impl Account {
    /// Grows with each call that changes something or assumes a role, and with each manifest and blob that is given.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.chronicle.revision
    }

    /// Something beside the account was changed that how things stand depends on, such as a Secret of the cluster.
    pub fn touch(&mut self) {
        self.chronicle.revision += 1;
    }

    /// The calls of IAM and ECR that change something, refused ones as well, since the opening; the oldest first. No secret
    /// is among their parameters.
    #[must_use]
    pub fn trail(&self) -> &[SentCall] {
        &self.chronicle.trail
    }

    /// Whether the role or user of this name pulled an image of the repository from the registry since the opening: it was
    /// given a manifest and, after that, a blob of it. A manifest alone is none: that much shows nothing of the layers.
    #[must_use]
    pub fn has_pulled(&self, by: &str, repository: &str) -> bool {
        self.chronicle.pulls.contains(&(fold(by), repository.to_owned()))
    }
}
