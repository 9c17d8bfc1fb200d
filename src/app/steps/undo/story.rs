//! The words of taking back: of one call, of what went wrong, of what is left.

use super::state::{Phase, Sent};
use crate::app::steps::apply::story as words;
use crate::app::steps::calls::{self, gap};
use crate::app::wizard::App;
use crate::domain::plan::{Planned, Standing};

/// How a step stands, in a word or two.
#[must_use]
pub fn standing(step: &Planned) -> &'static str {
    match (&step.operation, step.standing) {
        (Some(operation), _) if operation.removes() => "goes",
        (Some(_), _) => "put back",
        (None, Standing::Conflict) => "altered",
        (None, _) => "no call",
    }
}

/// What went wrong, each thing with its cause and what to do: of reading, of each call, of the whole.
#[must_use]
pub fn faults(app: &App) -> Vec<String> {
    match &app.undo.phase {
        Phase::Failed(fault) => words::fault(fault),
        Phase::Sent(sent) => calls::faults(sent.undo.changes(), &sent.course, sent.fault()),
        _ => Vec::new(),
    }
}

/// What is still in AWS of the run after the calls, as far as it is known.
#[must_use]
pub fn left(sent: &Sent) -> Vec<String> {
    let Some((_, undone)) = &sent.ended else { return Vec::new() };
    let mut left = calls::not_done(sent.changes());
    left.extend(undone.left.iter().map(|one| format!("{one} (answered well, but still seen)")));
    left.extend(
        sent.undo.conflicts().map(|step| format!("{} (altered since, not marked)", step.summary)),
    );
    left
}

/// All there is to read: what went wrong, the selected call, what is to be said of the whole.
#[must_use]
pub fn whole(app: &App) -> Vec<String> {
    let mut lines = faults(app);
    if let Some(step) = app.undo.selected() {
        gap(&mut lines);
        lines.extend(calls::whole(step, standing(step)));
    }
    if let Some(undo) = app.undo.undo() {
        for remark in &undo.remarks {
            gap(&mut lines);
            lines.push(remark.clone());
        }
    }
    lines
}
