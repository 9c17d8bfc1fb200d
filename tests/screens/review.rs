//! The review.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use okteto_ecr::app::step::Step;
use okteto_ecr::app::task::{End, Job, News};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::review::triage::Accepted;
use okteto_ecr::domain::review::{Counts, Review};
use okteto_ecr::ui::theme::Theme;

use super::support::{ASCII, Desk, MONO, UTF8};

#[path = "../../src/domain/review/sample.rs"]
#[allow(dead_code, reason = "not all of it is drawn")]
pub mod sample;

pub fn is_review(job: &Job) -> bool {
    matches!(job, Job::Review(_))
}

/// The review, being read.
pub fn reading() -> Desk {
    let mut desk = Desk::new();
    desk.app.started_unix = Some(sample::NOW);
    desk.press("Esc R");
    assert_eq!(desk.app.step, Step::Review);
    desk
}

/// The review, read.
pub fn of(review: Review) -> Desk {
    let mut desk = reading();
    desk.end(is_review, End::reviewed(review));
    desk
}

fn read() -> Desk {
    let mut desk = of(sample::review());
    desk.wait(1200);
    desk.wait(200_000);
    desk
}

#[test]
fn roles() {
    let mut desk = read();
    desk.press("j");
    assert_snapshot!("roles_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("roles_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("roles_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("roles_ascii_80x24", desk.picture(80, 24, ASCII));
    assert_snapshot!("roles_160x40", desk.picture(160, 40, MONO));
    desk.press("G");
    assert_snapshot!("roles_last_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn while_it_is_read() {
    let mut desk = reading();
    desk.wait(400);
    assert_snapshot!("loading_80x24", desk.picture(80, 24, UTF8));
    let counts = Counts { roles: 1200, trusting: 37, total: Some(5000), ..Counts::default() };
    let some = sample::roles().into_iter().take(4).map(std::sync::Arc::new).collect();
    desk.news(is_review, News::Stage("roles", counts));
    desk.news(is_review, News::RolesJudged(some, counts));
    desk.wait(3000);
    assert_snapshot!("coming_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("coming_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
    // Nothing was looked at of the account yet: that is not the same as nothing being there.
    desk.press("Tab");
    assert_snapshot!("coming_users_80x24", desk.picture(80, 24, UTF8));
    desk.press("Tab Tab Tab Esc");
    desk.end(is_review, End::Stopped);
    desk.wait(9000);
    assert_snapshot!("stopped_80x24", desk.picture(80, 24, UTF8));
}

#[test]
fn empty_failed_and_filtered_to_nothing_look_different() {
    let mut desk = read();
    desk.press("/ z q z");
    assert_snapshot!("filtered_to_nothing_80x24", desk.picture(80, 24, UTF8));
    desk.press("Esc 1 o / a u d : e x Enter");
    assert_snapshot!("filtered_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("filtered_60x15", desk.picture(60, 15, UTF8));
    let mut desk = of(Review { roles: Vec::new(), ..sample::review() });
    desk.wait(1200);
    assert_snapshot!("empty_80x24", desk.picture(80, 24, UTF8));
    let mut desk = reading();
    let denied = Fault::new(Cause::PermissionDenied, "AWS refused iam:ListRoles.")
        .with("action", "iam:ListRoles");
    desk.end(is_review, End::Reviewed(Err(denied)));
    desk.wait(1200);
    assert_snapshot!("failed_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn an_unknown_field_is_told() {
    let mut desk = read();
    desk.press("/ n o : x Enter");
    assert_snapshot!("unknown_field_80x24", desk.picture(80, 24, UTF8));
}

#[test]
fn the_other_tables() {
    let mut desk = read();
    desk.press("Tab");
    assert_snapshot!("users_80x24", desk.picture(80, 24, UTF8));
    desk.press("Enter");
    assert_snapshot!("user_80x24", desk.picture(80, 24, UTF8));
    desk.press("Esc Tab");
    assert_snapshot!("providers_100x30", desk.picture(100, 30, UTF8));
    desk.press("Enter");
    desk.any_size();
    desk.press("Esc Tab");
    assert_snapshot!("account_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn one_role_in_full() {
    let mut desk = read();
    desk.press("j Enter");
    assert_snapshot!("role_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("role_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("role_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("role_ascii_80x24", desk.picture(80, 24, ASCII));
    desk.press("G k k k");
    assert_snapshot!("role_document_80x24", desk.picture(80, 24, UTF8));
    desk.press("g n i");
    assert_snapshot!("finding_80x24", desk.picture(80, 24, UTF8));
    desk.press("Esc");
    desk.any_size();
}

#[test]
fn accepting() {
    let mut desk = read();
    desk.press("G g j j j a Tab Enter");
    assert_snapshot!("accept_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("accept_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
    let mut review = sample::review();
    let found = review.found().find(|f| f.on.name() == "build-cache").unwrap().clone();
    review.triage.as_mut().unwrap().accepted.push(Accepted {
        account: "112233445566".to_owned(),
        on: found.on.to_string(),
        rule: found.finding.rule.to_owned(),
        fingerprint: found.fingerprint(),
        what: String::new(),
        reason: "The cache is written by CI.".to_owned(),
        until: "2026-02-01".parse().unwrap(),
        by: "arn:aws:iam::112233445566:user/dana".to_owned(),
        at: "2025-12-01".parse().unwrap(),
    });
    let mut desk = of(review);
    desk.press("/ b u i l d Enter");
    desk.wait(1200);
    assert_snapshot!("accepted_80x24", desk.picture(80, 24, UTF8));
    desk.press("a");
    assert_snapshot!("take_back_80x24", desk.picture(80, 24, UTF8));
}

#[test]
fn what_is_about_the_whole() {
    let mut desk = read();
    desk.press("i");
    assert_snapshot!("about_80x24", desk.picture(80, 24, UTF8));
    desk.press("Esc e");
    assert_snapshot!("export_80x24", desk.picture(80, 24, UTF8));
}

/// All columns, and wide characters that move none of them.
#[test]
fn columns_are_aligned() {
    let mut desk = read();
    desk.press("Space j j Space");
    let buffer = desk.buffer(220, 30, MONO);
    assert_snapshot!("roles_220x30", desk.picture(220, 30, MONO));
    let column = |word: &str| {
        let row: String = (0..150).map(|x| buffer[(x, 6)].symbol()).collect();
        u16::try_from(row.find(word).unwrap()).unwrap()
    };
    for word in ["Issuer", "Audience", "Subject", "ECR", "Used", "Find"] {
        let x = column(word);
        for y in 7..19 {
            assert_eq!(buffer[(x - 1, y)].symbol(), " ", "{word} {y}");
        }
    }
}

#[test]
fn nothing_from_the_account_steers_the_terminal_and_the_room_sees_no_number() {
    let mask = Theme { mask: true, ..UTF8 };
    let mut desk = read();
    for keys in ["", "Enter", "i", "Esc", "Esc", "/ c l e a r Enter", "Enter", "i"] {
        desk.press(keys);
        for (width, height) in [(60, 15), (80, 24), (100, 30), (200, 40)] {
            let buffer = desk.buffer(width, height, mask);
            for cell in &buffer.content {
                let bad = |c: char| c.is_control() || c == '\u{200f}';
                assert!(!cell.symbol().chars().any(bad), "{:?}", cell.symbol());
            }
            let picture = desk.picture(width, height, mask);
            assert!(!picture.contains("112233445566"), "{picture}");
        }
    }
}

/// 99 of 100 keys are acted on and drawn within 8 ms, with 10,000 roles. Each key is timed in five runs and the shortest
/// counts: what else the machine does is not what is measured.
#[test]
fn keys_are_answered_at_once_with_ten_thousand_roles() {
    const KEYS: &str = "j j j j j j j j j j k k k k k G k k k k k k g j j j j j G g j k j k j k \
        / t e a m - 1 Enter j j j G k k g Esc / a u d : o k t e t o - 9 Enter j j G g Esc \
        / s e v : h i g h Space - i s : o k t e t o Enter G k k Esc / z z z Esc \
        / u s e d : > 9 0 d Space e c r : p u l l Enter j j G Esc \
        s j j s j j s j j s j j s j j 1 j j 2 j j 3 j j 3 o j j o j j Space j Space j Space j k \
        / i s : m a r k e d Enter j k Esc Enter j j j j n N G g Esc j k Tab j Tab j Tab j Tab j k G g";
    let keys: Vec<&str> = KEYS.split_whitespace().collect();
    let mut shortest = vec![Duration::MAX; keys.len()];
    let mut desk = of(sample::many(10_000));
    desk.wait(5000);
    desk.buffer(100, 30, UTF8);
    let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(100, 30)).unwrap();
    for _ in 0..5 {
        for (key, best) in keys.iter().zip(&mut shortest) {
            let began = Instant::now();
            desk.press(key);
            let app = &desk.app;
            terminal.draw(|frame| okteto_ecr::ui::view::draw(frame, app, UTF8)).unwrap();
            *best = (*best).min(began.elapsed());
        }
    }
    let mut slowest: Vec<(Duration, &str)> = shortest.into_iter().zip(keys).collect();
    slowest.sort();
    let at = slowest.len() * 99 / 100;
    assert!(slowest[at].0 < Duration::from_millis(8), "{:?}", &slowest[at - 10..]);
}

#[test]
fn the_picture_of_the_readme() {
    super::svg::assert_is("review", &of(sample::review()).buffer(100, 30, UTF8));
}
