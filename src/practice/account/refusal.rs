//! AWS's no.

use super::Service;
use super::difficulty::What;

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
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        let status = match code {
            "AccessDenied"
            | "InvalidClientTokenId"
            | "SignatureDoesNotMatch"
            | "IDPRejectedClaim"
            | "OptInRequired"
            | "RegionDisabledException"
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

    /// What a service says to a call that meets this trouble; `None` where the trouble is no answer of the service's.
    ///
    /// Sources: "Common errors" of the IAM, STS and ECR API references; botocore's `_retry.json` for the codes of
    /// throttling; `ServiceFailure` and `ServerException` in the models of IAM and ECR.
    pub(in crate::practice) fn by_script(
        service: Service,
        what: What,
        is_signed: bool,
    ) -> Option<Self> {
        const FAILED: &str =
            "The request processing has failed because of an unknown error, exception or failure.";
        let json = service == Service::Ecr;
        Some(match what {
            What::Throttle if json => Self::new("ThrottlingException", "Rate exceeded"),
            What::Throttle => Self::new("Throttling", "Rate exceeded"),
            What::Expire if is_signed => Self::session_ended(service),
            What::Fail => match service {
                Service::Iam => Self::new("ServiceFailure", FAILED),
                Service::Sts => Self::new("InternalFailure", FAILED),
                Service::Ecr => Self::new("ServerException", FAILED),
            },
            _ => return None,
        })
    }

    /// The session that signed a call has ended.
    pub(in crate::practice) fn session_ended(service: Service) -> Self {
        let code = match service {
            Service::Iam | Service::Sts => "ExpiredToken",
            Service::Ecr => "ExpiredTokenException",
        };
        Self::new(code, "The security token included in the request is expired")
    }
}
