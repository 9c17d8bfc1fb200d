//! The trust check on policies as people have them: those that are sound, and those that are not.
//!
//! A file of `tests/policies` is a policy, or `{"policy", "meant", "expect", "left"}`: what was meant, the findings
//! above note with the worst grade of each, and those that remain when each mended document was taken. A policy in
//! which a key is repeated stands there as a text.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what broke by breaking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use okteto_ecr::domain::access::{Access, Permissions};
use okteto_ecr::domain::finding::{Finding, Severity};
use okteto_ecr::domain::host::RegistryHost;
use okteto_ecr::domain::intent::OidcIntent;
use okteto_ecr::domain::issuer::Issuer;
use okteto_ecr::domain::name::{IamPath, RoleName};
use okteto_ecr::domain::partition::{AccountId, Partition};
use okteto_ecr::domain::policy::{Document, trust};
use okteto_ecr::domain::subject::{Audience, Subject};
use okteto_ecr::domain::trust::Given;
use okteto_ecr::domain::trust::admit::Meant;
use okteto_ecr::domain::trust::lint::{RULES, lint};
use serde_json::Value;

/// A file of `tests/policies`.
struct Case {
    name: String,
    given: Given,
    meant: Meant,
    expect: BTreeMap<String, String>,
    left: BTreeSet<String>,
}

fn cases(folder: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policies").join(folder);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| case(file)).collect()
}

fn case(file: &Path) -> Case {
    let text = fs::read_to_string(file).unwrap();
    let whole: Value = serde_json::from_str(&text).unwrap();
    let policy = match whole.get("policy") {
        Some(Value::String(text)) => text.clone(),
        Some(policy) => policy.to_string(),
        None => text,
    };
    let word = |name: &str| Some(whole.get("meant")?.get(name)?.as_str()?.to_owned());
    let words = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
    };
    let expect = whole.get("expect").and_then(Value::as_object).into_iter().flatten();
    Case {
        name: file.file_name().unwrap().display().to_string(),
        given: Given::read(&policy).unwrap(),
        meant: Meant {
            issuer: word("issuer"),
            audience: word("audience"),
            subject: word("subject"),
            provider_audiences: whole.pointer("/meant/provider_audiences").map(words),
        },
        expect: expect.map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned())).collect(),
        left: whole.get("left").map(words).into_iter().flatten().collect(),
    }
}

/// The findings above note, with the worst grade of each.
fn above_note(found: &[Finding]) -> BTreeMap<String, String> {
    let mut worst: BTreeMap<String, Severity> = BTreeMap::new();
    for finding in found.iter().filter(|f| f.severity.rank() > 0) {
        let grade = worst.entry(finding.rule.to_owned()).or_insert(finding.severity);
        if finding.severity.rank() > grade.rank() {
            *grade = finding.severity;
        }
    }
    worst.into_iter().map(|(rule, grade)| (rule, grade.word().to_owned())).collect()
}

fn told(found: &[Finding]) -> String {
    let lines =
        found.iter().map(|f| format!("{} {}: {}: {}", f.severity, f.rule, f.place, f.message));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_policy_has_exactly_the_findings_that_are_written_beside_it() {
    let mut wrong = Vec::new();
    for case in cases("good").into_iter().chain(cases("bad")) {
        let found = lint(&case.given, &case.meant);
        if above_note(&found) != case.expect {
            wrong.push(format!(
                "{}: expected {:?}, found\n{}",
                case.name,
                case.expect,
                told(&found)
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

#[test]
fn sound_and_unsound_are_kept_apart() {
    assert!(cases("good").iter().all(|case| case.expect.is_empty()));
    let bad = cases("bad");
    assert!(bad.len() >= 45 && bad.iter().all(|case| !case.expect.is_empty()));
}

#[test]
fn each_rule_is_met_by_some_policy() {
    let mut met = BTreeSet::new();
    for case in cases("good").into_iter().chain(cases("bad")) {
        met.extend(lint(&case.given, &case.meant).into_iter().map(|f| f.rule));
    }
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.slug).collect();
    assert_eq!(met, rules);
}

/// The policies that this program writes: for several issuers, one and several audiences, with and without knowing
/// what was meant.
#[test]
fn the_policies_of_this_program_are_sound() {
    let issuers = [
        "https://container.googleapis.com/v1/projects/p/locations/l/clusters/c",
        "https://oidc.eks.us-east-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
        "https://eastus.oic.prod-aks.azure.com/11111111-2222-3333-4444-555555555555/6666/",
        "https://issuer.example.com",
    ];
    for (issuer, partition) in issuers.iter().flat_map(|i| Partition::ALL.map(|p| (*i, p))) {
        let intent = intent(issuer, partition);
        let audience = intent.audience.to_string();
        let several = [audience.clone(), "okteto.example.com/eu-west-1".to_owned()];
        for audiences in [&several[..1], &several[..]] {
            let given = Given::read(&trust::text_for(&intent, audiences)).unwrap();
            let meant = Meant {
                issuer: Some(issuer.to_owned()),
                audience: Some(audience.clone()),
                subject: Some(intent.subject.to_string()),
                provider_audiences: Some(several.to_vec()),
            };
            for meant in [Meant::default(), meant] {
                let found = lint(&given, &meant);
                assert!(above_note(&found).is_empty(), "{issuer}:\n{}", told(&found));
            }
        }
        let tutorial = Given::read(&trust::tutorial_text(&intent)).unwrap();
        let found = above_note(&lint(&tutorial, &Meant::default()));
        assert_eq!(found.keys().collect::<Vec<_>>(), ["trust-key-scheme"]);
    }
}

fn intent(issuer: &str, partition: Partition) -> OidcIntent {
    OidcIntent {
        account: AccountId::parse("112233445566").unwrap(),
        partition,
        host: RegistryHost::parse("112233445566.dkr.ecr.us-east-2.amazonaws.com").unwrap(),
        issuer: Issuer::parse(issuer).unwrap(),
        audience: Audience::parse("okteto.example.com/us-east-2").unwrap(),
        subject: Subject::parse("system:serviceaccount:okteto:okteto").unwrap(),
        role: RoleName::parse("my-private-registry").unwrap(),
        access: Access {
            permissions: Permissions::ReadOnly,
            path: IamPath::root(),
            boundary: None,
            tags: BTreeMap::new(),
            description: None,
            max_session_seconds: None,
        },
    }
}

/// The policy with this document in place of its own.
fn with(given: &Given, value: Value) -> Given {
    Given { document: Document { value, duplicates: Vec::new() }, ..given.clone() }
}

/// How often a rule was met, at each grade.
fn tally(found: &[Finding]) -> BTreeMap<(&str, &str), usize> {
    let mut tally = BTreeMap::new();
    for finding in found {
        *tally.entry((finding.rule, finding.severity.word())).or_default() += 1;
    }
    tally
}

#[test]
fn a_mended_document_has_one_finding_less_and_no_worse_one() {
    let mut mended = BTreeSet::new();
    for case in cases("bad") {
        let found = lint(&case.given, &case.meant);
        for finding in &found {
            let Some(fix) = &finding.fix else { continue };
            assert!(!fix.words.is_empty(), "{}: {}", case.name, finding.rule);
            let Some(document) = &fix.document else { continue };
            let after = lint(&with(&case.given, document.clone()), &case.meant);
            let of_rule = |list: &[Finding]| list.iter().filter(|f| f.rule == finding.rule).count();
            assert!(
                of_rule(&after) < of_rule(&found),
                "{}: {} stays:\n{document:#}\n{}",
                case.name,
                finding.rule,
                told(&after)
            );
            let before = tally(&found);
            let tally = tally(&after);
            for new in after.iter().filter(|new| new.severity.rank() > finding.severity.rank()) {
                let key = (new.rule, new.severity.word());
                assert!(
                    tally.get(&key) <= before.get(&key),
                    "{}: mending {} brings {}",
                    case.name,
                    finding.rule,
                    new.rule
                );
            }
            mended.insert(finding.rule);
        }
    }
    assert!(mended.len() >= 25, "few rules have a mended document: {mended:?}");
}

#[test]
fn mending_comes_to_an_end_with_what_is_written_beside_the_policy() {
    let mut wrong = Vec::new();
    for case in cases("bad") {
        let mut given = case.given;
        let mut rounds = 0;
        let left = loop {
            let found = lint(&given, &case.meant);
            let document = found
                .iter()
                .filter(|f| f.severity.rank() > 0)
                .find_map(|f| f.fix.as_ref()?.document.clone());
            match document {
                Some(document) => given = with(&given, document),
                None => break above_note(&found).into_keys().collect::<BTreeSet<_>>(),
            }
            rounds += 1;
            assert!(rounds <= 20, "{} does not come to an end", case.name);
        };
        if left != case.left {
            wrong.push(format!(
                "{}: left {left:?}, expected {:?}\n{:#}",
                case.name, case.left, given.document.value
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

#[test]
fn the_worst_comes_first_and_nothing_twice() {
    for case in cases("good").into_iter().chain(cases("bad")) {
        let found = lint(&case.given, &case.meant);
        let ranks: Vec<u8> = found.iter().map(|f| f.severity.rank()).collect();
        assert!(ranks.is_sorted_by(|a, b| a >= b), "{}: {ranks:?}", case.name);
        for (index, finding) in found.iter().enumerate() {
            assert!(!found[..index].contains(finding), "{}: {} twice", case.name, finding.rule);
            assert!(finding.message.ends_with('.'), "{}", finding.message);
            let known = ["document", "role", "provider"].contains(&finding.place.as_str());
            assert!(known || finding.place.starts_with("Statement "), "{}", finding.place);
        }
    }
}
