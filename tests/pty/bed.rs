//! The pseudo-terminal itself, by a shell.

use crate::support::{Pty, Run};

#[test]
fn a_shell_is_seen_and_heard() {
    let run = Run::new();
    let script = "stty size; printf '\\033[?1049h\\033[3;5Hhere'; read x; printf '\\033[?1049l%s' \"$x\"; kill -s TERM $$";
    let mut pty = Pty::of("/bin/sh", &run, &["-c", script], 90, 20);
    let screen = pty.wait_for("here");
    assert_eq!(screen.lines().nth(2), Some("    here"));
    assert!(pty.look(vt100::Screen::alternate_screen));
    assert_eq!(pty.cursor(), Some((2, 8)));
    assert!(String::from_utf8_lossy(&pty.raw()).contains("20 90"));
    pty.text("word").keys("Enter");
    assert_eq!(pty.wait_end(), 143);
    assert!(pty.screen().contains("word"));
    pty.assert_restored();
}

#[test]
fn keys_have_their_bytes() {
    let run = Run::new();
    let script =
        "stty raw -echo; printf ready; dd bs=1 count=12 2>/dev/null | od -An -tx1; stty sane";
    let mut pty = Pty::of("/bin/sh", &run, &["-c", script], 80, 24);
    pty.wait_for("ready");
    pty.keys("Tab Shift-Tab Enter Esc Ctrl-C Ctrl-Z Up x");
    pty.wait_for("09 1b 5b 5a 0d 1b 03 1a 1b 5b 41 78");
    assert_eq!(pty.wait_end(), 0);
}

#[test]
fn a_resize_reaches_the_program() {
    let run = Run::new();
    let script = "trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done";
    let mut pty = Pty::of("/bin/sh", &run, &["-c", script], 80, 24);
    pty.wait_for("ready");
    pty.resize(60, 15);
    pty.wait_for("15 60");
    pty.signal("HUP");
    assert_eq!(pty.wait_end(), 129);
}
