//! One account with the proxy before it, and the real binary at work on it.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::sync::Arc;

use okteto_ecr::domain::journal::{Journal, Past};
use okteto_ecr::practice::account::Account;
use serde_json::Value;
use tempfile::TempDir;

use crate::account::{ids, keys, picture};
use crate::bed::Practice;
use crate::proxy::{Deed, PATIENCE, Point, Proxy};
use crate::support::{Answers, BINARY, Finished, Run};

pub const ACCOUNT: &str = "112233445566";

/// What is set up, from where, and by which words.
pub struct Mode {
    /// The answers, with the place for a key's file.
    pub answers: fn(&Path) -> Answers,
    /// Makes the start in an account: what `apply` is told beside the answers.
    pub begin: fn(&mut Account) -> Vec<String>,
}

pub struct World {
    pub proxy: Proxy,
    practice: Practice,
    run: Run,
    mode: Mode,
    words: Vec<String>,
    /// The account before anything was done.
    start: Account,
    known: BTreeSet<String>,
}

impl World {
    pub fn new(mode: Mode) -> Self {
        let practice = Practice::start();
        let port = practice.served.aws.rsplit(':').next().unwrap().parse().unwrap();
        let proxy = Proxy::before(port);
        let (id, secret) = practice.root.clone();
        let run = Run::new()
            .limit(PATIENCE)
            .env("AWS_ENDPOINT_URL", &proxy.url)
            .env("AWS_ACCESS_KEY_ID", id)
            .env("AWS_SECRET_ACCESS_KEY", secret)
            .env("AWS_REGION", "us-east-2");
        let words = (mode.begin)(&mut practice.served.front.account());
        let start = practice.served.front.account().clone();
        let known = ids(&start);
        Self { proxy, practice, run, mode, words, start, known }
    }

    /// With a run that is changed.
    pub fn map(self, change: impl FnOnce(Run) -> Run) -> Self {
        Self { run: change(self.run), ..self }
    }

    /// The home of the program.
    pub fn home(&self) -> &Path {
        self.run.home()
    }

    pub fn account(&self) -> Account {
        self.practice.served.front.account().clone()
    }

    /// Puts the account back to what it was at some time.
    pub fn restore(&self, account: &Account) {
        *self.practice.served.front.account() = account.clone();
    }

    pub fn restart(&self) {
        self.restore(&self.start);
    }

    /// The account now.
    pub fn picture(&self, run: Option<&str>) -> Value {
        picture(&self.account(), &self.known, run)
    }

    /// The account at its start.
    pub fn beginning(&self) -> Value {
        picture(&self.start, &self.known, None)
    }

    /// The keys that were not there at the start.
    pub fn new_keys(&self) -> Vec<String> {
        let keys = keys(&self.account()).into_iter();
        keys.filter(|key| !self.known.contains(key)).collect()
    }

    /// The operator, with a state folder of his own and the account as it was at the start.
    pub fn operator(&self) -> Operator<'_> {
        self.restart();
        let at = Arc::new(TempDir::new().unwrap());
        let answers = (self.mode.answers)(&at.path().join("key.env")).write(at.path());
        let state = at.path().join("state");
        Operator { world: self, answers, state, kept: vec![at] }
    }
}

/// Whoever runs the program, with a state folder.
pub struct Operator<'a> {
    pub world: &'a World,
    answers: PathBuf,
    pub state: PathBuf,
    kept: Vec<Arc<TempDir>>,
}

/// A journal as it lies there.
pub struct Lying {
    pub run: String,
    pub text: String,
}

impl Lying {
    /// It, read; it is whole.
    #[track_caller]
    pub fn read(&self) -> Journal {
        let journal =
            Journal::read(&self.text).unwrap_or_else(|why| panic!("{why:?}: {}", self.text));
        assert!(!journal.torn, "{}", self.text);
        journal
    }

    #[track_caller]
    pub fn past(&self) -> Past {
        Past::of(&self.read())
    }
}

impl Operator<'_> {
    /// Somebody with the same in his state folder.
    pub fn copy(&self) -> Self {
        let at = Arc::new(TempDir::new().unwrap());
        let state = at.path().join("state");
        let copied = Command::new("cp").arg("-a").arg(&self.state).arg(&state).status().unwrap();
        assert!(copied.success());
        let mut kept = self.kept.clone();
        kept.push(at);
        Self { world: self.world, answers: self.answers.clone(), state, kept }
    }

    /// Where a key's file goes.
    pub fn key_file(&self) -> PathBuf {
        self.kept[0].path().join("key.env")
    }

    /// The line for `apply`, as it is given each time.
    pub fn apply_line(&self) -> Vec<String> {
        let mut line = self.apply_with(&[]);
        line.extend(self.world.words.clone());
        line
    }

    pub fn apply_with(&self, words: &[&str]) -> Vec<String> {
        let answers = self.answers.display().to_string();
        self.line(&[&["apply", "--answers", &answers, "--yes"], words].concat())
    }

    /// The line for `undo`.
    pub fn undo_line(&self, words: &[&str]) -> Vec<String> {
        self.line(&[&["undo", "--yes"], words].concat())
    }

    /// A line with this state folder and a result for programs.
    pub fn line(&self, words: &[&str]) -> Vec<String> {
        let state = self.state.display().to_string();
        let words = [words, &["--format", "json", "--state-dir", &state]].concat();
        words.into_iter().map(str::to_owned).collect()
    }

    /// Runs to the end, undisturbed.
    pub fn run(&self, line: &[String]) -> Finished {
        self.world.proxy.plan(None);
        self.world.run.run(&words(line))
    }

    /// The same beside what the proxy is at.
    pub fn run_beside(&self, line: &[String]) -> Finished {
        self.world.run.run(&words(line))
    }

    /// Runs where no file may grow beyond so many bytes: the disk is full.
    pub fn run_within(&self, line: &[String], bytes: usize) -> Output {
        self.world.proxy.plan(None);
        let run = &self.world.run;
        let mut command = Command::new("prlimit");
        command.arg(format!("--fsize={bytes}")).arg(BINARY).args(line).current_dir(run.home());
        command.env_clear().envs(run.environment().iter().map(|(name, value)| (name, value)));
        command.output().unwrap()
    }

    /// Starts the program; the deed of the proxy is meant for it.
    pub fn start(&self, line: &[String], deed: Option<(usize, usize, Deed)>) -> Child {
        self.world.proxy.plan(deed);
        let child = self.world.run.spawn(&words(line));
        self.world.proxy.aim(child.id());
        child
    }

    /// Runs until it is killed at this changing call, or to its end.
    pub fn perhaps_killed(
        &self,
        line: &[String],
        number: usize,
        looks: usize,
        point: Point,
    ) -> Output {
        let child = self.start(line, Some((number, looks, Deed::Kill(point))));
        child.wait_with_output().unwrap()
    }

    /// Runs until it is killed at this changing call.
    #[track_caller]
    pub fn killed(&self, line: &[String], number: usize, looks: usize, point: Point) {
        let ended = self.perhaps_killed(line, number, looks, point);
        let said = String::from_utf8_lossy(&ended.stdout);
        assert_eq!(ended.status.signal(), Some(9), "it was not killed: {:?} {said}", ended.status);
        self.world.proxy.await_deed();
    }

    pub fn apply(&self) -> Finished {
        self.run(&self.apply_line())
    }

    /// Goes on after a kill with the very line that was given first; where it asks for a key that nobody has the secret of to
    /// be deleted, that is done first.
    #[track_caller]
    pub fn resumed(&self) {
        for _ in 0..2 {
            let done = self.apply();
            if done.code == Some(0) {
                assert_eq!(done.value()["outcome"], "done", "{done:#?}");
                return;
            }
            let text = done.stdout.clone();
            let id = lost_key(&text).unwrap_or_else(|| panic!("it does not go on: {done:#?}"));
            let remedy = format!("--delete-key {id} --confirm {id}");
            assert!(text.contains(&remedy), "the remedy is not said: {done:#?}");
            let deleted = self.run(&self.apply_with(&["--delete-key", &id, "--confirm", &id]));
            assert_eq!(deleted.code, Some(0), "{deleted:#?}");
        }
        panic!("it does not come to an end");
    }

    /// Takes the run back. Keys that the journal does not know for certain are asked for by their id.
    #[track_caller]
    pub fn undone(&self) {
        let before = self.world.picture(None);
        let run = self.fullest().run;
        let undone = self.run(&self.undo_line(&[&run]));
        if undone.code == Some(0) {
            return;
        }
        assert_eq!(undone.code, Some(1), "{undone:#?}");
        assert_eq!(undone.value()["fault"]["cause"], "conflict", "{undone:#?}");
        assert_eq!(self.world.picture(None), before, "what is refused changes nothing");
        let keys = self.world.new_keys();
        assert!(keys.iter().all(|key| undone.stdout.contains(key)), "{undone:#?}");
        let by = keys.iter().flat_map(|key| ["--confirm", key.as_str()]);
        let by: Vec<&str> = std::iter::once(run.as_str()).chain(by).collect();
        let undone = self.run(&self.undo_line(&by));
        assert_eq!(undone.code, Some(0), "{undone:#?}");
    }

    /// The journals that are there, the oldest first.
    pub fn journals(&self) -> Vec<Lying> {
        let Ok(folders) = std::fs::read_dir(self.state.join("runs")) else { return Vec::new() };
        let mut found: Vec<Lying> = folders
            .filter_map(|folder| {
                let folder = folder.unwrap();
                let run = folder.file_name().into_string().unwrap();
                let text = std::fs::read_to_string(folder.path().join("journal.jsonl")).ok()?;
                Some(Lying { run, text })
            })
            .collect();
        found.sort_by(|a, b| a.run.cmp(&b.run));
        found
    }

    /// The journal in which most stands. Where none of a run's calls was begun, another run is begun.
    pub fn fullest(&self) -> Lying {
        self.journals().into_iter().max_by_key(|journal| journal.text.len()).unwrap()
    }

    /// The one journal that is there.
    #[track_caller]
    pub fn journal(&self) -> Lying {
        let mut journals = self.journals();
        assert_eq!(journals.len(), 1, "another number of journals");
        journals.remove(0)
    }
}

fn words(line: &[String]) -> Vec<&str> {
    line.iter().map(String::as_str).collect()
}

/// The key that is to be deleted, where an answer asks for that.
fn lost_key(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("--delete-key ")?;
    Some(rest.chars().take_while(char::is_ascii_alphanumeric).collect())
}
