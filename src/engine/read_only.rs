//! The account behind glass: everything can be looked at, nothing can be changed.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};

use crate::domain::arn::RoleArn;
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::RegistryHost;
use crate::domain::intent::{Caller, Intent};
use crate::domain::inventory::{Holdings, Inventory, Wanted};
use crate::domain::key::SeenKey;
use crate::domain::operation::{Deed, Operation};
use crate::domain::partition::Region;
use crate::domain::secret::{Credentials, Login, Session, WebToken};
use crate::domain::seen::{LoginSource, SeenImage, SeenRepository};
use crate::ports::{Answer, Cloud};

/// A cloud whose [`Cloud::perform`] sends nothing (`--read-only`).
pub struct ReadOnly(Arc<dyn Cloud>);

impl ReadOnly {
    /// Puts the glass in front of a cloud.
    #[must_use]
    pub fn new(cloud: Arc<dyn Cloud>) -> Self {
        Self(cloud)
    }
}

impl Cloud for ReadOnly {
    fn perform<'a>(&'a self, operation: &'a Operation) -> Answer<'a, Deed> {
        let message = format!("{} was not sent: --read-only", operation.call());
        let fault = Fault::new(Cause::PermissionDenied, message)
            .with("action", operation.call())
            .with("policy", "--read-only")
            .remedy("run it without --read-only");
        async { Err(fault) }.boxed()
    }

    fn source(&self) -> BoxFuture<'_, LoginSource> {
        self.0.source()
    }

    fn whoami(&self) -> Answer<'_, Caller> {
        self.0.whoami()
    }

    fn survey<'a>(&'a self, intent: &'a Intent) -> Answer<'a, Inventory> {
        self.0.survey(intent)
    }

    fn holdings<'a>(&'a self, wanted: &'a Wanted) -> Answer<'a, Holdings> {
        self.0.holdings(wanted)
    }

    fn keys<'a>(&'a self, user: &'a str) -> Answer<'a, Vec<SeenKey>> {
        self.0.keys(user)
    }

    fn repositories<'a>(&'a self, host: &'a RegistryHost) -> Answer<'a, Vec<SeenRepository>> {
        self.0.repositories(host)
    }

    fn images<'a>(
        &'a self,
        host: &'a RegistryHost,
        repository: &'a str,
    ) -> Answer<'a, Vec<SeenImage>> {
        self.0.images(host, repository)
    }

    fn assume<'a>(
        &'a self,
        role: &'a RoleArn,
        token: &'a WebToken,
        region: &'a Region,
    ) -> Answer<'a, Session> {
        self.0.assume(role, token, region)
    }

    fn identity<'a>(&'a self, of: &'a Credentials, region: &'a Region) -> Answer<'a, String> {
        self.0.identity(of, region)
    }

    fn registry_login<'a>(&'a self, of: &'a Credentials, region: &'a Region) -> Answer<'a, Login> {
        self.0.registry_login(of, region)
    }
}
