use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::*;
use crate::app::task::{End, Job};
use crate::domain::partition::AccountId;
use crate::domain::sample;
use crate::engine::fake::{Fake, done};

mod key;

fn plan() -> Plan {
    let stamp = Stamp { run: "r".to_owned(), version: "0".to_owned() };
    let (intent, caller) = (sample::intent(), sample::caller());
    super::plan_again(&intent.into(), &Inventory::default(), &caller, &stamp, &Choices::default())
}

async fn applied(fake: &Arc<Fake>) -> Applied {
    let (_, end) = done(fake, Job::Apply(Box::new(plan()))).await;
    let End::Applied(applied) = end else { panic!("{end:?}") };
    *applied
}

#[tokio::test(start_paused = true)]
async fn all_is_sent_in_order_and_read_back() {
    let fake = Arc::new(Fake::default());
    let applied = applied(&fake).await;
    assert_eq!(applied.outcome, ApplyOutcome::Done);
    assert_eq!(applied.differs, []);
    assert_eq!(applied.fault, None);
    assert_eq!(applied.role, Some(sample::intent().role_arn()));
    assert!(applied.steps.iter().all(|s| matches!(s, StepOutcome::Done { .. })));
    assert_eq!(fake.begun.load(Ordering::SeqCst), plan().changes().count());
}

#[tokio::test(start_paused = true)]
async fn another_account_gets_nothing() {
    let fake = Arc::new(Fake::default());
    let account = AccountId::parse("999999999999").unwrap();
    *fake.caller.lock().unwrap() =
        Some(crate::domain::intent::Caller { account, ..sample::caller() });
    let applied = applied(&fake).await;
    assert_eq!(applied.outcome, ApplyOutcome::Blocked);
    assert_eq!(applied.fault.unwrap().cause, Cause::WrongAccount);
    assert_eq!(fake.begun.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn the_first_failure_ends_it_and_nothing_is_sent_twice() {
    let fake = Arc::new(Fake::default());
    fake.perform.grants(1);
    fake.perform.refuses(1, &Fault::new(Cause::AlreadyExists, "exists"));
    let end = applied(&fake).await;
    assert_eq!(end.outcome, ApplyOutcome::Failed);
    let StepOutcome::Failed { fault, .. } = &end.steps[1] else { panic!("{end:?}") };
    assert!(fault.what_to_do().contains("plan again"));
    assert!(matches!(end.steps[2], StepOutcome::Skipped));
    assert_eq!(fake.begun.load(Ordering::SeqCst), 2);

    let fake = Arc::new(Fake::default());
    fake.perform.refuses(1, &Fault::new(Cause::Unreachable, "reset").with("outcome", "unknown"));
    assert!(matches!(applied(&fake).await.steps[0], StepOutcome::Unknown { .. }));
    assert_eq!(fake.begun.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn no_answer_in_time_is_unknown_and_the_call_is_not_dropped() {
    let fake = Arc::new(Fake::default());
    fake.perform.takes(Duration::from_secs(90));
    let began = Instant::now();
    let end = applied(&fake).await;
    // A minute for the answer, then ten seconds in which what was made may show.
    assert_eq!(began.elapsed().as_secs(), 70);
    let StepOutcome::Unknown { fault, .. } = &end.steps[0] else { panic!("{end:?}") };
    assert_eq!(fault.cause, Cause::DeadlinePassed);
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(fake.ended.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_only_iam_refuses_is_not_asked_about_without_a_pause() {
    let fake = Arc::new(Fake::default());
    fake.perform.refuses(4, &Fault::new(Cause::CredentialsExpired, "it has expired"));
    let began = Instant::now();
    let end = applied(&fake).await;
    assert_eq!(end.outcome, ApplyOutcome::Done, "{end:?}");
    assert_eq!(fake.begun.load(Ordering::SeqCst), 7);
    assert_eq!(began.elapsed().as_secs(), 9);
}

#[tokio::test(start_paused = true)]
async fn what_reads_back_otherwise_is_told_once_reads_can_no_longer_be_old() {
    let fake = Arc::new(Fake::default());
    fake.forgets.store(1, Ordering::SeqCst);
    let began = Instant::now();
    let applied = applied(&fake).await;
    assert_eq!(applied.outcome, ApplyOutcome::Done);
    assert!(!applied.differs.is_empty());
    assert!(began.elapsed() >= READ_BACK);
}
