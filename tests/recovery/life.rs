//! One life of the program: a world that meets faults and, at some point, death. From then on nothing of this life reaches the
//! account or the disk, and what it waits for never comes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use okteto_ecr::domain::arn::RoleArn;
use okteto_ecr::domain::custody::{SecretPlace, SeenPlace, SeenSecret};
use okteto_ecr::domain::draft::Draft;
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::host::RegistryHost;
use okteto_ecr::domain::intent::{Caller, Intent};
use okteto_ecr::domain::inventory::{Holdings, Inventory, Wanted};
use okteto_ecr::domain::journal::{Header, Record, Recorded, whole};
use okteto_ecr::domain::key::SeenKey;
use okteto_ecr::domain::operation::{Deed, Operation};
use okteto_ecr::domain::partition::{AccountId, Region};
use okteto_ecr::domain::secret::{AccessKey, Credentials, Login, Session, WebToken};
use okteto_ecr::domain::subject::{Audience, Subject};
use okteto_ecr::ports::{
    Answer, Cloud, Cluster, Journal, Ledger, LoginSource, SeenImage, SeenRepository, World,
};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use crate::paper::Paper;
use crate::world::Practice;

/// How a life may go.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fate {
    /// It dies at the point of this number: before and after each line of the journal, each call and each delivery.
    pub death: Option<u32>,
    /// So many calls of a hundred meet a fault.
    pub faults: u32,
    /// Reads may show what was there before a change, for up to so many seconds.
    pub lag: u64,
    /// The journal's line of this number cannot be written.
    pub full: Option<u32>,
}

/// Changes that are not seen everywhere yet: until when, and the account before them. Outlives a process.
pub type Stale = Arc<Mutex<Option<(Instant, Practice)>>>;

#[derive(Clone)]
pub struct Life(Arc<Inner>);

struct Inner {
    practice: Practice,
    stale: Stale,
    fate: Fate,
    rng: Mutex<Rng>,
    points: Mutex<u32>,
    lines: Mutex<u32>,
    /// While it is refused, the login has to be renewed.
    expired: Mutex<Option<Instant>>,
    journal: Mutex<Option<Box<dyn Journal>>>,
    /// What it met, in a word each.
    met: Mutex<Vec<&'static str>>,
    dead: AtomicBool,
    died: Notify,
}

/// What happens to a changing call.
enum Twist {
    None,
    Throttled,
    /// It does not arrive.
    LostBefore,
    /// It is carried out, and its answer does not arrive.
    LostAfter,
    /// Neither it nor an answer arrives, nor word of that.
    Hangs,
    /// It is carried out after the deadline.
    Late,
    /// The login is over for a while.
    Expired(Duration),
}

fn unreachable() -> Fault {
    Fault::new(Cause::Unreachable, "the connection was lost").with("outcome", "unknown")
}

impl Life {
    pub fn new(practice: &Practice, stale: &Stale, fate: Fate, rng: Rng) -> Self {
        Self(Arc::new(Inner {
            practice: practice.clone(),
            stale: Arc::clone(stale),
            fate,
            rng: Mutex::new(rng),
            points: Mutex::default(),
            lines: Mutex::default(),
            expired: Mutex::default(),
            journal: Mutex::default(),
            met: Mutex::default(),
            dead: AtomicBool::new(false),
            died: Notify::new(),
        }))
    }

    pub fn world(&self) -> World {
        let practice = Arc::new(self.0.practice.clone());
        let World { roster, archive, .. } = practice.world();
        World {
            roster,
            archive,
            cloud: Arc::new(self.clone()),
            issuers: practice.clone(),
            registry: practice,
            cluster: Arc::new(self.clone()),
            ledger: Arc::new(self.clone()),
            classroom: None,
        }
    }

    /// The process is gone, whatever it was about. Its lock goes with it.
    pub fn end(&self) {
        self.0.dead.store(true, Ordering::SeqCst);
        self.0.journal.lock().unwrap().take();
        self.0.died.notify_one();
    }

    /// Ends when it has died.
    pub async fn died(&self) {
        self.0.died.notified().await;
    }

    /// How many points it has met.
    pub fn points(&self) -> u32 {
        *self.0.points.lock().unwrap()
    }

    pub fn lines(&self) -> u32 {
        *self.0.lines.lock().unwrap()
    }

    /// What it met, in a word each.
    pub fn met(&self) -> Vec<&'static str> {
        self.0.met.lock().unwrap().clone()
    }

    fn meets(&self, what: &'static str) {
        self.0.met.lock().unwrap().push(what);
    }

    fn is_dead(&self) -> bool {
        self.0.dead.load(Ordering::SeqCst)
    }

    /// One more point. Whether it is the last.
    fn is_last_point(&self) -> bool {
        let mut points = self.0.points.lock().unwrap();
        *points += 1;
        self.0.fate.death == Some(*points)
    }

    async fn alive(&self) {
        if self.is_dead() {
            std::future::pending::<()>().await;
        }
    }

    /// A point of a life that waits.
    async fn point(&self) {
        if !self.is_dead() && self.is_last_point() {
            self.end();
        }
        self.alive().await;
    }

    fn chance(&self, of_hundred: u32) -> bool {
        of_hundred > 0 && self.0.rng.lock().unwrap().u32(..100) < of_hundred
    }

    fn twist(&self) -> Twist {
        if !self.chance(self.0.fate.faults) {
            return Twist::None;
        }
        let mut rng = self.0.rng.lock().unwrap();
        match rng.u32(..7) {
            0 | 1 => Twist::Throttled,
            2 => Twist::LostBefore,
            3 => Twist::LostAfter,
            4 => Twist::Hangs,
            5 => Twist::Late,
            // Rarely for longer than it is waited for.
            _ if rng.u32(..8) == 0 => Twist::Expired(Duration::from_mins(20)),
            _ => Twist::Expired(Duration::from_secs(rng.u64(..60))),
        }
    }

    fn login(&self) -> Result<(), Fault> {
        let until = *self.0.expired.lock().unwrap();
        match until {
            Some(until) if Instant::now() < until => {
                let message = "the security token included in the request is expired";
                Err(Fault::new(Cause::CredentialsExpired, message).with("code", "ExpiredToken"))
            }
            _ => Ok(()),
        }
    }

    /// The account to be read, unless the read does not come through.
    async fn seen(&self) -> Result<Practice, Fault> {
        self.alive().await;
        self.login()?;
        if self.chance(self.0.fate.faults / 6) {
            return Err(if self.chance(50) {
                Fault::new(Cause::Throttled, "Rate exceeded").with("code", "Throttling")
            } else {
                Fault::new(Cause::Unreachable, "the connection was lost")
            });
        }
        let stale = self.0.stale.lock().unwrap().clone();
        Ok(match stale {
            Some((until, before)) if Instant::now() < until => {
                self.meets("stale");
                before
            }
            _ => self.0.practice.clone(),
        })
    }

    /// What is about to be changed may be read as it was for a while.
    fn spread(&self) {
        if self.0.fate.lag == 0 || !self.chance(60) {
            return;
        }
        let lag = Duration::from_secs(self.0.rng.lock().unwrap().u64(1..=self.0.fate.lag));
        let mut stale = self.0.stale.lock().unwrap();
        if stale.as_ref().is_none_or(|(until, _)| Instant::now() >= *until) {
            *stale = Some((Instant::now() + lag, self.0.practice.as_it_was()));
        }
    }

    async fn performed(&self, operation: &Operation) -> Result<Deed, Fault> {
        self.alive().await;
        Paper::of(&self.0.practice).assert_ends_with_began(operation);
        self.point().await;
        self.login()?;
        let twist = self.twist();
        self.meets(match twist {
            Twist::None => "answered",
            Twist::Throttled => "throttled",
            Twist::LostBefore => "lost before",
            Twist::LostAfter => "lost after",
            Twist::Hangs => "hung",
            Twist::Late => "late",
            Twist::Expired(_) => "expired",
        });
        match twist {
            Twist::Throttled => {
                return Err(
                    Fault::new(Cause::Throttled, "Rate exceeded").with("code", "Throttling")
                );
            }
            Twist::LostBefore => return Err(unreachable()),
            Twist::Hangs => std::future::pending().await,
            Twist::Late => {
                sleep(Duration::from_secs(65)).await;
                self.alive().await;
            }
            Twist::Expired(time) => {
                *self.0.expired.lock().unwrap() = Some(Instant::now() + time);
                self.login()?;
            }
            Twist::None | Twist::LostAfter => {}
        }
        self.spread();
        let deed = self.0.practice.perform(operation).await;
        self.point().await;
        if matches!(twist, Twist::LostAfter) { Err(unreachable()) } else { deed }
    }
}

impl Cloud for Life {
    fn source(&self) -> BoxFuture<'_, LoginSource> {
        self.0.practice.source()
    }

    fn whoami(&self) -> Answer<'_, Caller> {
        async {
            self.alive().await;
            self.login()?;
            self.0.practice.whoami().await
        }
        .boxed()
    }

    fn survey<'a>(&'a self, intent: &'a Intent) -> Answer<'a, Inventory> {
        async move { self.seen().await?.survey(intent).await }.boxed()
    }

    fn holdings<'a>(&'a self, wanted: &'a Wanted) -> Answer<'a, Holdings> {
        async move { self.seen().await?.holdings(wanted).await }.boxed()
    }

    fn keys<'a>(&'a self, user: &'a str) -> Answer<'a, Vec<SeenKey>> {
        async move { Cloud::keys(&self.seen().await?, user).await }.boxed()
    }

    fn perform<'a>(&'a self, operation: &'a Operation) -> Answer<'a, Deed> {
        self.performed(operation).boxed()
    }

    fn repositories<'a>(&'a self, host: &'a RegistryHost) -> Answer<'a, Vec<SeenRepository>> {
        self.0.practice.repositories(host)
    }

    fn images<'a>(
        &'a self,
        host: &'a RegistryHost,
        repository: &'a str,
    ) -> Answer<'a, Vec<SeenImage>> {
        self.0.practice.images(host, repository)
    }

    fn assume<'a>(
        &'a self,
        role: &'a RoleArn,
        token: &'a WebToken,
        region: &'a Region,
    ) -> Answer<'a, Session> {
        self.0.practice.assume(role, token, region)
    }

    fn identity<'a>(&'a self, of: &'a Credentials, region: &'a Region) -> Answer<'a, String> {
        self.0.practice.identity(of, region)
    }

    fn registry_login<'a>(&'a self, of: &'a Credentials, region: &'a Region) -> Answer<'a, Login> {
        self.0.practice.registry_login(of, region)
    }
}

impl Cluster for Life {
    fn context(&self) -> BoxFuture<'_, Option<String>> {
        self.0.practice.context()
    }

    fn issuer<'a>(&'a self, context: Option<&'a str>) -> Answer<'a, String> {
        Cluster::issuer(&self.0.practice, context)
    }

    fn token<'a>(
        &'a self,
        context: Option<&'a str>,
        subject: &'a Subject,
        audience: &'a Audience,
    ) -> Answer<'a, WebToken> {
        self.0.practice.token(context, subject, audience)
    }

    fn try_manifest<'a>(&'a self, context: Option<&'a str>, manifest: &'a str) -> Answer<'a, ()> {
        self.0.practice.try_manifest(context, manifest)
    }

    fn secret_place<'a>(&'a self, place: &'a SecretPlace) -> Answer<'a, SeenPlace> {
        async move {
            self.alive().await;
            self.0.practice.secret_place(place).await
        }
        .boxed()
    }

    fn put_secret<'a>(
        &'a self,
        place: &'a SecretPlace,
        key: &'a AccessKey,
        over: Option<&'a SeenSecret>,
    ) -> Answer<'a, ()> {
        async move {
            self.point().await;
            let lost = || Fault::new(Cause::ClusterUnreachable, "the cluster does not answer");
            let is_faulty = self.chance(self.0.fate.faults);
            if is_faulty {
                self.meets("undelivered");
            }
            if is_faulty && self.chance(50) {
                return Err(lost());
            }
            let put = self.0.practice.put_secret(place, key, over).await;
            self.point().await;
            if is_faulty { Err(lost()) } else { put }
        }
        .boxed()
    }

    fn read_secret<'a>(&'a self, place: &'a SecretPlace) -> Answer<'a, AccessKey> {
        self.0.practice.read_secret(place)
    }
}

/// What the disk says of a process that is no more; nobody hears it.
fn gone() -> Fault {
    Fault::new(Cause::File, "the process has ended")
}

impl Ledger for Life {
    fn open_journal(&self, header: &Header) -> Result<Box<dyn Journal>, Fault> {
        if self.is_dead() {
            return Err(gone());
        }
        let journal = self.0.practice.open_journal(header)?;
        let past = journal.past().cloned();
        *self.0.journal.lock().unwrap() = Some(journal);
        let paper = Paper::of(&self.0.practice).of_run(&header.run);
        Ok(Box::new(Page { life: self.clone(), paper, past }))
    }

    fn runs(&self) -> Result<Vec<Recorded>, Fault> {
        self.0.practice.runs()
    }

    fn save_answers(&self, run: &str, draft: &Draft) -> Result<PathBuf, Fault> {
        self.0.practice.save_answers(run, draft)
    }

    fn read_token(&self, path: &Path) -> Result<WebToken, Fault> {
        self.0.practice.read_token(path)
    }

    fn try_key_file(&self, path: &Path) -> Result<(), Fault> {
        self.0.practice.try_key_file(path)
    }

    fn write_key_file(&self, path: &Path, key: &AccessKey) -> Result<(), Fault> {
        if self.is_dead() || self.is_last_point() {
            self.end();
            return Err(gone());
        }
        if self.chance(self.0.fate.faults) {
            self.meets("undelivered");
            return Err(Fault::new(Cause::File, "no space left on device"));
        }
        let written = self.0.practice.write_key_file(path, key);
        if self.is_last_point() {
            self.end();
        }
        written
    }

    fn read_key_file(&self, path: &Path) -> Result<AccessKey, Fault> {
        self.0.practice.read_key_file(path)
    }

    fn note_change(&self, account: &AccountId, at: i64) -> Result<(), Fault> {
        self.0.practice.note_change(account, at)
    }

    fn last_change(&self, account: &AccountId) -> Option<i64> {
        self.0.practice.last_change(account)
    }
}

/// The journal that this life has open. The real one goes with the life.
struct Page {
    life: Life,
    paper: PathBuf,
    past: Option<okteto_ecr::domain::journal::Past>,
}

impl Journal for Page {
    fn past(&self) -> Option<&okteto_ecr::domain::journal::Past> {
        self.past.as_ref()
    }

    fn write(&mut self, record: &Record) -> Result<(), Fault> {
        let life = &self.life;
        let inner = &*life.0;
        if life.is_dead() || life.is_last_point() {
            life.end();
            return Err(gone());
        }
        let number = {
            let mut lines = inner.lines.lock().unwrap();
            *lines += 1;
            *lines
        };
        let size = || std::fs::metadata(&self.paper).map_or(0, |file| file.len());
        // What was torn before is cut off first: it grows from its last whole line.
        let before = std::fs::read(&self.paper).map_or(0, |text| whole(&text).len() as u64);
        let written = match &mut *inner.journal.lock().unwrap() {
            Some(journal) => journal.write(record),
            None => Err(gone()),
        };
        // Half of it, or all but its end, or nothing.
        let torn = || {
            let added = size() - before;
            let kept = before + inner.rng.lock().unwrap().u64(..added.max(1));
            let file = std::fs::OpenOptions::new().write(true).open(&self.paper).unwrap();
            file.set_len(kept).unwrap();
        };
        if inner.fate.full == Some(number) {
            torn();
            // What the real one does then: nothing follows.
            *inner.journal.lock().unwrap() = Some(Box::new(Full(self.past.clone())));
            return Full(None).write(record);
        }
        if life.is_last_point() {
            torn();
            life.end();
            return Err(gone());
        }
        written?;
        if life.is_last_point() {
            life.end();
            return Err(gone());
        }
        Ok(())
    }
}

/// A disk without room.
struct Full(Option<okteto_ecr::domain::journal::Past>);

impl Journal for Full {
    fn past(&self) -> Option<&okteto_ecr::domain::journal::Past> {
        self.0.as_ref()
    }

    fn write(&mut self, _: &Record) -> Result<(), Fault> {
        Err(Fault::new(Cause::File, "could not write the journal: no space left on device"))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.life.0.journal.lock().unwrap().take();
    }
}
