mod checks;
mod strangers;
mod watching;
mod world;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::*;
use crate::domain::draft::{Draft, Field};
use crate::domain::exercise::goal::{By, Check, Goal};
use crate::domain::exercise::world::{Provider, Repository, Role, User, World};
use crate::domain::exercise::{Trainer, Way};
use crate::practice::account::input::Input;
use crate::practice::account::refusal::Refusal;
use crate::practice::account::registry::{Denial, Gift, Visit, Wish};
use crate::practice::account::{Principal, Service};
use crate::practice::front::Reply;

const BEGAN: Timestamp = Timestamp::constant(1_780_000_000, 0);
const ACCOUNT: &str = "112233445566";
const NAME: &str =
    "container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
const OTHER: &str = "oidc.eks.us-east-2.amazonaws.com/id/ABCDEF0123456789";
const AUDIENCE: &str = "okteto.example.com/us-east-2";
const SUBJECT: &str = "system:serviceaccount:okteto:okteto";
const ROLE: &str = "my-private-registry";
const APP: &str = "team/app";
const READ_ONLY: &str = "AmazonEC2ContainerRegistryReadOnly";

/// A room, by the runtime's clock.
struct Bed {
    room: Room,
    front: Front,
    cluster: PracticeCluster,
}

impl Bed {
    fn new() -> Self {
        let began = Instant::now();
        let clock = move || BEGAN + Instant::now().duration_since(began);
        let front = Front::new(Account::new(&Scene::default()), Arc::new(clock));
        let cluster = PracticeCluster::new(format!("https://{NAME}"), "http://127.0.0.1:1".into());
        let room = Room::new(front.clone(), cluster.clone());
        Self { room, front, cluster }
    }

    /// With this world open, and these goals.
    async fn open(world: World, checks: &[Check]) -> Self {
        let bed = Self::new();
        bed.room.open(&exercise(world, answers(), checks)).await.unwrap();
        bed
    }

    async fn standings(&self) -> Vec<Standing> {
        self.room.standings().await.into_iter().map(Option::unwrap).collect()
    }

    /// The only goal.
    async fn standing(&self) -> Standing {
        self.standings().await.pop().unwrap()
    }

    /// The operator does something.
    async fn call(&self, service: Service, action: &str, input: Value) -> Result<Value, Refusal> {
        let (caller, input) = (Principal::User("trainee".to_owned()), Input::from_json(input));
        match self.front.call(service, action, "us-east-2", Some(caller), input).await {
            Reply::Answer(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    async fn iam(&self, action: &str, input: Value) -> Value {
        self.call(Service::Iam, action, input).await.unwrap()
    }

    async fn visit(&self, password: &str, wish: Wish<'_>) -> Result<Gift, Denial> {
        let login = Some(("AWS", password));
        let visit = |account: &mut Account, now| account.visit(&Visit { now, login, wish });
        match self.front.play("registry:any", visit, |_| None).await {
            Reply::Answer(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    /// Okteto opens a session of the role; its login to the registry.
    async fn log_in(&self) -> String {
        let issuer = self.front.account().issuers().into_iter().find(|i| i.url.contains(NAME));
        let token = mint(&issuer.unwrap(), self.front.now(), SUBJECT, AUDIENCE).unwrap();
        let role = self.front.account().role(ROLE).unwrap().arn;
        let session = self.front.account().show_token(self.front.now(), &role, &token).unwrap();
        let input = Input::default();
        let (ecr, login) = (Service::Ecr, "GetAuthorizationToken");
        let answer = self.front.call(ecr, login, "us-east-2", Some(session), input).await;
        let Reply::Answer(Ok(answer)) = answer else { panic!("{answer:?}") };
        let token = answer["authorizationData"][0]["authorizationToken"].as_str().unwrap();
        let token = String::from_utf8(STANDARD.decode(token).unwrap()).unwrap();
        token.strip_prefix("AWS:").unwrap().to_owned()
    }

    /// The digest of a blob of the image, after its manifests were read.
    async fn manifest(&self, password: &str, repository: &str, tag: &str) -> String {
        let accept = ["*/*".to_owned()];
        let mut reference = tag.to_owned();
        loop {
            let wish = Wish::Manifest { repository, reference: &reference, accept: &accept };
            let Ok(Gift::Manifest { bytes, .. }) = self.visit(password, wish).await else {
                panic!("there is no {reference}")
            };
            let manifest: Value = serde_json::from_slice(&bytes).unwrap();
            if let Some(config) = manifest["config"]["digest"].as_str() {
                return config.to_owned();
            }
            reference = manifest["manifests"][0]["digest"].as_str().unwrap().to_owned();
        }
    }
}

fn answers() -> Draft {
    let mut answers = Draft::default();
    answers.set(Field::Issuer, format!("https://{NAME}"));
    answers.set(Field::Audience, AUDIENCE);
    answers.set(Field::Subject, SUBJECT);
    answers.set(Field::Registry, "us-east-2");
    answers
}

fn exercise(world: World, answers: Draft, checks: &[Check]) -> Arc<Exercise> {
    let goal = |check: &Check| Goal { text: "a goal".to_owned(), by: By::State(check.clone()) };
    Arc::new(Exercise {
        name: "test".to_owned(),
        title: String::new(),
        about: String::new(),
        story: String::new(),
        world,
        answers,
        goals: checks.iter().map(goal).collect(),
        hints: [const { String::new() }; 3],
        explanation: String::new(),
        sources: Vec::new(),
        trainer: Trainer { fault: String::new(), ask: String::new() },
        solution: Way::default(),
        wrong: Vec::new(),
    })
}

fn provider_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{name}")
}

fn document(statements: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// A statement that lets tokens of a provider in.
fn letting(provider: &str, condition: &Value) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "Federated": provider_arn(provider) },
        "Action": "sts:AssumeRoleWithWebIdentity",
    });
    if !condition.is_null() {
        statement["Condition"] = condition.clone();
    }
    statement
}

fn exactly(audience: &str, subject: &str) -> Value {
    json!({ "StringEquals": {
        format!("{NAME}:aud"): audience, format!("{NAME}:sub"): subject,
    }})
}

fn role(name: &str, trust: String) -> Role {
    let (name, attached) = (name.to_owned(), vec![READ_ONLY.to_owned()]);
    Role { name, trust, attached, ..Role::default() }
}

/// Okteto's role as it should be.
fn sound() -> Role {
    role(ROLE, document(&json!([letting(NAME, &exactly(AUDIENCE, SUBJECT))])))
}

/// A world with the provider and these roles.
fn with(roles: impl Into<Vec<Role>>) -> World {
    let audiences = vec![AUDIENCE.to_owned(), "sts.amazonaws.com".to_owned()];
    World {
        providers: vec![Provider { issuer: None, audiences }],
        roles: roles.into(),
        ..World::default()
    }
}

fn pulls() -> Check {
    Check::OktetoPulls { role: ROLE.to_owned(), repository: APP.to_owned() }
}

fn open(why: &str) -> Standing {
    Standing::Open(why.to_owned())
}

/// What was seen of a goal that is not met.
fn why(standing: &Standing) -> &str {
    match standing {
        Standing::Open(why) => why,
        Standing::Met => panic!("it is met"),
    }
}
