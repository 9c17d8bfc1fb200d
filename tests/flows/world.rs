//! A world in memory: an account that does what it is told, and says no where a test wants it to.

use std::collections::{BTreeMap, VecDeque};
use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use okteto_ecr::domain::answers::Answers;
use okteto_ecr::domain::arn::{ProviderArn, RoleArn};
use okteto_ecr::domain::draft::Draft;
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::host::RegistryHost;
use okteto_ecr::domain::intent::{Caller, Intent};
use okteto_ecr::domain::inventory::{Inventory, SeenProvider, SeenRole};
use okteto_ecr::domain::issuer::Issuer;
use okteto_ecr::domain::operation::{Deed, Operation};
use okteto_ecr::domain::partition::{AccountId, Partition, Region};
use okteto_ecr::domain::probe::{BlobProgress, Depth, PullWish, Pulled};
use okteto_ecr::domain::secret::{Login, SeenIdentity, Session, WebToken};
use okteto_ecr::domain::subject::{Audience, Subject};
use okteto_ecr::ports::{
    Answer, Blob, Cloud, Cluster, Discovery, Fetched, Issuers, Ledger, LoginSource, Manifest,
    OnBytes, Registry, SeenImage, SeenRepository, World,
};

pub const ANSWERS: &str = r#"
format = 1
mode = "oidc"
region = "us-east-2"
[oidc]
issuer = "https://container.googleapis.com/v1/projects/p/locations/l/clusters/c"
audience = "okteto.example.com/us-east-2"
subject = "system:serviceaccount:okteto:okteto"
role = "my-private-registry"
[pull_test]
image = "team/app:latest"
"#;

/// The knobs of a world. Everything is as it should be until a test turns one.
#[derive(Default)]
pub struct Knobs {
    pub state: Mutex<Inventory>,
    pub writes: AtomicUsize,
    pub assumes: AtomicUsize,
    pub other_account: Mutex<bool>,
    /// Answers of the next changing calls, before they do anything.
    pub perform_refusals: Mutex<VecDeque<Option<Fault>>>,
    pub perform_takes: Mutex<Duration>,
    pub assume_refusals: Mutex<VecDeque<Fault>>,
    pub assume_hangs: Mutex<bool>,
    pub survey_refusal: Mutex<Option<Fault>>,
    pub issuer_refusal: Mutex<Option<Fault>>,
    pub layers_refusal: Mutex<Option<Fault>>,
    pub whoami_panics: Mutex<bool>,
    pub token: Mutex<Option<WebToken>>,
}

#[derive(Clone, Default)]
pub struct Fake(pub Arc<Knobs>);

impl Fake {
    pub fn world(&self) -> World {
        World {
            cloud: Arc::new(self.clone()),
            issuers: Arc::new(self.clone()),
            registry: Arc::new(self.clone()),
            cluster: Arc::new(self.clone()),
            ledger: Arc::new(self.clone()),
        }
    }
}

pub fn caller(account: &str) -> Caller {
    Caller {
        account: AccountId::parse(account).unwrap(),
        arn: format!("arn:aws:iam::{account}:user/dana"),
        partition: Partition::Aws,
    }
}

pub fn draft() -> Draft {
    Answers::parse(ANSWERS).unwrap()
}

pub fn intent() -> Intent {
    draft().intent(&caller("112233445566")).unwrap()
}

pub fn refused(code: &str) -> Fault {
    Fault::new(Cause::Unexplained, "AWS refused the swap").with("code", code)
}

/// A token as Kubernetes shapes it; nobody here checks its signature.
pub fn token(audience: &str, subject: &str) -> WebToken {
    let part = |json: String| URL_SAFE_NO_PAD.encode(json);
    let iss = intent().issuer;
    let head = part(r#"{"alg":"RS256","kid":"k1"}"#.to_owned());
    let body = part(format!(
        r#"{{"iss":"{iss}","aud":["{audience}"],"sub":"{subject}","iat":1,"exp":99999999999}}"#
    ));
    WebToken::new(&format!("{head}.{body}.c2lnbmF0dXJl"))
}

fn apply(seen: &mut Inventory, operation: &Operation) {
    match operation.clone() {
        Operation::CreateProvider { issuer, audience, tags } => {
            seen.provider = Some(SeenProvider {
                arn: ProviderArn::from_server(intent().provider_arn().as_str()),
                url: issuer.name().to_owned(),
                audiences: vec![audience.to_string()],
                tags,
            });
        }
        Operation::AddAudience { audience, .. } => {
            if let Some(provider) = &mut seen.provider {
                provider.audiences.push(audience.to_string());
            }
        }
        Operation::CreateRole {
            role,
            path,
            trust,
            description,
            max_session_seconds,
            boundary,
            tags,
        } => {
            seen.role = Some(SeenRole {
                arn: RoleArn::parse(&format!(
                    "arn:aws:iam::112233445566:role{}{role}",
                    path.as_str()
                ))
                .unwrap(),
                name: role.to_string(),
                path: path.as_str().to_owned(),
                trust,
                tags,
                description,
                max_session_seconds: max_session_seconds.unwrap_or(3600),
                boundary,
                attached: Vec::new(),
                inline: BTreeMap::default(),
            });
        }
        Operation::UpdateTrust { trust, .. } => seen.role.as_mut().unwrap().trust = trust,
        Operation::AttachPolicy { policy, .. } => seen.role.as_mut().unwrap().attached.push(policy),
        Operation::PutInlinePolicy { name, document, .. } => {
            seen.role.as_mut().unwrap().inline.insert(name, document);
        }
        Operation::PutBoundary { boundary, .. } => {
            seen.role.as_mut().unwrap().boundary = Some(boundary);
        }
        Operation::UpdateRole { description, max_session_seconds, .. } => {
            let role = seen.role.as_mut().unwrap();
            role.description = description;
            role.max_session_seconds = max_session_seconds.unwrap_or(3600);
        }
        Operation::TagRole { tags, .. } => seen.role.as_mut().unwrap().tags.extend(tags),
    }
}

impl Cloud for Fake {
    fn source(&self) -> BoxFuture<'_, LoginSource> {
        async { LoginSource::default() }.boxed()
    }

    fn whoami(&self) -> Answer<'_, Caller> {
        async {
            assert!(!*self.0.whoami_panics.lock().unwrap(), "a bug, on purpose");
            let other = *self.0.other_account.lock().unwrap();
            Ok(caller(if other { "999999999999" } else { "112233445566" }))
        }
        .boxed()
    }

    fn survey<'a>(&'a self, _: &'a Intent) -> Answer<'a, Inventory> {
        async {
            match self.0.survey_refusal.lock().unwrap().clone() {
                Some(fault) => Err(fault),
                None => Ok(self.0.state.lock().unwrap().clone()),
            }
        }
        .boxed()
    }

    fn perform<'a>(&'a self, operation: &'a Operation) -> Answer<'a, Deed> {
        async move {
            self.0.writes.fetch_add(1, Ordering::SeqCst);
            let takes = *self.0.perform_takes.lock().unwrap();
            tokio::time::sleep(takes).await;
            if let Some(Some(fault)) = self.0.perform_refusals.lock().unwrap().pop_front() {
                return Err(fault);
            }
            let mut state = self.0.state.lock().unwrap();
            apply(&mut state, operation);
            let arn = state.role.as_ref().map(|r| r.arn.to_string());
            Ok(Deed { arn, request_id: Some("r-1".to_owned()) })
        }
        .boxed()
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
        _: &'a WebToken,
        _: &'a Region,
    ) -> Answer<'a, Session> {
        async move {
            self.0.assumes.fetch_add(1, Ordering::SeqCst);
            if *self.0.assume_hangs.lock().unwrap() {
                return pending().await;
            }
            if let Some(fault) = self.0.assume_refusals.lock().unwrap().pop_front() {
                return Err(fault);
            }
            Ok(Session {
                access_key_id: "ASIAEXAMPLE".to_owned(),
                secret_access_key: "s".to_owned().into(),
                session_token: "t".to_owned().into(),
                expires: "2030-01-01T00:00:00Z".to_owned(),
                assumed_arn: role.to_string(),
                seen: SeenIdentity::default(),
            })
        }
        .boxed()
    }

    fn identity<'a>(&'a self, _: &'a Session, _: &'a Region) -> Answer<'a, String> {
        async {
            Ok("arn:aws:sts::112233445566:assumed-role/my-private-registry/okteto-ecr".to_owned())
        }
        .boxed()
    }

    fn registry_login<'a>(&'a self, _: &'a Session, _: &'a Region) -> Answer<'a, Login> {
        async { Ok(Login { token: "QVdTOng=".to_owned().into(), expires: None, stale: false }) }
            .boxed()
    }
}

impl Issuers for Fake {
    fn discover<'a>(&'a self, issuer: &'a Issuer) -> Answer<'a, Discovery> {
        async move {
            match self.0.issuer_refusal.lock().unwrap().clone() {
                Some(fault) => Err(fault),
                None => Ok(Discovery {
                    issuer: issuer.to_string(),
                    jwks_uri: format!("{issuer}/keys"),
                    took: Duration::ZERO,
                }),
            }
        }
        .boxed()
    }

    fn keys<'a>(&'a self, _: &'a Discovery) -> Answer<'a, Vec<String>> {
        async { Ok(vec!["k1".to_owned()]) }.boxed()
    }
}

impl Registry for Fake {
    fn manifest<'a>(&'a self, _: &'a Login, wish: &'a PullWish) -> Answer<'a, Manifest> {
        async move {
            let image = Pulled {
                reference: format!("{}/{}", wish.host, wish.image),
                digest: "sha256:aa".to_owned(),
                platform: None,
                layers: 1,
                bytes: 0,
            };
            let blob = |digest: &str, size| Blob { digest: digest.to_owned(), size };
            Ok(Manifest { image, blobs: vec![blob("c", 10), blob("l", 90)], remarks: Vec::new() })
        }
        .boxed()
    }

    fn layers<'a>(
        &'a self,
        _: &'a Login,
        _: &'a PullWish,
        _: &'a Manifest,
        _: Depth,
        on_bytes: OnBytes,
    ) -> Answer<'a, Fetched> {
        async move {
            on_bytes(BlobProgress { digest: "l".to_owned(), received: 90, total: 90 });
            match self.0.layers_refusal.lock().unwrap().clone() {
                Some(fault) => Err(fault),
                None => Ok(Fetched { blobs: 2, bytes: 100, platform: None }),
            }
        }
        .boxed()
    }
}

impl Cluster for Fake {
    fn context(&self) -> BoxFuture<'_, Option<String>> {
        async { Some("kind".to_owned()) }.boxed()
    }

    fn issuer<'a>(&'a self, _: Option<&'a str>) -> Answer<'a, String> {
        async { Ok(intent().issuer.to_string()) }.boxed()
    }

    fn token<'a>(
        &'a self,
        _: Option<&'a str>,
        subject: &'a Subject,
        audience: &'a Audience,
    ) -> Answer<'a, WebToken> {
        async move {
            let planted = self.0.token.lock().unwrap().clone();
            Ok(planted.unwrap_or_else(|| token(audience.as_str(), &subject.to_string())))
        }
        .boxed()
    }
}

impl Ledger for Fake {
    fn save_answers(&self, _: &Draft) -> Result<PathBuf, Fault> {
        Ok("answers.toml".into())
    }

    fn read_token(&self, path: &Path) -> Result<WebToken, Fault> {
        Err(Fault::new(Cause::File, format!("could not read {}", path.display())))
    }
}
