//! Each check, met and not met.

use super::*;
use crate::domain::custody::SecretPlace;
use crate::domain::exercise::world::Key;
use crate::domain::inventory::RUN_TAG;

const USER: &str = "private-registry-user";

fn place() -> SecretPlace {
    SecretPlace {
        context: None,
        namespace: "okteto".to_owned(),
        name: format!("okteto-ecr-{ACCOUNT}-us-east-2"),
    }
}

fn user(keys: Vec<Key>) -> World {
    let (name, attached) = (USER.to_owned(), vec![READ_ONLY.to_owned()]);
    World { users: vec![User { name, attached, keys }], ..World::default() }
}

fn in_secret() -> Key {
    Key { days: 400, in_secret: true, ..Key::default() }
}

#[tokio::test]
async fn okteto_pulls_says_at_which_step_it_fails() {
    let trust = |aud: &str, sub: &str| document(&json!([letting(NAME, &exactly(aud, sub))]));
    let elsewhere = role(ROLE, trust(AUDIENCE, "system:serviceaccount:staging:okteto"));
    let bare = Role { attached: Vec::new(), ..sound() };
    let unlisted = World { providers: Vec::new(), ..with([sound()]) };
    let mut other = with([sound()]);
    other.providers[0].audiences.remove(0);
    for (world, wanted) in [
        (World::default(), "there is no role my-private-registry"),
        (
            with([elsewhere]),
            "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity",
        ),
        (unlisted, "InvalidIdentityToken: No OpenIDConnect provider found in your account"),
        (other, "InvalidIdentityToken: Incorrect token audience"),
        (with([bare]), "AccessDeniedException: not authorized to perform: ecr:GetAuthorization"),
    ] {
        let bed = Bed::open(world, &[pulls()]).await;
        let standing = bed.standing().await;
        assert!(why(&standing).starts_with(wanted), "{standing:?}");
    }
    assert_eq!(Bed::open(with([sound()]), &[pulls()]).await.standing().await, Standing::Met);
}

#[tokio::test]
async fn okteto_pulls_only_from_what_is_there_and_permitted() {
    let absent = Check::OktetoPulls { role: ROLE.to_owned(), repository: "team/none".to_owned() };
    let only = document(&json!([
        { "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*" },
        {
            "Effect": "Allow",
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Resource": "arn:aws:ecr:us-east-2:112233445566:repository/tools/*",
        },
    ]));
    let inline = vec![("pull".to_owned(), only)];
    let narrow = Role { attached: Vec::new(), inline, ..sound() };
    let bed = Bed::open(with([sound()]), &[absent]).await;
    assert!(why(&bed.standing().await).starts_with("RepositoryNotFoundException"));
    let tools = Check::OktetoPulls { role: ROLE.to_owned(), repository: "tools/kubectl".into() };
    let bed = Bed::open(with([narrow]), &[pulls(), tools]).await;
    let standings = bed.standings().await;
    assert!(why(&standings[0]).contains("ecr:BatchGetImage"), "{standings:?}");
    assert_eq!(standings[1], Standing::Met);
}

#[tokio::test]
async fn may_not_looks_at_what_the_role_may_once_all_has_spread() {
    let check = |role: &str| Check::MayNot {
        role: role.to_owned(),
        action: "ecr:PutImage".to_owned(),
        repository: APP.to_owned(),
    };
    let power = vec!["AmazonEC2ContainerRegistryPowerUser".to_owned()];
    let powerful = |name: &str, spreads_for| Role {
        name: name.to_owned(),
        attached: power.clone(),
        spreads_for,
        ..sound()
    };
    let world = with([sound(), powerful("pusher", 0), powerful("later", 600)]);
    let checks = [check(ROLE), check("pusher"), check("later"), check("absent")];
    let standings = Bed::open(world, &checks).await.standings().await;
    assert_eq!(standings[0], Standing::Met);
    assert_eq!(standings[1], open("pusher may ecr:PutImage in team/app"));
    assert_eq!(standings[2], open("later may ecr:PutImage in team/app"));
    assert_eq!(standings[3], open("there is no role absent"));
}

#[tokio::test]
async fn pulled_takes_a_blob_after_a_manifest() {
    let check = |by: &str| Check::Pulled { by: by.to_owned(), repository: APP.to_owned() };
    let mut world = with([sound()]);
    world.repositories =
        vec![Repository { name: APP.to_owned(), tags: vec!["1".to_owned()], policy: None }];
    let bed = Bed::open(world, &[check(ROLE), check("trainee")]).await;
    let password = bed.log_in().await;
    assert_eq!(bed.standings().await, [open(""), open("")]);
    let digest = bed.manifest(&password, APP, "1").await;
    let blob = |head| Wish::Blob { repository: APP, digest: &digest, head };
    // What is only asked about is not served.
    bed.visit(&password, blob(true)).await.unwrap();
    assert_eq!(bed.standings().await, [open(""), open("")]);
    bed.visit(&password, blob(false)).await.unwrap();
    assert_eq!(bed.standings().await, [Standing::Met, open("")]);
    bed.room.open(&exercise(with([sound()]), answers(), &[check(ROLE)])).await.unwrap();
    assert_eq!(bed.standing().await, open(""));
}

#[tokio::test]
async fn key_pulls_wants_an_active_key_of_the_user_in_the_secret() {
    let check = [Check::KeyPulls { user: USER.to_owned(), repository: APP.to_owned() }];
    let bed = Bed::open(user(vec![Key::default()]), &check).await;
    assert!(why(&bed.standing().await).starts_with("there is no Secret okteto/okteto-ecr-"));
    let bed = Bed::open(user(vec![in_secret()]), &check).await;
    assert_eq!(bed.standing().await, Standing::Met);
    let key = bed.cluster.secret(&place()).unwrap();
    let input = json!({
        "UserName": USER, "AccessKeyId": key.id.as_str(), "Status": "Inactive",
    });
    bed.iam("UpdateAccessKey", input).await;
    let standing = bed.standing().await;
    assert!(why(&standing).contains("in the Secret: UnrecognizedClientException"), "{standing:?}");
    // The operator's may pull, but is not the user's.
    let (id, secret) = bed.front.account().credentials("trainee").unwrap();
    let id = crate::domain::key::KeyId::parse(&id).unwrap();
    bed.cluster.set_secret(&place(), crate::domain::secret::AccessKey { id, secret });
    assert!(why(&bed.standing().await).contains("not a key of the user"));
    // Nor is it enough that the id is right.
    let (id, _) = bed.front.account().credentials("trainee").unwrap();
    let wrong = crate::domain::secret::AccessKey {
        id: crate::domain::key::KeyId::parse(&id).unwrap(),
        secret: "another".into(),
    };
    bed.cluster.set_secret(&place(), wrong);
    assert!(why(&bed.standing().await).contains("InvalidSignatureException"));
}

/// A new key of the user, as AWS tells it.
async fn make_key(bed: &Bed) -> crate::domain::secret::AccessKey {
    let answer = bed.iam("CreateAccessKey", json!({ "UserName": USER })).await;
    let text = |name: &str| answer["AccessKey"][name].as_str().unwrap().to_owned();
    crate::domain::secret::AccessKey {
        id: crate::domain::key::KeyId::parse(&text("AccessKeyId")).unwrap(),
        secret: text("SecretAccessKey").into(),
    }
}

fn rotation() -> [Check; 3] {
    let (user, repository) = (USER.to_owned(), APP.to_owned());
    [
        Check::NoOutage { user: user.clone(), repository: repository.clone() },
        Check::FirstKeysGone { user: user.clone() },
        Check::KeyPulls { user, repository },
    ]
}

#[tokio::test]
async fn a_rotation_in_the_right_order_is_no_outage() {
    let bed = Bed::open(user(vec![in_secret()]), &rotation()).await;
    let old = bed.cluster.secret(&place()).unwrap();
    let standings = bed.standings().await;
    assert_eq!(standings[0], Standing::Met);
    assert_eq!(standings[1], open(&format!("{} is still there (Active)", old.id)));
    let new = make_key(&bed).await;
    bed.cluster.set_secret(&place(), new);
    let input = json!({ "UserName": USER, "AccessKeyId": old.id.as_str() });
    bed.iam("DeleteAccessKey", input).await;
    assert_eq!(bed.standings().await, [Standing::Met, Standing::Met, Standing::Met]);
}

#[tokio::test]
async fn an_outage_of_a_moment_stays_one() {
    let bed = Bed::open(user(vec![in_secret()]), &rotation()).await;
    let old = bed.cluster.secret(&place()).unwrap();
    let input = json!({ "UserName": USER, "AccessKeyId": old.id.as_str() });
    bed.iam("DeleteAccessKey", input).await;
    let new = make_key(&bed).await;
    bed.cluster.set_secret(&place(), new);
    let standings = bed.standings().await;
    assert!(why(&standings[0]).contains(old.id.as_str()), "{standings:?}");
    assert!(why(&standings[0]).starts_with("at ") && why(&standings[0]).contains(" UTC, "));
    assert_eq!(standings[1..], [Standing::Met, Standing::Met]);
    // A key that does not count, in the Secret for a moment, is one as well.
    let bed = Bed::open(user(vec![in_secret()]), &rotation()).await;
    let old = bed.cluster.secret(&place()).unwrap();
    let unknown = crate::domain::key::KeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap();
    let secret = "none".into();
    bed.cluster.set_secret(&place(), crate::domain::secret::AccessKey { id: unknown, secret });
    bed.cluster.set_secret(&place(), old);
    let standings = bed.standings().await;
    assert!(why(&standings[0]).contains("AKIAIOSFODNN7EXAMPLE"), "{standings:?}");
    assert_eq!(standings[2], Standing::Met);
}

#[tokio::test]
async fn provider_lists_what_was_written_last() {
    let check = [Check::ProviderLists { audience: "new".to_owned() }];
    let bed = Bed::open(World::default(), &check).await;
    assert!(why(&bed.standing().await).starts_with("there is no identity provider"));
    let bed = Bed::open(with([]), &check).await;
    assert_eq!(bed.standing().await, open(&format!("it lists {AUDIENCE}, sts.amazonaws.com")));
    let arn = provider_arn(NAME);
    let input = json!({ "OpenIDConnectProviderArn": arn, "ClientID": "new" });
    bed.iam("AddClientIDToOpenIDConnectProvider", input).await;
    assert_eq!(bed.standing().await, Standing::Met);
}

#[tokio::test]
async fn unchanged_is_of_content_and_gone_is_gone() {
    let name = || ROLE.to_owned();
    let checks = [Check::Unchanged { role: name() }, Check::Gone { role: name() }];
    let bed = Bed::open(with([sound()]), &checks).await;
    let still = open("the role my-private-registry is still there");
    assert_eq!(bed.standings().await, [Standing::Met, still.clone()]);
    // The same in another dress.
    let trust = json!([letting(NAME, &exactly(AUDIENCE, SUBJECT))]);
    let same = json!({ "Statement": trust, "Version": "2012-10-17" });
    let input = json!({ "RoleName": ROLE, "PolicyDocument": format!("{same:#}") });
    bed.iam("UpdateAssumeRolePolicy", input).await;
    let arn = format!("arn:aws:iam::aws:policy/{READ_ONLY}");
    let tie = json!({ "RoleName": ROLE, "PolicyArn": arn });
    bed.iam("DetachRolePolicy", tie.clone()).await;
    assert!(why(&bed.standings().await[0]).contains("others than at the start"));
    bed.iam("AttachRolePolicy", tie.clone()).await;
    assert_eq!(bed.standings().await, [Standing::Met, still]);
    bed.iam("DetachRolePolicy", tie).await;
    bed.iam("DeleteRole", json!({ "RoleName": ROLE })).await;
    let absent = open("there is no role my-private-registry");
    assert_eq!(bed.standings().await, [absent, Standing::Met]);
}

#[tokio::test]
async fn one_run_is_one_tag_on_both() {
    let bed = Bed::open(with([sound()]), &[Check::OneRun { role: ROLE.to_owned() }]).await;
    let tag = |run: &str| json!([{ "Key": RUN_TAG, "Value": run }]);
    let arn = provider_arn(NAME);
    assert!(why(&bed.standing().await).starts_with("the provider has no tag"));
    let input = json!({ "OpenIDConnectProviderArn": arn, "Tags": tag("one") });
    bed.iam("TagOpenIDConnectProvider", input).await;
    assert!(why(&bed.standing().await).starts_with("my-private-registry has no tag"));
    bed.iam("TagRole", json!({ "RoleName": ROLE, "Tags": tag("other") })).await;
    let two = open("the provider is of the run one, my-private-registry of other");
    assert_eq!(bed.standing().await, two);
    bed.iam("TagRole", json!({ "RoleName": ROLE, "Tags": tag("one") })).await;
    assert_eq!(bed.standing().await, Standing::Met);
}

/// It leaves nothing behind: neither sessions nor a last use, nor a line in the trail.
#[tokio::test]
async fn looking_leaves_no_trace() {
    let nobody = Check::NobodyElse { role: ROLE.to_owned() };
    let accepted = Check::Accepted { on: "role/x".to_owned(), rule: "r".to_owned() };
    let bed = Bed::open(with([sound()]), &[pulls(), nobody, accepted]).await;
    let before = format!("{:?}", bed.front.account());
    let standings = bed.room.standings().await;
    assert_eq!(standings, [Some(Standing::Met), Some(Standing::Met), None]);
    assert_eq!(format!("{:?}", bed.front.account()), before);
}
