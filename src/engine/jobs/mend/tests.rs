use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::*;
use crate::app::task::{End, Job, Recalled, Report, TaskId};
use crate::domain::arn::PolicyArn;
use crate::domain::intent::Caller;
use crate::domain::inventory::SeenRole;
use crate::domain::journal::{Past, Phase};
use crate::domain::operation::Operation;
use crate::domain::partition::{AccountId, Partition};
use crate::domain::policy;
use crate::domain::principal::Principal;
use crate::domain::review::account::RoleEntry;
use crate::domain::review::found::On;
use crate::domain::review::mend::scene::{Scene, found, role};
use crate::domain::sample;
use crate::domain::undo::{Decisions, undo};
use crate::engine::fake::{Fake, done};
use crate::engine::read_only::ReadOnly;
use crate::engine::runner::Event;

const ROLE: &str = "my-private-registry";

/// The sample's role, open to whatever the provider vouches for.
fn open() -> SeenRole {
    let seen = crate::engine::fake::inventory(&sample::intent()).role.unwrap();
    SeenRole { trust: seen.trust.replace("okteto:okteto", "okteto:*"), ..seen }
}

fn read_only() -> PolicyArn {
    PolicyArn::managed(Partition::Aws, "AmazonEC2ContainerRegistryReadOnly")
}

/// An account with that role, and the plan that mends it in two calls.
fn scene() -> (Arc<Fake>, Mend) {
    let fake = Arc::new(Fake::default());
    fake.complete();
    fake.account.lock().unwrap().role = Some(open());
    let seen = open();
    let entry = RoleEntry { tags: seen.tags, ..role(ROLE, &seen.trust, true) };
    let calls = vec![
        Operation::UpdateTrust {
            role: ROLE.to_owned(),
            trust: policy::trust::text(&sample::intent()),
        },
        Operation::DetachPolicy { from: Principal::Role(ROLE.to_owned()), policy: read_only() },
    ];
    let wish = found(On::Role(ROLE.to_owned()), "ecr-push", calls);
    (fake, Scene::default().with_role(entry).plan(&[wish]))
}

async fn mended(fake: &Arc<Fake>, mend: &Mend) -> Mended {
    let (_, end) = done(fake, Job::Mend(Box::new(mend.clone()))).await;
    let End::Mended(mended) = end else { panic!("{end:?}") };
    *mended
}

async fn recalled(fake: &Arc<Fake>, run: &str) -> Recalled {
    let (_, end) = done(fake, Job::Recall(run.to_owned())).await;
    let End::Recalled(Ok(recalled)) = end else { panic!("{end:?}") };
    *recalled
}

async fn past(fake: &Arc<Fake>) -> Past {
    let (_, end) = done(fake, Job::Runs).await;
    let End::Runs(Ok(runs)) = end else { panic!("{end:?}") };
    runs[0].past.clone().unwrap()
}

#[tokio::test(start_paused = true)]
async fn it_is_sent_in_order_read_back_journalled_and_taken_back() {
    let (fake, mend) = scene();
    let (news, end) = done(&fake, Job::Mend(Box::new(mend.clone()))).await;
    let End::Mended(mended) = end else { panic!("{end:?}") };
    assert_eq!((mended.outcome, mended.fault.clone()), (ApplyOutcome::Done, None), "{mended:?}");
    assert_eq!(mended.differs, Vec::<String>::new());
    assert_eq!(
        *fake.performed.lock().unwrap(),
        ["iam:UpdateAssumeRolePolicy", "iam:DetachRolePolicy"]
    );
    assert!(news.iter().any(|news| matches!(news, News::ReadingBack)));
    assert!(fake.noted.lock().unwrap().is_some());
    let past = past(&fake).await;
    assert_eq!(past.phase, Phase::Done);
    assert_eq!(
        (past.header.mode.as_str(), past.header.about.as_str()),
        ("review", "role my-private-registry")
    );
    assert_eq!(past.entries.len(), 2, "{:?}", past.entries);
    // Taken back, each thing is to be as it was.
    let recalled = recalled(&fake, &mend.stamp.run).await;
    let undo = undo(&recalled.past, &recalled.seen, &recalled.caller, &Decisions::default());
    let calls: Vec<&Operation> =
        undo.changes().filter_map(|step| step.operation.as_ref()).collect();
    assert_eq!(calls.len(), 2);
    assert!(matches!(calls[0], Operation::AttachPolicy { policy, .. } if *policy == read_only()));
    assert!(matches!(calls[1], Operation::UpdateTrust { trust, .. } if *trust == open().trust));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_was_altered_since_gets_nothing() {
    for alter in [
        (|role: &mut SeenRole| role.trust = role.trust.replace("okteto:*", "other:*"))
            as fn(&mut SeenRole),
        |role| role.attached.clear(),
    ] {
        let (fake, mend) = scene();
        alter(fake.account.lock().unwrap().role.as_mut().unwrap());
        let mended = mended(&fake, &mend).await;
        let fault = mended.fault.unwrap();
        assert_eq!((mended.outcome, fault.cause), (ApplyOutcome::Blocked, Cause::PlanChanged));
        assert!(fault.message.contains("my-private-registry"), "{}", fault.message);
        assert!(fault.what_to_do().contains("r reads"), "{}", fault.what_to_do());
        assert_eq!(fake.begun.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn another_account_gets_nothing() {
    let (fake, mend) = scene();
    let account = AccountId::parse("999999999999").unwrap();
    *fake.caller.lock().unwrap() = Some(Caller { account, ..sample::caller() });
    let mended = mended(&fake, &mend).await;
    assert_eq!(mended.outcome, ApplyOutcome::Blocked);
    assert_eq!(mended.fault.unwrap().cause, Cause::WrongAccount);
    assert_eq!(fake.begun.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn the_first_refusal_ends_it_and_what_was_done_can_be_taken_back() {
    let (fake, mend) = scene();
    fake.perform.grants(1);
    fake.perform.refuses(1, &Fault::new(Cause::PermissionDenied, "refused"));
    let mended = mended(&fake, &mend).await;
    assert_eq!(mended.outcome, ApplyOutcome::Failed);
    assert!(matches!(mended.steps[0], StepOutcome::Done { .. }));
    assert!(matches!(mended.steps[1], StepOutcome::Failed { .. }));
    let past = past(&fake).await;
    assert_eq!((past.phase, past.entries.len()), (Phase::Failed, 1));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_seen_to_be_so_is_told() {
    let (fake, mend) = scene();
    fake.forgets.store(1, Ordering::SeqCst);
    let mended = mended(&fake, &mend).await;
    assert_eq!(mended.outcome, ApplyOutcome::Done);
    assert_eq!(mended.differs.len(), 2, "{:?}", mended.differs);
    assert_eq!(mended.told(), ApplyOutcome::Failed);
    assert_eq!(past(&fake).await.phase, Phase::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_run_is_used_once() {
    let (fake, mend) = scene();
    assert_eq!(mended(&fake, &mend).await.outcome, ApplyOutcome::Done);
    fake.account.lock().unwrap().role = Some(open());
    let again = mended(&fake, &mend).await;
    assert_eq!(again.outcome, ApplyOutcome::Blocked);
    assert!(again.fault.unwrap().message.contains("begun before"));
}

#[tokio::test(start_paused = true)]
async fn read_only_sends_nothing() {
    let (fake, plan) = scene();
    let mut world = fake.world();
    world.cloud = Arc::new(ReadOnly::new(world.cloud));
    let (out, _events) = tokio::sync::mpsc::unbounded_channel();
    let control = Control::new(
        crate::app::task::TaskId(1),
        tokio_util::sync::CancellationToken::default(),
        out,
    );
    let mended = mend(&world, &control, &plan).await;
    assert_eq!(mended.outcome, ApplyOutcome::Failed);
    let StepOutcome::Failed { fault, .. } = &mended.steps[0] else { panic!("{mended:?}") };
    assert!(fault.message.contains("--read-only"), "{}", fault.message);
    assert!(fake.performed.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_removal_looks_again_once_its_login_works() {
    let gone: fn(&mut SeenRole) = |role| role.attached.clear();
    let other: fn(&mut SeenRole) =
        |role| drop(role.tags.insert("okteto-ecr:run".into(), "x".into()));
    for (alter, words) in [(gone, "is gone"), (other, "was altered")] {
        let (fake, mend) = scene();
        // Before all, before the first call, and then not for a while.
        fake.whoami.grants(2);
        fake.whoami.refuses(3, &Fault::new(Cause::CredentialsExpired, "expired"));
        let (mut runner, mut events) = fake.runner();
        runner.start(TaskId(1), Job::Mend(Box::new(mend)));
        let end = loop {
            match events.recv().await.unwrap() {
                Event::Report(_, Report::News(News::Waiting(_))) => {
                    alter(fake.account.lock().unwrap().role.as_mut().unwrap());
                }
                Event::Report(_, Report::End(end)) => break end,
                _ => {}
            }
        };
        let End::Mended(mended) = end else { panic!("{end:?}") };
        assert_eq!(mended.outcome, ApplyOutcome::Failed);
        assert_eq!(*fake.performed.lock().unwrap(), ["iam:UpdateAssumeRolePolicy"]);
        let StepOutcome::Failed { fault, .. } = &mended.steps[1] else { panic!("{mended:?}") };
        assert_eq!(fault.cause, Cause::PlanChanged);
        assert!(fault.message.contains(words), "{}", fault.message);
        assert_eq!(past(&fake).await.entries.len(), 1);
    }
}
