//! Every row of refusal that AWS is known to give, as it comes over the wire.

use std::collections::BTreeMap;

use super::testing::{Reply, aws, json_error, peer, xml_error};
use super::*;
use crate::domain::access::{Access, Permissions};
use crate::domain::arn::ProviderArn;
use crate::domain::fault::Cause;
use crate::domain::intent::OidcIntent;
use crate::domain::issuer::Issuer;
use crate::domain::name::{IamPath, RoleName};
use crate::domain::partition::{AccountId, Partition};
use crate::domain::principal::Principal;
use crate::domain::subject::{Audience, Subject};

const ROLE: &str = "arn:aws:iam::112233445566:role/pull";
const TOKEN: &str = "header.claims.signature-that-is-secret";

fn region() -> Region {
    Region::parse("eu-west-1").unwrap()
}

fn session() -> Credentials {
    Credentials {
        access_key_id: "ASIASESSION".to_owned(),
        secret_access_key: "session-secret".into(),
        session_token: Some("session-token".into()),
    }
}

fn attach() -> Operation {
    Operation::Tag {
        on: Principal::Role("pull".to_owned()),
        tags: [("a".to_owned(), "b".to_owned())].into(),
    }
}

fn intent() -> OidcIntent {
    let account = AccountId::parse("112233445566").unwrap();
    OidcIntent {
        host: RegistryHost::classic(account.clone(), region()),
        account,
        partition: Partition::Aws,
        issuer: Issuer::parse("https://auth.example.com/").unwrap(),
        audience: Audience::parse("okteto.example.com/eu-west-1").unwrap(),
        subject: Subject::parse("system:serviceaccount:okteto:okteto").unwrap(),
        role: RoleName::parse("pull").unwrap(),
        access: Access {
            permissions: Permissions::ReadOnly,
            path: IamPath::root(),
            boundary: None,
            tags: BTreeMap::new(),
            description: None,
            max_session_seconds: None,
        },
    }
}

/// A fault that any person can read, and no secret in it.
fn presentable(fault: &Fault) {
    let all = format!("{fault:?}");
    for never in
        ["service error", "operator-secret", "session-secret", "session-token", "is-secret"]
    {
        assert!(!all.contains(never), "{never} in {all}");
    }
}

async fn assume(reply: Reply) -> Fault {
    let (url, _) = peer(move |_| reply.clone());
    let role = RoleArn::parse(ROLE).unwrap();
    let fault = aws(&url).0.assume(&role, &WebToken::new(TOKEN), &region()).await.unwrap_err();
    presentable(&fault);
    fault
}

#[tokio::test]
async fn what_sts_says_of_a_web_identity() {
    use Cause::*;
    for (status, code, message, cause) in [
        (
            400,
            "InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://x",
            ProviderMissing,
        ),
        (400, "InvalidIdentityToken", "Incorrect token audience", AudienceNotRegistered),
        (
            400,
            "InvalidIdentityToken",
            "Couldn't retrieve verification key from your identity provider,  please reference",
            IssuerUnreachable,
        ),
        (
            400,
            "InvalidIdentityToken",
            "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
            IssuerUnreachable,
        ),
        (400, "InvalidIdentityToken", "Missing a required claim: aud", TokenMalformed),
        (
            400,
            "InvalidIdentityToken",
            "The ID Token provided is not a valid JWT. (You may see this error",
            TokenMalformed,
        ),
        (400, "InvalidIdentityToken", "The token's signature is invalid", TokenSignature),
        (400, "InvalidIdentityToken", "A sentence that nobody has seen", Unexplained),
        (
            400,
            "ExpiredTokenException",
            "Token expired: current date/time 2 must be before the expiration date/time 1",
            TokenExpired,
        ),
        (400, "ExpiredTokenException", "Token too old: 86401", TokenTooOld),
        (400, "IDPCommunicationError", "", IssuerUnreachable),
        (403, "IDPRejectedClaim", "", Unexplained),
        (
            403,
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            Unexplained,
        ),
        (400, "MalformedPolicyDocument", "bad", MalformedPolicy),
        (400, "PackedPolicyTooLarge", "112%", Unexplained),
        (403, "RegionDisabledException", "STS is not activated in this region", Unexplained),
        (400, "ValidationError", "Request ARN is invalid", RoleMissing),
        (
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            Unexplained,
        ),
        (400, "Throttling", "Rate exceeded", Throttled),
    ] {
        let fault = assume(xml_error(status, code, message)).await;
        assert_eq!(fault.cause, cause, "{code} {message}: {fault:?}");
        assert_eq!(fault.evidence["code"], code);
        assert_eq!(fault.evidence["status"], status.to_string());
        assert_eq!(fault.evidence.get("aws_said").map_or("", |s| s), message);
        assert_eq!(fault.request_id.as_deref(), Some("id-7"));
    }
    let denied = assume(xml_error(
        403,
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    ))
    .await;
    assert_eq!(denied.evidence["action"], "sts:AssumeRoleWithWebIdentity");
}

#[tokio::test]
async fn a_token_that_comes_back_is_not_shown() {
    let echo = format!("1 validation error detected: Value '{TOKEN}' at 'webIdentityToken' failed");
    let fault = assume(xml_error(400, "ValidationError", &echo)).await;
    assert_eq!(fault.cause, Cause::TokenMalformed);
    assume(Reply::Answer(418, format!("you sent {TOKEN}"))).await;
    // The SDK's own word for this holds the whole request.
    let role = RoleArn::parse(ROLE).unwrap();
    let token = WebToken::new(TOKEN);
    let fault = aws("127.0.0.1:1").0.assume(&role, &token, &region()).await.unwrap_err();
    presentable(&fault);
    assert!(fault.message.contains("127.0.0.1:1"), "{fault:?}");
}

#[tokio::test]
async fn assuming_is_unsigned_and_names_no_provider() {
    let (url, requests) = peer(|_| {
        Reply::Answer(
            200,
            "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <AssumeRoleWithWebIdentityResult><Audience>aud</Audience><Provider>https://x</Provider>\
             <SubjectFromWebIdentityToken>sub</SubjectFromWebIdentityToken><AssumedRoleUser>\
             <Arn>arn:aws:sts::1:assumed-role/pull/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>\
             <Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t\
             </SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>\
             </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
                .to_owned(),
        )
    });
    let (aws, calls) = aws(&url);
    let role = RoleArn::parse(ROLE).unwrap();
    let session = aws.assume(&role, &WebToken::new(TOKEN), &region()).await.unwrap();
    assert_eq!(session.expires, "2030-01-01T00:00:00Z");
    assert_eq!(session.seen.provider.as_deref(), Some("https://x"));
    let request = requests.lock().unwrap().pop().unwrap();
    assert!(request.contains("RoleSessionName=okteto-ecr-pull-test"), "{request}");
    assert!(request.contains("app/okteto-ecr") || !request.contains("ProviderId"));
    for never in ["authorization:", "AKIDOPERATOR", "ProviderId"] {
        assert!(!request.to_ascii_lowercase().contains(&never.to_ascii_lowercase()), "{request}");
    }
    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].call, "AssumeRoleWithWebIdentity");
    assert_eq!((calls[0].status, calls[0].request_id.as_deref()), (Some(200), Some("id-7")));
    assert!(calls[0].at.parse::<jiff::Timestamp>().is_ok(), "{}", calls[0].at);
}

#[tokio::test]
async fn what_iam_says_of_a_changing_call() {
    use Cause::*;
    let denial = "User: arn:aws:iam::112233445566:user/ann is not authorized to perform: iam:TagRole on resource: role pull because no permissions boundary allows the iam:TagRole action";
    for (status, code, message, cause) in [
        (403, "AccessDenied", denial, PermissionDenied),
        (
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            AccessKeyUnknown,
        ),
        (
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match",
            SecretMismatch,
        ),
        (
            403,
            "SignatureDoesNotMatch",
            "Signature expired: 20240101T000000Z is now earlier than",
            ClockSkew,
        ),
        (
            403,
            "SignatureDoesNotMatch",
            "Signature not yet current: 2024 is still later than",
            ClockSkew,
        ),
        (403, "RequestExpired", "Request has expired", ClockSkew),
        (
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
            CredentialsExpired,
        ),
        (
            403,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
            CredentialsMissing,
        ),
        (400, "Throttling", "Rate exceeded", Throttled),
        (429, "Whatever", "slow", Throttled),
        (409, "ConcurrentModification", "submit again", Throttled),
        (403, "OptInRequired", "The AWS Access Key Id needs a subscription", Unexplained),
        (409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048", QuotaReached),
        (409, "EntityAlreadyExists", "Role with name pull already exists.", AlreadyExists),
        (400, "MalformedPolicyDocument", "Federated principals must be valid", MalformedPolicy),
        (400, "OpenIdIdpCommunicationError", "cannot reach", IssuerUnreachable),
        (404, "NoSuchEntity", "The role with name pull cannot be found.", RoleMissing),
        (404, "NoSuchEntity", "OpenIDConnect Provider not found for arn", ProviderMissing),
        (404, "NoSuchEntity", "Policy arn:aws:iam::aws:policy/x does not exist", Unexplained),
        (400, "UnmodifiableEntity", "service-linked", Conflict),
        (409, "DeleteConflict", "Cannot delete entity, must detach all policies first.", Conflict),
        (400, "ValidationError", "1 validation error detected", Unexplained),
    ] {
        let (url, requests) = peer(move |_| xml_error(status, code, message));
        let fault = aws(&url).0.perform(&attach()).await.unwrap_err();
        presentable(&fault);
        assert_eq!(fault.cause, cause, "{code} {message}: {fault:?}");
        assert_eq!(fault.evidence.get("outcome"), None, "a refusal is no unknown outcome");
        assert_eq!(fault.request_id.as_deref(), Some("id-7"));
        assert_eq!(requests.lock().unwrap().len(), 1, "{code} was repeated");
        if cause == PermissionDenied {
            assert_eq!(fault.evidence["action"], "iam:TagRole");
            assert_eq!(fault.evidence["resource"], "role pull");
            assert_eq!(fault.evidence["policy"], "permissions boundary");
            assert_eq!(fault.evidence["actor"], "arn:aws:iam::112233445566:user/ann");
        }
        if cause == CredentialsExpired {
            assert_eq!(fault.remedy.as_deref(), Some("run: aws sso login --profile ops"));
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_the_outcome_unknown_and_is_not_sent_again() {
    let html = "<html><head><title>Bad Gateway</title></head></html>";
    for (reply, cause) in [
        (Reply::Close, Cause::Unreachable),
        (Reply::Hang, Cause::DeadlinePassed),
        (Reply::Answer(200, "<html>".to_owned()), Cause::Unreachable),
        (Reply::Answer(502, html.to_owned()), Cause::Unreachable),
        (xml_error(500, "ServiceFailure", "sorry"), Cause::Unreachable),
    ] {
        let (url, requests) = peer(move |_| reply.clone());
        let operation = Operation::CreateProvider {
            issuer: intent().issuer,
            audiences: vec![intent().audience],
            tags: BTreeMap::new(),
        };
        let fault = aws(&url).0.perform(&operation).await.unwrap_err();
        presentable(&fault);
        assert_eq!(fault.cause, cause, "{fault:?}");
        assert_eq!(fault.evidence["outcome"], "unknown", "{fault:?}");
        assert_eq!(requests.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_was_never_sent_is_no_unknown_outcome() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for url in [format!("http://{closed}"), "http://no-such-host.invalid".to_owned()] {
        let (aws, calls) = aws(&url);
        let fault = aws.perform(&attach()).await.unwrap_err();
        presentable(&fault);
        assert_eq!(fault.cause, Cause::Unreachable);
        assert_eq!(fault.evidence.get("outcome"), None, "{fault:?}");
        assert_eq!(calls.lock().unwrap()[0].status, None);
    }
    let odd = "<ErrorResponse><Errors><Error><Code>AccessDenied</Code><Message>User: a is not authorized to perform: \
               iam:TagRole</Message></Error></Errors><RequestID>r</RequestID></ErrorResponse>";
    let (url, _) = peer(move |_| Reply::Answer(403, odd.to_owned()));
    let fault = aws(&url).0.perform(&attach()).await.unwrap_err();
    assert_eq!((fault.cause, &*fault.evidence["actor"]), (Cause::PermissionDenied, "a"));
    let (url, _) = peer(|_| Reply::Answer(403, "<html>Proxy says no</html>".to_owned()));
    let fault = aws(&url).0.perform(&attach()).await.unwrap_err();
    assert_eq!(fault.cause, Cause::Unreachable);
    assert!(fault.message.contains("Proxy says no"), "{fault:?}");
}

#[tokio::test]
async fn the_registry_login_is_the_sessions() {
    let at = |secs: u32| {
        format!(
            "{{\"authorizationData\":[{{\"authorizationToken\":\"QVdTOnB3\",\"expiresAt\":{secs}}}]}}"
        )
    };
    for (end, stale) in [(1_440_000_000, true), (4_000_000_000, false)] {
        let body = at(end);
        let (url, requests) = peer(move |_| Reply::Answer(200, body.clone()));
        let login = aws(&url).0.registry_login(&session(), &region()).await.unwrap();
        assert_eq!(login.token.expose_secret(), "QVdTOnB3");
        assert_eq!(login.stale, stale);
        assert!(login.expires.unwrap().parse::<jiff::Timestamp>().is_ok());
        let request = requests.lock().unwrap().pop().unwrap();
        assert!(request.contains("Credential=ASIASESSION/"), "{request}");
        assert!(request.contains("/eu-west-1/ecr/"), "{request}");
        assert!(!request.contains("AKIDOPERATOR"));
    }
    for (status, code, cause) in [
        (400, "AccessDeniedException", Cause::LoginPermissionMissing),
        (400, "UnrecognizedClientException", Cause::NotYetPropagated),
        (400, "ThrottlingException", Cause::Throttled),
        (400, "TooManyRequestsException", Cause::Throttled),
        (400, "InvalidSignatureException", Cause::SecretMismatch),
        (500, "ServerException", Cause::Unreachable),
    ] {
        let (url, _) = peer(move |_| {
            json_error(
                status,
                code,
                "User: a is not authorized to perform: ecr:GetAuthorizationToken on resource: *",
            )
        });
        let fault = aws(&url).0.registry_login(&session(), &region()).await.unwrap_err();
        presentable(&fault);
        assert_eq!(fault.cause, cause, "{code}: {fault:?}");
        assert_eq!(fault.evidence["code"], code);
    }
}

fn provider(url: &str) -> Reply {
    Reply::Answer(
        200,
        format!(
            "<GetOpenIDConnectProviderResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
             <GetOpenIDConnectProviderResult><Url>{url}</Url><ClientIDList><member>one</member></ClientIDList>\
             </GetOpenIDConnectProviderResult></GetOpenIDConnectProviderResponse>"
        ),
    )
}

fn list(arns: &[&str]) -> Reply {
    let members = arns.join("</Arn></member><member><Arn>");
    Reply::Answer(
        200,
        format!(
            "<ListOpenIDConnectProvidersResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
             <ListOpenIDConnectProvidersResult><OpenIDConnectProviderList><member><Arn>{members}</Arn></member></OpenIDConnectProviderList>\
             </ListOpenIDConnectProvidersResult></ListOpenIDConnectProvidersResponse>"
        ),
    )
}

const SLASHED: &str = "arn:aws:iam::112233445566:oidc-provider/auth.example.com/";
const BARE: &str = "arn:aws:iam::112233445566:oidc-provider/auth.example.com";

/// An account of one provider, listed as `arn` and answering to it alone.
fn account(arn: &'static str, url: &'static str) -> impl Fn(&str) -> Reply {
    move |request| {
        let asked = |words: &str| request.contains(words);
        let encoded = format!("={}", arn.replace(':', "%3A").replace('/', "%2F"));
        if asked("Action=ListOpenIDConnectProviders") {
            list(&[arn])
        } else if asked("Action=GetOpenIDConnectProvider")
            && (request.ends_with(&encoded) || asked(&format!("{encoded}&")))
        {
            provider(url)
        } else {
            xml_error(404, "NoSuchEntity", "not found")
        }
    }
}

#[tokio::test]
async fn a_slash_at_the_end_makes_another_provider_but_an_arn_may_lack_it() {
    for (arn, url, found) in [
        (SLASHED, "auth.example.com/", Some(SLASHED)),
        (SLASHED, "https://auth.example.com/", Some(SLASHED)),
        (BARE, "auth.example.com/", Some(BARE)),
        (BARE, "auth.example.com", None),
        (SLASHED, "auth.example.com", None),
    ] {
        let (url, _) = peer(account(arn, url));
        let inventory = aws(&url).0.survey(&intent().into()).await.unwrap();
        assert_eq!(inventory.provider.map(|p| p.arn), found.map(ProviderArn::from_server), "{arn}");
        assert_eq!(inventory.providers_in_account, 1);
        assert_eq!(inventory.remarks.len(), usize::from(found.is_none()));
        assert_eq!(inventory.role, None);
    }
}

#[tokio::test]
async fn a_refused_read_stops_the_survey_only_where_the_plan_needs_it() {
    let denied = |what: &str| {
        xml_error(
            403,
            "AccessDenied",
            &format!("User: a is not authorized to perform: iam:{what} on resource: *"),
        )
    };
    let (url, _) = peer(move |request| {
        if request.contains("Action=List") {
            denied("ListOpenIDConnectProviders")
        } else if request.contains("Action=GetOpenIDConnectProvider") {
            provider("auth.example.com/")
        } else {
            xml_error(404, "NoSuchEntity", "not found")
        }
    });
    let inventory = aws(&url).0.survey(&intent().into()).await.unwrap();
    assert!(inventory.provider.is_some());
    assert!(inventory.remarks[0].contains("iam:ListOpenIDConnectProviders"), "{inventory:?}");
    let (url, _) = peer(move |request| {
        if request.contains("Action=GetRole") {
            denied("GetRole")
        } else {
            account(SLASHED, "auth.example.com/")(request)
        }
    });
    let fault = aws(&url).0.survey(&intent().into()).await.unwrap_err();
    assert_eq!(fault.cause, Cause::PermissionDenied);
    assert_eq!(fault.evidence["action"], "iam:GetRole");
}

#[tokio::test]
async fn a_role_is_read_whole_page_by_page_and_a_plus_stays_a_plus() {
    let body = |name: &str, inner: &str| {
        Reply::Answer(
            200,
            format!(
                "<{name}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><{name}Result>{inner}\
                 </{name}Result></{name}Response>"
            ),
        )
    };
    let (url, _) = peer(move |request| {
        let asked = |words: &str| request.contains(words);
        if asked("Action=GetRolePolicy") {
            body(
                "GetRolePolicy",
                "<RoleName>pull</RoleName><PolicyName>mine</PolicyName><PolicyDocument>%7B%22a%22%3A%22b+c%22%7D\
                 </PolicyDocument>",
            )
        } else if asked("Action=GetRole") {
            body(
                "GetRole",
                "<Role><Path>/okteto/</Path><RoleName>Pull</RoleName><RoleId>AROA</RoleId><Arn>\
                 arn:aws:iam::112233445566:role/okteto/Pull</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate>\
                 <AssumeRolePolicyDocument>%7B%22Version%22%3A+%222012-10-17%22%7D</AssumeRolePolicyDocument>\
                 <Tags><member><Key>okteto-ecr:run</Key><Value>r</Value></member></Tags></Role>",
            )
        } else if asked("Action=ListAttachedRolePolicies") && asked("Marker=next") {
            body(
                "ListAttachedRolePolicies",
                "<AttachedPolicies><member><PolicyName>B</PolicyName><PolicyArn>arn:aws:iam::aws:policy/B</PolicyArn>\
                 </member></AttachedPolicies><IsTruncated>false</IsTruncated>",
            )
        } else if asked("Action=ListAttachedRolePolicies") {
            body(
                "ListAttachedRolePolicies",
                "<AttachedPolicies><member><PolicyName>A</PolicyName><PolicyArn>arn:aws:iam::aws:policy/A</PolicyArn>\
                 </member></AttachedPolicies><IsTruncated>true</IsTruncated><Marker>next</Marker>",
            )
        } else if asked("Action=ListRolePolicies") {
            body(
                "ListRolePolicies",
                "<PolicyNames><member>mine</member></PolicyNames><IsTruncated>false</IsTruncated>",
            )
        } else {
            account(SLASHED, "auth.example.com/")(request)
        }
    });
    let role = aws(&url).0.survey(&intent().into()).await.unwrap().role.unwrap();
    assert_eq!(role.name, "Pull");
    assert_eq!(role.trust, "{\"Version\":+\"2012-10-17\"}");
    assert_eq!(role.inline["mine"], "{\"a\":\"b+c\"}");
    assert_eq!(role.attached.len(), 2);
    assert_eq!(role.max_session_seconds, 3600);
    assert!(crate::domain::inventory::is_ours(&role.tags));
}
