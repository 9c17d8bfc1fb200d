//! Where a world is played: the account with a colleague in it, the answers, the token, the cluster; and who is asked.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use okteto_ecr::domain::intent::Caller;
use okteto_ecr::domain::inventory::Inventory;
use okteto_ecr::domain::partition::{AccountId, Partition};
use okteto_ecr::domain::plan::{Choices, Stamp, plan};
use okteto_ecr::practice::account::difficulty::{Trouble, What};
use okteto_ecr::practice::account::input::Input;
use okteto_ecr::practice::account::{Ask, Principal, Service};
use okteto_ecr::practice::front::Front;
use okteto_ecr::practice::issuer::TokenRequest;
use okteto_ecr::practice::scene::Scene;
use serde_json::{Value, json};

use crate::command::Command;
use crate::engine::Engine;
use crate::support::Answers;
use crate::table::{Asked, Way};
use crate::world::{COLLEAGUE, ISSUER};

pub const ACCOUNT: &str = "112233445566";
pub const ROLE: &str = Answers::ROLE;
pub const USER: &str = "private-registry-user";
pub const NAME: &str =
    "container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
pub const READ_ONLY: &str = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";

/// What came of a question.
pub struct Told {
    pub went_well: bool,
    /// Where each fault stands, and the fault as JSON.
    pub faults: Vec<(String, Value)>,
    /// All of it, for the words of a test that fails.
    pub whole: Value,
}

/// What somebody else does once a plan is made and being carried out.
#[derive(Clone, Copy)]
pub enum Meanwhile {
    /// A colleague's call.
    Colleague(fn(&Front)),
    /// The operator presses Ctrl-C.
    Interrupt,
}

pub struct Stage {
    pub answers: Answers,
    /// For `apply`: the names that are confirmed.
    pub confirms: Vec<String>,
    /// Further words of the command line.
    pub words: Vec<String>,
    pub meanwhile: Option<Meanwhile>,
    home: PathBuf,
    /// In user mode: the key that was made for the user.
    key: Option<Value>,
    pub by: By,
}

pub enum By {
    Engine(Box<Engine>),
    Command(Box<Command>),
}

impl Stage {
    pub fn new(way: Way, scene: fn(&mut Scene), real_time: bool) -> Self {
        let by = match way {
            Way::Engine => By::Engine(Box::new(Engine::new(scene, real_time))),
            Way::Command => By::Command(Box::new(Command::new(scene))),
        };
        let home = match &by {
            By::Engine(engine) => engine.home().to_owned(),
            By::Command(command) => command.home().to_owned(),
        };
        let answers = Answers::tutorial(ACCOUNT).with("oidc.issuer", ISSUER);
        let answers = answers.pulling("team/app:latest", &home.join("token"));
        let confirms = vec![ROLE.to_owned(), ISSUER.to_owned()];
        let mut stage =
            Self { answers, confirms, words: Vec::new(), meanwhile: None, home, key: None, by };
        stage.fresh_token();
        stage
    }

    pub fn front(&self) -> Front {
        match &self.by {
            By::Engine(engine) => engine.practice.front(),
            By::Command(command) => command.practice.served.front.clone(),
        }
    }

    /// The time of AWS.
    fn now(&self) -> jiff::Timestamp {
        match &self.by {
            By::Engine(engine) => engine.now(),
            By::Command(command) => command.practice.served.front.now(),
        }
    }

    /// Asks the program.
    pub fn ask(&mut self, asked: Asked) -> Told {
        let answers = self.answers.write(&self.home);
        let meanwhile = self.meanwhile.take();
        match &mut self.by {
            By::Engine(engine) => engine.ask(asked, &answers, meanwhile),
            By::Command(command) => {
                command.ask(asked, &answers, &self.confirms, &self.words, meanwhile)
            }
        }
    }

    /// The program makes what is missing and mends what differs.
    pub fn apply(&mut self) {
        let told = self.ask(Asked::Apply);
        assert!(told.went_well, "the remedy cannot be carried out: {:#}", told.whole);
    }

    /// All is there as the plan of an empty account has it, made so many seconds ago.
    pub fn make(&mut self, ago: i64) {
        let draft = okteto_ecr::domain::answers::Answers::parse(&self.answers.text()).unwrap();
        let caller = Caller {
            account: AccountId::parse(ACCOUNT).unwrap(),
            arn: String::new(),
            partition: Partition::Aws,
        };
        let intent = draft.intent(&caller).unwrap();
        let stamp = Stamp { run: "run-0".to_owned(), version: "0.1.0".to_owned() };
        let plan = plan(&intent, &Inventory::default(), &caller, &stamp, &Choices::default());
        for operation in plan.changes().filter_map(|step| step.operation.as_ref()) {
            let now = self.now() - jiff::SignedDuration::from_secs(ago);
            let action = operation.call().trim_start_matches("iam:");
            let answer = call(&self.front(), now, Service::Iam, action, operation.request());
            if answer["AccessKey"].is_object() {
                self.key = Some(answer["AccessKey"].clone());
                self.put_key();
            }
        }
    }

    /// The answers are those of user mode; the secret goes to a file.
    pub fn by_user(&mut self) {
        let answers = self.answers.clone().with("mode", "iam-user").with("iam_user.user", USER);
        let answers = answers.with("iam_user.secret_to", format!("file:{}", self.key_file()));
        self.answers = answers.without("pull_test.token_file");
        self.confirms = vec![USER.to_owned()];
    }

    pub fn key_file(&self) -> String {
        self.home.join("okteto.key").display().to_string()
    }

    /// The id of the user's key.
    pub fn key_id(&self) -> String {
        self.key.as_ref().unwrap()["AccessKeyId"].as_str().unwrap().to_owned()
    }

    /// The right key stands in its file.
    pub fn put_key(&self) {
        self.put(self.key.as_ref().unwrap());
    }

    /// Another key stands there.
    pub fn put(&self, key: &Value) {
        let (id, secret) = (key["AccessKeyId"].as_str(), key["SecretAccessKey"].as_str());
        let lines = format!(
            "AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={}\n",
            id.unwrap(),
            secret.unwrap()
        );
        std::fs::write(self.key_file(), lines).unwrap();
    }

    /// The right key with one letter of its secret mistyped.
    pub fn mistype_key(&self) {
        let mut key = self.key.clone().unwrap();
        let mut secret = key["SecretAccessKey"].as_str().unwrap().to_owned();
        let last = secret.pop();
        secret.push(if last == Some('x') { 'y' } else { 'x' });
        key["SecretAccessKey"] = secret.into();
        self.put(&key);
    }

    /// A colleague makes another key for the user, and puts it in the file.
    pub fn another_key(&mut self) {
        let made = self.iam("CreateAccessKey", json!({ "UserName": USER }));
        self.key = Some(made["AccessKey"].clone());
        self.put_key();
    }

    /// A colleague's call, which must work.
    pub fn iam(&self, action: &str, input: Value) -> Value {
        call(&self.front(), self.now(), Service::Iam, action, input)
    }

    /// A colleague's call to the registry's API, which must work.
    pub fn ecr(&self, action: &str, input: Value) -> Value {
        call(&self.front(), self.now(), Service::Ecr, action, input)
    }

    /// A colleague writes one text in the place of another in the role's trust policy.
    pub fn edit_trust(&self, from: &str, to: &str) {
        let role = self.iam("GetRole", json!({ "RoleName": ROLE }));
        let trust = role["Role"]["AssumeRolePolicyDocument"].as_str().unwrap();
        let trust = percent_encoding::percent_decode_str(trust).decode_utf8().unwrap();
        assert!(trust.contains(from), "{trust}");
        self.trust(&trust.replace(from, to));
    }

    /// A colleague writes the role's trust policy anew.
    pub fn trust(&self, document: &str) {
        let edit = json!({"RoleName": ROLE, "PolicyDocument": document});
        self.iam("UpdateAssumeRolePolicy", edit);
    }

    /// From now on this happens to so many calls of the name.
    pub fn trouble(&self, on: &str, what: What, times: u32) {
        self.trouble_after(on, what, 0, times);
    }

    /// The same, once so many of them have passed.
    pub fn trouble_after(&self, on: &str, what: What, after: u32, times: u32) {
        let trouble = Trouble { on: on.to_owned(), after, times: Some(times), what };
        self.front().account().trouble(trouble);
    }

    pub fn answer(&mut self, key: &str, value: &str) {
        self.answers = self.answers.clone().with(key, value);
    }

    /// The file of the token holds this one.
    pub fn token(&mut self, request: &TokenRequest) {
        let token = self.minted(request);
        self.token_text(&token);
    }

    pub fn minted(&self, request: &TokenRequest) -> String {
        let issuer = self.front().account().issuers().remove(0);
        issuer.sign(self.now(), request).unwrap().expose().to_owned()
    }

    pub fn token_text(&mut self, text: &str) {
        std::fs::write(self.home.join("token"), text).unwrap();
    }

    pub fn fresh_token(&mut self) {
        self.token(&usual());
    }

    pub fn without_token_file(&self) {
        std::fs::remove_file(self.home.join("token")).unwrap();
    }

    /// The token comes from the cluster, by kubectl.
    pub fn token_of_cluster(&mut self) {
        self.answers = self.answers.clone().without("pull_test.token_file");
    }

    /// kubectl runs these lines.
    pub fn kubectl(&mut self, lines: &str) {
        let folder = self.home.join("bin");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("kubectl");
        std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        self.kubectl_at(&path);
    }

    /// There is no kubectl.
    pub fn no_kubectl(&mut self) {
        let path = self.home.join("bin/kubectl");
        self.kubectl_at(&path);
    }

    fn kubectl_at(&mut self, path: &Path) {
        match &mut self.by {
            By::Engine(engine) => engine.kubectl = Some(path.to_owned()),
            By::Command(command) => command.kubectl_in(path.parent().unwrap()),
        }
    }

    /// kubectl makes the token that Okteto's service account is given.
    pub fn kubectl_gives_a_token(&mut self) {
        let token = self.minted(&usual());
        self.kubectl(&format!(r#"cat >/dev/null; echo '{{"status":{{"token":"{token}"}}}}'"#));
    }

    /// Time passes in AWS.
    pub fn pass(&mut self, time: Duration) {
        match &mut self.by {
            By::Engine(engine) => engine.pass(time),
            By::Command(command) => command.pass(time),
        }
    }

    /// The registry says this to everything; `None` is itself again.
    pub fn registry_says(&mut self, said: Option<(u16, &'static str, &str)>) {
        match &mut self.by {
            By::Engine(engine) => engine.registry_says(said),
            By::Command(command) => command.registry_says(said),
        }
    }

    /// STS says this to every web identity; `None` is itself again.
    pub fn sts_says(&mut self, said: Option<(u16, &'static str, &str)>) {
        match &mut self.by {
            By::Engine(engine) => engine.sts_says(said),
            By::Command(command) => command.sts_says(said),
        }
    }

    /// The role's trust policy is seen with another text in the place of one, until it is written anew.
    pub fn trust_shows(&mut self, there: &str, shown: &str) {
        match &mut self.by {
            By::Engine(engine) => engine.trust_shows(there, shown),
            By::Command(command) => command.trust_shows(there, shown),
        }
    }

    /// The operator's login is one of this account from now on.
    pub fn log_in_at(&mut self, account: &'static str) {
        match &mut self.by {
            By::Engine(engine) => engine.practice.log_in_elsewhere(account),
            By::Command(command) => command.log_in_at(account),
        }
    }

    /// The environment of the command; the engine has none.
    pub fn command(&mut self) -> &mut Command {
        match &mut self.by {
            By::Command(command) => command,
            By::Engine(_) => panic!("a world of the command line"),
        }
    }
}

/// A colleague's call, which must work.
pub fn call(
    front: &Front,
    now: jiff::Timestamp,
    service: Service,
    action: &str,
    input: Value,
) -> Value {
    let region = front.account().region().to_owned();
    let ask = Ask {
        now,
        service,
        action: action.to_owned(),
        region,
        caller: Some(Principal::User(COLLEAGUE.to_owned())),
        input: Input::from_json(input),
    };
    let answer = front.account().call(&ask);
    answer.unwrap_or_else(|refusal| panic!("{action}: {refusal}"))
}

/// The token that Okteto's service account is given.
pub fn usual() -> TokenRequest {
    TokenRequest::new(Answers::SUBJECT, &[Answers::AUDIENCE], 3600)
}

/// A policy that keeps its owner from one action.
pub fn denying(action: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}],
    })
    .to_string()
}
