//! The journal of a run on disk, and the lock that lets one process at a time change anything.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::{ANSWERS, JOURNAL, Ledger, file};
use crate::domain::answers::Answers;
use crate::domain::draft::Draft;
use crate::domain::fault::{Cause, Fault};
use crate::domain::journal::{GIVEN_UP, Header, Journal, Past, Record, Recorded, Unread};
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
    /// The last line of an earlier process is not whole: what comes begins on a line of its own.
    torn: bool,
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
        torn: false,
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
        let text = match text(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(file::could_not("read the journal", &self.path, &error)),
        };
        let journal = match Journal::read(&text) {
            Ok(journal) => journal,
            // Its first line was never whole: nothing was sent, and it is begun anew.
            Err(Unread::Empty) => {
                let emptied = OpenOptions::new().write(true).truncate(true).open(&self.path);
                return emptied
                    .map(drop)
                    .map_err(|error| file::could_not("begin", &self.path, &error));
            }
            Err(unread) => return Err(unread.fault(&header.run)),
        };
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
            let program = &there.program;
            let message = format!(
                "the journal of run {} was written by a newer version, {program}, and cannot be added to",
                there.run
            );
            return Err(Fault::new(Cause::File, message).with("run", there.run.as_str()).remedy(
                format!("use okteto-ecr {program} for it; this version can only read it"),
            ));
        }
        self.torn = journal.torn;
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
        let mut text =
            if std::mem::take(&mut self.torn) { GIVEN_UP.to_owned() } else { String::new() };
        let is_new = self.header.is_some();
        if let Some(header) = &self.header {
            text.push_str(&serde_json::to_string(header).map_err(json)?);
            text.push('\n');
        }
        text.push_str(&serde_json::to_string(record).map_err(json)?);
        text.push('\n');
        if self.file.is_none() {
            let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path);
            self.file = Some(opened.map_err(|error| failed(&error, &self.path))?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
        let written =
            written.and_then(|()| if is_new { file::sync_folder(&self.path) } else { Ok(()) });
        written.map_err(|error| failed(&error, &self.path))?;
        self.header = None;
        Ok(())
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

/// The text of a journal. One that was torn may end in the middle of a letter.
fn text(path: &Path) -> std::io::Result<String> {
    Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned())
}

/// Takes the lock, and leaves word of who has it.
fn lock(shelf: &Path, run: &str) -> Result<File, Fault> {
    let path = shelf.join(LOCK);
    let mut file = lock_file(&path)?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => {
                // Only a word to whoever finds the lock taken; without it that one is told less.
                let _ =
                    file.set_len(0).and_then(|()| writeln!(file, "{} {run}", std::process::id()));
                return Ok(file);
            }
            Err(TryLockError::WouldBlock) => sleep(BETWEEN_TRIES),
            Err(TryLockError::Error(error)) => {
                return Err(file::could_not("lock", &path, &error));
            }
        }
    }
    let (process, run) = holder(&path).unwrap_or_default();
    let message = format!("process {process} is changing something in run {run}: one at a time");
    Err(Fault::new(Cause::InUse, message)
        .with("process", process.to_string())
        .with("run", run)
        .remedy("wait for it to end, then try again: nothing was changed here"))
}

fn lock_file(path: &Path) -> Result<File, Fault> {
    file::refuse_link(path)?;
    let opened = OpenOptions::new().append(true).read(true).create(true).mode(0o600).open(path);
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
    let (process, run) = text.trim().split_once(' ')?;
    Some((process.parse().ok()?, run.to_owned()))
}

/// Every run with a journal, the oldest first; one only, where `only` names it.
pub(super) fn all(ledger: &Ledger, only: Option<&str>) -> Result<Vec<Recorded>, Fault> {
    let shelf = ledger.root.join(ledger.shelf);
    let entries = match fs::read_dir(&shelf) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(file::could_not("read", &shelf, &error)),
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let names = names.filter(|name| only.is_none_or(|only| name == only));
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
    let past = match file::refuse_link(&path).map(|()| text(&path)) {
        Err(fault) => Err(fault),
        Ok(Err(error)) => Err(file::could_not("read the journal", &path, &error)),
        Ok(Ok(text)) => match Journal::read(&text) {
            Ok(journal) => Ok(Past::of(&journal)),
            Err(Unread::Empty) => return None,
            Err(unread) => Err(unread.fault(run)),
        },
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
