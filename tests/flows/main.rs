//! The wizard and its task runner over a world in memory, in virtual time: keys go in, the account changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what broke by breaking"
)]

mod world;

use std::sync::atomic::Ordering;
use std::time::Duration;

use okteto_ecr::app::input::{Code, Input, Key};
use okteto_ecr::app::message::{Effect, Exit, Message};
use okteto_ecr::app::overlay::Overlay;
use okteto_ecr::app::step::Step;
use okteto_ecr::app::wizard::{App, Setup};
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::moment::Moment;
use okteto_ecr::domain::plan::Stamp;
use okteto_ecr::engine::runner::{Event, Runner};
use okteto_ecr::ui::theme::Theme;
use okteto_ecr::ui::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;

use world::{Fake, draft, refused};

struct Desk {
    fake: Fake,
    app: App,
    runner: Runner,
    events: UnboundedReceiver<Event>,
    began: Instant,
    ended: Option<Exit>,
}

impl Desk {
    /// At the first step, with the answers of last time.
    fn new() -> Self {
        let fake = Fake::default();
        let (out, events) = unbounded_channel();
        let mut app = App::new(Setup {
            read_only: false,
            mask: false,
            practice: false,
            stamp: Stamp { run: "run-1".into(), version: "0.1.0".into() },
            run_folder: "runs/run-1".into(),
            last: Some(draft()),
        });
        let effects = app.begin();
        let runner = Runner::new(fake.world(), out);
        let mut desk = Self { fake, app, runner, events, began: Instant::now(), ended: None };
        desk.carry_out(effects);
        desk
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Start(id, job) => self.runner.start(id, job),
                Effect::Cancel(id) => self.runner.cancel(id),
                Effect::Quit(exit) => self.ended = Some(exit),
                Effect::Copy(_) | Effect::Print(_) | Effect::Suspend => {}
            }
        }
    }

    fn send(&mut self, message: Message) {
        let effects = self.app.update(message, Moment(self.began.elapsed()));
        self.carry_out(effects);
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
            tokio::select! {
                Some(event) = self.events.recv() => match event {
                    Event::Report(id, report) => self.send(Message::Task(id, report)),
                    Event::Panicked => panic!("a task broke"),
                },
                () = tokio::time::sleep(Duration::from_millis(250)) => self.send(Message::Tick),
            }
        }
    }

    fn screen(&self) -> String {
        let theme = Theme { colour: false, ascii: false, mask: false };
        let mut terminal = Terminal::new(TestBackend::new(100, 30)).unwrap();
        terminal.draw(|frame| view::draw(frame, &self.app, theme)).unwrap();
        terminal.backend().to_string()
    }

    fn writes(&self) -> usize {
        self.fake.0.writes.load(Ordering::SeqCst)
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

    /// The question of step 4, answered with yes.
    async fn apply(&mut self) {
        self.until("Enter apply").await;
        self.enter();
        assert!(matches!(self.app.overlay, Some(Overlay::Question(_))), "{}", self.screen());
        self.key(Key::plain(Code::Right));
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

    let state = desk.fake.0.state.lock().unwrap().clone();
    let mut again = Desk::new();
    *again.fake.0.state.lock().unwrap() = state;
    again.go_to_plan().await;
    again.until("5 present").await;
    again.enter();
    assert_eq!((again.app.step, again.writes()), (Step::Pull, 0), "{}", again.screen());
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_stops_there_and_reading_again_goes_on_with_the_rest() {
    let mut desk = Desk::new();
    let denied = Fault::new(Cause::PermissionDenied, "AWS does not let dana do iam:CreateRole");
    desk.fake.0.perform_refusals.lock().unwrap().extend([None, Some(denied)]);
    desk.go_to_plan().await;
    desk.apply().await;
    desk.until("Not all was made").await;
    assert!(desk.screen().contains("AWS does not let dana do iam:CreateRole"));
    assert_eq!((desk.writes(), desk.app.changes_made), (2, 1));
    desk.key(Key::plain(Code::Char('r')));
    desk.until("Enter apply 2 changes").await;
    desk.apply().await;
    desk.until("All is made").await;
    assert_eq!(desk.app.changes_made, 3);
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_the_call_under_way_end_and_sends_no_other() {
    let mut desk = Desk::new();
    *desk.fake.0.perform_takes.lock().unwrap() = Duration::from_secs(5);
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
    *desk.fake.0.other_account.lock().unwrap() = true;
    desk.apply().await;
    desk.until("999999999999").await;
    assert_eq!(desk.writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_new_role_is_waited_for_in_sight_and_then_the_pull_passes() {
    let mut desk = Desk::new();
    let refusals = vec![refused("AccessDenied"); 3];
    desk.fake.0.assume_refusals.lock().unwrap().extend(refusals);
    desk.go_to_pull().await;
    let screen = desk.until("Try 2").await;
    assert!(screen.contains("Normal for a role this new"), "{screen}");
    assert!(!screen.contains('✗'), "waiting is no error: {screen}");
    desk.until("digests match").await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_pass_is_named_at_once() {
    let mut desk = Desk::new();
    desk.fake.0.assume_refusals.lock().unwrap().extend(vec![refused("AccessDenied"); 99]);
    desk.go_to_plan().await;
    desk.apply().await;
    desk.until("All is made").await;
    desk.enter();
    desk.until("What to pull").await;
    // Someone changes the trust in the meantime.
    let edit = |trust: &str| trust.replace("okteto:okteto", "okteto:default");
    let mut state = desk.fake.0.state.lock().unwrap().clone();
    if let Some(role) = &mut state.role {
        role.trust = edit(&role.trust);
    }
    *desk.fake.0.state.lock().unwrap() = state;
    let began = Instant::now();
    desk.key(Key::plain(Code::Char('T')));
    let screen = desk.until("okteto:default").await;
    assert!(screen.contains("subject-mismatch"), "{screen}");
    assert!(began.elapsed() < Duration::from_secs(2), "it was waited for");
}
