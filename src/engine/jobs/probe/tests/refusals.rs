//! What must be refused.

use super::*;
use crate::app::task::TaskId;
use crate::domain::seen::Push;
use crate::engine::fake::until_end;

const TOKENS: [Rung; 2] = [Rung::RefusesOtherAudience, Rung::RefusesOtherSubject];

fn rung(report: &ProbeReport, rung: Rung) -> &crate::domain::probe::RungResult {
    report.rungs.iter().find(|result| result.rung == rung).unwrap()
}

/// The three rungs' statuses.
fn statuses(report: &ProbeReport) -> [RungStatus; 3] {
    Rung::REFUSALS.map(|one| status(report, one))
}

fn lets_in(fake: &Fake, times: usize) {
    fake.strangers.lock().unwrap().extend(vec![None; times]);
}

#[tokio::test(start_paused = true)]
async fn an_audience_that_only_the_trust_can_refuse_is_taken_where_there_is_one() {
    let fake = complete();
    let (_, report) = tested(&fake, from_cluster()).await;
    let shown = |fake: &Fake| fake.shown.lock().unwrap()[1..].to_vec();
    let other = "system:serviceaccount:okteto:default";
    assert_eq!(
        shown(&fake),
        [
            ("okteto-ecr.invalid/other".to_owned(), sample::SUBJECT.to_owned()),
            (sample::AUDIENCE.to_owned(), other.to_owned())
        ]
    );
    assert!(rung(&report, TOKENS[0]).detail.contains("okteto-ecr.invalid/other"));

    let fake = complete();
    fake.account.lock().unwrap().provider.as_mut().unwrap().audiences =
        vec![sample::AUDIENCE.to_owned(), "sts.amazonaws.com".to_owned()];
    fake.strangers.lock().unwrap().push_back(Some(Fault::new(Cause::AudienceNotRegistered, "no")));
    let (_, report) = tested(&fake, from_cluster()).await;
    assert_eq!(report.verdict, Verdict::Passed);
    assert_eq!(shown(&fake)[0].0, "sts.amazonaws.com");
    assert!(rung(&report, TOKENS[0]).detail.contains("does not list"));
}

#[tokio::test(start_paused = true)]
async fn a_stranger_that_is_let_in_fails_the_test_and_the_others_are_tried_all_the_same() {
    let fake = complete();
    lets_in(&fake, 2);
    *fake.pushed.lock().unwrap() = Some(Push::Begun(Ok(())));
    let (_, report) = tested(&fake, from_cluster()).await;
    assert_eq!(report.verdict, Verdict::Failed);
    assert_eq!(statuses(&report), [RungStatus::Failed; 3]);
    for (at, claim) in TOKENS.into_iter().zip(["aud", "sub"]) {
        let fault = rung(&report, at).fault.as_ref().unwrap();
        assert_eq!((fault.cause, fault.evidence["claim"].as_str()), (Cause::TrustTooWide, claim));
        assert!(fault.remedy.is_some());
    }
    let push = rung(&report, Rung::RefusesPush).fault.as_ref().unwrap();
    assert_eq!(push.cause, Cause::PushPermitted);
    assert!(push.evidence["policies"].contains("ReadOnly"), "{push:?}");
    assert!(report.image.is_some(), "the pull itself worked");
}

#[tokio::test(start_paused = true)]
async fn what_was_let_in_right_after_a_change_is_tried_until_the_window_ends() {
    let fake = complete();
    *fake.noted.lock().unwrap() = Some(unix_now());
    lets_in(&fake, 3);
    let (news, report) = tested(&fake, from_cluster()).await;
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    let told = tries(&news, TOKENS[0]);
    let next: Vec<u64> = told.iter().map(|t| t.next_in.unwrap().as_secs()).collect();
    assert_eq!(next, [1, 2, 4, 1], "two refusals in a row");
    assert!(told[0].wait.is_some());

    let fake = complete();
    *fake.noted.lock().unwrap() = Some(unix_now() - 90);
    lets_in(&fake, 99);
    let began = Instant::now();
    let (_, report) = tested(&fake, from_cluster()).await;
    assert_eq!(rung(&report, TOKENS[0]).fault.as_ref().unwrap().cause, Cause::TrustTooWide);
    assert!((15..=30).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_tried_is_skipped_and_says_why() {
    let (_, report) = full(&complete()).await;
    assert_eq!(statuses(&report), [RungStatus::Skipped, RungStatus::Skipped, RungStatus::Passed]);
    assert!(rung(&report, TOKENS[0]).detail.contains("pasted: another cannot be had"));

    let fake = complete();
    fake.mint.grants(1);
    fake.mint.refuses(2, &Fault::new(Cause::ClusterPermissionMissing, "may not create tokens"));
    fake.push.refuses(1, &Fault::new(Cause::Unexplained, "the registry answered 405"));
    let (_, report) = tested(&fake, from_cluster()).await;
    assert_eq!((report.verdict, statuses(&report)), (Verdict::Passed, [RungStatus::Skipped; 3]));
    assert!(rung(&report, TOKENS[1]).detail.contains("may not create tokens"));
    assert!(rung(&report, Rung::RefusesPush).detail.contains("405"));

    let fake = complete();
    fake.strangers.lock().unwrap().push_back(Some(Fault::new(Cause::Throttled, "slow down")));
    let (_, report) = tested(&fake, from_cluster()).await;
    let (first, detail) = (statuses(&report)[0], &rung(&report, TOKENS[0]).detail);
    assert_eq!((first, detail.as_str()), (RungStatus::Skipped, "slow down"));

    let fake = complete();
    fake.layers.refuses(1, &Fault::new(Cause::LayerHostBlocked, "blocked"));
    let (_, report) = tested(&fake, from_cluster()).await;
    assert_eq!(statuses(&report), [RungStatus::Skipped; 3]);
    assert_eq!(fake.pushes.0.load(Ordering::SeqCst), 0, "after a failed pull nothing is tried");
}

#[tokio::test(start_paused = true)]
async fn what_is_left_out_is_not_tried() {
    for (refusals, skipped, why) in [
        (Refusals::LeftOut, 3, "left out by --skip-refusals"),
        (Refusals::AllButPush, 1, "read-only"),
    ] {
        let fake = complete();
        let (_, report) = tested(&fake, ProbeOrder { refusals, ..from_cluster() }).await;
        assert_eq!(report.verdict, Verdict::Passed);
        let left = statuses(&report).iter().filter(|s| **s == RungStatus::Skipped).count();
        assert_eq!((left, rung(&report, Rung::RefusesPush).detail.as_str()), (skipped, why));
        assert_eq!(fake.pushes.0.load(Ordering::SeqCst), 0);
        assert_eq!(fake.shown.lock().unwrap().len(), 4 - skipped.max(1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_shallow_test_tries_them_too() {
    let shallow = order(Depth::Manifest).wish;
    let (_, report) = tested(&complete(), ProbeOrder { wish: shallow, ..from_cluster() }).await;
    assert_eq!((report.verdict, statuses(&report)), (Verdict::Partly, [RungStatus::Passed; 3]));
}

/// Between the begin of an upload and its cancelling nothing is dropped: the end of the task waits for it.
#[tokio::test(start_paused = true)]
async fn a_stop_during_the_push_waits_for_its_end() {
    for by_shutdown in [false, true] {
        let fake = complete();
        fake.push.takes(Duration::from_secs(7));
        let (mut runner, mut events) = fake.runner();
        let began = Instant::now();
        runner.start(TaskId(1), Job::Probe(Box::new(order(Depth::Full))));
        while fake.pushes.0.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if by_shutdown {
            runner.shutdown(Duration::from_mins(1)).await;
        } else {
            runner.cancel(TaskId(1));
            assert!(matches!(until_end(&mut events, TaskId(1)).await.1, End::Stopped));
        }
        assert_eq!(fake.pushes.1.load(Ordering::SeqCst), 1, "the upload was left behind");
        assert_eq!(began.elapsed().as_secs(), 7);
    }
}
