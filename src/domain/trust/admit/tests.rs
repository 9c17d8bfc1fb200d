use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::policy::{Document, trust};
use crate::domain::sample::intent;

const ARN: &str = "arn:aws:iam::112233445566:oidc-provider/oidc.example.com/id/A";
const NAME: &str = "oidc.example.com/id/A";
const OTHER: &str = "arn:aws:iam::112233445566:oidc-provider/oidc.example.com/id/B";
const SUBJECT: &str = "system:serviceaccount:okteto:okteto";

fn read(value: &Value) -> Policy {
    Policy::read_last(&Document::parse(&value.to_string()).unwrap()).unwrap()
}

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
    read(&json!({"Version": "2012-10-17", "Statement": statements}))
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
    let policy = Policy::read(&Document::parse(&trust::text(&intent)).unwrap()).unwrap();
    let meant = Meant {
        issuer: Some(intent.issuer.url().to_owned()),
        audience: Some(intent.audience.to_string()),
        subject: Some(intent.subject.to_string()),
        provider_audiences: None,
    };
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
