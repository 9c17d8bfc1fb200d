//! For tests: a wizard with a known caller and full answers, keys as text, and replies made by hand.

use std::path::PathBuf;
use std::time::Duration;

use super::form::Source;
use super::input::{Code, Input, Key};
use super::message::{Effect, Message};
use super::task::{End, Job, News, Report, TaskId};
use super::wizard::{App, Setup};
use crate::domain::draft::Field;
use crate::domain::moment::Moment;
use crate::domain::plan::Stamp;
use crate::domain::sample;

/// What was started: its id and what it is.
pub type Started = Vec<(TaskId, Job)>;

/// A wizard at its first step, the caller known, the tutorial's answers given. Nothing runs.
pub fn app() -> App {
    let mut app = App::new(Setup {
        read_only: false,
        mask: false,
        practice: false,
        stamp: Stamp { run: "20260102-030405-abcd".to_owned(), version: "0.1.0".to_owned() },
        run_folder: PathBuf::from("run"),
        last: None,
    });
    app.who.caller = Some(Ok(sample::caller()));
    for (field, text) in [
        (Field::Issuer, sample::ISSUER),
        (Field::Audience, sample::AUDIENCE),
        (Field::Registry, sample::HOST),
    ] {
        app.identity.form.get_mut(field).unwrap().fill(text, Source::LastTime);
    }
    app.write_draft();
    app
}

/// Presses keys, written as `Tab Tab Enter x`; returns what was started.
pub fn press(app: &mut App, keys: &str) -> Started {
    let mut started = Started::new();
    for word in keys.split_whitespace() {
        let effects = app.update(Message::Input(Input::Key(key(word))), app.now);
        started.extend(starts(effects));
    }
    started
}

/// Types a text, letter by letter.
pub fn type_text(app: &mut App, text: &str) -> Started {
    let mut started = Started::new();
    for c in text.chars() {
        let key = Key::plain(Code::Char(c));
        started.extend(starts(app.update(Message::Input(Input::Key(key)), app.now)));
    }
    started
}

fn key(word: &str) -> Key {
    let code = match word {
        "Tab" => Code::Tab,
        "BackTab" => Code::BackTab,
        "Enter" => Code::Enter,
        "Esc" => Code::Esc,
        "Up" => Code::Up,
        "Down" => Code::Down,
        "Left" => Code::Left,
        "Right" => Code::Right,
        "F1" => Code::F(1),
        "Backspace" => Code::Backspace,
        "Space" => Code::Char(' '),
        "Ctrl-C" => return Key::ctrl('c'),
        one => Code::Char(one.chars().next().unwrap()),
    };
    Key::plain(code)
}

/// What the effects start; saving of answers aside.
pub fn starts(effects: Vec<Effect>) -> Started {
    let started = |effect| match effect {
        Effect::Start(_, Job::SaveAnswers(..)) => None,
        Effect::Start(id, job) => Some((id, job)),
        _ => None,
    };
    effects.into_iter().filter_map(started).collect()
}

/// The end of a task comes in.
pub fn end(app: &mut App, id: TaskId, end: End) -> Started {
    starts(app.update(Message::Task(id, Report::End(end)), app.now))
}

/// News of a task comes in.
pub fn news(app: &mut App, id: TaskId, news: News) -> Started {
    starts(app.update(Message::Task(id, Report::News(news)), app.now))
}

/// Time passes.
pub fn wait(app: &mut App, time: Duration) {
    let now = Moment(app.now.0 + time);
    app.update(Message::Tick, now);
}
