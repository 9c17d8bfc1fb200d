//! User mode by keys: from the first screen to the hand-over, and what may go wrong with the key on the way.

use std::time::Duration;

use okteto_ecr::app::input::{Code, Key};
use okteto_ecr::app::message::Exit;
use okteto_ecr::app::overlay::Overlay;
use okteto_ecr::app::step::Step;
use okteto_ecr::domain::answers::Answers;
use okteto_ecr::domain::custody::SecretPlace;
use okteto_ecr::domain::draft::Draft;
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::secret::AccessKey;
use okteto_ecr::ports::Cluster;
use okteto_ecr::practice::account::difficulty::{Kind, What};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::Desk;
use crate::world::Practice;

pub const USER: &str = "private-registry-user";

/// Answers of user mode.
pub fn answers(secret_to: &str) -> Draft {
    let text = format!(
        r#"
format = 1
mode = "iam-user"
region = "us-east-2"
[iam_user]
user = "{USER}"
secret_to = "{secret_to}"
[pull_test]
image = "team/app:latest"
[cluster]
context = "practice"
namespace = "okteto"
"#
    );
    Answers::parse(&text).unwrap()
}

pub fn letter(c: char) -> Key {
    Key::plain(Code::Char(c))
}

/// At the first step, with every picture kept.
pub fn desk(practice: &Practice, secret_to: &str) -> Desk {
    let mut desk = Desk::with(practice, answers(secret_to));
    desk.pictures = Some(Vec::new());
    desk
}

/// Where the secret of these answers goes.
pub fn place() -> SecretPlace {
    SecretPlace {
        context: Some("practice".to_owned()),
        namespace: "okteto".to_owned(),
        name: "okteto-ecr-112233445566-us-east-2".to_owned(),
    }
}

impl Desk {
    /// To step 4 with its plan.
    pub async fn go_to_user_plan(&mut self) {
        self.until("112233445566").await;
        self.enter();
        self.until("2 of 2 ready").await;
        self.enter();
        assert_eq!(self.app.step, Step::Access, "{}", self.screen());
        self.enter();
        self.until("Enter apply").await;
    }

    /// The key is made.
    pub async fn make_key(&mut self) {
        self.go_to_user_plan().await;
        self.apply().await;
        self.until("All is made").await;
    }

    /// The pull test passes.
    pub async fn pull(&mut self) {
        self.enter();
        self.until("What to pull").await;
        self.key(letter('T'));
        self.until("digests match").await;
    }

    /// The key that is in the cluster's Secret.
    pub async fn in_secret(&self) -> AccessKey {
        self.practice.secrets.read_secret(&place()).await.unwrap()
    }

    /// The user's keys: id and status.
    pub async fn user_keys(&self) -> Vec<(String, String)> {
        let listed = self.practice.colleague("ListAccessKeys", json!({ "UserName": USER })).await;
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let keys = listed["AccessKeyMetadata"].as_array().unwrap().iter();
        keys.map(|key| (text(&key["AccessKeyId"]), text(&key["Status"]))).collect()
    }

    /// The secret stood in no picture, in no state as it is printed for a bug, in no text that left the program.
    pub fn assert_unseen(&self, key: &AccessKey) {
        let secret = key.secret.expose_secret();
        assert!(secret.len() > 30);
        let pictures = self.pictures.as_ref().unwrap();
        assert!(!pictures.is_empty());
        let all = pictures.iter().chain(&self.texts);
        // Not even a part of it, as a narrow column would show.
        let (part, _) = secret.split_at(12);
        let seen: Vec<&String> = all.filter(|text| text.contains(part)).collect();
        assert!(seen.is_empty(), "{}", seen[0]);
        let last = self.app.last_words().join("\n");
        assert!(!last.contains(secret), "{last}");
    }
}

#[tokio::test(start_paused = true)]
async fn straight_into_the_secret_to_the_hand_over_and_a_second_run_makes_no_second_key() {
    let mut desk = desk(&Practice::new(), "kubernetes");
    desk.make_key().await;
    assert_eq!(desk.writes(), 3);
    desk.pull().await;
    desk.enter();
    let screen = desk.until("Secret Access Key").await;
    let key = desk.in_secret().await;
    assert!(screen.contains("AWS IAM User") && screen.contains(key.id.as_str()), "{screen}");
    assert!(desk.app.apply.held.is_empty(), "what was delivered is kept nowhere else");
    // There is nothing to uncover.
    desk.key(letter('v'));
    assert!(!desk.app.is_revealed());
    desk.key(letter('e'));
    let screen = desk.until("secretAccessKeySecretRef").await;
    assert!(screen.contains("okteto-ecr-112233445566-us-east-2"), "{screen}");
    desk.key(letter('r'));
    desk.until("practice would take this").await;
    desk.enter();
    assert_eq!(desk.ended, Some(Exit::Finished));
    desk.assert_unseen(&key);

    let mut again = self::desk(&desk.practice, "kubernetes");
    again.until("112233445566").await;
    again.enter();
    again.until("2 of 2 ready").await;
    again.enter();
    again.enter();
    again.until("Nothing to change").await;
    again.enter();
    assert_eq!((again.app.step, again.writes()), (Step::Pull, 3), "{}", again.screen());
    assert_eq!(again.user_keys().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn held_and_shown_for_twenty_seconds_and_copied_without_being_shown() {
    let mut desk = desk(&Practice::new(), "show");
    desk.make_key().await;
    let key = desk.app.apply.held.last().cloned().unwrap();
    let secret = key.secret.expose_secret().to_owned();
    desk.pull().await;
    desk.enter();
    desk.until("Secret Access Key").await;
    // By the cursor to the secret, and to the clipboard.
    for _ in 0..2 {
        desk.key(Key::plain(Code::Down));
    }
    desk.key(letter('y'));
    assert!(desk.screen().contains("it is a secret"), "{}", desk.screen());
    let copied: Vec<&str> = desk.secrets.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(copied, [secret.as_str()]);
    // The pane as a whole holds it masked.
    desk.key(letter('Y'));
    desk.key(letter('P'));
    assert!(desk.texts.iter().any(|text| text.contains(key.id.as_str())), "{:?}", desk.texts);
    desk.assert_unseen(&key);

    desk.pictures = None;
    desk.key(letter('v'));
    assert!(desk.screen().contains(&secret), "{}", desk.screen());
    assert!(!format!("{:?}", desk.app).contains(&secret));
    let shown = tokio::time::Instant::now();
    desk.until("No secret is on this screen").await;
    let seconds = shown.elapsed().as_secs_f64();
    assert!((20.0..21.0).contains(&seconds), "{seconds}");
    assert!(!desk.screen().contains(&secret));
    // Hidden by the same key, and by leaving the screen.
    desk.key(letter('v'));
    desk.key(letter('v'));
    assert!(!desk.screen().contains(&secret));
    desk.key(letter('v'));
    assert!(desk.screen().contains(&secret));
    desk.key(letter('T'));
    desk.pictures = Some(Vec::new());
    desk.enter();
    desk.until("Pull test").await;
    desk.assert_unseen(&key);
}

#[tokio::test(start_paused = true)]
async fn leaving_with_a_secret_that_is_held_says_so() {
    let mut desk = desk(&Practice::new(), "show");
    desk.make_key().await;
    let key = desk.app.apply.held.last().cloned().unwrap();
    desk.key(letter('q'));
    let screen = desk.screen();
    assert!(screen.contains("is held here only"), "{screen}");
    desk.key(Key::plain(Code::Right));
    desk.enter();
    assert_eq!(desk.ended, Some(Exit::LeftWithChanges));
    let last = desk.app.last_words().join("\n");
    assert!(last.contains(key.id.as_str()) && last.contains("delete that key"), "{last}");
    desk.assert_unseen(&key);
    // In another run the secret is nowhere: it is said, and a paste is taken without being shown.
    let mut again = self::desk(&desk.practice, "show");
    again.until("112233445566").await;
    again.enter();
    again.until("2 of 2 ready").await;
    again.enter();
    again.enter();
    again.until("Nothing to change").await;
    again.enter();
    again.until("paste its two lines").await;
    let lines = key.print().expose_secret().to_owned();
    again.send(okteto_ecr::app::message::Message::Input(okteto_ecr::app::input::Input::Paste(
        lines,
    )));
    again.key(letter('T'));
    again.until("digests match").await;
    again.assert_unseen(&key);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_cannot_be_delivered_leaves_no_key_and_the_rest_is_done_later() {
    let mut desk = desk(&Practice::new(), "kubernetes");
    let no =
        Fault::new(Cause::ClusterPermissionMissing, "the cluster does not let this user do it");
    *desk.practice.secret_refused.lock().unwrap() = Some(no.remedy("ask for the right"));
    desk.go_to_user_plan().await;
    desk.apply().await;
    desk.until("Not all was made").await;
    desk.key(letter('i'));
    let screen = desk.until("deleted at once").await;
    assert!(screen.contains("key_deleted") || screen.contains("deleted"), "{screen}");
    desk.key(Key::plain(Code::Esc));
    assert_eq!(desk.user_keys().await, []);
    // User and policy stand; the key was made, and deleted.
    assert_eq!((desk.writes(), desk.app.changes_made), (4, 2));
    *desk.practice.secret_refused.lock().unwrap() = None;
    desk.key(letter('r'));
    desk.until("Enter apply 1 change").await;
    desk.apply().await;
    desk.until("All is made").await;
    assert_eq!(desk.user_keys().await.len(), 1);
    let key = desk.in_secret().await;
    desk.assert_unseen(&key);
}

#[tokio::test(start_paused = true)]
async fn a_place_that_is_shut_is_known_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("okteto.key");
    std::fs::write(&path, "not to be lost").unwrap();
    let mut desk = desk(&Practice::new(), &format!("file:{}", path.display()));
    desk.until("112233445566").await;
    desk.enter();
    desk.until("2 of 2 ready").await;
    desk.enter();
    desk.enter();
    desk.until("In the way").await;
    desk.enter();
    assert!(desk.app.overlay.is_none(), "{}", desk.screen());
    assert_eq!(desk.writes(), 0);
    std::fs::remove_file(&path).unwrap();
    desk.key(letter('r'));
    desk.until("Enter apply 3 changes").await;
    desk.apply().await;
    desk.until("All is made").await;
    let text = std::fs::read_to_string(&path).unwrap();
    let key = AccessKey::read(&text).unwrap();
    desk.pull().await;
    desk.assert_unseen(&key);
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_answer_was_lost_is_found_and_deleted_by_one_key() {
    let mut desk = desk(&Practice::new(), "kubernetes");
    desk.practice.trouble("iam:CreateAccessKey", 0, Some(1), What::Lose);
    desk.go_to_user_plan().await;
    desk.apply().await;
    desk.until("f plans its deletion").await;
    let [(lost, _)] = desk.user_keys().await.try_into().unwrap();
    // Enter does not go on over it.
    desk.enter();
    assert_eq!(desk.app.step, Step::Apply);
    // Nor is it forgotten once the account was read again.
    desk.key(letter('r'));
    desk.until("f delete the lost key").await;
    desk.key(letter('f'));
    let screen = desk.until("Enter apply 1 change").await;
    assert!(screen.contains("access key"), "{screen}");
    desk.enter();
    let Some(Overlay::Question(question)) = &desk.app.overlay else { panic!("no question") };
    assert_eq!(question.names[0].wanted, lost);
    desk.say_yes();
    // What is left to do is planned by itself.
    let screen = desk.until("Enter apply 1 change").await;
    assert!(screen.contains("needed"), "{screen}");
    assert_eq!(desk.user_keys().await, []);
    desk.apply().await;
    desk.until("All is made").await;
    let [(made, _)] = desk.user_keys().await.try_into().unwrap();
    let key = desk.in_secret().await;
    assert_eq!(made, key.id.as_str());
    desk.assert_unseen(&key);
}

#[tokio::test(start_paused = true)]
async fn a_stop_in_mid_call_lets_the_key_be_made_and_delivered() {
    let mut desk = desk(&Practice::new(), "kubernetes");
    desk.practice.trouble("iam:CreateAccessKey", 0, None, What::Slow(Duration::from_secs(5)));
    desk.go_to_user_plan().await;
    desk.apply().await;
    desk.until("2 of 3").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    desk.key(Key::ctrl('c'));
    desk.until("3 changes made").await;
    let [(made, _)] = desk.user_keys().await.try_into().unwrap();
    assert_eq!(made, desk.in_secret().await.id.as_str());
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_waited_for_in_sight_and_then_the_pull_passes() {
    let spread = [(Kind::Key, 6, 9), (Kind::Permissions, 10, 20)];
    let mut desk = desk(&Practice::spreading(5, &spread), "kubernetes");
    desk.make_key().await;
    desk.enter();
    desk.until("What to pull").await;
    desk.key(letter('T'));
    let screen = desk.until("Try 2").await;
    assert!(screen.contains("Normal for a change this new"), "{screen}");
    let screen = desk.until("digests match").await;
    assert!(!screen.contains('✗'), "waiting is no error: {screen}");
}

#[tokio::test(start_paused = true)]
async fn a_secret_mistyped_in_the_place_that_okteto_reads_is_named() {
    let mut desk = desk(&Practice::new(), "kubernetes");
    desk.make_key().await;
    let key = desk.in_secret().await;
    let wrong = format!("{}x", key.secret.expose_secret());
    let mistyped = AccessKey { id: key.id.clone(), secret: wrong.into() };
    desk.practice.secrets.set_secret(&place(), mistyped);
    desk.enter();
    desk.until("What to pull").await;
    desk.key(letter('T'));
    desk.until("secret-mismatch").await;
    let screen = desk.until("Secret okteto/okteto-ecr").await;
    assert!(screen.contains("put the right one there"), "{screen}");
    desk.assert_unseen(&key);
    desk.practice.secrets.set_secret(&place(), key);
    desk.key(letter('T'));
    desk.until("digests match").await;
}
