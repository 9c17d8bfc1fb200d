//! The practice account as a place to learn in: the worlds of exercises, and how far their goals are.

mod check;
mod desk;
mod printed;
mod strangers;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use jiff::Timestamp;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use self::check::Bench;
use self::desk::{Desk, wrong};
use super::account::Account;
use super::cluster::PracticeCluster;
use super::front::{Front, Observer};
use super::issuer::{Issuer, LIFE};
use super::scene::Scene;
use crate::domain::exercise::Exercise;
use crate::domain::exercise::goal::Standing;
use crate::domain::fault::Fault;
use crate::domain::secret::WebToken;
use crate::domain::seen::SentCall;
use crate::domain::tutorial::{PrintedCall, Said};
use crate::ports::{Answer, Classroom};

/// How often the goals are looked at while something spreads, at the least and at the most.
const LOOK: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// The classroom of a practice account.
#[derive(Clone)]
pub struct Room {
    front: Front,
    cluster: PracticeCluster,
    desk: Arc<Mutex<Option<Arc<Desk>>>>,
}

impl Room {
    /// The classroom of the account behind this door, and of its cluster.
    #[must_use]
    pub fn new(front: Front, cluster: PracticeCluster) -> Self {
        let ajar = front.ajar();
        cluster.on_change(move || {
            if let Some(front) = ajar.front() {
                front.touch();
            }
        });
        Self { front, cluster, desk: Arc::default() }
    }

    fn desk(&self) -> Option<Arc<Desk>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes the world, with the keys that its tokens are signed with, which takes a while.
    fn set_up(&self, exercise: &Arc<Exercise>) -> Result<Option<WebToken>, Fault> {
        let now = self.front.now();
        let scene = Scene::of(&exercise.world, now);
        let trial = Account::new(&scene);
        if let Some(policy) = trial.unknown_policy() {
            return Err(wrong(&format!("the practice account has no policy {policy}")));
        }
        let desk = Desk::new(exercise, &trial, &self.cluster)?;
        let mut slot = self.desk.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.front.renew(&scene, |account| {
            let desk = Desk { first: account.clone(), ..desk };
            self.cluster.refill(account.secret_key().map(|key| (&desk.place, key)));
            let outages = Arc::clone(&desk.outages);
            slot = Some(Arc::new(desk));
            let look: Observer = Arc::new(move |account, now| outages.look(account, now));
            Some(look)
        });
        let issuers = self.front.account().issuers();
        issuers.iter().for_each(Issuer::warm);
        let saved = match (&slot, &exercise.world.token) {
            (Some(desk), Some(token)) => {
                let account = self.front.account().clone();
                desk.saved(&account, now, token).map(Some)
            }
            _ => Ok(None),
        };
        *self.desk.lock().unwrap_or_else(PoisonError::into_inner) = slot;
        saved
    }
}

impl Classroom for Room {
    fn open<'a>(&'a self, exercise: &'a Arc<Exercise>) -> Answer<'a, Option<WebToken>> {
        let (room, exercise) = (self.clone(), Arc::clone(exercise));
        async move {
            let made = spawn_blocking(move || room.set_up(&exercise)).await;
            made.map_err(|error| wrong(&error.to_string()))?
        }
        .boxed()
    }

    fn standings(&self) -> BoxFuture<'_, Vec<Option<Standing>>> {
        let Some(desk) = self.desk() else { return std::future::ready(Vec::new()).boxed() };
        let room = self.clone();
        let look = move || {
            let account = room.front.account().clone();
            let now = room.front.now();
            Bench { desk: &desk, account, now, cluster: &room.cluster }.standings()
        };
        async move { spawn_blocking(look).await.unwrap_or_default() }.boxed()
    }

    fn changed(&self, seen: u64) -> BoxFuture<'_, u64> {
        async move {
            let mut changes = self.front.changes();
            if seen == 0
                && let Some(desk) = self.desk()
            {
                // What was done before anybody watched belongs to the world.
                let mut before = desk.before.lock().unwrap_or_else(PoisonError::into_inner);
                before.get_or_insert(self.front.account().trail().len());
            }
            let now = self.front.now();
            let arrives = self.front.account().next_arrival(now);
            let change = async { changes.wait_for(|now| *now != seen).await.is_ok() };
            match arrives {
                // It has then arrived; or it is looked at anyway, in case the clock was put on.
                Some(at) => _ = timeout(until(now, at), change).await,
                None => _ = change.await,
            }
            *changes.borrow()
        }
        .boxed()
    }

    fn trail(&self) -> Vec<SentCall> {
        let before = self
            .desk()
            .and_then(|desk| *desk.before.lock().unwrap_or_else(PoisonError::into_inner));
        self.front.account().trail().iter().skip(before.unwrap_or_default()).cloned().collect()
    }

    fn said(&self, calls: &[PrintedCall]) -> Vec<Said> {
        printed::said(&self.front, calls)
    }
}

/// Until something arrives, or until it is time to look again.
fn until(now: Timestamp, at: Timestamp) -> Duration {
    let (least, most) = LOOK;
    Duration::try_from(at.duration_since(now)).unwrap_or(most).clamp(least, most)
}

/// A token of a service account.
///
/// # Errors
/// Why the cluster would not make one.
fn mint(
    issuer: &Issuer,
    now: Timestamp,
    subject: &str,
    audience: &str,
) -> Result<WebToken, String> {
    issuer.mint(now, subject, &[audience], LIFE).map_err(|problem| problem.to_string())
}
