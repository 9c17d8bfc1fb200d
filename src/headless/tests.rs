use std::io::{self, Write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Parser;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::*;
use crate::cli::Cli;
use crate::domain::partition::AccountId;
use crate::domain::sample;
use crate::engine::fake::{Fake, SECRET, denied};

mod review;
mod runs;

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Rings once, after a time.
struct After(Option<Duration>, Signal);

impl Bell for After {
    fn rings(&mut self) -> BoxFuture<'_, Signal> {
        let Self(time, signal) = *self;
        async move {
            match time {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
            signal
        }
        .boxed()
    }
}

struct Ran {
    code: u8,
    result: String,
    talk: String,
}

impl Ran {
    fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.result).unwrap();
        assert_eq!(value["format"], 1);
        value
    }
}

fn answers() -> String {
    format!(
        "format = 1\nmode = \"oidc\"\nregion = \"us-east-2\"\naccount = \"112233445566\"\n\n[oidc]\nissuer = \"{}\"\n\
         audience = \"{}\"\nsubject = \"{}\"\nrole = \"my-private-registry\"\n\n[pull_test]\nimage = \"team/app:1\"\n",
        sample::ISSUER,
        sample::AUDIENCE,
        sample::SUBJECT
    )
}

async fn ran_with(fake: &Arc<Fake>, answers: &str, line: &str, bell: After) -> Ran {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("answers.toml");
    std::fs::write(&path, answers).unwrap();
    let line = line.replace("ANSWERS", &format!("--answers {}", path.display()));
    let cli = Cli::try_parse_from(format!("okteto-ecr {line}").split(' ')).unwrap();
    let ledger = Ledger::open(Some(home.path().join("state"))).unwrap();
    let run = ledger.begin(jiff::Timestamp::UNIX_EPOCH);
    let (result, talk) = (Paper::default(), Paper::default());
    let out = Out::to(Box::new(result.clone()), Box::new(talk.clone()));
    let read_only = cli.global.read_only;
    let setting = Setting { world: fake.world(), ledger, run, read_only, out, reveal: None };
    let code = super::run(cli.command.unwrap(), setting, bell).await;
    let ran = Ran { code, result: result.text(), talk: talk.text() };
    assert!(!ran.result.contains(SECRET) && !ran.talk.contains(SECRET));
    ran
}

async fn ran(fake: &Arc<Fake>, line: &str) -> Ran {
    ran_with(fake, &answers(), line, After(None, Signal::Interrupt)).await
}

fn begun(fake: &Fake) -> usize {
    fake.begun.load(Ordering::SeqCst)
}

#[tokio::test(start_paused = true)]
async fn plan_prints_the_promised_object_and_writes_nothing() {
    let fake = Arc::new(Fake::default());
    let plan = ran(&fake, "plan ANSWERS --format json").await;
    let value = plan.json();
    assert_eq!(plan.code, 0, "{}", plan.talk);
    assert_eq!(value["account"], "112233445566");
    assert_eq!(value["caller"], sample::caller().arn);
    assert_eq!(value["mode"], "oidc");
    assert_eq!(value["changes"], 3);
    assert_eq!(value["plan_hash"].as_str().unwrap().len(), 64);
    let steps = value["steps"].as_array().unwrap();
    assert_eq!(steps[0]["id"], "provider");
    assert_eq!(steps[0]["standing"], "needed");
    assert_eq!(steps[0]["call"], "iam:CreateOpenIDConnectProvider");
    assert_eq!(steps[0]["request"]["Url"], sample::ISSUER);
    assert!(steps[0].get("diff").is_none());
    assert_eq!(begun(&fake), 0);
    assert_eq!(ran(&fake, "plan ANSWERS --exit-code").await.code, 3);
    fake.complete();
    let again = ran(&fake, "plan ANSWERS --exit-code --format json").await;
    assert_eq!((again.code, &again.json()["changes"]), (0, &json!(0)));
    assert!(ran(&fake, "plan ANSWERS").await.result.contains("No changes"));
    let manifest = ran(&fake, "plan ANSWERS --format okteto").await.result;
    assert!(manifest.contains("kind: Registry"), "{manifest}");
    assert!(ran(&fake, "plan ANSWERS --format aws-cli").await.result.starts_with("#!/bin/sh"));
}

#[tokio::test(start_paused = true)]
async fn bad_answers_are_refused_with_nothing_sent() {
    let fake = Arc::new(Fake::default());
    for (from, to) in [
        ("[oidc]", "[oicd]"),
        (sample::ISSUER, "http://x"),
        ("subject =", "audience2 ="),
        ("mode = \"oidc\"", "mode = \"iam-user\"\n"),
        ("\"112233445566\"", "\"12\""),
    ] {
        for line in ["plan ANSWERS --format json", "apply ANSWERS --yes --format json"] {
            let bell = After(None, Signal::Interrupt);
            let ran = ran_with(&fake, &answers().replace(from, to), line, bell).await;
            assert_eq!(ran.code, 2, "{to}: {}", ran.talk);
            assert_eq!(ran.json()["fault"]["cause"], "bad-answers");
        }
    }
    let without = answers().replace("image = \"team/app:1\"\n", "");
    let bell = After(None, Signal::Interrupt);
    assert_eq!(ran_with(&fake, &without, "pull-test ANSWERS", bell).await.code, 2);
    assert_eq!(fake.calls.load(Ordering::SeqCst), 0);
    assert_eq!(ran(&fake, "plan --answers /nowhere/x.toml").await.code, 2);
}

#[tokio::test(start_paused = true)]
async fn apply_carries_out_and_finds_nothing_the_second_time() {
    let fake = Arc::new(Fake::default());
    let first = ran(&fake, "apply ANSWERS --yes --format json").await;
    let value = first.json();
    assert_eq!(first.code, 0, "{}", first.result);
    assert_eq!(value["outcome"], "done");
    assert!(value["run"].as_str().unwrap().starts_with("19700101-000000-"));
    assert_eq!(value["account"], "112233445566");
    assert_eq!(value["steps"][0]["outcome"], "done");
    assert!(value["steps"][0]["ms"].is_u64());
    let handoff = json!({
        "type": "AWS IAM Role",
        "hostname": sample::HOST,
        "role_arn": "arn:aws:iam::112233445566:role/my-private-registry",
        "audience": sample::AUDIENCE,
    });
    assert_eq!(value["handoff"], handoff);
    let made = begun(&fake);
    let second = ran(&fake, "apply ANSWERS --yes --format json").await;
    let value = second.json();
    assert_eq!((second.code, begun(&fake)), (0, made));
    assert!(value["steps"].as_array().unwrap().iter().all(|s| s["outcome"] == "skipped"));
    assert_eq!(value["handoff"], handoff);
    assert!(ran(&fake, "apply ANSWERS --yes").await.result.contains("Nothing to do"));
}

#[tokio::test(start_paused = true)]
async fn apply_wants_its_words_first() {
    let fake = Arc::new(Fake::default());
    let cause = |ran: &Ran| ran.json()["fault"]["cause"].as_str().unwrap().to_owned();
    let no = ran(&fake, "apply ANSWERS --format json").await;
    assert_eq!((no.code, cause(&no)), (2, "confirmation-needed".to_owned()));
    let no = ran(&fake, "apply ANSWERS --yes --read-only --format json").await;
    assert_eq!((no.code, cause(&no)), (2, "permission-denied".to_owned()));
    assert_eq!(fake.calls.load(Ordering::SeqCst), 0);
    let no = ran(&fake, "apply ANSWERS --yes --plan-hash x --format json").await;
    assert_eq!((no.code, cause(&no)), (1, "plan-changed".to_owned()));
    assert_eq!(no.json()["outcome"], "blocked");
    *fake.caller.lock().unwrap() = Some(crate::domain::intent::Caller {
        account: AccountId::parse("999999999999").unwrap(),
        ..sample::caller()
    });
    let no = ran(&fake, "apply ANSWERS --yes --format json").await;
    assert_eq!((no.code, cause(&no)), (1, "wrong-account".to_owned()));
    *fake.caller.lock().unwrap() = None;

    fake.complete();
    let foreign = "system:serviceaccount:other:other";
    if let Some(role) = fake.account.lock().unwrap().role.as_mut() {
        role.trust = role.trust.replace(sample::SUBJECT, foreign);
        role.tags.clear();
    }
    let no = ran(&fake, "apply ANSWERS --yes --format json").await;
    assert_eq!((no.code, cause(&no)), (1, "confirmation-needed".to_owned()));
    assert!(no.result.contains("--confirm my-private-registry"), "{}", no.result);
    assert_eq!(begun(&fake), 0);
    let yes = ran(&fake, "apply ANSWERS --yes --confirm my-private-registry").await;
    assert_eq!(yes.code, 0, "{}{}", yes.result, yes.talk);
}

#[tokio::test(start_paused = true)]
async fn a_failure_and_a_signal_tell_what_was_made() {
    let fake = Arc::new(Fake::default());
    fake.perform.grants(1);
    fake.perform.refuses(1, &Fault::new(Cause::PermissionDenied, "no"));
    let failed = ran(&fake, "apply ANSWERS --yes --format json").await;
    let value = failed.json();
    assert_eq!((failed.code, value["outcome"].as_str()), (4, Some("failed")));
    let outcomes: Vec<&str> = value["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["done", "failed", "skipped"]);
    assert_eq!(value["steps"][1]["fault"]["cause"], "permission-denied");
    assert_eq!(value["handoff"], Value::Null);

    let fake = Arc::new(Fake::default());
    fake.perform.refuses(1, &Fault::new(Cause::PermissionDenied, "no"));
    assert_eq!(ran(&fake, "apply ANSWERS --yes").await.code, 1, "nothing was changed");

    let fake = Arc::new(Fake::default());
    fake.forgets.store(1, Ordering::SeqCst);
    let unread = ran(&fake, "apply ANSWERS --yes --format json").await;
    assert_eq!((unread.code, unread.json()["outcome"].as_str()), (4, Some("failed")));
    assert!(unread.json()["differs"].is_array());

    let fake = Arc::new(Fake::default());
    fake.perform.refuses(1, &Fault::new(Cause::Unreachable, "lost").with("outcome", "unknown"));
    let lost = ran(&fake, "apply ANSWERS --yes").await;
    assert_eq!(lost.code, 4);
    assert!(!lost.result.contains("nothing was changed"), "{}", lost.result);

    for (takes, code, outcome) in [(0, 143, None), (20, 4, Some("stopped"))] {
        let fake = Arc::new(Fake::default());
        let slow = if takes == 0 { &fake.whoami } else { &fake.perform };
        slow.takes(Duration::from_secs(20));
        let bell = After(Some(Duration::from_secs(5)), Signal::Terminate);
        let line = "apply ANSWERS --yes --format json";
        let stopped = ran_with(&fake, &answers(), line, bell).await;
        assert_eq!(stopped.code, code);
        assert_eq!(stopped.json()["outcome"].as_str(), outcome);
        assert_eq!(begun(&fake), fake.ended.load(Ordering::SeqCst));
    }
}

#[tokio::test(start_paused = true)]
async fn pull_test_prints_the_promised_object() {
    let fake = Arc::new(Fake::default());
    fake.complete();
    let passed = ran(&fake, "pull-test ANSWERS --format json").await;
    let value = passed.json();
    assert_eq!((passed.code, value["verdict"].as_str()), (0, Some("passed")));
    let ids: Vec<&str> =
        value["rungs"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        [
            "discovery",
            "keys",
            "token",
            "claims",
            "assume",
            "identity",
            "login",
            "manifest",
            "layers",
            "digest",
            "refuses-other-audience",
            "refuses-other-subject",
            "refuses-push"
        ]
    );
    assert!(value["rungs"][0]["ms"].is_u64() && value["rungs"][0]["detail"].is_string());
    assert_eq!(value["image"]["reference"], format!("{}/team/app:1", sample::HOST));
    assert_eq!((&value["image"]["layers"], &value["image"]["bytes"]), (&json!(2), &json!(2040)));
    assert!(value["bytes_per_second"].is_u64());

    fake.assume.refuses(99, &denied());
    let failed = ran(&fake, "pull-test ANSWERS --wait 3 --format json").await;
    let value = failed.json();
    assert_eq!((failed.code, value["verdict"].as_str()), (1, Some("failed")));
    assert_eq!(value["rungs"][4]["fault"]["cause"], "not-yet-propagated");
    assert_eq!(value["rungs"][4]["fault"]["waiting_helps"], true);
    assert_eq!(value["image"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn pull_test_announces_what_must_be_refused_and_leaves_out_what_it_is_told_to() {
    let fake = Arc::new(Fake::default());
    fake.complete();
    let all = ran(&fake, "pull-test ANSWERS").await;
    let words = "next: three things that must be refused: a token for another audience, ";
    assert!(all.talk.contains(words), "{}", all.talk);
    assert!(all.result.contains("passed   refuses-push"), "{}", all.result);

    let pushes = |fake: &Fake| fake.pushes.0.load(Ordering::SeqCst);
    let looked = ran(&fake, "pull-test ANSWERS --read-only").await;
    assert!(looked.talk.contains("next: two things that must be refused"), "{}", looked.talk);
    assert!(looked.result.contains("skipped  refuses-push"), "{}", looked.result);
    assert_eq!((looked.code, pushes(&fake)), (0, 1));
    let less = ran(&fake, "pull-test ANSWERS --skip-refusals").await;
    assert!(!less.talk.contains("must be refused"), "{}", less.talk);
    assert!(less.result.contains("left out by --skip-refusals"), "{}", less.result);
    assert_eq!((less.code, pushes(&fake)), (0, 1));

    *fake.pushed.lock().unwrap() = Some(crate::domain::seen::Push::Begun(Ok(())));
    let wide = ran(&fake, "pull-test ANSWERS --format json").await;
    let value = wide.json();
    assert_eq!((wide.code, value["verdict"].as_str()), (1, Some("failed")));
    assert_eq!(value["rungs"][12]["fault"]["cause"], "push-permitted");
    assert!(value["image"].is_object());

    fake.layers.refuses(1, &Fault::new(Cause::LayerHostBlocked, "blocked"));
    let failed = ran(&fake, "pull-test ANSWERS").await;
    assert!(!failed.talk.contains("must be refused"), "{}", failed.talk);
}

#[tokio::test(start_paused = true)]
async fn two_faults_at_once_are_both_told() {
    let fake = Arc::new(Fake::default());
    let failed = ran(&fake, "pull-test ANSWERS").await;
    assert_eq!(failed.code, 1);
    for cause in ["provider-missing", "role-missing"] {
        assert!(failed.result.contains(&format!("cause: {cause}")), "{}", failed.result);
    }
    let told = ran(&fake, "pull-test ANSWERS --format json").await.json();
    let fault = &told["rungs"][3]["fault"];
    assert_eq!(
        (&fault["cause"], &fault["also"][0]["cause"]),
        (&json!("provider-missing"), &json!("role-missing"))
    );
}

#[tokio::test(start_paused = true)]
async fn what_apply_changed_is_noted_also_where_the_answer_was_lost() {
    let noted = |fake: &Fake| *fake.noted.lock().unwrap();
    let fake = Arc::new(Fake::default());
    fake.perform.refuses(1, &Fault::new(Cause::PermissionDenied, "no"));
    ran(&fake, "apply ANSWERS --yes").await;
    assert_eq!(noted(&fake), None, "nothing was changed");
    fake.perform.refuses(1, &Fault::new(Cause::Unreachable, "lost").with("outcome", "unknown"));
    ran(&fake, "apply ANSWERS --yes").await;
    assert!(noted(&fake).is_some());
    let fake = Arc::new(Fake::default());
    ran(&fake, "apply ANSWERS --yes").await;
    assert!(noted(&fake).is_some());
}

#[tokio::test(start_paused = true)]
async fn pull_test_needs_no_login_of_the_operators_and_can_be_stopped() {
    let fake = Arc::new(Fake::default());
    fake.complete();
    fake.whoami.refuses(1, &Fault::new(Cause::CredentialsMissing, "none"));
    let passed = ran(&fake, "pull-test ANSWERS").await;
    assert_eq!(passed.code, 0, "{}", passed.talk);
    assert!(passed.result.contains("passed   digest"), "{}", passed.result);

    // Keys that AWS does not know, a login of elsewhere, and an account that only the host names.
    fake.whoami.refuses(1, &Fault::new(Cause::AccessKeyUnknown, "unknown"));
    assert_eq!(ran(&fake, "pull-test ANSWERS").await.code, 0);
    *fake.caller.lock().unwrap() = Some(crate::domain::intent::Caller {
        account: AccountId::parse("999999999999").unwrap(),
        ..sample::caller()
    });
    let elsewhere = ran(&fake, "pull-test ANSWERS").await;
    assert_eq!(elsewhere.code, 0);
    assert!(elsewhere.talk.contains("(wrong-account)"), "{}", elsewhere.talk);
    *fake.caller.lock().unwrap() = None;
    let unnamed = answers().replace("account = \"112233445566\"\n", "");
    let host = format!("registry = \"{}\"", sample::HOST);
    let by_host = unnamed.replace("region = \"us-east-2\"", &host);
    for (answers, code) in [(&by_host, 0), (&unnamed, 1)] {
        fake.whoami.refuses(1, &Fault::new(Cause::CredentialsMissing, "none"));
        let bell = After(None, Signal::Interrupt);
        let ran = ran_with(&fake, answers, "pull-test ANSWERS", bell).await;
        assert_eq!(ran.code, code, "{}", ran.talk);
        assert_eq!(ran.talk.contains("name the account"), code == 1, "{}", ran.talk);
    }

    fake.layers.takes(Duration::from_mins(1));
    let bell = After(Some(Duration::from_secs(5)), Signal::Interrupt);
    let began = tokio::time::Instant::now();
    let stopped = ran_with(&fake, &answers(), "pull-test ANSWERS --format json", bell).await;
    assert_eq!((stopped.code, began.elapsed().as_secs()), (130, 5));
    assert_eq!(stopped.json()["fault"]["cause"], "stopped");
}

#[tokio::test(start_paused = true)]
async fn info_says_what_was_found() {
    let fake = Arc::new(Fake::default());
    let info = ran(&fake, "info --format json").await;
    let value = info.json();
    assert_eq!((info.code, value["aws"]["account"].as_str()), (0, Some("112233445566")));
    assert_eq!(value["version"], env!("CARGO_PKG_VERSION"));
    assert!(value["state_dir"].is_string() && value["logs"].is_string());
    assert!(ran(&fake, "info").await.result.contains("aws.caller"));
}

#[tokio::test(start_paused = true)]
async fn a_bug_ends_with_70() {
    let fake = Arc::new(Fake::default());
    fake.panics.store(1, Ordering::SeqCst);
    assert_eq!(ran(&fake, "plan ANSWERS").await.code, 70);
}
