//! What the account holds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;

use super::Principal;
use super::spread::Spread;
use crate::practice::issuer::Issuer;
use crate::practice::scene::Scene;

/// Everything. Names of users and roles are unique without regard to case, so those maps are by small letters.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// Twelve digits.
    pub(super) account: String,
    /// Where its registry is.
    pub(super) region: String,
    /// By ARN.
    pub(super) providers: BTreeMap<String, Provider>,
    /// By name in small letters.
    pub(super) roles: BTreeMap<String, Role>,
    /// By name in small letters.
    pub(super) users: BTreeMap<String, User>,
    /// By ARN: AWS's own and the account's.
    pub(super) policies: BTreeMap<String, Managed>,
    /// By access key id: long-term keys of users and temporary ones of sessions.
    pub(super) keys: BTreeMap<String, Key>,
    /// By name.
    pub(super) repositories: BTreeMap<String, Repository>,
    /// The world's issuers, by URL, whether or not the account trusts them.
    pub(super) issuers: BTreeMap<String, Issuer>,
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

/// What users and roles have in common.
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
    /// Id of the version in force.
    pub(super) default: String,
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
    /// Documents of its own policies, inline and managed.
    pub(super) identity: Vec<String>,
    /// Document of its permissions boundary.
    pub(super) boundary: Option<String>,
    /// The session policy.
    pub(super) session: Option<String>,
}

impl State {
    /// What the scene puts there.
    pub(super) fn new(scene: &Scene) -> Self {
        let issuers = scene.issuers.iter().map(|url| (url.clone(), Issuer::new(url))).collect();
        Self {
            account: scene.account.clone(),
            region: scene.region.clone(),
            providers: BTreeMap::new(),
            roles: BTreeMap::new(),
            users: BTreeMap::new(),
            policies: BTreeMap::new(),
            keys: BTreeMap::new(),
            repositories: BTreeMap::new(),
            issuers,
            logins: BTreeMap::new(),
        }
    }

    /// What decides on what a principal may do; `None` if it is gone.
    pub(super) fn papers(&self, of: &Principal, now: Timestamp) -> Option<Papers> {
        let _ = (of, now);
        None
    }
}
