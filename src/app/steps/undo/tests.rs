use std::time::Duration;

use super::*;
use crate::app::task::{ApplyOutcome, News, Recalled, StepOutcome, TaskId, Undone};
use crate::app::testing::{RUN, app, complete, end, news, press, recorded, type_text};
use crate::domain::fault::Cause;
use crate::domain::inventory::Inventory;
use crate::domain::operation::{Deed, Operation};
use crate::domain::sample;

const OLD: &str = "20260101-010101-aaaa";

fn recalled(run: &str, seen: &Inventory) -> End {
    End::Recalled(Ok(Box::new(Recalled {
        past: recorded(run, 3, false).past.unwrap(),
        caller: sample::caller(),
        seen: seen.holdings(),
    })))
}

/// The calls of a run on the screen.
fn shown(run: &str, seen: &Inventory) -> App {
    let mut app = app();
    open(&mut app, run.to_owned(), false);
    let id = app.slots.running(Slot::Recall).unwrap().id;
    end(&mut app, id, recalled(run, seen));
    app
}

/// The wizard's own run was made, and is shown to be taken back.
fn own() -> App {
    let mut app = shown(RUN, &complete(RUN));
    crate::app::steps::apply::adopt(&mut app, &recorded(RUN, 3, false).past.unwrap());
    assert_eq!(app.changes_made, 3);
    app
}

fn begun(app: &mut App) -> TaskId {
    let started = press(app, "Enter Tab Enter");
    let [(id, Job::Undo(_))] = started.as_slice() else { panic!("{started:?}") };
    *id
}

fn done() -> StepOutcome {
    StepOutcome::Done { deed: Deed::default(), took: Duration::from_millis(300) }
}

fn failed() -> StepOutcome {
    let fault = Fault::new(Cause::PermissionDenied, "AWS refused iam:DeleteRole");
    StepOutcome::Failed { fault, took: Duration::from_millis(300) }
}

fn undone(outcome: ApplyOutcome, steps: Vec<StepOutcome>) -> End {
    End::Undone(Box::new(Undone { outcome, steps, ..Undone::default() }))
}

#[test]
fn the_newest_goes_first_and_nothing_is_sent_before_yes() {
    let mut app = shown(OLD, &complete(OLD));
    let calls: Vec<&str> = app
        .undo
        .undo()
        .unwrap()
        .changes()
        .filter_map(|step| step.operation.as_ref().map(Operation::call))
        .collect();
    assert_eq!(
        calls,
        ["iam:DetachRolePolicy", "iam:DeleteRole", "iam:DeleteOpenIDConnectProvider"]
    );
    for keys in ["Enter Enter", "Enter Esc", "Enter Tab Tab Enter"] {
        assert!(press(&mut app, keys).is_empty(), "{keys}");
        assert!(app.overlay.is_none(), "{keys}");
    }
    press(&mut app, "Enter");
    let Some(Overlay::Question(question)) = &app.overlay else { panic!("{:?}", app.overlay) };
    assert_eq!((question.matter, question.chosen), (Matter::Undo, 0));
    let body = question.body.join("\n");
    for words in ["112233445566", "user/dana", OLD] {
        assert!(body.contains(words), "{body}");
    }
    assert_eq!(question.body.iter().filter(|line| line.starts_with("- ")).count(), 3);
}

#[test]
fn what_is_sent_is_what_was_shown() {
    let mut app = shown(OLD, &complete(OLD));
    let shown = app.undo.undo().unwrap().clone();
    let started = press(&mut app, "Enter Tab Enter");
    let [(_, Job::Undo(sent))] = started.as_slice() else { panic!("{started:?}") };
    assert_eq!(**sent, shown);
    // While it runs no other change begins, and it is not left.
    assert!(press(&mut app, "Enter r Esc u").is_empty());
    assert_eq!(app.step, Step::Undo);
    open(&mut app, RUN.to_owned(), false);
    assert_eq!(app.undo.run, OLD);
}

#[test]
fn what_was_altered_stays_until_it_is_marked_and_its_name_typed() {
    let mut seen = complete(OLD);
    seen.role.as_mut().unwrap().max_session_seconds = 7200;
    let mut app = shown(OLD, &seen);
    // The role stays, and with it what is on it.
    assert_eq!(app.undo.undo().unwrap().conflicts().count(), 1);
    assert_eq!(app.undo.selected().unwrap().standing, Standing::Conflict);
    let before = app.undo.undo().unwrap().changes().count();
    press(&mut app, "Space");
    let after = app.undo.undo().unwrap();
    assert!(after.changes().count() > before && after.conflicts().next().is_none());
    assert_eq!(after.confirmations(), ["my-private-registry"]);
    assert!(press(&mut app, "Enter Tab Enter").is_empty(), "its name was not typed");
    type_text(&mut app, "my-private-registry");
    let started = press(&mut app, "Enter Tab Enter");
    assert!(
        matches!(started.as_slice(), [(_, Job::Undo(undo))]
        if undo.decisions.take.contains("my-private-registry")),
        "{started:?}"
    );

    let mut app = shown(OLD, &seen);
    press(&mut app, "Space Space");
    assert_eq!(app.undo.undo().unwrap().conflicts().count(), 1);
}

#[test]
fn all_that_failed_stands_at_the_end_and_reading_again_shows_the_rest() {
    let mut app = own();
    let id = begun(&mut app);
    news(&mut app, id, News::StepBegan(0));
    news(&mut app, id, News::StepEnded(0, done()));
    news(&mut app, id, News::StepEnded(1, failed()));
    let started = end(&mut app, id, undone(ApplyOutcome::Failed, vec![done(), failed(), failed()]));
    assert!(matches!(started.as_slice(), [(_, Job::Runs)]), "{started:?}");
    let faults = story::faults(&app).join("\n");
    assert_eq!(faults.matches("permission-denied").count(), 2, "{faults}");
    assert!(faults.contains("role my-private-registry"), "{faults}");
    assert_eq!(app.exit_now().code(), 4);
    let last = app.last_words().join("\n");
    assert!(last.contains("taken back in part"), "{last}");
    // What the journal says is left is what counts as made.
    let (runs, mut left) = (started[0].0, recorded(RUN, 2, false));
    left.past.as_mut().unwrap().entries.truncate(2);
    end(&mut app, runs, End::Runs(Ok(vec![left])));
    assert!(app.changes_made < 3, "{}", app.changes_made);
    assert!(matches!(press(&mut app, "r").as_slice(), [(_, Job::Recall(run))] if run == RUN));
}

#[test]
fn a_run_taken_back_whole_counts_as_nothing_changed() {
    let mut app = own();
    let id = begun(&mut app);
    assert_eq!(app.exit_now().code(), 4, "it is being sent");
    end(&mut app, id, undone(ApplyOutcome::Done, vec![done(), done(), done()]));
    assert_eq!((app.changes_made, app.apply.made().count()), (0, 0));
    assert_eq!(app.exit_now().code(), 1);
    let last = app.last_words().join("\n");
    assert!(last.contains("nothing of it is left in AWS."), "{last}");
    press(&mut app, "q");
    let Some(Overlay::Question(question)) = &app.overlay else { panic!("{:?}", app.overlay) };
    assert_eq!(question.choices.len(), 2, "there is nothing to take back");
}

#[test]
fn leaving_offers_to_take_it_back_first() {
    let mut app = own();
    press(&mut app, "Esc q");
    let Some(Overlay::Question(question)) = &app.overlay else { panic!("{:?}", app.overlay) };
    assert_eq!(question.choices, ["Stay", "Leave", "Take it back, then leave"]);
    let started = press(&mut app, "Tab Tab Enter");
    assert!(matches!(started.as_slice(), [(_, Job::Recall(run))] if run == RUN), "{started:?}");
    end(&mut app, started[0].0, recalled(RUN, &complete(RUN)));
    let id = begun(&mut app);
    end(&mut app, id, undone(ApplyOutcome::Done, vec![done(), done(), done()]));
    let key = crate::app::input::Key::plain(crate::app::input::Code::Enter);
    let message = crate::app::message::Message::Input(crate::app::input::Input::Key(key));
    let effects = app.update(message, app.now);
    assert!(
        matches!(effects.as_slice(), [crate::app::message::Effect::Quit(Exit::Left)]),
        "{effects:?}"
    );
}

#[test]
fn ctrl_c_stops_after_the_call_and_twice_leaves() {
    let mut app = own();
    let id = begun(&mut app);
    press(&mut app, "Ctrl-C");
    assert!(app.slots.running(Slot::Undo).unwrap().stopping);
    assert!(app.status().contains("Ctrl-C again"), "{}", app.status());
    end(&mut app, id, End::Stopped);
    let Phase::Sent(sent) = &app.undo.phase else { panic!("{:?}", app.undo.phase) };
    assert_eq!(sent.ended.as_ref().unwrap().1.outcome, ApplyOutcome::Stopped);
    assert_eq!(app.changes_made, 3, "no call was answered");
}

#[test]
fn read_only_looks_and_sends_nothing() {
    let mut app = shown(OLD, &complete(OLD));
    app.setup.read_only = true;
    assert!(press(&mut app, "Enter").is_empty());
    assert!(app.overlay.is_none() && app.status().contains("--read-only"), "{}", app.status());
}

#[test]
fn a_wait_is_spoken_of_and_goes_by() {
    let mut app = own();
    let id = begun(&mut app);
    news(&mut app, id, News::StepBegan(0));
    let expired = Fault::new(Cause::CredentialsExpired, "the login has ended");
    news(&mut app, id, News::Waiting(expired));
    assert!(app.status().contains("the login has expired"), "{}", app.status());
    news(&mut app, id, News::Waiting(Fault::new(Cause::Throttled, "too fast")));
    assert!(app.status().contains("AWS is busy"), "{}", app.status());
    news(&mut app, id, News::GoesOn);
    assert!(app.status().contains("Sending"), "{}", app.status());
    news(&mut app, id, News::LookingUp);
    assert!(app.status().contains("No answer"), "{}", app.status());
    news(&mut app, id, News::StepEnded(0, done()));
    assert!(app.status().contains("Sending"), "{}", app.status());
}

#[test]
fn another_run_taken_back_changes_nothing_of_this_one() {
    let mut app = shown(OLD, &complete(OLD));
    crate::app::steps::apply::adopt(&mut app, &recorded(RUN, 1, false).past.unwrap());
    let id = begun(&mut app);
    end(&mut app, id, undone(ApplyOutcome::Done, vec![done(), done(), done()]));
    assert_eq!((app.changes_made, app.exit_now().code()), (1, 4));
}
