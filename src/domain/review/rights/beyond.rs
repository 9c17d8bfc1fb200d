//! What is allowed beyond ECR.

use super::{Paper, Reading};
use crate::domain::evaluate::{Choice, Effect, Outcome, Policy, Request, Statement};

/// What stands for a wildcard of an action: a text that no policy has.
const NOBODYS: &str = "\u{e000}";

/// The services of which an action is allowed, each once, `*` alone where it is any. A cheap look: one action of each pattern
/// that allows is tried, with conditions taken to be met. On which resources is not looked at; a denial counts if it is of
/// every resource and unconditional.
pub(super) fn services(reading: &Reading) -> Vec<String> {
    let denials: Vec<Policy> =
        reading.papers.iter().map(|paper| loose(&paper.policy, Effect::Deny)).collect();
    let boundary = reading.boundary.as_ref().map(|paper| {
        let mut both = loose(&paper.policy, Effect::Allow);
        both.statements.extend(loose(&paper.policy, Effect::Deny).statements);
        both
    });
    let judge = |policy: &Policy, action: &str| {
        let (asker, context) = (&reading.known.asker, &reading.known.context);
        policy.judge(&Request { asker, action, resource: "*", context }).outcome
    };
    let is_left = |action: &str| {
        !denials.iter().any(|policy| judge(policy, action) == Outcome::Denied)
            && boundary.as_ref().is_none_or(|policy| judge(policy, action) == Outcome::Allowed)
    };
    let mut found: Vec<String> = Vec::new();
    let mut add = |pattern: &str| {
        let service = service(pattern);
        if service != "ecr" && !found.contains(&service) && is_left(&sample(pattern)) {
            found.push(service);
        }
    };
    let allowing = |paper: &Paper| loose(&paper.policy, Effect::Allow).statements;
    for statement in reading.papers.iter().flat_map(allowing) {
        patterns(&statement).for_each(&mut add);
    }
    // Of what is allowed at large a boundary leaves what it names.
    if let Some(boundary) = &boundary {
        let allowed: Vec<Policy> =
            reading.papers.iter().map(|paper| loose(&paper.policy, Effect::Allow)).collect();
        for pattern in boundary.statements.iter().flat_map(patterns) {
            let action = sample(pattern);
            if allowed.iter().any(|policy| judge(policy, &action) == Outcome::Allowed) {
                add(pattern);
            }
        }
    }
    if found.iter().any(|service| service == "*") { vec!["*".to_owned()] } else { found }
}

/// The statements of one effect without their resources and conditions, those that deny only if they have no conditions
/// and are about every resource.
fn loose(policy: &Policy, effect: Effect) -> Policy {
    let is_of_all = |choice: &Choice| !choice.not && choice.patterns.iter().any(|p| p == "*");
    let counts = |s: &&Statement| {
        s.effect == effect
            && (effect == Effect::Allow
                || (s.conditions.is_empty() && s.resources.as_ref().is_none_or(is_of_all)))
    };
    let strip = |s: &Statement| Statement { resources: None, conditions: Vec::new(), ..s.clone() };
    Policy {
        version: policy.version.clone(),
        statements: policy.statements.iter().filter(counts).map(strip).collect(),
    }
}

/// The action patterns of a statement; all but some is any.
fn patterns(statement: &Statement) -> impl Iterator<Item = &str> {
    let Choice { not, patterns } = &statement.actions;
    let all = not.then_some("*").into_iter();
    all.chain(patterns.iter().filter(move |_| !not).map(String::as_str))
}

/// The service of an action pattern; `*` where it is not fixed.
fn service(pattern: &str) -> String {
    match pattern.split_once(':') {
        Some((service, _)) if !service.contains(['*', '?']) => service.to_ascii_lowercase(),
        _ => "*".to_owned(),
    }
}

/// An action that a pattern stands for.
fn sample(pattern: &str) -> String {
    let filled =
        if pattern.contains(':') { pattern.to_owned() } else { format!("{pattern}:{pattern}") };
    filled.replace('*', NOBODYS).replace('?', "x")
}
