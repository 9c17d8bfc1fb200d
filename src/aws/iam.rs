//! IAM's changing calls: each is sent once, with exactly what the operation holds.

use std::collections::BTreeMap;
use std::error::Error;

use aws_sdk_iam::Client;
use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iam::operation::RequestId;
use aws_sdk_iam::types::Tag;

use super::fault::{Call, Signer};
use crate::domain::arn::PolicyArn;
use crate::domain::fault::Fault;
use crate::domain::name::{IamPath, RoleName};
use crate::domain::operation::{Deed, Operation};

/// Sends one operation. The client must be one that does not retry.
pub(super) async fn perform(
    client: &Client,
    renew: Option<&str>,
    operation: &Operation,
) -> Result<Deed, Fault> {
    let sent =
        Sent(Call { name: operation.call(), changing: true, signer: Signer::Operator(renew) });
    match operation {
        Operation::CreateProvider { issuer, audience, tags } => {
            let request = client
                .create_open_id_connect_provider()
                .url(issuer.url())
                .client_id_list(audience.as_str())
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
        Operation::AttachPolicy { role, policy } => {
            let request = client.attach_role_policy().role_name(role).policy_arn(policy.as_str());
            sent.deed(request.send().await, |_| Some(policy.to_string()))
        }
        Operation::PutInlinePolicy { role, name, document } => {
            let request = client
                .put_role_policy()
                .role_name(role)
                .policy_name(name)
                .policy_document(document);
            sent.deed(request.send().await, |_| None)
        }
        Operation::PutBoundary { role, boundary } => {
            let request = client
                .put_role_permissions_boundary()
                .role_name(role)
                .permissions_boundary(boundary.as_str());
            sent.deed(request.send().await, |_| Some(boundary.to_string()))
        }
        Operation::UpdateRole { role, description, max_session_seconds } => {
            let request = client
                .update_role()
                .role_name(role)
                .set_description(description.clone())
                .set_max_session_duration(seconds(*max_session_seconds));
            sent.deed(request.send().await, |_| None)
        }
        Operation::TagRole { role, tags } => {
            let request = client.tag_role().role_name(role).set_tags(as_sent(tags));
            sent.deed(request.send().await, |_| None)
        }
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
        Ok(Deed { arn: arn(&answer), request_id: answer.request_id().map(str::to_owned) })
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
