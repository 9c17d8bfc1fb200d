//! What a call does to the things of an account, by the facts that a journal keeps of it.

use serde_json::{Value, json};

use super::record::Header;
use super::thing::{State, Thing, settings};
use crate::domain::arn::{PolicyArn, ProviderArn};
use crate::domain::inventory::{Holdings, RUN_TAG};
use crate::domain::key::KeyId;
use crate::domain::operation::Operation;
use crate::domain::partition::{AccountId, Partition};
use crate::domain::principal::Principal;

/// One thing, as it was before a call and as it is after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The thing.
    pub thing: Thing,
    /// Before.
    pub before: State,
    /// After.
    pub after: State,
}

/// What an operation takes the place of in an account, in the names of the AWS API; null where nothing is there.
#[must_use]
pub fn before(operation: &Operation, seen: &Holdings) -> Value {
    let state = |thing: Thing| thing.state(seen);
    let one = |key: &str, state: State| state.map_or(Value::Null, |value| json!({ key: value }));
    match operation {
        Operation::CreateProvider { .. }
        | Operation::CreateRole { .. }
        | Operation::CreateUser { .. } => Value::Null,
        // Which keys there were says afterwards which one is new.
        Operation::CreateAccessKey { beside, .. } => {
            let ids: Vec<&str> = beside.iter().map(KeyId::as_str).collect();
            json!({ "AccessKeyIds": ids })
        }
        Operation::AddAudience { provider, audience }
        | Operation::RemoveAudience { provider, audience } => {
            one("ClientID", state(Thing::Audience(provider.clone(), audience.to_string())))
        }
        Operation::UpdateTrust { role, .. } => {
            one("PolicyDocument", state(Thing::Trust(role.clone())))
        }
        Operation::AttachPolicy { to: who, policy }
        | Operation::DetachPolicy { from: who, policy } => {
            one("PolicyArn", state(Thing::Attached(who.clone(), policy.clone())))
        }
        Operation::PutInlinePolicy { on, name, .. }
        | Operation::DeleteInlinePolicy { on, name } => {
            one("PolicyDocument", state(Thing::Inline(on.clone(), name.clone())))
        }
        Operation::PutBoundary { on, .. } | Operation::DeleteBoundary { on } => {
            one("PermissionsBoundary", state(Thing::Boundary(on.clone())))
        }
        Operation::UpdateRole { role, .. } => state(Thing::Settings(role.clone()))
            .and_then(|both| serde_json::from_str(&both).ok())
            .unwrap_or_default(),
        Operation::Tag { on, tags } => tagged(on, tags.keys(), seen),
        Operation::Untag { on, keys } => tagged(on, keys.iter(), seen),
        Operation::SetKeyStatus { user, key, .. } | Operation::DeleteAccessKey { user, key } => {
            one("Status", state(Thing::Key(user.clone(), key.to_string())))
        }
        Operation::DeleteProvider { provider } => whole_provider(provider, seen),
        Operation::DeleteRole { role } => {
            one("RunTag", state(Thing::Principal(Principal::Role(role.clone()))))
        }
        Operation::DeleteUser { user } => {
            one("RunTag", state(Thing::Principal(Principal::User(user.clone()))))
        }
    }
}

/// All that a provider can be made again from. Its thumbprints are not looked at: AWS fetches its own.
fn whole_provider(arn: &ProviderArn, seen: &Holdings) -> Value {
    let Some(there) = seen.providers.get(arn) else { return Value::Null };
    let tags: Vec<Value> =
        there.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    json!({
        "RunTag": Thing::Provider(arn.clone()).state(seen),
        "ClientIDList": there.audiences,
        "Tags": tags,
    })
}

/// Those of these tags that are there.
fn tagged<'a>(on: &Principal, keys: impl Iterator<Item = &'a String>, seen: &Holdings) -> Value {
    let there: Vec<Value> = keys
        .filter_map(|key| {
            let value = Thing::Tag(on.clone(), key.clone()).state(seen)?;
            Some(json!({"Key": key, "Value": value}))
        })
        .collect();
    if there.is_empty() { Value::Null } else { json!({ "Tags": there }) }
}

/// The facts of one call.
pub(super) struct Facts<'a> {
    pub(super) call: &'a str,
    pub(super) request: &'a Value,
    pub(super) before: &'a Value,
    /// The id of the access key that was made.
    pub(super) key: Option<&'a str>,
}

/// What an operation changes, by the same facts that a journal would keep of it.
#[must_use]
pub fn changes(operation: &Operation, before: &Value, header: &Header) -> Vec<Change> {
    let (call, request) = (operation.call(), operation.request());
    Facts { call, request: &request, before, key: None }.changes(header)
}

impl Facts<'_> {
    fn text(&self, key: &str) -> Option<String> {
        self.request.get(key)?.as_str().map(str::to_owned)
    }

    fn was(&self, key: &str) -> State {
        self.before.get(key)?.as_str().map(str::to_owned)
    }

    fn who(&self) -> Option<Principal> {
        let role = self.text("RoleName").map(Principal::Role);
        role.or_else(|| self.text("UserName").map(Principal::User))
    }

    fn provider(&self) -> Option<ProviderArn> {
        self.text("OpenIDConnectProviderArn").as_deref().map(ProviderArn::from_server)
    }

    /// What the call changes once it has happened; nothing where it is not known or says too little.
    pub(super) fn changes(&self, header: &Header) -> Vec<Change> {
        self.known(header).unwrap_or_default()
    }

    fn known(&self, header: &Header) -> Option<Vec<Change>> {
        let call = self.call.strip_prefix("iam:")?;
        let call = call.replace("User", "Role");
        let one = |thing, before, after| Some(vec![Change { thing, before, after }]);
        match call.as_str() {
            "CreateOpenIDConnectProvider" => self.created_provider(header),
            "AddClientIDToOpenIDConnectProvider" | "RemoveClientIDFromOpenIDConnectProvider" => {
                let audience = self.text("ClientID")?;
                let after = call.starts_with("Add").then(|| audience.clone());
                one(Thing::Audience(self.provider()?, audience), self.was("ClientID"), after)
            }
            "DeleteOpenIDConnectProvider" => {
                let arn = self.provider()?;
                let listed = audiences(self.before).map(|audience| Change {
                    thing: Thing::Audience(arn.clone(), audience.to_owned()),
                    before: Some(audience.to_owned()),
                    after: None,
                });
                let thing = Thing::Provider(arn.clone());
                let gone = Change { thing, before: self.was("RunTag"), after: None };
                Some(std::iter::once(gone).chain(listed).collect())
            }
            "CreateRole" => self.created(),
            "DeleteRole" => one(Thing::Principal(self.who()?), self.was("RunTag"), None),
            "UpdateAssumeRolePolicy" => one(
                Thing::Trust(self.text("RoleName")?),
                self.was("PolicyDocument"),
                self.text("PolicyDocument"),
            ),
            "UpdateRole" => {
                let both = |of: &Value| {
                    let seconds = of.get("MaxSessionDuration").and_then(Value::as_u64);
                    let description = of.get("Description").and_then(Value::as_str);
                    settings(description, seconds.and_then(|s| u32::try_from(s).ok()))
                };
                let before = self.before.is_object().then(|| both(self.before));
                one(Thing::Settings(self.text("RoleName")?), before, Some(both(self.request)))
            }
            "AttachRolePolicy" | "DetachRolePolicy" => {
                let policy = PolicyArn::parse(&self.text("PolicyArn")?).ok()?;
                let after = call.starts_with("Attach").then(|| policy.to_string());
                one(Thing::Attached(self.who()?, policy), self.was("PolicyArn"), after)
            }
            "PutRolePolicy" | "DeleteRolePolicy" => one(
                Thing::Inline(self.who()?, self.text("PolicyName")?),
                self.was("PolicyDocument"),
                self.text("PolicyDocument"),
            ),
            "PutRolePermissionsBoundary" | "DeleteRolePermissionsBoundary" => one(
                Thing::Boundary(self.who()?),
                self.was("PermissionsBoundary"),
                self.text("PermissionsBoundary"),
            ),
            "TagRole" | "UntagRole" => self.tags(),
            "CreateAccessKey" => {
                let key = self.key?.to_owned();
                one(Thing::Key(self.text("UserName")?, key), None, Some("Active".to_owned()))
            }
            _ => self.of_key(&call),
        }
    }

    fn of_key(&self, call: &str) -> Option<Vec<Change>> {
        let after = match call {
            "UpdateAccessKey" => self.text("Status"),
            "DeleteAccessKey" => None,
            _ => return None,
        };
        let thing = Thing::Key(self.text("UserName")?, self.text("AccessKeyId")?);
        Some(vec![Change { thing, before: self.was("Status"), after }])
    }

    fn created_provider(&self, header: &Header) -> Option<Vec<Change>> {
        let url = self.text("Url")?;
        let name = url.strip_prefix("https://").unwrap_or(&url);
        let account = AccountId::parse(&header.account).ok()?;
        let arn = ProviderArn::of(Partition::from_id(&header.partition)?, &account, name);
        let listed = audiences(self.request).map(|audience| Change {
            thing: Thing::Audience(arn.clone(), audience.to_owned()),
            before: None,
            after: Some(audience.to_owned()),
        });
        let made = Change {
            thing: Thing::Provider(arn.clone()),
            before: None,
            after: Some(run_of(self.request)),
        };
        Some(std::iter::once(made).chain(listed).collect())
    }

    /// A role or user with everything that is given to it in the same call.
    fn created(&self) -> Option<Vec<Change>> {
        let who = self.who()?;
        let tags = pairs(self.request);
        let mut made = vec![(Thing::Principal(who.clone()), Some(run_of(self.request)))];
        if let Principal::Role(role) = &who {
            let seconds = self.request.get("MaxSessionDuration").and_then(Value::as_u64);
            let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
            let both = settings(self.text("Description").as_deref(), seconds);
            made.push((Thing::Trust(role.clone()), self.text("AssumeRolePolicyDocument")));
            made.push((Thing::Settings(role.clone()), Some(both)));
        }
        made.push((Thing::Boundary(who.clone()), self.text("PermissionsBoundary")));
        made.extend(
            tags.into_iter().map(|(key, value)| (Thing::Tag(who.clone(), key), Some(value))),
        );
        let made = made.into_iter().map(|(thing, after)| Change { thing, before: None, after });
        Some(made.collect())
    }

    fn tags(&self) -> Option<Vec<Change>> {
        let who = self.who()?;
        let were = pairs(self.before);
        let was = |key: &str| were.iter().find(|(k, _)| k == key).map(|(_, value)| value.clone());
        let keys = self.request.get("TagKeys").and_then(Value::as_array).into_iter().flatten();
        let gone = keys.filter_map(Value::as_str).map(|key| (key.to_owned(), None));
        let set = pairs(self.request).into_iter().map(|(key, value)| (key, Some(value)));
        let changes = set.chain(gone).map(|(key, after)| {
            let before = was(&key);
            Change { thing: Thing::Tag(who.clone(), key), before, after }
        });
        Some(changes.collect())
    }
}

/// The run that the tags of a request name; empty where they name none.
fn run_of(request: &Value) -> String {
    let mut tags = pairs(request).into_iter();
    tags.find(|(key, _)| key == RUN_TAG).map(|(_, run)| run).unwrap_or_default()
}

/// The client ids of a provider, as a request or what stood before it has them.
fn audiences(of: &Value) -> impl Iterator<Item = &str> {
    let listed = of.get("ClientIDList").and_then(Value::as_array).into_iter().flatten();
    listed.filter_map(Value::as_str)
}

/// The tags of a request.
pub(super) fn pairs(of: &Value) -> Vec<(String, String)> {
    let tags = of.get("Tags").and_then(Value::as_array).into_iter().flatten();
    let text = |tag: &Value, key: &str| tag.get(key).and_then(Value::as_str).map(str::to_owned);
    tags.filter_map(|tag| Some((text(tag, "Key")?, text(tag, "Value")?))).collect()
}
