//! User mode in the pseudo-terminal, in practice: the whole job, a secret that is shown on demand, a rotation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{Pty, Run, assert_nowhere};

const USER: &str = "private-registry-user";

/// To the plan, with the secret going where `custody` leads to.
fn plan(pty: &mut Pty, custody: &str) {
    pty.wait_for("The set-up, guided");
    pty.keys("Esc");
    pty.wait_for("How should the cluster prove who it is?");
    pty.wait_for("myCluster");
    pty.keys("Down");
    pty.wait_for("never expires");
    pty.keys("Enter");
    pty.wait_for("User name");
    pty.wait_for("2 of 2 ready");
    pty.keys("Enter");
    pty.wait_for("3 Access");
    pty.keys("Tab Tab");
    pty.wait_for("▸ Secret");
    pty.keys(custody);
    pty.wait_for("✓ ");
    pty.keys("Enter");
    pty.wait_for("Enter apply 3 changes");
}

/// The plan is agreed to and made.
fn made(pty: &mut Pty) {
    pty.keys("Enter");
    pty.wait_for("its secret:");
    pty.keys("Tab Enter");
    pty.wait_for("read back: as meant");
}

/// Of the account's repositories and images the first.
fn pull(pty: &mut Pty) {
    pty.keys("Enter");
    pty.wait_for("Enter browse");
    pty.keys("Enter");
    pty.wait_for("tools/kubectl");
    pty.keys("Enter");
    pty.wait_for("team/app:1.4.2");
    pty.keys("Enter");
    pty.wait_for("Ready.");
    pty.keys("Enter");
    pty.wait_for("digests match");
}

/// A question that wants the key named.
fn name_and_go(pty: &mut Pty) {
    let screen = pty.wait_for("Tab goes here");
    let (_, rest) = screen.split_once("Type ").expect("a name to type");
    let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    pty.keys("Tab Tab").text(&name).keys("Enter Tab Enter");
}

/// The values that an OSC 52 sequence gave to the terminal's clipboard.
fn copied(raw: &str) -> Vec<String> {
    let texts = raw.split("\x1b]52;c;").skip(1);
    let text = |rest: &str| STANDARD.decode(rest.split(['\x07', '\x1b']).next()?).ok();
    texts.filter_map(text).filter_map(|bytes| String::from_utf8(bytes).ok()).collect()
}

#[test]
fn the_whole_job_and_a_rotation_to_its_end() {
    let run = Run::new().without("KUBECONFIG");
    let mut pty = Pty::start(&run, &["--practice"]);
    plan(&mut pty, "Up");
    made(&mut pty);
    pull(&mut pty);
    pty.keys("Enter");
    let screen = pty.wait_for("AWS IAM User");
    assert!(screen.contains("Give "), "{screen}");
    pty.keys("e");
    let screen = pty.wait_for("accessKeyIDSecretRef");
    assert!(screen.contains("secretAccessKeySecretRef"), "{screen}");

    pty.keys("Esc");
    pty.wait_for("Access Key");
    pty.keys("K");
    pty.wait_for("Rotate the access key");
    pty.wait_for("1 of 6");
    pty.keys("Enter");
    pty.wait_for("Apply 1 change?");
    pty.keys("Tab Enter");
    pty.wait_for("2 of 6");
    pty.keys("Enter");
    pty.wait_for("digests match");
    pty.keys("Enter");
    pty.wait_for("3 of 6");
    // Left, and gone on with: the account says how far it is.
    pty.keys("Esc");
    pty.wait_gone("Rotate the access key");
    pty.keys("K");
    pty.wait_for("3 of 6");
    pty.keys("Enter");
    pty.wait_for("Has Okteto got the new key?");
    pty.keys("Tab Enter");
    pty.wait_for("4 of 6");
    pty.keys("Enter");
    name_and_go(&mut pty);
    let screen = pty.wait_for("5 of 6");
    assert!(screen.contains("inactive"), "{screen}");
    pty.keys("Enter");
    name_and_go(&mut pty);
    pty.wait_for("6 of 6");
    pty.keys("Enter");
    pty.wait_for("AWS IAM User");
    pty.keys("Enter");
    assert_eq!(pty.wait_end(), 0);
    pty.assert_restored();
}

#[test]
fn a_secret_that_is_shown_is_shown_on_the_alternate_screen_alone() {
    let run = Run::new().without("KUBECONFIG");
    let mut pty = Pty::start(&run, &["--practice"]);
    plan(&mut pty, "Down Down");
    made(&mut pty);
    pull(&mut pty);
    pty.keys("Enter");
    pty.wait_for("••••••");
    let before = String::from_utf8_lossy(&pty.raw()).into_owned();
    pty.keys("v");
    let screen = pty.wait_gone("••••••");
    let row = screen.lines().find(|line| line.contains("Secret Access Key")).expect("the row");
    let secret = row.split_whitespace().max_by_key(|word| word.len()).expect("a word").to_owned();
    assert_eq!(secret.len(), 40, "{row}");
    assert!(!before.contains(&secret), "it was not sent before it was asked for");
    pty.keys("v");
    pty.wait_for("••••••");
    pty.keys("Down Down y");
    let screen = pty.wait_for("Sent to your terminal");
    assert!(screen.to_lowercase().contains("secret"), "{screen}");
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    assert!(copied(&raw).contains(&secret), "the clipboard got it");

    // It leaves with the secret in sight.
    pty.keys("v");
    pty.wait_for(&secret);
    pty.keys("q");
    pty.wait_for("Leave the wizard?");
    pty.keys("Tab Enter");
    pty.wait_end();
    pty.assert_restored();
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    let (_, after) = raw.rsplit_once("\x1b[?1049l").expect("the screen was left");
    assert!(!after.contains(&secret) && !pty.screen().contains(&secret), "{}", pty.screen());
    let titles = raw.split("\x1b]0;").skip(1).map(|rest| rest.split('\x07').next());
    assert!(titles.flatten().all(|title| !title.contains(&secret) && !title.contains(USER)));
    assert_nowhere(&secret, &[after], &run.state());
}
