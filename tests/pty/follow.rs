//! `follow`: a second terminal that looks on.

use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::PathBuf;

use crate::support::{Pty, Run};

/// The sockets that sessions of this state folder listen at.
fn sockets(run: &Run) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(run.state().join("okteto-ecr/follow"));
    let entries = folder.into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    entries.filter(|path| path.metadata().is_ok_and(|is| is.file_type().is_socket())).collect()
}

fn session(run: &Run) -> Pty {
    let mut pty = Pty::start(run, &["--practice"]);
    pty.wait_for("The set-up, guided");
    pty
}

#[test]
fn a_second_terminal_shows_what_the_first_does_and_no_key_of_it() {
    let run = Run::new();
    let mut host = session(&run);
    let mut guest = Pty::start(&run, &["follow"]);
    guest.wait_for("The set-up, guided");
    guest.wait_for("read-only");
    // What is typed there does nothing here.
    guest.keys("Enter Down j x");
    host.keys("Esc");
    host.wait_for("How should the cluster prove who it is?");
    guest.wait_for("How should the cluster prove who it is?");
    host.keys("x");
    guest.wait_for("AWS_SECRET_ACCESS_KEY=");
    host.keys("v");
    let shown = host.wait_for("AWS_SECRET_ACCESS_KEY='");
    let (_, secret) = shown.split_once("AWS_SECRET_ACCESS_KEY='").expect("the line");
    let secret = secret.split('\'').next().expect("a quote").to_owned();
    assert!(secret.len() > 30, "{secret}");
    host.keys("Esc");
    guest.wait_for("How should the cluster prove who it is?");
    assert!(!String::from_utf8_lossy(&guest.raw()).contains(&secret));
    guest.keys("q");
    assert_eq!(guest.wait_end(), 0);
    guest.assert_restored();
    host.keys("Ctrl-C Ctrl-C");
    host.wait_end();
}

#[test]
fn only_its_user_can_follow_and_nothing_is_left_behind() {
    let run = Run::new();
    for end in ["keys", "TERM"] {
        let mut host = session(&run);
        let listening = sockets(&run);
        let [socket] = listening.as_slice() else { panic!("one socket, not {listening:?}") };
        let mode = |path: &std::path::Path| {
            path.metadata().expect("it is there").permissions().mode() & 0o777
        };
        assert_eq!(mode(socket), 0o600);
        assert_eq!(mode(socket.parent().expect("a folder")), 0o700);
        let mut guest = Pty::start(&run, &["follow"]);
        guest.wait_for("The set-up, guided");
        if end == "keys" {
            host.keys("Ctrl-C Ctrl-C");
        } else {
            host.signal(end);
        }
        host.wait_end();
        assert_eq!(guest.wait_end(), 0);
        assert!(guest.screen().contains("the session ended"), "{}", guest.screen());
        guest.assert_restored();
        assert_eq!(sockets(&run), Vec::<PathBuf>::new(), "{end}");
    }
}

#[test]
fn the_follower_masks_account_numbers_and_a_smaller_window_says_so() {
    let run = Run::new();
    let mut host = Pty::sized(&run, &["--practice"], 100, 30);
    host.wait_for("made-up account 112233445566");
    let mut guest = Pty::start(&run, &["follow", "--mask"]);
    let screen = guest.wait_for("in part, whole at 100x30");
    assert!(screen.contains("made-up account xxxxxxxxxxxx"), "{screen}");
    assert!(!String::from_utf8_lossy(&guest.raw()).contains("112233445566"));
    host.keys("Ctrl-C Ctrl-C");
    host.wait_end();
}

#[test]
fn without_a_session_it_says_what_to_do() {
    let run = Run::new();
    let mut guest = Pty::start(&run, &["follow"]);
    assert_eq!(guest.wait_end(), 1);
    let screen = guest.screen();
    assert!(screen.contains("--practice") || screen.contains("session"), "{screen}");
}
