//! After a pull that worked: what must be refused, and what is said where it is not.

use okteto_ecr::app::input::{Code, Key};
use okteto_ecr::domain::probe::{Rung, RungStatus};
use serde_json::json;

use crate::Desk;
use crate::mend::{ROLE, SUBJECT, applied, edit_trust};

/// Runs the pull test up to its end.
async fn tested(desk: &mut Desk) -> String {
    desk.key(Key::plain(Code::Char('T')));
    desk.until("Pull again").await
}

fn status(desk: &Desk, rung: Rung) -> RungStatus {
    desk.app.pull.run.as_ref().unwrap().result(rung).unwrap().status
}

fn detail(desk: &Desk, rung: Rung) -> String {
    desk.app.pull.run.as_ref().unwrap().result(rung).unwrap().detail.clone()
}

#[tokio::test(start_paused = true)]
async fn another_audience_another_account_and_a_push_are_refused() {
    let mut desk = applied().await;
    let screen = tested(&mut desk).await;
    assert!(screen.contains("digests match"), "{screen}");
    for rung in Rung::REFUSALS {
        assert_eq!(status(&desk, rung), RungStatus::Passed, "{screen}");
    }
    assert!(detail(&desk, Rung::RefusesOtherAudience).contains("does not list"));
    assert!(detail(&desk, Rung::RefusesOtherSubject).contains("okteto:default"));
    assert_eq!(detail(&desk, Rung::RefusesPush), "denied: ecr:InitiateLayerUpload");
}

#[tokio::test(start_paused = true)]
async fn a_trust_for_the_whole_namespace_is_too_wide() {
    let mut desk = applied().await;
    edit_trust(&desk.practice, SUBJECT, "system:serviceaccount:okteto:*").await;
    edit_trust(&desk.practice, "StringEquals", "StringLike").await;
    let screen = tested(&mut desk).await;
    assert!(screen.contains("trust-too-wide"), "{screen}");
    assert_eq!(status(&desk, Rung::Digest), RungStatus::Passed, "the pull itself works");
    assert_eq!(status(&desk, Rung::RefusesOtherAudience), RungStatus::Passed);
    assert_eq!(status(&desk, Rung::RefusesOtherSubject), RungStatus::Failed);
    assert_eq!(status(&desk, Rung::RefusesPush), RungStatus::Passed, "it is tried all the same");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_may_push_is_told_and_the_upload_is_gone() {
    let mut desk = applied().await;
    let policy = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser";
    let attach = json!({"RoleName": ROLE, "PolicyArn": policy});
    desk.practice.colleague("AttachRolePolicy", attach).await;
    let screen = tested(&mut desk).await;
    assert!(screen.contains("push-permitted"), "{screen}");
    assert!(detail(&desk, Rung::RefusesPush).ends_with("it was cancelled"), "{screen}");
    assert_eq!(desk.practice.front().account().open_uploads(), 0);
}
