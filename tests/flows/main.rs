//! The wizard and its task runner over a world in memory, in virtual time: keys go in, the account changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what broke by breaking"
)]

mod account;
mod exercise;
mod hands;
mod mend;
mod refused;
mod roster;
mod rotation;
mod runs;
mod shelf;
mod user;
mod world;

use std::time::Duration;

use okteto_ecr::app::input::{Code, Input, Key};
use okteto_ecr::app::message::{Effect, Exit, Message};
use okteto_ecr::app::overlay::Overlay;
use okteto_ecr::app::step::Step;
use okteto_ecr::app::wizard::{App, Lessons, Setup};
use okteto_ecr::domain::draft::Draft;
use okteto_ecr::domain::moment::Moment;
use okteto_ecr::domain::plan::Stamp;
use okteto_ecr::engine::runner::{Event, Runner};
use okteto_ecr::practice::account::difficulty::{Kind, What};
use okteto_ecr::ui::theme::Theme;
use okteto_ecr::ui::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use secrecy::SecretString;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;

use world::{ISSUER, OPERATOR, Practice, deny, draft};

struct Desk {
    practice: Practice,
    app: App,
    runner: Runner,
    events: UnboundedReceiver<Event>,
    began: Instant,
    ended: Option<Exit>,
    /// What was sent to the terminal's clipboard as a secret.
    secrets: Vec<SecretString>,
    /// What was sent there, or printed, as a text that may be seen.
    texts: Vec<String>,
    /// Every picture and the state behind it, where they are kept to be searched.
    pictures: Option<Vec<String>>,
}

impl Desk {
    /// At the first step, with the answers of last time, in a world without difficulties.
    fn new() -> Self {
        Self::on(&Practice::new())
    }

    /// In a world.
    fn on(practice: &Practice) -> Self {
        Self::with(practice, draft())
    }

    /// In a world, with the answers of last time.
    fn with(practice: &Practice, last: Draft) -> Self {
        Self::run(practice, "run-1", last)
    }

    /// A start of the program with an id of its own.
    fn run(practice: &Practice, run: &str, last: Draft) -> Self {
        let (out, events) = unbounded_channel();
        let mut app = App::new(Setup {
            read_only: false,
            mask: false,
            practice: false,
            stamp: Stamp { run: run.into(), version: "0.1.0".into() },
            run_folder: format!("runs/{run}").into(),
            accepted: "okteto-ecr-accepted.toml".into(),
            begin_at: Step::Mode,
            last: Some(last),
            lessons: Lessons::default(),
        });
        let effects = app.begin();
        let runner = Runner::new(practice.world(), out);
        let practice = practice.clone();
        let mut desk = Self {
            practice,
            app,
            runner,
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

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Start(id, job) => self.runner.start(id, job),
                Effect::Cancel(id) => self.runner.cancel(id),
                Effect::Quit(exit) => self.ended = Some(exit),
                Effect::CopySecret(secret) => self.secrets.push(secret),
                Effect::Copy(text) | Effect::Print(text) => self.texts.push(text),
                Effect::Suspend => {}
            }
        }
    }

    fn send(&mut self, message: Message) {
        let effects = self.app.update(message, Moment(self.began.elapsed()));
        self.carry_out(effects);
        if self.pictures.is_some() {
            let picture = format!("{}\n{:?}", self.screen(), self.app);
            self.pictures.iter_mut().for_each(|all| all.push(picture.clone()));
        }
    }

    fn key(&mut self, key: Key) {
        self.send(Message::Input(Input::Key(key)));
    }

    fn enter(&mut self) {
        self.key(Key::plain(Code::Enter));
    }

    /// Lets tasks work until the screen shows a text.
    async fn until(&mut self, text: &str) -> String {
        let limit = Instant::now() + Duration::from_mins(10);
        loop {
            let screen = self.screen();
            if screen.contains(text) {
                return screen;
            }
            assert!(Instant::now() < limit, "{text:?} did not come:\n{screen}");
            self.step().await;
        }
    }

    /// The next thing that happens, or a moment in which nothing does.
    async fn step(&mut self) {
        tokio::select! {
            Some(event) = self.events.recv() => match event {
                Event::Report(id, report) => self.send(Message::Task(id, report)),
                Event::Panicked => panic!("a task broke"),
            },
            () = tokio::time::sleep(Duration::from_millis(250)) => self.send(Message::Tick),
        }
    }

    fn screen(&self) -> String {
        let theme = Theme { colour: false, ascii: false, mask: false };
        let mut terminal = Terminal::new(TestBackend::new(100, 30)).unwrap();
        terminal.draw(|frame| view::draw(frame, &self.app, theme)).unwrap();
        terminal.backend().to_string()
    }

    fn writes(&self) -> usize {
        self.practice.writes()
    }

    /// To step 4 with its plan.
    async fn go_to_plan(&mut self) {
        self.until("112233445566").await;
        self.enter();
        self.until("5 of 5 ready").await;
        self.enter();
        assert_eq!(self.app.step, Step::Access, "{}", self.screen());
        self.enter();
        self.until("Plan").await;
    }

    /// The question of step 4, answered with yes; the name it asks for is typed.
    async fn apply(&mut self) {
        self.until("Enter apply").await;
        self.enter();
        self.say_yes();
    }

    /// The question that stands there, likewise.
    fn say_yes(&mut self) {
        let Some(Overlay::Question(question)) = &self.app.overlay else {
            panic!("no question:\n{}", self.screen())
        };
        let name = question.names.first().map(|name| name.wanted.clone());
        self.key(Key::plain(Code::Right));
        if let Some(name) = name {
            self.key(Key::plain(Code::Tab));
            self.send(Message::Input(Input::Paste(name)));
            self.key(Key::plain(Code::BackTab));
        }
        self.enter();
    }

    /// Applied, and the pull test of step 5 begun.
    async fn go_to_pull(&mut self) {
        self.go_to_plan().await;
        self.apply().await;
        self.until("All is made").await;
        self.enter();
        self.until("What to pull").await;
        self.key(Key::plain(Code::Char('T')));
    }
}

#[tokio::test(start_paused = true)]
async fn from_the_first_screen_to_a_green_pull_and_a_second_run_that_changes_nothing() {
    let mut desk = Desk::new();
    desk.go_to_pull().await;
    desk.until("digests match").await;
    assert_eq!(desk.writes(), 3);
    desk.enter();
    desk.until("Give these four values to Okteto").await;
    desk.enter();
    assert_eq!(desk.ended, Some(Exit::Finished));

    let mut again = Desk::on(&desk.practice);
    again.go_to_plan().await;
    again.until("5 present").await;
    again.enter();
    assert_eq!((again.app.step, again.writes()), (Step::Pull, 3), "{}", again.screen());
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_stops_there_and_reading_again_goes_on_with_the_rest() {
    let practice = Practice::of(|scene| scene.users[0].inline.push(deny("iam:CreateRole")));
    let mut desk = Desk::on(&practice);
    desk.go_to_plan().await;
    desk.apply().await;
    desk.until("Not all was made").await;
    let screen = desk.screen();
    assert!(screen.contains("iam:CreateRole"), "{screen}");
    assert_eq!((desk.writes(), desk.app.changes_made), (2, 1));
    let mended = json!({"UserName": OPERATOR, "PolicyName": "not-this"});
    practice.colleague("DeleteUserPolicy", mended).await;
    desk.key(Key::plain(Code::Char('r')));
    desk.until("Enter apply 2 changes").await;
    desk.apply().await;
    desk.until("All is made").await;
    assert_eq!(desk.app.changes_made, 3);
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_the_call_under_way_end_and_sends_no_other() {
    let mut desk = Desk::new();
    desk.practice.trouble("iam:Create*", 0, None, What::Slow(Duration::from_secs(5)));
    desk.go_to_plan().await;
    desk.apply().await;
    desk.until("sent, waiting").await;
    desk.key(Key::ctrl('c'));
    desk.until("1 change made").await;
    assert_eq!(desk.writes(), 1);
    assert_eq!(desk.ended, None);
}

#[tokio::test(start_paused = true)]
async fn another_account_behind_the_login_is_noticed_before_the_first_write() {
    let mut desk = Desk::new();
    desk.go_to_plan().await;
    desk.until("Enter apply").await;
    desk.practice.log_in_elsewhere("999999999999");
    desk.apply().await;
    desk.until("999999999999").await;
    assert_eq!(desk.writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_new_role_is_waited_for_in_sight_and_then_the_pull_passes() {
    let mut desk = Desk::on(&Practice::spreading(7, &[(Kind::Role, 6, 9)]));
    desk.go_to_pull().await;
    let screen = desk.until("Try 2").await;
    assert!(screen.contains("Normal for a change this new"), "{screen}");
    assert!(!screen.contains('✗'), "waiting is no error: {screen}");
    desk.until("digests match").await;
}

/// Each kind of change may be the late one, and all of them at once: the wizard waits in sight, then passes.
#[tokio::test(start_paused = true)]
async fn whatever_spreads_late_is_waited_for() {
    // A new role's trust policy comes with the role; `Trust` is for those that are changed.
    let kinds = [Kind::Provider, Kind::Role, Kind::Permissions];
    let mut spreads: Vec<Vec<(Kind, u64, u64)>> = kinds.map(|kind| vec![(kind, 5, 20)]).to_vec();
    spreads.push(kinds.map(|kind| (kind, 1, 30)).to_vec());
    for (seed, spread) in (1..).zip(spreads) {
        let mut desk = Desk::on(&Practice::spreading(seed, &spread));
        desk.go_to_pull().await;
        let began = Instant::now();
        desk.until("Try 2").await;
        let screen = desk.until("digests match").await;
        assert!(!screen.contains('✗'), "{spread:?}: {screen}");
        assert!(began.elapsed() > Duration::from_secs(1), "{spread:?} was not waited for");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_lost_reply_made_is_looked_up_and_the_rest_is_done() {
    let mut desk = Desk::new();
    desk.practice.trouble("iam:CreateRole", 0, Some(1), What::Lose);
    desk.go_to_plan().await;
    desk.apply().await;
    desk.until("All is made").await;
    assert_eq!(desk.writes(), 3, "the role was made by the call whose reply was lost");
    assert_eq!(desk.app.changes_made, 3);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_ends_in_mid_run_is_waited_for_and_the_same_call_goes_on() {
    let mut desk = Desk::new();
    desk.go_to_plan().await;
    desk.practice.trouble("iam:AttachRolePolicy", 0, Some(1), What::Expire);
    // Before the first call, and before each of the three: then it takes its time.
    desk.practice.trouble("sts:GetCallerIdentity", 4, Some(5), What::Expire);
    desk.apply().await;
    let began = Instant::now();
    desk.until("All is made").await;
    assert!(began.elapsed() >= Duration::from_secs(15), "{:?}", began.elapsed());
    assert_eq!(desk.writes(), 4, "only the call that was refused is sent again");
    assert_eq!(desk.app.changes_made, 3);
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_that_cannot_be_looked_for_is_told_and_found_by_reading_again() {
    let mut desk = Desk::new();
    desk.go_to_plan().await;
    desk.until("Enter apply").await;
    desk.practice.trouble("iam:CreateRole", 0, Some(1), What::Lose);
    let practice = desk.practice.clone();
    let (name, policy) = deny("iam:GetRole");
    let forbid = json!({"UserName": OPERATOR, "PolicyName": name, "PolicyDocument": policy});
    // The account is looked at once more before the first call: only while that is under way is reading forbidden.
    let slow = What::Slow(Duration::from_secs(5));
    desk.practice.trouble("iam:CreateOpenIDConnectProvider", 0, Some(1), slow);
    desk.apply().await;
    desk.until("Waiting for AWS").await;
    practice.colleague("PutUserPolicy", forbid).await;
    desk.until("no answer, looking").await;
    desk.until("No answer came: it may be there or not").await;
    assert_eq!((desk.writes(), desk.app.changes_made), (2, 1));
    practice.colleague("DeleteUserPolicy", json!({"UserName": OPERATOR, "PolicyName": name})).await;
    desk.key(Key::plain(Code::Char('r')));
    desk.until("Enter apply 1 change").await;
    assert_eq!(desk.app.changes_made, 2);
    desk.apply().await;
    desk.until("All is made").await;
    assert_eq!(desk.writes(), 3, "the role was made by the call whose reply was lost");
}

/// The provider is there for somebody else's audience: ours is added, theirs stays.
#[tokio::test(start_paused = true)]
async fn an_audience_is_added_to_a_provider_that_is_there() {
    let practice = Practice::spreading(3, &[(Kind::Provider, 4, 9)]);
    let other = json!({"Url": ISSUER, "ClientIDList": ["sts.amazonaws.com"]});
    let made = practice.colleague("CreateOpenIDConnectProvider", other).await;
    let mut desk = Desk::on(&practice);
    desk.go_to_pull().await;
    desk.until("digests match").await;
    assert_eq!(desk.writes(), 3);
    let one = json!({"OpenIDConnectProviderArn": made["OpenIDConnectProviderArn"]});
    let provider = practice.colleague("GetOpenIDConnectProvider", one).await;
    let both = json!(["sts.amazonaws.com", "okteto.example.com/us-east-2"]);
    assert_eq!(provider["ClientIDList"], both);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_pass_is_named_at_once() {
    let mut desk = Desk::new();
    desk.go_to_plan().await;
    desk.apply().await;
    desk.until("All is made").await;
    desk.enter();
    desk.until("What to pull").await;
    // Someone changes the trust in the meantime.
    let practice = desk.practice.clone();
    let role = json!({"RoleName": "my-private-registry"});
    let role = practice.colleague("GetRole", role).await;
    let trust = role["Role"]["AssumeRolePolicyDocument"].as_str().unwrap();
    // Percent-encoded: a colon is %3A.
    let trust = trust.replace("okteto%3Aokteto", "okteto%3Adefault");
    let trust = percent_encoding::percent_decode_str(&trust).decode_utf8().unwrap();
    let edit = json!({"RoleName": "my-private-registry", "PolicyDocument": trust});
    practice.colleague("UpdateAssumeRolePolicy", edit).await;
    let began = Instant::now();
    desk.key(Key::plain(Code::Char('T')));
    let screen = desk.until("okteto:default").await;
    assert!(screen.contains("subject-mismatch"), "{screen}");
    assert!(began.elapsed() < Duration::from_secs(2), "it was waited for");
}
