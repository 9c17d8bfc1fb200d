//! The practice account as a place to learn in: the worlds of exercises, and how far their goals are.

mod printed;

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};

use super::cluster::PracticeCluster;
use super::front::Front;
use super::scene::Scene;
use crate::domain::exercise::Exercise;
use crate::domain::exercise::goal::Standing;
use crate::domain::secret::WebToken;
use crate::domain::seen::SentCall;
use crate::domain::tutorial::{PrintedCall, Said};
use crate::ports::{Answer, Classroom};

/// The classroom of a practice account.
pub struct Room {
    front: Front,
    cluster: PracticeCluster,
}

impl Room {
    /// The classroom of the account behind this door, and of its cluster.
    #[must_use]
    pub fn new(front: Front, cluster: PracticeCluster) -> Self {
        Self { front, cluster }
    }
}

impl Classroom for Room {
    fn open<'a>(&'a self, _: &'a Arc<Exercise>) -> Answer<'a, Option<WebToken>> {
        self.front.renew(&Scene::default());
        self.cluster.clear();
        std::future::ready(Ok(None)).boxed()
    }

    fn standings(&self) -> BoxFuture<'_, Vec<Option<Standing>>> {
        std::future::ready(Vec::new()).boxed()
    }

    fn changed(&self, seen: u64) -> BoxFuture<'_, u64> {
        if seen == 0 { std::future::ready(1).boxed() } else { std::future::pending().boxed() }
    }

    fn trail(&self) -> Vec<SentCall> {
        Vec::new()
    }

    fn said(&self, calls: &[PrintedCall]) -> Vec<Said> {
        printed::said(&self.front, calls)
    }
}
