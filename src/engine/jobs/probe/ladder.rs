//! The rungs as they are climbed: each begun, timed, ended and told.

use std::time::Duration;

use tokio::time::Instant;

use crate::app::task::News;
use crate::domain::fault::Fault;
use crate::domain::probe::{Rung, RungResult, RungStatus};
use crate::engine::control::Control;

/// A rung failed: the climb is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fell;

pub(super) struct Ladder<'a> {
    control: &'a Control,
    began: Instant,
    rung: Rung,
    rungs: &'static [Rung],
    ended: Vec<RungResult>,
}

impl<'a> Ladder<'a> {
    pub(super) fn new(control: &'a Control, rungs: &'static [Rung]) -> Self {
        let rung = rungs.first().copied().unwrap_or(Rung::Manifest);
        Self { control, began: Instant::now(), rung, rungs, ended: Vec::new() }
    }

    pub(super) fn begin(&mut self, rung: Rung) {
        self.rung = rung;
        self.began = Instant::now();
        self.control.news(News::RungBegan(rung));
    }

    pub(super) fn passed(&mut self, detail: impl Into<String>) {
        self.end(RungStatus::Passed, detail.into(), None);
    }

    pub(super) fn warned(&mut self, detail: impl Into<String>, fault: Fault) {
        self.end(RungStatus::Warned, detail.into(), Some(fault));
    }

    pub(super) fn failed(&mut self, fault: Fault) -> Fell {
        self.end(RungStatus::Failed, fault.message.clone(), Some(fault));
        Fell
    }

    pub(super) fn skipped(&mut self, rung: Rung, why: &str) {
        self.tell(RungResult {
            rung,
            status: RungStatus::Skipped,
            took: Duration::ZERO,
            detail: why.to_owned(),
            fault: None,
        });
    }

    pub(super) fn has_failed(&self) -> bool {
        self.ended.iter().any(|result| result.status == RungStatus::Failed)
    }

    /// All rungs in order; those that were not reached are skipped.
    pub(super) fn finish(mut self) -> Vec<RungResult> {
        let failed = self.ended.iter().find(|r| r.status == RungStatus::Failed).map(|r| r.rung);
        let why = failed.map_or_else(String::new, |rung| format!("{} failed", rung.id()));
        for rung in self.rungs.iter().copied() {
            if self.ended.iter().all(|result| result.rung != rung) {
                self.skipped(rung, &why);
            }
        }
        self.ended
    }

    fn end(&mut self, status: RungStatus, detail: String, fault: Option<Fault>) {
        let took = self.began.elapsed();
        self.tell(RungResult { rung: self.rung, status, took, detail, fault });
    }

    fn tell(&mut self, result: RungResult) {
        self.control.news(News::RungEnded(result.clone()));
        self.ended.push(result);
    }
}
