use std::os::unix::fs::symlink;

use jiff::Timestamp;
use jiff::civil::date;

use super::*;
use crate::domain::exercise::progress::Kept;
use crate::domain::sample;
use crate::ledger::Ledger;

fn run(home: &Path) -> Run {
    Ledger::open(Some(home.join("state"))).unwrap().begin(Timestamp::UNIX_EPOCH)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn accepted(on: &str) -> Accepted {
    Accepted {
        account: "112233445566".to_owned(),
        on: on.to_owned(),
        rule: "ecr-push".to_owned(),
        fingerprint: "00000000000000aa".to_owned(),
        what: "it pushes".to_owned(),
        reason: "PLAT-12".to_owned(),
        until: date(2027, 3, 31),
        by: sample::caller().arn,
        at: date(2026, 11, 28),
    }
}

fn taken() -> Acceptance {
    let Accepted { account, fingerprint, .. } = accepted("role/ci");
    Acceptance::TakeBack { account, fingerprint }
}

fn known(message: &str) -> BTreeMap<String, Known> {
    let one = Known {
        on: "role/ci".to_owned(),
        rule: "ecr-push".to_owned(),
        message: message.to_owned(),
    };
    BTreeMap::from([("00000000000000aa".to_owned(), one)])
}

#[test]
fn what_was_accepted_is_a_file_for_everybody_that_keeps_its_mode_and_remarks() {
    let home = tempfile::tempdir().unwrap();
    let run = run(home.path());
    let path = home.path().join("accepted.toml");
    assert_eq!(run.read_accepted(&path), Ok(Vec::new()));
    let ci = accepted("role/ci");
    let cd = Accepted { fingerprint: "00000000000000bb".to_owned(), ..accepted("role/cd") };
    run.accept(&path, &Acceptance::Add(ci.clone())).unwrap();
    assert_eq!(mode(&path) & 0o600, 0o600);
    assert_eq!(mode(&path) & 0o111, 0, "nothing to be carried out");
    assert!(!home.path().join("state").exists(), "it is no state of the program's");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("# ours\n{text}")).unwrap();
    run.accept(&path, &Acceptance::Add(cd.clone())).unwrap();
    assert_eq!(run.read_accepted(&path), Ok(vec![cd, ci]));
    assert!(fs::read_to_string(&path).unwrap().starts_with("# ours\n"));
    assert_eq!(mode(&path), 0o640);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "nothing is left beside");
}

#[test]
fn accepting_keeps_what_others_wrote_meanwhile() {
    let home = tempfile::tempdir().unwrap();
    let run = run(home.path());
    let path = home.path().join("accepted.toml");
    let ci = accepted("role/ci");
    run.accept(&path, &Acceptance::Add(ci.clone())).unwrap();
    // `git pull` brings a colleague's.
    let theirs = Accepted { fingerprint: "00000000000000bb".to_owned(), ..accepted("role/theirs") };
    let mut text = fs::read_to_string(&path).unwrap();
    let clone = home.path().join("clone.toml");
    run.accept(&clone, &Acceptance::Add(theirs.clone())).unwrap();
    let block = fs::read_to_string(&clone).unwrap();
    let (_, entry) = block.split_once("[[").unwrap();
    text += &["\n[[", entry].concat();
    fs::write(&path, text).unwrap();
    let mine = Accepted { fingerprint: "00000000000000cc".to_owned(), ..accepted("role/mine") };
    let now = run.accept(&path, &Acceptance::Add(mine.clone())).unwrap();
    assert_eq!(now, [ci, theirs.clone(), mine.clone()], "what is told is what is there");
    assert_eq!(run.accept(&path, &taken()), Ok(vec![mine.clone(), theirs.clone()]));
    assert_eq!(run.read_accepted(&path), Ok(vec![mine, theirs]));
}

#[test]
fn a_file_that_changed_right_before_it_is_replaced_stays() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("accepted.toml");
    fs::write(&path, "theirs").unwrap();
    assert_eq!(file::write_if(&path, b"ours", 0o644, || Ok(false)), Ok(false));
    assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "nothing is left beside");
}

#[test]
fn many_that_accept_at_once_lose_nothing() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("accepted.toml");
    std::thread::scope(|all| {
        for number in 0..8 {
            let (run, path) = (run(home.path()), &path);
            all.spawn(move || {
                let fingerprint = format!("{number:016x}");
                let one = Accepted { fingerprint, ..accepted("role/ci") };
                run.accept(path, &Acceptance::Add(one)).unwrap();
            });
        }
    });
    assert_eq!(run(home.path()).read_accepted(&path).unwrap().len(), 8);
}

#[test]
fn what_is_wrong_in_the_file_is_told_and_not_written_over() {
    let home = tempfile::tempdir().unwrap();
    let run = run(home.path());
    let path = home.path().join("accepted.toml");
    fs::write(&path, "format = 1\n\n[[acepted]]\n").unwrap();
    for told in [run.read_accepted(&path).map(drop), run.accept(&path, &taken()).map(drop)] {
        let fault = told.unwrap_err();
        assert_eq!((fault.cause, &*fault.evidence["line"]), (Cause::File, "3"));
        assert_eq!(fault.evidence["nearest"], "accepted");
        assert!(fault.message.starts_with(&path.display().to_string()), "{fault}");
    }
    assert!(fs::read_to_string(&path).unwrap().contains("acepted"));
    let link = home.path().join("link.toml");
    symlink(&path, &link).unwrap();
    for told in [run.read_accepted(&link).map(drop), run.accept(&link, &taken()).map(drop)] {
        assert!(told.unwrap_err().what_to_do().contains("--accepted"));
    }
    assert!(run.read_accepted(home.path()).is_err(), "a folder");
}

#[test]
fn what_a_review_found_is_kept_for_the_next_and_not_lost() {
    let home = tempfile::tempdir().unwrap();
    let [early, late] = [run(home.path()), run(home.path())];
    let account = sample::caller().account;
    let other = AccountId::parse("999999999999").unwrap();
    assert_eq!(early.last_review(&account), Ok(None));
    assert!(!home.path().join("state").exists(), "nothing is written before it is needed");
    early.keep_review(&account, &known("one")).unwrap();
    early.keep_review(&account, &known("two")).unwrap();
    assert_eq!(late.last_review(&account), Ok(Some(known("two"))));
    assert_eq!(late.last_review(&other), Ok(None));
    let path = home.path().join("state/runs/reviewed-112233445566.json");
    assert_eq!(mode(&path), 0o600);
    let text = fs::read_to_string(&path).unwrap();
    let newer = text.replace("\"format\": 1", "\"format\": 2");
    let stray = text.replace("112233445566", "999999999999");
    for wrong in [newer.as_str(), stray.as_str(), "", "{"] {
        fs::write(&path, wrong).unwrap();
        assert_eq!(late.last_review(&account).unwrap_err().cause, Cause::File, "{wrong}");
        assert!(late.keep_review(&account, &known("three")).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), wrong);
    }
    // Runs are listed as before.
    assert_eq!(crate::ports::Ledger::runs(&late).unwrap().len(), 0);
}

#[test]
fn a_practice_account_has_no_last_review_but_of_its_own_run() {
    let home = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(Some(home.path().to_owned())).unwrap().for_practice();
    let account = sample::caller().account;
    let first = ledger.begin("2026-11-23T20:45:12Z".parse().unwrap());
    first.keep_review(&account, &known("one")).unwrap();
    assert_eq!(first.last_review(&account), Ok(Some(known("one"))));
    let second = ledger.begin("2026-11-23T20:45:13Z".parse().unwrap());
    assert_eq!(second.last_review(&account), Ok(None));
}

#[test]
fn an_export_never_stands_in_the_place_of_another() {
    let home = tempfile::tempdir().unwrap();
    let run = run(home.path());
    let written = ["one", "two", "three"].map(|text| {
        let path = run.write_export(run.id(), "review.json", text).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!((path.parent().unwrap(), mode(&path)), (&*run.folder(), 0o600));
        path.file_name().unwrap().to_str().unwrap().to_owned()
    });
    assert_eq!(written, ["review.json", "review-2.json", "review-3.json"]);
    symlink(home.path().join("elsewhere"), run.folder().join("review.csv")).unwrap();
    let path = run.write_export(run.id(), "review.csv", "x").unwrap();
    assert!(path.ends_with("review-2.csv") && !home.path().join("elsewhere").exists());
}

fn progress(done: &str) -> Progress {
    let kept = Kept { done: Some(done.to_owned()), ..Kept::default() };
    Progress(BTreeMap::from([("scheme-in-the-key".to_owned(), kept)]))
}

#[test]
fn how_far_a_learner_is_is_private_and_there_at_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(Some(home.path().join("state"))).unwrap().for_practice();
    assert_eq!(ledger.progress(), Ok(Progress::default()));
    assert!(!home.path().join("state").exists(), "nothing is written before it is needed");
    let run = ledger.begin(Timestamp::UNIX_EPOCH);
    run.keep_progress(&progress("2026-11-28")).unwrap();
    run.keep_progress(&progress("2026-11-29")).unwrap();
    assert_eq!(ledger.progress(), Ok(progress("2026-11-29")));
    let path = home.path().join("state/practice").join(PROGRESS);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside");
}

#[test]
fn progress_that_cannot_be_read_is_told_and_not_written_over() {
    let home = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(Some(home.path().to_owned())).unwrap().for_practice();
    let run = ledger.begin(Timestamp::UNIX_EPOCH);
    run.keep_progress(&Progress::default()).unwrap();
    let path = home.path().join("practice").join(PROGRESS);
    for (text, words) in [
        ("{\"format\": 2, \"exercises\": {}, \"more\": 1}", "format 2"),
        ("{\"format\": 1, \"exercises\"", "no progress of practice"),
        ("", "no progress of practice"),
    ] {
        fs::write(&path, text).unwrap();
        for fault in
            [ledger.progress().unwrap_err(), run.keep_progress(&progress("x")).unwrap_err()]
        {
            assert_eq!(fault.cause, Cause::File);
            assert!(fault.message.contains(words), "{fault}");
            assert_eq!(fault.evidence["path"], path.display().to_string());
            assert!(fault.what_to_do().contains("move the file away"), "{fault:?}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "it is as it was");
    }
    let aim = home.path().join("aim");
    fs::write(&aim, Progress::default().print()).unwrap();
    fs::remove_file(&path).unwrap();
    symlink(&aim, &path).unwrap();
    for fault in [ledger.progress().unwrap_err(), run.keep_progress(&progress("x")).unwrap_err()] {
        assert!(fault.message.contains("is a link"), "{fault}");
    }
    assert_eq!(fs::read_to_string(&aim).unwrap(), Progress::default().print());
}
