//! The one question before anything is changed.

use super::state::Ready;
use super::story::{effects, sign};
use crate::app::overlay::{Matter, Question};
use crate::app::wizard::App;

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
        String::new(),
    ];
    body.extend(plan.changes().map(|s| format!("{} {}", sign(s.standing), s.summary)));
    body.push(String::new());
    body.extend(effects(plan));
    if !plan.confirmations().is_empty() {
        body.push(String::new());
    }
    let yes = format!("Apply {changes}");
    Question::new(Matter::Apply, format!("Apply {changes}?"), body, &["Back", &yes])
        .with_names(plan.confirmations())
}
