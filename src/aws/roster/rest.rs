//! What lists leave out: the rest of a role, a user, a group, where the whole account may not be read at once. What cannot
//! be read is told once, by the first fault; everything else is taken over.

use std::collections::BTreeMap;

use aws_sdk_iam::operation::get_role::GetRoleOutput;
use aws_sdk_iam::operation::get_user::GetUserOutput;
use futures_util::{StreamExt, stream};

use super::super::seen::Seen;
use super::super::survey::{AT_ONCE, Maybe, Reader, absent_or, decoded, tags};
use super::entry::{self, Odd};
use crate::domain::arn::PolicyArn;
use crate::domain::fault::Fault;
use crate::domain::review::account::{GroupEntry, RoleEntry, UserEntry};

/// The first fault of an entry.
struct Unread(Option<Fault>);

impl Unread {
    /// What was read, if it was.
    fn of<T>(&mut self, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.0.get_or_insert(fault)).ok()
    }

    /// The documents that were read. One that has gone since it was listed is not there.
    fn documents(&mut self, read: Vec<(String, Maybe<String>)>) -> BTreeMap<String, String> {
        let mut documents = BTreeMap::new();
        for (name, document) in read {
            documents.extend(self.of(document).flatten().map(|document| (name, document)));
        }
        documents
    }
}

impl Reader<'_> {
    /// A role with everything that stands on it.
    pub(super) async fn rest_of_role(&self, mut entry: RoleEntry) -> RoleEntry {
        if entry.name.is_empty() {
            return entry;
        }
        let name = entry.name.clone();
        let mut unread = Unread(entry.unread.take());
        let (role, attached, names) =
            tokio::join!(self.got_role(&name), self.attached(&name), self.inline_names(&name));
        if let Some(role) = unread.of(role).and_then(|answer| answer.role) {
            entry.boundary = entry::boundary(role.permissions_boundary);
            entry.tags = tags(role.tags);
            entry.last_use = entry::last_use(role.role_last_used);
            let seconds = role.max_session_duration.and_then(|s| u32::try_from(s).ok());
            entry.max_session_seconds = seconds.or(entry.max_session_seconds);
            if let Some(trust) = role.assume_role_policy_document {
                entry.trust = decoded(&trust);
            }
        }
        entry.attached = unread.of(attached).unwrap_or(entry.attached);
        if let Some(names) = unread.of(names) {
            entry.inline = unread.documents(self.inlines(&name, names).await);
        }
        entry.unread = unread.0;
        entry
    }

    async fn got_role(&self, name: &str) -> Result<GetRoleOutput, Fault> {
        let call = self.call("iam:GetRole");
        self.client.get_role().role_name(name).send().await.map_err(|error| call.fault(&error))
    }

    /// A user with everything that stands on it. Without a name AWS would answer with the caller's own.
    pub(super) async fn rest_of_user(&self, mut entry: UserEntry) -> UserEntry {
        if entry.name.is_empty() {
            return entry;
        }
        let name = entry.name.clone();
        let mut unread = Unread(entry.unread.take());
        let ((user, groups), attached, names) = tokio::join!(
            async { (self.got_user(&name).await, self.groups(&name).await) },
            self.attached_to_user(&name),
            self.inline_names_of_user(&name),
        );
        if let Some(user) = unread.of(user).and_then(|answer| answer.user) {
            entry.boundary = entry::boundary(user.permissions_boundary);
            entry.tags = tags(user.tags);
        }
        entry.groups = unread.of(groups).unwrap_or(entry.groups);
        entry.attached = unread.of(attached).unwrap_or(entry.attached);
        if let Some(names) = unread.of(names) {
            entry.inline = unread.documents(self.inlines_of_user(&name, names).await);
        }
        entry.unread = unread.0;
        entry
    }

    async fn got_user(&self, name: &str) -> Result<GetUserOutput, Fault> {
        let call = self.call("iam:GetUser");
        self.client.get_user().user_name(name).send().await.map_err(|error| call.fault(&error))
    }

    /// How a user can log in. One has two keys at most (IAM quotas), so that no more calls than those are under way beside
    /// the one for the password.
    pub(super) async fn login_of_user(&self, mut user: UserEntry) -> UserEntry {
        if user.name.is_empty() {
            return user;
        }
        let mut unread = Unread(user.unread.take());
        let (keys, password) =
            tokio::join!(self.keys_as_far(&user.name), self.password(&user.name));
        if let Some((keys, fault)) = unread.of(keys) {
            user.keys = Some(keys);
            unread.of(fault.map_or(Ok(()), Err));
        }
        user.has_password = unread.of(password);
        user.unread = unread.0;
        user
    }

    /// A group with its policies. It is there whole or not at all.
    pub(super) async fn group(&self, name: &str) -> Maybe<GroupEntry> {
        let (attached, names) =
            tokio::try_join!(self.attached_to_group(name), self.inline_names_of_group(name))?;
        let (Some(attached), Some(names)) = (attached, names) else { return Ok(None) };
        let documents: Vec<(String, Maybe<String>)> = stream::iter(names)
            .map(|policy| async move {
                let document = self.inline_of_group(name, &policy).await;
                (policy, document)
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        let mut group = GroupEntry { name: name.to_owned(), attached, inline: BTreeMap::new() };
        for (policy, document) in documents {
            group.inline.extend(document?.map(|document| (policy, document)));
        }
        Ok(Some(group))
    }

    async fn attached_to_group(&self, group: &str) -> Maybe<Vec<PolicyArn>> {
        let request = self.client.list_attached_group_policies().group_name(group);
        match request.into_paginator().items().send().try_collect().await {
            Ok(list) => Ok(Some(Odd::new("iam:ListAttachedGroupPolicies").attached(Some(list)))),
            Err(error) => absent_or(self.call("iam:ListAttachedGroupPolicies"), &Seen::of(&error)),
        }
    }

    async fn inline_names_of_group(&self, group: &str) -> Maybe<Vec<String>> {
        let request = self.client.list_group_policies().group_name(group);
        match request.into_paginator().items().send().try_collect().await {
            Ok(names) => Ok(Some(names)),
            Err(error) => absent_or(self.call("iam:ListGroupPolicies"), &Seen::of(&error)),
        }
    }

    async fn inline_of_group(&self, group: &str, name: &str) -> Maybe<String> {
        let request = self.client.get_group_policy().group_name(group).policy_name(name);
        match request.send().await {
            Ok(answer) => Ok(Some(decoded(&answer.policy_document))),
            Err(error) => absent_or(self.call("iam:GetGroupPolicy"), &Seen::of(&error)),
        }
    }
}
