//! What mending knows: what is to be mended, what was sent and how it ended, what was mended in this start.

use std::time::Duration;

use crate::app::list::Cursor;
use crate::app::steps::course::{Course, Progress};
use crate::app::task::{ApplyOutcome, Mended};
use crate::domain::fault::Fault;
use crate::domain::moment::Moment;
use crate::domain::plan::{Planned, Stamp};
use crate::domain::review::mend::Mend;

/// The state of mending.
#[derive(Debug, Default)]
pub struct State {
    /// The run of this start, whichever run the wizard has become since.
    own: Option<Stamp>,
    /// How many times something was sent: each time is a run of its own, which can be taken back by itself.
    sent: usize,
    /// The selected call.
    pub cursor: Cursor,
    /// How far it is.
    pub phase: Phase,
    /// What was mended in this start and not taken back whole.
    pub(super) made: Vec<Made>,
}

/// How far it is.
#[derive(Debug, Default)]
pub enum Phase {
    /// Nothing is chosen.
    #[default]
    Empty,
    /// The calls stand on the screen.
    Shown(Box<Mend>),
    /// They were sent; runs, or has ended.
    Sent(Box<Sent>),
}

/// Calls that were sent.
#[derive(Debug)]
pub struct Sent {
    /// What was shown.
    pub mend: Mend,
    /// How far the calls are.
    pub course: Course,
    /// When and how it ended.
    pub ended: Option<(Moment, Mended)>,
}

/// What one run changed, or perhaps did.
#[derive(Debug)]
pub struct Made {
    /// The run.
    pub run: String,
    /// Its calls, one phrase each, and the number of those that were answered well.
    pub(super) calls: Vec<String>,
    pub(super) done: usize,
}

impl Made {
    /// Which run, and what it changed.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let head = format!("Mended, as run {}:", self.run);
        std::iter::once(head).chain(self.calls.iter().map(|call| format!("  {call}"))).collect()
    }
}

impl State {
    /// Of a start of the program.
    #[must_use]
    pub fn of(stamp: &Stamp) -> Self {
        Self { own: Some(stamp.clone()), ..Self::default() }
    }

    /// The run that the next mending is: a start's own id is like no other, so it is like none either.
    pub(super) fn next(&self) -> Option<Stamp> {
        let own = self.own.as_ref()?;
        Some(Stamp { run: format!("{}-m{}", own.run, self.sent + 1), ..own.clone() })
    }

    pub(super) const fn count(&mut self) {
        self.sent += 1;
    }

    /// The plan on the screen, sent or not.
    #[must_use]
    pub fn mend(&self) -> Option<&Mend> {
        match &self.phase {
            Phase::Empty => None,
            Phase::Shown(mend) => Some(mend),
            Phase::Sent(sent) => Some(&sent.mend),
        }
    }

    /// What was sent, while it runs.
    #[must_use]
    pub fn running(&self) -> Option<&Sent> {
        match &self.phase {
            Phase::Sent(sent) if sent.ended.is_none() => Some(sent),
            _ => None,
        }
    }

    /// The calls that the cursor moves over.
    #[must_use]
    pub fn rows(&self) -> &[Planned] {
        self.mend().map_or(&[], |mend| &mend.steps)
    }

    /// The call that the cursor stands on.
    #[must_use]
    pub fn selected(&self) -> Option<&Planned> {
        let rows = self.rows();
        rows.get(self.cursor.within(rows.len()))
    }
}

impl Sent {
    /// The calls with how far each is.
    pub fn changes(&self) -> impl Iterator<Item = (&Planned, &Progress)> {
        self.mend.changes().zip(&self.course.progress)
    }

    /// Whether every call went well.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.ended.as_ref().is_some_and(|(_, mended)| mended.outcome == ApplyOutcome::Done)
    }

    /// Whether the account was seen to be as it was meant.
    #[must_use]
    pub fn is_as_meant(&self) -> bool {
        let good = |mended: &Mended| mended.differs.is_empty() && mended.fault.is_none();
        self.ended.as_ref().is_some_and(|(_, mended)| good(mended))
    }

    /// How long all of it took, or has taken until now.
    #[must_use]
    pub fn took(&self, now: Moment) -> Duration {
        self.ended.as_ref().map_or(now, |(at, _)| *at).since(self.course.began)
    }

    /// Why nothing was done at all, or why reading back failed.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.ended.as_ref().and_then(|(_, mended)| mended.fault.as_ref())
    }
}
