use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::access::Permissions;
use crate::domain::arn::{PolicyArn, ProviderArn, RoleArn};
use crate::domain::draft::{Draft, Field, PolicyChoice};
use crate::domain::intent::OidcIntent;
use crate::domain::inventory::{SeenProvider, SeenRole};
use crate::domain::name::{IamPath, RepositoryPattern};
use crate::domain::partition::Partition;
use crate::domain::policy::{compare, trust};
use crate::domain::sample::{AUDIENCE, ISSUER, caller, intent};
use crate::domain::subject::Audience;
use crate::domain::trust::admit;

mod user;

fn stamp(run: &str) -> Stamp {
    Stamp { run: run.to_owned(), version: "0.1.0".to_owned() }
}

/// The plan of OIDC mode.
fn planned(intent: &OidcIntent, seen: &Inventory, run: &str, audience: AudienceChoice) -> Plan {
    let choices = Choices { audience, ..Choices::default() };
    plan(&intent.clone().into(), seen, &caller(), &stamp(run), &choices)
}

fn plan_for(intent: &OidcIntent, seen: &Inventory) -> Plan {
    planned(intent, seen, "r-1", AudienceChoice::Add)
}

/// What AWS would have after the call.
fn apply(intent: &OidcIntent, seen: &mut Inventory, operation: &Operation) {
    match operation {
        Operation::CreateProvider { issuer, audiences, tags } => {
            seen.providers_in_account += 1;
            seen.provider = Some(SeenProvider {
                arn: intent.provider_arn(),
                url: issuer.name().to_owned(),
                audiences: audiences.iter().map(ToString::to_string).collect(),
                created_at: None,
                tags: tags.clone(),
            });
            return;
        }
        Operation::AddAudience { audience, .. } => {
            seen.provider.as_mut().unwrap().audiences.push(audience.to_string());
            return;
        }
        Operation::CreateRole { role, path, trust, tags, .. } => {
            let Operation::CreateRole { description, max_session_seconds, boundary, .. } =
                operation
            else {
                unreachable!()
            };
            seen.role = Some(SeenRole {
                arn: intent.role_arn(),
                name: role.to_string(),
                path: path.as_str().to_owned(),
                trust: trust.clone(),
                created_at: None,
                tags: tags.clone(),
                description: description.clone(),
                max_session_seconds: max_session_seconds.unwrap_or(3600),
                boundary: boundary.clone(),
                attached: Vec::new(),
                inline: BTreeMap::new(),
            });
            return;
        }
        _ => {}
    }
    let seen = seen.role.as_mut().unwrap();
    match operation {
        Operation::UpdateTrust { trust, .. } => seen.trust = trust.clone(),
        Operation::AttachPolicy { policy, .. } => seen.attached.push(policy.clone()),
        Operation::PutInlinePolicy { name, document, .. } => {
            seen.inline.insert(name.clone(), document.clone());
        }
        Operation::PutBoundary { boundary, .. } => seen.boundary = Some(boundary.clone()),
        Operation::UpdateRole { description, max_session_seconds, .. } => {
            seen.description = description.clone();
            seen.max_session_seconds = max_session_seconds.unwrap_or(3600);
        }
        Operation::Tag { tags, .. } => seen.tags.extend(tags.clone()),
        other => panic!("{other:?}"),
    }
}

fn applied(intent: &OidcIntent, mut seen: Inventory, plan: &Plan) -> Inventory {
    for step in plan.changes() {
        apply(intent, &mut seen, step.operation.as_ref().unwrap());
    }
    seen
}

fn done(intent: &OidcIntent) -> Inventory {
    let empty = Inventory::default();
    applied(intent, empty.clone(), &plan_for(intent, &empty))
}

fn foreign(intent: &OidcIntent) -> Inventory {
    let mut seen = done(intent);
    seen.role.as_mut().unwrap().tags.clear();
    seen.provider.as_mut().unwrap().tags.clear();
    seen
}

fn standings(plan: &Plan) -> Vec<(&'static str, &'static str)> {
    plan.steps.iter().map(|s| (s.id.word(), s.standing.word())).collect()
}

#[test]
fn an_empty_account_needs_three_calls_and_no_confirmation() {
    let plan = plan_for(&intent(), &Inventory::default());
    assert_eq!(
        standings(&plan),
        [("provider", "needed"), ("role", "needed"), ("permissions", "needed")]
    );
    assert!(plan.confirmations().is_empty());
    let tags = plan.steps[1].operation.as_ref().unwrap().request()["Tags"].clone();
    assert_eq!(
        tags,
        json!([{"Key": RUN_TAG, "Value": "r-1"}, {"Key": VERSION_TAG, "Value": "0.1.0"}])
    );
}

#[test]
fn a_second_run_and_a_foreign_role_that_fits_change_nothing() {
    for seen in [done(&intent()), foreign(&intent())] {
        let plan = plan_for(&intent(), &seen);
        assert_eq!(plan.changes().count(), 0, "{:?}", standings(&plan));
        assert!(plan.steps.iter().all(|s| s.standing == Standing::Present));
    }
}

#[test]
fn a_second_audience_is_added_to_what_is_there() {
    let mut wished = intent();
    wished.audience = Audience::parse("okteto.example.com/eu-west-1").unwrap();
    let plan = plan_for(&wished, &foreign(&intent()));
    assert_eq!(
        standings(&plan),
        [
            ("provider", "present"),
            ("audience", "needed"),
            ("role", "adopt"),
            ("trust", "change"),
            ("permissions", "present")
        ]
    );
    assert_eq!(plan.confirmations(), [ISSUER, "my-private-registry"]);
    let audiences = [AUDIENCE.to_owned(), wished.audience.to_string()];
    let step = plan.steps.iter().find(|s| s.id == StepId::Trust).unwrap();
    let Some(Operation::UpdateTrust { trust, .. }) = &step.operation else { panic!("{step:?}") };
    assert_eq!(trust, &trust::text_for(&wished, &audiences));
    assert_eq!(step.diff.len(), 1);
    assert!(step.ways_out.iter().any(|w| w.contains("second role")));
    // Either instance finds itself at home afterwards.
    let after = applied(&wished, foreign(&intent()), &plan);
    assert_eq!(plan_for(&intent(), &after).changes().count(), 0);
}

#[test]
fn what_this_program_made_is_widened_without_a_name_and_the_hash_holds_what_is_there() {
    let mut wished = intent();
    wished.audience = Audience::parse("okteto.example.com/eu-west-1").unwrap();
    let seen = done(&intent());
    let widened = plan_for(&wished, &seen);
    assert_eq!(widened.changes().count(), 2);
    assert!(widened.confirmations().is_empty());
    let replaced = planned(&wished, &seen, "r", AudienceChoice::Replace);
    assert_eq!(replaced.confirmations(), ["my-private-registry"]);

    let with_trust = |subject: &str| {
        let mut seen = done(&intent());
        let role = seen.role.as_mut().unwrap();
        role.trust = role.trust.replace("system:serviceaccount:okteto:okteto", subject);
        plan_for(&intent(), &seen)
    };
    let (one, other) =
        (with_trust("system:serviceaccount:a:a"), with_trust("system:serviceaccount:b:b"));
    let request = |plan: &Plan| plan.changes().next().unwrap().operation.clone();
    assert_eq!(request(&one), request(&other));
    assert_ne!(one.hash(), other.hash(), "the same request takes away something else");
}

#[test]
fn every_partition_has_its_own_arns_and_hosts() {
    for (partition, region, suffix) in [
        (Partition::GovCloud, "us-gov-west-1", "amazonaws.com"),
        (Partition::China, "cn-north-1", "amazonaws.com.cn"),
        (Partition::Sovereign, "eusc-de-east-1", "amazonaws.eu"),
    ] {
        let caller = Caller { partition, ..caller() };
        let mut draft = Draft::default();
        for (field, text) in [
            (Field::Registry, region),
            (Field::Issuer, ISSUER),
            (Field::Audience, AUDIENCE),
            (Field::Subject, "system:serviceaccount:okteto:okteto"),
            (Field::Role, "r"),
            (Field::Repositories, "team/app"),
        ] {
            draft.set(field, text);
        }
        for policy in [PolicyChoice::ReadOnly, PolicyChoice::Repositories] {
            draft.policy = policy;
            let intent = draft.intent(&caller).unwrap();
            let host = format!("112233445566.dkr.ecr.{region}.{suffix}");
            assert_eq!(intent.host().to_string(), host);
            let nothing = Inventory::default();
            let plan = plan(&intent, &nothing, &caller, &stamp("r"), &Choices::default());
            let requests: Vec<Value> =
                plan.changes().map(|s| s.operation.as_ref().unwrap().request()).collect();
            let text = Value::from(requests).to_string();
            let own = format!("arn:{partition}:");
            assert!(text.matches("arn:").count() > 1);
            assert_eq!(text.matches("arn:").count(), text.matches(&own).count(), "{text}");
        }
    }
}

#[test]
fn another_trust_is_replaced_only_by_name_even_if_the_role_is_ours() {
    let mut seen = done(&intent());
    let ec2 = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    seen.role.as_mut().unwrap().trust = ec2.to_owned();
    let plan = plan_for(&intent(), &seen);
    assert_eq!(plan.confirmations(), ["my-private-registry"]);
    let step = plan.changes().next().unwrap();
    assert_eq!((step.id, step.standing), (StepId::Trust, Standing::Change));
    assert!(step.diff.iter().any(|d| d.at == "Principal Service"));
}

#[test]
fn what_is_in_the_way_is_not_touched() {
    type Spoil = fn(&mut Inventory);
    let cases: [(Spoil, &str); 6] = [
        (|s| s.role.as_mut().unwrap().path = "/aws-reserved/sso/".to_owned(), "belongs to AWS"),
        (|s| s.role.as_mut().unwrap().path = "/team/".to_owned(), "/team/"),
        (|s| s.role.as_mut().unwrap().name = "My-Private-Registry".to_owned(), "case"),
        (|s| s.provider.as_mut().unwrap().url.push('/'), "spelling"),
        (|s| s.provider.as_mut().unwrap().audiences = vec!["x".to_owned(); 100], "100 audiences"),
        (
            |s| {
                s.provider = None;
                s.providers_in_account = 100;
            },
            "100 identity providers",
        ),
    ];
    for (spoil, words) in cases {
        let mut seen = done(&intent());
        spoil(&mut seen);
        let plan = plan_for(&intent(), &seen);
        let conflict = plan.conflicts().next().unwrap_or_else(|| panic!("{words}"));
        assert!(conflict.reason.contains(words), "{}", conflict.reason);
        assert!(!conflict.ways_out.is_empty() && conflict.operation.is_none());
    }
}

#[test]
fn what_is_not_wished_for_stays_and_is_remarked() {
    let mut seen = done(&intent());
    let role = seen.role.as_mut().unwrap();
    role.attached.push(PolicyArn("arn:aws:iam::aws:policy/AdministratorAccess".to_owned()));
    role.inline.insert("other".to_owned(), "{}".to_owned());
    role.boundary = Some(PolicyArn("arn:aws:iam::112233445566:policy/cap".to_owned()));
    let plan = plan_for(&intent(), &seen);
    assert_eq!(plan.changes().count(), 0);
    for words in ["AdministratorAccess", "other", "policy/cap"] {
        assert!(plan.remarks.iter().any(|r| r.contains(words)), "{words} {:?}", plan.remarks);
    }
}

#[test]
fn the_hash_knows_the_account_and_the_requests_and_not_the_run() {
    let hash = |intent: &OidcIntent, run: &str| {
        planned(intent, &Inventory::default(), run, AudienceChoice::Add).hash()
    };
    assert_eq!(hash(&intent(), "r-1"), hash(&intent(), "r-2"));
    let mut other = intent();
    other.access.tags.insert("owner".to_owned(), "platform".to_owned());
    assert_ne!(hash(&intent(), "r-1"), hash(&other, "r-1"));
    other = intent();
    other.account = crate::domain::partition::AccountId::parse("000000000001").unwrap();
    assert_ne!(hash(&intent(), "r-1"), hash(&other, "r-1"));
    assert_eq!(hash(&intent(), "r-1").len(), 64);
}

fn intents() -> impl Strategy<Value = OidcIntent> {
    let permissions = prop_oneof![
        Just(Permissions::ReadOnly),
        Just(Permissions::PullOnly),
        prop::sample::subsequence(vec!["team/app", "team/base/*", "*"], 1..=3).prop_map(|list| {
            Permissions::Repositories(
                list.into_iter().map(|r| RepositoryPattern::parse(r).unwrap()).collect(),
            )
        }),
    ];
    let boundary = prop::option::of(
        "[a-c]".prop_map(|n| PolicyArn(format!("arn:aws:iam::112233445566:policy/{n}"))),
    );
    (
        "okteto[a-c]\\.example/us-east-[12]",
        permissions,
        boundary,
        prop::collection::btree_map("[ab]", "[xy]?", 0..3),
        prop::option::of("[a-z]{0,3}"),
        prop::option::of(prop::sample::select(vec![3600_u32, 7200, 43_200])),
        prop::sample::select(vec!["/", "/okteto/"]),
    )
        .prop_map(|(audience, permissions, boundary, tags, description, seconds, path)| {
            let mut wished = intent();
            wished.audience = Audience::parse(&audience).unwrap();
            wished.access.permissions = permissions;
            wished.access.boundary = boundary;
            wished.access.tags = tags;
            wished.access.description = description;
            wished.access.max_session_seconds = seconds;
            wished.access.path = IamPath::parse(path).unwrap();
            wished
        })
}

proptest! {
    #[test]
    fn planning_again_after_applying_finds_nothing(
        first in intents(),
        second in intents(),
        ours: bool,
        replace: bool,
    ) {
        let mut seen = done(&first);
        if !ours {
            seen.role.as_mut().unwrap().tags.clear();
            seen.provider.as_mut().unwrap().tags.clear();
        }
        let choice = if replace { AudienceChoice::Replace } else { AudienceChoice::Add };
        let once = planned(&second, &seen, "r-2", choice);
        if once.conflicts().next().is_none() {
            let after = applied(&second, seen, &once);
            let again = planned(&second, &after, "r-3", choice);
            prop_assert_eq!(again.changes().count(), 0, "{:?}", standings(&again));
            prop_assert!(again.conflicts().next().is_none());
        }
        for step in once.changes() {
            prop_assert!(ours || step.confirm.is_some(), "{:?}", step);
        }
    }

    #[test]
    fn no_trust_policy_makes_the_planner_fall(trust in ".{0,80}", name in "[a-zA-Z-]{0,20}") {
        let mut seen = done(&intent());
        let role = seen.role.as_mut().unwrap();
        role.trust = trust;
        role.name = name;
        role.arn = RoleArn("x".to_owned());
        seen.provider.as_mut().unwrap().arn = ProviderArn::from_server("x");
        let _ = plan_for(&intent(), &seen).hash();
    }

    #[test]
    fn the_trust_text_means_itself(wished in intents()) {
        let text = trust::text(&wished);
        prop_assert_eq!(compare::differences(&text, &text).unwrap(), []);
        let (policy, meant) = (admit::read(&text).unwrap(), admit::Meant::from(&wished));
        prop_assert_eq!(admit::admitted(&policy, &meant).len(), 1);
        prop_assert_eq!(admit::intruders(&policy, &meant), []);
        let lines = crate::domain::policy::explain::lines(&text);
        prop_assert!(lines.iter().all(|l| !l.reads.is_empty()));
    }
}
