//! Mending from the review, and taking along what mends.

use super::story::remedy;
use super::{Thing, detail, history, now};
use crate::app::keymap::Command;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::steps::{apply, mend};
use crate::app::wizard::App;
use crate::domain::finding::Severity;
use crate::domain::policy::compare;
use crate::domain::review::found::Found;
use crate::render::aws_cli;

/// What the keys are about: what is open, else what the cursor of the table stands on.
pub(super) fn thing(app: &App) -> Option<Thing<'_>> {
    if app.review.detail.is_some() { detail::thing(app) } else { app.review.selected() }
}

/// The finding that the keys are about: in the detail the one under the cursor, in the table the worst that counts.
pub(super) fn finding(app: &App) -> Option<&Found> {
    if app.review.detail.is_some() {
        return detail::finding(app);
    }
    let judge = app.review.judge();
    app.review.selected()?.found().iter().find(|one| judge.standing(one).counts())
}

/// What would be mended: in the detail the finding under the cursor, or else all that was found; in the table all of its
/// marked rows, or of the selected one. What is marked in another table is not in sight.
fn wanted(app: &App) -> Vec<&Found> {
    let state = &app.review;
    let judge = state.judge();
    let counts = |one: &&Found| {
        judge.standing(one).counts() && one.finding.severity.rank() >= Severity::Low.rank()
    };
    if state.detail.is_some() {
        let found = detail::thing(app).map(Thing::found).unwrap_or_default();
        return match detail::finding(app) {
            Some(one) => vec![one],
            None => found.iter().filter(counts).collect(),
        };
    }
    let marked = state.marked();
    if marked.is_empty() {
        return state
            .selected()
            .map(Thing::found)
            .unwrap_or_default()
            .iter()
            .filter(counts)
            .collect();
    }
    let things = marked.into_iter().filter_map(|i| state.thing(state.table, i));
    things.flat_map(|thing| thing.found().iter()).filter(counts).collect()
}

/// Why nothing can be mended by a plan now.
pub(super) fn no_plan(app: &App) -> Option<String> {
    if app.review.review.is_none() {
        return Some("The account was not read whole; a plan needs all of it.".to_owned());
    }
    let wanted = wanted(app);
    let Some(first) = wanted.first() else {
        return Some("Nothing was found here that has to be mended.".to_owned());
    };
    if app.setup.read_only {
        return Some("Refused: --read-only. Nothing here can write to AWS.".to_owned());
    }
    if app.slots.changing().is_some() {
        return Some("A change is being sent: one at a time.".to_owned());
    }
    if wanted.iter().any(|one| !one.calls.is_empty()) {
        return None;
    }
    if let Some(user) = wanted.iter().find_map(|one| one.rotates.as_ref()) {
        return Some(format!(
            "Its key is rotated from step 1: IAM user; in 2 name {user}; in 3 say where the secret goes; then K."
        ));
    }
    let rest = match wanted.len() {
        1 => String::new(),
        n => format!(" (and {} more; Enter shows them)", n - 1),
    };
    let remedy = remedy(first);
    let remedy = remedy.strip_prefix("by hand: ").unwrap_or("no call mends it; i tells more");
    Some(format!("By hand: {remedy}{rest}"))
}

/// Makes a plan of what can be mended.
pub(super) fn mend(app: &mut App) {
    let wishes = wishes(app);
    mend::open(app, wishes);
}

/// What a plan is made of.
pub(super) fn wishes(app: &App) -> Vec<Found> {
    wanted(app).into_iter().filter(|one| !one.calls.is_empty()).cloned().collect()
}

/// The calls that mend a finding, as commands.
#[must_use]
pub fn commands(found: &Found) -> Vec<String> {
    found.calls.iter().map(aws_cli::command).collect()
}

/// What the key for copying takes, in words and as text.
pub(super) fn copied(app: &App) -> (&'static str, String) {
    if let Some(found) = finding(app) {
        let document = found.finding.fix.as_ref().and_then(|fix| fix.document.as_ref());
        if let Some(text) = document.and_then(|it| serde_json::to_string_pretty(it).ok()) {
            return ("copy fix", text);
        }
        if !found.calls.is_empty() {
            return ("copy fix", commands(found).join("\n"));
        }
        if let Some(fix) = &found.finding.fix {
            return ("copy fix", fix.words.clone());
        }
    }
    match thing(app) {
        Some(Thing::Role(role)) => ("copy ARN", role.entry.arn.to_string()),
        Some(Thing::User(user)) => ("copy ARN", user.entry.arn.to_string()),
        Some(Thing::Provider(provider)) => ("copy ARN", provider.arn.to_string()),
        Some(Thing::Account(found)) => ("copy", found.finding.message.clone()),
        None => ("copy", String::new()),
    }
}

/// Copies the fix of what is selected, or else its ARN.
pub(super) fn copy(app: &mut App) {
    let text = copied(app).1;
    if !text.is_empty() {
        app.copy(&text);
    }
}

/// Copies or prints all that is said of what is selected.
pub(super) fn take_along(app: &mut App, command: Command) -> bool {
    let at = now(app);
    let Some(thing) = thing(app) else { return false };
    let blocks = app.review.story(thing, at, &history::lines(app, thing));
    let lines: Vec<&str> =
        blocks.iter().flat_map(|block| &block.lines).map(|(_, line)| line.trim_end()).collect();
    let text = lines.join("\n");
    if command == Command::Print {
        app.print(&text);
    } else {
        app.copy(&text);
    }
    true
}

/// Why there is no difference to show.
pub(super) fn no_differences(app: &App) -> Option<String> {
    let why = match (finding(app), thing(app)) {
        (None, _) if app.review.detail.is_some() => {
            "The cursor stands on no finding; n goes to the next one."
        }
        (Some(found), Some(Thing::Role(_)))
            if found.finding.fix.as_ref().is_some_and(|fix| fix.document.is_some()) =>
        {
            return None;
        }
        (Some(_), _) => {
            "Only a trust policy that was mended is held against the one that is there."
        }
        (None, _) => "There is nothing to mend here.",
    };
    Some(why.to_owned())
}

/// The trust policy as it is, held against what mends it.
pub(super) fn differences(app: &mut App) {
    let (Some(found), Some(Thing::Role(role))) = (finding(app), thing(app)) else { return };
    let document = found.finding.fix.as_ref().and_then(|fix| fix.document.as_ref());
    let Some(document) = document else { return };
    let lines = match compare::differences(&role.entry.trust, &document.to_string()) {
        Err(_) => vec!["The trust policy cannot be read: it is replaced whole.".to_owned()],
        Ok(all) if all.is_empty() => vec!["Both mean the same.".to_owned()],
        Ok(all) => all.iter().flat_map(apply::story::difference).collect(),
    };
    let title = format!("{}: now (-) and then (+)", role.entry.name);
    app.overlay = Some(Overlay::Text(TextBox::new(title, lines)));
}
