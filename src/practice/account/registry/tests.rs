use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::*;
use crate::practice::account::input::Input;
use crate::practice::account::{Ask, Service};
use crate::practice::scene::{Actor, Scene};

const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);
const PULL_ONLY: &str = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly";

/// The operator, and `puller`, who has the policy.
fn world() -> Account {
    let mut scene = Scene::default();
    for (name, attached) in [("puller", vec![PULL_ONLY.to_owned()]), ("loginer", Vec::new())] {
        let login = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"}}"#;
        scene.users.push(Actor {
            name: name.to_owned(),
            inline: vec![("login".to_owned(), login.to_owned())],
            attached,
            boundary: None,
        });
    }
    Account::new(&scene)
}

fn log_in(account: &mut Account, user: &str, region: &str) -> String {
    let ask = Ask {
        now: NOW,
        service: Service::Ecr,
        action: "GetAuthorizationToken".to_owned(),
        region: region.to_owned(),
        caller: Some(Principal::User(user.to_owned())),
        input: Input::default(),
    };
    let answer = account.call(&ask).unwrap();
    let token = answer["authorizationData"][0]["authorizationToken"].as_str().unwrap();
    let token = String::from_utf8(STANDARD.decode(token).unwrap()).unwrap();
    token.strip_prefix("AWS:").unwrap().to_owned()
}

fn visit(account: &mut Account, password: &str, wish: Wish<'_>) -> Result<Gift, Denial> {
    account.visit(&Visit { now: NOW, login: Some(("AWS", password)), wish })
}

fn manifest<'a>(repository: &'a str, reference: &'a str, accept: &'a [String]) -> Wish<'a> {
    Wish::Manifest { repository, reference, accept }
}

fn read(gift: Result<Gift, Denial>) -> (&'static str, String, Value) {
    let Ok(Gift::Manifest { media_type, digest, bytes }) = gift else { panic!("{gift:?}") };
    assert_eq!(digest, image::sha256(&bytes));
    (media_type, digest, serde_json::from_slice(&bytes).unwrap())
}

fn all() -> Vec<String> {
    [image::INDEX, image::MANIFEST].map(str::to_owned).to_vec()
}

#[test]
fn who_is_not_logged_in_is_asked_to() {
    let mut account = world();
    let here = log_in(&mut account, "trainee", "us-east-2");
    let elsewhere = log_in(&mut account, "trainee", "eu-west-1");
    let at = |login, after| Visit {
        now: NOW + SignedDuration::from_secs(after),
        login,
        wish: Wish::Ping,
    };
    for login in [None, Some(("AWS", "wrong")), Some(("aws", &*here)), Some(("AWS", &*elsewhere))] {
        let no = account.visit(&at(login, 0)).unwrap_err();
        assert_eq!((no.status, no.code, no.challenge), (401, "UNAUTHORIZED", true), "{login:?}");
    }
    assert!(matches!(account.visit(&at(Some(("AWS", &here)), 12 * 3600 - 1)), Ok(Gift::Welcome)));
    let no = account.visit(&at(Some(("AWS", &here)), 12 * 3600)).unwrap_err();
    let expired = Denial::new(
        403,
        "DENIED",
        "Your authorization token has expired. Reauthenticate and try again.",
    );
    assert_eq!(no, expired);
}

#[test]
fn an_image_is_pulled_with_nothing_but_the_pull_policy() {
    let mut account = world();
    let login = log_in(&mut account, "puller", "us-east-2");
    let (media_type, _, index) =
        read(visit(&mut account, &login, manifest("team/app", "latest", &all())));
    assert_eq!(media_type, image::INDEX);
    let child = index["manifests"][1]["digest"].as_str().unwrap();
    // By digest what is stored is given, whatever is accepted.
    let (media_type, digest, image) =
        read(visit(&mut account, &login, manifest("team/app", child, &[])));
    assert_eq!((media_type, digest.as_str()), (image::MANIFEST, child));
    for part in image["layers"].as_array().unwrap().iter().chain([&image["config"]]) {
        let digest = part["digest"].as_str().unwrap();
        let wish = Wish::Blob { repository: "team/app", digest, head: false };
        let Ok(Gift::Blob { ticket, size }) = visit(&mut account, &login, wish) else { panic!() };
        let bytes = account.layer(NOW, digest, &ticket).unwrap();
        assert_eq!((bytes.len(), image::sha256(&bytes).as_str()), (size, digest));
        let late = account.layer(NOW + SignedDuration::from_hours(1), digest, &ticket).unwrap_err();
        assert_eq!((late.code, late.status), ("AccessDenied", 403));
        let other = account.layer(NOW, child, &ticket).unwrap_err();
        assert_eq!((other.code, other.status), ("SignatureDoesNotMatch", 403));
    }
    let denied = [
        (
            Wish::Blob { repository: "team/app", digest: child, head: true },
            "ecr:BatchCheckLayerAvailability",
            "team/app",
        ),
        (Wish::Tags { repository: "team/app" }, "ecr:ListImages", "team/app"),
        (Wish::Catalog, "ecr:DescribeRepositories", "*"),
        (Wish::Push { repository: "team/app" }, "ecr:InitiateLayerUpload", "team/app"),
        (
            Wish::Cancel { repository: "team/app", upload: "any" },
            "ecr:InitiateLayerUpload",
            "team/app",
        ),
        (Wish::Store { repository: "team/app" }, "ecr:PutImage", "team/app"),
    ];
    for (wish, action, repository) in denied {
        let no = visit(&mut account, &login, wish).unwrap_err();
        assert_eq!((no.status, no.code, no.challenge), (403, "DENIED", false));
        assert_eq!(
            no.message,
            format!(
                "User: arn:aws:iam::112233445566:user/puller is not authorized to perform: {action} on resource: arn:aws:ecr:us-east-2:112233445566:repository/{repository} because no identity-based policy allows the {action} action"
            )
        );
    }
}

#[test]
fn what_is_not_there_has_ecrs_words() {
    let mut account = world();
    let login = log_in(&mut account, "trainee", "us-east-2");
    let docker = ["application/vnd.docker.distribution.manifest.v2+json".to_owned()];
    let any = ["application/json, */*;q=0.8".to_owned()];
    read(visit(&mut account, &login, manifest("team/app", "1.4.2", &any)));
    let no_repository =
        "The repository with name 'no/such' does not exist in the registry with id '112233445566'";
    for (wish, status, code, message) in [
        (manifest("no/such", "latest", &all()), 404, "NAME_UNKNOWN", no_repository),
        (
            manifest("team/app", "none", &all()),
            404,
            "MANIFEST_UNKNOWN",
            "Requested image not found",
        ),
        (
            manifest("team/app", "sha256:00", &all()),
            404,
            "MANIFEST_UNKNOWN",
            "Requested image not found",
        ),
        (
            manifest("team/app", "latest", &docker),
            404,
            "MANIFEST_UNKNOWN",
            "The stored manifest is application/vnd.oci.image.index.v1+json, which the request does not accept",
        ),
        (
            Wish::Blob { repository: "team/app", digest: "sha256:00", head: false },
            404,
            "BLOB_UNKNOWN",
            "blob unknown to registry",
        ),
        (Wish::Tags { repository: "no/such" }, 404, "NAME_UNKNOWN", no_repository),
        (Wish::Push { repository: "no/such" }, 404, "NAME_UNKNOWN", no_repository),
        (
            Wish::Cancel { repository: "team/app", upload: "none" },
            404,
            "BLOB_UPLOAD_UNKNOWN",
            "blob upload unknown to registry",
        ),
        (
            Wish::Store { repository: "team/app" },
            405,
            "UNSUPPORTED",
            "the practice registry does not take images",
        ),
    ] {
        assert_eq!(
            visit(&mut account, &login, wish).unwrap_err(),
            Denial::new(status, code, message)
        );
    }
    let Ok(Gift::Names(tags)) = visit(&mut account, &login, Wish::Tags { repository: "team/app" })
    else {
        panic!()
    };
    assert_eq!(tags, ["1.4.2", "latest"]);
    let Ok(Gift::Names(names)) = visit(&mut account, &login, Wish::Catalog) else { panic!() };
    assert_eq!(names, ["team/app", "team/base/debian", "tools/kubectl"]);
}

#[test]
fn an_upload_that_is_let_in_can_be_cancelled_once_and_leaves_nothing() {
    let mut account = world();
    let login = log_in(&mut account, "trainee", "us-east-2");
    let begin = Wish::Push { repository: "team/app" };
    let Ok(Gift::Upload(upload)) = visit(&mut account, &login, begin) else { panic!() };
    assert_eq!(account.open_uploads(), 1);
    let cancel = |repository| Wish::Cancel { repository, upload: &upload };
    let elsewhere = visit(&mut account, &login, cancel("tools/kubectl")).unwrap_err();
    assert_eq!(elsewhere.code, "BLOB_UPLOAD_UNKNOWN");
    assert!(matches!(visit(&mut account, &login, cancel("team/app")), Ok(Gift::Cancelled)));
    assert_eq!(account.open_uploads(), 0);
    let again = visit(&mut account, &login, cancel("team/app")).unwrap_err();
    assert_eq!((again.status, again.code), (404, "BLOB_UPLOAD_UNKNOWN"));
}

#[test]
fn permissions_are_asked_for_at_every_visit() {
    let mut account = world();
    let login = log_in(&mut account, "loginer", "us-east-2");
    let all = all();
    let pull = |account: &mut Account, repository: &str| {
        visit(account, &login, manifest(repository, "latest", &all))
            .map(|_| ())
            .map_err(|no| no.code)
    };
    // Whether a repository is there is nobody's business who may not pull.
    assert_eq!(pull(&mut account, "no/such"), Err("DENIED"));
    assert_eq!(pull(&mut account, "team/app"), Err("DENIED"));
    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::112233445566:user/loginer" },
        "Action": "ecr:BatchGetImage",
    }});
    let repository = account.state.repositories.get_mut("team/app").unwrap();
    repository.policy = Some(policy.to_string());
    assert_eq!(pull(&mut account, "team/app"), Ok(()));
    assert_eq!(pull(&mut account, "team/base/debian"), Err("DENIED"));
    account.state.users.remove("loginer");
    account.state.repositories.get_mut("team/app").unwrap().policy = None;
    assert_eq!(pull(&mut account, "team/app"), Err("DENIED"));
}
