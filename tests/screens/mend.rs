//! Mending what the review found.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use okteto_ecr::app::slot::Slot;
use okteto_ecr::app::steps::{mend, review};
use okteto_ecr::app::task::{ApplyOutcome, End, Job, Mended, News, StepOutcome};
use okteto_ecr::domain::arn::{PolicyArn, RoleArn};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::finding::{Finding, Severity};
use okteto_ecr::domain::intent::Caller;
use okteto_ecr::domain::key::LastUse;
use okteto_ecr::domain::operation::{Deed, Operation};
use okteto_ecr::domain::partition::{AccountId, Partition};
use okteto_ecr::domain::principal::Principal;
use okteto_ecr::domain::review::account::RoleEntry;
use okteto_ecr::domain::review::found::{Found, On};
use okteto_ecr::domain::review::role::{RoleReview, Trust};
use okteto_ecr::domain::review::{Counts, Review};

use crate::support::{ASCII, Desk, MONO, UTF8};

const LONG: &str = "okteto-production-cluster-of-the-platform-team-us-east-2-pull";

fn trust(subject: &str) -> String {
    let issuer =
        "container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
    serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": format!("arn:aws:iam::112233445566:oidc-provider/{issuer}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {format!("{issuer}:sub"): subject}},
    }]})
    .to_string()
}

fn role(name: &str) -> Arc<RoleReview> {
    let entry = RoleEntry {
        arn: RoleArn::parse(&format!("arn:aws:iam::112233445566:role/{name}")).unwrap(),
        name: name.to_owned(),
        path: "/".to_owned(),
        trust: trust("system:serviceaccount:*"),
        created_at: None,
        max_session_seconds: None,
        boundary: None,
        attached: vec![PolicyArn::managed(Partition::Aws, "AmazonEC2ContainerRegistryPowerUser")],
        inline: BTreeMap::new(),
        tags: BTreeMap::new(),
        last_use: LastUse::Never,
        unread: None,
    };
    Arc::new(RoleReview { entry, trust: Trust::default(), rights: None, found: Vec::new() })
}

fn found(name: &str, rule: &'static str, message: &str, calls: Vec<Operation>) -> Found {
    let finding = Finding {
        rule,
        severity: Severity::High,
        message: message.to_owned(),
        place: "document".to_owned(),
        fix: None,
    };
    Found::new(On::Role(name.to_owned()), finding).mended_by("mend it", calls)
}

fn wishes() -> Vec<Found> {
    let policy = |name| PolicyArn::managed(Partition::Aws, name);
    let on = |name: &str| Principal::Role(name.to_owned());
    let push = |name: &str| {
        let calls = vec![
            Operation::AttachPolicy {
                to: on(name),
                policy: policy("AmazonEC2ContainerRegistryPullOnly"),
            },
            Operation::DetachPolicy {
                from: on(name),
                policy: policy("AmazonEC2ContainerRegistryPowerUser"),
            },
        ];
        found(name, "ecr-push", "It may push: whoever gets in can replace your images.", calls)
    };
    let narrow = Operation::UpdateTrust {
        role: LONG.to_owned(),
        trust: trust("system:serviceaccount:okteto:okteto"),
    };
    vec![
        found(
            LONG,
            "trust-sub-wildcard",
            "Every service account of the cluster gets in.",
            vec![narrow],
        ),
        push(LONG),
        push("ci"),
        found("ci", "trust-session-long", "A session may last 12 hours.", Vec::new()),
    ]
}

fn desk(wishes: Vec<Found>) -> Desk {
    let mut desk = Desk::new();
    desk.app.review.review = Some(Arc::new(Review {
        caller: Caller {
            account: AccountId::parse("112233445566").unwrap(),
            arn: "arn:aws:iam::112233445566:user/dana".to_owned(),
            partition: Partition::Aws,
        },
        read_at: 0,
        roles: wishes.iter().map(|wish| role(wish.on.name())).collect(),
        users: Vec::new(),
        providers: Vec::new(),
        account: Vec::new(),
        repositories: Vec::new(),
        counts: Counts::default(),
        gaps: Vec::new(),
        triage: Err(Fault::new(Cause::File, "not read")),
    }));
    review::open(&mut desk.app);
    mend::open(&mut desk.app, wishes);
    desk
}

const fn mends(job: &Job) -> bool {
    matches!(job, Job::Mend(_))
}

fn done(ms: u64) -> StepOutcome {
    StepOutcome::Done { deed: Deed::default(), took: Duration::from_millis(ms) }
}

fn type_text(desk: &mut Desk, text: &str) {
    for c in text.chars() {
        desk.press(&c.to_string());
    }
}

fn sent() -> Desk {
    let mut desk = desk(wishes());
    desk.press("Enter");
    for name in [LONG, "ci"] {
        type_text(&mut desk, name);
        desk.press("Enter");
    }
    desk.press("Tab Enter");
    assert!(desk.app.slots.running(Slot::Mend).is_some(), "{:?}", desk.app.overlay);
    desk
}

#[test]
fn the_plan_at_three_sizes() {
    let mut desk = desk(wishes());
    for (name, width, height, theme) in [
        ("mend_plan_100x30", 100, 30, UTF8),
        ("mend_plan_80x24", 80, 24, UTF8),
        ("mend_plan_60x15", 60, 15, UTF8),
        ("mend_plan_mono_80x24", 80, 24, MONO),
        ("mend_plan_ascii_80x24", 80, 24, ASCII),
    ] {
        assert_snapshot!(name, desk.picture(width, height, theme));
    }
    desk.any_size();
    desk.press("Enter");
    assert_snapshot!("mend_question_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("mend_question_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
}

#[test]
fn of_many_names_the_next_is_in_sight() {
    let names: Vec<String> = (1..=12).map(|n| format!("role-{n:02}")).collect();
    let wish = |name: &String| {
        let (from, policy) = (Principal::Role(name.clone()), "AmazonEC2ContainerRegistryPowerUser");
        let policy = PolicyArn::managed(Partition::Aws, policy);
        found(name, "ecr-push", "It may push.", vec![Operation::DetachPolicy { from, policy }])
    };
    let mut desk = desk(names.iter().map(wish).collect());
    desk.press("Enter");
    for name in names.iter().take(6) {
        type_text(&mut desk, name);
        desk.press("Enter");
    }
    assert_snapshot!("mend_many_names_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("mend_many_names_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
}

#[test]
fn nothing_to_send_says_why() {
    let mut desk = desk(wishes().split_off(3));
    assert_snapshot!("mend_nothing_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn while_it_is_sent_and_after() {
    let mut desk = sent();
    desk.wait(600).news(mends, News::StepBegan(0)).wait(1_100);
    desk.news(mends, News::StepEnded(0, done(1_100))).news(mends, News::StepBegan(1)).wait(2_500);
    assert_snapshot!("mend_sending_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
    let steps: Vec<StepOutcome> = (0..5).map(|_| done(400)).collect();
    desk.news(mends, News::ReadingBack).wait(700);
    let mended = Mended { outcome: ApplyOutcome::Done, steps, ..Mended::default() };
    desk.end(mends, End::Mended(Box::new(mended)));
    for (name, width, height) in
        [("mend_done_100x30", 100, 30), ("mend_done_80x24", 80, 24), ("mend_done_60x15", 60, 15)]
    {
        assert_snapshot!(name, desk.picture(width, height, UTF8));
    }
    desk.any_size();
}

#[test]
fn a_refusal_stands_with_what_is_not_mended() {
    let mut desk = sent();
    desk.news(mends, News::StepBegan(0)).wait(500).news(mends, News::StepEnded(0, done(500)));
    let fault = Fault::new(Cause::PermissionDenied, "AWS refused iam:UpdateAssumeRolePolicy")
        .remedy("ask for the action iam:UpdateAssumeRolePolicy on this role");
    let mut steps =
        vec![done(500), StepOutcome::Failed { fault, took: Duration::from_millis(200) }];
    steps.resize(5, StepOutcome::Skipped);
    let mended = Mended { outcome: ApplyOutcome::Failed, steps, ..Mended::default() };
    desk.end(mends, End::Mended(Box::new(mended)));
    assert_snapshot!("mend_refused_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("mend_refused_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("mend_refused_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
}
