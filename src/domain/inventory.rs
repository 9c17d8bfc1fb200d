//! What AWS has now, as far as it was looked at.

use std::collections::{BTreeMap, BTreeSet};

use super::arn::{PolicyArn, ProviderArn, RoleArn, UserArn};
use super::custody::{HOLDS_KEY, SeenPlace};
use super::fault::Fault;
use super::key::{KeyId, SeenKey};

/// How the keys of this program's own tags begin; the operator's may not.
pub const OWN_TAGS: &str = "okteto-ecr:";
/// The tag that says which run made a thing.
pub const RUN_TAG: &str = "okteto-ecr:run";
/// The tag that says which version of the program made it.
pub const VERSION_TAG: &str = "okteto-ecr:version";

/// What a survey found for one intent. Absent means looked for and not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The provider of the intent's issuer.
    pub provider: Option<SeenProvider>,
    /// The role of the intent's name (found without regard to case or path).
    pub role: Option<SeenRole>,
    /// The user of the intent's name (found without regard to case or path).
    pub user: Option<SeenUser>,
    /// What stands where the secret of a new key would go, or why it could not go there; `None` where it was not looked,
    /// or there is nothing to look at.
    pub place: Option<Result<SeenPlace, Fault>>,
    /// When it was looked, seconds since 1970, where that is known.
    pub read_at: Option<i64>,
    /// How many OIDC providers the account has.
    pub providers_in_account: usize,
    /// What could not be read and why it does not stop the plan, one sentence each.
    pub remarks: Vec<String>,
}

impl Inventory {
    /// The same things by their names.
    #[must_use]
    pub fn holdings(&self) -> Holdings {
        let of_provider = |seen: &SeenProvider| (seen.arn.clone(), seen.clone());
        let of_role = |seen: &SeenRole| (seen.name.clone(), seen.clone());
        let of_user = |seen: &SeenUser| (seen.name.clone(), seen.clone());
        Holdings {
            providers: self.provider.iter().map(of_provider).collect(),
            roles: self.role.iter().map(of_role).collect(),
            users: self.user.iter().map(of_user).collect(),
            trusting: None,
        }
    }

    /// The user's key whose secret was found where the answers would put one.
    #[must_use]
    pub fn placed_key(&self) -> Option<&KeyId> {
        let held = match self.place.as_ref()? {
            Ok(SeenPlace::Ours(secret)) => secret.key.as_ref()?.as_str(),
            Ok(SeenPlace::Free) => return None,
            // A key file is not written over, whatever it holds.
            Err(fault) => fault.evidence.get(HOLDS_KEY)?,
        };
        let mut keys = self.user.as_ref()?.keys.iter();
        keys.find(|key| key.id.as_str() == held).map(|key| &key.id)
    }
}

/// Things of an account by their names, to be looked at whatever they are for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Identity providers.
    pub providers: BTreeSet<ProviderArn>,
    /// Roles by name.
    pub roles: BTreeSet<String>,
    /// Users by name.
    pub users: BTreeSet<String>,
}

/// What the account has of them. What is not in it was looked for and is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holdings {
    /// The providers that are there.
    pub providers: BTreeMap<ProviderArn, SeenProvider>,
    /// The roles, by the name that was asked for.
    pub roles: BTreeMap<String, SeenRole>,
    /// The users, likewise.
    pub users: BTreeMap<String, SeenUser>,
    /// Every role of the account whose trust policy names one of the providers that were asked for, or may let in their
    /// tokens without that, with that policy percent-decoded. Or why it could not be read; `None` where no provider was asked for.
    pub trusting: Option<Result<BTreeMap<String, String>, Fault>>,
}

/// An identity provider as AWS has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenProvider {
    /// The ARN as the server spells it.
    pub arn: ProviderArn,
    /// Its URL as AWS returned it, with or without `https://`.
    pub url: String,
    /// Its client ids.
    pub audiences: Vec<String>,
    /// When it was made, seconds since 1970, where AWS says it.
    pub created_at: Option<i64>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A role as AWS has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRole {
    /// The ARN as the server spells it.
    pub arn: RoleArn,
    /// The name as the server spells it.
    pub name: String,
    /// Its path.
    pub path: String,
    /// The trust policy, percent-decoded.
    pub trust: String,
    /// When it was made, seconds since 1970, where AWS says it.
    pub created_at: Option<i64>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its description.
    pub description: Option<String>,
    /// The longest session in seconds.
    pub max_session_seconds: u32,
    /// Its permissions boundary.
    pub boundary: Option<PolicyArn>,
    /// Managed policies attached to it.
    pub attached: Vec<PolicyArn>,
    /// Inline policies by name, percent-decoded.
    pub inline: BTreeMap<String, String>,
}

/// A user as AWS has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenUser {
    /// The ARN as the server spells it.
    pub arn: UserArn,
    /// The name as the server spells it.
    pub name: String,
    /// Its path.
    pub path: String,
    /// When it was made, seconds since 1970, where AWS says it.
    pub created_at: Option<i64>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its permissions boundary.
    pub boundary: Option<PolicyArn>,
    /// Managed policies attached to it.
    pub attached: Vec<PolicyArn>,
    /// Inline policies by name, percent-decoded.
    pub inline: BTreeMap<String, String>,
    /// The groups it is in, whose policies count too.
    pub groups: Vec<String>,
    /// Whether it has a password for the console; `None` where that could not be read.
    pub has_password: Option<bool>,
    /// Its access keys, the oldest first.
    pub keys: Vec<SeenKey>,
}

/// Whether tags say that this program made the thing.
#[must_use]
pub fn is_ours(tags: &BTreeMap<String, String>) -> bool {
    tags.contains_key(RUN_TAG)
}

impl SeenUser {
    /// The key to be used: the youngest active one.
    #[must_use]
    pub fn current_key(&self) -> Option<&KeyId> {
        self.keys.iter().rev().find(|key| key.is_active()).map(|key| &key.id)
    }
}
