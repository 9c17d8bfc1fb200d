//! The table is whole, and what the check says holds against the evaluation itself.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::*;
use crate::domain::evaluate::Policy;
use crate::domain::finding::Severity;
use crate::domain::policy::Document;
use crate::domain::trust::{ACTION, Holder, decide};

const ISSUER: &str = "issuer.example.com/one";
const OTHER: &str = "issuer.example.com/two";
const AUDIENCE: &str = "okteto.example.com";
const SUBJECT: &str = "system:serviceaccount:okteto:okteto";

fn given(value: Value) -> Given {
    let document = Document { value, duplicates: Vec::new() };
    Given { document, role: None, max_session_seconds: None }
}

fn meant() -> Meant {
    Meant {
        issuer: Some(format!("https://{ISSUER}")),
        audience: Some(AUDIENCE.to_owned()),
        subject: Some(SUBJECT.to_owned()),
        provider_audiences: Some(vec![AUDIENCE.to_owned(), "vault".to_owned()]),
    }
}

fn arn(name: &str) -> String {
    format!("arn:aws:iam::112233445566:oidc-provider/{name}")
}

#[test]
fn each_number_of_the_catalogues_has_a_rule_or_a_reason() {
    let numbers = |letter: char, last: u8| (1..=last).map(move |n| format!("{letter}{n:02}"));
    let all: BTreeSet<String> =
        numbers('T', 27).chain(numbers('P', 11)).chain((1..=12).map(|n| format!("F{n}"))).collect();
    let ruled = RULES.iter().flat_map(|rule| rule.ids.iter().map(|id| (*id).to_owned()));
    let ruled: BTreeSet<String> = ruled.collect();
    let elsewhere: BTreeSet<String> = ELSEWHERE.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(ruled.union(&elsewhere).cloned().collect::<BTreeSet<_>>(), all);
    assert!(ruled.is_disjoint(&elsewhere), "{ruled:?} {elsewhere:?}");
}

#[test]
fn slugs_are_unique_and_plain() {
    let slugs: BTreeSet<&str> = RULES.iter().map(|rule| rule.slug).collect();
    assert_eq!(slugs.len(), RULES.len());
    for slug in slugs {
        assert!(slug.starts_with("trust-") || slug.starts_with("provider-"), "{slug}");
        assert!(slug.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{slug}");
    }
}

/// What IAM would never send, such as a statement that is a number, is passed over here: [`Given::read`] refuses it.
#[test]
fn a_document_that_is_no_policy_breaks_nothing() {
    for value in [json!(null), json!([]), json!({}), json!({"Statement": [1, null, [], {}]})] {
        let found = lint(&given(value), &Meant::default());
        assert!(found.iter().any(|finding| finding.rule == "trust-no-provider"));
    }
}

/// A document far too long for IAM is judged all the same, and not mended.
#[test]
fn a_very_long_document_is_judged() {
    let values =
        |text: &str| (0..4000).map(|n| text.replace('#', &n.to_string())).collect::<Vec<_>>();
    for text in ["a:#:*", "system:serviceaccount:t#:default", "system:serviceaccount:T#:x", "x#"] {
        let condition = json!({"StringLike": {
            format!("{ISSUER}:sub"): values(text), format!("{ISSUER}:aud"): values(text),
        }});
        let statement = json!({
            "Effect": "Allow", "Principal": {"Federated": arn(ISSUER)}, "Action": ACTION, "Condition": condition,
        });
        let found =
            lint(&given(json!({"Version": "2012-10-17", "Statement": statement})), &meant());
        assert!(found.iter().any(|f| f.rule == "trust-too-long" && f.severity == Severity::Error));
        assert!(found.iter().all(|f| f.fix.as_ref().is_none_or(|fix| fix.document.is_none())));
    }
}

fn word() -> impl Strategy<Value = String> {
    let words = [
        "Version",
        "Id",
        "Statement",
        "Sid",
        "Effect",
        "Allow",
        "Deny",
        "Principal",
        "NotPrincipal",
        "Federated",
        "AWS",
        "Service",
        "*",
        "Action",
        "NotAction",
        "Resource",
        "Condition",
        "StringEquals",
        "StringLike",
        "Null",
        "Bool",
        "ForAllValues:StringLike",
        "StringNotEqualsIfExists",
        "issuer.example.com/one:sub",
        "issuer.example.com/one:aud",
        "https://issuer.example.com/one:sub",
        "${X}:aud",
        ":sub",
        ":",
        "aws:SourceIp",
        "${aws:x}",
        "${",
        "false",
        "2012-10-17",
        "arn:aws:iam::112233445566:oidc-provider/issuer.example.com/one",
        "arn:aws:iam::112233445566:root",
        "é:é",
        "sts:é",
        "sts:AssumeRoleWithWebIdentity",
        "system:serviceaccount:*:default",
        "Statement 1",
        "",
    ];
    select(words.to_vec()).prop_map(str::to_owned)
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => word().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i8>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((word(), inner), 0..5).prop_map(|list| Value::Object(list.into_iter().collect())),
        ]
    })
}

/// A statement that IAM would take.
fn statement() -> impl Strategy<Value = Value> {
    let principals = vec![
        json!({"Federated": arn(ISSUER)}),
        json!({"Federated": arn(ISSUER)}),
        json!({"Federated": arn(ISSUER)}),
        json!({"Federated": arn(OTHER)}),
        json!({"Federated": [arn(ISSUER), arn(OTHER)]}),
        json!({"Federated": arn(ISSUER), "AWS": "arn:aws:iam::112233445566:role/admin"}),
        json!({"AWS": "*"}),
    ];
    let actions = [ACTION, ACTION, ACTION, "sts:*", "sts:AssumeRole"];
    (
        select(vec!["Allow", "Allow", "Allow", "Deny"]),
        select(principals),
        select(actions.to_vec()),
        vec(condition(), 0..4),
    )
        .prop_map(|(effect, principal, action, conditions)| {
            let mut operators = Map::new();
            for (operator, key, values) in conditions {
                let keys = operators.entry(operator).or_insert_with(|| json!({}));
                keys[key] = json!(values);
            }
            json!({"Effect": effect, "Principal": principal, "Action": action, "Condition": operators})
        })
}

fn condition() -> impl Strategy<Value = (String, String, Vec<&'static str>)> {
    let operator = (
        select(vec!["", "", "", "ForAllValues:", "ForAnyValue:"]),
        select(vec![
            "StringEquals",
            "StringEquals",
            "StringLike",
            "StringEqualsIgnoreCase",
            "StringNotEquals",
        ]),
        select(vec!["", "", "", "IfExists"]),
    )
        .prop_map(|(set, name, end)| format!("{set}{name}{end}"));
    let name = select(vec![ISSUER, ISSUER, ISSUER, OTHER, "https://issuer.example.com/one"]);
    let sub = vec![
        SUBJECT,
        SUBJECT,
        "system:serviceaccount:okteto:*",
        "system:serviceaccount:*:okteto",
        "*",
        "system:serviceaccount:okteto:builder",
        "system:serviceaccount:okteto:default",
    ];
    let claim = prop_oneof![
        vec(select(sub), 1..3).prop_map(|values| ("sub", values)),
        vec(select(vec![AUDIENCE, AUDIENCE, "vault", "okteto*"]), 1..3).prop_map(|v| ("aud", v)),
    ];
    let guard = (name.clone(), select(vec!["sub", "aud"]));
    prop_oneof![
        6 => (operator, name, claim).prop_map(|(operator, name, (claim, values))| {
            (operator, format!("{name}:{claim}"), values)
        }),
        1 => guard.prop_map(|(name, claim)| {
            ("Null".to_owned(), format!("{name}:{claim}"), vec!["false"])
        }),
    ]
}

fn policy() -> impl Strategy<Value = Value> {
    (vec(statement(), 1..3), option::weighted(0.9, Just("2012-10-17"))).prop_map(
        |(statements, version)| {
            let mut map = Map::new();
            map.extend(version.map(|version| ("Version".to_owned(), json!(version))));
            map.insert("Statement".to_owned(), json!(statements));
            Value::Object(map)
        },
    )
}

/// A policy as someone wrote it who knew how, with at most a little amiss.
fn nearly_right() -> impl Strategy<Value = Value> {
    let pins = json!({"StringEquals": {
        format!("{ISSUER}:aud"): AUDIENCE, format!("{ISSUER}:sub"): SUBJECT,
    }});
    let right = json!({
        "Effect": "Allow", "Principal": {"Federated": arn(ISSUER)}, "Action": ACTION, "Condition": pins,
    });
    (vec(condition(), 0..2), vec(statement(), 0..2)).prop_map(move |(more, mut statements)| {
        let mut right = right.clone();
        for (operator, key, values) in more {
            let keys = right["Condition"].as_object_mut().unwrap();
            keys.entry(operator).or_insert_with(|| json!({}))[key] = json!(values);
        }
        statements.insert(0, right);
        json!({"Version": "2012-10-17", "Statement": statements})
    })
}

/// A policy whose allowance asks little, with denials that may do what it leaves undone.
fn guarded_by_denials() -> impl Strategy<Value = Value> {
    let operators = [
        "StringNotEquals",
        "StringNotEquals",
        "StringNotEquals",
        "StringNotEqualsIgnoreCase",
        "StringNotLike",
        "StringNotEqualsIfExists",
        "ForAnyValue:StringNotEquals",
        "ForAllValues:StringNotEquals",
    ];
    let denial = (select(operators.to_vec()), vec(condition(), 1..3), statement()).prop_map(
        |(operator, conditions, mut statement)| {
            let keys: Map<String, Value> =
                conditions.into_iter().map(|(_, key, values)| (key, json!(values))).collect();
            statement["Effect"] = json!("Deny");
            statement["Condition"] = json!({operator: keys});
            statement
        },
    );
    (vec(condition(), 0..2), vec(denial, 1..4)).prop_map(|(conditions, mut statements)| {
        let mut asked = json!({});
        for (operator, key, values) in conditions {
            asked[operator] = json!({key: values});
        }
        let allowance = json!({
            "Effect": "Allow", "Principal": {"Federated": arn(ISSUER)}, "Action": ACTION, "Condition": asked,
        });
        statements.insert(0, allowance);
        json!({"Version": "2012-10-17", "Statement": statements})
    })
}

fn any_policy() -> impl Strategy<Value = Value> {
    prop_oneof![policy(), nearly_right(), guarded_by_denials()]
}

fn worst(found: &[Finding]) -> u8 {
    found.iter().map(|finding| finding.severity.rank()).max().unwrap_or(0)
}

/// Tokens that are near the one that was meant. Another audience is no intruder where the policy names it.
fn intruders(document: &Value) -> Vec<Holder> {
    let subjects =
        ["system:serviceaccount:okteto:builder", "system:serviceaccount:team:okteto", "x:y"];
    let mut holders: Vec<Holder> = subjects
        .iter()
        .map(|sub| Holder::new(&format!("https://{ISSUER}"), AUDIENCE, sub))
        .collect();
    holders.push(Holder::new(&format!("https://{OTHER}"), AUDIENCE, SUBJECT));
    if !document.to_string().contains("\"vault\"") {
        holders.push(Holder::new(&format!("https://{ISSUER}"), "vault", SUBJECT));
    }
    holders
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_panics_and_the_order_holds(value in any_json(), with_meant: bool) {
        let meant = if with_meant { meant() } else { Meant::default() };
        for value in [value.clone(), json!({"Statement": [value.clone()]}), json!({"Statement": value})] {
            let found = lint(&given(value), &meant);
            prop_assert!(found.is_sorted_by_key(|f| Reverse(f.severity.rank())));
            for (index, finding) in found.iter().enumerate() {
                prop_assert!(!found[..index].contains(finding));
            }
        }
    }

    /// What the check passes lets in nobody who was not meant.
    #[test]
    fn a_policy_that_passes_admits_no_neighbour(value in any_policy()) {
        if worst(&lint(&given(value.clone()), &meant())) < Severity::Medium.rank() {
            let policy = Policy::read(&given(value.clone()).document).unwrap();
            for holder in intruders(&value) {
                let provider = arn(holder.provider_name().unwrap());
                prop_assert!(!decide(&policy, &provider, &holder).allowed, "{holder:?} gets in by {value:#}");
            }
        }
    }

    /// What the check finds nothing wrong with lets in who was meant, unless a statement denies it.
    #[test]
    fn a_policy_without_findings_admits_who_was_meant(value in any_policy()) {
        let denies = value.to_string().contains("\"Deny\"");
        let negates = value.to_string().contains("NotEquals");
        if !denies && !negates && worst(&lint(&given(value.clone()), &meant())) == 0 {
            let policy = Policy::read(&given(value.clone()).document).unwrap();
            let holder = Holder::new(&format!("https://{ISSUER}"), AUDIENCE, SUBJECT);
            prop_assert!(decide(&policy, &arn(ISSUER), &holder).allowed, "{value:#}");
        }
    }

    #[test]
    fn mending_comes_to_an_end(value in policy(), with_meant: bool) {
        let meant = if with_meant { meant() } else { Meant::default() };
        let mut value = value;
        for round in 0.. {
            prop_assert!(round <= 20, "no end: {value:#}");
            let found = lint(&given(value.clone()), &meant);
            let mut mended = found.into_iter().filter(|f| f.severity.rank() > 0);
            match mended.find_map(|f| f.fix?.document) {
                Some(document) => value = document,
                None => break,
            }
        }
    }
}
