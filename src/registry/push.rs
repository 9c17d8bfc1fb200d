//! The one push: an upload that is begun to see it denied (OCI distribution specification, "Pushing blobs"; on ECR it wants
//! `ecr:InitiateLayerUpload`, Amazon ECR user guide, `image-push-iam`), and its cancelling, which is of the Docker Registry
//! HTTP API V2 only ("Canceling an Upload"; opencontainers/distribution-spec#352): a registry may not know it.

use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderValue};
use reqwest::{Method, Url};

use super::fault::{self, Place, Thing};
use super::{Ask, Puller, REFUSAL_LIMIT, authorization, is_downgrade};
use crate::domain::fault::{Cause, Fault};
use crate::domain::seen::Push;
use crate::web::host;

impl Puller {
    /// Begins an upload, and cancels it where it was let in.
    pub(super) async fn push(&self, ask: Ask<'_>) -> Result<Push, Fault> {
        let Ask { login, wish } = ask;
        let (call, path) = Thing::Upload.request(wish.image.repository.as_str(), "");
        let url = self.url(&wish.host, &path)?;
        let mut headers = HeaderMap::from_iter([(AUTHORIZATION, authorization(login)?)]);
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        let mut exchange = self.web.send(Method::POST, call, url.clone(), headers).await?;
        if exchange.status() == 202 {
            let location = exchange.location();
            // The connection is free for the next request once this answer is done with.
            drop(exchange);
            return Ok(Push::Begun(self.cancel(ask, &url, location).await));
        }
        let body = exchange.body(REFUSAL_LIMIT).await.ok().flatten().unwrap_or_default();
        let refusal = fault::refused(&exchange, &body, Place::Registry, Thing::Upload, login, wish);
        match refusal.cause {
            // The login has just pulled, so that even 401 speaks of the push.
            Cause::PullPermissionMissing
            | Cause::RepositoryPolicyMissing
            | Cause::RegistryLoginRefused => {
                let said = refusal.evidence.get("registry_said").cloned();
                Ok(Push::Denied(said.unwrap_or(refusal.message)))
            }
            _ => Err(refusal),
        }
    }

    async fn cancel(&self, ask: Ask<'_>, begun: &Url, at: Option<Url>) -> Result<(), Fault> {
        let registry = host(begun);
        let left = |why: &str| {
            let message =
                format!("the upload that {registry} let in could not be cancelled: {why}");
            Fault::new(Cause::Unexplained, message).with("host", &registry)
        };
        let at = at.ok_or_else(|| left("the registry does not say where it is"))?;
        if is_downgrade(begun, &at) {
            return Err(left("the registry leads from https to plain http"));
        }
        let mut headers = HeaderMap::new();
        // The login is for the registry only.
        if at.origin() == begun.origin() {
            headers.insert(AUTHORIZATION, authorization(ask.login)?);
        }
        let gone = self.web.send(Method::DELETE, "DELETE upload", at, headers).await?;
        match gone.status() {
            // Not there any more is cancelled, too.
            200..300 | 404 => Ok(()),
            status => {
                Err(left(&format!("it answered {status}")).with("status", status.to_string()))
            }
        }
    }
}
