//! HTTP/1.1 as all servers here speak it: whole requests of bounded size, answers that may be damaged on their way, and
//! connections that end without an answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Site, api, issuer, registry};
use crate::practice::front::{Damage, Front, Reply};

/// The largest of requests is a policy document in a form, some 400 KB.
const LIMIT: usize = 1 << 20;
/// How long a client may take to send a request.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request, whole.
pub(super) struct Asked {
    pub(super) head: Parts,
    pub(super) body: Bytes,
}

/// An answer's body; `Content-Length` is what it says it holds.
pub(super) struct Sending {
    bytes: Bytes,
    length: u64,
    state: State,
}

enum State {
    /// To be sent, and whether nothing follows.
    Whole,
    Half,
    /// The half was sent; what is written must leave before the connection breaks.
    Parting,
    Broken,
    Sent,
}

/// An answer.
pub(super) type Answer = Response<Sending>;

/// Accepts connections until dropped.
pub(super) async fn listen(listener: TcpListener, front: Front, site: Site) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    open.spawn(converse(stream, front.clone(), site.clone()));
                }
                // Such as no descriptor left: it passes when a connection ends.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = open.join_next(), if !open.is_empty() => {}
        }
    }
}

async fn converse(stream: TcpStream, front: Front, site: Site) {
    // Answers are small and follow each other; waiting to fill a packet would only slow them.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(|request| exchange(request, &front, &site));
    // An error here is a client that left, or one that was left without an answer.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

/// One request; an error ends the connection without an answer.
async fn exchange(request: Request<Incoming>, front: &Front, site: &Site) -> io::Result<Answer> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LIMIT).collect();
    let body = match tokio::time::timeout(PATIENCE, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return Ok(plain(413, "the request is larger than 1 MiB"));
        }
        Ok(Err(_)) | Err(_) => return Err(io::ErrorKind::ConnectionAborted.into()),
    };
    let asked = Asked { head, body };
    let reply = match site {
        Site::Api => api::answer(front, &asked).await,
        Site::Registry { layers } => registry::answer(front, &asked, layers).await,
        Site::Layers => registry::layer(front, &asked).await,
        Site::Issuer => issuer::answer(front, &asked).await,
    };
    match reply {
        Reply::Answer(answer) => Ok(answer),
        Reply::Damaged(answer, damage) => Ok(answer.map(|body| body.damaged(damage))),
        Reply::Silence => Err(io::ErrorKind::ConnectionAborted.into()),
    }
}

impl Asked {
    /// A header that stands there once and is text.
    pub(super) fn header(&self, name: impl hyper::header::AsHeaderName) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    pub(super) fn path(&self) -> &str {
        self.head.uri.path()
    }

    pub(super) fn query(&self) -> &str {
        self.head.uri.query().unwrap_or_default()
    }
}

/// An answer of this status, type and body.
pub(super) fn answer(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Sending::new(body.into()));
    *answer.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// A sentence.
pub(super) fn plain(status: u16, sentence: &str) -> Answer {
    answer(status, "text/plain; charset=utf-8", sentence.to_owned())
}

/// One more header; a value that no header can carry is left out.
pub(super) fn with(mut answer: Answer, name: &'static str, value: &str) -> Answer {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(HeaderName::from_static(name), value);
    }
    answer
}

impl Sending {
    fn new(bytes: Bytes) -> Self {
        let length = bytes.len() as u64;
        Self { bytes, length, state: State::Whole }
    }

    fn damaged(mut self, damage: Damage) -> Self {
        let middle = self.bytes.len() / 2;
        match damage {
            Damage::Cut => {
                self.bytes.truncate(middle);
                self.state = State::Half;
            }
            Damage::Alter => {
                let mut bytes = self.bytes.to_vec();
                if let Some(byte) = bytes.get_mut(middle) {
                    *byte ^= 1;
                }
                self.bytes = bytes.into();
            }
        }
        self
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let next = match self.state {
            State::Whole => State::Sent,
            State::Half => State::Parting,
            State::Parting => {
                self.state = State::Broken;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            State::Broken => {
                self.state = State::Sent;
                return Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())));
            }
            State::Sent => return Poll::Ready(None),
        };
        self.state = next;
        Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.bytes)))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.state, State::Sent) || matches!(self.state, State::Whole) && self.length == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
