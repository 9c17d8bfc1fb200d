use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::time::Duration;

use super::*;
use crate::domain::journal::{Format, Journal, Outcome, Past, Purpose, Record, Session};
use crate::domain::seen::CallRecord;
use crate::ports::Ledger as _;

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o777
}

#[test]
fn a_run_is_private_and_the_last_answers_are_found() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("state");
    let ledger = Ledger::open(Some(root.clone())).unwrap();
    assert!(ledger.latest_answers().is_none());
    let early = ledger.begin("2026-11-23T20:45:12Z".parse().unwrap());
    let late = ledger.begin("2026-11-23T20:45:13Z".parse().unwrap());
    assert!(early.id().starts_with("20261123-204512-"), "{}", early.id());
    assert_eq!(early.id().len(), "20261123-204512-x7k2".len());
    assert!(early.id() < late.id());
    assert!(!root.exists(), "nothing is written before it is needed");

    let draft = Draft { account: Some("112233445566".to_owned()), ..Draft::default() };
    let path = early.save_answers(early.id(), &Draft::default()).unwrap();
    late.save_answers(late.id(), &draft).unwrap();
    late.save_answers(late.id(), &draft).unwrap();
    assert_eq!(mode(&path), 0o600);
    for folder in [&root, &root.join("runs"), &early.folder()] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
    assert_eq!(fs::read_dir(late.folder()).unwrap().count(), 1, "nothing is left beside");
    let (run, found) = ledger.latest_answers().unwrap();
    assert_eq!((run.as_str(), found.account), (late.id(), draft.account));
}

#[test]
fn a_folder_that_others_use_keeps_its_mode() {
    let home = tempfile::tempdir().unwrap();
    let open = |name: &str| {
        let root = home.path().join(name);
        fs::create_dir(&root).unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        root
    };
    let (shared, empty) = (open("shared"), open("empty"));
    fs::write(shared.join("theirs"), "").unwrap();
    for (root, wanted) in [(shared, 0o755), (empty, 0o700)] {
        let run = Ledger::open(Some(root.clone())).unwrap().begin(Timestamp::UNIX_EPOCH);
        run.save_answers(run.id(), &Draft::default()).unwrap();
        assert_eq!((mode(&root), mode(&root.join("runs"))), (wanted, 0o700));
    }
}

#[test]
fn links_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let elsewhere = home.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let root = home.path().join("state");
    symlink(&elsewhere, &root).unwrap();
    let run = Ledger::open(Some(root.clone())).unwrap().begin(Timestamp::UNIX_EPOCH);
    assert_eq!(run.save_answers(run.id(), &Draft::default()).unwrap_err().cause, Cause::File);
    assert_eq!(run.open_log().err().unwrap().cause, Cause::File);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);

    fs::remove_file(&root).unwrap();
    let run = Ledger::open(Some(root)).unwrap().begin(Timestamp::UNIX_EPOCH);
    let folder = run.make().unwrap();
    symlink(elsewhere.join("x"), folder.join(ANSWERS)).unwrap();
    symlink(elsewhere.join("y"), folder.join("log")).unwrap();
    assert_eq!(run.save_answers(run.id(), &Draft::default()).unwrap_err().cause, Cause::File);
    assert_eq!(run.open_log().err().unwrap().cause, Cause::File);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[test]
fn the_last_change_of_an_account_is_seen_by_later_runs() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("state");
    let open = || Ledger::open(Some(root.clone())).unwrap();
    let [ours, theirs] = ["112233445566", "998877665544"].map(|n| AccountId::parse(n).unwrap());
    let early = open().begin("2026-11-23T20:45:12Z".parse().unwrap());
    assert_eq!(early.last_change(&ours), None);
    assert!(!root.exists(), "reading makes nothing");
    early.note_change(&ours, 1000).unwrap();
    early.note_change(&ours, 1060).unwrap();
    let late = open().begin("2026-11-23T20:46:12Z".parse().unwrap());
    assert_eq!((late.last_change(&ours), late.last_change(&theirs)), (Some(1060), None));
    let practice = open().for_practice().begin(Timestamp::UNIX_EPOCH);
    assert_eq!(practice.last_change(&ours), None, "practice has its own");
    assert!(open().latest_answers().is_none(), "it is taken for no run");

    let path = root.join("runs/changed-112233445566");
    assert_eq!(mode(&path), 0o600);
    fs::write(&path, "soon").unwrap();
    assert_eq!(late.last_change(&ours), None, "what cannot be read is as good as none");
    fs::remove_file(&path).unwrap();
    symlink(home.path().join("elsewhere"), &path).unwrap();
    fs::write(home.path().join("elsewhere"), "1060").unwrap();
    assert_eq!(late.last_change(&ours), None);
    assert_eq!(late.note_change(&ours, 1).unwrap_err().cause, Cause::File);
    assert_eq!(fs::read_to_string(home.path().join("elsewhere")).unwrap(), "1060");
}

#[test]
fn the_log_holds_calls_and_no_secret() {
    let home = tempfile::tempdir().unwrap();
    let run = Ledger::open(Some(home.path().join("state"))).unwrap().begin(Timestamp::UNIX_EPOCH);
    let log = run.open_log().unwrap();
    let path = log.path().to_owned();
    {
        let _here = log.listen_here();
        note(&CallRecord {
            at: "2026-11-23T20:45:12Z".to_owned(),
            call: "CreateRole".to_owned(),
            status: Some(200),
            took: Duration::from_millis(412),
            request_id: Some("r-1".to_owned()),
        });
        tracing::info!(target: "aws_smithy_runtime", "body with planted-secret");
        tracing::debug!("{:?}", crate::domain::secret::WebToken::new("planted-secret"));
        tracing::info!("{:?}", crate::domain::secret::WebToken::new("planted-secret"));
    }
    drop(log);
    assert_eq!(mode(&path), 0o600);
    let text = fs::read_to_string(path).unwrap();
    let wanted = "call CreateRole, begun 2026-11-23T20:45:12Z: 200 after 412 ms, request r-1";
    assert!(text.contains(wanted), "{text}");
    assert!(!text.contains("planted-secret"), "{text}");
}

fn header(run: &Run) -> Header {
    Header {
        format: Format::OURS,
        program: "0.1.0".to_owned(),
        run: run.id().to_owned(),
        account: "112233445566".to_owned(),
        partition: "aws".to_owned(),
        region: "us-east-2".to_owned(),
        caller: "arn:aws:iam::112233445566:user/dana".to_owned(),
        mode: "oidc".to_owned(),
        about: "role größer".to_owned(),
        registry: "112233445566.dkr.ecr.us-east-2.amazonaws.com".to_owned(),
        began: "2026-11-23T20:45:12Z".to_owned(),
    }
}

fn session(call: &str) -> Record {
    Record::Session(Session {
        at: "2026-11-23T20:45:12Z".to_owned(),
        program: "0.1.0".to_owned(),
        caller: "arn:aws:iam::112233445566:user/dana".to_owned(),
        purpose: Purpose::Apply,
        calls: vec![call.to_owned()],
    })
}

fn closed() -> Record {
    Record::Closed { at: "2026-11-23T20:45:15Z".to_owned(), outcome: Outcome::Done }
}

/// A run in a state folder of its own, with a journal of these lines.
fn written(lines: &[Record]) -> (tempfile::TempDir, Run, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let run = Ledger::open(Some(home.path().join("state"))).unwrap().begin(Timestamp::UNIX_EPOCH);
    let mut journal = run.open_journal(&header(&run)).unwrap();
    for line in lines {
        journal.write(line).unwrap();
    }
    let path = run.folder().join(JOURNAL);
    (home, run, path)
}

#[test]
fn what_a_dead_process_left_of_a_line_is_cut_off_before_another_goes_on() {
    let (_home, run, path) = written(&[session("one"), session("größer")]);
    let bytes = fs::read(&path).unwrap();
    let ends: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'\n').collect();
    // Within the first line, and at each byte of the last one, also where only its end is lacking.
    let cuts = [0, 1, ends[0] / 2, ends[0]].into_iter().chain(ends[1] + 1..=bytes.len());
    for cut in cuts {
        fs::write(&path, &bytes[..cut]).unwrap();
        let mut journal = run.open_journal(&header(&run)).unwrap();
        let is_begun = cut > ends[0];
        assert_eq!(journal.past().is_some(), is_begun, "{cut}");
        assert_eq!(fs::read(&path).unwrap(), &bytes[..cut], "opening alone changes nothing");
        journal.write(&session("next")).unwrap();
        journal.write(&closed()).unwrap();
        drop(journal);
        let mut wanted = match cut {
            _ if !is_begun => Vec::new(),
            cut if cut == bytes.len() => vec![session("one"), session("größer")],
            _ => vec![session("one")],
        };
        wanted.extend([session("next"), closed()]);
        let read = Journal::read(fs::read(&path).unwrap()).unwrap();
        assert_eq!(read, Journal { header: header(&run), lines: wanted, torn: false }, "{cut}");
        let kept = if is_begun { ends.iter().filter(|end| **end < cut).count() } else { 1 };
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert_eq!(lines, kept + 2, "{cut}: nothing else stands in it");
    }
    // Of a disk that was full at the very first line.
    fs::write(&path, "\n").unwrap();
    run.open_journal(&header(&run)).unwrap().write(&session("next")).unwrap();
    assert_eq!(Journal::read(fs::read(&path).unwrap()).unwrap().lines, [session("next")]);
}

#[test]
fn a_journal_that_a_newer_program_went_on_with_is_read_and_not_written() {
    let (_home, run, path) = written(&[session("one")]);
    let text = fs::read_to_string(&path).unwrap();
    let newer = serde_json::to_string(&session("two"))
        .unwrap()
        .replace("\"minor\":0", "\"minor\":1")
        .replace("0.1.0", "0.7.3");
    let text = format!("{text}{newer}\n");
    fs::write(&path, &text).unwrap();
    let fault = run.open_journal(&header(&run)).err().unwrap();
    assert_eq!(fault.cause, Cause::File);
    assert!(fault.what_to_do().contains("use okteto-ecr 0.7.3"), "{fault}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let past = run.runs().unwrap().remove(0).past.unwrap();
    assert_eq!(past, Past::of(&Journal::read(&text).unwrap()));
}

#[test]
fn a_journal_in_the_folder_of_another_run_is_refused() {
    let (_home, run, path) = written(&[session("one"), closed()]);
    let text = fs::read_to_string(&path).unwrap();
    let copy = run.folder().with_extension("bak");
    fs::create_dir(&copy).unwrap();
    let led_out = run.folder().with_file_name("led-out");
    fs::create_dir(&led_out).unwrap();
    fs::write(copy.join(JOURNAL), &text).unwrap();
    fs::write(led_out.join(JOURNAL), text.replace(run.id(), "../../elsewhere")).unwrap();
    let runs = run.runs().unwrap();
    assert_eq!(runs.len(), 3);
    for recorded in runs {
        let name = recorded.run;
        match recorded.past {
            Ok(past) => assert_eq!((&past.header.run, name.as_str()), (&name, run.id())),
            Err(fault) => {
                assert_ne!(name, run.id());
                assert_eq!((fault.cause, &fault.evidence["run"]), (Cause::File, &name), "{fault}");
            }
        }
    }
    // Nor is it gone on with.
    let other = Header { run: "led-out".to_owned(), ..header(&run) };
    assert_eq!(run.open_journal(&other).err().unwrap().cause, Cause::File);
}

#[test]
fn who_changes_something_is_named_where_that_is_known() {
    let (home, run, _) = written(&[session("a name that is longer than what comes after it")]);
    let lock = home.path().join("state/runs/lock");
    fs::write(&lock, "4711 what-an-earlier-process-with-a-long-name-left\nand more\n").unwrap();
    let held = run.open_journal(&header(&run)).unwrap();
    let word = format!("{} {}\n", std::process::id(), run.id());
    assert_eq!(fs::read_to_string(&lock).unwrap(), word);
    let refused = || run.open_journal(&header(&run)).err().unwrap();
    let fault = refused();
    assert_eq!((fault.cause, &fault.evidence["run"]), (Cause::InUse, &run.id().to_owned()));
    assert_eq!(fault.evidence["process"], std::process::id().to_string());
    assert_eq!(run.runs().unwrap()[0].process, Some(std::process::id()));
    // The disk was full, or the word is not yet there, or only a part of it.
    for word in ["", "471", "4711 2026"] {
        fs::write(&lock, word).unwrap();
        let fault = refused();
        assert_eq!((fault.cause, fault.evidence.len()), (Cause::InUse, 0), "{fault}");
        assert!(fault.to_string().contains("another process is changing something"), "{fault}");
    }
    drop(held);
    assert!(run.open_journal(&header(&run)).is_ok());
}

#[test]
fn what_an_exercise_had_in_its_fields_is_not_the_answers_of_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(Some(home.path().to_owned())).unwrap().for_practice();
    let run = ledger.begin(Timestamp::UNIX_EPOCH);
    for of_exercise in ["-x1", "-x1-colleague", "-x12"] {
        let name = format!("{}{of_exercise}", run.id());
        run.save_answers(&name, &Draft::default()).unwrap();
    }
    assert!(ledger.latest_answers().is_none());
    // The letters of a run may begin with an x.
    run.save_answers("19700101-000000-x7k2", &Draft::default()).unwrap();
    assert_eq!(ledger.latest_answers().unwrap().0, "19700101-000000-x7k2");
}
