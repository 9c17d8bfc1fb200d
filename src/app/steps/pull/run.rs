//! One run of the pull test as it is told by its news: rungs, tries, bytes.

use std::collections::VecDeque;
use std::time::Duration;

use crate::app::task::{Bearer, End, News, ProbeOrder};
use crate::domain::intent::Intent;
use crate::domain::moment::Moment;
use crate::domain::probe::{
    BlobProgress, Depth, ProbeReport, Rung, RungResult, RungStatus, Try, Verdict,
};

/// The stretch of time over which the rate is taken.
const RATE_OVER: Duration = Duration::from_secs(3);
/// Byte counts closer together than this are kept as one.
const GRAIN: Duration = Duration::from_millis(100);
/// A rate is said only after this long.
const RATE_AFTER: Duration = Duration::from_millis(500);

/// A rung and what is known of it.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Which.
    pub rung: Rung,
    /// When it began.
    pub began: Option<Moment>,
    /// How it ended.
    pub result: Option<RungResult>,
}

impl Stage {
    /// Whether it has begun and not ended.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.began.is_some() && self.result.is_none()
    }

    /// How long it has taken so far, or took.
    #[must_use]
    pub fn took(&self, now: Moment) -> Option<Duration> {
        match &self.result {
            Some(result) if result.status == RungStatus::Skipped => None,
            Some(result) => Some(result.took),
            None => self.began.map(|began| now.since(began)),
        }
    }
}

/// How the run ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// With a report.
    Reported(Box<ProbeReport>),
    /// Stopped by the operator.
    Stopped,
}

/// One run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The image as asked for, without host.
    pub image: String,
    /// The registry's host.
    pub host: String,
    /// How deep.
    pub depth: Depth,
    /// What was wanted of the set-up: a proof is one of this, and of no other.
    pub intent: Box<Intent>,
    /// The ARN of the role or user that is tried.
    pub arn: String,
    /// When it began.
    pub began: Moment,
    /// When it ended.
    pub ended: Option<Moment>,
    /// All rungs, in order.
    pub stages: Vec<Stage>,
    /// The tries of repeated rungs, and when each was told.
    pub tries: Vec<(Try, Moment)>,
    /// The blobs, as far as they are known.
    pub blobs: Vec<BlobProgress>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    samples: VecDeque<(Moment, u64)>,
}

/// How the blobs stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blobs<'a> {
    /// Those under way, the largest first.
    pub going: Vec<&'a BlobProgress>,
    /// How many are whole.
    pub done: usize,
    /// How many have not begun.
    pub waiting: usize,
}

impl Run {
    /// A run that has just been asked for.
    #[must_use]
    pub fn new(order: &ProbeOrder, now: Moment) -> Self {
        Self {
            image: order.wish.image.to_string(),
            host: order.wish.host.to_string(),
            depth: order.wish.depth,
            intent: Box::new(order.bearer.intent()),
            arn: match &order.bearer {
                Bearer::Role(role) => role.role.to_string(),
                Bearer::Key(key) => key.user.to_string(),
            },
            began: now,
            ended: None,
            stages: {
                let rungs = order.bearer.rungs().iter();
                rungs.map(|rung| Stage { rung: *rung, began: None, result: None }).collect()
            },
            tries: Vec::new(),
            blobs: Vec::new(),
            outcome: None,
            samples: VecDeque::new(),
        }
    }

    /// Takes in what the task says.
    pub fn news(&mut self, news: News, now: Moment) {
        match news {
            News::RungBegan(rung) => {
                if let Some(stage) = self.stage_mut(rung) {
                    stage.began = Some(now);
                }
            }
            News::RungEnded(result) => self.rung_ended(result, now),
            News::Tried(attempt) => self.tries.push((attempt, now)),
            News::Layers(blobs) => {
                self.blobs.clear();
                for blob in blobs {
                    // An image may name one blob twice; it is fetched once.
                    if self.blobs.iter().all(|b| b.digest != blob.digest) {
                        self.blobs.push(blob);
                    }
                }
                self.samples = VecDeque::from([(now, self.received())]);
            }
            News::Bytes(blob) => self.bytes(blob, now),
            _ => {}
        }
    }

    fn stage_mut(&mut self, rung: Rung) -> Option<&mut Stage> {
        self.stages.iter_mut().find(|s| s.rung == rung)
    }

    fn rung_ended(&mut self, result: RungResult, now: Moment) {
        if let Some(stage) = self.stage_mut(result.rung) {
            if stage.began.is_none() && result.status != RungStatus::Skipped {
                stage.began = Some(Moment(now.0.saturating_sub(result.took)));
            }
            stage.result = Some(result);
        }
    }

    fn bytes(&mut self, blob: BlobProgress, now: Moment) {
        match self.blobs.iter_mut().find(|b| b.digest == blob.digest) {
            Some(known) => known.received = blob.received.min(known.total),
            None => self.blobs.push(blob),
        }
        let received = self.received();
        let several = self.samples.len() > 1;
        match self.samples.back_mut() {
            Some((at, n)) if several && now.since(*at) < GRAIN => *n = received,
            _ => self.samples.push_back((now, received)),
        }
        // One count from before the stretch is kept to measure from.
        while self.samples.get(1).is_some_and(|(at, _)| now.since(*at) >= RATE_OVER) {
            self.samples.pop_front();
        }
    }

    /// Takes in the end.
    pub fn end(&mut self, end: End, now: Moment) {
        self.ended = Some(now);
        match end {
            End::Probed(report) => {
                for result in &report.rungs {
                    self.rung_ended(result.clone(), now);
                }
                self.outcome = Some(Outcome::Reported(report));
            }
            _ => self.outcome = Some(Outcome::Stopped),
        }
    }

    /// The report, once there is one.
    #[must_use]
    pub fn report(&self) -> Option<&ProbeReport> {
        match &self.outcome {
            Some(Outcome::Reported(report)) => Some(report),
            _ => None,
        }
    }

    /// Whether nothing failed: everything that was tried was seen to work.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.report().is_some_and(|r| r.verdict != Verdict::Failed)
    }

    /// The rung of the pull that was refused while a change spread, if one was.
    #[must_use]
    pub fn refused(&self) -> Option<Rung> {
        let refused = |t: &Try| t.refused.is_some() && !Rung::REFUSALS.contains(&t.rung);
        self.tries.iter().find(|(t, _)| refused(t)).map(|(t, _)| t.rung)
    }

    /// The rung that runs now.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        self.stages.iter().rposition(Stage::is_running)
    }

    /// The rung that stopped the test.
    #[must_use]
    pub fn broken(&self) -> Option<usize> {
        self.stages
            .iter()
            .position(|s| s.result.as_ref().is_some_and(|r| r.status == RungStatus::Failed))
    }

    /// How long it has run, or ran.
    #[must_use]
    pub fn elapsed(&self, now: Moment) -> Duration {
        self.ended.unwrap_or(now).since(self.began)
    }

    /// The result of a rung.
    #[must_use]
    pub fn result(&self, rung: Rung) -> Option<&RungResult> {
        self.stages.iter().find(|s| s.rung == rung)?.result.as_ref()
    }

    /// The tries of a rung.
    pub fn tries_of(&self, rung: Rung) -> impl Iterator<Item = &(Try, Moment)> {
        self.tries.iter().filter(move |(t, _)| t.rung == rung)
    }

    /// The rung that waits for a change to spread, if one does.
    #[must_use]
    pub fn waiting(&self) -> Option<Rung> {
        let (last, _) = self.tries.last()?;
        // What must be refused is waited for while it is let in.
        let is_let_in = last.refused.is_none();
        let waits = is_let_in == Rung::REFUSALS.contains(&last.rung)
            && last.next_in.is_some()
            && self.outcome.is_none()
            && self.result(last.rung).is_none();
        waits.then_some(last.rung)
    }

    /// When the rung that waits gives up, where that is stated.
    #[must_use]
    pub fn gives_up(&self) -> Option<Moment> {
        let rung = self.waiting()?;
        let (last, _) = self.tries.last()?;
        let began = self.stages.iter().find(|stage| stage.rung == rung)?.began?;
        Some(Moment(began.0 + last.wait.as_ref()?.until))
    }

    /// How long the pull took, without what was tried after it.
    #[must_use]
    pub fn pulled_in(&self) -> Duration {
        let pull = self.stages.iter().filter(|stage| !Rung::REFUSALS.contains(&stage.rung));
        let ends =
            pull.filter_map(|stage| Some(Moment(stage.began?.0 + stage.result.as_ref()?.took)));
        ends.max().map_or(Duration::ZERO, |end| end.since(self.began))
    }

    /// Bytes received of all blobs.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.blobs.iter().map(|b| b.received).sum()
    }

    /// Bytes of all blobs.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.blobs.iter().map(|b| b.total).sum()
    }

    /// Whether the bytes were held against their digests: only then may a bar be full.
    #[must_use]
    pub fn is_checked(&self) -> bool {
        self.result(Rung::Digest).is_some_and(|r| r.status == RungStatus::Passed)
    }

    /// How many of `parts` equal parts of all bytes are there. The last part comes only with the checked digests.
    #[must_use]
    pub fn share(&self, parts: u64) -> u64 {
        let all = u128::from(self.total().max(1));
        let share = u128::from(self.received()) * u128::from(parts) / all;
        let share = u64::try_from(share).unwrap_or(u64::MAX);
        if self.is_checked() { share.min(parts) } else { share.min(parts.saturating_sub(1)) }
    }

    /// Bytes a second over the last three seconds; once it has ended, over the whole.
    #[must_use]
    pub fn rate(&self, now: Moment) -> Option<u64> {
        if let Some(report) = self.report() {
            return report.bytes_per_second;
        }
        let from = Moment(now.0.saturating_sub(RATE_OVER));
        let (at, n) = self
            .samples
            .iter()
            .rev()
            .find(|(at, _)| *at <= from)
            .or_else(|| self.samples.front())
            .copied()?;
        let stretch = now.since(at);
        if stretch < RATE_AFTER {
            return None;
        }
        let bytes = u128::from(self.received().saturating_sub(n));
        u64::try_from(bytes * 1000 / stretch.as_millis().max(1)).ok()
    }

    /// How long the rest will take at the present rate.
    #[must_use]
    pub fn left(&self, now: Moment) -> Option<Duration> {
        let rest = self.total().saturating_sub(self.received());
        let rate = self.rate(now).filter(|rate| *rate > 0)?;
        (rest > 0 && self.outcome.is_none()).then(|| Duration::from_secs(rest.div_ceil(rate)))
    }

    /// How the blobs stand.
    #[must_use]
    pub fn blobs(&self) -> Blobs<'_> {
        let mut blobs = Blobs::default();
        for blob in &self.blobs {
            match blob.received {
                n if n >= blob.total => blobs.done += 1,
                0 => blobs.waiting += 1,
                _ => blobs.going.push(blob),
            }
        }
        blobs.going.sort_by(|a, b| b.total.cmp(&a.total).then_with(|| a.digest.cmp(&b.digest)));
        blobs
    }
}
