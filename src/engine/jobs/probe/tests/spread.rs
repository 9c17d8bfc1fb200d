//! "Not yet" or "never".

use super::*;
use crate::app::task::ProbeOrder;

/// An account where something was changed so long ago.
fn changed(ago: i64) -> Arc<Fake> {
    let fake = complete();
    *fake.noted.lock().unwrap() = Some(unix_now() - ago);
    fake
}

fn refusing(fake: &Arc<Fake>) {
    fake.assume.refuses(99, &denied());
}

/// How long it took to fail at the swap, the cause and the fault.
async fn given_up(fake: &Arc<Fake>, order: ProbeOrder) -> (u64, Cause, Fault) {
    let began = Instant::now();
    let (rung, cause, fault) = failure(&tested(fake, order).await.1);
    assert_eq!(rung, Rung::Assume);
    (began.elapsed().as_secs(), cause, fault)
}

#[tokio::test(start_paused = true)]
async fn a_new_role_is_waited_for_and_two_successes_count() {
    let fake = changed(20);
    fake.assume.refuses(3, &denied());
    fake.assume.grants(1);
    fake.assume.refuses(1, &denied());
    let (news, report) = full(&fake).await;
    assert_eq!(report.verdict, Verdict::Passed);
    let tries = tries(&news, Rung::Assume);
    let next: Vec<u64> = tries.iter().map(|t| t.next_in.map_or(0, |n| n.as_secs())).collect();
    assert_eq!(next, [1, 2, 4, 1, 10, 1, 0]);
    assert_eq!(tries.iter().filter(|t| t.refused.is_some()).count(), 4);
    let wait = tries[0].wait.as_ref().unwrap();
    assert!(wait.why.starts_with("this program changed the account 2"), "{}", wait.why);
    assert!((98..=100).contains(&wait.until.as_secs()), "{wait:?}");
    assert_eq!(tries[6].wait, None);
    assert_eq!(fake.calls.load(Ordering::SeqCst), 2, "one look");
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_two_minutes_after_the_change_or_with_the_token() {
    let fake = changed(60);
    refusing(&fake);
    let (took, cause, fault) = given_up(&fake, order(Depth::Full)).await;
    assert_eq!(cause, Cause::NotYetPropagated);
    assert_eq!(fault.request_id.as_deref(), Some("r-7"));
    assert!(fault.evidence["aws_said"].starts_with("Not authorized"));
    assert!(
        fault.evidence["changed"].contains("60 s ago") || fault.evidence["changed"].contains("61")
    );
    assert!((45..=60).contains(&took), "{took}");

    let fake = changed(0);
    refusing(&fake);
    let mut short = order(Depth::Full);
    short.bearer = by(TokenSource::Pasted(token(20)));
    assert!(given_up(&fake, short).await.0 <= 20);

    let fake = changed(0);
    refusing(&fake);
    let none = ProbeOrder { wait: Duration::ZERO, ..order(Depth::Full) };
    let (took, cause, _) = given_up(&fake, none).await;
    assert_eq!((took, cause), (0, Cause::NotYetPropagated));
}

#[tokio::test(start_paused = true)]
async fn what_aws_says_of_its_making_and_the_operators_word_count_as_changes() {
    for part in ["role", "provider"] {
        let fake = complete();
        refusing(&fake);
        {
            let mut account = fake.account.lock().unwrap();
            let at = Some(unix_now() - 30);
            match part {
                "role" => account.role.as_mut().unwrap().created_at = at,
                _ => account.provider.as_mut().unwrap().created_at = at,
            }
        }
        let (took, cause, fault) = given_up(&fake, order(Depth::Full)).await;
        assert_eq!(cause, Cause::NotYetPropagated);
        assert!(fault.evidence["changed"].contains(part), "{fault:?}");
        assert!((75..=90).contains(&took), "{took}");
    }
    let fake = changed(3600);
    refusing(&fake);
    let wait = Duration::from_secs(40);
    let told = ProbeOrder { wait, just_changed: true, ..order(Depth::Full) };
    let (took, cause, fault) = given_up(&fake, told).await;
    assert_eq!(cause, Cause::NotYetPropagated);
    assert!(fault.evidence["changed"].contains("--wait"));
    assert!((30..=40).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn what_was_not_changed_is_reported_at_once_with_whom_to_ask() {
    for fake in [complete(), changed(120)] {
        refusing(&fake);
        let (took, cause, fault) = given_up(&fake, order(Depth::Full)).await;
        assert_eq!((took, cause), (1, Cause::PermissionDenied));
        assert_eq!(fake.shown.lock().unwrap().len(), 2, "one more try, as replicas differ");
        assert_eq!(fault.request_id.as_deref(), Some("r-7"));
        assert!(fault.message.contains("nothing was changed"), "{fault}");
        assert!(fault.evidence["can_also_refuse"].contains("service control policy"));
        assert!(fault.evidence["ask_for"].contains("AssumeRoleWithWebIdentity"));
        assert_eq!(fault.evidence["region"], "us-east-2");
        assert!(fault.evidence["aws_said"].starts_with("Not authorized"));
        assert!(fault.remedy.is_some());
    }
    // One replica's slip is none, but two successes count here as well.
    let fake = complete();
    fake.assume.refuses(1, &denied());
    let (news, report) = full(&fake).await;
    assert_eq!(report.verdict, Verdict::Passed);
    assert_eq!(tries(&news, Rung::Assume).len(), 3);
    assert!(tries(&news, Rung::Assume).iter().all(|tried| tried.wait.is_none()));
}

#[tokio::test(start_paused = true)]
async fn without_a_look_it_waits_and_ends_with_what_aws_said() {
    let fake = complete();
    refusing(&fake);
    fake.survey.refuses(1, &Fault::new(Cause::PermissionDenied, "may not look"));
    let (took, cause, fault) = given_up(&fake, order(Depth::Full)).await;
    assert_eq!(cause, Cause::Unexplained);
    assert_eq!(fault.evidence["not_looked_at"], "may not look");
    assert!(took > 100);
}

#[tokio::test(start_paused = true)]
async fn a_missing_permission_is_waited_for_only_where_the_policy_stands_and_is_new() {
    for (rung, cause) in [
        (Rung::Login, Cause::LoginPermissionMissing),
        (Rung::Manifest, Cause::PullPermissionMissing),
    ] {
        let refuse = |fake: &Fake, times| {
            let script = if rung == Rung::Login { &fake.login } else { &fake.manifest };
            script.refuses(times, &Fault::new(cause, "no"));
        };
        let fake = changed(5);
        refuse(&fake, 4);
        assert_eq!(full(&fake).await.1.verdict, Verdict::Passed);

        for (fake, wanted) in [(changed(5), 0), (complete(), 1)] {
            refuse(&fake, 99);
            if wanted == 0 {
                fake.account.lock().unwrap().role.as_mut().unwrap().attached.clear();
            }
            let began = Instant::now();
            let (at, found, _) = failure(&full(&fake).await.1);
            assert_eq!((at, found), (rung, cause));
            assert_eq!(began.elapsed().as_secs(), wanted);
        }
    }
}

/// The session's keys are new whatever else is old.
#[tokio::test(start_paused = true)]
async fn keys_that_are_not_known_yet_are_waited_for_in_any_case() {
    let fake = complete();
    fake.identity.refuses(3, &Fault::new(Cause::NotYetPropagated, "not known yet"));
    let (news, report) = full(&fake).await;
    assert_eq!(report.verdict, Verdict::Passed);
    let told = tries(&news, Rung::Identity);
    assert!(told[0].wait.as_ref().unwrap().why.contains("session"));
    assert_eq!(told.len(), 5);
}
