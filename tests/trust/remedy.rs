//! All that stands in the way is named: whoever does as the remedies say is let in.

use std::cell::Cell;

use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::trust::{Outlook, Provider, before_policy, outlook};
use serde_json::{Map, Value, json};

use crate::agree::{holder, read, run};
use crate::generate::{PROVIDER, claims, document, statements, version};

/// Does what the remedy of one fault says. A statement that is removed becomes `null`, so that the numbers stay.
fn mend(statements: &mut [Value], fault: &Fault, claims: &Value) {
    let at = fault.evidence["at"].as_str();
    let (number, place) = at.split_once(": ").unwrap_or((at, ""));
    let number: usize = number.trim_start_matches("Statement ").parse().unwrap();
    let statement = &mut statements[number - 1];
    let elements = statement.as_object_mut().unwrap();
    match fault.cause {
        Cause::TrustPrincipalMismatch | Cause::ProviderInOtherAccount => {
            elements.remove("NotPrincipal");
            elements.insert("Principal".to_owned(), json!({"Federated": PROVIDER}));
        }
        Cause::TrustActionMismatch => {
            elements.remove("NotAction");
            elements.insert("Action".to_owned(), json!(fault.evidence["wanted"]));
        }
        Cause::PermissionDenied if place.is_empty() => *statement = Value::Null,
        _ => condition(statement["Condition"].as_object_mut().unwrap(), place, fault, claims),
    }
}

fn condition(operators: &mut Map<String, Value>, place: &str, fault: &Fault, claims: &Value) {
    let (operator, key) = place.trim_start_matches("Condition ").split_once(' ').unwrap();
    let remedy = fault.remedy.as_ref().unwrap();
    // A claim as the policy would have it.
    let value = || match claims[fault.evidence["claim"].as_str()].clone() {
        Value::Array(list) if list.is_empty() => json!([""]),
        value => value,
    };
    let mut add = |operator: &str, key: &str, value: Value| {
        let keys = operators.entry(operator).or_insert_with(|| json!({}));
        keys[key] = value;
    };
    if remedy.starts_with("put the key ") {
        let values = operators[operator][key].clone();
        operators[operator].as_object_mut().unwrap().remove(key);
        operators[operator][fault.evidence["wanted"].as_str()] = values;
    } else if remedy.contains("put it in place of") || remedy.contains("or the full value") {
        add(operator, key, value());
    } else if remedy.contains("by StringEquals in place of") {
        add("StringEquals", key, value());
        operators[operator].as_object_mut().unwrap().remove(key);
    } else {
        assert!(remedy.contains("remove "), "{remedy}");
        operators[operator].as_object_mut().unwrap().remove(key);
    }
}

#[test]
fn the_remedies_carried_out_let_the_holder_in() {
    let mended = Cell::new(0);
    let provider = Provider { arn: PROVIDER.to_owned(), audiences: None };
    let cases = (version(), claims("StringEquals"), statements());
    run(6000, &cases, |(version, claims, mut statements)| {
        let holder = holder(&claims);
        let before = document(&version, &statements);
        let Outlook::Refuses(fault) = outlook(&read(&before), &provider, &holder) else {
            return Ok(());
        };
        if !before_policy(&provider, &holder).is_empty() || !fault.evidence.contains_key("at") {
            return Ok(());
        }
        for fault in std::iter::once(&*fault).chain(fault.others()) {
            mend(&mut statements, fault, &claims);
        }
        statements.retain(|statement| !statement.is_null());
        let after = document(&version, &statements);
        let found = outlook(&read(&after), &provider, &holder);
        proptest::prop_assert!(
            !matches!(found, Outlook::Refuses(_)),
            "{before}\n{claims}\n{fault:#?}\n{after}\n{found:#?}"
        );
        mended.set(mended.get() + 1);
        Ok(())
    });
    assert!(mended.get() > 1000, "{} mended", mended.get());
}
