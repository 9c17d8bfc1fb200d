//! Exercises over the practice account: a run that a colleague left half-done, and the runs of an exercise that was left.

use std::sync::Arc;

use okteto_ecr::app::input::{Code, Key};
use okteto_ecr::app::message::Message;
use okteto_ecr::app::step::Step;
use okteto_ecr::app::wizard::{App, Lessons, Setup};
use okteto_ecr::domain::draft::Field;
use okteto_ecr::domain::exercise::Exercise;
use okteto_ecr::domain::exercise::file::parse;
use okteto_ecr::domain::exercise::goal::Standing;
use okteto_ecr::domain::inventory::RUN_TAG;
use okteto_ecr::domain::journal::Phase;
use okteto_ecr::domain::plan::Stamp;
use okteto_ecr::engine::runner::Runner;
use okteto_ecr::ports::{Ledger, World};
use okteto_ecr::practice::account::input::Input;
use okteto_ecr::practice::account::{Principal, Service};
use okteto_ecr::practice::classroom::Room;
use okteto_ecr::practice::front::Reply;
use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::Instant;

use crate::Desk;
use crate::world::{OPERATOR, Practice};

const RUN: &str = "20261129-100512-x7k2";
const FILE: &str = include_str!("../../assets/practice/first-set-up.toml");

/// The tutorial's answers, left by a colleague after two of the three calls.
fn half_done() -> Arc<Exercise> {
    let answers = "audience = \"okteto.example.com/us-east-2\"\nrole = \"my-private-registry\"\n\
                   subject = \"system:serviceaccount:okteto:okteto\"\n";
    let text = FILE
        .replace("myCluster\"\n\"\"\"", &format!("myCluster\"\n{answers}\"\"\""))
        .replace("[trainer]", "[world]\nstopped_after = 2\n\n[trainer]");
    let exercise = parse("half-done", &text).unwrap();
    assert_eq!(exercise.world.stopped_after, Some(2));
    assert!(exercise.answers.text(Field::Audience).contains("us-east-2"));
    Arc::new(exercise)
}

/// In practice, that exercise opened at the start.
fn desk(practice: &Practice) -> Desk {
    let (out, events) = unbounded_channel();
    let mut app = App::new(Setup {
        read_only: false,
        mask: false,
        practice: true,
        stamp: Stamp { run: RUN.into(), version: "0.1.0".into() },
        run_folder: format!("runs/{RUN}").into(),
        accepted: "okteto-ecr-accepted.toml".into(),
        begin_at: Step::Practice,
        last: None,
        lessons: Lessons {
            exercises: vec![half_done(), Arc::new(parse("other", FILE).unwrap())],
            begin: Some(0),
            ..Lessons::default()
        },
    });
    let effects = app.begin();
    let room = Room::new(practice.front(), practice.secrets.clone());
    let world = World { classroom: Some(Arc::new(room)), ..practice.world() };
    let mut desk = Desk {
        practice: practice.clone(),
        app,
        runner: Runner::new(world, out),
        events,
        began: Instant::now(),
        ended: None,
        secrets: Vec::new(),
        texts: Vec::new(),
        pictures: None,
    };
    desk.carry_out(effects);
    desk
}

fn letter(c: char) -> Key {
    Key::plain(Code::Char(c))
}

fn listed(desk: &Desk) -> Vec<String> {
    desk.app.runs.all().iter().map(|one| one.run.clone()).collect()
}

impl Desk {
    /// Lets tasks work until it is so.
    async fn until_so(&mut self, is_so: impl Fn(&App) -> bool) {
        for _ in 0..2000 {
            if is_so(&self.app) {
                return;
            }
            self.step().await;
        }
        panic!("it did not come to that:\n{}", self.screen());
    }
}

#[tokio::test(start_paused = true)]
async fn a_colleagues_run_is_gone_on_with_as_the_same_run_and_is_nobodys_in_the_next_exercise() {
    let practice = Practice::new();
    let mut desk = desk(&practice);
    let colleague = format!("{RUN}-x1-colleague");
    desk.until_so(|app| !app.runs.all().is_empty()).await;
    assert_eq!(listed(&desk), [colleague.clone()]);
    assert_eq!(desk.writes(), 2);
    let left = &desk.app.runs.all()[0];
    let past = left.past.as_ref().unwrap();
    assert!(past.phase == Phase::Stopped && past.phase.is_open() && left.answers.is_some());

    // Step 1 offers it.
    desk.key(Key::plain(Code::Esc));
    desk.key(Key::plain(Code::Esc));
    let screen = desk.until("You stopped here before").await;
    assert!(screen.contains("2 of 3 calls done"), "{screen}");
    desk.key(letter('c'));
    desk.until("-x1-colleague").await;
    desk.enter();
    desk.until("Enter apply 1 change").await;
    desk.apply().await;
    desk.until("All is made").await;
    assert_eq!(desk.writes(), 3, "what was made is not made again");
    let input = Input::from_json(json!({"RoleName": "my-private-registry"}));
    let who = Some(Principal::User(OPERATOR.to_owned()));
    let reply = practice.front().call(Service::Iam, "GetRole", "us-east-1", who, input).await;
    let Reply::Answer(Ok(role)) = reply else { panic!("{reply:?}") };
    let tags = role["Role"]["Tags"].as_array().unwrap();
    assert!(tags.contains(&json!({"Key": RUN_TAG, "Value": colleague})), "{tags:?}");
    let runs = practice.runs().unwrap();
    let phases: Vec<_> = runs.iter().map(|one| one.past.as_ref().unwrap().phase).collect();
    assert_eq!(phases, [Phase::Done], "one run, and it is over");
    desk.until_so(|app| {
        let open = app.practice.open.as_ref().unwrap();
        open.standings().first() == Some(&Standing::Met) && open.trail.len() == 1
    })
    .await;

    // In the next exercise that run is of an account that is no more.
    okteto_ecr::app::steps::practice::open::begin(&mut desk.app, 1);
    desk.send(Message::Tick);
    desk.until_so(|app| !app.practice.open.as_ref().unwrap().is_coming && app.runs.list.is_some())
        .await;
    assert_eq!(desk.app.practice.open.as_ref().unwrap().run, format!("{RUN}-x2"));
    assert!(listed(&desk).is_empty(), "{:?}", listed(&desk));
    assert_eq!(practice.runs().unwrap().len(), 1, "its journal is kept nevertheless");

    // And the one that is opened as the third leaves a run of its own.
    okteto_ecr::app::steps::practice::open::begin(&mut desk.app, 0);
    desk.send(Message::Tick);
    desk.until_so(|app| !app.runs.all().is_empty()).await;
    assert_eq!(listed(&desk), [format!("{RUN}-x3-colleague")]);
}
