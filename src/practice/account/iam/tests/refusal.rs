use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
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
