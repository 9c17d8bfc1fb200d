//! The practice account made difficult, over the wire: the real binary meets each trouble and says what it is.

use std::process::Command;
use std::time::{Duration, Instant};

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

    fn open_uploads(&self) -> usize {
        self.practice.served.front.account().open_uploads()
    }

    /// The operator does something by another tool.
    fn by_hand(&self, action: &str, input: Value) {
        let done = self.practice.served.front.account().call(&Ask {
            now: okteto_ecr::clock::now(),
            service: Service::Iam,
            action: action.to_owned(),
            region: "us-east-1".to_owned(),
            caller: Some(Principal::User("trainee".to_owned())),
            input: Input::from_json(input),
        });
        done.expect("it is allowed");
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

/// How the push ended, and what is said of it.
fn push(told: &Value) -> (String, String) {
    let rung = &rungs(told)[12];
    let text = |key: &str| rung[key].as_str().expect("a text").to_owned();
    (text("status"), text("detail"))
}

fn rungs(told: &Value) -> Vec<Value> {
    told["rungs"].as_array().expect("rungs").clone()
}

fn step<'a>(told: &'a Value, id: &str) -> &'a Value {
    let steps = told["steps"].as_array().expect("steps");
    steps.iter().find(|step| step["id"] == id).unwrap_or_else(|| panic!("no {id}: {told:#}"))
}

#[test]
fn a_throttled_read_is_asked_again_and_a_throttled_change_is_waited_out() {
    let desk = Desk::new();
    desk.trouble("iam:ListOpenIDConnectProviders", What::Throttle, 1);
    assert_eq!(desk.plan().exits(0).value()["changes"], 3);
    desk.trouble("iam:CreateRole", What::Throttle, 1);
    let applied = desk.apply().exits(0);
    assert!(applied.took >= Duration::from_secs(1), "{:?}", applied.took);
    let told = applied.value();
    assert_eq!(step(&told, "role")["outcome"], "done", "{told:#}");
}

#[test]
fn what_a_lost_reply_made_is_looked_for_and_found() {
    let desk = Desk::new();
    desk.trouble("iam:CreateRole", What::Lose, 1);
    let told = desk.apply().exits(0).value();
    assert_eq!(step(&told, "role")["outcome"], "done", "{told:#}");
    assert_eq!(desk.plan().exits(0).value()["changes"], 0);
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

/// A push is denied the role that may only pull; one that may push is told by its upload, which is gone again.
#[test]
fn a_push_is_denied_or_told_and_never_left_behind() {
    let desk = Desk::new();
    let _ = desk.apply().exits(0);
    let told = desk.pull().exits(0).value();
    assert_eq!(push(&told), ("passed".to_owned(), "denied: ecr:InitiateLayerUpload".to_owned()));

    let input = json!({
        "RoleName": Answers::ROLE,
        "PolicyArn": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser",
    });
    desk.by_hand("AttachRolePolicy", input);
    desk.fails_at("refuses-push", "push-permitted");
    let told = desk.pull().exits(1).value();
    assert!(push(&told).1.ends_with("it was cancelled"), "{told:#}");
    assert_eq!(desk.open_uploads(), 0);
    // A registry that takes the push and does not answer to its cancelling.
    desk.trouble("registry:cancel", What::Fail, 1);
    let told = desk.pull().exits(1).value();
    let fault = &rungs(&told)[12]["fault"];
    assert!(fault["evidence"]["not_cancelled"].is_string(), "{told:#}");

    // Whoever asks for nothing gets no fault: not one push is sent.
    desk.trouble("registry:push", What::Hang, 99);
    for (option, why) in
        [("--read-only", "read-only"), ("--skip-refusals", "left out by --skip-refusals")]
    {
        let told = desk.run.json("pull-test", &desk.answers, &[option]).exits(0).value();
        assert_eq!(push(&told), ("skipped".to_owned(), why.to_owned()), "{told:#}");
    }
}

/// Ctrl-C between the begin of an upload and its cancelling: the process ends, and not before the upload is gone.
#[test]
fn an_interrupt_leaves_no_upload_behind() {
    let desk = Desk::new();
    let _ = desk.apply().exits(0);
    let input = json!({
        "RoleName": Answers::ROLE,
        "PolicyArn": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser",
    });
    desk.by_hand("AttachRolePolicy", input);
    desk.trouble("registry:cancel", What::Slow(Duration::from_secs(2)), 1);
    let answers = desk.answers.display().to_string();
    let mut child = desk.run.spawn(&["pull-test", "--answers", &answers]);
    let until = Instant::now() + Duration::from_secs(30);
    while desk.open_uploads() == 0 {
        assert!(Instant::now() < until, "no upload was begun");
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
    let status = child.wait().expect("it ends");
    assert_eq!((status.code(), desk.open_uploads()), (Some(130), 0));
}

/// What a run changed, a later one knows: it waits without being told to. Without that note it goes by what AWS says of
/// the role's making.
#[test]
fn the_next_process_knows_of_the_change() {
    let delay = (Duration::from_millis(1200), Duration::from_millis(2500));
    for (forgets, why) in [(false, "this program changed the account"), (true, "the role was made")]
    {
        let mut scene = Scene::default();
        scene.difficulty.seed = 1;
        scene.difficulty.spread = [(Kind::Role, delay)].into();
        let desk = Desk::on(Practice::of(&scene));
        let _ = desk.apply().exits(0);
        if forgets {
            std::fs::remove_dir_all(desk.run.state()).expect("the state folder");
        }
        let told = desk.run.json("pull-test", &desk.answers, &[]).exits(0);
        assert_eq!(told.value()["verdict"], "passed", "{told:#?}");
        assert!(told.stderr.contains(why), "{told:#?}");
    }
}

/// No trouble, but what no emulator can do: the provider is there for somebody else's audience.
#[test]
fn an_audience_is_added_to_a_provider_that_is_there_and_the_pull_passes() {
    let desk = Desk::new();
    let input = json!({"Url": ISSUER, "ClientIDList": ["somebody.example.com"]});
    desk.by_hand("CreateOpenIDConnectProvider", input);
    let unasked = desk.apply().exits(1).value();
    assert_eq!(unasked["outcome"], "blocked", "{unasked:#}");
    let told = desk.run.json("apply", &desk.answers, &["--yes", "--confirm", ISSUER]);
    let told = told.exits(0).value();
    assert_eq!(step(&told, "audience")["outcome"], "done", "{told:#}");
    let _ = desk.pull().exits(0);
}
