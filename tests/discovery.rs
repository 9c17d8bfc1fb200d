//! The issuer's documents, from a host on loopback that stands in for the issuer's.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test says what broke by breaking"
)]

mod loopback;

use std::sync::Arc;
use std::time::{Duration, Instant};

use loopback::{End, Reply, Server};
use okteto_ecr::discovery::{Visitor, VisitorOptions};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::issuer::Issuer;
use okteto_ecr::ports::{Discovery, Issuers};
use okteto_ecr::web::Reach;

const ISSUER: &str = "https://issuer.example.com/clusters/c1";

fn document(issuer: &str, keys: &str) -> Reply {
    Reply::new(200, serde_json::json!({"issuer": issuer, "jwks_uri": keys}).to_string())
}

fn visitor(server: &Server) -> Visitor {
    let issuer_endpoint = Some(server.url.parse().unwrap());
    Visitor::new(VisitorOptions { issuer_endpoint, reach: Reach::default() }, Arc::new(|_| {}))
        .within(Duration::from_millis(700))
}

async fn discover(server: &Server) -> Result<(Discovery, Vec<String>), Fault> {
    let visitor = visitor(server);
    let discovery = visitor.discover(&Issuer::parse(ISSUER).unwrap()).await?;
    let keys = visitor.keys(&discovery).await?;
    Ok((discovery, keys))
}

#[tokio::test]
async fn document_and_keys_are_found_with_and_without_the_issuers_path() {
    // An API server with RBAC answers 403 where it has nothing.
    for (prefix, elsewhere) in [("/clusters/c1", 404), ("", 404), ("", 403)] {
        let server = Server::start(move |request| match request.path.strip_prefix(prefix) {
            Some("/.well-known/openid-configuration") => {
                document(ISSUER, &format!("{ISSUER}/keys"))
            }
            Some("/keys") => Reply::new(200, r#"{"keys":[{"kid":"k1","kty":"RSA"}]}"#),
            _ => Reply::new(elsewhere, ""),
        })
        .await;
        let (discovery, keys) = discover(&server).await.unwrap();
        assert_eq!(discovery.issuer, ISSUER);
        assert_eq!(discovery.jwks_uri, format!("{ISSUER}/keys"));
        assert_eq!(keys, ["k1"]);
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_issuer() {
    let slash = format!("{ISSUER}/");
    for (reply, cause, said) in [
        (document(&slash, "https://issuer.example.com/k"), Cause::IssuerMismatch, "character 39"),
        (document(ISSUER, "http://issuer.example.com/k"), Cause::IssuerUnreachable, "jwks_uri"),
        (Reply::new(403, "{}"), Cause::IssuerUnreachable, "403"),
        (Reply::new(200, "<html>"), Cause::IssuerUnreachable, "something else"),
        (Reply::to(302, "http://elsewhere.example/"), Cause::IssuerUnreachable, "plain http"),
        (Reply::new(404, ""), Cause::IssuerUnreachable, "404"),
    ] {
        let answer = reply.clone();
        let server = Server::start(move |_| answer.clone()).await;
        let fault = discover(&server).await.unwrap_err();
        assert_eq!(fault.cause, cause, "{reply:?} {fault:?}");
        assert!(fault.message.contains(said), "{fault:?}");
        if reply.status == 403 {
            assert!(fault.remedy.unwrap().contains("system:service-account-issuer-discovery"));
        }
    }
}

#[tokio::test]
async fn keys_without_an_id_are_none() {
    let server = Server::start(|request| {
        if request.path.ends_with("/keys") {
            Reply::new(200, r#"{"keys":[{"kty":"RSA"}]}"#)
        } else {
            document(ISSUER, &format!("{ISSUER}/keys"))
        }
    })
    .await;
    let fault = discover(&server).await.unwrap_err();
    assert_eq!(fault.cause, Cause::IssuerUnreachable);
    assert!(fault.message.contains("kid"));
}

#[tokio::test]
async fn a_silent_issuer_ends_at_the_deadline() {
    let server = Server::start(|_| Reply { end: End::Hang, ..Reply::new(0, "") }).await;
    let began = Instant::now();
    let fault = discover(&server).await.unwrap_err();
    assert_eq!(fault.cause, Cause::IssuerUnreachable);
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn an_issuer_inside_the_cluster_is_not_even_asked() {
    let visitor = Visitor::new(VisitorOptions::default(), Arc::new(|_| {}));
    let issuer = Issuer::parse("https://kubernetes.default.svc.cluster.local").unwrap();
    let fault = visitor.discover(&issuer).await.unwrap_err();
    assert_eq!(fault.cause, Cause::IssuerUnreachable);
    assert!(fault.message.contains("AWS cannot reach it"));
}
