//! The practice account: all that moto does not know, refusals and difficulties among it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_sdk_iam::error::ProvideErrorMetadata;
use okteto_ecr::domain::arn::RoleArn;
use okteto_ecr::domain::fault::Cause;
use okteto_ecr::domain::host::RegistryHost;
use okteto_ecr::domain::key::LastUse;
use okteto_ecr::domain::partition::{AccountId, Region};
use okteto_ecr::domain::secret::WebToken;
use okteto_ecr::ports::{Cloud, Roster};
use okteto_ecr::practice::account::difficulty::What;
use okteto_ecr::practice::account::input::Input;
use okteto_ecr::practice::account::{Ask, Principal, Service};
use okteto_ecr::practice::scene::{Actor, Scene};
use serde_json::{Value, json};

use super::furniture::{assert_read, furnish, trust};
use super::{REGION, Visitor, role_of};
use crate::bed::Practice;
use crate::support::Answers;

fn visitor(practice: &Practice) -> Visitor {
    Visitor::at(&practice.served.aws, &practice.root.0, &practice.root.1)
}

/// A scene whose operator is an administrator but for these actions.
fn without(actions: &[&str]) -> Scene {
    let denial = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": actions, "Resource": "*"},
    ]});
    let mut scene = Scene::default();
    scene.users[0].inline.push(("no".to_owned(), denial.to_string()));
    // Who furnishes it.
    scene.users.push(Actor {
        name: "maker".to_owned(),
        inline: Vec::new(),
        attached: vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()],
        boundary: None,
    });
    scene
}

/// Makes something past the wire.
fn make(practice: &Practice, maker: &str, action: &str, input: Value) {
    let ask = Ask {
        now: practice.served.front.now(),
        service: Service::Iam,
        action: action.to_owned(),
        region: "us-east-1".to_owned(),
        caller: Some(Principal::User(maker.to_owned())),
        input: Input::from_json(input),
    };
    practice.served.front.account().call(&ask).expect("made");
}

#[test]
fn an_account_is_read_as_it_was_made() {
    let practice = Practice::start();
    let visitor = visitor(&practice);
    visitor.wait(furnish(&visitor.iam, &practice.account));
    assert_read(&visitor, &practice.account);
}

#[test]
fn what_iam_does_not_admit_is_not_there_to_be_read() {
    let practice = Practice::start();
    let visitor = visitor(&practice);
    visitor.wait(furnish(&visitor.iam, &practice.account));
    for (value, code) in [
        ("a\u{202E}b", "ValidationError"),
        ("a\u{200F}", "ValidationError"),
        ("a\u{1B}", "ValidationError"),
    ] {
        let tag = aws_sdk_iam::types::Tag::builder().key("k").value(value).build().unwrap();
        let refused = visitor.wait(visitor.iam.tag_role().role_name("Puller").tags(tag).send());
        assert_eq!(refused.unwrap_err().code(), Some(code), "{value:?}");
    }
    let described =
        visitor.iam.update_role_description().role_name("Puller").description("\u{202E}");
    assert_eq!(visitor.wait(described.send()).unwrap_err().code(), Some("ValidationError"));
}

#[test]
fn thousands_of_roles_come_in_pages_of_a_thousand() {
    let practice = Practice::of(&Scene { role_quota: 5000, ..Scene::default() });
    let visitor = visitor(&practice);
    visitor
        .wait(
            visitor
                .iam
                .create_open_id_connect_provider()
                .url(super::furniture::ISSUER)
                .client_id_list("b")
                .send(),
        )
        .unwrap();
    let trust = trust(&practice.account);
    for number in 0..2500 {
        let name = format!("role-{number:04}");
        let role = json!({"RoleName": name, "AssumeRolePolicyDocument": trust});
        make(&practice, "trainee", "CreateRole", role);
    }
    let began = Instant::now();
    let (whole, pages) = visitor.details().unwrap();
    // Four pages for three thousand things at most, of a build that is not optimised.
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    let names: BTreeSet<_> = whole.roles.iter().map(|role| &role.name).collect();
    assert_eq!((whole.roles.len(), names.len(), pages), (2500, 2500, 3));
    assert!(whole.roles.iter().all(|role| role.trust == trust && role.unread.is_none()));
    let (listed, pages) = visitor.listed_roles().unwrap();
    assert_eq!((listed.roles.len(), pages), (2500, 3));
}

#[test]
fn a_role_that_was_used_says_when_and_where() {
    let practice = Practice::start();
    let visitor = visitor(&practice);
    let issuer = practice.issuer().url;
    let provider = visitor.iam.create_open_id_connect_provider().url(&issuer);
    let provider = visitor.wait(provider.client_id_list(Answers::AUDIENCE).send()).unwrap();
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": provider.open_id_connect_provider_arn()},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {
            format!("{}:aud", issuer.trim_start_matches("https://")): Answers::AUDIENCE,
        }},
    }]});
    make(
        &practice,
        "trainee",
        "CreateRole",
        json!({"RoleName": "used", "AssumeRolePolicyDocument": trust.to_string()}),
    );
    let role = RoleArn::parse(&format!("arn:aws:iam::{}:role/used", practice.account)).unwrap();
    let region = Region::parse(REGION).unwrap();
    let before = practice.served.front.now().as_second();
    visitor.wait(async {
        let token = WebToken::new(&practice.token());
        let session = visitor.aws.assume(&role, &token, &region).await.unwrap();
        visitor.aws.identity(&session.credentials, &region).await.unwrap();
    });
    let (whole, _) = visitor.details().unwrap();
    let last_use = role_of(&whole, "used").last_use.clone();
    let LastUse::At(at, place) = &last_use else { panic!("{last_use:?}") };
    assert!(*at >= before);
    assert_eq!(place, REGION);
    let (listed, _) = visitor.listed_roles().unwrap();
    let listed = role_of(&listed, "used").clone();
    assert_eq!(listed.last_use, LastUse::Unknown);
    assert_eq!(visitor.wait(visitor.aws.role(listed)).last_use, last_use);
}

#[test]
fn where_all_at_once_is_denied_the_roles_can_be_read_one_by_one() {
    let practice =
        Practice::of(&without(&["iam:GetAccountAuthorizationDetails", "iam:GetRolePolicy"]));
    let visitor = visitor(&practice);
    let account = practice.account.clone();
    visitor.wait(furnish(&visitor.iam, &account));
    let fault = visitor.details().unwrap_err();
    assert_eq!(fault.cause, Cause::PermissionDenied);
    assert_eq!(fault.evidence["action"], "iam:GetAccountAuthorizationDetails");
    let (listed, _) = visitor.listed_roles().unwrap();
    let role = visitor.wait(visitor.aws.role(role_of(&listed, "Puller").clone()));
    let fault = role.unread.expect("half of it");
    assert_eq!(fault.evidence["action"], "iam:GetRolePolicy");
    assert_eq!((role.attached.len(), role.inline.len()), (1, 0));
    assert!(role.boundary.is_some());
}

#[test]
fn a_page_that_was_throttled_once_is_read_by_the_sdks_own_retry() {
    let practice = Practice::start();
    let visitor = visitor(&practice);
    practice.trouble("iam:GetAccountAuthorizationDetails", What::Throttle, Some(1));
    visitor.details().unwrap();
    let calls = visitor.calls.lock().unwrap().clone();
    assert_eq!(calls, ["GetAccountAuthorizationDetails", "GetAccountAuthorizationDetails"]);
}

#[test]
fn the_policy_of_a_repository_is_there_or_none_or_not_for_us_to_see() {
    let practice = Practice::start();
    let visitor = visitor(&practice);
    let region = Region::parse(REGION).unwrap();
    let host =
        |account: &str| RegistryHost::classic(AccountId::parse(account).unwrap(), region.clone());
    let ours = host(&practice.account);
    let read = |host: &RegistryHost, repository: &str| {
        visitor.wait(visitor.aws.repository_policy(host, repository))
    };
    assert_eq!(read(&ours, "team/app"), Ok(None));
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::999988887777:root"},
        "Action": "ecr:BatchGetImage",
    }]})
    .to_string();
    let ecr = aws_sdk_ecr::Client::new(&visitor.sdk);
    let set = ecr.set_repository_policy().repository_name("team/app").policy_text(&policy);
    visitor.wait(set.send()).unwrap();
    assert_eq!(read(&ours, "team/app"), Ok(Some(policy)));
    assert_eq!(read(&ours, "team/none").unwrap_err().cause, Cause::RepositoryMissing);
    let theirs = read(&host("999988887777"), "team/app").unwrap_err();
    assert_eq!(theirs.cause, Cause::PermissionDenied);
    assert_eq!(theirs.evidence["policy"], "resource-based");
}
