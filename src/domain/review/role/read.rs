//! The document, quickly: most roles of an account trust a service or an account, and are passed over after one look.

use serde_json::Value;

use crate::domain::issuer::KNOWN_DOMAINS;
use crate::domain::policy::{Document, Unreadable};

/// A trust policy as it was read.
pub(super) enum Read {
    /// It trusts no web identity.
    Nothing,
    /// It is no policy.
    Unreadable(Unreadable),
    /// It trusts a web identity, or means to.
    Document(Document),
}

/// Whether a trust policy lets in holders of web tokens, or means to. What cannot be read may.
#[must_use]
pub fn trusts_web_identity(trust: &str) -> bool {
    !matches!(read(trust), Read::Nothing)
}

pub(super) fn read(trust: &str) -> Read {
    if trust.trim_start().starts_with('{') && !may_name(trust) {
        return Read::Nothing;
    }
    match Document::parse(trust) {
        Err(why) => Read::Unreadable(why),
        // What a repeated key had at first is lost, and may have been anything.
        Ok(document) if !document.duplicates.is_empty() || names(&document) => {
            Read::Document(document)
        }
        Ok(_) => Read::Nothing,
    }
}

/// Whether the text may name a web identity. Letters may be escaped (`\u0046ederated`), so a text with an escape may.
fn may_name(trust: &str) -> bool {
    let has = |word: &[u8]| {
        trust.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
    };
    trust.contains('\\') || has(b"federated") || has(b"webidentity")
}

fn names(document: &Document) -> bool {
    document.raw_statements().into_iter().any(|statement| {
        let is_web = |text: &&str| !text.contains(":saml-provider/");
        let actions = texts(statement.get("Action"));
        statement.get("Effect").and_then(Value::as_str) != Some("Deny")
            && (federated(statement).iter().any(is_web)
                || actions.iter().any(|a| a.to_ascii_lowercase().contains("webidentity")))
    })
}

/// The values under `Federated` of a statement.
pub(super) fn federated(statement: &Value) -> Vec<&str> {
    texts(statement.get("Principal").and_then(|principal| principal.get("Federated")))
}

/// The texts of a value that is one or a list.
pub(super) fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The names of the OIDC providers that statements name, each once, in their order.
pub(super) fn issuers(document: &Document) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let all = document.raw_statements().into_iter().flat_map(federated);
    for name in all.filter_map(provider) {
        if !names.iter().any(|there| there == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The provider's name, where it can be told: of an ARN, of a domain that AWS knows, of a URL in place of the ARN.
pub(super) fn provider(text: &str) -> Option<&str> {
    if let Some((_, name)) = text.split_once(":oidc-provider/") {
        return Some(name);
    }
    if KNOWN_DOMAINS.contains(&text) {
        return Some(text);
    }
    text.strip_prefix("https://").filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_may_be_escaped() {
        let text = r#"{"Statement":{"Effect":"Allow","Action":"sts:x","Principal":{"\u0046ederated":"arn:aws:iam::1:oidc-provider\/a"}}}"#;
        assert!(trusts_web_identity(text));
        let text = text.replace("\\u0046", "F").replace("Allow", "Deny");
        assert!(!trusts_web_identity(&text));
    }

    #[test]
    fn services_accounts_and_saml_are_none() {
        for principal in [
            r#"{"Service":"ec2.amazonaws.com"}"#,
            r#"{"AWS":"arn:aws:iam::112233445566:root"}"#,
            r#"{"Federated":"arn:aws:iam::112233445566:saml-provider/okta"}"#,
            r#""*""#,
        ] {
            let text = format!(
                r#"{{"Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}}}]}}"#
            );
            assert!(!trusts_web_identity(&text), "{principal}");
        }
        assert!(trusts_web_identity("no JSON"));
    }
}
