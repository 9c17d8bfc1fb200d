//! Exercises: their world is put in the place of the account, and their goals are watched.

use std::path::PathBuf;
use std::sync::Arc;

use super::apply;
use super::on_disk;
use crate::app::task::{ApplyOutcome, End, News};
use crate::domain::draft::{Draft, Field};
use crate::domain::exercise::Exercise;
use crate::domain::exercise::goal::By;
use crate::domain::fault::{Cause, Fault};
use crate::domain::plan::{Choices, Stamp, plan};
use crate::domain::tutorial::{PrintedCall, Said};
use crate::engine::control::Control;
use crate::ports::{Classroom, World};

/// What follows the name of the learner's run in that of the colleague's.
const COLLEAGUE: &str = "-colleague";

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
    match applied.fault {
        Some(fault) if applied.outcome != ApplyOutcome::Stopped => Err(fault),
        _ => Ok(()),
    }
}

/// Tells how far the goals are, at once and whenever that may have changed.
pub(super) async fn watch(
    world: &World,
    control: &Control,
    exercise: &Arc<Exercise>,
    accepted: PathBuf,
) -> End {
    let Ok(classroom) = classroom(world) else { return End::Stopped };
    let mut seen = 0;
    loop {
        seen = classroom.changed(seen).await;
        let mut standings = classroom.standings().await;
        let (archive, path) = (Arc::clone(&world.archive), accepted.clone());
        let papers = on_disk(move || archive.read_accepted(&path)).await.unwrap_or_default();
        for (goal, standing) in exercise.goals.iter().zip(&mut standings) {
            if let By::State(check) = &goal.by
                && let Some(known) = check.by_papers(&papers)
            {
                *standing = Some(known);
            }
        }
        control.news(News::Goals(standings, classroom.trail()));
    }
}

/// What the practice account says to what the tutorial prints.
pub(super) async fn printed(world: &World, calls: Vec<PrintedCall>) -> Vec<Said> {
    let Ok(classroom) = classroom(world).cloned() else { return Vec::new() };
    on_disk(move || Ok(classroom.said(&calls))).await.unwrap_or_default()
}
