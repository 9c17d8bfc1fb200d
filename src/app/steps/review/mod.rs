//! The review, beside the sequence of steps: roles, users, providers and the account, what is wrong with them, worst
//! first.

pub mod accept;
pub mod detail;
pub mod export;
pub mod fix;
mod history;
pub mod lent;
pub mod state;
pub mod story;
pub mod words;

#[cfg(test)]
pub(crate) mod tests;

use std::time::Duration;

use tui_input::Input as Line;

pub use self::state::{Coming, Pane, State, Thing};
use crate::app::form::request;
use crate::app::input::{Code, Key};
use crate::app::keymap::Command;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::slot::Slot;
use crate::app::step::{Offer, Step};
use crate::app::task::{End, Job, News, StepOutcome};
use crate::app::wizard::App;
use crate::domain::finding::Severity;
use crate::domain::review::view::filter::Filter;
use crate::domain::review::view::{Judge, Listing, Row, Table};

/// Rows that a page key moves by.
const PAGE: usize = 10;

/// Opens it from wherever one is.
pub fn open(app: &mut App) {
    // What comes back to it was entered from it.
    if !matches!(app.step, Step::Review | Step::Mend) && app.review.lent.is_none() {
        app.review.from = Some(app.step);
    }
    app.go_to(Step::Review);
}

/// It was entered.
pub fn enter(app: &mut App) {
    let review = &app.review;
    let is_new = review.review.is_none() && review.coming.is_none() && review.fault.is_none();
    if is_new || (review.is_stale && app.slots.running(Slot::Review).is_none()) {
        reread(app);
    }
}

/// Something was changed in the account: what was read before is no longer so. Rows that were mended are marked no more.
pub fn changed(app: &mut App, end: &End) {
    let state = &mut app.review;
    state.is_stale = state.review.is_some() || state.coming.is_some();
    let done = |step: &StepOutcome| matches!(step, StepOutcome::Done { .. });
    if let End::Mended(mended) = end
        && mended.steps.iter().any(done)
    {
        state.choice.marks.clear();
        state.choose();
    }
}

/// Reads the account; what stands on the screen stays until it was read.
pub fn reread(app: &mut App) {
    // Whoever leads here after a change may ask for what coming here began.
    if app.slots.running(Slot::Review).is_some_and(|task| task.began == app.now && !task.stopping) {
        return;
    }
    let at = now(app).unwrap_or_default();
    let state = &mut app.review;
    (state.fault, state.told, state.stopped, state.is_stale) = (None, None, false, false);
    accept::reading(&mut state.accepting);
    state.coming = Some(Coming::default());
    if state.review.is_none() {
        state.choice.at = at;
        let order = state.order;
        state.pane_mut(Table::Roles).keep(|listing| *listing = Listing::new(Vec::new(), order));
    }
    let accepted = app.setup.accepted.clone();
    app.start(Slot::Review, Job::Review(accepted));
}

/// When the age of what is shown changes.
#[must_use]
pub fn ages_in(app: &App) -> Option<Duration> {
    let review = app.review.review.as_ref().filter(|_| app.step == Step::Review)?;
    let age = now(app)?.saturating_sub(review.read_at).rem_euclid(60);
    Some(Duration::from_secs(60_u64.saturating_sub(u64::try_from(age).ok()?).max(1)))
}

/// Seconds since 1970, where the clock was told.
#[must_use]
pub fn now(app: &App) -> Option<i64> {
    app.started_unix?.checked_add(i64::try_from(app.now.0.as_secs()).ok()?)
}

/// Rows and counts while the account is read.
pub fn news(app: &mut App, news: News) {
    let state = &mut app.review;
    let Some(coming) = &mut state.coming else { return };
    match news {
        News::Stage(what, counts) => (coming.stage, coming.counts) = (what, counts),
        News::RolesJudged(roles, counts) => {
            coming.counts = counts;
            // What was read before stays until the new is whole.
            if state.review.is_none() {
                let judge = Judge { account: "", triage: None };
                let rows: Vec<Row> = roles.iter().map(|role| judge.role(role)).collect();
                let [pane, ..] = &mut state.panes;
                let choice = &state.choice;
                pane.keep(|listing| {
                    listing.add(rows);
                    listing.choose(choice);
                });
            }
            coming.roles.extend(roles);
        }
        _ => {}
    }
}

/// Keeps what was found, so that the next review tells what is new.
fn keep(app: &mut App) {
    let Some(review) = app.review.review.clone() else { return };
    if review.triage.is_ok() {
        app.start(Slot::Keep, Job::KeepReview(review));
    }
}

/// The account was read, or something was written.
pub fn ended(app: &mut App, end: End) {
    match end {
        End::Reviewed(Ok(reviewed)) => {
            let state = &mut app.review;
            (state.coming, state.fault) = (None, None);
            state.show(*reviewed);
            accept::over(state);
            detail::settle(app);
            keep(app);
        }
        End::Reviewed(Err(fault)) => app.review.fault = Some(fault),
        End::Kept(Err(fault)) => {
            app.review.told = Some(format!("What is new cannot be told next time: {fault}"));
        }
        End::Stopped => app.review.stopped = true,
        End::Accepted(result) => accept::ended(app, result),
        End::Exported(result) => export::ended(app, result),
        _ => return,
    }
    if app.review.review.is_some() && app.slots.running(Slot::Review).is_none() {
        app.review.coming = None;
    }
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let state = &app.review;
    if state.is_typing() {
        return vec![Offer::on(Command::Go, "keep the filter"), Offer::on(Command::Back, "clear")];
    }
    if state.detail.is_some() {
        return detail::offers(app);
    }
    let row = state.shown().selected();
    let mut offers = Vec::new();
    if row.is_some() {
        offers.push(Offer::on(Command::Down, words::one(state.table)));
    }
    offers.push(Offer::on(Command::Find, "filter"));
    offers.push(Offer::on(Command::Sort, "sort"));
    if row.is_some() {
        offers.push(Offer::on(Command::Go, "open"));
    }
    offers.push(or_why(Command::Mend, "mend", fix::no_plan(app)));
    offers.push(Offer::on(Command::NextPart, "table"));
    let reading = app.slots.running(Slot::Review).is_some();
    offers.push(if reading {
        Offer::on(Command::Back, "stop")
    } else {
        Offer::on(Command::Back, if state.is_chosen() { "clear" } else { "back" })
    });
    offers.push(or_why(Command::Export, "export", export::not_yet(app)));
    for (command, severity) in SEVERITIES {
        offers.push(Offer::on(command, format!("{} or worse", severity.word())));
    }
    offers.push(Offer::on(Command::OnlyOkteto, "only Okteto"));
    if row.is_some() {
        offers.push(Offer::on(Command::Mark, "mark"));
        offers.push(Offer::on(Command::Copy, fix::copied(app).0));
        offers.push(Offer::on(Command::CopyAll, "copy all of it"));
        offers.push(Offer::on(Command::Print, "print it"));
    }
    offers.push(or_why(Command::Accept, "accept", accept::not_now(app)));
    offers.push(or_why(Command::Differences, "differences", fix::no_differences(app)));
    offers.push(or_why(Command::PullTest, "pull test", lent::not_now(app)));
    offers.push(Offer::on(Command::Explain, "about this review"));
    offers.push(if reading {
        Offer::off(Command::Reread, "read again", "Reading already.")
    } else {
        Offer::on(Command::Reread, "read again")
    });
    offers
}

const SEVERITIES: [(Command, Severity); 3] = [
    (Command::High, Severity::High),
    (Command::Medium, Severity::Medium),
    (Command::Low, Severity::Low),
];

fn or_why(command: Command, words: &'static str, why: Option<String>) -> Offer {
    match why {
        None => Offer::on(command, words),
        Some(why) => Offer::off(command, words, why),
    }
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    app.review.told = None;
    if command == Command::Review {
        return true;
    }
    if app.review.detail.is_some() {
        return detail::command(app, command);
    }
    let state = &mut app.review;
    let table = state.table;
    let pane = state.pane_mut(table);
    let rows = pane.listing.shown().len();
    if pane.cursor.command(command, rows, PAGE) {
        return true;
    }
    if let Some((_, severity)) = SEVERITIES.into_iter().find(|(key, _)| *key == command) {
        let floor = Some(severity).filter(|_| state.choice.floor != Some(severity));
        state.choice.floor = floor;
        state.choose();
        return true;
    }
    match command {
        Command::NextPart | Command::Right => state.table = table.beside(true),
        Command::PreviousPart | Command::Left => state.table = table.beside(false),
        Command::Find => state.typing = true,
        Command::Sort => {
            state.order = state.order.next();
            let order = state.order;
            for pane in &mut state.panes {
                pane.keep(|listing| listing.sort(order));
            }
        }
        Command::OnlyOkteto => {
            state.choice.okteto = !state.choice.okteto;
            state.choose();
        }
        Command::Mark => return mark(app),
        Command::Go => return detail::open(app),
        Command::Explain => {
            let lines = story::of_review(app);
            app.overlay = Some(Overlay::Text(TextBox::new("This review", lines)));
        }
        Command::Reread => reread(app),
        Command::Mend => fix::mend(app),
        Command::Copy => fix::copy(app),
        Command::CopyAll | Command::Print => return fix::take_along(app, command),
        Command::Differences => fix::differences(app),
        Command::Accept => accept::open(app),
        Command::PullTest => lent::open(app),
        Command::Export => export::open(app),
        Command::Back => back(app),
        _ => return false,
    }
    true
}

fn mark(app: &mut App) -> bool {
    let state = &mut app.review;
    let Some((_, row)) = state.shown().selected() else { return false };
    let key = row.key.clone();
    if !state.choice.marks.remove(&key) {
        state.choice.marks.insert(key);
    }
    if state.choice.filter.minds_marks() {
        state.choose();
    } else {
        // As in other lists of many: the next one is at hand.
        let table = state.table;
        let pane = state.pane_mut(table);
        let rows = pane.listing.shown().len();
        pane.cursor.command(Command::Down, rows, 1);
    }
    true
}

fn back(app: &mut App) {
    if app.slots.running(Slot::Review).is_some_and(|task| !task.stopping) {
        app.stop_task(Slot::Review);
    } else if app.review.is_chosen() {
        let state = &mut app.review;
        (state.line, state.choice.floor, state.choice.okteto) = (Line::default(), None, false);
        filtered(state);
    } else if let Some(from) = app.review.from {
        app.go_to(from);
    } else {
        app.remark("The review is where this began. q quits.");
    }
}

/// The words were edited.
fn filtered(state: &mut State) {
    state.choice.filter = Filter::parse(state.line.value());
    state.choose();
}

/// A key while the filter is typed; says whether it is.
pub fn typed(app: &mut App, key: Key) -> bool {
    let state = &mut app.review;
    if !state.is_typing() {
        return false;
    }
    state.told = None;
    match key.code {
        Code::Esc => {
            (state.typing, state.line) = (false, Line::default());
            filtered(state);
        }
        Code::Enter | Code::Down | Code::Up | Code::Tab | Code::BackTab => state.typing = false,
        _ => {
            if let Some(request) = request(key) {
                state.line.handle(request);
                filtered(state);
            }
        }
    }
    true
}

/// A paste while the filter is typed; says whether it is.
pub fn pasted(app: &mut App, text: &str) -> bool {
    let state = &mut app.review;
    if !state.is_typing() {
        return false;
    }
    for c in text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }) {
        state.line.handle(tui_input::InputRequest::InsertChar(c));
    }
    filtered(state);
    true
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    words::status(app)
}
