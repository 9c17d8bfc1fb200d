//! The journals as they lie on disk.

use std::path::PathBuf;

use okteto_ecr::domain::journal::{Began, Record};
use okteto_ecr::domain::operation::Operation;

use crate::world::Practice;

/// The state folder's runs.
pub struct Paper(PathBuf);

impl Paper {
    pub fn of(practice: &Practice) -> Self {
        Self(practice.disk.0.path().join("runs"))
    }

    /// The journal of a run.
    pub fn of_run(&self, run: &str) -> PathBuf {
        self.0.join(run).join("journal.jsonl")
    }

    /// The journals that are there.
    pub fn all(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(&self.0) else { return Vec::new() };
        let journals = entries.map(|entry| entry.unwrap().path().join("journal.jsonl"));
        journals.filter(|path| path.is_file()).collect()
    }

    /// The call that is about to be sent stands in one of them, whole, as its last line.
    pub fn assert_ends_with_began(&self, operation: &Operation) {
        let is_it = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            last(&text).is_some_and(|began| {
                (began.call.as_str(), &began.request) == (operation.call(), &operation.request())
            })
        };
        assert!(self.all().iter().any(is_it), "{} was sent without word of it", operation.call());
    }
}

/// The last line, where it says that a call is about to be sent.
fn last(text: &str) -> Option<Began> {
    let line = text.strip_suffix('\n')?.lines().next_back()?;
    match serde_json::from_str(line).ok()? {
        Record::Began(began) => Some(began),
        _ => None,
    }
}
