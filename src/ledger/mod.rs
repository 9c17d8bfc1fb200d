//! What stays on disk: for each run a folder with its journal, the answers and the log.
//!
//! `STATE/runs/RUN/journal.jsonl`, `answers.toml`, `log` and what was exported; `STATE/runs/lock`, which who changes
//! something holds; `STATE/runs/changed-ACCOUNT` with the time of the last change, `STATE/runs/reviewed-ACCOUNT.json` with
//! what the last review found; in practice `STATE/practice/…`; in `STATE/follow` the sockets of sessions that can be
//! followed. Folders have mode 0700, files 0600. A link in the place of any of them is refused: it would lead what is
//! written elsewhere. No secret is ever written there; the key file that an operator asks for stands where he says (`key`),
//! and so does the file of what was accepted (`archive`).

mod archive;
mod file;
mod journal;
mod key;
mod log;
mod token;

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};
use jiff::Timestamp;

use crate::domain::answers::Answers;
use crate::domain::draft::Draft;
use crate::domain::exercise::progress::Progress;
use crate::domain::fault::{Cause, Fault};
use crate::domain::journal::{Header, Recorded};
use crate::domain::partition::AccountId;
use crate::domain::plan::Stamp;
use crate::domain::secret::{AccessKey, WebToken};
use crate::ports;

pub use file::write;
pub use log::{Log, note};
pub use token::read as read_token;

const RUNS: &str = "runs";
const PRACTICE: &str = "practice";
/// Where the sessions are that can be followed.
const FOLLOW: &str = "follow";
/// All that is in the state folder.
const OURS: [&str; 3] = [RUNS, PRACTICE, FOLLOW];
/// In the folder of all runs: how far a learner is.
const PROGRESS: &str = "progress.json";
const ANSWERS: &str = "answers.toml";
const JOURNAL: &str = "journal.jsonl";
/// Before the account in the name of the file that says when something of it was changed last.
const CHANGED: &str = "changed-";

/// The state folder.
#[derive(Debug, Clone)]
pub struct Ledger {
    root: PathBuf,
    shelf: &'static str,
}

/// One run of the program: its id and its folder, which is made when first written to.
#[derive(Debug, Clone)]
pub struct Run {
    id: String,
    ledger: Ledger,
}

impl Ledger {
    /// The state folder: the one named, or `$XDG_STATE_HOME/okteto-ecr`. Nothing is read or written yet.
    ///
    /// # Errors
    /// None is named and there is no home folder.
    pub fn open(named: Option<PathBuf>) -> Result<Self, Fault> {
        if let Some(root) = named {
            return Ok(Self { root, shelf: RUNS });
        }
        let base = choose_base_strategy().map_err(|error| {
            Fault::new(Cause::File, format!("no place for the state folder was found: {error}"))
                .remedy("name one with --state-dir")
        })?;
        let state = base.state_dir().unwrap_or_else(|| base.data_dir());
        Ok(Self { root: state.join("okteto-ecr"), shelf: RUNS })
    }

    /// The same folder's place for practice: neither sees the runs of the other.
    #[must_use]
    pub fn for_practice(self) -> Self {
        Self { shelf: PRACTICE, ..self }
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A new run, named by the time and four letters that tell it from others of the same second.
    #[must_use]
    pub fn begin(&self, now: Timestamp) -> Run {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let chance = RandomState::new().hash_one(now.as_nanosecond());
        let suffix: String = (0..4)
            .filter_map(|n| LETTERS.get(usize::try_from((chance >> (5 * n)) & 31).ok()?))
            .map(|letter| char::from(*letter))
            .collect();
        let id = format!("{}-{suffix}", now.strftime("%Y%m%d-%H%M%S"));
        Run { id, ledger: self.clone() }
    }

    /// The answers that were saved last, with the run they are of. What cannot be read is passed over, and so is what an
    /// exercise had in its fields.
    #[must_use]
    pub fn latest_answers(&self) -> Option<(String, Draft)> {
        let runs = self.root.join(self.shelf);
        let mut names: Vec<String> = fs::read_dir(&runs)
            .ok()?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| !is_of_exercise(name))
            .collect();
        names.sort_unstable();
        names.into_iter().rev().find_map(|name| {
            let draft = journal::answers(&runs.join(&name))?;
            Some((name, draft))
        })
    }
}

/// Whether a run is one of an exercise: `RUN-x1`, `RUN-x1-colleague`.
fn is_of_exercise(run: &str) -> bool {
    run.split('-').nth(3).is_some_and(|part| part.starts_with('x'))
}

impl Ledger {
    /// How far a learner is; nothing yet where nothing was kept.
    ///
    /// # Errors
    /// `file`, with path and reason.
    pub fn progress(&self) -> Result<Progress, Fault> {
        let path = self.root.join(self.shelf).join(PROGRESS);
        let Some(text) = archive::read(&path)? else { return Ok(Progress::default()) };
        Progress::parse(&text).map_err(|fault| archive::of(&path, fault))
    }

    /// The folder of the sockets by which sessions are followed; perhaps it is not there.
    #[must_use]
    pub fn following(&self) -> PathBuf {
        self.root.join(FOLLOW)
    }

    /// The same, made if it is not there.
    ///
    /// # Errors
    /// `file`.
    pub fn make_following(&self) -> Result<PathBuf, Fault> {
        let folder = self.following();
        file::folder(&self.root, Some(&OURS))?;
        file::folder(&folder, None)?;
        Ok(folder)
    }

    /// The folder of all runs, made if it is not there.
    fn make(&self) -> Result<PathBuf, Fault> {
        let runs = self.root.join(self.shelf);
        file::folder(&self.root, Some(&OURS))?;
        file::folder(&runs, None)?;
        Ok(runs)
    }
}

impl Run {
    /// Its name, such as `20261123-204512-x7k2`: runs sort by their time (UTC).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.ledger.root.join(self.ledger.shelf).join(&self.id)
    }

    /// Where the answers of another run are, if it has any.
    #[must_use]
    pub fn answers_of(&self, run: &str) -> PathBuf {
        self.ledger.root.join(self.ledger.shelf).join(run).join(ANSWERS)
    }

    /// The tags of what this run makes.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp { run: self.id.clone(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }

    /// Opens the log and sends the program's own traces there until the result is dropped.
    ///
    /// # Errors
    /// `file`.
    pub fn open_log(&self) -> Result<Log, Fault> {
        Log::open(&self.make()?.join("log"))
    }

    fn make(&self) -> Result<PathBuf, Fault> {
        self.ledger.make()?;
        let folder = self.folder();
        file::folder(&folder, None)?;
        Ok(folder)
    }
}

impl ports::Ledger for Run {
    fn open_journal(&self, header: &Header) -> Result<Box<dyn ports::Journal>, Fault> {
        Ok(Box::new(journal::open(&self.ledger, header.clone())?))
    }

    fn runs(&self) -> Result<Vec<Recorded>, Fault> {
        // What was made in practice is gone with the program that made it.
        let only = (self.ledger.shelf == PRACTICE).then_some(self.id.as_str());
        journal::all(&self.ledger, only)
    }

    fn save_answers(&self, run: &str, draft: &Draft) -> Result<PathBuf, Fault> {
        let folder = self.ledger.make()?.join(run);
        file::folder(&folder, None)?;
        let path = folder.join(ANSWERS);
        file::write(&path, Answers::print(draft).as_bytes())?;
        Ok(path)
    }

    fn read_token(&self, path: &Path) -> Result<WebToken, Fault> {
        read_token(path)
    }

    fn try_key_file(&self, path: &Path) -> Result<(), Fault> {
        key::attempt(path)
    }

    fn write_key_file(&self, path: &Path, key: &AccessKey) -> Result<(), Fault> {
        key::write(path, key)
    }

    fn read_key_file(&self, path: &Path) -> Result<AccessKey, Fault> {
        key::read(path)
    }

    fn note_change(&self, account: &AccountId, at: i64) -> Result<(), Fault> {
        let path = self.ledger.make()?.join(format!("{CHANGED}{account}"));
        file::write(&path, format!("{at}\n").as_bytes())
    }

    fn last_change(&self, account: &AccountId) -> Option<i64> {
        let Ledger { root, shelf } = &self.ledger;
        let path = root.join(shelf).join(format!("{CHANGED}{account}"));
        file::refuse_link(&path).ok()?;
        fs::read_to_string(path).ok()?.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests;
