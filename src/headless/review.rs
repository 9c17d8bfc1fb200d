//! `review`: reads the account, judges it, prints.

use std::path::Path;
use std::sync::Arc;

use super::Out;
use super::desk::{Bell, Desk, Left, stray};
use crate::app::task::{End, Job, News};
use crate::cli::{ReviewArgs, ReviewFormat};
use crate::domain::fault::{Cause, Fault};
use crate::domain::review::triage::kept::{self, Kept};
use crate::domain::review::triage::{Known, Triage};
use crate::domain::review::{Counts, Review};
use crate::ledger::Run;
use crate::ports::Archive;
use crate::render::review::{Format, print};

/// After how many further roles it is told how far the reading is.
const STRIDE: usize = 1000;

pub(super) async fn review<B: Bell>(
    desk: &mut Desk<B>,
    run: &Run,
    args: &ReviewArgs,
) -> Result<u8, Left> {
    let Some(format) = args.format else {
        return Err(Left::Use(Fault::new(
            Cause::BadAnswers,
            "the full-screen review needs a terminal; give --format text, json, csv or sarif",
        )));
    };
    let file = args.accepted_file();
    // What is wrong with the files is told before AWS is asked for everything.
    run.read_accepted(&file).map_err(Left::Use)?;
    if args.accepted.is_some() && !file.exists() {
        let shown = file.display().to_string();
        let fault =
            Fault::new(Cause::File, format!("there is no file {shown} of what was accepted"))
                .with("path", shown)
                .remedy("name the file that is there, or leave --accepted out");
        return Err(Left::Use(fault));
    }
    let baseline = args.baseline.as_deref().map(baseline).transpose().map_err(Left::Use)?;
    let mut progress = Progress::default();
    let (end, heard) =
        desk.follow(Job::Review(file), |out, news| progress.tell(out, &news)).await?;
    let review = match (end, heard) {
        (End::Reviewed(reviewed), _) => Arc::unwrap_or_clone(reviewed?.review),
        (End::Stopped, Some(signal)) => return Err(Left::Signalled(signal)),
        _ => return Err(stray()),
    };
    let review = arranged(review, args, baseline)?;
    Ok(told(&mut desk.out, &review, args, format))
}

/// The review as it is to be printed: compared with what was given for that and nothing else, and narrowed.
fn arranged(mut review: Review, args: &ReviewArgs, baseline: Option<Kept>) -> Result<Review, Left> {
    let mut triage = review.triage?;
    triage.known = match baseline {
        None => None,
        Some((account, known)) if account == review.caller.account => Some(known),
        Some((account, _)) => {
            let message =
                format!("the baseline is of account {account}, not {}", review.caller.account);
            return Err(Left::Use(Fault::new(Cause::WrongAccount, message)));
        }
    };
    review.triage = Ok(triage);
    if args.role.is_empty() { Ok(review) } else { narrowed(review, &args.role) }
}

/// Only these roles, whose names no case tells apart (IAM quotas, "IAM name requirements").
fn narrowed(mut review: Review, names: &[String]) -> Result<Review, Left> {
    let is_asked = |name: &str| names.iter().any(|asked| asked.eq_ignore_ascii_case(name));
    let is_there =
        |name: &&String| review.roles.iter().any(|role| role.entry.name.eq_ignore_ascii_case(name));
    if let Some(name) = names.iter().find(|name| !is_there(name)) {
        let message = format!("no role {name:?} that trusts a web identity is in this account");
        return Err(Left::Fault(
            Fault::new(Cause::RoleMissing, message)
                .with("role", name.as_str())
                .remedy("review without --role lists those that do"),
        ));
    }
    review.roles.retain(|role| is_asked(&role.entry.name));
    review.users = Vec::new();
    review.providers = Vec::new();
    review.account = Vec::new();
    let of_it = |on: &str| on.strip_prefix("role/").is_some_and(is_asked);
    if let Ok(Triage { accepted, known, .. }) = &mut review.triage {
        accepted.retain(|one| of_it(&one.on));
        if let Some(known) = known {
            known.retain(|_, Known { on, .. }| of_it(on));
        }
    }
    Ok(review)
}

/// Prints it; answers with the exit code.
fn told(out: &mut Out, review: &Review, args: &ReviewArgs, format: ReviewFormat) -> u8 {
    out.text(&print(review, as_printed(format)));
    for gap in &review.gaps {
        let (what, fault) = (&gap.what, &gap.fault);
        out.say(&format!(
            "note: could not read {what}: {} ({})\nwhat helps: {}",
            fault.message,
            fault.cause.slug(),
            fault.what_to_do()
        ));
    }
    let account = review.caller.account.as_str();
    let counts = |found| {
        review.triage.as_ref().map_or(true, |triage| triage.standing(account, found).counts())
    };
    let failing = review.found().filter(|f| args.fail_on.counts(f.finding.severity));
    if failing.filter(|found| counts(found)).count() > 0 { 3 } else { 0 }
}

const fn as_printed(format: ReviewFormat) -> Format {
    match format {
        ReviewFormat::Text => Format::Text,
        ReviewFormat::Json => Format::Json,
        ReviewFormat::Csv => Format::Csv,
        ReviewFormat::Sarif => Format::Sarif,
    }
}

fn baseline(path: &Path) -> Result<Kept, Fault> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Fault::new(Cause::File, format!("could not read the baseline {shown}: {error}"))
            .with("path", shown.as_str())
    })?;
    kept::parse(&text).map_err(|fault| {
        let message = format!("the baseline {shown}: {}", fault.message);
        Fault { message, ..fault }.with("path", shown.as_str())
    })
}

/// What was told of the way.
#[derive(Default)]
struct Progress {
    stage: &'static str,
    roles: usize,
}

impl Progress {
    fn tell(&mut self, out: &mut Out, news: &News) {
        match news {
            News::Stage(stage, counts) if *stage != self.stage => {
                self.stage = stage;
                out.say(&format!("Reading {stage}{} ...", so_far(*counts)));
            }
            News::RolesJudged(_, counts) if counts.roles >= self.roles + STRIDE => {
                self.roles = counts.roles - counts.roles % STRIDE;
                out.say(&format!("Reading{} ...", so_far(*counts)));
            }
            _ => {}
        }
    }
}

fn so_far(counts: Counts) -> String {
    let Counts { roles, trusting, total, .. } = counts;
    match (roles, total) {
        (0, _) => String::new(),
        (_, Some(total)) => format!(": {roles} of {total} roles, {trusting} trust a web identity"),
        (_, None) => format!(": {roles} roles, {trusting} trust a web identity"),
    }
}

#[cfg(test)]
mod tests;
