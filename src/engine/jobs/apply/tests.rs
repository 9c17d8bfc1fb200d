use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::*;
use crate::app::task::{End, Job};
use crate::domain::inventory::SeenUser;
use crate::domain::journal::Record;
use crate::domain::partition::AccountId;
use crate::domain::policy;
use crate::domain::sample;
use crate::engine::fake::{Fake, done, seen_user};

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

fn outcomes(fake: &Fake) -> Vec<Outcome> {
    let journal = fake.journal.lock().unwrap();
    let (_, lines) = journal.as_ref().unwrap();
    let lines = lines.lock().unwrap();
    let closed = |line: &Record| match line {
        Record::Closed { outcome, .. } => Some(*outcome),
        _ => None,
    };
    lines.iter().filter_map(closed).collect()
}

#[tokio::test(start_paused = true)]
async fn what_was_not_seen_to_be_as_meant_is_not_closed_as_done() {
    let fake = Arc::new(Fake::default());
    fake.forgets.store(1, Ordering::SeqCst);
    assert_eq!(applied(&fake).await.told(), ApplyOutcome::Failed);
    assert_eq!(outcomes(&fake), [Outcome::Failed]);

    // Nor what could not be read back.
    let fake = Arc::new(Fake::default());
    fake.survey.grants(1);
    fake.survey.refuses(1, &Fault::new(Cause::PermissionDenied, "may not look"));
    assert_eq!(applied(&fake).await.told(), ApplyOutcome::Failed);
    assert_eq!(outcomes(&fake), [Outcome::Failed]);
}

/// A plan to change the trust of a role that is there.
fn change(fake: &Fake) -> Plan {
    fake.complete();
    let mut account = fake.account.lock().unwrap();
    let role = account.role.as_mut().unwrap();
    role.trust = role.trust.replace(sample::SUBJECT, "system:serviceaccount:other:other");
    let plan = plan();
    let (intent, caller) = (plan.intent, plan.caller);
    super::plan_again(&intent, &account, &caller, &plan.stamp, &Choices::default())
}

async fn carried_out(fake: &Arc<Fake>, plan: &Plan) -> Applied {
    let (_, end) = done(fake, Job::Apply(Box::new(plan.clone()))).await;
    let End::Applied(applied) = end else { panic!("{end:?}") };
    *applied
}

#[tokio::test(start_paused = true)]
async fn what_was_changed_since_the_plan_was_made_is_not_written_over() {
    let fake = Arc::new(Fake::default());
    let plan = change(&fake);
    assert_eq!(plan.changes().count(), 1, "{plan:?}");
    let trust = |fake: &Fake, subject: &str| {
        let mut account = fake.account.lock().unwrap();
        let role = account.role.as_mut().unwrap();
        role.trust = policy::trust::text(&sample::intent()).replace(sample::SUBJECT, subject);
    };
    // A colleague's trust, or nothing left to do.
    for subject in ["system:serviceaccount:third:third", sample::SUBJECT] {
        trust(&fake, subject);
        let applied = carried_out(&fake, &plan).await;
        assert_eq!(applied.outcome, ApplyOutcome::Blocked);
        let fault = applied.fault.unwrap();
        assert_eq!((fault.cause, &*fault.evidence["step"]), (Cause::PlanChanged, "trust"));
        assert_eq!(fake.begun.load(Ordering::SeqCst), 0);
        assert!(fake.journal.lock().unwrap().as_ref().unwrap().1.lock().unwrap().is_empty());
    }

    // A look that is as old as a write of a moment ago is not believed at once.
    let late = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        trust(&fake, "system:serviceaccount:other:other");
    };
    let (applied, ()) = tokio::join!(carried_out(&fake, &plan), late);
    assert_eq!(applied.outcome, ApplyOutcome::Done, "{applied:?}");
    assert_eq!(fake.begun.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_somebody_went_on_with_since_the_plan_was_made_is_left_alone() {
    let fake = Arc::new(Fake::default());
    fake.perform.refuses(1, &Fault::new(Cause::PermissionDenied, "no"));
    applied(&fake).await;
    let past = |fake: &Fake| {
        let runs = crate::ports::Ledger::runs(fake).unwrap();
        Some(runs[0].past.clone().unwrap())
    };
    let plan = Plan { goes_on: past(&fake), ..plan() };
    // Another process tries, and is refused as well.
    fake.perform.refuses(1, &Fault::new(Cause::PermissionDenied, "no"));
    applied(&fake).await;
    let sent = fake.begun.load(Ordering::SeqCst);
    let blocked = carried_out(&fake, &plan).await;
    assert_eq!(blocked.outcome, ApplyOutcome::Blocked);
    assert_eq!(blocked.fault.unwrap().cause, Cause::PlanChanged);
    assert_eq!(fake.begun.load(Ordering::SeqCst), sent);
    let plan = Plan { goes_on: past(&fake), ..plan };
    assert_eq!(carried_out(&fake, &plan).await.outcome, ApplyOutcome::Done);
}

#[tokio::test(start_paused = true)]
async fn a_login_is_waited_for_once_for_all_of_a_step() {
    let fake = Arc::new(Fake::default());
    let expired = Fault::new(Cause::CredentialsExpired, "it has expired");
    // STS refuses for ten minutes, then IAM does, then STS again.
    fake.whoami.grants(1);
    fake.whoami.refuses(200, &expired);
    fake.whoami.grants(1);
    fake.whoami.refuses(9999, &expired);
    fake.perform.refuses(1, &expired);
    let began = Instant::now();
    let end = applied(&fake).await;
    assert_eq!(end.outcome, ApplyOutcome::Failed);
    assert_eq!(began.elapsed().as_secs(), 15 * 60);
    assert_eq!(fake.begun.load(Ordering::SeqCst), 1);
}

#[test]
fn a_key_on_a_user_of_somebody_else_is_created() {
    let seen = Inventory {
        user: Some(SeenUser { tags: BTreeMap::new(), ..seen_user(Vec::new()) }),
        ..Inventory::default()
    };
    let stamp = Stamp { run: "r".to_owned(), version: "0".to_owned() };
    let intent = sample::user_intent().into();
    let plan = super::plan_again(&intent, &seen, &sample::caller(), &stamp, &Choices::default());
    let made = plan.changes().find(|step| step.id == StepId::AccessKey).unwrap();
    assert!(made.confirm.is_some(), "{made:?}");
    assert_eq!(Call::of(made).unwrap().effect, "created");
}
