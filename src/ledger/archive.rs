//! What the review keeps: the file of what was accepted, which is the operator's and made to be committed; what the last
//! review found, which is the program's; and exports in a run's folder.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::{PRACTICE, PROGRESS, Run, file};
use crate::domain::exercise::progress::Progress;
use crate::domain::fault::{Cause, Fault};
use crate::domain::partition::AccountId;
use crate::domain::review::triage::{Acceptance, Accepted, Known, file as paper, kept};
use crate::ports::Archive;

/// Longer than any of these files is.
const LONGEST: u64 = 64 << 20;
/// The mode of a new file that is made to be committed, as far as the umask lets it.
const COMMITTED: u32 = 0o644;
/// Before the account in the name of the file that says what its last review found.
const REVIEWED: &str = "reviewed-";
/// As many exports of one name as a run has.
const MOST: usize = 1000;
/// So often it is waited for another that writes what was accepted, and the file written anew that changed meanwhile.
const TRIES: usize = 100;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

impl Archive for Run {
    fn read_accepted(&self, path: &Path) -> Result<Vec<Accepted>, Fault> {
        Ok(parsed(path, text_of(path)?.as_deref())?.accepted)
    }

    /// Others of this program wait for each other. Whoever else writes to the file (an editor, `git pull`) is not made to
    /// wait: what was written until right before the new file takes its place is read again and kept; what is written in
    /// that very instant is lost.
    fn accept(&self, path: &Path, change: &Acceptance) -> Result<Vec<Accepted>, Fault> {
        let _lock = locked(path);
        for _ in 0..TRIES {
            let before = text_of(path)?;
            // What cannot be read is not written over: somebody wrote it.
            let paper = parsed(path, before.as_deref())?;
            let mut accepted = paper.accepted.clone();
            change.change(&mut accepted);
            let text = paper.print(&accepted);
            let mode =
                fs::metadata(path).map_or(COMMITTED, |found| found.permissions().mode() & 0o777);
            let is_as_before = || Ok(text_of(path)? == before);
            if file::write_if(path, text.as_bytes(), mode, is_as_before)? {
                return Ok(accepted);
            }
        }
        let shown = path.display().to_string();
        let message = format!("{shown} is being written to by others");
        Err(Fault::new(Cause::InUse, message).with("path", shown).remedy("try again"))
    }

    fn last_review(&self, account: &AccountId) -> Result<Option<BTreeMap<String, Known>>, Fault> {
        last(&self.reviewed(account), account)
    }

    fn keep_review(
        &self,
        account: &AccountId,
        found: &BTreeMap<String, Known>,
    ) -> Result<(), Fault> {
        self.make()?;
        let path = self.reviewed(account);
        // A newer program may have kept more than this one knows.
        last(&path, account)?;
        file::write(&path, kept::print(account, found).as_bytes())
    }

    fn keep_progress(&self, progress: &Progress) -> Result<(), Fault> {
        let path = self.ledger.make()?.join(PROGRESS);
        // What cannot be read is not written over: a newer program may have kept more than this one knows.
        self.ledger.progress()?;
        file::write(&path, progress.print().as_bytes())
    }

    fn write_export(&self, run: &str, name: &str, text: &str) -> Result<PathBuf, Fault> {
        let folder = self.ledger.make()?.join(run);
        file::folder(&folder, None)?;
        let whole = Path::new(name);
        let stem = whole.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let ending =
            whole.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
        for number in 1..=MOST {
            let nth = if number == 1 { String::new() } else { format!("-{number}") };
            let path = folder.join(format!("{stem}{nth}{ending}"));
            match file::new(&path) {
                Ok(file) => return filled(file, path, text),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(file::could_not("write", &path, &error)),
            }
        }
        let path = folder.join(name);
        let full = std::io::Error::new(ErrorKind::AlreadyExists, "there are too many of its name");
        Err(file::could_not("write", &path, &full))
    }
}

impl Run {
    /// Where it is kept what the last review of an account found. In practice an account ends with its run.
    fn reviewed(&self, account: &AccountId) -> PathBuf {
        let is_practice = self.ledger.shelf == PRACTICE;
        let place =
            if is_practice { self.folder() } else { self.ledger.root.join(self.ledger.shelf) };
        place.join(format!("{REVIEWED}{account}.json"))
    }
}

fn filled(mut file: File, path: PathBuf, text: &str) -> Result<PathBuf, Fault> {
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| file::sync_folder(&path));
    match written {
        Ok(()) => Ok(path),
        Err(error) => {
            let _ = fs::remove_file(&path);
            Err(file::could_not("write", &path, &error))
        }
    }
}

/// The text of the file of what was accepted.
fn text_of(path: &Path) -> Result<Option<String>, Fault> {
    read(path).map_err(|fault| match fault.remedy {
        Some(_) => fault.remedy("name the file itself with --accepted"),
        None => fault,
    })
}

/// The file of what was accepted; an empty one where there is none.
fn parsed(path: &Path, text: Option<&str>) -> Result<paper::File, Fault> {
    let Some(text) = text else { return Ok(paper::File::default()) };
    paper::File::parse(text).map_err(|fault| of(path, fault))
}

/// The folder of the file, locked: a lock beside the file would be committed with it, and one on the file itself would not
/// outlive its replacement. Where it cannot be locked, or stays locked, that nothing changed meanwhile has to do.
fn locked(path: &Path) -> Option<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new("."))).ok()?;
    for _ in 0..TRIES {
        match folder.try_lock() {
            Ok(()) => return Some(folder),
            Err(TryLockError::WouldBlock) => sleep(BETWEEN_TRIES),
            Err(TryLockError::Error(_)) => return None,
        }
    }
    None
}

fn last(path: &Path, account: &AccountId) -> Result<Option<BTreeMap<String, Known>>, Fault> {
    let Some(text) = read(path)? else { return Ok(None) };
    let away = "move the file away: the next review then has nothing to compare with";
    let (of_account, known) = kept::parse(&text).map_err(|fault| of(path, fault).remedy(away))?;
    if of_account != *account {
        let message = format!("{} is of account {of_account}, not {account}", path.display());
        return Err(Fault::new(Cause::File, message).remedy(away));
    }
    Ok(Some(known))
}

/// What is wrong in a file.
pub(super) fn of(path: &Path, fault: Fault) -> Fault {
    let shown = path.display().to_string();
    let message = format!("{shown}: {}", fault.message);
    let remedy = fault.remedy.clone().unwrap_or_else(|| "correct the file there".to_owned());
    Fault { cause: Cause::File, message, ..fault }.with("path", shown).remedy(remedy)
}

/// The text of a file; `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<String>, Fault> {
    file::refuse_link(path)?;
    let mut text = String::new();
    match File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text)) {
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file::could_not("read", path, &error)),
    }
}

#[cfg(test)]
mod tests;
