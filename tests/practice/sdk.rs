//! The AWS SDK against the practice account: the whole way from nothing to a registry login.

use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_iam::error::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use okteto_ecr::ports::Classroom as _;
use okteto_ecr::practice::account::Account;
use okteto_ecr::practice::account::difficulty::{Trouble, What};
use okteto_ecr::practice::exercises::shipped;
use okteto_ecr::practice::front::Front;
use okteto_ecr::practice::open::Practice;
use okteto_ecr::practice::scene::Scene;
use okteto_ecr::practice::wire::{Served, serve};
use secrecy::ExposeSecret as _;
use serde_json::json;

const ISSUER: &str = "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
const NAME: &str =
    "container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
const SUBJECT: &str = "system:serviceaccount:okteto:okteto";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";

async fn served() -> Served {
    let front = Front::new(Account::new(&Scene::default()), Arc::new(okteto_ecr::clock::now));
    serve(front).await.unwrap()
}

/// The SDK's settings for somebody with these keys.
fn config(served: &Served, keys: Option<Credentials>) -> SdkConfig {
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-2"))
        .endpoint_url(&served.aws)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::disabled());
    config.set_credentials_provider(keys.map(SharedCredentialsProvider::new));
    config.build()
}

fn trainee(served: &Served) -> Credentials {
    let (id, secret) = served.front.account().credentials("trainee").unwrap();
    Credentials::new(id, secret.expose_secret(), None, None, "practice")
}

async fn token(served: &Served, audience: &str) -> String {
    let form =
        form_urlencoded::Serializer::new(String::new()).append_pair("audience", audience).finish();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client
        .post(format!("{}/practice/token", served.issuer))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

#[tokio::test]
async fn from_a_provider_to_a_login() {
    let served = served().await;
    let config_of_trainee = config(&served, Some(trainee(&served)));
    let iam = aws_sdk_iam::Client::new(&config_of_trainee);

    let provider = iam
        .create_open_id_connect_provider()
        .url(ISSUER)
        .client_id_list("okteto.example.com")
        .send()
        .await
        .unwrap();
    let provider = provider.open_id_connect_provider_arn().unwrap();
    assert_eq!(provider, format!("arn:aws:iam::112233445566:oidc-provider/{NAME}"));

    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {
            format!("{NAME}:aud"): "okteto.example.com",
            format!("{NAME}:sub"): SUBJECT,
        }},
    }]});
    let made = iam
        .create_role()
        .role_name("okteto-pull")
        .assume_role_policy_document(trust.to_string())
        .send()
        .await
        .unwrap();
    let role = made.role().unwrap().arn().to_owned();
    assert_eq!(role, "arn:aws:iam::112233445566:role/okteto-pull");
    iam.attach_role_policy().role_name("okteto-pull").policy_arn(READ_ONLY).send().await.unwrap();
    let attached = iam.list_attached_role_policies().role_name("okteto-pull").send().await.unwrap();
    let arns: Vec<_> =
        attached.attached_policies().iter().map(|p| p.policy_arn().unwrap()).collect();
    assert_eq!(arns, [READ_ONLY]);
    assert!(!attached.is_truncated());

    let sts = aws_sdk_sts::Client::new(&config(&served, None));
    let assumed = sts
        .assume_role_with_web_identity()
        .role_arn(&role)
        .role_session_name("pull")
        .web_identity_token(token(&served, "okteto.example.com").await)
        .send()
        .await
        .unwrap();
    assert_eq!(assumed.subject_from_web_identity_token(), Some(SUBJECT));
    let session = assumed.credentials().unwrap();
    let session = Credentials::new(
        session.access_key_id(),
        session.secret_access_key(),
        Some(session.session_token().to_owned()),
        None,
        "session",
    );

    let config_of_session = config(&served, Some(session));
    let who =
        aws_sdk_sts::Client::new(&config_of_session).get_caller_identity().send().await.unwrap();
    assert_eq!(who.arn(), Some("arn:aws:sts::112233445566:assumed-role/okteto-pull/pull"));
    let ecr = aws_sdk_ecr::Client::new(&config_of_session);
    let login = ecr.get_authorization_token().send().await.unwrap();
    let login = login.authorization_data()[0].authorization_token().unwrap();
    assert!(STANDARD.decode(login).unwrap().starts_with(b"AWS:"));
}

#[tokio::test]
async fn a_wrong_secret_is_refused_in_the_words_of_each_protocol() {
    let served = served().await;
    let (id, _) = served.front.account().credentials("trainee").unwrap();
    let config = config(&served, Some(Credentials::new(id, "not the secret", None, None, "wrong")));
    let error = aws_sdk_iam::Client::new(&config).list_roles().send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 403);
    let error = error.into_service_error();
    assert_eq!(error.code(), Some("SignatureDoesNotMatch"));
    assert!(error.message().unwrap().starts_with("The request signature we calculated"));
    let error =
        aws_sdk_ecr::Client::new(&config).get_authorization_token().send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 400);
    assert_eq!(error.into_service_error().code(), Some("InvalidSignatureException"));
}

#[tokio::test]
async fn the_summary_is_a_map_and_an_unknown_action_is_refused_by_name() {
    let served = served().await;
    let iam = aws_sdk_iam::Client::new(&config(&served, Some(trainee(&served))));
    let summary = iam.get_account_summary().send().await.unwrap();
    assert!(summary.summary_map().unwrap().len() > 5);
    let error = iam.list_virtual_mfa_devices().send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("InvalidAction"));
    assert!(error.message().unwrap().contains("ListVirtualMFADevices"), "{error:?}");
}

#[tokio::test]
async fn troubles_arrive_over_the_wire() {
    let served = served().await;
    let config = config(&served, Some(trainee(&served)));
    let iam = aws_sdk_iam::Client::new(&config);
    let trouble = |on: &str, what| {
        let trouble = Trouble { on: on.to_owned(), after: 0, times: Some(1), what };
        served.front.account().trouble(trouble);
    };

    trouble("iam:ListRoles", What::Throttle);
    let error = iam.list_roles().send().await.unwrap_err().into_service_error();
    assert_eq!((error.code(), error.message()), (Some("Throttling"), Some("Rate exceeded")));

    trouble("ecr:*", What::Fail);
    let ecr = aws_sdk_ecr::Client::new(&config);
    let error = ecr.describe_repositories().send().await.unwrap_err();
    assert_eq!(error.into_service_error().code(), Some("ServerException"));

    for what in [What::Lose, What::Unreachable, What::Cut] {
        trouble("iam:CreateUser", what);
        let name = format!("{what:?}");
        let error = iam.create_user().user_name(&name).send().await.unwrap_err();
        assert!(error.as_service_error().is_none(), "{what:?}: {error:?}");
        let is_there = iam.get_user().user_name(&name).send().await.is_ok();
        assert_eq!(is_there, what != What::Unreachable, "{what:?}");
    }

    trouble("sts:GetCallerIdentity", What::Hang);
    let sts = aws_sdk_sts::Client::new(&config);
    let hung = tokio::time::timeout(Duration::from_millis(300), sts.get_caller_identity().send());
    assert!(hung.await.is_err());
}

#[tokio::test]
async fn all_ends_with_what_serve_gave() {
    let served = served().await;
    let iam = aws_sdk_iam::Client::new(&config(&served, Some(trainee(&served))));
    iam.list_roles().send().await.unwrap();
    drop(served);
    tokio::task::yield_now().await;
    assert!(iam.list_roles().send().await.unwrap_err().as_service_error().is_none());
}

/// A program that was given the operator's key goes on with it, whichever exercise is opened, and whatever became of the key
/// in the one before.
#[tokio::test]
async fn the_operators_key_signs_in_every_exercise() {
    let practice = Practice::open(Scene::default()).await.unwrap();
    let (id, secret) = &practice.key;
    let keys = Credentials::new(id, secret.expose_secret(), None, None, "practice");
    let config = config(&practice.served, Some(keys));
    let (sts, iam) = (aws_sdk_sts::Client::new(&config), aws_sdk_iam::Client::new(&config));
    let (room, exercise) = (practice.classroom(), Arc::new(shipped().remove(0)));
    for _ in 0..2 {
        room.open(&exercise).await.unwrap();
        let who = sts.get_caller_identity().send().await.unwrap();
        assert_eq!(who.arn(), Some("arn:aws:iam::112233445566:user/trainee"));
        iam.create_user().user_name("ann").send().await.unwrap();
        iam.delete_access_key().user_name("trainee").access_key_id(id).send().await.unwrap();
        sts.get_caller_identity().send().await.unwrap_err();
        let calls: Vec<_> = room.trail().into_iter().map(|sent| sent.call).collect();
        assert_eq!(calls, ["iam:CreateUser", "iam:DeleteAccessKey"]);
    }
}
