//! What of an account a run can touch, and how it stands there.

use std::collections::BTreeMap;

use serde_json::json;

use crate::domain::arn::{PolicyArn, ProviderArn};
use crate::domain::inventory::{Holdings, RUN_TAG, Wanted};
use crate::domain::plan::StepId;
use crate::domain::policy::compare;
use crate::domain::principal::Principal;

/// One thing of an account that is made, changed or removed by one call, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    /// An identity provider. Its state is the run that its tag names.
    Provider(ProviderArn),
    /// An audience on a provider.
    Audience(ProviderArn, String),
    /// A role or user. Its state is the run that its tag names.
    Principal(Principal),
    /// A role's trust policy.
    Trust(String),
    /// Description and longest session of a role.
    Settings(String),
    /// The permissions boundary.
    Boundary(Principal),
    /// A managed policy on a role or user.
    Attached(Principal, PolicyArn),
    /// An inline policy.
    Inline(Principal, String),
    /// A tag of a role or user, by its key.
    Tag(Principal, String),
    /// An access key of a user. Its state is `Active` or `Inactive`.
    Key(String, String),
}

/// How a thing stands, in words to be compared; `None` where it is not there.
pub type State = Option<String>;

impl Thing {
    /// The role or user that the thing is, or is a part of.
    #[must_use]
    pub fn principal(&self) -> Option<Principal> {
        match self {
            Self::Provider(_) | Self::Audience(..) => None,
            Self::Principal(who)
            | Self::Boundary(who)
            | Self::Attached(who, _)
            | Self::Inline(who, _)
            | Self::Tag(who, _) => Some(who.clone()),
            Self::Trust(role) | Self::Settings(role) => Some(Principal::Role(role.clone())),
            Self::Key(user, _) => Some(Principal::User(user.clone())),
        }
    }

    /// The provider that the thing is, or is on.
    #[must_use]
    pub const fn provider(&self) -> Option<&ProviderArn> {
        match self {
            Self::Provider(arn) | Self::Audience(arn, _) => Some(arn),
            _ => None,
        }
    }

    /// How it stands in an account.
    #[must_use]
    pub fn state(&self, seen: &Holdings) -> State {
        match self {
            Self::Provider(arn) => Some(run_of(&seen.providers.get(arn)?.tags)),
            Self::Audience(arn, audience) => {
                let listed = &seen.providers.get(arn)?.audiences;
                listed.contains(audience).then(|| audience.clone())
            }
            Self::Principal(who) => Some(run_of(tags(seen, who)?)),
            Self::Trust(role) => Some(seen.roles.get(role)?.trust.clone()),
            Self::Settings(role) => {
                let role = seen.roles.get(role)?;
                Some(settings(role.description.as_deref(), Some(role.max_session_seconds)))
            }
            Self::Boundary(Principal::Role(role)) => {
                seen.roles.get(role)?.boundary.as_ref().map(ToString::to_string)
            }
            Self::Boundary(Principal::User(user)) => {
                seen.users.get(user)?.boundary.as_ref().map(ToString::to_string)
            }
            Self::Attached(who, policy) => {
                let attached = match who {
                    Principal::Role(role) => &seen.roles.get(role)?.attached,
                    Principal::User(user) => &seen.users.get(user)?.attached,
                };
                attached.contains(policy).then(|| policy.to_string())
            }
            Self::Inline(Principal::Role(role), name) => {
                seen.roles.get(role)?.inline.get(name).cloned()
            }
            Self::Inline(Principal::User(user), name) => {
                seen.users.get(user)?.inline.get(name).cloned()
            }
            // A key's case is kept, but two keys that differ in case only are one (IAM user guide, "Tags for IAM resources").
            Self::Tag(who, key) => {
                let mut tags = tags(seen, who)?.iter();
                let (_, value) = tags.find(|(there, _)| there.eq_ignore_ascii_case(key))?;
                Some(value.clone())
            }
            Self::Key(user, id) => {
                let keys = &seen.users.get(user)?.keys;
                let key = keys.iter().find(|key| key.id.as_str() == id)?;
                Some(key.status.word().to_owned())
            }
        }
    }

    /// Whether two states of it mean the same: documents are compared by what they say.
    #[must_use]
    pub fn same(&self, a: &State, b: &State) -> bool {
        match (self, a, b) {
            (Self::Trust(_) | Self::Inline(..), Some(a), Some(b)) => {
                a == b || compare::differences(a, b).is_ok_and(|found| found.is_empty())
            }
            _ => a == b,
        }
    }

    /// Which part of a set-up it is.
    #[must_use]
    pub const fn id(&self) -> StepId {
        match self {
            Self::Provider(_) => StepId::Provider,
            Self::Audience(..) => StepId::Audience,
            Self::Principal(Principal::Role(_)) => StepId::Role,
            Self::Principal(Principal::User(_)) => StepId::User,
            Self::Trust(_) => StepId::Trust,
            Self::Settings(_) => StepId::Settings,
            Self::Boundary(_) => StepId::Boundary,
            Self::Attached(..) | Self::Inline(..) => StepId::Permissions,
            Self::Tag(..) => StepId::Tags,
            Self::Key(..) => StepId::AccessKey,
        }
    }

    /// A few words for it.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::Provider(arn) => format!("identity provider {}", arn.name()),
            Self::Audience(_, audience) => format!("audience {audience}"),
            Self::Principal(who) => format!("{} {who}", who.kind()),
            Self::Trust(role) => format!("trust policy of {role}"),
            Self::Settings(role) => format!("settings of {role}"),
            Self::Boundary(who) => format!("permissions boundary on {who}"),
            Self::Attached(who, policy) => format!("{} on {who}", policy.name()),
            Self::Inline(who, name) => format!("inline policy {name} on {who}"),
            Self::Tag(who, key) => format!("tag {key} on {who}"),
            Self::Key(_, id) => format!("access key {id}"),
        }
    }
}

/// What has to be looked at to see how these stand.
pub fn wanted<'a>(things: impl IntoIterator<Item = &'a Thing>) -> Wanted {
    let mut wanted = Wanted::default();
    for thing in things {
        match thing.principal() {
            Some(Principal::Role(role)) => drop(wanted.roles.insert(role)),
            Some(Principal::User(user)) => drop(wanted.users.insert(user)),
            None => wanted.providers.extend(thing.provider().cloned()),
        }
    }
    wanted
}

fn run_of(tags: &BTreeMap<String, String>) -> String {
    tags.get(RUN_TAG).cloned().unwrap_or_default()
}

fn tags<'a>(seen: &'a Holdings, who: &Principal) -> Option<&'a BTreeMap<String, String>> {
    match who {
        Principal::Role(role) => seen.roles.get(role).map(|role| &role.tags),
        Principal::User(user) => seen.users.get(user).map(|user| &user.tags),
    }
}

/// The longest session where none was asked for (IAM API reference, `CreateRole`).
const DEFAULT_SESSION: u32 = 3600;

/// Description and longest session as one state. IAM drops an empty description.
pub(super) fn settings(description: Option<&str>, seconds: Option<u32>) -> String {
    let seconds = seconds.unwrap_or(DEFAULT_SESSION);
    json!({"Description": description.unwrap_or_default(), "MaxSessionDuration": seconds})
        .to_string()
}
