//! The words beside what is printed: what is sent, what was answered, what is wrong, and all of it to be read whole.

use super::{Pane, passage, sent};
use crate::app::wizard::App;
use crate::domain::draft::Mode;
use crate::domain::tutorial::{self, Defect, Passage, Said};

/// How a line is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Content.
    Plain,
    /// A title.
    Strong,
    /// Accepted.
    Good,
    /// Refused.
    Bad,
    /// In passing.
    Dim,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// How it is meant.
    pub tone: Tone,
    /// Its text.
    pub text: String,
}

fn words(tone: Tone, text: impl Into<String>) -> Words {
    Words { tone, text: text.into() }
}

/// Where a passage stands in the tutorial.
#[must_use]
pub fn head(passage: &Passage) -> String {
    let way = match passage.way {
        Mode::Oidc => "OIDC",
        Mode::IamUser => "IAM user",
    };
    format!("{way}, step {}: {}", passage.step, passage.title)
}

/// How far each line of a text is moved in: by the brackets that are open before it. The page's own white space is no part of
/// what is quoted.
#[must_use]
pub fn indents(text: &str) -> Vec<usize> {
    let mut open = 0_usize;
    let of_line = |line: &str| {
        if line.starts_with(['}', ']']) {
            open = open.saturating_sub(1);
        }
        let indent = open * 2;
        open += usize::from(line.ends_with(['{', '[']));
        indent
    };
    text.lines().map(of_line).collect()
}

/// What a defect does to whoever follows the tutorial.
#[must_use]
pub const fn weight(defect: &Defect) -> &'static str {
    if defect.stops { "it stops here" } else { "mind this" }
}

/// The lines of a pane.
#[must_use]
pub fn lines(app: &App, pane: Pane) -> Vec<Words> {
    match pane {
        Pane::Printed => {
            let text = passage(app).map_or("", |passage| passage.printed);
            text.lines().map(|line| words(Tone::Plain, line)).collect()
        }
        Pane::Sent => match sent(app) {
            Ok(text) => text.lines().map(|line| words(Tone::Plain, line)).collect(),
            Err(why) => vec![words(Tone::Dim, why)],
        },
        Pane::Answers => answers(app),
    }
}

/// What was asked of the practice account, and each answer as the AWS CLI prints it.
fn answers(app: &App) -> Vec<Words> {
    let trials = passage(app).map_or(&[][..], |passage| passage.trials);
    if trials.is_empty() {
        return vec![words(Tone::Dim, "Nothing of this passage goes to AWS.")];
    }
    let mut lines = Vec::new();
    for (i, trial) in trials.iter().enumerate() {
        if i > 0 {
            lines.push(words(Tone::Plain, ""));
        }
        lines.push(words(Tone::Strong, format!("{}. {}", i + 1, trial.title)));
        let place = (app.tutorial.at, i);
        let Some(said) = app.tutorial.said.get(&place) else {
            let asks = app.tutorial.asking == Some(place);
            let text = if asks { "is being asked" } else { "not asked yet; Enter asks" };
            lines.push(words(Tone::Dim, text));
            continue;
        };
        let call = (trial.calls)().pop().map(|call| call.call).unwrap_or_default();
        lines.extend(answer(said, &call));
        lines.push(words(Tone::Plain, trial.means));
    }
    lines
}

/// An answer in the AWS CLI's words.
fn answer(said: &Said, call: &str) -> Vec<Words> {
    let action = call.split_once(':').map_or(call, |(_, action)| action);
    match said {
        Said::Refused { code, message, .. } => {
            let text = format!(
                "An error occurred ({code}) when calling the {action} operation: {message}"
            );
            vec![words(Tone::Bad, "✗ refused"), words(Tone::Plain, text)]
        }
        Said::Done(value) => {
            let mut lines = vec![words(Tone::Good, format!("✓ {action} accepted"))];
            if value.as_object().is_some_and(serde_json::Map::is_empty) || value.is_null() {
                lines.push(words(Tone::Dim, "(the CLI prints nothing)"));
            } else {
                let text = format!("{value:#}");
                lines.extend(text.lines().map(|line| words(Tone::Plain, line)));
            }
            lines
        }
    }
}

/// Everything about a passage, to be read whole.
#[must_use]
pub fn whole(app: &App) -> Vec<String> {
    let Some(passage) = passage(app) else { return Vec::new() };
    let moved = |text: &str| format!("  {text}");
    let mut lines = vec![head(passage), tutorial::SOURCE.to_owned(), String::new()];
    lines.push("As printed".to_owned());
    let printed = passage.printed.lines().zip(indents(passage.printed));
    lines.extend(printed.map(|(line, indent)| moved(&format!("{}{line}", " ".repeat(indent)))));
    for (i, defect) in passage.defects.iter().enumerate() {
        let sign = if defect.stops { "✗" } else { "!" };
        lines.extend([
            String::new(),
            format!("{sign}{} {}", i + 1, weight(defect)),
            moved(defect.marks),
            moved(defect.why),
            moved(&format!("Source: {}", defect.source)),
        ]);
    }
    for (title, pane) in [("What is sent", Pane::Sent), (ANSWERS, Pane::Answers)] {
        lines.extend([String::new(), title.to_owned()]);
        lines.extend(self::lines(app, pane).iter().map(|words| moved(&words.text)));
    }
    lines
}

/// The title of the answers.
pub const ANSWERS: &str = "What AWS answers to the printed";
