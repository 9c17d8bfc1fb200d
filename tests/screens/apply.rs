//! Step 4.

use std::collections::BTreeMap;
use std::time::Duration;

use insta::assert_snapshot;
use okteto_ecr::app::message::Message;
use okteto_ecr::app::task::{Applied, ApplyOutcome, End, Job, News, StepOutcome};
use okteto_ecr::domain::arn::{PolicyArn, ProviderArn, RoleArn};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::inventory::{Inventory, SeenProvider, SeenRole};
use okteto_ecr::domain::operation::Deed;
use okteto_ecr::domain::plan::Difference;
use okteto_ecr::domain::seen::CallRecord;

use super::support::{ASCII, Desk, UTF8};

const ISSUER: &str =
    "container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";

fn survey(job: &Job) -> bool {
    matches!(job, Job::Survey(_))
}

fn apply(job: &Job) -> bool {
    matches!(job, Job::Apply(_))
}

fn reading() -> Desk {
    let mut desk = Desk::new();
    desk.press("Enter Enter");
    desk
}

fn planned(seen: Inventory) -> Desk {
    let mut desk = reading();
    desk.wait(200).end(survey, End::Surveyed(Ok(Box::new(seen))));
    desk
}

fn running() -> Desk {
    let mut desk = planned(Inventory::default());
    desk.press("Enter Tab Enter");
    desk
}

fn seen(audience: &str, name: &str) -> Inventory {
    let provider = format!("arn:aws:iam::112233445566:oidc-provider/{ISSUER}");
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},
        "Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringEquals":{{"{ISSUER}:aud":"{audience}",
        "{ISSUER}:sub":"system:serviceaccount:okteto:okteto"}}}}}}]}}"#
    );
    Inventory {
        provider: Some(SeenProvider {
            arn: ProviderArn::from_server(&provider),
            url: ISSUER.to_owned(),
            audiences: vec!["okteto.example.com/us-east-2".to_owned()],
            created_at: None,
            tags: BTreeMap::new(),
        }),
        role: Some(SeenRole {
            arn: RoleArn::parse("arn:aws:iam::112233445566:role/my-private-registry").unwrap(),
            name: name.to_owned(),
            path: "/".to_owned(),
            trust,
            created_at: None,
            tags: BTreeMap::new(),
            description: None,
            max_session_seconds: 3600,
            boundary: None,
            attached: vec![
                PolicyArn::parse("arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly")
                    .unwrap(),
            ],
            inline: BTreeMap::new(),
        }),
        providers_in_account: 1,
        ..Inventory::default()
    }
}

fn call(desk: &mut Desk, second: u8, name: &str, status: u16) {
    desk.message(Message::Called(CallRecord {
        at: format!("2026-01-02T16:52:{second:02}+01:00"),
        call: name.to_owned(),
        status: Some(status),
        took: Duration::from_millis(300 + u64::from(second) * 10),
        request_id: Some("0f1e2d3c-4b5a".to_owned()),
    }));
}

fn done(ms: u64) -> StepOutcome {
    StepOutcome::Done { deed: Deed::default(), took: Duration::from_millis(ms) }
}

fn denied() -> Fault {
    Fault::new(
        Cause::PermissionDenied,
        "AWS refused iam:CreateRole: no identity-based policy allows it.",
    )
    .with("code", "AccessDenied")
    .with("status", "403")
    .with("action", "iam:CreateRole")
    .with("resource", "arn:aws:iam::112233445566:role/my-private-registry")
    .remedy("Ask for iam:CreateRole on this resource, then press r.")
    .request(Some("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"))
}

fn ended(outcome: ApplyOutcome, steps: Vec<StepOutcome>) -> Applied {
    Applied { outcome, steps, role: None, differs: Vec::new(), ..Applied::default() }
}

#[test]
fn the_account_is_read() {
    let mut desk = reading();
    assert_snapshot!("reading_at_once_80x24", desk.picture(80, 24, UTF8));
    desk.wait(5000);
    assert_snapshot!("reading_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
    desk.end(survey, End::Surveyed(Err(denied())));
    assert_snapshot!("not_read_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn a_new_set_up() {
    let mut desk = planned(Inventory::default());
    assert_snapshot!("plan_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("plan_60x15", desk.picture(60, 15, UTF8));
    desk.press("Down");
    assert_snapshot!("plan_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("plan_ascii_80x24", desk.picture(80, 24, ASCII));
    desk.any_size();
    desk.press("i");
    assert_snapshot!("plan_story_80x24", desk.picture(80, 24, UTF8));
    desk.press("Esc Enter");
    assert_snapshot!("question_80x24", desk.picture(80, 24, UTF8));
    desk.press("Esc").picture(60, 15, UTF8);
    desk.press("Enter");
    assert_snapshot!("question_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
}

#[test]
fn an_account_that_has_something() {
    let mut desk = planned(seen("okteto.example.com/us-east-2", "my-private-registry"));
    assert_snapshot!("nothing_to_change_80x24", desk.picture(80, 24, UTF8));
    let mut desk = planned(seen("okteto.example.com/us-west-2", "my-private-registry"));
    assert_snapshot!("another_audience_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("another_audience_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
    desk.press("i");
    assert_snapshot!("another_audience_story_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
    desk.press("Esc Enter");
    assert_snapshot!("question_with_name_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
    let mut desk = planned(seen("okteto.example.com/us-east-2", "My-Private-Registry"));
    desk.press("G");
    assert_snapshot!("conflict_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("conflict_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn changes_under_way() {
    let mut desk = running();
    call(&mut desk, 7, "GetCallerIdentity", 200);
    desk.wait(600).news(apply, News::StepBegan(0)).wait(1100);
    call(&mut desk, 8, "CreateOpenIDConnectProvider", 200);
    desk.news(apply, News::StepEnded(0, done(1100))).news(apply, News::StepBegan(1)).wait(2500);
    assert_snapshot!("sending_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("sending_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("sending_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("sending_ascii_80x24", desk.picture(80, 24, ASCII));
    assert_snapshot!("sending_styles_80x24", format!("{:?}", desk.buffer(80, 24, UTF8)));
    desk.any_size();
    let expired = Fault::new(
        Cause::CredentialsExpired,
        "AWS says that the login of profile ops-dev has ended.",
    )
    .remedy("Run in another window: aws sso login --profile ops-dev");
    desk.news(apply, News::Waiting(expired));
    assert_snapshot!("waiting_for_login_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("waiting_for_login_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("waiting_for_login_60x15", desk.picture(60, 15, UTF8));
    let busy = Fault::new(Cause::Throttled, "AWS refused iam:CreateRole: Rate exceeded.");
    desk.news(apply, News::Waiting(busy));
    assert_snapshot!("waiting_busy_80x24", desk.picture(80, 24, UTF8));
    desk.news(apply, News::GoesOn);
    let failed = StepOutcome::Failed { fault: denied(), took: Duration::from_millis(400) };
    call(&mut desk, 11, "CreateRole", 403);
    let steps = vec![done(1100), failed, StepOutcome::Skipped];
    desk.end(apply, End::Applied(Box::new(ended(ApplyOutcome::Failed, steps))));
    assert_snapshot!("refused_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("refused_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("refused_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
}

#[test]
fn all_is_made() {
    let made = || vec![done(1100), done(1300), done(400)];
    let mut desk = running();
    for (i, ms) in [(0, 1100), (1, 1300), (2, 400)] {
        desk.news(apply, News::StepBegan(i)).wait(ms).news(apply, News::StepEnded(i, done(ms)));
    }
    call(&mut desk, 12, "GetRole", 200);
    desk.news(apply, News::ReadingBack).wait(500);
    assert_snapshot!("reading_back_80x24", desk.picture(80, 24, UTF8));
    desk.end(apply, End::Applied(Box::new(ended(ApplyOutcome::Done, made()))));
    assert_snapshot!("made_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("made_100x30", desk.picture(100, 30, UTF8));
    desk.any_size();

    let mut desk = running();
    let differs = vec![Difference {
        at: "Principal".to_owned(),
        now: Some("Service ec2.amazonaws.com".to_owned()),
        then: Some("Federated arn:aws:iam::112233445566:oidc-provider/x".to_owned()),
    }];
    desk.wait(4000);
    let applied = Applied { differs, ..ended(ApplyOutcome::Done, made()) };
    desk.end(apply, End::Applied(Box::new(applied)));
    assert_snapshot!("made_but_differs_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();

    let mut desk = running();
    let lost = Fault::new(
        Cause::DeadlinePassed,
        "iam:CreateOpenIDConnectProvider was sent; no answer came in 60 s.",
    );
    let lost = StepOutcome::Unknown { fault: lost, took: Duration::from_mins(1) };
    let steps = vec![lost, StepOutcome::Skipped, StepOutcome::Skipped];
    desk.wait(60_000).end(apply, End::Applied(Box::new(ended(ApplyOutcome::Failed, steps))));
    assert_snapshot!("lost_reply_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn a_run_that_is_blocked_says_what_to_do() {
    let mut desk = running();
    let in_use = Fault::new(
        Cause::InUse,
        "process 4711 is changing something in run 20260102-025900-zz9p: one at a time",
    )
    .with("process", "4711")
    .remedy("wait for it to end, then try again: nothing was changed here");
    let steps = vec![StepOutcome::Skipped; 3];
    let blocked = Applied { fault: Some(in_use), ..ended(ApplyOutcome::Blocked, steps) };
    desk.end(apply, End::Applied(Box::new(blocked)));
    assert_snapshot!("in_use_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("in_use_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();

    let mut desk = running();
    let full = Fault::new(
        Cause::File,
        "could not write the journal /state/okteto-ecr/runs/x/journal.jsonl: No space left on device",
    )
    .with("action", "iam:CreateOpenIDConnectProvider")
    .with("sent", "no")
    .remedy("make room or mend the state folder, then read the account again: what is not in the journal was not sent");
    let failed = StepOutcome::Failed { fault: full, took: Duration::from_millis(1) };
    let steps = vec![failed, StepOutcome::Skipped, StepOutcome::Skipped];
    desk.news(apply, News::StepBegan(0));
    desk.end(apply, End::Applied(Box::new(ended(ApplyOutcome::Failed, steps))));
    assert_snapshot!("disk_full_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}
