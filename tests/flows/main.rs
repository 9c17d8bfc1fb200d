//! Jobs through the task runner, over a world in memory, in virtual time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test says what broke by breaking"
)]

mod world;

use std::sync::atomic::Ordering;
use std::time::Duration;

use okteto_ecr::app::task::{
    Applied, ApplyOutcome, End, Job, News, ProbeOrder, Report, StepOutcome, TaskId, TokenSource,
};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::probe::{Depth, ProbeReport, Rung, RungStatus, Verdict};
use okteto_ecr::engine::runner::{Event, Runner};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;

use world::{Fake, draft, intent, policy, refused, token};

struct Desk {
    fake: Fake,
    runner: Runner,
    events: UnboundedReceiver<Event>,
}

impl Desk {
    fn new() -> Self {
        let fake = Fake::default();
        let (out, events) = unbounded_channel();
        Self { runner: Runner::new(fake.world(), out), fake, events }
    }

    /// Starts a job and waits for its end; returns the news in between.
    async fn run(&mut self, job: Job) -> (Vec<News>, End) {
        self.runner.start(TaskId(1), job);
        self.end().await
    }

    async fn end(&mut self) -> (Vec<News>, End) {
        let mut news = Vec::new();
        loop {
            match self.events.recv().await.unwrap() {
                Event::Report(_, Report::News(n)) => news.push(n),
                Event::Report(_, Report::End(end)) => return (news, end),
                other => panic!("{other:?}"),
            }
        }
    }

    async fn apply(&mut self) -> Applied {
        let job = Job::Apply(Box::new(self.fake.plan()));
        match self.run(job).await.1 {
            End::Applied(applied) => *applied,
            other => panic!("{other:?}"),
        }
    }

    async fn probe(&mut self, depth: Depth) -> (Vec<News>, ProbeReport) {
        match self.run(Job::Probe(Box::new(order(depth)))).await {
            (news, End::Probed(report)) => (news, *report),
            other => panic!("{other:?}"),
        }
    }

    fn writes(&self) -> usize {
        self.fake.0.writes.load(Ordering::SeqCst)
    }

    fn refuse(&self, times: usize, fault: &Fault) {
        self.fake.0.assume_refusals.lock().unwrap().extend(vec![fault.clone(); times]);
    }
}

fn order(depth: Depth) -> ProbeOrder {
    let intent = intent();
    let mut wish = draft().pull_wish(&intent).unwrap();
    wish.depth = depth;
    ProbeOrder {
        role: intent.role_arn(),
        intent,
        wish,
        token: TokenSource::Cluster(None),
        wait: Duration::from_mins(2),
    }
}

fn failed(report: &ProbeReport) -> (Rung, Cause) {
    let rung = report.rungs.iter().find(|r| r.status == RungStatus::Failed).unwrap();
    (rung.rung, rung.fault.as_ref().unwrap().cause)
}

#[tokio::test(start_paused = true)]
async fn an_empty_account_is_set_up_and_the_second_run_finds_nothing_to_do() {
    let mut desk = Desk::new();
    let applied = desk.apply().await;
    assert_eq!(applied.outcome, ApplyOutcome::Done);
    assert_eq!(applied.differs, []);
    assert_eq!(
        applied.role.unwrap().as_str(),
        "arn:aws:iam::112233445566:role/my-private-registry"
    );
    assert_eq!(desk.writes(), 3);
    let again = desk.apply().await;
    assert_eq!((again.outcome, again.steps.len(), desk.writes()), (ApplyOutcome::Done, 0, 3));
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_there_and_what_exists_is_told() {
    let mut desk = Desk::new();
    let denied = Fault::new(Cause::PermissionDenied, "denied");
    desk.fake.0.perform_refusals.lock().unwrap().extend([None, Some(denied)]);
    let applied = desk.apply().await;
    assert_eq!(applied.outcome, ApplyOutcome::Failed);
    let [StepOutcome::Done { .. }, StepOutcome::Failed { fault, .. }, StepOutcome::Skipped] =
        &applied.steps[..]
    else {
        panic!("{:?}", applied.steps)
    };
    assert_eq!(fault.cause, Cause::PermissionDenied);
    assert_eq!(desk.writes(), 2);
}

#[tokio::test(start_paused = true)]
async fn another_account_behind_the_login_is_noticed_before_the_first_write() {
    let mut desk = Desk::new();
    *desk.fake.0.other_account.lock().unwrap() = true;
    let applied = desk.apply().await;
    assert_eq!(applied.outcome, ApplyOutcome::Blocked);
    assert_eq!(applied.fault.unwrap().cause, Cause::WrongAccount);
    assert_eq!(desk.writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_the_call_in_flight_end_and_sends_no_other() {
    let mut desk = Desk::new();
    *desk.fake.0.perform_takes.lock().unwrap() = Duration::from_secs(5);
    desk.runner.start(TaskId(1), Job::Apply(Box::new(desk.fake.plan())));
    tokio::time::sleep(Duration::from_secs(1)).await;
    desk.runner.cancel(TaskId(1));
    let (_, End::Applied(applied)) = desk.end().await else { panic!() };
    assert_eq!(applied.outcome, ApplyOutcome::Stopped);
    assert!(matches!(applied.steps[0], StepOutcome::Done { .. }));
    assert_eq!(desk.writes(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_without_an_answer_is_unknown_and_not_repeated() {
    let mut desk = Desk::new();
    *desk.fake.0.perform_takes.lock().unwrap() = Duration::from_hours(1);
    let began = Instant::now();
    let applied = desk.apply().await;
    assert!(
        matches!(&applied.steps[0], StepOutcome::Unknown { fault, .. } if fault.cause == Cause::DeadlinePassed)
    );
    assert_eq!((applied.outcome, desk.writes()), (ApplyOutcome::Failed, 1));
    assert_eq!(began.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn two_changing_tasks_never_work_at_once() {
    let mut desk = Desk::new();
    *desk.fake.0.perform_takes.lock().unwrap() = Duration::from_secs(1);
    for id in [1, 2] {
        desk.runner.start(TaskId(id), Job::Apply(Box::new(desk.fake.plan())));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(desk.writes(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_whole_image_comes_out_with_the_role() {
    let mut desk = Desk::new();
    desk.fake.set_up();
    let (news, report) = desk.probe(Depth::Full).await;
    assert_eq!(report.verdict, Verdict::Passed);
    assert_eq!(report.rungs.iter().map(|r| r.rung).collect::<Vec<_>>(), Rung::OIDC);
    assert!(report.rungs.iter().all(|r| r.status == RungStatus::Passed), "{:?}", report.rungs);
    assert_eq!(report.image.unwrap().bytes, 100);
    assert!(news.iter().any(|n| matches!(n, News::Layers(blobs) if blobs.len() == 2)));
    assert!(news.iter().any(|n| matches!(n, News::Bytes(_))));
}

#[tokio::test(start_paused = true)]
async fn a_new_role_is_waited_for_and_two_successes_in_a_row_count() {
    let mut desk = Desk::new();
    desk.fake.set_up();
    desk.refuse(3, &refused("AccessDenied"));
    let began = Instant::now();
    let (news, report) = desk.probe(Depth::Full).await;
    assert_eq!(report.verdict, Verdict::Passed);
    assert_eq!(desk.fake.0.assumes.load(Ordering::SeqCst), 5);
    assert_eq!(began.elapsed().as_secs(), 1 + 2 + 4 + 1);
    let tries: Vec<_> = news
        .iter()
        .filter_map(|n| match n {
            News::Tried(t) => Some((t.number, t.refused.is_some(), t.next_in.is_some())),
            _ => None,
        })
        .collect();
    assert_eq!(
        tries,
        [(1, true, true), (2, true, true), (3, true, true), (4, false, true), (5, false, false)]
    );
}

#[tokio::test(start_paused = true)]
async fn what_never_spreads_ends_at_the_stated_time() {
    let mut desk = Desk::new();
    desk.fake.set_up();
    desk.refuse(99, &refused("AccessDenied"));
    let began = Instant::now();
    let (_, report) = desk.probe(Depth::Full).await;
    assert_eq!(failed(&report), (Rung::Assume, Cause::NotYetPropagated));
    assert!((100..=120).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_pass_is_named_at_once() {
    let trust = |edit: fn(String) -> String| {
        let fake = Fake::default();
        fake.set_up();
        let role = fake.0.state.lock().unwrap().role.clone().unwrap();
        let edited = edit(role.trust.clone());
        assert_ne!(edited, role.trust);
        edited
    };
    let ec2 = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let cases = [
        (
            Cause::ConditionKeyMismatch,
            trust(|t| {
                t.replace(
                    "\"container.googleapis.com/v1/projects/p/locations/l/clusters/c:",
                    "\"https://container.googleapis.com/v1/projects/p/locations/l/clusters/c:",
                )
            }),
        ),
        (
            Cause::AudienceMismatch,
            trust(|t| t.replace("okteto.example.com/us-east-2", "okteto.example.com/us-west-2")),
        ),
        (Cause::SubjectMismatch, trust(|t| t.replace("okteto:okteto", "okteto:default"))),
        (
            Cause::TrustActionMismatch,
            trust(|t| t.replace("sts:AssumeRoleWithWebIdentity", "sts:AssumeRole")),
        ),
        (Cause::TrustPrincipalMismatch, ec2.to_owned()),
    ];
    for (cause, trust) in cases {
        let mut desk = Desk::new();
        desk.fake.set_up();
        desk.fake.0.state.lock().unwrap().role.as_mut().unwrap().trust = trust;
        desk.refuse(99, &refused("AccessDenied"));
        let began = Instant::now();
        let (_, report) = desk.probe(Depth::Full).await;
        assert_eq!(failed(&report), (Rung::Assume, cause));
        assert!(began.elapsed() < Duration::from_secs(1), "{cause:?} was waited for");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_named_at_once() {
    let mut desk = Desk::new();
    desk.fake.set_up();
    desk.fake.0.state.lock().unwrap().role = None;
    desk.refuse(99, &refused("AccessDenied"));
    assert_eq!(failed(&desk.probe(Depth::Full).await.1), (Rung::Assume, Cause::RoleMissing));

    let mut desk = Desk::new();
    desk.fake.set_up();
    desk.fake.0.state.lock().unwrap().provider.as_mut().unwrap().audiences.clear();
    desk.refuse(99, &Fault::new(Cause::AudienceNotRegistered, "Incorrect token audience"));
    assert_eq!(
        failed(&desk.probe(Depth::Full).await.1),
        (Rung::Assume, Cause::AudienceNotRegistered)
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_look_a_refusal_is_waited_out_and_stays_unexplained() {
    let mut desk = Desk::new();
    *desk.fake.0.survey_refusal.lock().unwrap() =
        Some(Fault::new(Cause::CredentialsMissing, "no credentials"));
    desk.refuse(99, &refused("AccessDenied"));
    let (_, report) = desk.probe(Depth::Full).await;
    assert_eq!(failed(&report), (Rung::Assume, Cause::Unexplained));
    let fault = report.rungs.iter().find_map(|r| r.fault.clone()).unwrap();
    assert_eq!(fault.evidence["not_looked_at"], "no credentials");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_fit_is_not_shown_to_aws() {
    let cases = [
        (
            Cause::AudienceMismatch,
            token("other.example.com", "system:serviceaccount:okteto:okteto"),
        ),
        (
            Cause::SubjectMismatch,
            token("okteto.example.com/us-east-2", "system:serviceaccount:okteto:default"),
        ),
    ];
    for (cause, token) in cases {
        let mut desk = Desk::new();
        desk.fake.set_up();
        *desk.fake.0.token.lock().unwrap() = Some(token);
        let (_, report) = desk.probe(Depth::Full).await;
        assert_eq!(failed(&report), (Rung::Claims, cause));
        assert_eq!(desk.fake.0.assumes.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hung_call_ends_at_its_deadline() {
    let mut desk = Desk::new();
    desk.fake.set_up();
    *desk.fake.0.assume_hangs.lock().unwrap() = true;
    let began = Instant::now();
    let (_, report) = desk.probe(Depth::Full).await;
    assert_eq!(failed(&report), (Rung::Assume, Cause::DeadlinePassed));
    assert_eq!(began.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn an_issuer_not_seen_from_here_is_a_warning_and_another_name_an_end() {
    let mut desk = Desk::new();
    desk.fake.set_up();
    *desk.fake.0.issuer_refusal.lock().unwrap() =
        Some(Fault::new(Cause::IssuerUnreachable, "not seen"));
    let (_, report) = desk.probe(Depth::Full).await;
    assert_eq!(report.verdict, Verdict::Passed);
    assert_eq!(report.rungs[0].status, RungStatus::Warned);
    assert_eq!(report.rungs[1].status, RungStatus::Skipped);
    *desk.fake.0.issuer_refusal.lock().unwrap() =
        Some(Fault::new(Cause::IssuerMismatch, "another name"));
    assert_eq!(failed(&desk.probe(Depth::Full).await.1), (Rung::Discovery, Cause::IssuerMismatch));
}

#[tokio::test(start_paused = true)]
async fn altered_bytes_fail_the_last_rung_and_less_than_all_is_partly() {
    let mut desk = Desk::new();
    desk.fake.set_up();
    let (_, report) = desk.probe(Depth::Manifest).await;
    assert_eq!(report.verdict, Verdict::Partly);
    *desk.fake.0.layers_refusal.lock().unwrap() =
        Some(Fault::new(Cause::DigestMismatch, "altered"));
    let (_, report) = desk.probe(Depth::Full).await;
    assert_eq!(failed(&report), (Rung::Digest, Cause::DigestMismatch));
    assert_eq!(report.verdict, Verdict::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_read_can_be_dropped_at_once() {
    let mut desk = Desk::new();
    *desk.fake.0.assume_hangs.lock().unwrap() = true;
    desk.fake.set_up();
    desk.runner.start(TaskId(1), Job::Probe(Box::new(order(Depth::Full))));
    tokio::time::sleep(Duration::from_secs(1)).await;
    desk.runner.cancel(TaskId(1));
    let began = Instant::now();
    assert!(matches!(desk.end().await.1, End::Stopped));
    assert!(began.elapsed() < Duration::from_millis(10));
}

#[tokio::test(start_paused = true)]
async fn a_broken_task_is_noticed() {
    let mut desk = Desk::new();
    *desk.fake.0.whoami_panics.lock().unwrap() = true;
    desk.runner.start(TaskId(1), Job::Whoami { until_renewed: false });
    assert!(matches!(desk.events.recv().await, Some(Event::Panicked)));
}

#[tokio::test(start_paused = true)]
async fn a_changed_policy_is_seen_when_reading_back() {
    let mut desk = Desk::new();
    desk.fake.set_up();
    let mut plan = desk.fake.plan();
    // Someone takes the policy away while the plan, made before, still stands.
    desk.fake.0.state.lock().unwrap().role.as_mut().unwrap().attached.clear();
    plan.steps.retain(|s| s.operation.is_some());
    let (_, End::Applied(applied)) = desk.run(Job::Apply(Box::new(plan))).await else { panic!() };
    assert_eq!(applied.outcome, ApplyOutcome::Done);
    let name = policy("AmazonEC2ContainerRegistryReadOnly");
    assert!(
        applied.differs.iter().any(|d| d.then.as_deref().unwrap_or("").contains(name.name())),
        "{:?}",
        applied.differs
    );
}
