//! Which tasks run: one for each kind of work, so that a new question replaces the old one and a late answer to
//! the old one changes nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use super::task::TaskId;
use crate::domain::moment::Moment;

/// The kinds of work, one task each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// What the environment says.
    Locate,
    /// Who the operator is.
    Whoami,
    /// The issuer the cluster names.
    ClusterIssuer,
    /// The issuer's documents.
    Discover,
    /// Trying where a secret is to go.
    Place,
    /// Reading the account for the plan.
    Survey,
    /// The registry's repositories.
    Repositories,
    /// A repository's images.
    Images,
    /// Carrying out the plan.
    Apply,
    /// The runs that the journal knows.
    Runs,
    /// Reading all that taking a run back depends on.
    Recall,
    /// Taking a run back.
    Undo,
    /// The pull test.
    Probe,
    /// The manifest, held against the cluster.
    Manifest,
    /// Saving the answers.
    Save,
    /// Reviewing the account.
    Review,
    /// Mending what it found.
    Mend,
    /// Keeping what the review found.
    Keep,
    /// Writing what was accepted.
    Accept,
    /// Writing an export.
    Export,
    /// Opening an exercise.
    Exercise,
    /// Watching how far its goals are: runs as long as it is open.
    Goals,
    /// Keeping how far a learner is.
    Progress,
    /// Writing the record of a session.
    Record,
    /// What the account says to what the tutorial prints.
    Printed,
}

/// One task of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    /// Its id.
    pub id: TaskId,
    /// When it began.
    pub began: Moment,
    /// When it ended.
    pub ended: Option<Moment>,
    /// Whether it was asked to stop.
    pub stopping: bool,
}

/// A spinner comes only after this long (ux W3).
const SPINNER_AFTER: Duration = Duration::from_millis(300);
/// And then stays at least this long.
const SPINNER_STAYS: Duration = Duration::from_secs(1);

impl Running {
    /// Whether its spinner shows: after 0.3 s, then for at least 1 s.
    #[must_use]
    pub fn shows_spinner(&self, now: Moment) -> bool {
        let shown_from = Moment(self.began.0 + SPINNER_AFTER);
        match self.ended {
            None => now >= shown_from,
            Some(end) => end >= shown_from && now < Moment(shown_from.0 + SPINNER_STAYS),
        }
    }
}

/// All slots.
#[derive(Debug, Default)]
pub struct Slots {
    next: u64,
    tasks: BTreeMap<Slot, Running>,
}

impl Slots {
    /// Takes the slot for a new task. Returns its id, and the id of the task that it replaces.
    pub fn begin(&mut self, slot: Slot, now: Moment) -> (TaskId, Option<TaskId>) {
        self.next += 1;
        let id = TaskId(self.next);
        let old = self.tasks.insert(slot, Running { id, began: now, ended: None, stopping: false });
        (id, old.filter(|o| o.ended.is_none()).map(|o| o.id))
    }

    /// The slot whose running task has this id; none for a late answer.
    #[must_use]
    pub fn of(&self, id: TaskId) -> Option<Slot> {
        self.tasks.iter().find(|(_, r)| r.id == id && r.ended.is_none()).map(|(s, _)| *s)
    }

    /// Notes the end of a slot's task.
    pub fn end(&mut self, slot: Slot, now: Moment) {
        if let Some(running) = self.tasks.get_mut(&slot) {
            running.ended = Some(now);
        }
    }

    /// Frees the slot and returns the id of what ran in it: its answer will not be listened to.
    pub fn drop_task(&mut self, slot: Slot) -> Option<TaskId> {
        self.tasks.remove(&slot).filter(|r| r.ended.is_none()).map(|r| r.id)
    }

    /// Frees every slot but those that are about the learner and not about the account, and returns the ids of what ran in
    /// them. Ids go on: no answer of before counts any more.
    pub fn drop_all(&mut self) -> Vec<TaskId> {
        let (stay, tasks): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut self.tasks)
            .into_iter()
            .partition(|(slot, _)| matches!(slot, Slot::Progress | Slot::Record));
        self.tasks = stay;
        tasks.into_values().filter(|r| r.ended.is_none()).map(|r| r.id).collect()
    }

    /// Marks the slot's task as asked to stop and returns its id; its end is still listened to.
    pub fn stop(&mut self, slot: Slot) -> Option<TaskId> {
        let running = self.tasks.get_mut(&slot).filter(|r| r.ended.is_none())?;
        running.stopping = true;
        Some(running.id)
    }

    /// The slot's task while it runs.
    #[must_use]
    pub fn running(&self, slot: Slot) -> Option<&Running> {
        self.tasks.get(&slot).filter(|r| r.ended.is_none())
    }

    /// The slot's task, running or the last one.
    #[must_use]
    pub fn last(&self, slot: Slot) -> Option<&Running> {
        self.tasks.get(&slot)
    }

    /// The task that changes something, while it runs.
    #[must_use]
    pub fn changing(&self) -> Option<&Running> {
        [Slot::Apply, Slot::Undo, Slot::Mend].into_iter().find_map(|slot| self.running(slot))
    }

    /// Whether anything on screen depends on time because of a task.
    #[must_use]
    pub fn is_moving(&self, now: Moment) -> bool {
        // What only waits for something to happen moves nothing.
        let moving = self.tasks.iter().filter(|(slot, _)| **slot != Slot::Goals);
        moving.map(|(_, r)| r).any(|r| r.ended.is_none() || r.shows_spinner(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Moment {
        Moment(Duration::from_millis(ms))
    }

    #[test]
    fn a_late_answer_has_no_slot() {
        let mut slots = Slots::default();
        let (old, none) = slots.begin(Slot::Discover, at(0));
        let (new, replaced) = slots.begin(Slot::Discover, at(1));
        assert_eq!((none, replaced), (None, Some(old)));
        assert_eq!(slots.of(old), None);
        assert_eq!(slots.of(new), Some(Slot::Discover));
    }

    #[test]
    fn the_spinner_waits_and_then_stays() {
        let mut slots = Slots::default();
        slots.begin(Slot::Survey, at(0));
        let shows = |slots: &Slots, ms| slots.last(Slot::Survey).unwrap().shows_spinner(at(ms));
        assert!(!shows(&slots, 299));
        assert!(shows(&slots, 300));
        slots.end(Slot::Survey, at(400));
        assert!(shows(&slots, 1299));
        assert!(!shows(&slots, 1300));
        slots.begin(Slot::Survey, at(2000));
        slots.end(Slot::Survey, at(2100));
        assert!(!shows(&slots, 2400));
    }
}
