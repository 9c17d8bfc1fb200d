//! Documents mended.

use serde_json::{Map, Value, json};

use crate::domain::evaluate::Condition;
use crate::domain::policy::Document;

/// How much text a document may hold to be mended, in bytes: twice of what IAM ever takes.
const MENDABLE: usize = 8192;

/// The document with a change in it. `None` where it cannot be made, where it is far too long for IAM anyway, and where a
/// key is repeated: what its first value was is lost, and a mended document would hide that.
pub(super) fn whole(
    document: &Document,
    change: impl FnOnce(&mut Map<String, Value>) -> Option<()>,
) -> Option<Value> {
    if !document.duplicates.is_empty() || left(&document.value, MENDABLE).is_none() {
        return None;
    }
    let mut value = document.value.clone();
    change(value.as_object_mut()?)?;
    Some(value)
}

/// What is left of an allowance of bytes after this value; `None` if it does not suffice.
fn left(value: &Value, allowance: usize) -> Option<usize> {
    let allowance = allowance.checked_sub(1)?;
    match value {
        Value::String(text) => allowance.checked_sub(text.len()),
        Value::Array(list) => list.iter().try_fold(allowance, |rest, value| left(value, rest)),
        Value::Object(map) => map
            .iter()
            .try_fold(allowance, |rest, (key, value)| left(value, rest.checked_sub(key.len())?)),
        _ => Some(allowance),
    }
}

/// The document with a change in one statement, counted from 0.
pub(super) fn statement(
    document: &Document,
    index: usize,
    change: impl FnOnce(&mut Map<String, Value>) -> Option<()>,
) -> Option<Value> {
    whole(document, |map| match map.get_mut("Statement")? {
        Value::Array(list) => change(list.get_mut(index)?.as_object_mut()?),
        one => change(one.as_object_mut()?),
    })
}

/// The document without a statement, if others remain.
pub(super) fn without(document: &Document, index: usize) -> Option<Value> {
    whole(document, |map| {
        let list = map.get_mut("Statement")?.as_array_mut().filter(|list| list.len() > 1)?;
        (index < list.len()).then(|| list.remove(index)).map(|_| ())
    })
}

/// One text as it is, several as a list.
pub(super) fn texts<T: AsRef<str>>(texts: &[T]) -> Value {
    match texts {
        [one] => json!(one.as_ref()),
        several => several.iter().map(|text| json!(text.as_ref())).collect(),
    }
}

/// Adds a condition. `None` where another value stands there already.
pub(super) fn put(
    statement: &mut Map<String, Value>,
    operator: &str,
    key: &str,
    value: Value,
) -> Option<()> {
    let conditions = statement.entry("Condition").or_insert_with(|| json!({})).as_object_mut()?;
    let keys = conditions.entry(operator).or_insert_with(|| json!({})).as_object_mut()?;
    if let Some((_, there)) = keys.iter().find(|(there, _)| there.eq_ignore_ascii_case(key)) {
        return (*there == value).then_some(());
    }
    keys.insert(key.to_owned(), value);
    Some(())
}

/// Takes a condition away, with its operator if that has no other key.
pub(super) fn take(statement: &mut Map<String, Value>, condition: &Condition) -> Option<Value> {
    let operator = condition.operator.written.as_str();
    let conditions = statement.get_mut("Condition")?.as_object_mut()?;
    let keys = conditions.get_mut(operator)?.as_object_mut()?;
    let value = keys.shift_remove(&condition.key)?;
    if keys.is_empty() {
        conditions.shift_remove(operator);
    }
    if conditions.is_empty() {
        statement.shift_remove("Condition");
    }
    Some(value)
}

/// The document with one condition in another form.
pub(super) fn condition(
    document: &Document,
    index: usize,
    condition: &Condition,
    operator: &str,
    key: &str,
    value: Option<Value>,
) -> Option<Value> {
    statement(document, index, |map| {
        let old = take(map, condition)?;
        put(map, operator, key, value.unwrap_or(old))
    })
}

/// The document with one principal named otherwise, or (`None`) left out if others of its kind or other kinds remain.
pub(super) fn principal(
    document: &Document,
    index: usize,
    kind: &str,
    old: &str,
    new: Option<&str>,
) -> Option<Value> {
    statement(document, index, |map| {
        let kinds = map.get_mut("Principal")?.as_object_mut()?;
        let value = kinds.get_mut(kind)?;
        let names: Vec<String> = match &*value {
            Value::Array(list) => {
                list.iter().map(|v| v.as_str().map(str::to_owned)).collect::<Option<_>>()?
            }
            one => vec![one.as_str()?.to_owned()],
        };
        let mut names: Vec<String> = names
            .into_iter()
            .filter_map(|name| if name == old { new.map(str::to_owned) } else { Some(name) })
            .collect();
        names.dedup();
        if names.is_empty() {
            kinds.shift_remove(kind);
        } else {
            *value = texts(&names);
        }
        (!kinds.is_empty()).then_some(())
    })
}
