//! The cluster through kubectl, against a real API server: its words change between versions, its refusals do not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test says what broke by breaking"
)]
#![cfg(unix)]

#[cfg(test)]
#[path = "support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test crate uses a part of the bed")]
mod support;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use okteto_ecr::cluster::Kubectl;
use okteto_ecr::discovery::{Visitor, VisitorOptions};
use okteto_ecr::domain::arn::RoleArn;
use okteto_ecr::domain::custody::{SecretPlace, SeenPlace};
use okteto_ecr::domain::draft::NAMESPACE;
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::handoff::{Credential, Handoff};
use okteto_ecr::domain::issuer::Issuer;
use okteto_ecr::domain::key::KeyId;
use okteto_ecr::domain::secret::AccessKey;
use okteto_ecr::domain::subject::{Audience, Subject};
use okteto_ecr::ports::{Cluster, Issuers};
use okteto_ecr::render::okteto::manifest;
use okteto_ecr::web::Reach;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use support::{Answers, Kube, ca_bundle};

const ACCOUNT: &str = "okteto";
const HOST: &str = "112233445566.dkr.ecr.us-east-2.amazonaws.com";
const GUEST: Option<&str> = Some(Kube::GUEST);

fn subject(namespace: &str, account: &str) -> Subject {
    Subject::parse(&format!("system:serviceaccount:{namespace}:{account}")).unwrap()
}

fn registry(namespace: Option<&str>) -> String {
    let role_arn = RoleArn::parse("arn:aws:iam::112233445566:role/my-private-registry").unwrap();
    let handoff = Handoff {
        hostname: HOST.to_owned(),
        credential: Credential::Role { role_arn, audience: Answers::AUDIENCE.to_owned() },
        warnings: Vec::new(),
    };
    manifest(&handoff, namespace.unwrap_or(NAMESPACE)).unwrap()
}

#[track_caller]
fn assert_cause<T: std::fmt::Debug>(answer: Result<T, Fault>, cause: Cause) {
    let fault = answer.unwrap_err();
    assert_eq!(fault.cause, cause, "{fault:?}");
}

/// One start of the server for everything, in the order in which a cluster comes to be: each part sets up what it needs
/// and the next one builds on it.
#[tokio::test]
async fn the_adapter_against_a_real_api_server() {
    let kube = Kube::start();
    let kubectl = Kubectl::at(kube.program(&kube.kubeconfig()));
    let restricted = Kubectl::at(kube.program(&kube.restricted_kubeconfig()));
    assert_eq!(kubectl.context().await.as_deref(), Some("admin"));
    assert_eq!(restricted.context().await.as_deref(), GUEST);

    the_token(&kube, &kubectl, &restricted).await;
    the_issuer(&kube, &kubectl).await;
    the_manifest(&kube, &kubectl, &restricted).await;
    the_secret(&kube, &kubectl, &restricted).await;

    // A login that the server does not know, and an address where none is.
    for (from, to) in [("token: \"", "token: \"not-"), (&kube.url, "https://127.0.0.1:1")] {
        let other = kube.kubeconfig().with_file_name("other.kubeconfig");
        let text = std::fs::read_to_string(kube.kubeconfig()).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&other, text.replace(from, to)).unwrap();
        let other = Kubectl::at(kube.program(&other));
        assert_cause(other.issuer(None).await, Cause::ClusterUnreachable);
        assert_cause(other.try_manifest(None, &registry(None)).await, Cause::ClusterUnreachable);
    }
}

async fn the_token(kube: &Kube, kubectl: &Kubectl, restricted: &Kubectl) {
    let audience = Audience::parse(Answers::AUDIENCE).unwrap();
    let ours = subject(NAMESPACE, ACCOUNT);
    // Neither the namespace is there nor, then, the account in it.
    assert_cause(kubectl.token(None, &ours, &audience).await, Cause::ServiceAccountMissing);
    kube.namespace(NAMESPACE);
    assert_cause(kubectl.token(None, &ours, &audience).await, Cause::ServiceAccountMissing);
    kube.service_account(NAMESPACE, ACCOUNT);

    let token = kubectl.token(None, &ours, &audience).await.unwrap();
    let claims = part(token.expose(), 1);
    assert_eq!(claims["iss"], kube.issuer());
    assert_eq!(claims["sub"], Answers::SUBJECT);
    assert_eq!(claims["aud"], serde_json::json!([Answers::AUDIENCE]));
    let (from, to) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    assert_eq!(to - from, 600, "{claims}");

    // Who may not ask is told so, whether the account is there or not, until one right is granted.
    let (there, missing) = (&ours, &subject(NAMESPACE, "missing"));
    for wished in [there, missing] {
        let answer = restricted.token(None, wished, &audience).await;
        assert_cause(answer, Cause::ClusterPermissionMissing);
    }
    kube.grant(NAMESPACE, "create", "serviceaccounts/token");
    restricted.token(None, there, &audience).await.unwrap();
    let answer = restricted.token(None, missing, &audience).await;
    assert_cause(answer, Cause::ServiceAccountMissing);
}

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn key(id: &str) -> AccessKey {
    AccessKey { id: KeyId::parse(id).unwrap(), secret: SECRET.into() }
}

async fn the_secret(kube: &Kube, kubectl: &Kubectl, restricted: &Kubectl) {
    let place = SecretPlace {
        context: None,
        namespace: NAMESPACE.to_owned(),
        name: "okteto-ecr-112233445566-us-east-2".to_owned(),
    };
    // Nothing is made by asking, whoever asks.
    let nowhere = SecretPlace { namespace: "nowhere".to_owned(), ..place.clone() };
    assert_cause(kubectl.secret_place(&nowhere).await, Cause::AdmissionRefused);
    assert_cause(restricted.secret_place(&place).await, Cause::ClusterPermissionMissing);
    assert_eq!(kubectl.secret_place(&place).await, Ok(SeenPlace::Free));
    assert_eq!(kubectl.secret_place(&place).await, Ok(SeenPlace::Free));
    assert_cause(kubectl.read_secret(&place).await, Cause::AccessKeyUnknown);

    let (first, second) = (key("AKIAIOSFODNN7EXAMPLE"), key("AKIAI44QH8DHBEXAMPLE"));
    kubectl.put_secret(&place, &first, None).await.unwrap();
    assert_cause(kubectl.put_secret(&place, &second, None).await, Cause::Conflict);
    let read = kubectl.read_secret(&place).await.unwrap();
    assert_eq!((&read.id, read.secret.expose_secret()), (&first.id, SECRET));

    // It is known as ours, and written anew unless somebody else was there in between.
    let Ok(SeenPlace::Ours(seen)) = kubectl.secret_place(&place).await else { panic!("not ours") };
    assert_eq!(seen.key.as_ref(), Some(&first.id));
    kubectl.put_secret(&place, &second, Some(&seen)).await.unwrap();
    assert_cause(kubectl.put_secret(&place, &first, Some(&seen)).await, Cause::Conflict);
    assert_eq!(kubectl.read_secret(&place).await.unwrap().id, second.id);
    let stored = kube.kubectl(&["get", "secret", &place.name, "-n", NAMESPACE, "-o", "json"]);
    let stored: Value = serde_json::from_str(&stored).unwrap();
    let annotations = stored["metadata"]["annotations"].as_object().unwrap();
    assert_eq!(annotations.len(), 1, "no copy of the secret stands in an annotation: {stored}");

    // One that may write and not look is told by the server itself what is there.
    kube.grant(NAMESPACE, "create", "secrets");
    let other = SecretPlace { name: "okteto-ecr-other".to_owned(), ..place.clone() };
    assert_eq!(restricted.secret_place(&other).await, Ok(SeenPlace::Free));
    assert_cause(restricted.secret_place(&place).await, Cause::Conflict);

    // Somebody else's is left alone.
    let theirs = ["label", "secret", &place.name, "-n", NAMESPACE, "app.kubernetes.io/managed-by-"];
    kube.kubectl(&theirs);
    assert_cause(kubectl.secret_place(&place).await, Cause::Conflict);
}

async fn the_issuer(kube: &Kube, kubectl: &Kubectl) {
    assert_eq!(kubectl.issuer(None).await.unwrap(), kube.issuer());
    assert_cause(kubectl.issuer(GUEST).await, Cause::ClusterPermissionMissing);
    assert_cause(kubectl.issuer(Some("no-such-context")).await, Cause::ClusterUnreachable);

    // AWS has no login: it is refused until the cluster publishes what it issues by.
    let reach = Reach::World(Some(ca_bundle()));
    let issuer_endpoint = Some(kube.url.parse().unwrap());
    let visitor = Visitor::new(VisitorOptions { issuer_endpoint, reach }, Arc::new(|_| {}));
    let issuer = Issuer::parse(kube.issuer()).unwrap();
    assert_cause(visitor.discover(&issuer).await, Cause::IssuerUnreachable);
    kube.publish_issuer();
    let discovery = visitor.discover(&issuer).await.unwrap();
    assert_eq!(discovery.issuer, kube.issuer());
    let (ours, audience) = (subject(NAMESPACE, ACCOUNT), Audience::parse("any").unwrap());
    let token = kubectl.token(None, &ours, &audience).await.unwrap();
    let kid = part(token.expose(), 0)["kid"].as_str().unwrap().to_owned();
    assert_eq!(visitor.keys(&discovery).await.unwrap(), [kid]);
}

async fn the_manifest(kube: &Kube, kubectl: &Kubectl, restricted: &Kubectl) {
    let ours = registry(None);
    assert_cause(kubectl.try_manifest(None, &ours).await, Cause::RegistryKindMissing);
    kube.registry_kind();
    kubectl.try_manifest(None, &ours).await.unwrap();

    // What the schema does not take, and a namespace that is not there.
    let role = "arn:aws:iam::112233445566:role/my-private-registry";
    for (from, to) in [(role, "my-private-registry"), ("roleARN", "roleArn")] {
        let other = ours.replace(from, to);
        assert_ne!(other, ours);
        assert_cause(kubectl.try_manifest(None, &other).await, Cause::AdmissionRefused);
    }
    let elsewhere = registry(Some("elsewhere"));
    assert_cause(kubectl.try_manifest(None, &elsewhere).await, Cause::AdmissionRefused);

    let answer = restricted.try_manifest(None, &ours).await;
    assert_cause(answer, Cause::ClusterPermissionMissing);
    kube.grant(NAMESPACE, "get,create,patch", "registries.admin.okteto.com");
    restricted.try_manifest(None, &ours).await.unwrap();

    // Nothing of this was stored; applied in earnest it is what was written.
    let all = ["get", "registries.admin.okteto.com", "--all-namespaces", "--output", "json"];
    let stored = || serde_json::from_str::<Value>(&kube.kubectl(&all)).unwrap()["items"].clone();
    assert_eq!(stored(), serde_json::json!([]));
    kube.apply(&ours);
    let stored = stored();
    assert_eq!(stored[0]["metadata"]["name"], HOST);
    assert_eq!(stored[0]["spec"]["awsIamRole"]["roleARN"], role);
    // Over what is there it would change nothing, and may.
    kubectl.try_manifest(None, &ours).await.unwrap();
}

/// A part of a token: 0 is its head, 1 its claims.
fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
}
