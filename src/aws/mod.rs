//! Stand-in until the adapter is merged.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::domain::arn::RoleArn;
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::RegistryHost;
use crate::domain::intent::{Caller, Intent};
use crate::domain::inventory::Inventory;
use crate::domain::operation::{Deed, Operation};
use crate::domain::partition::Region;
use crate::domain::secret::{Login, Session, WebToken};
use crate::domain::seen::{LoginSource, SeenImage, SeenRepository};
use crate::ports::{Answer, Cloud, OnCall};

/// Options.
#[derive(Debug, Clone, Default)]
pub struct AwsOptions {
    /// Profile.
    pub profile: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Endpoint.
    pub endpoint_url: Option<String>,
}

/// Stand-in.
pub struct Aws;

impl Aws {
    /// Stand-in.
    #[must_use]
    pub fn new(_options: AwsOptions, _on_call: OnCall) -> Self {
        Self
    }
}

fn none<'a, T: Send + 'a>() -> Answer<'a, T> {
    async { Err(Fault::new(Cause::CredentialsMissing, "stand-in")) }.boxed()
}

impl Cloud for Aws {
    fn source(&self) -> BoxFuture<'_, LoginSource> {
        async { LoginSource::default() }.boxed()
    }
    fn whoami(&self) -> Answer<'_, Caller> {
        none()
    }
    fn survey<'a>(&'a self, _: &'a Intent) -> Answer<'a, Inventory> {
        none()
    }
    fn perform<'a>(&'a self, _: &'a Operation) -> Answer<'a, Deed> {
        none()
    }
    fn repositories<'a>(&'a self, _: &'a RegistryHost) -> Answer<'a, Vec<SeenRepository>> {
        none()
    }
    fn images<'a>(&'a self, _: &'a RegistryHost, _: &'a str) -> Answer<'a, Vec<SeenImage>> {
        none()
    }
    fn assume<'a>(&'a self, _: &'a RoleArn, _: &'a WebToken, _: &'a Region) -> Answer<'a, Session> {
        none()
    }
    fn identity<'a>(&'a self, _: &'a Session, _: &'a Region) -> Answer<'a, String> {
        none()
    }
    fn registry_login<'a>(&'a self, _: &'a Session, _: &'a Region) -> Answer<'a, Login> {
        none()
    }
}
