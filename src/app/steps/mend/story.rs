//! The words of mending.

use super::state::{Phase, Sent};
use crate::app::steps::calls::{self, gap};
use crate::app::wizard::App;
use crate::domain::operation::Operation;
use crate::domain::plan::{Planned, Standing};

/// What a step does to what is there, in a word.
#[must_use]
pub fn standing(step: &Planned) -> &'static str {
    match (&step.operation, step.standing) {
        (Some(operation), _) if operation.removes() => "goes",
        (Some(Operation::SetKeyStatus { .. }), _) => "is set",
        (_, Standing::Change) => "changes",
        _ => "is added",
    }
}

/// What went wrong: each call that was refused, and the whole.
#[must_use]
pub fn faults(app: &App) -> Vec<String> {
    match &app.mend.phase {
        Phase::Sent(sent) => calls::faults(sent.mend.changes(), &sent.course, sent.fault()),
        _ => Vec::new(),
    }
}

/// What is not mended, once it has ended.
#[must_use]
pub fn left(sent: &Sent) -> Vec<String> {
    let Some((_, mended)) = &sent.ended else { return Vec::new() };
    let mut left = calls::not_done(sent.changes());
    left.extend(mended.differs.iter().map(|one| format!("{one} (answered well, not seen so)")));
    left
}

/// All there is to read: what went wrong, the selected call, what is to be said of the whole.
#[must_use]
pub fn whole(app: &App) -> Vec<String> {
    let mut lines = faults(app);
    if let Some(step) = app.mend.selected() {
        gap(&mut lines);
        lines.extend(calls::whole(step, standing(step)));
    }
    if let Some(mend) = app.mend.mend() {
        for remark in &mend.remarks {
            gap(&mut lines);
            lines.push(remark.clone());
        }
    }
    lines
}
