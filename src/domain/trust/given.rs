//! The text that is to be judged, in whichever form it came.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::domain::policy::{Document, Unreadable};

/// Where a reply of `get-role` has the document.
const KEY: &str = "AssumeRolePolicyDocument";

/// A trust policy as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The document.
    pub document: Document,
    /// The role's ARN, where a reply of `get-role` told it.
    pub role: Option<String>,
    /// The role's longest session in seconds, where the reply told it.
    pub max_session_seconds: Option<u64>,
}

impl Given {
    /// Reads a bare document, a reply of `aws iam get-role` (`{"Role": {…}}` or the inner object), or either
    /// percent-encoded, whole or within the reply, as IAM's API has it.
    ///
    /// # Errors
    /// It is none of these; the words are those of the document's own reading.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let text = decoded(text.trim_start_matches('\u{feff}'))?;
        let whole: Value = serde_json::from_str(&text).unwrap_or_default();
        let (role, at) = match whole.get("Role") {
            Some(role) => (role, "Role."),
            None => (&whole, ""),
        };
        let document = match role.get(KEY) {
            None => Document::parse(&text)?,
            Some(Value::String(text)) => Document::parse(&decoded(text)?)?,
            // Taken out of the text itself, so that repeated keys are seen.
            Some(_) => Document::parse_at(&text, |mut whole| {
                let role = if at.is_empty() { Some(&mut whole) } else { whole.get_mut("Role") };
                Some((role?.get_mut(KEY)?.take(), format!("{at}{KEY}.")))
            })?,
        };
        Ok(Self {
            document,
            role: role.get("Arn").and_then(Value::as_str).map(str::to_owned),
            max_session_seconds: role.get("MaxSessionDuration").and_then(Value::as_u64),
        })
    }
}

/// Percent-decoded, if it is encoded at all.
fn decoded(text: &str) -> Result<String, Unreadable> {
    let text = text.trim();
    if !text.starts_with('%') {
        return Ok(text.to_owned());
    }
    percent_decode_str(text)
        .decode_utf8()
        .map(Cow::into_owned)
        .map_err(|_| Unreadable::Shape("it is percent-encoded, but not UTF-8"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Condition":{"StringEquals":{"a":"1","a":"2"}}}]}"#;

    #[test]
    fn each_form_is_the_same_document() {
        let encoded =
            percent_encoding::utf8_percent_encode(POLICY, percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        let role = |policy: &str| {
            format!(
                r#"{{"Arn":"arn:x","MaxSessionDuration":3600,"AssumeRolePolicyDocument":{policy}}}"#
            )
        };
        let bare = Given::read(POLICY).unwrap();
        assert_eq!(bare.document.duplicates, ["Statement.0.Condition.StringEquals.a"]);
        assert_eq!(Given::read(&format!("\u{feff} {encoded}\n")).unwrap(), bare);
        for policy in [POLICY.to_owned(), json!(encoded).to_string(), json!(POLICY).to_string()] {
            for text in [role(&policy), format!(r#"{{"Role":{}}}"#, role(&policy))] {
                let given = Given::read(&text).unwrap();
                assert_eq!(given.document, bare.document, "{text}");
                assert_eq!(given.role.as_deref(), Some("arn:x"));
                assert_eq!(given.max_session_seconds, Some(3600));
            }
        }
    }

    #[test]
    fn what_is_none_of_them_says_so() {
        for text in ["", "{", "%7B", "%ff", r#"{"Role":{}}"#, r#"{"AssumeRolePolicyDocument":5}"#] {
            assert!(Given::read(text).is_err(), "{text}");
        }
    }
}
