use std::time::Duration;

use jiff::SignedDuration;

use super::*;
use crate::practice::account::Service;
use crate::practice::account::difficulty::{Kind, Trouble, What};
use crate::practice::account::input::Input;
use crate::practice::issuer::{Algorithm, TokenRequest};
use crate::practice::scene::Scene;

const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);
const ACCOUNT: &str = "112233445566";
const ISSUER: &str = "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
const SUBJECT: &str = "system:serviceaccount:okteto:okteto";
const ROLE: &str = "arn:aws:iam::112233445566:role/registry/puller";

fn name() -> &'static str {
    ISSUER.strip_prefix("https://").unwrap()
}

fn ask(
    now: Timestamp,
    service: Service,
    action: &str,
    caller: Option<Principal>,
    input: Value,
) -> Ask {
    Ask {
        now,
        service,
        action: action.to_owned(),
        region: "us-east-2".to_owned(),
        caller,
        input: Input::from_json(input),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as a call carries it")]
fn operator() -> Option<Principal> {
    Some(Principal::User("trainee".to_owned()))
}

fn trust(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
}

fn federated(condition: &str) -> String {
    trust(&format!(
        r#"{{"Effect":"Allow","Principal":{{"Federated":"arn:aws:iam::{ACCOUNT}:oidc-provider/{}"}},
            "Action":"sts:AssumeRoleWithWebIdentity","Condition":{condition}}}"#,
        name()
    ))
}

fn exact() -> String {
    let name = name();
    federated(&format!(r#"{{"StringEquals":{{"{name}:aud":"okteto","{name}:sub":"{SUBJECT}"}}}}"#))
}

fn iam(account: &mut Account, action: &str, input: Value) {
    account.call(&ask(NOW, Service::Iam, action, operator(), input)).unwrap();
}

fn role(account: &mut Account, trust: &str) {
    let input =
        json!({ "RoleName": "puller", "Path": "/registry/", "AssumeRolePolicyDocument": trust });
    iam(account, "CreateRole", input);
}

/// An account that trusts the cluster: a provider for the audience `okteto`, and a role.
fn world_of(scene: &Scene) -> Account {
    let mut account = Account::new(scene);
    let input =
        json!({ "Url": ISSUER, "ClientIDList": ["okteto"], "ThumbprintList": ["0".repeat(40)] });
    iam(&mut account, "CreateOpenIDConnectProvider", input);
    role(&mut account, &exact());
    account
}

fn world() -> Account {
    world_of(&Scene::default())
}

fn request() -> TokenRequest {
    TokenRequest::new(SUBJECT, &["okteto"], 3600)
}

fn token(account: &Account, request: &TokenRequest) -> String {
    account.issuers()[0].sign(NOW, request).unwrap().expose().to_owned()
}

fn swap_at(account: &mut Account, now: Timestamp, input: Value) -> Result<Value, Refusal> {
    account.call(&ask(now, Service::Sts, "AssumeRoleWithWebIdentity", None, input))
}

fn input(token: &str) -> Value {
    json!({ "RoleArn": ROLE, "RoleSessionName": "test", "WebIdentityToken": token })
}

fn swap(account: &mut Account, request: &TokenRequest) -> Result<Value, Refusal> {
    let token = token(account, request);
    swap_at(account, NOW, input(&token))
}

fn with(mut input: Value, name: &str, value: Value) -> Value {
    input.as_object_mut().unwrap().insert(name.to_owned(), value);
    input
}

#[test]
fn a_token_is_swapped_for_a_session() {
    let mut account = world();
    let answer = swap(&mut account, &request()).unwrap();
    assert_eq!(answer["SubjectFromWebIdentityToken"], SUBJECT);
    assert_eq!(answer["Provider"], ISSUER);
    assert_eq!(answer["Audience"], "okteto");
    let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/puller/test");
    assert_eq!(answer["AssumedRoleUser"]["Arn"], arn);
    let credentials = &answer["Credentials"];
    let id = credentials["AccessKeyId"].as_str().unwrap();
    assert!(id.starts_with("ASIA") && id.len() == 20, "{id}");
    assert_eq!(credentials["SecretAccessKey"].as_str().unwrap().len(), 40);
    let session = credentials["SessionToken"].as_str().unwrap();
    assert!(session.len() > 500);
    assert_eq!(credentials["Expiration"], "2026-05-28T21:26:40Z");
    let (_, who) = account.key(NOW, Service::Sts, id, Some(session)).unwrap();
    let who =
        account.call(&ask(NOW, Service::Sts, "GetCallerIdentity", Some(who), json!({}))).unwrap();
    assert_eq!(who["Arn"], arn);
    assert_eq!(who["Account"], ACCOUNT);
    assert_eq!(who["UserId"], answer["AssumedRoleUser"]["AssumedRoleId"]);
    let ended = account.key(NOW + SignedDuration::from_hours(1), Service::Sts, id, Some(session));
    assert_eq!(ended.unwrap_err().code, "ExpiredToken");
}

#[test]
fn a_user_asks_who_it_is() {
    let who =
        world().call(&ask(NOW, Service::Sts, "GetCallerIdentity", operator(), json!({}))).unwrap();
    assert_eq!(who["Arn"], format!("arn:aws:iam::{ACCOUNT}:user/trainee"));
    assert!(who["UserId"].as_str().unwrap().starts_with("AIDA"));
    let no =
        world().call(&ask(NOW, Service::Sts, "GetCallerIdentity", None, json!({}))).unwrap_err();
    assert_eq!((no.code, no.status), ("MissingAuthenticationToken", 403));
}

#[test]
fn six_algorithms_are_taken_and_no_others() {
    let mut account = world();
    for (algorithm, is_taken) in [
        (Algorithm::Rs256, true),
        (Algorithm::Rs384, true),
        (Algorithm::Rs512, true),
        (Algorithm::Es256, true),
        (Algorithm::Es384, true),
        (Algorithm::Es512, true),
        (Algorithm::Hs256, false),
        (Algorithm::Ps256, false),
        (Algorithm::EdDsa, false),
        (Algorithm::None, false),
    ] {
        let answer = swap(&mut account, &TokenRequest { algorithm, ..request() });
        assert_eq!(answer.is_ok(), is_taken, "{algorithm:?}: {answer:?}");
        if let Err(no) = answer {
            assert_eq!((no.code, no.status), ("InvalidIdentityToken", 400));
            assert!(no.message.ends_with(algorithm.name()), "{no}");
        }
    }
}

#[test]
fn a_token_that_was_altered_is_refused() {
    let mut account = world();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let of = |request: &TokenRequest| {
            token(&account, &TokenRequest { algorithm, ..request.clone() })
        };
        let (good, other) =
            (of(&request()), of(&request().with("sub", json!("system:serviceaccount:a:b"))));
        let parts: Vec<&str> = good.split('.').collect();
        let mixed = format!("{}.{}.{}", parts[0], other.split('.').nth(1).unwrap(), parts[2]);
        let no = swap_at(&mut account, NOW, input(&mixed)).unwrap_err();
        assert_eq!((no.code, no.status), ("InvalidIdentityToken", 400));
        assert_eq!(no.message, "The ID Token provided has an invalid signature");
        swap_at(&mut account, NOW, input(&good)).unwrap();
    }
}

#[test]
fn each_fault_of_a_token_has_its_sentence() {
    const NO_KEY: &str = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
    const NO_JWT: &str = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
    let now = NOW.as_second();
    let mut account = world();
    let mut rogue = request();
    rogue.kid = Some("nobody".to_owned());
    // A key of the issuer, but of another type than the algorithm.
    token(&account, &TokenRequest { algorithm: Algorithm::Es256, ..request() });
    let mut other = TokenRequest { algorithm: Algorithm::Rs256, ..request() };
    let keys = account.issuers()[0].jwks();
    other.kid = keys["keys"][1]["kid"].as_str().map(str::to_owned);
    for (request, code, message) in [
        (request().without("iss"), "InvalidIdentityToken", "Missing a required claim: iss"),
        (request().without("sub"), "InvalidIdentityToken", "Missing a required claim: sub"),
        (request().without("aud"), "InvalidIdentityToken", "Missing a required claim: aud"),
        (request().without("exp"), "InvalidIdentityToken", "Missing a required claim: exp"),
        (request().without("iat"), "InvalidIdentityToken", "Missing a required claim: iat"),
        (request().with("aud", json!([])), "InvalidIdentityToken", "Missing a required claim: aud"),
        (request().with("exp", json!(1.5)), "InvalidIdentityToken", NO_JWT),
        (request().with("nbf", json!("soon")), "InvalidIdentityToken", NO_JWT),
        (
            request().with("iss", json!(format!("{ISSUER}/"))),
            "InvalidIdentityToken",
            &format!("No OpenIDConnect provider found in your account for {ISSUER}/"),
        ),
        (
            request().with("exp", json!(now)),
            "ExpiredTokenException",
            &format!(
                "Token expired: current date/time {now} must be before the expiration date/time {now}"
            ),
        ),
        (
            request().with("iat", json!(now - 86_401)),
            "ExpiredTokenException",
            &format!("Token too old: {}", now - 86_401),
        ),
        (
            request().with("iat", json!(now + 1)),
            "InvalidIdentityToken",
            &format!("Token not yet valid: current date/time {now} must not be before {}", now + 1),
        ),
        (
            request().with("nbf", json!(now + 2)),
            "InvalidIdentityToken",
            &format!("Token not yet valid: current date/time {now} must not be before {}", now + 2),
        ),
        (
            request().with("aud", json!("Okteto")),
            "InvalidIdentityToken",
            "Incorrect token audience",
        ),
        (request().with("azp", json!("else")), "InvalidIdentityToken", "Incorrect token audience"),
        (rogue, "InvalidIdentityToken", NO_KEY),
        (other, "InvalidIdentityToken", NO_KEY),
    ] {
        let no = swap(&mut account, &request).unwrap_err();
        assert_eq!((no.code, no.status, no.message.as_str()), (code, 400, message));
    }
    for wrong in ["abcd", "a.b.c", "e30.e30.", "e30.W10.AA"] {
        let no = swap_at(&mut account, NOW, input(wrong)).unwrap_err();
        assert_eq!((no.code, no.message.as_str()), ("InvalidIdentityToken", NO_JWT), "{wrong}");
    }
    for good in [
        request().with("aud", json!("okteto")),
        request().with("iat", json!(now - 86_400)),
        request().without("nbf"),
    ] {
        swap(&mut account, &good).unwrap();
    }
}

#[test]
fn parameters_are_held_against_their_limits() {
    let mut account = world();
    let good = input(&token(&account, &request()));
    let limit = "failed to satisfy constraint: Member must";
    for (name, value, message) in [
        ("RoleArn", Value::Null, limit),
        ("RoleArn", json!("arn:aws:iam::1"), limit),
        (
            "RoleArn",
            json!(format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{}", name())),
            "Request ARN is invalid",
        ),
        (
            "RoleArn",
            json!("arn:aws-cn:iam::112233445566:role/registry/puller"),
            "Request ARN is invalid",
        ),
        ("RoleSessionName", json!("x"), limit),
        ("RoleSessionName", json!("a b"), limit),
        ("RoleSessionName", json!("x".repeat(65)), limit),
        ("WebIdentityToken", json!("abc"), limit),
        ("WebIdentityToken", json!("x".repeat(20_001)), limit),
        ("ProviderId", json!("www.amazon.com"), "ProviderId must not"),
        ("DurationSeconds", json!("899"), limit),
        ("DurationSeconds", json!("43201"), limit),
        ("DurationSeconds", json!("3601"), "exceeds the MaxSessionDuration set for this role."),
        ("Policy", json!(format!("{{{}}}", " ".repeat(2047))), limit),
        ("PolicyArns", json!([{ "arn": "arn:aws:iam::aws:policy/None" }]), "does not exist"),
        ("PolicyArns", json!(vec![json!({ "arn": "x" }); 11]), "at most 10"),
    ] {
        let no = swap_at(&mut account, NOW, with(good.clone(), name, value)).unwrap_err();
        assert_eq!((no.code, no.status), ("ValidationError", 400), "{name}: {no}");
        assert!(no.message.contains(message), "{name}: {no}");
    }
    swap_at(&mut account, NOW, with(good, "DurationSeconds", json!("900"))).unwrap();
}

#[test]
fn the_provider_must_be_in_the_account_of_the_role() {
    let mut account = world();
    let token = token(&account, &request());
    let elsewhere = with(input(&token), "RoleArn", json!("arn:aws:iam::999999999999:role/puller"));
    let no = swap_at(&mut account, NOW, elsewhere).unwrap_err();
    assert_eq!(
        (no.code, no.message),
        (
            "InvalidIdentityToken",
            format!("No OpenIDConnect provider found in your account for {ISSUER}")
        )
    );
}

#[test]
fn whom_the_role_does_not_trust_is_told_nothing_else() {
    let name = name();
    let audience = format!(r#""{name}:aud":"okteto""#);
    for (trust, is_let_in) in [
        (exact(), true),
        (federated(&format!(r#"{{"StringEquals":{{{audience},"{name}:sub":"other"}}}}"#)), false),
        // The scheme in the key: the first defect of the tutorial.
        (federated(&format!(r#"{{"StringEquals":{{"https://{name}:aud":"okteto"}}}}"#)), false),
        // Kubernetes' own claims are no condition keys.
        (
            federated(&format!(
                r#"{{"StringEquals":{{"{name}:kubernetes.io/namespace":"okteto"}}}}"#
            )),
            false,
        ),
        (
            federated(&format!(
                r#"{{"StringLike":{{"{name}:sub":"system:serviceaccount:okteto:*"}},"StringEquals":{{"sts:RoleSessionName":"test"}}}}"#
            )),
            true,
        ),
        (federated(r#"{"NumericLessThan":{"sts:DurationSeconds":"3600"}}"#), false),
        (
            trust(
                r#"{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}"#,
            ),
            false,
        ),
    ] {
        let mut account = world();
        let input = json!({ "RoleName": "puller", "PolicyDocument": trust });
        // What IAM itself would not take is put there all the same.
        let call = ask(NOW, Service::Iam, "UpdateAssumeRolePolicy", operator(), input);
        if account.call(&call).is_err() {
            account.state.roles.get_mut("puller").unwrap().trust = Spread::settled(trust.clone());
        }
        let answer = swap(&mut account, &request());
        assert_eq!(answer.is_ok(), is_let_in, "{trust}: {answer:?}");
        if let Err(no) = answer {
            assert_eq!((no.code, no.status), ("AccessDenied", 403));
            assert_eq!(no.message, "Not authorized to perform sts:AssumeRoleWithWebIdentity");
        }
    }
    let mut account = world();
    let token = token(&account, &request());
    for arn in ["role/registry/nobody", "role/registry/Puller", "role/puller"] {
        let arn = json!(format!("arn:aws:iam::{ACCOUNT}:{arn}"));
        let no = swap_at(&mut account, NOW, with(input(&token), "RoleArn", arn)).unwrap_err();
        assert_eq!(no.message, "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    }
}

#[test]
fn what_has_not_spread_is_not_there_for_sts() {
    let mut scene = Scene::default();
    let seconds = |seconds| (Duration::from_secs(seconds), Duration::from_secs(seconds));
    scene.difficulty.spread =
        [(Kind::Provider, seconds(10)), (Kind::Role, seconds(20)), (Kind::Trust, seconds(20))]
            .into();
    let mut account = world_of(&scene);
    let token = token(&account, &request());
    let after = |account: &mut Account, seconds| {
        swap_at(account, NOW + SignedDuration::from_secs(seconds), input(&token))
            .map_err(|no| no.message)
    };
    let no = after(&mut account, 9).unwrap_err();
    assert!(no.starts_with("No OpenIDConnect provider found"), "{no}");
    let no = after(&mut account, 19).unwrap_err();
    assert_eq!(no, "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    after(&mut account, 20).unwrap();
    // A new audience is not known at once.
    let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{}", name());
    let input = json!({ "OpenIDConnectProviderArn": arn, "ClientID": "second" });
    let at = NOW + SignedDuration::from_secs(30);
    account
        .call(&ask(at, Service::Iam, "AddClientIDToOpenIDConnectProvider", operator(), input))
        .unwrap();
    let second = self::token(&account, &TokenRequest::new(SUBJECT, &["second"], 3600));
    let mut at = |seconds| {
        let input = self::input(&second);
        swap_at(&mut account, NOW + SignedDuration::from_secs(seconds), input).unwrap_err().message
    };
    assert_eq!(at(39), "Incorrect token audience");
    assert_eq!(at(40), "Not authorized to perform sts:AssumeRoleWithWebIdentity");
}

#[test]
fn keys_that_cannot_be_fetched_are_said_so() {
    let mut account = world();
    account.trouble(Trouble {
        on: "sts:fetch-keys".to_owned(),
        after: 0,
        times: Some(1),
        what: What::Unreachable,
    });
    let no = swap(&mut account, &request()).unwrap_err();
    assert!(no.message.starts_with("Couldn't retrieve verification key"), "{no}");
    swap(&mut account, &request()).unwrap();
}

#[test]
fn session_policies_go_with_the_session() {
    let mut account = world();
    let good = input(&token(&account, &request()));
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"}}"#;
    let one = with(good.clone(), "Policy", json!(policy));
    let both = with(
        one.clone(),
        "PolicyArns",
        json!([{ "arn": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly" }]),
    );
    let answer = swap_at(&mut account, NOW, one).unwrap();
    assert_eq!(answer["PackedPolicySize"], 6);
    let answer = swap_at(&mut account, NOW, both).unwrap();
    let id = answer["Credentials"]["AccessKeyId"].as_str().unwrap();
    let Principal::Session { policy: Some(policy), .. } = &account.state.keys[id].of else {
        panic!()
    };
    let policy = Policy::read(&Document::parse(policy).unwrap()).unwrap();
    assert_eq!(policy.statements.len(), 2);
    let no = swap_at(&mut account, NOW, with(good, "Policy", json!("{"))).unwrap_err();
    assert_eq!((no.code, no.status), ("MalformedPolicyDocument", 400));
}

#[test]
fn a_role_is_assumed_by_whom_it_names() {
    let assume = |account: &mut Account, caller: Option<Principal>, seconds: i64| {
        let input =
            json!({ "RoleArn": ROLE, "RoleSessionName": "test", "DurationSeconds": seconds });
        account.call(&ask(NOW, Service::Sts, "AssumeRole", caller, input))
    };
    let named = |arn: &str| {
        trust(&format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"{arn}"}},"Action":"sts:AssumeRole"}}"#
        ))
    };
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let mut scene = Scene::default();
    let mut idle = scene.users[0].clone();
    idle.name = "idle".to_owned();
    idle.attached.clear();
    scene.users.push(idle);
    let user = |name: &str| Some(Principal::User(name.to_owned()));
    for (trust, caller, is_let_in) in [
        (named(&root), "trainee", true),
        // The account leaves it to its policies, and this user has none.
        (named(&root), "idle", false),
        (named(&format!("arn:aws:iam::{ACCOUNT}:user/idle")), "idle", true),
        (named(&format!("arn:aws:iam::{ACCOUNT}:user/idle")), "trainee", false),
        (exact(), "trainee", false),
    ] {
        let mut account = Account::new(&scene);
        iam(&mut account, "CreateOpenIDConnectProvider", json!({ "Url": ISSUER }));
        role(&mut account, &trust);
        let answer = assume(&mut account, user(caller), 900);
        assert_eq!(answer.is_ok(), is_let_in, "{trust} {caller}: {answer:?}");
        if let Err(no) = answer {
            assert_eq!((no.code, no.status), ("AccessDenied", 403));
            let arn = format!("arn:aws:iam::{ACCOUNT}:user/{caller}");
            assert_eq!(
                no.message,
                format!(
                    "User: {arn} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
                )
            );
        }
    }
    let no = assume(&mut world(), None, 900).unwrap_err();
    assert_eq!(no.code, "MissingAuthenticationToken");
}
