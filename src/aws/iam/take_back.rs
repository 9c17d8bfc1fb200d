//! The calls that delete, remove and detach. That a thing is not there is a fault here as anywhere: whoever sends the call
//! knows whether it matters.

use aws_sdk_iam::Client;

use super::Sent;
use crate::domain::arn::{PolicyArn, ProviderArn};
use crate::domain::fault::Fault;
use crate::domain::operation::Deed;
use crate::domain::principal::Principal;
use crate::domain::subject::Audience;

pub(super) async fn delete_provider(
    client: &Client,
    sent: &Sent<'_>,
    provider: &ProviderArn,
) -> Result<Deed, Fault> {
    let arn = provider.as_str();
    let request = client.delete_open_id_connect_provider().open_id_connect_provider_arn(arn);
    sent.deed(request.send().await, |_| Some(arn.to_owned()))
}

pub(super) async fn remove_audience(
    client: &Client,
    sent: &Sent<'_>,
    provider: &ProviderArn,
    audience: &Audience,
) -> Result<Deed, Fault> {
    let request = client
        .remove_client_id_from_open_id_connect_provider()
        .open_id_connect_provider_arn(provider.as_str())
        .client_id(audience.as_str());
    sent.deed(request.send().await, |_| Some(provider.to_string()))
}

pub(super) async fn detach_policy(
    client: &Client,
    sent: &Sent<'_>,
    from: &Principal,
    policy: &PolicyArn,
) -> Result<Deed, Fault> {
    let arn = policy.as_str();
    match from {
        Principal::Role(name) => {
            let request = client.detach_role_policy().role_name(name).policy_arn(arn);
            sent.deed(request.send().await, |_| Some(arn.to_owned()))
        }
        Principal::User(name) => {
            let request = client.detach_user_policy().user_name(name).policy_arn(arn);
            sent.deed(request.send().await, |_| Some(arn.to_owned()))
        }
    }
}

pub(super) async fn delete_inline_policy(
    client: &Client,
    sent: &Sent<'_>,
    on: &Principal,
    policy: &str,
) -> Result<Deed, Fault> {
    match on {
        Principal::Role(name) => {
            let request = client.delete_role_policy().role_name(name).policy_name(policy);
            sent.deed(request.send().await, |_| None)
        }
        Principal::User(name) => {
            let request = client.delete_user_policy().user_name(name).policy_name(policy);
            sent.deed(request.send().await, |_| None)
        }
    }
}

pub(super) async fn delete_boundary(
    client: &Client,
    sent: &Sent<'_>,
    on: &Principal,
) -> Result<Deed, Fault> {
    match on {
        Principal::Role(name) => {
            let request = client.delete_role_permissions_boundary().role_name(name);
            sent.deed(request.send().await, |_| None)
        }
        Principal::User(name) => {
            let request = client.delete_user_permissions_boundary().user_name(name);
            sent.deed(request.send().await, |_| None)
        }
    }
}

pub(super) async fn untag(
    client: &Client,
    sent: &Sent<'_>,
    on: &Principal,
    keys: &[String],
) -> Result<Deed, Fault> {
    let keys = Some(keys.to_vec());
    match on {
        Principal::Role(name) => {
            let request = client.untag_role().role_name(name).set_tag_keys(keys);
            sent.deed(request.send().await, |_| None)
        }
        Principal::User(name) => {
            let request = client.untag_user().user_name(name).set_tag_keys(keys);
            sent.deed(request.send().await, |_| None)
        }
    }
}
