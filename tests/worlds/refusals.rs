//! What must be refused after a pull that passed: another audience, another service account, a push.

use okteto_ecr::domain::fault::Cause;
use serde_json::json;

use crate::stage::{ACCOUNT, By, NAME, ROLE, Stage};
use crate::support::Answers;
use crate::table::Asked::Pull;
use crate::table::{World, worlds};

const POWER: &str = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser";

/// The cluster makes whatever token it is asked for.
fn minted(stage: &mut Stage) {
    stage.token_of_cluster();
    if let By::Command(command) = &stage.by {
        let lines = command.kubectl_mints();
        stage.kubectl(&lines);
    }
}

fn trusting(stage: &Stage, claim: &str, value: &str) {
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{NAME}")},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {(format!("{NAME}:{claim}")): value}},
        }],
    });
    stage.trust(&document.to_string());
}

worlds! {
    a_trust_without_a_subject: World::of(Cause::TrustTooWide, Pull, "refuses-other-subject")
        .arrange(|stage| {
            minted(stage);
            trusting(stage, "aud", Answers::AUDIENCE);
        })
        .shows(&[("claim", "sub"), ("wanted", Answers::SUBJECT), ("got", "default"), ("role", ROLE)])
        .mend("by StringEquals", Stage::apply);

    a_trust_without_an_audience: World::of(Cause::TrustTooWide, Pull, "refuses-other-audience")
        .arrange(|stage| {
            minted(stage);
            let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{NAME}");
            let add = json!({"OpenIDConnectProviderArn": arn, "ClientID": "sts.amazonaws.com"});
            stage.iam("AddClientIDToOpenIDConnectProvider", add);
            trusting(stage, "sub", Answers::SUBJECT);
        })
        .shows(&[("claim", "aud"), ("wanted", Answers::AUDIENCE), ("got", "sts.amazonaws.com")])
        .mend("by StringEquals", Stage::apply);

    a_role_that_may_push: World::of(Cause::PushPermitted, Pull, "refuses-push")
        .arrange(|stage| {
            stage.iam("AttachRolePolicy", json!({"RoleName": ROLE, "PolicyArn": POWER}));
        })
        .shows(&[("action", "ecr:InitiateLayerUpload"), ("resource", "team/app"), ("policies", POWER)])
        .mend("take ecr:InitiateLayerUpload from the role", |stage| {
            stage.iam("DetachRolePolicy", json!({"RoleName": ROLE, "PolicyArn": POWER}));
        });
}
