//! An account as large as AWS lets one become.

use std::time::Instant;

use super::*;

/// For one page of a thousand, in a build that is not optimised, on a machine that is busy elsewhere.
const PAGE: Duration = Duration::from_secs(2);

#[test]
fn ten_thousand_roles_are_given_in_pages_that_do_not_slow_down() {
    let scene = Scene { role_quota: 10_000, ..Scene::default() };
    let mut world = World { account: Account::new(&scene), ..World::new() };
    world.provide();
    let trust = trust();
    for number in 0..10_000 {
        let role = json!({
            "RoleName": format!("role-{number:05}"),
            "AssumeRolePolicyDocument": trust,
            "Tags": tags(5),
        });
        world.good("CreateRole", role);
    }
    for number in 0..1000 {
        let name = format!("policy-{number}");
        world.good("CreatePolicy", json!({ "PolicyName": name, "PolicyDocument": PULL }));
    }
    let refusal = world
        .bad("CreateRole", json!({ "RoleName": "one-more", "AssumeRolePolicyDocument": trust }));
    assert_eq!(refusal.message, "Cannot exceed quota for RolesPerAccount: 10000");
    for (action, lists, wanted) in [
        ("GetAccountAuthorizationDetails", &["RoleDetailList", "Policies"][..], 11_000_usize),
        ("ListRoles", &["Roles"], 10_000),
    ] {
        let mut input = json!({ "MaxItems": "1000" });
        if action != "ListRoles" {
            input["Filter"] = json!(["Role", "LocalManagedPolicy"]);
        }
        let (mut count, mut pages) = (0, 0);
        loop {
            let began = Instant::now();
            let page = world.good(action, input.clone());
            let took = began.elapsed();
            assert!(took < PAGE, "{action}, page {pages}: {took:?}");
            count += lists.iter().map(|list| page[list].as_array().unwrap().len()).sum::<usize>();
            pages += 1;
            if page["IsTruncated"] != true {
                break;
            }
            input["Marker"] = page["Marker"].clone();
        }
        assert_eq!((count, pages), (wanted, wanted.div_ceil(1000)), "{action}");
    }
}
