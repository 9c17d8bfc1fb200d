//! The wizard under a shell, what it copies, what it takes as input, and what it does when it breaks.

use std::fmt::Write;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::{BINARY, Hang, Moto, Pty, Run};

const FIRST: &str = "How should the cluster prove who it is?";

/// Every value that the tutorial names, with a word that the screen must not show as accepted in a wrong field.
const TUTORIAL: [&str; 10] = [
    "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster",
    "system:serviceaccount:okteto:okteto",
    "okteto.example.com/us-east-2",
    "arn:aws:iam::112233445566:oidc-provider/container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster",
    "arn:aws:iam::112233445566:role/my-private-registry",
    "my-private-registry",
    "AmazonEC2ContainerRegistryReadOnly",
    "https://112233445566.dkr.ecr.us-east-2.amazonaws.com",
    "export AUDIENCE=okteto.example.com/us-east-2\n",
    "${OIDC_ENDPOINT}:aud",
];

#[test]
fn suspended_and_continued_the_screen_is_the_same() {
    let hang = Hang::start();
    let run = Run::on_hang(&hang).env("PS1", "ready> ");
    let mut pty = Pty::of("/bin/bash", &run, &["--norc", "--noprofile", "-i"], 80, 24);
    pty.wait_for("ready>");
    let options = run.options().join(" ");
    pty.text(&format!("{BINARY} {options}")).keys("Enter");
    pty.wait_for(FIRST);
    pty.keys("Enter");
    pty.wait_for("2 Identity");
    pty.keys("Tab").text("okteto.example.com/x");
    let before = pty.wait_for("okteto.example.com/x");
    let field = |screen: &str| {
        screen
            .lines()
            .filter(|l| l.contains('▌'))
            .map(|l| l.trim_end().to_owned())
            .collect::<Vec<_>>()
    };
    pty.keys("Ctrl-Z");
    pty.wait_for("Stopped");
    assert!(!pty.look(vt100::Screen::alternate_screen));
    let shell = pty.stty();
    for mode in ["isig ", "opost "] {
        assert!(shell.contains(mode), "{mode}: {shell}");
    }
    pty.text("fg").keys("Enter");
    let after = pty.wait_for("okteto.example.com/x");
    pty.wait_for("2 Identity");
    assert_eq!(field(&before), field(&after));
    pty.keys("Ctrl-C");
    pty.wait_for("Leave the wizard?");
    pty.keys("Ctrl-C");
    pty.wait_until("the shell's third prompt", Duration::from_secs(10), |screen| {
        screen.contents().matches("ready>").count() == 3
    });
    pty.text("echo code=$?").keys("Enter");
    pty.wait_for("code=130");
}

#[test]
fn every_value_of_the_tutorial_is_taken_or_named_in_every_field() {
    let hang = Hang::start();
    let run = Run::on_hang(&hang);
    let mut pty = Pty::start(&run, &[]);
    pty.wait_for(FIRST);
    pty.keys("Enter");
    pty.wait_for("2 Identity");
    let names = ["Issuer", "Audience", "Subject", "Role name", "ECR registry or region"];
    let mut seen = String::new();
    for name in names {
        for value in TUTORIAL {
            pty.wait_for(&format!("▌ {name}"));
            pty.keys("Ctrl-U");
            pty.paste(value);
            // Until the verdict has come: errors wait for the hands to rest.
            let verdict = |pty: &Pty| field_rows(&pty.screen()).get(2).cloned().unwrap_or_default();
            pty.wait_quiet(Duration::from_millis(100));
            if verdict(&pty).trim_matches(['▌', ' ']).is_empty() {
                pty.wait_quiet(Duration::from_millis(650));
            }
            let rows = field_rows(&pty.screen());
            let verdict = verdict(&pty);
            writeln!(seen, "{name} <- {}: {} | {}", value.trim(), rows[1].trim(), verdict.trim())
                .expect("text");
            assert!(!verdict.is_empty() || rows.len() > 1, "{name} <- {value}: {rows:?}");
            assert!(pty.screen().contains("2 Identity"), "a paste never submits: {}", pty.screen());
        }
        pty.keys("Tab");
    }
    for (field, value, words) in [
        ("Role name", "arn:aws:iam::112233445566:oidc-provider", "identity provider"),
        ("Issuer", "arn:aws:iam::112233445566:role", "role"),
        (
            "ECR registry or region",
            "https://112233445566.dkr.ecr",
            "112233445566.dkr.ecr.us-east-2.amazonaws.com",
        ),
        ("Audience", "export AUDIENCE", "okteto.example.com/us-east-2"),
    ] {
        let line = seen.lines().find(|l| l.starts_with(&format!("{field} <- {value}")));
        assert!(line.is_some_and(|l| l.contains(words)), "{field} <- {value}: {line:?}\n{seen}");
    }
}

/// The rows of the focused field: name, text, verdict.
fn field_rows(screen: &str) -> Vec<String> {
    screen.lines().filter(|line| line.trim_start().starts_with('▌')).map(str::to_owned).collect()
}

#[test]
fn copying_goes_to_the_terminal_and_says_so() {
    let moto = Moto::start();
    let run = Run::on_moto(&moto);
    let mut pty = Pty::sized(&run, &[], 100, 30);
    pty.wait_for(Moto::ACCOUNT);
    pty.keys("Enter");
    pty.wait_for("2 Identity");
    pty.keys("Ctrl-U").paste(TUTORIAL[0]).keys("Tab Ctrl-U").paste(TUTORIAL[2]);
    pty.wait_for("5 of 5");
    pty.keys("Enter");
    pty.wait_for("3 Access");
    pty.keys("Tab");
    pty.wait_for("▸ Trust policy");
    pty.keys("Y");
    pty.wait_for("to your terminal for its clipboard");
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    let (_, rest) = raw.split_once("\x1b]52;c;").expect("an OSC 52 sequence");
    let end = rest.find(['\x07', '\x1b']).expect("its end");
    let text = STANDARD.decode(rest.get(..end).expect("its text")).expect("base64");
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(text.starts_with("{\n  \"Version\": \"2012-10-17\""), "{text}");
    assert!(!text.contains("https://container"), "keys without the scheme: {text}");
}

/// Breaks while it holds the terminal. Only does so in the process that the next test starts.
#[test]
fn it_breaks() {
    if std::env::var_os("BREAK").is_none() {
        return;
    }
    okteto_ecr::terminal::panic::install("runs/RUN".into());
    let way_on = "okteto-ecr undo RUN takes it back.".to_owned();
    okteto_ecr::terminal::panic::note_made(["role my-private-registry".to_owned()], Some(way_on));
    let _screen = okteto_ecr::terminal::Screen::open(true, "okteto-ecr").expect("a terminal");
    panic!("a bug, on purpose");
}

#[test]
fn a_bug_gives_the_terminal_back_and_says_what_exists() {
    let run = Run::new().env("BREAK", "1");
    let tests = std::env::current_exe().expect("this program");
    let tests = tests.to_str().expect("UTF-8");
    let mut pty = Pty::of(tests, &run, &["--exact", "shell::it_breaks", "--nocapture"], 80, 24);
    pty.wait_end();
    let screen = pty.screen();
    assert!(screen.contains("met a bug in itself"), "{screen}");
    assert!(screen.contains("runs/RUN"), "{screen}");
    assert!(screen.contains("Made in AWS: role my-private-registry"), "{screen}");
    assert!(screen.contains("okteto-ecr undo RUN takes it back."), "{screen}");
    pty.assert_restored();
    assert!(String::from_utf8_lossy(&pty.raw()).contains("\x1b[?1049h"), "it had the screen");
}
