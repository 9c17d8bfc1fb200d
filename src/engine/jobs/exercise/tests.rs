use std::fs;
use std::sync::Mutex;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use tokio::time::timeout;

use super::*;
use crate::app::task::{Job, Report, TaskId};
use crate::domain::exercise::file::parse;
use crate::domain::journal::Phase;
use crate::domain::sample;
use crate::domain::secret::WebToken;
use crate::domain::seen::SentCall;
use crate::engine::fake::{Fake, until_end};
use crate::engine::runner::{Event, Runner};
use crate::ledger::Ledger;
use crate::ports::Answer;

const RUN: &str = "20260102-030405-abcd-x1";

/// A room whose account says what a test makes it say.
struct Room {
    token: Option<WebToken>,
    standings: Mutex<Vec<Option<Standing>>>,
    changes: watch::Sender<u64>,
}

impl Room {
    fn new() -> Arc<Self> {
        let (changes, _) = watch::channel(1);
        Arc::new(Self { token: None, standings: Mutex::default(), changes })
    }

    fn says(&self, standings: Vec<Option<Standing>>) {
        *self.standings.lock().unwrap() = standings;
        self.changes.send_modify(|number| *number += 1);
    }
}

impl Classroom for Room {
    fn open<'a>(&'a self, _: &'a Arc<Exercise>) -> Answer<'a, Option<WebToken>> {
        async { Ok(self.token.clone()) }.boxed()
    }

    fn standings(&self) -> BoxFuture<'_, Vec<Option<Standing>>> {
        async { self.standings.lock().unwrap().clone() }.boxed()
    }

    fn changed(&self, seen: u64) -> BoxFuture<'_, u64> {
        let mut changes = self.changes.subscribe();
        async move { *changes.wait_for(|number| *number > seen).await.unwrap() }.boxed()
    }

    fn trail(&self) -> Vec<SentCall> {
        Vec::new()
    }

    fn said(&self, calls: &[PrintedCall]) -> Vec<Said> {
        calls.iter().map(|_| Said::Done(serde_json::Value::Null)).collect()
    }
}

/// An exercise whose second goal is a paper.
fn exercise(world: &str) -> Arc<Exercise> {
    let text = format!(
        r#"
format = 1
title = "t"
about = "a"
story = "s"
answers = """
mode = "oidc"
region = "us-east-2"
[oidc]
issuer = "{}"
audience = "{}"
subject = "{}"
role = "my-private-registry"
"""
hints = ["1", "2", "3"]
explanation = "e"
sources = ["s"]
[[goals]]
text = "gone"
check = "gone"
role = "old-ci"
[[goals]]
text = "accepted"
check = "accepted"
on = "role/old-ci"
rule = "role-unused"
[trainer]
fault = "f"
ask = "a"
[solution]
words = "w"
{world}
"#,
        sample::ISSUER,
        sample::AUDIENCE,
        sample::SUBJECT
    );
    Arc::new(parse("x", &text).unwrap())
}

struct Desk {
    runner: Runner,
    events: UnboundedReceiver<Event>,
    world: World,
    folder: tempfile::TempDir,
}

/// The fake account, that room, and a real state folder.
fn desk(fake: &Arc<Fake>, room: &Arc<Room>) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(Some(folder.path().join("state"))).unwrap().for_practice();
    let run = ledger.begin(Timestamp::UNIX_EPOCH);
    let world = World {
        ledger: Arc::new(run.clone()),
        archive: Arc::new(run),
        classroom: Some(Arc::clone(room) as Arc<dyn Classroom>),
        ..fake.world()
    };
    let (out, events) = unbounded_channel();
    Desk { runner: Runner::new(world.clone(), out), events, world, folder }
}

impl Desk {
    async fn open(&mut self, exercise: &Arc<Exercise>) -> Result<Draft, Fault> {
        self.runner.start(TaskId(1), Job::OpenExercise(RUN.to_owned(), Arc::clone(exercise)));
        let (_, end) = until_end(&mut self.events, TaskId(1)).await;
        let End::ExerciseOpened(result) = end else { panic!("{end:?}") };
        result.map(|draft| *draft)
    }

    /// The next telling of the goals.
    async fn told(&mut self) -> Vec<Option<Standing>> {
        match self.events.recv().await.unwrap() {
            Event::Report(_, Report::News(News::Goals(standings, _))) => standings,
            other => panic!("{other:?}"),
        }
    }

    async fn is_silent(&mut self) -> bool {
        timeout(Duration::from_secs(30), self.events.recv()).await.is_err()
    }
}

fn open_at(why: &str) -> Standing {
    Standing::Open(why.to_owned())
}

#[tokio::test]
async fn the_answers_of_the_file_are_in_the_fields_and_a_saved_token_in_a_file() {
    let fake = Arc::new(Fake::default());
    let room = Room::new();
    let saved = crate::engine::fake::token(600);
    let room = Arc::new(Room { token: Some(saved.clone()), ..Arc::into_inner(room).unwrap() });
    let mut desk = desk(&fake, &room);
    let draft = desk.open(&exercise("")).await.unwrap();
    let of = |field| draft.text(field);
    assert_eq!(of(Field::Audience), sample::AUDIENCE);
    let path = of(Field::TokenFile);
    assert!(path.contains(RUN) && path.ends_with("token.jwt"), "{path}");
    assert_eq!(fs::read_to_string(path).unwrap(), saved.expose());
    let nothing = fake.performed.lock().unwrap().is_empty();
    assert!(nothing, "without a colleague nothing is sent");
}

#[tokio::test]
async fn without_a_practice_account_there_are_no_exercises() {
    let fake = Arc::new(Fake::default());
    let (mut runner, mut events) = fake.runner();
    runner.start(TaskId(1), Job::OpenExercise(RUN.to_owned(), exercise("")));
    let (_, end) = until_end(&mut events, TaskId(1)).await;
    let End::ExerciseOpened(Err(fault)) = end else { panic!("{end:?}") };
    assert!(fault.what_to_do().contains("--practice"), "{fault}");
}

#[tokio::test]
async fn a_colleague_leaves_a_run_that_can_be_gone_on_with() {
    let fake = Arc::new(Fake::default());
    let mut desk = desk(&fake, &Room::new());
    desk.open(&exercise("[world]\nstopped_after = 2")).await.unwrap();
    assert_eq!(fake.performed.lock().unwrap().len(), 2);
    let of_process = desk.folder.path().join("state/practice").join(format!("{RUN}-colleague"));
    assert!(
        of_process.join("journal.jsonl").is_file() && of_process.join("answers.toml").is_file()
    );
    // The ledger of a process lists its own runs alone.
    let all = desk.world.ledger.runs().unwrap();
    assert!(all.is_empty(), "{all:?}");
    let text = fs::read(of_process.join("journal.jsonl")).unwrap();
    let past =
        crate::domain::journal::Past::of(&crate::domain::journal::Journal::read(&text).unwrap());
    assert_eq!(past.phase, Phase::Stopped);
    assert!(past.phase.is_open());
}

#[tokio::test]
async fn a_colleague_who_is_refused_is_told_as_a_fault() {
    let fake = Arc::new(Fake::default());
    fake.perform.grants(1);
    fake.perform.refuses(1, &crate::engine::fake::denied());
    let mut desk = desk(&fake, &Room::new());
    let fault = desk.open(&exercise("[world]\nstopped_after = 2")).await.unwrap_err();
    assert_eq!(fault.cause, crate::engine::fake::denied().cause);
}

#[tokio::test(start_paused = true)]
async fn goals_are_told_at_once_and_at_each_change_until_it_is_stopped() {
    let fake = Arc::new(Fake::default());
    let room = Room::new();
    room.says(vec![Some(open_at("old-ci is there")), None]);
    let mut desk = desk(&fake, &room);
    let accepted = desk.folder.path().join("accepted.toml");
    desk.runner.start(TaskId(2), Job::WatchGoals(exercise(""), accepted.clone()));
    let papers = Some(open_at("role-unused of role/old-ci is not accepted"));
    assert_eq!(desk.told().await, [Some(open_at("old-ci is there")), papers.clone()]);
    assert!(desk.is_silent().await, "nothing is told twice");
    room.says(vec![Some(open_at("old-ci is there")), None]);
    assert!(desk.is_silent().await, "a change that leaves the goals as they are is no news");
    room.says(vec![Some(Standing::Met), None]);
    assert_eq!(desk.told().await, [Some(Standing::Met), papers.clone()]);

    // What is accepted stands in a file, and nobody tells when that is written.
    fs::write(&accepted, "format = 1\n[[accepted]]\naccount = 3\n").unwrap();
    let told = desk.told().await;
    let Some(Standing::Open(why)) = &told[1] else { panic!("{told:?}") };
    assert!(why.contains("accepted.toml") && why.contains("line"), "{why}");
    fs::write(
        &accepted,
        "format = 1\n\n[[accepted]]\naccount = \"112233445566\"\non = \"role/old-ci\"\n\
         rule = \"role-unused\"\nfingerprint = \"0123456789abcdef\"\nwhat = \"w\"\nreason = \"r\"\n\
         until = 2030-01-01\nby = \"b\"\nat = 2026-01-01\n",
    )
    .unwrap();
    assert_eq!(desk.told().await, [Some(Standing::Met), Some(Standing::Met)]);

    desk.runner.cancel(TaskId(2));
    let (news, end) = until_end(&mut desk.events, TaskId(2)).await;
    assert!(news.is_empty() && matches!(end, End::Stopped), "{news:?} {end:?}");
    room.says(vec![None, None]);
    assert!(desk.is_silent().await, "it is over");
}

#[tokio::test]
async fn what_is_printed_is_answered_one_for_one() {
    let fake = Arc::new(Fake::default());
    let mut desk = desk(&fake, &Room::new());
    let call = PrintedCall { call: "iam:CreateRole".to_owned(), input: serde_json::Map::new() };
    desk.runner.start(TaskId(3), Job::AskPrinted(vec![call.clone(), call]));
    let (_, end) = until_end(&mut desk.events, TaskId(3)).await;
    assert!(matches!(end, End::Printed(said) if said.len() == 2));
}
