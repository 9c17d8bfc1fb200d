//! What is kept of a review for the next: `{format, account, findings: [{subject, rule, message, fingerprint}]}`, of which
//! the result of `review --format json` has all, so that either is a baseline.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Known;
use crate::domain::fault::{Cause, Fault};
use crate::domain::partition::AccountId;

/// Findings by fingerprint, and the account that they are of.
pub type Kept = (AccountId, BTreeMap<String, Known>);

/// Reads what was kept, or an earlier result.
///
/// # Errors
/// `file`: no JSON, another format than 1, or something is missing.
pub fn parse(text: &str) -> Result<Kept, Fault> {
    let wrong = |why: String| {
        Fault::new(Cause::File, format!("it is no result of a review: {why}"))
            .remedy("give a file that okteto-ecr review --format json printed")
    };
    let value: Value = serde_json::from_str(text)
        .map_err(|e| wrong(format!("no JSON, line {}, column {}", e.line(), e.column())))?;
    if let Some(fault) = value.get("fault") {
        let message = fault.get("message").and_then(Value::as_str).unwrap_or_default();
        return Err(wrong(format!("that review failed: {message}")));
    }
    match value.get("format") {
        Some(format) if *format == json!(1) => {}
        Some(format) => {
            let why =
                format!("format {format}; this program knows format 1, a newer one may know more");
            return Err(wrong(why));
        }
        None => return Err(wrong("it does not say its format".to_owned())),
    }
    let account = value.get("account").and_then(Value::as_str).unwrap_or_default();
    let account =
        AccountId::parse(account).map_err(|problem| wrong(format!("account: {problem}")))?;
    let findings = value.get("findings").and_then(Value::as_array);
    let findings = findings.ok_or_else(|| wrong("it has no findings".to_owned()))?;
    let mut known = BTreeMap::new();
    for (number, finding) in (1..).zip(findings) {
        let part = |key: &str| {
            let text = finding.get(key).and_then(Value::as_str);
            text.map(str::to_owned).ok_or_else(|| wrong(format!("finding {number} has no {key}")))
        };
        let one = Known { on: part("subject")?, rule: part("rule")?, message: part("message")? };
        known.insert(part("fingerprint")?, one);
    }
    Ok((account, known))
}

/// Writes what is kept so that [`parse`] reads the same again.
#[must_use]
pub fn print(account: &AccountId, known: &BTreeMap<String, Known>) -> String {
    let findings: Vec<Value> = known
        .iter()
        .map(|(fingerprint, Known { on, rule, message })| {
            json!({"rule": rule, "subject": on, "message": message, "fingerprint": fingerprint})
        })
        .collect();
    let whole = json!({"format": 1, "account": account.as_str(), "findings": findings});
    format!("{whole:#}\n")
}
