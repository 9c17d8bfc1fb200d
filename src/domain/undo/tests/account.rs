//! A small account: what a call leaves in it, by AWS's rules, and the journal that a run keeps of its calls.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::arn::{PolicyArn, ProviderArn, RoleArn, UserArn};
use crate::domain::intent::Intent;
use crate::domain::inventory::{Holdings, Inventory, SeenProvider, SeenRole, SeenUser};
use crate::domain::journal::{
    Began, Ended, Format, Header, Journal, Outcome, Past, Purpose, Record, Session,
};
use crate::domain::key::{KeyId, KeyStatus, LastUse, SeenKey};
use crate::domain::operation::Operation;
use crate::domain::plan::{Choices, Plan, Planned, Stamp, plan};
use crate::domain::principal::Principal;
use crate::domain::sample;

pub const RUN: &str = "20261123-204512-x7k2";

/// What the account has, and the journal of the run.
#[derive(Debug, Clone, Default)]
pub struct Account {
    pub held: Holdings,
    pub lines: Vec<Record>,
    calls: u64,
    keys: usize,
}

/// Policies attached, policies inline, tags and boundary of a role or user.
type Parts<'a> = (
    &'a mut Vec<PolicyArn>,
    &'a mut BTreeMap<String, String>,
    &'a mut BTreeMap<String, String>,
    &'a mut Option<PolicyArn>,
);

pub fn key(number: usize) -> KeyId {
    KeyId::parse(&format!("AKIA{number:016}")).unwrap()
}

pub fn seen_key(id: KeyId, status: KeyStatus) -> SeenKey {
    SeenKey { id, status, created_at: None, last_use: LastUse::Never }
}

pub fn seen_role(name: &str, trust: &str) -> SeenRole {
    SeenRole {
        arn: RoleArn(format!("arn:aws:iam::112233445566:role/{name}")),
        name: name.to_owned(),
        path: "/".to_owned(),
        trust: trust.to_owned(),
        created_at: None,
        tags: BTreeMap::new(),
        description: None,
        max_session_seconds: 3600,
        boundary: None,
        attached: Vec::new(),
        inline: BTreeMap::new(),
    }
}

pub fn seen_user(name: &str) -> SeenUser {
    SeenUser {
        arn: UserArn(format!("arn:aws:iam::112233445566:user/{name}")),
        name: name.to_owned(),
        path: "/".to_owned(),
        created_at: None,
        tags: BTreeMap::new(),
        boundary: None,
        attached: Vec::new(),
        inline: BTreeMap::new(),
        groups: Vec::new(),
        has_password: Some(false),
        keys: Vec::new(),
    }
}

impl Account {
    pub fn role(&mut self, name: &str) -> &mut SeenRole {
        self.held.roles.get_mut(name).unwrap()
    }

    pub fn user(&mut self, name: &str) -> &mut SeenUser {
        self.held.users.get_mut(name).unwrap()
    }

    pub fn provider(&mut self) -> &mut SeenProvider {
        self.held.providers.values_mut().next().unwrap()
    }

    fn parts(&mut self, of: &Principal) -> Parts<'_> {
        match of {
            Principal::Role(name) => {
                let role = self.role(name);
                (&mut role.attached, &mut role.inline, &mut role.tags, &mut role.boundary)
            }
            Principal::User(name) => {
                let user = self.user(name);
                (&mut user.attached, &mut user.inline, &mut user.tags, &mut user.boundary)
            }
        }
    }

    /// Carries out a call. The id of the key that it made.
    pub fn perform(&mut self, operation: &Operation) -> Option<KeyId> {
        match operation {
            Operation::CreateProvider { issuer, audiences, tags } => {
                let account = sample::caller().account;
                let arn = issuer.provider_arn(sample::caller().partition, &account);
                let made = SeenProvider {
                    arn: arn.clone(),
                    url: issuer.name().to_owned(),
                    audiences: audiences.iter().map(ToString::to_string).collect(),
                    created_at: None,
                    tags: tags.clone(),
                };
                assert!(self.held.providers.insert(arn, made).is_none());
            }
            Operation::AddAudience { provider, audience } => {
                let there = self.held.providers.get_mut(provider).unwrap();
                there.audiences.push(audience.to_string());
            }
            Operation::RemoveAudience { provider, audience } => {
                let there = self.held.providers.get_mut(provider).unwrap();
                there.audiences.retain(|one| one != audience.as_str());
            }
            Operation::DeleteProvider { provider } => {
                self.held.providers.remove(provider).unwrap();
            }
            Operation::CreateRole {
                role,
                trust,
                description,
                max_session_seconds,
                boundary,
                tags,
                ..
            } => {
                let made = SeenRole {
                    description: description.clone(),
                    max_session_seconds: max_session_seconds.unwrap_or(3600),
                    boundary: boundary.clone(),
                    tags: tags.clone(),
                    ..seen_role(role.as_str(), trust)
                };
                assert!(self.held.roles.insert(role.to_string(), made).is_none());
            }
            Operation::CreateUser { user, boundary, tags, .. } => {
                let made = SeenUser {
                    boundary: boundary.clone(),
                    tags: tags.clone(),
                    ..seen_user(user.as_str())
                };
                assert!(self.held.users.insert(user.to_string(), made).is_none());
            }
            Operation::DeleteRole { role } => {
                let gone = self.held.roles.remove(role).unwrap();
                assert!(gone.attached.is_empty() && gone.inline.is_empty(), "{gone:?}");
            }
            Operation::DeleteUser { user } => {
                let gone = self.held.users.remove(user).unwrap();
                let is_bare = gone.attached.is_empty() && gone.inline.is_empty();
                assert!(is_bare && gone.keys.is_empty() && gone.groups.is_empty(), "{gone:?}");
            }
            Operation::UpdateTrust { role, trust } => self.role(role).trust.clone_from(trust),
            Operation::UpdateRole { role, description, max_session_seconds } => {
                let role = self.role(role);
                role.description = description.clone().filter(|text| !text.is_empty());
                role.max_session_seconds = max_session_seconds.unwrap_or(3600);
            }
            Operation::CreateAccessKey { user, .. } => {
                self.keys += 1;
                let id = key(self.keys);
                self.user(user).keys.push(seen_key(id.clone(), KeyStatus::Active));
                return Some(id);
            }
            Operation::SetKeyStatus { user, key, status } => {
                let keys = &mut self.user(user).keys;
                keys.iter_mut().find(|there| there.id == *key).unwrap().status = *status;
            }
            Operation::DeleteAccessKey { user, key } => {
                self.user(user).keys.retain(|there| there.id != *key);
            }
            Operation::AttachPolicy { to, policy } => self.parts(to).0.push(policy.clone()),
            Operation::DetachPolicy { from, policy } => {
                self.parts(from).0.retain(|there| there != policy);
            }
            Operation::PutInlinePolicy { on, name, document } => {
                self.parts(on).1.insert(name.clone(), document.clone());
            }
            Operation::DeleteInlinePolicy { on, name } => {
                self.parts(on).1.remove(name).unwrap();
            }
            Operation::Tag { on, tags } => self.parts(on).2.extend(tags.clone()),
            Operation::Untag { on, keys } => self.parts(on).2.retain(|key, _| !keys.contains(key)),
            Operation::PutBoundary { on, boundary } => *self.parts(on).3 = Some(boundary.clone()),
            Operation::DeleteBoundary { on } => *self.parts(on).3 = None,
        }
        None
    }

    /// The same as a look at the account would have it.
    pub fn seen(&self) -> Holdings {
        let names = |role: &SeenRole, arn: &ProviderArn| role.trust.contains(&format!("{arn}\""));
        let arn = sample::intent().provider_arn();
        let trusting = self.held.roles.values().filter(|role| names(role, &arn));
        let trusting = trusting.map(|role| (role.name.clone(), role.trust.clone())).collect();
        Holdings { trusting: Some(Ok(trusting)), ..self.held.clone() }
    }

    pub fn inventory(&self, intent: &Intent) -> Inventory {
        let name = intent.principal();
        let provider = intent.oidc().and_then(|oidc| self.held.providers.get(&oidc.provider_arn()));
        Inventory {
            provider: provider.cloned(),
            role: self.held.roles.get(name.name()).filter(|_| intent.oidc().is_some()).cloned(),
            user: self.held.users.get(name.name()).filter(|_| intent.user().is_some()).cloned(),
            ..Inventory::default()
        }
    }

    pub fn plan(&self, intent: &Intent, choices: &Choices) -> Plan {
        let stamp = Stamp { run: RUN.to_owned(), version: "0.1.0".to_owned() };
        plan(intent, &self.inventory(intent), &sample::caller(), &stamp, choices)
    }

    /// A process goes to work.
    pub fn session(&mut self, purpose: Purpose) {
        self.lines.push(Record::Session(Session {
            at: "2026-11-23T20:45:12Z".to_owned(),
            program: "0.1.0".to_owned(),
            caller: sample::caller().arn,
            purpose,
            calls: Vec::new(),
        }));
    }

    /// Carries out a step and keeps its journal: whether it was carried out, and whether its end was written.
    pub fn step(&mut self, step: &Planned, happens: bool, is_answered: bool) {
        let Some(operation) = &step.operation else { return };
        self.calls += 1;
        let n = self.calls;
        self.lines.push(Record::Began(Began {
            at: "2026-11-23T20:45:13Z".to_owned(),
            n,
            id: step.id.word().to_owned(),
            call: operation.call().to_owned(),
            summary: step.summary.clone(),
            request: operation.request(),
            before: step.before.clone(),
        }));
        let made = if happens { self.perform(operation) } else { None };
        if is_answered {
            self.ended(n, made.as_ref());
        }
    }

    fn ended(&mut self, n: u64, made: Option<&KeyId>) {
        self.lines.push(Record::Ended(Ended {
            at: "2026-11-23T20:45:14Z".to_owned(),
            n,
            outcome: Outcome::Done,
            effect: None,
            arn: None,
            key: made.map(ToString::to_string),
            request_id: None,
            cause: None,
            message: None,
        }));
    }

    /// Carries out all of these.
    pub fn steps<'a>(&mut self, purpose: Purpose, steps: impl IntoIterator<Item = &'a Planned>) {
        self.session(purpose);
        for step in steps {
            self.step(step, true, true);
        }
    }

    pub fn apply(&mut self, intent: &Intent, choices: &Choices) {
        let plan = self.plan(intent, choices);
        assert_eq!(plan.conflicts().count(), 0, "{:?}", plan.steps);
        self.steps(Purpose::Apply, &plan.steps);
    }

    /// What the run has come to, as its file would say.
    pub fn past(&self) -> Past {
        self.past_as("oidc")
    }

    /// The same of a run that mended.
    pub fn past_as(&self, mode: &str) -> Past {
        let header = Header {
            format: Format::OURS,
            program: "0.1.0".to_owned(),
            run: RUN.to_owned(),
            account: "112233445566".to_owned(),
            partition: "aws".to_owned(),
            region: "us-east-2".to_owned(),
            caller: sample::caller().arn,
            mode: mode.to_owned(),
            about: "role my-private-registry".to_owned(),
            registry: sample::HOST.to_owned(),
            began: "2026-11-23T20:45:12Z".to_owned(),
        };
        let line = |value: Value| value.to_string() + "\n";
        let mut text = line(serde_json::to_value(&header).unwrap());
        for record in &self.lines {
            text += &line(serde_json::to_value(record).unwrap());
        }
        Past::of(&Journal::read(&text).unwrap())
    }
}
