//! What the journal knows, and what taking a run back depends on.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::app::task::Recalled;
use crate::domain::fault::{Cause, Fault};
use crate::domain::journal::{Past, Recorded, is_of};
use crate::domain::undo::wanted;
use crate::engine::control::read;
use crate::ports::World;

/// The runs that have a journal, the oldest first.
pub(super) async fn runs(world: &World) -> Result<Vec<Recorded>, Fault> {
    let ledger = Arc::clone(&world.ledger);
    let read = spawn_blocking(move || ledger.runs()).await;
    read.unwrap_or_else(|_| Err(Fault::new(Cause::File, "reading the runs was broken off")))
}

/// A run by its id, the login, and what AWS has of what the run touched.
pub(super) async fn recall(world: &World, run: &str) -> Result<Recalled, Fault> {
    let known = runs(world).await?.into_iter().find(|known| known.run == run);
    let Some(known) = known else {
        return Err(Fault::new(Cause::File, format!("there is no journal of a run {run}"))
            .with("run", run)
            .remedy("`okteto-ecr runs` lists those that are known"));
    };
    let past = known.past?;
    let caller = read("from STS", || world.cloud.whoami()).await?;
    is_of(&past.header, &caller)?;
    let seen = holdings(world, &past).await?;
    Ok(Recalled { past, caller, seen })
}

/// What AWS has of what a run touched.
pub(super) async fn holdings(
    world: &World,
    past: &Past,
) -> Result<crate::domain::inventory::Holdings, Fault> {
    let wanted = wanted(past);
    read("from IAM", || world.cloud.holdings(&wanted)).await
}
