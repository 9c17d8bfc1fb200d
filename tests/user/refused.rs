//! What is refused before anything is made, and what is left alone.

use std::process::Command;

use serde_json::json;

use crate::bench::{assert_cause, word_of};
use crate::cluster::{cluster, reaching};
use crate::key::{NAMESPACE, USER, answers, applied, apply, secret_name, write};
use crate::support::program;
use crate::world::{ACCOUNT, DAY, IMAGE, World};

#[test]
fn a_secret_to_be_shown_wants_a_terminal_before_anything_is_made() {
    let world = World::new();
    let answers = write(&world.run, "answers.toml", &answers(ACCOUNT, "show", IMAGE));
    let refused = apply(&world.run, &answers, &[]).exits(2);
    let fault = &refused.value()["fault"];
    assert_eq!(fault["evidence"]["key"], "iam_user.secret_to", "{refused:#?}");
    assert!(fault["remedy"].as_str().unwrap().contains("terminal"), "{fault:#}");
    assert_eq!(world.front.actions(), [""; 0], "AWS is not asked at all");
    // Reading is another thing.
    let plan = world.run.json("plan", &answers, &[]).exits(0).value();
    assert_eq!(word_of(&plan, "steps", "custody", "standing"), "present", "{plan:#}");
    // The test has to be given the key.
    let pull = world.pull_test(&answers, &["--wait", "0"]).exits(2);
    assert!(pull.value()["fault"]["remedy"].as_str().unwrap().contains("--access-key-file"));
    assert_eq!(world.front.writes(), [""; 0]);
}

#[test]
fn somebody_elses_secret_is_in_the_way_and_stays() {
    let kube = cluster();
    let world = World::new().map(|run| reaching(run, &kube.kubeconfig()));
    let name = secret_name(ACCOUNT);
    let theirs = ["create", "secret", "generic", &name, "-n", NAMESPACE, "--from-literal=theirs=1"];
    kube.kubectl(&theirs);
    let answers = write(&world.run, "answers.toml", &answers(ACCOUNT, "kubernetes", IMAGE));
    let plan = world.run.json("plan", &answers, &[]).exits(1).value();
    assert_eq!(word_of(&plan, "steps", "custody", "standing"), "conflict", "{plan:#}");
    let refused = apply(&world.run, &answers, &["--confirm", &name]).exits(1);
    assert_eq!(refused.value()["outcome"], "blocked", "{refused:#?}");
    assert_cause(&refused, "conflict");
    assert_eq!(world.front.writes(), [""; 0], "nothing is made");
    let there = kube.kubectl(&["get", "secret", &name, "-n", NAMESPACE, "-o", "jsonpath={.data}"]);
    assert!(there.contains("theirs"), "{there}");

    // Once it is away it goes on.
    kube.kubectl(&["delete", "secret", &name, "-n", NAMESPACE]);
    let id = applied(&world.run, &answers, &[]);

    // A Secret of ours with another user's key is written over by its name only.
    let other =
        crate::key::answers(ACCOUNT, "kubernetes", IMAGE).with("iam_user.user", "other-user");
    let other = write(&world.run, "other.toml", &other);
    let refused = apply(&world.run, &other, &[]).exits(1);
    assert_cause(&refused, "confirmation-needed");
    assert!(refused.value()["fault"].to_string().contains(&name), "{refused:#?}");
    let there = crate::key::in_cluster(&kube, ACCOUNT).unwrap();
    assert_eq!(there.id, id);
    let second = applied(&world.run, &other, &["--confirm", &name]);
    assert_eq!(crate::key::in_cluster(&kube, ACCOUNT).unwrap().id, second);
}

#[test]
fn two_keys_are_told_and_none_is_deleted_or_made() {
    let world = World::new();
    let older = world.ago(100 * DAY, |world| {
        world.somebody_made_the_user();
        world.somebody_made_a_key()
    });
    let younger = world.ago(12 * DAY, World::somebody_made_a_key);
    // One is used, by other software.
    let used = Command::new(program("aws"))
        .args(["--endpoint-url", &world.practice.served.aws, "sts", "get-caller-identity"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", "/nonexistent")
        .env("AWS_DEFAULT_REGION", "us-east-2")
        .env("AWS_ACCESS_KEY_ID", &younger.id)
        .env("AWS_SECRET_ACCESS_KEY", &younger.secret)
        .output()
        .unwrap();
    assert!(used.status.success(), "{used:?}");
    let inactive = json!({ "UserName": USER, "AccessKeyId": older.id, "Status": "Inactive" });
    world.iam("UpdateAccessKey", inactive);
    let before = world.keys();

    let answers = write(&world.run, "answers.toml", &world.to_file("key.env"));
    let plan = world.run.json("plan", &answers, &[]).exits(0).value();
    assert_eq!(plan["changes"], 0, "{plan:#}");
    assert_eq!(word_of(&plan, "steps", "access-key", "standing"), "present");
    let reason = word_of(&plan, "steps", "access-key", "reason");
    let (first, second) = reason.split_once("The other").unwrap();
    for part in [older.id.as_str(), "inactive", "made 100 days ago", "never used"] {
        assert!(first.contains(part), "{part}: {reason}");
    }
    for part in [younger.id.as_str(), "active", "made 12 days ago", "used just now by sts"] {
        assert!(second.contains(part), "{part}: {reason}");
    }
    let step = plan["steps"].as_array().unwrap().iter().find(|step| step["id"] == "access-key");
    let ways = step.unwrap()["ways_out"].to_string();
    assert!(ways.contains("rotation") && ways.contains("inactive one"), "{ways}");

    let done = apply(&world.run, &answers, &[]).exits(0);
    assert_eq!(done.value()["handoff"]["access_key_id"], younger.id.as_str(), "{done:#?}");
    assert_eq!(world.front.writes(), [""; 0]);
    assert_eq!(world.keys(), before);
    assert!(!world.place("key.env").exists());

    // What is left of a rotation is to delete the inactive one, by its id only.
    let refused = apply(&world.run, &answers, &["--rotate", "--confirm", &older.id]).exits(1);
    assert_cause(&refused, "conflict");
    let remedy = refused.value()["fault"]["remedy"].as_str().unwrap().to_owned();
    assert!(remedy.contains(&format!("--delete-key {}", older.id)), "{remedy}");
    let delete = ["--delete-key", &older.id, "--confirm", &younger.id];
    assert_cause(&apply(&world.run, &answers, &delete).exits(1), "confirmation-needed");
    assert_eq!(world.keys(), before);
    // A key that the user does not have is no key to switch on.
    let stranger = "AKIAIOSFODNN7EXAMPLE";
    let refused =
        apply(&world.run, &answers, &["--restore-key", stranger, "--confirm", stranger]).exits(1);
    assert_cause(&refused, "conflict");
    assert_eq!(world.front.writes(), [""; 0]);
}

#[test]
fn a_key_for_somebody_elses_user_wants_its_name() {
    let world = World::new();
    world.somebody_made_the_user();
    let answers = write(&world.run, "answers.toml", &world.to_file("key.env"));
    let plan = world.run.json("plan", &answers, &[]).exits(0).value();
    assert_eq!(word_of(&plan, "steps", "user", "standing"), "adopt", "{plan:#}");
    assert_cause(&apply(&world.run, &answers, &[]).exits(1), "confirmation-needed");
    assert_eq!(world.front.writes(), [""; 0]);
    applied(&world.run, &answers, &["--confirm", USER]);
    assert_eq!(world.front.writes(), ["CreateAccessKey"]);
}

/// A path in the answers starts from them, wherever the program was started.
#[test]
fn the_file_of_the_secret_is_beside_the_answers() {
    let world = World::new();
    let answers = answers(ACCOUNT, "file:key.env", IMAGE).text();
    std::fs::write(world.place("answers.toml"), answers).unwrap();
    let id = applied(&world.run, &world.place("answers.toml"), &[]);
    assert_eq!(crate::key::in_file(&world.place("key.env")).id, id);
    let pull = world.pull_test(&world.place("answers.toml"), &["--wait", "0"]).exits(0);
    crate::key::assert_passed(&pull);
    // The copy that is kept names the same file.
    let runs = std::fs::read_dir(world.run.state().join("okteto-ecr/runs")).unwrap().flatten();
    let kept = runs.filter_map(|run| std::fs::read_to_string(run.path().join("answers.toml")).ok());
    let place = format!("file:{}", world.place("key.env").display());
    assert!(kept.collect::<String>().contains(&place), "{place} is not kept");
}

/// Wrong use of the options about keys sends nothing.
#[test]
fn options_about_keys_are_for_users_and_one_at_a_time() {
    let world = World::new();
    let role = crate::support::Answers::tutorial(ACCOUNT);
    let role = write(&world.run, "role.toml", &role);
    let user = write(&world.run, "user.toml", &world.to_file("key.env"));
    let id = "AKIAIOSFODNN7EXAMPLE";
    for words in [&["--rotate"][..], &["--delete-key", id], &["--restore-key", id]] {
        let _ = apply(&world.run, &role, words).exits(2);
    }
    let _ = apply(&world.run, &user, &["--rotate", "--delete-key", id]).exits(2);
    let _ = apply(&world.run, &user, &["--restore-key", id, "--delete-key", id]).exits(2);
    // A secret in the place of an id is not repeated.
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let refused = apply(&world.run, &user, &["--delete-key", secret]).exits(2);
    assert!(refused.outputs().iter().all(|output| !output.contains(secret)), "{refused:#?}");
    let _ = world.run.json("pull-test", &user, &["--token-file", "-"]).exits(2);
    let _ = world.run.json("pull-test", &role, &["--access-key-file", "-"]).exits(2);
    assert_eq!(world.front.actions(), [""; 0], "AWS is not asked");
    // Nothing to rotate, and no user of this name.
    assert_cause(&apply(&world.run, &user, &["--rotate"]).exits(1), "conflict");
    world.somebody_made_the_user();
    let refused = apply(&world.run, &user, &["--rotate"]).exits(1);
    assert!(refused.value()["fault"]["remedy"].is_string(), "{refused:#?}");
    assert_eq!(world.front.writes(), [""; 0]);
}
