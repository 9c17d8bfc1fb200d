use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::super::difficulty::Kind;
use super::super::input::Input;
use super::super::refusal::Refusal;
use super::super::{Account, Ask, Principal, Service};
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
        let minute = Duration::from_secs(60);
        scene.difficulty.spread = kinds.iter().map(|kind| (*kind, (minute, minute))).collect();
        Self { account: Account::new(&scene), now: "2026-11-23T10:00:00Z".parse().unwrap() }
    }

    /// With a provider, a role, a user and a policy.
    fn furnished() -> Self {
        let mut world = Self::new();
        for (action, input) in [
            (
                "CreateOpenIDConnectProvider",
                json!({ "Url": "https://issuer.example.com/a", "ClientIDList": ["okteto"] }),
            ),
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
fn refusals_have_awss_code_status_and_message() {
    let wide = "a".repeat(65);
    let arn = |name: &str| format!("arn:aws:iam::112233445566:{name}");
    let too_many: Vec<String> = (0..101).map(|n| format!("client-{n}")).collect();
    let provider = |url: &str| json!({ "Url": url });
    let role = |name: &str| json!({ "RoleName": name, "AssumeRolePolicyDocument": trust() });
    let prints =
        |list: &[&str]| json!({ "OpenIDConnectProviderArn": PROVIDER, "ThumbprintList": list });
    let print = "0123456789abcdef0123456789ABCDEF01234567";
    let six: Vec<String> = (0..6).map(|n| print.replace('7', &n.to_string())).collect();
    let six: Vec<&str> = six.iter().map(String::as_str).collect();
    let tag = |tags: Value| json!({ "RoleName": "Puller", "Tags": tags });
    let table: Vec<(&str, Value, &str, u16, String)> = vec![
        ("NoSuchAction", json!({}), "InvalidAction", 400, "Could not find operation NoSuchAction".into()),
        // Providers.
        ("CreateOpenIDConnectProvider", provider("https://issuer.example.com/a"), "EntityAlreadyExists", 409,
            "Provider with url https://issuer.example.com/a already exists.".into()),
        ("CreateOpenIDConnectProvider", provider("https://issuer.example.com:443/a"), "EntityAlreadyExists", 409, String::new()),
        ("CreateOpenIDConnectProvider", provider(&format!("https://{}", "a".repeat(248))), "ValidationError", 400,
            "Member must have length less than or equal to 255".into()),
        ("CreateOpenIDConnectProvider", json!({}), "ValidationError", 400,
            "1 validation error detected: Value null at 'url' failed to satisfy constraint: Member must not be null".into()),
        ("CreateOpenIDConnectProvider", json!({ "Url": "https://b.example.com", "ClientIDList": too_many }), "LimitExceeded", 409,
            "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100".into()),
        ("UpdateOpenIDConnectProviderThumbprint", prints(&six), "InvalidInput", 400,
            "Thumbprint list must contain fewer than 5 entries.".into()),
        ("UpdateOpenIDConnectProviderThumbprint", prints(&["abc"]), "ValidationError", 400,
            "Value '[abc]' at 'thumbprintList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length greater than or equal to 40]".into()),
        ("UpdateOpenIDConnectProviderThumbprint", prints(&[&"x".repeat(40)]), "InvalidInput", 400, String::new()),
        ("UpdateOpenIDConnectProviderThumbprint", prints(&[]), "ValidationError", 400, "Member must not be null".into()),
        ("GetOpenIDConnectProvider", json!({ "OpenIDConnectProviderArn": arn("oidc-provider/other") }), "NoSuchEntity", 404,
            format!("OpenIDConnect Provider not found for arn {}", arn("oidc-provider/other"))),
        // A slash at the end is another provider.
        ("GetOpenIDConnectProvider", json!({ "OpenIDConnectProviderArn": format!("{PROVIDER}/") }), "NoSuchEntity", 404, String::new()),
        ("GetOpenIDConnectProvider", json!({ "OpenIDConnectProviderArn": arn("role/okteto/Puller") }), "InvalidInput", 400, "is not valid.".into()),
        // Roles.
        ("CreateRole", role("PULLER"), "EntityAlreadyExists", 409, "Role with name PULLER already exists.".into()),
        ("CreateRole", role(&wide), "ValidationError", 400,
            format!("1 validation error detected: Value '{wide}' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64")),
        ("CreateRole", role("a b"), "ValidationError", 400, r"Member must satisfy regular expression pattern: [\w+=,.@-]+".into()),
        ("CreateRole", json!({ "RoleName": "ä", "MaxSessionDuration": "3599" }), "ValidationError", 400,
            r"3 validation errors detected: Value 'ä' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+; Value null at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must not be null; Value '3599' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600".into()),
        ("CreateRole", json!({ "RoleName": "x", "AssumeRolePolicyDocument": "{" }), "MalformedPolicyDocument", 400, String::new()),
        ("CreateRole", json!({ "RoleName": "x", "AssumeRolePolicyDocument": trust().replace("okteto", "oktetö€") }), "ValidationError", 400, "assumeRolePolicyDocument".into()),
        ("CreateRole", json!({ "RoleName": "x", "Path": "okteto", "AssumeRolePolicyDocument": trust() }), "ValidationError", 400, "at 'path'".into()),
        ("CreateRole", json!({ "RoleName": "x", "AssumeRolePolicyDocument": trust().replace("okteto", &"o".repeat(2048)) }), "LimitExceeded", 409,
            "Cannot exceed quota for ACLSizePerRole: 2048".into()),
        ("CreateRole", json!({ "RoleName": "x", "AssumeRolePolicyDocument": trusting(&arn("user/nobody")) }), "MalformedPolicyDocument", 400,
            format!("Invalid principal in policy: \"AWS\":\"{}\"", arn("user/nobody"))),
        ("CreateRole", json!({ "RoleName": "x", "AssumeRolePolicyDocument": trust(), "PermissionsBoundary": arn("policy/none") }), "NoSuchEntity", 404,
            format!("Scope ARN: {} does not exist or is not attachable.", arn("policy/none"))),
        ("UpdateAssumeRolePolicy", json!({ "RoleName": "Puller", "PolicyDocument": trusting(&arn("role/Puller")) }), "MalformedPolicyDocument", 400,
            "Invalid principal in policy".into()),
        ("GetRole", json!({ "RoleName": "none" }), "NoSuchEntity", 404, "The role with name none cannot be found.".into()),
        ("UpdateRoleDescription", json!({ "RoleName": "Puller", "Description": "a\u{7f}" }), "ValidationError", 400, "at 'description'".into()),
        ("ListRoles", json!({ "MaxItems": "1001" }), "ValidationError", 400, "Member must have value less than or equal to 1000".into()),
        ("ListRoles", json!({ "Marker": "!" }), "ValidationError", 400, "Invalid Marker.".into()),
        ("ListRoles", json!({ "MaxItems": "many" }), "MalformedInput", 400, String::new()),
        // What they may do.
        ("AttachRolePolicy", json!({ "RoleName": "Puller", "PolicyArn": arn("policy/none") }), "NoSuchEntity", 404,
            format!("Policy {} does not exist or is not attachable.", arn("policy/none"))),
        ("AttachRolePolicy", json!({ "RoleName": "Puller", "PolicyArn": arn("role/okteto/Puller") }), "InvalidInput", 400, "is not valid.".into()),
        ("AttachRolePolicy", json!({ "RoleName": "none", "PolicyArn": READ_ONLY }), "NoSuchEntity", 404, "The role with name none".into()),
        ("DetachRolePolicy", json!({ "RoleName": "Puller", "PolicyArn": READ_ONLY }), "NoSuchEntity", 404, format!("Policy {READ_ONLY} was not found.")),
        ("GetRolePolicy", json!({ "RoleName": "Puller", "PolicyName": "p" }), "NoSuchEntity", 404, "The role policy with name p cannot be found.".into()),
        ("DeleteUserPolicy", json!({ "UserName": "Robot", "PolicyName": "p" }), "NoSuchEntity", 404, "The user policy with name p cannot be found.".into()),
        ("PutRolePolicy", json!({ "RoleName": "Puller", "PolicyName": "p", "PolicyDocument": "no" }), "MalformedPolicyDocument", 400, String::new()),
        ("PutRolePolicy", json!({ "RoleName": "Puller", "PolicyName": "p", "PolicyDocument": long(10_240) }), "LimitExceeded", 409,
            "Maximum policy size of 10240 bytes exceeded for role Puller".into()),
        ("PutUserPolicy", json!({ "UserName": "robot", "PolicyName": "p", "PolicyDocument": long(2048) }), "LimitExceeded", 409,
            "Maximum policy size of 2048 bytes exceeded for user Robot".into()),
        ("PutUserPermissionsBoundary", json!({ "UserName": "Robot", "PermissionsBoundary": arn("policy/none") }), "NoSuchEntity", 404, "Scope ARN".into()),
        // Users and keys.
        ("CreateUser", json!({ "UserName": "rObOt" }), "EntityAlreadyExists", 409, "User with name rObOt already exists.".into()),
        ("GetUser", json!({ "UserName": "none" }), "NoSuchEntity", 404, "The user with name none cannot be found.".into()),
        ("GetLoginProfile", json!({ "UserName": "Robot" }), "NoSuchEntity", 404, "Login Profile for User Robot cannot be found.".into()),
        ("UpdateAccessKey", json!({ "UserName": "Robot", "AccessKeyId": "AKIAAAAAAAAAAAAAAAAA", "Status": "Inactive" }), "NoSuchEntity", 404,
            "The Access Key with id AKIAAAAAAAAAAAAAAAAA cannot be found.".into()),
        ("UpdateAccessKey", json!({ "UserName": "Robot", "AccessKeyId": "AKIAAAAAAAAAAAAAAAAA", "Status": "Expired" }), "ValidationError", 400,
            "Member must satisfy enum value set: [Active, Inactive]".into()),
        ("GetAccessKeyLastUsed", json!({ "AccessKeyId": "AKIAAAAAAAAAAAAAAAAA" }), "AccessDenied", 403,
            "User: arn:aws:iam::112233445566:user/trainee is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key AKIAAAAAAAAAAAAAAAAA".into()),
        // Policies.
        ("CreatePolicy", json!({ "PolicyName": "OWN", "PolicyDocument": PULL }), "EntityAlreadyExists", 409,
            "A policy called OWN already exists. Duplicate names are not allowed.".into()),
        ("CreatePolicy", json!({ "PolicyName": "big", "PolicyDocument": long(6144) }), "LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144".into()),
        ("CreatePolicy", json!({ "PolicyName": "p", "Path": "/a!/", "PolicyDocument": PULL }), "ValidationError", 400, "at 'path'".into()),
        ("GetPolicy", json!({ "PolicyArn": arn("policy/none") }), "NoSuchEntity", 404, format!("Policy {} was not found.", arn("policy/none"))),
        ("GetPolicyVersion", json!({ "PolicyArn": OWN, "VersionId": "v2" }), "NoSuchEntity", 404,
            format!("Policy {OWN} version v2 does not exist or is not attachable.")),
        ("GetPolicyVersion", json!({ "PolicyArn": OWN, "VersionId": "2" }), "ValidationError", 400, "at 'versionId'".into()),
        ("DeletePolicy", json!({ "PolicyArn": READ_ONLY }), "AccessDenied", 403, "Policy is outside your own account.".into()),
        ("DeletePolicyVersion", json!({ "PolicyArn": OWN, "VersionId": "v1" }), "DeleteConflict", 409, "Cannot delete the default version of a policy.".into()),
        ("ListPolicies", json!({ "Scope": "Mine" }), "ValidationError", 400, "Value 'Mine' at 'scope' failed to satisfy constraint: Member must satisfy enum value set: [All, AWS, Local]".into()),
        ("GetAccountAuthorizationDetails", json!({ "Filter": ["Role", "Roles"] }), "ValidationError", 400, "Value '[Role, Roles]' at 'filter'".into()),
        // Tags.
        ("TagRole", tag(json!([{ "Key": "a", "Value": "1" }, { "Key": "A", "Value": "2" }])), "InvalidInput", 400, "Duplicate tag keys found.".into()),
        ("TagRole", tag(json!([{ "Key": "aws:x", "Value": "1" }])), "InvalidInput", 400, "aws:".into()),
        ("TagRole", tag(json!([{ "Key": "a*", "Value": "1" }])), "ValidationError", 400, "Value 'a*' at 'tags.1.member.key'".into()),
        ("TagRole", tag(json!([{ "Key": "a", "Value": "v".repeat(257) }])), "ValidationError", 400, "Member must have length less than or equal to 256".into()),
        ("TagRole", tag(json!([{ "Key": "a" }])), "ValidationError", 400, "Value null at 'tags.1.member.value'".into()),
        ("TagRole", tag(tags(51)), "ValidationError", 400, "Member must have length less than or equal to 50".into()),
    ];
    let mut world = World::furnished();
    for (action, input, code, status, message) in table {
        let refusal = world.bad(action, input.clone());
        assert_eq!((refusal.code, refusal.status), (code, status), "{action} {input}: {refusal}");
        assert!(refusal.message.contains(&message), "{action}: {refusal}\n  lacks: {message}");
    }
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
    world.good("DeleteRolePermissionsBoundary", json!({ "RoleName": "Puller" }));
    let got = world.good("GetRole", json!({ "RoleName": "Puller" }));
    assert_eq!(got["Role"].get("PermissionsBoundary"), None);
}

#[test]
fn pages_hold_what_was_asked_for_and_skip_nothing() {
    let mut world = World::new();
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
fn a_principal_that_is_there_may_be_named() {
    let mut world = World::furnished();
    for principal in [
        "arn:aws:iam::112233445566:user/Robot",
        "arn:aws:iam::112233445566:role/okteto/Puller",
        "arn:aws:sts::112233445566:assumed-role/Puller/session",
        "arn:aws:iam::112233445566:root",
        "998877665544",
    ] {
        let input = json!({ "RoleName": "Puller", "PolicyDocument": trusting(principal) });
        assert!(world.call("UpdateAssumeRolePolicy", input).is_ok(), "{principal}");
    }
    for principal in [
        "arn:aws:iam::112233445566:user/robot",
        "arn:aws:sts::112233445566:assumed-role/Nobody/session",
        "AROAAAAAAAAAAAAAAAAAA",
        "okteto",
    ] {
        let input = json!({ "RoleName": "Puller", "PolicyDocument": trusting(principal) });
        let refusal = world.bad("UpdateAssumeRolePolicy", input);
        assert_eq!(refusal.code, "MalformedPolicyDocument", "{principal}");
    }
}

#[test]
fn the_data_planes_see_a_change_when_it_has_spread() {
    use Kind::{Permissions, Provider, Role, Trust};
    let mut world = World::slow(&[Role, Trust, Permissions, Provider]);
    world.good(
        "CreateOpenIDConnectProvider",
        json!({ "Url": "https://issuer.example.com/a", "ClientIDList": ["okteto"] }),
    );
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
    let world = World::furnished();
    let needs = |action: &str, input: Value| -> Vec<(String, String, Vec<String>)> {
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
    assert_eq!(needs("ListRoles", json!({})), [one("ListRoles", "*", &[])]);
    assert_eq!(needs("GetRole", json!({ "RoleName": "puller" })), [one("GetRole", role, &[])]);
    assert_eq!(
        needs("GetRole", json!({ "RoleName": "none" })),
        [one("GetRole", "arn:aws:iam::112233445566:role/none", &[])]
    );
    let pairs = [format!("iam:PolicyARN={READ_ONLY}")];
    assert_eq!(
        needs("AttachRolePolicy", json!({ "RoleName": "Puller", "PolicyArn": READ_ONLY })),
        [one("AttachRolePolicy", role, &[&pairs[0]])]
    );
    let new = "arn:aws:iam::112233445566:role/a/New";
    let boundary = format!("iam:PermissionsBoundary={OWN}");
    let context: &[&str] = &[&boundary, "aws:RequestTag/owner=me", "aws:TagKeys=owner"];
    assert_eq!(
        needs(
            "CreateRole",
            json!({
                "RoleName": "New", "Path": "/a/", "AssumeRolePolicyDocument": trust(),
                "PermissionsBoundary": OWN, "Tags": [{ "Key": "owner", "Value": "me" }],
            })
        ),
        [one("CreateRole", new, context), one("TagRole", new, context)]
    );
    assert_eq!(
        needs("CreateOpenIDConnectProvider", json!({ "Url": "https://b.example.com/" })),
        [one(
            "CreateOpenIDConnectProvider",
            "arn:aws:iam::112233445566:oidc-provider/b.example.com/",
            &[]
        )]
    );
    assert_eq!(
        needs("UntagUser", json!({ "UserName": "Robot", "TagKeys": ["a", "b"] })),
        [one("UntagUser", "arn:aws:iam::112233445566:user/Robot", &["aws:TagKeys=a,b"])]
    );
    assert_eq!(
        needs("CreateAccessKey", json!({})),
        [one("CreateAccessKey", "arn:aws:iam::112233445566:user/trainee", &[])]
    );
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
    use super::super::spread::Spread;
    use super::super::state::Key;
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
