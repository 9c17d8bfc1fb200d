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
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::handoff::Handoff;
use okteto_ecr::domain::issuer::Issuer;
use okteto_ecr::domain::subject::{Audience, Subject};
use okteto_ecr::ports::{Cluster, Issuers};
use okteto_ecr::render::okteto::{NAMESPACE, manifest};
use okteto_ecr::web::Reach;
use serde_json::Value;
use support::{Answers, Kube, ca_bundle};

const ACCOUNT: &str = "okteto";
const HOST: &str = "112233445566.dkr.ecr.us-east-2.amazonaws.com";
const GUEST: Option<&str> = Some(Kube::GUEST);

fn subject(namespace: &str, account: &str) -> Subject {
    Subject::parse(&format!("system:serviceaccount:{namespace}:{account}")).unwrap()
}

fn registry(namespace: Option<&str>) -> String {
    let handoff = Handoff {
        hostname: HOST.to_owned(),
        role_arn: RoleArn::parse("arn:aws:iam::112233445566:role/my-private-registry").unwrap(),
        audience: Answers::AUDIENCE.to_owned(),
        warnings: Vec::new(),
    };
    manifest(&handoff, namespace).unwrap()
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
