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

const MANIFEST: &str = "apiVersion: admin.okteto.com/v1\nkind: Registry\n";

#[tokio::test]
async fn a_manifest_is_tried_by_a_dry_run_of_the_server_and_by_nothing_else() {
    let (folder, kubectl) =
        script(r#"echo "$*" >> "$(dirname "$0")/words"; cat > "$(dirname "$0")/input""#);
    kubectl.try_manifest(Some("c"), MANIFEST).await.unwrap();
    kubectl.try_manifest(None, MANIFEST).await.unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(
        read("words"),
        "--context=c apply --dry-run=server -f -\napply --dry-run=server -f -\n"
    );
    assert_eq!(read("input"), MANIFEST);
}

/// The words of kubectl and of the API server, as they print them.
#[tokio::test]
async fn what_the_cluster_says_to_a_manifest_has_a_cause_and_its_own_words() {
    for (said, cause, words) in [
        (
            "error: resource mapping not found for name: \"x\" namespace: \"okteto\" from \"STDIN\": no matches for kind \"Registry\" in version \"admin.okteto.com/v1\"\nensure CRDs are installed first",
            Cause::RegistryKindMissing,
            "no matches for kind",
        ),
        (
            "error: the server doesn't have a resource type \"registries\"",
            Cause::RegistryKindMissing,
            "resource type",
        ),
        (
            "Error from server (Forbidden): error when creating \"STDIN\": admission webhook \"registry.okteto.com\" denied the request: metadata.name must end with .amazonaws.com",
            Cause::AdmissionRefused,
            "must end with .amazonaws.com",
        ),
        (
            "Error from server: error when creating \"STDIN\": admission webhook \"registry.okteto.com\" denied the request without explanation",
            Cause::AdmissionRefused,
            "without",
        ),
        (
            "Error from server (InternalError): error when creating \"STDIN\": Internal error occurred: failed calling webhook \"registry.okteto.com\": failed to call webhook: Post \"https://okteto-regcreds.okteto.svc:443/validate?timeout=30s\": dial tcp 10.0.0.1:443: connect: connection refused",
            Cause::AdmissionRefused,
            "failed calling webhook",
        ),
        (
            "The Registry \"x\" is invalid: spec.awsIamRole.audience: Required value",
            Cause::AdmissionRefused,
            "Required value",
        ),
        (
            "Error from server (BadRequest): error when creating \"STDIN\": Registry in version \"v1\" cannot be handled as a Registry: strict decoding error: unknown field \"spec.awsIAMRole\"",
            Cause::AdmissionRefused,
            "unknown field",
        ),
        (
            "Error from server (NotFound): error when creating \"STDIN\": namespaces \"okteto\" not found",
            Cause::AdmissionRefused,
            "no such namespace",
        ),
        (
            "Error from server (Forbidden): error when creating \"STDIN\": registries.admin.okteto.com \"x\" is forbidden: ValidatingAdmissionPolicy 'hosts' with binding 'all' denied request: no foreign hosts",
            Cause::AdmissionRefused,
            "no foreign hosts",
        ),
        (
            "Error from server (Forbidden): error when retrieving current configuration of:\nResource: \"admin.okteto.com/v1, Resource=registries\"\nfrom server for: \"STDIN\": registries.admin.okteto.com \"x\" is forbidden: User \"dev\" cannot get resource \"registries\"",
            Cause::ClusterPermissionMissing,
            "cannot get resource",
        ),
        (
            "error: error validating \"STDIN\": error validating data: failed to download openapi: Get \"https://10.0.0.1/openapi/v2?timeout=32s\": dial tcp 10.0.0.1:443: i/o timeout; if you choose to ignore these errors, turn validation off with --validate=false",
            Cause::ClusterUnreachable,
            "i/o timeout",
        ),
        (
            "error: error validating \"STDIN\": error validating data: failed to download openapi: the server has asked for the client to provide credentials; if you choose to ignore these errors, turn validation off with --validate=false",
            Cause::ClusterUnreachable,
            "does not know this login",
        ),
        (
            "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
            Cause::ClusterUnreachable,
            "was refused",
        ),
        (
            "error: You must be logged in to the server (Unauthorized)",
            Cause::ClusterUnreachable,
            "logged in",
        ),
        (
            "error: invalid argument \"server\" for \"--dry-run\" flag: strconv.ParseBool: parsing \"server\": invalid syntax",
            Cause::Unexplained,
            "cannot try",
        ),
        (
            "Error from server (BadRequest): error when creating \"STDIN\": admission webhook \"registry.okteto.com\" does not support dry run",
            Cause::Unexplained,
            "without a change",
        ),
    ] {
        let (_folder, kubectl) = script(&format!("cat >&2 <<'END'\n{said}\nEND\nexit 1"));
        let fault = kubectl.try_manifest(Some("c"), MANIFEST).await.unwrap_err();
        assert_eq!(fault.cause, cause, "{said} {fault:?}");
        assert!(fault.message.contains(words), "{said}: {fault}");
        assert!(!fault.what_to_do().is_empty(), "{said}");
        assert!(said.starts_with(&fault.evidence["kubectl_said"][..30]), "{fault:?}");
    }
    let fault = Kubectl::at("no-such-kubectl").try_manifest(None, MANIFEST).await.unwrap_err();
    assert_eq!(fault.cause, Cause::ClusterUnreachable);
}
