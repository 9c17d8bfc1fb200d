//! What only the whole account shows, where not all of it is known.

use std::collections::BTreeMap;
use std::sync::Arc;

use okteto_ecr::domain::arn::{PolicyArn, RoleArn};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::key::LastUse;
use okteto_ecr::domain::partition::AccountId;
use okteto_ecr::domain::review::account::{RepositoryEntry, RoleEntry, Summary};
use okteto_ecr::domain::review::rights::{Act, Grant, Rights};
use okteto_ecr::domain::review::role::{judge, trusts_web_identity};
use okteto_ecr::domain::review::{Gap, Part, Review, whole};
use proptest::prelude::*;
use serde_json::json;

use crate::sixty::{ACCOUNT, account, cases, drowns, provider};

const CLUSTER: &str = "oidc.eks.us-east-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";

fn entry(name: &str, trust: String) -> RoleEntry {
    RoleEntry {
        arn: RoleArn::parse(&format!("arn:aws:iam::{ACCOUNT}:role/{name}")).unwrap(),
        name: name.to_owned(),
        path: "/".to_owned(),
        trust,
        created_at: None,
        max_session_seconds: None,
        boundary: None,
        attached: vec![
            PolicyArn::parse("arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly").unwrap(),
        ],
        inline: BTreeMap::new(),
        tags: BTreeMap::new(),
        last_use: LastUse::Never,
        unread: None,
    }
}

fn trust(audience: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{CLUSTER}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {
            format!("{CLUSTER}:aud"): audience,
            format!("{CLUSTER}:sub"): "system:serviceaccount:okteto:okteto",
        }},
    }]})
    .to_string()
}

fn told(review: &Review) -> Vec<String> {
    let one = |f: &okteto_ecr::domain::review::found::Found| {
        format!("{} {} {} {}", f.on, f.finding.rule, f.finding.severity, f.calls.len())
    };
    review.found().filter(|found| !drowns(found)).map(one).collect()
}

#[test]
fn a_provider_is_not_called_unused_while_roles_are_missing() {
    let lonely = || vec![provider(CLUSTER, &["a".to_owned()])];
    let review = account(Vec::new(), lonely());
    assert_eq!(told(&review), [format!("provider/{CLUSTER} provider-unused medium 1")]);

    let low = [format!("provider/{CLUSTER} provider-unused low 0")];
    let mut review = account(Vec::new(), lonely());
    let fault = Fault::new(Cause::ALL[0], "denied");
    review.gaps.push(Gap {
        part: Part::Roles,
        what: "the account's roles".to_owned(),
        fault: fault.clone(),
    });
    whole::look(&mut review, None);
    assert_eq!(told(&review), low);

    let mut review = account(Vec::new(), lonely());
    let summary = Summary([("Roles".to_owned(), 7)].into());
    whole::look(&mut review, Some(&summary));
    assert_eq!(told(&review), low);

    // A role whose trust policy could not be read may trust it.
    let unread = RoleEntry { unread: Some(fault), ..entry("dark", String::new()) };
    let review = account(vec![unread], lonely());
    assert_eq!(told(&review), ["role/dark role-unread note 0".to_owned(), low[0].clone()]);

    // So may one that lets in whoever comes, or that says two things.
    let web = r#""Action":"sts:AssumeRoleWithWebIdentity""#;
    for trust in [
        format!(r#"{{"Statement":{{"Effect":"Allow","Principal":"*",{web}}}}}"#),
        format!(
            r#"{{"Statement":{{"Effect":"Allow","NotPrincipal":{{"AWS":"{ACCOUNT}"}},{web}}}}}"#
        ),
        format!(
            r#"{{"Statement":{{"Effect":"Deny","Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},{web}}}}}"#
        ),
        "no JSON".to_owned(),
    ] {
        let told = told(&account(vec![entry("open", trust.clone())], lonely()));
        assert!(told.contains(&low[0]), "{trust}: {told:?}");
    }
}

#[test]
fn an_audience_is_asked_for_by_what_the_operator_means() {
    let listed = ["App".to_owned(), "b".to_owned()];
    let unused = |trust: String| {
        let review = account(vec![entry("one", trust)], vec![provider(CLUSTER, &listed)]);
        let found = review.providers[0].found.iter();
        found.map(|found| found.finding.message.clone()).collect::<Vec<_>>()
    };
    let only_b = ["No role asks for the audience \"b\"."];
    let fold = trust("aPP").replace("StringEquals", "StringEqualsIgnoreCase");
    assert_eq!(unused(fold), only_b);
    assert_eq!(unused(trust("A*").replace("StringEquals", "StringLike")), only_b);
    assert_eq!(unused(trust("App").replace(":aud", ":\\u0061UD")), only_b);
    assert_eq!(unused(trust("app")).len(), 2);
    for open in ["StringEqualsIfExists", "StringNotEquals", "ForAllValues:StringEquals"] {
        assert_eq!(unused(trust("app").replace("StringEquals", open)), [""; 0], "{open}");
    }
}

#[test]
fn no_provider_is_called_gone_where_providers_could_not_be_read() {
    let roles = || vec![entry("pull", trust("okteto.example.com/a"))];
    let review = account(roles(), Vec::new());
    assert_eq!(told(&review), ["role/pull role-provider-gone error 0"]);
    let mut review = account(roles(), Vec::new());
    let fault = Fault::new(Cause::ALL[0], "denied");
    review.gaps.push(Gap {
        part: Part::Providers,
        what: "the account's identity providers".to_owned(),
        fault,
    });
    whole::look(&mut review, None);
    assert_eq!(told(&review), [""; 0]);
}

#[test]
fn a_role_without_a_condition_on_aud_asks_for_all_audiences() {
    let open = trust("x").replace(&format!("\"{CLUSTER}:aud\":\"x\","), "");
    let listed = ["a".to_owned(), "b".to_owned()];
    let review = account(vec![entry("open", open)], vec![provider(CLUSTER, &listed)]);
    assert_eq!(told(&review), ["role/open trust-aud-missing high 0"]);
    let review = account(vec![entry("one", trust("a"))], vec![provider(CLUSTER, &listed)]);
    assert_eq!(told(&review), [format!("provider/{CLUSTER} provider-audience-unused low 1")]);
}

const FOREIGN: &str = "arn:aws:ecr:eu-west-1:998877665544:repository/team/app";

fn pulling(on: &[&str]) -> Review {
    let roles = vec![entry("pull", trust("okteto.example.com/a"))];
    let mut review = account(roles, vec![provider(CLUSTER, &["okteto.example.com/a".to_owned()])]);
    let grant = Grant {
        act: Act::Pull,
        on: on.iter().map(|arn| (*arn).to_owned()).collect(),
        except: Vec::new(),
        conditional: false,
    };
    let role = Arc::make_mut(&mut review.roles[0]);
    role.rights = Some(Rights { grants: vec![grant], ..Rights::default() });
    review
}

fn repository(policy: Result<Option<serde_json::Value>, Fault>) -> RepositoryEntry {
    let policy = policy.map(|policy| policy.map(|policy| policy.to_string()));
    RepositoryEntry { arn: FOREIGN.to_owned(), policy }
}

#[test]
fn repositories_of_other_accounts_are_named_once() {
    let own = format!("arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/own");
    let pattern = "arn:aws:ecr:eu-west-1:998877665544:repository/*";
    let review = pulling(&["*", &own, FOREIGN, FOREIGN, pattern]);
    let account = AccountId::parse(ACCOUNT).unwrap();
    let named = whole::foreign_repositories(&review.roles, &account);
    let named: Vec<String> = named.iter().map(|(host, name)| format!("{host} {name}")).collect();
    assert_eq!(named, ["998877665544.dkr.ecr.eu-west-1.amazonaws.com team/app"]);
}

#[test]
fn a_repository_of_another_account_must_admit_the_role() {
    let allow = |principal: &str, actions: serde_json::Value, condition: serde_json::Value| {
        json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Condition": condition,
        }]})
    };
    let both = || json!(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let role = format!("arn:aws:iam::{ACCOUNT}:role/pull");
    let open = || json!({});
    let org = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}});
    let denied = Fault::new(Cause::ALL[0], "denied");
    for (policy, wanted) in [
        (Ok(None), Some("medium")),
        (Ok(Some(allow(&root, both(), open()))), None),
        (Ok(Some(allow(&role, json!("ecr:*"), open()))), None),
        (Ok(Some(allow(&role, json!("ecr:BatchGetImage"), open()))), Some("medium")),
        (Ok(Some(allow("arn:aws:iam::112233445577:root", both(), open()))), Some("medium")),
        (Ok(Some(allow("*", both(), org))), Some("note")),
        (Err(denied), Some("note")),
    ] {
        let mut review = pulling(&[FOREIGN]);
        review.repositories = vec![repository(policy.clone())];
        whole::look(&mut review, None);
        let wanted = wanted.map(|word| format!("role/pull repository-policy-missing {word} 0"));
        assert_eq!(told(&review), wanted.into_iter().collect::<Vec<_>>(), "{policy:?}");
    }
    let mut review = pulling(&["arn:aws:ecr:eu-west-1:998877665544:repository/*"]);
    whole::look(&mut review, None);
    assert_eq!(told(&review), ["role/pull repository-policy-missing note 0"]);
    let mut told = review.found().filter(|f| f.finding.rule == "repository-policy-missing");
    let message = &told.next().unwrap().finding.message;
    assert!(message.contains("In account 998877665544 see that"), "{message}");
}

/// The prints of the findings of a rule, on whom.
fn prints(review: &Review, rule: &str) -> BTreeMap<String, String> {
    let of_rule = review.found().filter(|f| f.finding.rule == rule);
    of_rule.map(|f| (f.on.to_string(), f.fingerprint())).collect()
}

#[test]
fn a_finding_is_the_same_whatever_its_neighbours_are() {
    let elsewhere =
        |letter: char| CLUSTER.replace("0123456789ABCDEF", &format!("{letter}123456789ABCDEF"));
    let at = |name: &str, cluster: &str| entry(name, trust("one").replace(CLUSTER, cluster));
    let clusters = [CLUSTER.to_owned(), elsewhere('A'), elsewhere('B'), elsewhere('C')];
    let shared = |names: &[&str]| {
        let roles = names.iter().zip(&clusters).map(|(name, cluster)| at(name, cluster)).collect();
        let listed = clusters.iter().map(|name| provider(name, &["one".to_owned()])).collect();
        prints(&account(roles, listed), "role-audience-shared")["role/pull"].clone()
    };
    assert_eq!(shared(&["pull", "a"]), shared(&["pull", "z", "b", "c"]));

    // A role of two clusters, then of three.
    let several = |count: usize| {
        let mut statements = Vec::new();
        for cluster in clusters.iter().take(count) {
            let text = trust("one").replace(CLUSTER, cluster);
            let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
            statements.push(whole["Statement"][0].clone());
        }
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let listed = clusters.iter().map(|name| provider(name, &["one".to_owned()])).collect();
        prints(&account(vec![entry("pull", text)], listed), "role-two-clusters")
    };
    assert_eq!((several(2).len(), several(2)), (1, several(3)));

    // The provider is gone; one of almost the same name comes.
    let gone = |listed: &[String]| {
        let listed = listed.iter().map(|name| provider(name, &["one".to_owned()])).collect();
        prints(&account(vec![at("pull", CLUSTER)], listed), "role-provider-gone")
    };
    assert_eq!((gone(&[]).len(), gone(&[])), (1, gone(&[CLUSTER.to_lowercase()])));

    let many = |count: usize| {
        let listed: Vec<String> = (0..count).map(|at| format!("audience-{at}")).collect();
        let review = account(vec![at("pull", CLUSTER)], vec![provider(CLUSTER, &listed)]);
        prints(&review, "provider-audiences-many")
    };
    assert_eq!((many(91).len(), many(91)), (1, many(99)));
}

#[test]
fn a_role_that_is_open_to_everyone_is_a_row_and_one_for_another_account_is_none() {
    let trusts = |name: &str, principal: serde_json::Value| {
        let statement =
            json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
        entry(name, json!({"Version": "2012-10-17", "Statement": [statement]}).to_string())
    };
    let roles = vec![
        trusts("everyone", json!({"AWS": "*"})),
        trusts("partner", json!({"AWS": "arn:aws:iam::998877665544:root"})),
        trusts("machine", json!({"Service": "ec2.amazonaws.com"})),
    ];
    let review = account(roles, Vec::new());
    let [role] = &review.roles[..] else { panic!("{:?}", review.roles) };
    let trust = &role.trust;
    assert_eq!((role.entry.name.as_str(), trust.issuers.len()), ("everyone", 0));
    assert_eq!((trust.audience.as_str(), trust.subject.as_str()), ("-", "no token"));
    assert!(trust.real.starts_with("Everyone"), "{}", trust.real);
    assert_eq!(told(&review), ["role/everyone trust-principal-anyone critical 0"]);
    assert!(!role.found[0].evidence.is_empty());
}

/// A policy with something in it replaced by something else.
fn broken() -> impl Strategy<Value = String> {
    let texts: Vec<String> =
        cases("bad").into_iter().chain(cases("sound")).map(|case| case.entry.trust).collect();
    let junk = prop_oneof![
        Just(String::new()),
        Just("*".to_owned()),
        Just("\"".to_owned()),
        Just("\\u0041".to_owned()),
        Just("\u{202e}\u{0}\u{fffd}".to_owned()),
        Just("https://".to_owned()),
        Just("[]".to_owned()),
        Just("null".to_owned()),
        ".{0,12}",
    ];
    (prop::sample::select(texts), any::<prop::sample::Index>(), 0..30_usize, junk).prop_map(
        |(text, at, length, junk)| {
            let chars: Vec<char> = text.chars().collect();
            let at = at.index(chars.len());
            let (before, rest) = chars.split_at(at);
            let rest = rest.iter().skip(length);
            before.iter().copied().chain(junk.chars()).chain(rest.copied()).collect()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_document_stops_the_review(texts in prop::collection::vec(broken(), 1..6)) {
        let roles = |texts: &[String]| -> Vec<RoleEntry> {
            texts.iter().map(|text| entry(&format!("role-{:x}", text.len()), text.clone())).collect()
        };
        let providers = || vec![provider(CLUSTER, &["a".to_owned()])];
        let review = account(roles(&texts), providers());
        prop_assert!(review.roles.iter().all(|role| trusts_web_identity(&role.entry.trust)));
        let again = account(roles(&texts), providers());
        prop_assert_eq!(format!("{:?}", &review.roles), format!("{:?}", &again.roles));
    }

    #[test]
    fn any_text_is_judged(text in ".{0,200}") {
        let found = judge(entry("any", text), &BTreeMap::new());
        prop_assert!(found.is_none_or(|role| !role.found.is_empty()));
    }
}
