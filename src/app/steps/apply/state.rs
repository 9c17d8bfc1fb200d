//! What step 4 knows: what was read, what is planned, what was sent and how it ended.

use std::time::Duration;

use super::made::Perhaps;
use crate::app::list::Cursor;
use crate::app::steps::course::{Course, Progress};
use crate::app::task::{Applied, ApplyOutcome};
use crate::domain::fault::Fault;
use crate::domain::intent::{Caller, Intent};
use crate::domain::inventory::Inventory;
use crate::domain::journal::Past;
use crate::domain::key::KeyId;
use crate::domain::moment::Moment;
use crate::domain::plan::{AudienceChoice, Choices, Plan, Planned, Stamp, StepId, plan};
use crate::domain::secret::AccessKey;

/// The state of step 4.
#[derive(Debug, Default)]
pub struct State {
    /// How far it is.
    pub phase: Phase,
    /// The selected step of the plan or of the run.
    pub cursor: Cursor,
    /// What was chosen about the plan: a trust that differs only in the audience, a user's keys.
    pub choices: Choices,
    /// The access keys that this run made and holds in memory, because that is where their secrets were to go.
    pub held: Vec<AccessKey>,
    /// The access keys that this run made, wherever their secrets went.
    pub(super) new_keys: Vec<KeyId>,
    /// Keys that were made and whose secrets nobody has, told by what is no longer on the screen.
    pub(super) lost: Vec<KeyId>,
    /// The journal of the run that is continued, until the account has answered.
    pub past: Option<Past>,
    /// What this run made, one phrase each.
    pub(super) made: Vec<String>,
    /// The last plan that was sent came to its end: there is nothing to go on with.
    pub is_finished: bool,
    /// What was sent without an answer: it may be there.
    pub(super) perhaps: Vec<Perhaps>,
}

/// What a plan is for. Another one needs another plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// What is wanted.
    pub intent: Intent,
    /// Who wants it.
    pub caller: Caller,
}

/// How far the step is.
#[derive(Debug, Default)]
pub enum Phase {
    /// Nothing was read.
    #[default]
    Unread,
    /// The answers do not hold together, or the caller is not known.
    Open(Box<Fault>),
    /// The account is being read.
    Reading(Box<Basis>),
    /// The account could not be read.
    Failed(Box<Fault>),
    /// The plan stands on the screen.
    Planned(Box<Ready>),
    /// The plan was sent; runs, or has ended.
    Sent(Box<Run>),
}

/// A plan, ready to be looked at and applied.
#[derive(Debug)]
pub struct Ready {
    /// What AWS had.
    pub seen: Inventory,
    /// The plan that is shown, and that is applied.
    pub plan: Plan,
    /// The plan of the other choice about the audience, where it makes a difference.
    pub other: Option<Plan>,
}

impl Ready {
    /// Makes the plan from what was read.
    #[must_use]
    pub fn new(basis: &Basis, seen: Inventory, stamp: &Stamp, choices: &Choices) -> Self {
        let made = |choices| plan(&basis.intent, &seen, &basis.caller, stamp, choices);
        let shown = made(choices);
        let other = made(&Choices { audience: opposite(choices.audience), ..choices.clone() });
        let other = (other.steps != shown.steps).then_some(other);
        Self { plan: shown, other, seen }
    }

    /// Whether the step is the one that the choice about the audience is for.
    #[must_use]
    pub fn is_choice(&self, index: usize) -> bool {
        let id = self.plan.steps.get(index).map(|s| s.id);
        self.other.is_some() && id == Some(StepId::Trust)
    }

    /// Whether the plan was made for these very answers.
    #[must_use]
    pub fn is_for(&self, basis: &Basis) -> bool {
        self.plan.intent == basis.intent && self.plan.caller == basis.caller
    }

    /// How many calls will be sent.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.plan.changes().count()
    }
}

/// The other choice.
#[must_use]
pub const fn opposite(choice: AudienceChoice) -> AudienceChoice {
    match choice {
        AudienceChoice::Add => AudienceChoice::Replace,
        AudienceChoice::Replace => AudienceChoice::Add,
    }
}

/// A plan that was sent.
#[derive(Debug)]
pub struct Run {
    /// The plan.
    pub plan: Plan,
    /// How far its changes are.
    pub course: Course,
    /// When and how it ended.
    pub ended: Option<(Moment, Applied)>,
    /// The account as the survey saw it.
    pub seen: Inventory,
}

impl Run {
    /// The changes with how far each is.
    pub fn changes(&self) -> impl Iterator<Item = (&Planned, &Progress)> {
        self.plan.changes().zip(&self.course.progress)
    }

    /// Whether everything was made.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.ended.as_ref().is_some_and(|(_, a)| a.outcome == ApplyOutcome::Done)
    }

    /// Whether it was not begun at all.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.ended.as_ref().is_some_and(|(_, a)| a.outcome == ApplyOutcome::Blocked)
    }

    /// Whether reading back found what was meant.
    #[must_use]
    pub fn is_as_meant(&self) -> bool {
        let good = |a: &Applied| a.differs.is_empty() && a.fault.is_none();
        self.ended.as_ref().is_some_and(|(_, a)| good(a))
    }

    /// How long all of it took, or has taken until now.
    #[must_use]
    pub fn took(&self, now: Moment) -> Duration {
        self.ended.as_ref().map_or(now, |(at, _)| *at).since(self.course.began)
    }

    /// What stopped it: the fault of a step, or of the whole.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        let of_step = self.course.faults().next().map(|(_, fault)| fault);
        of_step.or_else(|| self.ended.as_ref().and_then(|(_, a)| a.fault.as_ref()))
    }
}

impl State {
    /// Forgets what was read and planned. What was made stays known.
    pub fn forget(&mut self) {
        self.phase = Phase::Unread;
        self.choices = Choices::default();
    }

    /// A key is gone, and with it what is known of it.
    pub fn drop_key(&mut self, id: &KeyId) {
        self.held.retain(|held| held.id != *id);
        self.new_keys.retain(|new| new != id);
        self.lost.retain(|lost| lost != id);
    }

    /// What was sent, here or by the run that is continued, without its being known yet what became of it.
    pub fn not_known_yet(&self) -> impl Iterator<Item = &str> {
        self.perhaps.iter().map(|one| one.words.as_str())
    }

    /// The secret of this key, if it is held here.
    #[must_use]
    pub fn held(&self, id: &KeyId) -> Option<&AccessKey> {
        self.held.iter().find(|key| key.id == *id)
    }

    /// Whether this run made this key.
    #[must_use]
    pub fn is_new(&self, id: &KeyId) -> bool {
        self.new_keys.contains(id)
    }

    /// Whether the secret of this key is where the answers say: delivered by this run, or found there.
    #[must_use]
    pub fn is_placed(&self, id: &KeyId) -> bool {
        let there = self.seen().and_then(|seen| seen.placed_key());
        self.is_new(id) || there == Some(id)
    }

    /// What this run made so far, one phrase each; what may be there, because no answer came, says so.
    pub fn made(&self) -> impl Iterator<Item = String> {
        let perhaps =
            self.perhaps.iter().map(|one| format!("{} (perhaps: no answer came)", one.words));
        self.made.iter().cloned().chain(perhaps)
    }

    /// What may exist if the program ended now: what was made, and what is being sent.
    pub fn may_exist(&self) -> impl Iterator<Item = String> {
        let sent = match &self.phase {
            Phase::Sent(run) => Some(run.changes()),
            _ => None,
        };
        let sent = sent.into_iter().flatten().filter(|(_, p)| matches!(p, Progress::Going(_)));
        self.made()
            .chain(sent.map(|(step, _)| format!("{} (perhaps: no answer came)", step.summary)))
    }

    /// What the account had when it was read for what stands on the screen.
    #[must_use]
    pub fn seen(&self) -> Option<&Inventory> {
        match &self.phase {
            Phase::Planned(ready) => Some(&ready.seen),
            Phase::Sent(run) => Some(&run.seen),
            _ => None,
        }
    }

    /// The plan that is shown.
    #[must_use]
    pub fn ready(&self) -> Option<&Ready> {
        match &self.phase {
            Phase::Planned(ready) => Some(ready),
            _ => None,
        }
    }

    /// The plan on the screen, sent or not.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        match &self.phase {
            Phase::Planned(ready) => Some(&ready.plan),
            Phase::Sent(run) => Some(&run.plan),
            _ => None,
        }
    }

    /// What was sent.
    #[must_use]
    pub fn run(&self) -> Option<&Run> {
        match &self.phase {
            Phase::Sent(run) => Some(run),
            _ => None,
        }
    }

    /// What was sent, while it runs.
    #[must_use]
    pub fn running(&self) -> Option<&Run> {
        self.run().filter(|r| r.ended.is_none())
    }

    /// The steps that the cursor moves over: all of a plan, the changes of a run.
    #[must_use]
    pub fn rows(&self) -> Vec<&Planned> {
        match &self.phase {
            Phase::Planned(ready) => ready.plan.steps.iter().collect(),
            Phase::Sent(run) => run.plan.changes().collect(),
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
