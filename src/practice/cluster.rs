//! The cluster of a practice account, in the place of `kubectl`.

use futures_util::future::{BoxFuture, FutureExt};

use super::admission::admit;
use super::mint::mint;
use crate::domain::secret::WebToken;
use crate::domain::subject::{Audience, Subject};
use crate::ports::{Answer, Cluster};

/// What stands for the kubeconfig's context.
const CONTEXT: &str = "practice";

/// The cluster whose issuer a practice account plays.
#[derive(Debug, Clone)]
pub struct PracticeCluster {
    issuer: String,
    url: String,
}

impl PracticeCluster {
    /// The cluster with this issuer, minting at `url`.
    #[must_use]
    pub fn new(issuer: String, url: String) -> Self {
        Self { issuer, url }
    }
}

impl Cluster for PracticeCluster {
    fn context(&self) -> BoxFuture<'_, Option<String>> {
        std::future::ready(Some(CONTEXT.to_owned())).boxed()
    }

    fn issuer<'a>(&'a self, _: Option<&'a str>) -> Answer<'a, String> {
        std::future::ready(Ok(self.issuer.clone())).boxed()
    }

    fn token<'a>(
        &'a self,
        _: Option<&'a str>,
        subject: &'a Subject,
        audience: &'a Audience,
    ) -> Answer<'a, WebToken> {
        async move { mint(&self.url, Some(audience.as_str()), Some(&subject.to_string())).await }
            .boxed()
    }

    fn try_manifest<'a>(&'a self, _: Option<&'a str>, manifest: &'a str) -> Answer<'a, ()> {
        std::future::ready(admit(manifest)).boxed()
    }
}
