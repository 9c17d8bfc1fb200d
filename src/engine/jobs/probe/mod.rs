//! The pull test: from the issuer's documents up to the digests, rung by rung, and then what must be refused. A failed
//! rung of the pull ends it.

mod key;
mod ladder;
mod look;
mod patience;
mod refusals;
mod token;
mod window;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use self::ladder::{Fell, Ladder};
use self::look::{GLANCE_LIMIT, LOOK_LIMIT, Seen, Sight, look};
use self::patience::Patience;
use self::window::Window;
use crate::app::task::{Bearer, News, ProbeOrder, RoleBearer};
use crate::clock::unix_now;
use crate::domain::arn::RoleArn;
use crate::domain::claims::Claims;
use crate::domain::fault::{Cause, Fault};
use crate::domain::key::KeyId;
use crate::domain::probe::{BlobProgress, Depth, ProbeReport, Pulled, Rung, Verdict, mebibytes};
use crate::domain::secret::{Credentials, Login, Session, WebToken};
use crate::domain::seen::{Blob, Fetched, Manifest};
use crate::engine::control::{Control, READ_LIMIT, within};
use crate::ports::{Answer, OnBytes, World};

/// How long the issuer is given for each of its documents.
const ISSUER_LIMIT: Duration = Duration::from_secs(5);
/// News of a blob's bytes come no more often than this, but for its last.
const BETWEEN_BYTES: Duration = Duration::from_millis(100);

/// Climbs as far as it goes. May be dropped at any await.
pub async fn probe(world: &World, control: &Control, order: &ProbeOrder) -> ProbeReport {
    let mut climb = Climb {
        world,
        control,
        order,
        ladder: Ladder::new(control, order.bearer.rungs()),
        sight: Sight::none(),
        looked: false,
        image: None,
        bytes_per_second: None,
        key: None,
    };
    let fell = climb.up().await.is_err();
    let verdict = match (fell || climb.ladder.has_failed(), order.wish.depth) {
        (true, _) => Verdict::Failed,
        (false, Depth::Full) => Verdict::Passed,
        (false, Depth::Manifest | Depth::SmallestLayer) => Verdict::Partly,
    };
    let Climb { ladder, image, bytes_per_second, key, .. } = climb;
    ProbeReport { verdict, rungs: ladder.finish(), image, bytes_per_second, key }
}

struct Climb<'a> {
    world: &'a World,
    control: &'a Control,
    order: &'a ProbeOrder,
    ladder: Ladder<'a>,
    sight: Sight,
    /// Whether a look at the account was taken, or is out of the question.
    looked: bool,
    image: Option<Pulled>,
    bytes_per_second: Option<u64>,
    key: Option<KeyId>,
}

impl Climb<'_> {
    async fn up(&mut self) -> Result<(), Fell> {
        match &self.order.bearer {
            Bearer::Role(role) => self.by_role(role).await,
            Bearer::Key(key) => self.by_key(key).await,
        }
    }

    async fn by_role(&mut self, bearer: &RoleBearer) -> Result<(), Fell> {
        self.looked = true;
        let keys = self.issuer(bearer).await?;
        self.ladder.begin(Rung::Token);
        let token = token::token(self.world, bearer).await;
        let token = token.map_err(|fault| self.ladder.failed(fault))?;
        let length = token.expose().len();
        if length == 0 {
            let fault = Fault::new(Cause::TokenMalformed, "the token is empty");
            return Err(self.ladder.failed(fault.remedy("take a fresh token")));
        }
        self.ladder.passed(format!("{length} characters"));
        let ends = self.claims(bearer, &token, keys.as_deref()).await?;
        let session = self.assume(bearer, &token, ends).await?;
        let fresh = Window::from_now(self.order, "the session was made a moment ago");
        self.identity(bearer, &session, &fresh).await?;
        let login = self.pull(&session.credentials, &fresh).await?;
        self.refusals(Some(bearer), &login).await;
        Ok(())
    }

    /// From the registry login to the digests: the same for whoever pulls.
    async fn pull(&mut self, of: &Credentials, fresh: &Window) -> Result<Login, Fell> {
        let login = self.login(of, fresh).await?;
        let manifest = self.manifest(&login, fresh).await?;
        self.layers(&login, &manifest).await?;
        Ok(login)
    }

    /// The issuer's documents: that they cannot be had from here stops nothing, AWS may reach them all the same.
    /// Answers with the ids of the keys, where they could be read.
    async fn issuer(&mut self, bearer: &RoleBearer) -> Result<Option<Vec<String>>, Fell> {
        let issuers = &*self.world.issuers;
        self.ladder.begin(Rung::Discovery);
        let asked =
            within(ISSUER_LIMIT, "from the issuer", issuers.discover(&bearer.intent.issuer));
        let found = match asked.await {
            Ok(found) => found,
            Err(fault) if fault.cause == Cause::IssuerMismatch => {
                return Err(self.ladder.failed(fault));
            }
            Err(fault) => {
                self.ladder.warned("not reachable from here; AWS must reach it", unreached(fault));
                self.ladder.skipped(Rung::Keys, "the issuer is not reachable from here");
                return Ok(None);
            }
        };
        self.ladder.passed(found.jwks_uri.clone());
        self.ladder.begin(Rung::Keys);
        match within(ISSUER_LIMIT, "from the issuer's keys", issuers.keys(&found)).await {
            Ok(keys) => {
                self.ladder.passed(counted(keys.len(), "key"));
                Ok(Some(keys))
            }
            Err(fault) => {
                self.ladder
                    .warned("not reachable from here; AWS must reach them", unreached(fault));
                Ok(None)
            }
        }
    }

    /// Holds the claims against what is meant, and against what the account has: what cannot work is not asked of STS.
    /// Answers with the end of the token.
    async fn claims(
        &mut self,
        bearer: &RoleBearer,
        token: &WebToken,
        keys: Option<&[String]>,
    ) -> Result<Instant, Fell> {
        self.ladder.begin(Rung::Claims);
        let now = unix_now();
        let claims = Claims::read(token).map_err(|fault| self.ladder.failed(fault))?;
        let (mut good, wrong) = match claims.check(&bearer.intent, now) {
            Ok(good) => (good, None),
            Err(fault) => (Vec::new(), Some(fault)),
        };
        // Another issuer has other keys.
        let is_ours = claims.issuer == bearer.intent.issuer.url();
        let key = keys.filter(|_| is_ours).and_then(|keys| claims.check_key(keys).err());
        if let Some(fault) = Fault::chain(key.into_iter().chain(wrong)) {
            let sight = look(self.world, self.order, bearer, &claims, GLANCE_LIMIT).await;
            return Err(self.ladder.failed(with_others(fault, &sight)));
        }
        self.sight = look(self.world, self.order, bearer, &claims, LOOK_LIMIT).await;
        match &self.sight.seen {
            // A role that is not there is told where it is asked for.
            Ok(Seen { refusal: Some(fault), .. }) if fault.cause != Cause::RoleMissing => {
                return Err(self.ladder.failed(fault.clone()));
            }
            Ok(Seen { unsure: Some(what), .. }) => {
                good.push(format!("the trust asks for what is not known here: {what}"));
            }
            Ok(_) => good.push("provider and trust admit it".to_owned()),
            Err(why) => good.push(format!("provider and trust were not looked at: {why}")),
        }
        self.ladder.passed(good.join(", "));
        let left = u64::try_from(claims.expires_at.saturating_sub(now)).unwrap_or_default();
        // No token that STS takes lasts longer than a day or so; the bound keeps the sum within an Instant.
        Ok(Instant::now() + Duration::from_secs(left.min(1 << 30)))
    }

    async fn assume(
        &mut self,
        bearer: &RoleBearer,
        token: &WebToken,
        ends: Instant,
    ) -> Result<Session, Fell> {
        let (order, cloud) = (self.order, &*self.world.cloud);
        self.ladder.begin(Rung::Assume);
        if let Ok(Seen { refusal: Some(fault), .. }) = &self.sight.seen {
            return Err(self.ladder.failed(fault.clone()));
        }
        let fresh = Window::from_now(order, "what was changed lately is not known");
        let patience = Patience { ends: Some(ends), ..self.patience(Rung::Assume, &fresh) };
        let asked = patience.ask(|| cloud.assume(&bearer.role, token, &order.wish.host.region));
        let session = asked.await.map_err(|fault| self.ladder.failed(fault))?;
        self.ladder.passed(format!("{}, until {}", session.assumed_arn, session.expires));
        Ok(session)
    }

    async fn identity(
        &mut self,
        bearer: &RoleBearer,
        session: &Session,
        fresh: &Window,
    ) -> Result<(), Fell> {
        let (order, cloud) = (self.order, &*self.world.cloud);
        self.ladder.begin(Rung::Identity);
        let of = &session.credentials;
        let arn = self.ask(Rung::Identity, fresh, || cloud.identity(of, &order.wish.host.region));
        let arn = arn.await?;
        if !is_session_of(&arn, &bearer.role) {
            let wanted = format!("a session of {}", bearer.role);
            return Err(self.ladder.failed(somebody_else(&wanted, &arn)));
        }
        self.ladder.passed(arn);
        Ok(())
    }

    async fn login(&mut self, of: &Credentials, fresh: &Window) -> Result<Login, Fell> {
        let (order, cloud) = (self.order, &*self.world.cloud);
        self.ladder.begin(Rung::Login);
        let region = &order.wish.host.region;
        let login = self.ask(Rung::Login, fresh, || cloud.registry_login(of, region)).await?;
        let ends = login.expires.clone().unwrap_or_else(|| "an end that is not stated".to_owned());
        if login.stale {
            let message = format!(
                "ECR says that its login ended already, at {ends}; it is tried all the same"
            );
            let fault =
                Fault::new(Cause::RegistryTokenExpired, message).with("expires", ends.as_str());
            self.ladder.warned(format!("its stated end has passed: {ends}"), fault);
        } else {
            self.ladder.passed(format!("good until {ends}"));
        }
        Ok(login)
    }

    async fn manifest(&mut self, login: &Login, fresh: &Window) -> Result<Manifest, Fell> {
        let (order, registry) = (self.order, &*self.world.registry);
        self.ladder.begin(Rung::Manifest);
        let asked = self.ask(Rung::Manifest, fresh, || registry.manifest(login, &order.wish));
        let manifest = asked.await?;
        let image = &manifest.image;
        let mut words = vec![image.digest.clone()];
        words.extend(image.platform.clone());
        words.push(counted(image.layers, "layer"));
        words.extend(manifest.remarks.iter().cloned());
        self.ladder.passed(words.join(", "));
        self.image = Some(image.clone());
        Ok(manifest)
    }

    async fn layers(&mut self, login: &Login, manifest: &Manifest) -> Result<(), Fell> {
        let (order, registry) = (self.order, &*self.world.registry);
        let depth = order.wish.depth;
        if depth == Depth::Manifest {
            for rung in [Rung::Layers, Rung::Digest] {
                self.ladder.skipped(rung, "only the manifest was asked for");
            }
            return Ok(());
        }
        self.ladder.begin(Rung::Layers);
        self.control.news(News::Layers(expected(manifest, depth)));
        let began = Instant::now();
        let on_bytes = self.on_bytes();
        let fetched = registry.layers(login, &order.wish, manifest, depth, on_bytes).await;
        let took = began.elapsed();
        match fetched {
            Ok(fetched) => {
                let blobs = counted(fetched.blobs, "blob");
                let brought = format!("{blobs}, {}", mebibytes(fetched.bytes));
                match self.other_platform(&fetched) {
                    None => self.ladder.passed(brought),
                    Some(fault) => {
                        self.ladder.warned(format!("{brought}; {}", fault.message), fault);
                    }
                }
                self.ladder.begin(Rung::Digest);
                self.ladder.passed(format!("size and sha256 of {blobs}"));
                if let Some(image) = &mut self.image {
                    image.bytes = fetched.bytes;
                    image.platform =
                        image.platform.take().or(fetched.platform.map(|p| p.to_string()));
                }
                self.bytes_per_second = per_second(fetched.bytes, took);
                Ok(())
            }
            Err(fault) if fault.cause == Cause::DigestMismatch => {
                self.ladder.passed("the bytes arrived");
                self.ladder.begin(Rung::Digest);
                Err(self.ladder.failed(fault))
            }
            Err(fault) => Err(self.ladder.failed(fault)),
        }
    }

    /// A manifest that no index led to is taken whatever it is for, as other clients do; its config says what it is.
    fn other_platform(&self, fetched: &Fetched) -> Option<Fault> {
        let wish = &self.order.wish.platform;
        let there = fetched.platform.as_ref().filter(|there| !there.is_same(wish))?;
        self.image.as_ref().filter(|image| image.platform.is_none())?;
        let message = format!("the image is for {there}, not {wish}");
        let fault = Fault::new(Cause::PlatformMissing, message)
            .with("wanted", wish.to_string())
            .with("got", there.to_string());
        Some(
            fault.remedy("push the image for that platform, or set pull_test.platform to this one"),
        )
    }

    fn on_bytes(&self) -> OnBytes {
        let control = self.control.clone();
        let told: Mutex<HashMap<String, Instant>> = Mutex::default();
        Arc::new(move |progress: BlobProgress| {
            let now = Instant::now();
            let Ok(mut told) = told.lock() else { return };
            let rested = told
                .get(&progress.digest)
                .is_none_or(|then| now.duration_since(*then) >= BETWEEN_BYTES);
            if rested || progress.received >= progress.total {
                told.insert(progress.digest.clone(), now);
                control.news(News::Bytes(progress));
            }
        })
    }

    /// Asks with patience. Where no look at the account was taken yet, the first refusal is the time for it: what works at
    /// once needs none of the operator's own credentials.
    async fn ask<'b, T: Send>(
        &mut self,
        rung: Rung,
        fresh: &Window,
        ask: impl Fn() -> Answer<'b, T> + Send + Sync,
    ) -> Result<T, Fell> {
        let mut first = None;
        if let (Bearer::Key(bearer), false) = (&self.order.bearer, self.looked) {
            match within(READ_LIMIT, "from AWS", ask()).await {
                Ok(value) => return Ok(value),
                Err(fault) => {
                    self.look_at_user(bearer, None).await;
                    first = Some(fault);
                }
            }
        }
        let asked = self.patience(rung, fresh).ask_after(first, ask).await;
        asked.map_err(|fault| self.ladder.failed(fault))
    }

    fn patience<'b>(&'b self, rung: Rung, fresh: &'b Window) -> Patience<'b> {
        let Self { control, order, sight, .. } = self;
        Patience { control, order, rung, sight, fresh, ends: None }
    }
}

/// What is wrong with the token, and behind it what else stands in the way of the account: of a claim that is wrong by
/// itself nothing more is said.
fn with_others(token: Fault, sight: &Sight) -> Fault {
    let told: Vec<Option<String>> = std::iter::once(&token)
        .chain(token.others())
        .map(|fault| fault.evidence.get("claim").cloned())
        .collect();
    let refusal = sight.seen.as_ref().ok().and_then(|seen| seen.refusal.as_ref());
    let others = refusal.into_iter().flat_map(|fault| std::iter::once(fault).chain(fault.others()));
    let is_new = |fault: &&Fault| {
        fault.evidence.get("claim").is_none_or(|claim| !told.contains(&Some(claim.clone())))
    };
    others
        .filter(is_new)
        .fold(token, |chain, fault| chain.and(Fault { also: None, ..fault.clone() }))
}

/// No answer in time is not being reachable.
fn unreached(fault: Fault) -> Fault {
    match fault.cause {
        Cause::DeadlinePassed => Fault { cause: Cause::IssuerUnreachable, ..fault },
        _ => fault,
    }
}

fn somebody_else(wanted: &str, got: &str) -> Fault {
    Fault::new(Cause::IdentityMismatch, format!("the keys are those of {got}, not of {wanted}"))
        .with("wanted", wanted)
        .with("got", got)
}

/// `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION`: of the role's name and account.
fn is_session_of(arn: &str, role: &RoleArn) -> bool {
    let role: Vec<&str> = role.as_str().splitn(6, ':').collect();
    let session: Vec<&str> = arn.splitn(6, ':').collect();
    let ([_, partition, _, _, account, role], [_, p, "sts", _, a, session]) =
        (role.as_slice(), session.as_slice())
    else {
        return false;
    };
    let name = role.rsplit('/').next();
    let mut parts = session.split('/');
    p == partition && a == account && parts.next() == Some("assumed-role") && parts.next() == name
}

/// The blobs that will come, with nothing of them received.
fn expected(manifest: &Manifest, depth: Depth) -> Vec<BlobProgress> {
    let none =
        |blob: &Blob| BlobProgress { digest: blob.digest.clone(), received: 0, total: blob.size };
    manifest.blobs_for(depth).into_iter().map(none).collect()
}

fn per_second(bytes: u64, took: Duration) -> Option<u64> {
    let each = u128::from(bytes) * 1000 / took.as_millis().max(1);
    u64::try_from(each).ok()
}

fn counted(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

#[cfg(test)]
mod tests;
