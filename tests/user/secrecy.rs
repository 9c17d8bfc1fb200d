//! The secret of the key that was made is where it was to go and nowhere else: not in outputs, kept files, what others
//! on the machine can see of the processes, or what a crash leaves.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use crate::cluster::{cluster, hold, reaching, release, seen, standing};
use crate::key::{Key, NAMESPACE, answers, applied, assert_passed, fault_of, in_cluster, write};
use crate::support::{Finished, assert_nowhere};
use crate::world::{ACCOUNT, IMAGE, World};

#[test]
fn the_secret_is_nowhere_but_in_its_place() {
    let kube = cluster();
    let world = World::new().map(|run| reaching(run, &kube.kubeconfig()));
    let (run, home) = (&world.run, world.run.home());
    let wish = answers(ACCOUNT, "kubernetes", IMAGE);
    let answers = write(run, "answers.toml", &wish);
    let file = answers.display().to_string();

    let mut told = vec![run.json("plan", &answers, &[])];
    told.push(run.json("apply", &answers, &["--yes"]));
    let first = in_cluster(&kube, ACCOUNT).expect("a Secret");
    told.push(run.json("pull-test", &answers, &["--wait", "0"]));
    assert_passed(told.last().unwrap());
    told.push(run.run(&["apply", "--answers", &file, "--yes", "--rotate"]));
    let second = in_cluster(&kube, ACCOUNT).expect("a Secret");
    assert_ne!(first.id, second.id);
    told.push(run.run(&["pull-test", "--answers", &file, "--wait", "0"]));
    for format in ["text", "json", "aws-cli", "okteto"] {
        told.push(run.run(&["plan", "--answers", &file, "--format", format]));
    }
    told.push(run.run(&["info"]));
    // To a file as well, which is elsewhere.
    let to_file = write(run, "file.toml", &world.to_file("key.env").with("iam_user.user", "other"));
    applied(run, &to_file, &[]);
    let third = crate::key::in_file(&world.place("key.env"));
    for finished in &told {
        assert_eq!(finished.code, Some(0), "{finished:#?}");
    }

    let kept = count(home);
    assert!(kept >= 10, "only {kept} files were looked through");
    for key in [&first, &second, &third] {
        assert_hidden(key, &told, home);
    }
    // Where it may be it is found, so the looking is worth something.
    let custody = world.custody.path().to_owned();
    let secret = third.secret.clone();
    let found = std::panic::catch_unwind(move || assert_nowhere(&secret, &[], &custody));
    assert!(found.is_err(), "the file that it went to was not searched");
    // What was looked through are the command lines and environments of kubectl and of the program, all along.
    let noted = std::fs::read_to_string(seen(run)).unwrap();
    for part in ["# cmdline of ", "# environ of ", "KUBECONFIG=", "--answers", "replace", "create"]
    {
        assert!(noted.contains(part), "{part} was not seen: {noted}");
    }
    assert_no_core(&noted);
    // Nor does the cluster keep a copy of it beside the data.
    let name = crate::key::secret_name(ACCOUNT);
    let stored =
        kube.kubectl(&["get", "secret", &name, "-n", NAMESPACE, "-o", "jsonpath={.metadata}"]);
    assert_nowhere(&second.secret, &[&stored], home);
}

/// Caught with the secret in hand, on the way into the Secret, and made to crash there.
#[test]
fn a_crash_with_the_secret_in_hand_leaves_none_of_it() {
    let kube = cluster();
    let world = World::new().map(|run| reaching(run, &kube.kubeconfig()));
    let (run, home) = (&world.run, world.run.home());
    let answers = write(run, "answers.toml", &answers(ACCOUNT, "kubernetes", IMAGE));
    hold(run);
    let file = answers.display().to_string();
    let (child, kubectl) = world.ago(60, |_| {
        let mut child = run.spawn(&["apply", "--answers", &file, "--format", "json", "--yes"]);
        let kubectl = standing(&mut child, run);
        (child, kubectl)
    });

    // The account has the key, the cluster not yet: the program holds the secret now.
    let [(id, _)] = world.keys().try_into().unwrap();
    let account = world.practice.served.front.account();
    let (held, secret) = account.credentials(crate::key::USER).expect("its key");
    let key = Key { id: held, secret: secrecy::ExposeSecret::expose_secret(&secret).to_owned() };
    drop(account);
    assert_eq!(key.id, id);
    let mut shown = String::new();
    for process in [&child.id().to_string(), &kubectl] {
        for what in ["cmdline", "environ", "limits", "comm"] {
            let bytes = std::fs::read(format!("/proc/{process}/{what}")).unwrap();
            shown += &String::from_utf8_lossy(&bytes);
        }
    }
    assert_nowhere(&key.secret, &[&shown], home);
    assert_no_core(&shown);

    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "ABRT", &id]).status().unwrap().success());
    let done = child.wait_with_output().unwrap();
    // It would have delivered what it was given, whatever became of the program.
    assert!(Command::new("kill").arg(&kubectl).status().unwrap().success());
    release(run);
    assert!(done.status.signal().is_some(), "it did not crash: {done:?}");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&done.stdout), text(&done.stderr));
    assert_nowhere(&key.secret, &[&stdout, &stderr], home);
    let dumped = Path::new(home).join("core");
    assert!(!dumped.exists(), "a core file");

    // What it left is named before anything else is done; then it is deleted, and a key is made that somebody has.
    for words in [&[][..], &["--rotate"]] {
        let plan = run.json("plan", &answers, words).exits(1).value();
        assert_eq!(plan["fault"]["evidence"]["unknown_key"], key.id.as_str(), "{plan:#}");
        let remedy = plan["fault"]["remedy"].to_string();
        assert!(remedy.contains(&format!("--delete-key {id} --confirm {id}", id = key.id)));
    }
    let pull = run.json("pull-test", &answers, &["--wait", "0"]).exits(1).value();
    assert!(
        fault_of(&pull, "rungs", "access-key")["remedy"].to_string().contains("rotat"),
        "{pull:#}"
    );
    applied(run, &answers, &["--delete-key", &key.id, "--confirm", &key.id]);
    let second = applied(run, &answers, &[]);
    assert_eq!(in_cluster(&kube, ACCOUNT).unwrap().id, second);
    assert_eq!(world.keys(), [(second, "Active".to_owned())]);
}

fn assert_hidden(key: &Key, told: &[Finished], home: &Path) {
    let outputs: Vec<&str> = told.iter().flat_map(Finished::outputs).collect();
    assert_nowhere(&key.secret, &outputs, home);
}

/// Fails unless the program, of which these are the limits, writes no core file.
fn assert_no_core(limits: &str) {
    let lines: Vec<&str> =
        limits.lines().filter(|line| line.starts_with("Max core file size")).collect();
    assert!(!lines.is_empty(), "no limits were seen");
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words.get(4..6), Some(&["0", "0"][..]), "{line}");
    }
}

fn count(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries.map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
}
