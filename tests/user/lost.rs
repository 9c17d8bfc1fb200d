//! Keys whose secret did not get to where it was to go: none is left whose secret nobody has, unless that is said.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use okteto_ecr::practice::account::difficulty::What;
use serde_json::json;

use crate::bench::{assert_cause, word_of};
use crate::cluster::{cluster, reaching};
use crate::key::{
    NAMESPACE, USER, answers, applied, apply, fault_of, in_cluster, in_file, secret_name, write,
};
use crate::support::{Kube, program};
use crate::world::{ACCOUNT, IMAGE, World};

/// The calls that were sent about keys.
fn about_keys(world: &World) -> Vec<String> {
    let mut writes = world.front.writes();
    writes.retain(|action| action.ends_with("AccessKey"));
    writes
}

#[test]
fn a_file_that_somebody_else_makes_meanwhile_costs_the_new_key() {
    let place: Arc<OnceLock<PathBuf>> = Arc::default();
    let there = Arc::clone(&place);
    let then = move |action: &str| {
        if let (true, Some(path)) = (action == "CreateAccessKey", there.get()) {
            std::fs::write(path, "theirs").unwrap();
        }
    };
    let world = World::of(|_| {}, Box::new(then));
    place.set(world.place("key.env")).unwrap();
    let answers = write(&world.run, "answers.toml", &world.to_file("key.env"));

    let done = apply(&world.run, &answers, &[]).exits(4);
    let value = done.value();
    assert_eq!(value["outcome"], "failed", "{done:#?}");
    assert!(value["handoff"].is_null());
    assert_eq!(word_of(&value, "steps", "access-key", "outcome"), "failed");
    let fault = fault_of(&value, "steps", "access-key");
    assert_eq!(fault["cause"], "file", "{fault:#}");
    assert_eq!(fault["evidence"]["key_deleted"], "yes", "{fault:#}");
    assert!(fault["message"].as_str().unwrap().contains("deleted at once"), "{fault:#}");
    assert_eq!(about_keys(&world), ["CreateAccessKey", "DeleteAccessKey"]);
    assert_eq!(world.keys(), []);
    assert_eq!(std::fs::read_to_string(world.place("key.env")).unwrap(), "theirs");

    // The user and its permissions stay, so that next to nothing is left to do, and nothing was changed by it.
    std::fs::remove_file(world.place("key.env")).unwrap();
    let again = apply(&world.run, &answers, &[]).exits(1);
    assert_eq!(again.value()["outcome"], "failed", "{again:#?}");
    assert_eq!(world.keys(), []);

    let answers = write(&world.run, "answers.toml", &world.to_file("other.env"));
    assert_eq!(applied(&world.run, &answers, &[]), in_file(&world.place("other.env")).id);
}

/// The right to write Secrets is there for the trial and gone for the real one.
#[test]
fn a_cluster_that_refuses_after_all_costs_the_new_key() {
    let kube = cluster();
    kube.grant(NAMESPACE, "get,create,update", "secrets");
    let (admin, guest) = (kube.kubeconfig(), kube.restricted_kubeconfig());
    let then = move |action: &str| {
        if action == "CreateAccessKey" {
            revoke(&admin);
        }
    };
    let world = World::of(|_| {}, Box::new(then)).map(|run| reaching(run, &guest));
    let answers = write(&world.run, "answers.toml", &answers(ACCOUNT, "kubernetes", IMAGE));

    let done = apply(&world.run, &answers, &[]).exits(4);
    let fault = fault_of(&done.value(), "steps", "access-key");
    assert_eq!(fault["cause"], "cluster-permission-missing", "{done:#?}");
    assert_eq!(fault["evidence"]["key_deleted"], "yes", "{fault:#}");
    assert_eq!(about_keys(&world), ["CreateAccessKey", "DeleteAccessKey"]);
    assert_eq!(world.keys(), []);
    assert!(in_cluster(&kube, ACCOUNT).is_none());

    // Now the trial says so already: no key is made.
    let plan = world.run.json("plan", &answers, &[]).exits(1);
    assert_eq!(word_of(&plan.value(), "steps", "custody", "standing"), "conflict", "{plan:#?}");
    assert_cause(&apply(&world.run, &answers, &[]).exits(1), "cluster-permission-missing");
    assert_eq!(world.sent("CreateAccessKey"), 1);
}

/// Whether kubectl did it, for what happens while the cluster's own thread waits.
fn kubectl(kubeconfig: &Path, args: &[&str]) -> bool {
    let mut command = Command::new(program("kubectl"));
    command.args(args).args(["-n", NAMESPACE]).env("KUBECONFIG", kubeconfig);
    command.env("HOME", kubeconfig.parent().unwrap());
    command.output().unwrap().status.success()
}

/// Takes the guest's right to write Secrets away, and waits until the server goes by it.
fn revoke(kubeconfig: &Path) {
    assert!(kubectl(kubeconfig, &["delete", "rolebinding", "--all"]));
    let end = Instant::now() + Duration::from_secs(20);
    while kubectl(kubeconfig, &["auth", "can-i", "create", "secrets", "--as", Kube::GUEST]) {
        assert!(Instant::now() < end, "the right stays");
    }
}

/// A Secret that somebody touches between the trial and the real one is not written over.
#[test]
fn a_secret_that_is_changed_meanwhile_costs_the_second_key() {
    let kube = cluster();
    let admin = kube.kubeconfig();
    let (name, config) = (secret_name(ACCOUNT), admin.clone());
    let then = move |action: &str| {
        let note = ["annotate", "secret", &name, "touched=yes", "--overwrite"];
        // There is none before the first key.
        let _ = action == "CreateAccessKey" && kubectl(&config, &note);
    };
    let world = World::of(|_| {}, Box::new(then)).map(|run| reaching(run, &admin));
    let answers = write(&world.run, "answers.toml", &answers(ACCOUNT, "kubernetes", IMAGE));
    let first = applied(&world.run, &answers, &[]);
    let done = apply(&world.run, &answers, &["--rotate"]).exits(1);
    let fault = fault_of(&done.value(), "steps", "access-key");
    assert_eq!(fault["cause"], "conflict", "{done:#?}");
    assert_eq!(fault["evidence"]["key_deleted"], "yes", "{fault:#}");
    assert_eq!(in_cluster(&kube, ACCOUNT).unwrap().id, first);
    assert_eq!(world.keys(), [(first, "Active".to_owned())]);
    let made = ["CreateAccessKey", "CreateAccessKey", "DeleteAccessKey"];
    assert_eq!(about_keys(&world), made);
}

/// What cannot be delivered and cannot be deleted either is named.
#[test]
fn a_key_that_cannot_be_taken_back_is_named() {
    let place: Arc<OnceLock<PathBuf>> = Arc::default();
    let there = Arc::clone(&place);
    let then = move |action: &str| {
        if let (true, Some(path)) = (action == "CreateAccessKey", there.get()) {
            std::fs::write(path, "theirs").unwrap();
        }
    };
    let world = World::of(|_| {}, Box::new(then));
    place.set(world.place("key.env")).unwrap();
    // Waiting mends nothing here, so that it is not tried again.
    world.practice.trouble("iam:DeleteAccessKey", What::Expire, Some(1));
    let answers = write(&world.run, "answers.toml", &world.to_file("key.env"));
    let done = apply(&world.run, &answers, &[]).exits(4);
    let value = done.value();
    assert_eq!(word_of(&value, "steps", "access-key", "outcome"), "unknown", "{done:#?}");
    let fault = fault_of(&value, "steps", "access-key");
    let [(id, _)] = world.keys().try_into().unwrap();
    assert_eq!(fault["evidence"]["unknown_key"], id.as_str(), "{fault:#}");
    assert_eq!(fault["evidence"]["key_deleted"], "no", "{fault:#}");
    assert!(fault["remedy"].as_str().unwrap().contains(&id), "{fault:#}");
    applied(&world.run, &answers, &["--delete-key", &id, "--confirm", &id]);
    assert_eq!(world.keys(), []);
}

/// Said no to by an AWS that was busy: nothing was made, and it is sent once more.
#[test]
fn a_call_that_aws_was_too_busy_for_makes_one_key_in_the_end() {
    let world = World::new();
    world.practice.trouble("iam:CreateAccessKey", What::Throttle, Some(1));
    let answers = write(&world.run, "answers.toml", &world.to_file("key.env"));
    let made = applied(&world.run, &answers, &[]);
    assert_eq!(world.sent("CreateAccessKey"), 2);
    assert_eq!(world.keys(), [(made.clone(), "Active".to_owned())]);
    assert_eq!(made, in_file(&world.place("key.env")).id);
}

/// However the call goes wrong, it is sent once.
#[test]
fn the_call_that_makes_a_key_is_never_repeated() {
    for (what, outcome) in [
        // Not known whether something was made; none is listed.
        (What::Fail, "unknown"),
        // Made, and the answer came in part.
        (What::Cut, "unknown"),
    ] {
        let world = World::new();
        world.practice.trouble("iam:CreateAccessKey", what, Some(1));
        let answers = write(&world.run, "answers.toml", &world.to_file("key.env"));
        let done = apply(&world.run, &answers, &[]).exits(4);
        let value = done.value();
        assert_eq!(
            word_of(&value, "steps", "access-key", "outcome"),
            outcome,
            "{what:?} {done:#?}"
        );
        assert_eq!(world.sent("CreateAccessKey"), 1, "{what:?}");
        assert!(!world.place("key.env").exists());
        let fault = fault_of(&value, "steps", "access-key");
        if let Some((id, _)) = world.keys().first() {
            assert_eq!(fault["evidence"]["unknown_key"], id.as_str(), "{what:?} {fault:#}");
            applied(&world.run, &answers, &["--delete-key", id, "--confirm", id]);
        }
        assert!(fault["remedy"].is_string() || fault["waiting_helps"] == true, "{fault:#}");
        assert_eq!(applied(&world.run, &answers, &[]), in_file(&world.place("key.env")).id);
    }
}

#[test]
fn a_lost_answer_leaves_a_key_that_is_found_deleted_and_made_anew() {
    let world = World::new();
    world.practice.trouble("iam:CreateAccessKey", What::Lose, Some(1));
    let answers = write(&world.run, "answers.toml", &world.to_file("key.env"));
    let done = apply(&world.run, &answers, &[]).exits(4);
    let value = done.value();
    assert_eq!(word_of(&value, "steps", "access-key", "outcome"), "unknown", "{done:#?}");
    let [(lost, _)] = world.keys().try_into().unwrap();
    let fault = fault_of(&value, "steps", "access-key");
    assert_eq!(fault["evidence"]["unknown_key"], lost.as_str(), "{fault:#}");
    assert!(fault["remedy"].as_str().unwrap().contains(&lost), "{fault:#}");
    assert_eq!(world.sent("CreateAccessKey"), 1, "it is not sent again");
    assert!(!world.place("key.env").exists());

    // Not without its id.
    let delete = ["--delete-key", &lost];
    let refused = apply(&world.run, &answers, &delete).exits(1);
    assert_cause(&refused, "confirmation-needed");
    assert_eq!(world.sent("DeleteAccessKey"), 0);
    let plan = world.run.json("plan", &answers, &delete).exits(0).value();
    assert_eq!(plan["changes"], 1, "{plan:#}");
    let request = json!({"UserName": USER, "AccessKeyId": lost});
    assert_eq!(plan["steps"][1]["request"], request, "{plan:#}");
    assert_eq!(applied(&world.run, &answers, &[&delete[..], &["--confirm", &lost]].concat()), "");
    assert_eq!(world.keys(), []);
    // Once more: it is gone.
    let gone = world.run.json("plan", &answers, &delete).exits(0).value();
    assert_eq!(gone["changes"], 0, "{gone:#}");

    let id = applied(&world.run, &answers, &[]);
    assert_ne!(id, lost);
    assert_eq!(in_file(&world.place("key.env")).id, id);
    let _ = world.pull_test(&answers, &[]).exits(0);
    world.assert_named();
}
