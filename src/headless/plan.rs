//! `plan`: what would change.

use std::fmt::Write;

use serde_json::{Value, json};

use super::desk::{Bell, Desk, Left};
use super::ready;
use super::{given, put, result, text};
use crate::cli::{KeyArgs, PlanArgs, PlanFormat};
use crate::domain::custody::Custody;
use crate::domain::fault::{Cause, Fault};
use crate::domain::handoff::{Credential, Handoff};
use crate::domain::operation::Operation;
use crate::domain::plan::{Difference, Plan, Planned};
use crate::ledger::Run;
use crate::render::shell::quote;
use crate::render::{aws_cli, okteto};

pub(super) async fn plan<B: Bell>(
    desk: &mut Desk<B>,
    run: &Run,
    args: &PlanArgs,
) -> Result<u8, Left> {
    let given = given(&args.answers)?;
    let plan = ready::planned(desk, &given.draft, &run.stamp(), &args.keys, false).await?;
    if let Some(past) = &plan.goes_on {
        desk.out.say(&ready::words(past));
    }
    match args.format {
        PlanFormat::Text => {
            let mut shown = text::plan(&plan);
            if plan.changes().count() > 0 && plan.conflicts().count() == 0 {
                shown.push_str(&next(args, &plan));
            }
            desk.out.text(&shown);
        }
        PlanFormat::Json => {
            let mut whole = value(&plan);
            if plan.goes_on.is_some() {
                put(&mut whole, "continues", &plan.stamp.run);
            }
            desk.out.json(&whole);
        }
        PlanFormat::AwsCli => desk.out.text(&aws_cli::script(&plan)),
        PlanFormat::Okteto => {
            let handoff = Handoff::planned(&plan.intent);
            let text = okteto::manifest(&handoff, given.draft.namespace()).map_err(|error| {
                Fault::new(Cause::Unexplained, format!("could not print the manifest: {error}"))
            })?;
            for warning in &handoff.warnings {
                desk.out.say(&format!("warning: {warning}"));
            }
            if let (Credential::User { secret, .. }, Some(user)) =
                (&handoff.credential, plan.intent.user())
                && !matches!(user.custody, Custody::Kubernetes(_))
            {
                desk.out.say(&format!(
                    "warning: the object refers to a Secret {secret}, which nobody makes: the key's secret goes to {}",
                    user.custody
                ));
            }
            desk.out.text(&text);
        }
    }
    let changes = plan.changes().count() > 0;
    Ok(match (plan.conflicts().next(), args.exit_code && changes) {
        (Some(_), _) => 1,
        (None, true) => 3,
        (None, false) => 0,
    })
}

/// The command that carries the plan out.
fn next(args: &PlanArgs, plan: &Plan) -> String {
    let mut confirms = String::new();
    let KeyArgs { rotate, delete_key, restore_key } = &args.keys;
    confirms.push_str(if *rotate { " --rotate" } else { "" });
    for (option, key) in [("--delete-key", delete_key), ("--restore-key", restore_key)] {
        if let Some(key) = key {
            let _ = write!(confirms, " {option} {key}");
        }
    }
    for name in plan.confirmations() {
        confirms.push_str(" --confirm ");
        confirms.push_str(&quote(name));
    }
    let answers = quote(&args.answers.display().to_string());
    let hash = plan.hash();
    format!(
        "Carry it out: okteto-ecr apply --answers {answers} --yes{confirms}\nPlan hash: {hash}\n"
    )
}

/// The promised object.
pub(super) fn value(plan: &Plan) -> Value {
    let steps: Vec<Value> = plan.steps.iter().map(step).collect();
    result(json!({
        "account": plan.caller.account.as_str(),
        "caller": plan.caller.arn,
        "mode": plan.intent.mode().word(),
        "plan_hash": plan.hash(),
        "changes": plan.changes().count(),
        "steps": steps,
        "remarks": plan.remarks,
    }))
}

/// One step of a plan or an undo.
pub(super) fn step(step: &Planned) -> Value {
    let operation = step.operation.as_ref();
    let mut shown = json!({
        "id": step.id.word(),
        "standing": step.standing.word(),
        "summary": step.summary,
        "reason": step.reason,
        "call": operation.map(Operation::call),
        "request": operation.map(Operation::request),
    });
    if !step.diff.is_empty() {
        put(&mut shown, "diff", differences(&step.diff));
    }
    if let Some(name) = &step.confirm {
        put(&mut shown, "confirm", name);
    }
    if !step.ways_out.is_empty() {
        put(&mut shown, "ways_out", &step.ways_out);
    }
    shown
}

pub(super) fn differences(list: &[Difference]) -> Value {
    list.iter().map(|d| json!({"at": d.at, "now": d.now, "then": d.then})).collect()
}
