//! The runs that the journal knows, and taking one back.

use std::collections::BTreeMap;
use std::time::Duration;

use insta::assert_snapshot;
use okteto_ecr::app::task::{ApplyOutcome, End, Job, News, Recalled, StepOutcome, Undone};
use okteto_ecr::domain::arn::{PolicyArn, ProviderArn, RoleArn};
use okteto_ecr::domain::draft::{Draft, Field};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::intent::Caller;
use okteto_ecr::domain::inventory::{
    Holdings, Inventory, RUN_TAG, SeenProvider, SeenRole, VERSION_TAG,
};
use okteto_ecr::domain::journal::{
    Began, Ended, Header, Journal, Outcome, Past, Purpose, Record, Recorded, Session,
};
use okteto_ecr::domain::operation::{Deed, Operation};
use okteto_ecr::domain::partition::{AccountId, Partition};
use okteto_ecr::domain::plan::{Choices, Plan, Stamp, plan};

use super::support::{ASCII, Desk, MONO, UTF8};

pub const OLD: &str = "20251230-164012-k7fd";
const ISSUER: &str =
    "container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
/// Friday, 2 January 2026, 03:04:05.
const NOW: i64 = 1_767_323_045;

fn runs(job: &Job) -> bool {
    matches!(job, Job::Runs)
}

fn recall(job: &Job) -> bool {
    matches!(job, Job::Recall(_))
}

fn undo(job: &Job) -> bool {
    matches!(job, Job::Undo(_))
}

fn caller() -> Caller {
    Caller {
        account: AccountId::parse("112233445566").unwrap(),
        arn: "arn:aws:iam::112233445566:user/dana".to_owned(),
        partition: Partition::Aws,
    }
}

fn draft() -> Draft {
    let mut draft = Draft::default();
    for (field, text) in [
        (Field::Issuer, format!("https://{ISSUER}")),
        (Field::Audience, "okteto.example.com/us-east-2".to_owned()),
        (Field::Subject, "system:serviceaccount:okteto:okteto".to_owned()),
        (Field::Role, "my-private-registry".to_owned()),
        (Field::Registry, "us-east-2".to_owned()),
    ] {
        draft.set(field, text);
    }
    draft
}

fn plan_of(run: &str) -> Plan {
    let intent = draft().intent(&caller()).unwrap();
    let stamp = Stamp { run: run.to_owned(), version: "0.1.0".to_owned() };
    plan(&intent, &Inventory::default(), &caller(), &stamp, &Choices::default())
}

/// A run of the tutorial's plan, so many of its calls answered, the next one not.
pub fn recorded(run: &str, at: &str, answered: u64, end: Option<Outcome>) -> Recorded {
    let plan = plan_of(run);
    let at = || at.to_owned();
    let mut lines = vec![Record::Session(Session {
        at: at(),
        program: "0.1.0".to_owned(),
        caller: caller().arn,
        purpose: Purpose::Apply,
        calls: plan.changes().map(|step| step.summary.clone()).collect(),
    })];
    for (n, step) in (1..).zip(plan.changes()) {
        if n > answered + u64::from(end.is_none()) {
            break;
        }
        let operation = step.operation.as_ref().unwrap();
        lines.push(Record::Began(Began {
            at: at(),
            n,
            id: step.id.word().to_owned(),
            call: operation.call().to_owned(),
            summary: step.summary.clone(),
            request: operation.request(),
            before: step.before.clone(),
        }));
        if n <= answered {
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
    }
    lines.extend(end.map(|outcome| Record::Closed { at: at(), outcome }));
    let journal = Journal { header: Header::of(&plan, at()), lines, torn: false };
    let past = Ok(Past::of(&journal));
    Recorded { run: run.to_owned(), past, answers: Some(draft()), process: None }
}

/// What AWS has of it, its role's longest session altered if so wished.
pub fn holdings(run: &str, altered: bool) -> Holdings {
    let tags = || {
        let version = (VERSION_TAG.to_owned(), "0.1.0".to_owned());
        BTreeMap::from([(RUN_TAG.to_owned(), run.to_owned()), version])
    };
    let plan = plan_of(run);
    let trust = plan.changes().find_map(|step| match &step.operation {
        Some(Operation::CreateRole { trust, .. }) => Some(trust.clone()),
        _ => None,
    });
    let provider =
        ProviderArn::from_server(&format!("arn:aws:iam::112233445566:oidc-provider/{ISSUER}"));
    let role = SeenRole {
        arn: RoleArn::parse("arn:aws:iam::112233445566:role/my-private-registry").unwrap(),
        name: "my-private-registry".to_owned(),
        path: "/".to_owned(),
        trust: trust.unwrap(),
        created_at: None,
        tags: tags(),
        description: None,
        max_session_seconds: if altered { 7200 } else { 3600 },
        boundary: None,
        attached: vec![
            PolicyArn::parse("arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly").unwrap(),
        ],
        inline: BTreeMap::new(),
    };
    let seen = SeenProvider {
        arn: provider.clone(),
        url: ISSUER.to_owned(),
        audiences: vec!["okteto.example.com/us-east-2".to_owned()],
        created_at: None,
        tags: tags(),
    };
    Holdings {
        providers: BTreeMap::from([(provider, seen)]),
        roles: BTreeMap::from([("my-private-registry".to_owned(), role.clone())]),
        users: BTreeMap::new(),
        trusting: Some(Ok(BTreeMap::from([("my-private-registry".to_owned(), role.trust)]))),
    }
}

pub fn recalled(run: &str, altered: bool) -> End {
    let past = recorded(run, "2025-12-30T16:40:12Z", 3, Some(Outcome::Done)).past.unwrap();
    End::Recalled(Ok(Box::new(Recalled { past, caller: caller(), seen: holdings(run, altered) })))
}

/// Several runs, the oldest first.
pub fn several() -> Vec<Recorded> {
    let damaged = Fault::new(Cause::File, "line 4 of the journal of run 20251224-090000-q2ma is damaged: expected value at line 1 column 1")
        .remedy("look at the account by hand: what that run made carries its tag okteto-ecr:run");
    let at_work = Recorded {
        process: Some(4711),
        ..recorded("20260102-025900-zz9p", "2026-01-02T02:59:59Z", 1, None)
    };
    vec![
        Recorded {
            run: "20251224-090000-q2ma".to_owned(),
            past: Err(damaged),
            answers: None,
            process: None,
        },
        recorded("20251228-101112-h3ts", "2025-12-28T10:11:12Z", 3, Some(Outcome::Done)),
        recorded("20251229-101112-p5vn", "2025-12-29T10:11:12Z", 1, Some(Outcome::Stopped)),
        recorded(OLD, "2025-12-30T16:40:12Z", 1, None),
        at_work,
    ]
}

/// At step 1, with runs that stopped.
fn at_home() -> Desk {
    let mut desk = Desk::new();
    desk.app.started_unix = Some(NOW);
    desk.press("Esc").end(runs, End::Runs(Ok(several())));
    desk
}

fn list() -> Desk {
    let mut desk = at_home();
    desk.press("c").end(runs, End::Runs(Ok(several())));
    desk
}

/// A run on the screen, to be taken back.
fn planned(altered: bool) -> Desk {
    let mut desk = list();
    desk.press("Down Down u");
    desk.end(recall, recalled("20251228-101112-h3ts", altered));
    desk
}

fn done(ms: u64) -> StepOutcome {
    StepOutcome::Done { deed: Deed::default(), took: Duration::from_millis(ms) }
}

fn failed(action: &str) -> StepOutcome {
    let fault = Fault::new(
        Cause::PermissionDenied,
        format!("AWS refused {action}: no identity-based policy allows it."),
    )
    .remedy(format!("Ask for {action} on this resource, then press r."));
    StepOutcome::Failed { fault, took: Duration::from_millis(400) }
}

#[test]
fn a_start_after_a_stop() {
    let mut desk = at_home();
    assert_snapshot!("mode_stopped_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("mode_stopped_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("mode_stopped_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
}

#[test]
fn the_list_of_runs() {
    let mut desk = list();
    assert_snapshot!("runs_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("runs_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("runs_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("runs_ascii_80x24", desk.picture(80, 24, ASCII));
    desk.any_size();
    desk.press("i");
    assert_snapshot!("runs_story_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
    desk.press("Esc G");
    assert_snapshot!("runs_unreadable_80x24", desk.picture(80, 24, UTF8));
    desk.press("g").any_size();
    assert_snapshot!("runs_at_work_80x24", desk.picture(80, 24, UTF8));
}

#[test]
fn loading_failed_and_empty_look_different() {
    let mut desk = Desk::new();
    desk.press("Esc c").wait(2_500);
    assert_snapshot!("runs_reading_80x24", desk.picture(80, 24, UTF8));
    let fault = Fault::new(Cause::File, "could not read /state/okteto-ecr/runs: permission denied");
    desk.end(runs, End::Runs(Err(fault)));
    assert_snapshot!("runs_failed_80x24", desk.picture(80, 24, UTF8));
    desk.press("r").end(runs, End::Runs(Ok(Vec::new())));
    assert_snapshot!("runs_none_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn a_continued_run_is_read() {
    let mut desk = list();
    desk.press("Enter").wait(3_000);
    assert_snapshot!("continued_reading_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn taking_back_is_shown() {
    let mut desk = list();
    desk.press("Down Down u").wait(2_500);
    assert_snapshot!("undo_reading_80x24", desk.picture(80, 24, UTF8));
    desk.end(recall, recalled("20251228-101112-h3ts", false));
    assert_snapshot!("undo_plan_80x24", desk.picture(80, 24, UTF8));
    desk.press("Enter");
    assert_snapshot!("undo_question_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
    let mut desk = planned(true);
    assert_snapshot!("undo_conflict_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("undo_conflict_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("undo_conflict_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("undo_conflict_mono_80x24", desk.picture(80, 24, MONO));
    desk.any_size();
    desk.press("Space");
    assert_snapshot!("undo_marked_80x24", desk.picture(80, 24, UTF8));
    desk.press("i");
    assert_snapshot!("undo_story_80x24", desk.picture(80, 24, UTF8));
    desk.press("Esc Enter");
    assert_snapshot!("undo_question_with_name_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("undo_question_with_name_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
}

#[test]
fn taking_back_is_under_way() {
    let mut desk = planned(false);
    desk.press("Enter Tab Enter");
    desk.wait(600).news(undo, News::StepBegan(0)).wait(1_100);
    desk.news(undo, News::StepEnded(0, done(1_100))).news(undo, News::StepBegan(1)).wait(2_500);
    assert_snapshot!("undo_sending_80x24", desk.picture(80, 24, UTF8));
    let expired = Fault::new(
        Cause::CredentialsExpired,
        "AWS says that the login of profile ops-dev has ended.",
    )
    .remedy("Run in another window: aws sso login --profile ops-dev");
    desk.news(undo, News::Waiting(expired)).wait(30_000);
    assert_snapshot!("undo_waiting_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("undo_waiting_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("undo_waiting_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
    desk.news(undo, News::GoesOn).news(undo, News::LookingUp).wait(500);
    assert_snapshot!("undo_looking_80x24", desk.picture(80, 24, UTF8));
    desk.news(undo, News::StepEnded(1, failed("iam:DeleteRole")));
    desk.news(undo, News::StepBegan(2)).wait(900);
    let provider = failed("iam:DeleteOpenIDConnectProvider");
    desk.news(undo, News::StepEnded(2, provider.clone())).news(undo, News::ReadingBack).wait(700);
    let steps = vec![done(1_100), failed("iam:DeleteRole"), provider];
    let undone = Undone { outcome: ApplyOutcome::Failed, steps, ..Undone::default() };
    desk.end(undo, End::Undone(Box::new(undone)));
    assert_snapshot!("undo_failed_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("undo_failed_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("undo_failed_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
}

#[test]
fn all_is_taken_back() {
    let mut desk = planned(false);
    desk.press("Enter Tab Enter").wait(2_000).news(undo, News::ReadingBack).wait(400);
    let steps = vec![done(1_100), done(600), done(300)];
    let undone = Undone { outcome: ApplyOutcome::Done, steps, ..Undone::default() };
    desk.end(undo, End::Undone(Box::new(undone)));
    assert_snapshot!("undo_done_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("undo_done_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
}
