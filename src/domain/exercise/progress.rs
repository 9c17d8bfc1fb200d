//! What is kept of a learner's way between starts: JSON, `{format, exercises: {NAME: {done?, hints, answers}}}`. The account
//! itself is not kept: it begins anew with each start.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::fault::{Cause, Fault};

/// By the exercise's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress(pub BTreeMap<String, Kept>);

/// What is kept of one exercise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// The day on which it was done, `2026-11-29` (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<String>,
    /// How many hints were shown.
    pub hints: usize,
    /// The answers that were given, by the goal's number from 1.
    pub answers: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct Paper {
    format: u32,
    #[serde(default)]
    exercises: BTreeMap<String, Kept>,
}

impl Progress {
    /// What is kept of an exercise.
    #[must_use]
    pub fn of(&self, name: &str) -> Kept {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// Reads what [`Self::print`] wrote.
    ///
    /// # Errors
    /// `file`: no such JSON, or another format than 1.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let wrong = |why: String| {
            Fault::new(Cause::File, format!("it is no progress of practice: {why}"))
                .remedy("move the file away: practice then begins anew")
        };
        let paper: Paper = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        if paper.format != 1 {
            return Err(wrong(format!("format {}; this program knows format 1", paper.format)));
        }
        Ok(Self(paper.exercises))
    }

    /// Writes it so that [`Self::parse`] reads the same again.
    #[must_use]
    pub fn print(&self) -> String {
        let paper = Paper { format: 1, exercises: self.0.clone() };
        // Maps of texts and numbers can always be written.
        serde_json::to_string_pretty(&paper).unwrap_or_default() + "\n"
    }
}
