//! What the account holds.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use secrecy::SecretString;

use super::spread::Spread;
use super::{Principal, managed, random};
use crate::domain::partition::{Partition, Region};
use crate::practice::issuer::Issuer;
use crate::practice::scene::{Actor, FOUNDED, Scene};

/// A document that allows nothing.
const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// Everything. Names of users and roles are unique without regard to case, so those maps are by small letters.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// Twelve digits.
    pub(super) account: String,
    /// Where its registry is.
    pub(super) region: String,
    /// Whose registry it is: its own or another account's. What it has of its own is then empty.
    pub(super) registry: String,
    /// By ARN.
    pub(super) providers: BTreeMap<String, Provider>,
    /// By name in small letters.
    pub(super) roles: BTreeMap<String, Role>,
    /// How many roles there may be.
    pub(super) role_quota: usize,
    /// By name in small letters.
    pub(super) users: BTreeMap<String, User>,
    /// By name in small letters.
    pub(super) groups: BTreeMap<String, Group>,
    /// By ARN: AWS's own and the account's.
    pub(super) policies: BTreeMap<String, Managed>,
    /// By access key id: long-term keys of users and temporary ones of sessions.
    pub(super) keys: BTreeMap<String, Key>,
    /// The operator's key from the start, by its id: what leads to the account, whatever becomes of it.
    way: Option<(String, Key)>,
    /// Id of the key that Okteto's Secret holds at the start.
    pub(super) in_secret: Option<String>,
    /// By name.
    pub(super) repositories: BTreeMap<String, Repository>,
    /// The world's issuers, by URL, whether or not the account trusts them.
    pub(super) issuers: BTreeMap<String, Issuer>,
    /// Uploads to the registry that were begun and not cancelled: their repository, by id.
    pub(super) uploads: BTreeMap<String, String>,
    /// Passwords of registry logins in force, with whose they are.
    pub(super) logins: BTreeMap<String, Pass>,
}

/// An IAM OIDC provider.
#[derive(Debug, Clone)]
pub(super) struct Provider {
    /// Without `https://`, as IAM gives it back.
    pub(super) url: String,
    pub(super) audiences: Spread<Vec<String>>,
    pub(super) thumbprints: Vec<String>,
    pub(super) created: Timestamp,
    pub(super) tags: Vec<(String, String)>,
}

/// What users, roles and groups have in common.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) path: String,
    /// `AIDA…`, `AROA…`
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) created: Timestamp,
    pub(super) tags: Vec<(String, String)>,
    /// ARNs of managed policies, in the order they were attached.
    pub(super) attached: Spread<Vec<String>>,
    /// Inline policies: name and document as sent.
    pub(super) inline: Spread<BTreeMap<String, String>>,
    /// ARN of the permissions boundary.
    pub(super) boundary: Spread<Option<String>>,
}

/// An IAM role.
#[derive(Debug, Clone)]
pub(super) struct Role {
    pub(super) identity: Identity,
    /// Whether STS knows it yet.
    pub(super) there: Spread<bool>,
    /// The trust policy as sent.
    pub(super) trust: Spread<String>,
    pub(super) description: Option<String>,
    /// 3600 to 43,200.
    pub(super) max_session_seconds: i64,
    /// When and in which region a session was last used.
    pub(super) last_used: Option<(Timestamp, String)>,
}

/// An IAM user.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) identity: Identity,
    /// The groups it is in, by their names in small letters.
    pub(super) groups: BTreeSet<String>,
    /// When it was given a password for the console.
    pub(super) password: Option<Timestamp>,
}

/// An IAM group. It has neither tags nor a boundary.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) identity: Identity,
}

/// A managed policy.
#[derive(Debug, Clone)]
pub(super) struct Managed {
    pub(super) name: String,
    pub(super) path: String,
    /// `ANPA…`
    pub(super) id: String,
    pub(super) description: Option<String>,
    pub(super) created: Timestamp,
    pub(super) tags: Vec<(String, String)>,
    /// Version id (`v1`), document, when made; the oldest first.
    pub(super) versions: Vec<(String, String, Timestamp)>,
    /// Number of the newest version ever made: numbers are not used again.
    pub(super) newest: usize,
    /// Id of the version in force.
    pub(super) default: String,
    /// The document of that version, as it spreads.
    pub(super) in_force: Spread<String>,
}

/// An access key.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) secret: SecretString,
    pub(super) of: Principal,
    pub(super) created: Timestamp,
    /// `Active`, `Inactive` or `Expired`; what STS and ECR do not see yet is unknown to them.
    pub(super) status: Spread<Option<&'static str>>,
    /// Of a temporary key: the session token that must come with it, and its end.
    pub(super) session: Option<(SecretString, Timestamp)>,
    /// When, for which service and in which region it last signed a call.
    pub(super) last_used: Option<(Timestamp, String, String)>,
}

/// A repository of the registry.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    pub(super) name: String,
    pub(super) created: Timestamp,
    pub(super) policy: Option<String>,
    pub(super) images: Vec<crate::practice::scene::Picture>,
}

/// A registry login: whose it is, where it counts, and until when.
#[derive(Debug, Clone)]
pub(super) struct Pass {
    pub(super) of: Principal,
    pub(super) region: String,
    pub(super) ends: Timestamp,
}

/// What decides on what somebody may do.
#[derive(Debug, Clone, Default)]
pub(super) struct Papers {
    /// ARN, as it stands in sentences of refusal: a user's, or `arn:aws:sts::…:assumed-role/ROLE/SESSION`.
    pub(super) arn: String,
    /// ARN of the user or role itself.
    pub(super) identity_arn: String,
    /// Documents of its own policies and its groups', inline and managed.
    pub(super) identity: Vec<String>,
    /// Document of its permissions boundary.
    pub(super) boundary: Option<String>,
    /// The session policy.
    pub(super) session: Option<String>,
}

impl Identity {
    /// Somebody new, without policies.
    pub(super) fn new(name: &str, path: &str, id: String, arn: String, now: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            id,
            arn,
            created: now,
            tags: Vec::new(),
            attached: Spread::settled(Vec::new()),
            inline: Spread::settled(BTreeMap::new()),
            boundary: Spread::settled(None),
        }
    }
}

impl User {
    /// In no group, without a password.
    pub(super) fn new(identity: Identity) -> Self {
        Self { identity, groups: BTreeSet::new(), password: None }
    }
}

impl State {
    /// What the scene puts there.
    pub(super) fn new(scene: &Scene) -> Self {
        let mut state = Self {
            account: scene.account.clone(),
            region: scene.region.clone(),
            registry: scene.registry_account.clone().unwrap_or_else(|| scene.account.clone()),
            providers: BTreeMap::new(),
            roles: BTreeMap::new(),
            role_quota: scene.role_quota,
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            policies: BTreeMap::new(),
            keys: BTreeMap::new(),
            way: None,
            in_secret: None,
            repositories: BTreeMap::new(),
            issuers: scene.issuers.iter().map(|url| (url.clone(), Issuer::new(url))).collect(),
            uploads: BTreeMap::new(),
            logins: BTreeMap::new(),
        };
        state.policies.extend(managed::policies(state.partition()));
        state.furnish(scene);
        for actor in &scene.users {
            let key = state.enter(actor);
            state.way.get_or_insert(key);
        }
        state.repositories.extend(scene.repositories.iter().map(|shelf| {
            let repository = Repository {
                name: shelf.name.clone(),
                created: FOUNDED,
                policy: shelf.policy.clone(),
                images: shelf.images.clone(),
            };
            (shelf.name.clone(), repository)
        }));
        state
    }

    /// A user of the scene, with one key.
    fn enter(&mut self, actor: &Actor) -> (String, Key) {
        let arn = self.arn("user", "/", &actor.name);
        let mut identity = Identity::new(&actor.name, "/", random::id("AIDA"), arn, FOUNDED);
        identity.attached = Spread::settled(actor.attached.clone());
        identity.inline = Spread::settled(actor.inline.iter().cloned().collect());
        identity.boundary = Spread::settled(actor.boundary.clone());
        self.users.insert(fold(&actor.name), User::new(identity));
        let key = Key {
            secret: random::secret(),
            of: Principal::User(actor.name.clone()),
            created: FOUNDED,
            status: Spread::settled(Some("Active")),
            session: None,
            last_used: None,
        };
        let id = random::key_id("AKIA");
        self.keys.insert(id.clone(), key.clone());
        (id, key)
    }

    /// Takes over what leads to the account: the operator's key, and the keys of the same issuers.
    pub(super) fn keep_ways(&mut self, old: &Self, scene: &Scene) {
        for (url, issuer) in &mut self.issuers {
            if let Some(known) = old.issuers.get(url) {
                *issuer = known.clone();
            }
        }
        // The operator's own, even if it was switched off or deleted since.
        let (Some(operator), Some((id, key))) = (scene.users.first(), &old.way) else { return };
        let key = Key { of: Principal::User(operator.name.clone()), ..key.clone() };
        if let Some((fresh, _)) = self.way.replace((id.clone(), key.clone())) {
            self.keys.remove(&fresh);
        }
        self.keys.insert(id.clone(), key);
    }

    /// The partition of the account, as ARNs have it.
    pub(super) fn partition(&self) -> &'static str {
        Region::parse(&self.region).map_or(Partition::Aws, |r| Partition::of_region(&r)).id()
    }

    /// An ARN of this account's IAM: `role`, `/path/`, `name`.
    pub(super) fn arn(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:{}:iam::{}:{kind}{path}{name}", self.partition(), self.account)
    }

    /// What decides on what a principal may do, as far as it has spread; `None` if the principal is gone. IAM judges
    /// its own callers from the same copies as STS and ECR do.
    pub(super) fn papers(&self, of: &Principal, now: Timestamp) -> Option<Papers> {
        let mut bearers: Vec<&Identity> = Vec::new();
        let (identity, arn, session) = match of {
            Principal::User(name) => {
                let user = self.users.get(&fold(name))?;
                let groups = user.groups.iter().filter_map(|group| self.groups.get(group));
                bearers.extend(groups.map(|group| &group.identity));
                (&user.identity, user.identity.arn.clone(), None)
            }
            Principal::Session { role_id, role, session, policy } => {
                let identity =
                    &self.roles.get(&fold(role)).filter(|r| r.identity.id == *role_id)?.identity;
                let arn = format!(
                    "arn:{}:sts::{}:assumed-role/{}/{session}",
                    self.partition(),
                    self.account,
                    identity.name,
                );
                (identity, arn, policy.clone())
            }
        };
        let managed = |arn: &String| Some(self.policies.get(arn)?.in_force.seen(now)?.clone());
        bearers.push(identity);
        let policies = bearers.into_iter().flat_map(|bearer| {
            let inline = bearer.inline.seen(now).into_iter().flat_map(BTreeMap::values).cloned();
            inline.chain(bearer.attached.seen(now).into_iter().flatten().filter_map(managed))
        });
        // A boundary that is not there allows nothing.
        let boundary = identity.boundary.seen(now).and_then(Option::as_ref);
        Some(Papers {
            arn,
            identity_arn: identity.arn.clone(),
            identity: policies.collect(),
            boundary: boundary.map(|arn| managed(arn).unwrap_or_else(|| NOTHING.to_owned())),
            session,
        })
    }
}

/// A name as the maps of users and roles have it: they are unique without regard to case (IAM user guide, "IAM and STS
/// quotas").
pub(super) fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}
