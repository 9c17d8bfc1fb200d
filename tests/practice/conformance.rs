//! The practice account against the emulators: the same calls, and every difference named with its reason.
//!
//! The calls are made by botocore, the library that is the AWS CLI, in one process for each of the three; the
//! tutorial's own commands are made by `aws` itself (`tutorial.rs`). Texts of refusals are not compared: emulators make
//! their own. Nor are pages: one emulator orders them by chance, the other knows none.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::bed::{Practice, alter};
use crate::cases::{self, AUDIENCE, Case, ISSUER, SUBJECT};
use crate::differences::{DIFFERENCES, Peer};
use crate::support::{Issuer, Ministack, Moto, python};

/// One of the three that are compared.
pub struct Target<'a> {
    pub endpoint: &'a str,
    pub account: &'a str,
    pub root: [&'a str; 2],
    /// Good, and wrong in one thing each, by the words of the inputs.
    pub tokens: BTreeMap<&'static str, String>,
}

/// What a call came to.
#[derive(Debug, Clone)]
pub struct Heard {
    pub code: String,
    pub status: u64,
    pub said: String,
    pub reply: Value,
}

/// Makes the calls in order.
pub fn drive(target: &Target, cases: &[Case]) -> BTreeMap<String, Heard> {
    let mut words: BTreeMap<&str, String> = target.tokens.clone();
    words.insert("account", target.account.to_owned());
    words.insert("issuer", ISSUER.to_owned());
    words.insert("name", ISSUER.trim_start_matches("https://").to_owned());
    let [key, secret] = target.root;
    let wrong = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let told = json!({
        "endpoint": target.endpoint,
        "region": "us-east-2",
        "keys": {"root": [key, secret], "wrong": [key, wrong], "unknown": ["AKIAIOSFODNN7EXAMPLE", wrong]},
        "words": words,
        "cases": cases.iter().map(|Case(id, call, input, by)| json!([id, call, input, by])).collect::<Vec<_>>(),
    });
    let mut child = Command::new(python())
        .arg("-I")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/practice/drive.py"))
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(told.to_string().as_bytes()).expect("told");
    drop(stdin);
    let done = child.wait_with_output().expect("its end");
    assert!(done.status.success(), "the calls were not made");
    let results: Vec<Value> = serde_json::from_slice(&done.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    results
        .into_iter()
        .map(|result| {
            let heard = Heard {
                code: text(&result["code"]),
                status: result["status"].as_u64().unwrap_or_default(),
                said: text(&result["said"]),
                reply: result["reply"].clone(),
            };
            (text(&result["id"]), heard)
        })
        .collect()
}

/// The fields of a reply as `path` and value; what is by chance or by account is made the same.
fn fields(reply: &Value, account: &str) -> BTreeMap<String, BTreeSet<String>> {
    const CHANCE: [&str; 14] = [
        "UserId",
        "RoleId",
        "PolicyId",
        "AccessKeyId",
        "SecretAccessKey",
        "SessionToken",
        "AssumedRoleId",
        "Marker",
        "authorizationToken",
        "imageDigest",
        "imageManifest",
        "imageSizeInBytes",
        "nextToken",
        "proxyEndpoint",
    ];
    fn walk(
        path: &str,
        value: &Value,
        account: &str,
        all: &mut BTreeMap<String, BTreeSet<String>>,
    ) {
        match value {
            // A policy is one value.
            Value::Object(map) if !path.ends_with("Document") => {
                for (key, value) in map {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    walk(&path, value, account, all);
                }
            }
            Value::Array(items) => {
                let path = format!("{path}[]");
                all.entry(path.clone()).or_default();
                for item in items {
                    walk(&path, item, account, all);
                }
            }
            value => {
                let name = path.rsplit('.').next().unwrap_or_default();
                let shown = if CHANCE.contains(&name) {
                    "CHANCE".to_owned()
                } else {
                    sorted(value).to_string().replace(account, "ACCOUNT")
                };
                all.entry(path.to_owned()).or_default().insert(shown);
            }
        }
    }
    let mut all = BTreeMap::new();
    walk("", reply, account, &mut all);
    all
}

/// The same value with the keys of its objects in order: policies mean the same in any.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let by_key: BTreeMap<&String, Value> =
                map.iter().map(|(key, value)| (key, sorted(value))).collect();
            json!(by_key)
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// How one call differs: nothing, another outcome, or fields: `+` only here, `-` only there, `~` another value.
fn differ(ours: &Heard, our_account: &str, theirs: &Heard, their_account: &str) -> Vec<String> {
    if ours.code != theirs.code {
        return vec![format!("{} / {}", ours.code, theirs.code)];
    }
    let mut found = Vec::new();
    if ours.status != theirs.status {
        found.push(format!("{} / {}", ours.status, theirs.status));
    }
    let (ours, theirs) = (fields(&ours.reply, our_account), fields(&theirs.reply, their_account));
    for (path, value) in &ours {
        match theirs.get(path) {
            None => found.push(format!("+{path}")),
            Some(other) if other != value => found.push(format!("~{path}")),
            Some(_) => {}
        }
    }
    found.extend(
        theirs.keys().filter(|path| !ours.contains_key(*path)).map(|path| format!("-{path}")),
    );
    found
}

/// Tokens of an issuer as wanted, and wrong in one thing each.
fn tokens(issuer: &Issuer, array: bool) -> BTreeMap<&'static str, String> {
    let mut good = issuer.claims(AUDIENCE, SUBJECT);
    good.array = array;
    let mut audience = good.clone();
    "okteto.example.com/elsewhere".clone_into(&mut audience.audience);
    let mut subject = good.clone();
    "system:serviceaccount:default:default".clone_into(&mut subject.subject);
    let mut late = good.clone();
    late.seconds = -60;
    let mut other = good.clone();
    "https://oidc.example.com/absent".clone_into(&mut other.issuer);
    let token = issuer.mint(&good);
    let altered = alter(&token);
    BTreeMap::from([
        ("token", token),
        ("token_audience", issuer.mint(&audience)),
        ("token_subject", issuer.mint(&subject)),
        ("token_expired", issuer.mint(&late)),
        ("token_issuer", issuer.mint(&other)),
        ("token_altered", altered),
    ])
}

/// The repositories of the scene, as an emulator is told to hold them.
fn shelves() -> Vec<Case> {
    let digest = |letter: &str| format!("sha256:{}", letter.repeat(64));
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest("a"), "size": 2},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest("b"), "size": 2}],
    });
    let put = |tag: &str| {
        let mut manifest = manifest.clone();
        manifest["annotations"] = json!({"tag": tag});
        json!({
            "repositoryName": "team/app", "imageTag": tag, "imageManifest": manifest.to_string(),
            "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
        })
    };
    let create = |name: &str| json!({"repositoryName": name});
    vec![
        Case("shelf.1", "ecr.CreateRepository", create("team/app"), "root"),
        Case("shelf.2", "ecr.CreateRepository", create("team/base/debian"), "root"),
        Case("shelf.3", "ecr.CreateRepository", create("tools/kubectl"), "root"),
        Case("shelf.4", "ecr.PutImage", put("latest"), "root"),
        Case("shelf.5", "ecr.PutImage", put("1.4.2"), "root"),
    ]
}

fn moto(cases: &[Case]) -> BTreeMap<String, Heard> {
    let moto = Moto::start();
    let issuer = Issuer::start(ISSUER);
    let target = Target {
        endpoint: &moto.url,
        account: Moto::ACCOUNT,
        root: ["test", "test"],
        tokens: tokens(&issuer, true),
    };
    prepare(&target);
    drive(&target, cases)
}

fn ministack(cases: &[Case]) -> BTreeMap<String, Heard> {
    let ministack = Ministack::start();
    let issuer = Issuer::start(ISSUER);
    let target = Target {
        endpoint: &ministack.url,
        account: Ministack::ACCOUNT,
        root: ["test", "test"],
        // It compares `aud` as a string.
        tokens: tokens(&issuer, false),
    };
    prepare(&target);
    drive(&target, cases)
}

fn prepare(target: &Target) {
    for (id, heard) in drive(target, &shelves()) {
        assert_eq!(heard.code, "ok", "{id}: {heard:?}");
    }
}

fn all() -> Vec<Case> {
    let mut all = cases::registry();
    all.extend(cases::providers());
    all.extend(cases::roles());
    all.extend(cases::users());
    all.extend(cases::sessions());
    all.extend(cases::end());
    all
}

fn practice(cases: &[Case]) -> BTreeMap<String, Heard> {
    let practice = Practice::start();
    let (key, secret) = &practice.root;
    let target = Target {
        endpoint: &practice.served.aws,
        account: &practice.account,
        root: [key, secret],
        tokens: practice.tokens(),
    };
    drive(&target, cases)
}

/// Every difference is in the table, and every row of the table is there.
#[test]
fn the_practice_account_answers_as_the_emulators_or_better() {
    let cases = all();
    let (ours, moto, ministack) = std::thread::scope(|scope| {
        let moto = scope.spawn(|| moto(&cases));
        let ministack = scope.spawn(|| ministack(&cases));
        (practice(&cases), moto.join().unwrap(), ministack.join().unwrap())
    });
    let mut met = BTreeSet::new();
    let mut unknown = Vec::new();
    for Case(id, ..) in &cases {
        let heard = &ours[*id];
        for (peer, theirs, account) in
            [(Peer::Moto, &moto, Moto::ACCOUNT), (Peer::Ministack, &ministack, Ministack::ACCOUNT)]
        {
            for found in differ(heard, "112233445566", &theirs[*id], account) {
                let row = DIFFERENCES.iter().position(|row| {
                    row.who == peer
                        && row.on.contains(id)
                        && row.what.iter().any(|what| fits(what, &found))
                });
                if let Some(row) = row {
                    met.insert((row, *id));
                } else {
                    let (here, there) = (told(heard), told(&theirs[*id]));
                    unknown.push(format!(
                        "{peer:?} {id}: {found}\n    here: {here}\n    there: {there}"
                    ));
                }
            }
        }
    }
    let rows = DIFFERENCES.iter().enumerate();
    let listed = rows.flat_map(|(at, row)| row.on.iter().map(move |id| (at, *id)));
    let gone: Vec<_> = listed.filter(|one| !met.contains(one)).map(|(_, id)| id).collect();
    assert!(unknown.is_empty(), "{} not in the table:\n{}", unknown.len(), unknown.join("\n"));
    assert!(gone.is_empty(), "in the table, and no longer so: {gone:#?}");
}

/// Whether a difference is of this kind: `*` at the end of either stands for the rest.
fn fits(what: &str, found: &str) -> bool {
    what.strip_suffix('*').map_or(what == found, |head| found.starts_with(head))
}

fn told(heard: &Heard) -> String {
    let Heard { code, status, said, reply } = heard;
    if code == "ok" { reply.to_string() } else { format!("{status} {code}: {said}") }
}
