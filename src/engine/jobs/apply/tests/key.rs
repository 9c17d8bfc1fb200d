//! Making an access key: once, beside the keys of the plan, delivered or deleted.

use super::*;
use crate::app::task::TaskId;
use crate::domain::custody::{Custody, SeenPlace, SeenSecret};
use crate::domain::intent::{Intent, UserIntent};
use crate::domain::key::KeyStatus;
use crate::engine::fake::{SECRET, key_id, seen_key, seen_user, until_end};

const MADE: &str = "iam:CreateAccessKey";
const DELETED: &str = "iam:DeleteAccessKey";

/// An account with the user and so many keys.
fn with_keys(keys: usize) -> Arc<Fake> {
    let fake = Arc::new(Fake::default());
    let keys = (90..90 + keys).map(|number| seen_key(key_id(number))).collect();
    fake.account.lock().unwrap().user = Some(seen_user(keys));
    fake
}

fn shown() -> UserIntent {
    UserIntent { custody: Custody::Show, ..sample::user_intent() }
}

/// The plan for what the account has.
fn plan_of(fake: &Fake, intent: &UserIntent, keys: KeyWish) -> Plan {
    let stamp = Stamp { run: "r".to_owned(), version: "0".to_owned() };
    let choices = Choices { keys, ..Choices::default() };
    let place = fake.place.lock().unwrap().clone().map_or(SeenPlace::Free, SeenPlace::Ours);
    let seen = Inventory { place: Some(Ok(place)), ..fake.account.lock().unwrap().clone() };
    let intent = Intent::IamUser(intent.clone());
    super::plan_again(&intent, &seen, &sample::caller(), &stamp, &choices)
}

async fn carried_out(fake: &Arc<Fake>, plan: Plan) -> Applied {
    let (news, end) = done(fake, Job::Apply(Box::new(plan))).await;
    let End::Applied(applied) = end else { panic!("{end:?}") };
    assert!(!format!("{news:?}{applied:?}").contains(SECRET));
    *applied
}

/// A key is wanted where there is none.
async fn first(fake: &Arc<Fake>) -> Applied {
    let plan = plan_of(fake, &sample::user_intent(), KeyWish::Have);
    carried_out(fake, plan).await
}

fn calls(fake: &Fake) -> Vec<&'static str> {
    fake.performed.lock().unwrap().clone()
}

/// The fault of the last step, and whether it is known what happened.
fn fault(applied: &Applied) -> (&Fault, bool) {
    assert_eq!(applied.outcome, ApplyOutcome::Failed, "{applied:?}");
    match applied.steps.last().unwrap() {
        StepOutcome::Failed { fault, .. } => (fault, true),
        StepOutcome::Unknown { fault, .. } => (fault, false),
        other => panic!("{other:?}"),
    }
}

fn unreachable() -> Fault {
    Fault::new(Cause::ClusterUnreachable, "kubectl cannot reach the cluster")
}

#[tokio::test(start_paused = true)]
async fn an_empty_account_gets_user_policy_and_one_key_whose_secret_is_delivered() {
    let fake = Arc::new(Fake::default());
    let applied = first(&fake).await;
    assert_eq!((applied.outcome, applied.differs.as_slice()), (ApplyOutcome::Done, &[][..]));
    assert_eq!(calls(&fake), ["iam:CreateUser", "iam:AttachUserPolicy", MADE]);
    assert_eq!(applied.user, Some(sample::user_intent().user_arn()));
    assert_eq!(applied.key, Some(key_id(1)));
    assert!(applied.held.is_none(), "what was delivered is kept nowhere else");
    assert_eq!(*fake.delivered.lock().unwrap(), [(key_id(1).to_string(), None)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_shown_is_held_and_never_told_in_passing() {
    let fake = with_keys(0);
    let applied = carried_out(&fake, plan_of(&fake, &shown(), KeyWish::Have)).await;
    assert_eq!(applied.held.as_ref().map(|key| key.id.clone()), Some(key_id(1)));
    assert!(fake.delivered.lock().unwrap().is_empty());
    // Nor is the secret in what the step says of its deed.
    assert!(applied.steps.iter().all(|step| match step {
        StepOutcome::Done { deed, .. } => deed.key.is_none(),
        _ => false,
    }));
}

#[tokio::test(start_paused = true)]
async fn a_second_key_is_read_back_and_nothing_else_is_compared() {
    let fake = with_keys(1);
    fake.account.lock().unwrap().user.as_mut().unwrap().attached.clear();
    let plan = plan_of(&fake, &sample::user_intent(), KeyWish::Another);
    let applied = carried_out(&fake, plan).await;
    assert_eq!((applied.outcome, applied.key), (ApplyOutcome::Done, Some(key_id(1))));
    assert_eq!(applied.differs, [], "a change of keys leaves everything else alone");

    let fake = with_keys(1);
    let plan = plan_of(&fake, &sample::user_intent(), KeyWish::Another);
    fake.forgets.store(1, Ordering::SeqCst);
    let began = Instant::now();
    let applied = carried_out(&fake, plan).await;
    assert!(began.elapsed() >= READ_BACK);
    let [missing] = applied.differs.as_slice() else { panic!("{applied:?}") };
    assert_eq!(missing.then.as_deref(), Some(key_id(1).as_str()));
}

#[tokio::test(start_paused = true)]
async fn other_keys_than_those_of_the_plan_let_nothing_be_sent() {
    for (planned, there) in [(0, 1), (1, 0), (1, 2)] {
        let fake = with_keys(planned);
        let wish = if planned == 0 { KeyWish::Have } else { KeyWish::Another };
        let plan = plan_of(&fake, &sample::user_intent(), wish);
        fake.account.lock().unwrap().user = with_keys(there).account.lock().unwrap().user.clone();
        let applied = carried_out(&fake, plan).await;
        assert_eq!(applied.outcome, ApplyOutcome::Blocked);
        assert_eq!(applied.fault.unwrap().cause, Cause::PlanChanged, "{planned} {there}");
        assert_eq!(fake.begun.load(Ordering::SeqCst), 0);
    }

    // One that is made between the last look at all and the call is seen as well.
    let fake = with_keys(0);
    let plan = plan_of(&fake, &sample::user_intent(), KeyWish::Have);
    fake.look_at_place.grants(1);
    fake.look_at_place.takes(Duration::from_secs(9));
    let made = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        fake.account.lock().unwrap().user = Some(seen_user(vec![seen_key(key_id(70))]));
    };
    let (applied, ()) = tokio::join!(carried_out(&fake, plan), made);
    assert_eq!(fault(&applied).0.cause, Cause::PlanChanged);
    assert_eq!(fault(&applied).0.evidence["key_made"], "no");
    assert_eq!(fake.begun.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_place_that_is_shut_or_is_another_by_now_lets_nothing_be_sent() {
    let fake = with_keys(0);
    let plan = plan_of(&fake, &sample::user_intent(), KeyWish::Have);
    fake.look_at_place.refuses(9, &unreachable());
    let applied = carried_out(&fake, plan).await;
    assert_eq!(applied.outcome, ApplyOutcome::Blocked);
    assert_eq!(applied.fault.unwrap().cause, Cause::ClusterUnreachable);
    assert_eq!(fake.begun.load(Ordering::SeqCst), 0);

    // Somebody's key is there now: its secret would be lost without anybody having said yes to it.
    let fake = with_keys(0);
    let plan = plan_of(&fake, &sample::user_intent(), KeyWish::Have);
    let theirs = SeenSecret { is_ours: true, key: Some(key_id(50)), version: "7".to_owned() };
    *fake.place.lock().unwrap() = Some(theirs.clone());
    let applied = carried_out(&fake, plan).await;
    assert_eq!(fault(&applied).0.cause, Cause::PlanChanged);
    assert_eq!(fault(&applied).0.evidence["got"], key_id(50).as_str());
    assert_eq!(fake.begun.load(Ordering::SeqCst), 0);

    // Planned so, it is written over that very version.
    let applied = first(&fake).await;
    assert_eq!(applied.outcome, ApplyOutcome::Done);
    assert_eq!(*fake.delivered.lock().unwrap(), [(key_id(1).to_string(), Some(theirs))]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_delivered_is_deleted_at_once() {
    let fake = with_keys(0);
    fake.put_secret.refuses(1, &unreachable());
    let applied = first(&fake).await;
    let (told, is_known) = fault(&applied);
    assert!(is_known);
    assert_eq!(told.cause, Cause::ClusterUnreachable);
    assert_eq!(
        (told.evidence["key_deleted"].as_str(), &*told.evidence["key"]),
        ("yes", key_id(1).as_str())
    );
    assert!(told.message.contains("deleted at once"), "{told}");
    assert_eq!(calls(&fake), [MADE, DELETED]);
    assert_eq!(applied.key, None);
    assert!(fake.account.lock().unwrap().user.as_ref().unwrap().keys.is_empty());

    // A place that hangs is not waited for without end.
    let fake = with_keys(0);
    fake.put_secret.takes(Duration::from_hours(1));
    let began = Instant::now();
    let applied = first(&fake).await;
    assert_eq!(fault(&applied).0.cause, Cause::DeadlinePassed);
    assert_eq!(fault(&applied).0.evidence["key_deleted"], "yes");
    assert_eq!(began.elapsed().as_secs(), 30);
    assert_eq!(calls(&fake), [MADE, DELETED]);
}

/// kubectl gave no answer, and the Secret holds the key: deleting it would leave Okteto with a dead one.
#[tokio::test(start_paused = true)]
async fn a_delivery_without_an_answer_is_looked_for() {
    let fake = with_keys(0);
    fake.put_secret.takes(Duration::from_hours(1));
    let stored = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        let secret = SeenSecret { is_ours: true, key: Some(key_id(1)), version: "1".to_owned() };
        *fake.place.lock().unwrap() = Some(secret);
    };
    let (applied, ()) = tokio::join!(first(&fake), stored);
    assert_eq!(applied.key, Some(key_id(1)));
    assert_eq!(calls(&fake), [MADE]);
}

/// AWS is busy for a moment: the key goes all the same.
#[tokio::test(start_paused = true)]
async fn a_deletion_at_once_is_tried_again() {
    let fake = with_keys(0);
    fake.put_secret.refuses(1, &unreachable());
    fake.perform.grants(1);
    fake.perform.refuses(2, &Fault::new(Cause::Throttled, "Rate exceeded"));
    let applied = first(&fake).await;
    assert_eq!(fault(&applied).0.evidence["key_deleted"], "yes");
    assert_eq!(calls(&fake), [MADE, DELETED]);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_can_be_neither_delivered_nor_deleted_is_named() {
    let no = Fault::new(Cause::PermissionDenied, "may not delete");
    for hangs in [false, true] {
        let fake = with_keys(0);
        fake.put_secret.refuses(1, &unreachable());
        fake.perform.grants(1);
        if hangs {
            fake.perform.takes(Duration::from_hours(1));
        } else {
            fake.perform.refuses(1, &no);
        }
        let applied = first(&fake).await;
        let (told, is_known) = fault(&applied);
        assert!(!is_known);
        assert_eq!(told.evidence["key_deleted"], "no");
        assert_eq!(told.evidence["unknown_key"], key_id(1).as_str());
        assert!(told.what_to_do().contains(key_id(1).as_str()));
        assert_eq!(calls(&fake), [MADE]);
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_reply_the_key_is_found_and_not_made_again() {
    let lost = Fault::new(Cause::Unreachable, "reset").with("outcome", "unknown");
    let fake = with_keys(1);
    fake.answered.refuses(1, &lost);
    let plan = plan_of(&fake, &sample::user_intent(), KeyWish::Another);
    let applied = carried_out(&fake, plan).await;
    let (told, is_known) = fault(&applied);
    assert!(!is_known);
    assert_eq!(told.evidence["unknown_key"], key_id(1).as_str());
    assert_eq!(calls(&fake), [MADE]);
    assert!(fake.delivered.lock().unwrap().is_empty());

    // It never arrived: after some looks nothing is claimed.
    let fake = with_keys(0);
    fake.perform.refuses(1, &lost);
    let began = Instant::now();
    let applied = first(&fake).await;
    assert_eq!(fault(&applied).0.evidence["unknown_key"], "none is listed");
    assert!(began.elapsed() >= READ_BACK);

    // Nor where the keys cannot be listed.
    let fake = with_keys(0);
    fake.answered.refuses(1, &lost);
    fake.list_keys.grants(1);
    fake.list_keys.refuses(99, &Fault::new(Cause::PermissionDenied, "may not list"));
    let applied = first(&fake).await;
    assert_eq!(fault(&applied).0.evidence["not_looked_at"], "may not list");
    assert_eq!(calls(&fake), [MADE]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_ends_with_a_deadline_and_is_not_dropped() {
    let fake = with_keys(0);
    fake.perform.takes(Duration::from_secs(90));
    let began = Instant::now();
    let applied = first(&fake).await;
    let (told, is_known) = fault(&applied);
    assert_eq!((told.cause, is_known), (Cause::DeadlinePassed, false));
    assert_eq!(told.evidence["unknown_key"], "none is listed");
    assert!((60..75).contains(&began.elapsed().as_secs()));
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(fake.ended.load(Ordering::SeqCst), 1);
}

/// How it ends where it is told to stop that long after the start.
async fn stopped_after(fake: &Arc<Fake>, time: Duration) -> Applied {
    let plan = plan_of(fake, &sample::user_intent(), KeyWish::Have);
    let (mut runner, mut events) = fake.runner();
    runner.start(TaskId(1), Job::Apply(Box::new(plan)));
    tokio::time::sleep(time).await;
    runner.cancel(TaskId(1));
    let (_, end) = until_end(&mut events, TaskId(1)).await;
    let End::Applied(applied) = end else { panic!("{end:?}") };
    *applied
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_heard_before_the_call_and_never_leaves_a_key_that_nobody_has() {
    let second = Duration::from_secs(1);
    let fake = with_keys(0);
    fake.look_at_place.takes(second * 5);
    let applied = stopped_after(&fake, second).await;
    assert_eq!(applied.outcome, ApplyOutcome::Stopped);
    assert_eq!(applied.fault.unwrap().cause, Cause::Stopped);
    assert_eq!(fake.begun.load(Ordering::SeqCst), 0);

    // In the call, and while its secret is on its way.
    for in_call in [true, false] {
        let fake = with_keys(0);
        if in_call { &fake.perform } else { &fake.put_secret }.takes(second * 5);
        let applied = stopped_after(&fake, second).await;
        assert_eq!(calls(&fake), [MADE]);
        assert_eq!(applied.key, Some(key_id(1)));
        assert_eq!(fake.delivered.lock().unwrap().len(), 1);
        assert!(matches!(applied.steps.last(), Some(StepOutcome::Done { .. })));
    }
    // What cannot be delivered is deleted all the same.
    let fake = with_keys(0);
    fake.perform.takes(second * 5);
    fake.put_secret.refuses(1, &unreachable());
    let applied = stopped_after(&fake, second).await;
    assert_eq!(fault(&applied).0.evidence["key_deleted"], "yes");
    assert_eq!(calls(&fake), [MADE, DELETED]);
}

#[tokio::test(start_paused = true)]
async fn a_status_and_a_deletion_are_read_back() {
    let fake = with_keys(2);
    let plan = plan_of(&fake, &sample::user_intent(), KeyWish::Retire(key_id(90)));
    let applied = carried_out(&fake, plan).await;
    assert_eq!((applied.outcome, applied.differs.len()), (ApplyOutcome::Done, 0));
    assert_eq!(applied.key, Some(key_id(91)));
    let status = fake.account.lock().unwrap().user.as_ref().unwrap().keys[0].status;
    assert_eq!(status, KeyStatus::Inactive);
    let plan = plan_of(&fake, &sample::user_intent(), KeyWish::Delete(key_id(90)));
    let applied = carried_out(&fake, plan).await;
    assert_eq!((applied.outcome, applied.differs.len()), (ApplyOutcome::Done, 0));
    assert_eq!(calls(&fake), ["iam:UpdateAccessKey", DELETED]);
}
