//! ECR's control plane: what can be chosen from, and the registry login. Never prints `AuthorizationData`, whose `Debug`
//! shows the token.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::{ImageDetail, ImageStatus};

use super::fault::{Call, Signer};
use super::seen::Seen;
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::RegistryHost;
use crate::domain::secret::Login;
use crate::ports::{SeenImage, SeenRepository};

/// How many are offered to choose from.
const CAP: usize = 1000;
/// The most that ECR gives on a page (`maxResults`).
const PAGE: i32 = 1000;
/// ECR has no order of its own: the newest are found only by reading on, up to this many pages.
const PAGES: usize = 10;
const LOGIN: &str = "ecr:GetAuthorizationToken";

/// The repositories by name, the first [`CAP`].
pub(super) async fn repositories(
    client: &Client,
    renew: Option<&str>,
    host: &RegistryHost,
) -> Result<Vec<SeenRepository>, Fault> {
    let call = Call::read("ecr:DescribeRepositories", renew);
    let mut pages = client
        .describe_repositories()
        .registry_id(host.account.as_str())
        .into_paginator()
        .page_size(PAGE)
        .send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| call.fault(&error))?;
        found.extend(page.repositories.unwrap_or_default());
        if found.len() >= CAP {
            break;
        }
    }
    let mut names: Vec<_> = found
        .into_iter()
        .filter_map(|repository| Some(SeenRepository { name: repository.repository_name? }))
        .collect();
    names.sort_by(|a, b| a.name.cmp(&b.name));
    names.truncate(CAP);
    Ok(names)
}

/// The images that can be pulled, newest first, the first [`CAP`].
pub(super) async fn images(
    client: &Client,
    renew: Option<&str>,
    host: &RegistryHost,
    repository: &str,
) -> Result<Vec<SeenImage>, Fault> {
    let call = Call::read("ecr:DescribeImages", renew);
    let mut pages = client
        .describe_images()
        .registry_id(host.account.as_str())
        .repository_name(repository)
        .into_paginator()
        .page_size(PAGE)
        .send();
    let mut found: Vec<ImageDetail> = Vec::new();
    for _ in 0..PAGES {
        let Some(page) = pages.next().await else { break };
        let page = page.map_err(|error| call.fault(&error))?;
        found.extend(page.image_details.unwrap_or_default());
    }
    // Archived images answer a pull with a refusal (ECR API reference, `ImageDetail`).
    found.retain(|image| image.image_status().is_none_or(|s| *s == ImageStatus::Active));
    found.sort_by_key(|image| std::cmp::Reverse(image.image_pushed_at.map(|at| at.as_nanos())));
    Ok(found
        .into_iter()
        .filter_map(|image| {
            Some(SeenImage {
                digest: image.image_digest?,
                tags: image.image_tags.unwrap_or_default(),
                bytes: image.image_size_in_bytes.and_then(|bytes| u64::try_from(bytes).ok()),
            })
        })
        .take(CAP)
        .collect())
}

/// `GetAuthorizationToken`: the login of whoever signs, for the region it is asked in.
pub(super) async fn login(client: &Client, signer: Signer<'_>) -> Result<Login, Fault> {
    let call = Call { name: LOGIN, changing: false, signer };
    let answer = client.get_authorization_token().send().await.map_err(|error| {
        let seen = Seen::of(&error);
        match seen.code.as_deref() {
            Some("AccessDeniedException" | "AccessDenied") => {
                let fault = call.denied(Cause::LoginPermissionMissing, &seen);
                // What the role's own policy lacks is mended there; another kind of policy has an owner of its own.
                match fault.evidence.get("policy") {
                    Some(kind) if kind != "identity-based" => fault,
                    _ => Fault { remedy: None, ..fault },
                }
            }
            _ => call.classify(&seen),
        }
    })?;
    let given = answer.authorization_data.unwrap_or_default().into_iter().next();
    let (token, end) = given
        .and_then(|data| Some((data.authorization_token?, data.expires_at)))
        .ok_or_else(|| {
            Fault::new(
                Cause::Unexplained,
                format!("{LOGIN} succeeded, but its answer has no token"),
            )
        })?;
    let stale = end.is_some_and(|end| end.secs() < crate::clock::now().as_second());
    Ok(Login { token: token.into(), expires: end.map(|end| end.to_string()), stale })
}
