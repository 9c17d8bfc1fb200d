//! Practice: the word stands in row 1 of everything, and nothing else changes its place.

use insta::assert_snapshot;
use okteto_ecr::app::input::{Input, Key};
use okteto_ecr::app::message::Message;
use okteto_ecr::app::task::{End, Job};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::seen::Discovery;
use okteto_ecr::ui::theme::Theme;
use ratatui::style::{Color, Modifier};
use std::time::Duration;

use super::support::{ASCII, Desk, MONO, UTF8};

const SIZES: [(u16, u16); 3] = [(80, 24), (100, 30), (60, 15)];

#[test]
fn the_first_two_screens() {
    let mut desk = Desk::in_practice();
    desk.wait(700);
    let took = Duration::from_millis(4);
    let document = Discovery { issuer: String::new(), jwks_uri: String::new(), took };
    desk.end(|j| matches!(j, Job::Discover(_)), End::Discovered(Ok((document, 1))));
    desk.press("Tab");
    desk.message(Message::Input(Input::Key(Key::ctrl('u'))));
    assert_snapshot!("practice_identity_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("practice_identity_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("practice_identity_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("practice_identity_ascii_80x24", desk.picture(80, 24, ASCII));
    assert_snapshot!("practice_identity_mono_80x24", desk.picture(80, 24, MONO));
    desk.any_size();
    desk.press("Right");
    assert!(desk.picture(80, 24, UTF8).contains("5 of 5 ready"), "the grey audience is taken");
    desk.press("Esc");
    assert_snapshot!("practice_mode_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("practice_mode_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("practice_mode_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("practice_mode_ascii_80x24", desk.picture(80, 24, ASCII));
    assert_snapshot!("practice_mode_mono_80x24", desk.picture(80, 24, MONO));
}

#[test]
fn row_1_says_so_over_and_under_everything() {
    // Every step, and what can lie over it.
    for over in ["", "?", "L", "q", "i"] {
        let mut desk = Desk::in_practice();
        says_so(&mut desk, "identity");
        desk.press("Esc");
        desk.press(over);
        says_so(&mut desk, over);
    }
    let mut desk = Desk::in_practice();
    for step in 3..=6 {
        desk.press(if step == 6 { "Esc" } else { "Enter" });
        says_so(&mut desk, &format!("step {step}"));
    }
    let mut desk = Desk::in_practice();
    desk.press("Esc r");
    let fault = Fault::new(Cause::Unreachable, "it is not there");
    desk.end(|j| matches!(j, Job::Whoami { .. }), End::Caller(Err(fault)));
    says_so(&mut desk, "without a login");
}

/// At every size that holds the word, and in any colours.
#[track_caller]
fn says_so(desk: &mut Desk, what: &str) {
    for (columns, rows) in SIZES.into_iter().chain([(59, 15), (30, 8), (12, 3), (300, 60)]) {
        for theme in [UTF8, MONO, ASCII] {
            let picture = desk.picture(columns, rows, theme);
            assert!(picture.starts_with(" PRACTICE"), "{what} {columns}x{rows}:\n{picture}");
        }
    }
}

#[test]
fn without_colour_the_word_is_told_by_weight() {
    let mut desk = Desk::in_practice();
    let mut cell = |theme: Theme| desk.buffer(80, 24, theme)[(1, 0)].clone();
    assert_eq!(cell(MONO).fg, Color::Reset);
    for theme in [UTF8, MONO, ASCII] {
        let cell = cell(theme);
        assert!(cell.modifier.contains(Modifier::BOLD | Modifier::REVERSED), "{cell:?}");
    }
    // A question dims what lies under it, but not this.
    desk.press("Esc q");
    assert!(!desk.buffer(80, 24, MONO)[(1, 0)].modifier.contains(Modifier::DIM));
}

#[test]
fn masked_it_shows_no_account() {
    let mut desk = Desk::in_practice();
    let masked = Theme { mask: true, ..UTF8 };
    let picture = desk.picture(80, 24, masked);
    assert!(picture.contains("made-up account xxxxxxxxxxxx"), "{picture}");
    assert!(!picture.contains("112233445566"), "{picture}");
}

#[test]
fn the_last_words_say_what_it_was() {
    let words = Desk::in_practice().app.last_words().join("\n");
    assert!(words.starts_with("PRACTICE") && words.contains("AWS was not asked"), "{words}");
    assert!(!Desk::new().app.last_words().join("\n").contains("PRACTICE"));
}
