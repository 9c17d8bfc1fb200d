//! Which action the parties may use.

use super::fix;
use super::look::{Look, Seen, is_wild};
use super::principal::mended_without;
use super::rules::{ACTION_MISMATCH, ACTION_WILDCARD};
use crate::domain::evaluate::{
    Asker, CURRENT, Choice, Context, Effect, Outcome, Party, Policy, Request, Statement,
};
use crate::domain::finding::{Finding, Severity};
use crate::domain::trust::ACTION;

/// What may stand beside the action: it sets what a session carries, and lets nobody in.
const BESIDE: [&str; 3] = ["sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"];

/// Whether the statement's actions take in the one by which a token is swapped, by IAM's own evaluation.
fn covers(actions: &Choice) -> bool {
    let statement = Statement {
        sid: None,
        effect: Effect::Allow,
        principal: None,
        actions: actions.clone(),
        resources: None,
        conditions: Vec::new(),
    };
    let policy = Policy { version: CURRENT.to_owned(), statements: vec![statement] };
    let context = Context::default();
    let request =
        Request { asker: &Asker::Anonymous, action: ACTION, resource: "*", context: &context };
    policy.judge(&request).outcome == Outcome::Allowed
}

pub(super) fn look(look: &Look, seen: &Seen) -> Vec<Finding> {
    if seen.statement.actions.patterns.is_empty() {
        return Vec::new();
    }
    if seen.is_web() { of_tokens(look, seen) } else { of_others(look, seen).into_iter().collect() }
}

fn is(action: &str, name: &str) -> bool {
    action.eq_ignore_ascii_case(name)
}

/// The holders of web tokens, and nobody else, swap a token.
fn of_others(look: &Look, seen: &Seen) -> Option<Finding> {
    let actions = &seen.statement.actions;
    let named = seen.parties().iter().any(|party| matches!(party, Party::Aws(_)));
    let only = !actions.not && actions.patterns.iter().all(|action| is(action, ACTION));
    (named && only).then(|| {
        ACTION_MISMATCH
            .at(
                seen.place("Action"),
                format!("{ACTION} is for tokens of a provider; an AWS principal can never use it."),
            )
            .mended(
                "Name the provider under \"Federated\", or leave the statement out.",
                mended_without(look, seen, None),
            )
    })
}

fn of_tokens(look: &Look, seen: &Seen) -> Vec<Finding> {
    let actions = &seen.statement.actions;
    let listed = actions.patterns.join(", ");
    let kept = actions.patterns.iter().filter(|_| !actions.not);
    let kept = kept.filter_map(|action| BESIDE.iter().find(|name| is(action, name)));
    let right: Vec<&str> = std::iter::once(ACTION).chain(kept.copied()).collect();
    let document = || {
        look.edit(seen, |map| {
            map.shift_remove("NotAction");
            map.insert("Action".to_owned(), fix::texts(&right));
            Some(())
        })
    };
    let mended = |finding: Finding| {
        finding.mended(format!("Set Action to {}.", right.join(", ")), document())
    };
    let place = seen.place(if actions.not { "NotAction" } else { "Action" });
    match (covers(actions), actions.not) {
        (false, true) => vec![mended(ACTION_MISMATCH.at(
            place,
            format!("NotAction leaves out {ACTION} with {listed}, so no token gets in."),
        ))],
        (false, false) => vec![mended(ACTION_MISMATCH.at(
            place,
            format!("{listed} is not the action by which a token is swapped, so no token gets in."),
        ))],
        (true, true) => vec![mended(ACTION_WILDCARD.at(
            place,
            format!("NotAction allows everything but {listed}, also what AWS adds later."),
        ))],
        (true, false) => [wildcards(seen, &place), spare(seen, &place)]
            .into_iter()
            .flatten()
            .map(mended)
            .collect(),
    }
}

fn wildcards(seen: &Seen, place: &str) -> Option<Finding> {
    let patterns = seen.statement.actions.patterns.iter().map(String::as_str);
    let wild: Vec<&str> = patterns.filter(|action| is_wild(action)).collect();
    let words = "allows more than to swap a token, also what AWS adds later";
    (!wild.is_empty()).then(|| ACTION_WILDCARD.at(place, format!("{} {words}.", wild.join(", "))))
}

/// Actions beside the right one. Another principal of the statement may be the one who uses them.
fn spare(seen: &Seen, place: &str) -> Option<Finding> {
    let spare: Vec<&str> = seen
        .statement
        .actions
        .patterns
        .iter()
        .map(String::as_str)
        .filter(|a| !is_wild(a) && !is(a, ACTION) && !BESIDE.iter().any(|name| is(a, name)))
        .collect();
    let of_roles = |action: &&str| {
        let begin = "sts:AssumeRole";
        action.get(..begin.len()).is_some_and(|text| is(text, begin))
    };
    let listed = spare.join(", ");
    if !spare.iter().all(of_roles) {
        // Reported by IAM: "AssumeRole policy may only specify STS AssumeRole actions."
        return Some(ACTION_MISMATCH.at(
            place,
            format!("IAM refuses {listed} in a trust policy: only STS AssumeRole actions may stand there."),
        ));
    }
    let alone = seen.parties().iter().all(|party| matches!(party, Party::Federated(_)));
    (alone && !spare.is_empty()).then(|| {
        ACTION_MISMATCH
            .at(place, format!("The holder of a web token can never use {listed}."))
            .graded(Severity::Low)
    })
}
