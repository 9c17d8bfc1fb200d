//! A practice account put together: the scene, the account at its door, the servers, and what leads to them.

use std::io;
use std::sync::Arc;

use secrecy::SecretString;

use super::account::Account;
use super::classroom::Room;
use super::cluster::PracticeCluster;
use super::front::Front;
use super::scene::Scene;
use super::wire::{Served, serve};
use crate::clock;

/// A practice account that is served on loopback, until this is dropped.
pub struct Practice {
    /// Where it is served.
    pub served: Served,
    /// What was there at its start.
    pub scene: Scene,
    /// The operator's access key: its id and its secret.
    pub key: (String, SecretString),
    /// The cluster that Okteto runs in.
    pub cluster: PracticeCluster,
}

impl Practice {
    /// Serves the scene, on the runtime that this is called from. Nothing heavy is done: keys and images are made when
    /// they are first asked for.
    ///
    /// # Errors
    /// No port could be bound, or the scene has no operator.
    pub async fn open(scene: Scene) -> io::Result<Self> {
        let account = Account::new(&scene);
        let operator = scene.users.first().and_then(|user| account.credentials(&user.name));
        let key = operator.ok_or_else(|| io::Error::other("the scene has no operator"))?;
        let served = serve(Front::new(account, Arc::new(clock::now))).await?;
        let issuer = scene.issuers.first().cloned().unwrap_or_default();
        let cluster = PracticeCluster::new(issuer, served.issuer.clone());
        Ok(Self { served, scene, key, cluster })
    }

    /// The classroom of this account.
    #[must_use]
    pub fn classroom(&self) -> Room {
        Room::new(self.served.front.clone(), self.cluster.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    /// What comes before the first frame: a key or an image made here would take longer than all of it may.
    #[tokio::test]
    async fn it_opens_in_an_instant() {
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let began = Instant::now();
            let practice = Practice::open(Scene::default()).await.unwrap();
            best = best.min(began.elapsed());
            drop(practice);
        }
        assert!(best < Duration::from_millis(50), "{best:?}");
    }
}
