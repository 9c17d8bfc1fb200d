//! `practice serve` and `practice token`: the practice account for other tools.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Answers, PATIENCE, Run};

/// The issuer of the tutorial, whole.
const ISSUER: &str = "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";

/// A running server; killed on drop.
struct Server {
    child: Child,
    exports: BTreeMap<String, String>,
}

impl Server {
    /// Started with a file to export to, and read from there.
    fn start(run: &Run) -> Self {
        let child = run.spawn(&["practice", "serve", "--export-file", "practice.sh"]);
        let mut server = Self { child, exports: BTreeMap::new() };
        let file = run.home().join("practice.sh");
        let end = Instant::now() + PATIENCE;
        while !file.exists() {
            assert!(Instant::now() < end, "no file came");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(file).expect("lines");
        server.exports = exports(&text);
        server
    }

    fn url(&self, name: &str) -> &str {
        self.exports.get(name).map_or("", String::as_str)
    }

    /// The environment of a shell that took the lines.
    fn shell(&self) -> Run {
        let start = Run::new();
        self.exports.iter().fold(start, |run, (name, value)| run.env(name, value))
    }

    /// Ended by a signal: exit code and what it said.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        let sent = std::process::Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.expect("kill").success());
        let code = self.child.wait().expect("an end").code();
        let mut said = String::new();
        let talk = self.child.stderr.take().expect("standard error");
        BufReader::new(talk).read_to_string(&mut said).expect("words");
        (code, said)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn exports(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("export "));
    lines
        .map(|line| {
            let (name, value) = line.split_once('=').expect("a value");
            let value = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
            (name.to_owned(), value.expect("in quotes").to_owned())
        })
        .collect()
}

#[test]
fn a_server_exports_what_other_tools_need() {
    let run = Run::new();
    let mut server = Server::start(&run);
    for name in [
        "AWS_ENDPOINT_URL",
        "OKTETO_ECR_REGISTRY_ENDPOINT",
        "OKTETO_ECR_ISSUER_ENDPOINT",
        "OKTETO_ECR_PRACTICE",
    ] {
        assert!(server.url(name).starts_with("http://127.0.0.1:"), "{name}");
    }
    assert_eq!(server.url("OIDC_ENDPOINT"), ISSUER);
    assert_eq!(server.url("OKTETO_SERVICE_ACCOUNT"), Answers::SUBJECT);
    assert_eq!(server.url("AWS_REGION"), "us-east-2");
    // What it prints is what it wrote.
    let mut printed = String::new();
    let mut lines = BufReader::new(server.child.stdout.as_mut().expect("standard output"));
    while !printed.contains("OKTETO_ECR_PRACTICE") {
        assert_ne!(lines.read_line(&mut printed).expect("a line"), 0, "{printed}");
    }
    drop(lines);
    assert_eq!(exports(&printed), server.exports);

    // A shell takes them, and so does whatever speaks to AWS by its environment.
    let info = server.shell().run(&["info", "--format", "json"]).exits(0).value();
    assert_eq!(info["aws"]["account"], "112233445566");
    assert_eq!(info["aws"]["endpoint"], server.url("AWS_ENDPOINT_URL"));
    let wrong = server.shell().env("AWS_SECRET_ACCESS_KEY", "another");
    let info = wrong.run(&["info", "--format", "json"]).exits(0).value();
    assert_eq!(info["aws"]["fault"]["cause"], "secret-mismatch", "{info}");
}

#[test]
fn a_token_is_minted_and_refusals_have_reasons() {
    let run = Run::new();
    let server = Server::start(&run);
    let shell = server.shell();
    let token = ["practice", "token"];
    let claims = |args: &[&str]| -> Value {
        let out = shell.run(&[&token, args].concat()).exits(0).stdout;
        assert!(out.ends_with('\n') && out.lines().count() == 1, "{out:?}");
        let payload = out.trim().split('.').nth(1).expect("three parts").to_owned();
        let bytes =
            base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload);
        serde_json::from_slice(&bytes.expect("base64url")).expect("claims")
    };
    let minted = claims(&["--audience", Answers::AUDIENCE]);
    assert_eq!(minted["iss"], ISSUER);
    assert_eq!(minted["aud"], serde_json::json!([Answers::AUDIENCE]));
    assert_eq!(minted["sub"], Answers::SUBJECT);
    let other = "system:serviceaccount:default:app";
    assert_eq!(claims(&["--subject", other])["sub"], other);

    let bad = shell.run(&["practice", "token", "--subject", "somebody"]).exits(2);
    assert!(bad.stderr.contains("for example") && bad.stdout.is_empty(), "{bad:#?}");
    let unnamed = Run::new().run(&token).exits(2);
    assert!(unnamed.stderr.contains("practice serve"), "{unnamed:#?}");
    let (code, said) = server.end("INT");
    assert_eq!(code, Some(130));
    assert!(said.contains("practice token --audience") && said.contains("practice.sh"), "{said}");
    let stale = shell.run(&token).exits(1);
    assert!(stale.stderr.contains("no practice account answers"), "{stale:#?}");
}

#[test]
fn each_signal_has_its_exit_code() {
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        let run = Run::new();
        assert_eq!(Server::start(&run).end(signal).0, Some(code), "{signal}");
    }
}

#[test]
fn it_does_not_write_through_a_link() {
    let run = Run::new();
    let aim = run.file("aim", "mine");
    symlink(&aim, run.home().join("practice.sh")).expect("a link");
    let refused = run.run(&["practice", "serve", "--export-file", "practice.sh"]).exits(1);
    assert!(refused.stdout.is_empty() && refused.stderr.contains("is a link"), "{refused:#?}");
    assert_eq!(std::fs::read_to_string(aim).expect("the file"), "mine");
}
