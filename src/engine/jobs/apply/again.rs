//! The plan once more: whether it is still the one that was said yes to, and whether more is wanted than it does.

use tokio::time::{Instant, sleep};

use crate::domain::fault::{Cause, Fault};
use crate::domain::inventory::Inventory;
use crate::domain::plan::{AudienceChoice, Choices, Plan, Planned, StepId, plan as plan_again};
use crate::domain::rotation::KeyWish;
use crate::engine::jobs::change::{BETWEEN_LOOKS, Book, READ_BACK};
use crate::engine::jobs::survey;
use crate::ports::World;

/// What would be sent, and what it takes the place of, is what the plan says, now that nobody else of this program can
/// change anything. Reads right after this program's own writes may be old, so one look that differs is not believed.
pub(super) async fn is_still_so(world: &World, book: &Book, plan: &Plan) -> Result<(), Fault> {
    is_same_run(book, plan)?;
    let until = Instant::now() + READ_BACK;
    loop {
        let seen = survey(world, &plan.intent).await?;
        let again = plan_again(&plan.intent, &seen, &plan.caller, &plan.stamp, &plan.choices);
        if let Some(fault) = again.conflicts().find_map(|step| step.fault.clone()) {
            return Err(fault);
        }
        let Some(step) = differing(plan, &again) else { return Ok(()) };
        if Instant::now() >= until {
            let what = format!("{} is not as it was when the plan was made", step.summary);
            return Err(changed(&what).with("step", step.id.word()));
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

/// Nobody worked on the run that is gone on with since the plan was made.
pub(super) fn is_same_run(book: &Book, plan: &Plan) -> Result<(), Fault> {
    if plan.goes_on.is_none() || book.past() == plan.goes_on {
        return Ok(());
    }
    let what = format!("something was done about run {} since the plan was made", plan.stamp.run);
    Err(changed(&what))
}

fn changed(what: &str) -> Fault {
    Fault::new(Cause::PlanChanged, format!("{what}: nothing was changed"))
        .remedy("make the plan again: it shows the calls as they would be now")
}

/// A step that is in the way now, or about which another call would be sent, or in another's place, or to something that
/// nobody has named.
fn differing<'a>(then: &'a Plan, now: &'a Plan) -> Option<&'a Planned> {
    let is_in = |plan: &Plan, step: &Planned| {
        plan.changes().any(|other| {
            (&other.operation, &other.before, &other.confirm)
                == (&step.operation, &step.before, &step.confirm)
        })
    };
    let new = now.changes().find(|step| !is_in(then, step));
    let settled = || then.changes().find(|step| !is_in(now, step));
    now.conflicts().next().or(new).or_else(settled)
}

/// Whether something is wanted that is not about keys, and that a plan which is about them alone leaves alone.
pub(super) fn leaves_more(plan: &Plan, seen: &Inventory) -> bool {
    if plan.choices.keys == KeyWish::Have {
        return false;
    }
    let choices = Choices { audience: AudienceChoice::Add, keys: KeyWish::Have };
    let whole = plan_again(&plan.intent, seen, &plan.caller, &plan.stamp, &choices);
    let is_more = |step: &Planned| !matches!(step.id, StepId::Custody | StepId::AccessKey);
    whole.changes().chain(whole.conflicts()).any(is_more)
}
