//! From the SDK's errors to a [`Fault`], in one place.
//!
//! Codes are the wire's own (`EntityAlreadyExists`), not the class names of the models: AWS answers with codes that no
//! model lists (`AccessDenied`, `Throttling`, `ExpiredToken`, …), and the modelled ones carry their code as well.

use std::error::Error;

use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};

use super::seen::{Reach, Seen};
use crate::domain::denial::Denial;
use crate::domain::fault::{Cause, Fault};
use crate::domain::secret::Credentials;

/// Whose credentials sign a call: the same code means another thing for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signer<'a> {
    /// The operator's; with the command that renews them.
    Operator(Option<&'a str>),
    /// The session of the role under test.
    Session,
    /// The access key of the user under test.
    Key,
    /// Nobody: `AssumeRoleWithWebIdentity` goes unsigned.
    Nobody,
}

impl Signer<'_> {
    /// Whose credentials these are: only a session has a token.
    pub(super) const fn of(credentials: &Credentials) -> Self {
        if credentials.session_token.is_some() { Self::Session } else { Self::Key }
    }
}

/// What was tried, as far as a fault has to tell it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    /// The call as policies name it, such as `iam:CreateRole`.
    pub(super) name: &'static str,
    /// Whether it changes anything: then a lost answer is told by the evidence `outcome=unknown`.
    pub(super) changing: bool,
    /// Who signs it.
    pub(super) signer: Signer<'a>,
}

impl<'a> Call<'a> {
    /// A call that reads, signed by the operator.
    pub(super) const fn read(name: &'static str, renew: Option<&'a str>) -> Self {
        Self { name, changing: false, signer: Signer::Operator(renew) }
    }

    /// Classifies a failure of this call.
    pub(super) fn fault<E>(&self, error: &SdkError<E, HttpResponse>) -> Fault
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.classify(&Seen::of(error))
    }

    /// Classifies the facts of a failure of this call.
    pub(super) fn classify(&self, seen: &Seen) -> Fault {
        match seen.reach {
            Reach::NoCredentials => self.no_credentials(seen),
            Reach::BrokenCredentials => self.broken_credentials(seen),
            Reach::NotSent => self.not_sent(seen),
            Reach::TimedOut => {
                self.unanswered(seen, Cause::DeadlinePassed, "got no answer in time")
            }
            Reach::Lost => self.unanswered(seen, Cause::Unreachable, "got no whole answer"),
            Reach::Answered => self.answered(seen),
        }
    }

    /// A fault with the facts that every one carries.
    pub(super) fn say(&self, cause: Cause, what: &str, seen: &Seen) -> Fault {
        let said = if seen.said.is_empty() { String::new() } else { format!(": {}", seen.said) };
        let mut fault = Fault::new(cause, format!("{} {what}{said}", self.name))
            .request(seen.request_id.clone());
        if let Some(code) = &seen.code {
            fault = fault.with("code", code);
        }
        if let Some(status) = seen.status {
            fault = fault.with("status", status.to_string());
        }
        if !seen.said.is_empty() {
            // Only what came with a code of AWS's is AWS's word.
            fault = fault.with(if seen.code.is_some() { "aws_said" } else { "got" }, &seen.said);
        }
        fault
    }

    /// With the command that renews the operator's credentials as the remedy, where there is one.
    fn renewed(&self, fault: Fault) -> Fault {
        match self.signer {
            Signer::Operator(Some(command)) => fault.remedy(format!("run: {command}")),
            _ => fault,
        }
    }

    fn no_credentials(&self, seen: &Seen) -> Fault {
        let message = format!("{} was not sent: no AWS credentials were found", self.name);
        let looked_at = seen.said.replace("the credential provider was not enabled: ", "");
        self.renewed(Fault::new(Cause::CredentialsMissing, message).with("looked_at", looked_at))
    }

    fn broken_credentials(&self, seen: &Seen) -> Fault {
        let what = "was not sent: the configured AWS credentials could not be loaded";
        if seen.code.is_some() {
            return self.answered(seen);
        }
        let cause = if seen.says("timed out") {
            Cause::DeadlinePassed
        } else if seen.says("expired") || seen.says("failed to refresh") {
            Cause::CredentialsExpired
        } else if is_network(seen) {
            return self.not_sent(seen);
        } else {
            Cause::CredentialsMissing
        };
        let remedy = "mend what the profile names (role, process or file), then try again";
        self.renewed(self.say(cause, what, seen).remedy(remedy))
    }

    fn not_sent(&self, seen: &Seen) -> Fault {
        let remedy = if seen.says("certificate") || seen.says("UnknownIssuer") {
            "the certificate is not of an authority known here: behind a proxy that opens TLS, set \
             AWS_CA_BUNDLE to a PEM file with its authority"
        } else if seen.says("dns") || seen.says("lookup") {
            "the name cannot be resolved: check the region, the network and AWS_ENDPOINT_URL"
        } else {
            "check the network, HTTPS_PROXY and NO_PROXY, and AWS_ENDPOINT_URL"
        };
        self.say(Cause::Unreachable, "could not be sent", seen).remedy(remedy)
    }

    /// Sent, perhaps; what came of it is not known. Only a changing call has to say so.
    fn unanswered(&self, seen: &Seen, cause: Cause, what: &str) -> Fault {
        let fault = self.say(cause, what, seen);
        if self.changing {
            fault.with("outcome", "unknown").remedy("see what is there now before it is sent again")
        } else {
            fault
        }
    }

    fn answered(&self, seen: &Seen) -> Fault {
        let refused = |cause| self.say(cause, "was refused", seen);
        match seen.code.as_deref().unwrap_or_default() {
            "AccessDenied"
            | "AccessDeniedException"
            | "UnauthorizedOperation"
            | "UnauthorizedException" => self.denied(Cause::PermissionDenied, seen),
            "MissingAuthenticationToken" | "MissingAuthenticationTokenException" => {
                self.renewed(refused(Cause::CredentialsMissing))
            }
            "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => {
                self.renewed(refused(Cause::CredentialsExpired))
            }
            "InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId" => {
                self.unknown_key(seen)
            }
            "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "IncompleteSignature"
            | "RequestTimeTooSkewed"
            | "RequestExpired"
            | "RequestInTheFuture" => self.bad_signature(seen),
            "LimitExceeded" | "LimitExceededException" => refused(Cause::QuotaReached),
            "EntityAlreadyExists" | "EntityAlreadyExistsException" => refused(Cause::AlreadyExists),
            "MalformedPolicyDocument" | "MalformedPolicyDocumentException" => {
                refused(Cause::MalformedPolicy)
            }
            "OpenIdIdpCommunicationError" => refused(Cause::IssuerUnreachable),
            "NoSuchEntity" | "NoSuchEntityException" => self.missing(seen),
            "RepositoryNotFoundException" => refused(Cause::RepositoryMissing),
            "ImageNotFoundException" => refused(Cause::ImageMissing),
            "UnmodifiableEntity" => refused(Cause::Conflict)
                .remedy("AWS keeps this role for a service of its own: choose another name"),
            // Also for a while after the last of it was taken away (what Terraform retries).
            "DeleteConflict" | "DeleteConflictException" => refused(Cause::Conflict)
                .remedy("something is still on it: look what, take that away, and try again"),
            "OptInRequired"
            | "RegionDisabledException"
            | "RegionDisabled"
            | "SubscriptionRequiredException" => refused(Cause::Unexplained).remedy(
                "the account is not enabled for this region or service: an administrator enables \
                 regions under Account in the AWS console",
            ),
            code if is_throttling(code) || seen.status == Some(429) => refused(Cause::Throttled),
            _ => self.by_status(seen),
        }
    }

    /// A refusal for want of a permission, with the parts of AWS's sentence as evidence.
    pub(super) fn denied(&self, cause: Cause, seen: &Seen) -> Fault {
        let denial = Denial::read(&seen.said);
        let mut fault = self
            .say(cause, "was refused", seen)
            .with("action", denial.action.as_deref().unwrap_or(self.name))
            .remedy(denial.remedy(self.name));
        for (key, value) in [
            ("actor", denial.actor.clone()),
            ("resource", denial.resource.clone()),
            ("policy", denial.kind()),
        ] {
            if let Some(value) = value {
                fault = fault.with(key, value);
            }
        }
        fault
    }

    fn unknown_key(&self, seen: &Seen) -> Fault {
        // A session made a moment ago is not known everywhere yet (aws-actions/configure-aws-credentials#1681).
        if self.signer == Signer::Session {
            return self
                .say(Cause::NotYetPropagated, "was refused: the new session is not known yet", seen)
                .remedy("wait a few seconds, then try again");
        }
        let what = "was refused: AWS does not know the access key";
        self.renewed(self.say(Cause::AccessKeyUnknown, what, seen))
    }

    fn bad_signature(&self, seen: &Seen) -> Fault {
        let skewed =
            ["Signature expired", "not yet current", "Skew", "RequestExpired", "too large"];
        let code = seen.code.as_deref().unwrap_or_default();
        let is_clock = skewed.iter().any(|words| seen.says(words) || code.contains(words))
            || code == "RequestInTheFuture";
        if !is_clock {
            let what = "was refused: the signature does not fit the key";
            return self.say(Cause::SecretMismatch, what, seen);
        }
        let fault = self
            .say(Cause::ClockSkew, "was refused: this machine's clock differs from AWS's", seen)
            .with("clock_here", format!("{:.0}", crate::clock::now()));
        match &seen.their_time {
            Some(time) => fault.with("clock_there", time),
            None => fault,
        }
    }

    /// What `NoSuchEntity` speaks of, only the sentence tells.
    fn missing(&self, seen: &Seen) -> Fault {
        let refused = |cause| self.say(cause, "was refused", seen);
        if seen.says("openidconnect") || seen.says("oidc-provider") {
            refused(Cause::ProviderMissing)
        } else if seen.says("policy") {
            refused(Cause::Unexplained).remedy(
                "the account has no such policy, and not every partition has every AWS policy",
            )
        } else if seen.says("role") {
            refused(Cause::RoleMissing)
        } else {
            refused(Cause::Unexplained)
        }
    }

    /// No code that is known, or none at all: a gateway's page, a failure at the other end, or a new refusal.
    fn by_status(&self, seen: &Seen) -> Fault {
        match seen.status {
            Some(500..) => self.unanswered(seen, Cause::Unreachable, "failed at the other end"),
            Some(200..300) => {
                self.unanswered(seen, Cause::Unreachable, "got an answer that is not AWS's")
            }
            _ if seen.code.is_none() => {
                self.say(Cause::Unreachable, "got an answer that is not AWS's", seen).remedy(
                    "check HTTPS_PROXY, NO_PROXY and AWS_ENDPOINT_URL: something else answered",
                )
            }
            _ => self.say(Cause::Unexplained, "was refused", seen),
        }
    }
}

/// The codes of "slow down" (`THROTTLING_ERRORS` of the SDK's runtime, and IAM's own "submit again later").
fn is_throttling(code: &str) -> bool {
    code.contains("Throttl")
        || matches!(
            code,
            "TooManyRequestsException"
                | "RequestLimitExceeded"
                | "RequestThrottled"
                | "SlowDown"
                | "BandwidthLimitExceeded"
                | "PriorRequestNotComplete"
                | "ConcurrentModification"
        )
}

fn is_network(seen: &Seen) -> bool {
    ["dns error", "tcp connect", "(Connect)", "certificate"].iter().any(|words| seen.says(words))
}
