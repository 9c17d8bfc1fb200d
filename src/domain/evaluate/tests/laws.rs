//! What holds of every policy and every request.

use proptest::prelude::*;

use super::*;

/// Any JSON, its words taken from those that policies are made of, so that much of it comes near to one.
fn any_json() -> impl Strategy<Value = Value> {
    const WORDS: &[&str] = &[
        "Version",
        CURRENT,
        "Statement",
        "Effect",
        "Allow",
        "Deny",
        "Action",
        "NotAction",
        "Resource",
        "Principal",
        "AWS",
        "Condition",
        "StringLike",
        "ForAllValues:DateEquals",
        "NumericEquals",
        "IpAddress",
        "aws:username",
        "*",
        "?a*",
        "${aws:username}",
        "${",
        "${x, '",
        "a:b",
        "arn:aws:iam::1:root",
        "2026-02-30T99:99Z",
        "é",
        "",
    ];
    let word = prop::sample::select(WORDS).prop_map(str::to_owned);
    let leaf = prop_oneof![
        word.clone().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// A sound statement.
fn any_statement() -> impl Strategy<Value = Value> {
    let pattern =
        prop::sample::select(&["*", "a:*", "a:b", "?:b", "c:d", "${aws:username}", "${none}"][..]);
    let operator = prop::sample::select(
        &[
            "StringEquals",
            "StringNotLike",
            "ForAllValues:StringLike",
            "ForAnyValue:StringNotEquals",
            "StringLikeIfExists",
        ][..],
    );
    let condition =
        (operator, prop::sample::select(&["k:1", "K:2", "k:none"][..]), pattern.clone());
    (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        pattern.clone(),
        pattern,
        prop::option::of(condition),
    )
        .prop_map(|(deny, not_action, not_resource, action, resource, condition)| {
            let mut statement = json!({
                "Effect": if deny { "Deny" } else { "Allow" },
                if not_action { "NotAction" } else { "Action" }: action,
                if not_resource { "NotResource" } else { "Resource" }: resource,
            });
            if let Some((operator, key, value)) = condition {
                statement["Condition"] = json!({operator: {key: value}});
            }
            statement
        })
}

fn any_context() -> impl Strategy<Value = Vec<(String, Vec<String>)>> {
    let key = prop::sample::select(&["k:1", "k:2", "aws:username"][..]).prop_map(str::to_owned);
    let value = prop::sample::select(&["a:b", "c:d", "x", ""][..]).prop_map(str::to_owned);
    prop::collection::vec((key, prop::collection::vec(value, 0..3)), 0..4)
}

fn judge(
    statements: &[Value],
    context: &[(String, Vec<String>)],
    fold: fn(&str) -> String,
) -> Judgement {
    let mut keys = Context::default();
    for (key, values) in context {
        keys.set(&fold(key), values.clone());
    }
    let policy = read(&json!({"Version": CURRENT, "Statement": statements})).unwrap();
    let request = Request { asker: &user(), action: "a:b", resource: "a:b", context: &keys };
    let judgement = policy.judge(&request);
    // Whoever asks only what takes effect is told the same.
    let verdicts = policy.statements.iter().zip(&judgement.statements);
    let matching =
        verdicts.filter(|(_, verdict)| verdict.is_match()).map(|(statement, _)| statement);
    assert!(matching.eq(policy.matching(&request)));
    judgement
}

proptest! {
    #[test]
    fn no_json_upsets_reader_or_judge(value in any_json(), text in ".{0,40}") {
        let documents = [value.to_string(), json!({"Version": CURRENT, "Statement": value}).to_string(), text];
        for document in documents.iter().filter_map(|text| Document::parse(text).ok()) {
            if let Ok(policy) = Policy::read(&document) {
                let context = Context::default().with("aws:username", ["a*"]);
                let request = Request { asker: &user(), action: "a:b", resource: "*", context: &context };
                prop_assert_eq!(policy.judge(&request).statements.len(), policy.statements.len());
            }
        }
    }

    #[test]
    fn a_matching_denial_wins_and_only_it_takes_away(
        statements in prop::collection::vec(any_statement(), 1..5),
        more in any_statement(),
        context in any_context(),
    ) {
        let before = judge(&statements, &context, str::to_owned);
        let denied = before.statements.iter().any(|v| v.effect == Effect::Deny && v.is_match());
        prop_assert_eq!(before.outcome == Outcome::Denied, denied);
        let longer = [statements, vec![more.clone()]].concat();
        let after = judge(&longer, &context, str::to_owned);
        prop_assert_eq!(&after.statements[..longer.len() - 1], &before.statements[..]);
        match (before.outcome, &more["Effect"] == "Allow") {
            (Outcome::Denied, _) => prop_assert_eq!(after.outcome, Outcome::Denied),
            (Outcome::Allowed, true) => prop_assert_eq!(after.outcome, Outcome::Allowed),
            (Outcome::Allowed, false) => prop_assert_ne!(after.outcome, Outcome::Silent),
            (Outcome::Silent, true) => prop_assert_ne!(after.outcome, Outcome::Denied),
            (Outcome::Silent, false) => prop_assert_ne!(after.outcome, Outcome::Allowed),
        }
    }

    #[test]
    fn the_case_of_key_names_means_nothing(
        statements in prop::collection::vec(any_statement(), 1..4),
        context in any_context(),
    ) {
        prop_assert_eq!(
            judge(&statements, &context, str::to_owned),
            judge(&statements, &context, str::to_uppercase)
        );
    }

    #[test]
    fn the_opposite_operator_says_the_opposite(wanted in "[ab*?]{0,4}", got in "[ab*]{0,4}") {
        for (operator, opposite) in [("StringEquals", "StringNotEquals"), ("StringLike", "StringNotLike")] {
            let (wanted, got) = (json!(wanted), Some(&[got.as_str()][..]));
            prop_assert_ne!(holds(operator, &wanted, got), holds(opposite, &wanted, got));
        }
    }

    #[test]
    fn a_text_without_wildcards_is_like_itself_alone(text in "[a-z/:]{0,12}", other in "[a-z/:]{0,12}") {
        prop_assert!(holds("StringLike", &json!(text), Some(&[&text])));
        prop_assert_eq!(holds("StringLike", &json!(text), Some(&[&other])), text == other);
    }
}
