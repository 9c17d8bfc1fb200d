//! A review for tests, made by hand: sound roles, one of each severity, names that are hard to draw, a role that could not
//! be read.

#![allow(
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    reason = "a list of examples reads best as one"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::domain::arn::{PolicyArn, ProviderArn, RoleArn, UserArn};
use crate::domain::fault::{Cause, Fault};
use crate::domain::finding::{Finding, Severity};
use crate::domain::intent::Caller;
use crate::domain::inventory::SeenProvider;
use crate::domain::key::{KeyId, KeyStatus, LastUse, SeenKey};
use crate::domain::operation::Operation;
use crate::domain::partition::{AccountId, Partition};
use crate::domain::review::account::{RoleEntry, UserEntry};
use crate::domain::review::found::{Found, On};
use crate::domain::review::rights::{Act, Grant, Rights};
use crate::domain::review::role::{IssuerKind, IssuerSeen, RoleReview, Trust};
use crate::domain::review::triage::Triage;
use crate::domain::review::{Counts, Gap, Part, ProviderReview, Review, UserReview};
use crate::domain::trust::admit;

/// Friday, 2 January 2026, 03:04:05.
pub const NOW: i64 = 1_767_323_045;
const DAY: i64 = 24 * 3600;
const GKE: &str =
    "container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
const EKS: &str = "oidc.eks.us-east-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E";
const AKS: &str = "eastus.oic.prod-aks.azure.com/11111111-2222/33333333-4444/";
const GITHUB: &str = "token.actions.githubusercontent.com";
const OKTETO: &str = "system:serviceaccount:okteto:okteto";
const AUDIENCE: &str = "okteto.example.com/us-east-2";

/// Who looks.
pub fn caller() -> Caller {
    Caller {
        account: AccountId::parse("112233445566").unwrap(),
        arn: "arn:aws:iam::112233445566:user/dana".to_owned(),
        partition: Partition::Aws,
    }
}

fn trust(issuer: &str, conditions: &Value) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": format!("arn:aws:iam::112233445566:oidc-provider/{issuer}")},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": conditions
        }]
    })
    .to_string()
}

fn pinned(issuer: &str, audience: &str, subject: &str) -> Value {
    let (aud, sub) = (format!("{issuer}:aud"), format!("{issuer}:sub"));
    json!({"StringEquals": {aud: audience, sub: subject}})
}

fn last(days: Option<i64>) -> LastUse {
    days.map_or(LastUse::Never, |d| LastUse::At(NOW - d * DAY - 60, "us-east-2".to_owned()))
}

/// A role that trusts an issuer under conditions, last used so many days ago.
pub fn role(name: &str, kind: IssuerKind, conditions: Value, days: Option<i64>) -> RoleReview {
    let issuer = match kind {
        IssuerKind::Gke => GKE,
        IssuerKind::Eks => EKS,
        IssuerKind::Aks => AKS,
        _ => GITHUB,
    };
    let text = trust(issuer, &conditions);
    let policy = admit::read(&text).unwrap();
    let admits = admit::admitted(&policy, &admit::Meant::default());
    let column = |of: fn(&admit::Admitted) -> &str| match admits.as_slice() {
        [] => "none".to_owned(),
        [one] => of(one).to_owned(),
        more => format!("{} of them", more.len()),
    };
    RoleReview {
        entry: RoleEntry {
            arn: RoleArn::parse(&format!("arn:aws:iam::112233445566:role/{name}")).unwrap(),
            name: name.to_owned(),
            path: "/".to_owned(),
            trust: text.clone(),
            created_at: Some(1_718_000_000),
            max_session_seconds: None,
            boundary: None,
            attached: Vec::new(),
            inline: BTreeMap::new(),
            tags: BTreeMap::from([("owner".to_owned(), "platform".to_owned())]),
            last_use: last(days),
            unread: None,
        },
        trust: Trust {
            issuers: vec![IssuerSeen { name: issuer.to_owned(), kind }],
            audience: column(|one| &one.audience),
            subject: column(|one| &one.subject),
            real: admit::sentence(&admits),
            beyond: Vec::new(),
            meant: None,
            intruders: Vec::new(),
            is_okteto: text.contains(OKTETO),
            admits,
        },
        rights: Some(rights(Act::Pull)),
        found: Vec::new(),
    }
}

fn rights(most: Act) -> Rights {
    let acts = Act::ALL.into_iter().filter(|act| *act <= most && *act != Act::Import);
    let grant =
        |act| Grant { act, on: vec!["*".to_owned()], except: Vec::new(), conditional: false };
    Rights {
        grants: acts.map(grant).collect(),
        sources: vec!["AmazonEC2ContainerRegistryReadOnly".to_owned()],
        ..Rights::default()
    }
}

/// A finding about a role.
pub fn found(name: &str, rule: &'static str, severity: Severity, message: &str) -> Found {
    let finding = Finding {
        rule,
        severity,
        message: message.to_owned(),
        place: "Statement 1: Condition".to_owned(),
        fix: None,
    };
    Found::new(On::Role(name.to_owned()), finding)
}

/// The same, mended by a trust policy.
fn mended(found: Found, words: &str, issuer: &str) -> Found {
    let text = trust(issuer, &pinned(issuer, AUDIENCE, OKTETO));
    let document: Value = serde_json::from_str(&text).unwrap();
    let role = found.on.name().to_owned();
    let finding = found.finding.clone().mended(words, Some(document));
    Found { finding, calls: vec![Operation::UpdateTrust { role, trust: text }], ..found }
}

/// The roles.
pub fn roles() -> Vec<RoleReview> {
    let okteto = |kind, issuer: &str| (kind, pinned(issuer, AUDIENCE, OKTETO));
    let make = |name: &str, (kind, conditions), days| role(name, kind, conditions, days);
    let sound = make("my-private-registry", okteto(IssuerKind::Gke, GKE), Some(0));

    let only_aud = json!({"StringEquals": {format!("{EKS}:aud"): "sts.amazonaws.com"}});
    let mut legacy = make("ecr-pull-legacy", (IssuerKind::Eks, only_aud), None);
    legacy.rights = Some(rights(Act::Push));
    let no_sub = found(
        "ecr-pull-legacy",
        "trust-sub-missing",
        Severity::High,
        "No condition names a subject: every pod of the cluster gets in.",
    );
    let generic = found(
        "ecr-pull-legacy",
        "provider-aud-generic",
        Severity::Medium,
        "The audience sts.amazonaws.com is the one that most tools set.",
    );
    legacy.found = vec![
        mended(no_sub, "pin the subject to okteto/okteto", EKS)
            .shown_by(["Statement 1 has no key that ends with :sub".to_owned()]),
        generic,
    ];
    legacy.trust.meant = Some("Okteto in the cluster.".to_owned());
    let text = legacy.entry.trust.clone();
    let policy = admit::read(&text).unwrap();
    legacy.trust.intruders =
        admit::intruders(&policy, &admit::Meant::default()).into_iter().take(2).collect();

    let ci = json!({"StringLike": {format!("{GITHUB}:aud"): "*", format!("{GITHUB}:sub"): "*"}});
    let mut ci = make("okteto-ci", (IssuerKind::Shared, ci), Some(3));
    ci.found = vec![found(
        "okteto-ci",
        "trust-sub-wildcard",
        Severity::Critical,
        "Every repository of GitHub gets in.",
    )];

    let mut cache = make("build-cache", okteto(IssuerKind::Gke, GKE), Some(12));
    cache.found = vec![found(
        "build-cache",
        "ecr-push",
        Severity::Medium,
        "It may push to every repository.",
    )];

    let key = format!("https://{GKE}:aud");
    let mut old = make(
        "old-registry",
        (IssuerKind::Gke, json!({"StringEquals": {key: AUDIENCE, format!("{GKE}:sub"): OKTETO}})),
        None,
    );
    let scheme = found(
        "old-registry",
        "trust-key-scheme",
        Severity::Error,
        "The condition key begins with https://: IAM compares without the scheme, so nobody gets in.",
    );
    old.found = vec![mended(scheme, "drop https:// from the key", GKE)];
    old.trust.meant = Some("Only okteto/okteto in myCluster.".to_owned());

    let mut teamcity = make(
        "teamcity-pull",
        (IssuerKind::Gke, pinned(GKE, "okteto.example.com/us-east-1", OKTETO)),
        Some(1),
    );
    teamcity.found = vec![found(
        "teamcity-pull",
        "trust-session-long",
        Severity::Low,
        "A session may last 12 hours.",
    )];

    let payments =
        make("payments-ecr", (IssuerKind::Aks, pinned(AKS, AUDIENCE, OKTETO)), Some(100));
    let wide = make("日本語のレジストリ", okteto(IssuerKind::Gke, GKE), Some(400));
    let marked = make("right\u{200f}-to-left", okteto(IssuerKind::Gke, GKE), Some(7));
    let mut control = make("clear\u{1b}[2Jscreen", okteto(IssuerKind::Gke, GKE), Some(8));
    control.found = vec![found(
        "clear\u{1b}[2Jscreen",
        "trust-subject-unusual",
        Severity::Note,
        "Its name has \u{1b}[31mcontrol characters.",
    )];
    let mut deep = make("deep-path", okteto(IssuerKind::Gke, GKE), Some(9));
    deep.entry.path = format!("/{}/", "p".repeat(510));
    let arn = format!("arn:aws:iam::112233445566:role{}deep-path", deep.entry.path);
    deep.entry.arn = RoleArn::parse(&arn).unwrap();
    let mut unread = make("unreadable", okteto(IssuerKind::Eks, EKS), None);
    unread.rights = None;
    unread.entry.last_use = LastUse::Unknown;
    unread.entry.unread = Some(
        Fault::new(Cause::PermissionDenied, "AWS refused iam:ListRolePolicies.")
            .with("action", "iam:ListRolePolicies"),
    );
    unread.found = vec![found(
        "unreadable",
        "role-unread",
        Severity::Note,
        "Its inline policies could not be read: they were not judged.",
    )];
    let mut all = vec![
        sound, legacy, ci, cache, old, teamcity, payments, wide, marked, control, deep, unread,
    ];
    all.sort_by(|a, b| a.entry.name.cmp(&b.entry.name));
    all
}

fn user() -> UserReview {
    let key = |id: &str, status, days| SeenKey {
        id: KeyId::parse(id).unwrap(),
        status,
        created_at: Some(1_600_000_000),
        last_use: last(days),
    };
    let on = On::User("private-registry-user".to_owned());
    let finding = Finding {
        rule: "ecr-push",
        severity: Severity::High,
        message: "The key AKIAIOSFODNN7EXAMPLE was made 2020-09-13, more than 90 days ago."
            .to_owned(),
        place: "key".to_owned(),
        fix: None,
    };
    let rotates = Some("private-registry-user".to_owned());
    UserReview {
        entry: UserEntry {
            arn: UserArn::parse("arn:aws:iam::112233445566:user/private-registry-user").unwrap(),
            name: "private-registry-user".to_owned(),
            path: "/".to_owned(),
            created_at: Some(1_600_000_000),
            boundary: None,
            attached: vec![
                PolicyArn::parse("arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly")
                    .unwrap(),
            ],
            inline: BTreeMap::new(),
            groups: vec!["devs".to_owned()],
            tags: BTreeMap::new(),
            keys: Some(vec![
                key("AKIAIOSFODNN7EXAMPLE", KeyStatus::Active, Some(2)),
                key("AKIAI44QH8DHBEXAMPLE", KeyStatus::Inactive, None),
            ]),
            has_password: Some(true),
            unread: None,
        },
        rights: rights(Act::Pull),
        found: vec![Found { rotates, ..Found::new(on, finding) }],
    }
}

fn provider(name: &str, seen: bool, trusted_by: &[&str]) -> ProviderReview {
    let arn = ProviderArn::from_server(&format!("arn:aws:iam::112233445566:oidc-provider/{name}"));
    ProviderReview {
        seen: if seen {
            Ok(SeenProvider {
                arn: arn.clone(),
                url: name.to_owned(),
                audiences: vec![AUDIENCE.to_owned(), "sts.amazonaws.com".to_owned()],
                created_at: Some(1_700_000_000),
                tags: BTreeMap::new(),
            })
        } else {
            Err(Fault::new(Cause::Throttled, "AWS was too busy to answer."))
        },
        arn,
        trusted_by: trusted_by.iter().map(|&name| name.to_owned()).collect(),
        found: Vec::new(),
    }
}

/// The whole.
pub fn review() -> Review {
    let root = Finding {
        rule: "ecr-push",
        severity: Severity::High,
        message: "The account's root has an access key.".to_owned(),
        place: "account".to_owned(),
        fix: None,
    }
    .mended("delete the key as root", None);
    let roles: Vec<_> = roles().into_iter().map(Arc::new).collect();
    Review {
        caller: caller(),
        read_at: NOW,
        repositories: Vec::new(),
        counts: Counts {
            roles: 214,
            left_out: 31,
            trusting: roles.len(),
            total: Some(245),
            users: 9,
        },
        roles,
        users: vec![Arc::new(user())],
        providers: vec![
            Arc::new(provider(GKE, true, &["my-private-registry", "build-cache"])),
            Arc::new(provider(GITHUB, false, &["okteto-ci"])),
        ],
        account: vec![Found::new(On::Account, root)],
        gaps: vec![Gap {
            part: Part::Rest,
            what: "the policies of repositories".to_owned(),
            fault: Fault::new(Cause::PermissionDenied, "AWS refused ecr:DescribeRepositories."),
        }],
        triage: Ok(Triage {
            file: "okteto-ecr-accepted.toml".into(),
            accepted: Vec::new(),
            known: None,
            today: "2026-01-02".parse().unwrap(),
        }),
    }
}

/// So many roles, of every kind and severity.
pub fn many(n: usize) -> Review {
    let kinds = [IssuerKind::Gke, IssuerKind::Eks, IssuerKind::Aks, IssuerKind::Shared];
    let of = |i: usize| {
        let name = format!("team-{:03}-registry-{i:05}", i * 7919 % 211);
        let kind = kinds[i % 4];
        let issuer = [GKE, EKS, AKS, GITHUB][i % 4];
        let audience = format!("okteto-{}.example.com/us-east-2", i % 97);
        let subject = format!("system:serviceaccount:team-{}:okteto", i % 31);
        let days = i64::try_from(i % 500).unwrap();
        let days = (!i.is_multiple_of(5)).then_some(days);
        let mut one = role(&name, kind, pinned(issuer, &audience, &subject), days);
        let severity = Severity::ALL[i % 6];
        if i.is_multiple_of(3) {
            one.found = vec![found(&name, "trust-sub-missing", severity, "Something is wrong.")];
        }
        Arc::new(one)
    };
    let mut roles: Vec<_> = (0..n).map(of).collect();
    roles.sort_by(|a, b| a.entry.name.cmp(&b.entry.name));
    let counts = Counts { roles: n, left_out: 31, trusting: n, total: Some(n + 31), users: 0 };
    Review { roles, counts, ..review() }
}
