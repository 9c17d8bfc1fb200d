//! `check-trust` of the real program: every form of a policy, every kind of answer, every exit code; no home, no network.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what broke by breaking"
)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tempfile::TempDir;

const NAME: &str = "container.googleapis.com/v1/projects/p/locations/l/clusters/c";
const AUDIENCE: &str = "okteto.example.com/us-east-2";
const SUBJECT: &str = "system:serviceaccount:okteto:okteto";
const SIGNATURE: &str = "c2VjcmV0c2VjcmV0c2VjcmV0";

struct Finished {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Finished {
    #[track_caller]
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    fn value(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stdout).unwrap();
        assert_eq!(value["format"], 1);
        value
    }
}

/// Runs the command in an empty environment, in which AWS, a home and a cluster are nowhere to be found.
fn check(folder: &Path, args: &[&str], input: &str) -> Finished {
    let mut child = Command::new(env!("CARGO_BIN_EXE_okteto-ecr"))
        .arg("check-trust")
        .args(args)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have read nothing of it and be gone.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Finished {
        code: output.status.code().unwrap(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn json_of(text: &str, args: &[&str]) -> Finished {
    let folder = TempDir::new().unwrap();
    let all: Vec<&str> =
        ["-", "--format", "json"].into_iter().chain(args.iter().copied()).collect();
    check(folder.path(), &all, text)
}

fn condition(condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Okteto",
        "Effect": "Allow",
        "Principal": {"Federated": format!("arn:aws:iam::112233445566:oidc-provider/{NAME}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }]})
}

fn sound() -> Value {
    condition(&json!({"StringEquals": {
        format!("{NAME}:aud"): AUDIENCE, format!("{NAME}:sub"): SUBJECT,
    }}))
}

fn claims(audience: &str, subject: &str) -> String {
    json!({"iss": format!("https://{NAME}"), "aud": [audience], "sub": subject}).to_string()
}

#[test]
fn every_form_of_a_sound_policy_says_the_same() {
    let bare = sound().to_string();
    let encoded = utf8_percent_encode(&bare, NON_ALPHANUMERIC).to_string();
    let role = |policy: Value| {
        json!({"Role": {"Arn": "arn:aws:iam::112233445566:role/r", "AssumeRolePolicyDocument": policy}}).to_string()
    };
    let first = json_of(&bare, &[]).exits(0).value();
    assert_eq!(first["intruders"], json!([]));
    assert_eq!(
        first["admits"],
        json!([{"issuer": format!("https://{NAME}"), "audience": AUDIENCE, "subject": SUBJECT}])
    );
    assert!(first.get("decision").is_none() && first.get("before_policy").is_none());
    assert!(first["sentence"].as_str().unwrap().starts_with("Only the service account okteto"));
    for text in [encoded.clone(), role(sound()), role(json!(encoded)), format!("\u{feff}{bare}\n")]
    {
        let other = json_of(&text, &["--read-only"]).exits(0).value();
        assert_eq!(
            (&other["admits"], &other["intruders"]),
            (&first["admits"], &first["intruders"])
        );
    }
    // From a file, as text.
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("trust.json"), &bare).unwrap();
    let told = check(folder.path(), &["trust.json"], "").exits(0);
    assert!(told.stdout.contains("No neighbour gets in."), "{}", told.stdout);
    assert!(told.stdout.contains(first["sentence"].as_str().unwrap()), "{}", told.stdout);
    assert_eq!(told.stderr, "");
}

#[test]
fn whoever_else_gets_in_is_listed() {
    let weak = condition(&json!({"StringEquals": {format!("{NAME}:sub"): SUBJECT}})).to_string();
    let audiences = |args: &[&str]| -> Vec<String> {
        let value = json_of(&weak, args).value();
        let list = value["intruders"].as_array().unwrap().clone();
        assert!(list.iter().all(|i| !i["why"].as_str().unwrap().is_empty()), "{list:?}");
        list.iter().filter_map(|i| i["claims"]["aud"][0].as_str().map(str::to_owned)).collect()
    };
    assert!(audiences(&["--fail-on", "never"]).contains(&"another.example.com".to_owned()));
    let known = &[
        "--fail-on",
        "never",
        "--expect-audience",
        "a",
        "--provider-audiences",
        "a,b",
        "--provider-audiences",
        "c",
    ];
    assert_eq!(audiences(known), ["b", "c"]);
    // Somebody else was meant than the policy says.
    let other = json_of(
        &sound().to_string(),
        &["--expect-subject", "system:serviceaccount:ci:builder", "--fail-on", "never"],
    );
    let value = other.exits(0).value();
    assert_eq!(value["intruders"][0]["claims"]["sub"], SUBJECT);
}

#[test]
fn a_decision_names_the_first_character_and_changes_no_exit_code() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("trust.json"), sound().to_string()).unwrap();
    let claims = claims("okteto.example.com/us-east-1", SUBJECT);
    let args = ["trust.json", "--claims", "-", "--format", "json"];
    let value = check(folder.path(), &args, &claims).exits(0).value();
    assert_eq!(value["decision"]["allowed"], false);
    let statement = &value["decision"]["statements"][0];
    assert_eq!(
        (
            &statement["sid"],
            &statement["effect"],
            &statement["applies"],
            &statement["principal"],
            &statement["action"]
        ),
        (&json!("Okteto"), &json!("Allow"), &json!(false), &json!(true), &json!(true))
    );
    let [aud, sub] = statement["conditions"].as_array().unwrap().as_slice() else {
        panic!("{statement}")
    };
    assert_eq!(
        *aud,
        json!({
            "operator": "StringEquals", "key": format!("{NAME}:aud"), "wanted": [AUDIENCE],
            "got": ["okteto.example.com/us-east-1"], "met": false,
            "first_difference": "character 28: wanted '2', got '1'",
        })
    );
    assert_eq!((&sub["met"], sub.get("first_difference")), (&json!(true), None));
    let told = check(folder.path(), &["trust.json", "--claims", "-"], &claims).exits(0).stdout;
    let at = |line: &str, c: char| line.chars().position(|l| l == c).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    let mark = lines.iter().position(|l| l.contains("^ character 28")).unwrap();
    assert_eq!(lines[mark - 1].chars().nth(at(lines[mark], '^')), Some('1'), "{told}");
    assert_eq!(lines[mark - 2].chars().nth(at(lines[mark], '^')), Some('2'), "{told}");
}

#[test]
fn a_token_is_read_and_never_printed() {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims: Value = serde_json::from_str(&claims(AUDIENCE, SUBJECT)).unwrap();
    let mut whole = claims.clone();
    whole["iat"] = json!(1_700_000_000);
    whole["exp"] = json!(1_700_003_600);
    let token = format!("{}.{}.{SIGNATURE}", part(&json!({"alg": "RS256"})), part(&whole));
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("token"), &token).unwrap();
    std::fs::write(folder.path().join("cut"), token.trim_end_matches(SIGNATURE)).unwrap();
    for format in ["text", "json"] {
        let args =
            ["-", "--token-file", "token", "--format", format, "--provider-audiences", AUDIENCE];
        let done = check(folder.path(), &args, &sound().to_string()).exits(0);
        assert!(!done.stdout.contains(SIGNATURE) && !done.stdout.contains(&part(&whole)));
        if format == "json" {
            assert_eq!(done.value()["decision"]["allowed"], true);
            assert_eq!(done.value()["before_policy"], json!([]));
        } else {
            assert!(done.stdout.contains("This token: the policy lets it in"), "{}", done.stdout);
        }
        let cut = check(
            folder.path(),
            &["-", "--token-file", "cut", "--format", format],
            &sound().to_string(),
        );
        assert!(!cut.stderr.contains(&part(&whole)) && !cut.stdout.contains(&part(&whole)));
        assert!(cut.exits(2).stderr.contains("token-malformed"));
    }
}

#[test]
fn what_cannot_be_read_is_a_fault_with_its_place_and_an_example() {
    for (text, line, column) in [("{\n  \"Version\": x}", "2", "14"), ("", "1", "0")] {
        let done = json_of(text, &[]).exits(2);
        let fault = done.value()["fault"].clone();
        assert_eq!(fault["cause"], "malformed-policy");
        assert_eq!(
            (&fault["evidence"]["line"], &fault["evidence"]["column"]),
            (&json!(line), &json!(column))
        );
        assert!(fault["remedy"].as_str().unwrap().contains("\"Version\": \"2012-10-17\""));
        assert!(done.stderr.contains(&format!("line {line}, column {column}")), "{}", done.stderr);
    }
    for text in ["[]", "{}", r#"{"Statement": []}"#, "%ff"] {
        assert_eq!(
            json_of(text, &[]).exits(2).value()["fault"]["cause"],
            "malformed-policy",
            "{text}"
        );
    }
    let folder = TempDir::new().unwrap();
    let gone = check(folder.path(), &["gone.json", "--format", "json"], "").exits(2);
    assert_eq!(gone.value()["fault"]["cause"], "file");
    std::fs::write(folder.path().join("trust.json"), sound().to_string()).unwrap();
    for text in ["", "[]", "eyJ.x.y", r#"{"aud": 5}"#, r#"{"sub": ["a"]}"#] {
        let done = check(folder.path(), &["trust.json", "--claims", "-"], text).exits(2);
        assert!(done.stderr.contains("standard input holds no claims"), "{}", done.stderr);
        assert!(done.stderr.contains("for example {\"iss\""), "{}", done.stderr);
        assert!(!done.stderr.contains("eyJ.x"), "{}", done.stderr);
    }
}

#[test]
fn a_document_that_aws_would_refuse_is_judged_as_far_as_that_goes() {
    let twice = sound().to_string().replace(
        &format!(r#""{NAME}:sub":"#),
        &format!(r#""{NAME}:sub":"system:serviceaccount:x:y","{NAME}:sub":"#),
    );
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("twice.json"), &twice).unwrap();
    let args = ["twice.json", "--claims", "-", "--format", "json", "--fail-on", "never"];
    let value = check(folder.path(), &args, &claims(AUDIENCE, SUBJECT)).exits(0).value();
    assert_eq!(value["decision"]["allowed"], true);
    assert!(value["note"].as_str().unwrap().contains("stands there twice"), "{value}");
    let guess = condition(&json!({"StringSounds": {format!("{NAME}:sub"): SUBJECT}})).to_string();
    std::fs::write(folder.path().join("guess.json"), guess).unwrap();
    let args = ["guess.json", "--claims", "-", "--format", "json", "--fail-on", "never"];
    let value = check(folder.path(), &args, &claims(AUDIENCE, SUBJECT)).exits(0).value();
    assert_eq!(value["decision"], json!({"allowed": false, "statements": []}), "{value}");
    assert_eq!((&value["admits"], &value["intruders"]), (&json!([]), &json!([])));
    let told = check(folder.path(), &["guess.json", "--fail-on", "never"], "").exits(0).stdout;
    assert!(told.contains("no condition operator StringSounds"), "{told}");
    assert!(!told.contains("No neighbour"), "{told}");
}

/// A document far beyond what IAM takes is not worked through value by value.
#[test]
fn a_document_that_is_far_too_long_is_answered_at_once() {
    let began = Instant::now();
    for characters in [4000, 8000, 40_000] {
        let patterns: Vec<String> = (0..characters / 10).map(|n| format!("a*{n}b?")).collect();
        let long = condition(&json!({"StringLike": {format!("{NAME}:sub"): patterns}})).to_string();
        let value = json_of(&long, &["--fail-on", "never"]).exits(0).value();
        let judged = value.get("sentence").is_some();
        assert_eq!(judged, characters < 8000, "{}", value["note"]);
    }
    let endless = json_of(&" ".repeat(1 << 20), &[]).exits(2);
    assert!(endless.stderr.contains("it is longer than 65536 bytes"), "{}", endless.stderr);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

/// The tutorial's own text: its keys keep the scheme, or even its placeholders.
#[test]
fn the_tutorials_printed_policy_lets_nobody_in() {
    let printed = condition(&json!({"StringEquals": {
        "${OIDC_ENDPOINT}:aud": AUDIENCE, "${OIDC_ENDPOINT}:sub": SUBJECT,
    }}));
    let filled = condition(&json!({"StringEquals": {
        format!("https://{NAME}:aud"): AUDIENCE, format!("https://{NAME}:sub"): SUBJECT,
    }}));
    for policy in [printed, filled] {
        let value = json_of(&policy.to_string(), &["--fail-on", "never"]).exits(0).value();
        assert_eq!(value["sentence"], "Nobody: no token can meet it.");
        assert_eq!((&value["admits"], &value["intruders"]), (&json!([]), &json!([])));
    }
}

#[test]
fn what_stands_in_a_policy_is_no_order_to_the_terminal() {
    let odd =
        condition(&json!({"StringEquals": {format!("{NAME}:sub"): "\u{1b}[2Jx"}})).to_string();
    let folder = TempDir::new().unwrap();
    let done = check(folder.path(), &["-", "--fail-on", "never"], &odd).exits(0);
    assert!(!done.stdout.contains('\u{1b}'), "{:?}", done.stdout);
}

#[test]
fn a_finding_as_bad_as_asked_for_ends_with_three() {
    let open = condition(&json!({"StringEquals": {format!("{NAME}:aud"): AUDIENCE}})).to_string();
    let printed = condition(&json!({"StringEquals": {
        format!("https://{NAME}:aud"): AUDIENCE, format!("https://{NAME}:sub"): SUBJECT,
    }}))
    .to_string();
    let twice = sound().to_string().replace(
        &format!(r#""{NAME}:sub":"#),
        &format!(r#""{NAME}:sub":"system:serviceaccount:x:y","{NAME}:sub":"#),
    );
    for (text, rule) in
        [(open, "trust-sub-missing"), (printed, "trust-key-scheme"), (twice, "trust-repeated-key")]
    {
        let value = json_of(&text, &[]).exits(3).value();
        let findings = value["findings"].as_array().unwrap();
        let found =
            findings.iter().find(|f| f["rule"] == rule).unwrap_or_else(|| panic!("{value}"));
        for part in ["severity", "message", "where"] {
            assert!(!found[part].as_str().unwrap().is_empty(), "{found}");
        }
        assert!(!found["fix"]["words"].as_str().unwrap().is_empty(), "{found}");
        let _ = json_of(&text, &["--fail-on", "never"]).exits(0);
        let folder = TempDir::new().unwrap();
        let told = check(folder.path(), &["-"], &text).exits(3).stdout;
        assert!(told.contains(rule) && told.contains("fix: "), "{told}");
    }
    let _ = json_of(&sound().to_string(), &["--fail-on", "low"]).exits(0);
}

#[test]
fn what_sts_refuses_before_the_policy_stands_beside_the_decision() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("trust.json"), sound().to_string()).unwrap();
    let args = ["trust.json", "--claims", "-", "--provider-audiences", "other"];
    let args = |more: &[&'static str]| [&args, more].concat();
    let all = args(&["--format", "json", "--fail-on", "never"]);
    let value = check(folder.path(), &all, &claims(AUDIENCE, SUBJECT)).exits(0).value();
    assert_eq!(value["decision"]["allowed"], true);
    assert_eq!(value["before_policy"][0]["cause"], "audience-not-registered", "{value}");
    assert!(!value["before_policy"][0]["message"].as_str().unwrap().is_empty());
    let all = args(&["--fail-on", "never"]);
    let told = check(folder.path(), &all, &claims(AUDIENCE, SUBJECT)).exits(0).stdout;
    assert!(told.contains("STS refuses it before it reads the policy"), "{told}");
}

/// A slash at the issuer's end makes it another's.
#[test]
fn a_token_of_another_issuer_meets_no_provider() {
    let folder = TempDir::new().unwrap();
    let args = ["-", "--claims", "claims", "--format", "json", "--fail-on", "never"];
    let mut slashed: Value = serde_json::from_str(&claims(AUDIENCE, SUBJECT)).unwrap();
    slashed["iss"] = format!("{}/", slashed["iss"].as_str().unwrap()).into();
    std::fs::write(folder.path().join("claims"), slashed.to_string()).unwrap();
    let value = check(folder.path(), &args, &sound().to_string()).exits(0).value();
    assert_eq!(value["decision"]["allowed"], false);
    let before = &value["before_policy"][0];
    assert_eq!(before["cause"], "provider-missing", "{value}");
    assert!(before["evidence"]["first_difference"].as_str().unwrap().contains("got '/'"));
}
