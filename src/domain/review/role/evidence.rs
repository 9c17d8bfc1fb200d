//! The lines of the document that a finding is about.

use serde_json::Value;

use crate::domain::finding::Finding;
use crate::domain::policy::Document;
use crate::domain::trust::lint::REPEATED_KEY;

/// As long as a line may be, in characters.
const LINE: usize = 160;
/// As many lines as are shown.
const LINES: usize = 3;

/// The lines that a finding is about; none where no line shows it.
pub(super) fn of(finding: &Finding, document: &Document, text: &str) -> Vec<String> {
    let (statement, part) = at(&finding.place);
    let statement =
        statement.and_then(|index| document.raw_statements().get(index).copied().cloned());
    let mut lines = if finding.rule == REPEATED_KEY.slug {
        let top = |at: &&String| !at.starts_with("Statement.");
        let key = part.rsplit(' ').next().filter(|key| !key.is_empty());
        let key = key.or_else(|| document.duplicates.iter().find(top).map(String::as_str));
        key.map(|key| repeated(key, text)).unwrap_or_default()
    } else if let Some(statement) = &statement {
        of_statement(statement, part)
    } else if finding.place == "document" {
        version(finding, document)
    } else {
        Vec::new()
    };
    lines.truncate(LINES);
    lines
}

/// The statement that a place is in, from 0, and the part of it.
pub(super) fn at(place: &str) -> (Option<usize>, &str) {
    let Some(rest) = place.strip_prefix("Statement ") else { return (None, "") };
    let (number, part) = rest.split_once(": ").unwrap_or((rest, ""));
    (number.parse::<usize>().ok().and_then(|number| number.checked_sub(1)), part)
}

/// The operator and the key of a part such as `Condition StringEquals KEY`.
pub(super) fn condition(part: &str) -> Option<(&str, &str)> {
    part.strip_prefix("Condition ")?.split_once(' ')
}

fn of_statement(statement: &Value, part: &str) -> Vec<String> {
    let line = |element: &str| match statement.get(element) {
        Some(value) => cut(&format!("{element:?}: {value}")),
        None => format!("no {element:?}"),
    };
    if let Some((operator, key)) = condition(part) {
        let value = statement.get("Condition").and_then(|c| c.get(operator)?.get(key));
        return match value {
            Some(value) if operator == "StringEquals" => vec![pair(key, value)],
            Some(value) => vec![cut(&format!("{operator:?}: {{{}}}", pair(key, value)))],
            None => vec![line("Condition")],
        };
    }
    match part.split(' ').next().unwrap_or_default() {
        "" => vec![line("Principal"), line("Condition")],
        element => vec![line(element)],
    }
}

fn pair(key: &str, value: &Value) -> String {
    cut(&format!("{}: {value}", Value::from(key)))
}

fn version(finding: &Finding, document: &Document) -> Vec<String> {
    if !finding.message.contains("ersion") {
        return Vec::new();
    }
    match document.value.get("Version") {
        Some(value) => vec![pair("Version", value)],
        None => vec!["no \"Version\"".to_owned()],
    }
}

/// What stands behind a key wherever it does, as the text has it: of a document only the last would be left.
fn repeated(key: &str, text: &str) -> Vec<String> {
    let written = Value::from(key).to_string();
    let parts = text.split(&written).skip(1);
    let mut at = text.find(&written).unwrap_or(text.len());
    let mut lines = Vec::new();
    for part in parts {
        let rest = text.get(at + written.len()..).unwrap_or_default().trim_start();
        at += written.len() + part.len();
        let Some(rest) = rest.strip_prefix(':') else { continue };
        let value = serde_json::Deserializer::from_str(rest).into_iter::<Value>().next();
        if let Some(Ok(value)) = value {
            lines.push(pair(key, &value));
        }
    }
    lines
}

/// No longer than a line.
fn cut(line: &str) -> String {
    if line.chars().count() <= LINE {
        return line.to_owned();
    }
    line.chars().take(LINE - 1).chain(['…']).collect()
}
