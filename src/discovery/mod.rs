//! What the issuer publishes: the discovery document and the keys, as AWS will fetch them.
//!
//! Sources: `OpenID` Connect Discovery 1.0, section 4; IAM user guide, `id_roles_providers_create_oidc`; Kubernetes,
//! "Configure Service Accounts for Pods", "Service account issuer discovery".

use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use reqwest::Url;

use crate::domain::claims::first_difference;
use crate::domain::fault::{Cause, Fault};
use crate::domain::issuer::Issuer;
use crate::ports::{Answer, Discovery, Issuers, OnCall};
pub use crate::web::Reach;

use crate::web::{Deadlines, Exchange, Web, host, is_loopback};

/// STS itself waits about as long for the keys (STS API reference, `AssumeRoleWithWebIdentity`).
const WITHIN: Duration = Duration::from_secs(5);
/// An API server has the keys as a JWK set (RFC 7517, section 8.5) and answers 406 to who asks for JSON alone.
const DOCUMENTS: &str = "application/json, application/jwk-set+json, */*;q=0.1";
const LIMIT: usize = 1 << 20;
const HOPS: usize = 3;
const PUBLIC: &str = "make the issuer's discovery document and keys readable from the internet without a login, since \
                      AWS fetches them; if only this machine cannot reach them, go on";

/// Where the issuer's documents are, if not at its URL, and whom to trust.
#[derive(Debug, Clone, Default)]
pub struct VisitorOptions {
    /// `--issuer-endpoint`: stands for the issuer's `https://HOST`; plain http is allowed here only.
    pub issuer_endpoint: Option<Url>,
    /// How far it may go, and whom it trusts.
    pub reach: Reach,
}

/// Fetches the issuer's documents.
pub struct Visitor {
    endpoint: Option<Url>,
    within: Duration,
    web: Web,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kid: Option<String>,
}

impl Visitor {
    /// Nothing is read or sent yet; `on_call` is told of each exchange when it has ended.
    #[must_use]
    pub fn new(options: VisitorOptions, on_call: OnCall) -> Self {
        let web = Web::new(options.reach, Deadlines::default(), on_call);
        Self { endpoint: options.issuer_endpoint, within: WITHIN, web }
    }

    /// With another limit than 5 s for each document.
    #[must_use]
    pub fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    /// Where to look for a URL of the issuer's: itself, or with an endpoint the same path there, and then the path
    /// without the issuer's own, as an API server has it whose issuer is an alias.
    fn places(&self, issuer: &str, url: &str) -> Result<Vec<Url>, Fault> {
        let parsed = Url::parse(url).map_err(|_| unusable(&format!("{url:?} is not a URL")))?;
        let ours = Url::parse(issuer).ok().filter(|ours| ours.origin() == parsed.origin());
        let (Some(endpoint), Some(ours)) = (&self.endpoint, ours) else {
            return Ok(vec![parsed]);
        };
        let base = endpoint.as_str().trim_end_matches('/');
        let path = parsed.path();
        let inner = path.strip_prefix(ours.path().trim_end_matches('/'));
        let mut places: Vec<Url> = [Some(path), inner.filter(|inner| inner.starts_with('/'))]
            .into_iter()
            .flatten()
            .filter_map(|path| Url::parse(&format!("{base}{path}")).ok())
            .collect();
        places.dedup();
        Ok(places)
    }

    async fn fetch(&self, call: &str, url: Url) -> Result<Exchange, Fault> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(DOCUMENTS));
        let mut exchange = self.web.get(call, url, headers.clone()).await?;
        for _ in 0..HOPS {
            let Some(target) = exchange.redirect() else { return Ok(exchange) };
            let target = target?;
            if target.scheme() == "http" && !is_loopback(&target) {
                return Err(unusable("its host redirects to plain http"));
            }
            drop(exchange);
            exchange = self.web.get(call, target, headers.clone()).await?;
        }
        Ok(exchange)
    }

    async fn document<T: DeserializeOwned>(
        &self,
        call: &str,
        issuer: &str,
        url: &str,
    ) -> Result<T, Fault> {
        let all = async {
            let mut refusal = None;
            for place in self.places(issuer, url)? {
                let mut exchange = self.fetch(call, place).await?;
                if exchange.status() != 200 {
                    let missing = exchange.status() == 404;
                    if refusal.is_none() || !missing {
                        refusal = Some(refused(&exchange, issuer));
                    }
                    // An API server forbids strangers every path but the few that it publishes: its 403 may be a 404.
                    if missing || exchange.status() == 403 {
                        continue;
                    }
                    break;
                }
                let at = host(exchange.url());
                let body = exchange.body(LIMIT).await?.unwrap_or_default();
                return serde_json::from_slice(&body).map_err(|error| {
                    unusable(&format!("{at} answered with something else: {error}"))
                        .with("host", at)
                });
            }
            Err(refusal.unwrap_or_else(|| unusable("it has no place")))
        };
        match tokio::time::timeout(self.within, all).await {
            Ok(Ok(document)) => Ok(document),
            Ok(Err(fault)) if matches!(fault.cause, Cause::Unreachable | Cause::DeadlinePassed) => {
                let message = format!("the issuer cannot be reached from here: {}", fault.message);
                Err(Fault { cause: Cause::IssuerUnreachable, message, ..fault }.remedy(PUBLIC))
            }
            Ok(Err(fault)) => Err(fault),
            Err(_) => Err(unusable(&format!("it did not answer within {:?}", self.within))),
        }
    }
}

impl Issuers for Visitor {
    fn discover<'a>(&'a self, issuer: &'a Issuer) -> Answer<'a, Discovery> {
        Box::pin(async move {
            if let Some(why) = private(issuer).filter(|_| self.endpoint.is_none()) {
                return Err(unusable(&format!("AWS cannot reach it, because {why}"))
                    .with("wanted", issuer.url())
                    .remedy(
                        "give the cluster a public issuer (kube-apiserver's --service-account-issuer), or use IAM \
                         user mode",
                    ));
            }
            let began = Instant::now();
            let found: Document =
                self.document("GET discovery", issuer.url(), &issuer.discovery_url()).await?;
            if found.issuer != issuer.url() {
                return Err(mismatch(issuer.url(), &found.issuer));
            }
            let keys = Url::parse(&found.jwks_uri).ok();
            let local = self.endpoint.is_some() && keys.as_ref().is_some_and(is_loopback);
            if !keys.is_some_and(|url| url.scheme() == "https" || local && url.scheme() == "http") {
                return Err(unusable("its jwks_uri does not begin with https://")
                    .with("got", found.jwks_uri));
            }
            Ok(Discovery { issuer: found.issuer, jwks_uri: found.jwks_uri, took: began.elapsed() })
        })
    }

    fn keys<'a>(&'a self, discovery: &'a Discovery) -> Answer<'a, Vec<String>> {
        Box::pin(async move {
            let Discovery { issuer, jwks_uri, .. } = discovery;
            let found: Keys = self.document("GET keys", issuer, jwks_uri).await?;
            let ids: Vec<_> = found.keys.into_iter().filter_map(|key| key.kid).collect();
            if ids.is_empty() {
                return Err(unusable("it publishes no key with an id (kid)"));
            }
            Ok(ids)
        })
    }
}

fn unusable(why: &str) -> Fault {
    Fault::new(Cause::IssuerUnreachable, format!("the issuer cannot be used: {why}")).remedy(PUBLIC)
}

fn refused(exchange: &Exchange, issuer: &str) -> Fault {
    let (status, at) = (exchange.status(), host(exchange.url()));
    let fault = unusable(&format!("{at} answered {status}"))
        .with("status", status.to_string())
        .with("host", at)
        .with("path", exchange.url().path());
    match status {
        401 | 403 => fault.remedy(
            "let everybody read the issuer's documents, since AWS has no login there: kubectl create \
             clusterrolebinding oidc-reviewer --clusterrole=system:service-account-issuer-discovery \
             --group=system:unauthenticated",
        ),
        404 => fault.remedy(format!("check the issuer's path: {issuer}")),
        _ => fault,
    }
}

fn mismatch(wanted: &str, got: &str) -> Fault {
    let at = wanted.chars().zip(got.chars()).take_while(|(a, b)| a == b).count();
    let tail = |text: &str| match text.chars().skip(at).collect::<String>() {
        rest if rest.is_empty() => "nothing".to_owned(),
        rest => format!("{rest:?}"),
    };
    Fault::new(
        Cause::IssuerMismatch,
        format!(
            "the issuer names itself differently, from character {} on: {} where {} was asked for",
            at + 1,
            tail(got),
            tail(wanted)
        ),
    )
    .with("wanted", wanted)
    .with("got", got)
    .with("first_difference", first_difference(wanted, got).unwrap_or_default())
    .remedy("use the issuer exactly as its own document names it, a slash at the end included")
}

/// Why AWS cannot reach the issuer's host, as far as its name shows.
fn private(issuer: &Issuer) -> Option<String> {
    let url = Url::parse(issuer.url()).ok()?;
    let host = url.host_str()?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let inside = match bare.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(ip)) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        Ok(std::net::IpAddr::V6(ip)) => {
            ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
        Err(_) => {
            host == "localhost"
                || host == "kubernetes.default.svc"
                || !host.contains('.')
                || [".local", ".localhost", ".internal", ".svc"]
                    .iter()
                    .any(|end| host.ends_with(end))
        }
    };
    inside.then(|| format!("{host} exists inside the cluster or the local network only"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_aws_cannot_reach_are_known_by_name() {
        for (url, inside) in [
            ("https://kubernetes.default.svc.cluster.local", true),
            ("https://kubernetes.default.svc", true),
            ("https://10.1.2.3/x", true),
            ("https://localhost", true),
            ("https://oidc.eks.us-east-2.amazonaws.com/id/ABC", false),
            ("https://34.1.2.3", false),
        ] {
            assert_eq!(private(&Issuer::parse(url).unwrap()).is_some(), inside, "{url}");
        }
    }

    #[test]
    fn an_endpoint_stands_for_the_host_and_keeps_the_path() {
        let visitor = |endpoint: Option<&str>| {
            let issuer_endpoint = endpoint.map(|e| Url::parse(e).unwrap());
            let options = VisitorOptions { issuer_endpoint, reach: Reach::default() };
            Visitor::new(options, std::sync::Arc::new(|_| {}))
        };
        let places = |endpoint, url| {
            let found = visitor(endpoint).places("https://a.example/c/1", url).unwrap();
            found.iter().map(Url::to_string).collect::<Vec<_>>()
        };
        assert_eq!(places(None, "https://a.example/c/1/k"), ["https://a.example/c/1/k"]);
        let there = Some("http://127.0.0.1:9/base/");
        assert_eq!(
            places(there, "https://a.example/c/1/k"),
            ["http://127.0.0.1:9/base/c/1/k", "http://127.0.0.1:9/base/k"]
        );
        assert_eq!(places(there, "https://a.example/k"), ["http://127.0.0.1:9/base/k"]);
        assert_eq!(places(there, "https://b.example/c/1/k"), ["https://b.example/c/1/k"]);
    }

    #[test]
    fn a_mismatch_names_the_first_difference() {
        let fault = mismatch("https://a.example", "https://a.example/");
        assert_eq!(fault.evidence["first_difference"], "character 18: wanted the end, got '/'");
        assert!(fault.message.contains("\"/\" where nothing"), "{}", fault.message);
    }
}
