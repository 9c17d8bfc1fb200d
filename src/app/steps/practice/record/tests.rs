use std::sync::Arc;

use secrecy::SecretString;

use super::*;
use crate::app::message::Effect;
use crate::app::task::{End, News};
use crate::app::testing::{RUN, Started, app, end, news, starts};
use crate::domain::draft::Draft;
use crate::domain::exercise::file::parse;
use crate::domain::fault::Cause;
use crate::domain::secret::AccessKey;
use crate::domain::seen::SentCall;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn exercise(name: &str) -> Arc<crate::domain::exercise::Exercise> {
    let text = include_str!("../../../../../assets/practice/first-set-up.toml");
    Arc::new(parse(name, text).unwrap())
}

/// In practice, with two exercises.
fn desk() -> App {
    let mut app = app();
    app.setup.practice = true;
    app.setup.lessons.exercises = vec![exercise("one"), exercise("two")];
    app.practice = super::super::State::of(&app.setup.lessons);
    app
}

/// Effects that wait for the next message come out with it.
fn drained(app: &mut App) -> Started {
    let now = app.now;
    let effects: Vec<Effect> = app.update(crate::app::message::Message::Tick, now);
    starts(effects)
}

fn opened(app: &mut App, index: usize) {
    super::super::open::begin(app, index);
    let started = drained(app);
    let (id, _) = started.iter().find(|(_, job)| matches!(job, Job::OpenExercise(..))).unwrap();
    let started = end(app, *id, End::ExerciseOpened(Ok(Box::new(Draft::default()))));
    let (id, _) = started.iter().find(|(_, job)| matches!(job, Job::WatchGoals(..))).unwrap();
    let sent = SentCall {
        at: 0,
        call: "iam:CreateLoginProfile".to_owned(),
        input: [("Password".to_owned(), SECRET.into())].into_iter().collect(),
        refused: None,
    };
    let seen = |text: &str| Some(Standing::Open(text.to_owned()));
    news(app, *id, News::Goals(vec![seen("no role"), seen(""), None], Vec::new()));
    news(app, *id, News::Goals(vec![Some(Standing::Met), None, None], vec![sent]));
}

fn asked_for(app: &mut App) -> (crate::app::task::TaskId, String, String) {
    write(app);
    let started = drained(app);
    let job = started.into_iter().find_map(|(id, job)| match job {
        Job::WriteRecord(run, text) => Some((id, run, text)),
        _ => None,
    });
    job.expect("it is written")
}

#[test]
fn all_exercises_of_a_session_are_in_it_and_where_it_is_is_told_at_the_end() {
    let mut app = desk();
    write(&mut app);
    assert!(drained(&mut app).is_empty() && app.said().unwrap().contains("nothing to record"));
    // A suffix of a run may itself begin with an x.
    "20260102-030405-x7k2".clone_into(&mut app.setup.stamp.run);
    opened(&mut app, 0);
    opened(&mut app, 1);
    let (id, run, text) = asked_for(&mut app);
    assert_eq!(run, "20260102-030405-x7k2");
    assert_eq!(text.matches("Found before: no role").count(), 2, "{text}");
    assert!(text.contains("## 1. ") && text.contains("## 2. "), "{text}");
    assert!(text.contains("Opened: 2 exercises, of which 0 done"), "{text}");
    end(&mut app, id, End::RecordWritten(Ok("/state/record.md".into())));
    assert!(app.said().unwrap().contains("/state/record.md"));
    assert!(app.last_words().iter().any(|line| line == "Record: /state/record.md"));
    // Nothing happened since: the same bytes.
    assert_eq!(asked_for(&mut app).2, text);
}

#[test]
fn a_record_that_could_not_be_written_is_told_and_the_earlier_one_stays_known() {
    let mut app = desk();
    opened(&mut app, 0);
    let (id, run, _) = asked_for(&mut app);
    assert_eq!(run, RUN);
    end(&mut app, id, End::RecordWritten(Ok("/state/record.md".into())));
    let (id, ..) = asked_for(&mut app);
    end(&mut app, id, End::RecordWritten(Err(Fault::new(Cause::File, "the disk is full"))));
    assert!(app.said().unwrap().contains("the disk is full"));
    assert!(app.last_words().iter().any(|line| line.contains("/state/record.md")));
}

#[test]
fn no_secret_of_the_session_is_in_it() {
    let mut app = desk();
    app.setup.lessons.exports = SecretString::from(SECRET);
    opened(&mut app, 0);
    let lines = "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=";
    let key = AccessKey::read(&format!("{lines}{SECRET}\n")).unwrap();
    app.apply.held = vec![key.clone()];
    app.pull.pasted_key = Some(Ok(key));
    let (.., text) = asked_for(&mut app);
    assert!(text.contains("aws iam create-login-profile"), "{text}");
    assert!(!text.contains(SECRET), "{text}");
}
