//! The emulators as witnesses of the evaluator, where they look at a trust policy at all: ministack when a token is
//! swapped, moto when the policy of a role is replaced. Every disagreement is listed with its reason.

use std::collections::{BTreeMap, BTreeSet};

use okteto_ecr::domain::evaluate::Policy;
use okteto_ecr::domain::policy::Document;
use okteto_ecr::domain::trust::{Holder, decide};
use serde_json::{Value, json};

use crate::cases::{AUDIENCE, Case, ISSUER, SUBJECT};
use crate::conformance::{Heard, Target, drive};
use crate::support::{Issuer, Ministack, Mint, Moto};

const OTHER: &str = "system:serviceaccount:default:default";

fn name() -> &'static str {
    ISSUER.trim_start_matches("https://")
}

fn provider() -> String {
    format!("arn:aws:iam::{}:oidc-provider/{}", Ministack::ACCOUNT, name())
}

fn key(claim: &str) -> String {
    format!("{}:{claim}", name())
}

/// A statement about the provider, with these elements in place of its own; `null` takes one away.
fn allow(other: &Value) -> Value {
    let mut statement = json!({
        "Effect": "Allow", "Principal": {"Federated": provider()}, "Action": "sts:AssumeRoleWithWebIdentity",
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

fn deny(other: &Value) -> Value {
    let mut statement = allow(other);
    statement["Effect"] = json!("Deny");
    statement
}

fn policy(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// Policies by name, each to be met by every token.
fn policies() -> Vec<(&'static str, String)> {
    let (aud, sub, amr) = (key("aud"), key("sub"), key("amr"));
    let any = || allow(&json!({}));
    let upper = |text: &str| text.to_uppercase();
    let account = provider().replace(Ministack::ACCOUNT, "999999999999");
    let conditions = [
        ("as-meant", json!({"StringEquals": {&aud: AUDIENCE, &sub: SUBJECT}})),
        (
            "as-printed",
            json!({"StringEquals": {format!("{ISSUER}:aud"): AUDIENCE, format!("{ISSUER}:sub"): SUBJECT}}),
        ),
        ("key-slash", json!({"StringEquals": {format!("{}/:sub", name()): SUBJECT}})),
        ("key-case", json!({"StringEquals": {upper(&aud): AUDIENCE, upper(&sub): SUBJECT}})),
        ("sub-only", json!({"StringEquals": {&sub: SUBJECT}})),
        ("sub-case", json!({"StringEquals": {&sub: upper(SUBJECT)}})),
        ("sub-ignore-case", json!({"StringEqualsIgnoreCase": {&sub: upper(SUBJECT)}})),
        ("sub-not-ignore-case", json!({"StringNotEqualsIgnoreCase": {&sub: upper(SUBJECT)}})),
        ("sub-list", json!({"StringEquals": {&sub: ["x", SUBJECT]}})),
        ("sub-like", json!({"StringLike": {&sub: "system:serviceaccount:okteto:*"}})),
        ("sub-like-mark", json!({"StringLike": {&sub: "system:serviceaccount:??teto:okteto"}})),
        ("sub-like-case", json!({"StringLike": {&sub: "SYSTEM:*"}})),
        ("sub-star-equals", json!({"StringEquals": {&sub: "system:serviceaccount:okteto:*"}})),
        ("sub-not", json!({"StringNotEquals": {&sub: SUBJECT}})),
        ("sub-not-list", json!({"StringNotEquals": {&sub: ["x", OTHER]}})),
        ("sub-not-like", json!({"StringNotLike": {&sub: "*:default:*"}})),
        ("sub-there", json!({"Null": {&sub: "false"}})),
        ("sub-absent", json!({"Null": {&sub: "true"}})),
        ("sub-number", json!({"NumericEquals": {&sub: "5"}})),
        ("sub-not-number", json!({"NumericNotEquals": {&sub: "5"}})),
        ("sub-bool", json!({"Bool": {&sub: "true"}})),
        ("sub-arn", json!({"ArnLike": {&sub: "arn:aws:iam::*:user/*"}})),
        ("sub-address", json!({"NotIpAddress": {&sub: "10.0.0.0/8"}})),
        ("aud-any", json!({"ForAnyValue:StringEquals": {&aud: AUDIENCE}})),
        ("aud-all", json!({"ForAllValues:StringEquals": {&aud: [AUDIENCE, "x"]}})),
        ("aud-all-other", json!({"ForAllValues:StringLike": {&aud: "other*"}})),
        ("aud-any-not", json!({"ForAnyValue:StringNotEquals": {&aud: AUDIENCE}})),
        ("aud-all-not", json!({"ForAllValues:StringNotLike": {&aud: "other*"}})),
        ("amr-equals", json!({"StringEquals": {&amr: "x"}})),
        ("amr-not", json!({"StringNotEquals": {&amr: "x"}})),
        ("amr-if-exists", json!({"StringEqualsIfExists": {&amr: "x"}})),
        ("amr-all", json!({"ForAllValues:StringEquals": {&amr: "x"}})),
        ("amr-any", json!({"ForAnyValue:StringEquals": {&amr: "x"}})),
        ("amr-any-if-exists", json!({"ForAnyValue:StringEqualsIfExists": {&amr: "x"}})),
        ("amr-any-not", json!({"ForAnyValue:StringNotEquals": {&amr: "x"}})),
        ("amr-absent", json!({"Null": {&amr: ["true"]}})),
        (
            "both-operators",
            json!({"StringEquals": {&aud: AUDIENCE}, "StringLike": {&sub: "*default"}}),
        ),
        ("operator-unknown", json!({"StringIs": {&sub: SUBJECT}})),
    ];
    let mut all: Vec<_> = conditions
        .into_iter()
        .map(|(id, condition)| (id, policy(&allow(&json!({"Condition": condition})))))
        .collect();
    let by = |element: &str, value: Value| policy(&allow(&json!({element: value})));
    let star = |element: Value| policy(&json!([any(), deny(&json!({"Principal": element}))]));
    all.extend([
        ("action-star", by("Action", json!("sts:*"))),
        ("action-case", by("Action", json!(["iam:*", "STS:ASSUMEROLEWITHWEBIDENTITY"]))),
        ("action-mark", by("Action", json!("sts:AssumeRoleWith???Identity"))),
        ("action-other", by("Action", json!("sts:AssumeRole"))),
        ("not-action", policy(&allow(&json!({"Action": null, "NotAction": "sts:AssumeRole"})))),
        (
            "not-action-star",
            policy(&allow(&json!({"Action": null, "NotAction": ["iam:*", "sts:*"]}))),
        ),
        ("principal-list", by("Principal", json!({"Federated": ["x", provider()]}))),
        ("principal-account", by("Principal", json!({"Federated": account}))),
        ("principal-slash", by("Principal", json!({"Federated": format!("{}/", provider())}))),
        ("principal-case", by("Principal", json!({"Federated": provider().to_lowercase()}))),
        ("principal-aws", by("Principal", json!({"AWS": Ministack::ACCOUNT}))),
        ("principal-service", by("Principal", json!({"Service": "ec2.amazonaws.com"}))),
        ("principal-everyone", by("Principal", json!("*"))),
        ("principal-none", by("Principal", Value::Null)),
        (
            "not-principal",
            policy(&allow(&json!({"Principal": null, "NotPrincipal": {"Federated": "x"}}))),
        ),
        ("denied", policy(&json!([any(), deny(&json!({}))]))),
        (
            "denied-first",
            policy(&json!([deny(&json!({"Condition": {"StringEquals": {&sub: SUBJECT}}})), any()])),
        ),
        (
            "denied-else",
            policy(&json!([
                any(),
                deny(&json!({"Condition": {"StringNotEquals": {&sub: SUBJECT}}}))
            ])),
        ),
        (
            "denied-other-action",
            policy(&json!([any(), deny(&json!({"Action": "sts:TagSession"}))])),
        ),
        ("denied-everyone", star(json!("*"))),
        ("denied-everyone-aws", star(json!({"AWS": "*"}))),
        ("second-allows", policy(&json!([allow(&json!({"Action": "sts:TagSession"})), any()]))),
    ]);
    all
}

/// The claims of the tokens, by name.
fn tokens(issuer: &Issuer) -> [(&'static str, Mint); 4] {
    let mint = |audience: &str, subject: &str, array| {
        let mut mint = issuer.claims(audience, subject);
        mint.array = array;
        mint
    };
    [
        ("token", mint(AUDIENCE, SUBJECT, false)),
        ("token_subject", mint(AUDIENCE, OTHER, false)),
        ("token_audience", mint("other.example.com", SUBJECT, false)),
        ("token_array", mint(AUDIENCE, SUBJECT, true)),
    ]
}

/// Documents of which a peer says otherwise, with whom or on which side (none: all), and why the evaluator is right.
struct Disagreement(&'static [&'static str], &'static [&'static str], &'static str);

/// Every disagreement is in the table, and every row of the table is there.
fn compare(found: &BTreeSet<(&str, &str)>, table: &[Disagreement], all: &[&'static str]) {
    let mut listed = BTreeMap::new();
    for Disagreement(ids, only, why) in table {
        let only = if only.is_empty() { all } else { only };
        let pairs = ids.iter().flat_map(|id| only.iter().map(move |with| (*id, *with)));
        listed.extend(pairs.map(|pair| (pair, *why)));
    }
    let unknown: Vec<_> = found.iter().filter(|pair| !listed.contains_key(*pair)).collect();
    let gone: Vec<_> = listed.iter().filter(|(pair, _)| !found.contains(*pair)).collect();
    assert!(unknown.is_empty(), "not in the table: {unknown:#?}");
    assert!(gone.is_empty(), "in the table, and no longer so: {gone:#?}");
}

const AT_MINISTACK: &[Disagreement] = &[
    Disagreement(
        &["as-meant", "key-case"],
        &["token_array"],
        "the peer compares an array as the text of a list, so that no token of Kubernetes gets in; those of EKS do at AWS",
    ),
    Disagreement(
        &["principal-everyone"],
        &[],
        "that * takes in web tokens is nowhere said; the strict reading admits none",
    ),
    Disagreement(
        &["denied-everyone-aws"],
        &[],
        "\"*\" and {\"AWS\": \"*\"} are the same (IAM user guide, principal element); the peer looks under Federated only",
    ),
    Disagreement(
        &["not-principal"],
        &[],
        "the peer refuses the document; the evaluator says what it would mean if it stood",
    ),
    Disagreement(
        &["sub-not-number"],
        &[],
        "a negated operator is the exact opposite of the other (condition operators reference); to the peer a text that is no number fits neither",
    ),
];

#[test]
fn ministack_decides_as_the_evaluator() {
    let ministack = Ministack::start();
    let issuer = Issuer::start(ISSUER);
    let (policies, tokens) = (policies(), tokens(&issuer));
    let target = Target {
        endpoint: &ministack.url,
        account: Ministack::ACCOUNT,
        root: ["test", "test"],
        tokens: tokens.iter().map(|(id, mint)| (*id, issuer.mint(mint))).collect(),
    };
    let mut cases = Vec::new();
    for (id, policy) in &policies {
        cases.push(Case(
            id,
            "iam.CreateRole",
            json!({"RoleName": id, "AssumeRolePolicyDocument": policy}),
            "root",
        ));
        for (token, _) in &tokens {
            let input = json!({
                "RoleArn": format!("arn:aws:iam::{}:role/{id}", Ministack::ACCOUNT),
                "RoleSessionName": "okteto",
                "WebIdentityToken": format!("${{{token}}}"),
            });
            let swap = "sts.AssumeRoleWithWebIdentity";
            cases.push(Case(format!("{id} {token}").leak(), swap, input, "nobody"));
        }
    }
    let heard = drive(&target, &cases);
    let mut found = BTreeSet::new();
    let (mut admitted, mut refused) = (0, 0);
    for (id, policy) in &policies {
        let policy = Policy::read(&Document::parse(policy).unwrap());
        for (token, mint) in &tokens {
            let holder = Holder::new(&mint.issuer, &mint.audience, &mint.subject);
            let ours =
                policy.as_ref().is_ok_and(|policy| decide(policy, &provider(), &holder).allowed);
            let Heard { code, said, .. } = &heard[&format!("{id} {token}")];
            let theirs = code == "ok";
            assert!(theirs || code == "AccessDenied", "{id} {token}: {code} {said}");
            *(if theirs { &mut admitted } else { &mut refused }) += 1;
            if ours != theirs {
                found.insert((*id, *token));
            }
        }
    }
    let all: Vec<_> = tokens.iter().map(|(token, _)| *token).collect();
    compare(&found, AT_MINISTACK, &all);
    assert!(admitted > 50 && refused > 50, "{admitted} admitted, {refused} refused");
}

/// Documents by name, sound and not.
fn documents() -> Vec<(&'static str, String)> {
    let whole = |value: Value| value.to_string();
    let with = |other: &Value| policy(&allow(other));
    let when = |condition: Value| with(&json!({"Condition": condition}));
    let statement = allow(&json!({}));
    vec![
        ("sound", with(&json!({}))),
        ("sound-list", policy(&json!([statement, statement]))),
        ("id", whole(json!({"Version": "2012-10-17", "Id": "x", "Statement": statement}))),
        ("id-number", whole(json!({"Version": "2012-10-17", "Id": 1, "Statement": statement}))),
        ("version-other", whole(json!({"Version": "2020-01-01", "Statement": statement}))),
        ("version-old", whole(json!({"Version": "2008-10-17", "Statement": statement}))),
        ("version-none", whole(json!({"Statement": statement}))),
        ("top-element", whole(json!({"Version": "2012-10-17", "Statement": statement, "X": 1}))),
        ("statement-none", whole(json!({"Version": "2012-10-17"}))),
        ("statement-empty", policy(&json!([]))),
        ("statement-text", policy(&json!("x"))),
        ("not-json", "{".to_owned()),
        ("sid", with(&json!({"Sid": "x"}))),
        ("sid-number", with(&json!({"Sid": 1}))),
        ("sid-twice", policy(&json!([allow(&json!({"Sid": "x"})), allow(&json!({"Sid": "x"}))]))),
        ("element", with(&json!({"Extra": 1}))),
        ("element-case", with(&json!({"action": "sts:AssumeRole"}))),
        ("effect-none", with(&json!({"Effect": null}))),
        ("effect-case", with(&json!({"Effect": "allow"}))),
        ("effect-other", with(&json!({"Effect": "Permit"}))),
        ("action-none", with(&json!({"Action": null}))),
        ("action-empty", with(&json!({"Action": []}))),
        ("action-number", with(&json!({"Action": 5}))),
        ("action-both", with(&json!({"NotAction": "sts:AssumeRole"}))),
        ("action-star", with(&json!({"Action": "sts:*"}))),
        ("action-bare", with(&json!({"Action": "AssumeRole"}))),
        ("action-other", with(&json!({"Action": "s3:GetObject"}))),
        ("not-action", with(&json!({"Action": null, "NotAction": "sts:AssumeRole"}))),
        ("resource", with(&json!({"Resource": "*"}))),
        ("resource-both", with(&json!({"Resource": "*", "NotResource": "*"}))),
        ("principal-none", with(&json!({"Principal": null}))),
        ("principal-empty", with(&json!({"Principal": {}}))),
        ("principal-text", with(&json!({"Principal": "me"}))),
        ("principal-kind", with(&json!({"Principal": {"Group": "x"}}))),
        ("condition-list", when(json!([]))),
        ("condition-key-list", when(json!({"StringEquals": []}))),
        ("condition-operator", when(json!({"StringIs": {"k": "v"}}))),
        ("condition-operator-case", when(json!({"stringequals": {"k": "v"}}))),
        ("condition-set", when(json!({"ForAnyValue:StringLikeIfExists": {"k": "v"}}))),
        ("condition-set-other", when(json!({"ForSomeValue:StringLike": {"k": "v"}}))),
        ("condition-null", when(json!({"StringEquals": {"k": null}}))),
        ("condition-object", when(json!({"StringEquals": {"k": {}}}))),
        ("condition-bool", when(json!({"Bool": {"k": true}}))),
        ("condition-number", when(json!({"NumericEquals": {"k": 5}}))),
        ("condition-number-text", when(json!({"NumericEquals": {"k": "five"}}))),
        ("condition-empty", when(json!({"StringEquals": {"k": []}}))),
        ("condition-null-set", when(json!({"ForAnyValue:Null": {"k": "true"}}))),
        ("date", when(json!({"DateLessThan": {"k": "2026-11-24T00:00:00Z"}}))),
        ("date-seconds", when(json!({"DateLessThan": {"k": "1795478400"}}))),
        ("date-month", when(json!({"DateLessThan": {"k": "2026-13-01"}}))),
        ("date-day", when(json!({"DateLessThan": {"k": "2026-02-30"}}))),
        ("date-hour", when(json!({"DateLessThan": {"k": "2026-11-24T25:00:00Z"}}))),
        ("date-words", when(json!({"DateLessThan": {"k": "soon"}}))),
        ("twice", with(&json!({})).replace("\"Effect\":", "\"Effect\":\"Deny\",\"Effect\":")),
    ]
}

const HERE: &str = "taken here only";
const THERE: &str = "taken there only";

const AT_MOTO: &[Disagreement] = &[
    Disagreement(
        &["action-bare", "action-other", "resource", "sid-twice"],
        &[HERE],
        "what it says is clear, so that it is judged by; that it can stand nowhere is for others to say",
    ),
    Disagreement(
        &["action-star", "not-action"],
        &[HERE],
        "the language has patterns and NotAction (action element); the peer has a list of whole names",
    ),
    Disagreement(
        &["version-none", "version-old"],
        &[HERE],
        "2008-10-17 is a version, and the one that counts where none stands (version element)",
    ),
    Disagreement(
        &["condition-number"],
        &[HERE],
        "a number is as good as its text (IAM policy grammar); the peer takes texts and truths only",
    ),
    Disagreement(
        &[
            "condition-empty",
            "condition-null-set",
            "condition-number-text",
            "date-day",
            "principal-empty",
            "principal-kind",
            "principal-text",
        ],
        &[THERE],
        "it could only be guessed at; the peer does not look there",
    ),
    Disagreement(&["twice"], &[THERE], "IAM refuses a repeated key; the peer's parser swallows it"),
];

/// moto reads a trust policy when it replaces another; what it makes of a token's claims is nothing.
#[test]
fn moto_takes_what_the_evaluator_reads() {
    let moto = Moto::start();
    let target = Target {
        endpoint: &moto.url,
        account: Moto::ACCOUNT,
        root: ["test", "test"],
        tokens: BTreeMap::new(),
    };
    let create = json!({"RoleName": "r", "AssumeRolePolicyDocument": policy(&allow(&json!({})))});
    let mut cases = vec![Case("create", "iam.CreateRole", create, "root")];
    let documents = documents();
    cases.extend(documents.iter().map(|(id, text)| {
        let input = json!({"RoleName": "r", "PolicyDocument": text});
        Case(id, "iam.UpdateAssumeRolePolicy", input, "root")
    }));
    let heard = drive(&target, &cases);
    let mut found = BTreeSet::new();
    for (id, text) in &documents {
        let ours = Document::parse(text).is_ok_and(|document| Policy::read(&document).is_ok());
        let Heard { code, said, .. } = &heard[*id];
        assert!(code == "ok" || code == "MalformedPolicyDocument", "{id}: {code} {said}");
        if ours != (code == "ok") {
            found.insert((*id, if ours { HERE } else { THERE }));
        }
    }
    compare(&found, AT_MOTO, &[]);
}
