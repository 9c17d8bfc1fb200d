//! What holds of every trust policy, whatever its words.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::agree::admits;
use crate::generate::{claims, document, statement, statements, version};

/// The same with one thing done to each condition: operator, key and values, which may be changed.
fn each_condition(
    statements: &[Value],
    change: impl Fn(&str, &mut String, &mut Value),
) -> Vec<Value> {
    let mut changed = statements.to_vec();
    for statement in &mut changed {
        let Some(Value::Object(operators)) = statement.get_mut("Condition") else { continue };
        for (operator, keys) in operators {
            let old = std::mem::take(keys.as_object_mut().unwrap());
            for (mut key, mut values) in old {
                change(operator, &mut key, &mut values);
                keys[&key] = values;
            }
        }
    }
    changed
}

/// With one value more.
fn longer(values: &Value, more: &str) -> Value {
    let mut list = values.as_array().cloned().unwrap_or_else(|| vec![values.clone()]);
    list.push(json!(more));
    json!(list)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_denial_more_never_admits_more(
        version in version(), claims in claims("StringEquals"), all in statements(), mut more in statement(),
    ) {
        more["Effect"] = json!("Deny");
        let longer = [all.clone(), vec![more]].concat();
        prop_assert!(admits(&document(&version, &all), &claims) >= admits(&document(&version, &longer), &claims));
    }

    #[test]
    fn an_allowance_less_never_admits_more(
        version in version(), claims in claims("StringEquals"), all in statements(), mut more in statement(),
    ) {
        more["Effect"] = json!("Allow");
        let longer = [all.clone(), vec![more]].concat();
        prop_assert!(admits(&document(&version, &longer), &claims) >= admits(&document(&version, &all), &claims));
    }

    #[test]
    fn denials_alone_admit_nobody(version in version(), claims in claims("StringEquals"), mut all in statements()) {
        for statement in &mut all {
            statement["Effect"] = json!("Deny");
        }
        prop_assert!(!admits(&document(&version, &all), &claims));
    }

    #[test]
    fn a_value_more_widens_what_asks_and_narrows_what_leaves_out(
        version in version(), claims in claims("StringEquals"), all in statements(),
        more in prop::sample::select(&["a", "ab", "*", "?", "${*}", "${none}", "system:serviceaccount:a:b"][..]),
    ) {
        let takes_texts = |operator: &str| operator.contains("String");
        let mut allows = all;
        for statement in &mut allows {
            statement["Effect"] = json!("Allow");
        }
        let before = admits(&document(&version, &allows), &claims);
        let wide = each_condition(&allows, |operator, _, values| {
            if takes_texts(operator) && !operator.contains("Not") {
                *values = longer(values, more);
            }
        });
        prop_assert!(admits(&document(&version, &wide), &claims) >= before);
        let narrow = each_condition(&allows, |operator, _, values| {
            if takes_texts(operator) && operator.contains("Not") {
                *values = longer(values, more);
            }
        });
        prop_assert!(admits(&document(&version, &narrow), &claims) <= before);
    }

    #[test]
    fn order_means_nothing(
        version in version(), claims in claims("StringEquals"), (all, other) in statements()
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let turned = each_condition(&other, |_, _, values| {
            if let Some(list) = values.as_array_mut() {
                list.reverse();
            }
        });
        prop_assert_eq!(admits(&document(&version, &all), &claims), admits(&document(&version, &turned), &claims));
    }

    #[test]
    fn the_case_of_key_names_means_nothing(version in version(), claims in claims("StringEquals"), all in statements()) {
        // Two keys that differ by case alone are two conditions; as one they would be a repeated key.
        let distinct = |s: &Value| s["Condition"].as_object().into_iter().flatten().all(|(_, keys)| {
            let mut names: Vec<_> = keys.as_object().unwrap().keys().map(|k| k.to_lowercase()).collect();
            names.sort();
            names.windows(2).all(|pair| pair[0] != pair[1])
        });
        prop_assume!(all.iter().all(distinct));
        let loud = each_condition(&all, |_, key, _| *key = key.to_uppercase());
        prop_assert_eq!(admits(&document(&version, &all), &claims), admits(&document(&version, &loud), &claims));
    }

    #[test]
    fn a_list_of_one_is_the_one_and_a_repeated_value_nothing(
        version in version(), claims in claims("StringEquals"), all in statements(),
    ) {
        let listed = each_condition(&all, |_, _, values| {
            let mut list = values.as_array().cloned().unwrap_or_else(|| vec![values.clone()]);
            list.extend(list.clone());
            *values = json!(list);
        });
        prop_assert_eq!(admits(&document(&version, &all), &claims), admits(&document(&version, &listed), &claims));
    }
}
