//! The rotation of a user's key by keys: to its end, left and gone on with, taken back.

use std::time::Duration;

use okteto_ecr::app::input::{Code, Key};
use okteto_ecr::app::overlay::Overlay;
use okteto_ecr::app::step::Step;
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::practice::account::difficulty::What;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::Desk;
use crate::user::{USER, desk, letter, place};
use crate::world::Practice;

/// A key was made, pulled with and handed over.
async fn handed_over(secret_to: &str) -> Desk {
    let mut desk = desk(&Practice::new(), secret_to);
    desk.make_key().await;
    desk.pull().await;
    desk.enter();
    desk.until("Secret Access Key").await;
    // Which of two keys is the older, their times of making say, which are whole seconds.
    tokio::time::sleep(Duration::from_hours(1)).await;
    desk
}

impl Desk {
    /// Enter opens a question, which is answered with yes; then the rotation is further.
    async fn go_on(&mut self, until: &str) -> String {
        self.enter();
        self.say_yes();
        self.until(until).await
    }

    /// The second key is made and pulled with.
    async fn second(&mut self) {
        self.key(letter('K'));
        self.until("Enter make a second key").await;
        self.go_on("Enter pull with the new key").await;
        self.enter();
        self.until("digests match").await;
        self.enter();
        self.until("Enter Okteto has it").await;
        assert_eq!(self.app.step, Step::Rotation);
    }

    async fn statuses(&self) -> Vec<String> {
        self.user_keys().await.into_iter().map(|(_, status)| status).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn to_the_end_there_is_one_key_again_and_okteto_was_never_without() {
    for secret_to in ["kubernetes", "show"] {
        let mut desk = handed_over(secret_to).await;
        let [(old, _)] = desk.user_keys().await.try_into().unwrap();
        desk.second().await;
        assert_eq!(desk.statuses().await, ["Active", "Active"]);
        let key = match secret_to {
            "show" => desk.app.apply.held.last().cloned().unwrap(),
            _ => desk.in_secret().await,
        };
        assert_ne!(key.id.as_str(), old);
        let report = desk.app.pull.run.as_ref().unwrap().report().unwrap();
        assert_eq!(report.key.as_ref(), Some(&key.id), "pulled with the new one");
        // Not yet: nothing goes on.
        desk.enter();
        desk.enter();
        assert!(desk.screen().contains("Enter Okteto has it"), "{}", desk.screen());
        let screen = desk.go_on("inactive").await;
        assert!(screen.contains(&format!("make {old} inactive")), "{screen}");
        assert_eq!(desk.statuses().await, ["Active", "Active"], "only looked at");
        let screen = desk.go_on("Enter delete").await;
        assert!(screen.contains(&format!("delete {old}")), "{screen}");
        let off = |keys: Vec<(String, String)>| {
            keys.into_iter().find(|(_, status)| status == "Inactive").map(|(id, _)| id)
        };
        assert_eq!(off(desk.user_keys().await), Some(old.clone()));
        // Its last use is read again.
        desk.key(letter('r'));
        desk.until("Enter delete").await;
        desk.go_on("Enter to step 6").await;
        let [(left, status)] = desk.user_keys().await.try_into().unwrap();
        assert_eq!((left.as_str(), status.as_str()), (key.id.as_str(), "Active"));
        desk.enter();
        let screen = desk.until("Secret Access Key").await;
        assert!(screen.contains(key.id.as_str()) && !screen.contains(&old), "{screen}");
        desk.assert_unseen(&key);
    }
}

#[tokio::test(start_paused = true)]
async fn left_in_the_middle_another_run_goes_on_where_the_keys_say() {
    let mut desk = handed_over("kubernetes").await;
    let [(old, _)] = desk.user_keys().await.try_into().unwrap();
    desk.second().await;
    // Left and entered again in the same run: what was said and tested still counts.
    desk.go_on("inactive").await;
    desk.key(Key::plain(Code::Esc));
    assert_eq!(desk.app.step, Step::Okteto);
    assert!(desk.screen().contains("K goes on with it"), "{}", desk.screen());
    desk.key(letter('K'));
    desk.until(&format!("Enter make {old} inactive")).await;

    // In another run nobody remembers the pull, so that it is made again.
    let mut again = self::desk(&desk.practice, "kubernetes");
    again.until("112233445566").await;
    again.key(letter('K'));
    again.until("Enter pull with the new key").await;
    again.enter();
    again.until("digests match").await;
    again.enter();
    again.until("Enter Okteto has it").await;
    again.go_on(&format!("Enter make {old} inactive")).await;
    again.go_on(&format!("Enter delete {old}")).await;

    // And in a third one the deletion.
    let mut third = self::desk(&desk.practice, "kubernetes");
    third.until("112233445566").await;
    third.key(letter('K'));
    third.until(&format!("Enter delete {old}")).await;
    third.go_on("Enter to step 6").await;
    assert_eq!(third.statuses().await, ["Active"]);
}

#[tokio::test(start_paused = true)]
async fn the_old_key_can_be_made_active_again_until_it_is_deleted() {
    let mut desk = handed_over("kubernetes").await;
    let [(old, _)] = desk.user_keys().await.try_into().unwrap();
    desk.second().await;
    desk.go_on("inactive").await;
    desk.go_on(&format!("Enter delete {old}")).await;
    desk.key(letter('u'));
    // Not without a question; declined, the way goes on as before.
    desk.key(Key::plain(Code::Esc));
    assert_eq!(desk.statuses().await.iter().filter(|status| *status == "Active").count(), 1);
    assert!(desk.screen().contains(&format!("Enter delete {old}")), "{}", desk.screen());
    desk.key(letter('u'));
    desk.say_yes();
    desk.until(&format!("Enter make {old} inactive")).await;
    assert_eq!(desk.statuses().await, ["Active", "Active"]);
    // Then inactive and gone after all.
    desk.go_on(&format!("Enter delete {old}")).await;
    desk.go_on("Enter to step 6").await;
    assert!(desk.user_keys().await.iter().all(|(id, _)| *id != old));
}

#[tokio::test(start_paused = true)]
async fn declined_restoring_deletes_what_enter_says() {
    let mut desk = handed_over("kubernetes").await;
    let [(old, _)] = desk.user_keys().await.try_into().unwrap();
    desk.second().await;
    desk.go_on("inactive").await;
    desk.go_on(&format!("Enter delete {old}")).await;
    desk.key(letter('u'));
    desk.key(Key::plain(Code::Esc));
    desk.go_on("Enter to step 6").await;
    let [(left, _)] = desk.user_keys().await.try_into().unwrap();
    assert_ne!(left, old);
}

#[tokio::test(start_paused = true)]
async fn the_secret_of_the_new_key_is_shown_and_copied_where_it_is_carried_over() {
    let mut desk = handed_over("show").await;
    desk.second().await;
    let key = desk.app.apply.held.last().cloned().unwrap();
    let secret = key.secret.expose_secret().to_owned();
    desk.key(letter('y'));
    let copied: Vec<&str> = desk.secrets.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(copied, [secret.as_str()]);
    desk.assert_unseen(&key);
    desk.pictures = None;
    desk.key(letter('v'));
    assert!(desk.screen().contains(&secret), "{}", desk.screen());
    desk.until("Nothing is changed before").await;
    assert!(!desk.screen().contains(&secret));
}

#[tokio::test(start_paused = true)]
async fn a_second_key_whose_answer_is_lost_is_deleted_and_made_again() {
    let mut desk = handed_over("kubernetes").await;
    let [(old, _)] = desk.user_keys().await.try_into().unwrap();
    desk.practice.trouble("iam:CreateAccessKey", 0, Some(1), What::Lose);
    desk.key(letter('K'));
    desk.until("Enter make a second key").await;
    desk.go_on("f plans its deletion").await;
    assert_eq!(desk.user_keys().await.len(), 2);
    // Enter goes over it nowhere, nor once the account was read again or the rotation left.
    desk.enter();
    assert!(desk.app.overlay.is_none(), "{}", desk.screen());
    desk.key(letter('r'));
    desk.until("f plans its deletion").await;
    desk.key(Key::plain(Code::Esc));
    desk.key(letter('K'));
    desk.until("f plans its deletion").await;
    desk.enter();
    assert!(desk.app.overlay.is_none() && desk.app.step == Step::Rotation, "{}", desk.screen());
    desk.key(letter('f'));
    desk.until("Enter delete the lost key").await;
    let lost = desk.user_keys().await.into_iter().find(|(id, _)| *id != old).unwrap().0;
    desk.enter();
    let Some(Overlay::Question(question)) = &desk.app.overlay else { panic!("no question") };
    assert_eq!(question.names[0].wanted, lost, "not the old one, which Okteto pulls with");
    // Declined, Enter still means the same.
    desk.key(Key::plain(Code::Esc));
    desk.until("Enter delete the lost key").await;
    desk.enter();
    desk.say_yes();
    desk.until("Enter make a second key").await;
    assert_eq!(desk.user_keys().await, [(old.clone(), "Active".to_owned())]);
    desk.go_on("Enter pull with the new key").await;
    assert_eq!(desk.user_keys().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_second_key_that_cannot_be_delivered_leaves_the_old_one_as_it_was() {
    let mut desk = handed_over("kubernetes").await;
    let before = desk.user_keys().await;
    let there = desk.in_secret().await;
    let no = Fault::new(Cause::ClusterUnreachable, "kubectl cannot reach the cluster");
    *desk.practice.secret_refused.lock().unwrap() = Some(no);
    desk.key(letter('K'));
    desk.until("Enter make a second key").await;
    desk.go_on("It did not go as planned").await;
    assert_eq!(desk.user_keys().await, before);
    assert_eq!(desk.in_secret().await.id, there.id, "the Secret still holds the old one");
    *desk.practice.secret_refused.lock().unwrap() = None;
    desk.key(letter('r'));
    desk.until("Enter make a second key").await;
    desk.go_on("Enter pull with the new key").await;
}

#[tokio::test(start_paused = true)]
async fn without_a_key_or_without_a_user_there_is_nothing_to_rotate() {
    let mut desk = desk(&Practice::new(), "kubernetes");
    desk.until("112233445566").await;
    desk.key(letter('K'));
    let screen = desk.until("Step 4 makes the first one").await;
    assert!(screen.contains("The user has no access key"), "{screen}");
    desk.enter();
    assert!(desk.app.overlay.is_none());
    assert_eq!(desk.writes(), 0);
    // In OIDC mode there is none at all.
    let mut oidc = Desk::new();
    oidc.until("112233445566").await;
    oidc.key(letter('K'));
    assert_eq!(oidc.app.step, Step::Mode);
    assert!(oidc.screen().contains("Only a user has a key"), "{}", oidc.screen());
}

#[tokio::test(start_paused = true)]
async fn of_two_inactive_keys_the_younger_can_be_made_active() {
    let mut desk = handed_over("kubernetes").await;
    let named = json!({ "UserName": USER });
    desk.practice.colleague("CreateAccessKey", named).await;
    for (id, _) in desk.user_keys().await {
        let off = json!({"UserName": USER, "AccessKeyId": id, "Status": "Inactive"});
        desk.practice.colleague("UpdateAccessKey", off).await;
    }
    desk.key(letter('K'));
    desk.until("u makes the younger one active").await;
    desk.key(letter('u'));
    desk.say_yes();
    desk.until("Enter delete").await;
    assert_eq!(desk.statuses().await.iter().filter(|status| *status == "Active").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_pull_with_the_old_key_proves_nothing_of_the_new_one() {
    let mut desk = handed_over("kubernetes").await;
    let there = desk.in_secret().await;
    desk.key(letter('K'));
    desk.until("Enter make a second key").await;
    desk.go_on("Enter pull with the new key").await;
    // Somebody puts the old one back.
    desk.practice.secrets.set_secret(&place(), there);
    desk.enter();
    desk.until("digests match").await;
    let screen = desk.screen();
    assert!(!screen.contains("Continue") && screen.contains("Go on untested"), "{screen}");
}

#[tokio::test(start_paused = true)]
async fn a_pull_test_that_was_left_for_another_step_leads_back_to_no_rotation() {
    let mut desk = handed_over("kubernetes").await;
    desk.key(letter('K'));
    desk.until("Enter make a second key").await;
    desk.go_on("Enter pull with the new key").await;
    desk.enter();
    desk.until("digests match").await;
    desk.key(Key::plain(Code::Esc));
    desk.key(Key::plain(Code::Esc));
    assert_eq!(desk.app.step, Step::Apply, "{}", desk.screen());
    desk.until("Nothing to change").await;
    desk.enter();
    desk.until("digests match").await;
    desk.enter();
    assert_eq!(desk.app.step, Step::Okteto, "{}", desk.screen());
}
