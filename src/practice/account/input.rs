//! The parameters of a call, by the names of the API's shapes, held against the limits of the service models
//! (botocore `service-2.json`).

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// Parameters: strings, numbers, booleans, lists and structures. From the Query protocol every leaf is a string.
#[derive(Debug, Clone, Default)]
pub struct Input(pub Map<String, Value>);

/// Whether a text fits a pattern.
pub(super) type Fits = fn(&str) -> bool;

/// What a text may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) min: usize,
    pub(super) max: usize,
    /// The model's pattern, and what it means.
    pub(super) pattern: Option<(&'static str, Fits)>,
}

impl Input {
    /// The parameters in a JSON object; anything else is none.
    #[must_use]
    pub fn from_json(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            _ => Self::default(),
        }
    }

    /// A text that must be there.
    pub(super) fn required(&self, name: &str, shape: Shape) -> Result<&str, Refusal> {
        self.text(name, shape)?.ok_or_else(|| invalid("null", name, "Member must not be null"))
    }

    /// A text that may be there.
    pub(super) fn text(&self, name: &str, shape: Shape) -> Result<Option<&str>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => shape.check(name, text).map(|()| Some(text.as_str())),
            Some(other) => Err(Refusal::new(
                "ValidationError",
                format!("Invalid type for parameter {name}, value: {other}"),
            )),
        }
    }

    /// A text as it was sent, whatever it is.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// One of a few words.
    pub(super) fn choice(&self, name: &str, words: &[&str]) -> Result<Option<&str>, Refusal> {
        let word = self.get(name);
        match word.filter(|word| !words.contains(word)) {
            None => Ok(word),
            Some(other) => {
                let rule = format!("Member must satisfy enum value set: [{}]", words.join(", "));
                Err(invalid(&format!("'{other}'"), name, &rule))
            }
        }
    }

    /// Yes or no; not there is no.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) if text == "true" => Ok(true),
            Some(Value::String(text)) if text == "false" => Ok(false),
            Some(_) => Err(Refusal::new("MalformedInput", format!("{name} must be true or false"))),
        }
    }

    /// The members of a list; not there is an empty one.
    pub(super) fn list(&self, name: &str) -> &[Value] {
        self.0.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Texts in a list.
    pub(super) fn texts(&self, name: &str, shape: Shape) -> Result<Vec<&str>, Refusal> {
        self.list(name)
            .iter()
            .map(|value| {
                let text = value.as_str().unwrap_or_default();
                shape.check(name, text).map(|()| text)
            })
            .collect()
    }

    /// A whole number within bounds.
    pub(super) fn number(
        &self,
        name: &str,
        bounds: std::ops::RangeInclusive<i64>,
    ) -> Result<Option<i64>, Refusal> {
        let number = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.parse().ok(),
            Some(other) => other.as_i64(),
        };
        let Some(number) = number else {
            return Err(Refusal::new("MalformedInput", format!("{name} must be a whole number")));
        };
        if number < *bounds.start() {
            let rule =
                format!("Member must have value greater than or equal to {}", bounds.start());
            return Err(invalid(&format!("'{number}'"), name, &rule));
        }
        if number > *bounds.end() {
            let rule = format!("Member must have value less than or equal to {}", bounds.end());
            return Err(invalid(&format!("'{number}'"), name, &rule));
        }
        Ok(Some(number))
    }
}

impl Shape {
    pub(super) fn check(self, name: &str, text: &str) -> Result<(), Refusal> {
        let length = text.chars().count();
        let rule = if length < self.min {
            format!("Member must have length greater than or equal to {}", self.min)
        } else if length > self.max {
            format!("Member must have length less than or equal to {}", self.max)
        } else if let Some((pattern, _)) = self.pattern.filter(|(_, fits)| !fits(text)) {
            format!("Member must satisfy regular expression pattern: {pattern}")
        } else {
            return Ok(());
        };
        Err(invalid(&format!("'{text}'"), name, &rule))
    }
}

/// The sentence of a constraint that does not hold; the parameter stands in it with a small first letter.
pub(super) fn invalid(value: &str, name: &str, rule: &str) -> Refusal {
    let mut letters = name.chars();
    let first = letters.next().map(|c| c.to_ascii_lowercase()).unwrap_or_default();
    Refusal::new(
        "ValidationError",
        format!(
            "1 validation error detected: Value {value} at '{first}{}' failed to satisfy constraint: {rule}",
            letters.as_str()
        ),
    )
}
