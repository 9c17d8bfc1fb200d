//! The review by the real binary over the wire: the account of the write-ups in moto and in practice, large accounts, and
//! accounts that keep something to themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::error::ProvideErrorMetadata;
use okteto_ecr::domain::review::rules;
use okteto_ecr::domain::trust::lint;
use okteto_ecr::practice::account::difficulty::What;
use okteto_ecr::practice::account::input::Input;
use okteto_ecr::practice::account::{Ask, Principal, Service};
use okteto_ecr::practice::scene::{Actor, Scene};
use serde_json::{Value, json};

use crate::bed::Practice;
use crate::sixty::{ACCOUNT, Case, account, cases, providers};
use crate::support::{Moto, Run};
use crate::wire::Visitor;

/// Puts the providers and these roles into an account; the names of the roles that it took.
async fn put(iam: &Client, id: &str, cases: &[Case]) -> BTreeSet<String> {
    let here = |text: &str| text.replace(ACCOUNT, id);
    for (provider, _) in providers() {
        let seen = provider.seen.unwrap();
        let made = iam
            .create_open_id_connect_provider()
            .url(format!("https://{}", seen.url))
            .set_client_id_list(Some(seen.audiences))
            .thumbprint_list("0".repeat(40));
        made.send().await.expect("a provider");
    }
    let mut taken = BTreeSet::new();
    for Case { entry, .. } in cases {
        let made = iam
            .create_role()
            .role_name(&entry.name)
            .path(&entry.path)
            .assume_role_policy_document(here(&entry.trust))
            .send()
            .await;
        match made {
            Ok(_) => taken.insert(entry.name.clone()),
            Err(error) => {
                assert_eq!(error.code(), Some("MalformedPolicyDocument"), "{}", entry.name);
                continue;
            }
        };
        for policy in &entry.attached {
            let attach = iam.attach_role_policy().role_name(&entry.name);
            attach.policy_arn(policy.as_str()).send().await.expect("attached");
        }
        for (name, text) in &entry.inline {
            let inline = iam.put_role_policy().role_name(&entry.name).policy_name(name);
            inline.policy_document(here(text)).send().await.expect("inline");
        }
        for (key, value) in &entry.tags {
            let tag = aws_sdk_iam::types::Tag::builder().key(key).value(value).build().unwrap();
            iam.tag_role().role_name(&entry.name).tags(tag).send().await.expect("a tag");
        }
    }
    taken
}

fn on(practice: &Practice) -> Run {
    Run::on(&practice.served.aws)
        .env("AWS_ACCESS_KEY_ID", &practice.root.0)
        .env("AWS_SECRET_ACCESS_KEY", &practice.root.1)
}

fn reviewed(run: &Run) -> (Value, String) {
    let finished = run.run(&["review", "--format", "json"]);
    assert!(matches!(finished.code, Some(0 | 3)), "{finished:#?}");
    (serde_json::from_str(&finished.stdout).expect("JSON"), finished.stdout)
}

/// The findings of each role by rule and severity, those of these rules.
fn told(review: &Value, is_asked: impl Fn(&str) -> bool) -> BTreeMap<String, Vec<String>> {
    let names = review["roles"].as_array().unwrap().iter();
    let mut told: BTreeMap<String, Vec<String>> =
        names.map(|role| (role["name"].as_str().unwrap().to_owned(), Vec::new())).collect();
    for finding in review["findings"].as_array().unwrap() {
        let word = |key: &str| finding[key].as_str().unwrap();
        let Some(name) = word("subject").strip_prefix("role/") else { continue };
        if is_asked(word("rule")) {
            let line = format!("{} {}", word("rule"), word("severity"));
            told.get_mut(name).expect("a role that is listed").push(line);
        }
    }
    for lines in told.values_mut() {
        lines.sort();
    }
    told
}

/// Whether a rule is about who gets in: it is what is written beside the roles.
fn is_of_trust(rule: &str) -> bool {
    let whole = ["role-unread", "role-trust-unreadable", "role-provider-gone", "role-two-clusters"];
    let shared = ["role-audience-shared"];
    lint::RULES.iter().any(|one| one.slug == rule)
        || whole.contains(&rule)
        || shared.contains(&rule)
}

/// What the same roles come to where the program reads no wire.
fn expected(cases: Vec<Case>, taken: &BTreeSet<String>) -> BTreeMap<String, Vec<String>> {
    let entries = cases.into_iter().map(|case| case.entry);
    // What was refused cannot be read unread either.
    let entries = entries.filter(|entry| taken.contains(&entry.name)).map(|mut entry| {
        entry.unread = None;
        entry.max_session_seconds = None;
        entry
    });
    let review = account(entries.collect(), providers().into_iter().map(|(p, _)| p).collect());
    let lines = review.roles.iter().map(|role| {
        let found = role.found.iter().filter(|f| is_of_trust(f.finding.rule));
        let mut lines: Vec<String> =
            found.map(|f| format!("{} {}", f.finding.rule, f.finding.severity)).collect();
        lines.sort();
        (role.entry.name.clone(), lines)
    });
    lines.collect()
}

fn all() -> Vec<Case> {
    cases("bad").into_iter().chain(cases("sound")).collect()
}

#[test]
fn the_write_ups_are_judged_alike_when_they_are_read_from_an_account_that_others_made() {
    let moto = Moto::start();
    let visitor = Visitor::at(&moto.url, "test", "test");
    let taken = visitor.wait(put(&visitor.iam, Moto::ACCOUNT, &all()));
    // It looks at no document: all of it is there, also what AWS would refuse today.
    assert_eq!(taken.len(), all().len());
    let run = Run::on_moto(&moto);
    let (review, _) = reviewed(&run);
    assert_eq!(told(&review, is_of_trust), expected(all(), &taken));
}

#[test]
fn nothing_is_held_against_what_is_sound_and_the_result_is_the_same_byte_for_byte() {
    let practice = Practice::start();
    let visitor = Visitor::at(&practice.served.aws, &practice.root.0, &practice.root.1);
    let taken = visitor.wait(put(&visitor.iam, ACCOUNT, &cases("sound")));
    assert_eq!(taken.len(), 20);
    let run = on(&practice);
    let (review, text) = reviewed(&run);
    let found = told(&review, |_| true);
    let worse = found.iter().filter(|(_, lines)| lines.iter().any(|l| !l.ends_with(" note")));
    assert_eq!(worse.collect::<Vec<_>>(), Vec::new());
    assert_eq!(reviewed(&run).1, text);
    for format in ["text", "csv", "sarif"] {
        let once = run.run(&["review", "--format", format]).stdout;
        assert!(!once.is_empty());
        assert_eq!(run.run(&["review", "--format", format]).stdout, once, "{format}");
    }
}

/// A scene of so many roles whose operator may do anything but these.
fn scene(quota: usize, denied: &[&str]) -> Scene {
    let mut scene = Scene { role_quota: quota, ..Scene::default() };
    if !denied.is_empty() {
        let denial = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Action": denied, "Resource": "*"},
        ]});
        scene.users[0].inline.push(("no".to_owned(), denial.to_string()));
    }
    // Who furnishes it.
    scene.users.push(Actor {
        name: "maker".to_owned(),
        inline: Vec::new(),
        attached: vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()],
        boundary: None,
    });
    scene
}

/// Makes something past the wire.
fn make(practice: &Practice, action: &str, input: Value) {
    let ask = Ask {
        now: practice.served.front.now(),
        service: Service::Iam,
        action: action.to_owned(),
        region: "us-east-1".to_owned(),
        caller: Some(Principal::User("maker".to_owned())),
        input: Input::from_json(input),
    };
    practice.served.front.account().call(&ask).expect("made");
}

/// The issuer of role number `n`: three clusters of their own.
fn issuer(n: usize) -> String {
    format!("oidc.eks.us-east-2.amazonaws.com/id/{:032X}", n % 3 + 1)
}

/// So many roles, one in `every` of a cluster, and one in three of these without a subject.
fn fill(practice: &Practice, roles: usize, every: usize) {
    for n in 0..3 {
        let url = format!("https://{}", issuer(n));
        let list = json!({"Url": url, "ClientIDList": ["sts.amazonaws.com"]});
        make(practice, "CreateOpenIDConnectProvider", list);
    }
    for n in 0..roles {
        let trust = if n % every == 0 {
            let name = issuer(n);
            let mut held = json!({});
            held[format!("{name}:aud")] = json!("sts.amazonaws.com");
            if n % 3 != 0 {
                held[format!("{name}:sub")] = json!(format!("system:serviceaccount:apps:app-{n}"));
            }
            json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow",
                "Principal": {"Federated": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{name}")},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": held},
            }]})
        } else {
            json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }]})
        };
        let role = format!("role-{n:05}");
        make(
            practice,
            "CreateRole",
            json!({"RoleName": role, "AssumeRolePolicyDocument": trust.to_string()}),
        );
        if n % every == 0 {
            let policy = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly";
            make(practice, "AttachRolePolicy", json!({"RoleName": role, "PolicyArn": policy}));
        }
    }
}

#[test]
fn thousands_of_roles_are_reviewed_within_seconds() {
    for (roles, every) in [(5_000, 5), (10_000, 20)] {
        let practice = Practice::of(&scene(10_000, &[]));
        fill(&practice, roles, every);
        let run = on(&practice);
        let finished = run.run(&["review", "--format", "json"]).exits(3);
        let review: Value = serde_json::from_str(&finished.stdout).unwrap();
        assert_eq!(review["counts"]["roles"], roles);
        assert_eq!(review["roles"].as_array().unwrap().len(), roles / every);
        let open = told(&review, |rule| rule == "trust-sub-missing");
        let open = open.values().filter(|lines| !lines.is_empty()).count();
        assert_eq!(open, (0..roles).filter(|n| n % every == 0 && n % 3 == 0).count());
        // A build that is not optimised, on a machine that is busy elsewhere.
        assert!(finished.took < Duration::from_mins(1), "{roles}: {:?}", finished.took);
    }
}

#[test]
fn without_the_details_the_same_is_found_one_by_one_and_the_gap_is_told() {
    let denied = ["iam:GetAccountAuthorizationDetails"];
    let few = Practice::of(&scene(1000, &denied));
    let all = Practice::of(&scene(1000, &[]));
    fill(&few, 30, 2);
    fill(&all, 30, 2);
    let (one_by_one, _) = reviewed(&on(&few));
    let (whole, _) = reviewed(&on(&all));
    assert_eq!(told(&one_by_one, |_| true), told(&whole, |_| true));
    let gap = &one_by_one["gaps"][0]["fault"]["evidence"]["action"];
    assert_eq!(*gap, "iam:GetAccountAuthorizationDetails");
    assert_eq!(whole["gaps"], json!([]));
}

#[test]
fn what_is_denied_or_throttled_stops_nothing() {
    let denied = [
        "iam:ListOpenIDConnectProviders",
        "iam:ListAccessKeys",
        "iam:GetAccountSummary",
        "ecr:DescribeRepositories",
    ];
    let practice = Practice::of(&scene(1000, &denied));
    fill(&practice, 12, 2);
    practice.trouble("iam:GetAccountAuthorizationDetails", What::Throttle, Some(2));
    let (review, _) = reviewed(&on(&practice));
    assert_eq!(review["roles"].as_array().unwrap().len(), 6);
    let gaps: Vec<&str> = review["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| gap["what"].as_str().unwrap())
        .collect();
    assert_eq!(
        gaps,
        [
            "the account's figures",
            "the account's identity providers",
            "the repositories of 112233445566.dkr.ecr.us-east-2.amazonaws.com",
        ]
    );
    let users = told_of_users(&review);
    assert!(users.contains("user-unread"), "{users:?}");
    // Nothing is called unused or gone by a reading that did not see all.
    let lies = ["provider-unused", "role-provider-gone", "provider-audience-unused"];
    assert!(told(&review, |rule| lies.contains(&rule)).values().all(Vec::is_empty));
}

fn told_of_users(review: &Value) -> BTreeSet<String> {
    let findings = review["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["subject"].as_str().unwrap().starts_with("user/"))
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_account_of_which_nothing_may_be_read_is_told_with_what_to_ask_for() {
    let denied = ["iam:GetAccountAuthorizationDetails", "iam:ListRoles"];
    let practice = Practice::of(&scene(1000, &denied));
    let finished = on(&practice).run(&["review", "--format", "json"]).exits(1);
    let result: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(result["fault"]["cause"], "permission-denied");
    assert_eq!(result["fault"]["also"][0]["evidence"]["action"], "iam:ListRoles");
}

#[test]
fn every_rule_has_its_place_in_the_table() {
    let mut slugs = BTreeSet::new();
    for rule in rules::all() {
        assert!(slugs.insert(rule.slug), "{} stands twice", rule.slug);
    }
}
