//! The registry, and the host of its layers, which takes a ticket and no `Authorization`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use hyper::header::{ACCEPT, AUTHORIZATION, HOST};
use serde_json::json;

use super::http::{self, Answer, Asked};
use super::xml::escape;
use crate::practice::account::difficulty::What;
use crate::practice::account::refusal::Refusal;
use crate::practice::account::registry::{Denial, Gift, Visit, Wish};
use crate::practice::front::{Front, Reply};
use crate::practice::issuer::uuid;

const JSON: &str = "application/json; charset=utf-8";
const BYTES: &str = "application/octet-stream";

/// Answers one request to the registry. `layers` is host and port of the layer host.
pub(super) async fn answer(front: &Front, asked: &Asked, layers: &str) -> Reply<Answer> {
    let accept = accepted(asked);
    let Some((call, wish)) = wish(asked, &accept) else {
        return Reply::Answer(denied(asked, &unsupported()));
    };
    let login = login(asked);
    let login = login.as_ref().map(|(user, password)| (user.as_str(), password.as_str()));
    let reply = front
        .play(
            call,
            |account, now| account.visit(&Visit { now, login, wish }),
            |what| by_script(what).map(Err),
        )
        .await;
    reply.map(|result| match result {
        Ok(gift) => given(asked, wish, gift, layers),
        Err(denial) => denied(asked, &denial),
    })
}

/// Answers one request to the layer host, as S3 does.
pub(super) async fn layer(front: &Front, asked: &Asked) -> Reply<Answer> {
    let digest = asked.path().trim_start_matches('/');
    let reply = front
        .play(
            "layers:get",
            |account, now| {
                if !matches!(asked.head.method, Method::GET | Method::HEAD) {
                    return Err(Refusal {
                        status: 405,
                        ..Refusal::new("MethodNotAllowed", "The specified method is not allowed against this resource.")
                    });
                }
                if asked.head.headers.contains_key(AUTHORIZATION) {
                    return Err(Refusal::new(
                        "InvalidArgument",
                        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query \
                         string parameter or the Authorization header should be specified",
                    ));
                }
                account.layer(now, digest, asked.query())
            },
            |what| by_layer_script(what).map(Err),
        )
        .await;
    reply.map(|result| match result {
        Ok(bytes) => http::answer(200, BYTES, bytes),
        Err(refusal) => {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>\
                 <RequestId>{}</RequestId></Error>",
                refusal.code,
                escape(&refusal.message),
                uuid(fastrand::u128(..)),
            );
            http::answer(refusal.status, "application/xml", body)
        }
    })
}

/// What is wanted, and its name in a script.
fn wish<'a>(asked: &'a Asked, accept: &'a [String]) -> Option<(&'static str, Wish<'a>)> {
    let path = asked.path().strip_prefix("/v2")?;
    let is_read = matches!(asked.head.method, Method::GET | Method::HEAD);
    if is_read && matches!(path, "" | "/") {
        return Some(("registry:ping", Wish::Ping));
    }
    let path = path.strip_prefix('/')?;
    if is_read && path == "_catalog" {
        return Some(("registry:catalog", Wish::Catalog));
    }
    if let Some(repository) = path.strip_suffix("/tags/list").filter(|_| is_read) {
        return Some(("registry:tags", Wish::Tags { repository }));
    }
    if let Some((repository, upload)) = path.split_once("/blobs/uploads") {
        let upload = upload.trim_start_matches('/');
        return Some(match asked.head.method {
            Method::POST if upload.is_empty() => ("registry:push", Wish::Push { repository }),
            Method::DELETE => ("registry:cancel", Wish::Cancel { repository, upload }),
            _ => ("registry:store", Wish::Store { repository }),
        });
    }
    let (rest, last) = path.rsplit_once('/')?;
    let (repository, kind) = rest.rsplit_once('/')?;
    let head = asked.head.method == Method::HEAD;
    Some(match kind {
        "manifests" | "blobs" if !is_read => ("registry:store", Wish::Store { repository }),
        "manifests" => {
            ("registry:manifest", Wish::Manifest { repository, reference: last, accept })
        }
        "blobs" => ("registry:blob", Wish::Blob { repository, digest: last, head }),
        _ => return None,
    })
}

/// The media types of all `Accept` headers, without their parameters.
fn accepted(asked: &Asked) -> Vec<String> {
    let headers = asked.head.headers.get_all(ACCEPT).iter();
    headers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|kind| kind.split(';').next())
        .map(|kind| kind.trim().to_ascii_lowercase())
        .filter(|kind| !kind.is_empty())
        .collect()
}

/// User name and password of the Basic header.
fn login(asked: &Asked) -> Option<(String, String)> {
    let (scheme, text) = asked.header(AUTHORIZATION)?.split_once(' ')?;
    let text =
        STANDARD.decode(text.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("Basic"))?;
    let text = String::from_utf8(text).ok()?;
    text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

fn given(asked: &Asked, wish: Wish<'_>, gift: Gift, layers: &str) -> Answer {
    let answer = match (gift, wish) {
        (Gift::Welcome, _) => http::answer(200, JSON, "{}"),
        (Gift::Manifest { media_type, digest, bytes }, _) => {
            http::with(http::answer(200, media_type, bytes), "docker-content-digest", &digest)
        }
        (Gift::Blob { size, .. }, Wish::Blob { digest, head: true, .. }) => {
            let answer =
                http::with(http::answer(200, BYTES, ""), "content-length", &size.to_string());
            http::with(answer, "docker-content-digest", digest)
        }
        (Gift::Blob { ticket, .. }, Wish::Blob { digest, .. }) => {
            let place = format!("http://{layers}/{digest}?{ticket}");
            http::with(http::answer(307, BYTES, ""), "location", &place)
        }
        (Gift::Names(tags), Wish::Tags { repository }) => {
            http::answer(200, JSON, json!({"name": repository, "tags": tags}).to_string())
        }
        (Gift::Names(names), _) => {
            http::answer(200, JSON, json!({"repositories": names}).to_string())
        }
        // Docker Registry HTTP API V2, "Initiate Blob Upload" and "Canceling an Upload".
        (Gift::Upload(id), Wish::Push { repository }) => {
            let place = format!("/v2/{repository}/blobs/uploads/{id}");
            let answer = http::with(http::answer(202, BYTES, ""), "location", &place);
            http::with(http::with(answer, "range", "0-0"), "docker-upload-uuid", &id)
        }
        (Gift::Cancelled, _) => http::answer(204, BYTES, ""),
        (Gift::Blob { .. } | Gift::Upload(_), _) => return denied(asked, &unsupported()),
    };
    versioned(answer)
}

fn denied(asked: &Asked, denial: &Denial) -> Answer {
    let body = json!({"errors": [{"code": denial.code, "message": denial.message}]});
    let answer = versioned(http::answer(denial.status, JSON, body.to_string()));
    if !denial.challenge {
        return answer;
    }
    let host = asked.header(HOST).unwrap_or("127.0.0.1");
    let challenge = format!("Basic realm=\"https://{host}/\",service=\"ecr.amazonaws.com\"");
    http::with(answer, "www-authenticate", &challenge)
}

fn versioned(answer: Answer) -> Answer {
    http::with(answer, "docker-distribution-api-version", "registry/2.0")
}

fn unsupported() -> Denial {
    let message = "The operation is unsupported.".to_owned();
    Denial { status: 405, code: "UNSUPPORTED", message, challenge: false }
}

/// `TOOMANYREQUESTS: Rate exceeded` is how Docker quotes ECR; the other words are the distribution specification's.
fn by_script(what: What) -> Option<Denial> {
    let (status, code, message) = match what {
        What::Throttle => (429, "TOOMANYREQUESTS", "Rate exceeded"),
        What::Expire => {
            (403, "DENIED", "Your authorization token has expired. Reauthenticate and try again.")
        }
        What::Fail => (500, "UNKNOWN", "unknown error"),
        _ => return None,
    };
    Some(Denial { status, code, message: message.to_owned(), challenge: false })
}

/// S3's codes (S3 API reference, "Error responses").
fn by_layer_script(what: What) -> Option<Refusal> {
    let (code, message, status) = match what {
        What::Throttle => ("SlowDown", "Please reduce your request rate.", 503),
        What::Fail => ("InternalError", "We encountered an internal error. Please try again.", 500),
        What::Refuse => ("AccessDenied", "Access Denied", 403),
        What::Expire => ("AccessDenied", "Request has expired", 403),
        _ => return None,
    };
    Some(Refusal { status, ..Refusal::new(code, message) })
}
