//! A policy without what is not known of the request: taken at its best or at its worst.

use std::collections::BTreeMap;

use crate::domain::evaluate::{Asker, CURRENT, Choice, Context, Effect, Policy, Statement};

/// Who asks, and what is known of every request of its.
#[derive(Debug, Clone)]
pub(in crate::domain::review) struct Known {
    /// Who asks.
    pub asker: Asker,
    /// The keys that are there.
    pub context: Context,
    /// Whether it is a user, of which the tags are known; those of a session may be more.
    is_user: bool,
}

impl Known {
    /// What is known of a role's session or of a user (IAM user guide, "AWS global condition context keys"). A request that a
    /// registry's client sends comes from no service of AWS.
    pub(in crate::domain::review) fn of(arn: &str, tags: &BTreeMap<String, String>) -> Self {
        let fields: Vec<&str> = arn.splitn(6, ':').collect();
        let (account, resource) = match fields[..] {
            [_, _, _, _, account, resource] => (account, resource),
            _ => ("", arn),
        };
        let name = resource.rsplit('/').next().unwrap_or_default();
        let is_user = resource.starts_with("user/");
        let mut context = Context::default()
            .with("aws:PrincipalArn", [arn])
            .with("aws:PrincipalAccount", [account])
            .with("aws:PrincipalIsAWSService", ["false"])
            .with("aws:ViaAWSService", ["false"]);
        let asker = if is_user {
            context.set("aws:username", [name]);
            for (key, value) in tags {
                context.set(&format!("aws:PrincipalTag/{key}"), [value.as_str()]);
            }
            Asker::User(arn.to_owned())
        } else {
            let partition = fields.get(1).copied().unwrap_or("aws");
            let session = format!("arn:{partition}:sts::{account}:assumed-role/{name}/x");
            Asker::Session { role: arn.to_owned(), session }
        };
        Self { asker, context, is_user }
    }

    /// Whether it is known what a key holds, or that it is absent.
    fn knows(&self, key: &str) -> bool {
        let key = key.to_lowercase();
        self.context.get(&key).is_some()
            || key == "aws:username"
            || (self.is_user && key.starts_with("aws:principaltag/"))
    }
}

/// The same policy with the conditions and variables that are known, and without the others. At its best they hold where
/// they allow and do not where they deny, at its worst the other way about. Statements keep their places.
pub(in crate::domain::review) fn settle(policy: &Policy, known: &Known, best: bool) -> Policy {
    let has_variables = policy.version == CURRENT;
    let statements = policy.statements.iter().map(|statement| {
        // Whether what is open is taken to hold.
        let holds = (statement.effect == Effect::Allow) == best;
        let mut settled = Statement { actions: of_ecr(&statement.actions), ..statement.clone() };
        settled.conditions.retain(|c| {
            known.knows(&c.key)
                && (!has_variables
                    || c.wanted.iter().flat_map(|w| variables(w)).all(|v| known.knows(v)))
        });
        if settled.conditions.len() < statement.conditions.len() && !holds {
            settled.actions = Choice { not: false, patterns: Vec::new() };
        }
        if has_variables {
            settled.resources = statement.resources.as_ref().map(|r| fill(r, known, holds));
        }
        settled
    });
    Policy { version: policy.version.clone(), statements: statements.collect() }
}

/// The patterns that may match an action of ECR. A policy such as `ReadOnlyAccess` has thousands of others, and each act is
/// asked of each.
fn of_ecr(actions: &Choice) -> Choice {
    let may_match = |pattern: &&String| {
        let fixed = pattern.split(['*', '?']).next().unwrap_or_default().to_ascii_lowercase();
        fixed.starts_with("ecr:") || "ecr:".starts_with(&fixed)
    };
    Choice {
        not: actions.not,
        patterns: actions.patterns.iter().filter(may_match).cloned().collect(),
    }
}

/// The names of the variables of a text.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        let name = name.split_once(',').map_or(name, |(name, _)| name).trim();
        (!matches!(name, "*" | "?" | "$")).then_some(name)
    })
}

/// Resources with their variables filled in. What is not known stands for anything, where it is taken to hold.
fn fill(resources: &Choice, known: &Known, holds: bool) -> Choice {
    let mut patterns = Vec::new();
    for pattern in &resources.patterns {
        let open = variables(pattern).any(|name| !known.knows(name));
        match (open, resources.not, holds) {
            (false, ..) | (true, false, true) => patterns.extend(filled(pattern, known)),
            // It excepts nothing, or it matches nothing.
            (true, true, true) | (true, false, false) => {}
            // All may be excepted.
            (true, true, false) => patterns.push("*".to_owned()),
        }
    }
    Choice { not: resources.not, patterns }
}

/// A pattern with its variables filled in; `*` for what is not known. `None` where it matches nothing: a variable of it is
/// known to be absent, or it asks for a literal wildcard, which no name of AWS holds.
fn filled(pattern: &str, known: &Known) -> Option<String> {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inner, after)) = after.split_once('}') else { break };
        text.push_str(before);
        let (name, default) = match inner.split_once(',') {
            Some((name, default)) => (name.trim(), Some(default.trim().trim_matches('\''))),
            None => (inner.trim(), None),
        };
        match (known.context.get(name), default) {
            (Some([one]), _) => text.push_str(one),
            (None, Some(default)) if known.knows(name) => text.push_str(default),
            _ if known.knows(name) || matches!(name, "*" | "?" | "$") => return None,
            _ => text.push('*'),
        }
        rest = after;
    }
    Some(text + rest)
}
