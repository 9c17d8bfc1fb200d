//! Groups, and passwords of users.

use super::*;

/// With the user `Robot` in the group `Pullers`, which may read.
fn grouped() -> World {
    let mut world = World::furnished();
    for (action, input) in [
        ("CreateGroup", json!({ "GroupName": "Pullers", "Path": "/okteto/" })),
        ("AttachGroupPolicy", json!({ "GroupName": "Pullers", "PolicyArn": READ_ONLY })),
        (
            "PutGroupPolicy",
            json!({ "GroupName": "Pullers", "PolicyName": "p", "PolicyDocument": PULL }),
        ),
        ("AddUserToGroup", json!({ "GroupName": "pullers", "UserName": "robot" })),
        ("AddUserToGroup", json!({ "GroupName": "Pullers", "UserName": "Robot" })),
    ] {
        world.good(action, input);
    }
    world
}

#[test]
fn a_group_is_shown_with_its_policies_and_its_users() {
    let mut world = grouped();
    let named = json!({ "GroupName": "PULLERS" });
    let group = world.good("GetGroup", named.clone());
    assert_eq!(group["Group"]["Arn"], "arn:aws:iam::112233445566:group/okteto/Pullers");
    assert_eq!(group["Users"][0]["UserName"], "Robot");
    assert_eq!(group["Users"].as_array().unwrap().len(), 1);
    let listed = world.good("ListGroups", json!({}));
    assert_eq!(listed["Groups"][0], group["Group"]);
    let of_user = world.good("ListGroupsForUser", json!({ "UserName": "Robot" }));
    assert_eq!(of_user["Groups"], listed["Groups"]);
    let attached = world.good("ListAttachedGroupPolicies", named.clone());
    assert_eq!(attached["AttachedPolicies"][0]["PolicyArn"], READ_ONLY);
    assert_eq!(world.good("ListGroupPolicies", named)["PolicyNames"], json!(["p"]));
    let inline = json!({ "GroupName": "Pullers", "PolicyName": "p" });
    let document = world.good("GetGroupPolicy", inline)["PolicyDocument"].clone();
    let document = percent_decode_str(document.as_str().unwrap()).decode_utf8().unwrap();
    assert_eq!(document, PULL);
    let details = world.good("GetAccountAuthorizationDetails", json!({ "Filter": ["Group"] }));
    assert_eq!(details["UserDetailList"], json!([]));
    let group = &details["GroupDetailList"][0];
    assert_eq!(group["GroupName"], "Pullers");
    assert_eq!(group["GroupPolicyList"][0]["PolicyName"], "p");
    assert_eq!(group["AttachedManagedPolicies"][0]["PolicyArn"], READ_ONLY);
    assert_eq!((group.get("Tags"), group.get("GroupList")), (None, None));
    let details = world.good("GetAccountAuthorizationDetails", json!({ "Filter": ["User"] }));
    assert_eq!(details["UserDetailList"][0]["GroupList"], json!(["Pullers"]));
    let of_policy = world.good("ListEntitiesForPolicy", json!({ "PolicyArn": READ_ONLY }));
    assert_eq!(of_policy["PolicyGroups"][0]["GroupName"], "Pullers");
    assert_eq!(world.good("GetAccountSummary", json!({}))["SummaryMap"]["Groups"], 1);
}

#[test]
fn what_its_groups_may_do_a_user_may() {
    let mut world = grouped();
    let ask = |world: &World| Ask {
        service: Service::Ecr,
        region: "us-east-2".to_owned(),
        caller: Some(Principal::User("Robot".to_owned())),
        ..world.ask("GetAuthorizationToken", json!({}))
    };
    let first = ask(&world);
    world.account.call(&first).unwrap();
    world.good("RemoveUserFromGroup", json!({ "GroupName": "Pullers", "UserName": "Robot" }));
    let after = ask(&world);
    assert_eq!(world.account.call(&after).unwrap_err().code, "AccessDeniedException");
}

#[test]
fn a_user_has_a_password_or_none() {
    let mut world = World::furnished();
    let robot = json!({ "UserName": "Robot" });
    assert_eq!(world.bad("GetLoginProfile", robot.clone()).code, "NoSuchEntity");
    assert_eq!(world.bad("DeleteLoginProfile", robot.clone()).code, "NoSuchEntity");
    let with = |password: &str| json!({ "UserName": "Robot", "Password": password });
    assert_eq!(
        world.bad("CreateLoginProfile", with("short")).message,
        "Password should have a minimum length of 8"
    );
    let made = world.good("CreateLoginProfile", with("Long-enough-1"));
    assert_eq!(made["LoginProfile"]["UserName"], "Robot");
    assert_eq!(made["LoginProfile"].get("Password"), None);
    assert_eq!(world.bad("CreateLoginProfile", with("Long-enough-1")).code, "EntityAlreadyExists");
    assert_eq!(world.good("GetLoginProfile", robot.clone()), made);
    let left = world.bad("DeleteUser", robot.clone());
    assert_eq!(left.message, "Cannot delete entity, must delete login profile first.");
    world.good("DeleteLoginProfile", robot.clone());
    world.good("DeleteUser", robot);
}

#[test]
fn groups_have_names_quotas_and_an_order_of_taking_down() {
    let mut world = grouped();
    let group = json!({ "GroupName": "Pullers" });
    for (action, input, code, message) in [
        (
            "CreateGroup",
            json!({ "GroupName": "pullers" }),
            "EntityAlreadyExists",
            "Group with name pullers already exists.",
        ),
        ("CreateGroup", json!({ "GroupName": "a b" }), "ValidationError", "at 'groupName'"),
        ("CreateGroup", json!({}), "ValidationError", "Value null at 'groupName'"),
        (
            "GetGroup",
            json!({ "GroupName": "none" }),
            "NoSuchEntity",
            "The group with name none cannot be found.",
        ),
        (
            "ListGroupPolicies",
            json!({ "GroupName": "none" }),
            "NoSuchEntity",
            "The group with name none cannot be found.",
        ),
        (
            "GetGroupPolicy",
            json!({ "GroupName": "Pullers", "PolicyName": "q" }),
            "NoSuchEntity",
            "The group policy with name q cannot be found.",
        ),
        (
            "PutGroupPolicy",
            json!({ "GroupName": "Pullers", "PolicyName": "q", "PolicyDocument": long(5120) }),
            "LimitExceeded",
            "Maximum policy size of 5120 bytes exceeded for group Pullers",
        ),
        (
            "AddUserToGroup",
            json!({ "GroupName": "Pullers", "UserName": "none" }),
            "NoSuchEntity",
            "The user with name none cannot be found.",
        ),
        (
            "DeleteUser",
            json!({ "UserName": "Robot" }),
            "DeleteConflict",
            "Cannot delete entity, must remove users from group first.",
        ),
        (
            "DeleteGroup",
            group.clone(),
            "DeleteConflict",
            "Cannot delete entity, must remove users from group first.",
        ),
    ] {
        let refusal = world.bad(action, input.clone());
        assert_eq!(refusal.code, code, "{action} {input}: {refusal}");
        assert!(refusal.message.contains(message), "{action} {input}: {refusal}");
    }
    world.good("RemoveUserFromGroup", json!({ "GroupName": "Pullers", "UserName": "Robot" }));
    for left in ["must detach all policies first.", "must delete policies first."] {
        assert_eq!(
            world.bad("DeleteGroup", group.clone()).message,
            format!("Cannot delete entity, {left}")
        );
        if left.contains("detach") {
            let attached = json!({ "GroupName": "Pullers", "PolicyArn": READ_ONLY });
            world.good("DetachGroupPolicy", attached);
        } else {
            let inline = json!({ "GroupName": "Pullers", "PolicyName": "p" });
            world.good("DeleteGroupPolicy", inline);
        }
    }
    world.good("DeleteGroup", group);
    for number in 0..=10 {
        let name = format!("g{number}");
        world.good("CreateGroup", json!({ "GroupName": name }));
        let adding = json!({ "GroupName": name, "UserName": "Robot" });
        if number < 10 {
            world.good("AddUserToGroup", adding);
        } else {
            let full = world.bad("AddUserToGroup", adding);
            assert_eq!(full.message, "Cannot exceed quota for GroupsPerUser: 10");
        }
    }
}
