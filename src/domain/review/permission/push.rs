//! Rights to push, to administer, and to do anything: one finding for each policy that gives them.

use serde_json::Value;

use super::{Act, Found, Look, Operation, Paper, Place, Reading, is_of_aws};
use crate::domain::evaluate::{Effect, Request};
use crate::domain::finding::Severity;
use crate::domain::policy::Document;
use crate::domain::review::rights::Rights;
use crate::domain::review::rules;

/// AWS's own policies that push, and for which `PullOnly` stands in.
const PUSHING: [&str; 2] =
    ["AmazonEC2ContainerRegistryPowerUser", "AmazonEC2ContainerRegistryFullAccess"];

pub(super) fn look(look: &Look<'_>) -> Vec<Found> {
    let acts: Vec<Act> =
        [Act::Push, Act::Administer].into_iter().filter(|act| look.is_granted(*act)).collect();
    look.reading.papers.iter().filter_map(|paper| of_paper(look, paper, &acts)).collect()
}

/// A policy by itself, under the same boundary.
fn alone(look: &Look<'_>, paper: &Paper) -> Rights {
    let reading =
        Reading { papers: vec![paper.clone()], unread: Vec::new(), ..look.reading.clone() };
    reading.rights(look.papers.partition())
}

fn of_paper(look: &Look<'_>, paper: &Paper, acts: &[Act]) -> Option<Found> {
    let may = |rights: &Rights, act: &Act| rights.of(*act).is_some();
    let rights = alone(look, paper);
    let place = format!("policy {}", paper.name);
    if look.is_everything() && rights.beyond.iter().any(|service| service == "*") {
        let message = "it allows any action, also outside of ECR";
        return Some(
            look.found(&rules::EVERYTHING, &place, message)
                .shown_by(evidence(look, paper, &[]))
                .mended_by(
                    "find out what needs it, give that a role of its own, and put \
                     AmazonEC2ContainerRegistryPullOnly in its place",
                    Vec::new(),
                ),
        );
    }
    let given: Vec<Act> = acts.iter().copied().filter(|act| may(&rights, act)).collect();
    if given.is_empty() {
        return None;
    }
    let is_conditional = given.iter().all(|act| rights.of(*act).is_some_and(|g| g.conditional));
    let words: Vec<&str> = given.iter().map(|act| act.word()).collect();
    let mut message = format!("it may {} {}", words.join(" and "), on(&rights, &given));
    if is_conditional {
        message.push_str(", under conditions");
    }
    let mut found = look.found(&rules::PUSH, &place, message);
    let is_narrow =
        |act: &Act| *act == Act::Push && rights.of(*act).is_some_and(|grant| !grant.is_on_all());
    if !look.papers.is_puller && given.iter().all(is_narrow) {
        // A pipeline's role is made for it.
        found.finding.severity = Severity::Note;
    }
    found.evidence = evidence(look, paper, &given);
    let (words, calls) = mend(look, paper);
    Some(found.mended_by(words, calls))
}

/// On what, in a few words.
fn on(rights: &Rights, acts: &[Act]) -> String {
    let mut all: Vec<&str> = Vec::new();
    for on in acts.iter().filter_map(|act| rights.of(*act)).flat_map(|grant| &grant.on) {
        let on = if on == "*" { "every repository" } else { on.as_str() };
        if !all.contains(&on) {
            all.push(on);
        }
    }
    if all.contains(&"every repository") { "every repository".to_owned() } else { all.join(", ") }
}

/// The statements that allow it, with the actions that they allow.
fn evidence(look: &Look<'_>, paper: &Paper, acts: &[Act]) -> Vec<String> {
    let known = &look.reading.known;
    let about = |action: &str, at: usize| {
        let request =
            Request { asker: &known.asker, action, resource: "*", context: &known.context };
        paper.policy.judge(&request).statements.get(at).is_some_and(|verdict| verdict.action)
    };
    let mut lines = Vec::new();
    for (at, statement) in paper.policy.statements.iter().enumerate() {
        if statement.effect != Effect::Allow {
            continue;
        }
        let all = acts.iter().flat_map(|act| act.actions().iter().chain(act.registry_actions()));
        let allowed: Vec<&str> = all.copied().filter(|action| about(action, at)).collect();
        // Without an action to ask for, those that are about one that nobody has.
        if acts.is_empty() && about("\u{e000}:\u{e000}", at) {
            lines.push(format!("Statement {} of {}", at + 1, paper.name));
        } else if !allowed.is_empty() {
            lines.push(format!("Statement {} of {}: {}", at + 1, paper.name, allowed.join(", ")));
        }
    }
    lines
}

fn mend(look: &Look<'_>, paper: &Paper) -> (String, Vec<Operation>) {
    match &paper.place {
        Place::Attached(arn) if is_of_aws(arn) && PUSHING.contains(&arn.name()) => (
            format!("attach AmazonEC2ContainerRegistryPullOnly, then detach {}", arn.name()),
            look.pull_only_for(arn),
        ),
        Place::Attached(arn) if is_of_aws(arn) => (
            format!("attach AmazonEC2ContainerRegistryPullOnly in the place of {}", arn.name()),
            Vec::new(),
        ),
        Place::Attached(arn) => (
            format!(
                "take these actions out of {}, which others may use too, or detach it",
                arn.name()
            ),
            Vec::new(),
        ),
        Place::Group => {
            ("take it out of the group, or the group's policy away".to_owned(), Vec::new())
        }
        Place::Inline(name) => {
            let words = format!("take these actions out of the inline policy {name}");
            let document = look.papers.inline.get(name).and_then(|text| without(text));
            let calls = document.zip(look.principal()).map(|(document, on)| {
                Operation::PutInlinePolicy { on, name: name.clone(), document }
            });
            (words, calls.into_iter().collect())
        }
    }
}

/// An inline policy without the actions that push and administer, where that can be written exactly: every action by its
/// name, and something is left.
fn without(text: &str) -> Option<String> {
    let document = Document::parse(text).ok().filter(|d| d.duplicates.is_empty())?;
    let mut value = document.value;
    let statements = value.get_mut("Statement")?;
    match statements {
        Value::Array(list) => {
            let mut kept = Vec::new();
            for statement in list.drain(..) {
                kept.extend(cut(statement)?);
            }
            if kept.is_empty() {
                return None;
            }
            *list = kept;
        }
        one => *one = cut(one.take())??,
    }
    Some(format!("{value:#}"))
}

/// A statement without these actions: `None` where that cannot be written, nothing where nothing of it is left.
#[expect(clippy::option_option, reason = "not written and nothing left are two answers")]
fn cut(mut statement: Value) -> Option<Option<Value>> {
    if statement.get("Effect").and_then(Value::as_str) != Some("Allow") {
        return Some(Some(statement));
    }
    let actions: Vec<String> = match statement.get("Action")? {
        Value::String(one) => vec![one.clone()],
        Value::Array(list) => {
            list.iter().map(|a| a.as_str().map(str::to_owned)).collect::<Option<_>>()?
        }
        _ => return None,
    };
    if actions.iter().any(|action| action.contains(['*', '?'])) {
        return None;
    }
    let goes = |action: &String| {
        [Act::Push, Act::Administer]
            .iter()
            .flat_map(|act| act.actions().iter().chain(act.registry_actions()))
            .any(|known| known.eq_ignore_ascii_case(action))
    };
    let left: Vec<String> = actions.iter().filter(|action| !goes(action)).cloned().collect();
    if left.len() == actions.len() {
        return Some(Some(statement));
    }
    if left.is_empty() {
        return Some(None);
    }
    *statement.get_mut("Action")? = left.into();
    Some(Some(statement))
}
