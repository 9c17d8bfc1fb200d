//! The file of an access key: new, private, and never through a link.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use secrecy::ExposeSecret;

use super::file::{could_not, new, read_secret, sync_folder};
use crate::domain::custody::HOLDS_KEY;
use crate::domain::fault::{Cause, Fault};
use crate::domain::key::KeyId;
use crate::domain::secret::AccessKey;

/// Two lines are shorter by far; a longer file is something else.
const LONGEST: usize = 16 << 10;

/// Whether a key file could be made there: one is, and taken away again. Of a key file that is there already it is told
/// which key it holds.
pub(super) fn attempt(path: &Path) -> Result<(), Fault> {
    let file = made(path).map_err(|fault| match held(path) {
        Some(key) => fault.with(HOLDS_KEY, key.as_str()),
        None => fault,
    })?;
    drop(file);
    fs::remove_file(path).map_err(|error| could_not("take away again", path, &error))
}

/// Writes the key to a new file. What could not be written whole is taken away again.
pub(super) fn write(path: &Path, key: &AccessKey) -> Result<(), Fault> {
    let mut file = made(path)?;
    let mut written = || -> io::Result<()> {
        file.write_all(key.print().expose_secret().as_bytes())?;
        file.sync_all()?;
        sync_folder(path)
    };
    written().map_err(|error| {
        let _ = fs::remove_file(path);
        could_not("write the key to", path, &error)
    })
}

/// Reads a key; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<AccessKey, Fault> {
    let read = read_secret(path, LONGEST);
    let bytes = read.map_err(|error| could_not("read the key from", path, &error))?;
    let shown = path.display().to_string();
    let Ok(text) = std::str::from_utf8(&bytes) else {
        let message = format!("{shown} holds no access key: it is no text");
        return Err(Fault::new(Cause::File, message).with("path", shown));
    };
    AccessKey::read(text).map_err(|fault| {
        Fault { message: format!("{shown}: {}", fault.message), ..fault }.with("path", shown)
    })
}

/// The key that is in the file, if it is one of ours: no link, and no more than its two lines.
fn held(path: &Path) -> Option<KeyId> {
    // `-` would be standard input.
    let is_file =
        path != Path::new("-") && fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let key = is_file.then(|| read(path).ok())??;
    Some(key.id)
}

fn made(path: &Path) -> Result<File, Fault> {
    new(path).map_err(|error| {
        let fault = could_not("make the file", path, &error);
        match error.kind() {
            ErrorKind::AlreadyExists => {
                let there = match fs::symlink_metadata(path) {
                    Ok(found) if found.is_symlink() => {
                        "a link stands there, and links are not followed here"
                    }
                    _ => "it is there already, and nothing is overwritten",
                };
                let message = format!("could not make the file {}: {there}", path.display());
                Fault { message, ..fault }.remedy("name a file that is not there yet")
            }
            ErrorKind::NotFound => fault.remedy("make its folder first, or name another one"),
            _ => fault.remedy("name a file in a folder that can be written to"),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use secrecy::SecretString;

    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn key() -> AccessKey {
        let id = KeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap();
        AccessKey { id, secret: SecretString::from(SECRET) }
    }

    #[test]
    fn a_key_file_is_new_private_and_read_again() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("key.env");
        attempt(&path).unwrap();
        assert!(!path.exists(), "trying leaves nothing behind");
        write(&path, &key()).unwrap();
        assert_eq!(fs::symlink_metadata(&path).unwrap().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            format!("AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY={SECRET}\n")
        );
        let there = attempt(&path).unwrap_err();
        assert_eq!(there.evidence[HOLDS_KEY], "AKIAIOSFODNN7EXAMPLE");
        assert!(!format!("{there:?}").contains(SECRET));
        let back = read(&path).unwrap();
        assert_eq!((back.id, back.secret.expose_secret()), (key().id, SECRET));
    }

    #[test]
    fn what_stands_there_is_refused_and_stays() {
        let home = tempfile::tempdir().unwrap();
        let (there, link, dangling) =
            (home.path().join("there"), home.path().join("link"), home.path().join("dangling"));
        fs::write(&there, "theirs").unwrap();
        symlink(&there, &link).unwrap();
        symlink(home.path().join("nowhere"), &dangling).unwrap();
        for (path, word) in [(&there, "overwritten"), (&link, "link"), (&dangling, "link")] {
            for refused in [attempt(path), write(path, &key())] {
                let fault = refused.unwrap_err();
                assert_eq!(fault.cause, Cause::File);
                assert!(fault.message.contains(word), "{fault}");
                assert!(!fault.evidence.contains_key(HOLDS_KEY), "{fault:?}");
                assert!(!format!("{fault:?}").contains(SECRET));
            }
        }
        assert_eq!(fs::read_to_string(&there).unwrap(), "theirs");
        assert!(!home.path().join("nowhere").exists());
        assert!(
            attempt(&home.path().join("none/key")).unwrap_err().what_to_do().contains("folder")
        );
    }
}
