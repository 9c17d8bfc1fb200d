//! A change of keys from its beginning to its end, one `apply --rotate` after the other.

use crate::bench::{assert_cause, word_of};
use crate::cluster::{cluster, reaching};
use crate::key::{answers, applied, apply, assert_passed, in_cluster, in_file, to, write};
use crate::world::{ACCOUNT, IMAGE, World};

fn pair(id: &str, status: &str) -> (String, String) {
    (id.to_owned(), status.to_owned())
}

fn sorted(mut keys: Vec<(String, String)>) -> Vec<(String, String)> {
    keys.sort();
    keys
}

#[test]
fn a_key_in_a_cluster_is_changed_to_the_end() {
    let kube = cluster();
    let world = World::new().map(|run| reaching(run, &kube.kubeconfig()));
    let answers = write(&world.run, "answers.toml", &answers(ACCOUNT, "kubernetes", IMAGE));
    // IAM tells the age of a key in whole seconds.
    let old = world.ago(60, |world| applied(&world.run, &answers, &[]));
    let rotate = |words: &[&str]| apply(&world.run, &answers, &[&["--rotate"], words].concat());

    // The second key, over the first one's place.
    let plan = world.run.json("plan", &answers, &["--rotate"]).exits(0).value();
    assert_eq!(plan["changes"], 1, "{plan:#}");
    assert_eq!(word_of(&plan, "steps", "custody", "standing"), "change");
    assert_eq!(word_of(&plan, "steps", "access-key", "call"), "iam:CreateAccessKey");
    let done = rotate(&[]).exits(0).value();
    let new = done["handoff"]["access_key_id"].as_str().unwrap().to_owned();
    assert_ne!(new, old);
    assert_eq!(in_cluster(&kube, ACCOUNT).unwrap().id, new, "Okteto's place has the new one");
    let both = sorted(vec![pair(&old, "Active"), pair(&new, "Active")]);
    assert_eq!(sorted(world.keys()), both);
    let pull = world.pull_test(&answers, &["--wait", "0"]).exits(0);
    assert_passed(&pull);
    assert!(word_of(&pull.value(), "rungs", "access-key", "detail").contains(&new));

    // The old one inactive, by its id.
    let writes = world.front.writes();
    assert_cause(&rotate(&[]).exits(1), "confirmation-needed");
    assert_cause(&rotate(&["--confirm", &new]).exits(1), "confirmation-needed");
    assert_eq!(world.front.writes(), writes, "nothing is sent without the id");
    let done = rotate(&["--confirm", &old]).exits(0).value();
    assert_eq!(done["outcome"], "done", "{done:#}");
    let watched = sorted(vec![pair(&old, "Inactive"), pair(&new, "Active")]);
    assert_eq!(sorted(world.keys()), watched);
    assert_passed(&world.pull_test(&answers, &["--wait", "0"]).exits(0));

    // Somebody still used it: back, and inactive again. The one that is used stays.
    applied(&world.run, &answers, &["--restore-key", &old, "--confirm", &old]);
    assert_eq!(sorted(world.keys()), both);
    let _ = rotate(&["--confirm", &old]).exits(0);

    // Deleted, by its id.
    let writes = world.front.writes();
    let again = rotate(&["--confirm", &old]).exits(1);
    assert_cause(&again, "conflict");
    let remedy = again.value()["fault"]["remedy"].as_str().unwrap().to_owned();
    assert!(remedy.contains(&format!("--delete-key {old} --confirm {old}")), "{remedy}");
    let delete =
        |words: &[&str]| apply(&world.run, &answers, &[&["--delete-key", &old], words].concat());
    assert_cause(&delete(&[]).exits(1), "confirmation-needed");
    assert_eq!(
        world.front.writes(),
        writes,
        "the same line once more, or one without the id, deletes nothing"
    );
    let _ = delete(&["--confirm", &old]).exits(0);
    assert_eq!(world.keys(), [pair(&new, "Active")]);
    assert_passed(&world.pull_test(&answers, &["--wait", "0"]).exits(0));
    assert_eq!(in_cluster(&kube, ACCOUNT).unwrap().id, new);
    assert_eq!(world.sent("CreateAccessKey"), 2);
    assert_eq!(world.sent("DeleteAccessKey"), 1);
    world.assert_named();
    assert_eq!(applied(&world.run, &answers, &[]), new);

    // The one key that is left is not switched off: without it nothing can be pulled.
    let id = new.as_str();
    let plan = world.run.json("plan", &answers, &["--delete-key", id]).exits(0).value();
    assert!(word_of(&plan, "steps", "access-key", "reason").contains("active"), "{plan:#}");
}

/// A file is never written over: the second key wants a place of its own, and is made only with one.
#[test]
fn a_second_key_wants_a_file_of_its_own() {
    let world = World::new();
    let (answers, old) = world.ago(60, |world| world.with_key("old.env"));
    let refused = apply(&world.run, &answers, &["--rotate"]).exits(1);
    assert_cause(&refused, "file");
    assert_eq!(world.sent("CreateAccessKey"), 1);
    assert!(in_file(&world.place("old.env")) == old, "the first one is as it was");
    let wish = world.to_file("old.env").with("iam_user.secret_to", to(&world.place("new.env")));
    let answers = write(&world.run, "answers.toml", &wish);
    let new = applied(&world.run, &answers, &["--rotate"]);
    assert_eq!(in_file(&world.place("new.env")).id, new);
    assert_passed(&world.pull_test(&answers, &["--wait", "0"]).exits(0));

    // Both inactive: nothing to go on from, and both ways out are said.
    let _ = apply(&world.run, &answers, &["--rotate", "--confirm", &old.id]).exits(0);
    let set = serde_json::json!({
        "UserName": crate::key::USER, "AccessKeyId": new, "Status": "Inactive",
    });
    world.iam("UpdateAccessKey", set);
    let stuck = apply(&world.run, &answers, &["--rotate"]).exits(1).value();
    let remedy = stuck["fault"]["remedy"].as_str().unwrap().to_owned();
    assert!(remedy.contains("--restore-key") && remedy.contains("--delete-key"), "{stuck:#}");
    applied(&world.run, &answers, &["--restore-key", &new, "--confirm", &new]);
    let id = old.id.as_str();
    let _ = apply(&world.run, &answers, &["--delete-key", id, "--confirm", id]).exits(0);
    assert_eq!(world.keys(), [pair(&new, "Active")]);
}
