//! The document as a whole.

use serde_json::{Value, json};

use super::fix;
use super::issuer::{claim, has_placeholder};
use super::look::{Look, Seen};
use super::rules::{PLACEHOLDER, REPEATED_KEY, SESSION_LONG, TOO_LONG, VERSION_OLD};
use crate::domain::evaluate::{CURRENT, Condition};
use crate::domain::finding::{Finding, Severity};
use crate::domain::policy::{TRUST_QUOTA, size};

/// The most characters of a trust policy that IAM allows where the quota was raised (IAM quotas).
const LONGEST: usize = 4096;
/// An hour, the shortest that a role's longest session can be.
const SHORT: u64 = 3600;

pub(super) fn look(look: &Look) -> Vec<Finding> {
    let mut found = repeated(look);
    found.extend(version(look));
    found.extend(length(look));
    found.extend(session(look));
    placeholders(look, &mut found);
    found
}

fn repeated(look: &Look) -> Vec<Finding> {
    let repeated = |at: &String| {
        REPEATED_KEY
            .at(
                place(at),
                format!(
                    "The key stands twice at {at}. IAM refuses the document; most tools keep the last one, so that a \
                     condition is lost without a word."
                ),
            )
            .mended("Write each key once: several values as a list, several keys below one operator.", None)
    };
    look.document().duplicates.iter().map(repeated).collect()
}

/// `Statement.0.Condition.StringEquals.KEY` in the words of a place. Keys may hold dots; operators hold none.
fn place(at: &str) -> String {
    let Some((index, rest)) =
        at.strip_prefix("Statement.").map(|rest| rest.split_once('.').unwrap_or((rest, "")))
    else {
        return "document".to_owned();
    };
    // A single statement need not stand in a list.
    let (number, rest) = match index.parse::<usize>() {
        Ok(index) => (index + 1, rest.to_owned()),
        Err(_) => (1, at.trim_start_matches("Statement.").to_owned()),
    };
    let parts: Vec<&str> = rest.splitn(3, '.').filter(|part| !part.is_empty()).collect();
    let colon = if parts.is_empty() { "" } else { ": " };
    format!("Statement {number}{colon}{}", parts.join(" "))
}

fn version(look: &Look) -> Option<Finding> {
    let document = look.document();
    let words = match document.value.get("Version") {
        None => "The document has no Version, so the one of 2008 counts",
        Some(Value::String(version)) if version == "2008-10-17" => "Its Version is that of 2008",
        Some(_) => return None,
    };
    Some(
        VERSION_OLD
            .at("document", format!("{words}: policy variables would be taken to the letter."))
            .mended(format!("Set Version to {CURRENT}."), current(look)),
    )
}

fn length(look: &Look) -> Option<Finding> {
    let length = size(&look.document().value.to_string());
    let words = "Take out statements, values and labels that are not needed; several clusters need several roles.";
    let finding = match length {
        length if length > LONGEST => TOO_LONG
            .at("document", format!("It has {length} characters, white space left out; IAM never takes more than {LONGEST}."))
            .graded(Severity::Error),
        length if length > TRUST_QUOTA => TOO_LONG.at(
            "document",
            format!(
                "It has {length} characters, white space left out; IAM takes {TRUST_QUOTA} unless the account's quota was raised."
            ),
        ),
        _ => return None,
    };
    Some(finding.mended(words, None))
}

fn session(look: &Look) -> Option<Finding> {
    let seconds = look.given.max_session_seconds.filter(|seconds| *seconds > SHORT)?;
    Some(
        SESSION_LONG
            .at(
                "role",
                format!(
                    "Sessions of the role may last {seconds} seconds: whoever gets hold of one has it that long. A pull \
                     needs minutes."
                ),
            )
            .mended(format!("Set the role's maximum session duration to {SHORT} seconds."), None),
    )
}

/// Whether something in a value was to be filled in. `${…}` with a condition key in it is a policy variable, as are
/// `${*}`, `${?}` and `${$}` (`reference_policies_variables`).
fn is_open(value: &str) -> bool {
    let mut rest = value;
    let mut bare = String::new();
    while let Some((before, after)) = rest.split_once("${") {
        bare.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or(("", after));
        if !name.contains(':') && !matches!(name, "*" | "?" | "$") {
            return true;
        }
        rest = after;
    }
    bare.push_str(rest);
    has_placeholder(&bare)
}

fn placeholders(look: &Look, found: &mut Vec<Finding>) {
    for seen in &look.statements {
        for text in seen.federated().filter(|text| has_placeholder(text)) {
            let arn = look.wanted_provider().and_then(|name| look.own_arn(name));
            let document = arn.as_ref().and_then(|arn| {
                fix::principal(look.document(), seen.index, "Federated", text, Some(arn))
            });
            let words = format!("Write {}.", arn.as_deref().unwrap_or("the provider's ARN"));
            found.push(unfilled(seen.place("Principal Federated"), text).mended(words, document));
        }
        for condition in &seen.statement.conditions {
            // In keys nothing is ever filled.
            if has_placeholder(&condition.key) {
                found.push(placeholder_key(look, seen, condition));
            }
            for value in &condition.wanted {
                found.extend(placeholder_value(look, seen, condition, value));
            }
        }
    }
}

fn unfilled(place: String, text: &str) -> Finding {
    PLACEHOLDER.at(
        place,
        format!("{text:?} holds a placeholder that was never filled. It is taken to the letter, so nothing fits it."),
    )
}

fn placeholder_key(look: &Look, seen: &Seen, condition: &Condition) -> Finding {
    let key = claim(&condition.key).and_then(|(_, claim)| seen.key(claim));
    let document = key
        .as_ref()
        .and_then(|key| look.rewrite(seen, condition, &condition.operator.written, key, None));
    let words = match key {
        Some(key) => format!("Write the key out: {key}."),
        None => "Write the key out: the provider's name, a colon, the claim.".to_owned(),
    };
    unfilled(seen.place_of(condition), &condition.key).mended(words, document)
}

fn placeholder_value(
    look: &Look,
    seen: &Seen,
    condition: &Condition,
    value: &str,
) -> Option<Finding> {
    if is_open(value) {
        let wanted = look.wanted(claim(&condition.key).map_or("", |(_, claim)| claim));
        let document = wanted.and_then(|wanted| {
            let operator = &condition.operator.written;
            look.rewrite(seen, condition, operator, &condition.key, Some(json!(wanted)))
        });
        let words = match wanted {
            Some(wanted) => format!("Write the value out: {wanted}."),
            None => "Write the value out.".to_owned(),
        };
        return Some(unfilled(seen.place_of(condition), value).mended(words, document));
    }
    let is_old = look.document().version() != CURRENT && value.contains("${");
    is_old.then(|| {
        PLACEHOLDER
            .at(
                seen.place_of(condition),
                format!("{value:?} is a policy variable, which this Version does not know: it is taken to the letter."),
            )
            .mended(format!("Set Version to {CURRENT}."), current(look))
    })
}

/// The document in the current version of the language.
fn current(look: &Look) -> Option<Value> {
    fix::whole(look.document(), |map| {
        if map.contains_key("Version") {
            map.insert("Version".to_owned(), json!(CURRENT));
        } else {
            map.shift_insert(0, "Version".to_owned(), json!(CURRENT));
        }
        Some(())
    })
}
