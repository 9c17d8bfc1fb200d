use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::time::Duration;

use super::*;
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
