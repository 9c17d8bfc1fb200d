//! What this machine's journal knows of a role or user: AWS itself tells only when it was made and last used.

use super::Thing;
use crate::app::steps::runs::story;
use crate::app::wizard::App;
use crate::domain::principal::Principal;

/// A line for each thing that a run did to it, the newest run first; none where only AWS knows more.
pub(super) fn lines(app: &App, thing: Thing<'_>) -> Vec<String> {
    let who = match thing {
        Thing::Role(role) => Principal::Role(role.entry.name.clone()),
        Thing::User(user) => Principal::User(user.entry.name.clone()),
        Thing::Provider(_) | Thing::Account(_) => return Vec::new(),
    };
    let Some(review) = &app.review.review else { return Vec::new() };
    let account = review.caller.account.as_str();
    let pasts = app.runs.all().iter().filter_map(|recorded| recorded.past.as_ref().ok());
    let mut lines = Vec::new();
    for past in pasts.filter(|past| past.header.account == account) {
        let of_it = |entry: &&_| is_of(entry, &who);
        let day = past.header.began.get(..10).unwrap_or_default();
        let mut add = |what: String| lines.push(format!("{day}  {what}, run {}", past.header.run));
        past.entries.iter().filter(of_it).for_each(|entry| add(story::entry(entry)));
        past.restored
            .iter()
            .filter(of_it)
            .for_each(|entry| add(format!("{}: changed and put back", entry.thing.summary())));
    }
    lines
}

fn is_of(entry: &crate::domain::journal::Entry, who: &Principal) -> bool {
    entry.thing.principal().as_ref() == Some(who)
}
