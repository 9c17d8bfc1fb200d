//! Policies and tokens that often come near to each other: few values, and patterns made of them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

pub const NAME: &str = "i.example/A";
pub const PROVIDER: &str = "arn:aws:iam::112233445566:oidc-provider/i.example/A";

/// What claims say, by the kind of operator that compares it.
const TEXTS: &[&str] = &["a", "A", "ab", "ba", "a*", "", "é", "system:serviceaccount:a:b"];
const NUMBERS: &[&str] = &["5", "5.0", "-1", "7", "07"];
const DATES: &[&str] = &[
    "2026-11-24",
    "2026-11-24T00:00:00Z",
    "1795478400",
    "2026-11-24T01:00:00+01:00",
    "2025",
    "2001-09",
];
const FLAGS: &[&str] = &["true", "TRUE", "false"];
const ADDRESSES: &[&str] = &["10.0.0.7", "10.0.1.7", "192.0.2.1", "2001:db8::1"];
const ARNS: &[&str] =
    &["arn:aws:iam::1:user/a", "arn:aws:iam::1:user/a:b", "arn:aws:iam:x:1:user/a"];
const NETWORKS: &[&str] =
    &["10.0.0.0/24", "10.0.0.0/8", "0.0.0.0/0", "10.0.0.7", "2001:db8::/32", "::/0"];

pub const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "Null",
];

fn one_of(values: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    prop::sample::select(values).prop_map(str::to_owned)
}

/// The values that are of an operator's kind.
fn suited(operator: &str) -> &'static [&'static str] {
    let plain = operator.replace("Not", "");
    [("Numeric", NUMBERS), ("Date", DATES), ("Bool", FLAGS), ("Ip", ADDRESSES), ("Arn", ARNS)]
        .into_iter()
        .find(|(head, _)| plain.starts_with(head))
        .map_or(TEXTS, |(_, values)| values)
}

fn any_value() -> BoxedStrategy<String> {
    prop_oneof![
        6 => one_of(TEXTS),
        1 => one_of(NUMBERS),
        1 => one_of(DATES),
        1 => one_of(FLAGS),
        1 => one_of(ADDRESSES),
        1 => one_of(ARNS),
    ]
    .boxed()
}

/// The claims of a token, whose values are mostly of the kind of `operator`.
pub fn claims(operator: &str) -> BoxedStrategy<Value> {
    let value = prop_oneof![4 => one_of(suited(operator)), 1 => any_value()].boxed();
    let list = prop::collection::vec(value.clone(), 0..4).prop_map(Value::from);
    let text = value.prop_map(Value::from);
    let issuer = prop_oneof![
        12 => Just(json!(format!("https://{NAME}"))),
        1 => Just(json!(format!("https://{NAME}/"))),
        1 => Just(json!(format!("https://{}", NAME.to_lowercase()))),
        1 => Just(json!("https://other.example")),
        1 => Just(Value::Null),
    ];
    (
        issuer,
        prop_oneof![4 => list.clone(), 3 => text.clone(), 1 => Just(Value::Null)],
        prop_oneof![5 => text.clone(), 1 => Just(Value::Null)],
        prop_oneof![1 => text, 3 => Just(Value::Null)],
        prop_oneof![1 => list, 1 => Just(Value::Null)],
    )
        .prop_map(|(iss, aud, sub, azp, amr)| {
            let all = [("iss", iss), ("aud", aud), ("sub", sub), ("azp", azp), ("amr", amr)];
            let there = all.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(there.map(|(key, value)| (key.to_owned(), value)).collect())
        })
        .boxed()
}

fn key() -> BoxedStrategy<String> {
    let claim = one_of(&["aud", "aud", "sub", "sub", "amr", "azp", "AUD", "Sub", "email"]);
    let name = prop_oneof![
        10 => Just(NAME.to_owned()),
        2 => Just(NAME.to_uppercase()),
        1 => Just(format!("https://{NAME}")),
        1 => Just(format!("{NAME}/")),
        1 => Just("other.example".to_owned()),
        1 => Just("aws".to_owned()),
    ];
    (name, claim).prop_map(|(name, claim)| format!("{name}:{claim}")).boxed()
}

/// A text made into a pattern: some of its characters replaced.
fn pattern() -> BoxedStrategy<String> {
    let change = prop::sample::select(&["", "", "*", "?", "**", "${*}", "${?}"][..]);
    (one_of(TEXTS), change, any::<prop::sample::Index>(), any::<bool>())
        .prop_map(|(text, change, at, takes)| {
            let mut letters: Vec<String> = text.chars().map(String::from).collect();
            let at = at.index(letters.len() + 1);
            if takes && at < letters.len() {
                letters[at] = change.to_owned();
            } else {
                letters.insert(at, change.to_owned());
            }
            letters.concat()
        })
        .boxed()
}

fn variable() -> BoxedStrategy<String> {
    let key = prop_oneof![4 => key(), 1 => Just("none".to_owned())];
    (
        key,
        prop::sample::select(&["", "", ", 'a'", ",'a*'", " , '' "][..]),
        one_of(&["", "", "a", "*", "${"]),
    )
        .prop_map(|(key, default, after)| format!("${{{key}{default}}}{after}"))
        .boxed()
}

/// A value as a policy may have it for this operator.
fn wanted(operator: &str) -> BoxedStrategy<Value> {
    let plain = operator.replace("Not", "");
    match plain.as_str() {
        "Null" | "Bool" => prop_oneof![one_of(FLAGS).prop_map(Value::from), any::<bool>().prop_map(Value::from)].boxed(),
        "IpAddress" => one_of(NETWORKS).prop_map(Value::from).boxed(),
        name if name.starts_with("Numeric") => {
            prop_oneof![4 => one_of(NUMBERS).prop_map(Value::from), 1 => Just(json!(5))].boxed()
        }
        name if name.starts_with("Date") => one_of(DATES).prop_map(Value::from).boxed(),
        name if name.starts_with("Arn") => prop_oneof![
            3 => one_of(ARNS),
            3 => one_of(&["arn:aws:iam::*:user/*", "arn:*:user/a", "arn:aws:iam:?:1:*", "*", "arn:aws:iam::1:user/${i.example/A:sub}"]),
            1 => variable(),
        ]
        .prop_map(Value::from)
        .boxed(),
        _ => prop_oneof![4 => one_of(TEXTS), 4 => pattern(), 2 => variable()].prop_map(Value::from).boxed(),
    }
}

/// One value, bare or as a list, or several.
fn values(one: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop_oneof![
        2 => one.clone(),
        1 => one.clone().prop_map(|value| json!([value])),
        2 => prop::collection::vec(one, 2..4).prop_map(Value::from),
    ]
    .boxed()
}

/// An operator with its values, of this test.
pub fn condition(test: &'static str) -> BoxedStrategy<(String, String, Value)> {
    let set = prop::sample::select(&["", "", "ForAllValues:", "ForAnyValue:"][..]);
    let end = prop::sample::select(&["", "", "IfExists"][..]);
    (set, end, key(), values(wanted(test)))
        .prop_map(move |(set, end, key, values)| {
            let operator =
                if test == "Null" { test.to_owned() } else { format!("{set}{test}{end}") };
            (operator, key, values)
        })
        .boxed()
}

fn conditions() -> BoxedStrategy<Value> {
    let any = prop_oneof![
        4 => prop::sample::select(&OPERATORS[..6]),
        1 => prop::sample::select(OPERATORS),
    ];
    prop::collection::vec(any.prop_flat_map(condition), 0..4)
        .prop_map(|all| {
            let mut operators: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
            for (operator, key, values) in all {
                operators.entry(operator).or_default().insert(key, values);
            }
            json!(operators)
        })
        .boxed()
}

fn principal() -> BoxedStrategy<(&'static str, Value)> {
    let other = PROVIDER.replace("112233445566", "999999999999");
    let right = [
        json!({"Federated": PROVIDER}),
        json!({"Federated": [other, PROVIDER]}),
        json!({"AWS": "112233445566", "Federated": [PROVIDER]}),
    ];
    let wrong = [
        json!({"Federated": other}),
        json!({"Federated": format!("{PROVIDER}/")}),
        json!({"AWS": "112233445566"}),
        json!({"AWS": PROVIDER}),
        json!({"Service": ["ec2.amazonaws.com", PROVIDER]}),
        json!({"AWS": ["112233445566", "*"]}),
        json!("*"),
    ];
    prop_oneof![
        16 => prop::sample::select(right.to_vec()).prop_map(|value| ("Principal", value)),
        4 => prop::sample::select(wrong.to_vec()).prop_map(|value| ("Principal", value)),
        1 => prop::sample::select(right.to_vec()).prop_map(|value| ("NotPrincipal", value)),
        2 => prop::sample::select(wrong.to_vec()).prop_map(|value| ("NotPrincipal", value)),
        1 => Just(("", Value::Null)),
    ]
    .boxed()
}

fn action() -> BoxedStrategy<(&'static str, Value)> {
    let right = [
        json!("sts:AssumeRoleWithWebIdentity"),
        json!(["sts:TagSession", "STS:assumerolewithwebidentity"]),
        json!("sts:*"),
        json!(["*"]),
        json!("sts:AssumeRoleWith???Identity"),
    ];
    let wrong = [
        json!("sts:AssumeRole"),
        json!(["iam:*", "sts:TagSession"]),
        json!("sts:AssumeRoleWith?Identity"),
    ];
    prop_oneof![
        12 => prop::sample::select(right.to_vec()).prop_map(|value| ("Action", value)),
        2 => prop::sample::select(wrong.to_vec()).prop_map(|value| ("Action", value)),
        1 => prop::sample::select(right.to_vec()).prop_map(|value| ("NotAction", value)),
        3 => prop::sample::select(wrong.to_vec()).prop_map(|value| ("NotAction", value)),
    ]
    .boxed()
}

pub fn statement() -> BoxedStrategy<Value> {
    (
        prop::sample::select(&["Allow", "Allow", "Allow", "Deny"][..]),
        principal(),
        action(),
        conditions(),
    )
        .prop_map(|(effect, (whom, principal), (what, action), conditions)| {
            let mut statement = json!({"Effect": effect, what: action});
            if !whom.is_empty() {
                statement[whom] = principal;
            }
            if conditions.as_object().is_some_and(|all| !all.is_empty()) {
                statement["Condition"] = conditions;
            }
            statement
        })
        .boxed()
}

pub fn statements() -> BoxedStrategy<Vec<Value>> {
    prop::collection::vec(statement(), 1..5).boxed()
}

/// A document of these statements; mostly of the version that knows variables.
pub fn version() -> BoxedStrategy<Value> {
    prop_oneof![8 => Just(json!("2012-10-17")), 1 => Just(json!("2008-10-17")), 1 => Just(Value::Null)].boxed()
}

pub fn document(version: &Value, statements: &[Value]) -> Value {
    let mut document = json!({"Statement": statements});
    if !version.is_null() {
        document["Version"] = version.clone();
    }
    document
}
