//! What apply and undo have in common: what is said while calls are sent, and how their ends are told.

use serde_json::{Value, json};

use super::desk::Signal;
use super::out::Out;
use super::put;
use crate::app::task::{ApplyOutcome, News, StepOutcome};
use crate::domain::fault::{Cause, Fault};
use crate::domain::operation::Operation;
use crate::domain::plan::Planned;
use crate::engine::jobs::change::RENEWAL;

/// Says what happens to the calls while they are sent.
pub(super) struct Talk {
    calls: Vec<&'static str>,
    current: usize,
    /// What is waited for, so that it is said once however often it is looked at.
    waits: Option<Cause>,
}

impl Talk {
    /// About these steps, each with a call.
    pub(super) fn of<'a>(steps: impl Iterator<Item = &'a Planned>) -> Self {
        let calls = steps.filter_map(|step| step.operation.as_ref()).map(Operation::call);
        Self { calls: calls.collect(), current: 0, waits: None }
    }

    pub(super) fn tell(&mut self, out: &mut Out, news: &News) {
        match news {
            News::StepBegan(number) => {
                (self.current, self.waits) = (*number, None);
                out.say(&format!("{} ...", self.call()));
            }
            News::Waiting(fault) if self.waits != Some(fault.cause) => {
                self.waits = Some(fault.cause);
                out.say(&waiting(fault));
            }
            News::GoesOn => {
                self.waits = None;
                out.say(&format!("going on: {} ...", self.call()));
            }
            News::LookingUp => {
                let call = self.call();
                out.say(&format!("no answer to {call} came: looking up whether it happened ..."));
            }
            News::ReadingBack => out.say("reading back what AWS has now ..."),
            _ => {}
        }
    }

    fn call(&self) -> &'static str {
        self.calls.get(self.current).copied().unwrap_or("the call")
    }
}

/// What is waited for, what helps, and for how long.
fn waiting(fault: &Fault) -> String {
    let (message, help) = (&fault.message, fault.what_to_do());
    if fault.cause == Cause::Throttled {
        return format!("AWS is busy ({message}): waiting, then the call is sent again ...");
    }
    let minutes = RENEWAL.as_secs() / 60;
    format!(
        "waiting for a login: {message}\nwhat helps: {help}\nIt goes on by itself with this very call once a login works, within {minutes} minutes. Ctrl-C stops."
    )
}

/// Adds how a step ended to what is told of it.
pub(super) fn put_outcome(shown: &mut Value, outcome: &StepOutcome) {
    let (word, took, fault) = match outcome {
        StepOutcome::Done { took, .. } => ("done", *took, None),
        StepOutcome::Failed { fault, took } => ("failed", *took, Some(fault)),
        StepOutcome::Unknown { fault, took } => ("unknown", *took, Some(fault)),
        StepOutcome::Skipped => ("skipped", std::time::Duration::ZERO, None),
    };
    put(shown, "outcome", json!(word));
    put(shown, "ms", took.as_millis());
    if let StepOutcome::Done { deed, .. } = outcome {
        if let Some(arn) = &deed.arn {
            put(shown, "arn", arn);
        }
        if let Some(id) = &deed.request_id {
            put(shown, "request_id", id);
        }
    }
    if let Some(fault) = fault {
        put(shown, "fault", fault);
    }
}

/// The exit code: 0 only if all is done and was seen to be so.
pub(super) fn code(outcome: ApplyOutcome, steps: &[StepOutcome], signal: Option<Signal>) -> u8 {
    let changed = steps
        .iter()
        .any(|step| matches!(step, StepOutcome::Done { .. } | StepOutcome::Unknown { .. }));
    match (outcome, changed, signal) {
        (ApplyOutcome::Done, _, _) => 0,
        (_, true, _) => 4,
        (ApplyOutcome::Stopped, false, Some(signal)) => signal.code(),
        (_, false, _) => 1,
    }
}

/// As a script is told: what was not seen to be as it was meant, or not written down, is not done.
pub(super) fn outcome(
    ended: ApplyOutcome,
    fault: Option<&Fault>,
    is_as_meant: bool,
) -> ApplyOutcome {
    match (ended, fault) {
        (ApplyOutcome::Done, Some(fault)) if fault.cause == Cause::Stopped => ApplyOutcome::Stopped,
        (ApplyOutcome::Done, Some(_)) => ApplyOutcome::Failed,
        (ApplyOutcome::Done, None) if !is_as_meant => ApplyOutcome::Failed,
        (outcome, _) => outcome,
    }
}

pub(super) const fn capital(outcome: ApplyOutcome) -> &'static str {
    match outcome {
        ApplyOutcome::Done => "Done",
        ApplyOutcome::Failed => "Failed",
        ApplyOutcome::Stopped => "Stopped",
        ApplyOutcome::Blocked => "Blocked",
    }
}
