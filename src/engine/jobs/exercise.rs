//! Exercises: their world is put in the place of the account, and their goals are watched.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::apply;
use super::on_disk;
use crate::app::task::{ApplyOutcome, End, News, StepOutcome};
use crate::domain::draft::{Draft, Field};
use crate::domain::exercise::Exercise;
use crate::domain::exercise::goal::{By, Check, Goal, Standing};
use crate::domain::fault::{Cause, Fault};
use crate::domain::plan::{Choices, Stamp, plan};
use crate::domain::review::triage::Accepted;
use crate::domain::tutorial::{PrintedCall, Said};
use crate::engine::control::Control;
use crate::ports::{Classroom, World};

/// What follows the name of the learner's run in that of the colleague's.
const COLLEAGUE: &str = "-colleague";
/// How long a file that a goal is held against may be another before it is looked at again.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Puts the world of an exercise in the place of the account; answers what the wizard's fields hold.
///
/// # Errors
/// There is no practice account, or what the world is to hold could not be made.
pub(super) async fn open(
    world: &World,
    control: &Control,
    run: &str,
    exercise: &Arc<Exercise>,
) -> Result<Draft, Fault> {
    let token = classroom(world)?.open(exercise).await?;
    let mut draft = exercise.answers.clone();
    if let Some(token) = token {
        let (archive, run) = (Arc::clone(&world.archive), run.to_owned());
        let path = on_disk(move || archive.write_export(&run, "token.jwt", token.expose())).await?;
        draft.set(Field::TokenFile, path.display().to_string());
    }
    if let Some(calls) = exercise.world.stopped_after {
        half_done(world, control, &format!("{run}{COLLEAGUE}"), &draft, calls).await?;
    }
    Ok(draft)
}

fn classroom(world: &World) -> Result<&Arc<dyn Classroom>, Fault> {
    world.classroom.as_ref().ok_or_else(|| {
        Fault::new(Cause::BadAnswers, "exercises are for the practice account")
            .remedy("start it with okteto-ecr --practice")
    })
}

/// A colleague's run: the real one, stopped after so many calls.
async fn half_done(
    world: &World,
    control: &Control,
    run: &str,
    draft: &Draft,
    calls: usize,
) -> Result<(), Fault> {
    let caller = world.cloud.whoami().await?;
    let intent = draft.intent(&caller)?;
    let inventory = world.cloud.survey(&intent).await?;
    let stamp = Stamp { run: run.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
    let plan = plan(&intent, &inventory, &caller, &stamp, &Choices::default());
    let (ledger, answers, name) = (Arc::clone(&world.ledger), draft.clone(), run.to_owned());
    on_disk(move || ledger.save_answers(&name, &answers)).await?;
    let applied = Box::pin(apply::begin(world, control, &plan, calls)).await;
    if matches!(applied.outcome, ApplyOutcome::Stopped | ApplyOutcome::Done) {
        return Ok(());
    }
    let refused = applied.steps.into_iter().find_map(|step| match step {
        StepOutcome::Failed { fault, .. } | StepOutcome::Unknown { fault, .. } => Some(fault),
        _ => None,
    });
    Err(applied.fault.or(refused).unwrap_or_else(|| {
        Fault::new(Cause::Unexplained, "the run of a colleague could not be made as it is meant")
    }))
}

/// Tells how far the goals are, at once and whenever that is another.
pub(super) async fn watch(
    world: &World,
    control: &Control,
    exercise: &Arc<Exercise>,
    accepted: PathBuf,
) -> End {
    let Ok(classroom) = classroom(world) else { return End::Stopped };
    let is_on_paper = |goal: &Goal| matches!(&goal.by, By::State(Check::Accepted { .. }));
    let has_papers = exercise.goals.iter().any(is_on_paper);
    let mut seen = classroom.changed(0).await;
    let mut last = None;
    loop {
        let mut standings = classroom.standings().await;
        if has_papers {
            let (archive, path) = (Arc::clone(&world.archive), accepted.clone());
            let papers = on_disk(move || archive.read_accepted(&path)).await;
            by_papers(exercise, &mut standings, papers.as_deref());
        }
        let told = (standings, classroom.trail());
        if last.as_ref() != Some(&told) {
            control.news(News::Goals(told.0.clone(), told.1.clone()));
            last = Some(told);
        }
        tokio::select! {
            now = classroom.changed(seen) => seen = now,
            // Nobody tells when a file is written.
            () = sleep(BETWEEN_LOOKS), if has_papers => {}
        }
    }
}

/// What was accepted is no matter of the account: those goals are held against the file. One that cannot be read accepts
/// nothing, and that is said.
fn by_papers(
    exercise: &Exercise,
    standings: &mut [Option<Standing>],
    papers: Result<&[Accepted], &Fault>,
) {
    for (goal, standing) in exercise.goals.iter().zip(standings) {
        let By::State(check) = &goal.by else { continue };
        let known = match papers {
            Ok(papers) => check.by_papers(papers),
            Err(fault) => check.by_papers(&[]).map(|_| Standing::Open(fault.message.clone())),
        };
        if known.is_some() {
            *standing = known;
        }
    }
}

/// What the practice account says to what the tutorial prints.
pub(super) async fn printed(world: &World, calls: Vec<PrintedCall>) -> Vec<Said> {
    let Ok(classroom) = classroom(world).cloned() else { return Vec::new() };
    on_disk(move || Ok(classroom.said(&calls))).await.unwrap_or_default()
}

#[cfg(test)]
mod tests;
