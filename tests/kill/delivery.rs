//! Killed while the secret of a new key is on its way into a cluster.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use okteto_ecr::domain::journal::{DELIVER, Phase, Record};
use serde_json::Value;

use crate::cases::{nothing, user};
use crate::support::{Kube, Run, program};
use crate::world::{ACCOUNT, Mode, World};

const NAMESPACE: &str = "okteto";

/// A run that reaches the cluster through a kubectl that kills it: when the Secret is to be written, if there is a file `before`,
/// and when it is written, if there is a file `after`.
fn reaching(run: Run, kubeconfig: &Path) -> Run {
    let bin = run.home().join("bin");
    fs::create_dir_all(&bin).unwrap();
    let script = format!(
        "#!/bin/sh\n\
         case \" $* \" in *dry-run*) ;; *' create '*|*' replace '*)\n\
         if [ -e '{home}/before' ]; then rm '{home}/before'; kill -9 $PPID; exit 1; fi\n\
         if [ -e '{home}/after' ]; then rm '{home}/after'; '{kubectl}' \"$@\"; kill -9 $PPID; exit 1; fi ;; esac\n\
         exec '{kubectl}' \"$@\"\n",
        home = run.home().display(),
        kubectl = program("kubectl").display(),
    );
    let path = bin.join("kubectl");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    let before = std::env::var("PATH").unwrap();
    run.env("PATH", format!("{}:{before}", bin.display())).env("KUBECONFIG", kubeconfig)
}

/// The id of the key whose secret is in the cluster.
fn held(kube: &Kube) -> Option<String> {
    let name = format!("okteto-ecr-{ACCOUNT}-us-east-2");
    let words = ["get", "secret", &name, "-n", NAMESPACE, "--ignore-not-found", "-o", "json"];
    let told: Value = serde_json::from_str(&kube.kubectl(&words)).ok()?;
    let id = STANDARD.decode(told["data"]["accessKeyId"].as_str()?).unwrap();
    Some(String::from_utf8(id).unwrap())
}

#[test]
fn a_secret_that_did_not_arrive_costs_its_key_and_one_that_did_is_found() {
    let kube = Kube::start();
    kube.namespace(NAMESPACE);
    let answers = |file: &Path| {
        user(file).with("iam_user.secret_to", "kubernetes").with("cluster.namespace", NAMESPACE)
    };
    let world =
        World::new(Mode { answers, begin: nothing }).map(|run| reaching(run, &kube.kubeconfig()));
    for (when, is_there) in [("before", false), ("after", true)] {
        println!("{when}");
        let operator = world.operator();
        fs::write(world.home().join(when), "").unwrap();
        let child = operator.start(&operator.apply_line(), None);
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.signal(), Some(9), "{ended:?}");
        let journal = operator.journal();
        let lines = journal.read().lines;
        let Some(Record::Began(last)) = lines.last() else { panic!("{}", journal.text) };
        assert_eq!(last.call, DELIVER);
        let first = world.new_keys();
        assert_eq!(first.len(), 1);
        assert_eq!(held(&kube).as_ref() == first.first(), is_there);

        operator.resumed();
        let made = world.new_keys();
        assert_eq!(made.len(), 1, "one key, and no more");
        assert_eq!(made == first, is_there, "a key is made anew where its secret is lost");
        assert_eq!(held(&kube).as_ref(), made.first());
        assert_eq!(operator.journal().past().phase, Phase::Done);
        operator.undone();
        assert_eq!(world.picture(None), world.beginning());
        kube.kubectl(&["delete", "secret", "--all", "-n", NAMESPACE]);
    }
}
