//! For tests: a wizard with a known caller and full answers, keys as text, and replies made by hand.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::form::Source;
use super::input::{Code, Input, Key};
use super::message::{Effect, Message};
use super::step::Step;
use super::task::{End, Job, News, Report, TaskId};
use super::wizard::{App, Lessons, Setup};
use crate::domain::draft::Field;
use crate::domain::intent::Intent;
use crate::domain::inventory::{Inventory, RUN_TAG, SeenProvider, SeenRole, VERSION_TAG};
use crate::domain::journal::{
    Began, Ended, Header, Journal, Outcome, Past, Purpose, Record, Recorded, Session,
};
use crate::domain::moment::Moment;
use crate::domain::plan::{Choices, Plan, Planned, Stamp, plan};
use crate::domain::policy::trust;
use crate::domain::sample;

/// The run of the wizard.
pub const RUN: &str = "20260102-030405-abcd";

/// What was started: its id and what it is.
pub type Started = Vec<(TaskId, Job)>;

/// A wizard at its first step, the caller known, the tutorial's answers given. Nothing runs.
pub fn app() -> App {
    let mut app = App::new(Setup {
        read_only: false,
        mask: false,
        practice: false,
        stamp: Stamp { run: RUN.to_owned(), version: "0.1.0".to_owned() },
        run_folder: PathBuf::from("run"),
        accepted: "okteto-ecr-accepted.toml".into(),
        begin_at: Step::Mode,
        last: None,
        lessons: Lessons::default(),
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

/// The plan of a run of the tutorial's answers, in an account that has nothing of it.
pub fn plan_of(run: &str) -> Plan {
    let intent = Intent::Oidc(sample::intent());
    let stamp = Stamp { run: run.to_owned(), version: "0.1.0".to_owned() };
    plan(&intent, &Inventory::default(), &sample::caller(), &stamp, &Choices::default())
}

/// A run of that plan on disk, broken off after so many calls, with the next one sent and not answered if it is `open`;
/// closed where all were made.
pub fn recorded(run: &str, answered: usize, open: bool) -> Recorded {
    let plan = plan_of(run);
    let calls: Vec<&Planned> = plan.changes().collect();
    let at = || "2026-11-24T16:40:12Z".to_owned();
    let mut lines = vec![Record::Session(Session {
        at: at(),
        program: "0.1.0".to_owned(),
        caller: plan.caller.arn.clone(),
        purpose: Purpose::Apply,
        calls: calls.iter().map(|step| step.summary.clone()).collect(),
    })];
    for (n, step) in (1..).zip(calls.iter().take(answered + usize::from(open))) {
        let operation = step.operation.as_ref().unwrap();
        lines.push(Record::Began(Began {
            at: at(),
            n,
            id: step.id.word().to_owned(),
            call: operation.call().to_owned(),
            summary: step.summary.clone(),
            request: operation.request(),
            before: step.before.clone(),
        }));
        if usize::try_from(n).unwrap() <= answered {
            lines.push(Record::Ended(Ended {
                at: at(),
                n,
                outcome: Outcome::Done,
                effect: None,
                arn: None,
                key: None,
                request_id: None,
                cause: None,
                message: None,
            }));
        }
    }
    if answered == calls.len() {
        lines.push(Record::Closed { at: at(), outcome: Outcome::Done });
    }
    let journal = Journal { header: Header::of(&plan, at()), lines, torn: false };
    let mut draft = app().draft;
    draft.set(Field::Role, "my-private-registry");
    Recorded {
        run: run.to_owned(),
        past: Ok(Past::of(&journal)),
        answers: Some(draft),
        process: None,
    }
}

/// The account with what that plan makes.
pub fn complete(run: &str) -> Inventory {
    let intent = sample::intent();
    let tags = |run: &str| {
        let version = (VERSION_TAG.to_owned(), "0.1.0".to_owned());
        BTreeMap::from([(RUN_TAG.to_owned(), run.to_owned()), version])
    };
    Inventory {
        provider: Some(SeenProvider {
            arn: intent.provider_arn(),
            url: intent.issuer.url().to_owned(),
            audiences: vec![intent.audience.to_string()],
            created_at: None,
            tags: tags(run),
        }),
        role: Some(SeenRole {
            arn: intent.role_arn(),
            name: "my-private-registry".to_owned(),
            path: "/".to_owned(),
            trust: trust::text(&intent),
            created_at: None,
            tags: tags(run),
            description: None,
            max_session_seconds: 3600,
            boundary: None,
            attached: intent.access.permissions.managed(intent.partition).into_iter().collect(),
            inline: BTreeMap::new(),
        }),
        providers_in_account: 1,
        ..Inventory::default()
    }
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
        "F2" => Code::F(2),
        "F3" => Code::F(3),
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
