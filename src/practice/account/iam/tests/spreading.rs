use super::*;

#[test]
fn the_data_planes_see_a_change_when_it_has_spread() {
    use Kind::{Permissions, Provider, Role, Trust};
    let mut world = World::slow(&[Role, Trust, Permissions, Provider]);
    world.provide();
    world.good("CreateRole", json!({ "RoleName": "Puller", "AssumeRolePolicyDocument": trust() }));
    world.good("GetRole", json!({ "RoleName": "Puller" }));
    let role = |world: &World| world.account.state.roles["puller"].clone();
    let audiences = |world: &World| {
        let seen = world.account.state.providers[PROVIDER].audiences.seen(world.now);
        seen.cloned()
    };
    assert_eq!(role(&world).there.seen(world.now), None);
    assert_eq!(audiences(&world), None);
    world.wait(60);
    assert_eq!(role(&world).there.seen(world.now), Some(&true));
    assert_eq!(audiences(&world), Some(vec!["okteto".to_owned()]));
    let new = trust().replace("okteto", "second");
    world.good("UpdateAssumeRolePolicy", json!({ "RoleName": "Puller", "PolicyDocument": new }));
    world.good(
        "AddClientIDToOpenIDConnectProvider",
        json!({ "OpenIDConnectProviderArn": PROVIDER, "ClientID": "second" }),
    );
    world.good("AttachRolePolicy", json!({ "RoleName": "Puller", "PolicyArn": READ_ONLY }));
    world.good(
        "PutRolePolicy",
        json!({ "RoleName": "Puller", "PolicyName": "p", "PolicyDocument": PULL }),
    );
    world.good(
        "PutRolePermissionsBoundary",
        json!({ "RoleName": "Puller", "PermissionsBoundary": READ_ONLY }),
    );
    let of = Principal::Session {
        role_id: role(&world).identity.id,
        role: "Puller".into(),
        session: "s".into(),
        policy: None,
    };
    let papers = world.account.state.papers(&of, world.now).unwrap();
    assert_eq!(papers.arn, "arn:aws:sts::112233445566:assumed-role/Puller/s");
    assert_eq!((papers.identity.len(), papers.boundary), (0, None));
    assert_eq!(role(&world).trust.seen(world.now), Some(&trust()));
    world.wait(59);
    assert_eq!(audiences(&world).map(|list| list.len()), Some(1));
    world.wait(1);
    assert_eq!(audiences(&world).map(|list| list.len()), Some(2));
    assert_eq!(role(&world).trust.seen(world.now), Some(&new));
    let papers = world.account.state.papers(&of, world.now).unwrap();
    assert_eq!(papers.identity.len(), 2);
    assert_eq!(papers.identity[0], PULL);
    assert!(papers.boundary.is_some_and(|text| text.contains("ecr:ListTagsForResource")));
    // A role made anew under the name is another role.
    world.good("DetachRolePolicy", json!({ "RoleName": "Puller", "PolicyArn": READ_ONLY }));
    world.good("DeleteRolePolicy", json!({ "RoleName": "Puller", "PolicyName": "p" }));
    world.good("DeleteRole", json!({ "RoleName": "Puller" }));
    assert!(world.account.state.papers(&of, world.now).is_none());
    world.good("CreateRole", json!({ "RoleName": "Puller", "AssumeRolePolicyDocument": trust() }));
    assert!(world.account.state.papers(&of, world.now).is_none());
}

#[test]
fn a_new_version_of_a_policy_spreads_as_well() {
    let mut world = World::slow(&[Kind::Permissions]);
    world.good("CreatePolicy", json!({ "PolicyName": "own", "PolicyDocument": PULL }));
    world.good("CreateUser", json!({ "UserName": "Robot" }));
    world.good("AttachUserPolicy", json!({ "UserName": "Robot", "PolicyArn": OWN }));
    world.wait(60);
    let other = PULL.replace("ecr:Get", "ecr:Put");
    let input = json!({ "PolicyArn": OWN, "PolicyDocument": other, "SetAsDefault": true });
    world.good("CreatePolicyVersion", input);
    let papers = |world: &World| {
        world.account.state.papers(&Principal::User("Robot".into()), world.now).unwrap().identity
    };
    assert_eq!(papers(&world), [PULL]);
    world.wait(60);
    assert_eq!(papers(&world), [other]);
}
