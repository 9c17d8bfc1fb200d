//! A policy document as it was read: its JSON, its repeated keys, and its statements as facts.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a text is no policy document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not JSON.
    #[error("read the document as JSON: {message}, line {line}, column {column}")]
    Json {
        /// The parser's words.
        message: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// JSON, but no object with statements.
    #[error("read the document as a policy: {0}")]
    Shape(&'static str),
}

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The JSON. Of a repeated key the last value stands here, as in most parsers.
    pub value: Value,
    /// Where a key stands twice in one object, such as `Statement.0.Condition`. IAM refuses such a document.
    pub duplicates: Vec<String>,
}

/// What one statement says, by place. The place is in a form that compares; the fact keeps the spelling.
pub type Facts = BTreeMap<String, Fact>;

/// The values that stand in one place of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The place as spelled: `Condition StringEquals KEY`, `Action`, …
    pub at: String,
    /// The values as spelled, in their order.
    pub values: Vec<String>,
    /// The values in the form that compares.
    meaning: BTreeSet<String>,
}

impl Fact {
    /// Whether both say the same: order and repetition mean nothing, a string is a list of one.
    #[must_use]
    pub fn means_the_same(&self, other: &Self) -> bool {
        self.meaning == other.meaning
    }

    /// The values in one line.
    #[must_use]
    pub fn words(&self) -> String {
        self.values.join(", ")
    }
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// Not JSON, or not an object with a `Statement` of objects. Repeated keys are kept in `duplicates`.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        Self::parse_at(text, |value| Some((value, String::new())))
    }

    /// Reads a document that stands somewhere in a text of JSON. `find` says which part of it it is, and the place of
    /// that part: its keys, each with a dot after it.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_at(
        text: &str,
        find: impl FnOnce(Value) -> Option<(Value, String)>,
    ) -> Result<Self, Unreadable> {
        let json = |e: &serde_json::Error| Unreadable::Json {
            message: e.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
            line: e.line(),
            column: e.column(),
        };
        let duplicates = RefCell::new(Vec::new());
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = Strict { duplicates: &duplicates, at: String::new() }
            .deserialize(&mut reader)
            .map_err(|e| json(&e))?;
        reader.end().map_err(|e| json(&e))?;
        let (value, at) = find(value).ok_or(Unreadable::Shape("it is not an object"))?;
        let duplicates = duplicates.into_inner();
        let duplicates = duplicates.iter().filter_map(|d| d.strip_prefix(&at));
        let document = Self { value, duplicates: duplicates.map(str::to_owned).collect() };
        if !document.value.is_object() {
            return Err(Unreadable::Shape("it is not an object"));
        }
        let statements = document.raw_statements();
        if statements.is_empty() {
            return Err(Unreadable::Shape("it has no statement"));
        }
        if !statements.iter().all(|s| s.is_object()) {
            return Err(Unreadable::Shape("a statement is not an object"));
        }
        Ok(document)
    }

    /// The language version; a document without one has IAM's default, the old one.
    #[must_use]
    pub fn version(&self) -> &str {
        self.value.get("Version").and_then(Value::as_str).unwrap_or("2008-10-17")
    }

    /// The statements as facts, in order. `Sid` is a label without meaning and is left out.
    #[must_use]
    pub fn statements(&self) -> Vec<Facts> {
        self.raw_statements().into_iter().map(facts).collect()
    }

    /// The statements as they stand there, in order.
    #[must_use]
    pub fn raw_statements(&self) -> Vec<&Value> {
        match self.value.get("Statement") {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        }
    }
}

fn facts(statement: &Value) -> Facts {
    let mut facts = Facts::new();
    for (element, value) in statement.as_object().into_iter().flatten() {
        match (element.as_str(), value) {
            ("Sid", _) => {}
            ("Condition", Value::Object(operators)) => {
                for (operator, keys) in operators {
                    for (key, value) in keys.as_object().into_iter().flatten() {
                        // Key names compare without case, values with it (condition reference).
                        let place = format!("Condition {operator} {}", key.to_lowercase());
                        let at = format!("Condition {operator} {key}");
                        add(&mut facts, place, at, value, str::to_owned);
                    }
                }
            }
            ("Principal" | "NotPrincipal", Value::Object(kinds)) => {
                for (kind, value) in kinds {
                    let at = format!("{element} {kind}");
                    add(&mut facts, at.clone(), at, value, str::to_owned);
                }
            }
            // Action names compare without case.
            ("Action" | "NotAction", value) => {
                add(&mut facts, element.clone(), element.clone(), value, str::to_lowercase);
            }
            (_, value) => add(&mut facts, element.clone(), element.clone(), value, str::to_owned),
        }
    }
    facts
}

fn add(facts: &mut Facts, place: String, at: String, value: &Value, fold: fn(&str) -> String) {
    let values: Vec<String> = match value {
        Value::Array(list) => list.iter().map(plain).collect(),
        one => vec![plain(one)],
    };
    let meaning = values.iter().map(|v| fold(v)).collect();
    facts.insert(place, Fact { at, values, meaning });
}

/// A string without its quotes; `true` and `"true"` mean the same in a condition.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Reads JSON and remembers repeated keys, which `serde_json` by itself would swallow.
struct Strict<'a> {
    duplicates: &'a RefCell<Vec<String>>,
    at: String,
}

impl Strict<'_> {
    fn within(&self, part: &str) -> Strict<'_> {
        let at = if self.at.is_empty() { part.to_owned() } else { format!("{}.{part}", self.at) };
        Strict { duplicates: self.duplicates, at }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self.within(&values.len().to_string()))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let inner = self.within(&key);
            let at = inner.at.clone();
            let value = entries.next_value_seed(inner)?;
            if map.insert(key, value).is_some() {
                self.duplicates.borrow_mut().push(at);
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_keys_are_seen_where_they_stand() {
        let text =
            r#"{"Statement":[{"Effect":"Allow","Condition":{"StringEquals":{"a":"1","a":"2"}}}]}"#;
        let document = Document::parse(text).unwrap();
        assert_eq!(document.duplicates, ["Statement.0.Condition.StringEquals.a"]);
    }

    #[test]
    fn what_is_no_policy_says_so() {
        assert!(matches!(Document::parse("{"), Err(Unreadable::Json { line: 1, .. })));
        for text in ["[]", "{}", r#"{"Statement":[]}"#, r#"{"Statement":["x"]}"#, "{} x"] {
            assert!(Document::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_overflow() {
        assert!(Document::parse(&"[".repeat(100_000)).is_err());
    }
}
