//! Where a command prints. A reader that went away (`| head`) is no reason to fail.

use std::io::{self, IsTerminal, Write};

use serde_json::Value;

use super::result;
use crate::domain::fault::Fault;

/// Results and talk.
pub struct Out {
    results: Box<dyn Write + Send>,
    talk: Box<dyn Write + Send>,
    /// Whether somebody watches the talk as it comes.
    pub watched: bool,
}

impl Out {
    /// Standard output and standard error.
    #[must_use]
    pub fn standard() -> Self {
        let watched = io::stderr().is_terminal();
        Self { results: Box::new(io::stdout()), talk: Box::new(io::stderr()), watched }
    }

    /// Two other places.
    #[must_use]
    pub fn to(results: Box<dyn Write + Send>, talk: Box<dyn Write + Send>) -> Self {
        Self { results, talk, watched: false }
    }

    /// Prints a result as text.
    pub fn text(&mut self, text: &str) {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let _ = write!(self.results, "{text}{end}").and_then(|()| self.results.flush());
    }

    /// Prints a result as JSON.
    pub fn json(&mut self, value: &Value) {
        self.text(&format!("{value:#}"));
    }

    /// Says something beside the result.
    pub fn say(&mut self, line: &str) {
        let _ = writeln!(self.talk, "{line}").and_then(|()| self.talk.flush());
    }

    /// Says why there is no result; with `json` the result is the fault.
    pub fn fault(&mut self, fault: &Fault, json: bool) {
        self.say(&words(fault));
        if json {
            self.fault_as_json(fault);
        }
    }

    /// The fault as the only result.
    pub fn fault_as_json(&mut self, fault: &Fault) {
        self.json(&result(serde_json::json!({ "fault": fault })));
    }
}

/// A fault in a line or two: message, cause, remedy; then what else is wrong.
pub(super) fn words(fault: &Fault) -> String {
    let one = |fault: &Fault| {
        let id = fault.request_id.as_ref().map(|id| format!(", request {id}")).unwrap_or_default();
        let first = format!("error: {} ({}{id})", fault.message, fault.cause.slug());
        format!("{first}\nwhat helps: {}", fault.what_to_do())
    };
    let all: Vec<_> = std::iter::once(fault).chain(fault.others()).map(one).collect();
    all.join("\n")
}
