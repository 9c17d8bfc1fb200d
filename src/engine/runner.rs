//! Starts jobs as tasks, stops them, and notices when one breaks.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::control::Control;
use super::jobs;
use crate::app::task::{End, Job, Report, TaskId};
use crate::ports::World;

/// How many reading tasks work at once; more wait their turn.
const READS_AT_ONCE: usize = 8;

/// What comes back from the tasks.
#[derive(Debug)]
pub enum Event {
    /// A report of a task.
    Report(TaskId, Report),
    /// A task broke: a bug. The program ends in order.
    Panicked,
}

/// The task runner.
pub struct Runner {
    world: World,
    out: UnboundedSender<Event>,
    reads: Arc<Semaphore>,
    /// Holds the one place for a task that changes anything.
    changes: Arc<Semaphore>,
    tasks: BTreeMap<TaskId, (CancellationToken, JoinHandle<()>)>,
}

impl Runner {
    /// A runner over a world; reports go to `out`.
    #[must_use]
    pub fn new(world: World, out: UnboundedSender<Event>) -> Self {
        Self {
            world,
            out,
            reads: Arc::new(Semaphore::new(READS_AT_ONCE)),
            changes: Arc::new(Semaphore::new(1)),
            tasks: BTreeMap::new(),
        }
    }

    /// Starts a job. A reading job may be dropped at any await once it is asked to stop; a changing one looks for
    /// itself, between two calls.
    #[expect(clippy::disallowed_methods, reason = "the one place where tasks are made")]
    pub fn start(&mut self, id: TaskId, job: Job) {
        self.tasks.retain(|_, (_, task)| !task.is_finished());
        let stop = CancellationToken::new();
        let control = Control::new(id, stop.clone(), self.out.clone());
        let (world, out) = (self.world.clone(), self.out.clone());
        let changing = job.is_changing();
        let places = Arc::clone(if changing { &self.changes } else { &self.reads });
        let work = async move {
            let stopped = control.clone();
            let work = async {
                // The semaphores are never closed, so there is always a place in the end.
                let _place = places.acquire().await;
                jobs::run(job, &world, &control).await
            };
            let end = if changing {
                work.await
            } else {
                tokio::select! {
                    biased;
                    () = stopped.stopped() => End::Stopped,
                    end = work => end,
                }
            };
            let _ = out.send(Event::Report(id, Report::End(end)));
        };
        let broken = self.out.clone();
        let task = tokio::spawn(async move {
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                let _ = broken.send(Event::Panicked);
            }
        });
        self.tasks.insert(id, (stop, task));
    }

    /// Asks a task to stop.
    pub fn cancel(&mut self, id: TaskId) {
        if let Some((stop, _)) = self.tasks.get(&id) {
            stop.cancel();
        }
    }

    /// Asks every task to stop and waits for them, at most for `limit`: a changing call under way is let end.
    pub async fn shutdown(&mut self, limit: Duration) {
        for (stop, _) in self.tasks.values() {
            stop.cancel();
        }
        let tasks = std::mem::take(&mut self.tasks);
        let all = async {
            for (_, task) in tasks.into_values() {
                let _ = task.await;
            }
        };
        let _ = tokio::time::timeout(limit, all).await;
    }
}
