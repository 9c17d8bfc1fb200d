//! A world is there as its file has it.

use super::*;
use crate::domain::claims::Claims;
use crate::domain::exercise::world::{Key, SavedToken};
use crate::domain::fault::Cause;

const ABROAD: &str = "999988887777";

#[tokio::test]
async fn roles_and_users_are_there_whatever_aws_would_say_to_them() {
    let strange = Role {
        attached: vec![format!("arn:aws:iam::aws:policy/{READ_ONLY}"), "IAMReadOnlyAccess".into()],
        inline: vec![("odd".to_owned(), "{ no policy".to_owned())],
        tags: vec![("team".to_owned(), "blue".to_owned())],
        days: 100,
        used_days_ago: Some(30),
        ..role("strange", document(&json!([letting("no.such.provider", &json!({}))])))
    };
    let keys = vec![
        Key { days: 400, used_days_ago: Some(2), ..Key::default() },
        Key { days: 10, inactive: true, ..Key::default() },
        Key::default(),
    ];
    let mut world = with([strange, sound()]);
    world.users = vec![User { name: "ann".to_owned(), attached: vec![READ_ONLY.into()], keys }];
    let bed = Bed::open(world, &[]).await;
    let day = |days: i64| (BEGAN - SignedDuration::from_hours(24 * days)).to_string();
    let found = bed.iam("GetRole", json!({ "RoleName": "strange" })).await;
    assert_eq!(found["Role"]["CreateDate"], day(100));
    assert_eq!(found["Role"]["RoleLastUsed"]["LastUsedDate"], day(30));
    assert_eq!(found["Role"]["Tags"][0]["Value"], "blue");
    let found = bed.iam("GetRole", json!({ "RoleName": ROLE })).await;
    assert_eq!(found["Role"]["CreateDate"], day(0));
    assert_eq!(found["Role"]["RoleLastUsed"], json!({}));
    let ties = bed.iam("ListAttachedRolePolicies", json!({ "RoleName": "strange" })).await;
    let names: Vec<_> =
        ties["AttachedPolicies"].as_array().unwrap().iter().map(|p| &p["PolicyName"]).collect();
    assert_eq!(names, [READ_ONLY, "IAMReadOnlyAccess"]);
    // There are more of them than AWS lets a user have.
    let keys = bed.iam("ListAccessKeys", json!({ "UserName": "ann" })).await;
    let mut seen = Vec::new();
    for key in keys["AccessKeyMetadata"].as_array().unwrap() {
        let id = json!({ "AccessKeyId": key["AccessKeyId"] });
        let used = bed.iam("GetAccessKeyLastUsed", id).await;
        let used = used["AccessKeyLastUsed"]["LastUsedDate"].as_str().map(str::to_owned);
        let text = |name: &str| key[name].as_str().unwrap().to_owned();
        seen.push((text("CreateDate"), text("Status"), used));
    }
    seen.sort();
    let key = |days, status: &str, used: Option<i64>| (day(days), status.to_owned(), used.map(day));
    let wanted = [key(400, "Active", Some(2)), key(10, "Inactive", None), key(0, "Active", None)];
    assert_eq!(seen, wanted);
    let arn = provider_arn(NAME);
    let found =
        bed.iam("GetOpenIDConnectProvider", json!({ "OpenIDConnectProviderArn": arn })).await;
    assert_eq!(found["ClientIDList"], json!([AUDIENCE, "sts.amazonaws.com"]));
}

#[tokio::test]
async fn an_empty_world_is_the_tutorials() {
    let bed = Bed::open(World::default(), &[]).await;
    let all = bed.call(Service::Ecr, "DescribeRepositories", json!({})).await.unwrap();
    assert_eq!(all["repositories"].as_array().unwrap().len(), 3);
    let roles = bed.iam("ListRoles", json!({})).await;
    assert_eq!(roles["Roles"], json!([]));
}

#[tokio::test]
async fn a_policy_that_is_not_there_is_said_and_nothing_is_opened() {
    let wrong = Role { attached: vec!["ReadOnly".to_owned()], ..sound() };
    let bed = Bed::open(with([sound()]), &[pulls()]).await;
    let fault = bed.room.open(&exercise(with([wrong]), answers(), &[])).await.unwrap_err();
    assert_eq!(fault.cause, Cause::BadAnswers);
    assert!(fault.message.ends_with("no policy arn:aws:iam::aws:policy/ReadOnly"), "{fault}");
    assert_eq!(bed.standing().await, Standing::Met);
}

#[tokio::test]
async fn a_saved_token_is_of_okteto_and_old() {
    let token = Some(SavedToken { issued_minutes_ago: 90, minutes: 60 });
    let bed = Bed::new();
    let world = World { token, ..with([sound()]) };
    let saved = bed.room.open(&exercise(world.clone(), answers(), &[])).await.unwrap().unwrap();
    let claims = Claims::read(&saved).unwrap();
    assert_eq!(claims.subject, SUBJECT);
    assert_eq!(claims.audiences, [AUDIENCE]);
    assert_eq!(claims.expires_at, BEGAN.as_second() - 30 * 60);
    let role = bed.front.account().role(ROLE).unwrap().arn;
    let refused = bed.front.account().show_token(BEGAN, &role, &saved).unwrap_err();
    assert_eq!(refused.code, "ExpiredTokenException");
    let mut without = answers();
    without.set(Field::Audience, "");
    let fault = bed.room.open(&exercise(world, without, &[])).await.unwrap_err();
    assert!(fault.message.contains("oidc.audience"), "{fault}");
}

fn abroad(policy: Option<Value>, role: Role) -> World {
    let repository = Repository {
        name: APP.to_owned(),
        tags: vec!["1".to_owned()],
        policy: policy.map(|statement| document(&json!([statement]))),
    };
    World {
        registry_account: Some(ABROAD.to_owned()),
        repositories: vec![repository],
        ..with([role])
    }
}

/// IAM user guide, "Cross-account policy evaluation logic".
#[tokio::test]
async fn abroad_both_the_identity_and_the_repository_must_allow() {
    let lets = |principal: &str, action: Value| json!({ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": action });
    let pull = || json!(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
    let (own, root) =
        (format!("arn:aws:iam::{ACCOUNT}:role/{ROLE}"), format!("arn:aws:iam::{ACCOUNT}:root"));
    let login =
        json!([{ "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*" }]);
    let only_login = || Role {
        attached: Vec::new(),
        inline: vec![("login".to_owned(), document(&login))],
        ..sound()
    };
    let denies = json!({ "Effect": "Deny", "Principal": "*", "Action": "ecr:BatchGetImage" });
    for (policy, role, wanted) in [
        (None, sound(), "no resource-based policy allows the ecr:BatchGetImage action"),
        (
            Some(lets(&own, json!("ecr:BatchGetImage"))),
            sound(),
            "no resource-based policy allows the ecr:GetDownloadUrlForLayer action",
        ),
        (
            Some(lets(&format!("arn:aws:iam::{ACCOUNT}:role/other"), pull())),
            sound(),
            "no resource-based policy",
        ),
        (Some(lets(&own, pull())), only_login(), "no identity-based policy"),
        (Some(lets(&root, pull())), only_login(), "no identity-based policy"),
        (Some(denies), sound(), "explicit deny in a resource-based policy"),
        (Some(lets(&own, pull())), sound(), ""),
        (Some(lets(&root, pull())), sound(), ""),
        (Some(lets("*", pull())), sound(), ""),
    ] {
        let bed = Bed::open(abroad(policy.clone(), role), &[pulls()]).await;
        let standing = bed.standing().await;
        if wanted.is_empty() {
            assert_eq!(standing, Standing::Met, "{policy:?}");
            continue;
        }
        assert!(why(&standing).contains(wanted), "{policy:?}: {standing:?}");
    }
}

/// What names no registry means the own one, which is then empty.
#[tokio::test]
async fn a_registry_abroad_is_met_by_its_id() {
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let statement = json!({ "Effect": "Allow", "Principal": { "AWS": root }, "Action": "ecr:*" });
    let bed = Bed::open(abroad(Some(statement), sound()), &[]).await;
    let ecr = async |action: &str, input: Value| bed.call(Service::Ecr, action, input).await;
    let here = json!({ "repositoryName": APP });
    let there = json!({ "repositoryName": APP, "registryId": ABROAD });
    let all = ecr("DescribeRepositories", json!({})).await.unwrap();
    assert_eq!(all["repositories"], json!([]));
    let refused = ecr("GetRepositoryPolicy", here.clone()).await.unwrap_err();
    assert_eq!(refused.code, "RepositoryNotFoundException");
    assert!(
        refused.message.ends_with(&format!("in the registry with id '{ACCOUNT}'")),
        "{refused}"
    );
    let found = ecr("GetRepositoryPolicy", there.clone()).await.unwrap();
    assert_eq!(found["registryId"], ABROAD);
    let named = json!({ "repositoryNames": [APP], "registryId": ABROAD });
    let found = ecr("DescribeRepositories", named).await.unwrap();
    let arn = format!("arn:aws:ecr:us-east-2:{ABROAD}:repository/{APP}");
    assert_eq!(found["repositories"][0]["repositoryArn"], arn);
    assert!(found["repositories"][0]["repositoryUri"].as_str().unwrap().starts_with(ABROAD));
    // All of them would take a policy that is no repository's.
    for (action, input) in [
        ("DescribeRepositories", json!({ "registryId": ABROAD })),
        ("CreateRepository", json!({ "repositoryName": "new", "registryId": ABROAD })),
        ("GetRepositoryPolicy", json!({ "repositoryName": APP, "registryId": "123456789012" })),
    ] {
        let refused = ecr(action, input).await.unwrap_err();
        assert!(refused.message.contains("no resource-based policy allows"), "{action}: {refused}");
    }
    assert_eq!(
        ecr("CreateRepository", json!({ "repositoryName": "new" })).await.unwrap_err().code,
        "InvalidParameterException"
    );
    // The repository's own policy can be mended from here while it lets the account do so.
    let mended = json!({
        "repositoryName": APP,
        "registryId": ABROAD,
        "policyText": document(&json!([{ "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage" }])),
    });
    assert_eq!(ecr("SetRepositoryPolicy", mended).await.unwrap()["registryId"], ABROAD);
    assert_eq!(
        ecr("DeleteRepositoryPolicy", there).await.unwrap_err().code,
        "AccessDeniedException"
    );
}

/// Whatever the learner did to the operator's key, and however often a world is opened.
#[tokio::test]
async fn the_operators_key_and_the_issuers_keys_stay() {
    let bed = Bed::new();
    let (id, _) = bed.front.account().credentials("trainee").unwrap();
    let keys = || bed.front.account().issuers()[0].jwks();
    let jwks = keys();
    let key = json!({ "UserName": "trainee", "AccessKeyId": id });
    for _ in 0..3 {
        bed.room.open(&exercise(with([sound()]), answers(), &[])).await.unwrap();
        let account = bed.front.account().clone();
        let (_, of) = account.key(bed.front.now(), Service::Iam, &id, None).unwrap();
        assert_eq!(of, Principal::User("trainee".to_owned()));
        assert_eq!(account.keys_of("trainee").len(), 1);
        assert_eq!(keys(), jwks);
        bed.iam("DeleteAccessKey", key.clone()).await;
    }
}
