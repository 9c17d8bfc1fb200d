//! The world of the flows, and of the worlds of each cause: the practice account in memory, in tokio's virtual time. What is difficult about it is said by
//! its own script.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use okteto_ecr::domain::answers::Answers;
use okteto_ecr::domain::claims::first_difference;
use okteto_ecr::domain::custody::{SecretPlace, SeenPlace, SeenSecret};
use okteto_ecr::domain::draft::Draft;
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::issuer::Issuer;
use okteto_ecr::domain::journal::{Header, Recorded};
use okteto_ecr::domain::partition::AccountId;
use okteto_ecr::domain::secret::{AccessKey, WebToken};
use okteto_ecr::domain::subject::{Audience, Subject};
use okteto_ecr::ledger::Run;
use okteto_ecr::ports::{Answer, Cluster, Discovery, Issuers, Journal, Ledger, World};
use okteto_ecr::practice::account::difficulty::{Kind, Trouble, What};
use okteto_ecr::practice::account::input::Input;
use okteto_ecr::practice::account::refusal::Refusal;
use okteto_ecr::practice::account::registry::Denial;
use okteto_ecr::practice::account::{Account, Principal, Service};
use okteto_ecr::practice::admission::admit;
use okteto_ecr::practice::cluster::PracticeCluster;
use okteto_ecr::practice::front::{Front, Reply};
use okteto_ecr::practice::issuer::{Issuer as Published, TokenRequest};
use okteto_ecr::practice::scene::{Actor, Scene};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::roster::Nothing;

pub const ISSUER: &str = "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";

const ANSWERS: &str = r#"
format = 1
mode = "oidc"
region = "us-east-2"
[oidc]
issuer = "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster"
audience = "okteto.example.com/us-east-2"
subject = "system:serviceaccount:okteto:okteto"
role = "my-private-registry"
[pull_test]
image = "team/app:latest"
"#;

/// The operator of the scene.
pub const OPERATOR: &str = "trainee";
/// Somebody else who may do everything.
pub const COLLEAGUE: &str = "colleague";

pub fn draft() -> Draft {
    Answers::parse(ANSWERS).unwrap()
}

/// A world to be made difficult before a run and during it. Clones are the same world.
#[derive(Clone)]
pub struct Practice {
    front: Arc<Mutex<Front>>,
    /// Changing calls that were sent.
    pub writes: Arc<AtomicUsize>,
    /// Its state folder, and a run there.
    pub disk: (Arc<TempDir>, Run),
    /// When the program noted a change last.
    noted: Arc<Mutex<Option<i64>>>,
    /// What the registry says to everything, if it is another than the account's.
    pub registry_says: Arc<Mutex<Option<Denial>>>,
    /// What STS says to every web identity, whatever the account says.
    pub sts_says: Arc<Mutex<Option<Refusal>>>,
    /// The role's trust policy shows the second text in the place of the first, until it is written anew.
    pub trust_shows: Arc<Mutex<Option<(String, String)>>>,
    /// Its cluster's Secrets.
    pub secrets: PracticeCluster,
    /// What the cluster says when a Secret is to be written, if it refuses.
    pub secret_refused: Arc<Mutex<Option<Fault>>>,
}

impl Practice {
    /// The tutorial's world, without difficulties.
    pub fn new() -> Self {
        Self::of(|_| {})
    }

    /// The tutorial's world, changed.
    pub fn of(change: impl FnOnce(&mut Scene)) -> Self {
        Self {
            front: Arc::new(Mutex::new(front(&scene(change)))),
            writes: Arc::default(),
            disk: disk(),
            noted: Arc::default(),
            registry_says: Arc::default(),
            sts_says: Arc::default(),
            trust_shows: Arc::default(),
            secrets: PracticeCluster::new(ISSUER.to_owned(), String::new()),
            secret_refused: Arc::default(),
        }
    }

    /// Every change takes this long to spread, at least and at most.
    pub fn spreading(seed: u64, spread: &[(Kind, u64, u64)]) -> Self {
        Self::of(|scene| {
            scene.difficulty.seed = seed;
            scene.difficulty.spread = spread
                .iter()
                .map(|&(kind, least, most)| {
                    (kind, (Duration::from_secs(least), Duration::from_secs(most)))
                })
                .collect();
        })
    }

    pub fn front(&self) -> Front {
        self.front.lock().unwrap().clone()
    }

    /// The operator's login is another account's from now on.
    pub fn log_in_elsewhere(&self, account: &str) {
        let scene = scene(|scene| account.clone_into(&mut scene.account));
        *self.front.lock().unwrap() = front(&scene);
    }

    /// From now on `what` happens to the next `times` calls named `on`, after `after` of them.
    pub fn trouble(&self, on: &str, after: u32, times: Option<u32>, what: What) {
        self.front().account().trouble(Trouble { on: on.to_owned(), after, times, what });
    }

    /// A colleague's call, which must work.
    pub async fn colleague(&self, action: &str, input: Value) -> Value {
        let who = Some(Principal::User(COLLEAGUE.to_owned()));
        let input = Input::from_json(input);
        match self.front().call(Service::Iam, action, "us-east-1", who, input).await {
            Reply::Answer(Ok(answer)) => answer,
            other => panic!("{action}: {other:?}"),
        }
    }

    pub fn world(&self) -> World {
        World {
            cloud: Arc::new(self.clone()),
            issuers: Arc::new(self.clone()),
            registry: Arc::new(self.clone()),
            cluster: Arc::new(self.clone()),
            ledger: Arc::new(self.clone()),
            roster: Arc::new(Nothing),
            archive: Arc::new(self.disk.1.clone()),
            classroom: None,
        }
    }

    /// The account as it is now, whatever is changed later.
    #[allow(dead_code, reason = "not every crate that shares this world looks back")]
    pub fn as_it_was(&self) -> Self {
        let front = self.front();
        let account = front.account().clone();
        let began = (Instant::now(), front.now());
        let clock = move || began.1 + began.0.elapsed();
        let front = Arc::new(Mutex::new(Front::new(account, Arc::new(clock))));
        Self { front, ..self.clone() }
    }

    pub fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }
}

/// The tutorial's scene and a colleague, changed.
pub fn scene(change: impl FnOnce(&mut Scene)) -> Scene {
    let mut scene = Scene::default();
    scene.users.push(Actor { name: COLLEAGUE.to_owned(), ..scene.users[0].clone() });
    change(&mut scene);
    scene
}

/// An account whose clock goes with tokio's, from the time that the wizard's own wall clock has.
fn front(scene: &Scene) -> Front {
    let (began, at) = (Instant::now(), okteto_ecr::clock::now());
    Front::new(Account::new(scene), Arc::new(move || at + began.elapsed()))
}

/// A policy that keeps its owner from one action.
pub fn deny(action: &str) -> (String, String) {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}],
    });
    ("not-this".to_owned(), policy.to_string())
}

impl Issuers for Practice {
    fn discover<'a>(&'a self, issuer: &'a Issuer) -> Answer<'a, Discovery> {
        async move {
            let document = self.published("issuer:discovery", issuer.url())?.discovery();
            let text = |key: &str| document[key].as_str().unwrap_or_default().to_owned();
            if text("issuer") != issuer.url() {
                let message = format!("the issuer names itself {}", text("issuer"));
                return Err(Fault::new(Cause::IssuerMismatch, message)
                    .with(
                        "first_difference",
                        first_difference(issuer.url(), &text("issuer")).unwrap_or_default(),
                    )
                    .with("wanted", issuer.url())
                    .with("got", text("issuer")));
            }
            Ok(Discovery {
                issuer: text("issuer"),
                jwks_uri: text("jwks_uri"),
                took: Duration::ZERO,
            })
        }
        .boxed()
    }

    fn keys<'a>(&'a self, discovery: &'a Discovery) -> Answer<'a, Vec<String>> {
        async move {
            let keys = self.published("issuer:keys", &discovery.issuer)?.jwks();
            let keys = keys["keys"].as_array().unwrap().clone();
            Ok(keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect())
        }
        .boxed()
    }
}

impl Practice {
    /// The issuer whose documents stand at this URL, which may have a slash too many.
    fn published(&self, call: &str, url: &str) -> Result<Published, Fault> {
        let met = self.front().account().meet(call);
        let issuers = self.front().account().issuers();
        let is_there = |issuer: &Published| issuer.url == url.trim_end_matches('/');
        issuers.into_iter().filter(|_| met.is_none()).find(is_there).ok_or_else(|| {
            Fault::new(Cause::IssuerUnreachable, format!("{url} could not be reached"))
        })
    }
}

impl Cluster for Practice {
    fn context(&self) -> BoxFuture<'_, Option<String>> {
        async { Some("practice".to_owned()) }.boxed()
    }

    fn issuer<'a>(&'a self, _: Option<&'a str>) -> Answer<'a, String> {
        async { Ok(self.front().account().okteto().0.to_owned()) }.boxed()
    }

    fn token<'a>(
        &'a self,
        _: Option<&'a str>,
        subject: &'a Subject,
        audience: &'a Audience,
    ) -> Answer<'a, WebToken> {
        async move {
            let front = self.front();
            let url = front.account().okteto().0.to_owned();
            let issuer = self.published("cluster:token", &url)?;
            let wanted = TokenRequest::new(&subject.to_string(), &[audience.as_str()], 600);
            Ok(issuer.sign(front.now(), &wanted).unwrap())
        }
        .boxed()
    }

    fn try_manifest<'a>(&'a self, _: Option<&'a str>, manifest: &'a str) -> Answer<'a, ()> {
        async { admit(manifest) }.boxed()
    }

    fn secret_place<'a>(&'a self, place: &'a SecretPlace) -> Answer<'a, SeenPlace> {
        self.secrets.secret_place(place)
    }

    fn put_secret<'a>(
        &'a self,
        place: &'a SecretPlace,
        key: &'a AccessKey,
        over: Option<&'a SeenSecret>,
    ) -> Answer<'a, ()> {
        match self.secret_refused.lock().unwrap().clone() {
            Some(fault) => async { Err(fault) }.boxed(),
            None => self.secrets.put_secret(place, key, over),
        }
    }

    fn read_secret<'a>(&'a self, place: &'a SecretPlace) -> Answer<'a, AccessKey> {
        self.secrets.read_secret(place)
    }
}

/// A state folder of its own, in memory where the system has a place for that: it is written to and synced all the time.
fn disk() -> (Arc<TempDir>, Run) {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.unwrap();
    let ledger = okteto_ecr::ledger::Ledger::open(Some(folder.path().to_owned())).unwrap();
    (Arc::new(folder), ledger.begin(jiff::Timestamp::UNIX_EPOCH))
}

impl Ledger for Practice {
    fn open_journal(&self, header: &Header) -> Result<Box<dyn Journal>, Fault> {
        self.disk.1.open_journal(header)
    }

    fn runs(&self) -> Result<Vec<Recorded>, Fault> {
        self.disk.1.runs()
    }

    fn save_answers(&self, run: &str, draft: &Draft) -> Result<PathBuf, Fault> {
        self.disk.1.save_answers(run, draft)
    }

    fn read_token(&self, path: &Path) -> Result<WebToken, Fault> {
        let read = std::fs::read_to_string(path);
        read.map(|text| WebToken::new(&text)).map_err(|error| {
            let path = path.display().to_string();
            Fault::new(Cause::File, format!("could not read {path}: {error}")).with("path", path)
        })
    }

    fn try_key_file(&self, path: &Path) -> Result<(), Fault> {
        self.disk.1.try_key_file(path)
    }

    fn write_key_file(&self, path: &Path, key: &AccessKey) -> Result<(), Fault> {
        self.disk.1.write_key_file(path, key)
    }

    fn read_key_file(&self, path: &Path) -> Result<AccessKey, Fault> {
        self.disk.1.read_key_file(path)
    }

    fn note_change(&self, _: &AccountId, at: i64) -> Result<(), Fault> {
        *self.noted.lock().unwrap() = Some(at);
        Ok(())
    }

    fn last_change(&self, _: &AccountId) -> Option<i64> {
        *self.noted.lock().unwrap()
    }
}
