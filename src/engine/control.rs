//! What a running job holds: the way to report, the wish to stop, a sleep that ends with it, deadlines.

use std::future::Future;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::runner::Event;
use crate::app::task::{News, Report, TaskId};
use crate::domain::fault::{Cause, Fault};

/// A job's end of the line.
#[derive(Debug, Clone)]
pub struct Control {
    id: TaskId,
    stop: CancellationToken,
    out: UnboundedSender<Event>,
}

impl Control {
    /// The control of a task.
    #[must_use]
    pub const fn new(id: TaskId, stop: CancellationToken, out: UnboundedSender<Event>) -> Self {
        Self { id, stop, out }
    }

    /// Tells what happened in the middle. Nobody listening is no reason to stop.
    pub fn news(&self, news: News) {
        let _ = self.out.send(Event::Report(self.id, Report::News(news)));
    }

    /// Whether the task was asked to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Ends when the task is asked to stop.
    pub async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Waits; says whether the whole time passed, `false` if the task was asked to stop.
    pub async fn sleep(&self, time: Duration) -> bool {
        tokio::select! {
            () = self.stop.cancelled() => false,
            () = tokio::time::sleep(time) => true,
        }
    }
}

/// Gives a call a stated end. What it was about goes into the fault.
///
/// # Errors
/// `deadline-passed` at the end of `limit`, else what the call answered.
pub async fn within<T>(
    limit: Duration,
    what: &str,
    call: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
        let seconds = limit.as_secs();
        Err(Fault::new(Cause::DeadlinePassed, format!("no answer within {seconds} s: {what}"))
            .with("seconds", seconds.to_string())
            .remedy("look whether network, proxy and endpoint are right, then try again"))
    })
}
