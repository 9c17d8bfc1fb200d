//! From a failed pull test to its remedy with one key, and back to a green one.

use okteto_ecr::app::input::{Code, Input, Key};
use okteto_ecr::app::message::Message;
use okteto_ecr::app::overlay::Overlay;
use okteto_ecr::app::step::Step;
use okteto_ecr::app::steps::pull::{Part, View};
use okteto_ecr::practice::account::difficulty::What;
use okteto_ecr::practice::issuer::TokenRequest;
use serde_json::json;

use crate::Desk;
use crate::world::Practice;

pub const ROLE: &str = "my-private-registry";
pub const SUBJECT: &str = "system:serviceaccount:okteto:okteto";
const AUDIENCE: &str = "okteto.example.com/us-east-2";

fn letter(c: char) -> Key {
    Key::plain(Code::Char(c))
}

/// Applied, at the set-up of the pull test.
pub async fn applied() -> Desk {
    let mut desk = Desk::new();
    desk.go_to_plan().await;
    desk.apply().await;
    desk.until("All is made").await;
    desk.enter();
    desk.until("What to pull").await;
    desk
}

/// A colleague writes another text in place of one in the role's trust policy.
pub async fn edit_trust(practice: &Practice, from: &str, to: &str) {
    let role = practice.colleague("GetRole", json!({ "RoleName": ROLE })).await;
    let trust = role["Role"]["AssumeRolePolicyDocument"].as_str().unwrap();
    let trust = percent_encoding::percent_decode_str(trust).decode_utf8().unwrap();
    assert!(trust.contains(from), "{trust}");
    let edit = json!({"RoleName": ROLE, "PolicyDocument": trust.replace(from, to)});
    practice.colleague("UpdateAssumeRolePolicy", edit).await;
}

#[tokio::test(start_paused = true)]
async fn a_trust_that_a_colleague_broke_is_mended_by_plan_and_question() {
    let mut desk = applied().await;
    edit_trust(&desk.practice, AUDIENCE, "okteto.example.com/us-west-2").await;
    desk.key(letter('T'));
    let screen = desk.until("f make a plan").await;
    let column = |text: &str| {
        let line = screen.lines().find(|l| l.contains(text)).unwrap_or_else(|| panic!("{screen}"));
        line.find("okteto.example.com/us-").unwrap()
    };
    assert_eq!(column("Wanted  "), column("Got  "), "{screen}");
    assert!(screen.contains("^ character 23: wanted 'w', got 'e'"), "{screen}");
    assert!(screen.contains("audience-mismatch"), "{screen}");
    desk.key(letter('f'));
    assert_eq!(desk.app.step, Step::Apply);
    let writes = desk.writes();
    let screen = desk.until("Enter apply 1 change").await;
    assert!(screen.contains("trust"), "{screen}");
    // Not the audience beside theirs but in its place: somebody loses access, so the name is asked for.
    desk.key(Key::plain(Code::Right));
    desk.enter();
    let Some(Overlay::Question(question)) = &desk.app.overlay else { panic!("no question") };
    assert_eq!(question.names.len(), 1, "{}", desk.screen());
    desk.key(Key::plain(Code::Esc));
    assert_eq!(desk.writes(), writes, "nothing is sent by looking at the plan");
    desk.apply().await;
    desk.until("All is made").await;
    assert_eq!(desk.writes(), writes + 1);
    desk.enter();
    desk.until("What to pull").await;
    desk.key(letter('T'));
    desk.until("digests match").await;
}

#[tokio::test(start_paused = true)]
async fn a_permission_that_is_gone_is_put_back_by_the_plan() {
    let mut desk = applied().await;
    let policy = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";
    let detach = json!({"RoleName": ROLE, "PolicyArn": policy});
    desk.practice.colleague("DetachRolePolicy", detach).await;
    desk.key(letter('T'));
    let screen = desk.until("f make a plan").await;
    assert!(screen.contains("login-permission-missing"), "{screen}");
    desk.key(letter('f'));
    desk.until("Enter apply 1 change").await;
    desk.apply().await;
    desk.until("All is made").await;
    desk.enter();
    desk.until("What to pull").await;
    desk.key(letter('T'));
    desk.until("digests match").await;
}

#[tokio::test(start_paused = true)]
async fn a_token_for_somebody_else_leads_to_a_fresh_one() {
    let mut desk = applied().await;
    let paste = |desk: &mut Desk, audience: &str| {
        let front = desk.practice.front();
        let issuer = front.account().issuers().remove(0);
        let wanted = TokenRequest::new(SUBJECT, &[audience], 600);
        let token = issuer.sign(front.now(), &wanted).unwrap();
        desk.send(Message::Input(Input::Paste(token.expose().to_owned())));
    };
    paste(&mut desk, "okteto.example.com/us-west-2");
    desk.app.pull.part = Part::Action;
    desk.key(letter('T'));
    let screen = desk.until("f fresh token").await;
    assert!(screen.contains("audience-mismatch"), "{screen}");
    desk.key(letter('f'));
    assert_eq!((desk.app.pull.view, desk.app.pull.part), (View::Setup, Part::Token));
    assert!(desk.app.pull.pasted.is_none(), "what was refused is not shown again");
    let screen = desk.screen();
    assert!(screen.contains(AUDIENCE), "the remedy is said: {screen}");
    paste(&mut desk, AUDIENCE);
    desk.enter();
    desk.until("digests match").await;
}

#[tokio::test(start_paused = true)]
async fn what_passes_by_itself_is_tried_again() {
    let mut desk = applied().await;
    desk.practice.trouble("sts:AssumeRoleWithWebIdentity", 0, Some(3), What::Throttle);
    desk.key(letter('T'));
    let screen = desk.until("f try again").await;
    assert!(screen.contains("throttled"), "{screen}");
    desk.key(letter('f'));
    desk.until("digests match").await;
}

#[tokio::test(start_paused = true)]
async fn the_cluster_is_asked_about_the_manifest_by_a_key() {
    let mut desk = applied().await;
    desk.key(letter('T'));
    desk.until("digests match").await;
    desk.enter();
    desk.until("Give these four values to Okteto").await;
    desk.key(letter('r'));
    desk.until("practice would take this. Nothing was made by asking.").await;
    assert_eq!(desk.writes(), 3);
}
