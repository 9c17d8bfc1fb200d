//! The journal of a run on disk, and the lock that lets one process at a time change anything.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::{ANSWERS, JOURNAL, Ledger, file};
use crate::domain::answers::Answers;
use crate::domain::draft::Draft;
use crate::domain::fault::{Cause, Fault};
use crate::domain::journal::{Header, Journal, Past, Record, Recorded, Unread, whole};
use crate::ports;

const LOCK: &str = "lock";
/// A reader of the list holds the lock for a moment, which is no reason to give up.
const TRIES: usize = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// An open journal. While it lives no other process can open one: the system gives the lock back when a process ends,
/// however it ends.
pub(super) struct Book {
    path: PathBuf,
    /// The first line, where the file has none yet.
    header: Option<Header>,
    past: Option<Past>,
    file: Option<File>,
    /// How many bytes of it count. What an earlier process left behind them is part of a line, and was never one.
    whole: u64,
    /// A line could not be written; nothing may follow it.
    broken: Option<Fault>,
    _lock: File,
}

/// Opens the journal of the header's run, and reads it if it is there. Nothing is written yet.
pub(super) fn open(ledger: &Ledger, header: Header) -> Result<Book, Fault> {
    let shelf = ledger.make()?;
    let lock = lock(&shelf, &header.run)?;
    let folder = shelf.join(&header.run);
    file::folder(&folder, None)?;
    let path = folder.join(JOURNAL);
    file::refuse_link(&path)?;
    let mut book = Book {
        path,
        header: Some(header),
        past: None,
        file: None,
        whole: 0,
        broken: None,
        _lock: lock,
    };
    book.read()?;
    Ok(book)
}

impl Book {
    /// What stands in it already must be of the same account, and of a format that may be written.
    fn read(&mut self) -> Result<(), Fault> {
        let Some(header) = &self.header else { return Ok(()) };
        // Where its first line was never whole nothing was sent, and it is begun anew.
        let Some((journal, whole)) = read(&self.path, &header.run)? else { return Ok(()) };
        let there = &journal.header;
        if (&there.account, &there.partition) != (&header.account, &header.partition) {
            let message = format!(
                "run {} is of account {} ({}), not of {} ({})",
                there.run, there.account, there.partition, header.account, header.partition
            );
            return Err(Fault::new(Cause::WrongAccount, message)
                .with("wanted", there.account.as_str())
                .with("got", header.account.as_str())
                .remedy("log in to the account of that run, or start the program anew for the other account"));
        }
        if !journal.may_be_written() {
            let program = journal.program();
            let message = format!(
                "the journal of run {} was written by a newer version, {program}, and cannot be added to",
                there.run
            );
            return Err(Fault::new(Cause::File, message).with("run", there.run.as_str()).remedy(
                format!("use okteto-ecr {program} for it; this version can only read it"),
            ));
        }
        self.whole = whole;
        self.past = Some(Past::of(&journal));
        self.header = None;
        Ok(())
    }

    fn added(&mut self, record: &Record) -> Result<(), Fault> {
        let failed = |error: &std::io::Error, path: &Path| {
            file::could_not("write the journal", path, error)
                .remedy("make room or mend the state folder, then read the account again: what is not in the journal was not sent")
        };
        let json = |error: serde_json::Error| {
            Fault::new(Cause::File, format!("the journal could not be written: {error}"))
        };
        let mut text = String::new();
        let is_new = self.header.is_some();
        if let Some(header) = &self.header {
            text.push_str(&serde_json::to_string(header).map_err(json)?);
            text.push('\n');
        }
        text.push_str(&serde_json::to_string(record).map_err(json)?);
        text.push('\n');
        if self.file.is_none() {
            let opened = self.opened().map_err(|error| failed(&error, &self.path))?;
            self.file = Some(opened);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
        let written =
            written.and_then(|()| if is_new { file::sync_folder(&self.path) } else { Ok(()) });
        written.map_err(|error| failed(&error, &self.path))?;
        self.header = None;
        Ok(())
    }

    /// The file, with nothing behind its last whole line: what is added must not become part of another line, or end it.
    fn opened(&self) -> std::io::Result<File> {
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)?;
        if file.metadata()?.len() > self.whole {
            file.set_len(self.whole)?;
        }
        Ok(file)
    }
}

impl ports::Journal for Book {
    fn past(&self) -> Option<&Past> {
        self.past.as_ref()
    }

    fn write(&mut self, record: &Record) -> Result<(), Fault> {
        if let Some(fault) = &self.broken {
            return Err(fault.clone());
        }
        let written = self.added(record);
        self.broken = written.clone().err();
        written
    }
}

/// The journal of a run, and how many of its bytes count; none where it is not there or nothing of it was ever whole.
fn read(path: &Path, run: &str) -> Result<Option<(Journal, u64)>, Fault> {
    file::refuse_link(path)?;
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(file::could_not("read the journal", path, &error)),
    };
    let journal = match Journal::read(&text) {
        Ok(journal) => journal,
        Err(Unread::Empty) => return Ok(None),
        Err(unread) => return Err(unread.fault(run)),
    };
    let of = &journal.header.run;
    if of != run {
        let path = path.display().to_string();
        let message = format!("{path} is the journal of run {of}, and lies in the folder of {run}");
        return Err(Fault::new(Cause::File, message)
            .with("path", path)
            .with("run", run)
            .remedy("move a copy of a run out of the state folder, and give a folder that was renamed its name back"));
    }
    let whole = u64::try_from(whole(&text).len()).unwrap_or(u64::MAX);
    Ok(Some((journal, whole)))
}

/// Takes the lock, and leaves word of who has it.
fn lock(shelf: &Path, run: &str) -> Result<File, Fault> {
    let path = shelf.join(LOCK);
    let file = lock_file(&path)?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => {
                // Only a word to whoever finds the lock taken; without it that one is told less.
                if leave_word(&file, run).is_err() {
                    let _ = file.set_len(0);
                }
                return Ok(file);
            }
            Err(TryLockError::WouldBlock) => sleep(BETWEEN_TRIES),
            Err(TryLockError::Error(error)) => {
                return Err(file::could_not("lock", &path, &error));
            }
        }
    }
    let fault = match holder(&path) {
        Some((process, run)) => {
            let message =
                format!("process {process} is changing something in run {run}: one at a time");
            Fault::new(Cause::InUse, message).with("process", process.to_string()).with("run", run)
        }
        None => Fault::new(Cause::InUse, "another process is changing something: one at a time"),
    };
    Err(fault.remedy("wait for it to end, then try again: nothing was changed here"))
}

/// Writes who holds the lock, in one piece over what an earlier process left: whoever reads it meanwhile finds a whole line.
fn leave_word(file: &File, run: &str) -> std::io::Result<()> {
    let word = format!("{} {run}\n", std::process::id());
    file.write_all_at(word.as_bytes(), 0)?;
    file.set_len(u64::try_from(word.len()).unwrap_or(u64::MAX))
}

fn lock_file(path: &Path) -> Result<File, Fault> {
    file::refuse_link(path)?;
    let mut options = OpenOptions::new();
    let opened = options.write(true).create(true).truncate(false).mode(0o600).open(path);
    opened.map_err(|error| file::could_not("open", path, &error))
}

/// Who holds the lock, if anybody does.
fn busy(shelf: &Path) -> Option<(u32, String)> {
    let path = shelf.join(LOCK);
    file::refuse_link(&path).ok()?;
    let file = File::open(&path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => holder(&path),
        _ => None,
    }
}

fn holder(path: &Path) -> Option<(u32, String)> {
    let text = fs::read_to_string(path).ok()?;
    let (word, _) = text.split_once('\n')?;
    let (process, run) = word.split_once(' ')?;
    Some((process.parse().ok()?, run.to_owned()))
}

/// Every run with a journal, the oldest first; only those that `only` begins the names of, where it is given.
pub(super) fn all(ledger: &Ledger, only: Option<&str>) -> Result<Vec<Recorded>, Fault> {
    let shelf = ledger.root.join(ledger.shelf);
    let entries = match fs::read_dir(&shelf) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(file::could_not("read", &shelf, &error)),
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let names = names.filter(|name| only.is_none_or(|only| name.starts_with(only)));
    let busy = busy(&shelf);
    let mut runs: Vec<Recorded> =
        names.filter_map(|run| recorded(&shelf, &run, busy.as_ref())).collect();
    runs.sort_by(|a, b| a.order().cmp(&b.order()));
    Ok(runs)
}

/// One run; none where it has no journal, or one in which nothing was ever written whole.
fn recorded(shelf: &Path, run: &str, busy: Option<&(u32, String)>) -> Option<Recorded> {
    let folder = shelf.join(run);
    let path = folder.join(JOURNAL);
    fs::symlink_metadata(&path).ok()?;
    let past = match read(&path, run) {
        Ok(None) => return None,
        Ok(Some((journal, _))) => Ok(Past::of(&journal)),
        Err(fault) => Err(fault),
    };
    let process = busy.filter(|(_, of)| of == run).map(|(process, _)| *process);
    Some(Recorded { run: run.to_owned(), past, answers: answers(&folder), process })
}

/// The answers in a run's folder; none where they are not there or cannot be read.
pub(super) fn answers(folder: &Path) -> Option<Draft> {
    let path = folder.join(ANSWERS);
    file::refuse_link(&path).ok()?;
    Answers::parse(&fs::read_to_string(path).ok()?).ok()
}
