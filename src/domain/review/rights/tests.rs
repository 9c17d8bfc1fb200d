use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::arn::PolicyArn;
use crate::domain::evaluate::{Asker, Context, Outcome, Policy, Request};
use crate::domain::fault::{Cause, Fault};
use crate::domain::partition::Partition;
use crate::domain::policy::Document;
use crate::domain::review::account::{GroupEntry, Shelf};
use crate::domain::review::permission::tests::shelf;

const ARN: &str = "arn:aws:iam::112233445566:role/puller";

fn papers(inline: &[Value]) -> Papers {
    let inline = inline
        .iter()
        .enumerate()
        .map(|(at, statements)| {
            let policy = json!({"Version": "2012-10-17", "Statement": statements});
            (format!("p{at}"), policy.to_string())
        })
        .collect();
    Papers {
        arn: ARN.to_owned(),
        attached: Vec::new(),
        inline,
        groups: Vec::new(),
        boundary: None,
        path: "/".to_owned(),
        tags: BTreeMap::new(),
        is_puller: false,
        is_for_pulls: false,
    }
}

fn repo(name: &str) -> String {
    format!("arn:aws:ecr:us-east-2:112233445566:repository/{name}")
}

fn of(statements: &Value) -> Rights {
    judge(&papers(std::slice::from_ref(statements)), &Shelf::default())
}

fn allow(action: &Value, resource: &Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn on(rights: &Rights, act: Act) -> Vec<String> {
    rights.of(act).map(|grant| grant.on.clone()).unwrap_or_default()
}

#[test]
fn aws_own_policies_are_told_by_act() {
    for (name, word, beyond) in [
        ("AmazonEC2ContainerRegistryReadOnly", "pull", &[][..]),
        ("AmazonEC2ContainerRegistryPullOnly", "pull, import", &[]),
        ("AmazonEC2ContainerRegistryPowerUser", "pull, push", &[]),
        (
            "AmazonEC2ContainerRegistryFullAccess",
            "pull, import, push, administer",
            &["cloudtrail", "iam"],
        ),
        ("AdministratorAccess", "pull, import, push, administer", &["*"]),
    ] {
        let attached = vec![PolicyArn::managed(Partition::Aws, name)];
        let rights = judge(&Papers { attached, ..papers(&[]) }, &shelf());
        assert_eq!(rights.word(), word, "{name}");
        assert_eq!(on(&rights, Act::Login), ["*"], "{name}");
        assert_eq!(on(&rights, Act::Pull), ["*"], "{name}");
        assert_eq!(rights.beyond, beyond, "{name}");
        assert_eq!(rights.sources, [name]);
    }
}

#[test]
fn odd_statements_mean_what_they_say() {
    let all = json!("*");
    for (statement, word, login) in [
        (allow(&json!("ecr:*"), &all), "pull, import, push, administer", true),
        (allow(&json!("ECR:batch*"), &all), "import, administer", false),
        (allow(&json!(["ecr:Batch*", "ecr:Get*"]), &all), "pull, import, administer", true),
        (allow(&json!("ecr:BatchGetImage"), &all), "none", false),
        (allow(&json!("s3:*"), &all), "none", false),
        (allow(&json!("ecr:GetAuthorizationToken"), &json!(repo("a"))), "none", false),
        (
            json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            "pull, import, push, administer",
            true,
        ),
        (json!({"Effect": "Allow", "NotAction": "ecr:*", "Resource": "*"}), "none", false),
        (allow(&json!("ecr:PutRegistryPolicy"), &json!(repo("a"))), "none", false),
        (allow(&json!("ecr:PutRegistryPolicy"), &all), "administer", false),
        (
            allow(&json!("ecr:*"), &json!("arn:aws-cn:ecr:cn-north-1:112233445566:repository/a")),
            "none",
            false,
        ),
        (allow(&json!("ecr:*"), &json!("arn:aws:s3:::bucket/*")), "none", false),
    ] {
        let rights = of(&statement);
        assert_eq!(rights.word(), word, "{statement}");
        assert_eq!(rights.of(Act::Login).is_some(), login, "{statement}");
    }
}

#[test]
fn a_pull_needs_both_actions_on_the_same_repository() {
    let rights = of(&json!([
        allow(&json!("ecr:BatchGetImage"), &json!([repo("a"), repo("team/*")])),
        allow(&json!("ecr:GetDownloadUrlForLayer"), &json!([repo("team/x"), repo("b")])),
    ]));
    assert_eq!(on(&rights, Act::Pull), [repo("team/x")]);
}

#[test]
fn holes_and_what_is_allowed_in_them_are_told() {
    let pull = json!(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
    let rights = of(&json!([
        allow(&pull, &json!("*")),
        {"Effect": "Deny", "Action": "ecr:BatchGet*", "NotResource": [repo("team/*"), repo("base")]},
        {"Effect": "Deny", "Action": "*", "Resource": repo("team/secret-*")},
    ]));
    let grant = rights.of(Act::Pull).unwrap();
    assert_eq!(grant.on, [repo("team/*"), repo("base")]);
    assert_eq!(grant.except, [repo("team/secret-*")]);
    assert!(grant.has(&repo("team/x")) && !grant.has(&repo("team/secret-x")));

    let rights = of(&json!({"Effect": "Allow", "Action": pull, "NotResource": repo("secret")}));
    let grant = rights.of(Act::Pull).unwrap();
    assert_eq!((&grant.on[..], &grant.except[..]), (&["*".to_owned()][..], &[repo("secret")][..]));
    assert!(grant.is_on_all());
}

#[test]
fn a_wide_pattern_keeps_its_spelling() {
    let pull = json!(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
    for written in [
        "arn:aws:ecr:us-east-2:112233445566:*",
        "arn:aws:ecr:*:*:repository/a?c",
        "arn:*:ecr:*:1*:repository/x",
    ] {
        assert_eq!(on(&of(&allow(&pull, &json!(written))), Act::Pull), [written]);
    }
    for all in ["arn:aws:ecr:*", "arn:*", "arn:aws:ecr:*:*:repository/*"] {
        assert_eq!(on(&of(&allow(&pull, &json!(all))), Act::Pull), ["*"], "{all}");
    }
}

#[test]
fn conditions_that_are_not_known_are_met_at_best_and_told() {
    let pull = json!(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
    let tagged = |condition: Value| {
        let statement =
            json!({"Effect": "Allow", "Action": pull, "Resource": "*", "Condition": condition});
        of(&statement).of(Act::Pull).map(|grant| grant.conditional)
    };
    assert_eq!(tagged(json!({"StringEquals": {"aws:ResourceTag/team": "a"}})), Some(true));
    assert_eq!(tagged(json!({"ArnEquals": {"aws:PrincipalArn": ARN}})), Some(false));
    assert_eq!(tagged(json!({"ArnEquals": {"aws:PrincipalArn": format!("{ARN}x")}})), None);
    let deny = json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
    let rights = of(&json!([allow(&pull, &json!("*")), deny]));
    assert!(rights.of(Act::Pull).unwrap().conditional);
    let rights = of(&allow(&pull, &json!("arn:aws:ecr:${aws:RequestedRegion}:1:repository/a")));
    assert_eq!(on(&rights, Act::Pull), ["arn:aws:ecr:*:1:repository/a"]);
    let rights = of(&allow(&pull, &json!("arn:aws:ecr:r:1:repository/${aws:username}")));
    assert_eq!(on(&rights, Act::Pull), [] as [String; 0]);
}

#[test]
fn denials_within_many_repositories_are_told() {
    let pull = json!(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
    let teams: Vec<String> = (0..60).map(|at| repo(&format!("team-{at}/*"))).collect();
    let rights = of(&json!([
        allow(&pull, &json!(teams)),
        {"Effect": "Deny", "Action": "*", "Resource": repo("*/secret")},
    ]));
    let grant = rights.of(Act::Pull).unwrap();
    assert!(grant.has(&repo("team-7/app")) && !grant.has(&repo("team-7/secret")));
    assert_eq!((grant.on.len(), rights.unread), (60, Vec::new()));
}

#[test]
fn the_order_in_which_policies_are_attached_says_nothing() {
    let of = |names: [&str; 2], groups: [&str; 2]| {
        let mut shelf = shelf();
        for (group, action) in [("a", "ecr:PutImage"), ("b", "ecr:BatchDeleteImage")] {
            let text = json!({"Version": "2012-10-17", "Statement": allow(&json!(action), &json!(repo(group)))});
            let group = GroupEntry {
                name: group.to_owned(),
                attached: Vec::new(),
                inline: BTreeMap::from([("own".to_owned(), text.to_string())]),
            };
            shelf.groups.insert(group.name.clone(), group);
        }
        let papers = Papers {
            attached: names.map(|name| PolicyArn::managed(Partition::Aws, name)).to_vec(),
            groups: groups.map(str::to_owned).to_vec(),
            ..papers(&[])
        };
        judge(&papers, &shelf)
    };
    let names = ["AmazonEC2ContainerRegistryPullOnly", "AmazonEC2ContainerRegistryReadOnly"];
    assert_eq!(of(names, ["a", "b"]), of([names[1], names[0]], ["b", "a"]));
}

#[test]
fn groups_count_and_what_is_not_read_is_named() {
    let read_only = PolicyArn::managed(Partition::Aws, "AmazonEC2ContainerRegistryReadOnly");
    let other = PolicyArn::parse("arn:aws:iam::112233445566:policy/other").unwrap();
    let mut shelf = shelf();
    let group = GroupEntry {
        name: "devs".to_owned(),
        attached: vec![read_only.clone()],
        inline: BTreeMap::from([("odd".to_owned(), "{".to_owned())]),
    };
    shelf.groups.insert("devs".to_owned(), group);
    shelf.policies.insert(other.clone(), Err(Fault::new(Cause::PermissionDenied, "no")));
    let papers = Papers {
        arn: "arn:aws:iam::112233445566:user/dana".to_owned(),
        groups: vec!["devs".to_owned(), "gone".to_owned()],
        attached: vec![other.clone()],
        boundary: Some(other.clone()),
        ..papers(&[])
    };
    assert_eq!(papers.managed(&shelf), [&other, &read_only]);
    let rights = judge(&papers, &shelf);
    assert_eq!(rights.word(), "pull");
    assert_eq!(rights.sources, ["group devs: AmazonEC2ContainerRegistryReadOnly"]);
    assert_eq!(rights.unread, ["other", "group devs: inline odd", "group gone", "boundary other"]);
}

#[test]
fn a_boundary_leaves_what_it_names() {
    let boundary = PolicyArn::parse("arn:aws:iam::112233445566:policy/cap").unwrap();
    let text = json!({"Version": "2012-10-17", "Statement": [
        allow(&json!(["ecr:*", "s3:Get*"]), &json!("*")),
        {"Effect": "Deny", "Action": "ecr:Put*", "Resource": "*"},
    ]});
    let mut shelf = shelf();
    shelf.policies.insert(boundary.clone(), Ok(text.to_string()));
    let mut papers = papers(&[allow(&json!("*"), &json!("*"))]);
    papers.boundary = Some(boundary);
    let rights = judge(&papers, &shelf);
    assert_eq!(rights.beyond, ["s3"]);
    assert_eq!(rights.sources, ["inline p0", "boundary cap"]);
    assert_eq!(on(&rights, Act::Pull), ["*"]);
}

const ACTIONS: &[&str] = &[
    "*",
    "ecr:*",
    "ecr:Batch*",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:PutImage",
    "s3:Get?",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:ecr:*:*:repository/*",
    "arn:aws:ecr:r:1:repository/a",
    "arn:aws:ecr:r:1:repository/a*",
    "arn:aws:ecr:r:*:repository/*b",
    "arn:aws:ecr:?:1:repository/a?b",
    "arn:aws:ecr:s:1:*",
    "arn:aws:s3:::x",
];

fn any_statement() -> impl Strategy<Value = Value> {
    let some = |of: &'static [&'static str]| prop::collection::vec(prop::sample::select(of), 1..3);
    (
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
        some(ACTIONS),
        some(RESOURCES),
    )
        .prop_map(|(deny, not_action, not_resource, actions, resources)| {
            json!({
                "Effect": if deny { "Deny" } else { "Allow" },
                if not_action { "NotAction" } else { "Action" }: actions,
                if not_resource { "NotResource" } else { "Resource" }: resources,
            })
        })
}

/// Repositories by which the patterns above can be told apart.
const TRIED: &[&str] = &["a", "ab", "axb", "axxb", "b", "c", "ac"];

fn repositories() -> impl Iterator<Item = String> {
    TRIED.iter().flat_map(|name| {
        ["r:1", "s:1", "r:2", "s:2"].map(|place| format!("arn:aws:ecr:{place}:repository/{name}"))
    })
}

fn says(statements: &[Value], action: &str, resource: &str) -> Outcome {
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let policy = Policy::read(&Document::parse(&document).unwrap()).unwrap();
    let asker = Asker::Session { role: ARN.to_owned(), session: String::new() };
    let context = Context::default();
    policy.judge(&Request { asker: &asker, action, resource, context: &context }).outcome
}

proptest! {
    #[test]
    fn rights_are_what_the_evaluator_says_of_each_repository(
        statements in prop::collection::vec(any_statement(), 1..4),
        boundary in prop::option::of(prop::collection::vec(any_statement(), 1..3)),
        more in any_statement(),
    ) {
        let mut shelf = Shelf::default();
        let mut all = papers(&[json!(statements)]);
        let free = judge(&all, &shelf);
        if let Some(boundary) = &boundary {
            let arn = PolicyArn::parse("arn:aws:iam::1:policy/cap").unwrap();
            let text = json!({"Version": "2012-10-17", "Statement": boundary}).to_string();
            shelf.policies.insert(arn.clone(), Ok(text));
            all.boundary = Some(arn);
        }
        let rights = judge(&all, &shelf);
        let mut denied = more;
        denied["Effect"] = json!("Deny");
        let fewer = judge(&Papers { inline: all.inline.clone().into_iter().chain([(
            "z".to_owned(), json!({"Version": "2012-10-17", "Statement": denied}).to_string(),
        )]).collect(), ..all.clone() }, &shelf);
        for repository in repositories() {
            let may = |action: &&str| {
                says(&statements, action, &repository) == Outcome::Allowed
                    && boundary.as_ref().is_none_or(|b| says(b, action, &repository) == Outcome::Allowed)
            };
            let has = |rights: &Rights, act| rights.of(act).is_some_and(|grant| grant.has(&repository));
            prop_assert_eq!(has(&rights, Act::Pull), Act::Pull.actions().iter().all(may), "{} {:?}", repository, rights);
            prop_assert_eq!(has(&rights, Act::Push), Act::Push.actions().iter().any(may), "{} {:?}", repository, rights);
            for act in [Act::Pull, Act::Push] {
                prop_assert!(!has(&fewer, act) || has(&rights, act));
                prop_assert!(!has(&rights, act) || has(&free, act));
            }
        }
    }
}
