//! The trust policy: who may assume the role.

use serde_json::{Value, json};

use super::document::{Document, Facts};
use super::{TRUST_QUOTA, Unreadable, size};
use crate::domain::access::Permissions;
use crate::domain::intent::Intent;
use crate::domain::issuer::Issuer;

/// The trust policy of an intent, the exact text that is sent: `aud` and `sub` pinned, one provider.
#[must_use]
pub fn text(intent: &Intent) -> String {
    text_for(intent, &[intent.audience.to_string()])
}

/// The same for several audiences: one is a string, several are a list.
#[must_use]
pub fn text_for(intent: &Intent, audiences: &[String]) -> String {
    document(intent, audiences, intent.issuer.name())
}

/// What following the tutorial to the letter gives, placeholders filled: the keys keep their `https://` (defect E1).
#[must_use]
pub fn tutorial_text(intent: &Intent) -> String {
    document(intent, &[intent.audience.to_string()], intent.issuer.url())
}

fn document(intent: &Intent, audiences: &[String], key_prefix: &str) -> String {
    let audience = match audiences {
        [one] => Value::from(one.as_str()),
        several => Value::from(several),
    };
    let mut pins = serde_json::Map::new();
    pins.insert(format!("{key_prefix}:aud"), audience);
    pins.insert(format!("{key_prefix}:sub"), intent.subject.to_string().into());
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Federated": intent.provider_arn().as_str() },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": { "StringEquals": pins },
        }],
    });
    format!("{document:#}")
}

/// One thing looked for in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Whether it was found so.
    pub met: bool,
    /// What was found: `aud pinned to one value`.
    pub words: String,
}

/// Looks through a trust policy: is it as narrow as it should be, and made for this issuer?
///
/// # Errors
/// The text is no policy document.
pub fn checks(text: &str, issuer: &Issuer) -> Result<Vec<Check>, Unreadable> {
    let document = Document::parse(text)?;
    let statements = document.statements();
    let pinned = |claim: &str| pins(&statements, &issuer.key(claim));
    let federated: Vec<&String> = statements
        .iter()
        .flat_map(|s| s.get("Principal Federated").into_iter().flat_map(|f| &f.values))
        .collect();
    let principals = statements.iter().flat_map(Facts::keys).filter(|p| p.contains("Principal"));
    let only_federated = principals.clone().count() > 0
        && principals.clone().all(|p| p == "Principal Federated")
        && !federated.is_empty();
    let name = |arn: &str| arn.split_once(":oidc-provider/").map(|(_, name)| name.to_owned());
    let providers: Vec<Option<String>> = federated.iter().map(|arn| name(arn)).collect();
    let of_issuer = only_federated
        && providers.iter().all(|p| p.as_deref() == Some(issuer.name()))
        && pinned("aud").is_some()
        && pinned("sub").is_some();
    let length = size(text);
    let check = |met: bool, good: String, bad: &str| Check {
        met,
        words: if met { good } else { bad.to_owned() },
    };
    let pin = |claim: &str, one: &str, several: &str| match pinned(claim) {
        Some(1) => Check { met: true, words: format!("{claim} pinned to one {one}") },
        Some(n) => Check { met: true, words: format!("{claim} pinned to {n} {several}") },
        None => Check { met: false, words: format!("{claim} is not pinned by StringEquals") },
    };
    let wild = statements
        .iter()
        .flat_map(Facts::values)
        .any(|f| f.values.iter().any(|v| v.contains(['*', '?'])) || f.at.contains('*'));
    Ok(vec![
        pin("aud", "value", "values"),
        pin("sub", "service account", "service accounts"),
        check(!wild, "no * anywhere".to_owned(), "a wildcard stands in it"),
        check(
            only_federated && providers.iter().all(Option::is_some),
            "Federated is a provider, not a role".to_owned(),
            "the principal is not an identity provider alone",
        ),
        check(
            of_issuer,
            "provider and keys are those of the issuer".to_owned(),
            "provider or keys are not those of the issuer",
        ),
        Check {
            met: length <= TRUST_QUOTA,
            words: format!("{length} of {TRUST_QUOTA} characters"),
        },
    ])
}

/// How many values pin a key in every allowing statement; `None` if one of them leaves it open.
fn pins(statements: &[Facts], key: &str) -> Option<usize> {
    let place = format!("Condition StringEquals {}", key.to_lowercase());
    let allowing: Vec<&Facts> = statements
        .iter()
        .filter(|s| s.get("Effect").is_none_or(|e| e.values != ["Deny"]))
        .collect();
    let counts: Option<Vec<usize>> =
        allowing.iter().map(|s| s.get(&place).map(|fact| fact.values.len())).collect();
    counts.and_then(|c| c.into_iter().max()).filter(|n| *n > 0)
}

/// Who may do what, in one sentence, from the document and what is meant. That nobody else may is said only if the
/// document holds to it.
#[must_use]
pub fn sentence(intent: &Intent, text: &str) -> String {
    let tight = checks(text, &intent.issuer).is_ok_and(|list| list.iter().take(5).all(|c| c.met));
    let cluster = intent
        .issuer
        .name()
        .rsplit('/')
        .find(|part| !part.is_empty())
        .unwrap_or(intent.issuer.name());
    let what = match &intent.access.permissions {
        Permissions::ReadOnly => "read ECR".to_owned(),
        Permissions::PullOnly => "pull from ECR".to_owned(),
        Permissions::Repositories(list) => {
            let names: Vec<&str> =
                list.iter().map(crate::domain::name::RepositoryPattern::as_str).collect();
            format!("pull {} from ECR", names.join(", "))
        }
    };
    let (namespace, account) = (intent.subject.namespace(), intent.subject.account());
    let rest = if tight { "Nobody else may." } else { "Others may too: see the checks." };
    format!(
        "Pods of {namespace}/{account} in {cluster} may {what} in account {}. {rest}",
        intent.host.account
    )
}
