use super::*;
use crate::app::message::Message;
use crate::app::task::TaskId;
use crate::app::testing::{RUN, app, complete, end, press, recorded};
use crate::domain::fault::Cause;
use crate::domain::partition::AccountId;

const OLD: &str = "20260101-010101-aaaa";

fn running(app: &App, slot: Slot) -> TaskId {
    app.slots.running(slot).unwrap().id
}

/// At step 1, the journals read.
fn knowing(runs: Vec<Recorded>) -> App {
    let mut app = app();
    app.begin();
    let id = running(&app, Slot::Runs);
    end(&mut app, id, End::Runs(Ok(runs)));
    app
}

/// In the list, with the same runs.
fn listed(runs: Vec<Recorded>) -> App {
    let mut app = knowing(runs.clone());
    press(&mut app, "c");
    let id = running(&app, Slot::Runs);
    end(&mut app, id, End::Runs(Ok(runs)));
    app
}

#[test]
fn the_start_reads_the_journals_and_c_opens_the_newest_that_stopped() {
    let done = recorded("20260102-000000-bbbb", 3, false);
    let mut app = knowing(vec![recorded(OLD, 1, true), done]);
    let offer = mode_offer(&app);
    assert_eq!(offer.words, "continue a stopped run");
    press(&mut app, "c");
    assert_eq!((app.step, app.runs.selected().unwrap().run.as_str()), (Step::Runs, OLD));
    press(&mut app, "Esc");
    assert_eq!(app.step, Step::Mode);

    let app = knowing(vec![recorded(OLD, 3, false)]);
    assert_eq!(mode_offer(&app).words, "earlier runs");
}

fn mode_offer(app: &App) -> Offer {
    app.offers().into_iter().find(|offer| offer.command == Command::Continue).unwrap()
}

#[test]
fn a_run_at_work_and_the_own_one_did_not_stop() {
    let at_work = Recorded { process: Some(123), ..recorded(OLD, 1, true) };
    let app = knowing(vec![at_work, recorded(RUN, 1, false)]);
    assert_eq!(stopped(&app).count(), 0);
}

#[test]
fn continuing_becomes_the_run_and_the_account_tells_what_was_in_flight() {
    let mut app = listed(vec![recorded(OLD, 1, true)]);
    let started = press(&mut app, "Enter");
    let [(id, Job::Survey(intent))] = started.as_slice() else { panic!("{started:?}") };
    assert_eq!(intent.principal().name(), "my-private-registry");
    assert_eq!((app.step, app.setup.stamp.run.as_str()), (Step::Apply, OLD));
    assert_eq!(app.setup.run_folder, std::path::Path::new(OLD));
    assert_eq!(app.log, std::path::Path::new("run/log"), "the log stays where it is written");
    // The provider was answered; the role is not known yet.
    assert_eq!(app.changes_made, 1);
    assert_eq!(app.apply.not_known_yet().collect::<Vec<_>>(), ["role my-private-registry"]);
    assert_eq!(app.exit_now().code(), 4);
    let mut seen = complete(OLD);
    seen.role.as_mut().unwrap().attached.clear();
    end(&mut app, *id, End::Surveyed(Ok(Box::new(seen))));
    assert_eq!((app.changes_made, app.apply.not_known_yet().count()), (2, 0));
    assert_eq!(app.apply.ready().unwrap().changes(), 1);
    assert_eq!(app.apply.plan().unwrap().stamp.run, OLD);
    let last = app.last_words().join("\n");
    assert!(last.contains(&format!("okteto-ecr undo {OLD} takes it back")), "{last}");
    assert!(last.contains("c in the next start"), "{last}");
}

#[test]
fn what_did_not_happen_is_not_counted() {
    let mut app = listed(vec![recorded(OLD, 1, true)]);
    let started = press(&mut app, "c");
    let [(id, Job::Survey(_))] = started.as_slice() else { panic!("{started:?}") };
    let mut seen = complete(OLD);
    seen.role = None;
    end(&mut app, *id, End::Surveyed(Ok(Box::new(seen))));
    assert_eq!((app.changes_made, app.apply.not_known_yet().count()), (1, 0));
}

#[test]
fn without_its_answers_a_run_is_gone_on_with_from_step_2() {
    let mut app = listed(vec![Recorded { answers: None, ..recorded(OLD, 1, false) }]);
    assert!(press(&mut app, "Enter").iter().all(|(_, job)| !matches!(job, Job::Survey(_))));
    assert_eq!((app.step, app.setup.stamp.run.as_str()), (Step::Identity, OLD));
    assert!(app.status().contains("answers of that run are not there"), "{}", app.status());
}

#[test]
fn what_cannot_be_gone_on_with_says_why() {
    let foreign = || {
        let mut one = recorded(OLD, 1, true);
        one.past.as_mut().unwrap().header.account = "999999999999".to_owned();
        one
    };
    let unreadable = Recorded {
        past: Err(Fault::new(Cause::File, "line 3 of the journal is damaged")),
        ..recorded(OLD, 1, true)
    };
    let at_work = Recorded { process: Some(123), ..recorded(OLD, 1, true) };
    for (one, words) in [
        (foreign(), "is of account 999999999999"),
        (unreadable, "line 3 of the journal is damaged"),
        (at_work, "Process 123 is at work on it"),
    ] {
        for keys in ["Enter", "c", "u"] {
            let mut app = listed(vec![one.clone()]);
            assert!(press(&mut app, keys).is_empty(), "{keys}");
            assert_eq!((app.step, app.setup.stamp.run.as_str()), (Step::Runs, RUN), "{words}");
            assert!(app.status().contains(words), "{keys}: {}", app.status());
        }
    }
    let mut app = listed(vec![recorded(OLD, 3, false)]);
    assert!(press(&mut app, "Enter").is_empty());
    assert!(app.status().contains("came to its end"), "{}", app.status());
}

#[test]
fn a_start_that_made_something_itself_does_not_become_another_run() {
    let mut app = listed(vec![recorded(OLD, 1, true)]);
    app.changes_made = 1;
    assert!(press(&mut app, "Enter").is_empty());
    assert_eq!(app.setup.stamp.run, RUN);
    assert!(app.status().contains("Leave first"), "{}", app.status());
}

#[test]
fn an_undo_that_stopped_is_gone_on_with_as_one() {
    let mut one = recorded(OLD, 2, false);
    let past = one.past.as_mut().unwrap();
    past.session.as_mut().unwrap().purpose = Purpose::Undo;
    let mut app = listed(vec![one]);
    let started = press(&mut app, "Enter");
    assert!(matches!(started.as_slice(), [(_, Job::Recall(run))] if run == OLD), "{started:?}");
    assert_eq!((app.step, app.setup.stamp.run.as_str()), (Step::Undo, RUN));
}

#[test]
fn a_key_that_was_perhaps_made_is_not_known_yet() {
    use crate::domain::journal::Unsure;
    let mut one = recorded(OLD, 0, false);
    let past = one.past.as_mut().unwrap();
    past.unsure =
        vec![Unsure { user: "private-registry-user".to_owned(), beside: Vec::new(), among: None }];
    one.answers.as_mut().unwrap().mode = crate::domain::draft::Mode::IamUser;
    one.answers.as_mut().unwrap().custody = crate::domain::custody::CustodyChoice::default();
    let mut app = listed(vec![one]);
    press(&mut app, "Enter");
    assert_eq!(app.step, Step::Apply);
    assert_eq!(
        app.apply.not_known_yet().collect::<Vec<_>>(),
        ["access key of private-registry-user"]
    );
}

#[test]
fn a_list_that_cannot_be_read_says_so_and_can_be_read_again() {
    let mut app = app();
    app.begin();
    press(&mut app, "c");
    let id = running(&app, Slot::Runs);
    end(&mut app, id, End::Runs(Err(Fault::new(Cause::File, "could not read runs"))));
    assert!(matches!(&app.runs.list, Some(Err(_))));
    for keys in ["Enter", "u", "i", "G", "Down"] {
        assert!(press(&mut app, keys).is_empty(), "{keys}");
    }
    assert!(matches!(press(&mut app, "r").as_slice(), [(_, Job::Runs)]));
}

#[test]
fn all_of_a_run_stands_in_its_story() {
    let mut app = listed(vec![recorded(OLD, 1, true)]);
    press(&mut app, "i");
    let Some(Overlay::Text(text)) = &app.overlay else { panic!("{:?}", app.overlay) };
    let text = text.lines.join("\n");
    for words in [
        "112233445566",
        "role my-private-registry",
        "journal.jsonl",
        "1 of 3 calls done",
        "not known yet",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn another_login_in_the_meantime_counts() {
    let mut app = listed(vec![recorded(OLD, 1, true)]);
    if let Some(Ok(caller)) = &mut app.who.caller {
        caller.account = AccountId::parse("999999999999").unwrap();
    }
    app.update(Message::Tick, app.now);
    assert!(press(&mut app, "Enter").is_empty());
    assert!(app.status().contains("the login is of 999999999999"), "{}", app.status());
}
