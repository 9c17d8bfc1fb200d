//! User mode: the key is had, known, the user's, and pulls; and why not.

use super::*;
use crate::app::task::{KeyBearer, KeySource};
use crate::domain::custody::{Custody, SecretPlace};
use crate::domain::key::{KeyId, KeyStatus, SeenKey};
use crate::domain::secret::AccessKey;
use crate::engine::fake::{key_id, seen_key, seen_user};

/// The key that the fake has in its files and Secrets.
fn tried() -> KeyId {
    KeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap()
}

fn place() -> SecretPlace {
    match sample::user_intent().custody {
        Custody::Kubernetes(place) => place,
        other => panic!("{other:?}"),
    }
}

fn with(key: KeySource) -> ProbeOrder {
    let intent = sample::user_intent();
    let bearer = Bearer::Key(KeyBearer { user: intent.user_arn(), intent, key });
    ProbeOrder { bearer, ..order(Depth::Full) }
}

fn by_key() -> ProbeOrder {
    with(KeySource::Secret(place()))
}

/// An account whose user has these keys, made so long ago.
fn account(keys: Vec<SeenKey>, ago: i64) -> Arc<Fake> {
    let fake = Arc::new(Fake::default());
    let made = |key| SeenKey { created_at: Some(unix_now() - ago), ..key };
    let keys = keys.into_iter().map(made).collect();
    fake.account.lock().unwrap().user = Some(seen_user(keys));
    fake
}

fn old() -> Arc<Fake> {
    account(vec![seen_key(tried())], 86_400)
}

fn new() -> Arc<Fake> {
    account(vec![seen_key(tried())], 5)
}

fn unknown() -> Fault {
    Fault::new(Cause::AccessKeyUnknown, "AWS does not know the access key")
        .with("code", "InvalidClientTokenId")
        .with("aws_said", "The security token included in the request is invalid.")
        .request(Some("r-9"))
}

/// How long it took to fail at the key, and the fault.
async fn given_up(fake: &Arc<Fake>, order: ProbeOrder) -> (u64, Fault) {
    let began = Instant::now();
    let (rung, _, fault) = failure(&tested(fake, order).await.1);
    assert_eq!(rung, Rung::AccessKey, "{fault:?}");
    assert!(!fault.what_to_do().is_empty(), "{fault:?}");
    assert_eq!(fault.evidence.get("key").map(String::as_str), Some(tried().as_str()));
    (began.elapsed().as_secs(), fault)
}

#[tokio::test(start_paused = true)]
async fn all_rungs_pass_wherever_the_key_is_and_the_operators_login_takes_no_part() {
    let held = AccessKey { id: tried(), secret: SECRET.into() };
    for (source, words) in [
        (KeySource::Secret(place()), "from the Secret okteto/"),
        (KeySource::File("key".into()), "from key"),
        (KeySource::Held(held), "held in memory"),
    ] {
        let fake = old();
        let (_, report) = tested(&fake, with(source)).await;
        assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
        assert!(report.rungs.iter().all(|result| result.status == RungStatus::Passed));
        assert!(report.rungs[0].detail.contains(words), "{}", report.rungs[0].detail);
        assert_eq!(report.rungs[1].detail, sample::user_intent().user_arn().as_str());
        assert_eq!(report.key, Some(tried()));
        assert_eq!(fake.calls.load(Ordering::SeqCst), 0, "neither who am I nor a look");
        assert_eq!(
            (fake.pushes.0.load(Ordering::SeqCst), fake.shown.lock().unwrap().len()),
            (1, 0)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_cannot_be_had_or_is_none_of_a_user_ends_it_before_aws_is_asked() {
    let fake = old();
    fake.read_secret.refuses(1, &Fault::new(Cause::ClusterUnreachable, "no cluster"));
    fake.identity.refuses(9, &Fault::new(Cause::Unexplained, "was asked"));
    let (rung, cause, _) = failure(&tested(&fake, by_key()).await.1);
    assert_eq!((rung, cause), (Rung::AccessKey, Cause::ClusterUnreachable));

    let id = KeyId::parse("ASIAIOSFODNN7EXAMPLE").unwrap();
    let temporary = KeySource::Held(AccessKey { id, secret: SECRET.into() });
    let (rung, cause, fault) = failure(&tested(&fake, with(temporary)).await.1);
    assert_eq!((rung, cause), (Rung::AccessKey, Cause::AccessKeyUnknown));
    assert!(fault.message.contains("temporary"), "{fault}");
    assert_eq!(fake.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn an_inactive_key_is_told_at_once_with_what_aws_said() {
    let fake = account(vec![SeenKey { status: KeyStatus::Inactive, ..seen_key(tried()) }], 5);
    fake.identity.refuses(99, &unknown());
    let (took, fault) = given_up(&fake, by_key()).await;
    assert_eq!((took, fault.cause), (0, Cause::AccessKeyInactive));
    assert_eq!(fault.evidence["status"], "Inactive");
    assert_eq!(fault.evidence["code"], "InvalidClientTokenId");
    assert_eq!(fault.request_id.as_deref(), Some("r-9"));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_the_user_does_not_have_is_told_with_those_it_has() {
    for (fake, words) in [
        (account(vec![seen_key(key_id(1)), seen_key(key_id(2))], 86_400), key_id(2).to_string()),
        (account(Vec::new(), 0), "has no access key".to_owned()),
        (Arc::new(Fake::default()), "there is no user".to_owned()),
    ] {
        fake.identity.refuses(99, &unknown());
        let (took, fault) = given_up(&fake, by_key()).await;
        assert_eq!((took, fault.cause), (0, Cause::AccessKeyUnknown));
        assert!(fault.evidence["got"].contains(&words), "{fault:?}");
    }
    // Where the account was changed a moment ago it is waited for, as even IAM may list it late; and then it is gone.
    let fake = account(vec![seen_key(key_id(1))], 86_400);
    *fake.noted.lock().unwrap() = Some(unix_now() - 60);
    fake.identity.refuses(99, &unknown());
    let (took, fault) = given_up(&fake, by_key()).await;
    assert!((40..=60).contains(&took), "{took}");
    assert_eq!(fault.cause, Cause::AccessKeyUnknown);
    assert!(fault.evidence["got"].contains(key_id(1).as_str()));
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_waited_for_and_two_successes_count() {
    let fake = new();
    fake.identity.refuses(3, &unknown());
    fake.identity.grants(1);
    fake.identity.refuses(1, &unknown());
    let (news, report) = tested(&fake, by_key()).await;
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    let told = tries(&news, Rung::AccessKey);
    let next: Vec<u64> = told.iter().map(|t| t.next_in.map_or(0, |n| n.as_secs())).collect();
    assert_eq!(next, [1, 2, 4, 1, 10, 1, 0], "the first refusal is told like the others");
    let why = &told[0].wait.as_ref().unwrap().why;
    assert!(why.starts_with("the key was made "), "{why}");
    assert_eq!(fake.calls.load(Ordering::SeqCst), 2, "one look");
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_key_ends_and_says_that_it_has_not_spread() {
    let fake = new();
    fake.identity.refuses(99, &unknown());
    let (took, fault) = given_up(&fake, by_key()).await;
    assert_eq!(fault.cause, Cause::NotYetPropagated);
    assert!((100..=115).contains(&took), "{took}");
    assert!(fault.evidence["changed"].contains("the key was made"), "{fault:?}");
    assert_eq!(fault.evidence["code"], "InvalidClientTokenId");
    // Where nothing is new one more try makes sure, and nothing is waited for.
    let fake = old();
    fake.identity.refuses(99, &unknown());
    let (took, fault) = given_up(&fake, by_key()).await;
    assert_eq!((took, fault.cause), (1, Cause::AccessKeyUnknown));
    assert_eq!(fault.evidence["tries"], "2");
    assert!(fault.what_to_do().contains("IAM lists the key as active"), "{fault:?}");
    // One replica's slip is none.
    let fake = old();
    fake.identity.refuses(1, &unknown());
    assert_eq!(tested(&fake, by_key()).await.1.verdict, Verdict::Passed);
}

#[tokio::test(start_paused = true)]
async fn without_a_look_a_key_is_waited_for_and_it_is_said_who_could_look() {
    let fake = old();
    fake.identity.refuses(99, &unknown());
    fake.survey.refuses(1, &Fault::new(Cause::PermissionDenied, "may not look"));
    let (took, fault) = given_up(&fake, by_key()).await;
    assert!(took > 100, "{took}");
    assert_eq!(fault.cause, Cause::AccessKeyUnknown);
    assert_eq!(fault.evidence["not_looked_at"], "may not look");
}

#[tokio::test(start_paused = true)]
async fn a_mistyped_secret_is_told_at_once_with_its_place_and_without_it() {
    let fake = new();
    fake.identity.refuses(9, &Fault::new(Cause::SecretMismatch, "the signature does not fit"));
    let (took, fault) = given_up(&fake, by_key()).await;
    assert_eq!((took, fault.cause), (0, Cause::SecretMismatch));
    assert!(fault.what_to_do().contains(&place().to_string()), "{fault:?}");
    assert_eq!(fake.calls.load(Ordering::SeqCst), 0);
    // Once the key has spread, the same.
    let fake = new();
    fake.identity.refuses(2, &unknown());
    fake.identity.refuses(9, &Fault::new(Cause::SecretMismatch, "the signature does not fit"));
    assert_eq!(given_up(&fake, by_key()).await.1.cause, Cause::SecretMismatch);
}

#[tokio::test(start_paused = true)]
async fn the_key_of_somebody_else_is_told_with_whose_it_is() {
    for (owner, cause, words) in [
        (
            "arn:aws:iam::112233445566:user/dana",
            Cause::IdentityMismatch,
            "give the access key of private-registry-user",
        ),
        ("arn:aws:iam::112233445566:root", Cause::IdentityMismatch, "delete this key"),
        ("arn:aws:iam::999999999999:user/dana", Cause::WrongAccount, "in the account"),
        // The same name under another path is somebody else.
        (
            "arn:aws:iam::112233445566:user/team/private-registry-user",
            Cause::IdentityMismatch,
            "give the access key",
        ),
    ] {
        let fake = old();
        *fake.owner.lock().unwrap() = Some(owner.to_owned());
        let (rung, found, fault) = failure(&tested(&fake, by_key()).await.1);
        assert_eq!((rung, found), (Rung::Identity, cause), "{owner}");
        assert_eq!((&*fault.evidence["got"], &*fault.evidence["key"]), (owner, tried().as_str()));
        assert!(fault.what_to_do().contains(words), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_has_not_spread_is_waited_for_at_the_login_and_the_manifest() {
    for (rung, cause) in [
        (Rung::Login, Cause::LoginPermissionMissing),
        (Rung::Manifest, Cause::PullPermissionMissing),
    ] {
        let refuse = |fake: &Fake, times| {
            let script = if rung == Rung::Login { &fake.login } else { &fake.manifest };
            script.refuses(times, &Fault::new(cause, "no"));
        };
        let fake = old();
        *fake.noted.lock().unwrap() = Some(unix_now());
        refuse(&fake, 3);
        let (news, report) = tested(&fake, by_key()).await;
        assert_eq!(report.verdict, Verdict::Passed);
        let next: Vec<u64> =
            tries(&news, rung).iter().map(|t| t.next_in.map_or(0, |n| n.as_secs())).collect();
        assert_eq!(next, [1, 2, 4, 1, 0]);
        assert_eq!(fake.calls.load(Ordering::SeqCst), 2, "one look");

        // Not where it is not there at all, nor where nothing was changed.
        for (fake, wanted) in [(new(), 0), (old(), 1)] {
            refuse(&fake, 99);
            if wanted == 0 {
                fake.account.lock().unwrap().user.as_mut().unwrap().attached.clear();
                *fake.noted.lock().unwrap() = Some(unix_now());
            }
            let began = Instant::now();
            let (at, found, _) = failure(&tested(&fake, by_key()).await.1);
            assert_eq!((at, found), (rung, cause));
            assert_eq!(began.elapsed().as_secs(), wanted);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_may_push_is_told() {
    let fake = old();
    *fake.pushed.lock().unwrap() = Some(crate::domain::seen::Push::Begun(Ok(())));
    let (_, report) = tested(&fake, by_key()).await;
    assert_eq!(report.verdict, Verdict::Failed);
    let last = report.rungs.last().unwrap();
    assert_eq!((last.rung, last.status), (Rung::RefusesPush, RungStatus::Failed));
}
