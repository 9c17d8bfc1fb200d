//! The practice account over its wire, a front before it that counts, and runs with and without the operator's login.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use okteto_ecr::practice::account::input::Input;
use okteto_ecr::practice::account::{Ask, Principal, Service};
use okteto_ecr::practice::front::Front as Account;
use okteto_ecr::practice::scene::Scene;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::bed::Practice;
use crate::key::{self, READ_ONLY, USER, answers, applied, to};
use crate::support::{Answers, Front, Run};

pub const ACCOUNT: &str = "112233445566";
pub const IMAGE: &str = "team/app:1.4.2";

/// In seconds.
pub const DAY: i64 = 86_400;

pub struct World {
    pub practice: Practice,
    pub front: Front,
    pub run: Run,
    /// By so many seconds the account's clock is ahead of this machine's.
    ahead: Arc<AtomicI64>,
    /// For the files of keys: what the program itself keeps is not here.
    pub custody: TempDir,
}

/// What the front does when a call comes by, before it is sent on.
pub type Then = Box<dyn Fn(&str) + Send + Sync>;

impl World {
    pub fn new() -> Self {
        Self::of(|_| {}, Box::new(|_| {}))
    }

    pub fn of(change: impl FnOnce(&mut Scene), then: Then) -> Self {
        let mut scene = Scene::default();
        change(&mut scene);
        let ahead = Arc::new(AtomicI64::new(0));
        let by = Arc::clone(&ahead);
        let clock = move || {
            okteto_ecr::clock::now() + jiff::SignedDuration::from_secs(by.load(Ordering::SeqCst))
        };
        let practice = Practice::at(&scene, Arc::new(clock));
        let port = practice.served.aws.rsplit(':').next().unwrap().parse().unwrap();
        let front = Front::scripted(Some(port), move |call, _| {
            then(&call.action);
            None
        });
        let (id, secret) = practice.root.clone();
        let run = outside(&practice, &front)
            .env("AWS_ACCESS_KEY_ID", id)
            .env("AWS_SECRET_ACCESS_KEY", secret);
        Self { practice, front, run, ahead, custody: TempDir::new().unwrap() }
    }

    /// With a run that is changed.
    pub fn map(self, change: impl FnOnce(Run) -> Run) -> Self {
        Self { run: change(self.run), ..self }
    }

    /// Somebody who reaches the account and has no login there.
    pub fn outsider(&self) -> Run {
        outside(&self.practice, &self.front)
    }

    /// A file that a secret can go to.
    pub fn place(&self, name: &str) -> PathBuf {
        self.custody.path().join(name)
    }

    /// Answers with the secret in the file of this name.
    pub fn to_file(&self, name: &str) -> Answers {
        answers(ACCOUNT, &to(&self.place(name)), IMAGE)
    }

    /// Makes the user with a key in the file of this name: the answers for it, and the key.
    pub fn with_key(&self, name: &str) -> (PathBuf, key::Key) {
        let answers = key::write(&self.run, &format!("{name}.toml"), &self.to_file(name));
        let id = applied(&self.run, &answers, &[]);
        let key = key::in_file(&self.place(name));
        assert_eq!(key.id, id);
        (answers, key)
    }

    /// The operator's own call, past the front.
    pub fn iam(&self, action: &str, input: Value) -> Value {
        call(&self.practice.served.front, action, input)
    }

    /// Makes the user as another tool would: it may pull, and has no key.
    pub fn somebody_made_the_user(&self) {
        self.iam("CreateUser", json!({ "UserName": USER }));
        self.iam("AttachUserPolicy", json!({ "UserName": USER, "PolicyArn": READ_ONLY }));
    }

    /// Makes a key as another tool would: its id.
    pub fn somebody_made_a_key(&self) -> key::Key {
        let made = self.iam("CreateAccessKey", json!({ "UserName": USER }));
        let text = |name: &str| made["AccessKey"][name].as_str().unwrap().to_owned();
        key::Key { id: text("AccessKeyId"), secret: text("SecretAccessKey") }
    }

    /// Does something in the account as of so many seconds ago. Calls over its wire are signed by now, so they work only
    /// within five minutes of it.
    pub fn ago<T>(&self, seconds: i64, act: impl FnOnce(&Self) -> T) -> T {
        self.ahead.store(-seconds, Ordering::SeqCst);
        let done = act(self);
        self.ahead.store(0, Ordering::SeqCst);
        done
    }

    /// The user's keys as the account has them, with their status.
    pub fn keys(&self) -> Vec<(String, String)> {
        let listed = self.iam("ListAccessKeys", json!({ "UserName": USER }));
        let keys = listed["AccessKeyMetadata"].as_array().unwrap();
        let text = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
        keys.iter().map(|key| (text(key, "AccessKeyId"), text(key, "Status"))).collect()
    }

    /// How often a call was sent.
    pub fn sent(&self, action: &str) -> usize {
        self.front.actions().iter().filter(|sent| *sent == action).count()
    }

    /// Fails where a call about keys or the user names nobody: IAM would take it to be about the caller.
    pub fn assert_named(&self) {
        let calls = self.front.calls();
        let about = |action: &str| action.ends_with("AccessKey") || action.ends_with("AccessKeys");
        let about: Vec<_> =
            calls.iter().filter(|call| about(&call.action) || call.action == "GetUser").collect();
        assert!(about.iter().any(|call| call.action == "CreateAccessKey"), "no key was made");
        for call in about {
            assert_eq!(call.form.get("UserName"), Some(USER), "{}", call.action);
        }
    }

    pub fn pull_test(&self, answers: &Path, words: &[&str]) -> crate::support::Finished {
        self.run.json("pull-test", answers, words)
    }
}

fn outside(practice: &Practice, front: &Front) -> Run {
    Run::new()
        .limit(Duration::from_mins(1))
        .env("AWS_ENDPOINT_URL", &front.url)
        .env("AWS_REGION", "us-east-2")
        .env("OKTETO_ECR_REGISTRY_ENDPOINT", &practice.served.registry)
        .env("OKTETO_ECR_ISSUER_ENDPOINT", &practice.served.issuer)
}

fn call(front: &Account, action: &str, input: Value) -> Value {
    let now = front.now();
    let mut account = front.account();
    let ask = Ask {
        now,
        service: Service::Iam,
        action: action.to_owned(),
        region: account.region().to_owned(),
        caller: Some(Principal::User("trainee".to_owned())),
        input: Input::from_json(input),
    };
    account.call(&ask).unwrap_or_else(|refusal| panic!("{action}: {refusal}"))
}
