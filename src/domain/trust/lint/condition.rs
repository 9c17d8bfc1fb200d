//! Condition keys, operators, and whether each claim has a guard that holds.

use serde_json::{Value, json};

use super::super::holder::{CLAIMS, may_be_key};
use super::fix;
use super::issuer::{claim as claim_of, has_placeholder, tenant_claim};
use super::look::{Guard, Look, Seen, bare, is_wild, quoted, reads_wildcards};
use super::rules::{
    AUD_MISSING, CONDITION_MISSING, FOR_ALL_VALUES, IF_EXISTS, KEY_MISMATCH, KEY_SCHEME,
    LIKE_WITHOUT_WILDCARD, ONLY_NEGATED, SUB_MISSING, WILDCARD_LITERAL,
};
use crate::domain::claims::first_difference;
use crate::domain::evaluate::{Condition, Set};
use crate::domain::finding::{Finding, Severity};
use crate::domain::issuer::SHARED;

pub(super) fn look(look: &Look) -> Vec<Finding> {
    let mut found = Vec::new();
    for seen in &look.statements {
        for condition in &seen.statement.conditions {
            found.extend(key(look, seen, condition));
            found.extend(wildcards(look, seen, condition));
        }
    }
    for seen in look.web() {
        if seen.statement.conditions.is_empty() && seen.unread.is_empty() {
            found.push(unconditional(look, seen));
        } else {
            guard(look, seen, "sub", &mut found);
            guard(look, seen, "aud", &mut found);
        }
    }
    found
}

/// What follows from a key that no token carries.
fn absent(seen: &Seen, condition: &Condition) -> &'static str {
    match (condition.operator.negated || seen.is_weak(condition), seen.allows()) {
        (false, true) => "No token carries it, so the statement lets nobody in.",
        (false, false) => "No token carries it, so the statement denies nobody.",
        (true, _) => {
            "No token carries it, so the condition holds for every token and guards nothing."
        }
    }
}

/// A key that AWS makes of no token.
fn unmade(look: &Look, seen: &Seen, condition: &Condition) -> Option<Finding> {
    let claim = condition.key.rsplit(':').next().unwrap_or_default().trim();
    let name = seen.providers.first()?;
    if may_be_key(name, claim) {
        return None;
    }
    let known = ["aud", "sub"].into_iter().find(|known| claim.eq_ignore_ascii_case(known));
    let right = known.and_then(|known| seen.key(known));
    let document = right
        .as_deref()
        .and_then(|key| look.rewrite(seen, condition, &condition.operator.written, key, None));
    let words = match &right {
        Some(key) => format!("Write {key}."),
        None => format!("Ask for {name}:aud and {name}:sub instead."),
    };
    let message = format!(
        "{:?} is no condition key of web tokens. {}",
        condition.key,
        absent(seen, condition)
    );
    Some(KEY_MISMATCH.at(seen.place_of(condition), message).mended(words, document))
}

fn key(look: &Look, seen: &Seen, condition: &Condition) -> Option<Finding> {
    if !condition.key.contains(':') {
        return unmade(look, seen, condition);
    }
    let (issuer, claim) = claim_of(&condition.key)?;
    if has_placeholder(issuer) {
        return None;
    }
    // A key of the provider's own name is right, whatever that name is, if its claim is one.
    if seen.providers.iter().any(|name| name.eq_ignore_ascii_case(issuer)) {
        let is_made = CLAIMS.iter().any(|c| claim.eq_ignore_ascii_case(c));
        return if is_made { None } else { unmade(look, seen, condition) };
    }
    let place = seen.place_of(condition);
    let bare = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    let path = bare.find('/').map_or("", |at| bare.split_at(at).1);
    let host = bare.split(['/', ':', '?', '#']).next().unwrap_or_default();
    let ends = path.find(['?', '#']).map_or(path, |at| path.split_at(at).0);
    let plain = format!("{host}{ends}");
    let rename = |key: &str| look.rewrite(seen, condition, &condition.operator.written, key, None);
    if plain != issuer {
        let key = seen.key(claim).unwrap_or(format!("{plain}:{claim}"));
        return Some(
            KEY_SCHEME
                .at(
                    place,
                    format!(
                        "The key {} has more than the provider's name before its claim. {}",
                        condition.key,
                        absent(seen, condition)
                    ),
                )
                .mended(format!("Write {key}."), rename(&key)),
        );
    }
    let provider =
        seen.providers.iter().filter(|name| !has_placeholder(name)).max_by_key(|name| {
            name.chars().zip(issuer.chars()).take_while(|(a, b)| a == b).count()
        })?;
    // Which of the two is right is known if the provider is the one that was meant, or nothing else was.
    let is_right = look.wanted_provider().is_none_or(|wanted| wanted == provider);
    let wanted = seen.key(claim).filter(|_| is_right);
    let difference = first_difference(provider, issuer).unwrap_or_default();
    let document = wanted.as_deref().and_then(rename);
    Some(
        KEY_MISMATCH
            .at(
                place,
                format!(
                    "The key is of {issuer}, the provider is {provider} ({difference}). {}",
                    absent(seen, condition)
                ),
            )
            .mended(
                match wanted {
                    Some(key) => format!("Write {key}."),
                    None if is_right => "Write the provider's name, a colon, the claim.".to_owned(),
                    None => "Name the provider that was meant; then look at the keys.".to_owned(),
                },
                document,
            ),
    )
}

fn wildcards(look: &Look, seen: &Seen, condition: &Condition) -> Option<Finding> {
    let name = bare(condition);
    let place = seen.place_of(condition);
    let (wild, plain): (Vec<&String>, Vec<&String>) =
        condition.wanted.iter().partition(|value| is_wild(value));
    let claim = claim_of(&condition.key).map_or("", |(_, claim)| claim);
    // AWS's own documents write `amr` so (Amazon Cognito developer guide, role trust).
    let is_usual = claim.eq_ignore_ascii_case("amr");
    if name.ends_with("Like") && name.starts_with("String") && wild.is_empty() && !is_usual {
        let operator = condition.operator.written.replace("Like", "Equals");
        return Some(
            LIKE_WITHOUT_WILDCARD
                .at(
                    place,
                    format!(
                        "{name} is for wildcards, and {} has none: a * that slips in later would count.",
                        quoted(&plain)
                    ),
                )
                .mended(
                    format!("Write {operator}."),
                    look.rewrite(seen, condition, &operator, &condition.key, None),
                ),
        );
    }
    // `${*}` is the character itself.
    let literal: Vec<&String> = wild
        .into_iter()
        .filter(|value| is_wild(&value.replace("${*}", "").replace("${?}", "")))
        .collect();
    if !name.starts_with("String") || name.ends_with("Like") || literal.is_empty() {
        return None;
    }
    let value: Option<Value> = match look.wanted(seen, claim) {
        _ if condition.operator.negated => None,
        Some(wanted) => Some(json!(wanted)),
        None if !plain.is_empty() => Some(fix::texts(&plain)),
        None => None,
    };
    let words = match &value {
        Some(value) => format!("Write {value}."),
        None => "Write the value out. Only StringLike reads wildcards, and lets in more than one."
            .to_owned(),
    };
    let follows = if condition.operator.negated { "excludes nothing" } else { "fits no token" };
    let document = value.and_then(|value| {
        look.rewrite(seen, condition, &condition.operator.written, &condition.key, Some(value))
    });
    Some(
        WILDCARD_LITERAL
            .at(place, format!("{name} takes {} to the letter, so it {follows}.", quoted(&literal)))
            .mended(words, document),
    )
}

/// The document with claims pinned whose values are known.
fn pinned(look: &Look, seen: &Seen, claims: &[&str]) -> (String, Option<Value>) {
    let pins: Vec<(String, &str)> = claims
        .iter()
        .filter_map(|claim| Some((seen.key(claim)?, look.wanted(seen, claim)?)))
        .collect();
    if pins.is_empty() {
        let key = |claim: &&str| seen.key(claim).unwrap_or(format!("PROVIDER:{claim}"));
        let keys: Vec<String> = claims.iter().map(key).collect();
        return (format!("Add StringEquals on {}.", keys.join(" and ")), None);
    }
    let words: Vec<String> = pins.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    let document = look.edit(seen, |map| {
        pins.iter().try_for_each(|(key, value)| fix::put(map, "StringEquals", key, json!(value)))
    });
    (format!("Add StringEquals {}.", words.join(" and ")), document)
}

fn unconditional(look: &Look, seen: &Seen) -> Finding {
    let (words, document) = pinned(look, seen, &["aud", "sub"]);
    CONDITION_MISSING
        .at(
            seen.place("Condition"),
            format!(
                "The statement has no condition: every token of {} gets in that the provider takes, whoever holds it.",
                name(seen)
            ),
        )
        .mended(words, document)
}

fn name(seen: &Seen) -> String {
    if seen.providers.is_empty() { "the provider".to_owned() } else { seen.providers.join(", ") }
}

/// Whether the claim is asked for by a key that is none, so that nobody gets in by the statement.
fn is_mistyped(seen: &Seen, claim: &str) -> bool {
    seen.statement.conditions.iter().any(|condition| {
        let written = condition.key.rsplit(':').next().unwrap_or_default().trim();
        let is_right = claim_of(&condition.key).is_some_and(|(_, c)| c.eq_ignore_ascii_case(claim));
        written.eq_ignore_ascii_case(claim)
            && !is_right
            && !condition.operator.negated
            && !seen.is_weak(condition)
    })
}

fn guard(look: &Look, seen: &Seen, claim: &str, found: &mut Vec<Finding>) {
    let (words, document) = pinned(look, seen, &[claim]);
    match seen.guard(claim) {
        Guard::Strong => {}
        Guard::None if seen.is_unread(claim) || is_mistyped(seen, claim) => {}
        Guard::None => found.push(missing(look, seen, claim).mended(words, document)),
        Guard::Weak(list) => found.extend(list.into_iter().map(|c| weak(look, seen, claim, c))),
        Guard::Negated(list) => {
            let finding = list.first().map(|first| {
                let values: Vec<&String> = list.iter().flat_map(|c| &c.wanted).collect();
                let finding = ONLY_NEGATED.at(
                    seen.place_of(first),
                    format!(
                        "The only condition on {claim} says what it must not be ({}): every other {claim} gets in, an \
                         absent one too.",
                        quoted(&values)
                    ),
                );
                let severity = if claim == "sub" { Severity::Critical } else { Severity::High };
                finding.graded(severity).mended(words, document)
            });
            found.extend(finding);
        }
    }
}

fn missing(look: &Look, seen: &Seen, claim: &str) -> Finding {
    let place = seen.place("Condition");
    let tenant = seen.providers.iter().find(|name| tenant_claim(name) == Some(claim));
    let listed = look.listed(seen).map_or(0, <[String]>::len);
    let rule = if claim == "sub" { SUB_MISSING } else { AUD_MISSING };
    // Of the others IAM asks nothing (`id_roles_providers_oidc_secure-by-default`).
    let refused = |name: &str| {
        let is_refused = SHARED.iter().any(|(shared, _)| *shared == name);
        if is_refused { " IAM refuses such a policy when it is next changed." } else { "" }
    };
    let tells = |name: &str| {
        format!("Nothing is asked of {claim}, by which {name} tells its customers apart")
    };
    match tenant {
        Some(name) if claim == "aud" && is_sub_pinned(seen) => rule
            .at(
                place,
                format!(
                    "{}; sub is pinned: any application that such an account logs in to can use its token here.{}",
                    tells(name),
                    refused(name)
                ),
            )
            .graded(Severity::High),
        Some(name) => rule
            .at(
                place,
                format!(
                    "{}: any customer of theirs may get in.{}",
                    tells(name),
                    refused(name)
                ),
            )
            .graded(Severity::Critical),
        None if claim == "sub" => rule.at(
            place,
            format!(
                "Nothing is asked of sub: every account of {} that can have a token with the right audience gets in.",
                name(seen)
            ),
        ),
        None if listed >= 2 => rule
            .at(
                place,
                format!(
                    "Nothing is asked of aud, and the provider lists {listed} audiences: a token for any of them \
                     gets in."
                ),
            )
            .graded(Severity::High),
        None => rule.at(
            place,
            "Nothing is asked of aud: a token for any audience that the provider lists, now or later, gets in.",
        ),
    }
}

/// Whether a condition names each subject that gets in.
fn is_sub_pinned(seen: &Seen) -> bool {
    seen.on("sub").any(|condition| {
        let is_open = condition.operator.negated || seen.is_weak(condition);
        let is_pattern =
            reads_wildcards(condition) && condition.wanted.iter().any(|value| is_wild(value));
        !is_open && !is_pattern && bare(condition).starts_with("String")
    })
}

fn weak(look: &Look, seen: &Seen, claim: &str, condition: &Condition) -> Finding {
    let place = seen.place_of(condition);
    let operator = bare(condition);
    let document = look.rewrite(seen, condition, operator, &condition.key, None);
    let rule = if condition.operator.set == Some(Set::All) { FOR_ALL_VALUES } else { IF_EXISTS };
    let issuer = claim_of(&condition.key).map_or("", |(issuer, _)| issuer);
    let is_own = seen.provider().is_some_and(|name| name.eq_ignore_ascii_case(issuer));
    // AssumeRoleWithWebIdentity: STS takes no token without them.
    let follows = if is_own {
        format!(
            "a token without {claim} would get in. That none does is due to STS, which takes no such token, and not to \
             this policy"
        )
    } else {
        format!("a token that is not of {issuer} has no such key and gets in")
    };
    rule.at(
        place,
        format!(
            "{} holds where {claim} is absent, and nothing else asks for {claim}: {follows}.",
            condition.operator.written
        ),
    )
    .mended(format!("Write {operator}."), document)
}
