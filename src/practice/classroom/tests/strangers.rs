//! Ways to widen a trust policy, which make Okteto's pull work and let others in.

use super::*;
use crate::practice::classroom::strangers::shown;

/// Each with a part of what is to be said of it.
fn ways() -> Vec<(&'static str, Value, &'static str)> {
    let key = |claim: &str| format!("{NAME}:{claim}");
    let asks = |operator: &str, aud: Value, sub: Value| {
        json!([letting(NAME, &json!({ operator: { key("aud"): aud, key("sub"): sub } }))])
    };
    let beside = |other: Value| json!([letting(NAME, &exactly(AUDIENCE, SUBJECT)), other]);
    let any = |principal: Value, action: &str| json!({ "Effect": "Allow", "Principal": principal, "Action": action });
    let only = |claim: &str, value: &str| {
        json!([letting(NAME, &json!({ "StringEquals": { key(claim): value } }))])
    };
    let mixed = json!({
        "StringEquals": { key("aud"): AUDIENCE },
        "StringNotEquals": { key("sub"): "system:serviceaccount:default:default" },
    });
    vec![
        (
            "any account of the namespace",
            asks("StringLike", json!(AUDIENCE), json!("system:serviceaccount:okteto:*")),
            "another service account",
        ),
        (
            "the same account of any namespace",
            asks("StringLike", json!(AUDIENCE), json!("system:serviceaccount:*:okteto")),
            "another namespace",
        ),
        ("no subject", only("aud", AUDIENCE), "asks nothing of its subject"),
        ("no audience", only("sub", SUBJECT), "asks nothing of its audience"),
        (
            "ForAllValues",
            asks("ForAllValues:StringEquals", json!(AUDIENCE), json!(SUBJECT)),
            "holds where the claim is absent",
        ),
        (
            "if it exists",
            asks("StringEqualsIfExists", json!(AUDIENCE), json!(SUBJECT)),
            "holds where the claim is absent",
        ),
        (
            "a second namespace",
            asks(
                "StringEquals",
                json!(AUDIENCE),
                json!([SUBJECT, "system:serviceaccount:staging:okteto"]),
            ),
            "staging",
        ),
        (
            "a second audience",
            asks("StringEquals", json!([AUDIENCE, "sts.amazonaws.com"]), json!(SUBJECT)),
            "sts.amazonaws.com",
        ),
        ("all but one", json!([letting(NAME, &mixed)]), "refuses only"),
        ("a second statement", beside(letting(NAME, &Value::Null)), "statement 2"),
        (
            "everyone",
            beside(any(json!("*"), "sts:AssumeRoleWithWebIdentity")),
            "Statement 2 names everyone",
        ),
        (
            "the account",
            beside(any(json!({ "AWS": format!("arn:aws:iam::{ACCOUNT}:root") }), "sts:AssumeRole")),
            "by sts:AssumeRole",
        ),
        (
            "another cluster",
            beside(letting(OTHER, &json!({ "StringEquals": { format!("{OTHER}:sub"): SUBJECT } }))),
            "in the cluster ABCDEF0123456789",
        ),
    ]
}

fn world(ways: &[(&str, Value, &str)]) -> World {
    let mut roles = vec![sound()];
    roles.extend(ways.iter().map(|(name, trust, _)| role(name, document(trust))));
    let mut world = with(roles);
    let (issuer, audiences) = (format!("https://{OTHER}"), vec![AUDIENCE.to_owned()]);
    world.other_issuers.push(issuer.clone());
    world.providers.push(Provider { issuer: Some(issuer), audiences });
    world
}

#[tokio::test]
async fn every_way_to_widen_a_trust_is_caught_though_okteto_gets_in() {
    let ways = ways();
    let names: Vec<&str> = std::iter::once(ROLE).chain(ways.iter().map(|way| way.0)).collect();
    let mut checks: Vec<Check> =
        names.iter().map(|name| Check::NobodyElse { role: (*name).to_owned() }).collect();
    checks.extend(
        names.iter().map(|name| Check::OktetoPulls {
            role: (*name).to_owned(),
            repository: APP.to_owned(),
        }),
    );
    let bed = Bed::open(world(&ways), &checks).await;
    let standings = bed.standings().await;
    let (strangers, pulls) = standings.split_at(names.len());
    assert_eq!(strangers[0], Standing::Met);
    for ((name, _, wanted), standing) in ways.iter().zip(&strangers[1..]) {
        assert!(
            why(standing).to_lowercase().contains(&wanted.to_lowercase()),
            "{name}: {standing:?}"
        );
    }
    for (name, standing) in names.iter().zip(pulls) {
        assert_eq!(*standing, Standing::Met, "{name}");
    }
}

/// The tokens alone catch what STS really lets in.
#[tokio::test]
async fn strangers_tokens_are_shown_to_sts() {
    let ways = ways();
    let bed = Bed::open(world(&ways), &[]).await;
    let desk = bed.room.desk().unwrap();
    let (account, now) = (bed.front.account().clone(), bed.front.now());
    let mut bench = Bench { desk: &desk, account, now, cluster: &bed.cluster };
    let mut first = |name: &str| {
        let seen = bench.account.role(name).unwrap();
        shown(&mut bench, &seen)
    };
    assert_eq!(first(ROLE), None);
    for (name, wanted) in [
        (ways[0].0, "system:serviceaccount:okteto:default gets in"),
        (ways[1].0, "system:serviceaccount:another:okteto gets in"),
        (ways[2].0, "system:serviceaccount:okteto:default gets in"),
        (ways[3].0, "with the audience sts.amazonaws.com"),
        (ways[12].0, "of another cluster gets in"),
    ] {
        let found = first(name).unwrap_or_default();
        assert!(found.contains(wanted), "{name}: {found}");
    }
}

#[tokio::test]
async fn a_role_that_is_not_there_or_cannot_be_read_keeps_nobody_out() {
    let check = |name: &str| Check::NobodyElse { role: name.to_owned() };
    let denies = json!([{
        "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity",
    }]);
    let world = with([role("unreadable", "{".to_owned()), role("nobody", document(&denies))]);
    let bed = Bed::open(world, &[check("absent"), check("unreadable"), check("nobody")]).await;
    let standings = bed.standings().await;
    assert_eq!(standings[0], open("there is no role absent"));
    assert!(why(&standings[1]).contains("cannot be read"));
    assert_eq!(standings[2], Standing::Met);
}

/// Where the learner chooses the audience, each that the provider lists may be Okteto's.
#[tokio::test]
async fn an_audience_that_the_learner_chose_is_nobody_else() {
    let mut answers = answers();
    answers.set(Field::Audience, "");
    let bed = Bed::new();
    let checks = [Check::NobodyElse { role: ROLE.to_owned() }, pulls()];
    let trust = document(&json!([letting(NAME, &exactly("sts.amazonaws.com", SUBJECT))]));
    bed.room.open(&exercise(with([role(ROLE, trust)]), answers, &checks)).await.unwrap();
    assert_eq!(bed.standings().await, [Standing::Met, Standing::Met]);
}
