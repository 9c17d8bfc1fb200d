//! User mode: the user, its key, where the secret goes, and the pull with it.

use std::time::Duration;

use okteto_ecr::domain::fault::Cause;
use okteto_ecr::practice::account::Service;
use okteto_ecr::practice::account::difficulty::{Kind, What};
use serde_json::json;

use crate::stage::{Meanwhile, READ_ONLY, Stage, USER, call};
use crate::table::Asked::{Apply, Pull};
use crate::table::{World, worlds};
use crate::world::COLLEAGUE;

const POWER: &str = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser";

fn set(stage: &Stage, status: &str) {
    let update = json!({"UserName": USER, "AccessKeyId": stage.key_id(), "Status": status});
    stage.iam("UpdateAccessKey", update);
}

/// The cluster takes a dry run and what is meant, or only the first.
fn kubectl(stage: &mut Stage, takes: bool) {
    stage.answer("iam_user.secret_to", "kubernetes");
    let real = if takes {
        "echo secret/x created"
    } else {
        "echo 'Error from server (Forbidden): secrets is forbidden: cannot create resource \"secrets\"' >&2; exit 1"
    };
    stage.kubectl(&format!(
        "case \"$*\" in *' get '*|get*) exit 0;; esac\ncat > /dev/null\n\
         case \"$*\" in *dry-run*) echo secret/x created;; *) {real};; esac"
    ));
}

/// The keys of the user are deleted.
fn delete_keys(stage: &mut Stage) {
    let listed = stage.iam("ListAccessKeys", json!({ "UserName": USER }));
    for key in listed["AccessKeyMetadata"].as_array().unwrap() {
        let delete = json!({"UserName": USER, "AccessKeyId": key["AccessKeyId"]});
        stage.iam("DeleteAccessKey", delete);
    }
}

worlds! {
    a_key_that_was_made_inactive: World::of(Cause::AccessKeyInactive, Pull, "access-key")
        .by_user()
        .arrange(|stage| set(stage, "Inactive"))
        .shows(&[("status", "Inactive"), ("key", "AKIA"), ("code", "InvalidClientTokenId")])
        .mend("make the key active again", |stage| set(stage, "Active"));

    a_key_that_was_deleted: World::of(Cause::AccessKeyUnknown, Pull, "access-key")
        .by_user()
        .arrange(delete_keys)
        .shows(&[("got", "private-registry-user has no access key"), ("key", "AKIA")])
        .mend("give a key that the user has, or make one", Stage::another_key);

    a_key_that_another_one_took_the_place_of:
        World::of(Cause::AccessKeyUnknown, Pull, "access-key")
        .by_user()
        .arrange(|stage| {
            let old = json!({
                "AccessKeyId": stage.key_id(), "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            });
            delete_keys(stage);
            stage.another_key();
            stage.put(&old);
        })
        .shows(&[("got", "private-registry-user has AKIA")])
        .mend("give a key that the user has", |stage| stage.put_key());

    a_secret_that_was_mistyped: World::of(Cause::SecretMismatch, Pull, "access-key")
        .by_user()
        .arrange(|stage| stage.mistype_key())
        .shows(&[("from", "okteto.key"), ("key", "AKIA"), ("code", "SignatureDoesNotMatch")])
        .mend("put the right one there, to the letter", |stage| stage.put_key());

    the_key_of_a_colleague: World::of(Cause::IdentityMismatch, Pull, "identity")
        .by_user()
        .arrange(|stage| {
            let made = stage.iam("CreateAccessKey", json!({ "UserName": COLLEAGUE }));
            stage.put(&made["AccessKey"]);
        })
        .shows(&[("wanted", "user/private-registry-user"), ("got", "user/colleague")])
        .mend("give the access key of private-registry-user", |stage| stage.put_key());

    a_key_that_is_in_no_file: World::of(Cause::File, Pull, "access-key")
        .by_user()
        .arrange(|stage| std::fs::remove_file(stage.key_file()).unwrap())
        .shows(&[("path", "okteto.key")])
        .mend("", |stage| stage.put_key());

    a_key_that_has_not_spread: World::of(Cause::NotYetPropagated, Pull, "access-key")
        .by_user()
        .scene(|scene| {
            let long = Duration::from_secs(200);
            scene.difficulty.spread.insert(Kind::Key, (long, long));
        })
        .shows(&[("changed", "was made"), ("key", "AKIA")])
        .mend("wait a minute", |stage| stage.pass(Duration::from_secs(200)));

    a_user_without_its_policy: World::of(Cause::LoginPermissionMissing, Pull, "login")
        .by_user()
        .arrange(|stage| {
            stage.iam("DetachUserPolicy", json!({"UserName": USER, "PolicyArn": READ_ONLY}));
        })
        .shows(&[("action", "ecr:GetAuthorizationToken"), ("policy", "identity-based")])
        .mend("cannot be narrowed to a repository", |stage| {
            stage.iam("AttachUserPolicy", json!({"UserName": USER, "PolicyArn": READ_ONLY}));
        });

    a_user_that_may_push: World::of(Cause::PushPermitted, Pull, "refuses-push")
        .by_user()
        .arrange(|stage| {
            stage.iam("AttachUserPolicy", json!({"UserName": USER, "PolicyArn": POWER}));
        })
        .shows(&[("action", "ecr:InitiateLayerUpload"), ("resource", "team/app")])
        .mend("take ecr:InitiateLayerUpload from the user", |stage| {
            stage.iam("DetachUserPolicy", json!({"UserName": USER, "PolicyArn": POWER}));
        });

    a_file_in_the_place_of_the_secret: World::of(Cause::File, Apply, "")
        .by_user()
        .arrange(|stage| std::fs::write(stage.key_file(), "not to be lost").unwrap())
        .shows(&[("path", "okteto.key"), ("step", "custody")])
        .mend("", |stage| std::fs::remove_file(stage.key_file()).unwrap());

    a_user_of_the_name_under_another_path: World::of(Cause::Conflict, Apply, "")
        .by_user()
        .arrange(|stage| {
            stage.iam("CreateUser", json!({"UserName": USER, "Path": "/team/"}));
        })
        .shows(&[("step", "user")])
        .mend("give the path as /team/", |stage| stage.answer("access.path", "/team/"));

    a_colleague_who_makes_a_key_first: World::of(Cause::PlanChanged, Apply, "access-key")
        .by_user()
        .arrange(|stage| {
            stage.iam("CreateUser", json!({ "UserName": USER }));
            stage.trouble("iam:AttachUserPolicy", What::Slow(Duration::from_secs(1)), 1);
            stage.meanwhile = Some(Meanwhile::Colleague(|front| {
                let named = json!({ "UserName": USER });
                call(front, front.now(), Service::Iam, "CreateAccessKey", named);
            }));
        })
        .shows(&[("key_made", "no"), ("got", "AKIA")])
        .mend("make the plan again", |_| {});

    a_key_whose_answer_is_lost: World::of(Cause::Unreachable, Apply, "access-key")
        .by_user()
        .arrange(|stage| stage.trouble("iam:CreateAccessKey", What::Lose, 1))
        .shows(&[("outcome", "unknown"), ("unknown_key", "AKIA")])
        .mend("delete the key AKIA", delete_keys);

    a_secret_that_cannot_be_delivered:
        World::of(Cause::ClusterPermissionMissing, Apply, "access-key")
        .by_user()
        .arrange(|stage| kubectl(stage, false))
        .shows(&[("key_deleted", "yes"), ("key", "AKIA"), ("kubectl_said", "cannot create")])
        .mend("ask for the right", |stage| kubectl(stage, true))
        .in_real_time();
}
