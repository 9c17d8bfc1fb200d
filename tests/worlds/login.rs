//! The operator: the login, the account, the answers.

use okteto_ecr::domain::fault::Cause;
use okteto_ecr::practice::account::difficulty::What;
use serde_json::json;

use crate::stage::{ACCOUNT, By, Stage, denying};
use crate::table::Asked::{Apply, Plan, Pull};
use crate::table::{Way, World, worlds};
use crate::world::OPERATOR;

const ELSEWHERE: &str = "999999999999";
const SIGNED: &str = "in memory the operator is a name, and nothing is signed";

fn allow_again(stage: &mut Stage) {
    stage.iam("DeleteUserPolicy", json!({"UserName": OPERATOR, "PolicyName": "not-this"}));
}

worlds! {
    no_login_in_the_shell: World::of(Cause::CredentialsMissing, Plan, "")
        .arrange(|stage| stage.command().log_out())
        .shows(&[("looked_at", "environment variable")])
        .mend("aws configure", |stage| stage.command().log_in())
        .only(Way::Command, SIGNED);

    a_login_that_has_ended: World::of(Cause::CredentialsExpired, Plan, "")
        .arrange(|stage| stage.trouble("sts:GetCallerIdentity", What::Expire, 1))
        .shows(&[("code", "ExpiredToken"), ("aws_said", "is expired")])
        .mend("get new credentials", |stage| {
            stage.iam("CreateAccessKey", json!({ "UserName": OPERATOR }));
            if let By::Command(command) = &mut stage.by {
                command.log_in();
            }
        });

    /// It is waited for, a quarter of an hour long, and nobody renews it.
    a_login_that_ends_in_mid_run: World::of(Cause::CredentialsExpired, Apply, "role")
        .arrange(|stage| {
            stage.trouble("iam:CreateRole", What::Expire, 1);
            // Who reads, who begins, and before each of two calls; then every three seconds.
            stage.trouble_after("sts:GetCallerIdentity", What::Expire, 4, 301);
        })
        .shows(&[("code", "ExpiredToken")])
        .mend("get new credentials", |_| {})
        .only(Way::Engine, "a quarter of an hour of real time");

    a_login_of_another_account: World::of(Cause::WrongAccount, Plan, "")
        .scene(|scene| ELSEWHERE.clone_into(&mut scene.account))
        .shows(&[("wanted", ACCOUNT), ("got", ELSEWHERE), ("caller", "user/trainee")])
        .mend("log in to that account", |stage| stage.log_in_at(ACCOUNT));

    a_key_that_aws_does_not_know: World::of(Cause::AccessKeyUnknown, Plan, "")
        .arrange(|stage| stage.command().env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"))
        .shows(&[("code", "InvalidClientTokenId")])
        .mend("check the access key", |stage| stage.command().log_in())
        .only(Way::Command, SIGNED);

    a_secret_of_another_key: World::of(Cause::SecretMismatch, Plan, "")
        .arrange(|stage| {
            let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
            stage.command().env("AWS_SECRET_ACCESS_KEY", secret);
        })
        .shows(&[("code", "SignatureDoesNotMatch")])
        .mend("check the secret access key", |stage| stage.command().log_in())
        .only(Way::Command, SIGNED);

    an_operator_who_may_not_look: World::of(Cause::PermissionDenied, Plan, "")
        .scene(|scene| scene.users[0].inline.push(("not-this".to_owned(), denying("iam:GetRole"))))
        .shows(&[
            ("action", "iam:GetRole"),
            ("resource", "role/my-private-registry"),
            ("policy", "identity-based"),
            ("policy", "explicit deny"),
        ])
        .mend("forbids iam:GetRole", allow_again);

    a_boundary_around_the_operator: World::of(Cause::PermissionDenied, Plan, "")
        .scene(|scene| {
            let policy = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";
            scene.users[0].boundary = Some(policy.to_owned());
        })
        .shows(&[("policy", "permissions boundary"), ("action", "iam:")])
        .mend("ask whoever sets the permissions boundary", |stage| {
            stage.iam("DeleteUserPermissionsBoundary", json!({ "UserName": OPERATOR }));
        });

    answers_without_a_role: World::of(Cause::BadAnswers, Plan, "")
        .arrange(|stage| stage.answers = stage.answers.clone().without("oidc.role"))
        .shows(&[("key", "oidc.role"), ("reason", "role"), ("example", "-")])
        .mend("correct the answers", |stage| stage.answer("oidc.role", crate::stage::ROLE));

    an_image_that_is_no_name: World::of(Cause::BadAnswers, Pull, "")
        .arrange(|stage| stage.answer("pull_test.image", "Team/App"))
        .shows(&[("key", "pull_test.image"), ("example", "team/app")])
        .mend("correct the answers", |stage| stage.answer("pull_test.image", "team/app:latest"));
}
