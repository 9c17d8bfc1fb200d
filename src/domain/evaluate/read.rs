//! A document read as a policy.

use serde_json::{Map, Value};

use super::principal::{Party, Principals};
use super::{CURRENT, Choice, Condition, Effect, Operator, Policy, Statement};
use crate::domain::policy::Document;

/// Why a document is no policy that can be judged by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// A key stands twice in one object.
    #[error("{0} stands there twice")]
    Repeated(String),
    /// A version of the policy language that does not exist.
    #[error("there is no version {0:?} of the policy language")]
    Version(String),
    /// An element that the language does not have.
    #[error("a policy has no element {0}")]
    Element(String),
    /// An element that must be there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Two elements of which only one may stand.
    #[error("{0} and {1} stand side by side")]
    Both(&'static str, &'static str),
    /// An effect that does not exist.
    #[error("{0:?} is neither Allow nor Deny")]
    Effect(String),
    /// A condition operator that does not exist.
    #[error("there is no condition operator {0}")]
    Operator(String),
    /// A value that does not suit its operator.
    #[error("{value:?} is no value for {operator}")]
    Operand {
        /// The operator as written.
        operator: String,
        /// The value as written.
        value: String,
    },
    /// An element of the wrong form.
    #[error("{0} has a form that it cannot have")]
    Form(String),
    /// A list without a member: under a negated element or operator it would match everything.
    #[error("{0} is empty")]
    Empty(String),
}

impl Policy {
    /// Reads a policy. Which of `Principal` and `Resource` must stand depends on what the policy is attached to, and is
    /// not looked at.
    ///
    /// # Errors
    /// Whatever this evaluation could only guess at.
    pub fn read(document: &Document) -> Result<Self, Unsound> {
        match document.duplicates.first() {
            Some(place) => Err(Unsound::Repeated(place.clone())),
            None => Self::read_last(document),
        }
    }

    /// The same, but of a repeated key the last value counts, as it does for most tools that write policies.
    ///
    /// # Errors
    /// Whatever else this evaluation could only guess at.
    pub fn read_last(document: &Document) -> Result<Self, Unsound> {
        let map = object("the document", &document.value)?;
        only(map, &["Version", "Id", "Statement"])?;
        let version = match map.get("Version") {
            None => document.version().to_owned(),
            Some(value) => text("Version", value)?,
        };
        if ![CURRENT, "2008-10-17"].contains(&version.as_str()) {
            return Err(Unsound::Version(version));
        }
        if let Some(id) = map.get("Id") {
            text("Id", id)?;
        }
        let statements = match map.get("Statement") {
            Some(Value::Array(list)) => list.iter().map(statement).collect(),
            Some(one) => statement(one).map(|statement| vec![statement]),
            None => Err(Unsound::Missing("Statement")),
        }?;
        Ok(Self { version, statements })
    }
}

fn statement(value: &Value) -> Result<Statement, Unsound> {
    const ELEMENTS: [&str; 9] = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    let map = object("Statement", value)?;
    only(map, &ELEMENTS)?;
    let effect = match text("Effect", map.get("Effect").ok_or(Unsound::Missing("Effect"))?)? {
        effect if effect == "Allow" => Effect::Allow,
        effect if effect == "Deny" => Effect::Deny,
        effect => return Err(Unsound::Effect(effect)),
    };
    let choice = |name, other| -> Result<Option<Choice>, Unsound> {
        let Some((not, value)) = either(map, name, other)? else { return Ok(None) };
        Ok(Some(Choice { not, patterns: texts(if not { other } else { name }, value)? }))
    };
    let mut conditions = Vec::new();
    if let Some(value) = map.get("Condition") {
        for (written, keys) in object("Condition", value)? {
            let operator =
                Operator::parse(written).ok_or_else(|| Unsound::Operator(written.clone()))?;
            for (key, value) in object(written, keys)? {
                let wanted = scalars(key, value)?;
                if let Some(value) = wanted.iter().find(|w| !operator.takes(w)) {
                    return Err(Unsound::Operand {
                        operator: written.clone(),
                        value: value.clone(),
                    });
                }
                conditions.push(Condition { operator: operator.clone(), key: key.clone(), wanted });
            }
        }
    }
    Ok(Statement {
        sid: map.get("Sid").map(|sid| text("Sid", sid)).transpose()?,
        effect,
        principal: either(map, "Principal", "NotPrincipal")?
            .map(|(not, value)| Ok(Principals { not, parties: parties(value)? }))
            .transpose()?,
        actions: choice("Action", "NotAction")?.ok_or(Unsound::Missing("Action"))?,
        resources: choice("Resource", "NotResource")?,
        conditions,
    })
}

fn parties(value: &Value) -> Result<Vec<Party>, Unsound> {
    if value == "*" {
        return Ok(vec![Party::Everyone]);
    }
    let mut parties = Vec::new();
    for (kind, value) in object("Principal", value)? {
        for name in texts(kind, value)? {
            parties.push(match kind.as_str() {
                "AWS" if name == "*" => Party::Everyone,
                "AWS" => Party::Aws(name),
                "Federated" => Party::Federated(name),
                "Service" => Party::Service(name),
                "CanonicalUser" => Party::Canonical(name),
                _ => return Err(Unsound::Element(format!("Principal {kind}"))),
            });
        }
    }
    if parties.is_empty() {
        return Err(Unsound::Empty("Principal".to_owned()));
    }
    Ok(parties)
}

/// One of two elements that exclude each other, with whether it is the second.
fn either<'a>(
    map: &'a Map<String, Value>,
    name: &'static str,
    other: &'static str,
) -> Result<Option<(bool, &'a Value)>, Unsound> {
    match (map.get(name), map.get(other)) {
        (Some(_), Some(_)) => Err(Unsound::Both(name, other)),
        (one, None) => Ok(one.map(|value| (false, value))),
        (None, Some(value)) => Ok(Some((true, value))),
    }
}

fn only(map: &Map<String, Value>, names: &[&str]) -> Result<(), Unsound> {
    match map.keys().find(|key| !names.contains(&key.as_str())) {
        Some(key) => Err(Unsound::Element(key.clone())),
        None => Ok(()),
    }
}

fn object<'a>(at: &str, value: &'a Value) -> Result<&'a Map<String, Value>, Unsound> {
    value.as_object().ok_or_else(|| Unsound::Form(at.to_owned()))
}

fn text(at: &str, value: &Value) -> Result<String, Unsound> {
    value.as_str().map(str::to_owned).ok_or_else(|| Unsound::Form(at.to_owned()))
}

/// A text or several.
fn texts(at: &str, value: &Value) -> Result<Vec<String>, Unsound> {
    list(at, value, text)
}

/// The same for the values of conditions, where `true` and `5` are as good as `"true"` and `"5"`.
fn scalars(at: &str, value: &Value) -> Result<Vec<String>, Unsound> {
    list(at, value, |at, value| match value {
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        other => text(at, other),
    })
}

fn list(
    at: &str,
    value: &Value,
    read: fn(&str, &Value) -> Result<String, Unsound>,
) -> Result<Vec<String>, Unsound> {
    match value {
        Value::Array(list) if list.is_empty() => Err(Unsound::Empty(at.to_owned())),
        Value::Array(list) => list.iter().map(|value| read(at, value)).collect(),
        one => read(at, one).map(|text| vec![text]),
    }
}
