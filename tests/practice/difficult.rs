//! The practice account made difficult, over the wire: the real binary meets each trouble and says what it is.

use std::time::Duration;

use okteto_ecr::practice::account::difficulty::{Kind, What};
use okteto_ecr::practice::account::input::Input;
use okteto_ecr::practice::account::{Ask, Principal, Service};
use okteto_ecr::practice::scene::Scene;
use serde_json::{Value, json};

use crate::bed::Practice;
use crate::cases::ISSUER;
use crate::support::{Answers, Finished, Run};

/// The binary with the operator's login, its answers and a token.
struct Desk {
    practice: Practice,
    run: Run,
    answers: std::path::PathBuf,
}

impl Desk {
    fn new() -> Self {
        Self::on(Practice::start())
    }

    fn on(practice: Practice) -> Self {
        let (key, secret) = &practice.root;
        let run = Run::new()
            .env("AWS_ENDPOINT_URL", &practice.served.aws)
            .env("AWS_ACCESS_KEY_ID", key)
            .env("AWS_SECRET_ACCESS_KEY", secret)
            .env("AWS_REGION", "us-east-2")
            .env("OKTETO_ECR_REGISTRY_ENDPOINT", &practice.served.registry)
            .env("OKTETO_ECR_ISSUER_ENDPOINT", &practice.served.issuer);
        let token = run.file("token", &practice.token());
        let answers = Answers::tutorial(&practice.account).with("oidc.issuer", ISSUER);
        let answers = answers.pulling("team/app:latest", &token).write(run.home());
        Self { practice, run, answers }
    }

    /// The next `times` such calls meet it.
    fn trouble(&self, on: &str, what: What, times: u32) {
        self.practice.trouble(on, what, Some(times));
    }

    fn plan(&self) -> Finished {
        self.run.json("plan", &self.answers, &[])
    }

    fn apply(&self) -> Finished {
        self.run.json("apply", &self.answers, &["--yes"])
    }

    fn pull(&self) -> Finished {
        self.run.json("pull-test", &self.answers, &["--wait", "20"])
    }

    /// The pull test fails at this rung, for this cause.
    #[track_caller]
    fn fails_at(&self, rung: &str, cause: &str) {
        let told = self.pull().value();
        let failed = rungs(&told).into_iter().find(|rung| rung["status"] == "failed");
        let failed = failed.unwrap_or_else(|| panic!("nothing failed: {told:#}"));
        assert_eq!(
            (&failed["id"], &failed["fault"]["cause"]),
            (&rung.into(), &cause.into()),
            "{told:#}"
        );
    }
}

fn rungs(told: &Value) -> Vec<Value> {
    told["rungs"].as_array().expect("rungs").clone()
}

fn step<'a>(told: &'a Value, id: &str) -> &'a Value {
    let steps = told["steps"].as_array().expect("steps");
    steps.iter().find(|step| step["id"] == id).unwrap_or_else(|| panic!("no {id}: {told:#}"))
}

#[test]
fn a_throttled_read_is_asked_again_and_a_throttled_change_is_told() {
    let desk = Desk::new();
    desk.trouble("iam:ListOpenIDConnectProviders", What::Throttle, 1);
    assert_eq!(desk.plan().exits(0).value()["changes"], 3);
    desk.trouble("iam:CreateRole", What::Throttle, 1);
    let told = desk.apply().exits(4).value();
    assert_eq!(step(&told, "role")["fault"]["cause"], "throttled", "{told:#}");
    let _ = desk.apply().exits(0);
}

#[test]
fn a_lost_reply_leaves_the_change_unknown_and_the_next_look_finds_it() {
    let desk = Desk::new();
    desk.trouble("iam:CreateRole", What::Lose, 1);
    let told = desk.apply().exits(4).value();
    assert_eq!(step(&told, "role")["outcome"], "unknown", "{told:#}");
    let plan = desk.plan().exits(0).value();
    assert_eq!(
        (&step(&plan, "role")["standing"], &plan["changes"]),
        (&"present".into(), &1.into())
    );
}

#[test]
fn an_ended_login_a_failing_service_and_a_slow_one_are_told_apart() {
    let desk = Desk::new();
    desk.trouble("sts:GetCallerIdentity", What::Expire, 1);
    assert_eq!(desk.plan().exits(1).value()["fault"]["cause"], "credentials-expired");
    desk.trouble("iam:GetRole", What::Slow(Duration::from_millis(700)), 1);
    let slow = desk.plan().exits(0);
    assert!(slow.took > Duration::from_millis(700), "{:?}", slow.took);
    desk.trouble("iam:ListOpenIDConnectProviders", What::Fail, 1);
    let _ = desk.plan().exits(0);
}

#[test]
fn what_spreads_late_is_waited_for() {
    let delay = (Duration::from_millis(1200), Duration::from_millis(2500));
    let mut scene = Scene::default();
    scene.difficulty.seed = 1;
    scene.difficulty.spread = [(Kind::Role, delay), (Kind::Permissions, delay)].into();
    let desk = Desk::on(Practice::of(&scene));
    let _ = desk.apply().exits(0);
    let told = desk.pull().exits(0).value();
    assert_eq!(told["verdict"], "passed", "{told:#}");
    let waited: u64 = rungs(&told).iter().filter_map(|rung| rung["ms"].as_u64()).sum();
    assert!(waited > 300, "it was not waited for: {told:#}");
}

#[test]
fn sts_that_cannot_fetch_the_keys_and_an_issuer_that_is_away_are_told() {
    let desk = Desk::new();
    let _ = desk.apply().exits(0);
    desk.trouble("sts:fetch-keys", What::Unreachable, 99);
    desk.fails_at("assume", "issuer-unreachable");

    let desk = Desk::new();
    let _ = desk.apply().exits(0);
    desk.trouble("issuer:*", What::Unreachable, 9);
    let told = desk.pull().exits(0).value();
    let discovery = &rungs(&told)[0];
    assert_eq!(
        (&discovery["status"], &discovery["fault"]["cause"]),
        (&"warned".into(), &"issuer-unreachable".into())
    );
}

#[test]
fn a_registry_in_trouble_is_told_by_its_cause() {
    let desk = Desk::new();
    let _ = desk.apply().exits(0);
    let _ = desk.pull().exits(0);
    desk.trouble("layers:get", What::Alter, 99);
    desk.fails_at("digest", "digest-mismatch");

    for (on, what, rung, cause) in [
        ("layers:get", What::Cut, "layers", "unreachable"),
        ("layers:get", What::Refuse, "layers", "layer-host-blocked"),
        ("registry:manifest", What::Throttle, "manifest", "throttled"),
    ] {
        let desk = Desk::new();
        let _ = desk.apply().exits(0);
        desk.trouble(on, what, 99);
        desk.fails_at(rung, cause);
    }
}

/// No trouble, but what no emulator can do: the provider is there for somebody else's audience.
#[test]
fn an_audience_is_added_to_a_provider_that_is_there_and_the_pull_passes() {
    let desk = Desk::new();
    let input = json!({"Url": ISSUER, "ClientIDList": ["somebody.example.com"]});
    let made = desk.practice.served.front.account().call(&Ask {
        now: okteto_ecr::clock::now(),
        service: Service::Iam,
        action: "CreateOpenIDConnectProvider".to_owned(),
        region: "us-east-1".to_owned(),
        caller: Some(Principal::User("trainee".to_owned())),
        input: Input::from_json(input),
    });
    made.expect("a provider");
    let unasked = desk.apply().exits(1).value();
    assert_eq!(unasked["outcome"], "blocked", "{unasked:#}");
    let told = desk.run.json("apply", &desk.answers, &["--yes", "--confirm", ISSUER]);
    let told = told.exits(0).value();
    assert_eq!(step(&told, "audience")["outcome"], "done", "{told:#}");
    let _ = desk.pull().exits(0);
}
