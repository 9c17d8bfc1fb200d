//! What an exercise puts into the account, behind AWS's back: it is not held against AWS's rules, so that what AWS would
//! refuse, or took long ago, can be there to be found.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::iam::thumbprint_of;
use super::spread::Spread;
use super::state::{Identity, Key, Provider, Role, State, User, fold};
use super::{Account, Principal, random};
use crate::domain::exercise::world::{self, World};
use crate::domain::key::KeyId;
use crate::domain::secret::AccessKey;
use crate::practice::scene::{FOUNDED, Scene};

/// Session length of a role that says none (IAM API reference, `CreateRole`).
const SESSION: i64 = 3600;

impl State {
    /// Puts the providers, roles and users of the scene's world there.
    pub(super) fn furnish(&mut self, scene: &Scene) {
        let World { providers, roles, users, .. } = &scene.world;
        for provider in providers {
            let issuer = provider.issuer.as_deref().unwrap_or_else(|| scene.issuer());
            let url = issuer.strip_prefix("https://").unwrap_or(issuer).to_owned();
            let arn = self.arn("oidc-provider", "/", &url);
            let provider = Provider {
                audiences: Spread::settled(provider.audiences.clone()),
                thumbprints: vec![thumbprint_of(&url)],
                created: FOUNDED,
                tags: Vec::new(),
                url,
            };
            self.providers.insert(arn, provider);
        }
        for role in roles {
            self.cast(role, scene.opened);
        }
        for user in users {
            self.hire(user, scene.opened);
        }
    }

    fn cast(&mut self, role: &world::Role, opened: Timestamp) {
        let after = SignedDuration::from_secs(i64::try_from(role.spreads_for).unwrap_or(i64::MAX));
        let arn = self.arn("role", "/", &role.name);
        let created = before(opened, role.days);
        let mut identity = Identity::new(&role.name, "/", random::id("AROA"), arn, created);
        let inline: BTreeMap<String, String> = role.inline.iter().cloned().collect();
        identity.attached = arriving(opened, after, self.managed(&role.attached));
        identity.inline = arriving(opened, after, inline);
        identity.tags.clone_from(&role.tags);
        let used = role.used_days_ago.map(|days| (before(opened, days), self.region.clone()));
        let made = Role {
            identity,
            there: arriving(opened, after, true),
            trust: arriving(opened, after, role.trust.clone()),
            description: None,
            max_session_seconds: SESSION,
            last_used: used,
        };
        self.roles.insert(fold(&role.name), made);
    }

    fn hire(&mut self, user: &world::User, opened: Timestamp) {
        let arn = self.arn("user", "/", &user.name);
        // Nobody is younger than his keys.
        let made = user.keys.iter().map(|key| before(opened, key.days)).min();
        let created = made.map_or(FOUNDED, |key| key.min(FOUNDED));
        let mut identity = Identity::new(&user.name, "/", random::id("AIDA"), arn, created);
        identity.attached = Spread::settled(self.managed(&user.attached));
        self.users.insert(fold(&user.name), User::new(identity));
        for key in &user.keys {
            let last = key.used_days_ago.map(|days| before(opened, days));
            let status = if key.inactive { "Inactive" } else { "Active" };
            let made = Key {
                secret: random::secret(),
                of: Principal::User(user.name.clone()),
                created: before(opened, key.days),
                status: Spread::settled(Some(status)),
                session: None,
                last_used: last.map(|at| (at, "ecr".to_owned(), self.region.clone())),
            };
            let id = random::key_id("AKIA");
            if key.in_secret {
                self.in_secret = Some(id.clone());
            }
            self.keys.insert(id, made);
        }
    }

    /// Policies by their ARNs, or AWS's own by their names.
    fn managed(&self, policies: &[String]) -> Vec<String> {
        let partition = self.partition();
        let arn = |text: &String| {
            if text.starts_with("arn:") {
                text.clone()
            } else {
                format!("arn:{partition}:iam::aws:policy/{text}")
            }
        };
        policies.iter().map(arn).collect()
    }
}

impl Account {
    /// The access key that the scene has Okteto's Secret hold.
    #[must_use]
    pub fn secret_key(&self) -> Option<AccessKey> {
        let id = self.state.in_secret.as_ref()?;
        let key = self.state.keys.get(id)?;
        Some(AccessKey { id: KeyId::parse(id).ok()?, secret: key.secret.clone() })
    }

    /// What the scene attaches and is not there, such as a policy whose name is misspelt.
    #[must_use]
    pub fn unknown_policy(&self) -> Option<&str> {
        let identities = self.state.roles.values().map(|role| &role.identity);
        let all = identities.chain(self.state.users.values().map(|user| &user.identity));
        all.filter_map(|identity| identity.attached.latest())
            .flatten()
            .find(|arn| !self.state.policies.contains_key(*arn))
            .map(String::as_str)
    }
}

/// So many days before.
fn before(opened: Timestamp, days: u32) -> Timestamp {
    opened.saturating_sub(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(opened)
}

/// What is seen everywhere once it has spread; at once where that takes no time.
fn arriving<T>(opened: Timestamp, after: SignedDuration, value: T) -> Spread<T> {
    if after.is_zero() { Spread::settled(value) } else { Spread::arriving(opened, after, value) }
}
