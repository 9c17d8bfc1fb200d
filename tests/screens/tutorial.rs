//! The tutorial beside what is sent.

use insta::assert_snapshot;
use okteto_ecr::app::step::Step;
use okteto_ecr::app::task::{End, Job};
use okteto_ecr::domain::tutorial::Said;
use ratatui::style::Modifier;
use serde_json::json;

use super::support::{ASCII, Desk, MONO, UTF8};

fn asks(job: &Job) -> bool {
    matches!(job, Job::AskPrinted(_))
}

/// Come to from the trust policy.
fn opened() -> Desk {
    let mut desk = Desk::in_practice();
    desk.press("Enter t");
    assert_eq!(desk.app.step, Step::Tutorial);
    desk
}

fn refused(code: &str, message: &str) -> Said {
    Said::Refused { code: code.to_owned(), message: message.to_owned(), status: 400 }
}

#[test]
fn the_trust_policy_as_printed_and_as_sent() {
    let mut desk = opened();
    assert_snapshot!("tutorial_trust_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("tutorial_trust_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("tutorial_trust_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("tutorial_trust_ascii_80x24", desk.picture(80, 24, ASCII));
    assert_snapshot!("tutorial_trust_ascii_100x30", desk.picture(100, 30, ASCII));
    assert_snapshot!("tutorial_trust_styles_100x30", format!("{:?}", desk.buffer(100, 30, UTF8)));
    desk.any_size();
    desk.press("n n");
    assert_snapshot!("tutorial_trust_last_defect_60x15", desk.picture(60, 15, UTF8));
    desk.press("n Tab");
    assert_snapshot!("tutorial_trust_sent_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("tutorial_trust_sent_60x15", desk.picture(60, 15, UTF8));
    desk.press("i");
    assert_snapshot!("tutorial_trust_whole_80x24", desk.picture(80, 24, UTF8));
}

#[test]
fn what_aws_answers_to_the_printed() {
    let mut desk = opened();
    desk.press("Enter");
    assert_snapshot!("tutorial_asking_80x24", desk.picture(80, 24, UTF8));
    let provider = || {
        Said::Done(json!({"OpenIDConnectProviderArn": "arn:aws:iam::112233445566:oidc-provider/x"}))
    };
    let colon = refused("MalformedPolicyDocument", "Condition can contain only one colon.");
    desk.end(asks, End::Printed(vec![provider(), colon]));
    let role = Said::Done(json!({"Role": {
        "Path": "/",
        "RoleName": "my-private-registry",
        "RoleId": "AROAEXAMPLE",
        "Arn": "arn:aws:iam::112233445566:role/my-private-registry",
    }}));
    desk.end(asks, End::Printed(vec![provider(), role]));
    assert_snapshot!("tutorial_answers_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("tutorial_answers_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("tutorial_answers_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("tutorial_answers_ascii_80x24", desk.picture(80, 24, ASCII));
    desk.any_size();
}

#[test]
fn the_values_for_okteto_and_the_exports() {
    let mut desk = opened();
    desk.press("G");
    assert_snapshot!("tutorial_values_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("tutorial_values_60x15", desk.picture(60, 15, UTF8));
    desk.press("g");
    assert_snapshot!("tutorial_user_100x30", desk.picture(100, 30, UTF8));
    desk.press("Down Down Down Down");
    assert_snapshot!("tutorial_exports_80x24", desk.picture(80, 24, UTF8));
    for _ in 0..14 {
        desk.any_size();
        desk.press("Down");
    }
}

#[test]
fn without_colour_a_mark_is_told_by_weight_and_number() {
    let mut desk = opened();
    let picture = desk.picture(80, 40, MONO);
    for mark in ["✗1", "✗2", "✗3"] {
        assert!(picture.contains(mark), "{mark}:\n{picture}");
    }
    let buffer = desk.buffer(80, 40, MONO);
    let of = |modifier: Modifier| -> String {
        let cells = buffer.content.iter().filter(|cell| cell.modifier.contains(modifier));
        cells.map(ratatui::buffer::Cell::symbol).collect()
    };
    assert!(of(Modifier::REVERSED).contains("\"${ROLE_ARN}\""));
    assert!(of(Modifier::UNDERLINED).contains("\"${OIDC_ENDPOINT}:aud\""));
}

#[test]
fn masked_it_shows_no_account() {
    let mut desk = opened();
    desk.press("G");
    let masked = okteto_ecr::ui::theme::Theme { mask: true, ..UTF8 };
    let picture = desk.picture(100, 30, masked);
    assert!(picture.contains("xxxxxxxxxxxx.dkr.ecr"), "{picture}");
    assert!(!picture.contains("112233445566"), "{picture}");
}
