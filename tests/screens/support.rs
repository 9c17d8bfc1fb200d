//! A wizard driven through its public face: keys as text, replies made by hand, pictures as text.

use std::path::PathBuf;
use std::time::Duration;

use okteto_ecr::app::input::{Code, Input, Key};
use okteto_ecr::app::message::{Effect, Message};
use okteto_ecr::app::step::Step;
use okteto_ecr::app::task::{End, Job, News, Report, TaskId};
use okteto_ecr::app::wizard::{App, Lessons, Setup};
use okteto_ecr::domain::draft::{Draft, Field};
use okteto_ecr::domain::intent::Caller;
use okteto_ecr::domain::moment::Moment;
use okteto_ecr::domain::partition::{AccountId, Partition, Region};
use okteto_ecr::domain::plan::Stamp;
use okteto_ecr::domain::seen::LoginSource;
use okteto_ecr::ui::theme::Theme;
use okteto_ecr::ui::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

/// A wizard, and what it has asked for.
pub struct Desk {
    pub app: App,
    pub started: Vec<(TaskId, Job)>,
}

pub const UTF8: Theme = Theme { colour: true, ascii: false, mask: false };
pub const MONO: Theme = Theme { colour: false, ascii: false, mask: false };
pub const ASCII: Theme = Theme { colour: false, ascii: true, mask: false };

impl Desk {
    /// At the identity step, everything answered as in the tutorial.
    pub fn new() -> Self {
        Self::at_identity(false)
    }

    /// The same in practice.
    pub fn in_practice() -> Self {
        Self::at_identity(true)
    }

    /// In practice, with these exercises, at their list.
    pub fn at_lessons(lessons: Lessons) -> Self {
        Self::begun(true, lessons, Step::Practice)
    }

    fn at_identity(practice: bool) -> Self {
        let mut desk = Self::begun(practice, Lessons::default(), Step::Mode);
        desk.press("Enter");
        desk
    }

    fn begun(practice: bool, lessons: Lessons, begin_at: Step) -> Self {
        let mut last = Draft::default();
        let issuer = "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
        for (field, text) in [
            (Field::Issuer, issuer),
            (Field::Audience, "okteto.example.com/us-east-2"),
            (Field::Registry, "us-east-2"),
        ] {
            last.texts.insert(field, text.to_owned());
        }
        let mut desk = Self {
            app: App::new(Setup {
                read_only: false,
                mask: false,
                practice,
                stamp: Stamp {
                    run: "20260102-030405-abcd".to_owned(),
                    version: "0.1.0".to_owned(),
                },
                run_folder: PathBuf::from("/state/okteto-ecr/runs/20260102-030405-abcd"),
                accepted: "okteto-ecr-accepted.toml".into(),
                begin_at,
                last: Some(last),
                lessons,
            }),
            started: Vec::new(),
        };
        let effects = desk.app.begin();
        desk.note(effects);
        let (profile, profile_place, region_place) = if practice {
            ("practice", "practice", "practice")
        } else {
            ("ops-dev", "AWS_PROFILE", "AWS_REGION")
        };
        let source = LoginSource {
            profile: Some((profile.to_owned(), profile_place)),
            region: Region::parse("us-east-2").ok().map(|r| (r, region_place)),
            endpoint: None,
            renew: None,
        };
        desk.end(|j| matches!(j, Job::Locate), End::Located(source, None));
        let caller = Caller {
            account: AccountId::parse("112233445566").unwrap(),
            arn: "arn:aws:iam::112233445566:user/dana".to_owned(),
            partition: Partition::Aws,
        };
        desk.end(|j| matches!(j, Job::Whoami { .. }), End::Caller(Ok(caller)));
        desk
    }

    fn note(&mut self, effects: Vec<Effect>) {
        self.started.extend(effects.into_iter().filter_map(|e| match e {
            Effect::Start(id, job) => Some((id, job)),
            _ => None,
        }));
    }

    pub fn message(&mut self, message: Message) {
        let now = self.app.now;
        let effects = self.app.update(message, now);
        self.note(effects);
    }

    /// Keys, written as `Tab Down x`.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for word in keys.split_whitespace() {
            let code = match word {
                "Tab" => Code::Tab,
                "BackTab" => Code::BackTab,
                "Enter" => Code::Enter,
                "Esc" => Code::Esc,
                "Up" => Code::Up,
                "Down" => Code::Down,
                "Left" => Code::Left,
                "Right" => Code::Right,
                "Space" => Code::Char(' '),
                "PageDown" => Code::PageDown,
                "F2" => Code::F(2),
                one => Code::Char(one.chars().next().unwrap()),
            };
            self.message(Message::Input(Input::Key(Key::plain(code))));
        }
        self
    }

    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.message(Message::Input(Input::Paste(text.to_owned())));
        self
    }

    /// Time passes.
    pub fn wait(&mut self, ms: u64) -> &mut Self {
        let now = Moment(self.app.now.0 + Duration::from_millis(ms));
        let effects = self.app.update(Message::Tick, now);
        self.note(effects);
        self
    }

    fn id(&self, which: impl Fn(&Job) -> bool) -> TaskId {
        self.started.iter().rev().find(|(_, job)| which(job)).expect("was started").0
    }

    /// The last task of a kind ends.
    pub fn end(&mut self, which: impl Fn(&Job) -> bool, end: End) -> &mut Self {
        let id = self.id(which);
        self.message(Message::Task(id, Report::End(end)));
        self
    }

    /// The last task of a kind has news.
    pub fn news(&mut self, which: impl Fn(&Job) -> bool, news: News) -> &mut Self {
        let id = self.id(which);
        self.message(Message::Task(id, Report::News(news)));
        self
    }

    /// The picture with its styles.
    pub fn buffer(&mut self, width: u16, height: u16, theme: Theme) -> Buffer {
        self.message(Message::Input(Input::Resize(width, height)));
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view::draw(frame, &self.app, theme)).unwrap();
        terminal.backend().buffer().clone()
    }

    /// The picture as text.
    pub fn picture(&mut self, width: u16, height: u16, theme: Theme) -> String {
        let buffer = self.buffer(width, height, theme);
        let rows = (0..height).map(|y| {
            let row: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
            row.trim_end().to_owned()
        });
        let picture = rows.collect::<Vec<_>>().join("\n");
        assert!(!theme.ascii || picture.is_ascii(), "{picture}");
        picture
    }

    /// Draws at every odd size: nothing may panic.
    pub fn any_size(&mut self) {
        for width in [1, 7, 40, 59, 60, 61, 79, 80, 99, 100, 120, 300] {
            for height in [1, 3, 8, 14, 15, 16, 18, 24, 30, 60] {
                self.buffer(width, height, UTF8);
            }
        }
    }
}
