//! An OIDC issuer on loopback that stands for a made-up `https` one, with keys and tokens of the shape that
//! Kubernetes gives its service accounts.

use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::http::{Reply, Server};

/// A running issuer.
pub struct Issuer {
    /// What it calls itself, such as `https://oidc.example.com/id/4711`.
    pub name: String,
    /// The value of `--issuer-endpoint`.
    pub url: String,
    key: KeyPair,
    server: Server,
}

/// A token to be minted.
#[derive(Debug, Clone)]
pub struct Mint {
    pub issuer: String,
    pub audience: String,
    pub subject: String,
    /// `aud` as a list, as Kubernetes sends it; ministack compares a string only.
    pub array: bool,
    /// Seconds from now until it ends; negative is past.
    pub seconds: i64,
}

impl Issuer {
    const KID: &str = "key-1";

    /// Names itself `issuer` in its discovery document.
    pub fn start(issuer: &str) -> Self {
        Self::naming(issuer, issuer)
    }

    /// Stands for `issuer`, and calls itself otherwise.
    pub fn naming(issuer: &str, named: &str) -> Self {
        let key = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let discovery = json!({
            "issuer": named,
            "jwks_uri": format!("{}/openid/v1/jwks", named.trim_end_matches('/')),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let keys = json!({"keys": [jwk(&key)]});
        let server = Server::start(false, move |request, out| {
            let path = request.path();
            let reply = if path.ends_with("/.well-known/openid-configuration") {
                Reply::new(200, "application/json", discovery.to_string())
            } else if path.ends_with("/openid/v1/jwks") {
                Reply::new(200, "application/jwk-set+json", keys.to_string())
            } else {
                Reply::new(404, "text/plain", "404 page not found")
            };
            reply.send(out)
        });
        Self { name: issuer.to_owned(), url: server.url(), key, server }
    }

    /// What a token says, to be changed and minted: good for 10 minutes.
    pub fn claims(&self, audience: &str, subject: &str) -> Mint {
        Mint {
            issuer: self.name.clone(),
            audience: audience.to_owned(),
            subject: subject.to_owned(),
            array: true,
            seconds: 600,
        }
    }

    /// The token, signed with RS256.
    pub fn mint(&self, mint: &Mint) -> String {
        let now = i64::try_from(now().as_secs()).expect("a time");
        let began = now.min(now + mint.seconds - 600);
        let mut words = mint.subject.rsplit(':');
        let (account, namespace) = (words.next(), words.next());
        let audience =
            if mint.array { json!([mint.audience]) } else { Value::from(mint.audience.as_str()) };
        let header = json!({"alg": "RS256", "kid": Self::KID});
        let claims = json!({
            "aud": audience,
            "exp": now + mint.seconds,
            "iat": began,
            "iss": mint.issuer,
            "jti": "6f0a1a52-0000-4000-8000-000000000001",
            "kubernetes.io": {
                "namespace": namespace,
                "serviceaccount": {"name": account, "uid": "6f0a1a52-0000-4000-8000-000000000002"},
            },
            "nbf": began,
            "sub": mint.subject,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The paths asked for so far.
    pub fn paths(&self) -> Vec<String> {
        self.server.requests().into_iter().map(|request| request.target).collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "tokens are minted for the real time")]
fn now() -> Duration {
    std::time::SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970")
}

/// The public key as RFC 7517 has it. The DER of a 2048-bit key is fixed: SEQUENCE, INTEGER n (257 bytes with a
/// leading zero), INTEGER e (3 bytes).
fn jwk(key: &KeyPair) -> Value {
    let public = key.public_key();
    let der = public.as_ref();
    assert_eq!(der.len(), 270, "an RSA key of another size");
    let (modulus, exponent) = (&der[9..265], &der[267..270]);
    json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": Issuer::KID,
        "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent),
    })
}
