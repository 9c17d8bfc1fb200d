mod group;
mod key;
mod large;
mod refusal;
mod spreading;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::practice::account::difficulty::Kind;
use crate::practice::account::input::Input;
use crate::practice::account::refusal::Refusal;
use crate::practice::account::{Account, Ask, Principal, Service};
use crate::practice::scene::Scene;

const PROVIDER: &str = "arn:aws:iam::112233445566:oidc-provider/issuer.example.com/a";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";
const OWN: &str = "arn:aws:iam::112233445566:policy/own";
const PULL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"}]}"#;

/// An account and its time.
struct World {
    account: Account,
    now: Timestamp,
}

impl World {
    fn new() -> Self {
        Self::slow(&[])
    }

    /// With these kinds of change taking a minute.
    fn slow(kinds: &[Kind]) -> Self {
        let mut scene = Scene::default();
        let minute = Duration::from_mins(1);
        scene.difficulty.spread = kinds.iter().map(|kind| (*kind, (minute, minute))).collect();
        Self { account: Account::new(&scene), now: "2026-11-23T10:00:00Z".parse().unwrap() }
    }

    /// With a provider, a role, a user and a policy.
    fn furnished() -> Self {
        let mut world = Self::new();
        world.provide();
        for (action, input) in [
            (
                "CreateRole",
                json!({ "RoleName": "Puller", "Path": "/okteto/", "AssumeRolePolicyDocument": trust() }),
            ),
            ("CreateUser", json!({ "UserName": "Robot" })),
            ("CreatePolicy", json!({ "PolicyName": "own", "PolicyDocument": PULL })),
        ] {
            world.good(action, input);
        }
        world
    }

    fn ask(&self, action: &str, input: Value) -> Ask {
        Ask {
            now: self.now,
            service: Service::Iam,
            action: action.to_owned(),
            region: "us-east-1".to_owned(),
            caller: Some(Principal::User("trainee".to_owned())),
            input: Input::from_json(input),
        }
    }

    fn call(&mut self, action: &str, input: Value) -> Result<Value, Refusal> {
        let ask = self.ask(action, input);
        self.account.call(&ask)
    }

    fn good(&mut self, action: &str, input: Value) -> Value {
        self.call(action, input).unwrap_or_else(|refusal| panic!("{action}: {refusal}"))
    }

    fn bad(&mut self, action: &str, input: Value) -> Refusal {
        match self.call(action, input) {
            Err(refusal) => refusal,
            Ok(answer) => panic!("{action} went well: {answer}"),
        }
    }

    /// Makes the provider that [`trust`] names.
    fn provide(&mut self) {
        let url = "https://issuer.example.com/a";
        self.good("CreateOpenIDConnectProvider", json!({ "Url": url, "ClientIDList": ["okteto"] }));
    }

    fn wait(&mut self, seconds: i64) {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }
}

fn trust() -> String {
    let statement = json!({
        "Effect": "Allow",
        "Principal": { "Federated": PROVIDER },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": { "StringEquals": { "issuer.example.com/a:aud": "okteto" } },
    });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// A trust policy that names an AWS principal.
fn trusting(principal: &str) -> String {
    let statement =
        json!({ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": "sts:AssumeRole" });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// A policy of about so many characters, white space not counted.
fn long(characters: usize) -> String {
    let resource =
        format!("arn:aws:ecr:us-east-2:112233445566:repository/{}", "a".repeat(characters));
    let statement =
        json!({ "Effect": "Allow", "Action": "ecr:BatchGetImage", "Resource": resource });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

fn tags(count: usize) -> Value {
    (0..count).map(|n| json!({ "Key": format!("k{n}"), "Value": "v" })).collect()
}

#[test]
fn the_name_of_a_provider_is_its_url_without_scheme_and_standard_port() {
    for (url, name) in [
        (
            "https://container.googleapis.com/v1/projects/P/locations/L/clusters/C",
            Some("container.googleapis.com/v1/projects/P/locations/L/clusters/C"),
        ),
        ("https://auth.example.com/", Some("auth.example.com/")),
        ("https://auth.example.com:443", Some("auth.example.com")),
        ("https://auth.example.com:8443/a", None),
        ("https://Auth.example.com/A", Some("Auth.example.com/A")),
        ("http://auth.example.com", None),
        ("HTTPS://auth.example.com", None),
        ("auth.example.com", None),
        ("https://", None),
        ("https:///a", None),
        ("https://auth.example.com/a?b=c", None),
        ("https://auth.example.com/a#b", None),
        ("https://me@auth.example.com/", None),
        ("https://auth..example.com/", None),
        ("https://auth.example.com/a b", None),
        ("https://auth.exämple.com/", None),
    ] {
        let mut world = World::new();
        let answer = world.call("CreateOpenIDConnectProvider", json!({ "Url": url }));
        let Some(name) = name else {
            let refusal = answer.unwrap_err();
            assert_eq!(refusal.code, "ValidationError", "{url}");
            assert_eq!(refusal.message, "Invalid Open ID Connect Provider URL");
            continue;
        };
        let arn = format!("arn:aws:iam::112233445566:oidc-provider/{name}");
        assert_eq!(answer.unwrap(), json!({ "OpenIDConnectProviderArn": arn }), "{url}");
        let provider =
            world.good("GetOpenIDConnectProvider", json!({ "OpenIDConnectProviderArn": arn }));
        assert_eq!(provider["Url"], name);
        assert_eq!(provider["CreateDate"], "2026-11-23T10:00:00Z");
        let print = provider["ThumbprintList"][0].as_str().unwrap();
        assert_eq!(print.len(), 40, "made up, as none was given");
    }
}

#[test]
fn audiences_are_added_and_removed_as_often_as_one_likes() {
    let mut world = World::furnished();
    let client = |id: &str| json!({ "OpenIDConnectProviderArn": PROVIDER, "ClientID": id });
    let get = json!({ "OpenIDConnectProviderArn": PROVIDER });
    for action in ["AddClientIDToOpenIDConnectProvider"; 2] {
        world.good(action, client("second"));
        let provider = world.good("GetOpenIDConnectProvider", get.clone());
        assert_eq!(provider["ClientIDList"], json!(["okteto", "second"]));
    }
    for action in ["RemoveClientIDFromOpenIDConnectProvider"; 2] {
        world.good(action, client("okteto"));
        let provider = world.good("GetOpenIDConnectProvider", get.clone());
        assert_eq!(provider["ClientIDList"], json!(["second"]));
    }
    for n in 1..100 {
        world.good("AddClientIDToOpenIDConnectProvider", client(&format!("client-{n}")));
    }
    let refusal = world.bad("AddClientIDToOpenIDConnectProvider", client("one-more"));
    assert_eq!(refusal.code, "LimitExceeded");
    for _ in 0..2 {
        world.good("DeleteOpenIDConnectProvider", get.clone());
        assert_eq!(world.bad("GetOpenIDConnectProvider", get.clone()).code, "NoSuchEntity");
    }
    assert_eq!(
        world.good("ListOpenIDConnectProviders", json!({})),
        json!({ "OpenIDConnectProviderList": [] })
    );
}

#[test]
fn documents_come_back_percent_encoded_and_whole() {
    let mut world = World::furnished();
    let document = PULL.replace("ecr:GetAuthorizationToken", "ecr:Get*").replace(',', ",\r\n\t ");
    let put = json!({ "RoleName": "Puller", "PolicyName": "p", "PolicyDocument": document });
    world.good("PutRolePolicy", put);
    let answer = world.good("GetRolePolicy", json!({ "RoleName": "puller", "PolicyName": "p" }));
    let encoded = answer["PolicyDocument"].as_str().unwrap();
    assert!(
        encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)),
        "{encoded}"
    );
    assert_eq!(percent_decode_str(encoded).decode_utf8().unwrap(), document);
    assert_eq!(answer["RoleName"], "Puller", "as it was made, however it is asked for");
    let role = world.good("GetRole", json!({ "RoleName": "Puller" }));
    let encoded = role["Role"]["AssumeRolePolicyDocument"].as_str().unwrap();
    assert_eq!(percent_decode_str(encoded).decode_utf8().unwrap(), trust());
}

#[test]
fn a_role_is_shown_as_get_and_list_show_it() {
    let mut world = World::new();
    world.provide();
    let input = json!({
        "RoleName": "Puller", "Path": "/okteto/", "AssumeRolePolicyDocument": trust(),
        "Description": "pulls", "MaxSessionDuration": "7200", "PermissionsBoundary": READ_ONLY,
        "Tags": [{ "Key": "owner", "Value": "" }],
    });
    let made = world.good("CreateRole", input);
    let arn = "arn:aws:iam::112233445566:role/okteto/Puller";
    assert_eq!(made["Role"]["Arn"], arn);
    let id = made["Role"]["RoleId"].as_str().unwrap();
    assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
    let got = world.good("GetRole", json!({ "RoleName": "PULLER" }));
    let role = &got["Role"];
    assert_eq!(role["Arn"], arn);
    assert_eq!(role["MaxSessionDuration"], 7200);
    assert_eq!(role["Description"], "pulls");
    assert_eq!(role["Tags"], json!([{ "Key": "owner", "Value": "" }]));
    assert_eq!(role["PermissionsBoundary"]["PermissionsBoundaryArn"], READ_ONLY);
    assert_eq!(role["RoleLastUsed"], json!({}));
    let listed = world.good("ListRoles", json!({ "PathPrefix": "/okteto/" }));
    let listed = listed["Roles"][0].as_object().unwrap();
    assert_eq!(listed["MaxSessionDuration"], 7200);
    for left_out in ["PermissionsBoundary", "RoleLastUsed", "Tags"] {
        assert!(!listed.contains_key(left_out), "{left_out}");
    }
    let elsewhere = world.good("ListRoles", json!({ "PathPrefix": "/other/" }));
    assert_eq!(elsewhere, json!({ "Roles": [], "IsTruncated": false }));
    // A duration that is not given is one hour again.
    assert_eq!(world.good("UpdateRole", json!({ "RoleName": "Puller" })), json!({}));
    let got = world.good("GetRole", json!({ "RoleName": "Puller" }));
    assert_eq!(got["Role"]["MaxSessionDuration"], 3600);
    assert_eq!(got["Role"]["Description"], "pulls");
    world.good("UpdateRole", json!({ "RoleName": "Puller", "Description": "" }));
    let got = world.good("GetRole", json!({ "RoleName": "Puller" }));
    assert_eq!(got["Role"].get("Description"), None);
    world.good("DeleteRolePermissionsBoundary", json!({ "RoleName": "Puller" }));
    let got = world.good("GetRole", json!({ "RoleName": "Puller" }));
    assert_eq!(got["Role"].get("PermissionsBoundary"), None);
}

#[test]
fn pages_hold_what_was_asked_for_and_skip_nothing() {
    let mut world = World::new();
    world.provide();
    for n in 0..250 {
        world.good(
            "CreateRole",
            json!({ "RoleName": format!("Role-{n:03}"), "AssumeRolePolicyDocument": trust() }),
        );
    }
    for (most, sizes) in [
        (Some(100), vec![100, 100, 50]),
        (None, vec![100, 100, 50]),
        (Some(250), vec![250]),
        (Some(249), vec![249, 1]),
    ] {
        let mut seen = Vec::new();
        let mut found = Vec::new();
        let mut input = json!({});
        if let Some(most) = most {
            input["MaxItems"] = json!(most.to_string());
        }
        loop {
            let page = world.good("ListRoles", input.clone());
            let roles = page["Roles"].as_array().unwrap();
            found.push(roles.len());
            seen.extend(roles.iter().map(|role| role["RoleName"].as_str().unwrap().to_owned()));
            assert_eq!(page["IsTruncated"] == true, page.get("Marker").is_some());
            let Some(marker) = page.get("Marker") else { break };
            input["Marker"] = marker.clone();
        }
        assert_eq!(found, sizes);
        assert_eq!(seen, (0..250).map(|n| format!("Role-{n:03}")).collect::<Vec<_>>());
    }
    // However long the ARN.
    let path = format!("/{}/", "p".repeat(510));
    for n in 0..2 {
        let made = world.good(
            "CreatePolicy",
            json!({ "PolicyName": format!("{}{n}", "n".repeat(127)), "Path": path, "PolicyDocument": PULL }),
        );
        let arn = &made["Policy"]["Arn"];
        world.good("AttachRolePolicy", json!({ "RoleName": "Role-000", "PolicyArn": arn }));
    }
    let mut input = json!({ "RoleName": "Role-000", "MaxItems": 1 });
    input["Marker"] = world.good("ListAttachedRolePolicies", input.clone())["Marker"].clone();
    let last = world.good("ListAttachedRolePolicies", input);
    assert_eq!(last["AttachedPolicies"].as_array().map(Vec::len), Some(1));
    assert_eq!(last["IsTruncated"], false);
    // What goes between two pages takes nothing with it.
    let first = world.good("ListRoles", json!({ "MaxItems": 100 }));
    world.good("DeleteRole", json!({ "RoleName": "Role-099" }));
    let second = world.good("ListRoles", json!({ "MaxItems": 1, "Marker": first["Marker"] }));
    assert_eq!(second["Roles"][0]["RoleName"], "Role-100");
}

#[test]
fn what_has_policies_or_keys_is_not_deleted() {
    let mut world = World::furnished();
    for (kind, name) in [("Role", "Puller"), ("User", "Robot")] {
        let who = |mut input: Value| {
            input[format!("{kind}Name")] = json!(name);
            input
        };
        world.good(&format!("Attach{kind}Policy"), who(json!({ "PolicyArn": OWN })));
        world.good(
            &format!("Put{kind}Policy"),
            who(json!({ "PolicyName": "p", "PolicyDocument": PULL })),
        );
        let in_use = world.bad("DeletePolicy", json!({ "PolicyArn": OWN }));
        assert_eq!(in_use.message, "Cannot delete a policy attached to entities.");
        for (message, undo, input) in [
            ("must detach all policies first.", "Detach", json!({ "PolicyArn": OWN })),
            ("must delete policies first.", "Delete", json!({ "PolicyName": "p" })),
        ] {
            let refusal = world.bad(&format!("Delete{kind}"), who(json!({})));
            assert_eq!((refusal.code, refusal.status), ("DeleteConflict", 409));
            assert_eq!(refusal.message, format!("Cannot delete entity, {message}"));
            world.good(&format!("{undo}{kind}Policy"), who(input));
        }
    }
    let key = world.good("CreateAccessKey", json!({ "UserName": "Robot" }));
    let refusal = world.bad("DeleteUser", json!({ "UserName": "Robot" }));
    assert_eq!(refusal.message, "Cannot delete entity, must delete access keys first.");
    let id = &key["AccessKey"]["AccessKeyId"];
    world.good("DeleteAccessKey", json!({ "UserName": "Robot", "AccessKeyId": id }));
    world.good("DeleteUser", json!({ "UserName": "robot" }));
    world.good("DeleteRole", json!({ "RoleName": "puller" }));
    world.good("DeletePolicy", json!({ "PolicyArn": OWN }));
    assert_eq!(world.bad("GetRole", json!({ "RoleName": "Puller" })).code, "NoSuchEntity");
}

#[test]
fn ten_policies_can_be_attached_and_one_of_them_twice() {
    let mut world = World::furnished();
    for n in 0..11 {
        world
            .good("CreatePolicy", json!({ "PolicyName": format!("p{n}"), "PolicyDocument": PULL }));
    }
    let arn = |n: usize| format!("arn:aws:iam::112233445566:policy/p{n}");
    for n in 0..10 {
        world.good("AttachRolePolicy", json!({ "RoleName": "Puller", "PolicyArn": arn(n) }));
    }
    world.good("AttachRolePolicy", json!({ "RoleName": "Puller", "PolicyArn": arn(0) }));
    let refusal =
        world.bad("AttachRolePolicy", json!({ "RoleName": "Puller", "PolicyArn": arn(10) }));
    assert_eq!(refusal.message, "Cannot exceed quota for PoliciesPerRole: 10");
    let listed = world.good("ListAttachedRolePolicies", json!({ "RoleName": "Puller" }));
    assert_eq!(listed["AttachedPolicies"].as_array().unwrap().len(), 10);
    assert_eq!(listed["AttachedPolicies"][9], json!({ "PolicyName": "p9", "PolicyArn": arn(9) }));
    let entities = world.good("ListEntitiesForPolicy", json!({ "PolicyArn": arn(3) }));
    assert_eq!(entities["PolicyRoles"][0]["RoleName"], "Puller");
    assert_eq!(entities["PolicyUsers"], json!([]));
}

#[test]
fn a_policy_keeps_five_versions_and_never_uses_a_number_again() {
    let mut world = World::furnished();
    let new = |default: bool| json!({ "PolicyArn": OWN, "PolicyDocument": PULL, "SetAsDefault": default });
    for n in 2..=5 {
        let made = world.good("CreatePolicyVersion", new(n == 3));
        assert_eq!(made["PolicyVersion"]["VersionId"], format!("v{n}"));
    }
    let refusal = world.bad("CreatePolicyVersion", new(false));
    assert_eq!(refusal.code, "LimitExceeded");
    world.good("DeletePolicyVersion", json!({ "PolicyArn": OWN, "VersionId": "v5" }));
    assert_eq!(world.good("CreatePolicyVersion", new(false))["PolicyVersion"]["VersionId"], "v6");
    assert_eq!(
        world.good("GetPolicy", json!({ "PolicyArn": OWN }))["Policy"]["DefaultVersionId"],
        "v3"
    );
    world.good("SetDefaultPolicyVersion", json!({ "PolicyArn": OWN, "VersionId": "v1" }));
    let versions = world.good("ListPolicyVersions", json!({ "PolicyArn": OWN }));
    let ids: Vec<&str> = versions["Versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["VersionId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["v6", "v4", "v3", "v2", "v1"]);
    assert_eq!(versions["Versions"][4]["IsDefaultVersion"], true);
    let refusal = world.bad("DeletePolicy", json!({ "PolicyArn": OWN }));
    assert!(refusal.message.starts_with("This policy has more than one version."), "{refusal}");
}

#[test]
fn awss_own_policies_are_there_and_are_listed_by_scope() {
    let mut world = World::furnished();
    let policy = world.good("GetPolicy", json!({ "PolicyArn": READ_ONLY }));
    assert_eq!(policy["Policy"]["DefaultVersionId"], "v3");
    assert_eq!(policy["Policy"]["UpdateDate"], "2019-12-10T20:56:32Z");
    let version =
        world.good("GetPolicyVersion", json!({ "PolicyArn": READ_ONLY, "VersionId": "v3" }));
    let text = version["PolicyVersion"]["Document"].as_str().unwrap();
    let text = percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["Statement"][0]["Action"].as_array().unwrap().len(), 12);
    let mut names = |input: Value| -> Vec<String> {
        let listed = world.good("ListPolicies", input);
        let names = listed["Policies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["PolicyName"].as_str().unwrap().to_owned());
        names.collect()
    };
    assert_eq!(names(json!({ "Scope": "Local" })), ["own"]);
    assert_eq!(names(json!({ "Scope": "AWS" })).len(), 7);
    assert_eq!(names(json!({ "OnlyAttached": "true" })), ["AdministratorAccess"]);
}

#[test]
fn tags_are_written_over_and_counted() {
    let mut world = World::furnished();
    let tag = |tags: Value| json!({ "PolicyArn": OWN, "Tags": tags });
    world.good("TagPolicy", tag(tags(50)));
    world.good("TagPolicy", tag(json!([{ "Key": "K7", "Value": "new" }])));
    let refusal = world.bad("TagPolicy", tag(json!([{ "Key": "more", "Value": "" }])));
    assert_eq!(refusal.message, "The number of tags has reached the maximum limit.");
    world.good("UntagPolicy", json!({ "PolicyArn": OWN, "TagKeys": ["k7", "k8", "none"] }));
    let listed = world.good("ListPolicyTags", json!({ "PolicyArn": OWN, "MaxItems": "40" }));
    assert_eq!(listed["Tags"].as_array().unwrap().len(), 40);
    let rest =
        world.good("ListPolicyTags", json!({ "PolicyArn": OWN, "Marker": listed["Marker"] }));
    assert_eq!(rest["Tags"].as_array().unwrap().len(), 8);
}

#[test]
fn details_have_everything_and_are_filtered_and_paged() {
    let mut world = World::furnished();
    world.good("AttachRolePolicy", json!({ "RoleName": "Puller", "PolicyArn": READ_ONLY }));
    world.good(
        "PutRolePolicy",
        json!({ "RoleName": "Puller", "PolicyName": "p", "PolicyDocument": PULL }),
    );
    let all = world.good("GetAccountAuthorizationDetails", json!({}));
    assert_eq!(all["UserDetailList"].as_array().unwrap().len(), 2);
    let role = &all["RoleDetailList"][0];
    assert_eq!(role["AttachedManagedPolicies"][0]["PolicyArn"], READ_ONLY);
    assert_eq!(role["RolePolicyList"][0]["PolicyName"], "p");
    for left_out in ["MaxSessionDuration", "Description"] {
        assert_eq!(role.get(left_out), None, "{left_out}");
    }
    let names = |details: &Value| -> Vec<String> {
        let policies = details["Policies"].as_array().unwrap().iter();
        policies.map(|policy| policy["PolicyName"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&all), ["own", "AdministratorAccess", "AmazonEC2ContainerRegistryReadOnly"]);
    let filter = json!({ "Filter": ["Role", "LocalManagedPolicy"], "MaxItems": "1" });
    let first = world.good("GetAccountAuthorizationDetails", filter.clone());
    assert_eq!(first["UserDetailList"], json!([]));
    assert_eq!((first["RoleDetailList"].as_array().unwrap().len(), names(&first).len()), (1, 0));
    assert_eq!(first["IsTruncated"], true);
    let mut next = filter;
    next["Marker"] = first["Marker"].clone();
    let second = world.good("GetAccountAuthorizationDetails", next);
    assert_eq!(names(&second), ["own"]);
    assert_eq!(second["IsTruncated"], false);
    let summary = world.good("GetAccountSummary", json!({}));
    assert_eq!(summary["SummaryMap"]["Roles"], 1);
    assert_eq!(summary["SummaryMap"]["AssumeRolePolicySizeQuota"], 2048);
    assert_eq!(summary["SummaryMap"]["AccountAccessKeysPresent"], 0);
}

#[test]
fn what_a_caller_needs_names_the_resource_and_what_is_asked_of_it() {
    let mut world = World::furnished();
    let needs = |world: &World, action: &str, input: Value| -> Vec<(String, String, Vec<String>)> {
        let found = super::ACTIONS.iter().flat_map(|list| list.iter()).find(|a| a.name == action);
        let needs = (found.unwrap().needs)(&world.account, &world.ask(action, input)).unwrap();
        let context = |pairs: Vec<(String, Vec<String>)>| {
            pairs.into_iter().map(|(key, values)| format!("{key}={}", values.join(","))).collect()
        };
        needs.into_iter().map(|need| (need.action, need.resource, context(need.context))).collect()
    };
    let one = |action: &str, resource: &str, context: &[&str]| {
        let context = context.iter().map(|&text| text.to_owned()).collect();
        (format!("iam:{action}"), resource.to_owned(), context)
    };
    let role = "arn:aws:iam::112233445566:role/okteto/Puller";
    assert_eq!(needs(&world, "ListRoles", json!({})), [one("ListRoles", "*", &[])]);
    assert_eq!(
        needs(&world, "GetRole", json!({ "RoleName": "puller" })),
        [one("GetRole", role, &[])]
    );
    assert_eq!(
        needs(&world, "GetRole", json!({ "RoleName": "none" })),
        [one("GetRole", "arn:aws:iam::112233445566:role/none", &[])]
    );
    let pairs = [format!("iam:PolicyARN={READ_ONLY}")];
    assert_eq!(
        needs(&world, "AttachRolePolicy", json!({ "RoleName": "Puller", "PolicyArn": READ_ONLY })),
        [one("AttachRolePolicy", role, &[&pairs[0]])]
    );
    let new = "arn:aws:iam::112233445566:role/a/New";
    let boundary = format!("iam:PermissionsBoundary={OWN}");
    let context: &[&str] = &[&boundary, "aws:RequestTag/owner=me", "aws:TagKeys=owner"];
    assert_eq!(
        needs(
            &world,
            "CreateRole",
            json!({
                "RoleName": "New", "Path": "/a/", "AssumeRolePolicyDocument": trust(),
                "PermissionsBoundary": OWN, "Tags": [{ "Key": "owner", "Value": "me" }],
            })
        ),
        [one("CreateRole", new, context), one("TagRole", new, context)]
    );
    assert_eq!(
        needs(&world, "CreateOpenIDConnectProvider", json!({ "Url": "https://b.example.com/" })),
        [one(
            "CreateOpenIDConnectProvider",
            "arn:aws:iam::112233445566:oidc-provider/b.example.com/",
            &[]
        )]
    );
    assert_eq!(
        needs(&world, "UntagUser", json!({ "UserName": "Robot", "TagKeys": ["a", "b"] })),
        [one("UntagUser", "arn:aws:iam::112233445566:user/Robot", &["aws:TagKeys=a,b"])]
    );
    // Only what changes permissions is asked for the boundary that is set.
    world.good(
        "PutRolePermissionsBoundary",
        json!({ "RoleName": "Puller", "PermissionsBoundary": OWN }),
    );
    assert_eq!(
        needs(&world, "GetRole", json!({ "RoleName": "Puller" })),
        [one("GetRole", role, &[])]
    );
    assert_eq!(
        needs(&world, "DeleteRolePolicy", json!({ "RoleName": "Puller", "PolicyName": "p" })),
        [one("DeleteRolePolicy", role, &[&boundary])]
    );
    assert_eq!(
        needs(&world, "CreateAccessKey", json!({})),
        [one("CreateAccessKey", "arn:aws:iam::112233445566:user/trainee", &[])]
    );
}
