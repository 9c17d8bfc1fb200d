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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let evil = "it's \"\u{1b}[2J\u{202e}\n\\";
        let kept = [
            ("new", Kept::default()),
            ("done", Kept { done: Some("2026-11-29".to_owned()), hints: 3, ..Kept::default() }),
            (evil, Kept { answers: [("1".to_owned(), evil.to_owned())].into(), ..Kept::default() }),
        ];
        let all = Progress(kept.map(|(name, kept)| (name.to_owned(), kept)).into());
        assert_eq!(Progress::parse(&all.print()), Ok(all.clone()));
        assert_eq!(all.print(), all.clone().print());
        assert!(!all.print().contains('\u{1b}') && all.print().ends_with("}\n"), "{}", all.print());
        assert_eq!(all.of("done").hints, 3);
        assert_eq!(all.of("another"), Kept::default());
        let little = "{\"format\": 1, \"exercises\": {\"a\": {}, \"b\": {\"hints\": 2}}}";
        assert_eq!(Progress::parse(little).unwrap().of("b").hints, 2);
        assert_eq!(Progress::parse("{\"format\": 1}"), Ok(Progress::default()));
    }

    #[test]
    fn what_is_no_progress_is_refused_with_what_helps() {
        for (text, words) in [
            ("", "EOF"),
            ("[]", "it is no progress"),
            ("{\"exercises\": {}}", "format"),
            ("{\"format\": 2}", "format 2; this program knows format 1"),
            ("{\"format\": 1, \"exercises\": {\"a\": {\"hints\": -1}}}", "line 1"),
        ] {
            let fault = Progress::parse(text).unwrap_err();
            assert_eq!(fault.cause, Cause::File);
            assert!(fault.message.contains(words), "{text}: {fault}");
            assert!(fault.what_to_do().contains("move the file away"), "{fault:?}");
        }
    }
}
