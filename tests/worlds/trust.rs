//! The role's trust policy: whom it names, what it allows, what it asks for.

use okteto_ecr::domain::fault::Cause;
use serde_json::{Value, json};

use crate::stage::{ACCOUNT, NAME, Stage};
use crate::support::Answers;
use crate::table::Asked::Pull;
use crate::table::{World, worlds};

const OTHER: &str = "oidc.eks.us-east-2.amazonaws.com/id/AAAABBBBCCCCDDDDEEEEFFFF00001111";
const ELSEWHERE: &str = "okteto.example.com/us-west-2";

fn provider(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{name}")
}

fn statement(conditions: &Value) -> Value {
    json!({
        "Effect": "Allow",
        "Principal": {"Federated": provider(NAME)},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    })
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn good() -> Value {
    statement(&json!({"StringEquals": {
        (format!("{NAME}:aud")): Answers::AUDIENCE,
        (format!("{NAME}:sub")): Answers::SUBJECT,
    }}))
}

fn other_cluster(stage: &Stage) {
    let input = json!({"Url": format!("https://{OTHER}"), "ClientIDList": [Answers::AUDIENCE]});
    stage.iam("CreateOpenIDConnectProvider", input);
}

worlds! {
    a_trust_for_another_audience: World::of(Cause::AudienceMismatch, Pull, "claims")
        .arrange(|stage| stage.edit_trust(Answers::AUDIENCE, ELSEWHERE))
        .shows(&[
            ("at", "Statement 1: Condition StringEquals"),
            ("at", ":aud"),
            ("claim", "aud"),
            ("wanted", ELSEWHERE),
            ("got", Answers::AUDIENCE),
            ("first_difference", "character 23: wanted 'w', got 'e'"),
        ])
        .mend("if okteto.example.com/us-east-2 is meant, put it in place of", Stage::apply);

    a_trust_for_another_service_account: World::of(Cause::SubjectMismatch, Pull, "claims")
        .arrange(|stage| stage.edit_trust("okteto:okteto", "okteto:default"))
        .shows(&[
            ("at", ":sub"),
            ("claim", "sub"),
            ("wanted", "okteto:default"),
            ("got", Answers::SUBJECT),
            ("first_difference", "character 30: wanted 'd', got 'o'"),
        ])
        .mend("a plan shows the difference and mends it", Stage::apply);

    a_subject_in_capital_letters: World::of(Cause::SubjectMismatch, Pull, "claims")
        .arrange(|stage| stage.edit_trust("okteto:okteto", "okteto:Okteto"))
        .shows(&[("first_difference", "character 30: wanted 'O', got 'o'")])
        .mend("put it in place of system:serviceaccount:okteto:Okteto", Stage::apply);

    a_wildcard_that_is_taken_to_the_letter: World::of(Cause::SubjectMismatch, Pull, "claims")
        .arrange(|stage| stage.edit_trust("okteto:okteto", "okteto:*"))
        .shows(&[("wanted", "okteto:*"), ("first_difference", "wanted '*'")])
        .mend("StringEquals takes * and ? to the letter", Stage::apply);

    a_scheme_in_the_condition_key: World::of(Cause::ConditionKeyMismatch, Pull, "claims")
        // IAM takes no such key any more, but tutorials print it.
        .arrange(|stage| stage.trust_shows(&format!("{NAME}:aud"), &format!("https://{NAME}:aud")))
        .shows(&[
            ("wanted", NAME),
            ("got", "https://"),
            ("first_difference", "character 1: wanted 'c', got 'h'"),
        ])
        .mend("put the key container.googleapis.com", Stage::apply);

    a_condition_key_of_another_cluster: World::of(Cause::ConditionKeyMismatch, Pull, "claims")
        .arrange(|stage| {
            stage.trust(&document(&[statement(&json!({"StringEquals": {
                (format!("{NAME}:aud")): Answers::AUDIENCE,
                (format!("{OTHER}:sub")): Answers::SUBJECT,
            }}))]));
        })
        .shows(&[("got", OTHER), ("first_difference", "character")])
        .mend("put the key container.googleapis.com", Stage::apply);

    an_audience_and_a_key_that_are_not_ours: World::of(Cause::AudienceMismatch, Pull, "claims")
        .also(&[Cause::ConditionKeyMismatch])
        .arrange(|stage| {
            stage.trust(&document(&[statement(&json!({"StringEquals": {
                (format!("{NAME}:aud")): ELSEWHERE,
                (format!("{OTHER}:sub")): Answers::SUBJECT,
            }}))]));
        })
        .mend("a plan shows the difference and mends it", Stage::apply);

    an_audience_and_a_subject_that_are_not_ours: World::of(Cause::AudienceMismatch, Pull, "claims")
        .also(&[Cause::SubjectMismatch])
        .arrange(|stage| {
            stage.edit_trust(Answers::AUDIENCE, ELSEWHERE);
            stage.edit_trust("okteto:okteto", "okteto:default");
        })
        .shows(&[("at", "Statement 1")])
        .mend("a plan shows the difference and mends it", Stage::apply);

    an_audience_not_listed_and_a_subject_not_ours:
        World::of(Cause::AudienceNotRegistered, Pull, "claims")
        .also(&[Cause::SubjectMismatch])
        .arrange(|stage| {
            let remove = json!({
                "OpenIDConnectProviderArn": provider(NAME), "ClientID": Answers::AUDIENCE,
            });
            stage.iam("RemoveClientIDFromOpenIDConnectProvider", remove);
            stage.edit_trust("okteto:okteto", "okteto:default");
        })
        .mend("add the audience okteto.example.com/us-east-2", Stage::apply);

    a_trust_in_another_cluster: World::of(Cause::TrustPrincipalMismatch, Pull, "claims")
        .arrange(|stage| {
            other_cluster(stage);
            stage.edit_trust(&provider(NAME), &provider(OTHER));
        })
        .shows(&[("at", "Principal"), ("wanted", NAME), ("got", OTHER)])
        .mend("a plan shows the difference and mends it", Stage::apply);

    a_trust_in_the_accounts_own_users: World::of(Cause::TrustPrincipalMismatch, Pull, "claims")
        .arrange(|stage| {
            stage.trust(&document(&[json!({
                "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole",
            })]));
        })
        .also(&[Cause::TrustActionMismatch])
        .mend("a plan shows the difference and mends it", Stage::apply);

    a_trust_in_a_provider_of_another_account:
        World::of(Cause::ProviderInOtherAccount, Pull, "claims")
        .arrange(|stage| {
            stage.trust_shows("iam::112233445566:oidc", "iam::998877665544:oidc");
        })
        .shows(&[
            ("at", "Statement 1: Principal"),
            ("wanted", ACCOUNT),
            ("got", "998877665544"),
            ("first_difference", "character 14: wanted '1', got '9'"),
        ])
        .mend("put arn:aws:iam::112233445566:oidc-provider", Stage::apply);

    a_trust_for_another_action: World::of(Cause::TrustActionMismatch, Pull, "claims")
        .arrange(|stage| {
            stage.edit_trust("sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML");
        })
        .shows(&[("at", "Action"), ("wanted", "WebIdentity"), ("got", "sts:AssumeRoleWithSAML")])
        .mend("sts:AssumeRoleWithWebIdentity", Stage::apply);

    a_trust_that_denies_the_service_account: World::of(Cause::PermissionDenied, Pull, "claims")
        .arrange(|stage| {
            let mut denial = statement(&json!({"StringLike": {
                (format!("{NAME}:sub")): "system:serviceaccount:okteto:*",
            }}));
            denial["Effect"] = "Deny".into();
            stage.trust(&document(&[good(), denial]));
        })
        .shows(&[("at", "Statement 2"), ("policy", "role trust")])
        .mend("change it so that it spares the token, or remove it", Stage::apply);

    a_condition_that_is_not_known_here: World::of(Cause::Unexplained, Pull, "assume")
        .arrange(|stage| {
            let mut asking = good();
            asking["Condition"]["IpAddress"] = json!({"aws:SourceIp": "10.0.0.0/8"});
            stage.trust(&document(&[asking]));
        })
        .shows(&[("not_judged", "aws:SourceIp"), ("code", "AccessDenied")])
        .mend("ask for a value that does", |stage| {
            stage.trust(&document(&[good()]));
        });
}
