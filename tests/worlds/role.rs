//! Provider and role: there or not, listing the audience or not, seen by STS yet or not.

use std::time::Duration;

use okteto_ecr::domain::fault::Cause;
use okteto_ecr::practice::account::difficulty::Kind;
use serde_json::{Value, json};

use crate::stage::{ACCOUNT, NAME, READ_ONLY, ROLE, Stage, denying};
use crate::support::Answers;
use crate::table::Asked::Pull;
use crate::table::{World, worlds};
use crate::world::{ISSUER, OPERATOR};

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

    a_policy_of_the_organization: World::of(Cause::PermissionDenied, Pull, "assume")
        .arrange(|stage| {
            without_role(stage);
            stage.iam("DeleteOpenIDConnectProvider", provider());
            stage.make(3600);
            let said = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
            stage.sts_says(Some((403, "AccessDenied", said)));
        })
        .shows(&[
            ("code", "AccessDenied"),
            ("can_also_refuse", "service control policy"),
            ("ask_for", "CloudTrail"),
            ("region", "us-east-2"),
        ])
        .mend("ask an administrator", |stage| stage.sts_says(None));

    an_operator_who_may_not_look_at_the_role: World::of(Cause::Unexplained, Pull, "assume")
        .arrange(|stage| {
            let policy = denying("iam:GetRole");
            let deny = json!({
                "UserName": OPERATOR, "PolicyName": "not-this", "PolicyDocument": policy,
            });
            stage.iam("PutUserPolicy", deny);
            stage.edit_trust("okteto:okteto", "okteto:default");
        })
        .shows(&[("code", "AccessDenied"), ("not_looked_at", "iam:GetRole")])
        .mend("log in as an operator who may read the role", |stage| {
            stage.iam("DeleteUserPolicy", json!({"UserName": OPERATOR, "PolicyName": "not-this"}));
            let told = stage.ask(Pull);
            assert_eq!(told.faults[0].1["cause"], Cause::SubjectMismatch.slug(), "{:#}", told.whole);
            stage.apply();
        });

    a_region_that_is_not_enabled: World::of(Cause::Unexplained, Pull, "assume")
        .arrange(|stage| {
            let said = "STS is not activated in this region for account:112233445566.";
            stage.sts_says(Some((403, "RegionDisabledException", said)));
        })
        .shows(&[("code", "RegionDisabledException"), ("aws_said", "not activated")])
        .mend("an administrator enables regions", |stage| stage.sts_says(None));

    a_role_that_sts_does_not_see_yet: World::of(Cause::NotYetPropagated, Pull, "assume")
        .scene(|scene| {
            let time = Duration::from_secs(280);
            scene.difficulty.spread.insert(Kind::Role, (time, time));
        })
        .arrange(|stage| stage.words = vec!["--wait".to_owned(), "2".to_owned()])
        .shows(&[("code", "AccessDenied"), ("changed", ""), ("tries", ""), ("waited_seconds", "")])
        .mend("wait a minute", |stage| stage.pass(Duration::from_secs(281)));
}
