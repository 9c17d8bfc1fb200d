//! What is asked of an account when it is looked at from behind, as the goals of exercises are. Questions that open a session
//! are put to a copy.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::input::Input;
use super::refusal::Refusal;
use super::state::{Identity, Key, fold};
use super::{Account, Ask, Principal, Service, permit};
use crate::domain::secret::{AccessKey, WebToken};

/// A role as it was written last, whether or not that has spread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its ARN.
    pub arn: String,
    /// The trust policy.
    pub trust: String,
    /// ARNs of managed policies, sorted.
    pub attached: Vec<String>,
    /// Inline policies: name and document.
    pub inline: BTreeMap<String, String>,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A provider as it was written last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenProvider {
    /// What it lists.
    pub audiences: Vec<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// What a pull takes of a repository (ECR user guide, "Required IAM permissions for pulling an image"); it takes
/// `ecr:GetAuthorizationToken` as well.
const PULL: [&str; 2] = ["BatchGetImage", "GetDownloadUrlForLayer"];

impl Account {
    /// A role.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<Seen> {
        let role = self.state.roles.get(&fold(name))?;
        let identity = &role.identity;
        let mut attached = identity.attached.latest().cloned().unwrap_or_default();
        attached.sort();
        Some(Seen {
            arn: identity.arn.clone(),
            trust: role.trust.latest().cloned().unwrap_or_default(),
            attached,
            inline: identity.inline.latest().cloned().unwrap_or_default(),
            boundary: identity.boundary.latest().cloned().flatten(),
            tags: identity.tags.iter().cloned().collect(),
        })
    }

    /// The provider of an issuer, `https://…`.
    #[must_use]
    pub fn provider(&self, issuer: &str) -> Option<SeenProvider> {
        let name = issuer.strip_prefix("https://").unwrap_or(issuer);
        let provider = self.state.providers.values().find(|provider| provider.url == name)?;
        Some(SeenProvider {
            audiences: provider.audiences.latest().cloned().unwrap_or_default(),
            tags: provider.tags.iter().cloned().collect(),
        })
    }

    /// The access keys of a user, by their ids, with their status.
    #[must_use]
    pub fn keys_of(&self, user: &str) -> BTreeMap<String, String> {
        let is_his = |of: &Principal| matches!(of, Principal::User(n) if fold(n) == fold(user));
        let keys = self.state.keys.iter();
        let keys = keys.filter(|(_, key)| key.session.is_none() && is_his(&key.of));
        let status = |key: &Key| key.status.latest().copied().flatten().unwrap_or_default();
        keys.map(|(id, key)| (id.clone(), status(key).to_owned())).collect()
    }

    /// Whose the registry is.
    #[must_use]
    pub fn registry(&self) -> &str {
        &self.state.registry
    }

    /// The account's own id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.state.account
    }

    /// Shows a token to STS for the role of this ARN. The session that it gives is one of this account: ask a copy.
    ///
    /// # Errors
    /// As STS refuses it.
    pub fn show_token(
        &mut self,
        now: Timestamp,
        role: &str,
        token: &WebToken,
    ) -> Result<Principal, Refusal> {
        let input = json!({
            "RoleArn": role, "RoleSessionName": "goal", "WebIdentityToken": token.expose(),
        });
        let answer = self.call(&Ask {
            now,
            service: Service::Sts,
            action: "AssumeRoleWithWebIdentity".to_owned(),
            region: self.state.region.clone(),
            caller: None,
            input: Input::from_json(input),
        })?;
        let text = |name: &str| answer["Credentials"][name].as_str().unwrap_or_default().to_owned();
        let (id, session) = (text("AccessKeyId"), text("SessionToken"));
        self.key(now, Service::Ecr, &id, Some(&session)).map(|(_, principal)| principal)
    }

    /// Whether somebody may log in to the registry and pull from one of its repositories.
    ///
    /// # Errors
    /// ECR's code and sentence.
    pub fn may_pull(
        &self,
        now: Timestamp,
        who: &Principal,
        repository: &str,
    ) -> Result<(), Refusal> {
        let login = Ask {
            now,
            service: Service::Ecr,
            action: "GetAuthorizationToken".to_owned(),
            region: self.state.region.clone(),
            caller: Some(who.clone()),
            input: Input::default(),
        };
        self.clone().call(&login)?;
        PULL.iter().try_for_each(|action| self.may(now, who, action, repository))?;
        let (registry, region) = (&self.state.registry, &self.state.region);
        if self.repository(registry, region, repository).is_none() {
            let message = super::ecr::absent(repository, registry);
            return Err(Refusal::new("RepositoryNotFoundException", message));
        }
        Ok(())
    }

    /// Whether somebody may do this, such as `PutImage`, in a repository of the registry.
    ///
    /// # Errors
    /// `AccessDeniedException` with AWS's sentence.
    pub fn may(
        &self,
        now: Timestamp,
        who: &Principal,
        action: &str,
        repository: &str,
    ) -> Result<(), Refusal> {
        let (registry, region) = (&self.state.registry, &self.state.region);
        let need = self.repository_need(registry, region, action, repository);
        permit::allows(self, who, now, &need)
            .map_err(|sentence| Refusal::new("AccessDeniedException", sentence))
    }

    /// A session of a role as it would be, whoever opened it.
    #[must_use]
    pub fn session_of(&self, role: &str) -> Option<Principal> {
        let identity = &self.state.roles.get(&fold(role))?.identity;
        Some(Principal::Session {
            role_id: identity.id.clone(),
            role: identity.name.clone(),
            session: "goal".to_owned(),
            policy: None,
        })
    }

    /// Whether a key with its secret is a user's, is active, and may pull from a repository.
    ///
    /// # Errors
    /// AWS's code and sentence; that the key is somebody else's, or the secret another, in the words of ECR.
    pub fn key_pulls(
        &self,
        now: Timestamp,
        key: &AccessKey,
        user: &str,
        repository: &str,
    ) -> Result<(), Refusal> {
        let (secret, who) = self.key(now, Service::Ecr, key.id.as_str(), None)?;
        if secret.expose_secret() != key.secret.expose_secret() {
            let message = "the secret that stands beside it is not this key's";
            return Err(Refusal::new("InvalidSignatureException", message));
        }
        if !matches!(&who, Principal::User(name) if fold(name) == fold(user)) {
            let message = format!("it is not a key of the user {user}");
            return Err(Refusal::new("AccessDeniedException", message));
        }
        self.may_pull(now, &who, repository)
    }

    /// When the next of what was written is seen by STS and ECR; `None` where everything has spread.
    #[must_use]
    pub fn next_arrival(&self, now: Timestamp) -> Option<Timestamp> {
        self.arrivals(now).min()
    }

    /// When all that was written so far is seen everywhere: now, where it has spread.
    #[must_use]
    pub fn settled(&self, now: Timestamp) -> Timestamp {
        self.arrivals(now).max().unwrap_or(now)
    }

    fn arrivals(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        let state = &self.state;
        let of = move |identity: &Identity| {
            let (attached, inline) = (identity.attached.next(now), identity.inline.next(now));
            [attached, inline, identity.boundary.next(now)]
        };
        let roles = state.roles.values().flat_map(move |role| {
            of(&role.identity).into_iter().chain([role.there.next(now), role.trust.next(now)])
        });
        let others = state.users.values().map(|user| &user.identity);
        let others = others.chain(state.groups.values().map(|group| &group.identity)).flat_map(of);
        let keys = state.keys.values().map(move |key| key.status.next(now));
        let providers = state.providers.values().map(move |one| one.audiences.next(now));
        let policies = state.policies.values().map(move |policy| policy.in_force.next(now));
        roles.chain(others).chain(keys).chain(providers).chain(policies).flatten()
    }
}

impl Seen {
    /// Whether trust and permissions are those of another, however they are written.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let plain = |inline: &BTreeMap<String, String>| -> BTreeMap<String, Value> {
            inline.iter().map(|(name, text)| (name.clone(), content(text))).collect()
        };
        content(&self.trust) == content(&other.trust)
            && self.attached == other.attached
            && plain(&self.inline) == plain(&other.inline)
            && self.boundary == other.boundary
    }
}

/// What a document says; a text that is no JSON stands for itself.
fn content(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}
