//! Ctrl-C while the secret is on its way: it gets there, or its key is gone.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};

use serde_json::Value;

use crate::bench::word_of;
use crate::cluster::{cluster, hold, reaching, release, standing};
use crate::key::{answers, applied, fault_of, in_cluster, write};
use crate::world::{ACCOUNT, IMAGE, World};

fn interrupt(process: &str) {
    assert!(Command::new("kill").args(["-s", "INT", process]).status().unwrap().success());
}

/// Reads what is said until the interrupt was heard.
fn heard(child: &mut Child) -> BufReader<impl Read + use<>> {
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("Ctrl-C") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "the interrupt was not heard");
    }
    said
}

/// The exit code and the result.
fn ended(mut child: Child, mut said: impl Read) -> (Option<i32>, Value) {
    let (mut text, mut rest) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    said.read_to_string(&mut rest).unwrap();
    let value = serde_json::from_str(&text).unwrap_or_else(|why| panic!("{why}: {text}\n{rest}"));
    (child.wait().unwrap().code(), value)
}

#[test]
fn the_secret_arrives_or_its_key_goes() {
    let kube = cluster();
    let world = World::new().map(|run| reaching(run, &kube.kubeconfig()));
    let run = &world.run;
    let answers = write(run, "answers.toml", &answers(ACCOUNT, "kubernetes", IMAGE));
    let file = answers.display().to_string();

    // Only the program hears it: what is under way is carried to its end, and then nothing more.
    hold(run);
    let mut child = run.spawn(&["apply", "--answers", &file, "--format", "json", "--yes"]);
    standing(&mut child, run);
    interrupt(&child.id().to_string());
    let said = heard(&mut child);
    release(run);
    let (code, value) = ended(child, said);
    assert_eq!(code, Some(4), "{value:#}");
    assert_eq!(value["outcome"], "stopped");
    assert_eq!(word_of(&value, "steps", "access-key", "outcome"), "done");
    let first = in_cluster(&kube, ACCOUNT).expect("it arrived").id;
    assert_eq!(world.keys(), [(first.clone(), "Active".to_owned())]);
    assert_eq!(applied(run, &answers, &[]), first);

    // A terminal sends it to kubectl as well, which does not live through it: the key that was made is deleted.
    hold(run);
    let words = ["apply", "--answers", &file, "--format", "json", "--yes", "--rotate"];
    let mut child = run.spawn(&words);
    let kubectl = standing(&mut child, run);
    interrupt(&child.id().to_string());
    let said = heard(&mut child);
    interrupt(&kubectl);
    let (code, value) = ended(child, said);
    release(run);
    assert_eq!(code, Some(1), "{value:#}");
    let fault = fault_of(&value, "steps", "access-key");
    assert_eq!(fault["evidence"]["key_deleted"], "yes", "{fault:#}");
    assert_eq!(world.keys(), [(first.clone(), "Active".to_owned())]);
    assert_eq!(in_cluster(&kube, ACCOUNT).unwrap().id, first);
    assert_eq!(world.sent("CreateAccessKey"), 2);
    assert_eq!(world.sent("DeleteAccessKey"), 1);
}
