//! An outside that does what a test tells it to.

mod account;
mod roster;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::sleep;

use crate::app::task::{End, Job, News, Report, TaskId};
use crate::domain::arn::{PolicyArn, ProviderArn, RoleArn};
use crate::domain::claims::Claims;
use crate::domain::custody::{SecretPlace, SeenPlace, SeenSecret};
use crate::domain::draft::Draft;
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::RegistryHost;
use crate::domain::intent::{Caller, Intent, OidcIntent};
use crate::domain::inventory::{Holdings, Inventory, SeenProvider, SeenRole, SeenUser, Wanted};
use crate::domain::issuer::Issuer;
use crate::domain::journal::{self, Header, Past, Record, Recorded};
use crate::domain::key::{KeyId, KeyStatus, LastUse, SeenKey};
use crate::domain::operation::{Deed, Operation};
use crate::domain::partition::{AccountId, Region};
use crate::domain::policy;
use crate::domain::probe::{BlobProgress, Depth, Platform, PullWish, Pulled};
use crate::domain::sample;
use crate::domain::secret::{AccessKey, Credentials, Login, SeenIdentity, Session, WebToken};
use crate::domain::seen::{
    Blob, Discovery, Fetched, LoginSource, Manifest, Push, SeenImage, SeenRepository,
};
use crate::domain::subject::{Audience, Subject};
use crate::engine::runner::{Event, Runner};
use crate::ports::{
    Answer, Archive, Cloud, Cluster, Issuers, Journal, Ledger, OnBytes, Registry, Roster, World,
};

pub const SECRET: &str = "planted-secret";

/// What one call of a kind does: waits, then answers or refuses. Without a script it answers at once.
#[derive(Default)]
pub struct Script(Mutex<VecDeque<(Duration, Option<Fault>)>>);

impl Script {
    pub fn refuses(&self, times: usize, fault: &Fault) {
        for _ in 0..times {
            self.0.lock().unwrap().push_back((Duration::ZERO, Some(fault.clone())));
        }
    }

    pub fn grants(&self, times: usize) {
        for _ in 0..times {
            self.0.lock().unwrap().push_back((Duration::ZERO, None));
        }
    }

    pub fn takes(&self, time: Duration) {
        self.0.lock().unwrap().push_back((time, None));
    }

    async fn next(&self) -> Result<(), Fault> {
        let (time, fault) = self.0.lock().unwrap().pop_front().unwrap_or_default();
        sleep(time).await;
        fault.map_or(Ok(()), Err)
    }
}

/// The account, the registry and all the rest in one.
#[derive(Default)]
pub struct Fake {
    pub whoami: Script,
    pub survey: Script,
    pub holdings: Script,
    pub perform: Script,
    /// What becomes of the answer to a call that was carried out.
    pub answered: Script,
    /// The calls that were carried out, by name.
    pub performed: Mutex<Vec<&'static str>>,
    pub list_keys: Script,
    /// Where a secret is to go: looked at, and written.
    pub look_at_place: Script,
    pub put_secret: Script,
    /// What stands there.
    pub place: Mutex<Option<SeenSecret>>,
    /// The keys whose secret arrived, and in the place of which.
    pub delivered: Mutex<Vec<(String, Option<SeenSecret>)>>,
    pub read_secret: Script,
    /// Whose key STS says that a user's key is, where not the sample user's.
    pub owner: Mutex<Option<String>>,
    pub assume: Script,
    pub identity: Script,
    pub login: Script,
    pub manifest: Script,
    pub layers: Script,
    pub push: Script,
    pub mint: Script,
    /// What STS says to tokens of another audience or subject than the sample's, in turn; then they are denied.
    pub strangers: Mutex<VecDeque<Option<Fault>>>,
    /// The tokens that STS was shown: audience and subject.
    pub shown: Mutex<Vec<(String, String)>>,
    pub discover: Script,
    pub keys: Script,
    pub caller: Mutex<Option<Caller>>,
    pub account: Mutex<Inventory>,
    /// How many calls an operation was begun by, and how many came to their end.
    pub begun: AtomicUsize,
    pub ended: AtomicUsize,
    pub calls: AtomicUsize,
    pub panics: AtomicUsize,
    pub stale: AtomicUsize,
    /// What the registry says to a push; without it the role is denied.
    pub pushed: Mutex<Option<Push>>,
    /// How many pushes were begun, and how many came to their end.
    pub pushes: (AtomicUsize, AtomicUsize),
    /// The journal of the one run.
    pub journal: Mutex<Option<(Header, Lines)>>,
    /// When a change was noted last.
    pub noted: Mutex<Option<i64>>,
    /// The platform of the image's config; with one, the manifest is of no index.
    pub config: Mutex<Option<Platform>>,
    /// Whether writes leave no trace, as where reads are old.
    pub forgets: AtomicUsize,
}

impl Fake {
    pub fn world(self: &Arc<Self>) -> World {
        World {
            cloud: Arc::clone(self) as Arc<dyn Cloud>,
            roster: Arc::clone(self) as Arc<dyn Roster>,
            issuers: Arc::clone(self) as Arc<dyn Issuers>,
            registry: Arc::clone(self) as Arc<dyn Registry>,
            cluster: Arc::clone(self) as Arc<dyn Cluster>,
            ledger: Arc::clone(self) as Arc<dyn Ledger>,
            archive: Arc::clone(self) as Arc<dyn Archive>,
            classroom: None,
        }
    }

    pub fn runner(self: &Arc<Self>) -> (Runner, UnboundedReceiver<Event>) {
        let (out, events) = unbounded_channel();
        (Runner::new(self.world(), out), events)
    }

    /// Everything as the sample intent wishes.
    pub fn complete(&self) {
        *self.account.lock().unwrap() = inventory(&sample::intent());
    }
}

pub fn inventory(intent: &OidcIntent) -> Inventory {
    let role = SeenRole {
        arn: intent.role_arn(),
        name: intent.role.as_str().to_owned(),
        path: "/".to_owned(),
        trust: policy::trust::text(intent),
        created_at: None,
        tags: [("okteto-ecr:run".to_owned(), "r".to_owned())].into(),
        description: None,
        max_session_seconds: 3600,
        boundary: None,
        attached: vec![PolicyArn::managed(intent.partition, "AmazonEC2ContainerRegistryReadOnly")],
        inline: std::collections::BTreeMap::default(),
    };
    let provider = SeenProvider {
        arn: intent.provider_arn(),
        url: intent.issuer.name().to_owned(),
        audiences: vec![intent.audience.to_string()],
        created_at: None,
        tags: [("okteto-ecr:run".to_owned(), "r".to_owned())].into(),
    };
    Inventory {
        provider: Some(provider),
        role: Some(role),
        providers_in_account: 1,
        ..Inventory::default()
    }
}

pub fn denied() -> Fault {
    Fault::new(Cause::Unexplained, "STS refused")
        .with("code", "AccessDenied")
        .with("aws_said", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
        .request(Some("r-7"))
}

/// A token of the sample intent that ends in `seconds`.
pub fn token(seconds: i64) -> WebToken {
    token_of(sample::AUDIENCE, sample::SUBJECT, seconds)
}

fn token_of(audience: &str, subject: &str, seconds: i64) -> WebToken {
    let now = crate::clock::unix_now();
    minted(
        "k",
        &json!({"iss": sample::ISSUER, "aud": [audience], "sub": subject, "iat": now, "exp": now + seconds}),
    )
}

/// A token of these claims, signed with this key.
pub fn minted(key: &str, claims: &serde_json::Value) -> WebToken {
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(&json!({"alg": "RS256", "kid": key}));
    WebToken::new(&format!("{header}.{}.{}", part(claims), URL_SAFE_NO_PAD.encode(SECRET)))
}

/// Everything up to the end of a job.
pub async fn until_end(events: &mut UnboundedReceiver<Event>, id: TaskId) -> (Vec<News>, End) {
    let mut news = Vec::new();
    loop {
        match events.recv().await.unwrap() {
            Event::Report(from, Report::News(one)) if from == id => news.push(one),
            Event::Report(from, Report::End(end)) if from == id => return (news, end),
            Event::Report(..) => {}
            Event::Panicked => panic!("a task panicked"),
        }
    }
}

pub async fn done(fake: &Arc<Fake>, job: Job) -> (Vec<News>, End) {
    let (mut runner, mut events) = fake.runner();
    runner.start(TaskId(1), job);
    until_end(&mut events, TaskId(1)).await
}

fn answer<'a, T: Send + 'a>(
    script: &'a Script,
    value: impl FnOnce() -> T + Send + 'a,
) -> Answer<'a, T> {
    async move { script.next().await.map(|()| value()) }.boxed()
}

/// The `number`th key that is made.
pub fn key_id(number: usize) -> KeyId {
    KeyId::parse(&format!("AKIAMADE{number:012}")).unwrap()
}

/// A user as the sample intent wishes it, with these keys.
pub fn seen_user(keys: Vec<SeenKey>) -> SeenUser {
    let intent = sample::user_intent();
    SeenUser {
        arn: intent.user_arn(),
        name: intent.user.as_str().to_owned(),
        path: "/".to_owned(),
        created_at: None,
        tags: [("okteto-ecr:run".to_owned(), "r".to_owned())].into(),
        boundary: None,
        attached: vec![PolicyArn::managed(intent.partition, "AmazonEC2ContainerRegistryReadOnly")],
        inline: std::collections::BTreeMap::default(),
        groups: Vec::new(),
        has_password: Some(false),
        keys,
    }
}

/// An active key.
pub fn seen_key(id: KeyId) -> SeenKey {
    SeenKey { id, status: KeyStatus::Active, created_at: None, last_use: LastUse::Never }
}

impl Cloud for Fake {
    fn source(&self) -> BoxFuture<'_, LoginSource> {
        async { LoginSource::default() }.boxed()
    }

    fn whoami(&self) -> Answer<'_, Caller> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        answer(&self.whoami, || {
            assert_eq!(self.panics.load(Ordering::SeqCst), 0, "a planted panic");
            self.caller.lock().unwrap().clone().unwrap_or_else(sample::caller)
        })
    }

    fn survey<'a>(&'a self, _: &'a Intent) -> Answer<'a, Inventory> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        answer(&self.survey, || self.account.lock().unwrap().clone())
    }

    fn holdings<'a>(&'a self, wanted: &'a Wanted) -> Answer<'a, Holdings> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        answer(&self.holdings, || account::held(&self.account.lock().unwrap(), wanted))
    }

    fn perform<'a>(&'a self, operation: &'a Operation) -> Answer<'a, Deed> {
        async move {
            self.begun.fetch_add(1, Ordering::SeqCst);
            self.perform.next().await?;
            self.ended.fetch_add(1, Ordering::SeqCst);
            self.performed.lock().unwrap().push(operation.call());
            let deed = self.carried_out(operation);
            self.answered.next().await.map(|()| deed)
        }
        .boxed()
    }

    fn keys<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<SeenKey>> {
        let seen = |user: &SeenUser| user.keys.clone();
        answer(&self.list_keys, move || {
            self.account.lock().unwrap().user.as_ref().map(seen).unwrap_or_default()
        })
    }

    fn repositories<'a>(&'a self, _: &'a RegistryHost) -> Answer<'a, Vec<SeenRepository>> {
        async { Ok(Vec::new()) }.boxed()
    }

    fn images<'a>(&'a self, _: &'a RegistryHost, _: &'a str) -> Answer<'a, Vec<SeenImage>> {
        async { Ok(Vec::new()) }.boxed()
    }

    fn assume<'a>(
        &'a self,
        role: &'a RoleArn,
        token: &'a WebToken,
        _: &'a Region,
    ) -> Answer<'a, Session> {
        let claims = Claims::read(token).unwrap();
        let shown = (claims.audiences.join(" "), claims.subject);
        let is_ours = shown == (sample::AUDIENCE.to_owned(), sample::SUBJECT.to_owned());
        self.shown.lock().unwrap().push(shown);
        if !is_ours {
            let said = self.strangers.lock().unwrap().pop_front().unwrap_or_else(|| Some(denied()));
            if let Some(fault) = said {
                return async { Err(fault) }.boxed();
            }
        }
        let name = role.as_str().rsplit('/').next().unwrap_or_default().to_owned();
        answer(&self.assume, move || Session {
            credentials: Credentials {
                access_key_id: "ASIAEXAMPLE".to_owned(),
                secret_access_key: SECRET.to_owned().into(),
                session_token: Some(SECRET.to_owned().into()),
            },
            expires: "2026-11-23T22:00:00Z".to_owned(),
            assumed_arn: format!("arn:aws:sts::112233445566:assumed-role/{name}/okteto-ecr"),
            seen: SeenIdentity::default(),
        })
    }

    fn identity<'a>(&'a self, of: &'a Credentials, _: &'a Region) -> Answer<'a, String> {
        let name = sample::intent().role;
        let session = format!("arn:aws:sts::112233445566:assumed-role/{name}/okteto-ecr");
        let is_session = of.session_token.is_some();
        answer(&self.identity, move || {
            let owner = self.owner.lock().unwrap().clone();
            let owner = owner.unwrap_or_else(|| sample::user_intent().user_arn().to_string());
            if is_session { session } else { owner }
        })
    }

    fn registry_login<'a>(&'a self, _: &'a Credentials, _: &'a Region) -> Answer<'a, Login> {
        answer(&self.login, || Login {
            token: SECRET.to_owned().into(),
            expires: Some("2026-11-24T09:00:00Z".to_owned()),
            stale: self.stale.load(Ordering::SeqCst) > 0,
        })
    }
}

impl Issuers for Fake {
    fn discover<'a>(&'a self, issuer: &'a Issuer) -> Answer<'a, Discovery> {
        answer(&self.discover, move || Discovery {
            issuer: issuer.url().to_owned(),
            jwks_uri: format!("{issuer}/keys"),
            took: Duration::ZERO,
        })
    }

    fn keys<'a>(&'a self, _: &'a Discovery) -> Answer<'a, Vec<String>> {
        answer(&self.keys, || vec!["k".to_owned()])
    }
}

impl Registry for Fake {
    fn manifest<'a>(&'a self, _: &'a Login, wish: &'a PullWish) -> Answer<'a, Manifest> {
        let blob = |name: &str, size| Blob { digest: format!("sha256:{name}"), size };
        let indexed = self.config.lock().unwrap().is_none();
        answer(&self.manifest, move || Manifest {
            image: Pulled {
                reference: format!("{}/{}", wish.host, wish.image),
                digest: "sha256:m".to_owned(),
                platform: indexed.then(|| "linux/amd64".to_owned()),
                layers: 2,
                bytes: 0,
            },
            blobs: vec![blob("config", 10), blob("big", 2000), blob("small", 30)],
            remarks: Vec::new(),
        })
    }

    fn layers<'a>(
        &'a self,
        _: &'a Login,
        _: &'a PullWish,
        manifest: &'a Manifest,
        _: Depth,
        on_bytes: OnBytes,
    ) -> Answer<'a, Fetched> {
        answer(&self.layers, move || {
            for blob in &manifest.blobs {
                let (digest, total) = (blob.digest.clone(), blob.size);
                on_bytes(BlobProgress { digest, received: total, total });
            }
            Fetched { blobs: 3, bytes: 2040, platform: self.config.lock().unwrap().clone() }
        })
    }

    fn try_push<'a>(&'a self, _: &'a Login, _: &'a PullWish) -> Answer<'a, Push> {
        self.push().boxed()
    }
}

impl Fake {
    async fn push(&self) -> Result<Push, Fault> {
        self.pushes.0.fetch_add(1, Ordering::SeqCst);
        self.push.next().await?;
        self.pushes.1.fetch_add(1, Ordering::SeqCst);
        let denied = || Push::Denied("not authorized to perform: ecr:InitiateLayerUpload".into());
        Ok(self.pushed.lock().unwrap().clone().unwrap_or_else(denied))
    }
}

impl Cluster for Fake {
    fn context(&self) -> BoxFuture<'_, Option<String>> {
        async { None }.boxed()
    }

    fn issuer<'a>(&'a self, _: Option<&'a str>) -> Answer<'a, String> {
        async { Ok(sample::ISSUER.to_owned()) }.boxed()
    }

    fn token<'a>(
        &'a self,
        _: Option<&'a str>,
        subject: &'a Subject,
        audience: &'a Audience,
    ) -> Answer<'a, WebToken> {
        answer(&self.mint, || token_of(audience.as_str(), &subject.to_string(), 600))
    }

    fn try_manifest<'a>(&'a self, _: Option<&'a str>, _: &'a str) -> Answer<'a, ()> {
        async { Ok(()) }.boxed()
    }

    fn secret_place<'a>(&'a self, _: &'a SecretPlace) -> Answer<'a, SeenPlace> {
        answer(&self.look_at_place, || {
            self.place.lock().unwrap().clone().map_or(SeenPlace::Free, SeenPlace::Ours)
        })
    }

    fn put_secret<'a>(
        &'a self,
        _: &'a SecretPlace,
        key: &'a AccessKey,
        over: Option<&'a SeenSecret>,
    ) -> Answer<'a, ()> {
        answer(&self.put_secret, move || {
            self.delivered.lock().unwrap().push((key.id.to_string(), over.cloned()));
        })
    }

    fn read_secret<'a>(&'a self, _: &'a SecretPlace) -> Answer<'a, AccessKey> {
        async {
            self.read_secret.next().await?;
            self.read_key_file(Path::new(""))
        }
        .boxed()
    }
}

/// The lines of a journal that is kept in memory.
type Lines = Arc<Mutex<Vec<Record>>>;

/// A journal that is kept in memory.
struct Book(Lines, Option<Past>);

impl Journal for Book {
    fn past(&self) -> Option<&Past> {
        self.1.as_ref()
    }

    fn write(&mut self, record: &Record) -> Result<(), Fault> {
        self.0.lock().unwrap().push(record.clone());
        Ok(())
    }
}

impl Ledger for Fake {
    fn open_journal(&self, header: &Header) -> Result<Box<dyn Journal>, Fault> {
        let mut kept = self.journal.lock().unwrap();
        let (header, lines) = kept.get_or_insert_with(|| (header.clone(), Arc::default()));
        let text = lines.lock().unwrap().clone();
        let read = journal::Journal { header: header.clone(), lines: text, torn: false };
        let past = (!read.lines.is_empty()).then(|| Past::of(&read));
        Ok(Box::new(Book(Arc::clone(lines), past)))
    }

    fn runs(&self) -> Result<Vec<Recorded>, Fault> {
        let kept = self.journal.lock().unwrap();
        Ok(kept
            .iter()
            .map(|(header, lines)| {
                let lines = lines.lock().unwrap().clone();
                let read = journal::Journal { header: header.clone(), lines, torn: false };
                let (run, past) = (header.run.clone(), Ok(Past::of(&read)));
                Recorded { run, past, answers: None, process: None }
            })
            .collect())
    }

    fn save_answers(&self, _: &str, _: &Draft) -> Result<PathBuf, Fault> {
        Ok(PathBuf::from("answers.toml"))
    }

    fn read_token(&self, _: &Path) -> Result<WebToken, Fault> {
        Ok(token(600))
    }

    fn try_key_file(&self, _: &Path) -> Result<(), Fault> {
        Ok(())
    }

    fn write_key_file(&self, _: &Path, _: &AccessKey) -> Result<(), Fault> {
        Ok(())
    }

    fn read_key_file(&self, _: &Path) -> Result<AccessKey, Fault> {
        AccessKey::read(&format!(
            "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY={SECRET}\n"
        ))
    }

    fn note_change(&self, _: &AccountId, at: i64) -> Result<(), Fault> {
        *self.noted.lock().unwrap() = Some(at);
        Ok(())
    }

    fn last_change(&self, _: &AccountId) -> Option<i64> {
        *self.noted.lock().unwrap()
    }
}

/// A provider's ARN in another account.
pub fn elsewhere() -> ProviderArn {
    ProviderArn::from_server("arn:aws:iam::999999999999:oidc-provider/other.example")
}
