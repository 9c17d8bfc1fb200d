use std::sync::atomic::Ordering;

use serde_json::json;

use super::*;
use crate::app::task::{End, Job, TokenSource};
use crate::domain::host::ImageRef;
use crate::domain::probe::{Platform, PullWish, Refusals, RungStatus, Try};
use crate::domain::sample;
use crate::engine::fake::{Fake, SECRET, denied, done, minted, token};

mod account;
mod key;
mod refusals;
mod spread;

fn order(depth: Depth) -> ProbeOrder {
    ProbeOrder {
        bearer: by(TokenSource::Pasted(token(600))),
        wish: PullWish {
            host: sample::intent().host,
            image: ImageRef::parse("team/app:1").unwrap(),
            platform: Platform::default(),
            depth,
        },
        wait: Duration::from_mins(2),
        just_changed: false,
        refusals: Refusals::All,
    }
}

/// The sample's role with this token.
fn by(token: TokenSource) -> Bearer {
    let intent = sample::intent();
    Bearer::Role(RoleBearer { role: intent.role_arn(), intent, token })
}

/// With the token from the cluster, which has others too.
fn from_cluster() -> ProbeOrder {
    ProbeOrder { bearer: by(TokenSource::Cluster(None)), ..order(Depth::Full) }
}

fn complete() -> Arc<Fake> {
    let fake = Arc::new(Fake::default());
    fake.complete();
    fake
}

async fn tested(fake: &Arc<Fake>, order: ProbeOrder) -> (Vec<News>, ProbeReport) {
    let rungs = order.bearer.rungs();
    let (news, end) = done(fake, Job::Probe(Box::new(order))).await;
    let End::Probed(report) = end else { panic!("{end:?}") };
    let climbed: Vec<Rung> = report.rungs.iter().map(|result| result.rung).collect();
    assert_eq!(climbed, rungs);
    assert!(!format!("{news:?}{report:?}").contains(SECRET));
    (news, *report)
}

async fn full(fake: &Arc<Fake>) -> (Vec<News>, ProbeReport) {
    tested(fake, order(Depth::Full)).await
}

fn status(report: &ProbeReport, rung: Rung) -> RungStatus {
    report.rungs.iter().find(|result| result.rung == rung).unwrap().status
}

/// The rung that failed, and why; what comes after it was skipped.
fn failure(report: &ProbeReport) -> (Rung, Cause, Fault) {
    assert_eq!(report.verdict, Verdict::Failed);
    let at = report.rungs.iter().position(|r| r.status == RungStatus::Failed).unwrap();
    assert!(report.rungs[at + 1..].iter().all(|r| r.status == RungStatus::Skipped));
    let fault = report.rungs[at].fault.clone().unwrap();
    (report.rungs[at].rung, fault.cause, fault)
}

fn tries(news: &[News], rung: Rung) -> Vec<Try> {
    let of = |news: &News| match news {
        News::Tried(tried) if tried.rung == rung => Some(tried.clone()),
        _ => None,
    };
    news.iter().filter_map(of).collect()
}

#[tokio::test(start_paused = true)]
async fn all_rungs_pass() {
    let (news, report) = tested(&complete(), from_cluster()).await;
    assert_eq!(report.verdict, Verdict::Passed);
    assert!(report.rungs.iter().all(|result| result.status == RungStatus::Passed), "{report:?}");
    let image = report.image.unwrap();
    assert_eq!(image.reference, format!("{}/team/app:1", sample::HOST));
    assert_eq!((image.layers, image.bytes), (2, 2040));
    assert!(report.bytes_per_second.is_some());
    assert!(news.iter().any(|n| matches!(n, News::Layers(blobs) if blobs.len() == 3)));
    assert!(news.iter().any(|n| matches!(n, News::Bytes(_))));
}

#[tokio::test(start_paused = true)]
async fn an_image_without_an_index_is_of_the_platform_that_its_config_names() {
    for (architecture, wanted) in [("amd64", RungStatus::Passed), ("arm64", RungStatus::Warned)] {
        let fake = complete();
        let architecture = architecture.to_owned();
        let there = Platform { os: "linux".to_owned(), architecture, variant: None };
        *fake.config.lock().unwrap() = Some(there.clone());
        let (_, report) = full(&fake).await;
        assert_eq!(report.verdict, Verdict::Passed);
        assert_eq!(status(&report, Rung::Layers), wanted);
        let layers = &report.rungs[8];
        assert_eq!(layers.fault.is_some(), layers.detail.contains("not linux/amd64"));
        assert_eq!(report.image.unwrap().platform, Some(there.to_string()));
    }
}

#[tokio::test(start_paused = true)]
async fn less_than_the_whole_is_partly() {
    let (_, report) = tested(&complete(), order(Depth::Manifest)).await;
    assert_eq!(report.verdict, Verdict::Partly);
    assert_eq!(status(&report, Rung::Digest), RungStatus::Skipped);
    let (news, report) = tested(&complete(), order(Depth::SmallestLayer)).await;
    assert_eq!(report.verdict, Verdict::Partly);
    assert!(news.iter().any(|n| matches!(n, News::Layers(blobs) if blobs[1].total == 30)));
}

#[tokio::test(start_paused = true)]
async fn an_issuer_out_of_reach_and_a_stale_login_only_warn() {
    let fake = complete();
    fake.discover.takes(Duration::from_hours(1));
    fake.stale.store(1, Ordering::SeqCst);
    let (_, report) = full(&fake).await;
    assert_eq!(report.verdict, Verdict::Passed);
    assert_eq!(status(&report, Rung::Discovery), RungStatus::Warned);
    assert_eq!(report.rungs[0].took.as_secs(), 5);
    assert_eq!(report.rungs[0].fault.as_ref().unwrap().cause, Cause::IssuerUnreachable);
    assert_eq!(status(&report, Rung::Keys), RungStatus::Skipped);
    assert_eq!(status(&report, Rung::Login), RungStatus::Warned);

    let fake = complete();
    fake.discover.refuses(1, &Fault::new(Cause::IssuerMismatch, "another name"));
    let (rung, cause, _) = failure(&full(&fake).await.1);
    assert_eq!((rung, cause), (Rung::Discovery, Cause::IssuerMismatch));
}

#[tokio::test(start_paused = true)]
async fn claims_that_do_not_fit_end_it_before_sts_is_asked() {
    let fake = complete();
    let mut wrong = order(Depth::Full);
    wrong.bearer = by(TokenSource::Pasted(token(-5)));
    let (rung, cause, _) = failure(&tested(&fake, wrong).await.1);
    assert_eq!((rung, cause), (Rung::Claims, Cause::TokenExpired));
    assert_eq!(fake.shown.lock().unwrap().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn two_faults_of_a_token_are_named_both_and_a_foreign_key_too() {
    let now = unix_now();
    let claims = |aud: &str, sub: &str| json!({"iss": sample::ISSUER, "aud": [aud], "sub": sub, "iat": now, "exp": now + 60});
    let good = claims(sample::AUDIENCE, sample::SUBJECT);
    for (key, claims, wanted) in [
        ("k", claims("a", "b"), vec![Cause::AudienceMismatch, Cause::SubjectMismatch]),
        ("other", good, vec![Cause::TokenSignature]),
        (
            "other",
            claims(sample::AUDIENCE, "b"),
            vec![Cause::TokenSignature, Cause::SubjectMismatch],
        ),
    ] {
        let fake = complete();
        let mut wrong = order(Depth::Full);
        wrong.bearer = by(TokenSource::Pasted(minted(key, &claims)));
        let (rung, _, fault) = failure(&tested(&fake, wrong).await.1);
        let causes: Vec<_> =
            std::iter::once(&fault).chain(fault.others()).map(|f| f.cause).collect();
        assert_eq!((rung, causes), (Rung::Claims, wanted));
        assert_eq!(fake.shown.lock().unwrap().len(), 0);
    }
    // Where the keys could not be read, AWS is asked.
    let fake = complete();
    fake.keys.refuses(9, &Fault::new(Cause::Unreachable, "no"));
    let good = claims(sample::AUDIENCE, sample::SUBJECT);
    let bearer = by(TokenSource::Pasted(minted("other", &good)));
    let (_, report) = tested(&fake, ProbeOrder { bearer, ..order(Depth::Full) }).await;
    assert_eq!(report.verdict, Verdict::Passed);
}

#[tokio::test(start_paused = true)]
async fn other_refusals_end_it_at_once_and_busy_ones_after_three() {
    let fake = complete();
    fake.assume.refuses(1, &Fault::new(Cause::TokenSignature, "no"));
    let (news, report) = full(&fake).await;
    assert_eq!(failure(&report).1, Cause::TokenSignature);
    assert_eq!(tries(&news, Rung::Assume).len(), 1);

    let fake = complete();
    fake.assume.refuses(9, &Fault::new(Cause::Throttled, "slow"));
    let (news, report) = full(&fake).await;
    assert_eq!(failure(&report).1, Cause::Throttled);
    assert_eq!(tries(&news, Rung::Assume).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn another_session_and_altered_bytes_are_caught() {
    let fake = complete();
    let mut other = order(Depth::Full);
    let role = RoleArn::parse("arn:aws:iam::999999999999:role/x").unwrap();
    let token = TokenSource::Pasted(token(600));
    other.bearer = Bearer::Role(RoleBearer { intent: sample::intent(), role, token });
    fake.survey.refuses(1, &Fault::new(Cause::PermissionDenied, "may not look"));
    assert_eq!(failure(&tested(&fake, other).await.1).0, Rung::Identity);

    let fake = complete();
    fake.layers.refuses(1, &Fault::new(Cause::DigestMismatch, "other bytes"));
    let (_, report) = full(&fake).await;
    assert_eq!(failure(&report).0, Rung::Digest);
    assert_eq!(status(&report, Rung::Layers), RungStatus::Passed);

    let fake = complete();
    fake.layers.refuses(1, &Fault::new(Cause::LayerHostBlocked, "blocked"));
    assert_eq!(failure(&full(&fake).await.1).0, Rung::Layers);
}
