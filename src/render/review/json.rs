//! One object with everything, as the contract has it. What a reader of a terminal could not see is written as an escape.

use std::fmt::Write;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Line, Sheet, by_name, steady};
use crate::domain::arn::PolicyArn;
use crate::domain::key::{LastUse, SeenKey};
use crate::domain::review::found::Found;
use crate::domain::review::rights::Rights;
use crate::domain::review::role::RoleReview;
use crate::domain::review::triage::{Accepted, Known};
use crate::domain::review::{ProviderReview, UserReview};
use crate::domain::trust::admit::{Admitted, Intruder};
use crate::domain::visible::is_hidden;

pub(super) fn print(sheet: &Sheet<'_>) -> String {
    written(&whole(sheet))
}

/// A document as text, on lines of their own and with an end. Characters that cannot be seen stand only inside texts, so that
/// escapes may stand for all of them.
pub(super) fn written(value: &Value) -> String {
    let text = format!("{value:#}");
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if c == '\n' || !is_hidden(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out.push('\n');
    out
}

fn whole(sheet: &Sheet<'_>) -> Value {
    let review = sheet.review;
    let mut users: Vec<&UserReview> = review.users.iter().map(AsRef::as_ref).collect();
    users.sort_by_cached_key(|user| by_name(&user.entry.name));
    let mut providers: Vec<&ProviderReview> = review.providers.iter().map(AsRef::as_ref).collect();
    providers.sort_by_key(|provider| provider.arn.as_str());
    let counts = &review.counts;
    let severities: Map<String, Value> = sheet
        .counts()
        .map(|(severity, count)| (severity.word().to_owned(), json!(count)))
        .collect();
    let mut whole = json!({
        "format": 1,
        "account": review.caller.account.as_str(),
        "counts": {
            "roles": counts.roles,
            "left_out": counts.left_out,
            "trusting": counts.trusting,
            "total": counts.total,
            "users": counts.users,
            "findings": severities,
        },
        "roles": sheet.roles().into_iter().map(role).collect::<Vec<_>>(),
        "users": users.into_iter().map(user).collect::<Vec<_>>(),
        "providers": providers.into_iter().map(provider).collect::<Vec<_>>(),
        "findings": sheet.lines.iter().map(|line| finding(sheet, line)).collect::<Vec<_>>(),
        "gaps": sheet.gaps.iter().map(|(what, fault)| json!({"what": what, "fault": fault})).collect::<Vec<_>>(),
    });
    if sheet.is_compared {
        put(&mut whole, "mended", sheet.mended.iter().map(|one| known(one)).collect::<Vec<_>>());
    }
    if !sheet.stale.is_empty() {
        put(&mut whole, "stale", sheet.stale.iter().map(|one| stale(one)).collect::<Vec<_>>());
    }
    whole
}

fn finding(sheet: &Sheet<'_>, line: &Line<'_>) -> Value {
    let Found { on, finding, evidence, .. } = line.found;
    let rule = line.found.rule();
    let mut value = json!({
        "rule": finding.rule,
        "severity": finding.severity.word(),
        "subject": on.to_string(),
        "message": finding.message,
        "where": finding.place,
        "evidence": evidence,
        "why": rule.why,
        "source": rule.source,
        "fingerprint": line.fingerprint,
    });
    if let Some(fix) = fix(line.found) {
        put(&mut value, "fix", fix);
    }
    if let Some(word) = sheet.word(line) {
        put(&mut value, "standing", word);
    }
    if let Some(Accepted { reason, until, by, at, .. }) = line.acceptance() {
        let until = until.to_string();
        let accepted = json!({"reason": reason, "until": until, "by": by, "at": at.to_string()});
        put(&mut value, "accepted", accepted);
    }
    value
}

/// What mends it: in words, as calls, as a policy.
fn fix(found: &Found) -> Option<Value> {
    let fix = found.finding.fix.as_ref();
    if fix.is_none() && found.calls.is_empty() && found.rotates.is_none() {
        return None;
    }
    let calls = found.calls.iter();
    let calls = calls.map(|call| json!({"call": call.call(), "request": call.request()}));
    let mut value = json!({"words": fix.map(|fix| &fix.words), "calls": calls.collect::<Vec<_>>()});
    if let Some(policy) = fix.and_then(|fix| fix.document.as_ref()) {
        put(&mut value, "policy", policy.clone());
    }
    if let Some(user) = &found.rotates {
        put(&mut value, "rotates", user.as_str());
    }
    Some(value)
}

fn role(role: &RoleReview) -> Value {
    let RoleReview { entry, trust, .. } = role;
    let issuers = trust.issuers.iter();
    let issuers = issuers.map(|one| json!({"name": one.name, "kind": one.kind.word()}));
    let mut value = json!({
        "name": entry.name,
        "arn": entry.arn.as_str(),
        "created": entry.created_at.and_then(time),
        "last_used": last_used(&entry.last_use, Some("region")),
        "okteto": trust.is_okteto,
        "issuers": issuers.collect::<Vec<_>>(),
        "audience": trust.audience,
        "subject": trust.subject,
        "real": trust.real,
        "beyond": trust.beyond,
        "meant": trust.meant.as_ref().unwrap_or(&trust.real),
        "admits": trust.admits.iter().map(admits).collect::<Vec<_>>(),
        "intruders": trust.intruders.iter().map(intruder).collect::<Vec<_>>(),
        "rights": role.rights.as_ref().map(rights),
        "permissions_boundary": entry.boundary.as_ref().map(PolicyArn::as_str),
        "tags": entry.tags,
        "findings": fingerprints(&role.found),
    });
    if let Some(fault) = &entry.unread {
        put(&mut value, "unread", json!(steady(fault)));
    }
    value
}

fn user(user: &UserReview) -> Value {
    let entry = &user.entry;
    let mut groups = entry.groups.clone();
    groups.sort();
    let mut value = json!({
        "name": entry.name,
        "arn": entry.arn.as_str(),
        "created": entry.created_at.and_then(time),
        "password": entry.has_password,
        "keys": entry.keys.as_ref().map(|keys| keys.iter().map(key).collect::<Vec<_>>()),
        "groups": groups,
        "rights": rights(&user.rights),
        "permissions_boundary": entry.boundary.as_ref().map(PolicyArn::as_str),
        "tags": entry.tags,
        "findings": fingerprints(&user.found),
    });
    if let Some(fault) = &entry.unread {
        put(&mut value, "unread", json!(steady(fault)));
    }
    value
}

fn key(key: &SeenKey) -> Value {
    json!({
        "id": key.id.as_str(),
        "status": key.status.word(),
        "created": key.created_at.and_then(time),
        "last_used": last_used(&key.last_use, None),
    })
}

fn provider(provider: &ProviderReview) -> Value {
    let seen = provider.seen.as_ref();
    let audiences = seen.ok().map(|seen| {
        let mut audiences = seen.audiences.clone();
        audiences.sort();
        audiences
    });
    let mut trusted_by = provider.trusted_by.clone();
    trusted_by.sort();
    let mut value = json!({
        "name": provider.arn.name(),
        "arn": provider.arn.as_str(),
        "created": seen.ok().and_then(|seen| seen.created_at).and_then(time),
        "audiences": audiences,
        "trusted_by": trusted_by,
        "tags": seen.ok().map(|seen| &seen.tags),
        "findings": fingerprints(&provider.found),
    });
    if let Err(fault) = seen {
        put(&mut value, "unread", json!(steady(fault)));
    }
    value
}

/// Each kind of doing by its word, then where it comes from.
fn rights(rights: &Rights) -> Value {
    let mut value = json!({});
    for grant in &rights.grants {
        let shown =
            json!({"on": grant.on, "except": grant.except, "conditional": grant.conditional});
        put(&mut value, grant.act.word(), shown);
    }
    put(&mut value, "sources", json!(rights.sources));
    put(&mut value, "unread", json!(rights.unread));
    put(&mut value, "beyond", json!(rights.beyond));
    value
}

/// Who gets in, as `check-trust` and `review` tell it.
#[must_use]
pub fn admits(set: &Admitted) -> Value {
    let mut value = json!({"issuer": set.issuer, "audience": set.audience, "subject": set.subject});
    if !set.except.is_empty() {
        put(&mut value, "except", set.except.iter().map(admits).collect::<Vec<_>>());
    }
    value
}

/// Who gets in and was not meant to, likewise.
#[must_use]
pub fn intruder(intruder: &Intruder) -> Value {
    json!({"why": intruder.why, "claims": intruder.holder.to_json()})
}

fn known(Known { on, rule, message }: &Known) -> Value {
    json!({"subject": on, "rule": rule, "message": message})
}

fn stale(one: &Accepted) -> Value {
    let Accepted { on, rule, fingerprint, what, reason, until, .. } = one;
    json!({
        "subject": on,
        "rule": rule,
        "message": what,
        "fingerprint": fingerprint,
        "reason": reason,
        "until": until.to_string(),
    })
}

fn fingerprints(found: &[Found]) -> Vec<String> {
    let mut all: Vec<String> = found.iter().map(Found::fingerprint).collect();
    all.sort();
    all
}

/// Null where it is not known; a day of null where it was never used. Not the time, nor the service: the operator's own key is
/// used by the very reading.
fn last_used(use_: &LastUse, place: Option<&str>) -> Value {
    match use_ {
        LastUse::Unknown => Value::Null,
        LastUse::Never => json!({"on": null}),
        LastUse::At(at, by) => {
            let mut value = json!({"on": day(*at)});
            if let Some(place) = place {
                put(&mut value, place, by.as_str());
            }
            value
        }
    }
}

/// The day, in UTC; `None` of what is no time.
fn day(seconds: i64) -> Option<String> {
    Timestamp::from_second(seconds).ok().map(|at| at.strftime("%Y-%m-%d").to_string())
}

/// RFC 3339; `None` of what is no time.
fn time(seconds: i64) -> Option<String> {
    Timestamp::from_second(seconds).ok().map(|at| at.to_string())
}

fn put(object: &mut Value, key: &str, value: impl Into<Value>) {
    if let Value::Object(fields) = object {
        fields.insert(key.to_owned(), value.into());
    }
}
