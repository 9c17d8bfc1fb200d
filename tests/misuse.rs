//! Wrong use of the real program: exit code 2, and a fault where JSON was asked for.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what broke by breaking")]

use std::process::{Command, Output};

use serde_json::Value;

fn ran(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_okteto-ecr")).args(words).output().expect("it runs")
}

#[test]
fn wrong_use_is_a_fault_for_scripts_and_words_for_people() {
    for words in [
        &["plan", "--format", "json"][..],
        &["plan", "--answers", "x", "--format=json", "--nonsense"],
        &["pull-test", "--format", "json", "--answers", "x", "--wait", "soon"],
        &["check-trust", "--format", "json"],
        &["check-trust", "x", "--format", "json", "--fail-on", "worst"],
        &["check-trust", "x", "--format", "json", "--expect-issuer", "oidc.example.com"],
        &["check-trust", "x", "--format", "json", "--expect-audience", "*"],
        &[
            "check-trust",
            "x",
            "--format",
            "json",
            "--expect-subject",
            "system:serviceaccount:okteto",
        ],
        &["check-trust", "x", "--format", "json", "--expect-subject", "repo:me/*"],
        &["check-trust", "x", "--format", "json", "--provider-audiences", "a,,b"],
        &["check-trust", "-", "--format", "json", "--claims", "-"],
        &["review", "--format", "json", "--fail-on", "worst"],
        &["check-trust", "x", "--format", "json", "--claims", "y", "--token-file", "z"],
    ] {
        let output = ran(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        let result: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(result["format"], 1);
        assert_eq!(result["fault"]["cause"], "bad-answers");
        let message = result["fault"]["message"].as_str().unwrap();
        assert!(!message.is_empty() && !message.contains('\n'), "{message}");
        assert!(String::from_utf8(output.stderr).unwrap().starts_with("error: "));
    }
    let output = ran(&["plan", "--answers", "json"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert_eq!(ran(&["plan", "--format", "json", "--help"]).status.code(), Some(0));
}

#[test]
fn a_review_without_a_terminal_wants_a_format() {
    for words in [&["review"][..], &["review", "--read-only", "--accepted", "x.toml"]] {
        let output = ran(words);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{words:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("review with --format text, json, csv or sarif"), "{told}");
    }
}

#[test]
fn an_exercise_that_is_wrong_is_told_with_path_line_and_reason_before_there_is_a_screen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml");
    let good = include_str!("../assets/practice/first-set-up.toml");
    std::fs::write(&path, good.replace("about = ", "abuot = ")).unwrap();
    for named in [path.as_path(), folder.path()] {
        let output = ran(&["--practice", named.to_str().unwrap()]);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        let told = String::from_utf8(output.stderr).unwrap();
        let wanted = format!("error: {}: line 3: unknown field `abuot`", path.display());
        assert!(told.starts_with(&wanted) && told.contains("(bad-answers)"), "{told}");
    }
    let output = ran(&["--practice", folder.path().join("gone.toml").to_str().unwrap()]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && told.contains("could not read"), "{told}");
    // What is right with it is not told without a terminal.
    std::fs::write(&path, good).unwrap();
    let output = ran(&["--practice", path.to_str().unwrap()]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && told.contains("needs a terminal"), "{told}");
}
