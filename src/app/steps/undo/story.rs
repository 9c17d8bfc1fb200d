//! The words of taking back: of one call, of what went wrong, of what is left.

use super::state::{Phase, Sent};
use crate::app::steps::apply::story as words;
use crate::app::wizard::App;
use crate::domain::plan::{Planned, Standing};
use crate::domain::undo::Undo;
use crate::render::aws_cli;

/// How a step stands, in a word or two.
#[must_use]
pub fn standing(step: &Planned) -> &'static str {
    match (&step.operation, step.standing) {
        (Some(operation), _) if operation.removes() => "goes",
        (Some(_), _) => "goes back",
        (None, Standing::Conflict) => "altered",
        (None, _) => "no call",
    }
}

/// The `aws` command that does the same as the step.
#[must_use]
pub fn command(step: &Planned) -> Option<String> {
    step.operation.as_ref().map(aws_cli::command)
}

/// All commands, in their order.
#[must_use]
pub fn script(undo: &Undo) -> String {
    undo.changes().filter_map(command).collect::<Vec<_>>().join("\n")
}

/// What went wrong, each thing with its cause and what to do: of reading, of each call, of the whole.
#[must_use]
pub fn faults(app: &App) -> Vec<String> {
    let mut lines = Vec::new();
    let mut part = |title: Option<String>, body: Vec<String>| {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(title);
        lines.extend(body);
    };
    match &app.undo.phase {
        Phase::Failed(fault) => part(None, words::fault(fault)),
        Phase::Sent(sent) => {
            for (i, fault) in sent.course.faults() {
                let summary = sent.undo.changes().nth(i).map(|step| step.summary.clone());
                part(summary, words::fault(fault));
            }
            // Of a fault that broke all of it off the step has told already.
            let told = |fault: &crate::domain::fault::Fault| {
                sent.course.faults().any(|(_, of_step)| *of_step == *fault)
            };
            if let Some(fault) = sent.fault().filter(|fault| !told(fault)) {
                part(None, words::fault(fault));
            }
        }
        _ => {}
    }
    lines
}

/// What is still in AWS of the run after the calls, as far as it is known.
#[must_use]
pub fn left(sent: &Sent) -> Vec<String> {
    use crate::app::steps::course::Progress;
    use crate::app::task::StepOutcome;
    let Some((_, undone)) = &sent.ended else { return Vec::new() };
    let not_done =
        |progress: &Progress| !matches!(progress, Progress::Ended(StepOutcome::Done { .. }));
    let open = sent.changes().filter(|(_, progress)| not_done(progress));
    let mut left: Vec<String> = open
        .map(|(step, progress)| match progress {
            Progress::Ended(StepOutcome::Unknown { .. }) => {
                format!("{} (perhaps: no answer came)", step.summary)
            }
            _ => step.summary.clone(),
        })
        .collect();
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
    let gap = |lines: &mut Vec<String>| {
        if !lines.is_empty() {
            lines.push(String::new());
        }
    };
    if let Some(step) = app.undo.selected() {
        gap(&mut lines);
        lines.push(format!("{}: {}", step.summary, standing(step)));
        lines.push(step.reason.clone());
        let mut part = |title: &str, body: Vec<String>| {
            if !body.is_empty() {
                lines.push(String::new());
                lines.push(title.to_owned());
                lines.extend(body.into_iter().map(|line| format!("  {line}")));
            }
        };
        part("What differs", step.diff.iter().flat_map(words::difference).collect());
        part("Ways out", step.ways_out.clone());
        part("Name to type before it is sent", step.confirm.iter().cloned().collect());
        part("The call", step.operation.iter().map(|call| call.call().to_owned()).collect());
        let command = command(step);
        let command = command.iter().flat_map(|text| text.lines()).map(str::to_owned);
        part("The same by the AWS CLI", command.collect());
    }
    if let Some(undo) = app.undo.undo() {
        for remark in &undo.remarks {
            gap(&mut lines);
            lines.push(remark.clone());
        }
    }
    lines
}
