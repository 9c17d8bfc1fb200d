//! The calls that are compared, in order: every action that the program or the tutorial uses, as wanted and refused.

use serde_json::{Value, json};

/// Words of the inputs that are the same everywhere.
pub const ISSUER: &str = "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
pub const AUDIENCE: &str = "okteto.example.com/us-east-2";
pub const SUBJECT: &str = "system:serviceaccount:okteto:okteto";
const LIMIT: &str = "arn:aws:iam::${account}:policy/limit";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";

/// A call: its name in the table, `service.Operation`, its input, and who makes it.
pub struct Case(pub &'static str, pub &'static str, pub Value, pub &'static str);

/// A call that the account's root or administrator makes.
fn case(id: &'static str, call: &'static str, input: Value) -> Case {
    Case(id, call, input, "root")
}

/// A trust policy with these conditions, as text.
fn trust(conditions: &Value) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::${account}:oidc-provider/${name}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": conditions},
        }],
    })
    .to_string()
}

fn good_trust() -> String {
    trust(&json!({"${name}:aud": AUDIENCE, "${name}:sub": SUBJECT}))
}

/// The same by the tutorial's letter: the keys begin with `https://`.
fn printed_trust() -> String {
    trust(&json!({"${issuer}:aud": AUDIENCE, "${issuer}:sub": SUBJECT}))
}

fn inline() -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
            {"Effect": "Allow", "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
             "Resource": "arn:aws:ecr:us-east-2:${account}:repository/team/app"},
        ],
    })
    .to_string()
}

/// Providers.
pub fn providers() -> Vec<Case> {
    let create = "iam.CreateOpenIDConnectProvider";
    let get = "iam.GetOpenIDConnectProvider";
    let add = "iam.AddClientIDToOpenIDConnectProvider";
    let remove = "iam.RemoveClientIDFromOpenIDConnectProvider";
    let update = "iam.UpdateOpenIDConnectProviderThumbprint";
    let delete = "iam.DeleteOpenIDConnectProvider";
    let arn = "arn:aws:iam::${account}:oidc-provider/${name}";
    let absent = "arn:aws:iam::${account}:oidc-provider/oidc.example.com/absent";
    let other = "arn:aws:iam::${account}:oidc-provider/oidc.example.com/id/2";
    let url = |url: &str| json!({"Url": url, "ClientIDList": ["a"]});
    let long = format!("https://oidc.example.com/{}", "a".repeat(240));
    let print = "ab".repeat(20);
    vec![
        case("provider.list.none", "iam.ListOpenIDConnectProviders", json!({})),
        case("provider.create", create, json!({"Url": ISSUER, "ClientIDList": [AUDIENCE]})),
        case("provider.create.again", create, url(ISSUER)),
        case("provider.create.http", create, url("http://oidc.example.com/refused/1")),
        case("provider.create.bare", create, url("oidc.example.com/refused/2")),
        case("provider.create.query", create, url("https://oidc.example.com/refused/3?a=b")),
        case("provider.create.long", create, url(&long)),
        case("provider.create.port", create, url("https://oidc.example.com:8443/refused/9")),
        case("provider.create.no-url", create, json!({"ClientIDList": ["a"]})),
        case(
            "provider.create.audience-long",
            create,
            json!({"Url": "https://oidc.example.com/refused/4", "ClientIDList": ["a".repeat(256)]}),
        ),
        case(
            "provider.create.thumbprint-short",
            create,
            json!({"Url": "https://oidc.example.com/refused/5", "ThumbprintList": ["abcd"]}),
        ),
        case(
            "provider.create.thumbprints-six",
            create,
            json!({"Url": "https://oidc.example.com/refused/6", "ThumbprintList": [&print, &print, &print, &print, &print, &print]}),
        ),
        case(
            "provider.create.second",
            create,
            json!({
                "Url": "https://oidc.example.com/id/2", "ClientIDList": ["sts.amazonaws.com"],
                "ThumbprintList": [&print], "Tags": [{"Key": "owner", "Value": "a team"}],
            }),
        ),
        case("provider.get", get, json!({"OpenIDConnectProviderArn": arn})),
        case("provider.get.second", get, json!({"OpenIDConnectProviderArn": other})),
        case("provider.get.absent", get, json!({"OpenIDConnectProviderArn": absent})),
        case("provider.list", "iam.ListOpenIDConnectProviders", json!({})),
        case(
            "provider.add",
            add,
            json!({"OpenIDConnectProviderArn": arn, "ClientID": "sts.amazonaws.com"}),
        ),
        case(
            "provider.add.again",
            add,
            json!({"OpenIDConnectProviderArn": arn, "ClientID": "sts.amazonaws.com"}),
        ),
        case(
            "provider.add.absent",
            add,
            json!({"OpenIDConnectProviderArn": absent, "ClientID": "a"}),
        ),
        case("provider.get.added", get, json!({"OpenIDConnectProviderArn": arn})),
        case(
            "provider.remove",
            remove,
            json!({"OpenIDConnectProviderArn": arn, "ClientID": "sts.amazonaws.com"}),
        ),
        case(
            "provider.remove.again",
            remove,
            json!({"OpenIDConnectProviderArn": arn, "ClientID": "sts.amazonaws.com"}),
        ),
        case("provider.get.removed", get, json!({"OpenIDConnectProviderArn": arn})),
        case(
            "provider.thumbprint",
            update,
            json!({"OpenIDConnectProviderArn": other, "ThumbprintList": ["cd".repeat(20)]}),
        ),
        case(
            "provider.thumbprint.short",
            update,
            json!({"OpenIDConnectProviderArn": other, "ThumbprintList": ["cd"]}),
        ),
        case("provider.get.thumbprint", get, json!({"OpenIDConnectProviderArn": other})),
        case(
            "provider.tag",
            "iam.TagOpenIDConnectProvider",
            json!({"OpenIDConnectProviderArn": arn, "Tags": [{"Key": "okteto-ecr:run", "Value": "r"}]}),
        ),
        case("provider.get.tagged", get, json!({"OpenIDConnectProviderArn": arn})),
        case("provider.delete", delete, json!({"OpenIDConnectProviderArn": other})),
        case("provider.get.deleted", get, json!({"OpenIDConnectProviderArn": other})),
    ]
}

/// Roles and what hangs on them.
#[expect(clippy::too_many_lines, reason = "one table")]
pub fn roles() -> Vec<Case> {
    let create = "iam.CreateRole";
    let get = "iam.GetRole";
    let role =
        |name: &str, trust: &str| json!({"RoleName": name, "AssumeRolePolicyDocument": trust});
    let with = |name: &str, more: Value| {
        let mut input = role(name, &good_trust());
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let named = json!({"RoleName": "my-private-registry"});
    let absent = json!({"RoleName": "absent"});
    let attach = |name: &str, arn: &str| json!({"RoleName": name, "PolicyArn": arn});
    let own = "my-private-registry";
    let policy = |name: &str, text: &str| json!({"RoleName": own, "PolicyName": name, "PolicyDocument": text});
    let pull = json!({"RoleName": own, "PolicyName": "pull"});
    let resource = good_trust().replacen("\"Effect\"", "\"Resource\":\"*\",\"Effect\"", 1);
    let ec2 = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let limit = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:*","Resource":"*"}]}"#;
    vec![
        case(
            "policy.create",
            "iam.CreatePolicy",
            json!({"PolicyName": "limit", "PolicyDocument": limit}),
        ),
        case("role.create", create, role(own, &good_trust())),
        case("role.create.again", create, role(own, &good_trust())),
        case("role.create.other-case", create, role("My-Private-Registry", &good_trust())),
        case("role.create.as-printed", create, role("refused-2", &printed_trust())),
        case("role.create.not-json", create, role("refused-3", "{")),
        case("role.create.with-resource", create, role("refused-4", &resource)),
        case(
            "role.create.no-principal",
            create,
            role(
                "refused-5",
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}"#,
            ),
        ),
        case(
            "role.create.principal-malformed",
            create,
            role(
                "refused-6",
                &good_trust().replace("arn:aws:iam::${account}:oidc-provider/", "arn:aws:iam::x:"),
            ),
        ),
        case("role.create.name-long", create, role(&"a".repeat(65), &good_trust())),
        case("role.create.name-space", create, role("my registry", &good_trust())),
        case("role.create.no-trust", create, json!({"RoleName": "refused-without"})),
        case("role.create.path", create, with("refused-with-1", json!({"Path": "okteto"}))),
        case(
            "role.create.session-long",
            create,
            with("refused-with-2", json!({"MaxSessionDuration": 43_201})),
        ),
        case(
            "role.create.session-short",
            create,
            with("refused-with-3", json!({"MaxSessionDuration": 3599})),
        ),
        case(
            "role.create.description-long",
            create,
            with("refused-with-4", json!({"Description": "a".repeat(1001)})),
        ),
        case(
            "role.create.tag-long",
            create,
            with("refused-with-5", json!({"Tags": [{"Key": "a".repeat(129), "Value": ""}]})),
        ),
        case(
            "role.create.tag-reserved",
            create,
            with("refused-with-6", json!({"Tags": [{"Key": "aws:x", "Value": "y"}]})),
        ),
        case(
            "role.create.tag-twice",
            create,
            with(
                "refused-with-7",
                json!({"Tags": [{"Key": "a", "Value": "y"}, {"Key": "a", "Value": "z"}]}),
            ),
        ),
        case(
            "role.create.boundary-absent",
            create,
            with(
                "refused-with-8",
                json!({"PermissionsBoundary": "arn:aws:iam::${account}:policy/absent"}),
            ),
        ),
        case(
            "role.create.whole",
            create,
            json!({
                "RoleName": "whole", "Path": "/okteto/", "AssumeRolePolicyDocument": ec2, "Description": "Okteto pulls",
                "MaxSessionDuration": 7200, "Tags": [{"Key": "owner", "Value": "a team"}],
                "PermissionsBoundary": LIMIT,
            }),
        ),
        case("role.get", get, named.clone()),
        case("role.get.whole", get, json!({"RoleName": "whole"})),
        case("role.get.absent", get, absent.clone()),
        case("role.list", "iam.ListRoles", json!({})),
        case("role.list.prefix", "iam.ListRoles", json!({"PathPrefix": "/okteto/"})),
        case(
            "role.trust",
            "iam.UpdateAssumeRolePolicy",
            json!({"RoleName": "whole", "PolicyDocument": good_trust()}),
        ),
        case(
            "role.trust.as-printed",
            "iam.UpdateAssumeRolePolicy",
            json!({"RoleName": "whole", "PolicyDocument": printed_trust()}),
        ),
        case(
            "role.trust.absent",
            "iam.UpdateAssumeRolePolicy",
            json!({"RoleName": "absent", "PolicyDocument": good_trust()}),
        ),
        case(
            "role.update",
            "iam.UpdateRole",
            json!({"RoleName": "whole", "Description": "changed", "MaxSessionDuration": 3600}),
        ),
        case("role.get.updated", get, json!({"RoleName": "whole"})),
        case("role.attach", "iam.AttachRolePolicy", attach(own, READ_ONLY)),
        case("role.attach.again", "iam.AttachRolePolicy", attach(own, READ_ONLY)),
        case(
            "role.attach.no-policy",
            "iam.AttachRolePolicy",
            attach(own, "arn:aws:iam::aws:policy/Absent"),
        ),
        case("role.attach.no-role", "iam.AttachRolePolicy", attach("absent", READ_ONLY)),
        case("role.attached", "iam.ListAttachedRolePolicies", named.clone()),
        case("role.attached.absent", "iam.ListAttachedRolePolicies", absent.clone()),
        case("role.put", "iam.PutRolePolicy", policy("pull", &inline())),
        case("role.put.malformed", "iam.PutRolePolicy", policy("bad", "{}")),
        case("role.put.principal", "iam.PutRolePolicy", policy("bad", &good_trust())),
        case("role.inline", "iam.ListRolePolicies", named.clone()),
        case("role.inline.get", "iam.GetRolePolicy", pull.clone()),
        case(
            "role.inline.absent",
            "iam.GetRolePolicy",
            json!({"RoleName": own, "PolicyName": "absent"}),
        ),
        case(
            "role.tag",
            "iam.TagRole",
            json!({"RoleName": own, "Tags": [{"Key": "owner", "Value": "b"}]}),
        ),
        case("role.tags", "iam.ListRoleTags", named.clone()),
        case("role.untag", "iam.UntagRole", json!({"RoleName": own, "TagKeys": ["owner"]})),
        case("role.tags.none", "iam.ListRoleTags", named.clone()),
        case(
            "role.boundary",
            "iam.PutRolePermissionsBoundary",
            json!({"RoleName": own, "PermissionsBoundary": LIMIT}),
        ),
        case("role.get.bounded", get, named.clone()),
        case("role.unbound", "iam.DeleteRolePermissionsBoundary", named.clone()),
        case("role.delete.attached", "iam.DeleteRole", named.clone()),
        case("role.inline.delete", "iam.DeleteRolePolicy", pull.clone()),
        case("role.inline.delete.again", "iam.DeleteRolePolicy", pull),
        case("role.create.third", create, role("third", &good_trust())),
        case("role.third.attach", "iam.AttachRolePolicy", attach("third", READ_ONLY)),
        case("role.third.detach", "iam.DetachRolePolicy", attach("third", READ_ONLY)),
        case("role.third.detach.again", "iam.DetachRolePolicy", attach("third", READ_ONLY)),
        case("role.third.delete", "iam.DeleteRole", json!({"RoleName": "third"})),
        case("role.third.delete.again", "iam.DeleteRole", json!({"RoleName": "third"})),
        case("policy.get", "iam.GetPolicy", json!({"PolicyArn": READ_ONLY})),
        case(
            "policy.get.absent",
            "iam.GetPolicy",
            json!({"PolicyArn": "arn:aws:iam::aws:policy/Absent"}),
        ),
        case(
            "policy.version",
            "iam.GetPolicyVersion",
            json!({"PolicyArn": READ_ONLY, "VersionId": "${policy.get:Policy.DefaultVersionId}"}),
        ),
        case(
            "policy.version.absent",
            "iam.GetPolicyVersion",
            json!({"PolicyArn": READ_ONLY, "VersionId": "v99"}),
        ),
    ]
}

/// Users and their keys.
pub fn users() -> Vec<Case> {
    let own = json!({"UserName": "private-registry-user"});
    let absent = json!({"UserName": "absent"});
    let policy = json!({"UserName": "private-registry-user", "PolicyArn": READ_ONLY});
    let status = |key: &str, status: &str| json!({"UserName": "private-registry-user", "AccessKeyId": format!("${{{key}:AccessKey.AccessKeyId}}"), "Status": status});
    let key = |key: &str| json!({"UserName": "private-registry-user", "AccessKeyId": format!("${{{key}:AccessKey.AccessKeyId}}")});
    vec![
        case("user.create", "iam.CreateUser", own.clone()),
        case("user.create.again", "iam.CreateUser", own.clone()),
        case(
            "user.create.other-case",
            "iam.CreateUser",
            json!({"UserName": "Private-Registry-User"}),
        ),
        case("user.create.name-long", "iam.CreateUser", json!({"UserName": "a".repeat(65)})),
        case("user.get", "iam.GetUser", own.clone()),
        case("user.get.absent", "iam.GetUser", absent.clone()),
        case("user.attach", "iam.AttachUserPolicy", policy.clone()),
        case("user.attached", "iam.ListAttachedUserPolicies", own.clone()),
        case("user.groups", "iam.ListGroupsForUser", own.clone()),
        case("key.create", "iam.CreateAccessKey", own.clone()),
        case("key.create.second", "iam.CreateAccessKey", own.clone()),
        case("key.create.third", "iam.CreateAccessKey", own.clone()),
        case("key.create.absent", "iam.CreateAccessKey", absent),
        case("key.list", "iam.ListAccessKeys", own.clone()),
        Case("key.caller", "sts.GetCallerIdentity", json!({}), "key.create"),
        Case("key.login", "ecr.GetAuthorizationToken", json!({}), "key.create"),
        Case("key.denied", "iam.ListRoles", json!({}), "key.create"),
        Case(
            "key.denied.ecr",
            "ecr.DeleteRepository",
            json!({"repositoryName": "team/app"}),
            "key.create",
        ),
        case("key.status.malformed", "iam.UpdateAccessKey", status("key.create", "Asleep")),
        case("key.inactive", "iam.UpdateAccessKey", status("key.create", "Inactive")),
        Case("key.inactive.caller", "sts.GetCallerIdentity", json!({}), "key.create"),
        Case("key.inactive.login", "ecr.GetAuthorizationToken", json!({}), "key.create"),
        case("key.list.inactive", "iam.ListAccessKeys", own.clone()),
        case(
            "key.unused",
            "iam.GetAccessKeyLastUsed",
            json!({"AccessKeyId": "${key.create.second:AccessKey.AccessKeyId}"}),
        ),
        case("user.delete.keys", "iam.DeleteUser", own.clone()),
        case("user.again", "iam.GetUser", own.clone()),
        case("key.delete", "iam.DeleteAccessKey", key("key.create")),
        case("key.delete.again", "iam.DeleteAccessKey", key("key.create")),
        Case("key.deleted.caller", "sts.GetCallerIdentity", json!({}), "key.create"),
        case("key.delete.second", "iam.DeleteAccessKey", key("key.create.second")),
        case("user.detach", "iam.DetachUserPolicy", policy),
        case("user.delete", "iam.DeleteUser", own.clone()),
        case("user.delete.again", "iam.DeleteUser", own),
    ]
}

/// Web identity, and what its session may do.
pub fn sessions() -> Vec<Case> {
    let assume = "sts.AssumeRoleWithWebIdentity";
    let arn = "arn:aws:iam::${account}:role/my-private-registry";
    let with = |arn: &str, session: &str, token: &str| json!({"RoleArn": arn, "RoleSessionName": session, "WebIdentityToken": token});
    let for_seconds = |seconds: u32| {
        let mut input = with(arn, "okteto", "${token}");
        input["DurationSeconds"] = seconds.into();
        input
    };
    vec![
        case("sts.caller", "sts.GetCallerIdentity", json!({})),
        Case("sts.caller.nobody", "sts.GetCallerIdentity", json!({}), "nobody"),
        Case("sts.caller.wrong-secret", "sts.GetCallerIdentity", json!({}), "wrong"),
        Case("sts.caller.unknown-key", "sts.GetCallerIdentity", json!({}), "unknown"),
        Case("iam.nobody", "iam.ListRoles", json!({}), "nobody"),
        Case("iam.wrong-secret", "iam.ListRoles", json!({}), "wrong"),
        Case("iam.unknown-key", "iam.ListRoles", json!({}), "unknown"),
        Case("assume", assume, with(arn, "okteto", "${token}"), "nobody"),
        Case("assume.audience", assume, with(arn, "okteto", "${token_audience}"), "nobody"),
        Case("assume.subject", assume, with(arn, "okteto", "${token_subject}"), "nobody"),
        Case("assume.expired", assume, with(arn, "okteto", "${token_expired}"), "nobody"),
        Case("assume.issuer", assume, with(arn, "okteto", "${token_issuer}"), "nobody"),
        Case("assume.no-token", assume, with(arn, "okteto", "not a token"), "nobody"),
        Case("assume.signature", assume, with(arn, "okteto", "${token_altered}"), "nobody"),
        Case(
            "assume.no-role",
            assume,
            with("arn:aws:iam::${account}:role/absent", "okteto", "${token}"),
            "nobody",
        ),
        Case(
            "assume.other-case",
            assume,
            with("arn:aws:iam::${account}:role/My-Private-Registry", "okteto", "${token}"),
            "nobody",
        ),
        Case(
            "assume.provider-arn",
            assume,
            with("arn:aws:iam::${account}:oidc-provider/${name}", "okteto", "${token}"),
            "nobody",
        ),
        Case("assume.session-short", assume, with(arn, "a", "${token}"), "nobody"),
        Case("assume.session-long", assume, with(arn, &"a".repeat(65), "${token}"), "nobody"),
        Case("assume.seconds-few", assume, for_seconds(899), "nobody"),
        Case("assume.seconds-many", assume, for_seconds(43_201), "nobody"),
        Case("assume.seconds-over-role", assume, for_seconds(3601), "nobody"),
        Case("session.caller", "sts.GetCallerIdentity", json!({}), "assume"),
        Case("session.login", "ecr.GetAuthorizationToken", json!({}), "assume"),
        Case("session.denied", "iam.ListRoles", json!({}), "assume"),
    ]
}

/// The registry's control plane.
pub fn registry() -> Vec<Case> {
    let app = json!({"repositoryName": "team/app"});
    let absent = json!({"repositoryName": "team/absent"});
    let images =
        |name: &str, tag: &str| json!({"repositoryName": name, "imageIds": [{"imageTag": tag}]});
    vec![
        case("ecr.login", "ecr.GetAuthorizationToken", json!({})),
        Case("ecr.login.nobody", "ecr.GetAuthorizationToken", json!({}), "nobody"),
        Case("ecr.login.wrong-secret", "ecr.GetAuthorizationToken", json!({}), "wrong"),
        Case("ecr.login.unknown-key", "ecr.GetAuthorizationToken", json!({}), "unknown"),
        case("ecr.repositories", "ecr.DescribeRepositories", json!({})),
        case(
            "ecr.repository",
            "ecr.DescribeRepositories",
            json!({"repositoryNames": ["team/app"]}),
        ),
        case(
            "ecr.repository.absent",
            "ecr.DescribeRepositories",
            json!({"repositoryNames": ["team/absent"]}),
        ),
        case(
            "ecr.repository.malformed",
            "ecr.DescribeRepositories",
            json!({"repositoryNames": ["Team/App"]}),
        ),
        case("ecr.repositories.many", "ecr.DescribeRepositories", json!({"maxResults": 1001})),
        case("ecr.list", "ecr.ListImages", app.clone()),
        case("ecr.list.absent", "ecr.ListImages", absent.clone()),
        case("ecr.images", "ecr.DescribeImages", images("team/app", "1.4.2")),
        case("ecr.images.no-tag", "ecr.DescribeImages", images("team/app", "absent")),
        case("ecr.images.absent", "ecr.DescribeImages", absent.clone()),
        case("ecr.get", "ecr.BatchGetImage", images("team/app", "1.4.2")),
        case("ecr.get.no-tag", "ecr.BatchGetImage", images("team/app", "absent")),
        case("ecr.get.absent", "ecr.BatchGetImage", images("team/absent", "1.4.2")),
        case("ecr.policy.none", "ecr.GetRepositoryPolicy", app),
        case("ecr.policy.absent", "ecr.GetRepositoryPolicy", absent),
    ]
}

/// What is left at the end.
pub fn end() -> Vec<Case> {
    vec![
        case("end.providers", "iam.ListOpenIDConnectProviders", json!({})),
        case(
            "end.provider",
            "iam.GetOpenIDConnectProvider",
            json!({"OpenIDConnectProviderArn": "arn:aws:iam::${account}:oidc-provider/${name}"}),
        ),
        case("end.roles", "iam.ListRoles", json!({})),
        case("end.role", "iam.GetRole", json!({"RoleName": "my-private-registry"})),
        case(
            "end.attached",
            "iam.ListAttachedRolePolicies",
            json!({"RoleName": "my-private-registry"}),
        ),
        case("end.inline", "iam.ListRolePolicies", json!({"RoleName": "my-private-registry"})),
        case(
            "end.role.delete.attached",
            "iam.DeleteRole",
            json!({"RoleName": "my-private-registry"}),
        ),
    ]
}
