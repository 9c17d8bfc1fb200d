//! The one question before anything is changed.

use super::state::Ready;
use super::story::{effects, sign};
use crate::app::overlay::{Matter, Question};
use crate::app::wizard::App;
use crate::domain::operation::Operation;
use crate::domain::plan::Planned;

/// Rows of a window below which no row is spent on white space.
pub const LOW: u16 = 20;

/// Names the account, the caller and every change. The focus is on Back.
pub fn ask(app: &App, ready: &Ready) -> Question {
    let plan = &ready.plan;
    let n = ready.changes();
    let changes = if n == 1 { "1 change".to_owned() } else { format!("{n} changes") };
    let profile = app.who.source.as_ref().and_then(|s| s.profile.as_ref());
    let profile = profile.map_or_else(String::new, |(name, _)| format!("  ({name})"));
    let mut body = vec![
        format!("Account   {}{profile}", plan.caller.account),
        format!("Caller    {}", plan.caller.arn),
    ];
    // In a low window the blank rows go first, so that every change stays in sight.
    let blank = (app.size.1 >= LOW).then(String::new);
    body.extend(blank.clone());
    for step in plan.changes() {
        body.extend(change(step));
        // Where the secret goes belongs to what is agreed to.
        if let (Some(Operation::CreateAccessKey { .. }), Some(user)) =
            (&step.operation, plan.intent.user())
        {
            body.push(format!("  its secret: {}", user.custody));
        }
    }
    body.extend(blank.clone());
    body.extend(effects(plan));
    body.extend(blank.filter(|_| !plan.confirmations().is_empty()));
    let yes = format!("Apply {changes}");
    Question::new(Matter::Apply, format!("Apply {changes}?"), body, &["Back", &yes])
        .with_names(plan.confirmations())
}

/// A change in its lines. A provider's long name is told by its ends: the plan behind the question has it whole.
#[must_use]
pub fn change(step: &Planned) -> Vec<String> {
    let sign = sign(step);
    match &step.operation {
        Some(Operation::CreateProvider { issuer, audiences, .. }) => {
            let provider = format!("{sign} identity provider {}", ends(issuer.name()));
            let with = audiences.iter().map(|audience| format!("  with audience {audience}"));
            std::iter::once(provider).chain(with).collect()
        }
        Some(Operation::DeleteProvider { provider }) => {
            vec![format!("{sign} identity provider {}", ends(provider.name()))]
        }
        _ => vec![format!("{sign} {}", step.summary)],
    }
}

/// The first and the last part of a path.
fn ends(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').collect();
    match parts.as_slice() {
        [first, _, .., last] if !last.is_empty() => format!("{first}/…/{last}"),
        _ => name.to_owned(),
    }
}
