//! How answers are written.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::practice::account::input::Input;
use crate::practice::account::refusal::Refusal;

/// RFC 3986: all but the unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A policy document as IAM gives it back.
pub(super) fn encode(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// A time to the second, as IAM keeps it.
pub(super) fn time(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// Items of one page, and where the next begins.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    marker: Option<String>,
}

/// Cuts a page by `Marker` and `MaxItems` (100 if not said) out of items with their keys. The marker holds the key of
/// the last item given, so that nothing is skipped when items go in between.
pub(super) fn cut<T>(input: &Input, mut items: Vec<(String, T)>) -> Result<Page<T>, Refusal> {
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    if let Some(marker) = input.get("Marker") {
        let after = URL_SAFE_NO_PAD
            .decode(marker)
            .ok()
            .and_then(|key| String::from_utf8(key).ok())
            .ok_or_else(|| Refusal::new("ValidationError", "Invalid Marker."))?;
        items.retain(|(key, _)| *key > after);
    }
    let most = input.number("MaxItems", 1..=1000)?.unwrap_or(100);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let more = items.len() > most;
    items.truncate(most);
    let last = items.last().filter(|_| more);
    let marker = last.map(|(key, _)| URL_SAFE_NO_PAD.encode(key));
    Ok(Page { items: items.into_iter().map(|(_, item)| item).collect(), marker })
}

impl<T> Page<T> {
    /// Adds to an answer whether there is more.
    pub(super) fn close(&self, mut answer: Value) -> Value {
        answer["IsTruncated"] = Value::Bool(self.marker.is_some());
        if let Some(marker) = &self.marker {
            answer["Marker"] = Value::String(marker.clone());
        }
        answer
    }
}

/// One page of a list.
pub(super) fn list(
    input: &Input,
    member: &str,
    items: Vec<(String, Value)>,
) -> Result<Value, Refusal> {
    list_by(input, member, items, Value::clone)
}

/// One page of a list whose items are written only where they are on it: an account may have thousands.
pub(super) fn list_by<T>(
    input: &Input,
    member: &str,
    items: Vec<(String, T)>,
    show: impl Fn(&T) -> Value,
) -> Result<Value, Refusal> {
    let page = cut(input, items)?;
    let shown: Vec<Value> = page.items.iter().map(show).collect();
    Ok(page.close(json!({ member: shown })))
}
