//! What taking back knows: which run, what was read of it, what was sent and how it ended.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::app::list::Cursor;
use crate::app::step::Step;
use crate::app::steps::course::{Course, Progress};
use crate::app::task::{ApplyOutcome, Recalled, Undone};
use crate::domain::fault::Fault;
use crate::domain::moment::Moment;
use crate::domain::plan::Planned;
use crate::domain::undo::{Decisions, Undo, undo};

/// The state of taking back.
#[derive(Debug, Default)]
pub struct State {
    /// Where it was entered from.
    pub(super) from: Option<Step>,
    /// The run.
    pub run: String,
    /// Whether the program is left once all of it is gone.
    pub leaving: bool,
    /// The names of what was altered since the run and is to be taken back all the same.
    pub take: BTreeSet<String>,
    /// The selected call.
    pub cursor: Cursor,
    /// How far it is.
    pub phase: Phase,
    /// The run of which a part was taken back here, and a part is left.
    pub(super) half_done: Option<String>,
    /// The run that was taken back whole here.
    pub(super) taken_back: Option<String>,
    /// What the journal says of the wizard's own run is waited for: something of it was taken back.
    pub(super) unsettled: bool,
}

/// How far it is.
#[derive(Debug, Default)]
pub enum Phase {
    /// Journal and account are being read, or were not.
    #[default]
    Unread,
    /// They could not be read.
    Failed(Box<Fault>),
    /// The calls stand on the screen.
    Shown(Box<Shown>),
    /// They were sent; runs, or has ended.
    Sent(Box<Sent>),
}

/// The calls, ready to be looked at and sent.
#[derive(Debug)]
pub struct Shown {
    recalled: Recalled,
    /// What taking the run back comes to, by what was decided.
    pub undo: Undo,
}

/// Calls that were sent.
#[derive(Debug)]
pub struct Sent {
    /// What was shown.
    pub undo: Undo,
    /// How far the calls are.
    pub course: Course,
    /// When and how it ended.
    pub ended: Option<(Moment, Undone)>,
}

impl Shown {
    /// From what was read, by what was decided.
    #[must_use]
    pub fn new(recalled: Recalled, take: &BTreeSet<String>) -> Self {
        let undo = decided(&recalled, take);
        Self { recalled, undo }
    }

    /// Decides anew about what was altered.
    pub fn decide(&mut self, take: &BTreeSet<String>) {
        self.undo = decided(&self.recalled, take);
    }

    /// The row that is looked at first: what wants a decision, else the first call.
    pub(super) fn first(&self) -> usize {
        let first = |wanted: fn(&Planned) -> bool| self.undo.steps.iter().position(wanted);
        let conflict = first(|step| step.standing == crate::domain::plan::Standing::Conflict);
        conflict.or_else(|| first(|step| step.operation.is_some())).unwrap_or(0)
    }
}

fn decided(recalled: &Recalled, take: &BTreeSet<String>) -> Undo {
    let decisions = Decisions { take: take.clone(), keep: BTreeSet::new() };
    undo(&recalled.past, &recalled.seen, &recalled.caller, &decisions)
}

impl Sent {
    /// The calls with how far each is.
    pub fn changes(&self) -> impl Iterator<Item = (&Planned, &Progress)> {
        self.undo.changes().zip(&self.course.progress)
    }

    /// Whether every call went well and nothing of what they were for is left.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.ended.as_ref().is_some_and(|(_, undone)| undone.outcome == ApplyOutcome::Done)
    }

    /// Whether something altered since the run was left as it is.
    #[must_use]
    pub fn stays(&self) -> bool {
        self.undo.conflicts().next().is_some()
    }

    /// How long all of it took, or has taken until now.
    #[must_use]
    pub fn took(&self, now: Moment) -> Duration {
        self.ended.as_ref().map_or(now, |(at, _)| *at).since(self.course.began)
    }

    /// Why nothing was done at all, or why it was broken off.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.ended.as_ref().and_then(|(_, undone)| undone.fault.as_ref())
    }
}

impl State {
    /// What taking back comes to, sent or not.
    #[must_use]
    pub fn undo(&self) -> Option<&Undo> {
        match &self.phase {
            Phase::Shown(shown) => Some(&shown.undo),
            Phase::Sent(sent) => Some(&sent.undo),
            _ => None,
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

    /// The steps that the cursor moves over: all before they are sent, then those that are.
    #[must_use]
    pub fn rows(&self) -> Vec<&Planned> {
        match &self.phase {
            Phase::Shown(shown) => shown.undo.steps.iter().collect(),
            Phase::Sent(sent) => sent.undo.changes().collect(),
            _ => Vec::new(),
        }
    }

    /// The step that the cursor stands on.
    #[must_use]
    pub fn selected(&self) -> Option<&Planned> {
        let rows = self.rows();
        rows.get(self.cursor.within(rows.len())).copied()
    }
}
