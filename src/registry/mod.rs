//! The pull: manifest and layers of an image over the registry's own API (OCI distribution specification, "Pull"),
//! every exchange timed, told and diagnosed; and the one push that must be denied.
//!
//! ECR wants `Basic` with its token unchanged and sends layers' requests on to S3 by 307, where an `Authorization`
//! beside the signed query is refused: it goes to the registry only, never along a redirect.

mod blob;
mod document;
mod fault;
mod push;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

pub use crate::web::{Deadlines, Reach};
pub use reqwest::Url;

use self::document::Document;
use self::fault::{Place, Thing};
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::{Reference, RegistryHost};
use crate::domain::probe::{BlobProgress, Depth, PullWish, Pulled};
use crate::domain::secret::Login;
use crate::ports::{Answer, Fetched, Manifest, OnBytes, OnCall, Push, Registry};
use crate::web::{Exchange, Web, host, is_loopback};

/// A manifest may be refused above this size (OCI distribution specification, "Pushing Manifests").
const MANIFEST_LIMIT: usize = 4 << 20;
/// A config above this is not looked into.
const CONFIG_LIMIT: u64 = 1 << 20;
/// Enough of a refusal to read it.
const REFUSAL_LIMIT: usize = 64 << 10;
/// Redirects followed for one blob; one is usual.
const HOPS: usize = 5;
/// Blobs fetched at once.
const AT_ONCE: usize = 5;
/// An index of indexes is allowed, but not for ever.
const INDEX_DEPTH: usize = 3;

/// Where the registry is, if not at its name, and whom to trust.
#[derive(Debug, Clone, Default)]
pub struct PullerOptions {
    /// `--registry-endpoint`: stands for `https://HOST`; plain http is allowed here only.
    pub registry_endpoint: Option<Url>,
    /// How far it may go, and whom it trusts.
    pub reach: Reach,
}

/// The registry's client.
pub struct Puller {
    endpoint: Option<Url>,
    web: Web,
}

impl Puller {
    /// Nothing is read or sent yet; `on_call` is told of each exchange when it has ended.
    #[must_use]
    pub fn new(options: PullerOptions, on_call: OnCall) -> Self {
        let web = Web::new(options.reach, Deadlines::default(), on_call);
        Self { endpoint: options.registry_endpoint, web }
    }

    /// With other deadlines than the usual 5 s for a connection and 30 s without a byte.
    #[must_use]
    pub fn with_deadlines(self, deadlines: Deadlines) -> Self {
        Self { web: self.web.with_deadlines(deadlines), ..self }
    }

    fn url(&self, registry: &RegistryHost, path: &str) -> Result<Url, Fault> {
        let base = self.endpoint.as_ref().map_or_else(
            || format!("https://{registry}"),
            |url| url.as_str().trim_end_matches('/').to_owned(),
        );
        Url::parse(&format!("{base}{path}"))
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http"))
            .ok_or_else(|| {
                Fault::new(Cause::BadAnswers, format!("{base} is not the URL of a registry"))
                    .remedy(
                        "give --registry-endpoint a URL such as https://registry.example.com:5000",
                    )
            })
    }

    /// GETs a path of the registry and follows redirects to the answer, which is 200.
    async fn get(
        &self,
        ask: Ask<'_>,
        thing: Thing,
        reference: &str,
    ) -> Result<(Exchange, Place), Fault> {
        let Ask { login, wish } = ask;
        let (call, path) = thing.request(wish.image.repository.as_str(), reference);
        let origin = self.url(&wish.host, &path)?;
        let mut headers = HeaderMap::new();
        if thing == Thing::Manifest {
            headers.insert(ACCEPT, HeaderValue::from_static(document::ACCEPT));
        }
        let mut first = headers.clone();
        first.insert(AUTHORIZATION, authorization(login)?);
        let mut exchange = self.web.get(call, origin.clone(), first).await?;
        let mut place = Place::Registry;
        for hop in 0.. {
            let Some(target) = exchange.redirect() else { break };
            let target = target?;
            if hop == HOPS {
                let what = format!("{} redirects without end", wish.host);
                return Err(Fault::new(Cause::Unexplained, what).with("host", host(&target)));
            }
            if is_downgrade(exchange.url(), &target) {
                return Err(Fault::new(
                    Cause::LayerHostBlocked,
                    format!("{} redirects from https to plain http", host(exchange.url())),
                )
                .with("host", host(&target))
                .remedy("let the registry, or the proxy in front of it, redirect to https"));
            }
            place =
                if target.origin() == origin.origin() { Place::Registry } else { Place::LayerHost };
            drop(exchange);
            let next = self.web.get(call, target, headers.clone()).await;
            exchange = next.map_err(|fault| fault::blocked(fault, place, wish))?;
        }
        accepted(exchange, place, thing, ask).await
    }

    /// One manifest or index: its digest and its bytes, held against the digest it was asked by.
    async fn document(&self, ask: Ask<'_>, reference: &str) -> Result<(String, Vec<u8>), Fault> {
        let (mut exchange, place) = self.get(ask, Thing::Manifest, reference).await?;
        let body = exchange
            .body(MANIFEST_LIMIT)
            .await
            .map_err(|fault| fault::blocked(fault, place, ask.wish))?
            .ok_or_else(|| {
                Fault::new(Cause::Unexplained, "the manifest is longer than 4 MiB")
                    .with("host", host(exchange.url()))
            })?;
        let digest = digest(Sha256::new_with_prefix(&body));
        if reference.starts_with("sha256:") && reference != digest {
            return Err(altered(reference, &digest, "manifest", &exchange));
        }
        Ok((digest, body))
    }

    async fn resolve(&self, ask: Ask<'_>) -> Result<Manifest, Fault> {
        let wish = ask.wish;
        let mut reference = match &wish.image.reference {
            Reference::Tag(text) | Reference::Digest(text) => text.clone(),
        };
        let mut platform = None;
        for _ in 0..INDEX_DEPTH {
            let (digest, body) = self.document(ask, &reference).await?;
            match document::read(&body)? {
                Document::Index(entries) => {
                    let entry = document::choose(entries, &wish.platform)?;
                    platform = entry.platform.as_ref().map(ToString::to_string);
                    reference = entry.digest;
                }
                Document::Image(image) => {
                    return Ok(Manifest {
                        image: Pulled {
                            reference: format!("{}/{}", wish.host, wish.image),
                            digest,
                            platform,
                            layers: image.layers,
                            bytes: 0,
                        },
                        blobs: image.blobs,
                        remarks: image.remarks,
                    });
                }
            }
        }
        Err(Fault::new(
            Cause::Unexplained,
            format!("{} is an index of indexes without end", wish.image),
        ))
    }
}

impl Registry for Puller {
    fn manifest<'a>(&'a self, login: &'a Login, wish: &'a PullWish) -> Answer<'a, Manifest> {
        Box::pin(self.resolve(Ask { login, wish }))
    }

    fn layers<'a>(
        &'a self,
        login: &'a Login,
        wish: &'a PullWish,
        manifest: &'a Manifest,
        depth: Depth,
        on_bytes: OnBytes,
    ) -> Answer<'a, Fetched> {
        Box::pin(async move {
            let blobs = manifest.blobs_for(depth);
            let config = manifest.blobs.first();
            // All totals are known before the first byte, so that one bar can show the whole.
            for blob in &blobs {
                on_bytes(BlobProgress {
                    digest: blob.digest.clone(),
                    received: 0,
                    total: blob.size,
                });
            }
            let ask = Ask { login, wish };
            let fetches: Vec<_> = blobs
                .into_iter()
                .map(|blob| {
                    let is_config = config == Some(blob) && blob.size <= CONFIG_LIMIT;
                    self.blob(ask, blob, &on_bytes, is_config)
                })
                .collect();
            stream::iter(fetches)
                .buffer_unordered(AT_ONCE)
                .try_fold(Fetched::default(), async |sum, (bytes, kept)| {
                    Ok(Fetched {
                        blobs: sum.blobs + 1,
                        bytes: sum.bytes + bytes,
                        platform: sum.platform.or_else(|| document::platform(&kept)),
                    })
                })
                .await
        })
    }

    fn try_push<'a>(&'a self, login: &'a Login, wish: &'a PullWish) -> Answer<'a, Push> {
        Box::pin(self.push(Ask { login, wish }))
    }
}

/// From https to plain http, which only this very machine may ask for.
fn is_downgrade(from: &Url, to: &Url) -> bool {
    from.scheme() == "https" && to.scheme() == "http" && !is_loopback(to)
}

/// The same for every exchange of a pull.
#[derive(Clone, Copy)]
struct Ask<'a> {
    login: &'a Login,
    wish: &'a PullWish,
}

/// `Basic TOKEN`, whole and unchanged: the token is the base64 of `AWS:PASSWORD` already
/// (Amazon ECR API reference, `GetAuthorizationToken`).
fn authorization(login: &Login) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::try_from(format!("Basic {}", login.token.expose_secret()))
        .map_err(|_| {
            Fault::new(Cause::RegistryLoginRefused, "the registry login cannot stand in a header")
        })?;
    value.set_sensitive(true);
    Ok(value)
}

async fn accepted(
    mut exchange: Exchange,
    place: Place,
    thing: Thing,
    Ask { login, wish }: Ask<'_>,
) -> Result<(Exchange, Place), Fault> {
    if exchange.status() == 200 {
        return Ok((exchange, place));
    }
    // What the refusal says is a help only: without it the status speaks.
    let body = exchange.body(REFUSAL_LIMIT).await.ok().flatten().unwrap_or_default();
    Err(fault::refused(&exchange, &body, place, thing, login, wish))
}

fn altered(wanted: &str, got: &str, what: &str, exchange: &Exchange) -> Fault {
    Fault::new(
        Cause::DigestMismatch,
        format!("the bytes of a {what} are not the ones that its digest names"),
    )
    .with("wanted", wanted)
    .with("got", got)
    .with("host", host(exchange.url()))
}

/// `sha256:…` of what was hashed.
fn digest(hash: Sha256) -> String {
    use std::fmt::Write;
    hash.finalize().iter().fold("sha256:".to_owned(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_to_plain_http_is_for_loopback_or_plain_registries_only() {
        for (from, to, refused) in [
            ("https://r.example/", "http://s3.example/", true),
            ("https://r.example/", "http://127.0.0.1.example/", true),
            ("https://r.example/", "https://s3.example/", false),
            ("https://r.example/", "http://127.0.0.1:9/", false),
            ("https://r.example/", "http://[::1]:9/", false),
            ("http://r.example/", "http://s3.example/", false),
        ] {
            let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
            assert_eq!(is_downgrade(&from, &to), refused, "{from} {to}");
        }
    }

    #[test]
    fn an_endpoint_stands_for_the_host() {
        let registry = RegistryHost::parse("112233445566.dkr.ecr.us-east-2.amazonaws.com").unwrap();
        let url = |endpoint: Option<&str>| {
            let registry_endpoint = endpoint.map(|text| text.parse().unwrap());
            let options = PullerOptions { registry_endpoint, reach: Reach::default() };
            let puller = Puller::new(options, std::sync::Arc::new(|_| {}));
            puller.url(&registry, "/v2/a/manifests/b").map(|url| url.to_string())
        };
        assert_eq!(url(None).unwrap(), format!("https://{registry}/v2/a/manifests/b"));
        let there = url(Some("http://127.0.0.1:5000/proxy/")).unwrap();
        assert_eq!(there, "http://127.0.0.1:5000/proxy/v2/a/manifests/b");
        assert!(url(Some("ftp://127.0.0.1/")).is_err());
    }
}
