use hyper::Request;
use hyper::header::HeaderValue;

use super::*;
use crate::practice::scene::Scene;

/// A request with these headers, and its body.
fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> (Parts, Bytes) {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    (request.body(()).unwrap().into_parts().0, Bytes::copy_from_slice(body.as_bytes()))
}

/// The key of AWS's test suite for this algorithm.
fn example() -> SecretString {
    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into()
}

fn computed(parts: &Parts, body: &Bytes, scope: &str, headers: &str) -> String {
    let header = format!(
        "{ALGORITHM} Credential=AKIDEXAMPLE/{scope}/aws4_request, SignedHeaders={headers}, Signature=0"
    );
    let sent = one(&parts.headers, "x-amz-date").unwrap();
    let payload = hex(digest::digest(&digest::SHA256, body).as_ref());
    Signature::parse(&header).unwrap().compute(parts, sent, &payload, &example())
}

/// `get-vanilla`, `get-vanilla-query-order-key-case` and `get-header-value-trim` are of AWS's suite; the rest was signed
/// by botocore 1.43.
#[test]
fn signatures_are_those_of_aws() {
    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    const HOST: (&str, &str) = ("host", "127.0.0.1:4566");
    const AT: (&str, &str) = ("x-amz-date", "20260102T030405Z");
    const SUITE: [(&str, &str); 2] =
        [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")];
    for (method, target, headers, body, scope, signed, wanted) in [
        (
            "GET",
            "/",
            &SUITE[..],
            "",
            "20150830/us-east-1/service",
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "GET",
            "/?Param2=value2&Param1=value1",
            &SUITE,
            "",
            "20150830/us-east-1/service",
            "host;x-amz-date",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "GET",
            "/",
            &[SUITE[0], ("my-header1", " value1"), ("my-header2", " \"a   b   c\""), SUITE[1]],
            "",
            "20150830/us-east-1/service",
            "host;my-header1;my-header2;x-amz-date",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        (
            "POST",
            "/",
            &[FORM, HOST, AT],
            "Action=GetCallerIdentity&Version=2011-06-15",
            "20260102/us-east-2/sts",
            "content-type;host;x-amz-date",
            "b1f116cb12372ae316c2d3ed59dc6140f6ddec4056d15d70ec529adb5c807d28",
        ),
        (
            "POST",
            "/",
            &[
                FORM,
                HOST,
                AT,
                ("x-amz-security-token", "TOKEN/with+signs=="),
                ("x-note", "  two   words "),
            ],
            "Action=ListRoles&Version=2010-05-08&PathPrefix=%2Fokteto%2F",
            "20260102/us-east-1/iam",
            "content-type;host;x-amz-date;x-amz-security-token;x-note",
            "b4070a67b3ac991807fc516f57e744af52b444770b17957d884e876a2c4961c9",
        ),
        (
            "GET",
            "/?Version=2010-05-08&Action=GetRole&RoleName=a%20b%2Bc",
            &[HOST, AT],
            "",
            "20260102/us-east-1/iam",
            "host;x-amz-date",
            "0a0ec36ebbf44d9b26e46cc223363d2685226377e25fd5a9ee3c5ff44e1cd910",
        ),
        (
            "POST",
            "/",
            &[
                ("content-type", "application/x-amz-json-1.1"),
                HOST,
                AT,
                ("x-amz-target", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"),
            ],
            "{\"registryIds\":[]}",
            "20260102/eu-west-3/ecr",
            "content-type;host;x-amz-date;x-amz-target",
            "1c8dd425ade2769b2a507314e178d998a497599d21f2fba0db4c26b01cb68f1d",
        ),
    ] {
        let (parts, body) = request(method, target, headers, body);
        assert_eq!(computed(&parts, &body, scope, signed), wanted, "{method} {target} {signed}");
    }
}

const NOW: &str = "2026-01-02T03:04:05Z";
const BODY: &str = "Action=ListRoles&Version=2010-05-08";

/// What a request is signed with.
struct Signing {
    scope: &'static str,
    at: &'static str,
    headers: &'static str,
    session: Option<&'static str>,
}

impl Default for Signing {
    fn default() -> Self {
        Self {
            scope: "20260102/us-east-1/iam/aws4_request",
            at: "20260102T030405Z",
            headers: "host;x-amz-date",
            session: None,
        }
    }
}

/// The account, and a request of its operator.
fn signed(signing: &Signing) -> (Account, Parts) {
    let account = Account::new(&Scene::default());
    let (id, secret) = account.credentials("trainee").unwrap();
    let (mut parts, body) =
        request("POST", "/", &[("host", "127.0.0.1:1"), ("x-amz-date", signing.at)], BODY);
    if let Some(token) = signing.session {
        parts.headers.insert("x-amz-security-token", HeaderValue::from_static(token));
    }
    let (scope, headers) = (signing.scope, signing.headers);
    let bare = format!("{ALGORITHM} Credential={id}/{scope}, SignedHeaders={headers}, Signature=");
    let payload = hex(digest::digest(&digest::SHA256, &body).as_ref());
    let value = Signature::parse(&bare).unwrap().compute(&parts, signing.at, &payload, &secret);
    parts.headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("{bare}{value}")).unwrap());
    (account, parts)
}

fn verified(
    account: &mut Account,
    parts: &Parts,
    body: &'static str,
) -> Result<(Principal, String), Refusal> {
    let body = Bytes::from_static(body.as_bytes());
    verify(account, NOW.parse().unwrap(), Service::Iam, parts, &body)
}

#[test]
fn who_signs_well_is_known() {
    let (mut account, parts) = signed(&Signing::default());
    let (caller, region) = verified(&mut account, &parts, BODY).unwrap();
    assert_eq!((caller, region.as_str()), (Principal::User("trainee".to_owned()), "us-east-1"));
}

#[test]
fn whatever_was_changed_on_the_way_is_refused() {
    type Change = fn(&mut Parts);
    let changes: [(&str, Change); 7] = [
        ("host", |parts| drop(parts.headers.insert("host", HeaderValue::from_static("other")))),
        ("date", |parts| {
            parts.headers.insert("x-amz-date", HeaderValue::from_static("20260102T030406Z"));
        }),
        ("query", |parts| parts.uri = "/?Action=DeleteRole".parse().unwrap()),
        ("method", |parts| parts.method = hyper::Method::PUT),
        ("payload", |parts| {
            let other = HeaderValue::from_static("UNSIGNED-PAYLOAD");
            parts.headers.insert("x-amz-content-sha256", other);
        }),
        ("signature", |parts| {
            let header = parts.headers[AUTHORIZATION].to_str().unwrap().to_owned();
            let last = if header.ends_with('0') { '1' } else { '0' };
            let header = format!("{}{last}", header.split_at(header.len() - 1).0);
            parts.headers.insert(AUTHORIZATION, header.parse().unwrap());
        }),
        ("twice", |parts| {
            parts.headers.append("host", HeaderValue::from_static("127.0.0.1:1"));
        }),
    ];
    for (what, change) in changes {
        let (mut account, mut parts) = signed(&Signing::default());
        change(&mut parts);
        let refusal = verified(&mut account, &parts, BODY).unwrap_err();
        assert_eq!((refusal.code, refusal.status), ("SignatureDoesNotMatch", 403), "{what}");
        assert!(refusal.message.starts_with("The request signature we calculated"), "{what}");
    }
    let (mut account, parts) = signed(&Signing::default());
    let refusal =
        verified(&mut account, &parts, "Action=ListRoles&Version=2010-05-09").unwrap_err();
    assert_eq!(refusal.code, "SignatureDoesNotMatch");
}

#[test]
fn what_is_signed_is_held_against_time_and_scope() {
    let default = Signing::default;
    for (signing, code, message) in [
        (
            Signing { scope: "20260102/us-east-1/sts/aws4_request", ..default() },
            "SignatureDoesNotMatch",
            "Credential should be scoped to correct service: 'iam'. ",
        ),
        (
            Signing { scope: "20260102/useast1/iam/aws4_request", ..default() },
            "SignatureDoesNotMatch",
            "Credential should be scoped to a valid region, not 'useast1'. ",
        ),
        (
            Signing { scope: "20260102/us-east-1/iam/aws5_request", ..default() },
            "SignatureDoesNotMatch",
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. ",
        ),
        (
            Signing { scope: "20260103/us-east-1/iam/aws4_request", ..default() },
            "SignatureDoesNotMatch",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260103' != \
             '20260102', from '20260102T030405Z'.",
        ),
        (
            Signing { at: "20260102T025904Z", ..default() },
            "SignatureDoesNotMatch",
            "Signature expired: 20260102T025904Z is now earlier than 20260102T025905Z (20260102T030405Z - 5 min.)",
        ),
        (
            Signing { at: "20260102T030906Z", ..default() },
            "SignatureDoesNotMatch",
            "Signature not yet current: 20260102T030906Z is still later than 20260102T030905Z (20260102T030405Z + 5 \
             min.)",
        ),
        (
            Signing { headers: "x-amz-date", ..default() },
            "SignatureDoesNotMatch",
            "'host' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            Signing { headers: "host", ..default() },
            "SignatureDoesNotMatch",
            "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            Signing { session: Some("token"), ..default() },
            "SignatureDoesNotMatch",
            "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            Signing {
                session: Some("token"),
                headers: "host;x-amz-date;x-amz-security-token",
                ..default()
            },
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        (
            Signing { at: "2026-01-02T03:04:05Z", ..default() },
            "IncompleteSignature",
            "Date must be in ISO-8601 'basic format'. Got '2026-01-02T03:04:05Z'.",
        ),
    ] {
        let (mut account, parts) = signed(&signing);
        let refusal = verified(&mut account, &parts, BODY).unwrap_err();
        assert_eq!((refusal.code, refusal.message.as_str()), (code, message));
    }
    for at in ["20260102T025905Z", "20260102T030905Z"] {
        let (mut account, parts) = signed(&Signing { at, ..default() });
        assert!(verified(&mut account, &parts, BODY).is_ok(), "{at}");
    }
}

#[test]
fn a_header_that_is_no_signature_is_refused_with_what_it_lacks() {
    let whole = "AWS4-HMAC-SHA256 Credential=A/20260102/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0";
    for (header, lack) in [
        ("Basic QVdTOg==".to_owned(), "Unsupported AWS 'algorithm': 'Basic'."),
        (String::new(), "Unsupported AWS 'algorithm': ''."),
        (ALGORITHM.to_owned(), "requires 'Credential' parameter"),
        (whole.replace("Signature=", "Sig="), "requires 'Signature' parameter"),
        (whole.replace("SignedHeaders=", "Headers="), "requires 'SignedHeaders' parameter"),
        (whole.replace("Credential=", "Credential"), "missing equal-sign"),
        (whole.replace("/iam", ""), "exactly 5 slash-delimited elements"),
        (whole.replace("A/2026", "A/B/2026"), "exactly 5 slash-delimited elements"),
        (format!("{whole}, Signature=1"), "twice"),
    ] {
        let headers =
            [("host", "h"), ("x-amz-date", "20260102T030405Z"), ("authorization", header.as_str())];
        let (parts, body) = request("POST", "/", &headers, "");
        let mut account = Account::new(&Scene::default());
        for (service, code) in
            [(Service::Sts, "IncompleteSignature"), (Service::Ecr, "IncompleteSignatureException")]
        {
            let refusal =
                verify(&mut account, NOW.parse().unwrap(), service, &parts, &body).unwrap_err();
            assert_eq!((refusal.code, refusal.status), (code, 400), "{header}");
            assert!(refusal.message.contains(lack), "{header}: {}", refusal.message);
        }
    }
}

#[test]
fn a_request_without_a_signature_or_by_nobody_known_is_refused() {
    let mut account = Account::new(&Scene::default());
    let now = NOW.parse().unwrap();
    let (parts, body) = request("POST", "/", &[("host", "h")], "");
    for (service, code, status) in [
        (Service::Iam, "MissingAuthenticationToken", 403),
        (Service::Ecr, "MissingAuthenticationTokenException", 400),
    ] {
        let refusal = verify(&mut account, now, service, &parts, &body).unwrap_err();
        assert_eq!((refusal.code, refusal.status), (code, status));
    }
    let header = "AWS4-HMAC-SHA256 Credential=AKIANOBODYNOBODYNOBO/20260102/us-east-1/iam/aws4_request, \
                  SignedHeaders=host;x-amz-date, Signature=0";
    let headers = [("host", "h"), ("x-amz-date", "20260102T030405Z"), ("authorization", header)];
    let (parts, body) = request("POST", "/", &headers, "");
    let refusal = verify(&mut account, now, Service::Iam, &parts, &body).unwrap_err();
    assert_eq!((refusal.code, refusal.status), ("InvalidClientTokenId", 403));
}
