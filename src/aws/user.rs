//! Reading a user: what stands on it, and its access keys with their last use.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{AccessKeyLastUsed, AccessKeyMetadata, StatusType, User};
use futures_util::{StreamExt, stream};

use super::fault::Call;
use super::seen::Seen;
use super::survey::{AT_ONCE, Maybe, Reader, absent_or, decoded, tags, tolerate};
use crate::domain::access::{INLINE_POLICY_NAME, Permissions};
use crate::domain::arn::{PolicyArn, UserArn};
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::UserIntent;
use crate::domain::inventory::{Inventory, SeenUser};
use crate::domain::key::{KeyId, KeyStatus, LastUse, SeenKey, by_age};

/// What stands for no service where a key was never used (`GetAccessKeyLastUsed`).
const NO_SERVICE: &str = "N/A";

/// The keys of a user, the oldest first. The name always goes along: without one AWS would list the caller's own.
pub(super) async fn keys(
    client: &Client,
    renew: Option<&str>,
    user: &str,
) -> Result<Vec<SeenKey>, Fault> {
    Reader { client, renew }.keys(user).await
}

impl Reader<'_> {
    /// The account as far as user mode depends on it.
    pub(super) async fn of_user(&self, intent: &UserIntent) -> Result<Inventory, Fault> {
        let mut remarks = Vec::new();
        let user = self.user(intent, &mut remarks).await?;
        let read_at = Some(crate::clock::unix_now());
        Ok(Inventory { user, read_at, remarks, ..Inventory::default() })
    }

    async fn user(&self, intent: &UserIntent, remarks: &mut Vec<String>) -> Maybe<SeenUser> {
        let Some(mut seen) = self.bare_user(intent.user.as_str()).await? else { return Ok(None) };
        let name = seen.name.as_str();
        let (keys, attached, names, (groups, password)) = tokio::join!(
            self.keys(name),
            self.attached_to_user(name),
            self.inline_names_of_user(name),
            async { (self.groups(name).await, self.password(name).await) },
        );
        // Without the keys it could not be told whether one more may be made.
        let keys = keys?;
        let attached = tolerate(attached, "user", remarks)?.unwrap_or_default();
        let names = tolerate(names, "user", remarks)?
            .unwrap_or_else(|| vec![INLINE_POLICY_NAME.to_owned()]);
        let groups = tolerate(groups, "user", remarks)?.unwrap_or_default();
        let password = tolerate(password, "user", remarks)?;
        let would_overwrite = matches!(intent.access.permissions, Permissions::Repositories(_));
        let mut inline = BTreeMap::new();
        for (policy, document) in self.inlines_of_user(name, names).await {
            let document = if would_overwrite && policy == INLINE_POLICY_NAME {
                document?
            } else {
                tolerate(document, "user", remarks)?.flatten()
            };
            inline.extend(document.map(|document| (policy, document)));
        }
        (seen.keys, seen.attached, seen.inline) = (keys, attached, inline);
        (seen.groups, seen.has_password) = (groups, password);
        Ok(Some(seen))
    }

    /// The user of this name with all that stands on it: what may not be read is a failure.
    pub(super) async fn whole_user(&self, name: &str) -> Maybe<SeenUser> {
        let Some(mut seen) = self.bare_user(name).await? else { return Ok(None) };
        let name = seen.name.as_str();
        let (keys, (attached, names), (groups, password)) = tokio::try_join!(
            self.keys(name),
            async {
                Ok((self.attached_to_user(name).await?, self.inline_names_of_user(name).await?))
            },
            async { Ok((self.groups(name).await?, self.password(name).await?)) },
        )?;
        let mut inline = BTreeMap::new();
        for (policy, document) in self.inlines_of_user(name, names).await {
            inline.extend(document?.map(|document| (policy, document)));
        }
        (seen.keys, seen.attached, seen.inline) = (keys, attached, inline);
        (seen.groups, seen.has_password) = (groups, Some(password));
        Ok(Some(seen))
    }

    /// The user of this name, whatever its path and case, still without what stands on it.
    async fn bare_user(&self, name: &str) -> Maybe<SeenUser> {
        // Never without a name: GetUser would answer with the caller (IAM API reference).
        match self.client.get_user().user_name(name).send().await {
            Ok(answer) => answer.user.map(seen_user).transpose(),
            Err(error) => absent_or(self.call("iam:GetUser"), &Seen::of(&error)),
        }
    }

    /// That a key's last use may not be read stops nothing here.
    async fn keys(&self, user: &str) -> Result<Vec<SeenKey>, Fault> {
        Ok(self.keys_as_far(user).await?.0)
    }

    /// The keys, the oldest first, and the first reason why one of them is not known whole.
    pub(super) async fn keys_as_far(
        &self,
        user: &str,
    ) -> Result<(Vec<SeenKey>, Option<Fault>), Fault> {
        let call = self.call("iam:ListAccessKeys");
        let pages = self.client.list_access_keys().user_name(user).into_paginator().items();
        let listed: Vec<_> =
            pages.send().try_collect().await.map_err(|error| call.fault(&error))?;
        let read: Vec<_> =
            stream::iter(listed).map(|key| self.seen_key(key)).buffered(AT_ONCE).collect().await;
        let (mut keys, mut first) = (Vec::new(), None);
        for (key, fault) in read {
            keys.extend(key);
            first = first.or(fault);
        }
        by_age(&mut keys);
        Ok((keys, first))
    }

    /// A key with its last use, and what of it could not be read.
    async fn seen_key(&self, key: AccessKeyMetadata) -> (Option<SeenKey>, Option<Fault>) {
        let call = self.call("iam:GetAccessKeyLastUsed");
        let got = key.access_key_id.unwrap_or_default();
        let id = match KeyId::parse(&got) {
            Ok(id) => id,
            Err(problem) => {
                let message = format!("iam:ListAccessKeys answered with a strange id: {problem}");
                return (None, Some(Fault::new(Cause::Unexplained, message)));
            }
        };
        let asked = self.client.get_access_key_last_used().access_key_id(id.as_str());
        let (last_use, fault) = match asked.send().await {
            Err(error) => (LastUse::Unknown, Some(call.fault(&error))),
            Ok(answer) => (answer.access_key_last_used.map_or(LastUse::Never, last_use), None),
        };
        let status = match key.status {
            Some(StatusType::Active) => KeyStatus::Active,
            Some(StatusType::Inactive) | None => KeyStatus::Inactive,
            Some(_) => KeyStatus::Expired,
        };
        let created_at = key.create_date.map(|date| date.secs());
        (Some(SeenKey { id, status, created_at, last_use }), fault)
    }

    pub(super) async fn attached_to_user(&self, user: &str) -> Result<Vec<PolicyArn>, Fault> {
        let call = self.call("iam:ListAttachedUserPolicies");
        let request = self.client.list_attached_user_policies().user_name(user);
        let listed = request.into_paginator().items().send().try_collect().await;
        let listed: Vec<_> = listed.map_err(|error| call.fault(&error))?;
        Ok(listed
            .into_iter()
            .filter_map(|policy| policy.policy_arn.as_deref().map(PolicyArn::from_server))
            .collect())
    }

    pub(super) async fn inline_names_of_user(&self, user: &str) -> Result<Vec<String>, Fault> {
        let call = self.call("iam:ListUserPolicies");
        let pages = self.client.list_user_policies().user_name(user).into_paginator().items();
        pages.send().try_collect().await.map_err(|error| call.fault(&error))
    }

    /// What each of these inline policies says.
    pub(super) async fn inlines_of_user(
        &self,
        user: &str,
        names: Vec<String>,
    ) -> Vec<(String, Maybe<String>)> {
        stream::iter(names)
            .map(|policy| async move {
                let document = self.inline_of_user(user, &policy).await;
                (policy, document)
            })
            .buffered(AT_ONCE)
            .collect()
            .await
    }

    async fn inline_of_user(&self, user: &str, name: &str) -> Maybe<String> {
        let request = self.client.get_user_policy().user_name(user).policy_name(name);
        match request.send().await {
            Ok(answer) => Ok(Some(decoded(&answer.policy_document))),
            Err(error) => absent_or(self.call("iam:GetUserPolicy"), &Seen::of(&error)),
        }
    }

    pub(super) async fn groups(&self, user: &str) -> Result<Vec<String>, Fault> {
        let call = self.call("iam:ListGroupsForUser");
        let pages = self.client.list_groups_for_user().user_name(user).into_paginator().items();
        let groups: Vec<_> =
            pages.send().try_collect().await.map_err(|error| call.fault(&error))?;
        Ok(groups.into_iter().map(|group| group.group_name).collect())
    }

    /// Whether the user can log in to the console.
    pub(super) async fn password(&self, user: &str) -> Result<bool, Fault> {
        match self.client.get_login_profile().user_name(user).send().await {
            Ok(_) => Ok(true),
            Err(error) => {
                let call: Call<'_> = self.call("iam:GetLoginProfile");
                absent_or(call, &Seen::of(&error)).map(|absent: Option<bool>| absent.is_some())
            }
        }
    }
}

fn last_use(used: AccessKeyLastUsed) -> LastUse {
    match used.last_used_date {
        Some(at) if used.service_name != NO_SERVICE => LastUse::At(at.secs(), used.service_name),
        _ => LastUse::Never,
    }
}

fn seen_user(user: User) -> Result<SeenUser, Fault> {
    let arn = UserArn::parse(&user.arn).map_err(|problem| {
        let message = format!("iam:GetUser answered with a strange ARN: {problem}");
        Fault::new(Cause::Unexplained, message).with("got", &user.arn)
    })?;
    Ok(SeenUser {
        arn,
        name: user.user_name,
        path: user.path,
        created_at: Some(user.create_date.secs()),
        tags: tags(user.tags),
        boundary: user
            .permissions_boundary
            .and_then(|boundary| boundary.permissions_boundary_arn)
            .map(|arn| PolicyArn::from_server(&arn)),
        attached: Vec::new(),
        inline: BTreeMap::new(),
        groups: Vec::new(),
        has_password: None,
        keys: Vec::new(),
    })
}
