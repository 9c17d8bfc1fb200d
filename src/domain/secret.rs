//! Values that must not be printed. Each wraps a `secrecy` type, so `Debug` shows nothing of it.

use secrecy::{ExposeSecret, SecretString};

/// A web identity token: the signed JWT of a service account. 4 to 20,000 characters (STS model).
#[derive(Debug, Clone)]
pub struct WebToken(pub SecretString);

impl WebToken {
    /// Wraps a token as read from a file, a paste or the cluster; surrounding white space is dropped.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(SecretString::from(text.trim().to_owned()))
    }

    /// The token itself. Named so that a search finds every place that uses it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Temporary credentials of an assumed role.
#[derive(Debug, Clone)]
pub struct Session {
    /// Access key id, `ASIA…`. Not secret by itself.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: SecretString,
    /// The session token that must go with every call.
    pub session_token: SecretString,
    /// When the credentials end, RFC 3339.
    pub expires: String,
    /// ARN of the assumed role session, as STS reports it.
    pub assumed_arn: String,
    /// `SubjectFromWebIdentityToken`, `Audience`, `Provider` as STS read them from the token.
    pub seen: SeenIdentity,
}

/// What STS says it read in the token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenIdentity {
    /// `sub` of the token.
    pub subject: Option<String>,
    /// `aud` (or `azp`) of the token.
    pub audience: Option<String>,
    /// `iss` of the token.
    pub provider: Option<String>,
}

/// A registry login: the base64 of `AWS:PASSWORD` as ECR hands it out, sent unchanged after `Basic `.
#[derive(Debug, Clone)]
pub struct Login {
    /// The token of `GetAuthorizationToken`.
    pub token: SecretString,
    /// Its stated end, RFC 3339.
    pub expires: Option<String>,
    /// Whether the stated end has already passed by the clock of this machine.
    pub stale: bool,
}
