//! Mending what the review found, beside the sequence of steps: the calls are shown, one question, then exactly those are
//! sent, as a run of their own.

mod run;
pub mod state;
pub mod story;
#[cfg(test)]
mod tests;

pub use run::{begin, calls_made, ended, last_words, made, may_exist, news, taken_back};
pub use state::{Made, State};

use std::sync::Arc;

use self::state::Phase;
use crate::app::keymap::Command;
use crate::app::overlay::{Matter, Overlay, Question, TextBox};
use crate::app::slot::Slot;
use crate::app::step::{Offer, Step};
use crate::app::steps::apply::{question, story as words};
use crate::app::steps::{calls, course, review, undo};
use crate::app::who;
use crate::app::wizard::App;
use crate::domain::review::found::Found;
use crate::domain::review::mend::{Ground, plan};

/// Rows that a page key moves by.
const PAGE: usize = 8;

/// Opens it for these findings: the plan is made at once, from the account as it was reviewed.
#[expect(
    clippy::needless_pass_by_value,
    reason = "they are chosen for this: nobody needs them afterwards"
)]
pub fn open(app: &mut App, wishes: Vec<Found>) {
    if app.slots.changing().is_some() {
        return app.remark("A change is being sent. Ctrl-C stops after the call.");
    }
    let Some(review) = app.review.review.as_ref().map(Arc::clone) else {
        return app.remark("The account was not read yet; what was read is what is mended.");
    };
    let Some(stamp) = app.mend.next() else { return };
    let region = app.who.source.as_ref().and_then(|source| source.region.as_ref());
    let region = region.map_or_else(|| "-".to_owned(), |(region, _)| region.to_string());
    let ground = Ground {
        roles: &review.roles,
        users: &review.users,
        providers: &review.providers,
        caller: &review.caller,
        region: &region,
        stamp: &stamp,
    };
    app.mend.phase = Phase::Shown(Box::new(plan(&wishes, &ground)));
    app.mend.cursor.row = 0;
    app.go_to(Step::Mend);
}

/// It was entered. Where its run was taken back there is nothing to look at any more: the review is read anew.
pub fn enter(app: &mut App) {
    if matches!(app.mend.phase, Phase::Empty) {
        app.go_to(Step::Review);
        review::reread(app);
    }
}

/// Why Enter does not send anything now; in words that say what to do.
fn refusal(app: &App) -> Option<String> {
    match &app.mend.phase {
        Phase::Shown(_) if app.setup.read_only => {
            Some("Started with --read-only: it can be looked at, nothing can be sent.".to_owned())
        }
        Phase::Shown(mend) if mend.steps.is_empty() => {
            Some("No call mends any of this: see why. Esc goes back to the review.".to_owned())
        }
        Phase::Shown(mend) => {
            let other = app.who.known().filter(|caller| caller.account != mend.caller.account);
            other.map(|caller| {
                format!("The login is of {} by now. r reads the account again.", caller.account)
            })
        }
        Phase::Sent(sent) if sent.ended.is_none() => {
            Some("The calls are being sent. Ctrl-C stops after the call under way.".to_owned())
        }
        Phase::Sent(sent) if !sent.is_done() => {
            let back = if can_take_back(app) { "; u takes back what was done" } else { "" };
            Some(format!("Not all is mended. r reads the account again{back}."))
        }
        Phase::Empty | Phase::Sent(_) => None,
    }
}

/// What Enter does.
fn go_words(app: &App) -> String {
    match &app.mend.phase {
        Phase::Shown(mend) => match mend.steps.len() {
            1 => "mend, 1 call".to_owned(),
            n => format!("mend, {n} calls"),
        },
        Phase::Empty | Phase::Sent(_) => "back to the review".to_owned(),
    }
}

/// Whether what stands on the screen was sent and could be taken back.
fn can_take_back(app: &App) -> bool {
    match &app.mend.phase {
        Phase::Sent(sent) if sent.ended.is_some() => {
            made(app).any(|made| made.run == sent.mend.stamp.run)
        }
        _ => false,
    }
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let running = app.mend.running().is_some();
    let mut offers = Vec::new();
    if running {
        offers.push(Offer::on(Command::Interrupt, "stop after this call"));
    }
    offers.push(match refusal(app) {
        None => Offer::on(Command::Go, go_words(app)),
        Some(why) => Offer::off(Command::Go, go_words(app), why),
    });
    if can_take_back(app) {
        offers.push(Offer::on(Command::Undo, "take it back"));
    }
    let selected = app.mend.selected();
    if selected.is_some_and(|step| !step.diff.is_empty()) {
        offers.push(Offer::on(Command::Differences, "differences"));
    }
    if app.mend.rows().len() > 1 {
        offers.push(Offer::on(Command::Down, "call"));
    }
    let sending = running.then_some("The calls are being sent. Ctrl-C stops after the call.");
    let offer = |command, words: &'static str| match sending {
        None => Offer::on(command, words),
        Some(why) => Offer::off(command, words, why),
    };
    if app.mend.mend().is_some() {
        offers.push(Offer::on(Command::Explain, "all of it"));
        offers.push(offer(Command::Reread, "read again"));
    }
    offers.push(offer(Command::Back, "back"));
    if selected.is_some() {
        offers.push(Offer::on(Command::Copy, "copy command"));
    }
    if app.mend.rows().len() > 1 {
        offers.push(Offer::on(Command::CopyAll, "copy all"));
    }
    offers
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    let rows = app.mend.rows().len();
    if app.mend.cursor.command(command, rows, PAGE) {
        return true;
    }
    match command {
        Command::Go => go(app),
        Command::Undo if can_take_back(app) => {
            let run = app.mend.mend().map(|mend| mend.stamp.run.clone()).unwrap_or_default();
            undo::open(app, run, false);
        }
        Command::Reread if app.mend.mend().is_some() => read_again(app),
        Command::Copy | Command::CopyAll | Command::Print => return take_along(app, command),
        Command::Differences => return course::show_differences(app, app.mend.selected().cloned()),
        Command::Explain => return explain(app),
        Command::Back => back(app),
        _ => return false,
    }
    true
}

/// Enter, where nothing refuses it.
fn go(app: &mut App) {
    match &app.mend.phase {
        Phase::Shown(_) => ask(app),
        Phase::Empty | Phase::Sent(_) => back(app),
    }
}

/// To the review; where something was sent, what it shows is no longer so.
fn back(app: &mut App) {
    let stale = !matches!(app.mend.phase, Phase::Shown(_));
    app.mend.phase = Phase::Empty;
    app.go_to(Step::Review);
    if stale {
        review::reread(app);
    }
}

/// What a plan is made from is read anew: then it is chosen anew what to mend.
fn read_again(app: &mut App) {
    app.mend.phase = Phase::Empty;
    app.go_to(Step::Review);
    review::reread(app);
    app.remark("Reading the account again. What to mend is chosen from what it finds.");
}

/// The one question before anything is sent: account, caller, every call. The focus is on Back.
fn ask(app: &mut App) {
    if app.who.must_ask_root() {
        return who::ask_root(app);
    }
    let Phase::Shown(mend) = &app.mend.phase else { return };
    let mut body = vec![
        format!("Account   {} ({})", mend.caller.account, mend.caller.partition.id()),
        format!("Caller    {}", mend.caller.arn),
    ];
    // In a low window the blank rows go first, so that every change stays in sight.
    let blank = (app.size.1 >= question::LOW).then(String::new);
    body.extend(blank.clone());
    body.extend(mend.changes().flat_map(question::change));
    body.extend(blank);
    body.extend(mend.changes().filter_map(words::effect));
    body.extend(mend.cautions.iter().cloned());
    if mend.changes().any(|step| step.id == crate::domain::plan::StepId::Trust) {
        body.push(
            "Who gets in today and is not in the new policy is refused from then on.".to_owned(),
        );
    }
    let n = mend.steps.len();
    let title = if n == 1 {
        "Send 1 call to mend it?".to_owned()
    } else {
        format!("Send {n} calls to mend it?")
    };
    let names: Vec<String> = mend.confirmations().into_iter().map(str::to_owned).collect();
    let question = Question::new(Matter::Mend, title, body, &["Back", "Mend it"]);
    let question = question.with_names(names.iter().map(String::as_str));
    app.overlay = Some(Overlay::Question(question));
}

/// The selected command, all of them, or what went wrong, to the clipboard or out of the screen.
fn take_along(app: &mut App, command: Command) -> bool {
    let faults = story::faults(app).join("\n");
    let faults = (!faults.is_empty()).then_some(faults);
    let one = app.mend.selected().and_then(calls::command);
    let all = app.mend.mend().map(|mend| calls::script(mend.changes()));
    course::take_along(app, command, one, all.filter(|script| !script.is_empty()), faults)
}

/// All of what went wrong, of the selected call, and of what is left out.
fn explain(app: &mut App) -> bool {
    let lines = story::whole(app);
    if lines.is_empty() {
        return false;
    }
    app.overlay = Some(Overlay::Text(TextBox::new("What is mended", lines)));
    true
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    match &app.mend.phase {
        Phase::Empty => {
            "Nothing is chosen: space marks findings in the review, f mends.".to_owned()
        }
        Phase::Sent(sent) if sent.ended.is_none() => {
            let stopping = app.slots.running(Slot::Mend).is_some_and(|task| task.stopping);
            sent.course.status(app.now, stopping, "It stops at the first refusal.")
        }
        Phase::Sent(sent) if sent.is_done() && sent.is_as_meant() => {
            "Mended. Enter reads the account again; u takes it back.".to_owned()
        }
        Phase::Sent(sent) if sent.is_done() => {
            "Sent, but look at what reading back says. Enter reads the account again.".to_owned()
        }
        _ => refusal(app)
            .unwrap_or_else(|| "Nothing is sent before the question that Enter opens.".to_owned()),
    }
}
