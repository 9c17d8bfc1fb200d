//! A team's own exercises: a file, or every `*.toml` of a folder.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::domain::exercise::Exercise;
use crate::domain::exercise::file::parse;
use crate::domain::fault::{Cause, Fault};

/// Longer than an exercise is.
const LONGEST: u64 = 1 << 20;
const ENDING: &str = "toml";

/// Exercises that were read, and whether they are one file: that one is opened at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// In the order of their names.
    pub exercises: Vec<Exercise>,
    /// It was a file that was named, and no folder.
    pub is_file: bool,
}

/// Reads a file, or a folder's.
///
/// # Errors
/// `bad-answers` with path, line and reason, for each file that is wrong.
pub fn read(path: &Path) -> Result<Own, Fault> {
    if !path.is_dir() {
        return Ok(Own { exercises: vec![one(path)?], is_file: true });
    }
    let mut files = listed(path).map_err(|error| could_not(path, &error))?;
    files.sort();
    if files.is_empty() {
        let message = format!("{}: there is no *.{ENDING} in this folder", path.display());
        return Err(bad(path, message).remedy("name a file, or a folder with exercises in it"));
    }
    let mut exercises = Vec::new();
    let mut faults = Vec::new();
    for file in files {
        match one(&file) {
            Ok(exercise) => exercises.push(exercise),
            Err(fault) => faults.push(fault),
        }
    }
    match Fault::chain(faults) {
        None => Ok(Own { exercises, is_file: false }),
        Some(fault) => Err(fault),
    }
}

fn listed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let is_one = |path: &PathBuf| path.extension().is_some_and(|e| e == ENDING) && path.is_file();
    Ok(paths.collect::<io::Result<Vec<_>>>()?.into_iter().filter(is_one).collect())
}

fn one(path: &Path) -> Result<Exercise, Fault> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text))
        .map_err(|error| could_not(path, &error))?;
    if text.len() as u64 > LONGEST {
        return Err(bad(path, format!("{}: it is longer than 1 MiB", path.display())));
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    parse(&name, &text).map_err(|fault| {
        let message = format!("{}: {}", path.display(), fault.message);
        Fault { message, ..fault }.with("path", path.display().to_string())
    })
}

fn could_not(path: &Path, error: &io::Error) -> Fault {
    bad(path, format!("could not read {}: {error}", path.display()))
        .remedy("name the file of an exercise; assets/practice/README.md describes the format")
}

fn bad(path: &Path, message: String) -> Fault {
    Fault::new(Cause::BadAnswers, message).with("path", path.display().to_string())
}

/// The shipped ones with a team's own: these stand after the first, the set-up, guided, and one of the same name stands in
/// the place of the shipped one. Also where the first of their own is then.
#[must_use]
pub fn among(shipped: Vec<Exercise>, own: Vec<Exercise>) -> (Vec<Exercise>, Option<usize>) {
    let first = own.first().map(|one| one.name.clone());
    let mut all = shipped;
    let mut next = all.len().min(1);
    for one in own {
        if let Some(there) = all.iter_mut().find(|there| there.name == one.name) {
            *there = one;
        } else {
            all.insert(next, one);
            next += 1;
        }
    }
    let at = first.and_then(|name| all.iter().position(|one| one.name == name));
    (all, at)
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;

    const GOOD: &str = include_str!("../../assets/practice/first-set-up.toml");

    fn named(name: &str) -> Exercise {
        parse(name, GOOD).unwrap()
    }

    fn names(all: &[Exercise]) -> Vec<&str> {
        all.iter().map(|one| one.name.as_str()).collect()
    }

    #[test]
    fn a_file_and_a_folder_are_read_in_order() {
        let folder = tempdir().unwrap();
        for name in ["b.toml", "a.toml", "README.md"] {
            fs::write(folder.path().join(name), GOOD).unwrap();
        }
        let own = read(folder.path()).unwrap();
        assert_eq!((names(&own.exercises), own.is_file), (vec!["a", "b"], false));
        let own = read(&folder.path().join("b.toml")).unwrap();
        assert_eq!((names(&own.exercises), own.is_file), (vec!["b"], true));
    }

    #[test]
    fn what_is_wrong_is_named_with_path_line_and_reason() {
        let folder = tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        assert!(read(folder.path()).unwrap_err().message.contains("no *.toml"));
        fs::write(path("a.toml"), GOOD).unwrap();
        fs::write(path("b.toml"), GOOD.replace("about =", "abuot =")).unwrap();
        fs::write(path("c.toml"), "format = 2").unwrap();
        fs::write(path("d.toml"), [0xff, 0xfe]).unwrap();
        fs::write(path("e.toml"), format!("{GOOD}#{}", "x".repeat(1 << 20))).unwrap();
        let fault = read(folder.path()).unwrap_err();
        let all: Vec<&Fault> = std::iter::once(&fault).chain(fault.others()).collect();
        assert_eq!(all.len(), 4, "{all:?}");
        for (one, (name, words)) in all.iter().zip([
            ("b.toml", "line 3: unknown field `abuot`"),
            ("c.toml", "line 1: "),
            ("d.toml", "UTF-8"),
            ("e.toml", "longer than 1 MiB"),
        ]) {
            assert_eq!(one.cause, Cause::BadAnswers);
            assert!(one.message.contains(&path(name).display().to_string()), "{one}");
            assert!(one.message.contains(words), "{one}");
        }
        let gone = read(&path("gone.toml")).unwrap_err();
        assert!(gone.message.contains("could not read"), "{gone}");
    }

    #[test]
    fn own_ones_stand_after_the_guided_set_up_or_in_the_place_of_their_namesake() {
        let shipped = || vec![named("first-set-up"), named("x"), named("y")];
        let (all, at) = among(shipped(), vec![named("a"), named("y"), named("b")]);
        assert_eq!((names(&all), at), (vec!["first-set-up", "a", "b", "x", "y"], Some(1)));
        let (all, at) = among(shipped(), vec![named("y")]);
        assert_eq!((names(&all), at), (vec!["first-set-up", "x", "y"], Some(2)));
        let (all, at) = among(Vec::new(), vec![named("a")]);
        assert_eq!((names(&all), at), (vec!["a"], Some(0)));
        assert_eq!(among(shipped(), Vec::new()).1, None);
    }
}
