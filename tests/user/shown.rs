//! A secret that is shown: on the terminal's second screen, until a key is pressed, and nowhere after that.

use secrecy::ExposeSecret;

use crate::key::{Key, USER, answers, assert_passed, write};
use crate::support::{Pty, assert_nowhere};
use crate::world::{ACCOUNT, IMAGE, World};

/// The user's newest key, as the account has it.
fn made(world: &World) -> Key {
    let account = world.practice.served.front.account();
    let (id, secret) = account.credentials(USER).expect("a key");
    Key { id, secret: secret.expose_secret().to_owned() }
}

#[test]
fn it_is_on_the_second_screen_and_nowhere_after_it() {
    let world = World::new();
    let run = &world.run;
    let answers = write(run, "answers.toml", &answers(ACCOUNT, "show", IMAGE));
    let file = answers.display().to_string();
    let mut terminal = Pty::start(run, &["apply", "--answers", &file, "--yes"]);
    // The last line of that screen.
    terminal.wait_for("two minutes");
    let key = made(&world);
    let shown = terminal.screen();
    assert!(shown.contains(&key.id) && shown.contains(&key.secret), "it is not shown whole");
    assert!(terminal.look(vt100::Screen::alternate_screen), "it is on the screen that stays");
    terminal.send("x");
    assert_eq!(terminal.wait_end(), 0);
    terminal.assert_restored();
    let left = terminal.screen();
    assert!(left.contains(&key.id) && !left.contains(&key.secret), "{left}");
    // Between entering the second screen and leaving it, once, and never in the title.
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    let (before, rest) = raw.split_once("\x1b[?1049h").expect("a second screen");
    let (during, after) = rest.split_once("\x1b[?1049l").expect("its end");
    assert_eq!(during.matches(&key.secret).count(), 1);
    assert_nowhere(&key.secret, &[before, after], run.home());

    // It works, given by hand.
    let given = world.place("key.env");
    std::fs::write(&given, key.text()).unwrap();
    let given = given.display().to_string();
    let words = ["--wait", "0", "--access-key-file", &given];
    let pull = world.pull_test(&answers, &words).exits(0);
    assert_passed(&pull);
    assert_nowhere(&key.secret, &pull.outputs(), run.home());
}

#[test]
fn whatever_ends_the_program_takes_it_off_the_screen() {
    for signal in ["TERM", "HUP"] {
        let world = World::new();
        let run = &world.run;
        let answers = write(run, "answers.toml", &answers(ACCOUNT, "show", IMAGE));
        let file = answers.display().to_string();
        let mut terminal = Pty::start(run, &["apply", "--answers", &file, "--yes"]);
        terminal.wait_for("two minutes");
        let key = made(&world);
        terminal.signal(signal);
        terminal.wait_end();
        terminal.assert_restored();
        assert!(!terminal.screen().contains(&key.secret), "it is left on the screen");
        assert_nowhere(&key.secret, &[], run.home());
    }
}
