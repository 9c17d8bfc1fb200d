//! What step 4 does, without its screen: the answers become a plan, and the plan is carried out.

use okteto_ecr::app::task::{ApplyOutcome, End, Job};
use okteto_ecr::domain::draft::Draft;
use okteto_ecr::domain::intent::Intent;
use okteto_ecr::domain::inventory::Inventory;
use okteto_ecr::domain::plan::{AudienceChoice, Choices, Stamp, plan};
use okteto_ecr::domain::rotation::KeyWish;

use crate::class::Class;

/// Another key, the old one inactive, the old one deleted. No command line reaches the Secret of the practice cluster.
pub fn rotate(class: &mut Class) {
    let answers = class.answers();
    let old = survey(class, &answers).1.user.expect("the user").keys[0].id.clone();
    for wish in [KeyWish::Another, KeyWish::Retire(old.clone()), KeyWish::Delete(old)] {
        apply(class, &answers, &Choices { keys: wish, ..Choices::default() });
    }
}

/// The account as the answers want it, an audience put in the place of another one.
pub fn mend(class: &mut Class, answers: &Draft) {
    apply(class, answers, &Choices { audience: AudienceChoice::Replace, ..Choices::default() });
}

fn survey(class: &mut Class, answers: &Draft) -> (Intent, Inventory) {
    let caller = class.wait(class.world.cloud.whoami()).expect("the operator");
    let intent = answers.intent(&caller).expect("whole answers");
    let End::Surveyed(Ok(seen)) = class.job(Job::Survey(Box::new(intent.clone()))) else {
        panic!("no survey")
    };
    (intent, *seen)
}

fn apply(class: &mut Class, answers: &Draft, choices: &Choices) {
    let (intent, seen) = survey(class, answers);
    let caller = class.wait(class.world.cloud.whoami()).expect("the operator");
    let stamp = Stamp { run: class.next_run(), version: "0".to_owned() };
    let plan = plan(&intent, &seen, &caller, &stamp, choices);
    if plan.changes().next().is_none() {
        return;
    }
    let End::Applied(applied) = class.job(Job::Apply(Box::new(plan))) else {
        panic!("not applied")
    };
    assert_eq!(applied.outcome, ApplyOutcome::Done, "{:?}", applied.fault);
}
