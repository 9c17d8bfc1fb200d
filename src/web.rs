//! The plain HTTP that registry and issuer share: one request at a time, no redirect followed by itself, every wait
//! bounded, every exchange told to the log of calls, and no query of a URL in any message.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Certificate, Client, ClientBuilder, Method, Response, Url};

use crate::domain::fault::{Cause, Fault};
use crate::ports::{CallRecord, OnCall};

/// How long one exchange may keep us waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Name, connection and TLS together.
    pub connect: Duration,
    /// Without a byte: until the answer begins, and between any two pieces of it.
    pub stall: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), stall: Duration::from_secs(30) }
    }
}

/// How far a client may go, and whom it trusts on the way.
#[derive(Debug, Clone)]
pub enum Reach {
    /// Anywhere, by the environment's proxies (`HTTPS_PROXY`, `NO_PROXY`), with the certificates of a PEM file trusted
    /// beside the system's (`AWS_CA_BUNDLE`).
    World(Option<PathBuf>),
    /// This machine's loopback and nothing else: no proxy, no name server, and any other URL is refused unasked.
    Loopback,
}

impl Default for Reach {
    fn default() -> Self {
        Self::World(None)
    }
}

/// An HTTP client, made on its first use.
pub(crate) struct Web {
    reach: Reach,
    deadlines: Deadlines,
    on_call: OnCall,
    client: OnceLock<Client>,
}

impl Web {
    pub(crate) fn new(reach: Reach, deadlines: Deadlines, on_call: OnCall) -> Self {
        Self { reach, deadlines, on_call, client: OnceLock::new() }
    }

    /// Other deadlines, from the next use on.
    pub(crate) fn with_deadlines(self, deadlines: Deadlines) -> Self {
        Self { deadlines, client: OnceLock::new(), ..self }
    }

    async fn client(&self) -> Result<&Client, Fault> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let roots = match &self.reach {
            Reach::World(Some(path)) => {
                let name = path.display();
                let bad = |why: String| {
                    Fault::new(Cause::File, format!("the CA bundle {name} {why}"))
                        .with("file", name.to_string())
                        .remedy("let AWS_CA_BUNDLE name a file of certificates in PEM, or unset it")
                };
                let pem = tokio::fs::read(path)
                    .await
                    .map_err(|error| bad(format!("cannot be read: {error}")))?;
                let roots = Certificate::from_pem_bundle(&pem)
                    .map_err(|error| bad(format!("is not PEM: {}", reason(error))))?;
                if roots.is_empty() {
                    return Err(bad("holds no certificate".to_owned()));
                }
                roots
            }
            Reach::World(None) | Reach::Loopback => Vec::new(),
        };
        let builder = match &self.reach {
            Reach::World(_) => Client::builder().tls_certs_merge(roots),
            Reach::Loopback => loopback_only(),
        };
        let client = builder
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.deadlines.connect)
            .user_agent(concat!("okteto-ecr/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| {
                Fault::new(Cause::Unreachable, "the HTTP client cannot be set up")
                    .with("reason", reason(error))
                    .remedy(NETWORK)
            })?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Sends one GET and waits for the answer's head.
    pub(crate) async fn get(
        &self,
        call: &str,
        url: Url,
        headers: HeaderMap,
    ) -> Result<Exchange, Fault> {
        self.send(Method::GET, call, url, headers).await
    }

    /// Sends one request without a body and waits for the answer's head.
    pub(crate) async fn send(
        &self,
        method: Method,
        call: &str,
        url: Url,
        headers: HeaderMap,
    ) -> Result<Exchange, Fault> {
        if matches!(self.reach, Reach::Loopback) && !is_loopback(&url) {
            let host = host(&url);
            let message = format!("{host} is not on this machine, and nothing else is called here");
            return Err(Fault::new(Cause::Unreachable, message).with("host", host));
        }
        let client = self.client().await?;
        let mut log = Log::begin(call, &self.on_call);
        let stall = self.deadlines.stall;
        let sent = client.request(method, url.clone()).headers(headers).send();
        let response = tokio::time::timeout(stall, sent)
            .await
            .map_err(|_| silent(&url, stall))?
            .map_err(|error| unreachable(&url, error))?;
        log.record.status = Some(response.status().as_u16());
        let exchange = Exchange { response, url, stall, log };
        let id =
            exchange.header("x-amzn-requestid").or_else(|| exchange.header("x-amz-request-id"));
        let id = id.map(str::to_owned);
        Ok(exchange.identified(id))
    }
}

/// A client that needs no name server for `localhost` and asks no proxy.
pub(crate) fn loopback_only() -> ClientBuilder {
    // No certificate is trusted: there is only plain http, and so the system's need not be read.
    Client::builder()
        .no_proxy()
        .resolve("localhost", (Ipv4Addr::LOCALHOST, 0).into())
        .tls_certs_only(Vec::new())
}

/// An answer whose head is here and whose body may still be coming. It enters the log when it is dropped.
pub(crate) struct Exchange {
    response: Response,
    url: Url,
    stall: Duration,
    log: Log,
}

impl Exchange {
    fn identified(mut self, id: Option<String>) -> Self {
        self.log.record.request_id = id;
        self
    }

    pub(crate) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn request_id(&self) -> Option<&str> {
        self.log.record.request_id.as_deref()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// Length of the body, where the head says it.
    pub(crate) fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// Where a redirect leads; `None` if this is none.
    pub(crate) fn redirect(&self) -> Option<Result<Url, Fault>> {
        if !matches!(self.status(), 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        Some(self.location().ok_or_else(|| {
            Fault::new(
                Cause::Unexplained,
                format!("{} redirects without saying where to", host(&self.url)),
            )
            .with("status", self.status().to_string())
            .with("host", host(&self.url))
        }))
    }

    /// What `Location` names, without user name and password.
    pub(crate) fn location(&self) -> Option<Url> {
        let location = self.header(LOCATION.as_str())?;
        let mut url = self.url.join(location).ok()?;
        if !matches!(url.scheme(), "https" | "http") {
            return None;
        }
        // An http(s) URL takes both, so neither can fail.
        let _ = (url.set_username(""), url.set_password(None));
        Some(url)
    }

    /// The next piece of the body; `None` at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, Fault> {
        tokio::time::timeout(self.stall, self.response.chunk())
            .await
            .map_err(|_| silent(&self.url, self.stall))?
            .map_err(|error| unreachable(&self.url, error))
    }

    /// The whole body, or `None` if it is longer than `most` bytes.
    pub(crate) async fn body(&mut self, most: usize) -> Result<Option<Vec<u8>>, Fault> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if body.len() + chunk.as_ref().len() > most {
                return Ok(None);
            }
            body.extend_from_slice(chunk.as_ref());
        }
        Ok(Some(body))
    }
}

/// Tells the log of calls when the exchange ends, however it ends.
struct Log {
    record: CallRecord,
    began: Instant,
    on_call: OnCall,
}

impl Log {
    fn begin(call: &str, on_call: &OnCall) -> Self {
        let record = CallRecord {
            at: format!("{:.3}", crate::clock::now()),
            call: call.to_owned(),
            status: None,
            took: Duration::ZERO,
            request_id: None,
        };
        Self { record, began: Instant::now(), on_call: on_call.clone() }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.record.took = self.began.elapsed();
        (self.on_call)(self.record.clone());
    }
}

const NETWORK: &str = "check the network and the proxy (HTTPS_PROXY, NO_PROXY); behind a proxy that opens TLS, \
                       let AWS_CA_BUNDLE name its certificate";

const CERTIFICATE: &str = "let AWS_CA_BUNDLE name a PEM file with the authority that signed it: its own, or that of a \
                           proxy that opens TLS";

/// Host, with the port where it is not the scheme's own.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether a URL leads to this very machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn silent(url: &Url, after: Duration) -> Fault {
    let host = host(url);
    Fault::new(Cause::DeadlinePassed, format!("{host} sent nothing for {after:?}"))
        .with("host", host)
        .with("path", url.path())
        .remedy(NETWORK)
}

fn unreachable(url: &Url, error: reqwest::Error) -> Fault {
    let host = host(url);
    let (connect, slow) = (error.is_connect(), error.is_timeout());
    let why = reason(error);
    let untrusted = why.contains("invalid peer certificate");
    let message = if untrusted {
        format!("the certificate of {host} is not trusted")
    } else if why.contains("tunnel error") {
        format!("the proxy on the way to {host} does not let it through")
    } else if why.contains("dns error") {
        format!("the name {host} cannot be resolved")
    } else if connect && slow {
        format!("{host} did not take the connection in time")
    } else if connect {
        format!("{host} cannot be connected to")
    } else {
        format!("the connection to {host} broke off")
    };
    Fault::new(Cause::Unreachable, message)
        .with("host", host)
        .with("path", url.path())
        .with("reason", why)
        .remedy(if untrusted { CERTIFICATE } else { NETWORK })
}

/// The innermost causes of an error, without its URL.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut said = vec![error.to_string()];
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        let text = inner.to_string();
        if said.last() != Some(&text) {
            said.push(text);
        }
        source = inner.source();
    }
    // The outer layers say only that a request failed.
    while said.len() > 1
        && said.first().is_some_and(|s| s.starts_with("error ") || s.starts_with("client error ("))
    {
        said.remove(0);
    }
    said.join(": ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn with_loopback_for_its_reach_it_calls_nothing_else() {
        let web = Web::new(Reach::Loopback, Deadlines::default(), Arc::new(|_| {}));
        for url in ["https://example.com/", "http://10.0.0.1/", "http://localhost.example.com/"] {
            let asked = web.get("GET", Url::parse(url).unwrap(), HeaderMap::new()).await;
            let fault = asked.err().unwrap();
            assert!(fault.message.contains("not on this machine"), "{url}: {}", fault.message);
        }
        // Port 1 of loopback is nobody's, and it is asked.
        let url = Url::parse("http://localhost:1/").unwrap();
        let fault = web.get("GET", url, HeaderMap::new()).await.err().unwrap();
        assert!(fault.message.contains("cannot be connected to"), "{}", fault.message);
    }
}
