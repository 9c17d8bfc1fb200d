//! The log of a run: one line for each call to the outside, and what the program has to say of itself.

use std::path::{Path, PathBuf};

use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Level};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::{fmt, registry};

use super::file;
use crate::domain::fault::Fault;
use crate::domain::seen::CallRecord;

/// An open log. What it still holds is written when it is dropped.
pub struct Log {
    path: PathBuf,
    dispatch: Dispatch,
    _rest: WorkerGuard,
}

impl Log {
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let file =
            file::new(path).map_err(|error| file::could_not("open the log", path, &error))?;
        let (lines, rest) = tracing_appender::non_blocking(file);
        // Only the program's own traces: the SDK's carry requests and answers.
        let ours = Targets::new().with_target("okteto_ecr", Level::INFO);
        let layer = fmt::layer().with_writer(lines).with_ansi(false).with_target(false);
        let dispatch = Dispatch::new(registry().with(layer.with_filter(ours)));
        Ok(Self { path: path.to_owned(), dispatch, _rest: rest })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it the log of the whole process. Later ones change nothing.
    pub fn listen(&self) {
        let _ = tracing::dispatcher::set_global_default(self.dispatch.clone());
    }

    /// Makes it the log of this thread, until the guard is dropped.
    #[must_use]
    pub fn listen_here(&self) -> DefaultGuard {
        tracing::dispatcher::set_default(&self.dispatch)
    }
}

/// Writes one call to the log.
pub fn note(record: &CallRecord) {
    let CallRecord { at, call, status, took, request_id } = record;
    let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let id = request_id.as_deref().unwrap_or("-");
    tracing::info!("call {call}, begun {at}: {status} after {} ms, request {id}", took.as_millis());
}
