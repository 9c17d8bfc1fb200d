//! AWS through its SDK: the one folder that names `aws_sdk_*`. Implements [`Cloud`].
//!
//! The login is found as the AWS CLI finds it: profiles, assume-role chains, `credential_process`, SSO, `aws login`, web
//! identity, container and instance roles. **SSO and the console login are unverified**: they are the SDK's features,
//! switched on, and cannot be tried without AWS.
//!
//! Invariants: making an [`Aws`] does no I/O; a changing call is sent once; the calls of the pull test never see the
//! operator's credentials; every failure leaves as a [`Fault`] made in `fault`; secrets enter the SDK here and nowhere
//! else.

mod calls;
mod connect;
mod ecr;
mod fault;
mod holdings;
mod iam;
mod role;
mod roster;
mod seen;
mod settings;
mod sts;
mod survey;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod user;

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_sts::config::{Credentials as SdkCredentials, SharedCredentialsProvider};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use secrecy::ExposeSecret;
use tokio::sync::Mutex;

pub use self::settings::{AwsOptions, Fixed};

use self::calls::CallLog;
use self::connect::Connection;
use self::fault::Signer;
use self::settings::Settings;
use crate::domain::arn::RoleArn;
use crate::domain::fault::Fault;
use crate::domain::host::RegistryHost;
use crate::domain::intent::{Caller, Intent};
use crate::domain::inventory::{Holdings, Inventory, Wanted};
use crate::domain::key::SeenKey;
use crate::domain::operation::{Deed, Operation};
use crate::domain::partition::Region;
use crate::domain::secret::{Credentials, Login, Session, WebToken};
use crate::ports::{Answer, Cloud, LoginSource, OnCall, SeenImage, SeenRepository};

/// AWS as the environment and the options describe it.
pub struct Aws {
    options: AwsOptions,
    log: CallLog,
    connection: Mutex<Option<Arc<Connection>>>,
}

impl Aws {
    /// Keeps the options. Reads nothing and sends nothing.
    #[must_use]
    pub fn new(options: AwsOptions, on_call: OnCall) -> Self {
        Self { options, log: CallLog(on_call), connection: Mutex::new(None) }
    }

    /// The connection in force; made if there is none.
    async fn connection(&self) -> Result<Arc<Connection>, Fault> {
        let mut kept = self.connection.lock().await;
        if let Some(connection) = &*kept {
            return Ok(Arc::clone(connection));
        }
        let connection = Arc::new(Connection::open(&self.options).await?);
        *kept = Some(Arc::clone(&connection));
        Ok(connection)
    }

    /// A connection made anew, so that a login renewed in another window is seen.
    async fn fresh_connection(&self) -> Result<Arc<Connection>, Fault> {
        *self.connection.lock().await = None;
        self.connection().await
    }

    fn iam(&self, config: &SdkConfig) -> aws_sdk_iam::config::Builder {
        aws_sdk_iam::config::Builder::from(config).interceptor(self.log.clone())
    }

    fn sts(&self, config: &SdkConfig) -> aws_sdk_sts::config::Builder {
        aws_sdk_sts::config::Builder::from(config).interceptor(self.log.clone())
    }

    fn ecr(&self, config: &SdkConfig) -> aws_sdk_ecr::config::Builder {
        aws_sdk_ecr::config::Builder::from(config).interceptor(self.log.clone())
    }
}

/// The configuration of calls that only these credentials sign.
fn signed_by(of: &Credentials, bare: &SdkConfig) -> SdkConfig {
    let credentials = SdkCredentials::new(
        &of.access_key_id,
        of.secret_access_key.expose_secret(),
        of.session_token.as_ref().map(|token| token.expose_secret().to_owned()),
        None,
        "okteto-ecr pull test",
    );
    bare.to_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build()
}

fn sdk_region(region: &Region) -> aws_config::Region {
    aws_config::Region::new(region.as_str().to_owned())
}

impl Cloud for Aws {
    fn source(&self) -> BoxFuture<'_, LoginSource> {
        async { Settings::read(&self.options).await.source }.boxed()
    }

    fn whoami(&self) -> Answer<'_, Caller> {
        async {
            let connection = self.fresh_connection().await?;
            let client = aws_sdk_sts::Client::from_conf(self.sts(&connection.operator).build());
            sts::whoami(&client, connection.renew()).await
        }
        .boxed()
    }

    fn survey<'a>(&'a self, intent: &'a Intent) -> Answer<'a, Inventory> {
        async {
            let connection = self.connection().await?;
            let client = aws_sdk_iam::Client::from_conf(self.iam(&connection.operator).build());
            survey::survey(&client, connection.renew(), intent).await
        }
        .boxed()
    }

    fn holdings<'a>(&'a self, wanted: &'a Wanted) -> Answer<'a, Holdings> {
        async {
            let connection = self.connection().await?;
            let client = aws_sdk_iam::Client::from_conf(self.iam(&connection.operator).build());
            holdings::holdings(&client, connection.renew(), wanted).await
        }
        .boxed()
    }

    fn keys<'a>(&'a self, user: &'a str) -> Answer<'a, Vec<SeenKey>> {
        async {
            let connection = self.connection().await?;
            let client = aws_sdk_iam::Client::from_conf(self.iam(&connection.operator).build());
            user::keys(&client, connection.renew(), user).await
        }
        .boxed()
    }

    fn perform<'a>(&'a self, operation: &'a Operation) -> Answer<'a, Deed> {
        async {
            let connection = self.connection().await?;
            let config = self.iam(&connection.operator).retry_config(connect::once()).build();
            let client = aws_sdk_iam::Client::from_conf(config);
            iam::perform(&client, connection.renew(), operation).await
        }
        .boxed()
    }

    fn repositories<'a>(&'a self, host: &'a RegistryHost) -> Answer<'a, Vec<SeenRepository>> {
        async {
            let connection = self.connection().await?;
            let config = self.ecr(&connection.operator).region(sdk_region(&host.region)).build();
            let client = aws_sdk_ecr::Client::from_conf(config);
            ecr::repositories(&client, connection.renew(), host).await
        }
        .boxed()
    }

    fn images<'a>(
        &'a self,
        host: &'a RegistryHost,
        repository: &'a str,
    ) -> Answer<'a, Vec<SeenImage>> {
        async move {
            let connection = self.connection().await?;
            let config = self.ecr(&connection.operator).region(sdk_region(&host.region)).build();
            let client = aws_sdk_ecr::Client::from_conf(config);
            ecr::images(&client, connection.renew(), host, repository).await
        }
        .boxed()
    }

    fn assume<'a>(
        &'a self,
        role: &'a RoleArn,
        token: &'a WebToken,
        region: &'a Region,
    ) -> Answer<'a, Session> {
        async move {
            let connection = self.connection().await?;
            let config = self.sts(&connection.bare).region(sdk_region(region));
            let client =
                aws_sdk_sts::Client::from_conf(config.retry_config(connect::once()).build());
            sts::assume(&client, role, token).await
        }
        .boxed()
    }

    fn identity<'a>(&'a self, of: &'a Credentials, region: &'a Region) -> Answer<'a, String> {
        async move {
            let connection = self.connection().await?;
            let config = self.sts(&signed_by(of, &connection.bare)).region(sdk_region(region));
            let client =
                aws_sdk_sts::Client::from_conf(config.retry_config(connect::once()).build());
            sts::identity(&client, Signer::of(of)).await
        }
        .boxed()
    }

    fn registry_login<'a>(&'a self, of: &'a Credentials, region: &'a Region) -> Answer<'a, Login> {
        async move {
            let connection = self.connection().await?;
            let config = self.ecr(&signed_by(of, &connection.bare)).region(sdk_region(region));
            let client =
                aws_sdk_ecr::Client::from_conf(config.retry_config(connect::once()).build());
            ecr::login(&client, Signer::of(of)).await
        }
        .boxed()
    }
}
