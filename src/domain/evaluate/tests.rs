mod laws;

use serde_json::{Value, json};

use super::*;
use crate::domain::policy::Document;

const ANN: &str = "arn:aws:iam::112233445566:user/ann";
const ROLE: &str = "arn:aws:iam::112233445566:role/okteto/puller";
const SESSION: &str = "arn:aws:sts::112233445566:assumed-role/puller/s1";
const PROVIDER: &str = "arn:aws:iam::112233445566:oidc-provider/issuer.example/c";

fn read(document: &Value) -> Result<Policy, Unsound> {
    Policy::read(&Document::parse(&document.to_string()).unwrap())
}

fn user() -> Asker {
    Asker::User(ANN.to_owned())
}

fn session() -> Asker {
    Asker::Session { role: ROLE.to_owned(), session: SESSION.to_owned() }
}

fn federated() -> Asker {
    Asker::Federated(PROVIDER.to_owned())
}

fn root() -> Asker {
    Asker::Root("112233445566".to_owned())
}

/// What one statement, of the current version, says to a request.
fn verdict(statement: &Value, asker: &Asker, on: (&str, &str), context: &Context) -> Verdict {
    let policy = read(&json!({"Version": CURRENT, "Statement": statement})).unwrap();
    let request = Request { asker, action: on.0, resource: on.1, context };
    policy.judge(&request).statements.remove(0)
}

/// Whether a condition `{operator: {key: wanted}}` holds in a context that has `got` under the key `the:key`.
fn holds(operator: &str, wanted: &Value, got: Option<&[&str]>) -> bool {
    let context = Context::default()
        .with("the:KEY", got.unwrap_or_default().iter().copied())
        .with("aws:username", ["an*n"]);
    let statement =
        json!({"Effect": "Allow", "Action": "*", "Condition": {operator: {"The:Key": wanted}}});
    let verdict = verdict(&statement, &user(), ("a:b", "*"), &context);
    assert_eq!(verdict.is_match(), verdict.conditions[0].met);
    verdict.is_match()
}

#[test]
fn conditions_compare_as_their_operator_says() {
    for (operator, wanted, got, met) in [
        ("StringEquals", "a", "a", true),
        ("StringEquals", "a", "A", false),
        ("StringEquals", "a*", "ab", false),
        ("StringEquals", "a*", "a*", true),
        ("StringNotEquals", "a", "b", true),
        ("StringNotEquals", "a", "a", false),
        ("StringEqualsIgnoreCase", "Ab", "aB", true),
        ("StringNotEqualsIgnoreCase", "Ab", "aB", false),
        ("StringLike", "a*c?", "abxc1", true),
        ("StringLike", "a*c?", "abxc", false),
        ("StringLike", "*", "", true),
        (
            "StringLike",
            "system:serviceaccount:okteto:*",
            "system:serviceaccount:okteto:okteto",
            true,
        ),
        ("StringLike", "A*", "ab", false),
        ("StringLike", "*ab", "aaab", true),
        ("StringNotLike", "a*", "ab", false),
        ("StringNotLike", "a*", "b", true),
        ("ArnEquals", "arn:aws:iam::*:user/*", ANN, true),
        ("ArnLike", "arn:*:user/ann", ANN, false),
        ("ArnLike", "arn:aws:iam::1122*:user/an?", ANN, true),
        ("ArnLike", "*", ANN, false),
        ("ArnNotEquals", "arn:aws:iam::*:user/*", ANN, false),
        ("ArnNotLike", "arn:aws:iam::*:role/*", ANN, true),
        ("Bool", "true", "TRUE", true),
        ("Bool", "false", "true", false),
        ("Bool", "true", "yes", false),
        ("NumericEquals", "5", "5.0", true),
        ("NumericNotEquals", "5", "6", true),
        ("NumericLessThan", "5", "4.9", true),
        ("NumericLessThan", "5", "5", false),
        ("NumericLessThanEquals", "5", "5", true),
        ("NumericGreaterThan", "3600", "3601", true),
        ("NumericGreaterThanEquals", "3600", "3600", true),
        ("NumericEquals", "5", "five", false),
        ("DateEquals", "2026-11-24", "2026-11-24T00:00:00Z", true),
        ("DateNotEquals", "2026-11-24", "2026-11-25", true),
        ("DateLessThan", "2026-11-24T12:00:00+02:00", "2026-11-24T09:59:59Z", true),
        ("DateLessThanEquals", "1795478400", "2026-11-24", true),
        ("DateGreaterThan", "2026-11-24", "2026-11-24", false),
        ("DateGreaterThanEquals", "2026-11-24", "2026-11-24", true),
        ("IpAddress", "127.0.0.0/8", "127.0.0.1", true),
        ("IpAddress", "127.0.0.0/8", "128.0.0.1", false),
        ("IpAddress", "0.0.0.0/0", "10.1.2.3", true),
        ("IpAddress", "::/0", "10.1.2.3", false),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", true),
        ("NotIpAddress", "10.0.0.1", "10.0.0.2", true),
        ("NotIpAddress", "10.0.0.1", "10.0.0.1", false),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", true),
        ("BinaryEquals", "QmluYXJ5", "qmluyxj5", false),
        ("Null", "false", "x", true),
        ("Null", "true", "x", false),
    ] {
        assert_eq!(holds(operator, &json!(wanted), Some(&[got])), met, "{operator} {wanted} {got}");
        assert_eq!(holds(operator, &json!([wanted]), Some(&[got])), met);
    }
    assert!(holds("Bool", &json!(true), Some(&["true"])));
    assert!(holds("NumericLessThan", &json!(5), Some(&["4"])));
}

#[test]
fn an_absent_key_is_judged_by_the_operator() {
    for (operator, met) in [
        ("StringEquals", false),
        ("StringLike", false),
        ("StringNotEquals", true),
        ("StringNotLike", true),
        ("ArnNotEquals", true),
        ("ArnLike", false),
        ("StringEqualsIfExists", true),
        ("StringNotEqualsIfExists", true),
        ("ForAllValues:StringEquals", true),
        ("ForAllValues:StringNotEquals", true),
        ("ForAnyValue:StringEquals", false),
        ("ForAnyValue:StringNotEquals", false),
        ("ForAnyValue:StringEqualsIfExists", true),
    ] {
        assert_eq!(holds(operator, &json!("x"), None), met, "{operator}");
    }
    assert!(holds("NotIpAddress", &json!("10.0.0.0/8"), None));
    assert!(!holds("Bool", &json!("false"), None));
    assert!(holds("BoolIfExists", &json!("true"), None));
    assert!(holds("Null", &json!("true"), None));
    assert!(!holds("Null", &json!("false"), None));
    // It does not excuse a key that is there.
    assert!(!holds("StringEqualsIfExists", &json!("x"), Some(&["y"])));
}

#[test]
fn several_values_are_any_of_them_unless_an_operator_says_otherwise() {
    let wanted = json!(["a", "b"]);
    for (operator, got, met) in [
        ("StringEquals", &["b"][..], true),
        ("StringEquals", &["c"], false),
        // An array claim, such as `aud`: any member will do, and none may for the opposite.
        ("StringEquals", &["c", "a"], true),
        ("StringNotEquals", &["c", "a"], false),
        ("StringNotEquals", &["c", "d"], true),
        ("StringNotEquals", &["b"], false),
        ("ForAllValues:StringEquals", &["a", "b"], true),
        ("ForAllValues:StringEquals", &["a", "c"], false),
        ("ForAllValues:StringEquals", &[""], true),
        ("ForAnyValue:StringEquals", &["a", "c"], true),
        ("ForAnyValue:StringEquals", &["c"], false),
        ("ForAnyValue:StringEquals", &[""], false),
        ("ForAllValues:StringNotEquals", &["c", "d"], true),
        ("ForAllValues:StringNotEquals", &["c", "a"], false),
        ("ForAnyValue:StringNotEquals", &["a", "c"], true),
        ("ForAnyValue:StringNotEquals", &["a", "b"], false),
    ] {
        assert_eq!(holds(operator, &wanted, Some(got)), met, "{operator} {got:?}");
    }
}

#[test]
fn all_keys_and_operators_must_hold() {
    let context = Context::default().with("i:aud", ["a"]).with("i:sub", ["s"]);
    let met = |condition: Value| {
        let statement = json!({"Effect": "Allow", "Action": "*", "Condition": condition});
        verdict(&statement, &user(), ("a:b", "*"), &context).is_match()
    };
    assert!(met(json!({})));
    assert!(met(json!({"StringEquals": {"I:AUD": "a"}, "StringLike": {"i:sub": "*"}})));
    assert!(!met(json!({"StringEquals": {"i:aud": "a", "i:sub": "t"}})));
    assert!(!met(json!({"StringEquals": {"i:aud": "a"}, "StringLike": {"i:sub": "t*"}})));
}

#[test]
fn variables_are_filled_to_the_letter() {
    for (operator, wanted, got, met) in [
        ("StringEquals", "${aws:username}", "an*n", true),
        // What a variable brings is no wildcard.
        ("StringLike", "${aws:username}", "anyn", false),
        ("StringLike", "home/${AWS:UserName}/*", "home/an*n/x", true),
        ("StringEquals", "${aws:none, 'default'}", "default", true),
        ("StringEquals", "${aws:username,'default'}", "an*n", true),
        ("StringEquals", "${aws:none}", "", false),
        ("StringNotEquals", "${aws:none}", "x", false),
        ("StringEquals", "${*}${?}${$}", "*?$", true),
        ("StringLike", "a${*}", "ab", false),
        ("StringLike", "a${*}", "a*", true),
        ("StringEquals", "${aws:username", "${aws:username", true),
        ("ArnLike", "arn:aws:iam::1:user/${aws:username}", "arn:aws:iam::1:user/an*n", true),
        // Other operators know none.
        ("BinaryEquals", "${aws:username}", "an*n", false),
    ] {
        assert_eq!(holds(operator, &json!(wanted), Some(&[got])), met, "{operator} {wanted} {got}");
    }
    // Beside other values one that cannot be filled is only missing; before it is asked, `IfExists` has its say.
    assert!(holds("StringEquals", &json!(["${aws:none}", "x"]), Some(&["x"])));
    assert!(!holds("StringNotEquals", &json!(["${aws:none}", "x"]), Some(&["y"])));
    assert!(holds("StringEqualsIfExists", &json!("${aws:none}"), None));
    assert!(!holds("ForAllValues:StringEquals", &json!("${aws:none}"), None));
}

#[test]
fn variables_stand_in_resources_of_the_current_version_only() {
    let context = Context::default().with("aws:username", ["ann"]);
    let outcome = |version: &str, element: &str, resource: &str| {
        let statement = json!({"Effect": "Allow", "Action": "*", element: "x/${aws:username}/${aws:none, 'y'}"});
        let policy = read(&json!({"Version": version, "Statement": statement})).unwrap();
        let request = Request { asker: &user(), action: "a:b", resource, context: &context };
        policy.judge(&request).outcome == Outcome::Allowed
    };
    assert!(outcome(CURRENT, "Resource", "x/ann/y"));
    assert!(!outcome(CURRENT, "NotResource", "x/ann/y"));
    assert!(!outcome("2008-10-17", "Resource", "x/ann/y"));
    assert!(outcome("2008-10-17", "Resource", "x/${aws:username}/${aws:none, 'y'}"));
    let absent = json!({"Effect": "Allow", "Action": "*", "NotResource": ["a", "${aws:none}"]});
    assert!(!verdict(&absent, &user(), ("a:b", "c"), &context).resource);
}

#[test]
fn actions_match_without_case_and_resources_with_it() {
    let context = Context::default();
    for (statement, action, resource, met) in [
        (json!({"Action": "ecr:Get*"}), "ECR:getauthorizationtoken", "*", true),
        (json!({"Action": ["a:b", "*"]}), "c:d", "*", true),
        (json!({"Action": "ecr:BatchGetImag?"}), "ecr:BatchGetImage", "*", true),
        (json!({"Action": "ecr:Batch"}), "ecr:BatchGetImage", "*", false),
        (json!({"NotAction": "iam:*"}), "ecr:BatchGetImage", "*", true),
        (json!({"NotAction": ["iam:*", "ECR:*"]}), "ecr:BatchGetImage", "*", false),
        (
            json!({"Action": "*", "Resource": "arn:aws:ecr:*:*:repository/team/*"}),
            "a:b",
            "arn:aws:ecr:us-east-2:1:repository/team/app/x",
            true,
        ),
        (
            json!({"Action": "*", "Resource": "arn:aws:ecr:*:repository/team/*"}),
            "a:b",
            "arn:aws:ecr:us-east-2:1:repository/team/app",
            true,
        ),
        (
            json!({"Action": "*", "Resource": "arn:aws:ecr:*:*:repository/Team/*"}),
            "a:b",
            "arn:aws:ecr:us-east-2:1:repository/team/app",
            false,
        ),
        (json!({"Action": "*", "Resource": "arn:aws:ecr:*:*:repository/team"}), "a:b", "*", false),
        (json!({"Action": "*", "Resource": "*"}), "a:b", "*", true),
        (json!({"Action": "*", "NotResource": "arn:aws:iam::*:role/*"}), "a:b", ROLE, false),
        (json!({"Action": "*", "NotResource": ["x", "y"]}), "a:b", ROLE, true),
    ] {
        let mut statement = statement;
        statement["Effect"] = json!("Allow");
        let found = verdict(&statement, &user(), (action, resource), &context);
        assert_eq!(found.is_match(), met, "{statement}");
    }
}

#[test]
fn a_principal_means_whom_it_names() {
    let context = Context::default();
    for (element, principal, asker, allow, deny) in [
        ("Principal", json!("*"), user(), Some(Named::Everyone), Some(Named::Everyone)),
        (
            "Principal",
            json!({"AWS": "*"}),
            Asker::Anonymous,
            Some(Named::Everyone),
            Some(Named::Everyone),
        ),
        // The strict reading: `*` lets no token in.
        ("Principal", json!("*"), federated(), None, Some(Named::Everyone)),
        (
            "Principal",
            json!({"AWS": "112233445566"}),
            user(),
            Some(Named::Account),
            Some(Named::Account),
        ),
        (
            "Principal",
            json!({"AWS": "arn:aws:iam::112233445566:root"}),
            session(),
            Some(Named::Account),
            Some(Named::Account),
        ),
        ("Principal", json!({"AWS": "arn:aws-cn:iam::112233445566:root"}), session(), None, None),
        (
            "Principal",
            json!({"AWS": "arn:aws:iam::112233445566:root"}),
            root(),
            Some(Named::Itself),
            Some(Named::Itself),
        ),
        ("Principal", json!({"AWS": "999999999999"}), user(), None, None),
        (
            "Principal",
            json!({"AWS": ["112233445566", ANN]}),
            user(),
            Some(Named::Itself),
            Some(Named::Itself),
        ),
        ("Principal", json!({"AWS": ROLE}), session(), Some(Named::Itself), Some(Named::Itself)),
        (
            "Principal",
            json!({"AWS": [ROLE, SESSION]}),
            session(),
            Some(Named::Session),
            Some(Named::Session),
        ),
        ("Principal", json!({"AWS": SESSION.replace("s1", "s2")}), session(), None, None),
        ("Principal", json!({"AWS": "arn:aws:iam::112233445566:user/*"}), user(), None, None),
        (
            "Principal",
            json!({"Federated": [PROVIDER, "x"]}),
            federated(),
            Some(Named::Itself),
            Some(Named::Itself),
        ),
        ("Principal", json!({"Federated": PROVIDER.to_uppercase()}), federated(), None, None),
        ("Principal", json!({"AWS": PROVIDER}), federated(), None, None),
        (
            "Principal",
            json!({"Service": "ec2.amazonaws.com"}),
            Asker::Service("ec2.amazonaws.com".into()),
            Some(Named::Itself),
            Some(Named::Itself),
        ),
        ("Principal", json!({"Service": "ec2.amazonaws.com"}), user(), None, None),
        ("NotPrincipal", json!({"AWS": ANN}), session(), Some(Named::Others), Some(Named::Others)),
        // One name leaves out of an allowance; only all of them spare from a denial.
        ("NotPrincipal", json!({"AWS": ROLE}), session(), None, Some(Named::Others)),
        ("NotPrincipal", json!({"AWS": [ROLE, SESSION, "112233445566"]}), session(), None, None),
        ("NotPrincipal", json!("*"), user(), None, None),
        ("NotPrincipal", json!("*"), federated(), None, None),
        ("NotPrincipal", json!({"Federated": PROVIDER}), federated(), None, None),
        (
            "NotPrincipal",
            json!({"Federated": "x"}),
            federated(),
            Some(Named::Others),
            Some(Named::Others),
        ),
        (
            "NotPrincipal",
            json!({"AWS": ANN}),
            Asker::Anonymous,
            Some(Named::Others),
            Some(Named::Others),
        ),
    ] {
        for (effect, wanted) in [("Allow", allow), ("Deny", deny)] {
            let statement = json!({"Effect": effect, "Action": "*", element: principal});
            let found = verdict(&statement, &asker, ("a:b", "*"), &context);
            assert_eq!(found.principal, wanted, "{effect} {element} {principal} {asker:?}");
        }
    }
    let own = verdict(&json!({"Effect": "Allow", "Action": "*"}), &user(), ("a:b", "*"), &context);
    assert_eq!(own.principal, Some(Named::Owner));
}

#[test]
fn a_verdict_tells_what_was_wanted_and_what_there_was() {
    let policy = read(&json!({"Version": CURRENT, "Statement": [
        {"Sid": "Pods", "Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithWebIdentity",
         "Condition": {"StringEquals": {"issuer.example/c:aud": ["a", "b"], "https://issuer.example/c:sub": "s"}}},
        {"Effect": "Deny", "Principal": "*", "Action": "sts:TagSession"}]}))
    .unwrap();
    let context =
        Context::default().with("issuer.example/c:aud", ["b"]).with("issuer.example/c:sub", ["s"]);
    let request = Request {
        asker: &federated(),
        action: "sts:AssumeRoleWithWebIdentity",
        resource: ROLE,
        context: &context,
    };
    let judgement = policy.judge(&request);
    assert_eq!(judgement.outcome, Outcome::Silent);
    let pods = &judgement.statements[0];
    assert_eq!((pods.sid.as_deref(), pods.effect), (Some("Pods"), Effect::Allow));
    assert!(pods.principal.is_some() && pods.action && pods.resource);
    let finding = |key: &str, wanted: &[&str], got: Option<&str>, met| Finding {
        operator: "StringEquals".to_owned(),
        key: key.to_owned(),
        wanted: wanted.iter().map(|&w| w.to_owned()).collect(),
        got: got.map(|g| vec![g.to_owned()]),
        met,
    };
    assert_eq!(
        pods.conditions,
        [
            finding("issuer.example/c:aud", &["a", "b"], Some("b"), true),
            finding("https://issuer.example/c:sub", &["s"], None, false),
        ]
    );
    assert!(!judgement.statements[1].action);
}

#[test]
fn what_could_only_be_guessed_at_is_unsound() {
    let good = json!({"Effect": "Allow", "Action": "a:b", "Resource": "*"});
    let with = |key: &str, value: Value| {
        let mut statement = good.clone();
        statement[key] = value;
        read(&json!({"Version": CURRENT, "Statement": [statement]}))
    };
    assert!(read(&json!({"Version": CURRENT, "Id": "x", "Statement": good})).is_ok());
    let at = |place: &str| place.to_owned();
    for (found, wanted) in [
        (
            read(&json!({"Version": "2020-01-01", "Statement": good})),
            Unsound::Version(at("2020-01-01")),
        ),
        (read(&json!({"Version": CURRENT, "Statement": good, "X": 1})), Unsound::Element(at("X"))),
        (read(&json!({"Version": 1, "Statement": good})), Unsound::Form(at("Version"))),
        (with("Effect", json!("allow")), Unsound::Effect(at("allow"))),
        (with("Extra", json!(1)), Unsound::Element(at("Extra"))),
        (with("NotAction", json!("x")), Unsound::Both("Action", "NotAction")),
        (with("Action", json!(null)), Unsound::Form(at("Action"))),
        (with("Action", json!([])), Unsound::Empty(at("Action"))),
        (with("Resource", json!([["x"]])), Unsound::Form(at("Resource"))),
        (with("Principal", json!("me")), Unsound::Form(at("Principal"))),
        (with("Principal", json!({})), Unsound::Empty(at("Principal"))),
        (with("Principal", json!({"Aws": "*"})), Unsound::Element(at("Principal Aws"))),
        (with("Condition", json!([])), Unsound::Form(at("Condition"))),
        (with("Condition", json!({"StringIs": {"k": "v"}})), Unsound::Operator(at("StringIs"))),
        (
            with("Condition", json!({"stringequals": {"k": "v"}})),
            Unsound::Operator(at("stringequals")),
        ),
        (
            with("Condition", json!({"NullIfExists": {"k": "true"}})),
            Unsound::Operator(at("NullIfExists")),
        ),
        (
            with("Condition", json!({"ForSomeValue:Bool": {"k": "true"}})),
            Unsound::Operator(at("ForSomeValue:Bool")),
        ),
        (with("Condition", json!({"StringEquals": {"k": []}})), Unsound::Empty(at("k"))),
        (with("Condition", json!({"StringEquals": {"k": null}})), Unsound::Form(at("k"))),
        (
            with("Condition", json!({"NumericLessThan": {"k": "inf"}})),
            Unsound::Operand { operator: at("NumericLessThan"), value: at("inf") },
        ),
        (
            with("Condition", json!({"IpAddress": {"k": "10.0.0.0/33"}})),
            Unsound::Operand { operator: at("IpAddress"), value: at("10.0.0.0/33") },
        ),
        (read(&json!({"Statement": {"Action": "x"}})), Unsound::Missing("Effect")),
        (read(&json!({"Statement": {"Effect": "Allow"}})), Unsound::Missing("Action")),
    ] {
        assert_eq!(found.unwrap_err(), wanted);
    }
    let twice = r#"{"Statement":{"Effect":"Allow","Effect":"Deny","Action":"*"}}"#;
    assert_eq!(
        Policy::read(&Document::parse(twice).unwrap()),
        Err(Unsound::Repeated("Statement.Effect".to_owned()))
    );
}
