//! The whole way at 80 by 24: from the first screen to the values for Okteto.

use std::time::{Duration, Instant};

use crate::support::{
    Answers, Front, Image, Issuer, Mischief, Moto, PATIENCE, Pty, Registry, Run, assert_nowhere,
    push_image,
};

const LAYERS: [usize; 3] = [300_000, 4_000_000, 10_000];

/// moto, a registry that redirects, an issuer, and the wizard's environment.
struct Desk {
    front: Front,
    registry: Registry,
    run: Run,
    image: Image,
    token: String,
    _moto: Moto,
    _issuer: Issuer,
}

impl Desk {
    fn new() -> Self {
        let moto = Moto::start();
        let front = Front::with_client_ids(moto.port());
        let mut registry = Registry::redirecting(Moto::REGISTRY_TOKEN);
        let issuer = Issuer::start(Answers::ISSUER);
        let image = push_image(&registry, "team/app", &LAYERS);
        // It would let everybody push who may log in.
        registry.freeze();
        let run = Run::on_front(&front).registry(&registry).issuer(&issuer);
        let token = issuer.mint(&issuer.claims(Answers::AUDIENCE, Answers::SUBJECT));
        run.file("token", &token);
        Self { front, registry, run, image, token, _moto: moto, _issuer: issuer }
    }

    fn blobs(&self) -> &crate::support::Blobs {
        self.registry.blobs.as_ref().expect("it redirects")
    }

    /// The wizard with its first screen, and the caller known.
    fn start(&self) -> Pty {
        let mut pty = Pty::start(&self.run, &[]);
        pty.wait_for("How should the cluster prove who it is?");
        pty.wait_for(Moto::ACCOUNT);
        pty
    }

    /// Steps 1 and 2 with the tutorial's values.
    fn to_access(&self) -> Pty {
        let mut pty = self.start();
        pty.keys("Enter");
        pty.wait_for("2 Identity");
        pty.keys("Ctrl-U").paste(Answers::ISSUER);
        for value in [Answers::AUDIENCE, Answers::SUBJECT, Answers::ROLE, "us-east-2"] {
            pty.keys("Tab Ctrl-U").text(value);
        }
        pty.wait_for("5 of 5");
        pty.wait_for("issuer matches");
        pty.keys("Enter");
        pty.wait_for("3 Access");
        pty
    }

    /// As far as the question of step 4.
    fn to_question(&self) -> Pty {
        let mut pty = self.to_access();
        pty.keys("Enter");
        pty.wait_for("4 Apply");
        pty.wait_for("Enter apply 3 changes");
        assert_eq!(self.front.writes(), [""; 0], "nothing is sent before the question");
        pty.keys("Enter");
        pty.wait_for("Apply 3 changes?");
        pty
    }

    /// Applied, and at the set-up of the pull test with token file and image given.
    fn to_pull(&self) -> Pty {
        let mut pty = self.to_question();
        pty.keys("Tab Enter");
        pty.wait_for("read back: as meant");
        pty.wait_for("3 changes made");
        pty.keys("Enter");
        pty.wait_for("5 Pull test");
        tab_to(&mut pty, "▌ Token");
        for _ in 0..3 {
            if pty.screen().contains("● from a file") {
                break;
            }
            let before = pty.screen();
            pty.keys("Left");
            pty.wait_until("another source", Duration::from_secs(5), |screen| {
                screen.contents() != before
            });
        }
        pty.wait_for("● from a file");
        tab_to(&mut pty, "▌ Token file");
        pty.keys("Ctrl-U").text("token");
        tab_to(&mut pty, "▌ Image");
        pty.keys("Ctrl-U").text(&self.image.reference);
        pty.wait_for("Ready.");
        pty
    }

    fn assert_no_secret(&self, pty: &Pty) {
        let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
        let signature = self.token.rsplit('.').next().expect("a signature");
        for secret in [self.token.as_str(), signature, self.registry.token()] {
            assert_nowhere(secret, &[&raw], &self.run.state());
        }
    }
}

/// Presses Tab until a field or a part has the focus: its mark and its name stand on a line of the screen.
#[track_caller]
fn tab_to(pty: &mut Pty, mark: &str) {
    let focused = |screen: &str| {
        let rests = screen.lines().filter_map(|line| line.trim_start().strip_prefix(mark));
        rests.into_iter().any(|rest| rest.starts_with("  ") || rest.trim().is_empty())
    };
    for _ in 0..12 {
        let before = pty.screen();
        if focused(&before) {
            return;
        }
        pty.keys("Tab");
        pty.wait_until("the focus to move", PATIENCE, |screen| screen.contents() != before);
        pty.wait_quiet(Duration::from_millis(30));
    }
    panic!("Tab does not lead to {mark}");
}

#[test]
fn from_mode_to_a_passed_pull() {
    let desk = Desk::new();
    let mut pty = desk.to_pull();
    let began = Instant::now();
    pty.keys("Enter");
    let screen = pty.wait_for("digests match");
    assert!(began.elapsed() < Duration::from_secs(30));
    assert!(screen.contains("Check digests"), "{screen}");
    assert!(screen.contains("Refuses a push"), "{screen}");
    pty.keys("Enter");
    let screen = pty.wait_for("Give these four values to Okteto");
    for value in [
        "AWS IAM Role",
        "123456789012.dkr.ecr.us-east-2.amazonaws.com",
        "arn:aws:iam::123456789012:role/my-private-registry",
        Answers::AUDIENCE,
    ] {
        assert!(screen.contains(value), "{value} is not on\n{screen}");
    }
    pty.keys("Enter");
    assert_eq!(pty.wait_end(), 0);
    pty.assert_restored();
    for request in desk.blobs().requests() {
        assert_eq!((request.method.as_str(), request.header("authorization")), ("GET", None));
    }
    desk.assert_no_secret(&pty);

    // The answers it kept repeat the run to no changes.
    let answers = find(&desk.run.state(), "answers.toml").expect("saved answers");
    let writes = desk.front.writes();
    let again = desk.run.json("apply", &answers, &["--yes"]).exits(0);
    assert_eq!(again.value()["outcome"], "done");
    assert_eq!(desk.front.writes(), writes, "the second run changes nothing");
}

#[test]
fn enter_at_the_question_sends_nothing() {
    let desk = Desk::new();
    let mut pty = desk.to_question();
    pty.keys("Enter");
    pty.wait_gone("Apply 3 changes?");
    pty.wait_for("Enter apply 3 changes");
    assert_eq!(desk.front.writes(), [""; 0], "the focus is on Back");
}

#[test]
fn a_pull_is_cancelled_within_a_second() {
    let desk = Desk::new();
    let mut pty = desk.to_pull();
    desk.blobs().set(Mischief::Throttle(100_000));
    pty.keys("Enter");
    pty.wait_for("iB/s");
    pty.keys("Ctrl-C");
    pty.wait_until("the stop", Duration::from_secs(1), |screen| {
        screen.contents().contains("Stopped.")
    });
    let began = Instant::now();
    pty.keys("Ctrl-C");
    assert_eq!(pty.wait_end(), 130);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    pty.assert_restored();
    desk.assert_no_secret(&pty);
}

#[test]
fn an_altered_layer_is_seen() {
    let desk = Desk::new();
    let mut pty = desk.to_pull();
    desk.blobs().set(Mischief::Alter);
    pty.keys("Enter");
    pty.wait_for("✗ ");
    let screen = pty.screen();
    assert!(!screen.contains("digests match"), "{screen}");
}

fn find(folder: &std::path::Path, name: &str) -> Option<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    entries.map(|entry| entry.path()).find_map(|path| {
        if path.is_dir() { find(&path, name) } else { path.ends_with(name).then_some(path) }
    })
}
