//! The puller against a registry on loopback that redirects, lies, stalls and refuses.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test says what broke by breaking"
)]

mod loopback;

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use loopback::{End, Reply, Request, Server};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::host::{ImageRef, RegistryHost};
use okteto_ecr::domain::probe::{Depth, Platform, PullWish};
use okteto_ecr::domain::secret::Login;
use okteto_ecr::ports::{CallRecord, Fetched, Manifest, OnBytes, Push, Registry};
use okteto_ecr::registry::{Deadlines, Puller, PullerOptions};
use okteto_ecr::web::Reach;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

const TOKEN: &str = "QVdTOnBhc3N3b3Jk";

fn sha(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn login() -> Login {
    Login { token: SecretString::from(TOKEN), expires: None, stale: false }
}

fn wish(image: &str) -> PullWish {
    PullWish {
        host: RegistryHost::parse("112233445566.dkr.ecr.us-east-2.amazonaws.com").unwrap(),
        image: ImageRef::parse(image).unwrap(),
        platform: Platform::default(),
        depth: Depth::Full,
    }
}

/// What the config says, whatever the index says.
fn arm() -> Platform {
    Platform { os: "linux".to_owned(), architecture: "arm64".to_owned(), variant: None }
}

/// Three blobs: a config, a large and a small layer.
fn blobs() -> [Vec<u8>; 3] {
    [br#"{"os":"linux","architecture":"arm64"}"#.to_vec(), vec![7; 300_000], vec![9; 1000]]
}

fn image() -> String {
    let [config, large, small] = blobs();
    let one = |bytes: &[u8]| serde_json::json!({"digest": sha(bytes), "size": bytes.len()});
    serde_json::json!({"schemaVersion": 2, "config": one(&config),
        "layers": [one(&large), one(&small), one(&large)]})
    .to_string()
}

fn index() -> String {
    let entry = |digest: String, os: &str, architecture: &str| {
        serde_json::json!({"digest": digest, "size": 1,
            "platform": {"os": os, "architecture": architecture}})
    };
    serde_json::json!({"schemaVersion": 2, "manifests": [
        entry(sha(b"a"), "unknown", "unknown"),
        entry(sha(b"b"), "linux", "arm64"),
        entry(sha(image().as_bytes()), "linux", "amd64"),
    ]})
    .to_string()
}

fn blob_of(path: &str) -> Option<Vec<u8>> {
    blobs().into_iter().find(|blob| path.ends_with(&sha(blob)))
}

fn manifests(request: &Request) -> Reply {
    let reference = request.path.rsplit('/').next().unwrap();
    match reference {
        "multi" => Reply::new(200, index()),
        _ => Reply::new(200, image()),
    }
}

/// Like S3: refuses `Authorization` beside a signed query.
fn store(request: &Request) -> Reply {
    if request.headers.contains_key("authorization") || request.method != "GET" {
        return Reply::new(400, "<Error><Code>InvalidArgument</Code></Error>");
    }
    match blob_of(request.path.split('?').next().unwrap()) {
        Some(blob) => Reply::new(200, blob),
        None => Reply::new(404, ""),
    }
}

struct Bench {
    puller: Puller,
    calls: Arc<Mutex<Vec<CallRecord>>>,
}

fn bench(server: &Server) -> Bench {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let log = calls.clone();
    let options = PullerOptions {
        registry_endpoint: Some(server.url.parse().unwrap()),
        reach: Reach::default(),
    };
    let puller = Puller::new(options, Arc::new(move |call| log.lock().unwrap().push(call)));
    let deadlines =
        Deadlines { connect: Duration::from_secs(2), stall: Duration::from_millis(400) };
    Bench { puller: puller.with_deadlines(deadlines), calls }
}

fn quiet() -> OnBytes {
    Arc::new(|_| {})
}

impl Bench {
    async fn pull(&self, image: &str) -> Result<(Manifest, Fetched), Fault> {
        let (login, wish) = (login(), wish(image));
        let manifest = self.puller.manifest(&login, &wish).await?;
        let fetched = self.puller.layers(&login, &wish, &manifest, Depth::Full, quiet()).await?;
        Ok((manifest, fetched))
    }
}

/// A registry whose blobs are answered so.
async fn with_blobs(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |request| {
        if request.path.contains("/manifests/") { manifests(request) } else { answer(request) }
    })
    .await
}

#[tokio::test]
async fn an_index_leads_to_the_platform_and_layers_come_from_a_host_that_refuses_authorization() {
    let store = Server::start(store).await;
    let target = store.url.clone();
    let server = with_blobs(move |request| {
        let digest = request.path.rsplit('/').next().unwrap();
        Reply::to(307, format!("{target}/bucket/{digest}?X-Amz-Signature=secret"))
    })
    .await;
    let bench = bench(&server);
    let (manifest, fetched) = bench.pull("team/app:multi").await.unwrap();
    assert_eq!(manifest.image.digest, sha(image().as_bytes()));
    assert_eq!(manifest.image.platform.as_deref(), Some("linux/amd64"));
    assert_eq!(manifest.image.layers, 3);
    assert_eq!(
        manifest.image.reference,
        "112233445566.dkr.ecr.us-east-2.amazonaws.com/team/app:multi"
    );
    assert_eq!(fetched, Fetched { blobs: 3, bytes: 301_037, platform: Some(arm()) });
    let asked = server.requests();
    assert!(asked.iter().all(|r| r.headers["authorization"] == format!("Basic {TOKEN}")));
    assert_eq!(asked[0].headers["accept"].split(", ").count(), 4);
    assert_eq!(store.requests().len(), 3);
    let calls = bench.calls.lock().unwrap();
    assert_eq!(calls.iter().filter(|c| c.call == "GET manifest").count(), 2);
    assert_eq!(calls.iter().filter(|c| c.status == Some(307)).count(), 3);
    assert!(!format!("{calls:?}").contains("secret"));
}

#[tokio::test]
async fn a_relative_location_is_followed() {
    let server = Server::start(|request| match request.path.as_str() {
        path if path.contains("/manifests/") => manifests(request),
        path if path.starts_with("/store/") => store(request),
        path => Reply::to(302, format!("/store/{}", path.rsplit('/').next().unwrap())),
    })
    .await;
    assert_eq!(bench(&server).pull("team/app:1").await.unwrap().1.blobs, 3);
}

#[tokio::test]
async fn depth_and_progress() {
    let server = with_blobs(|r| Reply::new(200, blob_of(&r.path).unwrap())).await;
    let bench = bench(&server);
    let (login, wish) = (login(), wish("team/app:1"));
    let manifest = bench.puller.manifest(&login, &wish).await.unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let on_bytes: OnBytes = Arc::new(move |p| told.lock().unwrap().push((p.received, p.total)));
    let part = bench.puller.layers(&login, &wish, &manifest, Depth::SmallestLayer, on_bytes);
    assert_eq!(part.await.unwrap(), Fetched { blobs: 2, bytes: 1037, platform: Some(arm()) });
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen[..2], [(0, 37), (0, 1000)]);
    assert!(seen.contains(&(37, 37)) && seen.contains(&(1000, 1000)));
    let none = bench.puller.layers(&login, &wish, &manifest, Depth::Manifest, quiet());
    assert_eq!(none.await.unwrap(), Fetched::default());
}

#[tokio::test]
async fn blobs_that_are_not_what_was_named() {
    type Spoil = fn(Reply) -> Reply;
    let cases: [(&str, Spoil, Cause); 5] = [
        (
            "altered",
            |mut r| {
                r.body[500] ^= 1;
                r
            },
            Cause::DigestMismatch,
        ),
        ("shorter", |r| Reply::new(200, &r.body[..999]), Cause::DigestMismatch),
        ("longer", |r| Reply::new(200, [r.body, vec![0]].concat()), Cause::DigestMismatch),
        (
            "endless",
            |mut r| {
                r.body.extend([0; 99]);
                Reply { length: None, end: End::Hang, ..r }
            },
            Cause::DigestMismatch,
        ),
        (
            "cut",
            |mut r| {
                r.body.truncate(500);
                Reply { end: End::Cut, ..r }
            },
            Cause::Unreachable,
        ),
    ];
    for (name, spoil, cause) in cases {
        let server = with_blobs(move |request| {
            let blob = blob_of(&request.path).unwrap();
            let small = blob.len() == 1000;
            let reply = Reply::new(200, blob);
            if small { spoil(reply) } else { reply }
        })
        .await;
        let fault = bench(&server).pull("team/app:1").await.unwrap_err();
        assert_eq!(fault.cause, cause, "{name}: {fault:?}");
    }
}

#[tokio::test]
async fn a_manifest_asked_for_by_digest_is_held_to_it() {
    let server = Server::start(|_| Reply::new(200, image())).await;
    let bench = bench(&server);
    let good = format!("team/app@{}", sha(image().as_bytes()));
    assert!(bench.puller.manifest(&login(), &wish(&good)).await.is_ok());
    let bad = format!("team/app@{}", sha(b"other"));
    let fault = bench.puller.manifest(&login(), &wish(&bad)).await.unwrap_err();
    assert_eq!(fault.cause, Cause::DigestMismatch);
    assert_eq!(fault.evidence["got"], sha(image().as_bytes()));
}

#[tokio::test]
async fn refusals_of_the_registry() {
    let error = |code: &str, text: &str| {
        serde_json::json!({"errors": [{"code": code, "message": text}]}).to_string()
    };
    for (status, body, cause) in [
        (401, error("UNAUTHORIZED", "authentication required"), Cause::RegistryLoginRefused),
        (403, "Your authorization token has expired.".to_owned(), Cause::RegistryTokenExpired),
        (404, error("NAME_UNKNOWN", "no repository"), Cause::RepositoryMissing),
        (404, error("MANIFEST_UNKNOWN", "no image"), Cause::ImageMissing),
        (429, error("TOOMANYREQUESTS", "Rate exceeded"), Cause::Throttled),
        (502, "bad gateway".to_owned(), Cause::Unreachable),
        (200, "hello".to_owned(), Cause::Unexplained),
        (200, "x".repeat(5 << 20), Cause::Unexplained),
    ] {
        let answer = body.clone();
        let server = Server::start(move |_| {
            Reply::new(status, answer.clone()).header("x-amzn-requestid", "r-1")
        })
        .await;
        let fault = bench(&server).pull("team/app:1").await.unwrap_err();
        assert_eq!(fault.cause, cause, "{status} {fault:?}");
        assert!(!format!("{fault:?}").contains(TOKEN));
        if status != 200 {
            assert_eq!(fault.request_id.as_deref(), Some("r-1"));
            assert_eq!(fault.evidence["path"], "/v2/team/app/manifests/1");
            assert_eq!(fault.evidence["status"], status.to_string());
        }
    }
}

#[tokio::test]
async fn the_layer_host_is_named_without_its_signed_query() {
    let refusing = Server::start(|_| {
        Reply::new(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
    })
    .await;
    let silent = Server::start(|_| {
        let mut reply = Reply::new(0, "");
        reply.end = End::Hang;
        reply
    })
    .await;
    for target in [refusing.url.clone(), silent.url.clone(), "http://127.0.0.1:1".to_owned()] {
        let to = target.clone();
        let server =
            with_blobs(move |_| Reply::to(307, format!("{to}/x?X-Amz-Signature=secret"))).await;
        let fault = bench(&server).pull("team/app:1").await.unwrap_err();
        assert_eq!(fault.cause, Cause::LayerHostBlocked, "{target} {fault:?}");
        assert_eq!(fault.evidence["host"], target.trim_start_matches("http://"));
        assert_eq!(fault.evidence["bucket"], "prod-us-east-2-starport-layer-bucket");
        assert!(!format!("{fault:?}").contains("secret"), "{fault:?}");
    }
}

#[tokio::test]
async fn redirects_end_somewhere() {
    let server = with_blobs(|request| Reply::to(307, request.path.clone())).await;
    let fault = bench(&server).pull("team/app:1").await.unwrap_err();
    assert!(fault.message.contains("without end"), "{fault:?}");
    for location in ["ftp://x/", ""] {
        let server = with_blobs(move |_| {
            let mut reply = Reply::new(307, "");
            if !location.is_empty() {
                reply = reply.header("Location", location);
            }
            reply
        })
        .await;
        assert!(bench(&server).pull("team/app:1").await.is_err());
    }
}

#[tokio::test]
async fn silence_ends_at_the_deadline() {
    let server = Server::start(|_| Reply { end: End::Hang, ..Reply::new(0, "") }).await;
    let began = Instant::now();
    let fault = bench(&server).pull("team/app:1").await.unwrap_err();
    assert_eq!(fault.cause, Cause::DeadlinePassed);
    assert!(began.elapsed() < Duration::from_secs(3));
    let stalled = with_blobs(|request| {
        let blob = blob_of(&request.path).unwrap();
        let length = Some(blob.len());
        Reply { length, end: End::Hang, ..Reply::new(200, &blob[..blob.len() / 2]) }
    })
    .await;
    let fault = bench(&stalled).pull("team/app:1").await.unwrap_err();
    assert_eq!(fault.cause, Cause::DeadlinePassed, "{fault:?}");
}

#[tokio::test]
async fn dropping_the_pull_closes_its_connections() {
    let server = with_blobs(|request| {
        let blob = blob_of(&request.path).unwrap();
        let length = Some(blob.len());
        Reply { length, end: End::Hang, ..Reply::new(200, &blob[..1]) }
    })
    .await;
    let bench = bench(&server);
    let (login, wish) = (login(), wish("team/app:1"));
    let manifest = bench.puller.manifest(&login, &wish).await.unwrap();
    let pull = bench.puller.layers(&login, &wish, &manifest, Depth::Full, quiet());
    assert!(tokio::time::timeout(Duration::from_millis(200), pull).await.is_err());
    let began = Instant::now();
    while *server.left.lock().unwrap() < 3 {
        assert!(began.elapsed() < Duration::from_secs(1), "connections stay open");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(bench.calls.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn a_ca_bundle_that_is_none_is_named() {
    let options = PullerOptions {
        registry_endpoint: None,
        reach: Reach::World(Some("no/such/file.pem".into())),
    };
    let puller = Puller::new(options, Arc::new(|_| {}));
    let fault = puller.manifest(&login(), &wish("team/app:1")).await.unwrap_err();
    assert_eq!(fault.cause, Cause::File);
    assert!(fault.message.contains("no/such/file.pem"));
}

/// A registry that answers a push so and a cancelling so.
async fn pushed(push: Reply, cancel: Reply) -> (Server, Result<Push, Fault>) {
    let server = Server::start(move |request| match request.method.as_str() {
        "POST" => push.clone(),
        _ => cancel.clone(),
    })
    .await;
    let told = bench(&server).puller.try_push(&login(), &wish("team/app:1")).await;
    (server, told)
}

fn methods(server: &Server) -> Vec<String> {
    server.requests().iter().map(|r| format!("{} {}", r.method, r.path)).collect()
}

const UPLOADS: &str = "/v2/team/app/blobs/uploads/";

#[tokio::test]
async fn a_push_that_is_denied_is_told_in_the_registrys_words_and_leaves_nothing() {
    let said = "User: arn:aws:sts::112233445566:assumed-role/r/s is not authorized to perform: ecr:InitiateLayerUpload \
                on resource: arn:aws:ecr:us-east-2:112233445566:repository/team/app because no identity-based policy \
                allows the ecr:InitiateLayerUpload action";
    let body = serde_json::json!({"errors": [{"code": "DENIED", "message": said}]}).to_string();
    for (status, body, words) in [
        (403, body.as_str(), said),
        (403, r#"{"errors":[{"code":"DENIED","message":"requested access"}]}"#, "requested access"),
        (401, "", "does not take"),
    ] {
        let (server, told) = pushed(Reply::new(status, body), Reply::new(204, "")).await;
        let Ok(Push::Denied(told)) = told else { panic!("{told:?}") };
        assert!(told.contains(words), "{told}");
        assert_eq!(methods(&server), [format!("POST {UPLOADS}")]);
        let asked = &server.requests()[0].headers;
        assert_eq!(
            (&*asked["content-length"], &*asked["authorization"]),
            ("0", &*format!("Basic {TOKEN}"))
        );
    }
}

#[tokio::test]
async fn an_upload_that_was_let_in_is_cancelled_where_it_is() {
    for (status, cancelled) in [(204, true), (404, true), (405, false), (500, false)] {
        let begun = Reply::to(202, format!("{UPLOADS}u-1?_state=secret"));
        let (server, told) = pushed(begun, Reply::new(status, "")).await;
        let Ok(Push::Begun(end)) = told else { panic!("{told:?}") };
        assert_eq!(end.is_ok(), cancelled, "{status}");
        assert!(!format!("{end:?}").contains("secret"), "{end:?}");
        let asked = methods(&server);
        assert_eq!(
            asked,
            [format!("POST {UPLOADS}"), format!("DELETE {UPLOADS}u-1?_state=secret")]
        );
        assert!(server.requests().iter().all(|r| r.headers.contains_key("authorization")));
    }
    // Another host is not shown the login.
    let other = Server::start(|_| Reply::new(204, "")).await;
    let begun = Reply::to(202, format!("{}/u-1", other.url));
    let (_, told) = pushed(begun, Reply::new(500, "")).await;
    assert!(matches!(told, Ok(Push::Begun(Ok(())))), "{told:?}");
    assert!(!other.requests()[0].headers.contains_key("authorization"));

    let (_, told) = pushed(Reply::new(202, ""), Reply::new(204, "")).await;
    assert!(matches!(told, Ok(Push::Begun(Err(_)))), "nobody knows where it is: {told:?}");
}

#[tokio::test]
async fn what_is_neither_a_denial_nor_an_upload_is_a_fault() {
    let expired = "Your authorization token has expired. Reauthenticate and try again.";
    let expired =
        serde_json::json!({"errors": [{"code": "DENIED", "message": expired}]}).to_string();
    for (status, body, cause) in [
        (404, r#"{"errors":[{"code":"NAME_UNKNOWN","message":"x"}]}"#, Cause::RepositoryMissing),
        (404, "", Cause::Unexplained),
        (405, "", Cause::Unexplained),
        (200, "<html>welcome to this hotel</html>", Cause::Unexplained),
        (403, "<html>blocked by proxy</html>", Cause::Unexplained),
        (429, "", Cause::Throttled),
        (503, "", Cause::Unreachable),
        (403, expired.as_str(), Cause::RegistryTokenExpired),
    ] {
        let (server, told) = pushed(Reply::new(status, body), Reply::new(204, "")).await;
        assert_eq!(told.unwrap_err().cause, cause, "{status} {body}");
        assert_eq!(server.requests().len(), 1);
    }
}
