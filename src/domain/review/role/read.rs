//! The document, quickly: most roles of an account trust a service or an account, and are passed over after one look. One that
//! is open to everyone is not.

use serde_json::Value;

use crate::domain::issuer::KNOWN_DOMAINS;
use crate::domain::policy::{Document, Unreadable};
use crate::domain::trust::admit::pattern::Pattern;

/// A trust policy as it was read.
pub(super) enum Read {
    /// It trusts services or accounts.
    Nothing,
    /// It is no policy.
    Unreadable(Unreadable),
    /// It trusts a web identity, or means to.
    Document(Document),
    /// It trusts no web identity, and is open to everyone with an AWS account.
    Open(Document),
}

/// Whether a trust policy lets in holders of web tokens, or means to, or everyone. What cannot be read may.
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
        Ok(document) if document.raw_statements().into_iter().any(is_open) => Read::Open(document),
        Ok(_) => Read::Nothing,
    }
}

/// Whether the text may name a web identity, or everyone. Letters may be escaped (`\u0046ederated`), so a text with an escape may.
fn may_name(trust: &str) -> bool {
    let has = |word: &[u8]| {
        trust.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
    };
    trust.contains('\\') || has(b"federated") || has(b"webidentity") || has(b"\"*\"")
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

/// Whether a statement lets everyone with an AWS account assume the role. One that asks who it is, by a key such as
/// `aws:PrincipalOrgID`, leaves few, and those are named; an external ID is no secret to AWS (IAM user guide,
/// `id_roles_common-scenarios_third-party`).
fn is_open(statement: &Value) -> bool {
    let principal = statement.get("Principal");
    let anyone = texts(principal).into_iter().chain(texts(principal.and_then(|p| p.get("AWS"))));
    let assumes = |action: &&str| Pattern::wild(&action.to_ascii_lowercase()).has("sts:assumerole");
    let actions = texts(statement.get("Action"));
    statement.get("Effect").and_then(Value::as_str) == Some("Allow")
        && anyone.into_iter().any(|text| text == "*")
        && actions.iter().any(assumes)
        && !asks_who(statement)
}

/// Whether a condition that holds asks who it is.
fn asks_who(statement: &Value) -> bool {
    let operators = statement.get("Condition").and_then(Value::as_object);
    let firm = operators.into_iter().flatten().filter(|(operator, _)| {
        let operator = operator.to_ascii_lowercase();
        !["not", "ifexists", "forallvalues", "null"].iter().any(|weak| operator.contains(weak))
    });
    firm.filter_map(|(_, keys)| keys.as_object()).flat_map(|keys| keys.iter()).any(
        |(key, value)| {
            key.to_ascii_lowercase().starts_with("aws:principal")
                && !texts(Some(value)).contains(&"*")
        },
    )
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
        ] {
            let text = format!(
                r#"{{"Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}}}]}}"#
            );
            assert!(!trusts_web_identity(&text), "{principal}");
        }
        assert!(trusts_web_identity("no JSON"));
    }

    #[test]
    fn what_is_open_to_everyone_is_not_passed_over() {
        let is_told = |principal: &str, action: &str, condition: &str| {
            let text = format!(
                r#"{{"Statement":[{{"Effect":"Allow","Action":{action},"Principal":{principal},"Condition":{condition}}}]}}"#
            );
            trusts_web_identity(&text)
        };
        let (assume, none) = (r#""sts:AssumeRole""#, "{}");
        for principal in [r#""*""#, r#"{"AWS":"*"}"#, r#"{"AWS":["arn:aws:iam::1:root","*"]}"#] {
            assert!(is_told(principal, assume, none), "{principal}");
        }
        for action in [r#""sts:*""#, r#""*""#, r#"["sts:TagSession","STS:assumerole"]"#] {
            assert!(is_told(r#""*""#, action, none), "{action}");
        }
        assert!(!is_told(r#""*""#, r#""sts:TagSession""#, none));
        assert!(!is_told(r#"{"AWS":"998877665544"}"#, r#""sts:*""#, none));
        for (condition, told) in [
            (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#, false),
            (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::1:role/a*"}}"#, false),
            (r#"{"StringLike":{"aws:PrincipalArn":"*"}}"#, true),
            (r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}"#, true),
            (r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}"#, true),
            (r#"{"StringEquals":{"sts:ExternalId":"acme"}}"#, true),
        ] {
            assert_eq!(is_told(r#""*""#, assume, condition), told, "{condition}");
        }
    }
}
