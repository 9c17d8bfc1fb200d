//! `undo`, `runs` and going on with a run: the real ledger, and an account that does what a test tells it to.

use tempfile::TempDir;

use super::*;
use crate::domain::inventory::Inventory;
use crate::domain::journal::{Format, Header};
use crate::ports::Ledger as _;

/// One state folder over several starts of the program.
struct Bench {
    fake: Arc<Fake>,
    home: TempDir,
    answers: String,
}

fn lost() -> Fault {
    Fault::new(Cause::Unreachable, "lost").with("outcome", "unknown")
}

fn refused() -> Fault {
    Fault::new(Cause::PermissionDenied, "no")
}

fn for_user(secret_to: &str) -> String {
    format!(
        "format = 1\nmode = \"iam-user\"\nregion = \"us-east-2\"\naccount = \"112233445566\"\n\n\
         [iam_user]\nuser = \"private-registry-user\"\nsecret_to = \"{secret_to}\"\n\n\
         [cluster]\nnamespace = \"okteto\"\n"
    )
}

impl Bench {
    fn of(answers: String) -> Self {
        Self { fake: Arc::default(), home: tempfile::tempdir().unwrap(), answers }
    }

    fn new() -> Self {
        Self::of(answers())
    }

    fn ledger(&self) -> Ledger {
        Ledger::open(Some(self.home.path().join("state"))).unwrap()
    }

    async fn heard(&self, line: &str, bell: After) -> Ran {
        let path = self.home.path().join("answers.toml");
        std::fs::write(&path, &self.answers).unwrap();
        let line = line.replace("ANSWERS", &format!("--answers {}", path.display()));
        let cli = Cli::try_parse_from(format!("okteto-ecr {line}").split(' ')).unwrap();
        let ledger = self.ledger();
        let run = ledger.begin(crate::clock::now());
        let world = World { ledger: Arc::new(run.clone()), ..self.fake.world() };
        let (result, talk) = (Paper::default(), Paper::default());
        let out = Out::to(Box::new(result.clone()), Box::new(talk.clone()));
        let read_only = cli.global.read_only;
        let setting = Setting { world, ledger, run, read_only, out, reveal: None };
        let code = crate::headless::run(cli.command.unwrap(), setting, bell).await;
        let ran = Ran { code, result: result.text(), talk: talk.text() };
        assert!(!ran.result.contains(SECRET) && !ran.talk.contains(SECRET));
        ran
    }

    async fn ran(&self, line: &str) -> Ran {
        self.heard(line, After(None, Signal::Interrupt)).await
    }

    /// Applies, and tags what was made as AWS would have it. The run.
    async fn applied(&self) -> String {
        let value = self.ran("apply ANSWERS --yes --format json").await.json();
        let run = value["run"].as_str().unwrap().to_owned();
        self.tag(&run);
        run
    }

    fn tag(&self, run: &str) {
        let mut account = self.fake.account.lock().unwrap();
        let account = &mut *account;
        let provider = account.provider.iter_mut().map(|one| &mut one.tags);
        let role = account.role.iter_mut().map(|one| &mut one.tags);
        let user = account.user.iter_mut().map(|one| &mut one.tags);
        for tags in provider.chain(role).chain(user) {
            tags.insert("okteto-ecr:run".to_owned(), run.to_owned());
        }
    }

    fn begun(&self) -> usize {
        begun(&self.fake)
    }

    async fn listed(&self) -> Vec<Value> {
        let runs = self.ran("runs --format json").await;
        assert_eq!(runs.code, 0);
        runs.json()["runs"].as_array().unwrap().clone()
    }

    fn journal(&self, run: &str) -> std::path::PathBuf {
        self.home.path().join("state/runs").join(run).join("journal.jsonl")
    }
}

fn cause(ran: &Ran) -> String {
    ran.json()["fault"]["cause"].as_str().unwrap_or_default().to_owned()
}

fn outcomes(value: &Value) -> Vec<&str> {
    let steps = value["steps"].as_array().unwrap();
    steps.iter().map(|step| step["outcome"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn undo_shows_the_calls_and_takes_back_with_yes() {
    let bench = Bench::new();
    let none = bench.ran("undo --yes --format json").await;
    assert_eq!((none.code, cause(&none)), (1, "file".to_owned()));
    let run = bench.applied().await;
    let sent = bench.begun();

    let shown = bench.ran("undo --format json").await;
    let value = shown.json();
    assert_eq!((shown.code, cause(&shown)), (1, "confirmation-needed".to_owned()));
    assert_eq!((&value["run"], &value["outcome"]), (&json!(run), &json!("blocked")));
    assert_eq!(outcomes(&value), ["skipped"; 3]);
    let calls: Vec<&str> = value["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["call"].as_str().unwrap())
        .collect();
    assert_eq!(
        calls,
        ["iam:DetachRolePolicy", "iam:DeleteRole", "iam:DeleteOpenIDConnectProvider"]
    );
    assert_eq!(value["steps"][1]["standing"], "needed");
    assert_eq!(value["steps"][1]["request"]["RoleName"], "my-private-registry");
    let text = bench.ran("undo").await;
    assert!(text.result.contains("3 calls, the newest first"), "{}", text.result);
    assert!(text.result.contains(&format!("okteto-ecr undo {run} --yes")), "{}", text.result);
    let no = bench.ran("undo --yes --read-only --format json").await;
    assert_eq!((no.code, cause(&no)), (2, "permission-denied".to_owned()));
    assert_eq!(bench.ran("undo --read-only").await.code, 1);
    assert_eq!(bench.begun(), sent);

    let done = bench.ran(&format!("undo {run} --yes --format json")).await;
    assert_eq!((done.code, outcomes(&done.json())), (0, vec!["done"; 3]), "{}", done.result);
    assert!(done.talk.contains("iam:DeleteRole ..."), "{}", done.talk);
    assert!(bench.fake.account.lock().unwrap().role.is_none());
    for line in ["undo --yes", "undo"] {
        let again = bench.ran(line).await;
        assert_eq!(again.code, 0);
        assert!(again.result.contains("taken back already"), "{}", again.result);
    }
    let again = bench.ran("undo --yes --format json").await.json();
    assert_eq!((&again["run"], &again["outcome"]), (&json!(run), &json!("done")));
    assert_eq!(bench.begun(), sent + 3);
    assert_eq!(bench.listed().await[0]["outcome"], "undone");
    let unknown = bench.ran("undo nope --yes --format json").await;
    assert_eq!((unknown.code, cause(&unknown)), (1, "file".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn what_was_altered_blocks_until_it_is_decided_by_name() {
    let bench = Bench::new();
    let run = bench.applied().await;
    let sent = bench.begun();
    // What carries another run's tag is not as this run left it.
    bench.tag("r");
    let line = format!("undo {run} --yes --format json");
    let blocked = bench.ran(&line).await;
    let value = blocked.json();
    assert_eq!((blocked.code, cause(&blocked)), (1, "conflict".to_owned()));
    assert_eq!(value["outcome"], "blocked");
    let remedy = value["fault"]["remedy"].as_str().unwrap();
    for name in ["my-private-registry", sample::ISSUER] {
        for option in ["--confirm", "--keep"] {
            assert!(remedy.contains(&format!("{option} {name} ")), "{remedy}");
        }
    }
    let half = bench.ran(&format!("{line} --keep my-private-registry")).await;
    assert_eq!((half.code, cause(&half)), (1, "conflict".to_owned()));
    assert!(!half.json()["fault"]["remedy"].as_str().unwrap().contains("my-private-registry"));
    let text = bench.ran("undo").await;
    assert!(text.result.contains("decide: --confirm my-private-registry"), "{}", text.result);
    assert_eq!(bench.begun(), sent);

    let keep = format!("{line} --keep my-private-registry --keep {}", sample::ISSUER);
    let kept = bench.ran(&keep).await;
    assert_eq!((kept.code, bench.begun()), (0, sent), "{}", kept.result);
    assert_eq!(bench.listed().await[0]["outcome"], "undone");
    let take = format!("{line} --confirm my-private-registry --confirm {}", sample::ISSUER);
    let taken = bench.ran(&take).await;
    assert_eq!((taken.code, bench.begun()), (0, sent + 3), "{}{}", taken.result, taken.talk);
    assert!(bench.fake.account.lock().unwrap().provider.is_none());
}

#[tokio::test(start_paused = true)]
async fn without_a_name_it_is_the_last_run_and_never_an_older_one() {
    let bench = Bench::new();
    let first = bench.applied().await;
    *bench.fake.account.lock().unwrap() = Inventory::default();
    let second = bench.applied().await;
    let ids = |listed: &[Value]| -> Vec<String> {
        listed.iter().map(|run| run["run"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&bench.listed().await), [first.clone(), second.clone()]);
    let undone = bench.ran("undo --yes --format json").await;
    assert_eq!((undone.code, &undone.json()["run"]), (0, &json!(second)));
    let sent = bench.begun();
    let again = bench.ran("undo --yes --format json").await;
    assert_eq!((again.code, &again.json()["run"]), (0, &json!(second)));
    assert_eq!(bench.begun(), sent);

    let newer = "29991231-235959-aaaa";
    let path = bench.journal(newer);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "{\"format\":{\"major\":9,\"minor\":0},\"program\":\"9.1.0\"}\n")
        .unwrap();
    let unread = bench.ran("undo --yes --format json").await;
    assert_eq!((unread.code, cause(&unread)), (1, "file".to_owned()));
    assert!(unread.talk.contains("okteto-ecr 9.1.0"), "{}", unread.talk);
    let listed = bench.listed().await;
    assert_eq!(ids(&listed), [first.as_str(), second.as_str(), newer]);
    assert_eq!(
        (&listed[2]["outcome"], &listed[2]["open"], &listed[2]["fault"]["cause"]),
        (&json!("unreadable"), &json!(false), &json!("file"))
    );
    assert!(bench.ran("runs").await.result.contains("okteto-ecr 9.1.0"));
    assert_eq!(bench.begun(), sent);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_does_not_stop_the_rest_and_what_is_left_can_be_taken_back_later() {
    let bench = Bench::new();
    let run = bench.applied().await;
    // The policy goes, the role does not, the provider only loses nothing: the role that stays trusts it.
    bench.fake.perform.grants(1);
    bench.fake.perform.refuses(1, &refused());
    let failed = bench.ran("undo --yes --format json").await;
    let value = failed.json();
    assert_eq!((failed.code, &value["outcome"]), (4, &json!("failed")), "{}", failed.result);
    assert_eq!(outcomes(&value)[..2], ["done", "failed"]);
    assert_eq!(value["steps"][1]["fault"]["cause"], "permission-denied");
    let listed = bench.listed().await;
    assert_eq!(
        (&listed[0]["outcome"], &listed[0]["open"]),
        (&json!("partly-undone"), &json!(true))
    );
    let text = bench.ran("runs").await.result;
    assert!(text.contains("taking it back: 2 of 3 calls done"), "{text}");
    let rest = bench.ran("undo --yes --format json").await;
    assert_eq!((rest.code, &rest.json()["run"]), (0, &json!(run)), "{}", rest.result);
    assert_eq!(outcomes(&rest.json()).iter().filter(|word| **word == "done").count(), 1);
    assert!(bench.fake.account.lock().unwrap().role.is_none());

    let bench = Bench::new();
    bench.applied().await;
    bench.fake.perform.refuses(3, &refused());
    let failed = bench.ran("undo --yes").await;
    assert_eq!(failed.code, 1);
    assert!(failed.result.contains("nothing was changed"), "{}", failed.result);
    bench.fake.perform.takes(Duration::from_secs(20));
    let bell = After(Some(Duration::from_secs(5)), Signal::Terminate);
    let stopped = bench.heard("undo --yes --format json", bell).await;
    assert_eq!((stopped.code, &stopped.json()["outcome"]), (4, &json!("stopped")));
}

#[tokio::test(start_paused = true)]
async fn apply_goes_on_with_the_run_that_stopped() {
    let bench = Bench::new();
    bench.fake.perform.grants(1);
    bench.fake.perform.refuses(1, &refused());
    let failed = bench.ran("apply ANSWERS --yes --format json").await;
    let run = failed.json()["run"].clone();
    let name = run.as_str().unwrap();
    assert_eq!(failed.code, 4);
    let text = bench.ran("runs").await.result;
    assert!(text.contains("1 of 3 calls done"), "{text}");
    assert!(text.contains("answers.toml --yes continues it"), "{text}");
    assert!(text.contains(&format!("undo {name} takes it back")), "{text}");

    let planned = bench.ran("plan ANSWERS --format json").await;
    let value = planned.json();
    assert_eq!(value["continues"], run);
    assert!(planned.talk.contains(&format!("continuing run {name}, which failed at ")));
    assert!(planned.talk.contains(": 1 of 3 calls done"), "{}", planned.talk);
    let steps = value["steps"].as_array().unwrap();
    let role = steps.iter().find(|step| step["call"] == "iam:CreateRole").unwrap();
    let tags = role["request"]["Tags"].to_string();
    assert!(tags.contains(name), "{tags}");

    let other = bench.ran("apply ANSWERS --yes --new-run --plan-hash x --format json").await;
    assert_ne!(other.json()["run"], run);
    assert!(!other.talk.contains("continuing"), "{}", other.talk);

    // Nobody goes on with a run that somebody is at work on.
    let header = Header {
        format: Format::OURS,
        program: "0".to_owned(),
        run: name.to_owned(),
        account: "112233445566".to_owned(),
        partition: "aws".to_owned(),
        region: String::new(),
        caller: String::new(),
        mode: String::new(),
        about: String::new(),
        registry: String::new(),
        began: String::new(),
    };
    let sent = bench.begun();
    let worker = bench.ledger().begin(crate::clock::now());
    let held = worker.open_journal(&header).unwrap();
    for line in ["apply ANSWERS --yes --format json", "undo --yes --format json"] {
        bench.tag(name);
        let second = bench.ran(line).await;
        assert_eq!((second.code, cause(&second)), (1, "in-use".to_owned()), "{}", second.talk);
        assert_eq!(second.json()["outcome"], "blocked");
    }
    let listed = bench.listed().await;
    assert_eq!(listed[0]["outcome"], "running");
    assert_eq!(listed[0]["process"], json!(std::process::id()));
    assert_eq!(bench.begun(), sent);
    drop(held);

    let done = bench.ran("apply ANSWERS --yes --format json").await;
    assert_eq!((done.code, &done.json()["run"]), (0, &run), "{}", done.talk);
    let listed = bench.listed().await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!((&listed[0]["outcome"], &listed[0]["open"]), (&json!("done"), &json!(false)));
    assert!(!bench.ran("plan ANSWERS").await.talk.contains("continuing"));

    // Another role is another run.
    bench.fake.perform.refuses(1, &refused());
    *bench.fake.account.lock().unwrap() = Inventory::default();
    let open = bench.ran("apply ANSWERS --yes --format json").await.json()["run"].clone();
    let mut other = Bench { answers: bench.answers.replace("my-private", "your-private"), ..bench };
    assert!(!other.ran("plan ANSWERS").await.talk.contains("continuing"));
    other.answers = answers();
    let back = other.ran("plan ANSWERS").await;
    assert!(back.talk.contains(&format!("continuing run {}", open.as_str().unwrap())));
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_secret_nobody_has_is_deleted_within_the_run_before_it_goes_on() {
    let bench = Bench::of(for_user("kubernetes"));
    bench.fake.answered.grants(2);
    bench.fake.answered.refuses(1, &lost());
    let failed = bench.ran("apply ANSWERS --yes --format json").await;
    assert_eq!(failed.code, 4, "{}{}", failed.result, failed.talk);
    let run = failed.json()["run"].clone();
    let key = bench.fake.account.lock().unwrap().user.as_ref().unwrap().keys[0].id.clone();
    for line in ["apply ANSWERS --yes --format json", "plan ANSWERS --rotate --format json"] {
        let no = bench.ran(line).await;
        assert_eq!((no.code, cause(&no)), (1, "conflict".to_owned()), "{}", no.talk);
        assert!(no.talk.contains(&format!("{key} of private-registry-user was perhaps made")));
        assert!(no.talk.contains(&format!("--delete-key {key} --confirm {key}")), "{}", no.talk);
    }
    let line = format!("apply ANSWERS --yes --delete-key {key} --confirm {key} --format json");
    let deleted = bench.ran(&line).await;
    assert_eq!((deleted.code, &deleted.json()["run"]), (0, &run), "{}", deleted.talk);
    let done = bench.ran("apply ANSWERS --yes --format json").await;
    assert_eq!((done.code, &done.json()["run"]), (0, &run), "{}{}", done.result, done.talk);
    assert!(done.talk.contains("whose user has no access key"), "{}", done.talk);
    assert_eq!(bench.fake.delivered.lock().unwrap().len(), 1);
    assert_eq!(bench.listed().await.len(), 1);
    assert!(!bench.ran("plan ANSWERS").await.talk.contains("continuing"));
}

#[tokio::test(start_paused = true)]
async fn a_key_file_that_holds_the_key_counts_as_delivered() {
    let bench = Bench::of(for_user("file:key.env"));
    let done = bench.ran("apply ANSWERS --yes --format json").await;
    assert_eq!(done.code, 0, "{}{}", done.result, done.talk);
    let run = done.json()["run"].clone();
    // As if the program had been killed right after it wrote the file.
    let path = bench.journal(run.as_str().unwrap());
    let text = std::fs::read_to_string(&path).unwrap();
    let delivers = |line: &&str| line.contains("\"began\"") && line.contains("\"deliver\"");
    let upto = text.lines().position(|line| delivers(&line)).unwrap();
    let kept: Vec<&str> = text.lines().take(upto + 1).collect();
    std::fs::write(&path, format!("{}\n", kept.join("\n"))).unwrap();
    let listed = bench.listed().await;
    assert_eq!(listed[0]["outcome"], "interrupted");
    assert!(listed[0].get("ended").is_none(), "{listed:?}");

    let file = bench.home.path().join("key.env");
    let key = bench.fake.account.lock().unwrap().user.as_ref().unwrap().keys[0].id.to_string();
    // The real ledger wrote it; it holds the made-up secret, which no result may show.
    assert!(std::fs::read_to_string(&file).unwrap().contains(&key));
    let again = bench.ran("apply ANSWERS --yes --format json").await;
    assert_eq!((again.code, &again.json()["run"]), (0, &run), "{}{}", again.result, again.talk);
    assert_eq!(again.json()["handoff"]["access_key_id"], json!(key));
    std::fs::remove_file(&file).unwrap();
    let no = bench.ran("apply ANSWERS --yes --format json").await;
    assert_eq!((no.code, cause(&no)), (1, "conflict".to_owned()), "{}", no.talk);
    assert!(no.talk.contains(&format!("{key} of private-registry-user was made when")));
}

#[tokio::test(start_paused = true)]
async fn waits_are_told_once_with_what_helps() {
    let bench = Bench::new();
    // Who reads, who begins, and the first call; then the login ends.
    bench.fake.whoami.grants(3);
    let remedy = "aws sso login --profile x";
    let expired = Fault::new(Cause::CredentialsExpired, "the login has ended").remedy(remedy);
    bench.fake.whoami.refuses(3, &expired);
    bench.fake.perform.grants(1);
    bench.fake.perform.refuses(2, &Fault::new(Cause::Throttled, "Rate exceeded"));
    bench.fake.answered.grants(2);
    bench.fake.answered.refuses(1, &lost());
    let ran = bench.ran("apply ANSWERS --yes").await;
    assert_eq!(ran.code, 0, "{}{}", ran.result, ran.talk);
    let talk = &ran.talk;
    assert_eq!(talk.matches("waiting for a login: the login has ended").count(), 1, "{talk}");
    assert!(talk.contains(&format!("what helps: {remedy}\nIt goes on by itself")), "{talk}");
    assert!(talk.contains("within 15 minutes. Ctrl-C stops."), "{talk}");
    assert!(talk.contains("going on: iam:CreateRole ..."), "{talk}");
    let busy = "AWS is busy (Rate exceeded): waiting, then the call is sent again ...";
    assert_eq!(talk.matches(busy).count(), 2, "{talk}");
    assert!(talk.contains("no answer to iam:AttachRolePolicy came: looking up"), "{talk}");

    bench.tag(bench.listed().await[0]["run"].as_str().unwrap());
    bench.fake.perform.refuses(1, &Fault::new(Cause::Throttled, "Rate exceeded"));
    let undone = bench.ran("undo --yes").await;
    assert_eq!(undone.code, 0, "{}", undone.result);
    assert!(undone.talk.contains(busy), "{}", undone.talk);
}
