use std::sync::atomic::Ordering;

use super::*;
use crate::app::task::News;
use crate::app::task::{ApplyOutcome, StepOutcome};
use crate::domain::inventory::Inventory;
use crate::domain::plan::{Choices, Stamp, plan};
use crate::domain::sample;
use crate::engine::fake::{Fake, until_end};

fn apply() -> Job {
    let stamp = Stamp { run: "r".to_owned(), version: "0".to_owned() };
    let (intent, caller) = (sample::intent(), sample::caller());
    let plan = plan(&intent.into(), &Inventory::default(), &caller, &stamp, &Choices::default());
    Job::Apply(Box::new(plan))
}

const WHOAMI: Job = Job::Whoami { until_renewed: false };

#[tokio::test(start_paused = true)]
async fn a_read_that_is_cancelled_is_dropped() {
    let fake = Arc::new(Fake::default());
    fake.whoami.takes(Duration::from_secs(20));
    let (mut runner, mut events) = fake.runner();
    runner.start(TaskId(1), WHOAMI);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let began = tokio::time::Instant::now();
    runner.cancel(TaskId(1));
    let (_, end) = until_end(&mut events, TaskId(1)).await;
    assert!(matches!(end, End::Stopped));
    assert!(began.elapsed() < Duration::from_millis(10));
}

#[tokio::test(start_paused = true)]
async fn a_read_has_a_deadline_and_a_busy_one_is_asked_again() {
    let fake = Arc::new(Fake::default());
    fake.whoami.takes(Duration::from_hours(1));
    let (mut runner, mut events) = fake.runner();
    runner.start(TaskId(1), WHOAMI);
    let began = tokio::time::Instant::now();
    let (_, end) = until_end(&mut events, TaskId(1)).await;
    let End::Caller(Err(fault)) = end else { panic!("{end:?}") };
    assert_eq!(fault.cause, Cause::DeadlinePassed);
    assert_eq!(began.elapsed().as_secs(), 30);

    fake.whoami.refuses(2, &Fault::new(Cause::Throttled, "slow down"));
    runner.start(TaskId(2), WHOAMI);
    assert!(matches!(until_end(&mut events, TaskId(2)).await.1, End::Caller(Ok(_))));
    fake.whoami.refuses(3, &Fault::new(Cause::Unreachable, "no route"));
    runner.start(TaskId(3), WHOAMI);
    assert!(matches!(until_end(&mut events, TaskId(3)).await.1, End::Caller(Err(_))));
    assert_eq!(fake.calls.load(Ordering::SeqCst), 1 + 3 + 3);
}

#[tokio::test(start_paused = true)]
async fn a_login_is_waited_for() {
    let fake = Arc::new(Fake::default());
    fake.whoami.refuses(4, &Fault::new(Cause::CredentialsExpired, "expired"));
    let (mut runner, mut events) = fake.runner();
    runner.start(TaskId(1), Job::Whoami { until_renewed: true });
    let (news, end) = until_end(&mut events, TaskId(1)).await;
    assert!(matches!(end, End::Caller(Ok(_))));
    assert_eq!(news.iter().filter(|n| matches!(n, News::StillNoLogin(_))).count(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_task_is_told() {
    let fake = Arc::new(Fake::default());
    fake.panics.store(1, Ordering::SeqCst);
    let (mut runner, mut events) = fake.runner();
    runner.start(TaskId(1), WHOAMI);
    assert!(matches!(events.recv().await, Some(Event::Panicked)));
}

#[tokio::test(start_paused = true)]
async fn one_task_changes_at_a_time_and_is_waited_for_at_the_end() {
    let fake = Arc::new(Fake::default());
    fake.perform.takes(Duration::from_secs(10));
    let (mut runner, mut events) = fake.runner();
    runner.start(TaskId(1), apply());
    tokio::time::sleep(Duration::from_secs(1)).await;
    runner.start(TaskId(2), apply());
    let (_, end) = until_end(&mut events, TaskId(2)).await;
    let End::Applied(second) = end else { panic!("{end:?}") };
    assert_eq!(second.outcome, ApplyOutcome::Blocked);
    assert_eq!(fake.begun.load(Ordering::SeqCst), 1);

    runner.shutdown(SHUTDOWN_LIMIT).await;
    assert_eq!(fake.ended.load(Ordering::SeqCst), 1, "the call in flight came to its end");
    let (_, end) = until_end(&mut events, TaskId(1)).await;
    let End::Applied(first) = end else { panic!("{end:?}") };
    assert_eq!(first.outcome, ApplyOutcome::Stopped);
    assert!(matches!(first.steps[0], StepOutcome::Done { .. }));
    assert!(matches!(first.steps[1], StepOutcome::Skipped));
    assert_eq!(fake.begun.load(Ordering::SeqCst), 1, "and no other one was begun");
}
