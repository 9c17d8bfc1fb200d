use super::*;
use crate::domain::sample::intent;
use crate::practice::account::spread::Spread;
use crate::practice::account::state::Provider;
use crate::practice::scene::Scene;

const NAME: &str =
    "container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";

/// The account of the tutorial with its provider and one for GitHub.
fn state() -> State {
    let mut state = State::new(&Scene::default());
    for name in [NAME, "token.actions.githubusercontent.com"] {
        let provider = Provider {
            url: name.to_owned(),
            audiences: Spread::settled(Vec::new()),
            thumbprints: Vec::new(),
            created: jiff::Timestamp::UNIX_EPOCH,
            tags: Vec::new(),
        };
        state.providers.insert(state.arn("oidc-provider", "/", name), provider);
    }
    state
}

fn trusted(text: &str) -> String {
    trust(text, &state()).map_or_else(|refusal| refusal.message, |()| "taken".to_owned())
}

/// A trust policy for a principal, action and condition.
fn trusting(principal: &str, action: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":{action},"Condition":{condition}}}]}}"#
    )
}

#[test]
fn the_tutorials_trust_policy_is_taken_only_as_corrected() {
    let intent = intent();
    let right = crate::domain::policy::trust::text(&intent);
    assert_eq!(trusted(&right), "taken");
    // Its variables expanded, the keys keep `https://`.
    let refusal =
        trust(&right.replace(&format!("\"{NAME}:"), &format!("\"https://{NAME}:")), &state())
            .unwrap_err();
    assert_eq!(
        (refusal.code, refusal.status, refusal.message.as_str()),
        ("MalformedPolicyDocument", 400, "Condition can contain only one colon.")
    );
    // As saved by hand, nothing expands them.
    let printed = right
        .replace(&format!("arn:aws:iam::112233445566:oidc-provider/{NAME}"), "${ROLE_ARN}")
        .replace(&format!("\"{NAME}:"), "\"${OIDC_ENDPOINT}:");
    assert!(printed.contains("\"${OIDC_ENDPOINT}:sub\""));
    assert_eq!(
        trusted(&printed),
        "Federated principals must be valid domain names or SAML metadata ARNs"
    );
    // The sample reply's policy, of an unrelated role, is well-formed.
    let ec2 = trusting(r#"{"Service":"ec2.amazonaws.com"}"#, r#""sts:AssumeRole""#, "{}");
    assert_eq!(trusted(&ec2), "taken");
}

#[test]
fn a_trust_policy_must_have_its_elements_and_no_others() {
    for (statement, said) in [
        (r#""Principal":{"AWS":"*"},"Action":"sts:AssumeRole""#, "taken"),
        // A permission policy given by mistake.
        (r#""Action":"route53:ListHostedZones","Resource":"*""#, "Has prohibited field Resource"),
        (
            r#""Principal":{"AWS":"*"},"Action":"sts:AssumeRole","NotResource":"*""#,
            "AssumeRole policy must not contain resources.",
        ),
        (r#""Action":"sts:AssumeRole""#, "Missing required field Principal"),
        (
            r#""Principal":{},"Action":"sts:AssumeRole""#,
            "Missing required field Principal cannot be empty!",
        ),
        (
            r#""Principal":{"Federated":""},"Action":"sts:AssumeRole""#,
            "Missing required field Principal cannot be empty!",
        ),
        (r#""Principal":"*","Action":"sts:AssumeRole""#, "Principal must be a JSON object."),
        (
            r#""NotPrincipal":{"AWS":"*"},"Action":"sts:AssumeRole""#,
            "Allow with NotPrincipal is not allowed.",
        ),
        (r#""Principal":{"AWS":"*"}"#, "Missing required field Action"),
        (
            r#""Principal":{"AWS":"*"},"Action":"*""#,
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            r#""Principal":{"AWS":"*"},"Action":["sts:AssumeRole","ecr:BatchGetImage"]"#,
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (r#""Principal":{"AWS":"*"},"Action":["sts:AssumeRole","sts:TagSession"]"#, "taken"),
        (r#""Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Extra":1"#, SYNTAX),
        (
            r#""Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringIs":{"a:b":"c"}}"#,
            "Invalid Condition type : StringIs",
        ),
        (
            r#""Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"a:b":"1","a:b":"2"}}"#,
            SYNTAX,
        ),
    ] {
        let text =
            format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{statement}}}]}}"#);
        assert_eq!(trusted(&text), said, "{statement}");
    }
}

#[test]
fn a_trust_policy_must_be_json_of_a_known_version() {
    let good = trusting(r#"{"AWS":"112233445566"}"#, r#""sts:AssumeRole""#, "{}");
    for (text, said) in [
        (good.clone(), "taken"),
        (good.replace("2012-10-17", "2008-10-17"), "taken"),
        (
            good.replace("2012-10-17", "2013-10-17"),
            "The policy must contain a valid version string",
        ),
        (format!(" {good}"), "JSON strings must not have leading spaces"),
        (format!("{good},"), "This policy contains invalid Json"),
        (good.replace("Allow", "Allo\u{175}"), "This policy contains invalid Json"),
        (good.replace("Allow", "allow"), "Invalid effect: allow"),
        (r#"{"Version":"2012-10-17"}"#.to_owned(), SYNTAX),
        (String::new(), "This policy contains invalid Json"),
    ] {
        assert_eq!(trusted(&text), said, "{text}");
    }
}

#[test]
fn a_principal_must_be_there() {
    const FEDERATED: &str = "Federated principals must be valid domain names or SAML metadata ARNs";
    let provider = format!("arn:aws:iam::112233445566:oidc-provider/{NAME}");
    for (kind, name, said) in [
        ("AWS", "112233445566", "taken"),
        ("AWS", "arn:aws:iam::112233445566:root", "taken"),
        ("AWS", "arn:aws:iam::112233445566:user/trainee", "taken"),
        ("AWS", "arn:aws:iam::999999999999:role/path/other", "taken"),
        ("AWS", "arn:aws:iam::112233445566:user/nobody", "invalid"),
        ("AWS", "arn:aws:iam::112233445566:role/nobody", "invalid"),
        ("AWS", "arn:aws:sts::112233445566:assumed-role/nobody/s", "invalid"),
        ("AWS", "arn:aws-cn:iam::112233445566:user/trainee", "invalid"),
        ("AWS", "arn:aws:iam::112233445566:user/*", "invalid"),
        ("AWS", "arn:aws:iam::112233445566:policy/p", "invalid"),
        ("AWS", "1122", "invalid"),
        ("SERVICE", "ecs-tasks.amazonaws.com", "taken"),
        ("SERVICE", "tagging.amazonaws.com", "invalid"),
        ("SERVICE", "ec2.amazonaws.com.example.com", "invalid"),
        ("FEDERATED", &provider, "taken"),
        ("FEDERATED", "accounts.google.com", "taken"),
        ("FEDERATED", "arn:aws:iam::112233445566:oidc-provider/other.example", "invalid"),
        ("FEDERATED", &provider.replace("112233445566", "999999999999"), "invalid"),
        ("FEDERATED", &provider.replace("arn:aws:", "arn:aws-us-gov:"), FEDERATED),
        ("FEDERATED", &provider.replace("oidc-provider", "role"), FEDERATED),
        ("FEDERATED", "arn:aws:iam::112233445566:oidc-provider/", FEDERATED),
        ("FEDERATED", "https://container.googleapis.com", FEDERATED),
        ("FEDERATED", "*", FEDERATED),
    ] {
        let written = match kind {
            "SERVICE" => "Service",
            "FEDERATED" => "Federated",
            other => other,
        };
        let principal = format!(r#"{{"{written}":["{name}"]}}"#);
        let wanted = match said {
            "invalid" => format!("Invalid principal in policy: \"{kind}\":\"{name}\""),
            other => other.to_owned(),
        };
        assert_eq!(trusted(&trusting(&principal, r#""sts:AssumeRole""#, "{}")), wanted, "{name}");
    }
}

#[test]
fn a_shared_issuers_tenant_must_be_tested() {
    let of = |condition: &str| {
        let principal = r#"{"Federated":"arn:aws:iam::112233445566:oidc-provider/token.actions.githubusercontent.com"}"#;
        let text = trusting(principal, r#""sts:AssumeRoleWithWebIdentity""#, condition);
        trusted(&text) == "taken"
    };
    let key = "token.actions.githubusercontent.com:sub";
    assert!(of(&format!(r#"{{"StringLike":{{"{key}":"repo:me/*"}}}}"#)));
    for loose in [
        "{}".to_owned(),
        format!(r#"{{"StringLike":{{"{key}":"*"}}}}"#),
        format!(r#"{{"StringNotEquals":{{"{key}":"repo:me/x"}}}}"#),
        format!(r#"{{"ForAllValues:StringLike":{{"{key}":"repo:me/*"}}}}"#),
        r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}"#
            .to_owned(),
    ] {
        assert!(!of(&loose), "{loose}");
    }
}

#[test]
fn a_permission_policy_is_refused_in_iams_words() {
    let said = |text: &str| identity(text).map_or_else(|r| r.message, |()| "taken".to_owned());
    for (statement, wanted) in [
        (r#""Effect":"Allow","Action":"*","Resource":"*""#, "taken"),
        (
            r#""Effect":"Allow","Action":"ecr:Get*","Resource":["arn:aws:ecr:us-east-2:112233445566:repository/team/*"]"#,
            "taken",
        ),
        (
            r#""Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam::*:user/${aws:username}""#,
            "taken",
        ),
        (
            r#""Effect":"Deny","NotAction":"iam:*","NotResource":"*","Condition":{"StringEquals":{"aws:RequestTag/a:b":"c"}}"#,
            "taken",
        ),
        (r#""Effect":"Allow","Resource":"*""#, "Policy statement must contain actions."),
        (
            r#""Effect":"Allow","Action":[],"Resource":"*""#,
            "Policy statement must contain actions.",
        ),
        (r#""Effect":"Allow","Action":"invalid""#, "Policy statement must contain resources."),
        (
            r#""Effect":"Allow","Action":"s3:Get","Resource":[]"#,
            "Policy statement must contain resources.",
        ),
        (r#""Effect":"Allow","Action":"GetObject","Resource":"*""#, VENDOR),
        (r#""Effect":"Allow","Action":"","Resource":"*""#, VENDOR),
        (r#""Effect":"Allow","Action":"a a:Get","Resource":"*""#, "Vendor a a is not valid"),
        (
            r#""Effect":"Allow","Action":"ec2:ec2:Get","Resource":"*""#,
            "Actions/Condition can contain only one colon.",
        ),
        (
            r#""Effect":"Allow","Action":"s3:Get","Resource":"*","Principal":"*""#,
            "Policy document should not specify a principal.",
        ),
        (
            r#""Effect":"Allow","Action":"s3:Get","Resource":"${ROLE_ARN}""#,
            "Resource ${ROLE_ARN} must be in ARN format or \"*\".",
        ),
        (
            r#""Effect":"Allow","Action":"s3:Get","Resource":"aws:s3:::b""#,
            "Partition \"s3\" is not valid for resource \"arn:s3:::b:*\".",
        ),
        (
            r#""Effect":"Allow","Action":"s3:Get","Resource":"a:bcd""#,
            "Partition \"bcd\" is not valid for resource \"arn:bcd:*:*:*:*\".",
        ),
        (
            r#""Effect":"Allow","Action":"s3:Get","Resource":"arn:aws""#,
            "Resource vendor must be fully qualified and cannot contain regexes.",
        ),
        (r#""Effect":"Allow","Action":"s3:Get","Resource":"arn:aws:s3::b""#, LEGACY),
        (
            r#""Effect":"Allow","Action":"s3:Get","Resource":"arn:aws:ecr:us-east-2:<ACCOUNT>:repository/x""#,
            LEGACY,
        ),
        (
            r#""Effect":"Allow","Action":"s3:Get","Resource":"arn:aws:iam:us-east-1::role/x""#,
            "IAM resource arn:aws:iam:us-east-1::role/x cannot contain region information.",
        ),
        (r#""Effect":"denY","Action":"s3:Get","Resource":"*""#, LEGACY),
        (r#""Effect":"maybe","Action":"s3:Get","Resource":"*""#, SYNTAX),
        (
            r#""Effect":"Allow","Action":"s3:Get","Resource":"*","Condition":{"DateGreaterThan":{"a:b":"x"}}"#,
            LEGACY,
        ),
        (
            r#""Effect":"Allow","Action":"s3:Get","Resource":"*","Condition":{"x":{"a:b":"1"}}"#,
            SYNTAX,
        ),
        (
            r#""Effect":"Allow","Action":"s3:Get","Resource":"*","Condition":{"Bool":{"a:b:c":"true"}}"#,
            "Condition can contain only one colon.",
        ),
        (r#""Effect":"Allow","Action":"s3:Get","NotAction":"s3:Put","Resource":"*""#, SYNTAX),
    ] {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{{{statement}}}]}}"#);
        assert_eq!(said(&text), wanted, "{statement}");
    }
    let path = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::1*:rol"}}"#;
    assert!(said(path).starts_with("IAM resource path must either be \"*\" or start with user/, "));
    let one = r#"{"Sid":"x","Effect":"Allow","Action":"s3:Get","Resource":"*"}"#;
    let two = format!(r#"{{"Version":"2012-10-17","Statement":[{one},{one}]}}"#);
    assert_eq!(said(&two), "Statement IDs (SID) in a single policy must be unique.");
    for old in ["", r#""Version":"2008-10-17","#] {
        let text = format!(r#"{{{old}"Statement":{one}}}"#);
        assert_eq!(said(&text), "Policy document must be version 2012-10-17 or greater.");
    }
    assert_eq!(said("no json"), SYNTAX);
}

#[test]
fn the_policies_of_aws_are_taken() {
    for (arn, policy) in &state().policies {
        for (_, document, _) in &policy.versions {
            assert_eq!(identity(document), Ok(()), "{arn}");
        }
    }
}

#[test]
fn a_repositorys_policy_has_principals_and_no_resource() {
    let said = |statement: &str| {
        let text =
            format!(r#"{{"Version":"2008-10-17","Statement":[{{"Effect":"Allow",{statement}}}]}}"#);
        repository(&text, &state()).map_or_else(
            |refusal| {
                assert_eq!((refusal.code, refusal.status), ("InvalidParameterException", 400));
                refusal.message
            },
            |()| "taken".to_owned(),
        )
    };
    let failed = |why: &str| {
        format!("Invalid parameter at 'PolicyText' failed to satisfy constraint: '{why}'")
    };
    let invalid = failed("Invalid repository policy provided");
    assert_eq!(said(r#""Principal":"*","Action":"ecr:BatchGetImage""#), "taken");
    assert_eq!(said(r#""Action":"ecr:BatchGetImage""#), invalid);
    assert_eq!(said(r#""Principal":"*","Action":"ecr:BatchGetImage","Resource":"*""#), invalid);
    assert_eq!(said(r#""Principal":"*","Action":"BatchGetImage""#), invalid);
    assert_eq!(
        said(r#""Principal":{"AWS":"arn:aws:iam::112233445566:role/none"},"Action":"ecr:*""#),
        failed("Principal not found")
    );
}

#[test]
fn white_space_counts_only_within_strings() {
    assert_eq!(size("{ \"a b\" :\n \"\\\" c\" }"), "{\"a b\":\"\\\" c\"}".len());
}
