//! The wizard's state machine, by its keys: what a user would notice, without a terminal and without AWS.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test says what broke by breaking"
)]

use std::time::Duration;

use okteto_ecr::app::input::{Code, Input, Key};
use okteto_ecr::app::message::{Effect, Exit, Message};
use okteto_ecr::app::overlay::{Matter, Overlay};
use okteto_ecr::app::slot::Slot;
use okteto_ecr::app::step::Step;
use okteto_ecr::app::task::{End, Job, Report, TaskId};
use okteto_ecr::app::wizard::{App, Lessons, Setup};
use okteto_ecr::domain::draft::Field;
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::intent::Caller;
use okteto_ecr::domain::moment::Moment;
use okteto_ecr::domain::partition::{AccountId, Partition, Region};
use okteto_ecr::domain::plan::Stamp;
use okteto_ecr::domain::seen::{CallRecord, Discovery, LoginSource};
use okteto_ecr::ui::theme::Theme;
use okteto_ecr::ui::view;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const ISSUER: &str = "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";

struct Desk {
    app: App,
    now: Duration,
    effects: Vec<Effect>,
}

impl Desk {
    fn new() -> Self {
        let stamp = Stamp { run: "run-1".into(), version: "0.1.0".into() };
        let setup = Setup {
            read_only: false,
            mask: false,
            practice: false,
            stamp,
            run_folder: "runs/run-1".into(),
            accepted: "okteto-ecr-accepted.toml".into(),
            begin_at: Step::Mode,
            last: None,
            lessons: Lessons::default(),
        };
        let mut app = App::new(setup);
        let effects = app.begin();
        Self { app, now: Duration::ZERO, effects }
    }

    fn send(&mut self, message: Message) {
        self.now += Duration::from_millis(1);
        let effects = self.app.update(message, Moment(self.now));
        self.effects.extend(effects);
    }

    fn rest(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
        self.send(Message::Tick);
    }

    /// Keys by their names, or text between quotes.
    fn keys(&mut self, keys: &str) {
        for word in keys.split(' ') {
            if let Some(text) = word.strip_prefix('\'') {
                for c in text.chars() {
                    self.key(Key::plain(Code::Char(c)));
                }
                continue;
            }
            let key = match word {
                "Enter" => Key::plain(Code::Enter),
                "Esc" => Key::plain(Code::Esc),
                "Tab" => Key::plain(Code::Tab),
                "BackTab" => Key::plain(Code::BackTab),
                "Down" => Key::plain(Code::Down),
                "Up" => Key::plain(Code::Up),
                "Right" => Key::plain(Code::Right),
                "F1" => Key::plain(Code::F(1)),
                "Ctrl-C" => Key::ctrl('c'),
                "Ctrl-U" => Key::ctrl('u'),
                "Ctrl-W" => Key::ctrl('w'),
                "Ctrl-A" => Key::ctrl('a'),
                "Ctrl-K" => Key::ctrl('k'),
                "Ctrl-_" => Key::ctrl('7'),
                one => Key::plain(Code::Char(one.chars().next().unwrap())),
            };
            self.key(key);
        }
    }

    fn key(&mut self, key: Key) {
        self.send(Message::Input(Input::Key(key)));
    }

    fn paste(&mut self, text: &str) {
        self.send(Message::Input(Input::Paste(text.to_owned())));
    }

    fn end(&mut self, slot: Slot, end: End) {
        let id = self.app.slots.running(slot).expect("a task runs").id;
        self.send(Message::Task(id, Report::End(end)));
    }

    fn at_home(&mut self) {
        let source = LoginSource {
            profile: Some(("ops-dev".into(), "AWS_PROFILE")),
            region: Some((Region::parse("us-east-2").unwrap(), "the profile")),
            ..LoginSource::default()
        };
        self.end(Slot::Locate, End::Located(source, None));
        self.end(Slot::Runs, End::Runs(Ok(Vec::new())));
        self.end(Slot::Whoami, End::Caller(Ok(caller("arn:aws:iam::112233445566:user/dana"))));
    }

    fn fill_identity(&mut self) {
        self.at_home();
        self.keys("Enter");
        self.paste(ISSUER);
        self.keys("Tab 'okteto.example.com/us-east-2");
        assert_eq!(self.app.step, Step::Identity);
    }

    fn text(&self, field: Field) -> &str {
        self.app.draft.text(field)
    }

    fn started(&self, wanted: impl Fn(&Job) -> bool) -> usize {
        self.effects.iter().filter(|e| matches!(e, Effect::Start(_, job) if wanted(job))).count()
    }

    fn quits(&self) -> Option<Exit> {
        self.effects.iter().find_map(|e| match e {
            Effect::Quit(exit) => Some(*exit),
            _ => None,
        })
    }

    fn screen(&self, width: u16, height: u16) -> String {
        let theme = Theme { colour: true, ascii: false, mask: false };
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view::draw(frame, &self.app, theme)).unwrap();
        terminal.backend().to_string()
    }
}

fn caller(arn: &str) -> Caller {
    Caller {
        account: AccountId::parse("112233445566").unwrap(),
        arn: arn.to_owned(),
        partition: Partition::Aws,
    }
}

#[test]
fn the_first_frame_is_there_before_anyone_answers() {
    let desk = Desk::new();
    assert!(desk.screen(80, 24).contains("How should the cluster prove who it is?"));
    assert_eq!(desk.effects.len(), 3, "all looks are started in the background");
}

#[test]
fn escape_never_quits_and_never_drops_an_answer() {
    let mut desk = Desk::new();
    desk.fill_identity();
    for _ in 0..20 {
        desk.keys("Esc");
    }
    assert_eq!(desk.app.step, Step::Mode);
    assert!(desk.app.status().contains("q quits"), "{}", desk.app.status());
    assert_eq!(desk.quits(), None);
    assert_eq!(desk.text(Field::Audience), "okteto.example.com/us-east-2");
    desk.keys("Enter");
    assert_eq!(desk.text(Field::Issuer), ISSUER);
}

#[test]
fn every_printable_key_types_in_every_field() {
    let all: String = (' '..='~').collect();
    for steps in 0..5 {
        let mut desk = Desk::new();
        desk.keys("Enter");
        for _ in 0..steps {
            desk.keys("Tab");
        }
        desk.keys("Ctrl-U");
        for c in ' '..='~' {
            desk.key(Key::plain(Code::Char(c)));
        }
        let field = desk.app.identity.form.focused().unwrap();
        assert_eq!(field.text(), all, "{:?}", field.field);
        assert_eq!(desk.app.step, Step::Identity);
        assert!(desk.app.overlay.is_none());
    }
}

#[test]
fn readline_keys_edit_and_undo_brings_back() {
    let mut desk = Desk::new();
    desk.keys("Enter Tab 'one-two Ctrl-W");
    assert_eq!(desk.app.identity.form.focused().unwrap().text(), "one-");
    desk.keys("Ctrl-A 'x Ctrl-K");
    assert_eq!(desk.app.identity.form.focused().unwrap().text(), "x");
    for _ in 0..30 {
        desk.keys("Ctrl-_");
    }
    assert_eq!(desk.app.identity.form.focused().unwrap().text(), "");
}

#[test]
fn tab_goes_round_all_fields_and_wraps() {
    let mut desk = Desk::new();
    desk.keys("Enter");
    let first = desk.app.identity.form.focus;
    let mut seen = vec![];
    for _ in 0..5 {
        seen.push(desk.app.identity.form.focus);
        desk.keys("Tab");
    }
    seen.sort_unstable();
    assert_eq!(seen, [0, 1, 2, 3, 4]);
    assert_eq!(desk.app.identity.form.focus, first);
    desk.keys("BackTab");
    assert_eq!(desk.app.identity.form.focus, 4);
}

#[test]
fn an_error_waits_for_rest_and_goes_with_the_key_that_mends_it() {
    let mut desk = Desk::new();
    desk.keys("Enter 'h");
    assert!(!desk.screen(80, 24).contains("✗ "), "no red at the first letter");
    desk.rest(700);
    let screen = desk.screen(80, 24);
    assert!(screen.contains("✗ "), "{screen}");
    assert!(screen.contains("for example"), "{screen}");
    assert!(
        screen.contains("https://container.googleapis.com/v1/projects/p/locations/l/clusters/c ")
    );
    assert!(screen.contains("F1 help"), "the keys stay");
    desk.keys("Ctrl-U");
    desk.paste(ISSUER);
    assert!(!desk.screen(80, 24).contains("✗ "));
}

#[test]
fn going_back_is_never_blocked_by_an_error() {
    let mut desk = Desk::new();
    desk.keys("Enter 'nonsense BackTab");
    assert_eq!(desk.app.identity.form.focus, 4);
    desk.keys("Esc");
    assert_eq!(desk.app.step, Step::Mode);
    assert_eq!(desk.text(Field::Issuer), "nonsense");
}

#[test]
fn a_shell_line_is_understood_and_what_was_taken_off_is_said() {
    let mut desk = Desk::new();
    desk.keys("Enter");
    desk.paste(&format!("export OIDC_ENDPOINT={ISSUER}\n"));
    assert_eq!(desk.text(Field::Issuer), ISSUER);
    assert!(!desk.app.identity.form.focused().unwrap().notes.is_empty());
    assert_eq!(desk.app.step, Step::Identity, "a paste never submits");
    desk.paste("one\ntwo\n");
    assert_eq!(desk.text(Field::Issuer), ISSUER, "several lines change nothing");
    let screen = desk.screen(80, 24);
    assert!(screen.contains("not taken: "), "{screen}");
}

#[test]
fn what_was_typed_is_not_overwritten_by_what_is_found_later() {
    let mut desk = Desk::new();
    desk.keys("Enter");
    desk.keys("BackTab 'eu-west-1");
    desk.at_home();
    assert_eq!(desk.text(Field::Registry), "eu-west-1");
    let mut other = Desk::new();
    other.at_home();
    assert_eq!(other.text(Field::Registry), "us-east-2");
}

#[test]
fn the_issuer_is_fetched_once_the_hands_rest_and_late_answers_change_nothing() {
    let mut desk = Desk::new();
    desk.keys("Enter 'https://a.example");
    let asked = |j: &Job| matches!(j, Job::Discover(_));
    assert_eq!(desk.started(asked), 0);
    desk.rest(700);
    assert_eq!(desk.started(asked), 1);
    let old = desk.app.slots.running(Slot::Discover).unwrap().id;
    desk.keys("'/x");
    desk.rest(700);
    assert_eq!(desk.started(asked), 2);
    assert!(desk.effects.iter().any(|e| matches!(e, Effect::Cancel(id) if *id == old)));
    let mismatch = Fault::new(Cause::IssuerMismatch, "names itself differently");
    desk.send(Message::Task(old, Report::End(End::Discovered(Err(mismatch)))));
    assert!(desk.app.identity.discovered().is_none(), "late verdict on old text");
    let document = Discovery {
        issuer: "https://a.example/x".into(),
        jwks_uri: "https://a.example/keys".into(),
        took: Duration::from_millis(90),
    };
    desk.end(Slot::Discover, End::Discovered(Ok((document, 2))));
    assert!(desk.screen(100, 30).contains("issuer matches, 2 keys"));
}

#[test]
fn an_issuer_that_names_itself_differently_blocks_and_an_unreachable_one_does_not() {
    for (cause, blocks) in [(Cause::IssuerMismatch, true), (Cause::IssuerUnreachable, false)] {
        let mut desk = Desk::new();
        desk.fill_identity();
        desk.rest(700);
        desk.end(Slot::Discover, End::Discovered(Err(Fault::new(cause, "as it is"))));
        desk.keys("Enter");
        let wanted = if blocks { Step::Identity } else { Step::Access };
        assert_eq!(desk.app.step, wanted, "{cause:?}");
    }
}

#[test]
fn a_missing_login_is_waited_for_and_the_wizard_goes_on() {
    let mut desk = Desk::new();
    let fault = Fault::new(Cause::CredentialsExpired, "the login has expired")
        .remedy("Run aws sso login --profile ops-dev in another window.");
    desk.end(Slot::Whoami, End::Caller(Err(fault)));
    assert_eq!(desk.started(|j| matches!(j, Job::Whoami { until_renewed: true })), 1);
    let screen = desk.screen(80, 24);
    assert!(screen.contains("aws sso login"), "{screen}");
    assert!(screen.contains("no login"), "{screen}");
    desk.end(Slot::Whoami, End::Caller(Ok(caller("arn:aws:iam::112233445566:user/dana"))));
    assert!(desk.screen(80, 24).contains("112233445566"));
}

#[test]
fn root_must_be_answered() {
    let mut desk = Desk::new();
    desk.end(Slot::Whoami, End::Caller(Ok(caller("arn:aws:iam::112233445566:root"))));
    let Some(Overlay::Question(question)) = &desk.app.overlay else { panic!("no question") };
    assert_eq!((question.matter, question.chosen), (Matter::Root, 0));
    desk.keys("Enter");
    assert!(!desk.app.who.root_accepted, "Enter at once takes the safe choice");
    assert!(desk.app.who.must_ask_root());
}

#[test]
fn iam_user_leads_to_its_own_fields() {
    let mut desk = Desk::new();
    desk.keys("Down Enter");
    assert_eq!(desk.app.step, Step::Identity);
    let screen = desk.screen(80, 24);
    assert!(screen.contains("User name") && !screen.contains("Issuer"), "{screen}");
    assert!(screen.contains("never expires"), "{screen}");
}

#[test]
fn leaving_asks_and_leaving_without_the_work_done_is_not_zero() {
    let mut desk = Desk::new();
    desk.keys("q Enter");
    assert_eq!(desk.quits(), None, "the focus is on Stay");
    desk.keys("q Right Enter");
    assert_eq!(desk.quits(), Some(Exit::Left));
    assert_eq!(Exit::Left.code(), 1);
    let mut desk = Desk::new();
    desk.keys("Ctrl-C Ctrl-C");
    assert_eq!(desk.quits(), Some(Exit::Interrupted));
}

#[test]
fn a_masked_account_is_not_told_by_its_pieces() {
    let mut desk = Desk::new();
    desk.fill_identity();
    let theme = Theme { colour: false, ascii: false, mask: true };
    for width in 60..120 {
        let mut terminal = Terminal::new(TestBackend::new(width, 24)).unwrap();
        terminal.draw(|frame| view::draw(frame, &desk.app, theme)).unwrap();
        let picture = terminal.backend().to_string();
        assert!(!picture.contains("1122") && !picture.contains("5566"), "{picture}");
    }
}

#[test]
fn a_ctrl_c_of_long_ago_is_not_the_first_of_two() {
    let mut desk = Desk::new();
    desk.app.start(Slot::Probe, Job::Locate);
    desk.keys("Ctrl-C");
    assert!(desk.screen(80, 24).contains("Stopping the pull test"));
    desk.end(Slot::Probe, End::Stopped);
    assert!(desk.screen(80, 24).contains("Stopped. Ctrl-C again leaves at once."));
    desk.rest(7_000);
    desk.keys("Ctrl-C");
    assert_eq!(desk.quits(), None);
    assert!(desk.app.overlay.is_some(), "the question is asked");
}

#[test]
fn help_lists_the_keys_and_closes() {
    for keys in ["F1 Esc", "F1 q", "F1 ?"] {
        let mut desk = Desk::new();
        desk.keys("Enter F1");
        assert!(desk.screen(80, 24).contains("Esc close"));
        desk.keys(keys.split(' ').nth(1).unwrap());
        assert!(desk.app.overlay.is_none(), "{keys}");
        assert_eq!(desk.app.step, Step::Identity);
    }
}

#[test]
fn help_tells_all_of_the_focused_field() {
    let mut desk = Desk::new();
    desk.at_home();
    desk.keys("Enter F1");
    let picture = desk.screen(80, 24);
    assert!(picture.contains("In Okteto: Admin, Integrations, General"), "{picture}");
    desk.keys("Esc 'nonsense F1");
    let picture = desk.screen(60, 15);
    assert!(picture.contains("Why") && picture.contains("Example"), "{picture}");
}

#[test]
fn help_covers_a_question_and_gives_it_back() {
    let mut desk = Desk::new();
    desk.keys("q Tab");
    for keys in ["F1", "?"] {
        desk.keys(keys);
        let picture = desk.screen(80, 24);
        assert!(picture.contains("Help") && picture.contains("Enter      press"), "{picture}");
        desk.keys("Esc");
        match &desk.app.overlay {
            Some(Overlay::Question(q)) => assert_eq!((q.matter, q.chosen), (Matter::Leave, 1)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(desk.quits(), None);
}

#[test]
fn a_text_over_the_screen_is_searched() {
    for (keys, word) in [("F1", "MATCH"), ("i", "ONE")] {
        let mut desk = Desk::new();
        desk.keys(keys);
        assert!(desk.screen(80, 24).contains("/ search"));
        desk.keys(&format!("/ '{word}"));
        let picture = desk.screen(80, 24);
        assert!(picture.contains(&format!("/ {word}   1 of 2")), "{picture}");
        desk.keys("Enter n");
        let picture = desk.screen(60, 15);
        assert!(picture.contains(&format!("/ {word}   2 of 2")), "{picture}");
        assert!(picture.contains("Esc clear"), "{picture}");
        desk.keys("/ 'q?");
        assert!(desk.screen(80, 24).contains(&format!("/ {word}q?   no match")));
        desk.keys("Esc");
        assert!(desk.app.overlay.is_some());
        assert!(!desk.screen(80, 24).contains(&format!("/ {word}")));
        desk.keys("Esc");
        assert!(desk.app.overlay.is_none());
    }
}

#[test]
fn the_log_is_searched() {
    let mut desk = Desk::new();
    for call in ["sts:GetCallerIdentity", "iam:GetRole", "iam:ListOpenIDConnectProviders"] {
        desk.send(Message::Called(CallRecord {
            at: "2026-01-02T03:04:05Z".to_owned(),
            call: call.to_owned(),
            status: Some(200),
            took: Duration::from_millis(80),
            request_id: None,
        }));
    }
    desk.keys("L / 'iam: Down");
    assert!(desk.screen(80, 24).contains("/ iam:   2 of 2"));
    desk.keys("n");
    assert!(desk.screen(80, 24).contains("/ iam:   1 of 2"));
    desk.keys("Esc L");
    assert!(desk.app.overlay.is_none());
}

#[test]
fn what_was_taken_off_never_hides_a_verdict() {
    let mut desk = Desk::new();
    desk.at_home();
    desk.keys("Enter Tab");
    desk.paste("export AUDIENCE=okteto.example.com/us-west-2\n");
    desk.rest(700);
    let picture = desk.screen(80, 24);
    assert!(picture.contains("took off the line end, took off export AUDIENCE="), "{picture}");
    assert!(picture.contains("→ takes okt"), "{picture}");
    desk.keys("F1");
    assert!(desk.screen(80, 24).contains("→ takes okteto.example.com/us-east-2"));
}

#[test]
fn a_suggestion_that_is_not_in_sight_is_not_taken() {
    let mut desk = Desk::new();
    desk.at_home();
    desk.keys("Enter Tab 'okteto.example.com/us-west-2 Right");
    assert_eq!(desk.text(Field::Audience), "okteto.example.com/us-west-2");
    desk.rest(700);
    desk.keys("Right");
    assert_eq!(desk.text(Field::Audience), "okteto.example.com/us-east-2");
}

#[test]
fn a_passing_remark_goes_with_the_next_key() {
    let mut desk = Desk::new();
    desk.keys("Esc");
    assert!(desk.screen(80, 24).contains("q quits"));
    desk.keys("Down");
    assert!(!desk.screen(80, 24).contains("q quits"));
}

#[test]
fn under_an_overlay_the_keys_of_the_screen_are_not_shown() {
    for keys in ["q", "i", "?", "L"] {
        let mut desk = Desk::new();
        desk.keys(keys);
        let picture = desk.screen(80, 24);
        assert!(!picture.contains("Enter next"), "{picture}");
        assert!(picture.contains("Esc "), "{picture}");
    }
    let mut desk = Desk::new();
    desk.keys("i y");
    assert!(desk.screen(80, 24).contains("to your terminal"));
}

#[test]
fn asking_who_you_are_shows_that_it_lives_and_for_how_long() {
    let mut desk = Desk::new();
    desk.rest(3_100);
    let picture = desk.screen(80, 24);
    assert!(picture.contains("looking 0:03") && picture.contains("given up at 30 s"), "{picture}");
}

#[test]
fn the_terminal_is_told_what_exists_and_where_the_answers_are() {
    let words = Desk::new().app.last_words();
    assert_eq!(words, ["Nothing was changed in AWS.", "Answers and log: runs/run-1"]);
}

#[test]
fn nothing_moves_while_nothing_happens() {
    let mut desk = Desk::new();
    desk.at_home();
    desk.rest(10_000);
    assert_eq!(desk.app.wakes_in(), None);
}

fn any_input() -> impl Strategy<Value = Input> {
    let code = prop_oneof![
        6 => any::<char>().prop_map(Code::Char),
        1 => Just(Code::Enter), 1 => Just(Code::Esc), 1 => Just(Code::Tab), 1 => Just(Code::BackTab),
        1 => Just(Code::Backspace), 1 => Just(Code::Up), 1 => Just(Code::Down), 1 => Just(Code::Left),
        1 => Just(Code::Right), 1 => Just(Code::PageDown), 1 => Just(Code::F(1)),
        2 => prop::sample::select("qTLjkgGyYdwi/nNe r?".chars().collect::<Vec<_>>()).prop_map(Code::Char),
    ];
    prop_oneof![
        8 => (code, prop::bool::weighted(0.1), prop::bool::weighted(0.05))
            .prop_map(|(code, ctrl, alt)| Input::Key(Key { code, ctrl, alt })),
        1 => ".{0,80}".prop_map(Input::Paste),
        1 => (1_u16..140, 1_u16..50).prop_map(|(w, h)| Input::Resize(w, h)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// No panic at any size, in any state; never two changing tasks; nothing is applied without a yes.
    #[test]
    fn random_hands_break_nothing(inputs in prop::collection::vec(any_input(), 1..120)) {
        let mut desk = Desk::new();
        desk.at_home();
        let mut size = (80, 24);
        for input in inputs {
            if let Input::Resize(w, h) = input {
                size = (w, h);
            }
            desk.send(Message::Input(input));
            desk.screen(size.0, size.1);
        }
        prop_assert_eq!(desk.started(|j| matches!(j, Job::Apply(_))), 0);
        desk.send(Message::Task(TaskId(9_999), Report::End(End::Stopped)));
    }
}
