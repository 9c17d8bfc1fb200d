//! Runs that stopped are gone on with, and runs are taken back; a login that ends is waited for.

use std::time::Duration;

use okteto_ecr::app::input::{Code, Key};
use okteto_ecr::app::message::Exit;
use okteto_ecr::app::step::Step;
use okteto_ecr::practice::account::difficulty::What;
use serde_json::{Value, json};
use tokio::runtime::Builder;

use crate::world::{OPERATOR, Practice, deny, draft};
use crate::{Desk, user};

const ROLE: &str = "my-private-registry";

fn letter(c: char) -> Key {
    Key::plain(Code::Char(c))
}

/// The roles and providers that are there.
async fn there(practice: &Practice) -> (usize, usize) {
    let count = |list: &Value| list.as_array().map_or(0, Vec::len);
    let roles = practice.colleague("ListRoles", json!({})).await;
    let providers = practice.colleague("ListOpenIDConnectProviders", json!({})).await;
    (count(&roles["Roles"]), count(&providers["OpenIDConnectProviderList"]))
}

/// Everything made.
async fn made(practice: &Practice) -> Desk {
    let mut desk = Desk::on(practice);
    desk.go_to_plan().await;
    desk.apply().await;
    desk.until("All is made").await;
    desk
}

/// A program of its own: with it everything that it does ends.
fn program<T>(work: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(work)
}

#[test]
fn a_run_whose_program_died_is_gone_on_with_and_taken_back() {
    let practice = Practice::new();
    let before = program(async {
        let before = there(&practice).await;
        let mut desk = Desk::on(&practice);
        practice.trouble("iam:CreateRole", 0, Some(1), What::Slow(Duration::from_secs(20)));
        desk.go_to_plan().await;
        desk.apply().await;
        desk.until("sent, waiting    0:05").await;
        before
    });
    program(gone_on_with(&practice, before));
}

async fn gone_on_with(practice: &Practice, before: (usize, usize)) {
    let mut again = Desk::run(practice, "run-2", draft());
    again.until("You stopped here before").await;
    again.until("112233445566").await;
    again.key(letter('c'));
    let screen = again.until("not answered: role my-private-registry").await;
    assert!(screen.contains("1 of 3 calls done"), "{screen}");
    again.enter();
    again.until("Enter apply 2 changes").await;
    // What was in flight is known by now: it was not made.
    assert_eq!((again.app.step, again.app.changes_made), (Step::Apply, 1));
    assert!(!again.screen().contains("perhaps"), "{}", again.screen());
    again.apply().await;
    again.until("All is made").await;
    assert_eq!(practice.writes(), 4, "the provider was not made twice");

    // All of it is taken back, by the same journal.
    again.key(letter('u'));
    again.until("Enter take back, 3 calls").await;
    again.enter();
    again.say_yes();
    again.until("Taken back: nothing of run run-1 is left in AWS.").await;
    assert_eq!(there(practice).await, before);
    assert_eq!((again.app.changes_made, again.app.exit_now()), (0, Exit::Left));

    let mut third = Desk::run(practice, "run-3", draft());
    third.until("112233445566").await;
    third.key(letter('c'));
    third.until("taken back").await;
}

#[tokio::test(start_paused = true)]
async fn a_run_is_taken_back_from_step_4_and_can_be_made_again() {
    let practice = Practice::new();
    let before = there(&practice).await;
    let mut desk = made(&practice).await;
    desk.key(letter('u'));
    desk.until("Enter take back, 3 calls").await;
    desk.enter();
    desk.say_yes();
    desk.until("Taken back: nothing of run run-1 is left in AWS.").await;
    assert_eq!((there(&practice).await, practice.writes()), (before, 6));
    desk.enter();
    desk.until("Enter apply 3 changes").await;
    desk.apply().await;
    desk.until("All is made").await;
    assert_eq!(desk.app.changes_made, 3);
}

#[tokio::test(start_paused = true)]
async fn leaving_takes_it_back_first_if_so_wished() {
    let practice = Practice::new();
    let mut desk = made(&practice).await;
    desk.key(letter('q'));
    desk.until("Take it back, then leave").await;
    desk.key(Key::plain(Code::Tab));
    desk.key(Key::plain(Code::Tab));
    desk.enter();
    desk.until("Enter take back, 3 calls").await;
    desk.enter();
    desk.say_yes();
    desk.until("Enter leave").await;
    desk.enter();
    assert_eq!(desk.ended, Some(Exit::Left));
}

#[tokio::test(start_paused = true)]
async fn what_was_altered_since_is_decided_by_its_name() {
    let practice = Practice::new();
    let before = there(&practice).await;
    let mut desk = made(&practice).await;
    let edit = json!({"RoleName": ROLE, "MaxSessionDuration": 7200});
    practice.colleague("UpdateRole", edit).await;
    desk.key(letter('u'));
    let screen = desk.until("altered").await;
    assert!(screen.contains("7200"), "{screen}");
    desk.enter();
    assert!(desk.app.overlay.is_none(), "{}", desk.screen());
    desk.key(letter(' '));
    desk.until("Enter take back, 3 calls").await;
    desk.enter();
    assert!(desk.screen().contains("Type my-private-registry"), "{}", desk.screen());
    desk.say_yes();
    desk.until("Taken back").await;
    assert_eq!(there(&practice).await, before);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_does_not_stop_the_rest_and_only_that_is_left() {
    let practice = Practice::new();
    let before = there(&practice).await;
    let mut desk = made(&practice).await;
    let (name, policy) = deny("iam:DeleteOpenIDConnectProvider");
    let forbid = json!({"UserName": OPERATOR, "PolicyName": name, "PolicyDocument": policy});
    practice.colleague("PutUserPolicy", forbid).await;
    desk.key(letter('u'));
    desk.until("Enter take back, 3 calls").await;
    desk.enter();
    desk.say_yes();
    let screen = desk.until("Not all of it went: 2 of 3 done").await;
    assert!(screen.contains("permission-denied"), "{screen}");
    desk.until("taken back in part").await;
    assert_eq!(desk.app.exit_now(), Exit::LeftWithChanges);
    let mended = json!({"UserName": OPERATOR, "PolicyName": name});
    practice.colleague("DeleteUserPolicy", mended).await;
    desk.key(letter('r'));
    desk.until("Enter take back, 1 call").await;
    desk.enter();
    desk.say_yes();
    desk.until("Taken back: nothing of run run-1 is left in AWS.").await;
    assert_eq!((there(&practice).await, desk.app.exit_now()), (before, Exit::Left));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_ends_is_waited_for_in_sight() {
    let practice = Practice::new();
    let mut desk = Desk::on(&practice);
    desk.go_to_plan().await;
    desk.until("Enter apply 3 changes").await;
    practice.trouble("iam:CreateRole", 0, Some(1), What::Expire);
    practice.trouble("sts:GetCallerIdentity", 3, Some(20), What::Expire);
    desk.apply().await;
    let screen = desk.until("waiting: login expired").await;
    assert!(screen.contains("It goes on by itself"), "{screen}");
    assert!(screen.contains("Waiting: the login has expired"), "{screen}");
    desk.until("All is made").await;
    assert_eq!(desk.app.changes_made, 3);
}

/// Its secret went with the program: who goes on is told, and deletes it by one key.
#[tokio::test(start_paused = true)]
async fn a_key_that_nobody_has_is_known_to_whoever_goes_on() {
    let practice = Practice::new();
    let mut desk = user::desk(&practice, "kubernetes");
    practice.trouble("iam:CreateAccessKey", 0, Some(1), What::Lose);
    desk.go_to_user_plan().await;
    desk.apply().await;
    desk.until("f plans its deletion").await;
    drop(desk);

    let mut again = Desk::run(&practice, "run-2", draft());
    again.until("You stopped here before").await;
    again.until("112233445566").await;
    again.key(letter('c'));
    again.until("Enter continue").await;
    again.enter();
    again.until("A key was made whose secret nobody has. f plans its deletion.").await;
    again.key(letter('f'));
    again.until("Enter apply 1 change").await;
    again.enter();
    again.say_yes();
    again.until("needed").await;
    assert_eq!(again.user_keys().await, []);
    again.apply().await;
    again.until("All is made").await;
    assert_eq!(again.user_keys().await.len(), 1);
    assert_eq!(again.app.apply.not_known_yet().count(), 0);
}
