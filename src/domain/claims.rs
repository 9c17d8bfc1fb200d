//! The claims of a web identity token, read without trusting them: no signature is checked here.

use super::fault::Fault;
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
    /// `exp`, seconds since 1970.
    pub expires_at: i64,
    /// `alg` of the header.
    pub algorithm: String,
    /// `kid` of the header.
    pub key_id: Option<String>,
}

impl Claims {
    /// Reads the claims of a token.
    ///
    /// # Errors
    /// `token-malformed`: not three base64url parts, not JSON, a required claim missing or of another type.
    pub fn read(_token: &WebToken) -> Result<Self, Fault> {
        unimplemented!()
    }
}
