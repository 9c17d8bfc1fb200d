//! Terminal manners: the first frame, every way out, sizes, colours, keys.

use std::time::{Duration, Instant};

use crate::support::{Hang, Pty, Run};

const FIRST: &str = "How should the cluster prove who it is?";

/// The wizard before an AWS that never answers.
fn started() -> (Hang, Run) {
    let hang = Hang::start();
    let run = Run::on_hang(&hang);
    (hang, run)
}

#[test]
fn the_first_frame_needs_no_network() {
    let (_hang, run) = started();
    let began = Instant::now();
    let mut pty = Pty::start(&run, &[]);
    let screen = pty.wait_for(FIRST);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(screen.lines().nth(1).unwrap_or_default().contains('1'), "{screen}");
    assert!(screen.contains("? help"), "{screen}");
}

#[test]
fn two_interrupts_leave_while_aws_hangs() {
    let (hang, run) = started();
    let mut pty = Pty::start(&run, &[]);
    pty.wait_for(FIRST);
    let end = Instant::now() + Duration::from_secs(20);
    while hang.connections() == 0 && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(hang.connections() > 0, "it asks who is calling");
    let began = Instant::now();
    pty.keys("Ctrl-C Ctrl-C");
    assert_eq!(pty.wait_end(), 130);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    pty.assert_restored();
}

#[test]
fn a_signal_restores_the_terminal_and_ends_it() {
    for (name, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let (_hang, run) = started();
        let mut pty = Pty::start(&run, &[]);
        pty.wait_for(FIRST);
        pty.signal(name);
        assert_eq!(pty.wait_end(), code, "{name}");
        pty.assert_restored();
    }
}

#[test]
fn escape_never_leaves_and_leaving_is_not_success() {
    let (_hang, run) = started();
    let mut pty = Pty::start(&run, &[]);
    pty.wait_for(FIRST);
    for _ in 0..20 {
        pty.keys("Esc");
    }
    pty.wait_for("q quits");
    // A letter right behind an Esc is Alt and the letter.
    pty.wait_quiet(Duration::from_millis(200));
    pty.keys("q");
    pty.wait_for("Leave the wizard?");
    // Enter stays; then the interrupt, twice, leaves from the question too.
    pty.keys("Enter");
    pty.wait_gone("Leave the wizard?");
    pty.keys("q");
    pty.wait_for("Leave the wizard?");
    pty.keys("Ctrl-C Ctrl-C");
    assert_ne!(pty.wait_end(), 0);
    pty.assert_restored();
}

#[test]
fn printable_keys_are_text_in_a_field() {
    let (_hang, run) = started();
    let mut pty = Pty::start(&run, &[]);
    pty.wait_for(FIRST);
    pty.keys("Enter");
    pty.wait_for("2 Identity");
    pty.keys("Ctrl-U").text("a?b");
    pty.wait_for("a?b");
    pty.keys("Ctrl-U").paste("one\ntwo\n");
    pty.wait_for("not taken: this field takes one");
    pty.keys("F1");
    pty.wait_for("Who signs the cluster's tokens");
}

#[test]
fn a_small_window_says_what_it_needs_and_keeps_what_was_typed() {
    let (_hang, run) = started();
    let mut pty = Pty::start(&run, &[]);
    pty.wait_for(FIRST);
    pty.keys("Enter");
    pty.wait_for("2 Identity");
    pty.keys("Ctrl-U").text("https://kept.example");
    pty.wait_for("https://kept.example");
    pty.resize(48, 11);
    pty.wait_for("60 x 15");
    pty.resize(60, 15);
    pty.wait_for("https://kept.example");
    pty.resize(100, 30);
    pty.wait_for("https://kept.example");
    for (columns, rows) in [(1, 1), (300, 100), (2, 40), (200, 2)] {
        pty.resize(columns, rows);
        pty.wait_quiet(Duration::from_millis(50));
    }
    pty.resize(80, 24);
    pty.wait_for("https://kept.example");
}

#[test]
fn a_dumb_terminal_is_refused_in_one_sentence() {
    let run = started().1.env("TERM", "dumb");
    let mut pty = Pty::start(&run, &[]);
    assert_eq!(pty.wait_end(), 2);
    assert!(!pty.raw().contains(&0x1b), "no escape codes: {:?}", pty.screen());
    assert_eq!(pty.screen().trim().lines().count(), 1, "{}", pty.screen());
}

#[test]
fn without_colour_there_is_none_and_weight_stays() {
    let run = started().1.env("NO_COLOR", "1");
    let mut pty = Pty::start(&run, &[]);
    pty.wait_for(FIRST);
    pty.keys("Enter");
    pty.wait_for("2 Identity");
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    assert!(!raw.contains("\x1b[m") && !raw.contains("\x1b[;m"), "a bare reset kills bold");
    for sequence in raw.split("\x1b[").skip(1) {
        let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
        let (codes, rest) = sequence.split_at(end);
        if rest.starts_with('m') {
            let coloured = |code: &str| {
                code.parse()
                    .is_ok_and(|n: u32| matches!(n, 30..=38 | 40..=48 | 90..=97 | 100..=107))
            };
            assert!(!codes.split(';').any(coloured), "a colour: {codes}");
        }
    }
    let bold = pty.look(|screen| {
        let cells = (0..24).flat_map(|row| (0..80).map(move |column| (row, column)));
        cells.filter_map(|(row, column)| screen.cell(row, column)).any(vt100::Cell::bold)
    });
    assert!(bold, "bold stays");
}

#[test]
fn in_ascii_every_byte_is() {
    let (_hang, run) = started();
    let mut pty = Pty::start(&run, &["--ascii"]);
    pty.wait_for(FIRST);
    pty.keys("Enter");
    pty.wait_for("2 Identity");
    let raw = pty.raw();
    assert!(raw.is_ascii(), "{:?}", pty.screen());
}

#[test]
fn idle_it_writes_nothing() {
    let run = Run::new().env("AWS_REGION", "us-east-2");
    let mut pty = Pty::start(&run, &[]);
    pty.wait_for(FIRST);
    pty.keys("Enter");
    pty.wait_for("2 Identity");
    pty.wait_quiet(Duration::from_millis(200));
    let before = pty.raw().len();
    std::thread::sleep(Duration::from_secs(3));
    let more = pty.raw().len() - before;
    // A missing login is asked for again now and then, and its waiting time ticks.
    assert!(more < 2_000, "{more} bytes in 3 s");
}
