//! From nothing to an image that was pulled with the user's own key.

use std::io::Write;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::json;
use tempfile::TempDir;

use crate::bench::{Bench, assert_cause, word_of, words};
use crate::cluster::{cluster, reaching};
use crate::key::{
    Key, NAMESPACE, READ_ONLY, USER, answers, applied, apply, assert_passed_on_peers, in_cluster,
    in_file, secret_name, to,
};
use crate::support::{BINARY, Finished, Ministack, Moto, Run, assert_nowhere, push_image};

const LAYERS: [usize; 2] = [300_000, 20_000];

/// The same emulator and registry for somebody without a login to the account.
fn outsider(bench: &Bench) -> Run {
    Run::on_front(&bench.front)
        .registry(&bench.registry)
        .without("AWS_ACCESS_KEY_ID")
        .without("AWS_SECRET_ACCESS_KEY")
}

/// The ids of the keys that the emulator lists.
fn listed(bench: &Bench) -> Vec<String> {
    let told = bench.aws(&["iam", "list-access-keys", "--user-name", USER]);
    let keys = told["AccessKeyMetadata"].as_array().unwrap();
    keys.iter().map(|key| key["AccessKeyId"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_tutorial_on_moto_with_the_secret_in_a_cluster() {
    let mut bench = Bench::moto();
    let image = push_image(&bench.registry, "team/app", &LAYERS);
    // Whoever has the emulator's login may push: from now on nobody may.
    bench.registry.freeze();
    let kube = cluster();
    bench.run = reaching(bench.run, &kube.kubeconfig());
    let answers = bench.write(&answers(Moto::ACCOUNT, "kubernetes", &image.reference));

    let plan = bench.plan(&answers).exits(0);
    let value = plan.value();
    assert_eq!(value["mode"], "iam-user");
    assert_eq!(value["changes"], 3);
    let steps = words(&value, "steps", "standing");
    let wanted = ["user", "permissions", "custody", "access-key"].map(|id| (id, "needed"));
    assert!(steps.iter().map(|(id, s)| (id.as_str(), s.as_str())).eq(wanted), "{plan:#?}");
    let calls = words(&value, "steps", "call");
    let wanted = ["iam:CreateUser", "iam:AttachUserPolicy", "", "iam:CreateAccessKey"];
    assert!(calls.iter().map(|(_, call)| call.as_str()).eq(wanted), "{plan:#?}");
    assert!(value["steps"][2]["call"].is_null() && value["steps"][2]["request"].is_null());
    assert_eq!(value["steps"][3]["request"], json!({ "UserName": USER }));
    assert_eq!(bench.front.writes(), [""; 0], "plan writes nothing");
    assert!(in_cluster(&kube, Moto::ACCOUNT).is_none(), "trying leaves nothing behind");

    let done = bench.apply(&answers, &[]).exits(0);
    let key = in_cluster(&kube, Moto::ACCOUNT).expect("a Secret");
    let value = done.value();
    assert_eq!(value["outcome"], "done", "{done:#?}");
    let hostname = format!("{}.dkr.ecr.us-east-2.amazonaws.com", Moto::ACCOUNT);
    let handoff = json!({"type": "AWS IAM User", "hostname": hostname, "access_key_id": key.id});
    assert_eq!(value["handoff"], handoff);
    assert_eq!(listed(&bench), [key.id.as_str()]);
    let create = bench.front.calls().into_iter().filter(|call| call.action == "CreateAccessKey");
    let named: Vec<_> = create.map(|call| call.form.get("UserName").map(str::to_owned)).collect();
    assert_eq!(named, [Some(USER.to_owned())], "sent once, and with the user's name");
    let attached = bench.aws(&["iam", "list-attached-user-policies", "--user-name", USER]);
    assert_eq!(attached["AttachedPolicies"][0]["PolicyArn"], READ_ONLY);
    let tags = bench.aws(&["iam", "list-user-tags", "--user-name", USER]).to_string();
    assert!(tags.contains("okteto-ecr:run") && tags.contains("okteto-ecr:version"), "{tags}");
    assert_secret_stays(&bench.run, &key.secret, &[&plan, &done]);

    // The key alone: the operator has no login here.
    let writes = bench.front.writes();
    let elsewhere = reaching(outsider(&bench), &kube.kubeconfig());
    let pull = elsewhere.json("pull-test", &answers, &["--wait", "0"]).exits(0);
    assert_passed_on_peers(&pull);
    let value = pull.value();
    let detail = word_of(&value, "rungs", "access-key", "detail");
    let place = format!("{NAMESPACE}/{}", secret_name(Moto::ACCOUNT));
    assert!(detail.contains(&key.id) && detail.contains(&place), "{detail}");
    let arn = format!("arn:aws:iam::{}:user/{USER}", Moto::ACCOUNT);
    assert_eq!(word_of(&value, "rungs", "identity", "detail"), arn);
    assert_eq!(value["image"]["digest"], image.digest);
    assert_eq!(value["image"]["bytes"], image.bytes());
    assert_secret_stays(&elsewhere, &key.secret, &[&pull]);
    for call in bench.front.calls() {
        let signed = call.request.header("authorization").unwrap_or_default();
        let at =
            if call.action == "GetAuthorizationToken" { key.id.as_str() } else { "Credential=" };
        assert!(signed.contains(at), "{} is signed by {signed}", call.action);
    }

    // Again: nothing to do, nothing sent, and no second key.
    let plan = bench.plan(&answers).exits(0).value();
    assert_eq!(plan["changes"], 0, "{plan:#}");
    assert_eq!(word_of(&plan, "steps", "access-key", "standing"), "present");
    assert_eq!(applied(&bench.run, &answers, &[]), key.id);
    assert_eq!(bench.front.writes(), writes, "nothing is changed");
    assert_eq!(listed(&bench), [key.id.as_str()]);
    assert!(in_cluster(&kube, Moto::ACCOUNT) == Some(key), "the Secret is as it was");

    // For Okteto: the Registry object with the Secret's fields by reference.
    let file = answers.display().to_string();
    let manifest = bench.run.run(&["plan", "--answers", &file, "--format", "okteto"]).exits(0);
    for part in ["accessKeyIDSecretRef", "secretAccessKeySecretRef", &secret_name(Moto::ACCOUNT)] {
        assert!(manifest.stdout.contains(part), "{part} is missing: {manifest:#?}");
    }
}

/// The emulator that verifies signatures: a key that works here was delivered to the letter.
#[test]
fn chosen_repositories_on_ministack_with_the_secret_in_a_file() {
    let mut bench = Bench::ministack();
    let image = push_image(&bench.registry, "team/app", &LAYERS);
    bench.registry.freeze();
    let custody = TempDir::new().unwrap();
    let place = |name: &str| custody.path().join(name);
    let wish = |name: &str| {
        answers(Ministack::ACCOUNT, &to(&place(name)), &image.reference)
            .with("access.policy", "repositories")
            .with("access.repositories", vec!["team/app".to_owned()])
    };

    // What stands there is refused before anything is made, a link as well as a file.
    std::fs::write(place("theirs"), "theirs").unwrap();
    symlink(place("nowhere"), place("link")).unwrap();
    for (name, word) in [("theirs", "overwritten"), ("link", "link"), ("none/key", "folder")] {
        let answers = bench.write(&wish(name));
        let plan = bench.plan(&answers).exits(1).value();
        assert_eq!(word_of(&plan, "steps", "custody", "standing"), "conflict", "{plan:#}");
        let refused = apply(&bench.run, &answers, &[]).exits(1);
        assert_eq!(refused.value()["outcome"], "blocked", "{refused:#?}");
        assert_cause(&refused, "file");
        assert!(refused.value()["fault"].to_string().contains(word), "{refused:#?}");
    }
    assert_eq!(bench.front.writes(), [""; 0], "nothing is made");
    assert_eq!(std::fs::read_to_string(place("theirs")).unwrap(), "theirs");
    assert!(!place("nowhere").exists());

    let answers = bench.write(&wish("key.env"));
    let id = applied(&bench.run, &answers, &[]);
    let key = in_file(&place("key.env"));
    assert_eq!(key.id, id);
    assert_eq!(listed(&bench), [id.as_str()]);
    let about = std::fs::symlink_metadata(place("key.env")).unwrap();
    assert_eq!((about.mode() & 0o777, about.is_file()), (0o600, true));
    let names = bench.aws(&["iam", "list-user-policies", "--user-name", USER]);
    assert_eq!(names["PolicyNames"].as_array().map(Vec::len), Some(1), "{names:#}");
    let writes = bench.front.writes();
    assert_eq!(writes, ["CreateUser", "PutUserPolicy", "CreateAccessKey"]);

    // From where it went, from a file that is named, and by standard input.
    let file = place("key.env").display().to_string();
    let run = outsider(&bench);
    let mut pulls = vec![
        run.json("pull-test", &answers, &["--wait", "0"]),
        run.json("pull-test", &answers, &["--wait", "0", "--access-key-file", &file]),
    ];
    pulls.push(fed(&run, &answers, &key.text()));
    for pull in pulls {
        let pull = pull.exits(0);
        assert_passed_on_peers(&pull);
        assert_secret_stays(&run, &key.secret, &[&pull]);
    }

    // One letter of the secret is another.
    let changed = key.secret.chars().rev().collect::<String>();
    let other = run.file("other.env", &Key { secret: changed, ..key.clone() }.text());
    let other = other.display().to_string();
    let pull = run.json("pull-test", &answers, &["--wait", "0", "--access-key-file", &other]);
    assert_cause(&pull.exits(1), "secret-mismatch");

    // Again: the key is there, the file that holds it is left alone, nothing is sent.
    assert_eq!(applied(&bench.run, &answers, &[]), id);
    assert_eq!(bench.front.writes(), writes, "nothing is changed");
    assert!(in_file(&place("key.env")) == key);
    assert_secret_stays(&bench.run, &key.secret, &[]);
}

/// The pull test with the key on its standard input.
fn fed(run: &Run, answers: &Path, text: &str) -> Finished {
    let file = answers.display().to_string();
    let args = ["pull-test", "--answers", &file, "--format", "json", "--wait", "0"];
    let mut command = Command::new(BINARY);
    command.args(args).args(["--access-key-file", "-"]).args(run.options()).env_clear();
    command.envs(run.environment().iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let began = Instant::now();
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Finished {
        code: done.status.code(),
        stdout: text(done.stdout),
        stderr: text(done.stderr),
        took: began.elapsed(),
    }
}

/// Fails where the secret is in an output or in what the program keeps, plain or as base64.
fn assert_secret_stays(run: &Run, secret: &str, told: &[&Finished]) {
    let outputs: Vec<&str> = told.iter().flat_map(|finished| finished.outputs()).collect();
    assert_nowhere(secret, &outputs, &run.state());
}
