//! What a value is, whatever field it was pasted into.

use crate::domain::arn::Arn;
use crate::domain::host::RegistryHost;
use crate::domain::partition::Region;
use crate::domain::subject::Subject;

/// The words for what a value plainly is; `None` where it could be anything.
pub(super) fn words(value: &str) -> Option<&'static str> {
    if let Ok(arn) = Arn::parse(value) {
        return Some(arn.kind());
    }
    if value.starts_with("system:serviceaccount:") || Subject::parse(value).is_ok() {
        return Some("a subject");
    }
    if ["AKIA", "ASIA"].iter().any(|p| value.starts_with(p))
        && value.len() >= 16
        && value.bytes().all(|b| b.is_ascii_alphanumeric())
    {
        return Some("the id of an access key");
    }
    if value.starts_with("eyJ") && value.split('.').count() == 3 {
        return Some("a token");
    }
    if value.starts_with("file://") {
        return Some("a path to a file");
    }
    if let Some((_, rest)) = registry(value) {
        let an_image = !rest.trim_matches('/').is_empty();
        return Some(if an_image { "an image reference" } else { "the host of a registry" });
    }
    if value.starts_with("https://") {
        return Some("a URL, like an issuer's");
    }
    if Region::parse(value).is_ok() {
        return Some("a region");
    }
    if value.starts_with("sts:") || value.starts_with("ecr:") || value.starts_with("iam:") {
        return Some("the name of a call");
    }
    if value.split_once('/').is_some_and(|(_, region)| Region::parse(region).is_ok()) {
        return Some("an audience, by its look");
    }
    None
}

/// The bare host at the head of a URL or an image reference, if it is a registry's, and what follows it (path, tag).
/// Scheme, port and a dot at the end are gone.
pub(super) fn registry(value: &str) -> Option<(RegistryHost, String)> {
    let text = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    let text = text.unwrap_or(value);
    let (head, rest) = text.split_once('/').unwrap_or((text, ""));
    let host = head.split_once(':').map_or(head, |(host, _)| host);
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    RegistryHost::parse(&host).ok().map(|host| (host, rest.to_owned()))
}
