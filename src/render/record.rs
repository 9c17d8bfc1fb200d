//! The record of a practice session as Markdown, to be taken home: what was practised, what was found, which commands did it.
//!
//! It is made of what is given alone: the same session gives the same bytes. Secrets are not given, and what looks like a token
//! in an answer is left out.

mod markdown;

use std::fmt::Write;

use jiff::Timestamp;

use self::markdown::{fence, link, mask, without_tokens, words};
use super::aws_cli::api;
use crate::domain::exercise::Exercise;
use crate::domain::exercise::goal::{By, Goal, Standing};
use crate::domain::seen::SentCall;

/// A session.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// The run of the program.
    pub run: &'a str,
    /// When it began, in seconds since 1970, if that is known.
    pub began: Option<i64>,
    /// The program's version.
    pub version: &'a str,
    /// The account, if it was seen.
    pub account: Option<&'a str>,
    /// Whether account numbers are masked.
    pub mask: bool,
    /// The exercises that were opened, in their order.
    pub lessons: Vec<Lesson<'a>>,
}

/// One exercise that was opened, as it was left.
#[derive(Debug, Clone)]
pub struct Lesson<'a> {
    /// Which.
    pub exercise: &'a Exercise,
    /// How far each goal is.
    pub standings: Vec<Standing>,
    /// What was seen of each goal last while it was not met; empty where nothing was.
    pub found: &'a [String],
    /// What was answered, by the goal's index.
    pub answers: &'a [String],
    /// How many hints were shown.
    pub hints: usize,
    /// What the last pull test said, if there was one.
    pub pull: Option<&'a str>,
    /// What was sent since it was opened.
    pub trail: &'a [SentCall],
    /// Why its world could not be put into place.
    pub fault: Option<String>,
}

impl Lesson<'_> {
    fn is_done(&self) -> bool {
        self.exercise.is_done(&self.standings)
    }
}

/// The record.
#[must_use]
pub fn print(record: &Record<'_>) -> String {
    let mut out = String::from("# Record of a practice session\n");
    // Writing to a String cannot fail.
    let _ = writeln!(out, "\n{}", about(record));
    for (number, lesson) in (1..).zip(&record.lessons) {
        one(&mut out, number, lesson);
    }
    if record.mask { mask(&out) } else { out }
}

fn about(record: &Record<'_>) -> String {
    let mut out = String::new();
    let began = record.began.and_then(|at| Timestamp::from_second(at).ok());
    if let Some(began) = began {
        let _ = writeln!(out, "- Began: {} UTC", began.strftime("%Y-%m-%d %H:%M"));
    }
    let _ = writeln!(out, "- Run: {}", words(record.run));
    let _ = writeln!(out, "- Program: okteto-ecr {}", markdown::line(record.version));
    let account = record.account.map_or_else(|| "the practice account".to_owned(), words);
    let masked = if record.mask {
        "; account numbers are masked: put them in again to send the commands"
    } else {
        ""
    };
    let _ = writeln!(out, "- Account: {account}, made up{masked}");
    let done = record.lessons.iter().filter(|lesson| lesson.is_done()).count();
    let opened = match record.lessons.len() {
        1 => "1 exercise".to_owned(),
        n => format!("{n} exercises"),
    };
    let _ = writeln!(out, "- Opened: {opened}, of which {done} done");
    out.push_str("\nTimes are UTC. The account was gone with the program; AWS was not asked.");
    out
}

fn one(out: &mut String, number: usize, lesson: &Lesson<'_>) {
    let exercise = lesson.exercise;
    let end = if lesson.is_done() { "done" } else { "left open" };
    let _ = writeln!(out, "\n## {number}. {} ({end})", words(&exercise.title));
    paragraph(out, &words(&exercise.about));
    // The whole story is read in the exercise; its beginning says what happened.
    paragraph(out, &words(exercise.story.split("\n\n").next().unwrap_or_default()));
    if let Some(fault) = &lesson.fault {
        paragraph(out, &format!("It could not be opened: {}", words(fault)));
    }
    out.push_str("\n### Goals\n\n");
    for (at, goal) in exercise.goals.iter().enumerate() {
        told(out, lesson, at, goal);
    }
    let hints = match lesson.hints.min(exercise.hints.len()) {
        0 => "none was shown".to_owned(),
        n => format!("{n} of {} shown", exercise.hints.len()),
    };
    paragraph(out, &format!("Hints: {hints}."));
    if let Some(pull) = lesson.pull {
        paragraph(out, &format!("The last pull test: {}", words(pull)));
    }
    sent(out, lesson.trail);
    if lesson.is_done() {
        out.push_str("\n### What it was\n");
        for part in exercise.explanation.split("\n\n") {
            paragraph(out, &words(part));
        }
        out.push_str("\nSources:\n\n");
        for source in &exercise.sources {
            let _ = writeln!(out, "- {}", link(source));
        }
    }
}

fn told(out: &mut String, lesson: &Lesson<'_>, at: usize, goal: &Goal) {
    let standing = lesson.standings.get(at);
    let is_met = standing == Some(&Standing::Met);
    let _ = writeln!(out, "- [{}] {}", if is_met { 'x' } else { ' ' }, words(&goal.text));
    let mut below = |label: &str, text: &str| {
        if !text.trim().is_empty() {
            let _ = writeln!(out, "  - {label}: {}", words(text));
        }
    };
    match &goal.by {
        By::Answer(question) => {
            below("Asked", &question.ask);
            let answer = lesson.answers.get(at).map_or("", String::as_str);
            let answer = without_tokens(answer);
            match (answer.trim().is_empty(), is_met) {
                (true, _) => below("Answered", "not yet"),
                (false, true) => below("Answered, and right", &answer),
                (false, false) => below("Answered, not right yet", &answer),
            }
        }
        By::State(_) => match standing {
            Some(Standing::Open(seen)) => {
                let seen = if seen.is_empty() { "nothing was seen of it" } else { seen };
                below("Not met", seen);
            }
            _ => below("Found before", lesson.found.get(at).map_or("", String::as_str)),
        },
    }
}

/// The changing calls as commands, by whichever program they were sent.
fn sent(out: &mut String, trail: &[SentCall]) {
    out.push_str("\n### What was sent\n");
    if trail.is_empty() {
        return paragraph(out, "Nothing was changed in the account.");
    }
    let about = "By whichever program: the same calls as commands of the AWS CLI. What AWS chose, such as the id of an \
                 access key, is of this account alone.";
    paragraph(out, about);
    let mut lines = String::new();
    for call in trail {
        let at = Timestamp::from_second(call.at).unwrap_or_default().strftime("%H:%M:%S");
        let end = call
            .refused
            .as_deref()
            .map_or_else(String::new, |code| format!(", refused: {}", markdown::line(code)));
        let _ = writeln!(lines, "# {at}{end}\n{}", api::command(call));
    }
    out.push_str(&fence("sh", &lines));
}

fn paragraph(out: &mut String, text: &str) {
    if !text.is_empty() {
        let _ = writeln!(out, "\n{text}");
    }
}

#[cfg(test)]
mod tests;
