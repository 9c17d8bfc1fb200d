//! What IAM takes as a policy document.

use super::refusal::Refusal;

/// A trust policy of a role of the account.
pub(super) fn trust(text: &str, _account: &str) -> Result<(), Refusal> {
    identity(text)
}

/// A policy of an identity.
pub(super) fn identity(text: &str) -> Result<(), Refusal> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        _ => Err(Refusal::new("MalformedPolicyDocument", "Syntax errors in policy.")),
    }
}

/// Its size as quotas count it: without white space.
pub(super) fn size(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}
