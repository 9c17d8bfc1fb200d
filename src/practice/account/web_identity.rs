//! What STS looks at in a web identity token, in the order inferred from which of its errors wins.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED,
    EcdsaVerificationAlgorithm, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Account;
use super::refusal::Refusal;
use crate::domain::evaluate::Context;
use crate::domain::trust::Holder;

/// A token is too old so long after it was issued, even if it has not expired. AWS does not say how long; a day is what
/// is generally taken for it, from reports of the refusal.
const OLDEST: i64 = 24 * 3600;

/// A token that STS takes.
#[derive(Debug)]
pub(super) struct Identity {
    /// `iss`
    pub(super) issuer: String,
    /// `sub`
    pub(super) subject: String,
    /// The audience that stands in the provider's list.
    pub(super) audience: String,
    /// ARN of the provider.
    pub(super) provider: String,
    /// Condition keys of the claims that a policy can test.
    pub(super) context: Context,
}

/// A token taken apart, nothing of it verified.
struct Token<'a> {
    algorithm: String,
    kid: Option<String>,
    claims: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

/// Verifies a token for a role of this account.
///
/// # Errors
/// STS's code and sentence.
pub(super) fn verify(
    account: &mut Account,
    now: Timestamp,
    role_account: &str,
    token: &str,
) -> Result<Identity, Refusal> {
    let token = Token::read(token).ok_or_else(malformed)?;
    let holder = Holder::read(&token.claims).map_err(|_| malformed())?;
    let issuer = holder.issuer.clone().ok_or_else(|| missing("iss"))?;
    let found = account
        .state
        .providers
        .iter()
        .filter(|_| role_account == account.state.account)
        .filter_map(|(arn, provider)| Some((arn, provider, provider.audiences.seen(now)?)))
        .find(|(_, provider, _)| issuer.strip_prefix("https://") == Some(&provider.url));
    let Some((arn, _, audiences)) = found else {
        return Err(invalid(format!(
            "No OpenIDConnect provider found in your account for {issuer}"
        )));
    };
    let (arn, audiences) = (arn.clone(), audiences.clone());
    account.verify_signature(&token, &issuer)?;
    let subject = holder.subject.clone().ok_or_else(|| missing("sub"))?;
    if holder.audiences.is_empty() {
        return Err(missing("aud"));
    }
    let (exp, iat) = (token.time("exp")?, token.time("iat")?);
    let clock = now.as_second();
    if exp <= clock {
        return Err(Refusal::new(
            "ExpiredTokenException",
            format!(
                "Token expired: current date/time {clock} must be before the expiration date/time {exp}"
            ),
        ));
    }
    if clock.saturating_sub(iat) > OLDEST {
        return Err(Refusal::new("ExpiredTokenException", format!("Token too old: {iat}")));
    }
    // That a token counts from `iat` and `nbf` on is RFC 7519; what leeway STS gives, and its words, are not published:
    // none, the strict reading.
    let begins = token.claims.get("nbf").map_or(Ok(iat), |_| token.time("nbf"))?.max(iat);
    if begins > clock {
        return Err(invalid(format!(
            "Token not yet valid: current date/time {clock} must not be before {begins}"
        )));
    }
    // Any member of an array may be the one in the list (by reports).
    let (_, named) = holder.named_audiences();
    let audience = named
        .iter()
        .find(|audience| audiences.contains(audience))
        .ok_or_else(|| invalid("Incorrect token audience"))?
        .clone();
    Ok(Identity { issuer, subject, audience, provider: arn, context: holder.context() })
}

impl Account {
    /// Holds the signature against the issuer's published keys, fetched anew each time.
    fn verify_signature(&mut self, token: &Token<'_>, issuer: &str) -> Result<(), Refusal> {
        let unknown = || {
            invalid(
                "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
            )
        };
        if self.meet("sts:fetch-keys").is_some() {
            return Err(unknown());
        }
        let published = self.state.issuers.get(issuer).ok_or_else(unknown)?.jwks();
        // Only these six (model of `AssumeRoleWithWebIdentity`); how others are refused is not published.
        let Some(method) = Method::of(&token.algorithm) else {
            return Err(invalid(format!(
                "The ID Token provided is signed with an unsupported algorithm: {}",
                token.algorithm
            )));
        };
        // Without a `kid` no key is picked, the strict reading; with one it must be a key of the algorithm's type.
        let kid = token.kid.as_deref().ok_or_else(unknown)?;
        let keys = published.get("keys").and_then(Value::as_array);
        let key = keys
            .into_iter()
            .flatten()
            .find(|key| key.get("kid").and_then(Value::as_str) == Some(kid))
            .filter(|key| method.suits(key))
            .ok_or_else(unknown)?;
        if method.holds(key, token.signed.as_bytes(), &token.signature) {
            Ok(())
        } else {
            // The sentence is not published.
            Err(invalid("The ID Token provided has an invalid signature"))
        }
    }
}

/// How a signature is verified.
enum Method {
    Rsa(&'static RsaParameters),
    Ec(&'static str, &'static EcdsaVerificationAlgorithm),
}

impl Method {
    fn of(algorithm: &str) -> Option<Self> {
        Some(match algorithm {
            "RS256" => Self::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            "RS384" => Self::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            "RS512" => Self::Rsa(&RSA_PKCS1_2048_8192_SHA512),
            "ES256" => Self::Ec("P-256", &ECDSA_P256_SHA256_FIXED),
            "ES384" => Self::Ec("P-384", &ECDSA_P384_SHA384_FIXED),
            "ES512" => Self::Ec("P-521", &ECDSA_P521_SHA512_FIXED),
            _ => return None,
        })
    }

    fn suits(&self, key: &Value) -> bool {
        let is = |name, value| key.get(name).and_then(Value::as_str) == Some(value);
        match self {
            Self::Rsa(_) => is("kty", "RSA"),
            Self::Ec(curve, _) => is("kty", "EC") && is("crv", curve),
        }
    }

    fn holds(&self, key: &Value, text: &[u8], signature: &[u8]) -> bool {
        let number = |name| {
            let digits = key.get(name).and_then(Value::as_str).unwrap_or_default();
            URL_SAFE_NO_PAD.decode(digits).unwrap_or_default()
        };
        match self {
            Self::Rsa(parameters) => RsaPublicKeyComponents { n: number("n"), e: number("e") }
                .verify(parameters, text, signature)
                .is_ok(),
            Self::Ec(_, algorithm) => {
                let point = [vec![4], number("x"), number("y")].concat();
                UnparsedPublicKey::new(*algorithm, point).verify(text, signature).is_ok()
            }
        }
    }
}

impl<'a> Token<'a> {
    fn read(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header = object(header)?;
        let text = |name| header.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            algorithm: text("alg")?,
            kid: text("kid"),
            claims: object(claims)?,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// Timestamps must be integers (model of `AssumeRoleWithWebIdentity`).
    fn time(&self, claim: &'static str) -> Result<i64, Refusal> {
        let value = self.claims.get(claim).ok_or_else(|| missing(claim))?;
        value.as_i64().ok_or_else(malformed)
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn malformed() -> Refusal {
    invalid(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    )
}

fn missing(claim: &str) -> Refusal {
    invalid(format!("Missing a required claim: {claim}"))
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidIdentityToken", message)
}
