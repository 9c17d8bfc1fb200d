//! What each job does with the world.

mod apply;
mod diagnosis;
mod look;
mod probe;
mod rungs;

use super::control::Control;
use crate::app::task::{End, Job};
use crate::ports::World;

/// Carries out a job to its end.
pub async fn run(job: Job, world: &World, control: &Control) -> End {
    match job {
        Job::Locate => look::locate(world).await,
        Job::Whoami { until_renewed } => look::whoami(world, control, until_renewed).await,
        Job::ClusterIssuer(context) => look::cluster_issuer(world, context.as_deref()).await,
        Job::Discover(issuer) => look::discover(world, &issuer).await,
        Job::Survey(intent) => look::survey(world, &intent).await,
        Job::Repositories(host) => look::repositories(world, &host).await,
        Job::Images(host, repository) => look::images(world, &host, &repository).await,
        Job::Apply(plan) => End::Applied(Box::new(apply::apply(world, control, &plan).await)),
        Job::Probe(order) => End::Probed(Box::new(probe::probe(world, control, &order).await)),
        Job::SaveAnswers(draft) => End::Saved(world.ledger.save_answers(&draft)),
    }
}
