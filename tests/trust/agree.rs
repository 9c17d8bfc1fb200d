//! The evaluator and the second writing of its rules say the same of every policy and every token.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

use okteto_ecr::domain::evaluate::Policy;
use okteto_ecr::domain::policy::Document;
use okteto_ecr::domain::trust::{Holder, Outlook, Provider, before_policy, decide, outlook};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::generate::{
    NAME, OPERATORS, PROVIDER, claims, condition, document, statements, version,
};
use crate::slow;

pub fn read(document: &Value) -> Document {
    Document::parse(&document.to_string()).unwrap()
}

pub fn holder(claims: &Value) -> Holder {
    Holder::read(claims.as_object().unwrap()).unwrap()
}

pub fn admits(document: &Value, claims: &Value) -> bool {
    let policy = Policy::read(&read(document)).unwrap();
    decide(&policy, PROVIDER, &holder(claims)).allowed
}

/// Runs so many cases from a seed of its own, which a failure tells. `OKTETO_ECR_SEED` runs the same again.
pub fn run<S: Strategy>(
    cases: u32,
    strategy: &S,
    test: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let seed = std::env::var("OKTETO_ECR_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| RandomState::new().hash_one(cases));
    let bytes: Vec<u8> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    if let Err(error) = runner.run(strategy, test) {
        panic!("OKTETO_ECR_SEED={seed}: {error}");
    }
}

fn agree(document: &Value, claims: &Value) -> Result<bool, TestCaseError> {
    let slowly = slow::admits(document, PROVIDER, claims);
    prop_assert_eq!(admits(document, claims), slowly, "{} {}", document, claims);
    Ok(slowly)
}

/// Each operator by itself, where nothing else decides. Of each some hold and some do not.
#[test]
fn on_every_operator() {
    for test in OPERATORS {
        let (met, unmet) = (Cell::new(0), Cell::new(0));
        let cases = (
            version(),
            claims(test),
            condition(test),
            prop::sample::select(&["Allow", "Deny"][..]),
        );
        run(400, &cases, |(version, claims, (operator, key, wanted), effect)| {
            let asks = json!({
                "Effect": effect, "Principal": {"Federated": PROVIDER},
                "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {operator: {key: wanted}},
            });
            let allows =
                json!({"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "*"});
            let all = if effect == "Deny" { vec![allows, asks] } else { vec![asks] };
            let holds = agree(&document(&version, &all), &claims)? == (effect == "Allow");
            let count = if holds { &met } else { &unmet };
            count.set(count.get() + 1);
            Ok(())
        });
        assert!(met.get() > 40 && unmet.get() > 40, "{test}: {} and {}", met.get(), unmet.get());
    }
}

/// Few letters, so that a `*` has to come back more than once.
#[test]
fn on_wildcards() {
    let met = Cell::new(0);
    run(6000, &("[ab*?]{0,7}", "[ab]{0,9}"), |(pattern, text)| {
        let asks = json!({
            "Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:*",
            "Condition": {"StringLike": {format!("{NAME}:sub"): pattern}},
        });
        let claims = json!({"iss": format!("https://{NAME}"), "sub": text});
        if agree(&document(&json!("2012-10-17"), &[asks]), &claims)? {
            met.set(met.get() + 1);
        }
        Ok(())
    });
    assert!((300..5700).contains(&met.get()), "{} of 6000 met", met.get());
}

#[test]
fn on_whole_policies() {
    let admitted = Cell::new(0);
    let cases = (version(), claims("StringEquals"), statements());
    run(6000, &cases, |(version, claims, statements)| {
        if agree(&document(&version, &statements), &claims)? {
            admitted.set(admitted.get() + 1);
        }
        Ok(())
    });
    assert!((600..5400).contains(&admitted.get()), "{} of 6000 admitted", admitted.get());
}

/// What the outlook says is never against the decision, and it never says that nothing is in the way of a refusal.
#[test]
fn with_the_outlook() {
    let (good, bad, open) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let cases = (version(), claims("StringEquals"), statements());
    let provider = Provider { arn: PROVIDER.to_owned(), audiences: None };
    run(6000, &cases, |(version, claims, statements)| {
        let document = document(&version, &statements);
        let (holder, is_admitted) = (holder(&claims), admits(&document, &claims));
        let early = !before_policy(&provider, &holder).is_empty();
        let count = match outlook(&read(&document), &provider, &holder) {
            Outlook::Admits => {
                prop_assert!(!early && is_admitted, "{} {}", document, claims);
                &good
            }
            Outlook::Refuses(fault) => {
                prop_assert!(early || !is_admitted, "{} {}: {:?}", document, claims, fault);
                prop_assert!(
                    std::iter::once(&*fault).chain(fault.others()).all(|f| f.remedy.is_some())
                );
                &bad
            }
            Outlook::Unsure(words) => {
                prop_assert!(!early && words.contains("not known here"), "{}", words);
                &open
            }
        };
        count.set(count.get() + 1);
        Ok(())
    });
    let counts = (good.get(), bad.get(), open.get());
    assert!(counts.0 > 200 && counts.1 > 2000 && counts.2 > 20, "{counts:?}");
}
