//! What one look at the account tells before STS is asked.

use super::*;
use crate::domain::arn::RoleArn;
use crate::domain::intent::Caller;
use crate::domain::inventory::{Inventory, SeenRole};
use crate::domain::partition::AccountId;
use crate::engine::fake::elsewhere;

/// What a look finds wrong is told at once, and STS is not asked.
async fn diagnosis(change: impl FnOnce(&mut Inventory)) -> (Rung, Fault) {
    let fake = complete();
    change(&mut fake.account.lock().unwrap());
    let began = Instant::now();
    let (rung, _, fault) = failure(&full(&fake).await.1);
    assert_eq!(began.elapsed().as_secs(), 0);
    assert_eq!(fake.shown.lock().unwrap().len(), 0, "STS was asked");
    assert_eq!(fake.calls.load(Ordering::SeqCst), 2, "one look");
    (rung, fault)
}

fn trust(role: &mut Option<SeenRole>, from: &str, to: &str) {
    let trust = &mut role.as_mut().unwrap().trust;
    assert!(trust.contains(from), "{from} in {trust}");
    *trust = trust.replace(from, to);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_named() {
    let other = || RoleArn::parse("arn:aws:iam::112233445566:role/else/where").unwrap();
    for (rung, cause, (at, fault)) in [
        (Rung::Assume, Cause::RoleMissing, diagnosis(|a| a.role = None).await),
        (
            Rung::Assume,
            Cause::RoleMissing,
            diagnosis(|a| a.role.as_mut().unwrap().arn = other()).await,
        ),
        (Rung::Claims, Cause::ProviderMissing, diagnosis(|a| a.provider = None).await),
    ] {
        assert_eq!((at, fault.cause), (rung, cause), "{fault:?}");
        assert!(fault.remedy.is_some());
    }
    let (at, fault) = diagnosis(|a| *a = Inventory::default()).await;
    assert_eq!((at, fault.cause), (Rung::Claims, Cause::ProviderMissing));
    assert_eq!(fault.others().map(|f| f.cause).collect::<Vec<_>>(), [Cause::RoleMissing]);
}

#[tokio::test(start_paused = true)]
async fn each_wrong_thing_is_named() {
    let intent = sample::intent();
    let (aud, provider) = (intent.issuer.key("aud"), intent.provider_arn().to_string());
    let audience = format!("\"{}\"", sample::AUDIENCE);
    let cases = [
        (
            Cause::AudienceNotRegistered,
            diagnosis(|a| a.provider.as_mut().unwrap().audiences = vec!["other".to_owned()]).await,
        ),
        (
            Cause::ConditionKeyMismatch,
            diagnosis(|a| trust(&mut a.role, &aud, &format!("https://{aud}"))).await,
        ),
        (
            Cause::SubjectMismatch,
            diagnosis(|a| trust(&mut a.role, sample::SUBJECT, "system:serviceaccount:x:y")).await,
        ),
        (
            Cause::TrustPrincipalMismatch,
            diagnosis(|a| trust(&mut a.role, &provider, elsewhere().as_str())).await,
        ),
        (
            Cause::TrustActionMismatch,
            diagnosis(|a| trust(&mut a.role, "sts:AssumeRoleWithWebIdentity", "sts:AssumeRole"))
                .await,
        ),
        (
            Cause::AudienceMismatch,
            diagnosis(|a| trust(&mut a.role, &audience, "\"another\"")).await,
        ),
    ];
    for (wanted, (rung, fault)) in cases {
        assert_eq!((rung, fault.cause), (Rung::Claims, wanted), "{fault:?}");
        assert!(fault.remedy.is_some());
    }
}

/// A trust that cannot be read is left to STS.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_judged_is_asked_and_not_waited_for() {
    let fake = complete();
    fake.account.lock().unwrap().role.as_mut().unwrap().trust = "{".to_owned();
    assert_eq!(full(&fake).await.1.verdict, Verdict::Passed);
    fake.assume.refuses(99, &denied());
    let (rung, cause, fault) = failure(&full(&fake).await.1);
    assert_eq!((rung, cause), (Rung::Assume, Cause::Unexplained));
    assert!(fault.evidence["not_judged"].contains("cannot be read"));
}

#[tokio::test(start_paused = true)]
async fn a_look_that_hangs_or_is_of_another_account_stops_nothing() {
    let fake = complete();
    fake.survey.takes(Duration::from_hours(1));
    let began = Instant::now();
    let (_, report) = full(&fake).await;
    assert_eq!(report.verdict, Verdict::Passed);
    assert_eq!(began.elapsed().as_secs(), 15);
    let claims = report.rungs.iter().find(|r| r.rung == Rung::Claims).unwrap();
    assert!(claims.detail.contains("not looked at"), "{}", claims.detail);

    let fake = complete();
    let account = AccountId::parse("999999999999").unwrap();
    *fake.caller.lock().unwrap() = Some(Caller { account, ..sample::caller() });
    assert_eq!(full(&fake).await.1.verdict, Verdict::Passed);
    assert_eq!(fake.calls.load(Ordering::SeqCst), 1, "only who it is was asked");
}
