//! The admitted set in words.

use super::{Admitted, without_scheme};
use crate::domain::issuer::is_no_cluster;

/// Sets that one sentence tells; of more it tells the number.
const TOLD: usize = 4;

/// The admitted set in one sentence.
#[must_use]
pub fn sentence(admitted: &[Admitted]) -> String {
    let mut groups: Vec<(&Admitted, Vec<&str>)> = Vec::new();
    for set in admitted {
        let alike = groups.iter_mut().find(|(first, _)| {
            first.issuer == set.issuer
                && first.subject == set.subject
                && first.except == set.except
                && first.is_caseless() == set.is_caseless()
                && !is_wild(&first.audience)
                && !is_wild(&set.audience)
        });
        match alike {
            Some((_, audiences)) => audiences.push(&set.audience),
            None => groups.push((set, vec![&set.audience])),
        }
    }
    if groups.is_empty() {
        return "Nobody: no token can meet it.".to_owned();
    }
    let told: Vec<String> =
        groups.iter().take(TOLD).map(|(s, audiences)| one(s, audiences)).collect();
    let more = match groups.len().saturating_sub(TOLD) {
        0 => String::new(),
        1 => "; and one more".to_owned(),
        more => format!("; and {more} more"),
    };
    let words = told.join("; and ") + &more;
    if groups.iter().all(|(set, _)| !is_wild(&set.subject) && set.issuer != "*") {
        format!("Only {words}.")
    } else {
        format!("{}.", capital(&words))
    }
}

fn one(set: &Admitted, audiences: &[&str]) -> String {
    let case = if set.is_caseless() { ", in large or small letters" } else { "" };
    let but: Vec<String> = set.except.iter().map(|e| except(set, e)).collect();
    let but =
        if but.is_empty() { String::new() } else { format!(", but not {}", but.join(" or ")) };
    format!("{}, {}, {}{case}{but}", who(&set.subject), whence(&set.issuer), with(audiences))
}

/// What makes the exception differ from its set.
fn except(set: &Admitted, except: &Admitted) -> String {
    let mut words = Vec::new();
    if except.subject != set.subject {
        words.push(who(&except.subject));
    }
    if except.issuer != set.issuer {
        words.push(whence(&except.issuer));
    }
    if except.audience != set.audience {
        words.push(with(&[&except.audience]));
    }
    words.join(" ")
}

/// Whom a subject, or a pattern of subjects, stands for. What is no service account is quoted.
pub(super) fn who(subject: &str) -> String {
    let of = |ns: &str, account: &str| {
        let account = match account {
            "*" => "any service account".to_owned(),
            wild if is_wild(wild) => format!("any service account like {wild:?}"),
            name => format!("the service account {name}"),
        };
        match ns {
            "*" if account == "any service account" => account,
            "*" => format!("{account} of any namespace"),
            wild if is_wild(wild) => format!("{account} of any namespace like {wild:?}"),
            name => format!("{account} of the namespace {name}"),
        }
    };
    match service_account(subject) {
        Some((namespace, account)) => of(namespace, account),
        None if subject == "*" => "any subject".to_owned(),
        None if subject == "system:serviceaccount:*" => "any service account".to_owned(),
        None if is_wild(subject) => format!("any subject like {subject:?}"),
        None => format!("the subject {subject:?}"),
    }
}

/// Namespace and account of a subject of Kubernetes: `system:serviceaccount:NAMESPACE:ACCOUNT`.
pub(super) fn service_account(subject: &str) -> Option<(&str, &str)> {
    let (namespace, account) = subject.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    (!namespace.is_empty() && !account.is_empty() && !account.contains(':'))
        .then_some((namespace, account))
}

/// Where `CircleCI` has an issuer for each organization (its documentation on OIDC tokens).
const CIRCLECI: &str = "oidc.circleci.com/org";

/// Where the token comes from.
pub(super) fn whence(issuer: &str) -> String {
    if issuer == "*" {
        return "of any provider of the account".to_owned();
    }
    let name = without_scheme(issuer);
    match name.trim_end_matches('/').rsplit_once('/') {
        Some((host, organization)) if host == CIRCLECI => {
            format!("of the organization {organization} of oidc.circleci.com")
        }
        Some((_, cluster)) if !is_no_cluster(name) => format!("in the cluster {cluster}"),
        _ => format!("of the issuer {name}"),
    }
}

fn with(audiences: &[&str]) -> String {
    match audiences {
        ["*"] => "with any audience".to_owned(),
        [one] if is_wild(one) => format!("with any audience like {one:?}"),
        list => format!("with the audience {}", list.join(" or ")),
    }
}

pub(super) fn is_wild(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// With a capital at its beginning.
pub(super) fn capital(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + chars.as_str()
}
