//! Step 3.

use insta::assert_snapshot;
use okteto_ecr::app::task::{End, Job};
use okteto_ecr::domain::seen::SeenRepository;

use super::support::{ASCII, Desk, UTF8};

fn access() -> Desk {
    let mut desk = Desk::new();
    desk.press("Enter");
    desk
}

/// On the changed line of the audience.
fn trust() -> Desk {
    let mut desk = access();
    desk.press("Tab n n n");
    desk
}

#[test]
fn permissions() {
    let mut desk = access();
    assert_snapshot!("permissions_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("permissions_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("permissions_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
    desk.press("Down Down");
    assert_snapshot!("permissions_chosen_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn trust_policy() {
    let mut desk = trust();
    assert_snapshot!("trust_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("trust_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("trust_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("trust_ascii_80x24", desk.picture(80, 24, ASCII));
    desk.picture(100, 30, ASCII);
    assert_snapshot!("trust_styles_100x30", format!("{:?}", desk.buffer(100, 30, UTF8)));
    desk.any_size();
    desk.press("d");
    assert_snapshot!("trust_alone_100x30", desk.picture(100, 30, UTF8));
    desk.press("w");
    assert_snapshot!("trust_wrapped_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
    desk.press("i");
    assert_snapshot!("trust_story_80x24", desk.picture(80, 24, UTF8));
    desk.press("G");
    assert_snapshot!("trust_story_end_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn trust_policy_searched() {
    let mut desk = access();
    desk.press("Tab / o i d c Enter");
    assert_snapshot!("trust_search_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("trust_search_60x15", desk.picture(60, 15, UTF8));
    desk.press("i / n o n e");
    assert_snapshot!("trust_story_search_60x15", desk.picture(60, 15, ASCII));
    desk.any_size();
}

#[test]
fn permission_policy() {
    let mut desk = access();
    desk.press("Tab Tab");
    assert_snapshot!("policy_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("policy_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn options() {
    let mut desk = access();
    desk.press("Down Down Tab Tab Tab").paste("team/app team/web");
    desk.press("Tab").paste("okteto").press("Tab");
    assert_snapshot!("options_80x24", desk.picture(80, 24, UTF8));
    desk.press("BackTab");
    assert_snapshot!("options_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("options_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
}

#[test]
fn repositories() {
    let mut desk = access();
    desk.press("Down Down /").wait(3000);
    assert_snapshot!("repositories_asked_80x24", desk.picture(80, 24, UTF8));
    let seen = ["base/debian", "team/app", "team/web", "tools"];
    let seen = seen.map(|n| SeenRepository { name: n.to_owned() }).to_vec();
    desk.end(|j| matches!(j, Job::Repositories(_)), End::Repositories(Ok(seen)));
    desk.press("Down Space Down Space / t e a m");
    assert_snapshot!("repositories_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn the_picture_of_the_readme() {
    super::svg::assert_is("access", &trust().buffer(100, 30, UTF8));
}
