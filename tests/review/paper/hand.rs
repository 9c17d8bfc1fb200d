//! A review made by hand, by rules that there are not: two roles, a user, two providers, the account.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::date;
use okteto_ecr::domain::arn::{PolicyArn, ProviderArn, RoleArn, UserArn};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::finding::{Finding, Severity};
use okteto_ecr::domain::intent::Caller;
use okteto_ecr::domain::inventory::SeenProvider;
use okteto_ecr::domain::key::{KeyId, KeyStatus, LastUse, SeenKey};
use okteto_ecr::domain::operation::Operation;
use okteto_ecr::domain::partition::{AccountId, Partition};
use okteto_ecr::domain::review::account::{RoleEntry, UserEntry};
use okteto_ecr::domain::review::found::{Found, On};
use okteto_ecr::domain::review::rights::{Act, Grant, Rights};
use okteto_ecr::domain::review::role::{IssuerKind, IssuerSeen, RoleReview, Trust};
use okteto_ecr::domain::review::triage::{Accepted, Known, Triage};
use okteto_ecr::domain::review::{Counts, Gap, Part, ProviderReview, Review, UserReview};
use okteto_ecr::domain::trust::Holder;
use okteto_ecr::domain::trust::admit::{self, Intruder, Meant};
use serde_json::json;

const ACCOUNT: &str = "112233445566";
const GITHUB: &str = "token.actions.githubusercontent.com";
const GKE: &str = "container.googleapis.com/v1/projects/p/locations/l/clusters/c";
/// What a tag may hold.
pub const HIDDEN: &str = "tag owner: \u{202e}mrofta\u{1b}[2J plat\u{e0041}";

fn found(on: On, rule: &'static str, severity: Severity, message: &str) -> Found {
    let (message, place) = (message.to_owned(), "Statement 1: Condition".to_owned());
    Found::new(on, Finding { rule, severity, message, place, fix: None })
}

fn anyone() -> Found {
    let message = "nothing says which repository: any workflow of anybody on GitHub gets in";
    let fixed = json!({"Version": "2012-10-17", "Statement": []});
    let operation = Operation::UpdateTrust { role: "ci".to_owned(), trust: fixed.to_string() };
    let mut one = found(On::Role("ci".to_owned()), "anyone-gets-in", Severity::Critical, message)
        .shown_by([format!("StringEquals {GITHUB}:aud = sts.amazonaws.com"), HIDDEN.to_owned()])
        .mended_by("add a condition on sub", vec![operation]);
    if let Some(fix) = &mut one.finding.fix {
        fix.document = Some(fixed);
    }
    one
}

fn pushes() -> Found {
    found(On::Role("ci".to_owned()), "may-push", Severity::High, "it may push to every repository")
        .shown_by(["inline push: ecr:PutImage on *".to_owned()])
}

fn old_key() -> Found {
    let message = "the key AKIAIOSFODNN7EXAMPLE was made 2024-06-10, more than 90 days ago";
    let mut one = found(On::User("puller".to_owned()), "key-old", Severity::Medium, message);
    one.rotates = Some("puller".to_owned());
    one
}

fn unused() -> Found {
    let on = On::Provider(GKE.to_owned());
    found(on, "provider-unused", Severity::Low, "=cmd|' /C calc'!A0")
}

fn root_key() -> Found {
    found(On::Account, "root-key", Severity::Error, "the root user has an access key")
}

fn accepted(found: &Found, reason: &str, until: jiff::civil::Date) -> Accepted {
    Accepted {
        account: ACCOUNT.to_owned(),
        on: found.on.to_string(),
        rule: found.finding.rule.to_owned(),
        fingerprint: found.fingerprint(),
        what: found.finding.message.clone(),
        reason: reason.to_owned(),
        until,
        by: format!("arn:aws:iam::{ACCOUNT}:user/dana"),
        at: date(2026, 9, 1),
    }
}

fn ci() -> RoleReview {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {format!("{GITHUB}:aud"): "sts.amazonaws.com"}},
    }]});
    let text = trust.to_string();
    let policy = admit::read(&text).unwrap();
    let admits = admit::admitted(&policy, &Meant::default());
    let entry = RoleEntry {
        arn: RoleArn::parse(&format!("arn:aws:iam::{ACCOUNT}:role/ci")).unwrap(),
        name: "ci".to_owned(),
        path: "/".to_owned(),
        trust: text,
        created_at: Some(1_700_000_000),
        max_session_seconds: Some(3600),
        boundary: Some(PolicyArn::parse(&format!("arn:aws:iam::{ACCOUNT}:policy/edge")).unwrap()),
        attached: Vec::new(),
        inline: BTreeMap::new(),
        tags: BTreeMap::from([("owner".to_owned(), "platform".to_owned())]),
        last_use: LastUse::At(1_760_000_000, "us-east-2".to_owned()),
        unread: None,
    };
    let grant = |act, on: &str| Grant {
        act,
        on: vec![on.to_owned()],
        except: Vec::new(),
        conditional: act == Act::Push,
    };
    RoleReview {
        entry,
        trust: Trust {
            issuers: vec![IssuerSeen { name: GITHUB.to_owned(), kind: IssuerKind::Shared }],
            audience: "sts.amazonaws.com".to_owned(),
            subject: "*".to_owned(),
            real: "any workflow of anybody on GitHub".to_owned(),
            beyond: Vec::new(),
            meant: Some("workflows of one repository".to_owned()),
            intruders: vec![Intruder {
                why: "A workflow of another repository gets in.".to_owned(),
                holder: Holder::new(
                    &format!("https://{GITHUB}"),
                    "sts.amazonaws.com",
                    "repo:other/app:ref:refs/heads/main",
                ),
            }],
            admits,
            is_okteto: false,
        },
        rights: Some(Rights {
            grants: vec![grant(Act::Login, "*"), grant(Act::Pull, "*"), grant(Act::Push, "*")],
            sources: vec!["inline push".to_owned()],
            unread: Vec::new(),
            beyond: vec!["s3".to_owned()],
        }),
        found: vec![pushes(), anyone()],
    }
}

fn okteto() -> RoleReview {
    let ci = ci();
    let fault = Fault::new(Cause::PermissionDenied, "iam:GetRolePolicy was denied");
    RoleReview {
        entry: RoleEntry {
            arn: RoleArn::parse(&format!("arn:aws:iam::{ACCOUNT}:role/Okteto")).unwrap(),
            name: "Okteto".to_owned(),
            boundary: None,
            last_use: LastUse::Never,
            unread: Some(fault.request(Some("r-1"))),
            ..ci.entry
        },
        trust: Trust {
            issuers: vec![IssuerSeen { name: GKE.to_owned(), kind: IssuerKind::Gke }],
            audience: "okteto.example.com".to_owned(),
            subject: "system:serviceaccount:okteto:okteto".to_owned(),
            real: "the service account okteto/okteto of one cluster, for okteto.example.com"
                .to_owned(),
            is_okteto: true,
            ..Trust::default()
        },
        rights: None,
        found: Vec::new(),
    }
}

fn puller() -> UserReview {
    let entry = UserEntry {
        arn: UserArn::parse(&format!("arn:aws:iam::{ACCOUNT}:user/puller")).unwrap(),
        name: "puller".to_owned(),
        path: "/".to_owned(),
        created_at: None,
        boundary: None,
        attached: Vec::new(),
        inline: BTreeMap::new(),
        groups: vec!["devs".to_owned()],
        tags: BTreeMap::new(),
        keys: Some(vec![SeenKey {
            id: KeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap(),
            status: KeyStatus::Active,
            created_at: Some(1_718_000_000),
            last_use: LastUse::At(1_760_000_000, "ecr".to_owned()),
        }]),
        has_password: Some(false),
        unread: None,
    };
    UserReview { entry, rights: Rights::default(), found: vec![old_key()] }
}

fn providers() -> [ProviderReview; 2] {
    [GITHUB, GKE].map(|name| {
        let account = AccountId::parse(ACCOUNT).unwrap();
        let arn = ProviderArn::of(Partition::Aws, &account, name);
        let is_github = name == GITHUB;
        let seen = SeenProvider {
            arn: arn.clone(),
            url: name.to_owned(),
            audiences: vec!["sts.amazonaws.com".to_owned(), "b".to_owned()],
            created_at: Some(1_700_000_000),
            tags: BTreeMap::new(),
        };
        ProviderReview {
            arn,
            seen: Ok(seen),
            trusted_by: if is_github { vec!["ci".to_owned()] } else { Vec::new() },
            found: if is_github { Vec::new() } else { vec![unused()] },
        }
    })
}

/// One of each severity but `note`; one accepted, one expired, one acceptance of what is no more; a gap.
pub fn review() -> Review {
    let gone = found(On::Account, "quota-near", Severity::Low, "950 of 1000 roles");
    let accepted = vec![
        accepted(&pushes(), "PLAT-12, until the move", date(2027, 3, 31)),
        accepted(&root_key(), "break glass", date(2026, 10, 1)),
        accepted(&gone, "a quota was asked for", date(2027, 1, 1)),
    ];
    let triage = Triage {
        file: PathBuf::from("okteto-ecr-accepted.toml"),
        accepted,
        known: None,
        today: date(2026, 11, 28),
    };
    let fault = Fault::new(Cause::PermissionDenied, "iam:GetLoginProfile was denied");
    let gaps = vec![Gap {
        part: Part::Users,
        what: "the users' passwords".to_owned(),
        fault: fault.request(Some("r-2")),
    }];
    Review {
        roles: vec![Arc::new(okteto()), Arc::new(ci())],
        users: vec![Arc::new(puller())],
        providers: providers().map(Arc::new).to_vec(),
        account: vec![root_key()],
        counts: Counts { roles: 12, left_out: 3, trusting: 2, total: Some(15), users: 4 },
        gaps,
        triage: Ok(triage),
        ..empty()
    }
}

/// The same, compared with an earlier one.
pub fn compared() -> Review {
    let mut review = review();
    review.gaps = Vec::new();
    let gone = found(On::Role("old".to_owned()), "may-push", Severity::High, "it pushed");
    let known = [pushes(), root_key(), old_key(), gone];
    let known = known.iter().map(|found| (found.fingerprint(), Known::of(found))).collect();
    if let Ok(triage) = &mut review.triage {
        triage.known = Some(known);
    }
    review
}

/// An account without anything.
pub fn empty() -> Review {
    Review {
        caller: Caller {
            account: AccountId::parse(ACCOUNT).unwrap(),
            arn: format!("arn:aws:iam::{ACCOUNT}:user/dana"),
            partition: Partition::Aws,
        },
        read_at: 1_795_000_000,
        roles: Vec::new(),
        users: Vec::new(),
        providers: Vec::new(),
        account: Vec::new(),
        repositories: Vec::new(),
        counts: Counts::default(),
        gaps: Vec::new(),
        triage: Ok(Triage {
            file: PathBuf::from("okteto-ecr-accepted.toml"),
            accepted: Vec::new(),
            known: None,
            today: date(2026, 11, 28),
        }),
    }
}
