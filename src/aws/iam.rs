//! IAM's changing calls: each is sent once, with exactly what the operation holds.

mod take_back;

use std::collections::BTreeMap;
use std::error::Error;

use aws_sdk_iam::Client;
use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iam::operation::RequestId;
use aws_sdk_iam::types::{StatusType, Tag};

use super::fault::{Call, Signer};
use crate::domain::arn::PolicyArn;
use crate::domain::fault::Fault;
use crate::domain::key::{KeyId, KeyStatus};
use crate::domain::name::{IamPath, RoleName};
use crate::domain::operation::{Deed, Operation};
use crate::domain::principal::Principal;
use crate::domain::secret::{AccessKey, taken};

/// Sends one operation. The client must be one that does not retry.
#[expect(clippy::too_many_lines, reason = "one arm for each operation")]
pub(super) async fn perform(
    client: &Client,
    renew: Option<&str>,
    operation: &Operation,
) -> Result<Deed, Fault> {
    let sent =
        Sent(Call { name: operation.call(), changing: true, signer: Signer::Operator(renew) });
    match operation {
        Operation::CreateProvider { issuer, audiences, tags } => {
            let audiences: Vec<String> = audiences.iter().map(ToString::to_string).collect();
            let request = client
                .create_open_id_connect_provider()
                .url(issuer.url())
                .set_client_id_list((!audiences.is_empty()).then_some(audiences))
                .set_tags(as_sent(tags));
            sent.deed(request.send().await, |answer| answer.open_id_connect_provider_arn.clone())
        }
        Operation::AddAudience { provider, audience } => {
            let request = client
                .add_client_id_to_open_id_connect_provider()
                .open_id_connect_provider_arn(provider.as_str())
                .client_id(audience.as_str());
            sent.deed(request.send().await, |_| Some(provider.to_string()))
        }
        Operation::CreateRole {
            role,
            path,
            trust,
            description,
            max_session_seconds,
            boundary,
            tags,
        } => {
            let request = new_role(client, role, path, boundary.as_ref())
                .assume_role_policy_document(trust)
                .set_description(description.clone())
                .set_max_session_duration(seconds(*max_session_seconds))
                .set_tags(as_sent(tags));
            sent.deed(request.send().await, |answer| answer.role.as_ref().map(|r| r.arn.clone()))
        }
        Operation::UpdateTrust { role, trust } => {
            let request = client.update_assume_role_policy().role_name(role).policy_document(trust);
            sent.deed(request.send().await, |_| None)
        }
        Operation::CreateUser { user, path, boundary, tags } => {
            let request = client
                .create_user()
                .user_name(user.as_str())
                .path(path.as_str())
                .set_permissions_boundary(boundary.as_ref().map(ToString::to_string))
                .set_tags(as_sent(tags));
            sent.deed(request.send().await, |answer| answer.user.as_ref().map(|u| u.arn.clone()))
        }
        Operation::AttachPolicy { to, policy } => {
            let arn = policy.as_str();
            let made = Some(arn.to_owned());
            match to {
                Principal::Role(name) => {
                    let request = client.attach_role_policy().role_name(name).policy_arn(arn);
                    sent.deed(request.send().await, |_| made.clone())
                }
                Principal::User(name) => {
                    let request = client.attach_user_policy().user_name(name).policy_arn(arn);
                    sent.deed(request.send().await, |_| made.clone())
                }
            }
        }
        Operation::PutInlinePolicy { on, name, document } => match on {
            Principal::Role(role) => {
                let request = client.put_role_policy().role_name(role);
                let request = request.policy_name(name).policy_document(document);
                sent.deed(request.send().await, |_| None)
            }
            Principal::User(user) => {
                let request = client.put_user_policy().user_name(user);
                let request = request.policy_name(name).policy_document(document);
                sent.deed(request.send().await, |_| None)
            }
        },
        Operation::PutBoundary { on, boundary } => {
            let arn = boundary.as_str();
            let made = Some(arn.to_owned());
            match on {
                Principal::Role(name) => {
                    let request = client.put_role_permissions_boundary().role_name(name);
                    let request = request.permissions_boundary(arn);
                    sent.deed(request.send().await, |_| made.clone())
                }
                Principal::User(name) => {
                    let request = client.put_user_permissions_boundary().user_name(name);
                    let request = request.permissions_boundary(arn);
                    sent.deed(request.send().await, |_| made.clone())
                }
            }
        }
        Operation::UpdateRole { role, description, max_session_seconds } => {
            let request = client
                .update_role()
                .role_name(role)
                .set_description(description.clone())
                .set_max_session_duration(seconds(*max_session_seconds));
            sent.deed(request.send().await, |_| None)
        }
        Operation::Tag { on: Principal::Role(name), tags } => {
            let request = client.tag_role().role_name(name).set_tags(as_sent(tags));
            sent.deed(request.send().await, |_| None)
        }
        Operation::Tag { on: Principal::User(name), tags } => {
            let request = client.tag_user().user_name(name).set_tags(as_sent(tags));
            sent.deed(request.send().await, |_| None)
        }
        Operation::CreateAccessKey { user, .. } => new_key(client, &sent, user).await,
        Operation::SetKeyStatus { user, key, status } => {
            let status = match status {
                KeyStatus::Active => StatusType::Active,
                KeyStatus::Inactive | KeyStatus::Expired => StatusType::Inactive,
            };
            let request = client.update_access_key().user_name(user);
            let request = request.access_key_id(key.as_str()).status(status);
            sent.deed(request.send().await, |_| None)
        }
        Operation::DeleteAccessKey { user, key } => {
            let request = client.delete_access_key().user_name(user).access_key_id(key.as_str());
            sent.deed(request.send().await, |_| None)
        }
        Operation::DeleteProvider { provider } => {
            take_back::delete_provider(client, &sent, provider).await
        }
        Operation::RemoveAudience { provider, audience } => {
            take_back::remove_audience(client, &sent, provider, audience).await
        }
        Operation::DeleteRole { role } => {
            sent.deed(client.delete_role().role_name(role).send().await, |_| None)
        }
        Operation::DeleteUser { user } => {
            sent.deed(client.delete_user().user_name(user).send().await, |_| None)
        }
        Operation::DetachPolicy { from, policy } => {
            take_back::detach_policy(client, &sent, from, policy).await
        }
        Operation::DeleteInlinePolicy { on, name } => {
            take_back::delete_inline_policy(client, &sent, on, name).await
        }
        Operation::DeleteBoundary { on } => take_back::delete_boundary(client, &sent, on).await,
        Operation::Untag { on, keys } => take_back::untag(client, &sent, on, keys).await,
    }
}

fn new_role(
    client: &Client,
    role: &RoleName,
    path: &IamPath,
    boundary: Option<&PolicyArn>,
) -> aws_sdk_iam::operation::create_role::builders::CreateRoleFluentBuilder {
    client
        .create_role()
        .role_name(role.as_str())
        .path(path.as_str())
        .set_permissions_boundary(boundary.map(ToString::to_string))
}

/// The one answer that holds the secret: it is taken over, and wiped where the SDK had it.
async fn new_key(client: &Client, sent: &Sent<'_>, user: &str) -> Result<Deed, Fault> {
    let answer = client.create_access_key().user_name(user).send().await;
    let mut answer = answer.map_err(|error| sent.0.fault(&error))?;
    let request_id = answer.request_id().map(str::to_owned);
    let key = answer.access_key.take().and_then(|key| {
        let secret = taken(key.secret_access_key);
        Some(AccessKey { id: KeyId::parse(&key.access_key_id).ok()?, secret })
    });
    Ok(Deed { arn: None, request_id, key })
}

/// A changing call that was sent.
struct Sent<'a>(Call<'a>);

impl Sent<'_> {
    fn deed<T, E>(
        &self,
        answer: Result<T, SdkError<E, HttpResponse>>,
        arn: impl Fn(&T) -> Option<String>,
    ) -> Result<Deed, Fault>
    where
        T: RequestId,
        E: ProvideErrorMetadata + Error + 'static,
    {
        let answer = answer.map_err(|error| self.0.fault(&error))?;
        let request_id = answer.request_id().map(str::to_owned);
        Ok(Deed { arn: arn(&answer), request_id, key: None })
    }
}

fn seconds(seconds: Option<u32>) -> Option<i32> {
    seconds.and_then(|seconds| i32::try_from(seconds).ok())
}

/// Tags as the SDK has them; none is not sent. Building one fails only without key or value, and both are given.
fn as_sent(tags: &BTreeMap<String, String>) -> Option<Vec<Tag>> {
    let tags: Vec<Tag> =
        tags.iter().filter_map(|(k, v)| Tag::builder().key(k).value(v).build().ok()).collect();
    (!tags.is_empty()).then_some(tags)
}
