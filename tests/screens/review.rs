//! The review.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use okteto_ecr::app::message::Message;
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
    desk.end(is_review, End::Reviewed(Ok(Box::new(review))));
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
