//! An account of roles as the public write-ups have them, each with what is to be found beside it, and of roles that are
//! sound.
//!
//! A file of `tests/review/roles` is a role: `source` says where it is from, `expect` is each finding with its severity.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use okteto_ecr::domain::arn::{PolicyArn, ProviderArn, RoleArn};
use okteto_ecr::domain::evaluate::Policy;
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::finding::Severity;
use okteto_ecr::domain::intent::Caller;
use okteto_ecr::domain::inventory::SeenProvider;
use okteto_ecr::domain::key::LastUse;
use okteto_ecr::domain::operation::Operation;
use okteto_ecr::domain::partition::{AccountId, Partition};
use okteto_ecr::domain::review::account::{RoleEntry, Shelf};
use okteto_ecr::domain::review::found::{self, Found, On};
use okteto_ecr::domain::review::rights::{self, Papers};
use okteto_ecr::domain::review::role::{RoleReview, judge, mended_trust};
use okteto_ecr::domain::review::triage::Triage;
use okteto_ecr::domain::review::{Counts, ProviderReview, Review, whole};
use okteto_ecr::domain::review::{permission, rules};
use okteto_ecr::domain::trust::admit;
use serde_json::Value;

pub const ACCOUNT: &str = "112233445566";

/// A role, and what is to be found.
pub struct Case {
    pub entry: RoleEntry,
    pub expect: Vec<String>,
    pub source: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/review")
}

pub fn cases(kind: &str) -> Vec<Case> {
    let files = fs::read_dir(folder().join("roles").join(kind)).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
        .iter()
        .map(|file| case(&serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()))
        .collect()
}

fn words(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn texts(value: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    value.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect()
}

fn case(whole: &Value) -> Case {
    let text = |key: &str| whole[key].as_str().map(str::to_owned);
    let (name, path) = (text("name").unwrap(), text("path").unwrap());
    let seconds =
        |day: &str| format!("{day}T00:00:00Z").parse::<jiff::Timestamp>().unwrap().as_second();
    Case {
        entry: RoleEntry {
            arn: RoleArn::parse(&format!("arn:aws:iam::{ACCOUNT}:role{path}{name}")).unwrap(),
            name,
            path,
            trust: match &whole["trust"] {
                Value::String(text) => text.clone(),
                document => document.to_string(),
            },
            created_at: None,
            max_session_seconds: whole["max_session_seconds"]
                .as_u64()
                .map(|s| u32::try_from(s).unwrap()),
            boundary: None,
            attached: words(&whole["attached"])
                .iter()
                .map(|arn| PolicyArn::parse(arn).unwrap())
                .collect(),
            inline: texts(&whole["inline"]),
            tags: texts(&whole["tags"]),
            last_use: text("last_use")
                .map_or(LastUse::Never, |day| LastUse::At(seconds(&day), "us-east-2".to_owned())),
            unread: text("unread").map(|action| {
                Fault::new(Cause::PermissionDenied, format!("{action} is denied"))
                    .with("action", action)
            }),
        },
        expect: words(&whole["expect"]),
        source: text("source").unwrap(),
    }
}

/// A provider, and what is to be found.
pub fn providers() -> Vec<(ProviderReview, Vec<String>)> {
    let text = fs::read_to_string(folder().join("providers.json")).unwrap();
    let list: Vec<Value> = serde_json::from_str(&text).unwrap();
    list.iter()
        .map(|one| {
            (
                provider(one["name"].as_str().unwrap(), &words(&one["audiences"])),
                words(&one["expect"]),
            )
        })
        .collect()
}

pub fn provider(name: &str, audiences: &[String]) -> ProviderReview {
    let account = AccountId::parse(ACCOUNT).unwrap();
    let arn = ProviderArn::of(Partition::from_id("aws").unwrap(), &account, name);
    let seen = SeenProvider {
        arn: arn.clone(),
        url: name.to_owned(),
        audiences: audiences.to_vec(),
        created_at: None,
        tags: BTreeMap::new(),
    };
    ProviderReview { arn, seen: Ok(seen), trusted_by: Vec::new(), found: Vec::new() }
}

/// What the providers list, by their names.
pub fn listed(providers: &[ProviderReview]) -> BTreeMap<String, Vec<String>> {
    let of = |p: &ProviderReview| {
        (p.arn.name().to_owned(), p.seen.as_ref().map(|seen| seen.audiences.clone()).unwrap())
    };
    providers.iter().map(of).collect()
}

/// AWS's own policies that the roles have.
fn shelf() -> Shelf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/policies");
    let of = |name: &str| {
        let arn = PolicyArn::managed(Partition::from_id("aws").unwrap(), name);
        (arn, Ok(fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()))
    };
    let names = ["PullOnly", "ReadOnly", "PowerUser", "FullAccess"]
        .map(|name| format!("AmazonEC2ContainerRegistry{name}"));
    let policies = names.iter().map(String::as_str).chain(["AdministratorAccess"]).map(of);
    Shelf { policies: policies.collect(), ..Shelf::default() }
}

/// Whether a finding is left out of what is written beside the roles: notes of the permissions, of which almost every role
/// has some, and beside which the others would not be seen.
pub fn drowns(found: &Found) -> bool {
    let notes =
        ["pull-all", "no-boundary", "no-tags", "ecr-no-import", "ecr-read-only", "ecr-push"];
    found.finding.severity == Severity::Note && notes.contains(&found.finding.rule)
}

/// Whether it is about what the role may do, and not about who gets in.
fn is_of_permissions(found: &Found) -> bool {
    let is_policy = |place: &str| place.starts_with("polic") || place == "boundary";
    is_policy(&found.finding.place)
}

/// A role judged as the job does it.
fn judged(
    entry: RoleEntry,
    listed: &BTreeMap<String, Vec<String>>,
    shelf: &Shelf,
    caller: &Caller,
) -> Option<RoleReview> {
    let mut role = judge(entry, listed)?;
    let papers = Papers::of(&role);
    let rights = rights::judge(&papers, shelf);
    let on = On::Role(role.entry.name.clone());
    role.found.extend(permission::look(&on, &papers, &rights, shelf, caller));
    role.rights = Some(rights);
    found::sort(&mut role.found);
    Some(role)
}

/// An account of these, judged.
pub fn account(roles: Vec<RoleEntry>, providers: Vec<ProviderReview>) -> Review {
    let listed = listed(&providers);
    let total = roles.len();
    let account = AccountId::parse(ACCOUNT).unwrap();
    let caller = Caller {
        arn: format!("arn:aws:iam::{account}:user/ops"),
        account,
        partition: Partition::from_id("aws").unwrap(),
    };
    let shelf = shelf();
    let judged = |entry| judged(entry, &listed, &shelf, &caller);
    let roles: Vec<_> = roles.into_iter().filter_map(judged).map(Arc::new).collect();
    let mut review = Review {
        caller,
        read_at: 0,
        repositories: Vec::new(),
        counts: Counts {
            roles: total,
            trusting: roles.len(),
            total: Some(total),
            ..Counts::default()
        },
        roles,
        users: Vec::new(),
        providers: providers.into_iter().map(Arc::new).collect(),
        account: Vec::new(),
        gaps: Vec::new(),
        triage: Ok(Triage {
            file: PathBuf::new(),
            accepted: Vec::new(),
            known: None,
            today: jiff::civil::date(2026, 11, 28),
        }),
    };
    whole::look(&mut review, None);
    review
}

fn sixty() -> Review {
    let roles = cases("bad").into_iter().chain(cases("sound")).map(|case| case.entry).collect();
    account(roles, providers().into_iter().map(|(provider, _)| provider).collect())
}

fn told(found: &[Found]) -> Vec<String> {
    let one = |f: &Found| format!("{} {}", f.finding.rule, f.finding.severity);
    let mut told: Vec<String> = found.iter().filter(|f| !drowns(f)).map(one).collect();
    told.sort();
    told
}

fn in_full(found: &[Found]) -> String {
    let one = |f: &Found| {
        let (finding, shown) = (&f.finding, f.evidence.join(" | "));
        format!(
            "  {} {}: {}: {} [{shown}]",
            finding.rule, finding.severity, finding.place, finding.message
        )
    };
    found.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_role_and_provider_has_exactly_the_findings_that_are_written_beside_it() {
    let review = sixty();
    let mut wrong = Vec::new();
    let mut compare = |name: &str, expect: &[String], found: &[Found]| {
        if told(found) != expect {
            wrong.push(format!("{name}: expected {expect:?}, found\n{}", in_full(found)));
        }
    };
    for case in cases("bad").into_iter().chain(cases("sound")) {
        let mut roles = review.roles.iter();
        let role = roles.find(|role| role.entry.name == case.entry.name).unwrap();
        compare(&case.entry.name, &case.expect, &role.found);
    }
    for (provider, expect) in providers() {
        let mut all = review.providers.iter();
        let seen = all.find(|one| one.arn == provider.arn).unwrap();
        compare(provider.arn.name(), &expect, &seen.found);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

#[test]
fn sixty_are_bad_and_twenty_are_sound() {
    let (bad, sound) = (cases("bad"), cases("sound"));
    assert!(bad.len() >= 60 && sound.len() == 20);
    assert!(bad.iter().chain(&sound).all(|case| !case.source.is_empty()));
    let is_low = |line: &String| !line.ends_with(" note");
    assert!(sound.iter().all(|case| !case.expect.iter().any(is_low)));
    // A role of which not all could be read is told, and nothing is held against it.
    let without: Vec<&str> = bad
        .iter()
        .filter(|case| !case.expect.iter().any(is_low))
        .map(|case| case.entry.name.as_str())
        .collect();
    assert_eq!(without, ["half-denied"]);
}

#[test]
fn each_finding_says_why_it_matters_and_where_the_rule_is_from() {
    for rule in rules::all() {
        assert!(!rule.why.is_empty() && !rule.source.is_empty(), "{}", rule.slug);
        assert!(rule.why.ends_with('.') && !rule.why.contains("  "), "{}: {}", rule.slug, rule.why);
    }
    let review = sixty();
    for found in review.found() {
        assert!(!found.rule().looks_for.is_empty(), "{}", found.finding.rule);
        // Of permissions every action that is allowed is named.
        let is_short = |line: &String| line.chars().count() <= 160;
        assert!(
            is_of_permissions(found)
                || (found.evidence.len() <= 3 && found.evidence.iter().all(is_short)),
            "{found:?}"
        );
    }
}

#[test]
fn evidence_is_what_stands_in_the_document() {
    let review = sixty();
    let role = |name: &str| review.roles.iter().find(|role| role.entry.name == name).unwrap();
    let shown = |name: &str, rule: &str| {
        let mut found = role(name).found.iter().filter(|f| f.finding.rule == rule);
        found.next().unwrap().evidence.clone()
    };
    let gke =
        "container.googleapis.com/v1/projects/acme-dev/locations/us-central1/clusters/okteto-dev";
    assert_eq!(
        shown("my-private-registry", "trust-key-scheme"),
        [format!(r#""https://{gke}:aud": "okteto.dev.example.com/us-east-2""#)]
    );
    assert_eq!(
        shown("govuk-repeated-operator", "trust-repeated-key"),
        [
            r#""StringEquals": {"token.actions.githubusercontent.com:sub":"repo:alphagov/govuk-app:ref:refs/heads/main"}"#,
            r#""StringEquals": {"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}"#,
        ]
    );
    assert_eq!(
        shown("gha-any-branch", "trust-account-wildcard"),
        [r#""StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/api:*"}"#]
    );
    assert_eq!(shown("gha-deploy-no-condition", "trust-condition-missing"), [r#"no "Condition""#]);
    assert_eq!(shown("wizard-2008", "trust-version-old"), [r#""Version": "2008-10-17""#]);
    assert_eq!(shown("half-denied", "role-unread"), ["permission-denied: iam:ListRoleTags"]);
}

#[test]
fn columns_tell_who_gets_in_or_why_nobody_does() {
    let review = sixty();
    let columns = |name: &str| {
        let role = review.roles.iter().find(|role| role.entry.name == name).unwrap();
        let trust = &role.trust;
        let kinds: Vec<&str> = trust.issuers.iter().map(|issuer| issuer.kind.word()).collect();
        (kinds.join(" "), trust.audience.clone(), trust.subject.clone(), trust.is_okteto)
    };
    let usual = "system:serviceaccount:okteto:okteto";
    let is = |name: &str, kind: &str, audience: &str, subject: &str, is_okteto: bool| {
        let wanted = (kind.to_owned(), audience.to_owned(), subject.to_owned(), is_okteto);
        assert_eq!(columns(name), wanted, "{name}");
    };
    is("okteto-gke-dev", "GKE", "okteto.dev.example.com/us-east-2", usual, true);
    is("okteto-two-regions", "EKS", "2 audiences", usual, true);
    is("okteto-aks", "AKS", "okteto.aks.example.com/us-east-2", usual, true);
    is("my-private-registry", "GKE", "key has https://", "key has https://", true);
    is("okteto-eu", "EKS", "not listed", "none", true);
    is("gha-any-subject", "shared", "sts.amazonaws.com", "*", false);
    is(
        "cloudposse-no-aud",
        "EKS",
        "5 audiences",
        "system:serviceaccount:kube-system:external-dns",
        false,
    );
    is("payments-irsa-no-sub", "EKS", "sts.amazonaws.com", "*", true);
    is("okteto-role-as-provider", "", "none", "none", true);
    is("trust-cut-off", "", "unread", "unread", false);
    is("everyone-by-assume-role", "", "-", "no token", false);
    is("k3s-backup", "other", "acme-backup", "system:serviceaccount:velero:velero", false);
}

#[test]
fn meant_and_real_differ_where_a_fix_changes_who_gets_in() {
    let review = sixty();
    let trust = |name: &str| {
        let role = review.roles.iter().find(|role| role.entry.name == name).unwrap();
        (role.trust.real.clone(), role.trust.meant.clone().unwrap_or_default())
    };
    let (real, meant) = trust("my-private-registry");
    assert!(real.starts_with("Nobody"), "{real}");
    assert_eq!(
        meant,
        "Only the service account okteto of the namespace okteto, in the cluster okteto-dev, with the audience \
         okteto.dev.example.com/us-east-2."
    );
    let (real, meant) = trust("okteto-eu");
    assert!(
        real.starts_with("Nobody") && meant.ends_with("okteto.example.com/eu-west-1."),
        "{meant}"
    );
    for case in cases("sound") {
        assert_eq!(trust(&case.entry.name).1, "", "{}", case.entry.name);
    }
}

fn of<'a>(review: &'a Review, name: &str) -> &'a ProviderReview {
    review.providers.iter().find(|p| p.arn.name().ends_with(name)).unwrap()
}

#[test]
fn what_a_policy_mends_is_one_call_and_an_audience_is_added_to_its_provider() {
    let review = sixty();
    let all = review.roles.iter().flat_map(|role| &role.found);
    for found in all.filter(|f| !is_of_permissions(f)) {
        let document = found.finding.fix.as_ref().and_then(|fix| fix.document.as_ref());
        match (&found.calls[..], document) {
            ([Operation::UpdateTrust { role, trust }], Some(document)) => {
                assert_eq!((role.as_str(), trust), (found.on.name(), &format!("{document:#}")));
            }
            ([Operation::AddAudience { audience, .. }], None) => {
                assert_eq!(found.finding.rule, "provider-aud-unlisted");
                assert_eq!(audience.as_str(), "okteto.example.com/eu-west-1");
            }
            (calls, document) => assert!(calls.is_empty() && document.is_none(), "{found:?}"),
        }
    }
    // Whether a role whose trust policy cannot be read lives by a provider is not known: nothing is offered.
    let lonely = ["AAAABBBBCCCCDDDDEEEEFFFF00001111", "7F7E6D5C4B3A29181716151413121110"];
    assert!(lonely.iter().all(|name| of(&review, name).found[0].calls.is_empty()));
    let mut review = review;
    review.roles.retain(|role| role.entry.name != "trust-cut-off");
    whole::look(&mut review, None);
    let of_provider = |name: &str| of(&review, name);
    let gone = &of_provider("AAAABBBBCCCCDDDDEEEEFFFF00001111").found[0];
    assert!(matches!(&gone.calls[..], [Operation::DeleteProvider { .. }]), "{gone:?}");
    let unused = &of_provider("7F7E6D5C4B3A29181716151413121110").found[0];
    assert!(matches!(&unused.calls[..], [Operation::RemoveAudience { audience, .. }]
        if audience.as_str() == "okteto.never.example.com/us-west-2"));
    let trusted = &of_provider("clusters/okteto-eu").trusted_by;
    assert!(trusted.contains(&"okteto-gke-eu".to_owned()) && trusted.is_sorted());
}

#[test]
fn what_only_aws_can_change_is_offered_no_call() {
    let mut entry = cases("bad").remove(0).entry;
    entry.name = "AWSReservedSSO_x".to_owned();
    entry.path = "/aws-reserved/sso.amazonaws.com/".to_owned();
    for case in cases("bad") {
        let entry = RoleEntry { trust: case.entry.trust, ..entry.clone() };
        assert!(mended_trust(&entry, &BTreeMap::new(), None).is_none());
        let role = judge(entry, &BTreeMap::new()).unwrap();
        assert!(role.found.iter().all(|found| found.calls.is_empty()));
    }
}

/// How many findings there are of each rank above a note, the worst first.
fn weight(found: &[Found]) -> Vec<usize> {
    let of = |rank: u8| found.iter().filter(|f| f.finding.severity.rank() == rank).count();
    (1..=Severity::Critical.rank()).rev().map(of).collect()
}

#[test]
fn a_mended_role_has_less_wrong_and_nothing_more_to_mend() {
    let listed = listed(&providers().into_iter().map(|(p, _)| p).collect::<Vec<_>>());
    let mut mended = Vec::new();
    for case in cases("bad") {
        let before = judge(case.entry.clone(), &listed).unwrap();
        let is_mendable = before
            .found
            .iter()
            .any(|f| f.calls.iter().any(|c| matches!(c, Operation::UpdateTrust { .. })));
        let Some((document, gone)) = mended_trust(&case.entry, &listed, None) else {
            assert!(!is_mendable, "{}", case.entry.name);
            continue;
        };
        assert!(!gone.is_empty(), "{}", case.entry.name);
        let entry = RoleEntry { trust: document.to_string(), ..case.entry.clone() };
        let after = judge(entry.clone(), &listed).unwrap();
        assert!(weight(&after.found) <= weight(&before.found), "{}", case.entry.name);
        assert!(mended_trust(&entry, &listed, None).is_none(), "{}", case.entry.name);
        mended.push(case.entry.name);
    }
    assert!(mended.contains(&"my-private-registry".to_owned()) && mended.len() >= 10, "{mended:?}");
}

#[test]
fn only_the_wished_rules_are_mended() {
    let all = cases("bad");
    let entry = &all.iter().find(|case| case.entry.name == "my-private-registry").unwrap().entry;
    let listed = BTreeMap::new();
    let rules = ["trust-version-old"].into();
    assert!(mended_trust(entry, &listed, Some(&rules)).is_none());
    let rules = ["trust-key-scheme"].into();
    let (document, gone) = mended_trust(entry, &listed, Some(&rules)).unwrap();
    assert_eq!(gone.len(), 2);
    let policy: Policy = admit::read(&document.to_string()).unwrap();
    assert_eq!(admit::admitted(&policy, &admit::Meant::default()).len(), 1);
}

#[test]
fn the_same_account_is_told_in_the_same_words_whatever_the_order_and_however_often() {
    let told =
        |review: &Review| format!("{:?} {:?} {:?}", review.roles, review.providers, review.account);
    let first = sixty();
    let mut entries: Vec<RoleEntry> =
        cases("bad").into_iter().chain(cases("sound")).map(|case| case.entry).collect();
    entries.reverse();
    let mut listed: Vec<ProviderReview> = providers().into_iter().map(|(p, _)| p).collect();
    listed.reverse();
    let mut second = account(entries, listed);
    assert_eq!(told(&first), told(&second));
    whole::look(&mut second, None);
    assert_eq!(told(&first), told(&second));
}

/// What is said of a role: who gets in, and each message.
fn said(review: &Review, name: &str) -> (String, Vec<String>) {
    let role = review.roles.iter().find(|role| role.entry.name == name).unwrap();
    let messages = role.found.iter().map(|f| f.finding.message.clone()).collect();
    (role.trust.real.clone(), messages)
}

#[test]
fn a_finding_and_the_sentence_say_the_same_of_who_gets_in() {
    let review = sixty();
    let has = |name: &str, words: &str| {
        let (_, messages) = said(&review, name);
        assert!(messages.iter().any(|m| m.contains(words)), "{name}: {messages:#?}");
    };
    let lacks = |name: &str, words: &str| {
        let (_, messages) = said(&review, name);
        assert!(!messages.iter().any(|m| m.contains(words)), "{name}: {messages:#?}");
    };
    has("gha-owner-prefix", "fits every owner whose name begins with acme, also one that is");
    lacks("gha-owner-prefix", "every account of the issuer");
    has("workspace-login", "any application that such an account logs in to");
    lacks("workspace-login", "any customer");
    lacks("workspace-login", "IAM refuses");
    assert_eq!(said(&review, "okteto-letter-case").0, "Nobody: no token can meet it.");
    let role = |name: &str| review.roles.iter().find(|role| role.entry.name == name).unwrap();
    let beyond = &role("okteto-letter-case").trust.beyond;
    assert!(beyond[0].contains("no service account can have that name"), "{beyond:?}");
    assert_eq!(role("okteto-letter-case").trust.subject, "capital letters");
    has("windmill-custom-claim", "Nobody gets in by this statement as it stands.");
    has(
        "both-open-in-one-statement",
        "any token of oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9 may get in",
    );
    has("irsa-if-exists", "without sub would get in. That none does is due to STS");
    let beyond = &role("mobile-app-authenticated").trust.beyond;
    assert!(beyond[0].contains("amr, which is not judged here"), "{beyond:?}");
}

#[test]
fn what_is_no_cluster_is_neither_called_one_nor_oktetos() {
    let review = sixty();
    for role in &review.roles {
        let trust = &role.trust;
        let pipelines =
            ["circleci", "githubusercontent", "gitlab.com", "terraform.io", "buildkite"];
        let named = trust
            .issuers
            .iter()
            .filter(|issuer| pipelines.iter().any(|pipeline| issuer.name.contains(pipeline)));
        if trust.issuers.len() == named.count() && !trust.issuers.is_empty() {
            assert!(!trust.is_okteto, "{}", role.entry.name);
            assert!(!trust.real.contains("cluster"), "{}: {}", role.entry.name, trust.real);
        }
    }
    let (real, _) = said(&review, "circleci-aud-only");
    assert!(real.contains("of the organization "), "{real}");
}

#[test]
fn what_is_said_of_oktetos_account_is_said_of_oktetos_roles_only() {
    let review = sixty();
    for role in &review.roles {
        let all = role.found.iter().map(|f| &f.finding);
        let of_okteto = all.filter(|f| {
            let words = f.fix.as_ref().map_or("", |fix| fix.words.as_str());
            f.rule == "trust-subject-unusual" || words.contains("Okteto")
        });
        let named = role.entry.trust.to_lowercase().contains("okteto");
        assert!(role.trust.is_okteto || named || of_okteto.count() == 0, "{}", role.entry.name);
    }
}
