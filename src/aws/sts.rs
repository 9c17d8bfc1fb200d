//! STS: who the operator is, and the web identity of the pull test.

use aws_sdk_sts::Client;

use super::fault::{Call, Signer};
use super::seen::Seen;
use crate::domain::arn::{Arn, RoleArn};
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::Caller;
use crate::domain::partition::AccountId;
use crate::domain::secret::{Credentials, SeenIdentity, Session, WebToken, taken};

/// Stands in the audit trail and in the session's ARN. 2 to 64 of `[\w+=,.@-]` (STS API reference).
const SESSION_NAME: &str = "okteto-ecr-pull-test";
const WHOAMI: &str = "sts:GetCallerIdentity";
const ASSUME: &str = "sts:AssumeRoleWithWebIdentity";

/// An answer without what the model promises.
fn incomplete(call: &str, what: &str) -> Fault {
    Fault::new(Cause::Unexplained, format!("{call} succeeded, but its answer has no {what}"))
        .remedy("something else than AWS may have answered: check AWS_ENDPOINT_URL")
}

/// `GetCallerIdentity` of the operator: needs no permission, cannot be denied.
pub(super) async fn whoami(client: &Client, renew: Option<&str>) -> Result<Caller, Fault> {
    let call = Call::read(WHOAMI, renew);
    let answer = client.get_caller_identity().send().await.map_err(|error| call.fault(&error))?;
    let arn = answer.arn.ok_or_else(|| incomplete(WHOAMI, "ARN"))?;
    let partition = Arn::parse(&arn).map_err(|_| incomplete(WHOAMI, "known ARN"))?.partition;
    let account = AccountId::parse(answer.account.as_deref().unwrap_or_default())
        .map_err(|_| incomplete(WHOAMI, "account id"))?;
    Ok(Caller { account, arn, partition })
}

/// `GetCallerIdentity` of the credentials under test.
pub(super) async fn identity(client: &Client, signer: Signer<'_>) -> Result<String, Fault> {
    let call = Call { name: WHOAMI, changing: false, signer };
    let answer = client.get_caller_identity().send().await.map_err(|error| call.fault(&error))?;
    answer.arn.ok_or_else(|| incomplete(WHOAMI, "ARN"))
}

/// `AssumeRoleWithWebIdentity`. `ProviderId` is for OAuth 2.0 only and must not be sent with an OIDC token.
pub(super) async fn assume(
    client: &Client,
    role: &RoleArn,
    token: &WebToken,
) -> Result<Session, Fault> {
    let answer = client
        .assume_role_with_web_identity()
        .role_arn(role.as_str())
        .role_session_name(SESSION_NAME)
        .web_identity_token(token.expose())
        .send()
        .await
        .map_err(|error| refusal(&Seen::of(&error).without(token.expose())))?;
    let credentials = answer.credentials.ok_or_else(|| incomplete(ASSUME, "credentials"))?;
    Ok(Session {
        credentials: Credentials {
            access_key_id: credentials.access_key_id,
            secret_access_key: taken(credentials.secret_access_key),
            session_token: Some(taken(credentials.session_token)),
        },
        expires: credentials.expiration.to_string(),
        assumed_arn: answer.assumed_role_user.map(|user| user.arn).unwrap_or_default(),
        seen: SeenIdentity {
            subject: answer.subject_from_web_identity_token,
            audience: answer.audience,
            provider: answer.provider,
        },
    })
}

/// What STS says of a token, a provider or a role. One code stands for many causes, so its sentence decides; the
/// sentences are those seen in public reports, since the API reference has none.
///
/// `AccessDenied` stays unexplained: STS says the same of a role that is not there, of a trust policy that does not
/// match, and of one that has not spread yet. Whoever knows the trust policy and its age tells them apart.
fn refusal(seen: &Seen) -> Fault {
    let call = Call { name: ASSUME, changing: false, signer: Signer::Nobody };
    let refused = |cause| call.say(cause, "was refused", seen);
    match seen.code.as_deref().unwrap_or_default() {
        "InvalidIdentityToken" | "InvalidIdentityTokenException" => invalid_token(seen, refused),
        "ExpiredTokenException" | "ExpiredToken" if seen.says("too old") => {
            refused(Cause::TokenTooOld)
        }
        "ExpiredTokenException" | "ExpiredToken" => refused(Cause::TokenExpired),
        "IDPCommunicationError" => refused(Cause::IssuerUnreachable),
        "IDPRejectedClaim" => refused(Cause::Unexplained).remedy(
            "the issuer says that the token is invalid, expired or revoked: make a new one",
        ),
        // What mends it is known to whoever has looked at the role.
        "AccessDenied" | "AccessDeniedException" => {
            Fault { remedy: None, ..call.denied(Cause::Unexplained, seen) }
        }
        "ValidationError" | "ValidationException" if seen.says("webIdentityToken") => {
            refused(Cause::TokenMalformed).remedy("a web identity token has 4 to 20,000 characters")
        }
        "ValidationError" | "ValidationException" if seen.says("ARN") => refused(
            Cause::RoleMissing,
        )
        .remedy("give the role's ARN, with :role/ in it; that of the provider has :oidc-provider/"),
        _ => call.classify(seen),
    }
}

fn invalid_token(seen: &Seen, refused: impl Fn(Cause) -> Fault) -> Fault {
    refused(if seen.says("No OpenIDConnect provider found") {
        Cause::ProviderMissing
    } else if seen.says("token audience") {
        Cause::AudienceNotRegistered
    } else if seen.says("verification key") || seen.says("thumbprint") {
        Cause::IssuerUnreachable
    } else if seen.says("signature") {
        Cause::TokenSignature
    } else if seen.says("required claim") || seen.says("valid JWT") || seen.says("JSON Web Token") {
        Cause::TokenMalformed
    } else {
        Cause::Unexplained
    })
}
