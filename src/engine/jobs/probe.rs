//! The pull test: from the issuer's documents to the last byte, with the role and nothing else.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::diagnosis::{Look, look};
use super::look::LOOK;
use super::rungs::Rungs;
use crate::app::task::{News, ProbeOrder, TokenSource};
use crate::domain::claims::Claims;
use crate::domain::fault::{Cause, Fault};
use crate::domain::probe::{BlobProgress, Depth, ProbeReport, Pulled, Rung, Try};
use crate::domain::secret::{Login, Session, WebToken};
use crate::engine::clock::unix_now;
use crate::engine::control::{Control, within};
use crate::ports::{Answer, Manifest, World};

/// The issuer is asked for this long; not seen from here is a warning only (contract, `pull-test`).
const ISSUER: Duration = Duration::from_secs(5);
/// Between two tries while a change spreads: the pace that provider tools settled on, 90 s and more in all.
const PAUSES: [u64; 5] = [1, 2, 4, 8, 10];
/// A single call of the test is given up after this long.
const CALL: Duration = Duration::from_secs(30);

/// What was climbed so far, and what is needed for the next rung.
struct Climb<'a> {
    world: &'a World,
    control: &'a Control,
    order: &'a ProbeOrder,
    rungs: Rungs<'a>,
    /// The token's end, seconds since 1970: no try is made after it.
    token_ends: i64,
    /// When the tries end.
    until: Instant,
    /// What a look at the account said, once it was taken.
    looked: Option<Look>,
}

/// Runs the pull test. Every refusal ends it at its rung, with its cause.
pub async fn probe(world: &World, control: &Control, order: &ProbeOrder) -> ProbeReport {
    let mut climb = Climb {
        world,
        control,
        order,
        rungs: Rungs::new(control),
        token_ends: i64::MAX,
        until: Instant::now() + order.wait,
        looked: None,
    };
    let mut image = None;
    let mut speed = None;
    // A failed rung is noted where it fails; nothing is left to do with the error here.
    let _ = climb.climb(&mut image, &mut speed).await;
    climb.rungs.report(order.wish.depth == Depth::Full, image, speed)
}

/// The rung that failed has been noted.
struct Failed;

impl Climb<'_> {
    async fn climb(
        &mut self,
        image: &mut Option<Pulled>,
        speed: &mut Option<u64>,
    ) -> Result<(), Failed> {
        self.issuer().await?;
        let token = self.token().await?;
        self.claims(&token)?;
        let session = self.assume(&token).await?;
        self.identity(&session).await?;
        let login = self.login(&session).await?;
        let manifest = self.manifest(&login).await?;
        *image = Some(manifest.image.clone());
        let (bytes, took) = self.layers(&login, &manifest).await?;
        if let Some(image) = image {
            image.bytes = bytes;
        }
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        *speed = (bytes > 0).then(|| bytes.saturating_mul(1000) / millis);
        Ok(())
    }

    fn settle<T>(&mut self, rung: Rung, answer: Result<T, Fault>) -> Result<T, Failed> {
        answer.map_err(|fault| {
            self.rungs.fail(rung, fault);
            Failed
        })
    }

    async fn issuer(&mut self) -> Result<(), Failed> {
        self.rungs.begin(Rung::Discovery);
        let issuers = &self.world.issuers;
        let answer =
            within(ISSUER, "the issuer's document", issuers.discover(&self.order.intent.issuer))
                .await;
        let document = match answer {
            Ok(document) => document,
            // AWS must reach the issuer; this desk need not. What STS says later decides.
            Err(fault) if fault.cause != Cause::IssuerMismatch => {
                self.rungs.warn(Rung::Discovery, fault);
                self.rungs.skip(Rung::Keys, "the issuer's document was not seen from here");
                return Ok(());
            }
            Err(fault) => return self.settle(Rung::Discovery, Err(fault)),
        };
        self.rungs.pass(Rung::Discovery, format!("names itself {}", document.issuer));
        self.rungs.begin(Rung::Keys);
        match within(ISSUER, "the issuer's keys", issuers.keys(&document)).await {
            Ok(keys) if keys.len() == 1 => self.rungs.pass(Rung::Keys, "1 key"),
            Ok(keys) => self.rungs.pass(Rung::Keys, format!("{} keys", keys.len())),
            Err(fault) => self.rungs.warn(Rung::Keys, fault),
        }
        Ok(())
    }

    async fn token(&mut self) -> Result<WebToken, Failed> {
        self.rungs.begin(Rung::Token);
        let intent = &self.order.intent;
        let (answer, place) = match &self.order.token {
            TokenSource::Pasted(token) => (Ok(token.clone()), "pasted".to_owned()),
            TokenSource::File(path) => {
                let place = format!("from {}", path.display());
                (self.world.ledger.read_token(path), place)
            }
            TokenSource::Cluster(context) => {
                let ask =
                    self.world.cluster.token(context.as_deref(), &intent.subject, &intent.audience);
                (within(LOOK, "a token from the cluster", ask).await, "from the cluster".to_owned())
            }
        };
        let token = self.settle(Rung::Token, answer)?;
        self.rungs.pass(Rung::Token, place);
        Ok(token)
    }

    fn claims(&mut self, token: &WebToken) -> Result<(), Failed> {
        self.rungs.begin(Rung::Claims);
        let checked = Claims::read(token).and_then(|claims| {
            self.token_ends = claims.expires_at;
            claims.check(&self.order.intent, unix_now())
        });
        let good = self.settle(Rung::Claims, checked)?;
        self.rungs.pass(Rung::Claims, good.join(", "));
        Ok(())
    }

    async fn assume(&mut self, token: &WebToken) -> Result<Session, Failed> {
        let (cloud, order) = (Arc::clone(&self.world.cloud), self.order);
        let region = &order.wish.host.region;
        let (session, tries) = self
            .climb_on(Rung::Assume, may_spread_at_sts, || cloud.assume(&order.role, token, region))
            .await?;
        let detail = format!("keys until {}{}", session.expires, tries_words(tries));
        self.rungs.pass(Rung::Assume, detail);
        Ok(session)
    }

    async fn identity(&mut self, session: &Session) -> Result<(), Failed> {
        self.rungs.begin(Rung::Identity);
        let order = self.order;
        let ask = self.world.cloud.identity(session, &order.wish.host.region);
        let arn = within(CALL, "who the keys are", ask).await;
        let arn = self.settle(Rung::Identity, arn)?;
        let wanted = format!(
            ":assumed-role/{}/",
            order.role.as_str().rsplit('/').next().unwrap_or_default()
        );
        let account = format!(":{}:", order.intent.account);
        if !(arn.contains(&wanted) && arn.contains(&account)) {
            let fault = Fault::new(
                Cause::Unexplained,
                "the keys belong to another role than was asked for",
            )
            .with("wanted", order.role.as_str())
            .with("got", arn);
            return self.settle(Rung::Identity, Err(fault));
        }
        self.rungs.pass(Rung::Identity, arn);
        Ok(())
    }

    async fn login(&mut self, session: &Session) -> Result<Login, Failed> {
        let (cloud, order) = (Arc::clone(&self.world.cloud), self.order);
        let region = &order.wish.host.region;
        let spreads = |fault: &Fault| {
            matches!(fault.cause, Cause::LoginPermissionMissing | Cause::AccessKeyUnknown)
        };
        let (login, tries) =
            self.climb_on(Rung::Login, spreads, || cloud.registry_login(session, region)).await?;
        let until = login.expires.as_deref().unwrap_or("no stated end");
        if login.stale {
            let fault = Fault::new(
                Cause::RegistryTokenExpired,
                format!("the login's stated end, {until}, is in the past by this machine's clock"),
            )
            .with("expires", until);
            self.rungs.warn(Rung::Login, fault);
        } else {
            self.rungs.pass(Rung::Login, format!("until {until}{}", tries_words(tries)));
        }
        Ok(login)
    }

    async fn manifest(&mut self, login: &Login) -> Result<Manifest, Failed> {
        let (registry, order) = (Arc::clone(&self.world.registry), self.order);
        let spreads = |fault: &Fault| fault.cause == Cause::PullPermissionMissing;
        let (manifest, tries) = self
            .climb_on(Rung::Manifest, spreads, || registry.manifest(login, &order.wish))
            .await?;
        let total: u64 = manifest.blobs.iter().map(|b| b.size).sum();
        let layers = manifest.image.layers;
        let plural = if layers == 1 { "" } else { "s" };
        let platform =
            manifest.image.platform.as_ref().map(|p| format!(", {p}")).unwrap_or_default();
        let mut detail =
            format!("{layers} layer{plural}, {}{platform}{}", mebibytes(total), tries_words(tries));
        for remark in &manifest.remarks {
            detail.push_str("; ");
            detail.push_str(remark);
        }
        self.rungs.pass(Rung::Manifest, detail);
        Ok(manifest)
    }

    async fn layers(
        &mut self,
        login: &Login,
        manifest: &Manifest,
    ) -> Result<(u64, Duration), Failed> {
        let wish = &self.order.wish;
        if wish.depth == Depth::Manifest {
            self.rungs.skip(Rung::Layers, "only the manifest was asked for");
            self.rungs.skip(Rung::Digest, "only the manifest was asked for");
            return Ok((0, Duration::ZERO));
        }
        self.rungs.begin(Rung::Layers);
        let all = manifest.blobs.iter().map(|b| BlobProgress {
            digest: b.digest.clone(),
            received: 0,
            total: b.size,
        });
        if wish.depth == Depth::Full {
            self.control.news(News::Layers(all.collect()));
        }
        let control = self.control.clone();
        let on_bytes = Arc::new(move |progress| control.news(News::Bytes(progress)));
        let began = Instant::now();
        let answer = self.world.registry.layers(login, wish, manifest, wish.depth, on_bytes).await;
        let took = began.elapsed();
        match answer {
            Ok(fetched) => {
                let seconds = took.as_secs_f64();
                self.rungs.pass(
                    Rung::Layers,
                    format!(
                        "{} blobs, {} in {seconds:.1} s",
                        fetched.blobs,
                        mebibytes(fetched.bytes)
                    ),
                );
                self.rungs.begin(Rung::Digest);
                self.rungs.pass(Rung::Digest, "size and sha256 of every blob match");
                Ok((fetched.bytes, took))
            }
            Err(fault) if fault.cause == Cause::DigestMismatch => {
                self.rungs.pass(Rung::Layers, "bytes arrived");
                self.rungs.begin(Rung::Digest);
                self.settle(Rung::Digest, Err(fault))
            }
            Err(fault) => self.settle(Rung::Layers, Err(fault)),
        }
    }

    /// Tries a rung until it holds. A refusal that waiting may mend is tried again while the account looks as it
    /// should; after a refusal two successes in a row count, because replicas differ.
    async fn climb_on<'b, T: Send>(
        &mut self,
        rung: Rung,
        spreads: impl Fn(&Fault) -> bool,
        call: impl Fn() -> Answer<'b, T>,
    ) -> Result<(T, u32), Failed> {
        self.rungs.begin(rung);
        self.looked = None;
        let began = Instant::now();
        let mut successes = 0;
        for number in 1.. {
            let answer = within(CALL, rung.words(), call()).await;
            let fault = match answer {
                Ok(thing) => {
                    successes += 1;
                    if number == 1 || successes == 2 {
                        return Ok((thing, number));
                    }
                    self.tell(rung, number, began, None, Some(Duration::from_secs(1)));
                    self.control.sleep(Duration::from_secs(1)).await;
                    continue;
                }
                Err(fault) => fault,
            };
            successes = 0;
            let pause = PAUSES.get(number as usize - 1).or(PAUSES.last()).copied().unwrap_or(10);
            let pause = Duration::from_secs(pause);
            let end = match self.verdict_on(&fault, &spreads, pause).await {
                None => {
                    self.tell(rung, number, began, Some(fault), Some(pause));
                    self.control.sleep(pause).await;
                    continue;
                }
                Some(end) => end,
            };
            self.tell(rung, number, began, Some(fault), None);
            return self.settle(rung, Err(end));
        }
        Err(Failed)
    }

    /// What a refusal comes to: `None` to try again after `pause`, else the fault to end with.
    async fn verdict_on(
        &mut self,
        fault: &Fault,
        spreads: impl Fn(&Fault) -> bool,
        pause: Duration,
    ) -> Option<Fault> {
        if !spreads(fault) {
            return Some(fault.clone());
        }
        if self.looked.is_none() {
            self.looked = Some(look(self.world, &self.order.intent, fault).await);
        }
        let seconds = i64::try_from(pause.as_secs()).unwrap_or(0);
        let in_time =
            Instant::now() + pause <= self.until && unix_now() + seconds < self.token_ends;
        match self.looked.as_ref() {
            Some(Look::Wrong(named)) => Some(named.clone()),
            _ if in_time => None,
            Some(Look::AsMeant) => Some(not_yet(fault, self.order.wait)),
            Some(Look::Blind(why)) => Some(blind(fault, why)),
            None => Some(fault.clone()),
        }
    }

    fn tell(
        &self,
        rung: Rung,
        number: u32,
        began: Instant,
        refused: Option<Fault>,
        next_in: Option<Duration>,
    ) {
        let after = began.elapsed();
        self.control.news(News::Tried(Try { rung, number, after, refused, next_in }));
    }
}

/// Refusals of STS that a change which has not spread yet looks like (IAM user guide, "eventual consistency").
fn may_spread_at_sts(fault: &Fault) -> bool {
    match fault.cause {
        Cause::ProviderMissing | Cause::AudienceNotRegistered | Cause::AccessKeyUnknown => true,
        Cause::Unexplained | Cause::PermissionDenied => {
            fault.evidence.get("code").is_some_and(|c| c.starts_with("AccessDenied"))
        }
        _ => false,
    }
}

/// Everything looks right and is refused all the same.
fn not_yet(refusal: &Fault, waited: Duration) -> Fault {
    let mut fault = refusal.clone();
    fault.cause = Cause::NotYetPropagated;
    fault.message = format!(
        "provider, audience and trust are as they should be, and AWS still refuses after {} s",
        waited.as_secs()
    );
    fault.remedy(
        "try again in a minute; if it stays, a service control policy, a permissions boundary or a region that is \
         not enabled can refuse too: show the request id to an administrator",
    )
}

/// Refused, and the account cannot be read to say why.
fn blind(refusal: &Fault, why: &Fault) -> Fault {
    let fault = refusal.clone().with("not_looked_at", why.message.clone());
    match fault.remedy {
        Some(_) => fault,
        None => fault.remedy(
            "log in as an operator who may read the role and its provider: then the cause can be named",
        ),
    }
}

fn tries_words(tries: u32) -> String {
    if tries > 1 { format!(", {tries} tries") } else { String::new() }
}

#[expect(clippy::cast_precision_loss, reason = "a tenth of a MiB is what is shown")]
fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / 1_048_576.0)
}
