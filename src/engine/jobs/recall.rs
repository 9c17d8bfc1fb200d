//! What the journal knows, and what taking a run back depends on.

use std::sync::Arc;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use super::change::{BETWEEN_LOOKS, READ_BACK};
use crate::app::task::Recalled;
use crate::clock;
use crate::domain::fault::{Cause, Fault};
use crate::domain::inventory::{Holdings, Wanted};
use crate::domain::journal::{Entry, Past, Recorded, Unsure, is_of};
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
    let seen = settled(world, &past).await?;
    Ok(Recalled { past, caller, seen })
}

/// What AWS has of what a run touched. Reads right after writes may be old: what was made a moment ago and is not there yet
/// would be taken for gone, and stay for ever; what was removed and is still shown, for somebody else's.
async fn settled(world: &World, past: &Past) -> Result<Holdings, Fault> {
    let age = |last: jiff::Timestamp| clock::now().duration_since(last).unsigned_abs();
    let age = past.last.parse().map_or(READ_BACK, age);
    let until = Instant::now() + READ_BACK.saturating_sub(age);
    loop {
        let seen = holdings(world, past).await?;
        if Instant::now() >= until || is_as_left(past, &seen) {
            return Ok(seen);
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

/// Whether everything shows what the run did to it last, and what may have happened shows that it has.
fn is_as_left(past: &Past, seen: &Holdings) -> bool {
    let is_shown = |entry: &Entry| {
        let state = entry.thing.state(seen);
        entry.is_as_left(&state) && (entry.after.len() == 1 || !entry.is_as_found(&state))
    };
    let is_listed = |one: &Unsure| {
        let user = seen.users.get(&one.user);
        user.is_some_and(|user| !past.unsure_keys(user).is_empty())
    };
    let is_back = |entry: &Entry| entry.is_as_found(&entry.thing.state(seen));
    past.entries.iter().all(is_shown)
        && past.restored.iter().all(is_back)
        && past.unsure.iter().all(is_listed)
}

/// What AWS has of what a run touched.
pub(super) async fn holdings(world: &World, past: &Past) -> Result<Holdings, Fault> {
    held(world, &wanted(past)).await
}

/// So many roles and users are read within the time of one read: they are read one after the other.
const AT_ONCE: usize = 20;

/// What AWS has of many things.
pub(super) async fn held(world: &World, wanted: &Wanted) -> Result<Holdings, Fault> {
    let Wanted { providers, roles, users } = wanted.clone();
    let (mut roles, mut users) = (roles.into_iter(), users.into_iter());
    let mut seen = Holdings::default();
    let mut providers = Some(providers);
    loop {
        let some = Wanted {
            providers: providers.take().unwrap_or_default(),
            roles: roles.by_ref().take(AT_ONCE).collect(),
            users: users.by_ref().take(AT_ONCE).collect(),
        };
        let Holdings { providers, roles: of_roles, users: of_users, trusting } =
            read("from IAM", || world.cloud.holdings(&some)).await?;
        seen.providers.extend(providers);
        seen.roles.extend(of_roles);
        seen.users.extend(of_users);
        seen.trusting = seen.trusting.or(trusting);
        if roles.len() == 0 && users.len() == 0 {
            return Ok(seen);
        }
    }
}
