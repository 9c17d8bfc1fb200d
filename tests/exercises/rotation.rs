//! The rotation of a key as step 4 does it: no command line reaches the Secret of the practice cluster.

use okteto_ecr::app::task::{ApplyOutcome, End, Job};
use okteto_ecr::domain::intent::Intent;
use okteto_ecr::domain::inventory::Inventory;
use okteto_ecr::domain::plan::{Choices, Plan, Stamp, plan};
use okteto_ecr::domain::rotation::KeyWish;

use crate::class::Class;

/// Another key, the old one inactive, the old one deleted.
pub fn rotate(class: &mut Class) {
    let old = survey(class).1.user.expect("the user").keys[0].id.clone();
    for wish in [KeyWish::Another, KeyWish::Retire(old.clone()), KeyWish::Delete(old)] {
        apply(class, wish);
    }
}

fn survey(class: &mut Class) -> (Intent, Inventory) {
    let caller = class.wait(class.world.cloud.whoami()).expect("the operator");
    let intent = class.answers().intent(&caller).expect("whole answers");
    let End::Surveyed(Ok(seen)) = class.job(Job::Survey(Box::new(intent.clone()))) else {
        panic!("no survey")
    };
    (intent, *seen)
}

/// Plans and carries out one stage.
pub fn apply(class: &mut Class, wish: KeyWish) {
    let (intent, seen) = survey(class);
    let caller = class.wait(class.world.cloud.whoami()).expect("the operator");
    let stamp =
        Stamp { run: format!("{wish:?}").replace(['(', ')', '"'], "-"), version: "0".to_owned() };
    let choices = Choices { keys: wish, ..Choices::default() };
    let plan: Plan = plan(&intent, &seen, &caller, &stamp, &choices);
    let End::Applied(applied) = class.job(Job::Apply(Box::new(plan))) else {
        panic!("not applied")
    };
    assert_eq!(applied.outcome, ApplyOutcome::Done, "{:?}", applied.fault);
}
