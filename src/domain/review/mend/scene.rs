//! For tests: a small account as it was reviewed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Ground, Mend, holdings, plan};
use crate::domain::arn::{PolicyArn, RoleArn, UserArn};
use crate::domain::finding::{Finding, Severity};
use crate::domain::intent::Caller;
use crate::domain::inventory::{Holdings, RUN_TAG, SeenProvider};
use crate::domain::key::KeyStatus;
use crate::domain::operation::Operation;
use crate::domain::partition::Partition;
use crate::domain::plan::Stamp;
use crate::domain::review::account::{RoleEntry, UserEntry};
use crate::domain::review::found::{Found, On};
use crate::domain::review::rights::Rights;
use crate::domain::review::role::{RoleReview, Trust};
use crate::domain::review::{ProviderReview, UserReview};
use crate::domain::sample;
use crate::domain::trust::Given;
use crate::domain::trust::admit::Meant;
use crate::domain::trust::lint::lint;
use crate::domain::undo::tests::account::{Account, key, seen_key};

pub const READ_ONLY: &str = "AmazonEC2ContainerRegistryReadOnly";
pub const PULL_ONLY: &str = "AmazonEC2ContainerRegistryPullOnly";
pub const POWER: &str = "AmazonEC2ContainerRegistryPowerUser";

/// What was read.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    pub roles: Vec<Arc<RoleReview>>,
    pub users: Vec<Arc<UserReview>>,
    pub providers: Vec<Arc<ProviderReview>>,
}

pub fn policy(name: &str) -> PolicyArn {
    PolicyArn::managed(Partition::Aws, name)
}

pub fn role(name: &str, trust: &str, is_ours: bool) -> RoleEntry {
    let tag = (RUN_TAG.to_owned(), "earlier".to_owned());
    RoleEntry {
        arn: RoleArn(format!("arn:aws:iam::112233445566:role/{name}")),
        name: name.to_owned(),
        path: "/".to_owned(),
        trust: trust.to_owned(),
        created_at: None,
        max_session_seconds: None,
        boundary: None,
        attached: vec![policy(READ_ONLY)],
        inline: BTreeMap::new(),
        tags: is_ours.then_some(tag).into_iter().collect(),
        last_use: crate::domain::key::LastUse::Never,
        unread: None,
    }
}

pub fn user(name: &str) -> UserEntry {
    UserEntry {
        arn: UserArn(format!("arn:aws:iam::112233445566:user/{name}")),
        name: name.to_owned(),
        path: "/".to_owned(),
        created_at: None,
        boundary: None,
        attached: vec![policy(READ_ONLY)],
        inline: BTreeMap::new(),
        groups: Vec::new(),
        tags: BTreeMap::new(),
        keys: Some(vec![seen_key(key(1), KeyStatus::Active), seen_key(key(2), KeyStatus::Active)]),
        has_password: Some(false),
        unread: None,
    }
}

/// A trust policy of the sample's provider.
pub fn trust(version: &str, operator: &str, conditions: &[(&str, &str)]) -> String {
    let name = sample::intent().issuer.name().to_owned();
    let pins: serde_json::Map<String, serde_json::Value> =
        conditions.iter().map(|(key, value)| (format!("{name}:{key}"), (*value).into())).collect();
    serde_json::json!({"Version": version, "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": sample::intent().provider_arn().as_str()},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {operator: pins},
    }]})
    .to_string()
}

pub const BOTH: [(&str, &str); 2] = [("aud", sample::AUDIENCE), ("sub", sample::SUBJECT)];

pub fn sound() -> String {
    trust("2012-10-17", "StringEquals", &BOTH)
}

/// Old, and with an operator that needs no wildcard: two rules, each with a document that mends it.
pub fn doubly_wrong() -> String {
    trust("2008-10-17", "StringLike", &BOTH)
}

impl Scene {
    pub fn with_role(mut self, entry: RoleEntry) -> Self {
        let trust = Trust::default();
        self.roles.push(Arc::new(RoleReview { entry, trust, rights: None, found: Vec::new() }));
        self
    }

    pub fn with_user(mut self, entry: UserEntry) -> Self {
        let rights = Rights::default();
        self.users.push(Arc::new(UserReview { entry, rights, found: Vec::new() }));
        self
    }

    pub fn with_provider(mut self, audiences: &[&str]) -> Self {
        let arn = sample::intent().provider_arn();
        let seen = SeenProvider {
            arn: arn.clone(),
            url: arn.name().to_owned(),
            audiences: audiences.iter().map(|&text| text.to_owned()).collect(),
            created_at: None,
            tags: [("team".to_owned(), "platform".to_owned())].into(),
        };
        let (trusted_by, found) = (Vec::new(), Vec::new());
        self.providers.push(Arc::new(ProviderReview { arn, seen: Ok(seen), trusted_by, found }));
        self
    }

    pub fn plan(&self, wishes: &[Found]) -> Mend {
        let stamp = Stamp { run: "r-m1".to_owned(), version: "0.1.0".to_owned() };
        plan(wishes, &self.ground(&sample::caller(), &stamp))
    }

    pub fn ground<'a>(&'a self, caller: &'a Caller, stamp: &'a Stamp) -> Ground<'a> {
        let Self { roles, users, providers } = self;
        Ground { roles, users, providers, caller, region: "us-east-2", stamp }
    }

    /// The account that was read, and what is sent to it.
    pub fn account(&self) -> Account {
        let stamp = Stamp { run: String::new(), version: String::new() };
        let caller = sample::caller();
        let held = Holdings { trusting: None, ..holdings(&self.ground(&caller, &stamp)) };
        let mut account = Account::default();
        account.held = held;
        account
    }
}

pub fn found(on: On, rule: &'static str, calls: Vec<Operation>) -> Found {
    let finding = Finding {
        rule,
        severity: Severity::High,
        message: format!("{rule} is wrong."),
        place: "document".to_owned(),
        fix: None,
    };
    Found::new(on, finding).mended_by(format!("mend {rule}"), calls)
}

pub fn on_role(name: &str, rule: &'static str, calls: Vec<Operation>) -> Found {
    found(On::Role(name.to_owned()), rule, calls)
}

/// What the lint says of a role and can mend by a document.
pub fn trust_findings(entry: &RoleEntry) -> Vec<Found> {
    let given = Given::read(&entry.trust).unwrap();
    let mended = |finding: Finding| {
        let document = finding.fix.clone()?.document?;
        let call =
            Operation::UpdateTrust { role: entry.name.clone(), trust: format!("{document:#}") };
        let found = Found::new(On::Role(entry.name.clone()), finding);
        Some(Found { calls: vec![call], ..found })
    };
    lint(&given, &Meant::default()).into_iter().filter_map(mended).collect()
}
