//! The words of calls that stand on a screen, to be sent or sent, whoever planned them.

use super::apply::story as words;
use super::course::{Course, Progress};
use crate::app::task::StepOutcome;
use crate::domain::fault::Fault;
use crate::domain::plan::Planned;
use crate::render::aws_cli;

/// The `aws` command that does the same as the step.
#[must_use]
pub fn command(step: &Planned) -> Option<String> {
    step.operation.as_ref().map(aws_cli::command)
}

/// All commands, in their order.
#[must_use]
pub fn script<'a>(steps: impl Iterator<Item = &'a Planned>) -> String {
    steps.filter_map(command).collect::<Vec<_>>().join("\n")
}

/// What went wrong with calls that were sent, each thing with its cause and what to do; `whole` is the fault of all of it.
#[must_use]
pub fn faults<'a>(
    steps: impl Iterator<Item = &'a Planned>,
    course: &Course,
    whole: Option<&Fault>,
) -> Vec<String> {
    let steps: Vec<&Planned> = steps.collect();
    let mut lines = Vec::new();
    for (i, fault) in course.faults() {
        gap(&mut lines);
        lines.extend(steps.get(i).map(|step| step.summary.clone()));
        lines.extend(words::fault(fault));
    }
    if let Some(fault) = untold(course, whole) {
        gap(&mut lines);
        lines.extend(words::fault(fault));
    }
    lines
}

/// The fault of all of it, where no call has told of it already.
#[must_use]
pub fn untold<'a>(course: &Course, whole: Option<&'a Fault>) -> Option<&'a Fault> {
    whole.filter(|fault| !course.faults().any(|(_, of_step)| of_step == *fault))
}

/// A row of white space, where something stands already.
pub fn gap(lines: &mut Vec<String>) {
    if !lines.is_empty() {
        lines.push(String::new());
    }
}

/// The calls that were not answered well, a few words each.
#[must_use]
pub fn not_done<'a>(calls: impl Iterator<Item = (&'a Planned, &'a Progress)>) -> Vec<String> {
    let open = calls.filter(|(_, p)| !matches!(p, Progress::Ended(StepOutcome::Done { .. })));
    open.map(|(step, progress)| match progress {
        Progress::Ended(StepOutcome::Unknown { .. }) => {
            format!("{} (perhaps: no answer came)", step.summary)
        }
        _ => step.summary.clone(),
    })
    .collect()
}

/// Everything about one step, to be read whole; `standing` is how it stands, in a word or two.
#[must_use]
pub fn whole(step: &Planned, standing: &str) -> Vec<String> {
    let mut lines = vec![format!("{}: {standing}", step.summary), step.reason.clone()];
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
    lines
}
