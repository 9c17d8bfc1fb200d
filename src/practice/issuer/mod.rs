//! The cluster's side of the federation: keys, discovery documents and service account tokens, shaped like those of
//! Kubernetes.

mod key;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

pub use self::key::Algorithm;
use self::key::Keys;
use crate::domain::problem::Problem;
use crate::domain::secret::WebToken;
use crate::domain::subject::Subject;

/// Life of a token that is asked for without saying how long: an hour, as `TokenRequest` has it.
pub const LIFE: i64 = 3600;

/// The shortest life: `may not specify a duration less than 10 minutes` (Kubernetes, validation of `TokenRequest`).
const SHORTEST: i64 = 600;

/// A cluster that issues service account tokens. Clones have the same keys.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Its URL, as `iss` has it.
    pub url: String,
    keys: Arc<Keys>,
}

/// What a token is asked for with.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// `system:serviceaccount:NAMESPACE:NAME`
    pub subject: String,
    /// `aud`
    pub audiences: Vec<String>,
    /// From `iat` to `exp`.
    pub seconds: i64,
    /// Kubernetes signs with RS256; the others are for exercises.
    pub algorithm: Algorithm,
    /// Another `kid` than the key's own.
    pub kid: Option<String>,
    /// Claims that are put in place of the true ones; `None` leaves the claim out.
    pub claims: Vec<(String, Option<Value>)>,
}

impl TokenRequest {
    /// What `kubectl create token` would ask for.
    #[must_use]
    pub fn new(subject: &str, audiences: &[&str], seconds: i64) -> Self {
        Self {
            subject: subject.to_owned(),
            audiences: audiences.iter().map(|&audience| audience.to_owned()).collect(),
            seconds,
            algorithm: Algorithm::Rs256,
            kid: None,
            claims: Vec::new(),
        }
    }

    /// With another claim than the true one.
    #[must_use]
    pub fn with(mut self, claim: &str, value: Value) -> Self {
        self.claims.push((claim.to_owned(), Some(value)));
        self
    }

    /// Without a claim.
    #[must_use]
    pub fn without(mut self, claim: &str) -> Self {
        self.claims.push((claim.to_owned(), None));
        self
    }
}

impl Issuer {
    /// A cluster with this issuer URL. Its keys are made when first needed.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), keys: Arc::default() }
    }

    /// Makes the RSA key, which takes a while, ahead of its first use: for a thread of its own.
    pub fn warm(&self) {
        self.keys.warm();
    }

    /// The document at `/.well-known/openid-configuration`, as the API server writes it.
    #[must_use]
    pub fn discovery(&self) -> Value {
        json!({
            "issuer": self.url,
            "jwks_uri": format!("{}/openid/v1/jwks", self.url.strip_suffix('/').unwrap_or(&self.url)),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }

    /// The document at `/openid/v1/jwks`: the RSA key, and such others as have signed something.
    #[must_use]
    pub fn jwks(&self) -> Value {
        json!({ "keys": self.keys.published() })
    }

    /// Mints a service account token.
    ///
    /// # Errors
    /// The subject is no service account's, no audience is named, or the life is too short.
    pub fn mint(
        &self,
        now: Timestamp,
        subject: &str,
        audiences: &[&str],
        seconds: i64,
    ) -> Result<WebToken, Problem> {
        self.sign(now, &TokenRequest::new(subject, audiences, seconds))
    }

    /// Mints a token as it is asked for, right or wrong.
    ///
    /// # Errors
    /// As [`Issuer::mint`]; what the request says of single claims is not looked at.
    pub fn sign(&self, now: Timestamp, request: &TokenRequest) -> Result<WebToken, Problem> {
        let subject = Subject::parse(&request.subject)?;
        if request.audiences.is_empty() {
            return Err(Problem::new(
                "an audience is missing",
                "a token without one is for the cluster's own API",
                "okteto.example.com",
            ));
        }
        if request.seconds < SHORTEST {
            return Err(Problem::new(
                format!("{} seconds", request.seconds),
                "Kubernetes issues no token for less than 10 minutes",
                LIFE.to_string(),
            ));
        }
        let claims = self.claims(now, &subject, request);
        let key = self.keys.of(request.algorithm).ok_or_else(|| {
            Problem::new(
                "the signing key could not be made",
                "a token is signed with the key of its issuer",
                "RS256",
            )
        })?;
        let mut header = Map::new();
        header.insert("alg".to_owned(), request.algorithm.name().into());
        if let Some(kid) = request.kid.as_deref().or(key.kid.as_deref()) {
            header.insert("kid".to_owned(), kid.into());
        }
        let signed = format!("{}.{}", encode(&Value::Object(header)), encode(&claims));
        let signature = key.sign(request.algorithm, signed.as_bytes());
        Ok(WebToken::new(&format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }

    fn claims(&self, now: Timestamp, subject: &Subject, request: &TokenRequest) -> Value {
        let iat = now.as_second();
        let mut claims = json!({
            "aud": request.audiences,
            "exp": iat.saturating_add(request.seconds),
            "iat": iat,
            "iss": self.url,
            "jti": uuid(fastrand::u128(..)),
            "kubernetes.io": {
                "namespace": subject.namespace(),
                "serviceaccount": {
                    "name": subject.account(),
                    "uid": account_uid(&self.url, subject),
                },
            },
            "nbf": iat,
            "sub": subject.to_string(),
        });
        if let Some(map) = claims.as_object_mut() {
            for (name, value) in &request.claims {
                match value {
                    Some(value) => map.insert(name.clone(), value.clone()),
                    None => map.shift_remove(name),
                };
            }
        }
        claims
    }
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The same account of the same cluster has the same uid in every token.
fn account_uid(url: &str, subject: &Subject) -> String {
    let digest = key::sha256(format!("{url} {subject}").as_bytes());
    uuid(digest.iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte)))
}

/// Random bits as a UUID of version 4.
pub(super) fn uuid(bits: u128) -> String {
    let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (4 << 76) | (2 << 62);
    let mut text = format!("{bits:032x}");
    for at in [20, 16, 12, 8] {
        text.insert(at, '-');
    }
    text
}

#[cfg(test)]
mod tests;
