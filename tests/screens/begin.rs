//! Steps 1 and 2.

use insta::assert_snapshot;
use okteto_ecr::app::task::{End, Job};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::seen::Discovery;
use std::time::Duration;

use super::support::{ASCII, Desk, UTF8};

#[test]
fn the_two_ways() {
    let mut desk = Desk::new();
    desk.press("Esc");
    assert_snapshot!("mode_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("mode_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("mode_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("mode_ascii_80x24", desk.picture(80, 24, ASCII));
    desk.any_size();
    desk.press("Down Enter");
    assert_snapshot!("mode_user_80x24", desk.picture(80, 24, UTF8));
}

#[test]
fn a_login_that_is_waited_for() {
    let mut desk = Desk::new();
    desk.press("Esc r");
    let fault = Fault::new(Cause::CredentialsExpired, "the login of profile ops-dev has expired")
        .remedy("Run in another window: aws sso login --profile ops-dev");
    desk.end(|j| matches!(j, Job::Whoami { .. }), End::Caller(Err(fault)));
    desk.wait(4_000);
    assert_snapshot!("mode_login_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("mode_login_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
}

#[test]
fn identity() {
    let mut desk = Desk::new();
    desk.wait(700);
    let document = Discovery {
        issuer: String::new(),
        jwks_uri: String::new(),
        took: Duration::from_millis(90),
    };
    desk.end(|j| matches!(j, Job::Discover(_)), End::Discovered(Ok((document, 2))));
    desk.press("Tab");
    desk.paste("export AUDIENCE=okteto.example.com/us-west-2\n");
    desk.wait(2_000);
    assert_snapshot!("identity_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("identity_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("identity_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("identity_ascii_80x24", desk.picture(80, 24, ASCII));
    desk.any_size();
    desk.press("Tab Tab");
    desk.paste("arn:aws:iam::112233445566:oidc-provider/container.googleapis.com/v1/projects/p");
    assert_snapshot!("identity_wrong_kind_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("identity_wrong_kind_100x30", desk.picture(100, 30, UTF8));
}
