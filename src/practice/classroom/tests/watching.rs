//! The trail, and word of changes.

use tokio::time::sleep;

use super::*;
use crate::domain::custody::SecretPlace;
use crate::domain::key::KeyId;
use crate::domain::secret::AccessKey;
use crate::ports::Cluster as _;

const LONG: Duration = Duration::from_secs(100_000);

#[tokio::test]
async fn the_trail_has_what_changes_something_and_no_secret() {
    let bed = Bed::open(with([sound()]), &[]).await;
    assert!(bed.room.trail().is_empty());
    bed.iam("GetRole", json!({ "RoleName": ROLE })).await;
    bed.iam("ListRoles", json!({})).await;
    bed.call(Service::Sts, "GetCallerIdentity", json!({})).await.unwrap();
    bed.call(Service::Ecr, "GetAuthorizationToken", json!({})).await.unwrap();
    bed.call(Service::Iam, "NoSuchAction", json!({})).await.unwrap_err();
    bed.iam("CreateUser", json!({ "UserName": "ann" })).await;
    let login = json!({ "UserName": "ann", "Password": "correct horse" });
    bed.iam("CreateLoginProfile", login).await;
    let again = bed.call(Service::Iam, "CreateUser", json!({ "UserName": "ann" })).await;
    assert_eq!(again.unwrap_err().code, "EntityAlreadyExists");
    bed.iam("CreateAccessKey", json!({ "UserName": "ann" })).await;
    let new = json!({ "repositoryName": "new" });
    bed.call(Service::Ecr, "CreateRepository", new).await.unwrap();
    let trail = bed.room.trail();
    let told: Vec<_> =
        trail.iter().map(|sent| (sent.call.as_str(), sent.refused.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("iam:CreateUser", None),
            ("iam:CreateLoginProfile", None),
            ("iam:CreateUser", Some("EntityAlreadyExists")),
            ("iam:CreateAccessKey", None),
            ("ecr:CreateRepository", None),
        ]
    );
    assert_eq!(trail[0].at, BEGAN.as_second());
    assert_eq!(Value::Object(trail[1].input.clone()), json!({ "UserName": "ann" }));
    bed.room.open(&exercise(World::default(), answers(), &[])).await.unwrap();
    assert!(bed.room.trail().is_empty());
}

/// What was done before anybody watched belongs to the world, such as a colleague's half of a run.
#[tokio::test]
async fn the_trail_begins_when_somebody_watches() {
    let bed = Bed::open(World::default(), &[]).await;
    bed.iam("CreateUser", json!({ "UserName": "colleague" })).await;
    bed.room.changed(0).await;
    bed.iam("CreateUser", json!({ "UserName": "learner" })).await;
    bed.room.changed(0).await;
    let calls: Vec<_> =
        bed.room.trail().into_iter().map(|sent| sent.input["UserName"].clone()).collect();
    assert_eq!(calls, ["learner"]);
}

#[tokio::test(start_paused = true)]
async fn word_comes_of_each_change_and_of_nothing_else() {
    let bed = Bed::open(with([sound()]), &[]).await;
    let mut seen = bed.room.changed(0).await;
    assert!(timeout(LONG, bed.room.changed(seen)).await.is_err());
    bed.iam("GetRole", json!({ "RoleName": ROLE })).await;
    assert!(timeout(LONG, bed.room.changed(seen)).await.is_err());
    let later = |before: u64, now: u64| {
        assert!(now > before, "{before} {now}");
        now
    };
    bed.iam("CreateUser", json!({ "UserName": "ann" })).await;
    seen = later(seen, bed.room.changed(seen).await);
    let password = bed.log_in().await;
    let digest = bed.manifest(&password, "tools/kubectl", "1.31").await;
    seen = later(seen, bed.room.changed(seen).await);
    let wish = Wish::Blob { repository: "tools/kubectl", digest: &digest, head: false };
    bed.visit(&password, wish).await.unwrap();
    seen = later(seen, bed.room.changed(seen).await);
    let place = SecretPlace {
        context: None,
        namespace: "okteto".to_owned(),
        name: "okteto-ecr".to_owned(),
    };
    let id = KeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap();
    let key = AccessKey { id, secret: "none".into() };
    bed.cluster.put_secret(&place, &key, None).await.unwrap();
    seen = later(seen, bed.room.changed(seen).await);
    // One that was refused changes nothing.
    bed.cluster.put_secret(&place, &key, None).await.unwrap_err();
    assert!(timeout(LONG, bed.room.changed(seen)).await.is_err());
    bed.room.open(&exercise(World::default(), answers(), &[])).await.unwrap();
    seen = later(seen, bed.room.changed(seen).await);
    assert!(timeout(LONG, bed.room.changed(seen)).await.is_err());
}

/// A change wakes whoever waits already.
#[tokio::test(start_paused = true)]
async fn who_waits_is_woken() {
    let bed = Bed::open(World::default(), &[]).await;
    let seen = bed.room.changed(0).await;
    let change = async {
        sleep(Duration::from_secs(7)).await;
        bed.iam("CreateUser", json!({ "UserName": "ann" })).await;
    };
    let began = Instant::now();
    let (woken, ()) = tokio::join!(bed.room.changed(seen), change);
    assert!(woken > seen);
    assert_eq!(began.elapsed().as_secs(), 7);
}

/// A role that was made just now: nothing is to be done, and it comes by itself.
#[tokio::test(start_paused = true)]
async fn what_spreads_is_looked_at_until_it_is_there() {
    let late = Role { spreads_for: 45, ..sound() };
    let bed = Bed::open(with([late]), &[pulls()]).await;
    let began = Instant::now();
    bed.iam("GetRole", json!({ "RoleName": ROLE })).await;
    let refused = "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity";
    assert_eq!(bed.standing().await, open(refused));
    let mut seen = bed.room.changed(0).await;
    let mut looks = 0;
    while bed.standing().await != Standing::Met {
        seen = timeout(Duration::from_secs(5), bed.room.changed(seen)).await.unwrap();
        looks += 1;
    }
    assert_eq!(began.elapsed().as_secs(), 45);
    assert!(looks <= 25, "{looks}");
    // Then nothing moves any more.
    assert!(timeout(LONG, bed.room.changed(seen)).await.is_err());
}
