use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::decide;
use super::*;
use crate::domain::policy::trust;
use crate::domain::sample::intent;

const ARN: &str = "arn:aws:iam::112233445566:oidc-provider/oidc.example.com/id/A";
const NAME: &str = "oidc.example.com/id/A";
const OTHER: &str = "arn:aws:iam::112233445566:oidc-provider/oidc.example.com/id/B";
const SUBJECT: &str = "system:serviceaccount:okteto:okteto";

/// One allowing statement with these conditions on `aud` and `sub`, the operators first.
fn with(conditions: &[(&str, &str, Value)]) -> Value {
    let mut condition = json!({});
    for (operator, claim, wanted) in conditions {
        condition[*operator][format!("{NAME}:{claim}")] = wanted.clone();
    }
    json!({
        "Effect": "Allow",
        "Principal": {"Federated": ARN},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    })
}

fn policy(statements: &[Value]) -> Policy {
    read(&json!({"Version": "2012-10-17", "Statement": statements}).to_string()).unwrap()
}

fn weak(conditions: &[(&str, &str, Value)]) -> Policy {
    policy(&[with(conditions)])
}

fn subjects(found: &[Intruder]) -> Vec<&str> {
    found.iter().map(|i| i.holder.subject.as_deref().unwrap_or("-")).collect()
}

fn told(policy: &Policy) -> String {
    sentence(&admitted(policy, &Meant::default()))
}

/// Each that is listed gets in, and an instance of each set.
fn holds(policy: &Policy, meant: &Meant) {
    let lets = |holder: &Holder| {
        let name = holder.provider_name().unwrap();
        arns(policy, name).iter().any(|arn| decide(policy, arn, holder).allowed)
    };
    let found = intruders(policy, meant);
    assert!(found.iter().all(|i| lets(&i.holder)), "{found:#?}");
    assert!(found.len() <= 20, "{found:#?}");
    for (at, intruder) in found.iter().enumerate() {
        assert!(!found.iter().skip(at + 1).any(|f| f.holder == intruder.holder), "{found:#?}");
    }
}

#[test]
fn our_own_policy_admits_one_and_no_neighbour() {
    let intent = intent();
    let policy = read(&trust::text(&intent)).unwrap();
    let meant = Meant::from(&intent);
    for meant in [meant.clone(), Meant::default()] {
        let sets = admitted(&policy, &meant);
        assert_eq!(sets.len(), 1);
        assert_eq!(
            sentence(&sets),
            "Only the service account okteto of the namespace okteto, in the cluster myCluster, with the \
             audience okteto.example.com/us-east-2."
        );
        assert_eq!(intruders(&policy, &meant), []);
    }
    // Another was meant: then this one is the intruder.
    let ci = Meant { subject: Some("system:serviceaccount:ci:builder".to_owned()), ..meant };
    let found = intruders(&policy, &ci);
    assert_eq!(subjects(&found), [SUBJECT]);
    assert_eq!(
        found[0].why,
        "The service account okteto of the namespace okteto, which the policy names, gets in: statement 1 takes \
         the subject \"system:serviceaccount:okteto:okteto\" by StringEquals."
    );
}

/// Each weakness of a trust policy that the usual lints know, and who gets in by it.
#[test]
fn each_weakness_lets_in_the_fitting_neighbours() {
    let aud = || ("StringEquals", "aud", json!("a"));
    let any = [
        "system:serviceaccount:okteto:another",
        "system:serviceaccount:another:okteto",
        "repo:someone/else:ref:refs/heads/main",
    ];
    let open: &[(&str, Policy)] = &[
        ("no condition", weak(&[])),
        ("no subject", weak(&[aud()])),
        ("subject *", weak(&[aud(), ("StringLike", "sub", json!("*"))])),
        (
            "only negated",
            weak(&[aud(), ("StringNotEquals", "sub", json!("system:serviceaccount:ci:ci"))]),
        ),
    ];
    for (what, policy) in open {
        holds(policy, &Meant::default());
        let found = intruders(policy, &Meant::default());
        for subject in any {
            assert!(subjects(&found).contains(&subject), "{what}: {found:#?}");
        }
        assert_ne!(admitted(policy, &Meant::default()), [], "{what}");
    }
    let found = |conditions: &[(&str, &str, Value)]| {
        let policy = weak(conditions);
        holds(&policy, &Meant::default());
        intruders(&policy, &Meant::default())
    };
    // Without an audience any other gets in, unless the provider is known not to list it.
    let sub = || ("StringEquals", "sub", json!(SUBJECT));
    let audiences = |found: &[Intruder]| -> Vec<String> {
        found.iter().map(|i| i.holder.audiences.join(",")).collect()
    };
    assert!(audiences(&found(&[sub()])).contains(&"another.example.com".to_owned()));
    let listed = |list: &[&str]| Meant {
        audience: Some("a".to_owned()),
        provider_audiences: Some(list.iter().map(|s| (*s).to_owned()).collect()),
        ..Meant::default()
    };
    let policy = weak(&[sub()]);
    assert_eq!(audiences(&intruders(&policy, &listed(&["a", "b"]))), ["b", ""]);
    assert_eq!(audiences(&intruders(&policy, &listed(&["a"]))), [""]);
    assert_eq!(
        sentence(&admitted(&policy, &listed(&["a", "b"]))),
        "Only the service account okteto of the namespace okteto, in the cluster A, with the audience a or b."
    );
    // Wildcards, the namespace's among them.
    let like = |pattern: &str| found(&[aud(), ("StringLike", "sub", json!(pattern))]);
    let account = like("system:serviceaccount:okteto:*");
    assert!(subjects(&account).contains(&"system:serviceaccount:okteto:default"), "{account:#?}");
    assert!(!subjects(&account).contains(&"system:serviceaccount:another:okteto"), "{account:#?}");
    let namespace = like("system:serviceaccount:okteto*:okteto");
    assert_eq!(
        subjects(&namespace),
        ["system:serviceaccount:okteto-x:okteto", "system:serviceaccount:oktetoanother:okteto"]
    );
    let crossing = like("system:serviceaccount:team*");
    assert!(subjects(&crossing).contains(&"system:serviceaccount:team-x:another"), "{crossing:#?}");
    // An absent claim.
    for operator in ["ForAllValues:StringEquals", "StringEqualsIfExists"] {
        let absent = found(&[aud(), (operator, "sub", json!(SUBJECT))]);
        assert_eq!(absent.len(), 1, "{absent:#?}");
        assert_eq!(absent[0].holder.subject, None);
        assert!(
            absent[0].why.contains(operator) && absent[0].why.contains("STS today refuses"),
            "{absent:#?}"
        );
    }
    // Letters.
    let flipped = found(&[aud(), ("StringEqualsIgnoreCase", "sub", json!(SUBJECT))]);
    assert_eq!(subjects(&flipped), ["SYSTEM:SERVICEACCOUNT:OKTETO:OKTETO"]);
    // A wildcard that is none.
    assert_eq!(
        found(&[aud(), ("StringEquals", "sub", json!("system:serviceaccount:okteto:*"))]),
        []
    );
}

#[test]
fn another_provider_of_the_statement_gets_in_where_no_condition_is_about_it() {
    for (operator, least) in
        [("ForAllValues:StringEquals", 1), ("StringEqualsIfExists", 1), ("StringEquals", 0)]
    {
        let mut statement =
            with(&[(operator, "sub", json!(SUBJECT)), (operator, "aud", json!("a"))]);
        statement["Principal"]["Federated"] = json!([ARN, OTHER]);
        let policy = policy(&[statement]);
        holds(&policy, &Meant::default());
        let found = intruders(&policy, &Meant::default());
        let others = found
            .iter()
            .filter(|i| i.holder.issuer.as_deref() == Some("https://oidc.example.com/id/B"));
        assert!(others.clone().count() >= least, "{found:#?}");
        assert!(least > 0 || found.is_empty(), "{found:#?}");
        assert!(
            others.take(1).all(|i| i.why.contains(
                "The same subject in the cluster B gets in: statement 1 names its provider"
            )),
            "{found:#?}"
        );
    }
    // Both with conditions of their own: both were meant.
    let mut second = with(&[]);
    second["Principal"]["Federated"] = json!(OTHER);
    second["Condition"] = json!({"StringEquals": {"oidc.example.com/id/B:sub": SUBJECT, "oidc.example.com/id/B:aud": "a"}});
    let first =
        with(&[("StringEquals", "sub", json!(SUBJECT)), ("StringEquals", "aud", json!("a"))]);
    let both = policy(&[first, second]);
    assert_eq!(intruders(&both, &Meant::default()), []);
    assert_eq!(admitted(&both, &Meant::default()).len(), 2);
    let meant = Meant { issuer: Some(format!("https://{NAME}")), ..Meant::default() };
    assert_eq!(intruders(&both, &meant).len(), 1);
}

#[test]
fn whoever_is_not_excepted_gets_in() {
    let open = json!({
        "Effect": "Allow", "NotPrincipal": {"Federated": ARN}, "Action": "sts:*",
    });
    let policy = policy(&[open]);
    holds(&policy, &Meant::default());
    let sets = admitted(&policy, &Meant::default());
    assert_eq!(
        sentence(&sets),
        "Any subject, of any provider of the account, with any audience, but not in the cluster A."
    );
    assert!(
        sets[0].has("https://x.example", "b", "c")
            && !sets[0].has(&format!("https://{NAME}"), "b", "c")
    );
    assert_ne!(intruders(&policy, &Meant::default()), []);
}

#[test]
fn the_set_is_told_in_one_sentence() {
    let aud = || ("StringEquals", "aud", json!("a"));
    let like = |pattern: &str| told(&weak(&[aud(), ("StringLike", "sub", json!(pattern))]));
    let rest = "in the cluster A, with the audience a.";
    assert_eq!(like("*"), format!("Any subject, {rest}"));
    assert_eq!(like("system:serviceaccount:*"), format!("Any service account, {rest}"));
    assert_eq!(
        like("system:serviceaccount:*:okteto"),
        format!("The service account okteto of any namespace, {rest}")
    );
    assert_eq!(
        like("system:serviceaccount:okteto:*"),
        format!("Any service account of the namespace okteto, {rest}")
    );
    assert_eq!(
        like("system:serviceaccount:ok*:b*"),
        format!("Any service account like \"b*\" of any namespace like \"ok*\", {rest}")
    );
    assert_eq!(like("repo:me/*"), format!("Any subject like \"repo:me/*\", {rest}"));
    assert_eq!(like("repo:me/x"), format!("Only the subject \"repo:me/x\", {rest}"));
    let two = weak(&[
        ("StringEquals", "aud", json!(["a", "b"])),
        ("StringEquals", "sub", json!(SUBJECT)),
    ]);
    assert_eq!(
        told(&two),
        "Only the service account okteto of the namespace okteto, in the cluster A, with the audience a or b."
    );
    let but = weak(&[aud(), ("StringNotEquals", "sub", json!(SUBJECT))]);
    assert_eq!(
        told(&but),
        "Any subject, in the cluster A, with the audience a, but not the service account okteto of the namespace okteto."
    );
    let mut deny = with(&[("StringEquals", "aud", json!("b"))]);
    deny["Effect"] = json!("Deny");
    let denied = policy(&[with(&[("StringEquals", "sub", json!(SUBJECT))]), deny]);
    assert_eq!(
        told(&denied),
        "Only the service account okteto of the namespace okteto, in the cluster A, with any audience, but not with the audience b."
    );
    let caseless = weak(&[aud(), ("StringEqualsIgnoreCase", "sub", json!("x"))]);
    assert_eq!(
        told(&caseless),
        format!(
            "Only the subject \"x\", {}, in large or small letters.",
            rest.trim_end_matches('.')
        )
    );
    // Two conditions on one claim: what both have in common.
    let both = weak(&[
        aud(),
        ("StringLike", "sub", json!("system:serviceaccount:*")),
        ("ForAnyValue:StringLike", "sub", json!("*:okteto")),
    ]);
    assert!(
        told(&both).ends_with("; and the service account okteto of any namespace, in the cluster A, with the audience a."),
        "{}",
        told(&both)
    );
    // Keys with the scheme match nothing.
    let mut printed = with(&[]);
    printed["Condition"] = json!({"StringEquals": {format!("https://{NAME}:sub"): SUBJECT}});
    assert_eq!(told(&policy(&[printed])), "Nobody: no token can meet it.");
}

#[test]
fn what_no_token_says_is_named() {
    let mut statement = with(&[("StringEquals", "amr", json!("x"))]);
    statement["Condition"]["IpAddress"] = json!({"aws:SourceIp": "10.0.0.0/8"});
    let told = beyond(&policy(&[statement.clone()]));
    assert_eq!(told.len(), 2);
    assert!(told[0].contains(&format!("Statement 1 also asks for {NAME}:amr,")), "{told:?}");
    assert!(told[1].contains("aws:SourceIp"), "{told:?}");
    let everyone = json!({"Effect": "Allow", "Principal": "*", "Action": "sts:*"});
    assert!(beyond(&policy(&[everyone]))[0].starts_with("Statement 1 names everyone."));
    statement["Action"] = json!("sts:TagSession");
    assert_eq!(beyond(&policy(&[statement])), Vec::<String>::new());
    assert_eq!(beyond(&weak(&[])), Vec::<String>::new());
}

#[test]
fn a_provider_keeps_its_arn() {
    let ours = weak(&[]);
    assert_eq!(provider_arn(&ours, None, NAME), ARN);
    assert_eq!(
        provider_arn(&ours, None, "x.example"),
        "arn:aws:iam::112233445566:oidc-provider/x.example"
    );
    let nobody = policy(&[json!({"Effect": "Allow", "Principal": "*", "Action": "*"})]);
    let role = "arn:aws-cn:iam::445566778899:role/path/name";
    assert_eq!(
        provider_arn(&nobody, Some(role), NAME),
        format!("arn:aws-cn:iam::445566778899:oidc-provider/{NAME}")
    );
}

/// Texts in which the parts of the patterns meet.
const TEXT: &str = "[abA:]{1,5}";

fn condition() -> impl Strategy<Value = (String, String, Value)> {
    let operators = prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLikeIfExists",
        "ForAllValues:StringLike",
        "ForAnyValue:StringEquals",
        "ForAnyValue:StringNotLike",
    ]);
    let claims = prop::sample::select(vec!["aud", "sub"]);
    (operators, claims, "[abA:*?]{1,4}", "[ab:]{1,3}").prop_map(|(operator, claim, one, two)| {
        let one = if operator.contains("Like") { one } else { one.replace(['*', '?'], "a") };
        (operator.to_owned(), claim.to_owned(), json!([one, two]))
    })
}

fn statement() -> impl Strategy<Value = Value> {
    let principals = prop::sample::select(vec![
        json!({"Principal": {"Federated": ARN}}),
        json!({"Principal": {"Federated": [OTHER, ARN]}}),
        json!({"NotPrincipal": {"Federated": OTHER}}),
        json!({"Principal": "*"}),
    ]);
    let effects = prop::sample::select(vec!["Allow", "Allow", "Deny"]);
    (principals, effects, prop::collection::vec(condition(), 0..4)).prop_map(
        |(principal, effect, conditions)| {
            let conditions: Vec<(&str, &str, Value)> =
                conditions.iter().map(|(o, c, w)| (o.as_str(), c.as_str(), w.clone())).collect();
            let mut statement = with(&conditions);
            statement["Effect"] = json!(effect);
            let map = statement.as_object_mut().unwrap();
            map.remove("Principal");
            map.extend(principal.as_object().unwrap().clone());
            statement
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn who_gets_in_is_in_a_set_and_nobody_else(
        statements in prop::collection::vec(statement(), 1..4),
        tokens in prop::collection::vec((0..3_usize, TEXT, TEXT), 40),
    ) {
        let policy = policy(&statements);
        let meant = Meant::default();
        holds(&policy, &meant);
        let sets = admitted(&policy, &meant);
        for (issuer, audience, subject) in tokens {
            let name = [NAME, "oidc.example.com/id/B", "x.example"][issuer];
            let holder = Holder::new(&url(name), &audience, &subject);
            let allowed = decide(&policy, &provider_arn(&policy, None, name), &holder).allowed;
            let is_in = sets.iter().any(|set| set.has(&url(name), &audience, &subject));
            prop_assert_eq!(allowed, is_in, "{} {} {}: {:#?} {:#}", name, audience, subject, sets, json!(statements));
        }
    }
}
