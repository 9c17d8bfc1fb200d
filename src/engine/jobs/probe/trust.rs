//! Which part of a trust policy keeps the token out, told from the differences to the wished one.

use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::Intent;
use crate::domain::plan::Difference;

/// The first difference that explains a refusal: principal, action, condition key, audience, subject. A difference
/// that may as well admit the token, such as another operator or a further statement, explains nothing.
pub(super) fn mismatch(diff: &[Difference], intent: &Intent) -> Option<Fault> {
    let differs = |end: &str| {
        let both = |d: &&Difference| d.now.is_some() && d.then.is_some();
        diff.iter().filter(both).find(|d| place(d).ends_with(end))
    };
    if let Some(found) = principal(diff) {
        return Some(fault(Cause::TrustPrincipalMismatch, "trusts another principal", &found));
    }
    if let Some(found) = differs("Action") {
        return Some(fault(Cause::TrustActionMismatch, "allows another action", found));
    }
    let claims = [("aud", Cause::AudienceMismatch), ("sub", Cause::SubjectMismatch)];
    for (claim, _) in claims {
        if let Some(found) = foreign_key(diff, &intent.issuer.key(claim), claim) {
            let what = "has a condition key that is not the provider's";
            return Some(fault(Cause::ConditionKeyMismatch, what, &found));
        }
    }
    claims.into_iter().find_map(|(claim, cause)| {
        let found = differs(&format!(" {}", intent.issuer.key(claim)))?;
        Some(fault(cause, &format!("asks for another {claim}"), found))
    })
}

/// `Statement 2: Condition …` without the number.
fn place(difference: &Difference) -> &str {
    match difference.at.split_once(": ") {
        Some((head, rest)) if head.starts_with("Statement ") => rest,
        _ => &difference.at,
    }
}

/// Another value under the same kind of principal, or the wished kind in place of another.
fn principal(diff: &[Difference]) -> Option<Difference> {
    let of = |d: &&Difference| place(d).starts_with("Principal");
    let wanted = diff.iter().filter(of).find(|d| d.then.is_some())?;
    let got = diff.iter().filter(of).find_map(|d| d.now.clone());
    Some(Difference { at: wanted.at.clone(), now: got, then: wanted.then.clone() })
}

/// The wished key is missing under its operator, and another key of the same claim stands there instead.
fn foreign_key(diff: &[Difference], key: &str, claim: &str) -> Option<Difference> {
    let key_of = |d: &Difference| place(d).rsplit(' ').next().unwrap_or_default().to_owned();
    let is_condition = |d: &&Difference| place(d).starts_with("Condition ");
    let missing = |d: &&Difference| d.now.is_none() && key_of(d).eq_ignore_ascii_case(key);
    diff.iter().filter(is_condition).find(missing)?;
    let end = format!(":{claim}");
    let foreign = |d: &&Difference| {
        let other = key_of(d).to_lowercase();
        d.now.is_some() && other.ends_with(&end) && !other.eq_ignore_ascii_case(key)
    };
    let found = diff.iter().filter(is_condition).find(foreign)?;
    Some(Difference { at: found.at.clone(), now: Some(key_of(found)), then: Some(key.to_owned()) })
}

fn fault(cause: Cause, what: &str, found: &Difference) -> Fault {
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let (wanted, got) = (said(&found.then), said(&found.now));
    Fault::new(cause, format!("the role's trust policy {what}: {got}, where {wanted} is needed"))
        .with("at", found.at.as_str())
        .with("wanted", wanted)
        .with("got", got)
}
