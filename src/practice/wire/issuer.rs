//! The clusters' side: discovery and keys of each issuer under the path of its URL, and tokens for whoever asks.

use std::num::ParseIntError;

use hyper::Method;
use hyper::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;

use super::http::{self, Answer, Asked};
use crate::practice::account::difficulty::What;
use crate::practice::front::{Front, Reply};
use crate::practice::issuer::{Issuer, LIFE};

const JSON: &str = "application/json";

/// The path of a document below its issuer's, its name in a script, and what it says.
type Document = (&'static str, &'static str, fn(&Issuer) -> Value);

const DOCUMENTS: [Document; 2] = [
    ("/.well-known/openid-configuration", "issuer:discovery", Issuer::discovery),
    ("/openid/v1/jwks", "issuer:keys", Issuer::jwks),
];

/// Answers one request.
pub(super) async fn answer(front: &Front, asked: &Asked) -> Reply<Answer> {
    if asked.path() == "/practice/token" {
        return Reply::Answer(mint(front, asked).await);
    }
    let issuers = front.account().issuers();
    let found = issuers.into_iter().find_map(|issuer| {
        let rest = asked.path().strip_prefix(path(&issuer.url))?;
        let (_, call, document) = DOCUMENTS.into_iter().find(|(place, _, _)| *place == rest)?;
        Some((issuer, call, document))
    });
    let Some((issuer, call, document)) = found else {
        return Reply::Answer(http::plain(
            404,
            "no issuer of this practice account has such a document",
        ));
    };
    if asked.head.method != Method::GET {
        return Reply::Answer(http::plain(405, "documents are read by GET"));
    }
    warm(&issuer).await;
    front.play(call, |_, _| http::answer(200, JSON, document(&issuer).to_string()), by_script).await
}

/// The path of an issuer's URL, without the slash at its end, as discovery appends to it.
fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default().trim_end_matches('/')
}

/// What the host of an issuer's documents may answer. Kubernetes' API server says 403 to whoever has no login.
fn by_script(what: What) -> Option<Answer> {
    match what {
        What::Throttle => Some(http::plain(429, "too many requests")),
        What::Refuse => Some(http::plain(403, "forbidden")),
        What::Fail => Some(http::plain(500, "internal error")),
        _ => None,
    }
}

/// What a token is asked for with.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    audience: Audience,
    subject: Option<String>,
    issuer: Option<String>,
    seconds: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Default for Audience {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

async fn mint(front: &Front, asked: &Asked) -> Answer {
    if asked.head.method != Method::POST {
        return http::plain(405, "a token is asked for by POST");
    }
    let wanted = match wanted(asked) {
        Ok(wanted) => wanted,
        Err(why) => return http::plain(400, &why),
    };
    let (issuer, subject) = {
        let account = front.account();
        let (issuer, subject) = account.okteto();
        let issuer = wanted.issuer.unwrap_or_else(|| issuer.to_owned());
        let subject = wanted.subject.unwrap_or_else(|| subject.to_owned());
        match account.issuers().into_iter().find(|known| known.url == issuer) {
            Some(issuer) => (issuer, subject),
            None => {
                return http::plain(
                    400,
                    &format!("{issuer} is no issuer of this practice account"),
                );
            }
        }
    };
    let mut audiences = match wanted.audience {
        Audience::One(audience) => vec![audience],
        Audience::Many(audiences) => audiences,
    };
    if audiences.is_empty() {
        // As the API server does it: the token is for itself.
        audiences.push(issuer.url.clone());
    }
    let (now, seconds) = (front.now(), wanted.seconds.unwrap_or(LIFE));
    let audiences: Vec<&str> = audiences.iter().map(String::as_str).collect();
    warm(&issuer).await;
    match issuer.mint(now, &subject, &audiences, seconds) {
        Ok(token) => http::plain(200, token.expose()),
        Err(problem) => http::plain(400, &problem.to_string()),
    }
}

fn wanted(asked: &Asked) -> Result<Wanted, String> {
    let kind = asked.header(CONTENT_TYPE).unwrap_or_default();
    if kind.starts_with(JSON) {
        // By way of an object, since a list could stand for a structure.
        return serde_json::from_slice(&asked.body)
            .and_then(|object| serde_json::from_value(Value::Object(object)))
            .map_err(|error| error.to_string());
    }
    let mut wanted = Wanted::default();
    let mut audiences = Vec::new();
    for (name, value) in form_urlencoded::parse(&asked.body) {
        let value = value.into_owned();
        match name.as_ref() {
            "audience" => audiences.push(value),
            "subject" => wanted.subject = Some(value),
            "issuer" => wanted.issuer = Some(value),
            "seconds" => {
                let number =
                    value.parse().map_err(|error: ParseIntError| format!("seconds: {error}"))?;
                wanted.seconds = Some(number);
            }
            _ => return Err(format!("{name} is none of audience, subject, issuer and seconds")),
        }
    }
    wanted.audience = Audience::Many(audiences);
    Ok(wanted)
}

/// An issuer makes its keys when they are first needed, which takes a while: not on a thread that serves.
async fn warm(issuer: &Issuer) {
    let issuer = issuer.clone();
    // Were the thread lost, the keys would be made where they are used.
    let _ = tokio::task::spawn_blocking(move || issuer.warm()).await;
}
