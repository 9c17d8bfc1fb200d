use serde_json::{Value, json};

use super::*;
use crate::domain::trust::decide;

const NAME: &str = "container.googleapis.com/v1/projects/p/locations/l/clusters/c";
const ARN: &str = "arn:aws:iam::112233445566:oidc-provider/container.googleapis.com/v1/projects/p/locations/l/clusters/c";
const AUDIENCE: &str = "okteto.example.com";
const SUBJECT: &str = "system:serviceaccount:okteto:okteto";

fn provider() -> Provider {
    Provider { arn: ARN.to_owned(), audiences: Some(vec![AUDIENCE.to_owned()]) }
}

fn holder() -> Holder {
    Holder::new(&format!("https://{NAME}"), AUDIENCE, SUBJECT)
}

/// A document of these statements.
fn document(statements: &Value) -> Document {
    let value = json!({"Version": "2012-10-17", "Statement": statements});
    Document::parse(&value.to_string()).unwrap()
}

/// A statement that lets the holder in, but for these elements in place of its own.
fn allow(other: &Value) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": {"Federated": ARN},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {
            format!("{NAME}:aud"): AUDIENCE, format!("{NAME}:sub"): SUBJECT,
        }},
    });
    for (element, value) in other.as_object().unwrap() {
        if value.is_null() {
            statement.as_object_mut().unwrap().remove(element);
        } else {
            statement[element] = value.clone();
        }
    }
    statement
}

fn when(condition: &Value) -> Value {
    allow(&json!({"Condition": condition}))
}

/// What stands in the way of a holder, each thing by itself.
fn refused(statements: &Value, provider: &Provider, holder: &Holder) -> Vec<Fault> {
    let outlook = outlook(&document(statements), provider, holder);
    let Outlook::Refuses(fault) = outlook else { panic!("{statements}: {outlook:?}") };
    let faults: Vec<Fault> = std::iter::once(&*fault)
        .chain(fault.others())
        .map(|fault| Fault { also: None, ..fault.clone() })
        .collect();
    for fault in &faults {
        assert!(fault.remedy.is_some(), "{fault:?}");
        assert!(!fault.waiting_helps(), "{fault:?}");
    }
    faults
}

fn one(statements: &Value, holder: &Holder) -> Fault {
    let mut faults = refused(statements, &provider(), holder);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

fn unsure(statements: &Value) -> String {
    match outlook(&document(statements), &provider(), &holder()) {
        Outlook::Unsure(words) => words,
        other => panic!("{statements}: {other:?}"),
    }
}

fn slugs(faults: &[Fault]) -> Vec<&'static str> {
    faults.iter().map(|f| f.cause.slug()).collect()
}

/// Cause, place, what was wanted, what there is, where they part.
fn shown(fault: &Fault) -> [&str; 5] {
    let of = |key: &str| fault.evidence.get(key).map_or("", String::as_str);
    [fault.cause.slug(), of("at"), of("wanted"), of("got"), of("first_difference")]
}

fn key(claim: &str) -> String {
    format!("{NAME}:{claim}")
}

#[test]
fn the_right_token_is_admitted() {
    for statements in [
        allow(&json!({})),
        json!([{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}, allow(&json!({}))]),
        allow(&json!({"Action": ["sts:TagSession", "sts:Assume*"], "Condition": null})),
        allow(&json!({"Action": null, "NotAction": "iam:*"})),
        when(&json!({"StringLike": {key("SUB").to_uppercase(): "system:serviceaccount:okteto:*"}})),
        when(
            &json!({"ForAnyValue:StringEquals": {key("aud"): ["x", AUDIENCE]}, "Null": {key("azp"): "true"}}),
        ),
    ] {
        let found = outlook(&document(&statements), &provider(), &holder());
        assert_eq!(found, Outlook::Admits, "{statements}");
    }
    // An array, as Kubernetes sends it; any of several; what the provider lists may not be known.
    let several = Holder {
        audiences: vec!["https://kubernetes.default.svc".into(), AUDIENCE.into()],
        ..holder()
    };
    let unlisted = Provider { audiences: None, ..provider() };
    for provider in [provider(), unlisted] {
        let found = outlook(&document(&allow(&json!({}))), &provider, &several);
        assert_eq!(found, Outlook::Admits);
    }
}

#[test]
fn a_missing_claim_is_told_once() {
    let statements = allow(&json!({}));
    for (holder, claim) in [
        (Holder { issuer: None, ..holder() }, "iss"),
        (Holder { subject: None, ..holder() }, "sub"),
        (Holder { audiences: Vec::new(), ..holder() }, "aud"),
    ] {
        let fault = one(&statements, &holder);
        assert_eq!(
            (fault.cause.slug(), fault.evidence["claim"].as_str()),
            ("token-malformed", claim)
        );
        assert!(fault.message.contains(claim) && fault.message.contains("the token has no"));
    }
    let nobody = refused(&statements, &provider(), &Holder::default());
    assert_eq!(slugs(&nobody), ["token-malformed"; 3]);
}

#[test]
fn an_issuer_must_be_the_providers_to_the_letter() {
    let statements = allow(&json!({}));
    for (issuer, difference) in [
        (
            format!("https://{NAME}/"),
            format!("character {}: wanted the end, got '/'", NAME.len() + 9),
        ),
        (
            format!("https://{}", NAME.replace("clusters/c", "clusters/C")),
            format!("character {}: wanted 'c', got 'C'", NAME.len() + 8),
        ),
        (
            format!("https://{}", NAME.replace(".com", ".com:443")),
            "character 33: wanted '/', got ':'".to_owned(),
        ),
        (format!("http://{NAME}"), "character 5: wanted 's', got ':'".to_owned()),
    ] {
        let fault = one(&statements, &Holder { issuer: Some(issuer.clone()), ..holder() });
        let wanted = format!("https://{NAME}");
        assert_eq!(shown(&fault), ["provider-missing", "", &wanted, &issuer, &difference]);
        assert!(fault.message.contains("slash") && fault.message.contains("port"));
        let remedy = fault.remedy.unwrap();
        // AWS takes none without TLS.
        assert_eq!(remedy.contains("make a plan"), issuer.starts_with("https://"), "{remedy}");
        assert!(remedy.contains(&wanted), "{remedy}");
    }
    let saml =
        Provider { arn: "arn:aws:iam::112233445566:saml-provider/x".into(), audiences: None };
    assert_eq!(before_policy(&saml, &holder())[0].cause, Cause::ProviderMissing);
}

#[test]
fn an_audience_must_be_listed_to_the_letter() {
    let holder = Holder { audiences: vec!["Okteto.example.com".into()], ..holder() };
    let fault = &before_policy(&provider(), &holder)[0];
    assert_eq!(
        shown(fault),
        [
            "audience-not-registered",
            "",
            AUDIENCE,
            "Okteto.example.com",
            "character 1: wanted 'o', got 'O'"
        ]
    );
    assert!(
        fault.remedy.as_ref().unwrap().contains("add the audience Okteto.example.com to arn:aws")
    );
    let none = Provider { audiences: Some(Vec::new()), ..provider() };
    let fault = &before_policy(&none, &holder)[0];
    assert!(fault.message.ends_with("lists no audience at all"), "{}", fault.message);
}

#[test]
fn azp_counts_in_place_of_aud() {
    let holder = Holder { party: Some("client".into()), ..holder() };
    let faults = refused(&allow(&json!({})), &provider(), &holder);
    assert_eq!(slugs(&faults), ["audience-not-registered", "audience-mismatch"]);
    for fault in &faults {
        assert_eq!(fault.evidence["claim"], "azp");
        assert_eq!(
            (fault.evidence["wanted"].as_str(), fault.evidence["got"].as_str()),
            (AUDIENCE, "client")
        );
    }
    let asks = when(&json!({"StringEquals": {key("azp"): "client"}}));
    let fault = one(&asks, &super::tests::holder());
    assert_eq!(
        shown(&fault)[..3],
        [
            "audience-mismatch",
            &format!("Statement 1: Condition StringEquals {}", key("azp")),
            "client"
        ]
    );
    assert!(!fault.evidence.contains_key("got"));
    assert!(fault.message.starts_with("the token has no azp"));
}

#[test]
fn a_principal_must_be_the_provider() {
    let other = ARN.replace("112233445566", "999999999999");
    let fault = one(&allow(&json!({"Principal": {"Federated": other}})), &holder());
    assert_eq!(
        shown(&fault),
        [
            "provider-in-other-account",
            "Statement 1: Principal Federated",
            ARN,
            &other,
            "character 14: wanted '1', got '9'"
        ]
    );
    assert!(
        fault
            .message
            .ends_with("the account 999999999999, and the token's provider stands in 112233445566")
    );
    let china = ARN.replace("arn:aws:", "arn:aws-cn:");
    let fault = one(&allow(&json!({"Principal": {"Federated": ["x", china]}})), &holder());
    assert_eq!(shown(&fault)[3..], [&china, "character 8: wanted ':', got '-'"]);
    assert!(fault.message.contains("partition aws-cn"));
    let slash = format!("{ARN}/");
    for (other, at, got) in [
        (
            json!({"Principal": {"Federated": slash}}),
            "Statement 1: Principal Federated",
            slash.as_str(),
        ),
        (
            json!({"Principal": {"AWS": "112233445566"}}),
            "Statement 1: Principal AWS",
            "112233445566",
        ),
        (json!({"Principal": {"Service": ["a", "b"]}}), "Statement 1: Principal Service", "a, b"),
        (json!({"Principal": "*"}), "Statement 1: Principal", "*"),
        (json!({"Principal": null}), "Statement 1", ""),
        (
            json!({"Principal": null, "NotPrincipal": {"Federated": ARN}}),
            "Statement 1: NotPrincipal Federated",
            ARN,
        ),
    ] {
        let fault = one(&allow(&other), &holder());
        let [cause, place, wanted, was, _] = shown(&fault);
        assert_eq!(
            (cause, place, wanted, was),
            ("trust-principal-mismatch", at, ARN, got),
            "{other}"
        );
        assert!(
            fault.remedy.unwrap().contains(&format!("\"Principal\": {{\"Federated\": \"{ARN}\"}}"))
        );
    }
    // Whom it does not name, it lets in.
    let others = allow(&json!({"Principal": null, "NotPrincipal": {"Federated": slash}}));
    assert_eq!(outlook(&document(&others), &provider(), &holder()), Outlook::Admits);
}

#[test]
fn an_action_must_be_the_swap() {
    let fault = one(&allow(&json!({"Action": "sts:AssumeRole"})), &holder());
    assert_eq!(
        shown(&fault),
        [
            "trust-action-mismatch",
            "Statement 1: Action",
            crate::domain::trust::ACTION,
            "sts:AssumeRole",
            "character 15: wanted 'W', got the end"
        ]
    );
    let fault = one(&allow(&json!({"Action": null, "NotAction": ["iam:*", "sts:*"]})), &holder());
    assert_eq!(shown(&fault)[..2], ["trust-action-mismatch", "Statement 1: NotAction"]);
}

#[test]
fn a_key_of_another_provider_names_the_right_one() {
    let region = NAME.replace("locations/l", "locations/m");
    for wrong in [
        format!("https://{NAME}:aud"),
        format!("{NAME}/:aud"),
        format!("{}:aud", NAME.replace(".com", ".com:443")),
        format!("{region}:aud"),
        "sts.amazonaws.com:aud".to_owned(),
        "aud".to_owned(),
    ] {
        let fault = one(&when(&json!({"StringLike": {wrong.as_str(): AUDIENCE}})), &holder());
        let at = format!("Statement 1: Condition StringLike {wrong}");
        assert_eq!(shown(&fault)[..4], ["condition-key-mismatch", &at, &key("aud"), &wrong]);
        assert!(fault.evidence.contains_key("first_difference"));
        assert!(
            fault
                .remedy
                .unwrap()
                .contains(&format!("put the key {} in place of {wrong}", key("aud")))
        );
    }
    let message =
        |wrong: &str| one(&when(&json!({"StringLike": {wrong: AUDIENCE}})), &holder()).message;
    assert!(message(&format!("{NAME}/:aud")).ends_with("the slash at the end counts"));
    assert!(
        message(&format!("{}:aud", NAME.replace(".com", ".com:443"))).ends_with("the port counts")
    );
    // Of what no provider's token carries, no key is proposed.
    let fault = one(&when(&json!({"StringEquals": {"other.example:email": "a"}})), &holder());
    assert_eq!(fault.cause, Cause::ConditionKeyMismatch);
    assert!(
        fault
            .remedy
            .unwrap()
            .starts_with("remove Statement 1: Condition StringEquals other.example:email")
    );
    // Its value is held against the claim as well.
    let both = when(
        &json!({"StringEquals": {format!("{NAME}/:sub"): "system:serviceaccount:okteto:default"}}),
    );
    let faults = refused(&both, &provider(), &holder());
    assert_eq!(slugs(&faults), ["condition-key-mismatch", "subject-mismatch"]);
    assert_eq!(faults[1].evidence["first_difference"], "character 30: wanted 'd', got 'o'");
}

#[test]
fn the_tutorials_printed_policy_is_wrong_in_both_keys() {
    let tutorial = when(&json!({"StringEquals": {
        format!("https://{NAME}:aud"): AUDIENCE, format!("https://{NAME}:sub"): SUBJECT,
    }}));
    let elsewhere = json!({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"});
    let faults = refused(&json!([elsewhere, tutorial]), &provider(), &holder());
    assert_eq!(slugs(&faults), ["condition-key-mismatch"; 2]);
    assert_eq!(faults[0].evidence["first_difference"], "character 1: wanted 'c', got 'h'");
    assert_eq!(
        faults[1].evidence["at"],
        format!("Statement 2: Condition StringEquals https://{NAME}:sub")
    );
    assert!(faults[0].message.ends_with("a condition key begins without https://"));
}

#[test]
fn a_subject_and_an_audience_are_compared_to_the_letter() {
    let at = |claim: &str| format!("Statement 1: Condition StringEquals {}", key(claim));
    let other = "system:serviceaccount:okteto:Okteto";
    let fault = one(&allow(&json!({})), &Holder { subject: Some(other.into()), ..holder() });
    assert_eq!(
        shown(&fault),
        ["subject-mismatch", &at("sub"), SUBJECT, other, "character 30: wanted 'o', got 'O'"]
    );
    assert_eq!(
        fault.remedy.unwrap(),
        format!(
            "if {other} is meant, put it in place of {SUBJECT} at {} (a plan shows the difference and mends it); else take a token of {SUBJECT}",
            at("sub")
        )
    );
    // Of several values on either side the two that come closest are told apart.
    let several =
        when(&json!({"StringEquals": {key("aud"): ["sts.amazonaws.com", "okteto.example.org"]}}));
    let wide = Holder { audiences: vec![AUDIENCE.into(), "x".into()], ..holder() };
    let fault = one(&several, &wide);
    assert_eq!(
        shown(&fault),
        [
            "audience-mismatch",
            &at("aud"),
            "sts.amazonaws.com, okteto.example.org",
            "okteto.example.com, x",
            "character 16: wanted 'o', got 'c'"
        ]
    );
    let folded = when(&json!({"StringEqualsIgnoreCase": {key("aud"): "OKTETO.example.org"}}));
    assert_eq!(shown(&one(&folded, &holder()))[4], "character 16: wanted 'o', got 'c'");
    // Each value of the token must be wanted; the one that is does not hide the one that is not.
    let each = when(&json!({"ForAllValues:StringEquals": {key("aud"): AUDIENCE}}));
    let fault = one(&each, &wide);
    assert_eq!(shown(&fault)[4], "character 1: wanted 'o', got 'x'");
}

#[test]
fn a_wildcard_under_string_equals_is_told_as_such() {
    for (operator, like) in [
        ("StringEquals", "StringLike"),
        ("ForAnyValue:StringEqualsIfExists", "ForAnyValue:StringLikeIfExists"),
    ] {
        let fault = one(
            &when(&json!({operator: {key("sub"): "system:serviceaccount:okteto:*"}})),
            &holder(),
        );
        assert_eq!(fault.cause, Cause::SubjectMismatch);
        assert_eq!(fault.evidence["first_difference"], "character 30: wanted '*', got 'o'");
        let remedy = fault.remedy.unwrap();
        assert!(remedy.contains(&format!("if {SUBJECT} is meant, put it in place of")), "{remedy}");
        assert!(
            remedy.contains(&format!("{like} would read them as wildcards, and let in")),
            "{remedy}"
        );
    }
    // A pattern is to the letter only up to its first wildcard.
    let fault = one(
        &when(&json!({"StringLike": {key("sub"): "system:serviceaccount:*:default"}})),
        &holder(),
    );
    assert_eq!(shown(&fault)[4], "");
    let fault =
        one(&when(&json!({"StringLike": {key("sub"): "system:serviceaccount:dev:*"}})), &holder());
    assert_eq!(shown(&fault)[4], "character 23: wanted 'd', got 'o'");
}

#[test]
fn what_leaves_out_and_what_asks_for_nothing_say_so() {
    let fault = one(&when(&json!({"StringNotLike": {key("sub"): "system:*"}})), &holder());
    assert_eq!(shown(&fault)[2..], ["system:*", SUBJECT, ""]);
    assert!(fault.message.ends_with("leaves out system:* by StringNotLike"), "{}", fault.message);
    let fault = one(&when(&json!({"Null": {key("sub"): "true"}})), &holder());
    assert_eq!(fault.cause, Cause::SubjectMismatch);
    assert!(fault.message.ends_with("asks that there be none"), "{}", fault.message);
    let fault = one(&when(&json!({"Null": {key("amr"): "false"}})), &holder());
    assert_eq!(fault.cause, Cause::PermissionDenied);
    assert!(fault.message.starts_with("the token has no amr"), "{}", fault.message);
}

#[test]
fn an_explicit_denial_counts_whatever_allows() {
    let deny = |other: &Value| {
        let mut statement = allow(other);
        statement["Effect"] = json!("Deny");
        statement["Sid"] = json!("Keep");
        statement
    };
    let outside = deny(&json!({
        "Principal": "*", "Action": "*",
        "Condition": {"StringNotLike": {key("sub"): "system:serviceaccount:prod:*"}},
    }));
    let fault = one(&json!([allow(&json!({})), outside]), &holder());
    assert_eq!(fault.cause, Cause::PermissionDenied);
    assert_eq!(fault.evidence["policy"], "role trust (explicit deny)");
    assert_eq!(
        (fault.evidence["at"].as_str(), fault.evidence["sid"].as_str()),
        ("Statement 2", "Keep")
    );
    assert!(
        fault
            .message
            .contains(&format!("StringNotLike {} system:serviceaccount:prod:*", key("sub")))
    );
    // Together with what keeps the other statement from allowing.
    let faults = refused(
        &json!([deny(&json!({"Condition": null})), allow(&json!({"Action": "sts:AssumeRole"}))]),
        &provider(),
        &holder(),
    );
    assert_eq!(slugs(&faults), ["trust-action-mismatch", "permission-denied"]);
    let only = refused(&deny(&json!({"Action": "iam:*"})), &provider(), &holder());
    assert_eq!(slugs(&only), ["permission-denied"]);
    assert!(only[0].message.contains("no statement"));
}

#[test]
fn all_that_stands_in_the_way_is_named() {
    let holder = Holder {
        issuer: Some(format!("https://{NAME}/")),
        audiences: vec!["elsewhere".into()],
        subject: Some("system:serviceaccount:okteto:default".into()),
        ..holder()
    };
    let faults = refused(&allow(&json!({"Action": "sts:AssumeRole"})), &provider(), &holder);
    assert_eq!(
        slugs(&faults),
        [
            "provider-missing",
            "audience-not-registered",
            "trust-action-mismatch",
            "audience-mismatch",
            "subject-mismatch"
        ]
    );
}

#[test]
fn the_statement_that_comes_closest_is_explained() {
    let other = "arn:aws:iam::112233445566:oidc-provider/oidc.eks.us-east-2.amazonaws.com/id/A";
    let statements = json!([
        allow(&json!({"Principal": {"Federated": other}})),
        when(&json!({"StringEquals": {key("aud"): "a", key("sub"): "b"}})),
        when(&json!({"StringEquals": {key("aud"): AUDIENCE, key("sub"): "c"}})),
        when(&json!({"StringEquals": {key("aud"): AUDIENCE, key("sub"): "d"}})),
    ]);
    let fault = one(&statements, &holder());
    assert_eq!(
        shown(&fault)[..3],
        ["subject-mismatch", &format!("Statement 3: Condition StringEquals {}", key("sub")), "c"]
    );
    // The trust of another cluster: whom it lets in, and what it asks for.
    let name = other.split_once("oidc-provider/").unwrap().1;
    let cluster = allow(&json!({
        "Principal": {"Federated": other},
        "Condition": {"StringEquals": {format!("{name}:aud"): AUDIENCE, format!("{name}:sub"): SUBJECT}},
    }));
    let faults = refused(&cluster, &provider(), &holder());
    assert_eq!(
        slugs(&faults),
        ["trust-principal-mismatch", "condition-key-mismatch", "condition-key-mismatch"]
    );
}

#[test]
fn what_cannot_be_known_is_told_and_hides_nothing_that_can() {
    let asks = |key: &str, value: &str| {
        let mut statement = allow(&json!({}));
        statement["Condition"]["StringLike"] = json!({key: value});
        statement
    };
    assert_eq!(
        unsure(&asks("aws:SourceIp", "10.*")),
        "statement 1 asks by StringLike for aws:SourceIp, which is not known here"
    );
    for (name, value) in [
        ("sts:RoleSessionName", "okteto"),
        (key("email").as_str(), "x"),
        (key("sub").as_str(), "${aws:PrincipalTag/team}"),
    ] {
        assert!(unsure(&asks(name, value)).contains(name));
    }
    // AWS makes no key of this claim, so that it is known never to hold.
    let never = one(&asks(&key("iss"), "https://x"), &holder());
    assert_eq!(never.cause, Cause::ConditionKeyMismatch);
    assert_eq!(never.evidence["got"], key("iss"));
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "*",
        "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}});
    assert!(unsure(&json!([allow(&json!({})), deny])).starts_with("statement 2"));
    // Another statement lets the holder in without asking.
    let beside = json!([asks("aws:SourceIp", "10.*"), allow(&json!({}))]);
    assert_eq!(outlook(&document(&beside), &provider(), &holder()), Outlook::Admits);
    // What is known to fail is told even so.
    let holder = Holder { subject: Some("system:serviceaccount:a:b".into()), ..holder() };
    assert_eq!(one(&asks("aws:SourceIp", "10.*"), &holder).cause, Cause::SubjectMismatch);
    assert_eq!(
        one(&json!([asks("aws:SourceIp", "*"), deny]), &holder).cause,
        Cause::SubjectMismatch
    );
}

#[test]
fn a_policy_that_aws_would_not_take_is_no_verdict_unless_it_fails_anyhow() {
    assert!(unsure(&allow(&json!({"Resource": "arn:aws:iam::1:role/x"}))).contains("Resource"));
    let operator = when(&json!({"StringIs": {key("sub"): SUBJECT}}));
    assert_eq!(
        unsure(&operator),
        "AWS would not take this policy, as there is no condition operator StringIs"
    );
    let late = Holder { issuer: Some("https://other.example".into()), ..holder() };
    assert_eq!(one(&operator, &late).cause, Cause::ProviderMissing);
    // Of a repeated key the last value is judged by.
    for (last, cause) in [(SUBJECT, None), ("x", Some(Cause::SubjectMismatch))] {
        let sub = key("sub");
        let text = document(&when(&json!({"StringEquals": {sub.as_str(): last}})))
            .value
            .to_string()
            .replace(&format!("{{\"{sub}\":"), &format!("{{\"{sub}\":\"first\",\"{sub}\":"));
        match (outlook(&Document::parse(&text).unwrap(), &provider(), &holder()), cause) {
            (Outlook::Unsure(words), None) => {
                assert!(words.contains("stands there twice"), "{words}");
            }
            (Outlook::Refuses(fault), Some(cause)) => assert_eq!(fault.cause, cause),
            (other, _) => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn who_names_nobody_lets_nobody_in() {
    let none = document(&allow(&json!({"Principal": null})));
    let policy = Policy::read(&none).unwrap();
    assert!(!decide(&policy, ARN, &holder()).allowed);
}
