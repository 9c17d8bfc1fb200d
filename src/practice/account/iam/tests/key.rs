use secrecy::ExposeSecret as _;

use super::*;
use crate::practice::account::spread::Spread;
use crate::practice::account::state::Key;

#[test]
fn a_user_has_two_keys_at_most_and_a_call_without_a_name_is_about_the_caller() {
    let mut world = World::furnished();
    let first = world.good("CreateAccessKey", json!({ "UserName": "Robot" }));
    let id = first["AccessKey"]["AccessKeyId"].clone();
    assert!(id.as_str().is_some_and(|id| id.starts_with("AKIA") && id.len() == 20), "{id}");
    assert_eq!(first["AccessKey"]["SecretAccessKey"].as_str().map(str::len), Some(40));
    world.good("CreateAccessKey", json!({ "UserName": "Robot" }));
    let name = json!({ "UserName": "Robot", "AccessKeyId": id, "Status": "Inactive" });
    world.good("UpdateAccessKey", name);
    let refusal = world.bad("CreateAccessKey", json!({ "UserName": "Robot" }));
    assert_eq!(refusal.message, "Cannot exceed quota for AccessKeysPerUser: 2");
    let listed = world.good("ListAccessKeys", json!({ "UserName": "Robot" }));
    let keys = listed["AccessKeyMetadata"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().any(|key| key["AccessKeyId"] == id && key["Status"] == "Inactive"));
    let used = world.good("GetAccessKeyLastUsed", json!({ "AccessKeyId": id }));
    assert_eq!(
        used,
        json!({ "UserName": "Robot", "AccessKeyLastUsed": { "ServiceName": "N/A", "Region": "N/A" } })
    );
    // Somebody else's key is not found under one's own name.
    assert_eq!(world.bad("DeleteAccessKey", json!({ "AccessKeyId": id })).code, "NoSuchEntity");
    assert_eq!(world.good("GetUser", json!({}))["User"]["UserName"], "trainee");
    let own = world.good("ListAccessKeys", json!({}));
    assert_eq!(own["AccessKeyMetadata"][0]["UserName"], "trainee");
    let mut ask = world.ask("GetUser", json!({}));
    ask.caller = Some(Principal::Session {
        role_id: "AROA".into(),
        role: "Puller".into(),
        session: "s".into(),
        policy: None,
    });
    let refusal = world.account.call(&ask).unwrap_err();
    assert_eq!(refusal.message, "Must specify userName when calling with non-User credentials");
}

#[test]
fn every_key_says_who_it_is_as_long_as_it_counts() {
    let mut world = World::slow(&[Kind::Key]);
    world.good("CreateUser", json!({ "UserName": "Robot" }));
    let made = world.good("CreateAccessKey", json!({ "UserName": "Robot" }));
    let id = made["AccessKey"]["AccessKeyId"].as_str().unwrap().to_owned();
    let find = |world: &World, service, id: &str, token| {
        world.account.key(world.now, service, id, token).map_err(|r| (r.code, r.status, r.message))
    };
    let invalid = "The security token included in the request is invalid.".to_owned();
    let unknown = |service| match service {
        Service::Ecr => ("UnrecognizedClientException", 400, invalid.clone()),
        _ => ("InvalidClientTokenId", 403, invalid.clone()),
    };
    let (trainee, _) = world.account.credentials("trainee").unwrap();
    let (_, of) = find(&world, Service::Ecr, &trainee, None).unwrap();
    assert_eq!(of, Principal::User("trainee".to_owned()));
    // Not there yet.
    for service in [Service::Iam, Service::Sts, Service::Ecr] {
        assert_eq!(find(&world, service, &id, None).unwrap_err(), unknown(service));
    }
    world.wait(60);
    let (secret, of) = find(&world, Service::Iam, &id, None).unwrap();
    assert_eq!(secret.expose_secret(), made["AccessKey"]["SecretAccessKey"].as_str().unwrap());
    assert_eq!(of, Principal::User("Robot".to_owned()));
    let with_token = find(&world, Service::Iam, &id, Some("token")).unwrap_err();
    assert_eq!(with_token, unknown(Service::Iam));
    assert_eq!(find(&world, Service::Sts, "AKIANOTHING", None).unwrap_err(), unknown(Service::Sts));
    world.account.note_use(world.now, Service::Ecr, &id, "us-east-2");
    let used = world.good("GetAccessKeyLastUsed", json!({ "AccessKeyId": id }));
    assert_eq!(
        used["AccessKeyLastUsed"],
        json!({ "LastUsedDate": "2026-11-23T10:01:00Z", "ServiceName": "ecr", "Region": "us-east-2" })
    );
    // Inactive counts when it has spread, too.
    let status = |status: &str| json!({ "UserName": "Robot", "AccessKeyId": id, "Status": status });
    world.good("UpdateAccessKey", status("Inactive"));
    assert!(find(&world, Service::Iam, &id, None).is_ok());
    assert!(world.account.credentials("Robot").is_none());
    world.wait(60);
    assert_eq!(find(&world, Service::Ecr, &id, None).unwrap_err(), unknown(Service::Ecr));
    world.good("UpdateAccessKey", status("Active"));
    world.wait(60);
    assert!(find(&world, Service::Iam, &id, None).is_ok());
    assert_eq!(world.account.credentials("robot").map(|(id, _)| id), Some(id.clone()));
    world.good("DeleteAccessKey", json!({ "UserName": "Robot", "AccessKeyId": id }));
    assert_eq!(find(&world, Service::Iam, &id, None).unwrap_err(), unknown(Service::Iam));
}

#[test]
fn a_session_ends_and_goes_with_its_role() {
    let mut world = World::furnished();
    let role_id = world.account.state.roles["puller"].identity.id.clone();
    let of = Principal::Session {
        role_id,
        role: "Puller".into(),
        session: "session".into(),
        policy: None,
    };
    let end = world.now.checked_add(SignedDuration::from_secs(900)).unwrap();
    let key = Key {
        secret: "secret".into(),
        of: of.clone(),
        created: world.now,
        status: Spread::settled(Some("Active")),
        session: Some(("token".into(), end)),
        last_used: None,
    };
    world.account.state.keys.insert("ASIA1".to_owned(), key);
    let find = |world: &World, service, token| {
        world.account.key(world.now, service, "ASIA1", token).map_err(|r| (r.code, r.status))
    };
    assert_eq!(find(&world, Service::Iam, Some("token")).unwrap().1, of);
    for wrong in [None, Some("other")] {
        let refusal = find(&world, Service::Iam, wrong).unwrap_err();
        assert_eq!(refusal, ("InvalidClientTokenId", 403));
    }
    world.account.note_use(world.now, Service::Ecr, "ASIA1", "us-east-2");
    let role = world.good("GetRole", json!({ "RoleName": "Puller" }));
    assert_eq!(
        role["Role"]["RoleLastUsed"],
        json!({ "LastUsedDate": "2026-11-23T10:00:00Z", "Region": "us-east-2" })
    );
    let start = world.now;
    world.wait(900);
    assert_eq!(find(&world, Service::Sts, Some("token")).unwrap_err(), ("ExpiredToken", 403));
    assert_eq!(
        find(&world, Service::Ecr, Some("token")).unwrap_err(),
        ("ExpiredTokenException", 400)
    );
    world.now = start;
    world.good("DeleteRole", json!({ "RoleName": "Puller" }));
    assert_eq!(
        find(&world, Service::Ecr, Some("token")).unwrap_err(),
        ("UnrecognizedClientException", 400)
    );
}
