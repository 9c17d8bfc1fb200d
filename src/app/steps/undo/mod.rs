//! Taking a run back, beside the sequence of steps: its journal is held against the account, the calls are shown, one
//! question, then exactly those are sent.

mod run;
pub mod state;
pub mod story;
#[cfg(test)]
mod tests;

pub use run::{begin, news, settle};
pub use state::State;

use self::state::{Phase, Shown};
use crate::app::keymap::Command;
use crate::app::message::Exit;
use crate::app::overlay::{Matter, Overlay, Question, TextBox};
use crate::app::slot::Slot;
use crate::app::step::{Offer, Step};
use crate::app::steps::apply::{question, story as words};
use crate::app::steps::{calls, course};
use crate::app::task::{End, Job};
use crate::app::who;
use crate::app::wizard::App;
use crate::domain::fault::Fault;
use crate::domain::plan::{Planned, Standing};

/// Rows that a page key moves by.
const PAGE: usize = 8;
/// A wait is spoken of only after this many seconds (ux W3).
const SPOKEN_OF: u64 = 2;

/// Enters it for a run. With `leaving`, the program is left once all of it is gone.
pub fn open(app: &mut App, run: String, leaving: bool) {
    if app.slots.changing().is_some() {
        return app.remark("A change is being sent. Ctrl-C stops after the call.");
    }
    if app.step != Step::Undo {
        app.undo.from = Some(app.step);
    }
    app.undo.run = run;
    app.undo.leaving = leaving;
    app.undo.take.clear();
    app.undo.phase = Phase::Unread;
    app.go_to(Step::Undo);
}

/// It was entered: journal and account are read.
pub fn enter(app: &mut App) {
    reread(app);
}

/// Reads journal and account anew; what is being sent goes on.
fn reread(app: &mut App) {
    if app.undo.running().is_some() {
        return;
    }
    let job = Job::Recall(app.undo.run.clone());
    app.undo.phase = Phase::Unread;
    app.undo.cursor.row = 0;
    app.start(Slot::Recall, job);
}

/// The end of reading, or of taking back.
pub fn ended(app: &mut App, end: End) {
    match (end, &app.undo.phase) {
        (End::Recalled(Ok(recalled)), Phase::Unread) => {
            let shown = Shown::new(*recalled, &app.undo.take);
            app.undo.cursor.row = shown.first();
            app.undo.phase = Phase::Shown(Box::new(shown));
        }
        (End::Recalled(Err(fault)), Phase::Unread) => {
            app.undo.phase = Phase::Failed(Box::new(fault));
        }
        (end @ (End::Undone(_) | End::Stopped), Phase::Sent(_)) => run::ended(app, end),
        _ => {}
    }
}

/// The run that was taken back in part, by what was sent here: more of it is to be taken back.
#[must_use]
pub fn half_done(app: &App) -> Option<String> {
    let running = app.undo.running().map(|_| app.undo.run.clone());
    running.or_else(|| app.undo.half_done.clone())
}

/// The run that was taken back whole, by what was sent here.
#[must_use]
pub fn taken_back(app: &App) -> Option<&str> {
    app.undo.taken_back.as_deref()
}

/// Why Enter does not send anything now; in words that say what to do.
fn refusal(app: &App) -> Option<String> {
    match &app.undo.phase {
        Phase::Unread if app.slots.running(Slot::Recall).is_some() => {
            Some("Journal and account are being read first.".to_owned())
        }
        Phase::Unread => Some("It was not read. r reads it.".to_owned()),
        Phase::Failed(_) => {
            Some("Without journal and account there is no plan. r reads again.".to_owned())
        }
        Phase::Shown(_) if app.setup.read_only => {
            Some("Started with --read-only: it can be looked at, nothing can be sent.".to_owned())
        }
        Phase::Shown(shown) if shown.undo.changes().next().is_none() => {
            shown.undo.conflicts().next().map(|_| {
                "What was altered since stays, unless Space marks it to go all the same.".to_owned()
            })
        }
        Phase::Sent(sent) if sent.ended.is_none() => {
            Some("The calls are being sent. Ctrl-C stops after the call under way.".to_owned())
        }
        Phase::Sent(sent) if !sent.is_done() => {
            Some("Not all is taken back. r reads again and shows what is left.".to_owned())
        }
        Phase::Shown(_) | Phase::Sent(_) => None,
    }
}

/// What Enter does.
fn go_words(app: &App) -> String {
    match &app.undo.phase {
        Phase::Shown(shown) => match shown.undo.changes().count() {
            0 => "note it as taken back".to_owned(),
            1 => "take back, 1 call".to_owned(),
            n => format!("take back, {n} calls"),
        },
        Phase::Sent(_) if app.undo.leaving => "leave".to_owned(),
        Phase::Sent(_) => "back".to_owned(),
        _ => "take back".to_owned(),
    }
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let running = app.undo.running().is_some();
    let mut offers = Vec::new();
    if running {
        offers.push(Offer::on(Command::Interrupt, "stop after this call"));
    }
    offers.push(match refusal(app) {
        None => Offer::on(Command::Go, go_words(app)),
        Some(why) => Offer::off(Command::Go, go_words(app), why),
    });
    if let Some((_, taken)) = marked(app) {
        offers.push(Offer::on(
            Command::Mark,
            if taken { "let it stay" } else { "take it all the same" },
        ));
    }
    if app.undo.rows().len() > 1 {
        offers.push(Offer::on(Command::Down, "call"));
    }
    let sending = running.then_some("The calls are being sent. Ctrl-C stops after the call.");
    let reading = app.slots.running(Slot::Recall).map(|_| "Reading already.");
    offers.push(match sending.or(reading) {
        None => Offer::on(Command::Reread, "read again"),
        Some(why) => Offer::off(Command::Reread, "read again", why),
    });
    let selected = app.undo.selected();
    if selected.is_some_and(|step| step.operation.is_some()) {
        offers.push(Offer::on(Command::Copy, "copy command"));
    }
    if selected.is_some_and(|step| !step.diff.is_empty()) {
        offers.push(Offer::on(Command::Differences, "differences"));
    }
    if selected.is_some() || fault(app).is_some() {
        offers.push(Offer::on(Command::Explain, "all of it"));
    }
    if app.undo.undo().is_some_and(|undo| undo.changes().count() > 1) {
        offers.push(Offer::on(Command::CopyAll, "copy all"));
    }
    offers.push(match sending {
        None => Offer::on(Command::Back, "leave it as it is"),
        Some(why) => Offer::off(Command::Back, "leave it as it is", why),
    });
    offers
}

/// The name that the selected call is decided about by, and whether it is to be taken back all the same.
#[must_use]
pub fn marked(app: &App) -> Option<(&str, bool)> {
    let Phase::Shown(_) = &app.undo.phase else { return None };
    let step = app.undo.selected()?;
    let name = step.confirm.as_deref()?;
    let taken = app.undo.take.contains(name);
    (taken || step.standing == Standing::Conflict).then_some((name, taken))
}

/// The fault that stands on the screen: of reading, or of the whole.
#[must_use]
pub fn fault(app: &App) -> Option<&Fault> {
    match &app.undo.phase {
        Phase::Failed(fault) => Some(fault),
        Phase::Sent(sent) => sent.fault(),
        _ => None,
    }
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    let rows = app.undo.rows().len();
    if app.undo.cursor.command(command, rows, PAGE) {
        return true;
    }
    match command {
        Command::Go => go(app),
        Command::Mark => return mark(app),
        Command::Reread => reread(app),
        Command::Copy | Command::CopyAll | Command::Print => return take_along(app, command),
        Command::Differences => return course::show_differences(app, app.undo.selected().cloned()),
        Command::Explain => return explain(app),
        Command::Back => back(app),
        _ => return false,
    }
    true
}

/// Marks what was altered since to be taken back all the same, or lets it stay.
fn mark(app: &mut App) -> bool {
    let Some((name, taken)) = marked(app).map(|(name, taken)| (name.to_owned(), taken)) else {
        return false;
    };
    if !(taken && app.undo.take.remove(&name)) {
        app.undo.take.insert(name.clone());
    }
    let Phase::Shown(shown) = &mut app.undo.phase else { return false };
    shown.decide(&app.undo.take);
    // What goes with it comes before it: the cursor stays on what it stood on.
    let row = shown.undo.steps.iter().rposition(|step| step.confirm.as_ref() == Some(&name));
    app.undo.cursor.row = row.unwrap_or(app.undo.cursor.row);
    let still = shown.undo.conflicts().any(|step| step.confirm.as_ref() == Some(&name));
    if !taken && still {
        app.remark(format!("Not all about {name} can be taken back by a call: see why."));
    }
    true
}

/// Enter, where nothing refuses it.
fn go(app: &mut App) {
    match &app.undo.phase {
        Phase::Shown(_) => ask(app),
        Phase::Sent(_) if app.undo.leaving => app.quit(app.exit_now()),
        Phase::Sent(_) => back(app),
        _ => {}
    }
}

fn back(app: &mut App) {
    app.drop_task(Slot::Recall);
    app.undo.leaving = false;
    app.go_to(app.undo.from.unwrap_or(Step::Mode));
}

/// The one question before anything is sent: account, caller, every call. The focus is on Back.
fn ask(app: &mut App) {
    if app.who.must_ask_root() {
        return who::ask_root(app);
    }
    let Phase::Shown(shown) = &app.undo.phase else { return };
    let undo = &shown.undo;
    let mut body = vec![
        format!("Account   {} ({})", undo.caller.account, undo.caller.partition.id()),
        format!("Caller    {}", undo.caller.arn),
    ];
    // In a low window every call stays in sight, as far as it goes.
    if app.size.1 < question::LOW {
        body.push(format!("Run       {}", undo.past.header.run));
    } else {
        body.push(format!("Run       {}, {}", undo.past.header.run, undo.past.header.does()));
        body.push(String::new());
    }
    body.extend(undo.changes().flat_map(question::change));
    let n = undo.changes().count();
    if n == 0 {
        body.push(
            "Nothing of it is there any more: no call is sent, the journal notes it.".to_owned(),
        );
    } else {
        body.extend(undo.changes().filter_map(replaced));
    }
    let stays = undo.conflicts().count();
    if stays > 0 {
        body.push(format!("{stays} altered since the run: what was not marked stays."));
    }
    let title = match n {
        0 => "Note the run as taken back?".to_owned(),
        1 => "Send 1 call to take the run back?".to_owned(),
        n => format!("Send {n} calls to take the run back?"),
    };
    let yes = if n == 0 { "Note it" } else { "Take it back" };
    let names: Vec<String> = undo.confirmations().into_iter().map(str::to_owned).collect();
    let question = Question::new(Matter::Undo, title, body, &["Back", yes]);
    let question = question.with_names(names.iter().map(String::as_str));
    app.overlay = Some(Overlay::Question(question));
}

/// What a call puts back, one sentence; none where it only removes.
fn replaced(step: &Planned) -> Option<String> {
    let removes = step.operation.as_ref().is_some_and(crate::domain::operation::Operation::removes);
    words::effect(step).filter(|_| !removes)
}

/// The selected command, all of them, or what went wrong, to the clipboard or out of the screen.
fn take_along(app: &mut App, command: Command) -> bool {
    let faults = story::faults(app).join("\n");
    let faults = (!faults.is_empty()).then_some(faults);
    let one = app.undo.selected().and_then(calls::command);
    let all = app
        .undo
        .undo()
        .map(|undo| calls::script(undo.changes()))
        .filter(|script| !script.is_empty());
    course::take_along(app, command, one, all, faults)
}

/// All of what went wrong, and of the selected call.
fn explain(app: &mut App) -> bool {
    let lines = story::whole(app);
    if lines.is_empty() {
        return false;
    }
    app.overlay = Some(Overlay::Text(TextBox::new(format!("Taking back {}", app.undo.run), lines)));
    true
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    match &app.undo.phase {
        Phase::Unread => {
            let began = app.slots.running(Slot::Recall).map(|task| app.now.since(task.began));
            match began.map(|time| time.as_secs()) {
                Some(s) if s >= SPOKEN_OF => {
                    format!(
                        "Reading journal and account for {s} s. Usually under 3 s; gives up at 30 s."
                    )
                }
                Some(_) => "Reading journal and account; nothing is changed by it.".to_owned(),
                None => refusal(app).unwrap_or_default(),
            }
        }
        Phase::Sent(sent) if sent.ended.is_none() => {
            let stopping = app.slots.running(Slot::Undo).is_some_and(|task| task.stopping);
            sent.course.status(app.now, stopping, "A refusal does not stop the rest.")
        }
        Phase::Sent(sent) if sent.is_done() => match (sent.stays(), app.exit_now()) {
            (true, _) => "What was altered since stays as it is.".to_owned(),
            (_, Exit::Left) if app.undo.leaving => "Taken back. Enter leaves.".to_owned(),
            _ => "Taken back.".to_owned(),
        },
        _ => refusal(app)
            .unwrap_or_else(|| "Nothing is sent before the question that Enter opens.".to_owned()),
    }
}
