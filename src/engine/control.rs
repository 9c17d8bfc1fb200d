//! What a task is given to work with: its stop, its reports, its waits.

use std::panic::resume_unwind;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::error::Elapsed;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::runner::Event;
use crate::app::task::{News, Report, TaskId};
use crate::domain::fault::{Cause, Fault};
use crate::ports::Answer;

/// A read that has not answered by then has failed.
pub const READ_LIMIT: Duration = Duration::from_secs(30);
/// A changing call that has not answered by then is not known to have happened.
pub const CHANGE_LIMIT: Duration = Duration::from_mins(1);
/// How often a read is tried again when the other end was busy or out of reach: after these times.
const BACK_OFF: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// The task was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

/// A running task's half of the conversation.
#[derive(Debug, Clone)]
pub struct Control {
    id: TaskId,
    token: CancellationToken,
    out: UnboundedSender<Event>,
    apart: TaskTracker,
}

impl Control {
    /// The control of the task `id`, which is stopped by `token`.
    #[must_use]
    pub fn new(id: TaskId, token: CancellationToken, out: UnboundedSender<Event>) -> Self {
        Self { id, token, out, apart: TaskTracker::new() }
    }

    /// Whether the task was told to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Ends when the task is told to stop.
    pub async fn stopped(&self) {
        self.token.cancelled().await;
    }

    /// Tells news. Nobody listening any more is no reason to stop.
    pub fn news(&self, news: News) {
        let _ = self.out.send(Event::Report(self.id, Report::News(news)));
    }

    /// Waits, unless told to stop.
    ///
    /// # Errors
    /// Told to stop.
    pub async fn sleep(&self, time: Duration) -> Result<(), Stopped> {
        self.until_stopped(sleep(time)).await
    }

    /// Runs `work` on a task of its own, so that nothing can drop it half-way.
    ///
    /// # Errors
    /// It did not end within `limit`; it goes on by itself.
    pub async fn undropped<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Elapsed> {
        let task = self.apart.spawn(work);
        Ok(timeout(limit, task).await?.unwrap_or_else(|error| resume_unwind(error.into_panic())))
    }

    /// Ends when nothing of this task runs apart from it any more.
    pub async fn settled(&self) {
        self.apart.close();
        self.apart.wait().await;
    }

    /// Does `work` up to its end or the stop; at the stop it is dropped. For reads only.
    ///
    /// # Errors
    /// Told to stop.
    pub async fn until_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, Stopped> {
        tokio::select! {
            biased;
            () = self.token.cancelled() => Err(Stopped),
            done = work => Ok(done),
        }
    }
}

/// Asks for something that changes nothing, again where the other end was busy or out of reach, within
/// [`READ_LIMIT`] in all. `what` follows "no answer".
///
/// # Errors
/// The last fault, or `deadline-passed`.
pub async fn read<'a, T: Send>(
    what: &str,
    ask: impl Fn() -> Answer<'a, T> + Send + Sync,
) -> Result<T, Fault> {
    let asking = async {
        for wait in BACK_OFF {
            match ask().await {
                Err(fault) if is_passing(&fault) => sleep(wait).await,
                answer => return answer,
            }
        }
        ask().await
    };
    within(READ_LIMIT, what, Box::pin(asking)).await
}

/// One try within a limit.
///
/// # Errors
/// The fault, or `deadline-passed`.
pub async fn within<T>(
    limit: Duration,
    what: &str,
    answer: BoxFuture<'_, Result<T, Fault>>,
) -> Result<T, Fault> {
    timeout(limit, answer).await.unwrap_or_else(|_| {
        let seconds = limit.as_secs();
        Err(Fault::new(Cause::DeadlinePassed, format!("no answer {what} within {seconds} s"))
            .with("limit_seconds", seconds.to_string()))
    })
}

/// Whether the same read may well succeed in a moment.
#[must_use]
pub fn is_passing(fault: &Fault) -> bool {
    matches!(fault.cause, Cause::Throttled | Cause::Unreachable)
}
