use std::time::Duration;

use super::*;
use crate::app::task::{ApplyOutcome, End, Job, Mended, News, Recalled, StepOutcome, TaskId};
use crate::app::testing::{RUN, app, end, news, press, type_text};
use crate::domain::arn::PolicyArn;
use crate::domain::fault::{Cause, Fault};
use crate::domain::inventory::Holdings;
use crate::domain::journal::{
    Began, Ended, Journal, Outcome, Past, Purpose, Record, Recorded, Session,
};
use crate::domain::operation::{Deed, Operation};
use crate::domain::partition::{AccountId, Partition};
use crate::domain::principal::Principal;
use crate::domain::review::mend::Mend;
use crate::domain::review::mend::scene::{PULL_ONLY, READ_ONLY, Scene, on_role, role, sound};
use crate::domain::review::{Counts, Review};
use crate::domain::sample;

const MENDED: &str = "20260102-030405-abcd-m1";

/// The findings of two roles: one ours, one somebody's.
fn wishes() -> Vec<Found> {
    ["ours", "theirs"]
        .into_iter()
        .map(|name| {
            let who = || Principal::Role(name.to_owned());
            let policy = |name| PolicyArn::managed(Partition::Aws, name);
            on_role(
                name,
                "ecr-push",
                vec![
                    Operation::AttachPolicy { to: who(), policy: policy(PULL_ONLY) },
                    Operation::DetachPolicy { from: who(), policy: policy(READ_ONLY) },
                ],
            )
        })
        .collect()
}

/// A wizard in the review of two roles.
fn reviewed() -> App {
    let mut app = app();
    let scene = Scene::default().with_role(role("ours", &sound(), true)).with_role(role(
        "theirs",
        &sound(),
        false,
    ));
    app.review.review = Some(Arc::new(Review {
        caller: sample::caller(),
        read_at: 0,
        roles: scene.roles,
        users: Vec::new(),
        providers: Vec::new(),
        account: Vec::new(),
        repositories: Vec::new(),
        counts: Counts::default(),
        gaps: Vec::new(),
        triage: Err(Fault::new(Cause::File, "not read")),
    }));
    review::open(&mut app);
    app
}

/// The plan stands on the screen.
fn shown() -> App {
    let mut app = reviewed();
    open(&mut app, wishes());
    assert_eq!(app.step, Step::Mend);
    app
}

fn begun(app: &mut App) -> TaskId {
    press(app, "Enter");
    let names: Vec<String> =
        app.mend.mend().unwrap().confirmations().iter().map(|&n| n.to_owned()).collect();
    for name in names {
        type_text(app, &name);
        press(app, "Enter");
    }
    let started = press(app, "Tab Enter");
    let [(id, Job::Mend(_))] = started.as_slice() else { panic!("{started:?} {:?}", app.overlay) };
    *id
}

fn done() -> StepOutcome {
    StepOutcome::Done { deed: Deed::default(), took: Duration::from_millis(300) }
}

fn failed() -> StepOutcome {
    let fault = Fault::new(Cause::PermissionDenied, "AWS refused iam:DetachRolePolicy");
    StepOutcome::Failed { fault, took: Duration::from_millis(300) }
}

fn mended(outcome: ApplyOutcome, steps: Vec<StepOutcome>) -> End {
    End::Mended(Box::new(Mended { outcome, steps, ..Mended::default() }))
}

/// The run of a plan on disk, with so many calls answered.
fn recorded(mend: &Mend, answered: usize) -> Recorded {
    let at = || "2026-11-24T16:40:12Z".to_owned();
    let mut lines = vec![Record::Session(Session {
        at: at(),
        program: "0.1.0".to_owned(),
        caller: mend.caller.arn.clone(),
        purpose: Purpose::Apply,
        calls: mend.changes().map(|step| step.summary.clone()).collect(),
    })];
    for (n, step) in (1..).zip(mend.steps.iter().take(answered)) {
        let operation = step.operation.as_ref().unwrap();
        let (call, request) = (operation.call().to_owned(), operation.request());
        let (id, summary, before) =
            (step.id.word().to_owned(), step.summary.clone(), step.before.clone());
        lines.push(Record::Began(Began { at: at(), n, id, call, summary, request, before }));
        lines.push(Record::Ended(Ended {
            at: at(),
            n,
            outcome: Outcome::Done,
            effect: None,
            arn: None,
            key: None,
            request_id: None,
            cause: None,
            message: None,
        }));
    }
    let outcome = if answered == mend.steps.len() { Outcome::Done } else { Outcome::Failed };
    lines.push(Record::Closed { at: at(), outcome });
    let journal = Journal { header: mend.header(at()), lines, torn: false };
    Recorded {
        run: mend.stamp.run.clone(),
        past: Ok(Past::of(&journal)),
        answers: None,
        process: None,
    }
}

#[test]
fn the_plan_stands_there_at_once_and_nothing_is_sent_before_yes() {
    let mut app = shown();
    let mend = app.mend.mend().unwrap();
    assert_eq!((mend.steps.len(), mend.wishes.len()), (4, 2));
    assert_eq!(mend.stamp.run, MENDED);
    for keys in ["Enter Enter", "Enter Esc", "Enter Tab Enter"] {
        assert!(press(&mut app, keys).is_empty(), "{keys}");
        app.overlay = None;
    }
    press(&mut app, "Enter");
    let Some(Overlay::Question(question)) = &app.overlay else { panic!("{:?}", app.overlay) };
    assert_eq!((question.matter, question.chosen), (Matter::Mend, 0));
    let names: Vec<&str> = question.names.iter().map(|name| name.wanted.as_str()).collect();
    assert_eq!(names, ["ours", "theirs"]);
    let body = question.body.join("\n");
    for words in ["112233445566", "user/dana", "+ AmazonEC2ContainerRegistryPullOnly on ours"] {
        assert!(body.contains(words), "{body}");
    }
    assert_eq!(question.body.iter().filter(|line| line.starts_with("- ")).count(), 2);
}

#[test]
fn what_is_sent_is_what_was_shown() {
    let mut app = shown();
    let shown = app.mend.mend().unwrap().clone();
    press(&mut app, "Enter");
    type_text(&mut app, "ours");
    press(&mut app, "Enter");
    type_text(&mut app, "theirs");
    let started = press(&mut app, "Enter Tab Enter");
    let [(_, Job::Mend(sent))] = started.as_slice() else { panic!("{started:?}") };
    assert_eq!(**sent, shown);
    assert!(started[0].1.is_changing());
    // While it runs no other change begins, and it is not left.
    assert!(press(&mut app, "Enter r Esc u").is_empty());
    assert_eq!(app.step, Step::Mend);
    assert!(app.slots.changing().is_some());
    open(&mut app, Vec::new());
    undo::open(&mut app, RUN.to_owned(), false);
    assert_eq!((app.step, app.mend.rows().len()), (Step::Mend, 4));
}

#[test]
fn read_only_looks_and_sends_nothing() {
    let mut app = shown();
    app.setup.read_only = true;
    assert!(press(&mut app, "Enter").is_empty());
    assert!(app.overlay.is_none() && app.status().contains("--read-only"), "{}", app.status());
    assert!(app.offers().iter().any(|offer| offer.command == Command::Differences));
}

#[test]
fn another_login_and_nothing_to_send_say_so() {
    let mut app = shown();
    if let Some(Ok(caller)) = &mut app.who.caller {
        caller.account = AccountId::parse("999999999999").unwrap();
    }
    assert!(press(&mut app, "Enter").is_empty());
    assert!(app.overlay.is_none() && app.status().contains("999999999999"), "{}", app.status());

    let mut app = reviewed();
    open(&mut app, vec![on_role("ours", "key-old", Vec::new())]);
    assert!(press(&mut app, "Enter").is_empty());
    assert!(app.status().contains("No call mends"), "{}", app.status());
    press(&mut app, "i");
    let Some(Overlay::Text(text)) = &app.overlay else { panic!("{:?}", app.overlay) };
    assert!(text.lines.join("\n").contains("by hand"), "{:?}", text.lines);

    let mut app = crate::app::testing::app();
    open(&mut app, wishes());
    assert_eq!(app.step, Step::Mode);
    assert!(app.said().unwrap().contains("not read yet"));
}

#[test]
fn after_success_it_counts_as_changes_and_leads_back_to_the_review() {
    let mut app = shown();
    let id = begun(&mut app);
    news(&mut app, id, News::StepBegan(0));
    assert_eq!(app.exit_now().code(), 4, "a call is under way");
    assert!(app.last_words().join("\n").contains("perhaps"), "{:?}", app.last_words());
    news(&mut app, id, News::StepEnded(0, done()));
    end(&mut app, id, mended(ApplyOutcome::Done, vec![done(); 4]));
    assert_eq!((calls_made(&app), app.changes_made, app.exit_now().code()), (4, 0, 4));
    let last = app.last_words().join("\n");
    for words in [
        MENDED,
        "- AmazonEC2ContainerRegistryReadOnly on theirs",
        "okteto-ecr undo 20260102-030405-abcd-m1",
    ] {
        assert!(last.contains(words), "{last}");
    }
    assert!(!last.contains("Nothing was changed"), "{last}");
    press(&mut app, "q");
    let Some(Overlay::Question(question)) = &app.overlay else { panic!("{:?}", app.overlay) };
    assert!(question.body.join("\n").contains(MENDED), "{:?}", question.body);
    press(&mut app, "Esc Enter");
    assert_eq!(app.step, Step::Review);
    // The next one is a run of its own.
    open(&mut app, wishes());
    assert_eq!(app.mend.mend().unwrap().stamp.run, "20260102-030405-abcd-m2");
}

#[test]
fn a_continued_run_does_not_lend_its_name() {
    let mut app = reviewed();
    app.become_run("20250101-010101-aaaa");
    open(&mut app, wishes());
    assert_eq!(app.mend.mend().unwrap().stamp.run, MENDED);
}

#[test]
fn a_refusal_stops_it_and_what_was_done_can_be_taken_back() {
    let mut app = shown();
    let plan = app.mend.mend().unwrap().clone();
    let id = begun(&mut app);
    news(&mut app, id, News::StepBegan(0));
    let steps = vec![done(), failed(), StepOutcome::Skipped, StepOutcome::Skipped];
    end(&mut app, id, mended(ApplyOutcome::Failed, steps));
    assert_eq!(app.mend.cursor.row, 1);
    let faults = story::faults(&app).join("\n");
    assert!(faults.contains("permission-denied"), "{faults}");
    assert!(press(&mut app, "Enter").is_empty());
    assert!(app.status().contains("u takes back"), "{}", app.status());
    let started = press(&mut app, "u");
    assert!(matches!(started.as_slice(), [(_, Job::Recall(run))] if run == MENDED), "{started:?}");
    // It is taken back whole: then nothing was changed.
    let mut seen = Holdings::default();
    let mut role = crate::domain::undo::tests::account::seen_role("ours", &sound());
    role.attached = vec![
        PolicyArn::managed(Partition::Aws, PULL_ONLY),
        PolicyArn::managed(Partition::Aws, READ_ONLY),
    ];
    seen.roles.insert("ours".to_owned(), role);
    let past = recorded(&plan, 1).past.unwrap();
    let recalled = Recalled { past, caller: sample::caller(), seen };
    end(&mut app, started[0].0, End::Recalled(Ok(Box::new(recalled))));
    let started = press(&mut app, "Enter Tab Enter");
    let [(id, Job::Undo(undo))] = started.as_slice() else { panic!("{started:?}") };
    assert_eq!(undo.changes().count(), 1);
    let undone = crate::app::task::Undone {
        outcome: ApplyOutcome::Done,
        steps: vec![done()],
        ..crate::app::task::Undone::default()
    };
    end(&mut app, *id, End::Undone(Box::new(undone)));
    assert_eq!((calls_made(&app), app.exit_now().code()), (0, 1));
    press(&mut app, "Enter");
    assert_eq!(app.step, Step::Review, "what it was is over");
    assert!(app.mend.mend().is_none());
}

#[test]
fn r_reads_the_account_again() {
    let mut app = shown();
    press(&mut app, "r");
    assert_eq!(app.step, Step::Review);
    assert!(app.mend.mend().is_none());
}

#[test]
fn the_differences_and_the_commands_can_be_had() {
    let mut app = shown();
    press(&mut app, "d");
    assert!(matches!(app.overlay, Some(Overlay::Text(_))), "{:?}", app.overlay);
    press(&mut app, "Esc i");
    let Some(Overlay::Text(text)) = &app.overlay else { panic!("{:?}", app.overlay) };
    let text = text.lines.join("\n");
    for words in ["Mends ecr-push (high)", "iam:AttachRolePolicy", "aws iam attach-role-policy"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    press(&mut app, "Esc Y");
    assert!(app.said().unwrap().contains("clipboard"), "{:?}", app.said());
}

#[test]
fn ctrl_c_stops_after_the_call() {
    let mut app = shown();
    let id = begun(&mut app);
    press(&mut app, "Ctrl-C");
    assert!(app.slots.running(Slot::Mend).unwrap().stopping);
    end(&mut app, id, End::Stopped);
    let Phase::Sent(sent) = &app.mend.phase else { panic!("{:?}", app.mend.phase) };
    assert_eq!(sent.ended.as_ref().unwrap().1.outcome, ApplyOutcome::Stopped);
    assert_eq!(app.exit_now().code(), 1);
}

#[test]
fn its_run_is_listed_and_leads_to_the_review() {
    let app = shown();
    let plan = app.mend.mend().unwrap().clone();
    for (answered, step) in [(2, Step::Review), (4, Step::Runs)] {
        let mut app = reviewed();
        app.go_to(Step::Runs);
        let id = app.slots.running(Slot::Runs).unwrap().id;
        end(&mut app, id, End::Runs(Ok(vec![recorded(&plan, answered)])));
        assert!(press(&mut app, "Enter").is_empty());
        assert_eq!((app.step, app.setup.stamp.run.as_str()), (step, RUN));
        if step == Step::Review {
            assert!(app.status().contains("plan anew"), "{}", app.status());
        }
    }
}
