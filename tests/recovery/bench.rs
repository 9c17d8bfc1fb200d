//! Lives one after the other, each as a command goes about it: what the journals know, what the account has, what is left to
//! do.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fastrand::Rng;
use okteto_ecr::app::task::{ApplyOutcome, End, Job, Report, TaskId};
use okteto_ecr::domain::arn::PolicyArn;
use okteto_ecr::domain::custody::Custody;
use okteto_ecr::domain::intent::Intent;
use okteto_ecr::domain::inventory::{Holdings, Inventory, Wanted};
use okteto_ecr::domain::journal::{Past, Phase};
use okteto_ecr::domain::key::KeyId;
use okteto_ecr::domain::plan::{Choices, Plan, Stamp, plan};
use okteto_ecr::domain::rotation::KeyWish;
use okteto_ecr::domain::secret::AccessKey;
use okteto_ecr::domain::undo::{Decisions, undo};
use okteto_ecr::engine::runner::{Event, Runner};
use okteto_ecr::ports::{Cloud, Cluster, Ledger};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::life::{Fate, Life, Stale};
use crate::stories::{Keys, ROLE, Stage, Story, USER, caller};
use crate::world::{ISSUER, Practice};

/// How a life ends that is not left.
const DIED: &str = "died";
/// So many lives, and it must be done.
const LIVES: usize = 14;

pub struct Bench {
    pub practice: Practice,
    pub story: Story,
    stale: Stale,
    rng: Rng,
    decisions: Decisions,
    /// Keys whose secret was shown.
    shown: BTreeSet<KeyId>,
    /// What happened, for whoever reads of a failure.
    pub told: Vec<String>,
    /// What the lives met: how often each.
    pub met: BTreeMap<&'static str, u32>,
    /// How many points and lines of the journal the last life met.
    pub last: (u32, u32),
}

/// Questions of one life.
struct Asker {
    runner: Runner,
    events: UnboundedReceiver<Event>,
    last: u64,
}

impl Asker {
    fn new(life: &Life) -> Self {
        let (out, events) = unbounded_channel();
        Self { runner: Runner::new(life.world(), out), events, last: 0 }
    }

    async fn ask(&mut self, job: Job) -> End {
        self.last += 1;
        let id = TaskId(self.last);
        self.runner.start(id, job);
        loop {
            match self.events.recv().await.expect("an end") {
                Event::Report(of, Report::End(end)) if of == id => return end,
                Event::Report(..) => {}
                Event::Panicked => panic!("a task panicked"),
            }
        }
    }

    async fn seen(&mut self, intent: &Intent) -> Result<Inventory, String> {
        match self.ask(Job::Survey(Box::new(intent.clone()))).await {
            End::Surveyed(seen) => seen.map(|seen| *seen).map_err(|fault| fault.to_string()),
            other => panic!("{other:?}"),
        }
    }
}

/// Why a life ended without having reached the end.
type Left = String;

impl Bench {
    pub async fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let practice = Practice::new();
        let story = Story::begin(&practice, &mut rng).await;
        let told = vec![format!("seed {seed}: {:?}, old {:?}", story.keys, story.old)];
        Self {
            practice,
            story,
            stale: Stale::default(),
            rng,
            decisions: Decisions::default(),
            shown: BTreeSet::new(),
            told,
            met: BTreeMap::new(),
            last: (0, 0),
        }
    }

    /// What kind of story it is.
    pub fn kind(&self) -> String {
        let custody = self.story.intent.user().map(|user| std::mem::discriminant(&user.custody));
        let existed = self.story.audience;
        format!("{:?} {custody:?} {existed:?}", self.story.keys)
    }

    /// How the life of this number may go: the last ones are easy.
    fn fate(&mut self, number: usize) -> Fate {
        let death = (number < 6 && self.rng.u32(..3) > 0).then(|| self.rng.u32(1..24));
        let faults = if number < 9 && self.rng.u32(..3) > 0 { 36 } else { 0 };
        // What is seen of keys decides whether one is made; whoever starts again at once may be told of none.
        let lag = if self.story.intent.user().is_none() { 8 } else { 0 };
        Fate { death, faults, lag, full: None }
    }

    /// Lives until all is done.
    pub async fn reach_the_end(&mut self) {
        for number in 0..LIVES {
            let fate = self.fate(number);
            if self.live(fate).await {
                return;
            }
        }
        panic!("{LIVES} lives were not enough");
    }

    /// Lives until all is taken back.
    pub async fn back(&mut self) {
        for number in 0..LIVES {
            let fate = self.fate(number);
            if self.live_back(fate).await {
                return;
            }
        }
        panic!("{LIVES} lives were not enough to take it back");
    }

    /// One life towards the end. Whether it got there.
    pub async fn live(&mut self, fate: Fate) -> bool {
        let life = Life::new(&self.practice, &self.stale, fate, self.rng.fork());
        self.live_as(&life).await
    }

    pub async fn live_as(&mut self, life: &Life) -> bool {
        let mut asker = Asker::new(life);
        let left = tokio::select! {
            biased;
            () = life.died() => Err(DIED.to_owned()),
            done = self.forward(&mut asker) => done,
        };
        self.over(life, left).await
    }

    /// One life back towards the beginning.
    pub async fn live_back(&mut self, fate: Fate) -> bool {
        let life = Life::new(&self.practice, &self.stale, fate, self.rng.fork());
        let mut asker = Asker::new(&life);
        let left = tokio::select! {
            biased;
            () = life.died() => Err(DIED.to_owned()),
            done = self.backward(&mut asker) => done,
        };
        self.over(&life, left).await
    }

    async fn over(&mut self, life: &Life, left: Result<(), Left>) -> bool {
        life.end();
        self.last = (life.points(), life.lines());
        let died = left.as_ref().is_err_and(|left| left == DIED);
        for what in life.met().into_iter().chain(died.then_some(DIED)) {
            *self.met.entry(what).or_default() += 1;
        }
        self.told.push(format!("{left:?} after {} points", life.points()));
        tokio::time::sleep(Duration::from_secs(self.rng.u64(..20))).await;
        left.is_ok()
    }

    /// The run that the disk knows, if it does.
    pub fn known(&self) -> Option<(String, Past)> {
        let mut runs = self.practice.runs().unwrap();
        assert!(runs.len() < 2, "one run was gone on with: {runs:?}");
        runs.pop().map(|known| (known.run, known.past.unwrap()))
    }

    fn stamp(&mut self) -> Stamp {
        let run = self.known().map_or_else(
            || format!("20261123-204512-{:04}", self.rng.u32(..10_000)),
            |(run, _)| run,
        );
        Stamp { run, version: "0.1.0".to_owned() }
    }

    async fn forward(&mut self, asker: &mut Asker) -> Result<(), Left> {
        let stamp = self.stamp();
        match asker.ask(Job::Whoami { until_renewed: false }).await {
            End::Caller(caller) => caller.map_err(|fault| fault.to_string())?,
            other => panic!("{other:?}"),
        };
        // Keys whose secret nobody has go first, each by its id.
        let seen = asker.seen(&self.story.intent).await?;
        let past = self.known().map(|(_, past)| past);
        if let (Some(user), Some(past)) = (&seen.user, past) {
            for key in past.lost_keys(user, seen.placed_key()) {
                assert!(Some(&key) != self.story.old.as_ref(), "the old key is not lost");
                self.told.push(format!("deletes the lost {key}"));
                self.applied(asker, &seen, &stamp, KeyWish::Delete(key)).await?;
            }
        }
        loop {
            let seen = asker.seen(&self.story.intent).await?;
            self.clear_file(&seen);
            let Some(wish) = self.story.next(seen.user.as_ref()) else { break };
            self.told.push(format!("{wish:?}"));
            self.applied(asker, &seen, &stamp, wish).await?;
        }
        let seen = asker.seen(&self.story.intent).await?;
        self.applied(asker, &seen, &stamp, KeyWish::Have).await
    }

    /// A new file is wanted for each key: whoever runs the program takes away one whose key is deleted.
    fn clear_file(&self, seen: &Inventory) {
        if let Some(Custody::File(path)) = self.story.intent.user().map(|user| &user.custody)
            && let Ok(key) = self.practice.read_key_file(path)
            && !seen.user.iter().flat_map(|user| &user.keys).any(|there| there.id == key.id)
        {
            std::fs::remove_file(path).unwrap();
        }
    }

    fn plan(&self, seen: &Inventory, stamp: &Stamp, keys: KeyWish) -> Plan {
        let choices = Choices { audience: self.story.audience, keys };
        plan(&self.story.intent, seen, &caller(), stamp, &choices)
    }

    async fn applied(
        &mut self,
        asker: &mut Asker,
        seen: &Inventory,
        stamp: &Stamp,
        wish: KeyWish,
    ) -> Result<(), Left> {
        // Where the file stands, its key is there as well.
        let plan = self.plan(seen, stamp, wish);
        let End::Applied(mut applied) = asker.ask(Job::Apply(Box::new(plan))).await else {
            panic!("no end of an apply")
        };
        self.shown.extend(applied.held.take().map(|AccessKey { id, .. }| id));
        let faults = applied.steps.iter().filter_map(|step| match step {
            okteto_ecr::app::task::StepOutcome::Failed { fault, .. }
            | okteto_ecr::app::task::StepOutcome::Unknown { fault, .. } => Some(fault.to_string()),
            _ => None,
        });
        let faults: Vec<String> =
            faults.chain(applied.fault.iter().map(ToString::to_string)).collect();
        let is_done = applied.outcome == ApplyOutcome::Done && applied.differs.is_empty();
        if is_done && faults.is_empty() {
            return Ok(());
        }
        Err(format!("{:?}: {faults:?}, {:?}", applied.outcome, applied.differs))
    }

    async fn backward(&mut self, asker: &mut Asker) -> Result<(), Left> {
        let (run, _) = self.known().expect("the run is known");
        let recalled = match asker.ask(Job::Recall(run)).await {
            End::Recalled(recalled) => recalled.map_err(|fault| fault.to_string())?,
            other => panic!("{other:?}"),
        };
        let mut wished = undo(&recalled.past, &recalled.seen, &recalled.caller, &self.decisions);
        let conflicts: Vec<_> = wished.conflicts().cloned().collect();
        for step in conflicts {
            let name = step.confirm.clone().expect("a conflict has a name");
            let is_explained = self.explains(&name, &recalled.past);
            assert!(is_explained, "nothing explains the conflict {name}: {}", step.reason);
            self.told.push(format!("decides to take {name}: {}", step.reason));
            self.decisions.take.insert(name);
        }
        wished = undo(&recalled.past, &recalled.seen, &recalled.caller, &self.decisions);
        assert_eq!(wished.conflicts().count(), 0);
        let calls: Vec<String> = wished.changes().map(|step| step.summary.clone()).collect();
        self.told.push(format!("takes back {calls:?}"));
        let End::Undone(undone) = asker.ask(Job::Undo(Box::new(wished))).await else {
            panic!("no end of an undo")
        };
        let is_done = undone.outcome == ApplyOutcome::Done && undone.left.is_empty();
        if is_done && undone.fault.is_none() {
            return Ok(());
        }
        Err(format!(
            "{:?}: {:?}, {:?}, {:?}",
            undone.outcome, undone.fault, undone.left, undone.steps
        ))
    }

    /// A key that was perhaps made is decided by its id; so is the new one, once the old one is deleted or its secret has gone
    /// from where it was delivered.
    fn explains(&self, name: &str, past: &Past) -> bool {
        // The role asked for an audience that was not listed, and may do so again.
        if name == ISSUER {
            return self.story.asked;
        }
        let is_user = self.story.intent.user().is_some();
        let is_last = self.story.keys == Keys::Rotate(Stage::Deleted)
            || matches!(self.story.keys, Keys::Rotate(_)) && is_in_secret(past, name);
        is_user
            && KeyId::parse(name).is_ok()
            && self.story.old.as_ref().is_none_or(|old| old.as_str() != name)
            && (is_last || !past.unsure.is_empty())
    }

    /// What the account has, without dates and without the ids of keys that are not those of the start.
    pub async fn snapshot(&self) -> Value {
        let provider = match &self.story.intent {
            Intent::Oidc(oidc) => Some(oidc.provider_arn()),
            Intent::IamUser(_) => None,
        };
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let wanted = Wanted {
            providers: provider.into_iter().collect(),
            roles: names(&[ROLE, "other"]),
            users: names(&[USER]),
        };
        shown(&self.practice.holdings(&wanted).await.unwrap())
    }

    /// All is as wished, and nothing was made twice.
    pub async fn assert_wished(&mut self) {
        let mut seen = self.practice.survey(&self.story.intent).await.unwrap();
        seen.place = match self.story.intent.user().map(|user| &user.custody) {
            Some(Custody::Kubernetes(place)) => Some(self.practice.secret_place(place).await),
            _ => None,
        };
        let (run, past) =
            self.known().map_or((String::new(), None), |(run, past)| (run, Some(past)));
        let again = self.plan(&seen, &Stamp { run, version: "0.1.0".to_owned() }, KeyWish::Have);
        let left: Vec<_> = again.changes().chain(again.conflicts()).map(|s| &s.summary).collect();
        assert!(left.is_empty(), "still to do: {left:?}");
        let keys: Vec<KeyId> =
            seen.user.iter().flat_map(|user| &user.keys).map(|key| key.id.clone()).collect();
        assert_eq!(keys.len(), self.story.keys_in_the_end(), "{keys:?}");
        // Of every key that was made somebody has the secret.
        let Some(past) = past else { return };
        let user = self.story.intent.user();
        for key in
            past.keys().map(|(_, id)| KeyId::parse(id).unwrap()).filter(|id| keys.contains(id))
        {
            let is_there = match user.map(|user| &user.custody) {
                Some(Custody::File(path)) => self.practice.read_key_file(path).unwrap().id == key,
                Some(Custody::Kubernetes(_)) => seen.placed_key() == Some(&key),
                // It was said in order that it is held, by a process that was killed a moment later.
                _ => self.shown.contains(&key) || past.delivered.contains_key(key.as_str()),
            };
            assert!(is_there, "nobody has the secret of {key}");
        }
        assert_eq!(past.phase, Phase::Done);
    }

    /// All is as it was, but for an old key that was deleted.
    pub async fn assert_back(&self, start: &Value) {
        if let Some((_, past)) = self.known() {
            assert_eq!(past.phase, Phase::Undone);
        }
        let mut start = start.clone();
        if self.story.keys == Keys::Rotate(Stage::Deleted) && self.known().is_some() {
            let keys = start["users"][USER]["keys"].as_object_mut().unwrap();
            keys.remove(self.story.old.as_ref().unwrap().as_str()).unwrap();
        }
        let now = self.snapshot().await;
        assert_eq!(now, start, "{now:#}\nis not\n{start:#}");
    }
}

fn is_in_secret(past: &Past, key: &str) -> bool {
    past.delivered.get(key).is_some_and(|to| to.starts_with("Secret "))
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn documents(of: &BTreeMap<String, String>) -> BTreeMap<&String, Value> {
    of.iter().map(|(name, text)| (name, document(text))).collect()
}

fn shown(held: &Holdings) -> Value {
    let mut shown = json!({"providers": {}, "roles": {}, "users": {}});
    for (arn, seen) in &held.providers {
        let audiences: BTreeSet<&String> = seen.audiences.iter().collect();
        shown["providers"][arn.as_str()] = json!({"audiences": audiences, "tags": seen.tags});
    }
    for (name, seen) in &held.roles {
        let attached: BTreeSet<&str> = seen.attached.iter().map(PolicyArn::as_str).collect();
        shown["roles"][name] = json!({
            "trust": document(&seen.trust), "tags": seen.tags, "attached": attached,
            "inline": documents(&seen.inline), "seconds": seen.max_session_seconds,
            "description": seen.description, "boundary": seen.boundary.as_ref().map(ToString::to_string),
        });
    }
    for (name, seen) in &held.users {
        let attached: BTreeSet<&str> = seen.attached.iter().map(PolicyArn::as_str).collect();
        let keys: BTreeMap<&str, &str> =
            seen.keys.iter().map(|key| (key.id.as_str(), key.status.word())).collect();
        shown["users"][name] = json!({
            "tags": seen.tags, "attached": attached, "inline": documents(&seen.inline),
            "boundary": seen.boundary.as_ref().map(ToString::to_string), "keys": keys,
        });
    }
    shown
}
