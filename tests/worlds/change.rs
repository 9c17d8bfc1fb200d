//! Carrying a plan out: what AWS refuses, what others do in the meantime, what has to be confirmed.

use std::time::Duration;

use okteto_ecr::domain::fault::Cause;
use okteto_ecr::practice::account::Service;
use okteto_ecr::practice::account::difficulty::What;
use okteto_ecr::practice::front::Front;
use serde_json::{Value, json};

use crate::stage::{ACCOUNT, Meanwhile, NAME, ROLE, Stage, call, denying};
use crate::table::Asked::{Apply, Plan};
use crate::table::{Way, World, worlds};
use crate::world::{ISSUER, OPERATOR};

/// Long enough for a colleague to be first.
const SLOW: What = What::Slow(Duration::from_secs(1));

fn colleague(front: &Front, action: &str, input: Value) {
    call(front, front.now(), Service::Iam, action, input);
}

fn provider_for(audience: &str) -> Value {
    json!({"Url": ISSUER, "ClientIDList": [audience]})
}

fn other_provider(number: usize) -> Value {
    json!({"Url": format!("https://{number}.example.com"), "ClientIDList": ["sts.amazonaws.com"]})
}

fn provider_arn() -> Value {
    json!({ "OpenIDConnectProviderArn": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{NAME}") })
}

/// A role of the wished name that lets the account's own users in.
fn role(path: &str) -> Value {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
    });
    json!({"RoleName": ROLE, "Path": path, "AssumeRolePolicyDocument": trust.to_string()})
}

fn remove_a_provider(stage: &mut Stage) {
    let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/1.example.com");
    stage.iam("DeleteOpenIDConnectProvider", json!({ "OpenIDConnectProviderArn": arn }));
}

worlds! {
    an_operator_who_may_not_make_roles: World::of(Cause::PermissionDenied, Apply, "role")
        .scene(|scene| {
            scene.users[0].inline.push(("not-this".to_owned(), denying("iam:CreateRole")));
        })
        .shows(&[("action", "iam:CreateRole"), ("resource", "role/my-private-registry")])
        .mend("forbids iam:CreateRole", |stage| {
            stage.iam("DeleteUserPolicy", json!({"UserName": OPERATOR, "PolicyName": "not-this"}));
        });

    /// Once it is waited out; so often it is not.
    a_change_that_is_throttled: World::of(Cause::Throttled, Apply, "role")
        .arrange(|stage| stage.trouble("iam:CreateRole", What::Throttle, 6))
        .shows(&[("code", "Throttling"), ("aws_said", "Rate exceeded")])
        .mend("wait a moment", |stage| stage.pass(Duration::from_secs(5)))
        .only(Way::Engine, "half a minute of real time");

    /// What it made is looked for, and that cannot be seen either: two looks of three tries.
    a_reply_that_is_lost: World::of(Cause::Unreachable, Apply, "role")
        .arrange(|stage| {
            stage.trouble("iam:CreateRole", What::Lose, 1);
            stage.trouble("iam:ListAttachedRolePolicies", What::Unreachable, 6);
        })
        .shows(&[("outcome", "unknown"), ("not_looked_at", "")])
        .mend("see what is there", |_| {})
        .only(Way::Engine, "ten seconds of real time");

    /// Another process has the journal open: one at a time.
    a_run_that_is_under_way: World::of(Cause::InUse, Apply, "")
        .arrange(|stage| stage.command().be_at_work())
        .shows(&[("process", ""), ("run", "-")])
        .mend("wait for it to end", |stage| stage.command().end_work())
        .only(Way::Command, "in memory there is one process");

    a_look_that_gets_no_answer: World::of(Cause::DeadlinePassed, Plan, "")
        .arrange(|stage| stage.trouble("iam:ListOpenIDConnectProviders", What::Hang, 1))
        .shows(&[("limit_seconds", "30")])
        .mend("try again", |_| {})
        .only(Way::Engine, "half a minute of real time");

    a_colleague_who_makes_the_role_first: World::of(Cause::AlreadyExists, Apply, "role")
        .arrange(|stage| {
            stage.trouble("iam:CreateRole", SLOW, 1);
            stage.meanwhile =
                Some(Meanwhile::Colleague(|front| colleague(front, "CreateRole", role("/"))));
        })
        .shows(&[("code", "EntityAlreadyExists"), ("aws_said", ROLE)])
        .mend("make the plan again", |_| {});

    a_provider_that_vanishes_before_the_role_is_made:
        World::of(Cause::MalformedPolicy, Apply, "role")
        .arrange(|stage| {
            stage.iam("CreateOpenIDConnectProvider", provider_for("okteto.example.com/us-east-2"));
            stage.trouble("iam:CreateRole", SLOW, 1);
            stage.meanwhile = Some(Meanwhile::Colleague(|front| {
                colleague(front, "DeleteOpenIDConnectProvider", provider_arn());
            }));
        })
        .shows(&[("code", "MalformedPolicyDocument"), ("aws_said", NAME)])
        .mend("make the plan again", |_| {});

    a_quota_that_a_colleague_uses_up: World::of(Cause::QuotaReached, Apply, "provider")
        .arrange(|stage| {
            for number in 1..100 {
                stage.iam("CreateOpenIDConnectProvider", other_provider(number));
            }
            stage.trouble("iam:CreateOpenIDConnectProvider", SLOW, 1);
            stage.meanwhile = Some(Meanwhile::Colleague(|front| {
                colleague(front, "CreateOpenIDConnectProvider", other_provider(100));
            }));
        })
        .shows(&[("code", "LimitExceeded"), ("aws_said", "OpenIdConnectProvidersPerAccount")])
        .mend("remove what is not needed", remove_a_provider);

    a_quota_that_is_used_up_already: World::of(Cause::Conflict, Apply, "")
        .arrange(|stage| {
            for number in 1..=100 {
                stage.iam("CreateOpenIDConnectProvider", other_provider(number));
            }
        })
        .shows(&[("step", "provider")])
        .mend("delete a provider", remove_a_provider);

    a_role_of_the_name_under_another_path: World::of(Cause::Conflict, Apply, "")
        .arrange(|stage| {
            stage.iam("CreateRole", role("/team/"));
        })
        .shows(&[("step", "role")])
        .mend("give the path as /team/", |stage| stage.answer("access.path", "/team/"));

    a_plan_that_is_no_longer_the_one_shown: World::of(Cause::PlanChanged, Apply, "")
        .arrange(|stage| {
            let shown = stage.ask(Plan).whole["plan_hash"].as_str().unwrap().to_owned();
            stage.words = vec!["--plan-hash".to_owned(), shown];
            stage.iam("CreateOpenIDConnectProvider", provider_for("sts.amazonaws.com"));
        })
        .shows(&[("wanted", ""), ("got", "")])
        .mend("look at plan again", |stage| {
            stage.words.clear();
            let shown = stage.ask(Plan).whole["plan_hash"].as_str().unwrap().to_owned();
            stage.words = vec!["--plan-hash".to_owned(), shown];
        })
        .only(Way::Command, "the wizard carries out the plan that it shows");

    a_provider_of_somebody_else: World::of(Cause::ConfirmationNeeded, Apply, "")
        .arrange(|stage| {
            stage.confirms.clear();
            stage.iam("CreateOpenIDConnectProvider", provider_for("sts.amazonaws.com"));
        })
        .shows(&[("missing", "--confirm"), ("missing", ISSUER)])
        .mend("--confirm", |stage| stage.confirms.push(ISSUER.to_owned()))
        .only(Way::Command, "the wizard asks on the screen, before it starts the task");

    an_operator_who_presses_ctrl_c: World::of(Cause::Stopped, Apply, "")
        .arrange(|stage| {
            stage.trouble("iam:CreateOpenIDConnectProvider", SLOW, 1);
            stage.meanwhile = Some(Meanwhile::Interrupt);
        })
        .mend("run it again", |_| {});
}
