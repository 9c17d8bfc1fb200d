use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::domain::arn::RoleArn;
use crate::domain::fault::{Cause, Fault};
use crate::domain::sample;

/// AWS's own policies.
pub fn shelf() -> Shelf {
    let policies = [
        (
            "AdministratorAccess",
            include_str!("../../../../assets/policies/AdministratorAccess.json"),
        ),
        (
            "AmazonEC2ContainerRegistryFullAccess",
            include_str!("../../../../assets/policies/AmazonEC2ContainerRegistryFullAccess.json"),
        ),
        (
            "AmazonEC2ContainerRegistryPowerUser",
            include_str!("../../../../assets/policies/AmazonEC2ContainerRegistryPowerUser.json"),
        ),
        (
            PULL_ONLY,
            include_str!("../../../../assets/policies/AmazonEC2ContainerRegistryPullOnly.json"),
        ),
        (
            READ_ONLY,
            include_str!("../../../../assets/policies/AmazonEC2ContainerRegistryReadOnly.json"),
        ),
    ];
    let of = |(name, text): (&str, &str)| {
        (PolicyArn::managed(Partition::Aws, name), Ok(text.to_owned()))
    };
    Shelf { groups: BTreeMap::new(), policies: policies.into_iter().map(of).collect() }
}

/// A role that an Okteto instance can assume.
fn role() -> RoleEntry {
    RoleEntry {
        arn: RoleArn::parse("arn:aws:iam::112233445566:role/okteto/puller").unwrap(),
        name: "puller".to_owned(),
        path: "/okteto/".to_owned(),
        trust: format!("{{\"sub\": \"{}\"}}", sample::SUBJECT),
        created_at: Some(0),
        max_session_seconds: None,
        boundary: None,
        attached: Vec::new(),
        inline: BTreeMap::new(),
        tags: BTreeMap::new(),
        last_use: LastUse::Unknown,
        unread: None,
    }
}

fn attached(names: &[&str]) -> RoleEntry {
    let of = |name: &&str| PolicyArn::managed(Partition::Aws, name);
    RoleEntry { attached: names.iter().map(of).collect(), ..role() }
}

fn inline(statements: &Value) -> RoleEntry {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    RoleEntry { inline: BTreeMap::from([("own".to_owned(), text)]), ..role() }
}

/// Those of a role that is for Okteto's pulls if it trusts anybody.
fn papers(entry: &RoleEntry) -> Papers {
    let is_puller = entry.trust != "{}";
    Papers { is_puller, is_for_pulls: is_puller, ..Papers::from(entry) }
}

fn found_with(entry: &RoleEntry, shelf: &Shelf) -> Vec<Found> {
    let papers = papers(entry);
    let rights = super::super::rights::judge(&papers, shelf);
    look(&On::Role(entry.name.clone()), &papers, &rights, shelf, &sample::caller())
}

fn found(entry: &RoleEntry) -> Vec<Found> {
    found_with(entry, &shelf())
}

/// What is wrong, without the notes.
fn wrong(found: &[Found]) -> Vec<(&'static str, Severity)> {
    let of = |f: &Found| (f.finding.rule, f.finding.severity);
    found.iter().map(of).filter(|(_, severity)| *severity != Severity::Note).collect()
}

fn slugs(entry: &RoleEntry) -> Vec<&'static str> {
    wrong(&found(entry)).into_iter().map(|(slug, _)| slug).collect()
}

const PULL: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const TEAM: &str = "arn:aws:ecr:us-east-2:112233445566:repository/team/*";

fn login() -> Value {
    json!({"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"})
}

fn pull() -> Value {
    json!({"Effect": "Allow", "Action": PULL, "Resource": TEAM})
}

fn calls(found: &[Found], rule: &str) -> Vec<String> {
    let of_rule = found.iter().filter(|f| f.finding.rule == rule);
    let told = |call: &Operation| format!("{} {}", call.call(), call.summary());
    of_rule.flat_map(|f| f.calls.iter().map(told)).collect()
}

#[test]
fn sound_roles_have_notes_at_most() {
    for entry in [
        attached(&[PULL_ONLY]),
        inline(&json!([login(), pull()])),
        RoleEntry { trust: "{}".to_owned(), ..attached(&[READ_ONLY]) },
        RoleEntry { trust: "{}".to_owned(), ..role() },
    ] {
        assert_eq!(slugs(&entry), [] as [&str; 0], "{entry:?}");
    }
    let notes: Vec<&str> =
        found(&inline(&json!([login(), pull()]))).iter().map(|f| f.finding.rule).collect();
    assert_eq!(notes, ["ecr-no-import", "no-boundary"]);
}

#[test]
fn what_pushes_is_put_in_its_place() {
    let name = "AmazonEC2ContainerRegistryPowerUser";
    let power = found(&attached(&[name]));
    assert_eq!(wrong(&power), [("ecr-push", Severity::High)]);
    assert_eq!(
        calls(&power, "ecr-push"),
        [
            format!("iam:AttachRolePolicy {PULL_ONLY} on puller"),
            format!("iam:DetachRolePolicy {name} on puller: detached"),
        ]
    );
    let both = found(&attached(&[PULL_ONLY, name]));
    assert_eq!(calls(&both, "ecr-push").len(), 1);
    assert!(slugs(&attached(&["AmazonEC2ContainerRegistryFullAccess"])).contains(&"ecr-push"));

    let admin = found(&attached(&["AdministratorAccess"]));
    assert_eq!(wrong(&admin), [("everything-allowed", Severity::High)]);
    assert!(admin.iter().all(|f| f.calls.is_empty()) && !admin[0].evidence.is_empty());
}

#[test]
fn an_inline_policy_loses_only_what_pushes() {
    let push =
        json!({"Effect": "Allow", "Action": ["ecr:PutImage", "ecr:ListImages"], "Resource": TEAM});
    let only = json!({"Effect": "Allow", "Action": "ecr:UploadLayerPart", "Resource": TEAM});
    let entry = inline(&json!([login(), pull(), push, only]));
    let pushing = found(&entry);
    assert_eq!(wrong(&pushing), [("ecr-push", Severity::High)]);
    let push = pushing.iter().find(|f| f.finding.rule == "ecr-push").unwrap();
    assert!(push.evidence[0].contains("Statement 3 of inline own: ecr:PutImage"), "{push:?}");
    let [Operation::PutInlinePolicy { document, name, .. }] = &push.calls[..] else {
        panic!("{push:?}")
    };
    let left: Value = serde_json::from_str(document).unwrap();
    assert_eq!(name, "own");
    assert_eq!(left["Statement"].as_array().unwrap().len(), 3);
    assert_eq!(left["Statement"][2]["Action"], json!(["ecr:ListImages"]));

    // What pushes by a wildcard cannot be cut out.
    let wild = found(&inline(&json!({"Effect": "Allow", "Action": "ecr:*", "Resource": "*"})));
    assert_eq!(wrong(&wild), [("ecr-push", Severity::High)]);
    assert_eq!(calls(&wild, "ecr-push"), [] as [String; 0]);

    // A pipeline that pushes to its own repositories is made for it.
    assert_eq!(slugs(&RoleEntry { trust: "{}".to_owned(), ..entry }), [] as [&str; 0]);
}

#[test]
fn read_only_gives_way_where_pull_only_is_known() {
    let entry = attached(&[READ_ONLY]);
    assert_eq!(wrong(&found(&entry)), [("ecr-read-only", Severity::Low)]);
    assert_eq!(calls(&found(&entry), "ecr-read-only").len(), 2);

    let arn = PolicyArn::managed(Partition::Sovereign, READ_ONLY);
    let text = shelf().policies[&PolicyArn::managed(Partition::Aws, READ_ONLY)].clone();
    let shelf = Shelf { policies: BTreeMap::from([(arn.clone(), text)]), ..Shelf::default() };
    let papers = Papers {
        attached: vec![arn],
        arn: "arn:aws-eusc:iam::112233445566:role/puller".to_owned(),
        ..papers(&entry)
    };
    let caller = Caller { partition: Partition::Sovereign, ..sample::caller() };
    let rights = super::super::rights::judge(&papers, &shelf);
    let found = look(&On::Role("puller".to_owned()), &papers, &rights, &shelf, &caller);
    assert_eq!(wrong(&found), [("ecr-read-only", Severity::Low)]);
    assert!(found.iter().all(|f| f.calls.is_empty()));
}

#[test]
fn a_pull_without_a_login_is_told() {
    let only = found(&inline(&pull()));
    assert_eq!(wrong(&only), [("ecr-no-login", Severity::Error)]);
    assert_eq!(
        calls(&only, "ecr-no-login"),
        ["iam:PutRolePolicy inline policy okteto-ecr-login on puller"]
    );
    let scoped =
        json!({"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": TEAM});
    let scoped = found(&inline(&json!([pull(), scoped])));
    let told = scoped.iter().find(|f| f.finding.rule == "ecr-no-login").unwrap();
    assert!(told.finding.message.contains("not on \"*\""), "{told:?}");
    assert_eq!(told.evidence, ["Statement 2 of inline own"]);
    let denied = json!({"Effect": "Deny", "Action": "ecr:GetA*", "Resource": "*"});
    let denied = found(&inline(&json!([login(), pull(), denied])));
    assert_eq!(wrong(&denied), [("ecr-no-login", Severity::Error)]);
    assert!(calls(&denied, "ecr-no-login").is_empty());
    assert_eq!(slugs(&inline(&login())), ["ecr-no-pull"]);
    // What could not be read may allow it.
    let mut shelf = shelf();
    let other = PolicyArn::parse("arn:aws:iam::112233445566:policy/other").unwrap();
    shelf.policies.insert(other.clone(), Err(Fault::new(Cause::PermissionDenied, "no")));
    let entry = RoleEntry { attached: vec![other], ..inline(&pull()) };
    assert_eq!(wrong(&found_with(&entry, &shelf)), []);
}

#[test]
fn a_boundary_that_takes_the_pull_away_is_told_once() {
    let cap = PolicyArn::parse("arn:aws:iam::112233445566:policy/cap").unwrap();
    let capped = |action: &Value| {
        let text = json!({"Version": "2012-10-17", "Statement":
            {"Effect": "Allow", "Action": action, "Resource": "*"}});
        let mut shelf = shelf();
        shelf.policies.insert(cap.clone(), Ok(text.to_string()));
        let entry = RoleEntry { boundary: Some(cap.clone()), ..attached(&[PULL_ONLY]) };
        found_with(&entry, &shelf)
    };
    assert_eq!(wrong(&capped(&json!("ecr:*"))), []);
    for boundary in [json!("s3:*"), json!("ecr:GetAuthorizationToken"), json!(PULL)] {
        let found = capped(&boundary);
        assert_eq!(wrong(&found), [("boundary-takes-pull", Severity::Error)], "{boundary}");
    }
}

#[test]
fn a_boundary_that_only_overlaps_takes_nothing_however_many_repositories_are_named() {
    let repositories = |of: &str, named: usize| -> Vec<String> {
        let name = |at| of.replace('N', &format!("{at}"));
        (0..named)
            .map(|at| format!("arn:aws:ecr:us-east-2:112233445566:repository/{}", name(at)))
            .collect()
    };
    let cap = PolicyArn::parse("arn:aws:iam::112233445566:policy/cap").unwrap();
    let capped = |allowed: &[String], boundary: &[String]| {
        let pull = |on: &[String]| json!({"Effect": "Allow", "Action": PULL, "Resource": on});
        let text = json!({"Version": "2012-10-17", "Statement": [login(), pull(boundary)]});
        let mut shelf = shelf();
        shelf.policies.insert(cap.clone(), Ok(text.to_string()));
        let entry =
            RoleEntry { boundary: Some(cap.clone()), ..inline(&json!([login(), pull(allowed)])) };
        found_with(&entry, &shelf)
    };
    let found = capped(&repositories("team-N/*", 60), &repositories("*/app", 1));
    assert_eq!(wrong(&found), []);
    let found = capped(&repositories("team-N/*", 60), &repositories("other-N/*", 60));
    assert_eq!(wrong(&found), [("boundary-takes-pull", Severity::Error)]);
    // More than is tried: it is said, and nothing is held against it.
    let found = capped(&repositories("*-N-*", 60), &repositories("*+N+*", 60));
    assert_eq!(wrong(&found), []);
    let unread = found.iter().find(|f| f.finding.rule == "policy-unread").unwrap();
    assert!(unread.evidence[0].contains("more than is tried"), "{unread:?}");
}

#[test]
fn whom_the_trust_policy_lets_in_says_for_whom_it_is() {
    let issuer = "oidc.eks.us-east-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
    let push = json!({"Effect": "Allow", "Action": "ecr:PutImage", "Resource": TEAM});
    let told = |subject: &str| {
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": format!("arn:aws:iam::112233445566:oidc-provider/{issuer}")},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {format!("{issuer}:aud"): "okteto.example.com"},
                "StringLike": {format!("{issuer}:sub"): subject},
            },
        }]});
        let entry = RoleEntry { trust: trust.to_string(), ..inline(&json!([push])) };
        let role = super::super::role::judge(entry, &BTreeMap::new()).unwrap();
        let papers = Papers::of(&role);
        let rights = super::super::rights::judge(&papers, &shelf());
        let on = On::Role("puller".to_owned());
        let found = look(&on, &papers, &rights, &shelf(), &sample::caller());
        let mut wrong = wrong(&found);
        wrong.sort_by_key(|(slug, _)| *slug);
        wrong
    };
    // Its name says Okteto, and it is a pipeline of its own.
    assert_eq!(told("system:serviceaccount:ci:okteto-builder"), []);
    // Okteto gets in among all, and the role need not be for it.
    assert_eq!(told("system:serviceaccount:*"), [("ecr-push", Severity::High)]);
    assert_eq!(
        told("system:serviceaccount:okteto:okteto"),
        [
            ("ecr-no-login", Severity::Error),
            ("ecr-no-pull", Severity::Medium),
            ("ecr-push", Severity::High)
        ]
    );
}

#[test]
fn what_reaches_beyond_the_registry_is_told() {
    let other = |action: &str, resource: &str| {
        let other = json!({"Effect": "Allow", "Action": action, "Resource": resource});
        inline(&json!([login(), pull(), other]))
    };
    assert_eq!(wrong(&found(&other("s3:GetObject", "*"))), [("beyond-ecr", Severity::High)]);
    assert_eq!(slugs(&other("ecr-public:GetAuthorizationToken", "*")), [] as [&str; 0]);
    let plain = RoleEntry { trust: "{}".to_owned(), ..other("s3:GetObject", "*") };
    assert_eq!(wrong(&found(&plain)), [("beyond-ecr", Severity::Medium)]);
    for (resource, told) in [
        ("*", true),
        ("arn:aws:iam::*:role/*", true),
        ("arn:aws:iam::112233445566:role/*", true),
        ("arn:aws:iam::112233445566:role/team-*", false),
        ("arn:aws:iam::112233445566:role/x", false),
    ] {
        let has = slugs(&other("sts:AssumeRole", resource)).contains(&"assumes-any-role");
        assert_eq!(has, told, "{resource}");
    }
}

#[test]
fn another_partition_is_told() {
    let there = TEAM.replace("arn:aws:", "arn:aws-cn:");
    let pulled = json!({"Effect": "Allow", "Action": PULL, "Resource": there});
    assert!(slugs(&inline(&json!([login(), pulled]))).contains(&"policy-partition"));
    let both = json!({"Effect": "Allow", "Action": PULL, "Resource": [there, TEAM]});
    assert_eq!(slugs(&inline(&json!([login(), both]))), [] as [&str; 0]);
    let mut entry = attached(&[PULL_ONLY]);
    entry.attached.push(PolicyArn::managed(Partition::China, READ_ONLY));
    assert!(slugs(&entry).contains(&"policy-partition"));
}

#[test]
fn a_role_is_stale_after_ninety_days() {
    let used = |last_use, created_at| RoleEntry { created_at, last_use, ..role() };
    let at = |at: i64| LastUse::At(at, "us-east-2".to_owned());
    let now = 1_718_000_000;
    let found = stale(&used(at(now - 90 * DAY - 1), Some(0)), now).unwrap();
    assert_eq!(found.finding.message, "last used 2024-03-12, more than 90 days ago");
    for fresh in [
        used(at(now - 90 * DAY), Some(0)),
        used(LastUse::Never, Some(now - 90 * DAY)),
        used(LastUse::Never, None),
        used(LastUse::Unknown, Some(0)),
    ] {
        assert_eq!(stale(&fresh, now), None);
    }
    assert!(stale(&used(LastUse::Never, Some(now - 91 * DAY)), now).is_some());
}
