//! Pages of the account: everything of it, or its roles, or its users.

use std::collections::BTreeMap;

use aws_sdk_iam::types::EntityType;

use super::super::fault::Call;
use super::super::survey::Reader;
use super::entry;
use crate::domain::fault::{Cause, Fault};
use crate::domain::review::account::Page;

/// The most that IAM gives on a page (IAM API reference, `MaxItems`). It may give less and still have more.
const MOST: i32 = 1000;

/// AWS's own policies are left out: those in use are asked for one by one, and they are far more than the account's.
const KINDS: [EntityType; 4] =
    [EntityType::Role, EntityType::User, EntityType::Group, EntityType::LocalManagedPolicy];

impl Reader<'_> {
    /// A page of everything.
    pub(super) async fn details(&self, more: Option<&str>) -> Result<Page, Fault> {
        let call = self.call("iam:GetAccountAuthorizationDetails");
        let request = self
            .client
            .get_account_authorization_details()
            .set_filter(Some(KINDS.to_vec()))
            .set_marker(more.map(str::to_owned))
            .max_items(MOST);
        let answer = request.send().await.map_err(|error| call.fault(&error))?;
        let policies: BTreeMap<_, _> =
            answer.policies.unwrap_or_default().into_iter().filter_map(entry::of_policy).collect();
        Ok(Page {
            roles: every(answer.role_detail_list, entry::of_role),
            users: every(answer.user_detail_list, entry::of_user),
            groups: every(answer.group_detail_list, entry::of_group),
            policies,
            more: next(call, answer.is_truncated, answer.marker, more)?,
        })
    }

    /// A page of the roles.
    pub(super) async fn listed_roles(&self, more: Option<&str>) -> Result<Page, Fault> {
        let call = self.call("iam:ListRoles");
        let request = self.client.list_roles().set_marker(more.map(str::to_owned)).max_items(MOST);
        let answer = request.send().await.map_err(|error| call.fault(&error))?;
        Ok(Page {
            roles: answer.roles.into_iter().map(entry::of_listed_role).collect(),
            more: next(call, answer.is_truncated, answer.marker, more)?,
            ..Page::default()
        })
    }

    /// A page of the users.
    pub(super) async fn listed_users(&self, more: Option<&str>) -> Result<Page, Fault> {
        let call = self.call("iam:ListUsers");
        let request = self.client.list_users().set_marker(more.map(str::to_owned)).max_items(MOST);
        let answer = request.send().await.map_err(|error| call.fault(&error))?;
        Ok(Page {
            users: answer.users.into_iter().map(entry::of_listed_user).collect(),
            more: next(call, answer.is_truncated, answer.marker, more)?,
            ..Page::default()
        })
    }
}

fn every<T, U>(list: Option<Vec<T>>, take: impl Fn(T) -> U) -> Vec<U> {
    list.unwrap_or_default().into_iter().map(take).collect()
}

/// Where the next page begins. One that could not be found, or is this one again, would pass off a part as the whole or
/// never end.
fn next(
    call: Call<'_>,
    is_truncated: bool,
    marker: Option<String>,
    asked: Option<&str>,
) -> Result<Option<String>, Fault> {
    if !is_truncated {
        return Ok(None);
    }
    marker
        .filter(|marker| !marker.is_empty() && Some(marker.as_str()) != asked)
        .map(Some)
        .ok_or_else(|| {
            let message = format!(
                "{} says that there is more, but not where: what came is not the whole account",
                call.name
            );
            Fault::new(Cause::Unexplained, message).with("action", call.name)
        })
}
