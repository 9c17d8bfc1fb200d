//! Past STS: the registry's login, what the role may read, the repository, the image, the layers.

use std::time::Duration;

use okteto_ecr::domain::fault::Cause;
use okteto_ecr::practice::account::difficulty::What;
use serde_json::{Value, json};

use crate::stage::{READ_ONLY, ROLE, Stage, denying};
use crate::table::Asked::Pull;
use crate::table::{World, worlds};

fn detach(stage: &mut Stage) {
    stage.iam("DetachRolePolicy", json!({"RoleName": ROLE, "PolicyArn": READ_ONLY}));
}

fn inline(stage: &mut Stage, document: &str) {
    let put = json!({"RoleName": ROLE, "PolicyName": "extra", "PolicyDocument": document});
    stage.iam("PutRolePolicy", put);
}

fn without_inline(stage: &mut Stage) {
    stage.iam("DeleteRolePolicy", json!({"RoleName": ROLE, "PolicyName": "extra"}));
}

fn login_only() -> String {
    let statement =
        json!({"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn repository() -> Value {
    json!({ "repositoryName": "team/app" })
}

fn after_a_while(stage: &mut Stage) {
    stage.pass(Duration::from_secs(5));
}

worlds! {
    a_role_without_its_policy: World::of(Cause::LoginPermissionMissing, Pull, "login")
        .arrange(detach)
        .shows(&[("action", "ecr:GetAuthorizationToken"), ("policy", "identity-based")])
        .mend("cannot be narrowed to a repository", Stage::apply);

    a_login_that_a_statement_denies: World::of(Cause::LoginPermissionMissing, Pull, "login")
        .arrange(|stage| inline(stage, &denying("ecr:GetAuthorizationToken")))
        .shows(&[("policy", "explicit deny")])
        .mend("forbids ecr:GetAuthorizationToken", without_inline);

    a_boundary_around_the_role: World::of(Cause::LoginPermissionMissing, Pull, "login")
        .arrange(|stage| {
            let boundary = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
            let put = json!({"RoleName": ROLE, "PermissionsBoundary": boundary});
            stage.iam("PutRolePermissionsBoundary", put);
        })
        .shows(&[("policy", "permissions boundary")])
        .mend("ask whoever sets the permissions boundary", |stage| {
            stage.iam("DeleteRolePermissionsBoundary", json!({ "RoleName": ROLE }));
        });

    a_role_that_may_only_log_in: World::of(Cause::PullPermissionMissing, Pull, "manifest")
        .arrange(|stage| {
            detach(stage);
            inline(stage, &login_only());
        })
        .shows(&[
            ("action", "ecr:BatchGetImage"),
            ("resource", "team/app"),
            ("policy", "identity-based"),
        ])
        .mend("allow ecr:BatchGetImage", Stage::apply);

    a_pull_that_a_statement_denies: World::of(Cause::PullPermissionMissing, Pull, "manifest")
        .arrange(|stage| inline(stage, &denying("ecr:BatchGetImage")))
        .shows(&[("action", "ecr:BatchGetImage"), ("policy", "explicit deny")])
        .mend("find the Deny statement", without_inline);

    a_layer_that_a_statement_denies: World::of(Cause::PullPermissionMissing, Pull, "layers")
        .arrange(|stage| inline(stage, &denying("ecr:GetDownloadUrlForLayer")))
        .shows(&[("action", "ecr:GetDownloadUrlForLayer")])
        .mend("find the Deny statement", without_inline);

    a_repository_that_shuts_the_role_out:
        World::of(Cause::RepositoryPolicyMissing, Pull, "manifest")
        .arrange(|stage| {
            let mut policy = repository();
            policy["policyText"] = json!({
                "Version": "2012-10-17",
                "Statement": [{
                    "Sid": "NotFromHere", "Effect": "Deny", "Principal": "*",
                    "Action": "ecr:BatchGetImage",
                }],
            })
            .to_string()
            .into();
            stage.ecr("SetRepositoryPolicy", policy);
        })
        .shows(&[("action", "ecr:BatchGetImage"), ("policy", "resource-based")])
        .mend("let the repository policy", |stage| {
            stage.ecr("DeleteRepositoryPolicy", repository());
        });

    a_repository_that_is_not_there: World::of(Cause::RepositoryMissing, Pull, "manifest")
        .arrange(|stage| stage.answer("pull_test.image", "team/apps:latest"))
        .shows(&[("code", "NAME_UNKNOWN"), ("registry_said", "team/apps")])
        .mend("check the repository's name", |stage| {
            stage.answer("pull_test.image", "team/app:latest");
        });

    an_image_that_is_not_there: World::of(Cause::ImageMissing, Pull, "manifest")
        .arrange(|stage| stage.answer("pull_test.image", "team/app:9.9.9"))
        .shows(&[("code", "MANIFEST_UNKNOWN")])
        .mend("check tag or digest", |stage| stage.answer("pull_test.image", "team/app:1.4.2"));

    an_image_for_other_machines: World::of(Cause::PlatformMissing, Pull, "manifest")
        .arrange(|stage| stage.answer("pull_test.platform", "linux/s390x"))
        .shows(&[("wanted", "linux/s390x"), ("got", "arm64")])
        .mend("set pull_test.platform", |stage| stage.answer("pull_test.platform", "linux/arm64"));

    a_registry_login_that_has_ended: World::of(Cause::RegistryTokenExpired, Pull, "manifest")
        .arrange(|stage| stage.trouble("registry:manifest", What::Expire, 1))
        .shows(&[("registry_said", "expired")])
        .mend("run the test again", |_| {});

    a_registry_of_another_region: World::of(Cause::RegistryLoginRefused, Pull, "manifest")
        .arrange(|stage| stage.answer("region", "eu-west-1"))
        .shows(&[("code", "UNAUTHORIZED"), ("status", "401")])
        .mend("the registry's own region", |stage| stage.answer("region", "us-east-2"));

    a_login_of_another_region: World::of(Cause::RegistryRegionMismatch, Pull, "manifest")
        .arrange(|stage| {
            stage.registry_says(Some((400, "DENIED", "the token is for another region")));
        })
        .shows(&[("status", "400"), ("registry_said", "another region")])
        .mend("in the region that the registry's host names", |stage| stage.registry_says(None));

    a_registry_that_is_busy: World::of(Cause::Throttled, Pull, "manifest")
        .arrange(|stage| stage.trouble("registry:manifest", What::Throttle, 3))
        .shows(&[("code", "TOOMANYREQUESTS")])
        .mend("wait a moment", after_a_while);

    a_proxy_before_the_registry: World::of(Cause::Unexplained, Pull, "manifest")
        .arrange(|stage| stage.registry_says(Some((403, "", "blocked by the proxy"))))
        .shows(&[("status", "403"), ("registry_said", "blocked by the proxy")])
        .mend("something between here and the registry", |stage| stage.registry_says(None));

    a_host_of_layers_that_is_blocked: World::of(Cause::LayerHostBlocked, Pull, "layers")
        .arrange(|stage| stage.trouble("layers:get", What::Refuse, 1))
        .shows(&[("status", "403")])
        .mend("prod-us-east-2-starport-layer-bucket", |_| {});

    a_layer_that_was_altered: World::of(Cause::DigestMismatch, Pull, "digest")
        .arrange(|stage| stage.trouble("layers:get", What::Alter, 1))
        .shows(&[("wanted", "sha256:")])
        .mend("alters the bytes", |_| {});
}
