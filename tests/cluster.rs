//! The cluster through a kubectl that is a script.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test says what broke by breaking"
)]
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use okteto_ecr::cluster::Kubectl;
use okteto_ecr::domain::fault::Cause;
use okteto_ecr::domain::subject::{Audience, Subject};
use okteto_ecr::ports::Cluster;

const SECRET: &str = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln";

/// A folder with a program `kubectl` that runs these lines.
fn script(lines: &str) -> (tempfile::TempDir, Kubectl) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kubectl");
    std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let kubectl = Kubectl::at(path.as_os_str()).within(Duration::from_secs(2));
    (folder, kubectl)
}

fn wish() -> (Subject, Audience) {
    (
        Subject::parse("system:serviceaccount:okteto:okteto").unwrap(),
        Audience::parse("okteto.example.com/us-east-2").unwrap(),
    )
}

#[tokio::test]
async fn context_and_issuer() {
    let (_folder, kubectl) = script(
        r#"case "$*" in
        "config current-context") echo gke_x ;;
        "--context=c get --raw /.well-known/openid-configuration") echo '{"issuer":"https://a.example/"}' ;;
        *) echo "unexpected: $*" >&2; exit 1 ;;
        esac"#,
    );
    assert_eq!(kubectl.context().await.as_deref(), Some("gke_x"));
    assert_eq!(kubectl.issuer(Some("c")).await.unwrap(), "https://a.example/");
    assert!(kubectl.issuer(None).await.is_err());
}

#[tokio::test]
async fn a_token_request_is_sent_on_standard_input() {
    let (folder, kubectl) = script(&format!(
        r#"echo "$*" > "$(dirname "$0")/words"; cat > "$(dirname "$0")/input"; echo '{{"status":{{"token":"{SECRET}"}}}}'"#
    ));
    let (subject, audience) = wish();
    let token = kubectl.token(Some("c"), &subject, &audience).await.unwrap();
    assert_eq!(token.expose(), SECRET);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(
        read("words").trim(),
        "--context=c create --raw /api/v1/namespaces/okteto/serviceaccounts/okteto/token -f -"
    );
    let input: serde_json::Value = serde_json::from_str(&read("input")).unwrap();
    assert_eq!(input["spec"]["audiences"][0], audience.as_str());
    assert_eq!(input["spec"]["expirationSeconds"], 600);
}

#[tokio::test]
async fn refusals_have_causes_and_what_was_printed_stays_inside() {
    let (subject, audience) = wish();
    for (lines, cause) in [
        (
            r#"echo 'Error from server (NotFound): serviceaccounts "okteto" not found' >&2; exit 1"#,
            Cause::ServiceAccountMissing,
        ),
        (
            r#"echo 'Error from server (Forbidden): serviceaccounts "okteto" is forbidden' >&2; exit 1"#,
            Cause::ClusterPermissionMissing,
        ),
        (
            "echo 'The connection to the server 127.0.0.1:1 was refused' >&2; exit 1",
            Cause::ClusterUnreachable,
        ),
        ("exec sleep 30", Cause::ClusterUnreachable),
        (&format!("echo '{{\"status\":\"{SECRET}\"}}'"), Cause::Unexplained),
        (&format!("echo '{SECRET}'; echo no >&2; exit 1"), Cause::ClusterUnreachable),
    ] {
        let (_folder, kubectl) = script(lines);
        let began = Instant::now();
        let fault = kubectl.token(None, &subject, &audience).await.unwrap_err();
        assert_eq!(fault.cause, cause, "{lines} {fault:?}");
        assert!(!format!("{fault:?}").contains(SECRET));
        assert!(began.elapsed() < Duration::from_secs(10));
    }
    let fault = Kubectl::at("no-such-kubectl").token(None, &subject, &audience).await.unwrap_err();
    assert_eq!(fault.cause, Cause::ClusterUnreachable);
    assert_eq!(Kubectl::at("no-such-kubectl").context().await, None);
}
