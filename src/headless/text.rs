//! Results as lines for people.

use std::fmt::Write;
use std::time::Duration;

use super::out::words;
use crate::app::task::StepOutcome;
use crate::domain::plan::{Difference, Plan, Planned, Standing};
use crate::domain::probe::RungResult;
use crate::render::shell::quote;

/// `0.4 s`.
pub(super) fn seconds(time: Duration) -> String {
    let tenths = time.as_millis() / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

const fn sign(standing: Standing) -> char {
    match standing {
        Standing::Needed => '+',
        Standing::Adopt | Standing::Change => '~',
        Standing::Present => '=',
        Standing::Conflict => '!',
    }
}

/// The plan, step by step.
pub(super) fn plan(plan: &Plan) -> String {
    let mut text = format!(
        "Account {} as {}\nRegistry {}\n\n",
        plan.caller.account,
        plan.caller.arn,
        plan.intent.host()
    );
    for step in &plan.steps {
        one_step(&mut text, step);
    }
    for remark in &plan.remarks {
        let _ = writeln!(text, "note: {remark}");
    }
    let (changes, conflicts) = (plan.changes().count(), plan.conflicts().count());
    let _ = match (changes, conflicts) {
        (_, 1..) => writeln!(text, "\nBlocked: something is in the way (!)."),
        (0, 0) => writeln!(text, "\nNo changes: all is as wished."),
        (1, 0) => writeln!(text, "\n1 change."),
        (n, 0) => writeln!(text, "\n{n} changes."),
    };
    text
}

fn one_step(text: &mut String, step: &Planned) {
    let (id, standing) = (step.id.word(), step.standing.word());
    let _ = writeln!(text, "{} {standing:<8} {id:<11} {}", sign(step.standing), step.summary);
    let _ = writeln!(text, "    {}", step.reason);
    if let Some(operation) = &step.operation {
        let _ = writeln!(text, "    call: {}", operation.call());
    }
    differences(text, &step.diff);
    for way in &step.ways_out {
        let _ = writeln!(text, "    or: {way}");
    }
    if let Some(name) = &step.confirm {
        let _ = writeln!(text, "    asks for: --confirm {}", quote(name));
    }
}

/// What is there with `-`, what will be with `+`.
pub(super) fn differences(text: &mut String, differences: &[Difference]) {
    for difference in differences {
        let _ = writeln!(text, "    at {}", difference.at);
        if let Some(now) = &difference.now {
            let _ = writeln!(text, "      - {now}");
        }
        if let Some(then) = &difference.then {
            let _ = writeln!(text, "      + {then}");
        }
    }
}

/// How a step of apply ended, on one line.
pub(super) fn step(step: &Planned, outcome: &StepOutcome) -> String {
    let (id, summary) = (step.id.word(), &step.summary);
    match outcome {
        StepOutcome::Done { deed, took } => {
            let arn = deed.arn.as_ref().map(|arn| format!("  {arn}")).unwrap_or_default();
            format!("done     {id:<11} {summary}  {}{arn}", seconds(*took))
        }
        StepOutcome::Failed { fault, took } => {
            format!("failed   {id:<11} {summary}  {}\n{}", seconds(*took), words(fault))
        }
        StepOutcome::Unknown { fault, took } => {
            format!("unknown  {id:<11} {summary}  {}\n{}", seconds(*took), words(fault))
        }
        StepOutcome::Skipped => format!("skipped  {id:<11} {summary}"),
    }
}

/// How a rung ended, on one line; a fault takes further ones.
pub(super) fn rung(result: &RungResult) -> String {
    let RungResult { rung, status, took, detail, fault } = result;
    let line = format!("{:<8} {:<22} {:>7}  {detail}", status.word(), rung.id(), seconds(*took));
    let mut lines = vec![line];
    for fault in fault.iter().flat_map(|first| std::iter::once(first).chain(first.others())) {
        if fault.message != *detail {
            lines.push(format!("    {}", fault.message));
        }
        let id = fault.request_id.iter().map(|id| ("request id", id.as_str()));
        let evidence = fault.evidence.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        lines.push(format!("    cause: {}", fault.cause.slug()));
        lines.extend(id.chain(evidence).map(|(key, value)| format!("    {key}: {value}")));
        lines.push(format!("    what helps: {}", fault.what_to_do()));
    }
    lines.join("\n")
}
