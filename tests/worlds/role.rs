//! Provider and role: there or not, listing the audience or not, seen by STS yet or not.

use std::time::Duration;

use okteto_ecr::domain::fault::Cause;
use okteto_ecr::practice::account::difficulty::Kind;
use serde_json::{Value, json};

use crate::stage::{ACCOUNT, NAME, READ_ONLY, ROLE, Stage};
use crate::support::Answers;
use crate::table::Asked::Pull;
use crate::table::{World, worlds};
use crate::world::ISSUER;

fn provider() -> Value {
    json!({ "OpenIDConnectProviderArn": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{NAME}") })
}

/// It lists another's in the place of ours.
fn other_audience(stage: &mut Stage) {
    let mut input = provider();
    input["ClientID"] = "sts.amazonaws.com".into();
    stage.iam("AddClientIDToOpenIDConnectProvider", input.clone());
    input["ClientID"] = Answers::AUDIENCE.into();
    stage.iam("RemoveClientIDFromOpenIDConnectProvider", input);
}

fn without_role(stage: &mut Stage) {
    stage.iam("DetachRolePolicy", json!({"RoleName": ROLE, "PolicyArn": READ_ONLY}));
    stage.iam("DeleteRole", json!({ "RoleName": ROLE }));
}

worlds! {
    a_provider_that_was_deleted: World::of(Cause::ProviderMissing, Pull, "claims")
        .arrange(|stage| {
            stage.iam("DeleteOpenIDConnectProvider", provider());
        })
        .shows(&[("claim", "iss"), ("got", ISSUER), ("resource", NAME)])
        .mend("make a plan", Stage::apply);

    a_provider_and_a_role_that_were_deleted: World::of(Cause::ProviderMissing, Pull, "claims")
        .also(&[Cause::RoleMissing])
        .arrange(|stage| {
            without_role(stage);
            stage.iam("DeleteOpenIDConnectProvider", provider());
        })
        .mend("plan", Stage::apply);

    an_audience_that_the_provider_does_not_list:
        World::of(Cause::AudienceNotRegistered, Pull, "claims")
        .arrange(other_audience)
        .shows(&[("claim", "aud"), ("wanted", "sts.amazonaws.com"), ("got", Answers::AUDIENCE)])
        .mend("add the audience okteto.example.com/us-east-2", Stage::apply);

    a_role_that_was_deleted: World::of(Cause::RoleMissing, Pull, "assume")
        .arrange(without_role)
        .shows(&[("wanted", ROLE)])
        .mend("plan", Stage::apply);

    a_role_that_sts_does_not_see_yet: World::of(Cause::NotYetPropagated, Pull, "assume")
        .scene(|scene| {
            let time = Duration::from_secs(280);
            scene.difficulty.spread.insert(Kind::Role, (time, time));
        })
        .arrange(|stage| stage.words = vec!["--wait".to_owned(), "2".to_owned()])
        .shows(&[("code", "AccessDenied"), ("changed", ""), ("tries", ""), ("waited_seconds", "")])
        .mend("wait a minute", |stage| stage.pass(Duration::from_secs(281)));
}
