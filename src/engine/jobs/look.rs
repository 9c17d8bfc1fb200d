//! The jobs that only look.

use std::time::Duration;

use crate::app::task::{End, News};
use crate::domain::fault::Cause;
use crate::domain::host::RegistryHost;
use crate::domain::intent::Intent;
use crate::domain::issuer::Issuer;
use crate::engine::control::{Control, within};
use crate::ports::World;

/// A look gives up after this long.
pub const LOOK: Duration = Duration::from_secs(30);
/// How often a login that is being renewed is asked for again.
const RENEWAL: Duration = Duration::from_secs(3);

pub async fn locate(world: &World) -> End {
    let (source, context) = tokio::join!(world.cloud.source(), world.cluster.context());
    End::Located(source, context)
}

pub async fn whoami(world: &World, control: &Control, until_renewed: bool) -> End {
    let mut told = None;
    loop {
        let answer = within(LOOK, "who the caller is", world.cloud.whoami()).await;
        match answer {
            Err(fault)
                if until_renewed
                    && matches!(
                        fault.cause,
                        Cause::CredentialsMissing | Cause::CredentialsExpired
                    ) =>
            {
                if told.as_ref() != Some(&fault) {
                    control.news(News::StillNoLogin(fault.clone()));
                    told = Some(fault);
                }
                if !control.sleep(RENEWAL).await {
                    return End::Stopped;
                }
            }
            other => return End::Caller(other),
        }
    }
}

pub async fn cluster_issuer(world: &World, context: Option<&str>) -> End {
    End::ClusterIssuer(within(LOOK, "the cluster's issuer", world.cluster.issuer(context)).await)
}

pub async fn discover(world: &World, issuer: &Issuer) -> End {
    let look = async {
        let document = world.issuers.discover(issuer).await?;
        let keys = world.issuers.keys(&document).await?;
        Ok((document, keys.len()))
    };
    End::Discovered(within(LOOK, "the issuer's documents", look).await)
}

pub async fn survey(world: &World, intent: &Intent) -> End {
    let seen = within(LOOK, "what AWS has now", world.cloud.survey(intent)).await;
    End::Surveyed(seen.map(Box::new))
}

pub async fn repositories(world: &World, host: &RegistryHost) -> End {
    End::Repositories(within(LOOK, "the repositories", world.cloud.repositories(host)).await)
}

pub async fn images(world: &World, host: &RegistryHost, repository: &str) -> End {
    End::Images(within(LOOK, "the images", world.cloud.images(host, repository)).await)
}
