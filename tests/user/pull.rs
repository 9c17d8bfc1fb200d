//! Pull tests with a key that does not work, or not yet.

use std::time::Duration;

use okteto_ecr::practice::account::difficulty::Kind;
use serde_json::json;

use crate::bench::word_of;
use crate::cluster::{cluster, reaching};
use crate::key::{
    Key, NAMESPACE, USER, answers, applied, assert_passed, fault_of, in_cluster, secret_name, write,
};
use crate::world::{ACCOUNT, DAY, IMAGE, World};

#[test]
fn a_key_that_has_not_spread_is_waited_for() {
    let spread = (Duration::from_secs(4), Duration::from_secs(4));
    let world = World::of(
        |scene| {
            scene.difficulty.spread.insert(Kind::Key, spread);
        },
        Box::new(|_| {}),
    );
    let (answers, key) = world.with_key("key.env");
    let pull = world.pull_test(&answers, &[]).exits(0);
    assert_passed(&pull);
    let told = pull.stderr.lines().find(|line| line.starts_with("access-key: try 1"));
    let told = told.unwrap_or_else(|| panic!("no try is told: {pull:#?}"));
    assert!(told.contains("access-key-unknown") && told.contains("up to"), "{told}");
    assert!(!pull.stderr.contains(&key.secret));

    // Without a login nobody can say that it is new; it is waited for all the same, as long as it is told to.
    let (answers, _) = {
        world.iam("DeleteAccessKey", json!({ "UserName": USER, "AccessKeyId": key.id }));
        world.with_key("second.env")
    };
    assert_passed(&world.outsider().json("pull-test", &answers, &["--wait", "30"]).exits(0));

    // And no longer: what is told then is that it may only be late.
    let (answers, _) = {
        let [(id, _)] = world.keys().try_into().unwrap();
        world.iam("DeleteAccessKey", json!({ "UserName": USER, "AccessKeyId": id }));
        world.with_key("third.env")
    };
    let pull = world.pull_test(&answers, &["--wait", "1"]).exits(1);
    let fault = fault_of(&pull.value(), "rungs", "access-key");
    assert_eq!(fault["cause"], "not-yet-propagated", "{pull:#?}");
    assert_eq!(fault["waiting_helps"], true);
}

#[test]
fn an_inactive_key_is_told_and_restored() {
    let world = World::new();
    let (answers, key) = world.with_key("key.env");
    let set = json!({ "UserName": USER, "AccessKeyId": key.id, "Status": "Inactive" });
    world.iam("UpdateAccessKey", set);
    let pull = world.pull_test(&answers, &["--wait", "0"]).exits(1);
    let value = pull.value();
    assert_eq!(value["verdict"], "failed");
    let fault = fault_of(&value, "rungs", "access-key");
    assert_eq!(fault["cause"], "access-key-inactive", "{fault:#}");
    assert_eq!(fault["evidence"]["key"], key.id.as_str());
    for rung in ["identity", "login", "manifest", "layers", "digest", "refuses-push"] {
        assert_eq!(word_of(&value, "rungs", rung, "status"), "skipped", "{pull:#?}");
    }

    let writes = world.front.writes();
    let refused = crate::key::apply(&world.run, &answers, &["--restore-key", &key.id]).exits(1);
    crate::bench::assert_cause(&refused, "confirmation-needed");
    assert_eq!(world.front.writes(), writes, "nothing is sent");
    applied(&world.run, &answers, &["--restore-key", &key.id, "--confirm", &key.id]);
    assert_eq!(world.keys(), [(key.id, "Active".to_owned())]);
    assert_passed(&world.pull_test(&answers, &["--wait", "0"]).exits(0));
}

#[test]
fn keys_of_others_and_of_nobody_are_told_apart() {
    let world = World::new();
    // Nothing was changed lately: what is refused is not late.
    let key = world.ago(12 * DAY, |world| {
        world.somebody_made_the_user();
        world.somebody_made_a_key()
    });
    std::fs::write(world.place("key.env"), key.text()).unwrap();
    let answers = write(&world.run, "answers.toml", &world.to_file("key.env"));
    assert_passed(&world.pull_test(&answers, &[]).exits(0));
    let (id, secret) = world.practice.root.clone();
    let cases = [
        (Key { id, secret }, "identity", "identity-mismatch"),
        (
            Key { id: "AKIAIOSFODNN7EXAMPLE".to_owned(), ..key.clone() },
            "access-key",
            "access-key-unknown",
        ),
        (
            Key { id: "ASIAIOSFODNN7EXAMPLE".to_owned(), ..key.clone() },
            "access-key",
            "access-key-unknown",
        ),
    ];
    for (key, rung, cause) in cases {
        let file = world.run.file("other.env", &key.text()).display().to_string();
        let pull = world.pull_test(&answers, &["--wait", "0", "--access-key-file", &file]).exits(1);
        let fault = fault_of(&pull.value(), "rungs", rung);
        assert_eq!(fault["cause"], cause, "{pull:#?}");
        assert_eq!(fault["evidence"]["key"], key.id.as_str(), "{fault:#}");
        assert!(fault["remedy"].as_str().unwrap().contains("key"), "{fault:#}");
        assert!(pull.outputs().iter().all(|output| !output.contains(&key.secret)));
    }
    // A file that holds something else is not quoted.
    let file = world.run.file("other.env", &key.secret).display().to_string();
    let pull = world.pull_test(&answers, &["--wait", "0", "--access-key-file", &file]).exits(1);
    assert!(fault_of(&pull.value(), "rungs", "access-key")["remedy"].is_string(), "{pull:#?}");
    assert!(pull.outputs().iter().all(|output| !output.contains(&key.secret)), "it is quoted");
}

#[test]
fn a_secret_mistyped_in_the_cluster_is_told_with_its_place() {
    let kube = cluster();
    let world = World::new().map(|run| reaching(run, &kube.kubeconfig()));
    let answers = write(&world.run, "answers.toml", &answers(ACCOUNT, "kubernetes", IMAGE));
    applied(&world.run, &answers, &[]);
    let key = in_cluster(&kube, ACCOUNT).unwrap();
    assert_passed(&world.pull_test(&answers, &["--wait", "0"]).exits(0));

    let patch = |field: &str, value: &str| {
        let patch = json!({ "stringData": { field: value } }).to_string();
        kube.kubectl(&["patch", "secret", &secret_name(ACCOUNT), "-n", NAMESPACE, "-p", &patch]);
    };
    let place = format!("Secret {NAMESPACE}/{}", secret_name(ACCOUNT));
    let mistyped = key.secret.chars().rev().collect::<String>();
    // A line end at its end is the usual way to mistype it.
    for (value, cause) in
        [(mistyped, "secret-mismatch"), (format!("{}\n", key.secret), "secret-mismatch")]
    {
        patch("secretAccessKey", &value);
        let pull = world.pull_test(&answers, &["--wait", "0"]).exits(1);
        let fault = fault_of(&pull.value(), "rungs", "access-key");
        assert_eq!(fault["cause"], cause, "{pull:#?}");
        assert!(fault["remedy"].as_str().unwrap().contains(&place), "{fault:#}");
        assert!(fault["evidence"]["from"].as_str().unwrap().contains(&place), "{fault:#}");
        assert!(pull.outputs().iter().all(|output| !output.contains(value.trim())));
    }
    patch("secretAccessKey", &key.secret);
    assert_passed(&world.pull_test(&answers, &["--wait", "0"]).exits(0));
    patch("accessKeyId", "no id");
    let pull = world.pull_test(&answers, &["--wait", "0"]).exits(1);
    let fault = fault_of(&pull.value(), "rungs", "access-key");
    assert!(fault["message"].as_str().unwrap().contains("accessKeyId"), "{fault:#}");
}
