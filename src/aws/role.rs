//! Reading a role and what stands on it.

use std::collections::BTreeMap;

use aws_sdk_iam::types::Role;
use futures_util::{StreamExt, stream};

use super::seen::Seen;
use super::survey::{AT_ONCE, Maybe, Reader, absent_or, decoded, tags, tolerate};
use crate::domain::access::{INLINE_POLICY_NAME, Permissions};
use crate::domain::arn::{PolicyArn, RoleArn};
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::OidcIntent;
use crate::domain::inventory::SeenRole;

/// The longest session where IAM names none (IAM API reference, `Role`).
const DEFAULT_SESSION: u32 = 3600;

impl Reader<'_> {
    /// The role of the name with its policies, as far as the plan depends on them.
    pub(super) async fn role(&self, intent: &OidcIntent) -> Maybe<(SeenRole, Vec<String>)> {
        let Some(mut seen) = self.bare_role(intent.role.as_str()).await? else { return Ok(None) };
        let mut remarks = Vec::new();
        let (attached, names) =
            tokio::join!(self.attached(&seen.name), self.inline_names(&seen.name));
        seen.attached = tolerate(attached, "role", &mut remarks)?.unwrap_or_default();
        let needs_inline = matches!(intent.access.permissions, Permissions::Repositories(_));
        // Where the names are kept from us, our own policy can still be asked for by its name.
        let names = tolerate(names, "role", &mut remarks)?
            .unwrap_or_else(|| vec![INLINE_POLICY_NAME.to_owned()]);
        for (name, document) in self.inlines(&seen.name, names).await {
            let would_overwrite = needs_inline && name == INLINE_POLICY_NAME;
            let document = if would_overwrite {
                document?
            } else {
                tolerate(document, "role", &mut remarks)?.flatten()
            };
            if let Some(document) = document {
                seen.inline.insert(name, document);
            }
        }
        Ok(Some((seen, remarks)))
    }

    /// The role of this name with all its policies: what may not be read is a failure.
    pub(super) async fn whole_role(&self, name: &str) -> Maybe<SeenRole> {
        let Some(mut seen) = self.bare_role(name).await? else { return Ok(None) };
        let (attached, names) =
            tokio::try_join!(self.attached(&seen.name), self.inline_names(&seen.name))?;
        for (name, document) in self.inlines(&seen.name, names).await {
            seen.inline.extend(document?.map(|document| (name, document)));
        }
        seen.attached = attached;
        Ok(Some(seen))
    }

    /// The role of this name, whatever its path and case, still without its policies.
    async fn bare_role(&self, name: &str) -> Maybe<SeenRole> {
        match self.client.get_role().role_name(name).send().await {
            Ok(answer) => answer.role.map(seen_role).transpose(),
            Err(error) => absent_or(self.call("iam:GetRole"), &Seen::of(&error)),
        }
    }

    pub(super) async fn attached(&self, role: &str) -> Result<Vec<PolicyArn>, Fault> {
        let call = self.call("iam:ListAttachedRolePolicies");
        let request = self.client.list_attached_role_policies().role_name(role);
        let policies: Vec<_> = request
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(|error| call.fault(&error))?;
        Ok(policies
            .into_iter()
            .filter_map(|policy| policy.policy_arn.as_deref().map(PolicyArn::from_server))
            .collect())
    }

    pub(super) async fn inline_names(&self, role: &str) -> Result<Vec<String>, Fault> {
        let call = self.call("iam:ListRolePolicies");
        let pages = self.client.list_role_policies().role_name(role).into_paginator().items();
        pages.send().try_collect().await.map_err(|error| call.fault(&error))
    }

    /// What each of these inline policies says.
    pub(super) async fn inlines(
        &self,
        role: &str,
        names: Vec<String>,
    ) -> Vec<(String, Maybe<String>)> {
        stream::iter(names)
            .map(|name| async move {
                let document = self.inline(role, &name).await;
                (name, document)
            })
            .buffered(AT_ONCE)
            .collect()
            .await
    }

    async fn inline(&self, role: &str, name: &str) -> Maybe<String> {
        let request = self.client.get_role_policy().role_name(role).policy_name(name);
        match request.send().await {
            Ok(answer) => Ok(Some(decoded(&answer.policy_document))),
            Err(error) => absent_or(self.call("iam:GetRolePolicy"), &Seen::of(&error)),
        }
    }
}

fn seen_role(role: Role) -> Result<SeenRole, Fault> {
    let arn = RoleArn::parse(&role.arn).map_err(|problem| {
        Fault::new(
            Cause::Unexplained,
            format!("iam:GetRole answered with a strange ARN: {problem}"),
        )
        .with("got", &role.arn)
    })?;
    Ok(SeenRole {
        arn,
        name: role.role_name,
        path: role.path,
        trust: role.assume_role_policy_document.as_deref().map(decoded).unwrap_or_default(),
        created_at: Some(role.create_date.secs()),
        tags: tags(role.tags),
        description: role.description.filter(|text| !text.is_empty()),
        max_session_seconds: role
            .max_session_duration
            .and_then(|seconds| u32::try_from(seconds).ok())
            .unwrap_or(DEFAULT_SESSION),
        boundary: role
            .permissions_boundary
            .and_then(|boundary| boundary.permissions_boundary_arn)
            .map(|arn| PolicyArn::from_server(&arn)),
        attached: Vec::new(),
        inline: BTreeMap::new(),
    })
}
