//! The jobs, one module for each that is more than a question.

pub mod apply;
pub mod probe;
mod whoami;

use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::control::{Control, read as ask};
use crate::app::task::{End, Job};
use crate::domain::fault::{Cause, Fault};
use crate::domain::issuer::Issuer;
use crate::domain::seen::Discovery;
use crate::ports::{Issuers, World};

/// Does a job that changes nothing in AWS. May be dropped at any await.
pub async fn read(world: &World, control: &Control, job: Job) -> End {
    let World { cloud, issuers, cluster, ledger, .. } = world;
    match job {
        Job::Locate => End::Located(cloud.source().await, cluster.context().await),
        Job::Whoami { until_renewed } => {
            End::Caller(whoami::whoami(&**cloud, control, until_renewed).await)
        }
        Job::ClusterIssuer(context) => {
            End::ClusterIssuer(ask("from the cluster", || cluster.issuer(context.as_deref())).await)
        }
        Job::Discover(issuer) => End::Discovered(discover(&**issuers, &issuer).await),
        Job::Survey(intent) => {
            End::Surveyed(ask("from IAM", || cloud.survey(&intent)).await.map(Box::new))
        }
        Job::Repositories(host) => {
            End::Repositories(ask("from ECR", || cloud.repositories(&host)).await)
        }
        Job::Images(host, repository) => {
            End::Images(ask("from ECR", || cloud.images(&host, &repository)).await)
        }
        Job::Probe(order) => End::Probed(Box::new(probe::probe(world, control, &order).await)),
        Job::TryManifest(context, manifest) => {
            let asked = || cluster.try_manifest(context.as_deref(), &manifest);
            End::ManifestTried(ask("from the cluster", asked).await)
        }
        Job::SaveAnswers(draft) => {
            let ledger = Arc::clone(ledger);
            let saved = spawn_blocking(move || ledger.save_answers(&draft)).await;
            End::Saved(saved.unwrap_or_else(|error| {
                Err(Fault::new(Cause::File, format!("the answers could not be saved: {error}")))
            }))
        }
        // The runner carries out changing jobs itself.
        Job::Apply(_) => End::Stopped,
    }
}

async fn discover(issuers: &dyn Issuers, issuer: &Issuer) -> Result<(Discovery, usize), Fault> {
    let found = ask("from the issuer", || issuers.discover(issuer)).await?;
    let keys = ask("from the issuer's keys", || issuers.keys(&found)).await?;
    Ok((found, keys.len()))
}
