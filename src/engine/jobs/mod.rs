//! The jobs, one module for each that is more than a question.

pub mod apply;
pub mod change;
mod custody;
mod exercise;
pub mod mend;
pub mod probe;
mod recall;
mod review;
pub mod undo;
mod whoami;

use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::control::{Control, read as ask};
use crate::app::task::{End, Job};
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::Intent;
use crate::domain::inventory::Inventory;
use crate::domain::issuer::Issuer;
use crate::domain::review::Review;
use crate::domain::seen::Discovery;
use crate::ports::{Issuers, World};
use crate::render::review::{Format, print};

/// Does a job that changes nothing in AWS. May be dropped at any await.
pub async fn read(world: &World, control: &Control, job: Job) -> End {
    let World { cloud, issuers, cluster, ledger, archive, .. } = world;
    match job {
        Job::Locate => End::Located(cloud.source().await, cluster.context().await),
        Job::Whoami { until_renewed } => {
            End::Caller(whoami::whoami(&**cloud, control, until_renewed).await)
        }
        Job::ClusterIssuer(context) => {
            End::ClusterIssuer(ask("from the cluster", || cluster.issuer(context.as_deref())).await)
        }
        Job::Discover(issuer) => End::Discovered(discover(&**issuers, &issuer).await),
        Job::Survey(intent) => End::Surveyed(survey(world, &intent).await.map(Box::new)),
        Job::TryPlace(custody) => End::PlaceTried(custody::seen(world, &custody).await),
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
        Job::Runs => End::Runs(recall::runs(world).await),
        Job::Recall(run) => End::Recalled(recall::recall(world, &run).await.map(Box::new)),
        Job::SaveAnswers(run, draft) => {
            let ledger = Arc::clone(ledger);
            End::Saved(on_disk(move || ledger.save_answers(&run, &draft)).await)
        }
        Job::Review(accepted) => {
            End::Reviewed(review::shown(world, control, accepted).await.map(Box::new))
        }
        Job::KeepReview(review) => {
            let archive = Arc::clone(archive);
            let kept = move || match &review.triage {
                Ok(triage) => archive.keep_review(&review.caller.account, &triage.to_keep(&review)),
                Err(fault) => Err(fault.clone()),
            };
            End::Kept(on_disk(kept).await)
        }
        Job::Accept(path, change) => {
            let archive = Arc::clone(archive);
            End::Accepted(on_disk(move || archive.accept(&path, &change)).await)
        }
        Job::Export { run, review, format } => {
            let archive = Arc::clone(archive);
            let exported =
                move || archive.write_export(&run, format.file(), &exported(&review, format));
            End::Exported(on_disk(exported).await)
        }
        Job::OpenExercise(run, exercise) => {
            End::ExerciseOpened(exercise::open(world, control, &run, &exercise).await.map(Box::new))
        }
        Job::WatchGoals(exercise, accepted) => {
            exercise::watch(world, control, &exercise, accepted).await
        }
        Job::KeepProgress(progress) => {
            let archive = Arc::clone(archive);
            End::ProgressKept(on_disk(move || archive.keep_progress(&progress)).await)
        }
        Job::WriteRecord(run, text) => {
            let archive = Arc::clone(archive);
            let written = move || archive.write_export(&run, "record.md", &text);
            End::RecordWritten(on_disk(written).await)
        }
        Job::AskPrinted(calls) => End::Printed(exercise::printed(world, calls).await),
        // The runner carries out changing jobs itself.
        Job::Apply(_) | Job::Undo(_) | Job::Mend(_) => End::Stopped,
    }
}

/// As the command prints it: what is new is told only against an earlier review that was named.
fn exported(review: &Review, format: Format) -> String {
    let mut plain = review.clone();
    if let Ok(triage) = &mut plain.triage {
        triage.known = None;
    }
    print(&plain, format)
}

/// Does something on the disk, apart from the tasks that wait for answers.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Fault::new(Cause::File, format!("it was broken off: {error}"))))
}

/// What AWS has, and beside it what stands where the secret of a user's key would go.
async fn survey(world: &World, intent: &Intent) -> Result<Inventory, Fault> {
    let account = ask("from IAM", || world.cloud.survey(intent));
    let Some(user) = intent.user() else { return account.await };
    let (account, place) = tokio::join!(account, custody::seen(world, &user.custody));
    Ok(Inventory { place: Some(place), ..account? })
}

async fn discover(issuers: &dyn Issuers, issuer: &Issuer) -> Result<(Discovery, usize), Fault> {
    let found = ask("from the issuer", || issuers.discover(issuer)).await?;
    let keys = ask("from the issuer's keys", || issuers.keys(&found)).await?;
    Ok((found, keys.len()))
}
