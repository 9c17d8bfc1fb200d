//! What the state folder holds, and a state folder that does not take it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use okteto_ecr::domain::journal::{Journal, Record};
use secrecy::ExposeSecret;

use crate::cases::{USER, create, create_user};
use crate::proxy::Point;
use crate::support::assert_nowhere;
use crate::world::{Mode, Operator, World};

/// Sizes of a file at which the next line of a journal does not fit: none of it, its half, all but its end.
fn sizes(text: &str, from: usize) -> Vec<usize> {
    let mut at = from;
    let mut sizes = Vec::new();
    for line in text.split_at(from).1.split_inclusive('\n') {
        sizes.extend([at, at + line.len() / 2, at + line.len() - 1]);
        at += line.len();
    }
    sizes
}

/// Holds that each call that was sent stands in the journal, begun before.
#[track_caller]
fn assert_begun(operator: &Operator, from: usize) {
    let sent: Vec<String> =
        operator.world.proxy.writes().into_iter().map(|(call, _)| format!("iam:{call}")).collect();
    let journals = operator.journals();
    let Some(journal) = journals.first() else {
        assert_eq!(sent, Vec::<String>::new(), "sent without a journal");
        return;
    };
    let begun: Vec<String> = match Journal::read(&journal.text) {
        Ok(read) => {
            let begun = read.lines.into_iter().filter_map(|line| match line {
                Record::Began(began) if began.call.starts_with("iam:") => Some(began.call),
                _ => None,
            });
            begun.skip(from).collect()
        }
        Err(_) => Vec::new(),
    };
    assert!(begun.len() - sent.len() <= 1, "{begun:?} {sent:?}");
    assert_eq!(begun[..sent.len()], sent, "sent without being begun: {}", journal.text);
}

#[test]
fn a_full_disk_stops_apply_before_the_next_call() {
    stops_apply(create());
}

/// Where the end of its making could not be written, the key is one that nobody has.
#[test]
fn a_full_disk_leaves_no_key_unknown() {
    stops_apply(create_user());
}

fn stops_apply(mode: Mode) {
    let world = World::new(mode);
    let operator = world.operator();
    let _ = operator.apply().exits(0);
    let whole = operator.journal();
    let wished = world.picture(Some(&whole.run));
    for bytes in sizes(&whole.text, 0) {
        println!("{bytes} of {} bytes", whole.text.len());
        let operator = world.operator();
        let ended = operator.run_within(&operator.apply_line(), bytes);
        assert!(matches!(ended.status.code(), Some(1 | 4)), "{ended:?}");
        assert_begun(&operator, 0);
        operator.resumed();
        let journal = operator.fullest();
        assert_eq!(world.picture(Some(&journal.run)), wished);
        operator.undone();
        assert_eq!(world.picture(None), world.beginning());
    }
}

#[test]
fn a_full_disk_stops_undo_before_the_next_call() {
    let world = World::new(create());
    let first = world.operator();
    let _ = first.apply().exits(0);
    let (end, from) = (world.account(), first.journal());
    let other = first.copy();
    other.undone();
    let calls = from.read().lines.iter().filter(|line| matches!(line, Record::Began(_))).count();
    for bytes in sizes(&other.journal().text, from.text.len()) {
        println!("{bytes} of {} bytes", other.journal().text.len());
        world.restore(&end);
        let operator = first.copy();
        let ended = operator.run_within(&operator.undo_line(&[]), bytes);
        assert!(matches!(ended.status.code(), Some(1 | 4)), "{ended:?}");
        assert_begun(&operator, calls);
        operator.undone();
        assert_eq!(world.picture(None), world.beginning());
    }
}

/// Refused for a file, and nothing that changes was sent.
#[track_caller]
fn assert_refused(operator: &Operator, line: &[String]) {
    let before = operator.world.picture(None);
    let refused = operator.run(line).exits(1);
    assert_eq!(refused.value()["fault"]["cause"], "file", "{refused:#?}");
    assert!(operator.world.proxy.writes().is_empty(), "{refused:#?}");
    assert_eq!(operator.world.picture(None), before);
}

#[test]
fn a_state_folder_that_cannot_be_written_stops_everything() {
    let world = World::new(create());
    // Root may write where its mode says that nobody may, so something is in its way.
    for place in ["", "runs", "runs/lock/folder"] {
        println!("{place:?}");
        let operator = world.operator();
        let path: PathBuf = operator.state.join(place).components().collect();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "in the way").unwrap();
        assert_refused(&operator, &operator.apply_line());
    }
    let operator = world.operator();
    fs::create_dir(&operator.state).unwrap();
    fs::set_permissions(&operator.state, fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(operator.state.join("trial"), "").is_err() {
        assert_refused(&operator, &operator.apply_line());
    }
}

/// A link would lead what is written elsewhere.
#[test]
fn links_are_refused() {
    let world = World::new(create());
    let operator = world.operator();
    let elsewhere = operator.key_file();
    fs::create_dir_all(operator.state.join("runs")).unwrap();
    let lock = operator.state.join("runs/lock");
    symlink(&elsewhere, &lock).unwrap();
    assert_refused(&operator, &operator.apply_line());
    assert!(!elsewhere.exists());

    let operator = world.operator();
    operator.killed(&operator.apply_line(), 2, 0, Point::Unsent);
    let journal = operator.state.join("runs").join(operator.journal().run).join("journal.jsonl");
    let moved = operator.key_file();
    fs::rename(&journal, &moved).unwrap();
    symlink(&moved, &journal).unwrap();
    let text = fs::read_to_string(&moved).unwrap();
    assert_refused(&operator, &operator.undo_line(&[]));
    assert_eq!(fs::read_to_string(&moved).unwrap(), text);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Killed with the answer on its way, resumed, and taken back: only the operator can read what is kept, and no secret is in it.
#[test]
fn what_is_kept_is_private_and_without_secrets() {
    let world = World::new(create_user());
    let operator = world.operator();
    let _ = operator.apply().exits(0);
    let writes = world.proxy.writes();
    let number = writes.iter().position(|(call, _)| call == "CreateAccessKey").unwrap() + 1;

    let operator = world.operator();
    let secret = || world.account().credentials(USER).unwrap().1.expose_secret().to_owned();
    operator.killed(&operator.apply_line(), number, 0, Point::Unrecorded);
    let lost = secret();
    operator.resumed();
    let made = secret();
    assert_ne!(lost, made);
    assert!(fs::read_to_string(operator.key_file()).unwrap().contains(&made));
    operator.undone();
    for secret in [&lost, &made] {
        assert_nowhere(secret, &[], &operator.state);
    }
    let kept = files(&operator.state);
    for name in ["journal.jsonl", "lock", "answers.toml", "log"] {
        assert!(kept.iter().any(|path| path.ends_with(name)), "{name}: {kept:?}");
    }
    for path in kept {
        let found = fs::symlink_metadata(&path).unwrap();
        let wanted = if found.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(found.permissions().mode() & 0o7777, wanted, "{}", path.display());
    }
}
