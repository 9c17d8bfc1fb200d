//! The book that the pull test keeps: each rung begun and ended once, in order.

use std::time::Duration;

use tokio::time::Instant;

use crate::app::task::News;
use crate::domain::fault::Fault;
use crate::domain::probe::{ProbeReport, Pulled, Rung, RungResult, RungStatus, Verdict};
use crate::engine::control::Control;

/// The rungs so far.
pub struct Rungs<'a> {
    control: &'a Control,
    done: Vec<RungResult>,
    began: Instant,
}

impl<'a> Rungs<'a> {
    pub fn new(control: &'a Control) -> Self {
        Self { control, done: Vec::new(), began: Instant::now() }
    }

    /// The next rung begins.
    pub fn begin(&mut self, rung: Rung) {
        self.began = Instant::now();
        self.control.news(News::RungBegan(rung));
    }

    /// It held.
    pub fn pass(&mut self, rung: Rung, detail: impl Into<String>) {
        self.end(rung, RungStatus::Passed, self.began.elapsed(), detail.into(), None);
    }

    /// It is not as it should be, but the test goes on.
    pub fn warn(&mut self, rung: Rung, fault: Fault) {
        let detail = fault.message.clone();
        self.end(rung, RungStatus::Warned, self.began.elapsed(), detail, Some(fault));
    }

    /// It broke: the test ends here.
    pub fn fail(&mut self, rung: Rung, fault: Fault) {
        let detail = fault.message.clone();
        self.end(rung, RungStatus::Failed, self.began.elapsed(), detail, Some(fault));
    }

    /// It is not tried.
    pub fn skip(&mut self, rung: Rung, why: &str) {
        self.end(rung, RungStatus::Skipped, Duration::ZERO, why.to_owned(), None);
    }

    fn end(
        &mut self,
        rung: Rung,
        status: RungStatus,
        took: Duration,
        detail: String,
        fault: Option<Fault>,
    ) {
        let result = RungResult { rung, status, took, detail, fault };
        self.control.news(News::RungEnded(result.clone()));
        self.done.push(result);
    }

    /// The report: rungs that were not reached are skipped. Less than `whole` is `partly`.
    pub fn report(
        mut self,
        whole: bool,
        image: Option<Pulled>,
        bytes_per_second: Option<u64>,
    ) -> ProbeReport {
        let failed = self.done.iter().any(|r| r.status == RungStatus::Failed);
        for rung in Rung::OIDC {
            if !self.done.iter().any(|r| r.rung == rung) {
                self.skip(rung, "not reached");
            }
        }
        let verdict = match (failed, whole) {
            (true, _) => Verdict::Failed,
            (false, true) => Verdict::Passed,
            (false, false) => Verdict::Partly,
        };
        ProbeReport { verdict, rungs: self.done, image, bytes_per_second }
    }
}
