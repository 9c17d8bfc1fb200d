//! A value that takes time to be seen everywhere.

use jiff::{SignedDuration, Timestamp};

/// The versions of a value, oldest first, each with the moments it was written and is seen by the data planes (STS,
/// ECR). IAM itself reads what was written last.
#[derive(Debug, Clone)]
pub(super) struct Spread<T> {
    versions: Vec<(Timestamp, T)>,
}

impl<T> Spread<T> {
    /// A value seen everywhere.
    pub(super) fn settled(value: T) -> Self {
        Self { versions: vec![(Timestamp::MIN, value)] }
    }

    /// A value that nobody but IAM sees for so long.
    pub(super) fn arriving(now: Timestamp, after: SignedDuration, value: T) -> Self {
        let seen = now.saturating_add(after).unwrap_or(Timestamp::MAX);
        Self { versions: vec![(seen, value)] }
    }

    /// Writes a value that the data planes see `after` from now.
    pub(super) fn write(&mut self, now: Timestamp, after: SignedDuration, value: T) {
        let seen = now.saturating_add(after).unwrap_or(Timestamp::MAX);
        // What is already replaced everywhere is nobody's any more.
        let current = self.versions.iter().rposition(|(at, _)| *at <= now).unwrap_or(0);
        self.versions.drain(..current);
        self.versions.push((seen, value));
    }

    /// What was written last.
    pub(super) fn latest(&self) -> Option<&T> {
        self.versions.last().map(|(_, value)| value)
    }

    /// What the data planes see; `None` if nothing has arrived. Versions become visible in the order they were written.
    pub(super) fn seen(&self, now: Timestamp) -> Option<&T> {
        self.versions.iter().rev().find(|(at, _)| *at <= now).map(|(_, value)| value)
    }

    /// When the data planes see something else than now; `None` where they see what was written last.
    pub(super) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        self.versions.last().map(|(at, _)| *at).filter(|at| *at > now)
    }
}
