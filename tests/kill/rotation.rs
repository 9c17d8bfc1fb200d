//! A whole rotation, one run after the other, and taken back.

use serde_json::json;

use crate::account::iam;
use crate::cases::{USER, nothing, user};
use crate::world::{Mode, World};

/// The key that Okteto had is deleted and cannot be had back: the one that it has now goes only by its id.
#[test]
fn the_last_key_goes_only_by_its_id() {
    let world = World::new(Mode { answers: user, begin: nothing });
    let operator = world.operator();
    let apply = |words: &[&str]| {
        let done = operator.run(&operator.apply_with(words)).exits(0).value();
        let run = done["run"].as_str().unwrap().to_owned();
        (run, done["handoff"]["access_key_id"].as_str().unwrap_or_default().to_owned())
    };
    let (_, old) = apply(&[]);
    std::fs::rename(operator.key_file(), operator.key_file().with_extension("old")).unwrap();
    let (rotated, new) = apply(&["--rotate"]);
    assert_ne!(old, new);
    apply(&["--delete-key", &old, "--confirm", &old]);
    let before = world.picture(None);
    assert_eq!(world.new_keys(), [new.as_str()]);

    let refused = operator.run(&operator.undo_line(&[&rotated])).exits(1);
    assert_eq!(refused.value()["fault"]["cause"], "conflict", "{refused:#?}");
    assert!(refused.stdout.contains(&format!("--confirm {new}")), "{refused:#?}");
    assert_eq!(world.picture(None), before);
    let _ = operator.run(&operator.undo_line(&[&rotated, "--confirm", &new])).exits(0);
    assert!(world.new_keys().is_empty());
}

/// Both keys are there still: the new one goes by itself, and the old one is as it was.
#[test]
fn a_second_key_goes_by_itself() {
    let world = World::new(Mode { answers: user, begin: nothing });
    let operator = world.operator();
    let _ = operator.apply().exits(0);
    let first = world.picture(None);
    std::fs::rename(operator.key_file(), operator.key_file().with_extension("old")).unwrap();
    let done = operator.run(&operator.apply_with(&["--rotate"])).exits(0).value();
    assert_ne!(world.picture(None), first);
    let _ = operator.run(&operator.undo_line(&[done["run"].as_str().unwrap()])).exits(0);
    assert_eq!(world.picture(None), first);
    // It may be gone already.
    let mut account = world.account();
    let listed =
        iam(&mut account, okteto_ecr::clock::now(), "ListAccessKeys", json!({"UserName": USER}));
    assert_eq!(listed["AccessKeyMetadata"].as_array().unwrap().len(), 1);
}
