//! Files and folders of ours: private, whole or not at all, never through a link.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use secrecy::zeroize::Zeroizing;

use crate::domain::fault::{Cause, Fault};

/// Makes a folder with mode 0700, or takes the one that is there and makes it so, unless it holds more than `ours`:
/// `--state-dir` may name a folder that others use.
///
/// # Errors
/// `file`: it is a link or no folder, or it cannot be made.
pub(super) fn folder(path: &Path, ours: Option<&[&str]>) -> Result<(), Fault> {
    let failed = |error: &io::Error| could_not("make the folder", path, error);
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(link(path)),
        Ok(found) if !found.is_dir() => {
            Err(Fault::new(Cause::File, format!("{} is no folder", path.display())))
        }
        Ok(found) if found.mode() & 0o077 != 0 && holds_only(path, ours) => {
            fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(|e| failed(&e))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(path, sync_folder).map_err(|e| failed(&e))
        }
        Err(error) => Err(failed(&error)),
    }
}

/// Makes a folder and those above it that are not there, and lets each be known for good in the one that it is in: a file is
/// only as lasting as the way to it.
fn make(path: &Path, sync: impl Fn(&Path) -> io::Result<()>) -> io::Result<()> {
    let is_missing = |above: &&Path| !above.as_os_str().is_empty() && !above.exists();
    let missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    missing.into_iter().rev().try_for_each(sync)
}

/// Whether nothing but `ours` is in a folder; `None` is anything.
fn holds_only(path: &Path, ours: Option<&[&str]>) -> bool {
    let Some(ours) = ours else { return true };
    fs::read_dir(path).is_ok_and(|mut all| {
        all.all(|e| e.is_ok_and(|e| ours.iter().any(|name| e.file_name() == *name)))
    })
}

/// Opens a new file with mode 0600. What stands at its place already, a link included, is refused.
pub(super) fn new(path: &Path) -> io::Result<File> {
    new_as(path, 0o600)
}

fn new_as(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

/// Writes a file whole, with mode 0600: beside its place, then moved there.
///
/// # Errors
/// `file`: there is a link in its place, or it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    write_if(path, bytes, 0o600, || Ok(true)).map(drop)
}

/// The same with another mode, as far as the umask lets it, and only if `still` holds right before it is moved to its
/// place; says whether it was.
pub(super) fn write_if(
    path: &Path,
    bytes: &[u8],
    mode: u32,
    still: impl FnOnce() -> Result<bool, Fault>,
) -> Result<bool, Fault> {
    refuse_link(path)?;
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let prepared = || -> io::Result<()> {
        let mut file = new_as(&beside, mode)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    let placed = || fs::rename(&beside, path).and_then(|()| sync_folder(path));
    let failed = |error: io::Error| could_not("write", path, &error);
    let written = prepared().map_err(failed).and_then(|()| match still() {
        Ok(true) => placed().map(|()| true).map_err(failed),
        other => other,
    });
    if !matches!(written, Ok(true)) {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Lets the folder that a file or folder is in know of it for good.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(here) if here.as_os_str().is_empty() => File::open(".")?.sync_all(),
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// At most so many bytes of a secret's file, or of standard input for `-`; wiped when they are dropped.
pub(super) fn read_secret(path: &Path, longest: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    // Large enough from the start: growing would leave copies of the beginning behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(longest));
    let limit = u64::try_from(longest).unwrap_or(u64::MAX);
    if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Refuses a link.
///
/// # Errors
/// `file`: it is one.
pub(super) fn refuse_link(path: &Path) -> Result<(), Fault> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(link(path)),
        _ => Ok(()),
    }
}

pub(super) fn could_not(what: &str, path: &Path, error: &io::Error) -> Fault {
    let path = path.display().to_string();
    Fault::new(Cause::File, format!("could not {what} {path}: {error}")).with("path", path)
}

fn link(path: &Path) -> Fault {
    let path = path.display().to_string();
    Fault::new(Cause::File, format!("{path} is a link, and links are not followed here"))
        .with("path", path)
        .remedy("name the folder itself with --state-dir")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn each_folder_that_is_made_is_made_known_in_the_one_above_it() {
        let home = tempfile::tempdir().unwrap();
        let [state, runs, run] =
            ["state", "state/runs", "state/runs/x"].map(|p| home.path().join(p));
        let synced = RefCell::new(Vec::new());
        let sync = |path: &Path| {
            assert!(path.is_dir(), "{} is there by then", path.display());
            synced.borrow_mut().push(path.to_owned());
            Ok(())
        };
        make(&run, sync).unwrap();
        assert_eq!(*synced.borrow(), [state, runs.clone(), run]);
        // Only what is new, and a failure is told.
        let broken = |path: &Path| Err(io::Error::other(path.display().to_string()));
        let next = runs.join("y");
        assert_eq!(make(&next, broken).unwrap_err().to_string(), next.display().to_string());
        sync_folder(Path::new("here")).unwrap();
        assert!(sync_folder(&home.path().join("nowhere/file")).is_err());
    }
}
