//! Step 4: the account is read, the plan is shown, one question, then exactly that plan is sent.

mod made;
pub mod question;
mod run;
pub mod state;
pub mod story;

#[cfg(test)]
mod tests;

pub use run::{adopt, begin, news, nothing_made};
pub use state::State;

use self::state::{Basis, Phase, Ready, opposite};
use crate::app::keymap::Command;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::slot::Slot;
use crate::app::step::{Offer, Step};
use crate::app::steps::{course, rotation, undo};
use crate::app::task::{End, Job};
use crate::app::who;
use crate::app::wizard::App;
use crate::domain::arn::{RoleArn, UserArn};
use crate::domain::draft::Mode;
use crate::domain::fault::{Cause, Fault};
use crate::domain::key::KeyId;
use crate::domain::plan::{AudienceChoice, Planned, Standing};
use crate::domain::rotation::KeyWish;

/// Rows that a page key moves by.
const PAGE: usize = 8;
/// A wait is spoken of only after this many seconds (ux W3).
const SPOKEN_OF: u64 = 2;

/// The step was entered: the account is read anew, unless what was sent for these very answers is still to be seen.
pub fn enter(app: &mut App) {
    if app.apply.running().is_some() {
        return;
    }
    // What was planned for a rotation is no plan of this step.
    if std::mem::take(&mut app.apply.choices.keys) != KeyWish::Have {
        app.apply.phase = Phase::Unread;
    }
    match basis(app) {
        Ok(basis) => {
            if !app.apply.run().is_some_and(|run| run.is_for(&basis)) {
                read(app, basis);
            }
        }
        Err(fault) => {
            app.drop_task(Slot::Survey);
            app.apply.phase = Phase::Open(Box::new(fault));
        }
    }
}

/// What a plan would be made of now.
fn basis(app: &App) -> Result<Basis, Fault> {
    let Some(caller) = app.who.known() else {
        return Err(app.who.fault().cloned().unwrap_or_else(|| {
            Fault::new(Cause::CredentialsMissing, "AWS has not said yet who you are.")
        }));
    };
    Ok(Basis { intent: app.draft.intent(caller)?, caller: caller.clone() })
}

/// Reads the account; what was planned before is gone.
fn read(app: &mut App, basis: Basis) {
    let job = Job::Survey(Box::new(basis.intent.clone()));
    app.apply.phase = Phase::Reading(Box::new(basis));
    app.apply.cursor.row = 0;
    app.start(Slot::Survey, job);
}

/// The account is read anew, whatever stands on the screen; what is being sent or read goes on.
pub fn reread(app: &mut App) {
    if app.apply.running().is_some() || matches!(app.apply.phase, Phase::Reading(_)) {
        return;
    }
    match basis(app) {
        Ok(basis) => read(app, basis),
        Err(fault) => app.apply.phase = Phase::Open(Box::new(fault)),
    }
}

/// The account is no longer read; whoever comes next reads it anew.
fn stop_reading(app: &mut App) {
    app.drop_task(Slot::Survey);
    if matches!(app.apply.phase, Phase::Reading(_)) {
        app.apply.phase = Phase::Unread;
    }
}

/// The end of reading, or of applying.
pub fn ended(app: &mut App, end: End) {
    match (end, &app.apply.phase) {
        (End::Surveyed(Ok(seen)), Phase::Reading(basis)) => {
            if app.step == Step::Rotation {
                app.apply.choices.keys = rotation::wish(&app.rotation, &seen);
            }
            let ready = Ready::new(basis, *seen, &app.setup.stamp, &app.apply.choices);
            run::settle(app, &ready);
            let first = |wanted: fn(&Planned) -> bool| ready.plan.steps.iter().position(wanted);
            let conflict = first(|s| s.standing == Standing::Conflict);
            let change = || first(|s| s.operation.is_some());
            app.apply.cursor.row = conflict.or_else(change).unwrap_or(0);
            app.apply.phase = Phase::Planned(Box::new(ready));
        }
        (End::Surveyed(Err(fault)), Phase::Reading(_)) => {
            app.apply.phase = Phase::Failed(Box::new(fault));
        }
        (End::Stopped, Phase::Reading(_)) => app.apply.phase = Phase::Unread,
        (end @ (End::Applied(_) | End::Stopped), Phase::Sent(_)) => {
            run::ended(app, end);
            app.apply.lost.extend(lost_key(app));
            go_on_after_keys(app);
        }
        _ => {}
    }
}

/// Once a change of keys is done, the account is read anew: what comes next is another plan.
fn go_on_after_keys(app: &mut App) {
    let done = app.apply.run().is_some_and(|run| run.is_done() && run.is_as_meant());
    if !done || app.apply.choices.keys == KeyWish::Have {
        return;
    }
    rotation::key_changed(app);
    if app.step != Step::Rotation {
        app.apply.choices.keys = KeyWish::Have;
    }
    reread(app);
}

/// The key whose secret nobody has: made, and its answer or its delivery lost. Known as long as the account lists it.
fn lost(app: &App) -> Option<KeyId> {
    match &app.apply.phase {
        Phase::Sent(run) => KeyId::parse(run.fault()?.evidence.get("unknown_key")?).ok(),
        Phase::Planned(ready) => {
            let keys = &ready.seen.user.as_ref()?.keys;
            app.apply.lost.iter().find(|lost| keys.iter().any(|key| key.id == **lost)).cloned()
        }
        _ => None,
    }
}

/// Whether the plan on the screen is to delete that key: before anything else is done with it.
#[must_use]
pub fn deletes_lost(app: &App) -> bool {
    app.apply.ready().is_some()
        && lost(app).is_some_and(|key| app.apply.choices.keys == KeyWish::Delete(key))
}

/// The same key, as long as its deletion is not planned.
#[must_use]
pub fn lost_key(app: &App) -> Option<KeyId> {
    lost(app).filter(|_| !deletes_lost(app))
}

/// Plans the deletion of the key whose secret nobody has; it is asked about as ever.
pub fn mend(app: &mut App) {
    let Some(key) = lost_key(app) else { return };
    app.apply.choices.keys = KeyWish::Delete(key.clone());
    app.rotation.pinned = Some(KeyWish::Delete(key));
    reread(app);
}

/// The role's ARN: as AWS returned it when the role was made, else as the account has it. None before that.
#[must_use]
pub fn role_arn(app: &App) -> Option<RoleArn> {
    match &app.apply.phase {
        Phase::Planned(ready) => ready.seen.role.as_ref().map(|r| r.arn.clone()),
        Phase::Sent(run) => run.role(),
        _ => None,
    }
}

/// The user's ARN, likewise.
#[must_use]
pub fn user_arn(app: &App) -> Option<UserArn> {
    match &app.apply.phase {
        Phase::Planned(ready) => ready.seen.user.as_ref().map(|user| user.arn.clone()),
        Phase::Sent(run) => run.user(),
        _ => None,
    }
}

/// The access key to be used: the one that was made, else the youngest active one that is there.
#[must_use]
pub fn key(app: &App) -> Option<KeyId> {
    match &app.apply.phase {
        Phase::Planned(ready) => ready.seen.user.as_ref()?.current_key().cloned(),
        Phase::Sent(run) => run.key(),
        _ => None,
    }
}

/// Why Enter does not go on now; in words that say what to do.
fn refusal(app: &App) -> Option<String> {
    match &app.apply.phase {
        Phase::Unread => Some("The account was not read. r reads it.".to_owned()),
        Phase::Open(fault) => Some(fault.message.clone()),
        Phase::Reading(_) => Some("The account is being read first.".to_owned()),
        Phase::Failed(_) => Some("Without the account there is no plan. r reads again.".to_owned()),
        Phase::Planned(ready) => {
            let conflicts = ready.plan.conflicts().count();
            if conflicts > 0 {
                let what = ready.plan.conflicts().next().map_or("", |c| c.summary.as_str());
                Some(format!("In the way: {what}. See its ways out; r reads again."))
            } else if !basis(app).is_ok_and(|basis| ready.is_for(&basis)) {
                Some("The answers or the login have changed since. r reads again.".to_owned())
            } else if app.setup.read_only && ready.changes() > 0 {
                Some("Started with --read-only: nothing can be changed.".to_owned())
            } else {
                None
            }
        }
        Phase::Sent(run) if run.ended.is_none() => {
            Some("The changes are being sent. Ctrl-C stops after the call under way.".to_owned())
        }
        Phase::Sent(run) if lost_key(app).is_some() && run.ended.is_some() => {
            Some("A key was made whose secret nobody has. f plans its deletion.".to_owned())
        }
        Phase::Sent(run) if run.is_blocked() => {
            let why = run.fault().map_or("r reads the account again.", Fault::what_to_do);
            Some(format!("Nothing was sent: {why}"))
        }
        Phase::Sent(run) if run.course.lost_reply() => {
            Some("One call was not answered. r reads the account: then it is known.".to_owned())
        }
        Phase::Sent(run) if !run.is_done() => {
            Some("Not all was made. r reads the account and plans the rest.".to_owned())
        }
        Phase::Sent(_) => None,
    }
}

/// What Enter does.
fn go_words(app: &App) -> String {
    match &app.apply.phase {
        Phase::Planned(ready) => match ready.changes() {
            0 if ready.plan.conflicts().count() == 0 => "continue".to_owned(),
            0 => "apply".to_owned(),
            1 => "apply 1 change".to_owned(),
            n => format!("apply {n} changes"),
        },
        Phase::Sent(_) => "continue".to_owned(),
        _ => "apply".to_owned(),
    }
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let offer = |command, words: &'static str, refused: Option<&'static str>| match refused {
        None => Offer::on(command, words),
        Some(why) => Offer::off(command, words, why),
    };
    let running = app.apply.running().is_some();
    let sending = running.then_some("The changes are being sent. Ctrl-C stops after the call.");
    let mut offers = Vec::new();
    if running {
        offers.push(Offer::on(Command::Interrupt, "stop after this call"));
    }
    offers.push(match refusal(app) {
        None => Offer::on(Command::Go, go_words(app)),
        Some(why) => Offer::off(Command::Go, go_words(app), why),
    });
    let rows = app.apply.rows().len();
    if rows > 1 {
        offers.push(Offer::on(Command::Down, "step"));
    }
    if is_choice(app) {
        offers.push(Offer::on(Command::Right, choice_words(opposite(app.apply.choices.audience))));
    }
    let reading = matches!(app.apply.phase, Phase::Reading(_)).then_some("Reading already.");
    offers.push(offer(Command::Reread, "read again", sending.or(reading)));
    if lost_key(app).is_some() {
        offers.insert(0, Offer::on(Command::Mend, "delete the lost key"));
    }
    if can_rotate(app) {
        offers.push(Offer::on(Command::Rotate, "rotate the key"));
    }
    if can_take_back(app) {
        offers.push(Offer::on(Command::Undo, "take it back"));
    }
    let selected = app.apply.selected();
    if selected.is_some_and(|s| s.operation.is_some()) {
        offers.push(Offer::on(Command::Copy, "copy command"));
        offers.push(Offer::on(Command::CopyAll, "copy script"));
    }
    if selected.is_some_and(|s| !s.diff.is_empty()) {
        offers.push(Offer::on(Command::Differences, "differences"));
    }
    if selected.is_some() || fault(app).is_some() {
        offers.push(Offer::on(Command::Explain, "all of it"));
    }
    offers.push(offer(Command::Back, "step back", sending));
    offers
}

/// Whether there is a key that could be rotated.
fn can_rotate(app: &App) -> bool {
    let user = app.apply.seen().and_then(|seen| seen.user.as_ref());
    let has_key = key(app).is_some() || user.is_some_and(|user| !user.keys.is_empty());
    app.draft.mode == Mode::IamUser && app.apply.running().is_none() && has_key
}

/// Whether this run made something that could be taken back.
fn can_take_back(app: &App) -> bool {
    let stands = matches!(app.apply.phase, Phase::Sent(_) | Phase::Planned(_));
    stands && app.apply.running().is_none() && app.apply.made().next().is_some()
}

/// What the choice about the audience does, for the footer.
const fn choice_words(choice: AudienceChoice) -> &'static str {
    match choice {
        AudienceChoice::Add => "add to the list",
        AudienceChoice::Replace => "replace the policy",
    }
}

/// Whether the cursor stands on the step that the choice about the audience is for.
fn is_choice(app: &App) -> bool {
    app.apply.ready().is_some_and(|r| r.is_choice(app.apply.cursor.within(r.plan.steps.len())))
}

/// The fault that stands on the screen.
#[must_use]
pub fn fault(app: &App) -> Option<&Fault> {
    match &app.apply.phase {
        Phase::Open(fault) | Phase::Failed(fault) => Some(fault),
        Phase::Sent(run) => run.fault(),
        _ => None,
    }
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    let rows = app.apply.rows().len();
    if app.apply.cursor.command(command, rows, PAGE) {
        return true;
    }
    match command {
        Command::Go => go(app),
        Command::Left | Command::Right if is_choice(app) => choose(app, command),
        Command::Left | Command::Right => {}
        Command::Reread => reread(app),
        Command::Mend if lost_key(app).is_some() => mend(app),
        Command::Rotate if can_rotate(app) => rotation::open(app),
        Command::Undo if can_take_back(app) => undo::open(app, app.setup.stamp.run.clone(), false),
        Command::Copy | Command::CopyAll | Command::Print => return take_along(app, command),
        Command::Differences => {
            return course::show_differences(app, app.apply.selected().cloned());
        }
        Command::Explain => return explain(app),
        Command::Back => {
            stop_reading(app);
            return false;
        }
        _ => return false,
    }
    true
}

/// Plans again from what was read, after another choice.
pub fn replan(app: &mut App) {
    let Phase::Planned(ready) = &app.apply.phase else { return };
    let (seen, intent, caller) =
        (ready.seen.clone(), ready.plan.intent.clone(), ready.plan.caller.clone());
    app.apply.choices.keys = rotation::wish(&app.rotation, &seen);
    let basis = Basis { intent, caller };
    let ready = Ready::new(&basis, seen, &app.setup.stamp, &app.apply.choices);
    app.apply.phase = Phase::Planned(Box::new(ready));
}

/// Opens the question about the plan that is shown.
pub fn ask(app: &mut App) {
    if app.who.must_ask_root() {
        return who::ask_root(app);
    }
    if let Some(ready) = app.apply.ready().filter(|ready| ready.changes() > 0) {
        app.overlay = Some(Overlay::Question(question::ask(app, ready)));
    }
}

/// Enter, where nothing refuses it.
fn go(app: &mut App) {
    match &app.apply.phase {
        Phase::Planned(ready) if ready.changes() > 0 => ask(app),
        Phase::Planned(_) | Phase::Sent(_) => app.go_to(Step::Pull),
        _ => {}
    }
}

/// Left adds the audience to the list, Right replaces the document; the plan on the screen is the one applied.
fn choose(app: &mut App, command: Command) {
    let choice =
        if command == Command::Left { AudienceChoice::Add } else { AudienceChoice::Replace };
    if choice == app.apply.choices.audience {
        return;
    }
    if let Phase::Planned(ready) = &mut app.apply.phase
        && let Some(other) = &mut ready.other
    {
        std::mem::swap(other, &mut ready.plan);
        app.apply.choices.audience = choice;
    }
}

/// The selected command, the script, or what went wrong, to the clipboard or out of the screen.
fn take_along(app: &mut App, command: Command) -> bool {
    let fault = fault(app).map(|f| story::fault(f).join("\n"));
    let plan = app.apply.plan();
    let one = app.apply.selected().zip(plan).and_then(|(step, plan)| story::command(step, plan));
    let all = app.apply.plan().map(story::script).filter(|s| !s.is_empty());
    course::take_along(app, command, one, all, fault)
}

/// All of the selected step, and of what went wrong.
fn explain(app: &mut App) -> bool {
    let fault = fault(app).map(story::fault);
    let step = app.apply.selected();
    let title = match (&fault, step) {
        (Some(_), _) => "What went wrong".to_owned(),
        (None, Some(step)) => step.summary.clone(),
        (None, None) => return false,
    };
    let mut lines = fault.unwrap_or_default();
    if let Some(step) = step {
        if !lines.is_empty() {
            lines.push(String::new());
            lines.push(step.summary.clone());
        }
        lines.extend(story::whole(step, app.apply.plan(), app.apply.seen()));
    }
    app.overlay = Some(Overlay::Text(TextBox::new(title, lines)));
    true
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    let waited = |since| {
        let seconds = app.now.since(since).as_secs();
        (seconds >= SPOKEN_OF).then_some(seconds)
    };
    match &app.apply.phase {
        Phase::Reading(_) => {
            let began = app.slots.running(Slot::Survey).map_or(app.now, |r| r.began);
            waited(began).map_or_else(
                || "Reading the account; nothing is changed by it.".to_owned(),
                |s| format!("Reading the account for {s} s. Usually under 3 s; gives up at 30 s."),
            )
        }
        Phase::Sent(run) if run.ended.is_none() => {
            let stopping = app.slots.running(Slot::Apply).is_some_and(|r| r.stopping);
            run.course.status(app.now, stopping, "It stops at the first refusal.")
        }
        Phase::Sent(run) if run.is_done() && run.is_as_meant() => {
            "All is made. Enter goes to the pull test.".to_owned()
        }
        Phase::Sent(run) if run.is_done() => {
            "Made, but look at what reading back says. r reads again, Enter goes on.".to_owned()
        }
        Phase::Planned(ready) => match (refusal(app), ready.changes()) {
            (Some(why), _) => why,
            _ if lost_key(app).is_some() => {
                "A key was made whose secret nobody has. f plans its deletion.".to_owned()
            }
            (None, 0) => {
                "Nothing to change: all is as wished. Enter goes to the pull test.".to_owned()
            }
            (None, _) => "Nothing is sent before the question that Enter opens.".to_owned(),
        },
        _ => refusal(app).unwrap_or_default(),
    }
}
