//! AWS's no.

/// A refusal as AWS words it: wire code, message, HTTP status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// The code on the wire, such as `NoSuchEntity`.
    pub code: &'static str,
    /// The sentence.
    pub message: String,
    /// HTTP status.
    pub status: u16,
}

impl Refusal {
    /// A refusal; the status is the one of this code in the service models.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        let status = match code {
            "AccessDenied"
            | "InvalidClientTokenId"
            | "SignatureDoesNotMatch"
            | "IDPRejectedClaim"
            | "OptInRequired"
            | "RegionDisabledException"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "ExpiredToken" => 403,
            "NoSuchEntity" => 404,
            "EntityAlreadyExists"
            | "LimitExceeded"
            | "DeleteConflict"
            | "ConcurrentModification" => 409,
            "ServiceFailure" | "ServerException" | "InternalFailure" => 500,
            _ => 400,
        };
        Self { code, message: message.into(), status }
    }
}
