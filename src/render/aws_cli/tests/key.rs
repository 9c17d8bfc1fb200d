//! The part of the script that makes a key, run in the shells that are here with made-up programs.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::domain::custody::{Custody, SecretPlace, SeenPlace, SeenSecret};
use crate::domain::key::KeyId;
use crate::domain::sample::user_intent;

const ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalr/XUtn+FEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SHELLS: [&str; 3] = ["sh", "dash", "bash"];

/// A machine with an `aws` and a `kubectl` that note how they were called, and what they were told by standard input.
struct Machine {
    home: TempDir,
    shell: &'static str,
}

impl Machine {
    /// On every shell that is here.
    fn all() -> impl Iterator<Item = Self> {
        let is_there = |shell: &&str| Command::new(shell).args(["-c", ":"]).output().is_ok();
        SHELLS.into_iter().filter(is_there).map(Self::new)
    }

    fn new(shell: &'static str) -> Self {
        let machine = Self { home: TempDir::new().unwrap(), shell };
        machine.program(
            "aws",
            &format!(
                "case \"$2\" in get-caller-identity) echo 112233445566; exit;; esac\n\
                 echo \"$*\" >> aws.log\n\
                 case \"$2\" in create-access-key) printf '%s\\t%s\\n' {ID} {SECRET};; esac"
            ),
        );
        machine.program("kubectl", "echo \"$*\" >> kubectl.log; cat >> input.log");
        machine
    }

    fn path(&self) -> &Path {
        self.home.path()
    }

    fn program(&self, name: &str, lines: &str) {
        let path = self.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a script to its end.
    fn run(&self, script: &str) -> Output {
        let path = format!("{}:/usr/bin:/bin", self.path().display());
        let run = |words: &[&str]| {
            let mut command = Command::new(self.shell);
            command.args(words).current_dir(self.path()).env("PATH", &path).output().unwrap()
        };
        let parsed = run(&["-n", "-c", script]);
        assert!(parsed.status.success(), "{}: {parsed:?}", self.shell);
        let output = run(&["-x", "-c", script]);
        for text in [&output.stdout, &output.stderr] {
            assert!(!String::from_utf8_lossy(text).contains(SECRET), "{}: {output:?}", self.shell);
        }
        for log in ["aws.log", "kubectl.log"] {
            assert!(!self.log(log).contains(SECRET), "an argument is seen by everybody");
        }
        output
    }

    fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }

    /// What of IAM was called, in order.
    fn calls(&self) -> Vec<String> {
        let log = self.log("aws.log");
        log.lines().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect()
    }
}

/// The script for an empty account, with the secret going there.
fn script_to(custody: Custody, place: SeenPlace) -> String {
    let intent = crate::domain::intent::UserIntent { custody, ..user_intent() };
    let stamp = Stamp { run: "r".to_owned(), version: "1".to_owned() };
    let seen = Inventory { place: Some(Ok(place)), ..Inventory::default() };
    script(&plan(&intent.into(), &seen, &caller(), &stamp, &Choices::default()))
}

fn in_cluster() -> Custody {
    let name = SecretPlace::name_for(&user_intent().host);
    Custody::Kubernetes(SecretPlace {
        context: Some("it's mine".to_owned()),
        namespace: "okteto".to_owned(),
        name,
    })
}

const MADE: [&str; 3] = ["create-user", "attach-user-policy", "create-access-key"];

#[test]
fn the_secret_reaches_kubectl_by_standard_input_only() {
    for machine in Machine::all() {
        let output = machine.run(&script_to(in_cluster(), SeenPlace::Free));
        assert!(output.status.success(), "{}: {output:?}", machine.shell);
        assert_eq!(machine.calls(), MADE);
        assert_eq!(
            machine.log("kubectl.log"),
            "--context=it's mine create --dry-run=server -o name -f -\n--context=it's mine create -o name -f -\n"
        );
        let input = machine.log("input.log");
        let sent: Vec<Value> =
            input.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let [dry, real] = sent.as_slice() else { panic!("{input}") };
        assert!(!dry.to_string().contains(ID), "the dry run knows nothing yet");
        assert_eq!(real["metadata"]["name"], "okteto-ecr-112233445566-us-east-2");
        assert_eq!(real["metadata"]["namespace"], "okteto");
        assert_eq!(real["metadata"]["annotations"]["okteto-ecr/access-key-id"], ID);
        assert_eq!(real["stringData"]["accessKeyId"], ID);
        assert_eq!(real["stringData"]["secretAccessKey"], SECRET);
    }
}

#[test]
fn a_secret_that_the_plan_found_is_replaced() {
    let key = Some(KeyId::parse("AKIAI44QH8DHBEXAMPLE").unwrap());
    let there = SeenPlace::Ours(SeenSecret { is_ours: true, key, version: "1".to_owned() });
    let machine = Machine::new("sh");
    assert!(machine.run(&script_to(in_cluster(), there)).status.success());
    assert!(machine.log("kubectl.log").lines().all(|line| line.contains(" replace ")));
}

#[test]
fn a_kubectl_that_refuses_leaves_no_key() {
    for machine in Machine::all() {
        // Before there is one.
        machine.program("kubectl", "cat > /dev/null; exit 1");
        let output = machine.run(&script_to(in_cluster(), SeenPlace::Free));
        assert_eq!(output.status.code(), Some(1), "{}: {output:?}", machine.shell);
        assert_eq!(machine.calls(), MADE[..2]);
    }
    for machine in Machine::all() {
        // And once there is one.
        machine
            .program("kubectl", "cat > /dev/null; case \"$*\" in *dry-run*) ;; *) exit 1;; esac");
        let output = machine.run(&script_to(in_cluster(), SeenPlace::Free));
        assert_eq!(output.status.code(), Some(1), "{}: {output:?}", machine.shell);
        assert_eq!(machine.calls()[2..], ["create-access-key", "delete-access-key"]);
        let deleted = machine.log("aws.log");
        let deleted = deleted.lines().last().unwrap();
        assert!(
            deleted.ends_with(&format!("--user-name=private-registry-user --access-key-id {ID}"))
        );
    }
}

#[test]
fn the_file_is_new_and_for_its_owner_only() {
    let custody = || Custody::File("it's a key".into());
    for machine in Machine::all() {
        let output = machine.run(&script_to(custody(), SeenPlace::Free));
        assert!(output.status.success(), "{}: {output:?}", machine.shell);
        let path = machine.path().join("it's a key");
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, format!("AWS_ACCESS_KEY_ID={ID}\nAWS_SECRET_ACCESS_KEY={SECRET}\n"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(machine.log("kubectl.log"), "");
        // What stands there is kept, and no key is made for it.
        let output = machine.run(&script_to(custody(), SeenPlace::Free));
        assert!(!output.status.success(), "{}: {output:?}", machine.shell);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert_eq!(machine.calls().iter().filter(|call| *call == MADE[2]).count(), 1);
    }
}

#[test]
fn where_no_key_is_made_nothing_is_left_and_nothing_deleted() {
    let refusing = "case \"$2\" in get-caller-identity) echo 112233445566; exit;; esac\n\
                    echo \"$*\" >> aws.log\ncase \"$2\" in create-access-key) exit 254;; esac";
    for custody in [in_cluster(), Custody::File("key".into())] {
        for machine in Machine::all() {
            machine.program("aws", refusing);
            let output = machine.run(&script_to(custody.clone(), SeenPlace::Free));
            assert_eq!(output.status.code(), Some(1), "{}: {output:?}", machine.shell);
            assert_eq!(machine.calls(), MADE);
            assert!(!machine.path().join("key").exists());
            assert!(machine.log("kubectl.log").lines().all(|line| line.contains("dry-run")));
        }
    }
}

#[test]
fn by_hand_too_it_stops_where_the_place_is_shut() {
    // One step is copied and pasted, into a shell that goes on after a failure and is not to end.
    let intent = user_intent();
    let stamp = Stamp { run: "r".to_owned(), version: "1".to_owned() };
    let plan = plan(&intent.into(), &Inventory::default(), &caller(), &stamp, &Choices::default());
    let made = plan.changes().last().and_then(|planned| planned.operation.as_ref()).unwrap();
    for machine in Machine::all() {
        machine.program("kubectl", "cat > /dev/null; exit 1");
        let output = machine.run(&format!("{}\necho still here", step(made, &plan)));
        assert_eq!(String::from_utf8_lossy(&output.stdout), "still here\n", "{output:?}");
        assert!(machine.calls().is_empty());
    }
}
