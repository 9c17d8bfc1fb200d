//! A document read part by part, so that a part that cannot be read hides no other.

use serde_json::{Map, Value, json};

use super::fix;
use super::rules::UNSOUND;
use crate::domain::evaluate::{CURRENT, Choice, Effect, Policy, Statement, Unsound};
use crate::domain::finding::Finding;
use crate::domain::policy::Document;

/// The statements as far as they can be read, with what cannot. What is left out of a statement never makes it look
/// narrower than it is: an effect that does not exist counts as Allow.
pub(super) fn read(document: &Document) -> (Vec<Statement>, Vec<Finding>) {
    let mut found = Vec::new();
    for (element, value) in document.value.as_object().into_iter().flatten() {
        if element != "Statement"
            && let Err(unsound) = whole(&[(element, value)])
        {
            let finding = UNSOUND.at("document", refused(&unsound));
            found.push(match unsound {
                Unsound::Version(_) => finding.mended(
                    format!("Set Version to {CURRENT}."),
                    fix::whole(document, |map| {
                        map.insert(element.clone(), json!(CURRENT));
                        Some(())
                    }),
                ),
                _ => finding.mended(format!("Leave {element} out, or correct it."), None),
            });
        }
    }
    let none = Map::new();
    let statements: Vec<Statement> = document
        .raw_statements()
        .into_iter()
        .map(|raw| raw.as_object().unwrap_or(&none))
        .enumerate()
        .map(|(index, raw)| statement(document, index, raw, &mut found))
        .collect();
    // IAM refuses a document whose statement ids are not unique (reference_policies_elements_sid).
    for (index, sid) in
        statements.iter().enumerate().filter_map(|(i, s)| Some((i, s.sid.as_ref()?)))
    {
        if !sid.is_empty() && statements.iter().take(index).any(|s| s.sid.as_ref() == Some(sid)) {
            found.push(
                UNSOUND
                    .at(
                        format!("Statement {}: Sid", index + 1),
                        format!(
                            "Another statement is called {sid:?} as well; IAM refuses the document."
                        ),
                    )
                    .mended(
                        "Give it another name, or none.",
                        fix::statement(document, index, |map| map.shift_remove("Sid").map(|_| ())),
                    ),
            );
        }
    }
    (statements, found)
}

fn refused(unsound: &Unsound) -> String {
    let words = unsound.to_string();
    let mut letters = words.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}; IAM refuses the document.", letters.as_str())
}

/// A document of one harmless statement, with these elements at its top.
fn whole(elements: &[(&String, &Value)]) -> Result<Policy, Unsound> {
    let mut map = Map::new();
    for (element, value) in elements {
        map.insert((*element).clone(), (*value).clone());
    }
    map.insert("Statement".to_owned(), json!({"Effect": "Allow", "Action": "sts:AssumeRole"}));
    Policy::read_last(&Document { value: Value::Object(map), duplicates: Vec::new() })
}

/// A statement of nothing but these elements, and what a statement must have.
fn alone(elements: Value) -> Result<Statement, Unsound> {
    let Value::Object(mut map) = elements else { return Err(Unsound::Missing("Statement")) };
    map.entry("Effect").or_insert(json!("Allow"));
    if !map.contains_key("NotAction") {
        map.entry("Action").or_insert(json!("sts:AssumeRole"));
    }
    let value = json!({"Version": CURRENT, "Statement": Value::Object(map)});
    let policy = Policy::read_last(&Document { value, duplicates: Vec::new() })?;
    policy.statements.into_iter().next().ok_or(Unsound::Missing("Statement"))
}

fn statement(
    document: &Document,
    index: usize,
    raw: &Map<String, Value>,
    found: &mut Vec<Finding>,
) -> Statement {
    let place = |part: &str| match part {
        "" => format!("Statement {}", index + 1),
        part => format!("Statement {}: {part}", index + 1),
    };
    let mut read = Statement {
        sid: None,
        effect: Effect::Allow,
        principal: None,
        actions: Choice { not: false, patterns: Vec::new() },
        resources: None,
        conditions: Vec::new(),
    };
    let mut wrong = |part: &str, unsound: &Unsound, words: &str| {
        found.push(UNSOUND.at(place(part), refused(unsound)).mended(words, None));
    };
    for (element, value) in raw {
        match (element.as_str(), value) {
            ("Condition", Value::Object(operators)) => {
                for (operator, keys) in operators {
                    let none = Map::new();
                    let keys = keys.as_object().unwrap_or_else(|| {
                        wrong(
                            &format!("Condition {operator}"),
                            &Unsound::Form(format!("Condition {operator}")),
                            "Below the operator stand keys with their values.",
                        );
                        &none
                    });
                    for (key, value) in keys {
                        match alone(json!({"Condition": {operator: {key: value}}})) {
                            Ok(one) => read.conditions.extend(one.conditions),
                            Err(unsound) => wrong(
                                &format!("Condition {operator} {key}"),
                                &unsound,
                                "Write an operator of IAM's, such as StringEquals, with values that suit it.",
                            ),
                        }
                    }
                }
            }
            ("Resource" | "NotResource", _) => {}
            _ => match alone(json!({element: value})) {
                Ok(one) => match element.as_str() {
                    "Sid" => read.sid = one.sid,
                    "Effect" => read.effect = one.effect,
                    "Action" | "NotAction" => read.actions = one.actions,
                    "Principal" | "NotPrincipal" => read.principal = one.principal,
                    _ => {}
                },
                Err(unsound) => wrong(element, &unsound, "Correct it, or leave it out."),
            },
        }
    }
    let has = |element: &str| raw.contains_key(element);
    let pairs = [("Action", "NotAction"), ("Principal", "NotPrincipal")];
    for (name, other) in pairs {
        if has(name) && has(other) {
            wrong(other, &Unsound::Both(name, other), &format!("Keep {name} only."));
        } else if !has(name) && !has(other) {
            wrong("", &Unsound::Missing(name), &format!("Add {name}."));
        }
    }
    if !has("Effect") {
        wrong("", &Unsound::Missing("Effect"), "Add \"Effect\": \"Allow\" if that is meant.");
    }
    if read.effect == Effect::Deny && has("NotPrincipal") {
        // Reported by IAM: "AssumeRole policy must not contain NotPrincipal field."
        found.push(
            UNSOUND
                .at(place("NotPrincipal"), "IAM refuses NotPrincipal in a trust policy.")
                .mended("Say with Principal who is denied.", None),
        );
    }
    // Reported by IAM: "Has prohibited field Resource", "AssumeRole policy must not contain resources."
    for element in ["Resource", "NotResource"].into_iter().filter(|e| has(e)) {
        found.push(
            UNSOUND
                .at(
                    place(element),
                    format!("A trust policy has no {element}: the role itself is meant; IAM refuses the document."),
                )
                .mended(
                    format!("Leave {element} out."),
                    fix::statement(document, index, |map| map.shift_remove(element).map(|_| ())),
                ),
        );
    }
    read
}
