//! Practice: the whole job with nothing but the program, and nothing that leaves the machine.

use std::net::{TcpStream, UdpSocket};
use std::time::Duration;

use crate::support::{Hang, Pty, Run, Sockets};

const ACCOUNT: &str = "112233445566";

/// No word of AWS in the environment.
fn bare() -> Run {
    Run::new().without("AWS_EC2_METADATA_DISABLED").without("KUBECONFIG")
}

/// Waits for a text; the row above all says what this is.
#[track_caller]
fn see(pty: &mut Pty, text: &str) -> String {
    let screen = pty.wait_for(text);
    assert!(screen.starts_with(" PRACTICE"), "{screen}");
    screen
}

/// From the first screen to a passed pull and the values for Okteto, mostly by Enter.
fn job(pty: &mut Pty) {
    see(pty, "The set-up, guided");
    pty.keys("Esc");
    see(pty, "How should the cluster prove who it is?");
    see(pty, &format!("made-up account {ACCOUNT}"));
    see(pty, "myCluster");
    pty.keys("Enter");
    see(pty, "issuer matches");
    see(pty, "4 of 5 ready");
    pty.keys("Enter");
    see(pty, "okteto.example.com/us-east-2");
    pty.keys("Right");
    see(pty, "5 of 5 ready");
    pty.keys("Enter");
    see(pty, "3 Access");
    pty.keys("Enter");
    see(pty, "Enter apply 3 changes");
    pty.keys("Enter");
    see(pty, "Apply 3 changes?");
    pty.keys("Tab Enter");
    see(pty, "read back: as meant");
    pty.keys("Enter");
    see(pty, "Enter browse");
    pty.keys("Enter");
    see(pty, "tools/kubectl");
    pty.keys("Enter");
    see(pty, "team/app:1.4.2");
    pty.keys("Enter");
    see(pty, "Ready.");
    pty.keys("Enter");
    see(pty, "digests match");
    pty.keys("Enter");
    see(pty, "Give these four values to Okteto");
    see(pty, &format!("arn:aws:iam::{ACCOUNT}:role/my-private-registry"));
    pty.keys("Enter");
    assert_eq!(pty.wait_end(), 0);
    pty.assert_restored();
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    assert!(raw.contains("]0;PRACTICE"), "the window's title says it");
    let (_, after) = raw.rsplit_once("\x1b[?1049l").expect("the screen was left");
    assert!(after.contains("PRACTICE"), "and the last words: {after}");
}

#[test]
fn the_whole_job_with_nothing_in_the_environment() {
    let run = bare();
    let mut pty = Pty::start(&run, &["--practice"]);
    let sockets = Sockets::of(pty.id());
    job(&mut pty);
    let seen = sockets.seen();
    assert!(seen.looks > 4, "{seen:?}");
    assert!(seen.ends.contains_key("tcp"), "it spoke, and was watched: {seen:?}");
    let left = seen.ends.values().flatten().find(|address| !address.is_loopback());
    assert_eq!(left, None, "{seen:?}");

    // The answers are there for the next practice, and for nothing else.
    assert!(run.state().join("okteto-ecr/practice").is_dir());
    assert!(!run.state().join("okteto-ecr/runs").exists());
    let mut again = Pty::start(&run, &["--practice"]);
    see(&mut again, ACCOUNT);
    again.keys("Esc");
    see(&mut again, "How should the cluster prove who it is?");
    again.keys("Enter");
    see(&mut again, "5 of 5 ready");
    let mut real = Pty::start(&run.env("AWS_EC2_METADATA_DISABLED", "true"), &[]);
    real.wait_for("How should the cluster prove who it is?");
    real.keys("Enter");
    let screen = real.wait_for("2 Identity");
    assert!(!screen.contains("okteto.example.com"), "{screen}");
}

#[test]
fn the_whole_job_in_a_hostile_environment() {
    // Everything that could lead elsewhere leads to one door, which counts who comes.
    let door = Hang::start();
    let mut run = bare();
    for name in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_IAM",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_ECR",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "OKTETO_ECR_REGISTRY_ENDPOINT",
        "OKTETO_ECR_ISSUER_ENDPOINT",
        "OKTETO_ECR_PRACTICE",
    ] {
        run = run.env(name, &door.url);
    }
    for (name, value) in [
        ("AWS_PROFILE", "nonsense"),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "nonsense"),
        ("AWS_SESSION_TOKEN", "nonsense"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_CA_BUNDLE", "/nonexistent"),
        ("AWS_CONFIG_FILE", "/nonexistent"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
        ("AWS_MAX_ATTEMPTS", "nonsense"),
        ("KUBECONFIG", "/nonexistent"),
    ] {
        run = run.env(name, value);
    }
    let mut pty = Pty::start(&run, &["--practice"]);
    job(&mut pty);
    assert_eq!(door.connections(), 0, "nobody came");
}

#[test]
fn the_smallest_window_and_one_below_say_so() {
    let run = bare();
    let mut pty = Pty::sized(&run, &["--practice", "--ascii"], 60, 15);
    see(&mut pty, ACCOUNT);
    pty.keys("q");
    see(&mut pty, "Leave the wizard?");
    pty.keys("Enter ?");
    see(&mut pty, "On this screen");
    pty.resize(48, 11);
    see(&mut pty, "60 x 15");
    pty.keys("q");
    pty.wait_end();
    assert!(pty.screen().contains("PRACTICE"), "{}", pty.screen());
}

/// The watch itself sees what leaves.
#[test]
fn the_watch_sees_other_addresses() {
    let sockets = Sockets::of(std::process::id());
    // No packet is sent by this: it only fixes the other end, one that is for documentation (RFC 5737).
    let far = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    let routed = far.connect("192.0.2.1:53").is_ok();
    let near = Hang::start();
    let _near = TcpStream::connect(near.url.trim_start_matches("http://")).expect("loopback");
    std::thread::sleep(Duration::from_millis(200));
    let seen = sockets.seen();
    assert!(
        seen.ends.get("tcp").is_some_and(|ends| ends.iter().any(std::net::IpAddr::is_loopback))
    );
    let others = seen.ends.get("udp").is_some_and(|ends| ends.iter().any(|end| !end.is_loopback()));
    assert!(others, "routed: {routed}, {seen:?}");
}
