//! What a run has come to: its journal, folded.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::{Change, Facts, pairs};
use super::record::{Began, Ended, Header, Journal, Outcome, Purpose, Record, Session};
use super::thing::{State, Thing};
use crate::domain::arn::ProviderArn;
use crate::domain::custody::Custody;
use crate::domain::draft::Draft;
use crate::domain::fault::Fault;
use crate::domain::inventory::SeenUser;
use crate::domain::key::{KeyId, SeenKey};

/// The call by which an access key's secret is handed over. Not one of AWS's.
pub const DELIVER: &str = "deliver";

/// The call that makes an access key.
const CREATE_KEY: &str = "iam:CreateAccessKey";

/// The call that deletes a provider.
const DELETE_PROVIDER: &str = "iam:DeleteOpenIDConnectProvider";

/// A thing that the run left other than it found it, or perhaps did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The thing.
    pub thing: Thing,
    /// How it was before the run.
    pub before: State,
    /// How it may stand now by what the run did: one state, or more where a call was not answered.
    pub after: Vec<State>,
}

/// An access key that was perhaps made: its answer, with id and secret, never came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsure {
    /// The user.
    pub user: String,
    /// The keys that it had before.
    pub beside: Vec<String>,
    /// The keys that it had when the next one was made: if the call did happen, its key is one of these.
    pub among: Option<Vec<String>>,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// All was done.
    Done,
    /// A call was refused, or its answer lost.
    Failed,
    /// The operator stopped it.
    Stopped,
    /// The program ended in the middle.
    Interrupted,
    /// It was taken back.
    Undone,
    /// It was taken back in part.
    PartlyUndone,
}

impl Phase {
    /// The word of the JSON results.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Undone => "undone",
            Self::PartlyUndone => "partly-undone",
        }
    }

    /// Whether there is something to go on with.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Done | Self::Undone)
    }
}

/// A run, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// What it is about.
    pub header: Header,
    /// What it left other than it found it, in the order in which it was first touched.
    pub entries: Vec<Entry>,
    /// What it touched and is certain to have left as it found it.
    pub restored: Vec<Entry>,
    /// Keys that were perhaps made.
    pub unsure: Vec<Unsure>,
    /// Whether it was to make a key.
    pub wants_key: bool,
    /// The keys that the run made, each with those that its user had when it was made.
    pub beside: BTreeMap<String, Vec<String>>,
    /// Where secrets went: the key's id, the place.
    pub delivered: BTreeMap<String, String>,
    /// The tags of the providers that it deleted, or perhaps did, as they were.
    pub deleted: BTreeMap<ProviderArn, BTreeMap<String, String>>,
    /// The calls without an answer, in a few words each.
    pub in_flight: Vec<String>,
    /// How it stands.
    pub phase: Phase,
    /// The last session.
    pub session: Option<Session>,
    /// How many calls of the last session were answered well.
    pub done: usize,
    /// When something was last written, RFC 3339.
    pub last: String,
    /// The number of the last call.
    pub number: u64,
}

impl Past {
    /// Folds a journal. Where it was torn makes no difference: a line that is not whole is none.
    #[must_use]
    pub fn of(journal: &Journal) -> Self {
        let mut fold = Fold::new(&journal.header);
        for line in &journal.lines {
            fold.take(line);
        }
        fold.end()
    }

    /// The entry of a thing.
    #[must_use]
    pub fn entry(&self, thing: &Thing) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.thing == *thing)
    }

    /// The keys that the run made and that are there by what it did, with their user.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().filter_map(|entry| match &entry.thing {
            Thing::Key(user, id) if entry.before.is_none() => Some((user.as_str(), id.as_str())),
            _ => None,
        })
    }

    /// The keys of a user that the run perhaps made: those that were not there before a call without an answer, and are none
    /// of those that are known.
    #[must_use]
    pub fn unsure_keys(&self, user: &SeenUser) -> Vec<KeyId> {
        let of = |one: &&Unsure| one.user == user.name;
        let is_new = |key: &&SeenKey, one: &Unsure| {
            let thing = Thing::Key(user.name.clone(), key.id.to_string());
            let id = key.id.as_str();
            !one.beside.iter().any(|there| there == id)
                && one.among.as_ref().is_none_or(|seen| seen.iter().any(|there| there == id))
                && self.entry(&thing).is_none()
        };
        let is_lost = |key: &&SeenKey| self.unsure.iter().filter(of).any(|one| is_new(key, one));
        user.keys.iter().filter(is_lost).map(|key| key.id.clone()).collect()
    }

    /// The keys of a user whose secret nobody has: perhaps made, or made and not delivered. `placed` is the one whose secret
    /// was found where it should be.
    #[must_use]
    pub fn lost_keys(&self, user: &SeenUser, placed: Option<&KeyId>) -> Vec<KeyId> {
        let made = |key: &&SeenKey| {
            self.keys().any(|(of, id)| of == user.name && id == key.id.as_str())
                && !self.delivered.contains_key(key.id.as_str())
        };
        let undelivered = user.keys.iter().filter(made).map(|key| key.id.clone());
        let mut lost = self.unsure_keys(user);
        lost.extend(undelivered);
        lost.retain(|key| placed != Some(key));
        lost
    }

    /// Whether there is something of it that can be gone on with: it is open and sent something, or it was to make a key and
    /// none is left of it, as where one is deleted whose secret nobody has.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        let lacks_key = self.wants_key && self.keys().next().is_none();
        self.number > 0 && (self.phase.is_open() || self.phase == Phase::Done && lacks_key)
    }

    /// Whether nothing of it is left to be taken back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.unsure.is_empty()
    }
}

impl Entry {
    /// Whether the run made it: it was not there before.
    #[must_use]
    pub const fn is_made(&self) -> bool {
        self.before.is_none()
    }

    /// Whether a state is one that the run left it in.
    #[must_use]
    pub fn is_as_left(&self, state: &State) -> bool {
        self.after.iter().any(|after| self.thing.same(after, state))
    }

    /// Whether a state is the one that the run found.
    #[must_use]
    pub fn is_as_found(&self, state: &State) -> bool {
        self.thing.same(&self.before, state)
    }
}

/// A run as it lies on disk.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Its id.
    pub run: String,
    /// Its journal, folded, or why that cannot be read.
    pub past: Result<Past, Fault>,
    /// The answers it was made from, where they are there.
    pub answers: Option<Draft>,
    /// The process that works on it now.
    pub process: Option<u32>,
}

impl Recorded {
    /// What runs sort by: when they began. Of one that cannot be read the id tells the second.
    #[must_use]
    pub fn order(&self) -> (String, &str) {
        const SECOND: usize = "20261123-204512".len();
        let digits =
            |text: &mut dyn Iterator<Item = char>| text.filter(char::is_ascii_digit).collect();
        let began = match &self.past {
            Ok(past) => digits(&mut past.header.began.chars()),
            Err(_) => digits(&mut self.run.chars().take(SECOND)),
        };
        (began, &self.run)
    }
}

struct Fold {
    past: Past,
    pending: BTreeMap<u64, Began>,
    /// Keys whose secret is in the memory of the process that made them, and nowhere else.
    held: Vec<String>,
}

impl Fold {
    fn new(header: &Header) -> Self {
        let past = Past {
            header: header.clone(),
            entries: Vec::new(),
            restored: Vec::new(),
            unsure: Vec::new(),
            wants_key: false,
            beside: BTreeMap::new(),
            delivered: BTreeMap::new(),
            deleted: BTreeMap::new(),
            in_flight: Vec::new(),
            phase: Phase::Interrupted,
            session: None,
            done: 0,
            last: header.began.clone(),
            number: 0,
        };
        Self { past, pending: BTreeMap::new(), held: Vec::new() }
    }

    fn take(&mut self, line: &Record) {
        match line {
            Record::Session(session) => {
                self.give_up();
                self.past.in_flight.clear();
                self.past.phase = Phase::Interrupted;
                self.past.done = 0;
                self.past.last.clone_from(&session.at);
                self.past.session = Some(session.clone());
            }
            Record::Began(began) => {
                self.past.last.clone_from(&began.at);
                self.past.number = self.past.number.max(began.n);
                self.past.wants_key |= began.call == CREATE_KEY;
                self.pending.insert(began.n, began.clone());
            }
            Record::Ended(ended) => {
                self.past.last.clone_from(&ended.at);
                let Some(began) = self.pending.remove(&ended.n) else { return };
                match ended.outcome {
                    Outcome::Done => {
                        // A secret that is handed over is part of the call that made its key.
                        self.past.done += usize::from(began.call != DELIVER);
                        self.happened(&began, Some(ended));
                    }
                    Outcome::Unknown => self.perhaps(&began),
                    Outcome::Failed | Outcome::Stopped => {}
                }
            }
            Record::Closed { at, outcome } => {
                // Whoever closes its work in order shows what it holds.
                self.held.clear();
                self.past.last.clone_from(at);
                self.past.phase = match (self.is_undo(), outcome) {
                    (false, Outcome::Done) => Phase::Done,
                    (false, Outcome::Stopped) => Phase::Stopped,
                    (false, Outcome::Failed | Outcome::Unknown) => Phase::Failed,
                    (true, Outcome::Done) => Phase::Undone,
                    (true, _) => Phase::PartlyUndone,
                };
            }
            Record::Unknown => {}
        }
    }

    fn end(mut self) -> Past {
        self.give_up();
        self.past
    }

    fn is_undo(&self) -> bool {
        self.past.session.as_ref().is_some_and(|session| session.purpose == Purpose::Undo)
    }

    /// What was begun and never ended is not known to have happened; what was held in memory is gone.
    fn give_up(&mut self) {
        for key in std::mem::take(&mut self.held) {
            self.past.delivered.remove(&key);
        }
        for began in std::mem::take(&mut self.pending).into_values() {
            self.perhaps(&began);
        }
    }

    fn facts<'a>(began: &'a Began, key: Option<&'a str>) -> Facts<'a> {
        Facts { call: &began.call, request: &began.request, before: &began.before, key }
    }

    fn happened(&mut self, began: &Began, ended: Option<&Ended>) {
        let key = ended.and_then(|ended| ended.key.as_deref());
        if began.call == DELIVER {
            let text = |key: &str| began.request.get(key).and_then(Value::as_str);
            if let (Some(key), Some(to)) = (text("AccessKeyId"), text("To")) {
                if to == Custody::Show.to_string() {
                    self.held.push(key.to_owned());
                }
                self.past.delivered.insert(key.to_owned(), to.to_owned());
            }
            return;
        }
        if began.call == CREATE_KEY {
            let Some(key) = key else { return self.perhaps(began) };
            self.narrowed(began);
            self.past.beside.insert(key.to_owned(), beside(began));
        }
        self.keep_tags(began);
        for change in Self::facts(began, key).changes(&self.past.header) {
            self.apply(change, true);
        }
    }

    /// Another key is made beside those that its call names: a key that was perhaps made before is one of these, or never
    /// was.
    fn narrowed(&mut self, began: &Began) {
        let (user, there) = (user_of(began), beside(began));
        self.past.unsure.retain_mut(|one| {
            if user != Some(one.user.as_str()) {
                return true;
            }
            let among: Vec<String> =
                there.iter().filter(|id| !one.beside.contains(id)).cloned().collect();
            let is_left = !among.is_empty();
            one.among = Some(among);
            is_left
        });
    }

    fn perhaps(&mut self, began: &Began) {
        self.past.in_flight.push(began.summary.clone());
        if began.call == CREATE_KEY {
            self.narrowed(began);
            let beside = beside(began);
            let unsure = |user: &str| Unsure { user: user.to_owned(), beside, among: None };
            self.past.unsure.extend(user_of(began).map(unsure));
            return;
        }
        self.keep_tags(began);
        for change in Self::facts(began, None).changes(&self.past.header) {
            self.apply(change, false);
        }
    }

    /// Of a provider that is there no more its journal alone has the tags.
    fn keep_tags(&mut self, began: &Began) {
        let arn = began.request.get("OpenIDConnectProviderArn").and_then(Value::as_str);
        if let Some(arn) = arn.filter(|_| began.call == DELETE_PROVIDER && !self.is_undo()) {
            let tags = pairs(&began.before).into_iter().collect();
            self.past.deleted.insert(ProviderArn::from_server(arn), tags);
        }
    }

    fn apply(&mut self, change: Change, certain: bool) {
        let Change { thing, before, after } = change;
        if after.is_none() {
            let is_made = self.past.entry(&thing).is_some_and(Entry::is_made);
            self.gone(&thing, certain);
            if is_made && certain && self.past.entry(&thing).is_none() {
                self.past.restored.push(Entry { thing, before: None, after: vec![None] });
                return;
            }
        }
        if let (Thing::Key(user, id), None) = (&thing, &after)
            && self.past.entry(&thing).is_none()
        {
            // A key that was perhaps made is deleted: then that one is known. Another may still be there.
            let unsure = &mut self.past.unsure;
            let is_it = |one: &Unsure| {
                one.user == *user
                    && !one.beside.contains(id)
                    && one.among.as_ref().is_none_or(|seen| seen.contains(id))
            };
            if let Some(at) = unsure.iter().position(is_it) {
                if certain {
                    unsure.remove(at);
                }
                return;
            }
        }
        let is_undo = self.is_undo();
        let Some(entry) = self.past.entries.iter_mut().find(|entry| entry.thing == thing) else {
            // Taking back touches only what the run had touched; what else it is told to remove is none of the run's.
            if !is_undo {
                let after = if certain { vec![after] } else { vec![before.clone(), after] };
                self.past.restored.retain(|entry| entry.thing != thing);
                self.past.entries.push(Entry { thing, before, after });
                self.restore();
            }
            return;
        };
        if certain {
            entry.after = vec![after];
        } else if !entry.after.contains(&after) {
            entry.after.push(after);
        }
        self.restore();
    }

    /// Takes those that are as they were found out of what is left otherwise.
    fn restore(&mut self) {
        let all = std::mem::take(&mut self.past.entries);
        let (back, left): (Vec<_>, Vec<_>) = all.into_iter().partition(Entry::is_back);
        self.past.entries = left;
        self.past.restored.extend(back);
    }

    /// A role, user or provider goes with everything on it.
    fn gone(&mut self, thing: &Thing, certain: bool) {
        let part: Box<dyn Fn(&Thing) -> bool> = match thing {
            Thing::Principal(who) => Box::new(move |of| of.principal().as_ref() == Some(who)),
            Thing::Provider(arn) => Box::new(move |of| of.provider() == Some(arn)),
            _ => return,
        };
        if certain {
            // What was there before the run, on what was there before it, is put back with it.
            let is_found = |entry: &Entry| {
                matches!(entry.thing, Thing::Audience(..)) && entry.before.is_some()
            };
            for entry in self.past.entries.iter_mut().filter(|entry| is_found(entry)) {
                if part(&entry.thing) {
                    entry.after = vec![None];
                }
            }
            self.past.entries.retain(|entry| !part(&entry.thing) || is_found(entry));
            self.past.restored.retain(|entry| !part(&entry.thing));
            return;
        }
        for entry in self.past.entries.iter_mut().filter(|entry| part(&entry.thing)) {
            if !entry.after.contains(&None) {
                entry.after.push(None);
            }
        }
    }
}

fn user_of(began: &Began) -> Option<&str> {
    began.request.get("UserName").and_then(Value::as_str)
}

/// The keys that a user had before another one was made.
fn beside(began: &Began) -> Vec<String> {
    let ids = began.before.get("AccessKeyIds").and_then(Value::as_array);
    let ids = ids.into_iter().flatten().filter_map(Value::as_str);
    ids.map(str::to_owned).collect()
}

impl Entry {
    /// Whether it is certain to be as it was found.
    fn is_back(&self) -> bool {
        matches!(self.after.as_slice(), [only] if self.thing.same(&self.before, only))
    }
}
