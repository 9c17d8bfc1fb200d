//! What an `SdkError` holds, laid out flat: the only place that takes one apart.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::{ErrorMetadata, ProvideErrorMetadata, SdkError};

/// How far a call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Not sent: the request could not be made, or no connection came about.
    NotSent,
    /// No credentials to sign it with were found.
    NoCredentials,
    /// Credentials were configured, and getting them failed.
    BrokenCredentials,
    /// Sent, or perhaps sent; then the time was up.
    TimedOut,
    /// Sent, or perhaps sent; then the connection was lost, or the answer could not be read.
    Lost,
    /// An answer came.
    Answered,
}

/// The facts of a failed call.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// How far it came.
    pub(super) reach: Reach,
    /// The wire's error code, such as `EntityAlreadyExists`.
    pub(super) code: Option<String>,
    /// AWS's own sentence, or the chain of causes below an answer that never came.
    pub(super) said: String,
    /// HTTP status.
    pub(super) status: Option<u16>,
    /// AWS's request id.
    pub(super) request_id: Option<String>,
    /// The `Date` of the answer: the other end's clock.
    pub(super) their_time: Option<String>,
}

impl Seen {
    /// Takes an error apart. Modelled errors carry the wire's code as well, so one list of codes serves both.
    pub(super) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let raw = error.raw_response();
        let chain = chain(error);
        // An error in another form than the protocol's own, as gateways write it, is read all the same.
        let (other_code, other_message) = match raw {
            Some(response) if error.code().is_none() => {
                (element(response, "Code"), element(response, "Message"))
            }
            _ => (None, None),
        };
        // A refusal met while credentials were being got, such as that of sts:AssumeRole, lies deeper.
        let nested = find::<ErrorMetadata>(error);
        let code = error.code().or_else(|| nested?.code()).or(other_code);
        let code = code.filter(|code| !code.is_empty()).map(str::to_owned);
        let message = error.message().or_else(|| nested?.message()).or(other_message);
        let said = match (message, &code) {
            (Some(message), _) => message.trim().to_owned(),
            (None, Some(_)) => String::new(),
            (None, None) => match raw {
                Some(response) => beginning_of(response),
                None => chain.join(": "),
            },
        };
        Self {
            reach: reach(error, &chain),
            code,
            said,
            status: raw.map(|r| r.status().as_u16()),
            request_id: raw.and_then(request_id),
            their_time: raw.and_then(|r| r.headers().get("date")).map(str::to_owned),
        }
    }

    /// Takes a secret out, should the other end repeat what it was sent.
    pub(super) fn without(mut self, secret: &str) -> Self {
        if !secret.is_empty() {
            self.said = self.said.replace(secret, "…");
        }
        self
    }

    /// Whether AWS's sentence holds these words, without regard to case.
    pub(super) fn says(&self, words: &str) -> bool {
        self.said.to_ascii_lowercase().contains(&words.to_ascii_lowercase())
    }
}

/// The request id, by the names that AWS's services and the software in front of them give it; else from the XML.
pub(super) fn request_id(response: &HttpResponse) -> Option<String> {
    ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"]
        .iter()
        .find_map(|name| response.headers().get(name))
        .or_else(|| element(response, "RequestId"))
        .map(str::to_owned)
}

/// The text of the first XML element of a name, wherever it stands.
fn element<'a>(response: &'a HttpResponse, name: &str) -> Option<&'a str> {
    let body = str::from_utf8(response.body().bytes()?).ok()?;
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text.trim())
}

fn reach<E>(error: &SdkError<E, HttpResponse>, chain: &[String]) -> Reach
where
    E: Error + 'static,
{
    if let Some(credentials) = find::<CredentialsError>(error) {
        return match credentials {
            CredentialsError::CredentialsNotLoaded(_) => Reach::NoCredentials,
            // Last of the chain, and asked on every machine: nothing was configured.
            _ if chain.iter().any(|link| link.contains("IMDS")) => Reach::NoCredentials,
            _ => Reach::BrokenCredentials,
        };
    }
    let said = |words: &str| chain.iter().any(|link| link.contains(words));
    match error {
        SdkError::ServiceError(_) => Reach::Answered,
        SdkError::TimeoutError(_) => Reach::TimedOut,
        // hyper-util's error is no type of ours to downcast to; its word for "no connection came about" is this.
        SdkError::DispatchFailure(_) if said("(Connect)") || said("HTTP connect") => Reach::NotSent,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => Reach::TimedOut,
        SdkError::DispatchFailure(failure) if failure.is_user() => Reach::NotSent,
        SdkError::DispatchFailure(_) if said("identity resolver timed out") => {
            Reach::BrokenCredentials
        }
        SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Reach::Lost,
        _ => Reach::NotSent,
    }
}

/// The chain of sources, the error itself first. An `io::Error` gives its payload's source for its own, so that the
/// payload must be asked for.
fn links<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

/// The first error of a type in the chain of sources.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    links(error).find_map(|e| e.downcast_ref::<T>())
}

/// What the SDK's own errors print; they say nothing of what happened.
const EMPTY_WORDS: [&str; 9] = [
    "io error",
    "timeout",
    "other",
    "user error",
    "service error",
    "dispatch failure",
    "response error",
    "unhandled error",
    "request has timed out",
];

/// The texts of the chain of sources below the SDK's own, each once, without the empty words.
fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for text in links(error).skip(1).map(ToString::to_string) {
        // The SDK prints whole requests here, with the token in them.
        let text = text.split_once("Request {").map_or(text.as_str(), |(before, _)| before);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_news = !texts.iter().any(|earlier| earlier.contains(&text));
        if is_news && !EMPTY_WORDS.contains(&text.as_str()) {
            texts.push(text);
        }
    }
    texts
}

/// The beginning of a body that is no answer of AWS's, on one line. Of a success only a page made for people is told:
/// anything else may be an answer that was cut, with a secret or a token in it.
fn beginning_of(response: &HttpResponse) -> String {
    let body = String::from_utf8_lossy(response.body().bytes().unwrap_or_default());
    let is_page = || {
        let start = body.trim_start().get(..9).unwrap_or_default().to_ascii_lowercase();
        start.starts_with("<html") || start.starts_with("<!doctype")
    };
    if response.status().is_success() && !is_page() {
        return "an answer that could not be read; it is not shown, as a secret may be in it"
            .to_owned();
    }
    body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use std::io;

    use aws_sdk_iam::error::{BoxError, ConnectorError};
    use aws_sdk_iam::operation::get_role::GetRoleError;

    use super::*;
    use crate::aws::fault::Call;
    use crate::domain::fault::Cause;

    type Failure = SdkError<GetRoleError, HttpResponse>;

    fn other(source: impl Into<BoxError>) -> Failure {
        Failure::dispatch_failure(ConnectorError::other(source.into(), None))
    }

    /// Such as the reply with a new key's secret, cut on its way.
    #[test]
    fn of_a_success_that_cannot_be_read_nothing_is_told() {
        let seen = |status: u16, body: &str| {
            let raw = HttpResponse::new(status.try_into().unwrap(), body.to_owned().into());
            Seen::of(&Failure::response_error("it is cut", raw))
        };
        let cut = "<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey><SecretAccessKey>wJalrXUtnFEMI";
        let seen_cut = seen(200, cut);
        assert!(!seen_cut.said.contains("wJalr"), "{}", seen_cut.said);
        assert!(seen_cut.said.contains("could not be read"), "{}", seen_cut.said);
        // A login page in between is told: it says what to do.
        assert!(seen(200, "<!DOCTYPE html><title>Hotel WLAN</title>").said.contains("Hotel"));
        assert!(seen(502, "Bad gateway").said.contains("Bad gateway"));
    }

    #[test]
    fn what_never_came_to_an_answer() {
        let certificate = io::Error::other("invalid peer certificate: UnknownIssuer");
        let renew = "aws sso login --profile ops";
        for (error, reach, cause, remedy) in [
            (
                Failure::dispatch_failure(ConnectorError::timeout(
                    "HTTP connect timeout occurred after 5s".into(),
                )),
                Reach::NotSent,
                Cause::Unreachable,
                "HTTPS_PROXY",
            ),
            (
                Failure::dispatch_failure(ConnectorError::timeout(
                    "HTTP read timeout occurred after 5s".into(),
                )),
                Reach::TimedOut,
                Cause::DeadlinePassed,
                "",
            ),
            (
                Failure::timeout_error("operation timeout (all attempts including retries)"),
                Reach::TimedOut,
                Cause::DeadlinePassed,
                "",
            ),
            (
                Failure::dispatch_failure(ConnectorError::io(certificate.into())),
                Reach::Lost,
                Cause::Unreachable,
                "",
            ),
            (
                Failure::construction_failure("a field is missing"),
                Reach::NotSent,
                Cause::Unreachable,
                "",
            ),
            (
                other(CredentialsError::not_loaded("nothing is set")),
                Reach::NoCredentials,
                Cause::CredentialsMissing,
                renew,
            ),
            (
                other(CredentialsError::provider_error(
                    "the SSO token has expired and cannot be refreshed",
                )),
                Reach::BrokenCredentials,
                Cause::CredentialsExpired,
                renew,
            ),
            (
                other(CredentialsError::provider_error("dns error: no such name")),
                Reach::BrokenCredentials,
                Cause::Unreachable,
                "region",
            ),
            (
                other("identity resolver timed out after 45s"),
                Reach::BrokenCredentials,
                Cause::DeadlinePassed,
                renew,
            ),
        ] {
            let seen = Seen::of(&error);
            let fault = Call::read("iam:GetRole", Some(renew)).fault(&error);
            assert_eq!((seen.reach, fault.cause), (reach, cause), "{fault:?}");
            assert!(fault.what_to_do().contains(remedy), "{seen:?}");
            assert!(fault.message.contains("iam:GetRole"));
        }
    }

    #[test]
    fn a_chain_says_everything_once_and_no_empty_word() {
        let inner = io::Error::other(io::Error::other("connection reset"));
        let error = Failure::dispatch_failure(ConnectorError::io(inner.into()));
        assert_eq!(Seen::of(&error).said, "connection reset");
    }
}
