//! The trust policy: who may assume the role.

use serde_json::{Value, json};

use crate::domain::access::Permissions;
use crate::domain::intent::OidcIntent;

/// The trust policy of an intent, the exact text that is sent: `aud` and `sub` pinned, one provider.
#[must_use]
pub fn text(intent: &OidcIntent) -> String {
    text_for(intent, &[intent.audience.to_string()])
}

/// The same for several audiences: one is a string, several are a list.
#[must_use]
pub fn text_for(intent: &OidcIntent, audiences: &[String]) -> String {
    document(intent, audiences, intent.issuer.name())
}

/// What following the tutorial to the letter gives, placeholders filled: the keys keep their `https://` (defect E1).
#[must_use]
pub fn tutorial_text(intent: &OidcIntent) -> String {
    document(intent, &[intent.audience.to_string()], intent.issuer.url())
}

fn document(intent: &OidcIntent, audiences: &[String], key_prefix: &str) -> String {
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

/// Who may do what, in one sentence; `alone` says whether nobody else may.
#[must_use]
pub fn sentence(intent: &OidcIntent, alone: bool) -> String {
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
    let rest = if alone { "Nobody else may." } else { "Others may too: see who gets in." };
    format!(
        "Pods of {namespace}/{account} in {cluster} may {what} in account {}. {rest}",
        intent.host.account
    )
}
