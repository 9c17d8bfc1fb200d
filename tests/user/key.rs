//! What is asked and looked for in every test: answers, keys, Secrets.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::support::{Answers, Finished, Kube, Run};

pub const USER: &str = "private-registry-user";
pub const READ_ONLY: &str = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";
pub const NAMESPACE: &str = "okteto";

/// An access key with its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    pub id: String,
    pub secret: String,
}

impl Key {
    /// As a file holds it.
    pub fn text(&self) -> String {
        format!("AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={}\n", self.id, self.secret)
    }
}

/// The tutorial's answers for a user.
pub fn answers(account: &str, secret_to: &str, image: &str) -> Answers {
    Answers::tutorial(account)
        .without("oidc")
        .with("mode", "iam-user")
        .with("iam_user.user", USER)
        .with("iam_user.secret_to", secret_to)
        .with("pull_test.image", image)
        .with("cluster.namespace", NAMESPACE)
}

/// `file:PATH`.
pub fn to(path: &Path) -> String {
    format!("file:{}", path.display())
}

/// The name of the Secret.
pub fn secret_name(account: &str) -> String {
    format!("okteto-ecr-{account}-us-east-2")
}

/// The key in the Secret, read by kubectl as its owner would.
pub fn in_cluster(kube: &Kube, account: &str) -> Option<Key> {
    let name = secret_name(account);
    let told = kube.kubectl(&[
        "get",
        "secret",
        &name,
        "-n",
        NAMESPACE,
        "--ignore-not-found",
        "-o",
        "json",
    ]);
    if told.trim().is_empty() {
        return None;
    }
    let told: Value = serde_json::from_str(&told).unwrap();
    let data = told["data"].as_object().unwrap();
    assert_eq!(data.len(), 2, "nothing else is in it");
    let text = |name: &str| {
        String::from_utf8(STANDARD.decode(data[name].as_str().unwrap()).unwrap()).unwrap()
    };
    Some(Key { id: text("accessKeyId"), secret: text("secretAccessKey") })
}

/// The key in a file of two lines.
pub fn in_file(path: &Path) -> Key {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let [id, secret] = lines.as_slice() else { panic!("{} lines", lines.len()) };
    Key {
        id: id.strip_prefix("AWS_ACCESS_KEY_ID=").unwrap().to_owned(),
        secret: secret.strip_prefix("AWS_SECRET_ACCESS_KEY=").unwrap().to_owned(),
    }
}

/// `apply --yes` with further words.
pub fn apply(run: &Run, answers: &Path, words: &[&str]) -> Finished {
    run.json("apply", answers, &[&["--yes"][..], words].concat())
}

/// `apply --yes`, which must work: the id of the key that is handed over.
#[track_caller]
pub fn applied(run: &Run, answers: &Path, words: &[&str]) -> String {
    let done = apply(run, answers, words).exits(0);
    let value = done.value();
    assert_eq!(value["outcome"], "done", "{done:#?}");
    value["handoff"]["access_key_id"].as_str().unwrap_or_default().to_owned()
}

/// Writes answers under a name of their own.
pub fn write(run: &Run, name: &str, answers: &Answers) -> PathBuf {
    run.file(name, &answers.text())
}

/// The fault of a step or rung.
#[track_caller]
pub fn fault_of(value: &Value, list: &str, id: &str) -> Value {
    let items = value[list].as_array().unwrap_or_else(|| panic!("no {list}: {value:#}"));
    let found = items.iter().find(|item| item["id"] == id);
    let fault = found.unwrap_or_else(|| panic!("no {id}: {value:#}"))["fault"].clone();
    assert!(fault.is_object(), "{id} has no fault: {value:#}");
    fault
}

pub const RUNGS: [&str; 7] =
    ["access-key", "identity", "login", "manifest", "layers", "digest", "refuses-push"];

/// Every rung in order, none failed, none left out.
#[track_caller]
pub fn assert_passed(finished: &Finished) {
    assert_rungs(finished, |_, status| status == "passed");
}

/// The same on an emulator with Debian's registry: the login's stated end may be past, and a registry that takes no push
/// from anybody refuses none to this user.
#[track_caller]
pub fn assert_passed_on_peers(finished: &Finished) {
    assert_rungs(finished, |id, status| {
        matches!((id, status), (_, "passed") | ("login", "warned") | ("refuses-push", "skipped"))
    });
}

#[track_caller]
fn assert_rungs(finished: &Finished, good: impl Fn(&str, &str) -> bool) {
    let value = finished.value();
    assert_eq!(value["verdict"], "passed", "{finished:#?}");
    let rungs = crate::bench::words(&value, "rungs", "status");
    let ids: Vec<&str> = rungs.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, RUNGS, "{finished:#?}");
    for (id, status) in &rungs {
        assert!(good(id, status), "{id} {status}: {finished:#?}");
    }
}
