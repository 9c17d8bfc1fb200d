use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::app::overlay::{Matter, Question};
use crate::app::task::{Applied, ApplyOutcome, Job, News, StepOutcome, TaskId};
use crate::app::testing::{RUN, app, end, news, press, type_text};
use crate::domain::draft::Field;
use crate::domain::inventory::{Inventory, RUN_TAG, SeenProvider, SeenRole};
use crate::domain::operation::Deed;
use crate::domain::plan::Standing;
use crate::domain::policy::trust;
use crate::domain::sample;

fn surveying() -> (App, TaskId) {
    let mut app = app();
    app.go_to(Step::Apply);
    let id = app.slots.running(Slot::Survey).unwrap().id;
    app.update(crate::app::message::Message::Tick, app.now);
    (app, id)
}

fn planned(seen: Inventory) -> App {
    let (mut app, id) = surveying();
    end(&mut app, id, End::Surveyed(Ok(Box::new(seen))));
    app
}

fn seen_role(trust: String) -> SeenRole {
    SeenRole {
        arn: sample::intent().role_arn(),
        name: "my-private-registry".to_owned(),
        path: "/".to_owned(),
        trust,
        created_at: None,
        tags: BTreeMap::from([(RUN_TAG.to_owned(), RUN.to_owned())]),
        description: None,
        max_session_seconds: 3600,
        boundary: None,
        attached: sample::intent()
            .access
            .permissions
            .managed(sample::intent().partition)
            .into_iter()
            .collect(),
        inline: BTreeMap::new(),
    }
}

/// The account as it is after a run.
fn complete() -> Inventory {
    let intent = sample::intent();
    Inventory {
        provider: Some(SeenProvider {
            arn: intent.provider_arn(),
            url: intent.issuer.url().to_owned(),
            audiences: vec![intent.audience.to_string()],
            created_at: None,
            tags: BTreeMap::from([(RUN_TAG.to_owned(), RUN.to_owned())]),
        }),
        role: Some(seen_role(trust::text(&intent))),
        providers_in_account: 1,
        ..Inventory::default()
    }
}

fn question(app: &App) -> &Question {
    match &app.overlay {
        Some(Overlay::Question(question)) => question,
        other => panic!("no question: {other:?}"),
    }
}

fn done() -> StepOutcome {
    StepOutcome::Done { deed: Deed::default(), took: Duration::from_millis(300) }
}

fn fault() -> Fault {
    Fault::new(Cause::PermissionDenied, "AWS refused iam:CreateRole").request(Some("r-1"))
}

fn applied(outcome: ApplyOutcome, steps: Vec<StepOutcome>) -> End {
    End::Applied(Box::new(Applied { outcome, steps, ..Applied::default() }))
}

/// A run of three changes, begun.
fn running() -> (App, TaskId) {
    let mut app = planned(Inventory::default());
    let started = press(&mut app, "Enter Tab Enter");
    let [(id, Job::Apply(_))] = started.as_slice() else { panic!("{started:?}") };
    let id = *id;
    (app, id)
}

#[test]
fn nothing_is_sent_before_yes() {
    let mut app = planned(Inventory::default());
    assert_eq!(app.apply.ready().unwrap().changes(), 3);
    for keys in ["Enter Enter", "Enter Esc", "Enter Tab Tab Enter", "Enter q Enter"] {
        assert!(press(&mut app, keys).is_empty(), "{keys}");
        assert!(app.overlay.is_none(), "{keys}");
        assert_eq!(app.step, Step::Apply);
    }
}

#[test]
fn the_question_names_account_caller_and_every_change() {
    let mut app = planned(Inventory::default());
    press(&mut app, "Enter");
    let question = question(&app);
    assert_eq!((question.matter, question.chosen), (Matter::Apply, 0));
    assert_eq!(question.title, "Apply 3 changes?");
    let body = question.body.join("\n");
    for words in ["112233445566", "user/dana", "Nothing is replaced or deleted."] {
        assert!(body.contains(words), "{body}");
    }
    assert_eq!(question.body.iter().filter(|l| l.starts_with("+ ")).count(), 3);
}

#[test]
fn what_is_sent_is_what_was_shown() {
    let mut app = planned(Inventory::default());
    let shown = app.apply.ready().unwrap().plan.clone();
    let started = press(&mut app, "Enter Tab Enter");
    let [(_, Job::Apply(plan))] = started.as_slice() else { panic!("{started:?}") };
    assert_eq!(**plan, shown);
}

#[test]
fn enter_while_reading_does_nothing_and_says_why() {
    let (mut app, id) = surveying();
    assert!(press(&mut app, "Enter Enter Enter Enter Enter").is_empty());
    assert!(app.overlay.is_none());
    assert!(app.status().contains("being read"));
    end(&mut app, id, End::Surveyed(Ok(Box::default())));
    assert!(app.overlay.is_none() && app.apply.ready().is_some());
}

#[test]
fn a_late_survey_is_dropped() {
    let (mut app, old) = surveying();
    let started = press(&mut app, "Esc");
    assert!(started.is_empty());
    app.go_to(Step::Apply);
    end(&mut app, old, End::Surveyed(Ok(Box::default())));
    assert!(matches!(app.apply.phase, Phase::Reading(_)));
}

#[test]
fn other_answers_are_planned_anew() {
    let mut app = planned(Inventory::default());
    press(&mut app, "Esc");
    app.identity.form.get_mut(Field::Role).unwrap().take("another", app.now);
    app.go_to(Step::Apply);
    assert!(app.apply.ready().is_none());
    let running = app.slots.running(Slot::Survey).unwrap().id;
    end(&mut app, running, End::Surveyed(Ok(Box::default())));
    assert_eq!(app.apply.ready().unwrap().plan.intent.principal().name(), "another");
}

#[test]
fn nothing_to_change_goes_on_without_a_question() {
    let mut app = planned(complete());
    assert_eq!(app.apply.ready().unwrap().changes(), 0);
    assert!(app.status().contains("Nothing to change"));
    assert_eq!(
        role_arn(&app).unwrap().as_str(),
        "arn:aws:iam::112233445566:role/my-private-registry"
    );
    press(&mut app, "Enter");
    assert_eq!((app.step, app.overlay.is_none()), (Step::Pull, true));
}

#[test]
fn a_conflict_blocks_and_says_what() {
    let mut seen = complete();
    seen.role.as_mut().unwrap().name = "My-Private-Registry".to_owned();
    let mut app = planned(seen);
    assert!(app.apply.ready().unwrap().plan.conflicts().count() > 0);
    assert!(press(&mut app, "Enter Tab Enter").is_empty());
    assert!(app.overlay.is_none());
    assert!(app.status().contains("In the way"), "{}", app.status());
}

#[test]
fn the_cursor_starts_on_the_first_conflict() {
    let mut role = complete().role.unwrap();
    role.name = "My-Private-Registry".to_owned();
    let app = planned(Inventory { role: Some(role), ..Inventory::default() });
    let plan = &app.apply.ready().unwrap().plan;
    assert!(plan.steps[0].operation.is_some());
    assert_eq!(app.apply.selected(), plan.conflicts().next());
}

#[test]
fn read_only_refuses_with_the_reason() {
    let mut app = planned(Inventory::default());
    app.setup.read_only = true;
    assert!(press(&mut app, "Enter Tab Enter").is_empty());
    assert!(app.overlay.is_none());
    assert!(app.status().contains("read-only"));
    begin(&mut app);
    assert!(app.apply.run().is_none());
}

#[test]
fn a_name_must_be_typed_before_a_policy_is_replaced() {
    let mut seen = complete();
    let mut other = sample::intent();
    other.subject = crate::domain::subject::Subject::parse("system:serviceaccount:a:b").unwrap();
    seen.role = Some(seen_role(trust::text(&other)));
    let mut app = planned(seen);
    press(&mut app, "Enter");
    let body = question(&app).body.join("\n");
    assert!(body.contains("~ ") && body.contains("Replaced: the whole trust policy"), "{body}");
    assert!(!question(&app).is_confirmed());
    assert!(press(&mut app, "Tab Enter").is_empty());
    press(&mut app, "Tab");
    type_text(&mut app, "my-private-registry");
    let started = press(&mut app, "BackTab Enter");
    assert!(matches!(started.as_slice(), [(_, Job::Apply(_))]), "{started:?}");
}

#[test]
fn another_audience_is_added_or_replaced_as_chosen() {
    let mut seen = complete();
    let mut other = sample::intent();
    other.audience = crate::domain::subject::Audience::parse("other/aud").unwrap();
    seen.role = Some(seen_role(trust::text(&other)));
    let mut app = planned(seen);
    let trust = |app: &App| {
        let ready = app.apply.ready().unwrap();
        let step = ready.plan.steps.iter().find(|s| s.standing == Standing::Change).unwrap();
        format!("{:?}", step.operation)
    };
    assert!(trust(&app).contains("other/aud"));
    assert!(question::ask(&app, app.apply.ready().unwrap()).body.join("").contains("Widened"));
    press(&mut app, "Right");
    assert!(!trust(&app).contains("other/aud"));
    assert!(question::ask(&app, app.apply.ready().unwrap()).body.join("").contains("Replaced"));
    press(&mut app, "Left");
    assert!(trust(&app).contains("other/aud"));
}

#[test]
fn the_steps_are_counted_as_they_are_made() {
    let (mut app, id) = running();
    news(&mut app, id, News::StepBegan(0));
    assert_eq!(app.apply.run().unwrap().course.current().map(|(i, _)| i), Some(0));
    news(&mut app, id, News::StepEnded(0, done()));
    assert_eq!((app.changes_made, app.apply.made().count()), (1, 1));
    // Going back is not possible while a change is under way, and says so.
    press(&mut app, "Esc");
    assert_eq!(app.step, Step::Apply);
    assert!(app.status().contains("Ctrl-C"));
    end(&mut app, id, applied(ApplyOutcome::Done, vec![done(), done(), done()]));
    assert_eq!(app.changes_made, 3);
    press(&mut app, "Enter");
    assert_eq!(app.step, Step::Pull);
    // Back again nothing is read anew: what was made, with its times, is still to be seen.
    press(&mut app, "Esc");
    assert!(app.apply.run().is_some_and(Run::is_done));
}

use super::state::Run;

#[test]
fn a_failure_stops_and_reading_again_plans_the_rest() {
    let (mut app, id) = running();
    news(&mut app, id, News::StepEnded(0, done()));
    let failed = StepOutcome::Failed { fault: fault(), took: Duration::from_secs(1) };
    end(&mut app, id, applied(ApplyOutcome::Failed, vec![done(), failed, StepOutcome::Skipped]));
    assert_eq!(app.changes_made, 1);
    assert_eq!(super::fault(&app).unwrap().request_id.as_deref(), Some("r-1"));
    press(&mut app, "Enter");
    assert_eq!(app.step, Step::Apply);
    let started = press(&mut app, "r");
    let [(id, Job::Survey(_))] = started.as_slice() else { panic!("{started:?}") };
    let mut seen = complete();
    seen.role = None;
    let id = *id;
    end(&mut app, id, End::Surveyed(Ok(Box::new(seen))));
    assert_eq!(app.apply.ready().unwrap().changes(), 2);
}

#[test]
fn what_is_being_sent_when_the_wizard_is_left_may_exist() {
    let (mut app, id) = running();
    news(&mut app, id, News::StepBegan(0));
    assert_eq!(app.exit_now().code(), 4);
    assert!(
        app.last_words().iter().any(|words| words.contains("perhaps")),
        "{:?}",
        app.last_words()
    );
}

#[test]
fn a_lost_reply_is_settled_by_reading_again() {
    let (mut app, id) = running();
    let unknown = StepOutcome::Unknown { fault: fault(), took: Duration::from_mins(1) };
    end(
        &mut app,
        id,
        applied(ApplyOutcome::Failed, vec![unknown, StepOutcome::Skipped, StepOutcome::Skipped]),
    );
    assert_eq!(app.changes_made, 0);
    assert!(app.apply.made().next().unwrap().contains("perhaps"));
    assert_eq!(app.exit_now().code(), 4);
    press(&mut app, "r");
    let id = app.slots.running(Slot::Survey).unwrap().id;
    let mut seen = complete();
    seen.role = None;
    end(&mut app, id, End::Surveyed(Ok(Box::new(seen))));
    assert_eq!(app.changes_made, 1);
    assert!(!app.apply.made().next().unwrap().contains("perhaps"));
}

#[test]
fn the_arn_is_the_one_that_aws_returned() {
    let (mut app, id) = running();
    let arn = "arn:aws:iam::112233445566:role/my-private-registry";
    assert_eq!(role_arn(&app), None);
    let made = StepOutcome::Done {
        deed: Deed { arn: Some(arn.to_owned()), ..Deed::default() },
        took: Duration::from_secs(1),
    };
    news(&mut app, id, News::StepEnded(1, made));
    assert_eq!(role_arn(&app).unwrap().as_str(), arn);
}

#[test]
fn ctrl_c_stops_after_the_call_and_stays() {
    let (mut app, id) = running();
    press(&mut app, "Ctrl-C");
    assert!(app.slots.running(Slot::Apply).unwrap().stopping);
    end(&mut app, id, End::Stopped);
    let run = app.apply.run().unwrap();
    assert_eq!(run.ended.as_ref().unwrap().1.outcome, ApplyOutcome::Stopped);
}

#[test]
fn a_survey_that_fails_stays_to_be_read_and_can_be_tried_again() {
    let (mut app, id) = surveying();
    end(&mut app, id, End::Surveyed(Err(fault())));
    assert!(matches!(app.apply.phase, Phase::Failed(_)));
    assert!(press(&mut app, "Enter").is_empty());
    assert!(matches!(press(&mut app, "r").as_slice(), [(_, Job::Survey(_))]));
}
