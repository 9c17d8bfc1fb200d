//! `apply`: carries a plan out.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::desk::{Bell, Desk, Left, Signal, stray};
use super::out::{Out, words};
use super::plan::differences;
use super::ready;
use super::runs::known;
use super::sent::{Talk, capital, code, put_outcome};
use super::{Given, Reveal, given, put, result, text};
use crate::app::task::{Applied, ApplyOutcome, End, Job, News, StepOutcome};
use crate::cli::{ApplyArgs, Format};
use crate::domain::custody::{Custody, CustodyChoice};
use crate::domain::draft::{Draft, Field, Mode};
use crate::domain::fault::{Cause, Fault};
use crate::domain::handoff::{Credential, Handoff};
use crate::domain::intent::{Intent, UserIntent};
use crate::domain::operation::Operation;
use crate::domain::plan::{Plan, Planned, StepId};
use crate::domain::rotation::KeyWish;
use crate::domain::secret::AccessKey;
use crate::ledger::Run;
use crate::render::shell::quote;

/// Between two looks at the keyboard, while a key is shown.
const BETWEEN_KEYS: Duration = Duration::from_millis(50);

pub(super) async fn apply<B: Bell>(
    desk: &mut Desk<B>,
    run: &Run,
    args: &ApplyArgs,
    read_only: bool,
    reveal: Option<Reveal>,
) -> Result<u8, Left> {
    may_be_asked(args, read_only)?;
    let given = given(&args.answers)?;
    if given.draft.mode == Mode::IamUser
        && given.draft.custody == CustodyChoice::Show
        && reveal.is_none()
    {
        let message = "secret_to = \"show\" shows the secret on a terminal, and there is none";
        let fault = Fault::new(Cause::BadAnswers, message).with("key", Field::KeyFile.key());
        return Err(Left::Use(
            fault.remedy(
                "run it in a terminal, or set secret_to to \"kubernetes\" or \"file:PATH\"",
            ),
        ));
    }
    let plan = ready::planned(desk, &given.draft, &run.stamp(), &args.keys, args.new_run).await?;
    if let Some(past) = &plan.goes_on {
        desk.out.say(&ready::words(past));
    }
    let (mut applied, signal) = if let Some(fault) = refusal(&plan, args) {
        (Applied::blocked(&plan, fault), None)
    } else {
        if is_free(desk, &plan).await? {
            let answers = portable(given);
            if let End::Saved(saved) =
                desk.ask(Job::SaveAnswers(plan.stamp.run.clone(), Box::new(answers))).await?
            {
                saved?;
            }
        }
        carry_out(desk, &plan).await?
    };
    if let (Some(key), Some(reveal)) = (applied.held.take(), reveal) {
        let id = &key.id;
        if let Err(error) = revealed(desk, &key, reveal).await {
            desk.out.say(&format!(
                "warning: the secret of {id} could not be shown ({error}), and nobody has it: delete that key, then make another"
            ));
        }
    }
    match args.format {
        Format::Json => desk.out.json(&value(&plan, &applied)),
        Format::Text => desk.out.text(&shown(&plan, &applied)),
    }
    Ok(code(applied.told(), &applied.steps, signal))
}

/// Whether nothing stands in the way of the plan, and nobody is at work or was since on the run that it goes on with: what
/// is refused leaves that run's answers as they are.
async fn is_free<B: Bell>(desk: &mut Desk<B>, plan: &Plan) -> Result<bool, Left> {
    if plan.changes().next().is_none() || plan.conflicts().next().is_some() {
        return Ok(false);
    }
    let Some(then) = &plan.goes_on else { return Ok(true) };
    let known = known(desk).await?;
    let now = known.iter().find(|run| run.run == plan.stamp.run);
    Ok(known.iter().all(|run| run.process.is_none())
        && now.is_some_and(|now| now.past.as_ref().is_ok_and(|now| now == then)))
}

/// Shows the key until it was looked at. A signal takes it off the screen: the program does not outlive one with a secret
/// in sight.
async fn revealed<B: Bell>(
    desk: &mut Desk<B>,
    key: &AccessKey,
    reveal: Reveal,
) -> std::io::Result<()> {
    let mut is_over = reveal(key)?;
    while !is_over()? {
        tokio::select! {
            _ = desk.bell.rings() => break,
            () = sleep(BETWEEN_KEYS) => {}
        }
    }
    Ok(())
}

/// A path in answers is relative to them; the copy will stand elsewhere.
fn portable(given: Given) -> Draft {
    let Given { mut draft, folder } = given;
    for (field, base) in [(Field::TokenFile, folder), (Field::KeyFile, PathBuf::new())] {
        let text = draft.text(field);
        if !matches!(text, "" | "-")
            && let Ok(path) = std::path::absolute(base.join(text))
        {
            draft.set(field, path.display().to_string());
        }
    }
    draft
}

fn may_be_asked(args: &ApplyArgs, read_only: bool) -> Result<(), Left> {
    if read_only {
        let message = "apply changes AWS, and --read-only allows no such call";
        let fault = Fault::new(Cause::PermissionDenied, message).with("policy", "--read-only");
        return Err(Left::Use(fault.remedy("use plan, or leave --read-only out")));
    }
    if !args.yes {
        let message = "apply asks nothing here, so it wants --yes";
        return Err(Left::Use(Fault::new(Cause::ConfirmationNeeded, message)));
    }
    Ok(())
}

/// Why the plan may not be carried out as it is asked for.
fn refusal(plan: &Plan, args: &ApplyArgs) -> Option<Fault> {
    if let Some(hash) = args.plan_hash.as_ref().filter(|hash| **hash != plan.hash()) {
        let fault = Fault::new(Cause::PlanChanged, "the plan is no longer the one of --plan-hash")
            .with("wanted", hash.as_str())
            .with("got", plan.hash());
        return Some(fault);
    }
    if plan.conflicts().next().is_some() {
        // Told by the task itself, which sends nothing then.
        return None;
    }
    let missing: Vec<String> = plan
        .confirmations()
        .into_iter()
        .filter(|name| args.confirm.iter().all(|given| given != name))
        .map(|name| format!("--confirm {}", quote(name)))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let missing = missing.join(" ");
    let message = format!("the plan changes what others may rely on; it wants {missing}");
    let fault = Fault::new(Cause::ConfirmationNeeded, message).with("missing", missing.as_str());
    Some(fault.remedy(format!("look at plan, then add {missing}")))
}

async fn carry_out<B: Bell>(
    desk: &mut Desk<B>,
    plan: &Plan,
) -> Result<(Applied, Option<Signal>), Left> {
    let mut talk = Talk::of(plan.changes());
    let tell = |out: &mut Out, news: News| talk.tell(out, &news);
    match desk.follow(Job::Apply(Box::new(plan.clone())), tell).await? {
        (End::Applied(applied), signal) => Ok((*applied, signal)),
        _ => Err(stray()),
    }
}

/// Each step of the plan with how it ended; what sends nothing is skipped.
fn outcomes<'a>(
    plan: &'a Plan,
    applied: &'a Applied,
) -> impl Iterator<Item = (&'a Planned, &'a StepOutcome)> {
    let sent = |id: StepId| {
        let changes = plan.changes().zip(&applied.steps);
        changes.filter(move |(step, _)| step.id == id).map(|(_, outcome)| outcome).last()
    };
    let mut outcomes = applied.steps.iter();
    plan.steps.iter().map(move |step| {
        let outcome = match step.id {
            // The secret is delivered by the step that makes the key, which tells what went wrong as well.
            StepId::Custody => {
                sent(StepId::AccessKey).filter(|o| matches!(o, StepOutcome::Done { .. }))
            }
            _ => step.operation.as_ref().and_then(|_| outcomes.next()),
        };
        (step, outcome.unwrap_or(&StepOutcome::Skipped))
    })
}

fn handoff(plan: &Plan, applied: &Applied) -> Option<Handoff> {
    if applied.outcome != ApplyOutcome::Done {
        return None;
    }
    Some(match &plan.intent {
        Intent::Oidc(oidc) => Handoff::of_role(oidc, applied.role.clone()?),
        Intent::IamUser(user) => Handoff::of_user(user, Some(applied.key.clone()?)),
    })
}

/// The values by the names of Okteto's dialog and of the JSON result. A secret is never among them.
fn values(handoff: &Handoff) -> Vec<(&'static str, &'static str, String)> {
    let mut values = vec![
        ("Type", "type", handoff.credential.type_name().to_owned()),
        ("Hostname", "hostname", handoff.hostname.clone()),
    ];
    match &handoff.credential {
        Credential::Role { role_arn, audience } => values.extend([
            ("Role ARN", "role_arn", role_arn.to_string()),
            ("Audience", "audience", audience.clone()),
        ]),
        Credential::User { access_key_id, .. } => values
            .extend(access_key_id.iter().map(|id| ("Access Key", "access_key_id", id.to_string()))),
    }
    values
}

fn value(plan: &Plan, applied: &Applied) -> Value {
    let steps: Vec<Value> = outcomes(plan, applied)
        .map(|(step, outcome)| {
            let standing = step.standing.word();
            let mut shown = json!({"id": step.id.word(), "standing": standing});
            put_outcome(&mut shown, outcome);
            shown
        })
        .collect();
    let handoff = handoff(plan, applied).map(|handoff| {
        let named =
            values(&handoff).into_iter().map(|(_, key, value)| (key.to_owned(), json!(value)));
        Value::Object(named.collect())
    });
    let mut whole = result(json!({
        "run": plan.stamp.run,
        "account": plan.caller.account.as_str(),
        "outcome": applied.told().word(),
        "steps": steps,
        "handoff": handoff,
    }));
    if !applied.differs.is_empty() {
        put(&mut whole, "differs", differences(&applied.differs));
    }
    if let Some(fault) = &applied.fault {
        put(&mut whole, "fault", fault);
    }
    whole
}

fn shown(plan: &Plan, applied: &Applied) -> String {
    let mut lines: Vec<String> =
        outcomes(plan, applied).map(|(step, outcome)| text::step(step, outcome)).collect();
    let changed = applied.steps.iter().filter(|s| matches!(s, StepOutcome::Done { .. })).count();
    let doubtful = applied.steps.iter().any(|s| matches!(s, StepOutcome::Unknown { .. }));
    let run = &plan.stamp.run;
    lines.push(match (applied.told(), changed) {
        (outcome, n) if doubtful => {
            format!("\n{}: {n} made; of one more it is not known. Run {run}.", capital(outcome))
        }
        (ApplyOutcome::Done, 0) => "\nNothing to do: all is as wished.".to_owned(),
        (ApplyOutcome::Done, _) => format!("\nDone. Run {run}."),
        (outcome, 0) => format!("\n{}: nothing was changed.", capital(outcome)),
        (outcome, n) => format!("\n{}: {n} made, which stay. Run {run}.", capital(outcome)),
    });
    if !applied.differs.is_empty() {
        let mut text = "What AWS has now differs from what was meant:\n".to_owned();
        text::differences(&mut text, &applied.differs);
        lines.push(text);
    }
    if let Some(fault) = &applied.fault {
        lines.push(words(fault));
    }
    if let Some(handoff) = handoff(plan, applied) {
        lines.push("\nFor Okteto (Registry Credentials, Add Credential):".to_owned());
        let named = values(&handoff);
        let width = named.iter().map(|(name, _, _)| name.len()).max().unwrap_or_default();
        lines.extend(named.iter().map(|(name, _, value)| format!("  {name:width$}  {value}")));
        if let Intent::IamUser(user) = &plan.intent {
            let place = whereabouts(user, plan, applied);
            lines.push(format!("  {:width$}  {place}", "Secret"));
        }
        lines.extend(handoff.warnings.iter().map(|warning| format!("warning: {warning}")));
    }
    lines.extend(next(plan, applied));
    lines.join("\n")
}

/// What comes next in a rotation.
fn next(plan: &Plan, applied: &Applied) -> Option<String> {
    if applied.outcome != ApplyOutcome::Done {
        return None;
    }
    let beside = plan.changes().find_map(|step| match &step.operation {
        Some(Operation::CreateAccessKey { beside, .. }) => beside.first(),
        _ => None,
    });
    match (&plan.choices.keys, beside) {
        (KeyWish::Another, Some(old)) => Some(format!(
            "\nNext: pull-test; once Okteto has the new key, apply with --rotate --confirm {old}."
        )),
        (KeyWish::Retire(old), _) => Some(format!(
            "\nNext: plan --rotate tells when {old} was last used. In the end --delete-key {old} --confirm {old}; if something needs it, --restore-key {old} --confirm {old}."
        )),
        _ => None,
    }
}

/// Where the secret is, of which nothing is told.
fn whereabouts(user: &UserIntent, plan: &Plan, applied: &Applied) -> String {
    let made = outcomes(plan, applied).any(|(step, outcome)| {
        step.id == StepId::AccessKey
            && matches!(step.operation, Some(Operation::CreateAccessKey { .. }))
            && matches!(outcome, StepOutcome::Done { .. })
    });
    let is_there = made || (plan.placed.is_some() && plan.placed == applied.key);
    match &user.custody {
        Custody::Show if made => "shown on the terminal, kept nowhere".to_owned(),
        Custody::Kubernetes(place) if is_there => format!("in the {place}"),
        Custody::File(path) if is_there => format!("in {}", path.display()),
        _ => "with whoever took it when the key was made".to_owned(),
    }
}
