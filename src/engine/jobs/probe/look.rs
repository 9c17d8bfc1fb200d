//! One look at the account with the operator's own credentials: is all as it should be?

use super::trust;
use crate::app::task::ProbeOrder;
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::Caller;
use crate::domain::inventory::Inventory;
use crate::domain::plan::{AudienceChoice, Plan, Planned, Stamp, Standing, StepId, plan};
use crate::domain::probe::Rung;
use crate::engine::control::read;
use crate::ports::World;

/// What the look showed.
#[derive(Debug)]
pub(super) enum Sight {
    /// All is as it should be: waiting may help.
    Right,
    /// This is why AWS refuses.
    Wrong(Fault),
    /// The policy that grants it is not there: the refusal itself says best what that means.
    Lacking,
    /// It could not be seen, and why.
    Unseen(String),
}

const REMEDY: &str = "make a plan: it shows the difference and mends it";

pub(super) async fn look(world: &World, order: &ProbeOrder, rung: Rung) -> Sight {
    let intent = &order.intent;
    // Another account's IAM says nothing about this one.
    match read("from STS", || world.cloud.whoami()).await {
        Ok(caller) if caller.account == order.intent.account => {}
        Ok(caller) => {
            return Sight::Unseen(format!(
                "the operator's login is one of account {}",
                caller.account
            ));
        }
        Err(fault) => return Sight::Unseen(fault.message),
    }
    let seen = match read("from IAM", || world.cloud.survey(intent)).await {
        Ok(seen) => seen,
        Err(fault) => return Sight::Unseen(fault.message),
    };
    let caller =
        Caller { account: intent.account.clone(), arn: String::new(), partition: intent.partition };
    let stamp = Stamp { run: String::new(), version: String::new() };
    let plan = plan(intent, &seen, &caller, &stamp, AudienceChoice::Add);
    match rung {
        Rung::Login | Rung::Manifest => permissions(&plan),
        _ => admission(&plan, &seen, order),
    }
}

fn admission(plan: &Plan, seen: &Inventory, order: &ProbeOrder) -> Sight {
    let wrong = |cause, message: String| Sight::Wrong(Fault::new(cause, message).remedy(REMEDY));
    let intent = &order.intent;
    let Some(role) = &seen.role else {
        return wrong(Cause::RoleMissing, format!("the account has no role {}", intent.role));
    };
    if role.arn != order.role {
        let message = format!("there is no role {}, but there is {}", order.role, role.arn);
        let fault = Fault::new(Cause::RoleMissing, message)
            .with("wanted", order.role.as_str())
            .with("got", role.arn.as_str());
        return Sight::Wrong(fault.remedy("use the ARN of the role that is there"));
    }
    if seen.provider.is_none() {
        let message = format!("the account has no identity provider for {}", intent.issuer);
        return wrong(Cause::ProviderMissing, message);
    }
    if step(plan, StepId::Audience).is_some_and(|step| step.operation.is_some()) {
        let message = format!("the provider does not list the audience {}", intent.audience);
        return wrong(Cause::AudienceNotRegistered, message);
    }
    match step(plan, StepId::Trust) {
        Some(step) if step.standing != Standing::Present => {
            match trust::mismatch(&step.diff, intent) {
                Some(fault) => Sight::Wrong(fault.remedy(REMEDY)),
                None => Sight::Unseen(
                    "the trust policy differs in a way that may admit the token".to_owned(),
                ),
            }
        }
        _ => Sight::Right,
    }
}

/// The refusal itself says best what is missing; here it is only seen whether the policy stands where it should.
fn permissions(plan: &Plan) -> Sight {
    match step(plan, StepId::Permissions) {
        Some(step) if step.standing == Standing::Present => Sight::Right,
        _ => Sight::Lacking,
    }
}

fn step(plan: &Plan, id: StepId) -> Option<&Planned> {
    plan.steps.iter().find(|step| step.id == id)
}
