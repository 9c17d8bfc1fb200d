//! Bad input, no terminal, no login: said before anything is sent.

use crate::bench::assert_cause;
use crate::support::{Answers, Front, Moto, Run, xml};

/// An account that says who is calling, and nothing else.
fn account() -> Front {
    Front::alone(|call, _| {
        let arn = "arn:aws:iam::123456789012:user/dana";
        (call.action == "GetCallerIdentity").then(|| xml::caller(Moto::ACCOUNT, arn))
    })
}

#[test]
fn bad_answers_name_key_reason_and_example() {
    let front = account();
    let run = Run::on_front(&front);
    let good = Answers::tutorial(Moto::ACCOUNT);
    let provider = "arn:aws:iam::123456789012:oidc-provider/container.googleapis.com";
    // The answers, the key that must be named, and a word of the reason or example.
    let cases = [
        (
            good.clone().without("oidc.audience").with("oidc.audiense", "x"),
            "oidc.audiense",
            "audience",
        ),
        (good.clone().with("acess.policy", "read-only"), "acess", "access"),
        (good.clone().with("oidc.role", provider), "oidc.role", "my-private-registry"),
        (good.clone().with("oidc.issuer", "http://example.com"), "oidc.issuer", "https"),
        (good.clone().with("oidc.subject", ""), "oidc.subject", "system:serviceaccount:"),
        (good.clone().without("oidc.role"), "oidc.role", "my-private-registry"),
        (good.clone().with("access.policy", "admin"), "access.policy", "read-only"),
        (good.clone().with("access.max_session_seconds", 60), "access.max_session_seconds", "3600"),
        (good.clone().with("format", 2), "format", "1"),
        (good.with("region", 7), "region", "us-east-2"),
    ];
    for (answers, key, word) in cases {
        let file = answers.write(run.home());
        for (command, yes) in [("plan", None), ("apply", Some("--yes")), ("pull-test", None)] {
            let path = file.display().to_string();
            let mut args = vec![command, "--answers", &path];
            args.extend(yes);
            let text = run.run(&args).exits(2);
            assert!(text.stderr.contains(key), "{key} is not named: {text:#?}");
            assert!(text.stderr.contains(word), "{word} is not said: {text:#?}");
            assert_eq!(text.stdout, "", "{text:#?}");
            text.assert_plain();
            let json = run.json(command, &file, yes.as_slice()).exits(2);
            assert!(json.value()["fault"]["message"].is_string(), "{json:#?}");
        }
    }
    assert_eq!(front.actions(), [""; 0], "nothing is sent");
}

#[test]
fn a_missing_answers_file_is_wrong_use() {
    let front = account();
    let run = Run::on_front(&front);
    let missing = run.run(&["plan", "--answers", "nowhere.toml"]).exits(2);
    assert!(missing.stderr.contains("nowhere.toml"), "{missing:#?}");
    let none = run.run(&["plan"]).exits(2);
    assert!(none.stderr.contains("--answers"), "{none:#?}");
    assert_eq!(front.actions(), [""; 0], "nothing is sent");
}

#[test]
fn without_a_terminal_it_says_so_in_one_sentence() {
    let front = account();
    let finished = Run::on_front(&front).run(&[]).exits(2);
    assert_eq!(finished.stdout, "");
    let lines: Vec<&str> = finished.stderr.trim_end().lines().collect();
    assert_eq!(lines.len(), 1, "{finished:#?}");
    assert!(lines[0].contains("terminal"), "{finished:#?}");
    finished.assert_plain();
    assert_eq!(front.actions(), [""; 0], "nothing is sent");
}

#[test]
fn without_a_login_it_says_how_to_get_one() {
    let run = Run::new().env("AWS_REGION", "us-east-2");
    let answers = Answers::tutorial(Moto::ACCOUNT).write(run.home());
    let plan = run.json("plan", &answers, &[]).exits(1);
    assert_cause(&plan, "credentials-missing");
}

#[test]
fn an_expired_login_is_told_apart() {
    let front = Front::alone(|_, _| {
        let said = "The security token included in the request is expired";
        Some(xml::error(403, "ExpiredToken", said))
    });
    let run = Run::on_front(&front).env("AWS_SESSION_TOKEN", "planted-session-token");
    let answers = Answers::tutorial(Moto::ACCOUNT).write(run.home());
    let plan = run.json("plan", &answers, &[]).exits(1);
    assert_cause(&plan, "credentials-expired");
    crate::support::assert_nowhere("planted-session-token", &plan.outputs(), &run.state());
}

#[test]
fn info_names_its_paths_and_no_secret() {
    let front = account();
    let run = Run::on_front(&front).env("AWS_SECRET_ACCESS_KEY", "planted-secret-access-key");
    let info = run.run(&["info"]).exits(0);
    assert!(info.stdout.contains(&run.state().display().to_string()), "{info:#?}");
    assert!(info.stdout.contains(env!("CARGO_PKG_VERSION")), "{info:#?}");
    crate::support::assert_nowhere("planted-secret-access-key", &info.outputs(), &run.state());
    info.assert_plain();
    let version = run.run(&["--version"]).exits(0);
    assert!(version.stdout.contains(env!("CARGO_PKG_VERSION")), "{version:#?}");
}
