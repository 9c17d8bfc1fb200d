//! The record of a session, to be taken home.

use std::path::PathBuf;

use super::Open;
use crate::app::slot::Slot;
use crate::app::steps::pull::run::{Outcome, Run};
use crate::app::task::Job;
use crate::app::wizard::App;
use crate::domain::exercise::goal::Standing;
use crate::domain::fault::Fault;
use crate::domain::probe::Verdict;
use crate::render::record::{self, Lesson, Record};

/// Writes the record to the folder of the run that this process began with.
pub fn write(app: &mut App) {
    let Some(open) = &app.practice.open else {
        return app.remark("There is nothing to record yet: open an exercise first.");
    };
    if app.slots.running(Slot::Record).is_some() {
        return app.remark("The record is being written.");
    }
    let run = base(open);
    let text = text(app, &run);
    app.start(Slot::Record, Job::WriteRecord(run, text));
}

/// It was written, or not. Where it is stays known for the last words.
pub fn written(app: &mut App, result: Result<PathBuf, Fault>) {
    match result {
        Ok(path) => {
            app.remark(format!("The record of this session: {}", path.display()));
            app.practice.record = Some(path);
        }
        Err(fault) => app.remark(format!("The record was not written: {fault}")),
    }
}

/// Where the record is, for whoever has left.
#[must_use]
pub fn place(app: &App) -> Option<String> {
    app.practice.record.as_ref().map(|path| format!("Record: {}", path.display()))
}

/// Keeps what is seen of the goals that are not met: once they are, it is what was found.
pub fn note(open: &mut Open, told: &[Option<Standing>]) {
    open.found.resize(open.exercise.goals.len(), String::new());
    for (found, standing) in open.found.iter_mut().zip(told) {
        if let Some(Standing::Open(seen)) = standing
            && !seen.is_empty()
        {
            found.clone_from(seen);
        }
    }
}

/// Keeps what a pull test said, with the exercise in which it ran.
pub fn pulled(app: &mut App) {
    let said = app.pull.run.as_ref().and_then(said);
    if let (Some(open), Some(said)) = (&mut app.practice.open, said) {
        open.pull = Some(said);
    }
}

/// What a test said, in a sentence; nothing where it was stopped.
fn said(run: &Run) -> Option<String> {
    let Some(Outcome::Reported(report)) = &run.outcome else { return None };
    let fault = run.broken().and_then(|at| run.stages.get(at)?.result.as_ref()?.fault.as_ref());
    let what = format!("{} as {}", run.image, run.arn);
    Some(match (report.verdict, fault) {
        (Verdict::Passed, _) => format!("{what} was pulled."),
        (Verdict::Partly, _) => format!("{what} worked as far as it was tried."),
        (Verdict::Failed, Some(fault)) => {
            format!("{what} failed, {}: {}", fault.cause.slug(), fault.message)
        }
        (Verdict::Failed, None) => format!("{what} failed."),
    })
}

/// The run that this process began with: those of exercises have a number behind it.
fn base(open: &Open) -> String {
    open.run.rsplit_once("-x").map_or(open.run.as_str(), |(base, _)| base).to_owned()
}

fn text(app: &App, run: &str) -> String {
    let lessons = app.practice.before.iter().chain(&app.practice.open).map(lesson).collect();
    record::print(&Record {
        run,
        began: app.started_unix,
        version: &app.setup.stamp.version,
        account: app.who.known().map(|caller| caller.account.as_str()),
        mask: app.setup.mask,
        lessons,
    })
}

fn lesson(open: &Open) -> Lesson<'_> {
    Lesson {
        exercise: &open.exercise,
        standings: open.standings(),
        found: &open.found,
        answers: &open.answers,
        hints: open.hints,
        pull: open.pull.as_deref(),
        trail: &open.trail,
        fault: open.fault.as_ref().map(ToString::to_string),
    }
}

#[cfg(test)]
mod tests;
