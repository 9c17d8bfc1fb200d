//! Starts tasks, stops them, and sees to it that at most one of them changes anything.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::control::{CHANGE_LIMIT, Control};
use super::jobs;
use crate::app::task::{Applied, End, Job, Mended, Report, TaskId, Undone};
use crate::domain::fault::{Cause, Fault};
use crate::ports::World;

/// Tasks that only read, at once. Further ones wait their turn.
const READS: usize = 8;
/// How long the end of the program should wait for a changing call in flight: longer than the call is given.
pub const SHUTDOWN_LIMIT: Duration = Duration::from_secs(CHANGE_LIMIT.as_secs() + 5);

/// What comes out of the runner.
#[derive(Debug, Clone)]
pub enum Event {
    /// A report of a task.
    Report(TaskId, Report),
    /// A task met a bug in the program: the program must end in order. The panic hook has told of it.
    Panicked,
}

/// The task runner. Must be used within a tokio runtime.
pub struct Runner {
    world: World,
    out: UnboundedSender<Event>,
    reads: Arc<Semaphore>,
    change: Arc<Semaphore>,
    tasks: HashMap<TaskId, Task>,
}

struct Task {
    token: CancellationToken,
    watch: JoinHandle<()>,
}

impl Runner {
    /// A runner whose tasks meet `world` and report to `out`.
    #[must_use]
    pub fn new(world: World, out: UnboundedSender<Event>) -> Self {
        Self {
            world,
            out,
            reads: Arc::new(Semaphore::new(READS)),
            change: Arc::new(Semaphore::new(1)),
            tasks: HashMap::new(),
        }
    }

    /// Starts a task. Its reports carry `id`; the last of them is its end. A changing job is refused while another
    /// one runs.
    #[expect(
        clippy::disallowed_methods,
        reason = "tasks are made here and in `Control::undropped` only"
    )]
    pub fn start(&mut self, id: TaskId, job: Job) {
        self.tasks.retain(|_, task| !task.watch.is_finished());
        let token = CancellationToken::new();
        let control = Control::new(id, token.clone(), self.out.clone());
        let work = match job {
            job if job.is_changing() => {
                let Ok(permit) = Arc::clone(&self.change).try_acquire_owned() else {
                    let _ = self.out.send(Event::Report(id, Report::End(refused(&job))));
                    return;
                };
                tokio::spawn(change(self.world.clone(), control, job, permit))
            }
            job => {
                let reads = Arc::clone(&self.reads);
                tokio::spawn(read(self.world.clone(), control, job, reads))
            }
        };
        let out = self.out.clone();
        let watch = tokio::spawn(async move {
            let event = match work.await {
                Ok(end) => Event::Report(id, Report::End(end)),
                Err(error) if error.is_panic() => Event::Panicked,
                Err(_) => Event::Report(id, Report::End(End::Stopped)),
            };
            let _ = out.send(event);
        });
        self.tasks.insert(id, Task { token, watch });
    }

    /// Asks a task to stop. A read ends with `End::Stopped`, at once but for an upload that has to be cancelled; a changing
    /// task ends after the call in flight.
    pub fn cancel(&mut self, id: TaskId) {
        if let Some(task) = self.tasks.get(&id) {
            task.token.cancel();
        }
    }

    /// Stops everything and waits for what is not dropped half-way, at most for `limit`.
    pub async fn shutdown(&mut self, limit: Duration) {
        for task in self.tasks.values() {
            task.token.cancel();
        }
        for (_, task) in self.tasks.drain() {
            let _ = timeout(limit, task.watch).await;
        }
    }
}

async fn change(world: World, control: Control, job: Job, permit: OwnedSemaphorePermit) -> End {
    let end = match job {
        Job::Apply(plan) => {
            End::Applied(Box::new(jobs::apply::apply(&world, &control, &plan).await))
        }
        Job::Undo(undo) => End::Undone(Box::new(jobs::undo::undo(&world, &control, &undo).await)),
        Job::Mend(mend) => End::Mended(Box::new(jobs::mend::mend(&world, &control, &mend).await)),
        other => jobs::read(&world, &control, other).await,
    };
    drop(permit);
    end
}

async fn read(world: World, control: Control, job: Job, turns: Arc<Semaphore>) -> End {
    let work = async {
        // Never closed; without a permit the task would only be one too many.
        let _turn = turns.acquire().await;
        jobs::read(&world, &control, job).await
    };
    let end = control.until_stopped(work).await.unwrap_or(End::Stopped);
    // A push that was tried is cancelled to its end, whatever became of the rest.
    control.settled().await;
    end
}

fn refused(job: &Job) -> End {
    let fault = Fault::new(Cause::Conflict, "another change is still under way");
    match job {
        Job::Apply(plan) => End::Applied(Box::new(Applied::blocked(plan, fault))),
        Job::Undo(undo) => End::Undone(Box::new(Undone::blocked(undo, fault))),
        Job::Mend(mend) => End::Mended(Box::new(Mended::blocked(mend, fault))),
        Job::OpenExercise(..) => End::ExerciseOpened(Err(fault)),
        _ => End::Stopped,
    }
}

#[cfg(test)]
mod tests;
