//! SARIF 2.1.0 (OASIS), with what GitHub code scanning asks for beside it: a file for each finding, a fingerprint, a score
//! for each rule.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::json::written;
use super::{Line, Sheet};
use crate::domain::finding::Severity;
use crate::domain::review::found::{Found, On};
use crate::domain::review::rules;
use crate::domain::review::triage::{Accepted, Standing};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn print(sheet: &Sheet<'_>) -> String {
    let account = sheet.review.caller.account.as_str();
    let slugs: Vec<&'static str> = sheet.rules().into_iter().collect();
    let rules: Vec<Value> = slugs.iter().map(|slug| rule(sheet, slug)).collect();
    let results: Vec<Value> = sheet.lines.iter().map(|line| result(sheet, &slugs, line)).collect();
    let gaps: Vec<Value> = sheet
        .gaps
        .iter()
        .map(|(what, fault)| {
            let text = format!("could not read {what}: {} ({})", fault.message, fault.cause.slug());
            json!({"level": "warning", "message": {"text": plain(&text)}})
        })
        .collect();
    let version = env!("CARGO_PKG_VERSION");
    written(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "okteto-ecr",
                "version": version,
                "semanticVersion": version,
                "rules": rules,
            }},
            "automationDetails": {"id": format!("okteto-ecr/review/{account}/")},
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": gaps,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

/// A rule, as bad as the worst that it found here: GitHub takes the score of a finding from its rule.
fn rule(sheet: &Sheet<'_>, slug: &'static str) -> Value {
    let rule = rules::entry(slug);
    let of_it = sheet.lines.iter().filter(|line| line.found.finding.rule == slug);
    let worst = of_it.map(Line::severity).max_by_key(|severity| severity.rank());
    let worst = worst.unwrap_or(rule.severity);
    let short = if rule.looks_for.is_empty() { slug } else { rule.looks_for };
    let why = if rule.why.is_empty() { short } else { rule.why };
    let mut properties = Map::new();
    properties.insert("tags".to_owned(), json!(["security", "iam"]));
    properties.insert("problem.severity".to_owned(), json!(problem(worst)));
    if let Some(score) = score(worst) {
        properties.insert("security-severity".to_owned(), json!(score));
    }
    let source = |mark: &str| match rule.source {
        "" => String::new(),
        source => format!("\n\n{mark}Source:{mark} {source}"),
    };
    json!({
        "id": slug,
        "shortDescription": {"text": short},
        "fullDescription": {"text": why},
        "help": {
            "text": format!("{why}{}", source("")),
            "markdown": format!("{why}{}", source("**")),
        },
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": properties,
    })
}

fn result(sheet: &Sheet<'_>, slugs: &[&'static str], line: &Line<'_>) -> Value {
    let Found { on, finding, evidence, .. } = line.found;
    let mut text = finding.message.clone();
    if let Some(fix) = &finding.fix {
        let _ = write!(text, "\nFix: {}", fix.words);
    }
    let mut value = json!({
        "ruleId": finding.rule,
        "ruleIndex": slugs.iter().position(|slug| *slug == finding.rule),
        "level": level(finding.severity),
        "message": {"text": plain(&text)},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(sheet, on)},
                "region": {"startLine": 1},
            },
            "logicalLocations": [{
                "name": on.name(),
                "fullyQualifiedName": on.to_string(),
                "kind": "resource",
            }],
        }],
        "partialFingerprints": {
            "oktetoEcrFinding/v1": line.fingerprint,
            // The only one that GitHub reads, in its form.
            "primaryLocationLineHash": format!("{}:1", line.fingerprint),
        },
        "suppressions": match &line.standing {
            Standing::Accepted(one) => vec![suppression(one)],
            _ => Vec::new(),
        },
        "properties": {
            "severity": finding.severity.word(),
            "where": finding.place,
            "evidence": evidence,
        },
    });
    if let (true, Ok(triage), Value::Object(fields)) =
        (sheet.is_compared, &sheet.review.triage, &mut value)
    {
        let was_there = triage.known.as_ref().is_some_and(|k| k.contains_key(&line.fingerprint));
        let state = if was_there { "unchanged" } else { "new" };
        fields.insert("baselineState".to_owned(), json!(state));
    }
    value
}

fn suppression(Accepted { reason, until, by, .. }: &Accepted) -> Value {
    json!({
        "kind": "external",
        "status": "accepted",
        "justification": format!("{reason} (until {until}, by {by})"),
    })
}

/// Where a finding is shown, relative to whatever it is shown beside: an account has no files.
fn uri(sheet: &Sheet<'_>, on: &On) -> String {
    let mut uri = format!("aws/{}/", sheet.review.caller.account);
    for byte in on.to_string().bytes() {
        // RFC 3986: unreserved characters, and the separator.
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// A message in which nothing is a link (SARIF 2.1.0, §3.11.6).
fn plain(text: &str) -> String {
    if text.contains("](") { text.replace('[', "\\[").replace(']', "\\]") } else { text.to_owned() }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High | Severity::Error => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Note => "note",
    }
}

/// The words of `CodeQL` for the same.
const fn problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High | Severity::Error => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Note => "recommendation",
    }
}

/// GitHub: above 9.0 critical, from 7.0 high, from 4.0 medium, from 0.1 low (GitHub documentation, "SARIF support for code
/// scanning").
const fn score(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High | Severity::Error => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Note => None,
    }
}
