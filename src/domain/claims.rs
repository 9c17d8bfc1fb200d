//! The claims of a web identity token, read without trusting them: no signature is checked here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::fault::{Cause, Fault};
use super::intent::OidcIntent;
use super::secret::WebToken;

/// What the token says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// `iss`.
    pub issuer: String,
    /// `aud`, one or several (Kubernetes always sends an array).
    pub audiences: Vec<String>,
    /// `azp`, which STS compares instead of `aud` where present.
    pub authorized_party: Option<String>,
    /// `sub`.
    pub subject: String,
    /// `iat`, seconds since 1970.
    pub issued_at: i64,
    /// `nbf`, seconds since 1970.
    pub not_before: Option<i64>,
    /// `exp`, seconds since 1970.
    pub expires_at: i64,
    /// `alg` of the header.
    pub algorithm: String,
    /// `kid` of the header.
    pub key_id: Option<String>,
}

/// The signatures that STS takes (STS API reference, `AssumeRoleWithWebIdentity`).
const ALGORITHMS: [&str; 6] = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

/// A token is too old so long after it was issued, even if it has not expired. AWS does not say how long; a day is what
/// is generally taken for it, from reports of the refusal.
const OLDEST: i64 = 24 * 3600;

/// How far this machine's clock may be from the issuer's: as far as AWS lets a signed request's be (IAM user guide,
/// "Elements of an AWS API request signature").
const LEEWAY: i64 = 5 * 60;

/// The longest token that STS takes, in characters.
const LONGEST: usize = 20_000;

fn malformed(message: impl Into<String>) -> Fault {
    Fault::new(Cause::TokenMalformed, message)
}

impl Claims {
    /// Reads the claims of a token.
    ///
    /// # Errors
    /// `token-malformed`: not three base64url parts, not JSON, a required claim missing or of another type. No part
    /// of the token stands in the fault.
    pub fn read(token: &WebToken) -> Result<Self, Fault> {
        let text = token.expose();
        if text.is_empty() {
            return Err(malformed("the token is empty"));
        }
        if text.len() > LONGEST {
            return Err(malformed(format!(
                "the token has {} characters, AWS takes at most {LONGEST}",
                text.len()
            )));
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [header, payload, signature] = parts.as_slice() else {
            let fault = match parts.len() {
                2 => malformed("the token looks cut off: it has 2 of 3 parts")
                    .remedy("copy the whole token, up to its end"),
                n => malformed(format!("this is not a web token: it has {n} parts, not 3"))
                    .remedy("copy a whole token: it begins with eyJ and has two dots in it"),
            };
            return Err(fault.with("parts", format!("{} of 3", parts.len())));
        };
        if signature.is_empty() {
            return Err(malformed("the token looks cut off: it has no signature"));
        }
        let header = object(header, "header")?;
        let payload = object(payload, "claims")?;
        if URL_SAFE_NO_PAD.decode(signature).is_err() {
            return Err(malformed("the token looks cut off: its signature is not base64url"));
        }
        Ok(Self {
            issuer: text_of(&payload, "iss")?,
            audiences: audiences(&payload)?,
            authorized_party: payload.get("azp").and_then(Value::as_str).map(str::to_owned),
            subject: text_of(&payload, "sub")?,
            issued_at: seconds_of(&payload, "iat")?,
            not_before: payload.get("nbf").map(|_| seconds_of(&payload, "nbf")).transpose()?,
            expires_at: seconds_of(&payload, "exp")?,
            algorithm: text_of(&header, "alg")?,
            key_id: header.get("kid").and_then(Value::as_str).map(str::to_owned),
        })
    }

    /// Holds the claims against what the trust policy of the intent will ask for. `now_unix` is seconds since 1970.
    /// Answers with what was found good, a few words each.
    ///
    /// # Errors
    /// All that is wrong as one chain, in the order in which STS looks: `token-signature` for an algorithm STS does not
    /// take, `issuer-mismatch`, `token-expired`, `token-too-old`, `clock-skew` for a token that does not count yet,
    /// `audience-mismatch`, `subject-mismatch`. Evidence: `claim`, `wanted`, `got`, `first_difference`.
    pub fn check(&self, intent: &OidcIntent, now_unix: i64) -> Result<Vec<String>, Fault> {
        let (issuer, subject) = (intent.issuer.url(), intent.subject.to_string());
        let audience = intent.audience.as_str();
        // Where azp is present, STS compares it in place of aud.
        let (claim, audiences) = match &self.authorized_party {
            Some(party) => ("azp", std::slice::from_ref(party)),
            None => ("aud", self.audiences.as_slice()),
        };
        let mut faults = Vec::new();
        if !ALGORITHMS.contains(&self.algorithm.as_str()) {
            let message =
                format!("the token is signed with {}, which AWS does not take", self.algorithm);
            let fault = Fault::new(Cause::TokenSignature, message);
            faults.push(
                fault
                    .with("claim", "alg")
                    .with("wanted", ALGORITHMS.join(", "))
                    .with("got", self.algorithm.as_str())
                    .remedy("take the token of a service account: clusters sign with RS256"),
            );
        }
        if self.issuer != issuer {
            faults.push(mismatch(Cause::IssuerMismatch, "iss", issuer, &self.issuer).remedy(
                "take the token from the cluster that Okteto runs in, or correct the issuer",
            ));
        }
        faults.extend(self.untimely(now_unix));
        if !audiences.iter().any(|a| a == audience) {
            let got = audiences.join(", ");
            let remedy = match &self.authorized_party {
                Some(_) => "take the token of a service account: it has no azp, which counts here in place of aud".to_owned(),
                None => format!("ask for a token with --audience {audience}"),
            };
            faults.push(mismatch(Cause::AudienceMismatch, claim, audience, &got).remedy(remedy));
        }
        if self.subject != subject {
            faults.push(mismatch(Cause::SubjectMismatch, "sub", &subject, &self.subject).remedy(
                "take the token of that service account, or correct the subject; Okteto shows it",
            ));
        }
        match Fault::chain(faults) {
            Some(fault) => Err(fault),
            None => Ok(vec![
                format!("iss {issuer}"),
                format!("{claim} {audience}"),
                format!("sub {subject}"),
                format!("good for {}", span(self.expires_at.saturating_sub(now_unix))),
            ]),
        }
    }

    /// Why the token does not count now.
    fn untimely(&self, now: i64) -> Option<Fault> {
        let told = |cause, message: String, claim: &str, at: i64| {
            let fault = Fault::new(cause, message).with("claim", claim);
            fault.with(claim, at.to_string()).with("now", now.to_string())
        };
        let left = self.expires_at.saturating_sub(now);
        if left <= 0 {
            let message = format!("the token ended {} ago", span(left.saturating_neg()));
            return Some(told(Cause::TokenExpired, message, "exp", self.expires_at));
        }
        let age = now.saturating_sub(self.issued_at);
        if age > OLDEST {
            let message =
                format!("the token was issued {} ago; AWS takes none that old", span(age));
            return Some(told(Cause::TokenTooOld, message, "iat", self.issued_at));
        }
        let (claim, begins) = match self.not_before {
            Some(at) if at > self.issued_at => ("nbf", at),
            _ => ("iat", self.issued_at),
        };
        let ahead = begins.saturating_sub(now);
        (ahead > LEEWAY).then(|| {
            let message =
                format!("by this machine's clock the token counts only in {}", span(ahead));
            told(Cause::ClockSkew, message, claim, begins)
                .remedy("set the clock of this machine, or of the cluster that made the token")
        })
    }

    /// Holds the token's key against the ids of the keys that its issuer publishes. A token that names no key is left to
    /// AWS.
    ///
    /// # Errors
    /// `token-signature`: the key is not among them.
    pub fn check_key(&self, published: &[String]) -> Result<(), Fault> {
        let Some(id) = self.key_id.as_ref().filter(|id| !published.contains(id)) else {
            return Ok(());
        };
        Err(Fault::new(
            Cause::TokenSignature,
            format!("the token is signed with the key {id}, which the issuer does not publish"),
        )
        .with("claim", "kid")
        .with("wanted", published.join(", "))
        .with("got", id.as_str())
        .remedy(
            "take a fresh token; if it stays so, it comes from another cluster than the issuer, or the issuer changed its \
             keys a moment ago",
        ))
    }
}

/// `9 min`, `12 s`, `3 h`.
fn span(seconds: i64) -> String {
    match seconds {
        s if s < 120 => format!("{s} s"),
        s if s < 7200 => format!("{} min", s / 60),
        s => format!("{} h", s / 3600),
    }
}

fn mismatch(cause: Cause, claim: &str, wanted: &str, got: &str) -> Fault {
    let mut fault =
        Fault::new(cause, format!("the token's {claim} is {got:?}, and {wanted:?} is meant"))
            .with("claim", claim)
            .with("wanted", wanted)
            .with("got", got);
    if let Some(words) = first_difference(wanted, got) {
        fault = fault.with("first_difference", words);
    }
    fault
}

/// Where two texts part: `character 9: wanted '2', got '1'`, counted from 1. `None` if they are equal.
#[must_use]
pub fn first_difference(wanted: &str, got: &str) -> Option<String> {
    let name = |c: Option<char>| c.map_or("the end".to_owned(), |c| format!("{c:?}"));
    let (mut wanted, mut got) = (wanted.chars(), got.chars());
    for number in 1_usize.. {
        let (w, g) = (wanted.next(), got.next());
        if w != g {
            return Some(format!("character {number}: wanted {}, got {}", name(w), name(g)));
        }
        if w.is_none() {
            break;
        }
    }
    None
}

fn object(part: &str, what: &str) -> Result<Map<String, Value>, Fault> {
    let bytes = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| malformed(format!("this is not a web token: its {what} are not base64url")))?;
    // The parser's own words could quote the token, so they are left out.
    serde_json::from_slice(&bytes).map_err(|_| {
        malformed(format!("this is not a web token: its {what} are not a JSON object"))
    })
}

fn missing(claim: &str) -> Fault {
    malformed(format!("the token has no {claim}")).with("claim", claim)
}

fn wrong_type(claim: &str, wanted: &str) -> Fault {
    malformed(format!("the token's {claim} is not {wanted}")).with("claim", claim)
}

fn text_of(claims: &Map<String, Value>, claim: &str) -> Result<String, Fault> {
    let value = claims.get(claim).ok_or_else(|| missing(claim))?;
    value.as_str().map(str::to_owned).ok_or_else(|| wrong_type(claim, "a text"))
}

fn seconds_of(claims: &Map<String, Value>, claim: &str) -> Result<i64, Fault> {
    let value = claims.get(claim).ok_or_else(|| missing(claim))?;
    value.as_i64().ok_or_else(|| wrong_type(claim, "a whole number of seconds"))
}

fn audiences(claims: &Map<String, Value>) -> Result<Vec<String>, Fault> {
    let found = match claims.get("aud") {
        None => {
            return Err(missing("aud").remedy(
                "tokens kept in Secrets have none; make one with kubectl create token --audience",
            ));
        }
        Some(Value::String(one)) => Some(vec![one.clone()]),
        Some(Value::Array(list)) => list.iter().map(|v| v.as_str().map(str::to_owned)).collect(),
        Some(_) => None,
    };
    match found {
        Some(list) if !list.is_empty() => Ok(list),
        _ => Err(wrong_type("aud", "a text or a list of texts")),
    }
}

#[cfg(test)]
mod tests;
