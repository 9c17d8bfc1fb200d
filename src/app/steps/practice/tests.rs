use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::*;
use crate::app::form::Source;
use crate::app::message::Effect;
use crate::app::slot::Slot;
use crate::app::task::{Job, TaskId};
use crate::app::testing::{self, Started, end, news, press, type_text, wait};
use crate::domain::draft::{Draft, Field};
use crate::domain::exercise::file::parse;
use crate::domain::exercise::goal::Standing;
use crate::domain::exercise::progress::Kept;
use crate::domain::fault::Cause;

const EXPORTS: &str =
    "export AWS_ACCESS_KEY_ID='AKIDPRACTICE'\nexport AWS_SECRET_ACCESS_KEY='made-up-secret'\n";

fn exercise(name: &str) -> Arc<Exercise> {
    let text = r#"
format = 1
title = "A title"
about = "One line"
story = "What happened."
hints = ["look", "look there", "it is that"]
explanation = "It was so."
sources = ["A page: https://example.com"]

[[goals]]
text = "Name the stage"
ask = "Where does it stop?"
choices = ["At STS", "At ECR"]
answer = "At STS"

[[goals]]
text = "Name the word"
ask = "Which word is wrong?"
answer = ["audience", "aud"]

[[goals]]
text = "Okteto pulls"
check = "okteto-pulls"
role = "my-private-registry"
repository = "team/app"

[trainer]
fault = "The audience is wrong."
ask = "Who chooses it?"

[solution]
words = "Mend the audience."
commands = ["cat > t.json <<END\n{}\nEND", "aws iam update-assume-role-policy"]

[[wrong]]
words = "A star lets everyone in."
"#;
    Arc::new(parse(name, text).unwrap())
}

/// In practice, at the list of two exercises.
fn desk(kept: &[(&str, Kept)]) -> App {
    let mut setup = testing::app().setup;
    setup.practice = true;
    setup.begin_at = Step::Practice;
    setup.run_folder = "runs/first".into();
    setup.lessons = Lessons {
        exercises: vec![exercise("first-set-up"), exercise("second")],
        exports: EXPORTS.to_owned().into(),
        ..Lessons::default()
    };
    let kept = kept.iter().map(|(name, kept)| ((*name).to_owned(), kept.clone()));
    setup.lessons.progress = Progress(kept.collect());
    let mut app = App::new(setup);
    app.started_unix = Some(1_795_910_400);
    app.begin();
    app
}

fn opening(started: &Started) -> (TaskId, String) {
    let found = started.iter().find_map(|(id, job)| match job {
        Job::OpenExercise(run, _) => Some((*id, run.clone())),
        _ => None,
    });
    found.expect("an exercise is being opened")
}

/// Enter on the selected one; its world comes. Answers the task that watches the goals.
fn enter(app: &mut App) -> TaskId {
    let started = press(app, "Enter");
    come(app, &started)
}

fn come(app: &mut App, started: &Started) -> TaskId {
    let mut draft = Draft::default();
    draft.set(Field::Role, "broken-role");
    let started = end(app, opening(started).0, End::ExerciseOpened(Ok(Box::new(draft))));
    let watching = started.iter().find(|(_, job)| matches!(job, Job::WatchGoals(..)));
    watching.expect("the goals are watched").0
}

fn told(app: &mut App, watch: TaskId, state: Standing) -> Started {
    news(app, watch, News::Goals(vec![None, None, Some(state)], Vec::new()))
}

fn shut() -> Standing {
    Standing::Open("STS refuses the token".to_owned())
}

fn keeping(started: &Started) -> Option<(TaskId, Kept)> {
    started.iter().find_map(|(id, job)| match job {
        Job::KeepProgress(progress) => Some((*id, progress.of("first-set-up"))),
        _ => None,
    })
}

fn text(parts: &[story::Part]) -> String {
    parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn it_begins_with_the_list_and_goes_inside() {
    let mut app = desk(&[]);
    assert_eq!((app.step, app.practice.is_inside), (Step::Practice, false));
    press(&mut app, "Down");
    let watch = enter(&mut app);
    assert!(app.practice.is_inside);
    assert_eq!(app.practice.open.as_ref().unwrap().exercise.name, "second");
    assert_eq!(app.setup.accepted, app.setup.run_folder.join("okteto-ecr-accepted.toml"));
    told(&mut app, watch, shut());
    assert!(text(&story::main(&app)).contains("Where does it stop?"));

    // The list is one key away, and the open one is gone into, not opened anew.
    press(&mut app, "Esc");
    assert!(!app.practice.is_inside);
    assert_eq!(story::standing(&app, &app.practice.exercises[1]), "open now");
    let started = press(&mut app, "Enter");
    assert!(app.practice.is_inside && started.is_empty(), "{started:?}");
}

#[test]
fn the_fields_hold_what_the_exercise_begins_with() {
    let mut app = desk(&[]);
    enter(&mut app);
    let role = app.identity.form.get(Field::Role).unwrap();
    assert_eq!((role.text(), role.source), ("broken-role", Source::Exercise));
    assert_eq!(role.source.words(), "from the exercise");
    // What is found afterwards does not take its place.
    app.identity.form.get_mut(Field::Role).unwrap().fill("found", Source::Cluster);
    assert_eq!(app.identity.form.get(Field::Role).unwrap().text(), "broken-role");
}

#[test]
fn a_choice_is_an_answer_and_a_wrong_one_is_given_again() {
    let mut app = desk(&[]);
    let watch = enter(&mut app);
    told(&mut app, watch, shut());
    press(&mut app, "Enter");
    let Some(Overlay::Picker(picker)) = &app.overlay else { panic!("a list of answers") };
    assert_eq!(picker.title, "Where does it stop?");
    let started = press(&mut app, "Down Enter");
    assert!(app.overlay.is_none());
    let (id, kept) = keeping(&started).expect("it is kept");
    assert_eq!(kept.answers["1"], "At ECR");
    let said = text(&story::main(&app));
    assert!(said.contains("Your answer: At ECR") && said.contains("Not this"), "{said}");
    assert_eq!(app.practice.open.as_ref().unwrap().at, 0, "the cursor stays");

    // One after the other is written, the newest last.
    assert!(keeping(&press(&mut app, "Enter Up Enter")).is_none());
    let (_, kept) = keeping(&end(&mut app, id, End::ProgressKept(Ok(())))).unwrap();
    assert_eq!(kept.answers["1"], "At STS");
    assert_eq!(app.status(), "Goal met: Name the stage");
    assert_eq!(app.practice.open.as_ref().unwrap().at, 1, "and goes on to the next goal");
}

#[test]
fn an_answer_is_typed() {
    let mut app = desk(&[]);
    let watch = enter(&mut app);
    told(&mut app, watch, shut());
    press(&mut app, "Down Enter");
    type_text(&mut app, "sub");
    press(&mut app, "Enter");
    assert!(text(&story::main(&app)).contains("Not this"));
    press(&mut app, "Enter Backspace Backspace Backspace");
    type_text(&mut app, " Audience.");
    press(&mut app, "Enter");
    assert_eq!(app.practice.open.as_ref().unwrap().standings()[1], Standing::Met);
    // Left without taking it, nothing is answered.
    press(&mut app, "Up Up Down Enter x Esc");
    assert_eq!(app.practice.open.as_ref().unwrap().standings()[1], Standing::Met);
}

#[test]
fn what_was_seen_of_the_account_is_told() {
    let mut app = desk(&[]);
    let watch = enter(&mut app);
    told(&mut app, watch, shut());
    press(&mut app, "Down Down");
    assert!(text(&story::main(&app)).contains("STS refuses the token."));
    // Enter there leads to the steps, and O back.
    press(&mut app, "Enter");
    assert_eq!(app.step, Step::Mode);
    // From a text field too.
    press(&mut app, "Enter F3");
    assert_eq!((app.step, app.practice.from), (Step::Practice, Some(Step::Identity)));
    assert!(app.practice.is_inside);
}

#[test]
fn a_goal_met_elsewhere_is_told_and_shown_again_when_it_is_lost() {
    let mut app = desk(&[]);
    let watch = enter(&mut app);
    told(&mut app, watch, shut());
    press(&mut app, "Down Down Enter");
    told(&mut app, watch, Standing::Met);
    assert_eq!(app.status(), "Goal met: Okteto pulls");
    assert_eq!(story::count(app.practice.open.as_ref().unwrap()), "1 of 3 goals");
    told(&mut app, watch, shut());
    assert_eq!(story::count(app.practice.open.as_ref().unwrap()), "0 of 3 goals");
}

#[test]
fn what_was_so_from_the_start_is_no_news() {
    let mut app = desk(&[]);
    let watch = enter(&mut app);
    told(&mut app, watch, Standing::Met);
    assert!(!app.status().contains("Goal met"), "{}", app.status());
}

#[test]
fn done_stays_on_the_screen_with_its_day() {
    let mut app = desk(&[]);
    let watch = enter(&mut app);
    told(&mut app, watch, shut());
    press(&mut app, "Enter Enter Enter");
    type_text(&mut app, "aud");
    press(&mut app, "Enter");
    told(&mut app, watch, Standing::Met);
    assert!(app.status().starts_with("All goals met"), "{}", app.status());
    let kept = app.practice.progress.of("first-set-up");
    assert_eq!(kept.done.as_deref(), Some("2026-11-29"));
    wait(&mut app, Duration::from_hours(1));
    assert!(app.practice.is_inside);
    let said = text(&story::main(&app));
    for words in ["Done: all 3", "It was so.", "Mend the audience.", "update-assume", "A page"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // A command of several lines stands in as many.
    let parts = story::main(&app);
    let commands = parts.iter().filter(|part| part.voice == story::Voice::Command);
    assert_eq!(commands.map(|part| part.text.as_str()).nth(1), Some("{}"));
    assert_eq!(story::standing(&app, &app.practice.exercises[0]), "open now, done");
    // It stays told, and says that a goal was lost.
    told(&mut app, watch, shut());
    let said = text(&story::main(&app));
    assert!(said.contains("the account has changed since"), "{said}");
}

#[test]
fn hints_come_one_by_one_and_are_kept() {
    let mut app = desk(&[]);
    enter(&mut app);
    let started = press(&mut app, "H");
    assert_eq!(keeping(&started).unwrap().1.hints, 1);
    assert!(text(&story::main(&app)).contains("Hint 1 of 3\nlook\n"));
    press(&mut app, "H H H");
    assert_eq!(app.practice.open.as_ref().unwrap().hints, 3);
    assert!(app.status().contains("All hints are shown"), "{}", app.status());
}

#[test]
fn answers_and_hints_of_an_earlier_start_come_back_and_say_so() {
    let answers = [("1".to_owned(), "At STS".to_owned())].into();
    let kept = Kept { done: None, hints: 2, answers };
    let mut app = desk(&[("first-set-up", kept)]);
    assert_eq!(story::standing(&app, &app.practice.exercises[0]), "begun");
    let watch = enter(&mut app);
    told(&mut app, watch, shut());
    let open = app.practice.open.as_ref().unwrap();
    assert_eq!((open.hints, open.at), (2, 1), "the cursor stands on what is open");
    assert!(text(&story::main(&app)).contains("the account begins anew"));
}

#[test]
fn start_over_clears_answers_and_hints() {
    let mut app = desk(&[]);
    let watch = enter(&mut app);
    told(&mut app, watch, shut());
    press(&mut app, "Enter Enter H");
    let started = press(&mut app, "S");
    let (_, run) = opening(&started);
    assert!(run.ends_with("-x2"), "{run}");
    come(&mut app, &started);
    let open = app.practice.open.as_ref().unwrap();
    assert_eq!((open.hints, open.answers.concat().as_str()), (0, ""));
    assert_eq!(app.practice.progress.of("first-set-up"), Kept::default());
    assert!(app.status().starts_with("Started over"), "{}", app.status());
}

#[test]
fn no_account_is_replaced_while_something_is_being_changed() {
    let mut app = desk(&[]);
    enter(&mut app);
    app.slots.begin(Slot::Undo, app.now);
    let run = app.practice.open.as_ref().unwrap().run.clone();
    assert!(press(&mut app, "S").is_empty());
    assert!(app.status().contains("being changed just now"), "{}", app.status());
    assert!(press(&mut app, "Esc Down Enter").is_empty());
    assert!(app.status().contains("being changed just now"), "{}", app.status());
    assert_eq!(app.practice.open.as_ref().unwrap().run, run);
}

#[test]
fn nothing_of_the_old_account_is_left() {
    let mut app = desk(&[]);
    enter(&mut app);
    let run = app.practice.open.as_ref().unwrap().run.clone();
    app.go_to(Step::Identity);
    app.reveal();
    app.changes_made = 3;
    app.draft.set(Field::Audience, "typed");
    app.mode.at = crate::domain::draft::Mode::IamUser;
    app.slots.begin(Slot::Probe, app.now);
    app.slots.begin(Slot::Progress, app.now);
    press(&mut app, "Esc O O Down");
    let effects = {
        let key = crate::app::input::Key::plain(crate::app::input::Code::Enter);
        let input = crate::app::input::Input::Key(key);
        app.update(crate::app::message::Message::Input(input), app.now)
    };
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Cancel(_))));
    assert!(app.slots.running(Slot::Probe).is_none() && app.slots.running(Slot::Goals).is_none());
    assert!(app.slots.running(Slot::Progress).is_some(), "that is about the learner");
    assert!(app.who.caller.is_none() && app.overlay.is_none() && !app.is_revealed());
    assert_eq!((app.changes_made, app.furthest), (0, Step::Mode));
    assert_eq!(app.draft.text(Field::Audience), "");
    assert_ne!(app.setup.stamp.run, run);
    assert_eq!(app.practice.before.len(), 1);
    let started = testing::starts(effects);
    come(&mut app, &started);
    // A run of another account is not offered; a colleague's in this one is.
    let mine = app.practice.open.as_ref().unwrap().run.clone();
    let named = |name: String| testing::recorded(&name, 1, false);
    let runs = vec![named(run), named(format!("{mine}-colleague")), named(format!("{mine}0"))];
    app.start(Slot::Runs, Job::Runs);
    let id = app.slots.running(Slot::Runs).unwrap().id;
    end(&mut app, id, End::Runs(Ok(runs)));
    let offered: Vec<&str> = app.runs.all().iter().map(|one| one.run.as_str()).collect();
    assert_eq!(offered, [format!("{mine}-colleague")]);
}

#[test]
fn what_could_not_be_kept_is_said_once() {
    let mut app = desk(&[]);
    enter(&mut app);
    let fault = || Fault::new(Cause::File, "the disk is full");
    let (id, _) = keeping(&press(&mut app, "H")).unwrap();
    end(&mut app, id, End::ProgressKept(Err(fault())));
    assert!(app.status().contains("the disk is full"), "{}", app.status());
    let (id, _) = keeping(&press(&mut app, "H")).unwrap();
    end(&mut app, id, End::ProgressKept(Err(fault())));
    assert!(!app.status().contains("the disk is full"), "{}", app.status());
    assert_eq!(app.practice.open.as_ref().unwrap().hints, 2);
}

#[test]
fn what_could_not_be_read_is_not_written_over() {
    let mut app = desk(&[]);
    app.setup.lessons.fault = Some(Fault::new(Cause::File, "it is no progress"));
    enter(&mut app);
    assert!(keeping(&press(&mut app, "H")).is_none());
}

#[test]
fn the_trainers_notes_are_hidden_at_first_and_by_one_key() {
    let mut app = desk(&[]);
    enter(&mut app);
    let has = |app: &App| text(&story::side(app).1).contains("The audience is wrong.");
    app.size = (100, 30);
    assert!(!has(&app));
    press(&mut app, "F2");
    assert!(has(&app));
    press(&mut app, "F2");
    assert!(!has(&app));
    // On the steps, fields included, they lie over the screen.
    app.go_to(Step::Identity);
    press(&mut app, "F2");
    let Some(Overlay::Text(notes)) = &app.overlay else { panic!("the notes") };
    assert!(notes.lines.join("\n").contains("A star lets everyone in."));
    press(&mut app, "F2");
    assert!(app.overlay.is_none());
}

#[test]
fn the_key_among_the_lines_is_covered_until_it_is_asked_for() {
    let mut app = desk(&[]);
    press(&mut app, "x");
    assert!(matches!(app.overlay, Some(Overlay::Exports(_))));
    let seen = |app: &App| exports::lines(app).join("\n");
    assert!(seen(&app).contains("AKIDPRACTICE") && !seen(&app).contains("made-up-secret"));
    press(&mut app, "v");
    assert!(seen(&app).contains("made-up-secret"));
    wait(&mut app, Duration::from_secs(20));
    assert!(!seen(&app).contains("made-up-secret"));
    press(&mut app, "v Esc");
    assert!(!app.is_revealed() && app.overlay.is_none());
    // Copied as a secret, whole; searched and printed covered.
    press(&mut app, "x");
    let key = crate::app::input::Key::plain(crate::app::input::Code::Char('y'));
    let input = crate::app::input::Input::Key(key);
    let effects = app.update(crate::app::message::Message::Input(input), app.now);
    let [Effect::CopySecret(copied)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(copied.expose_secret(), EXPORTS);
    let (_, lines) = app.reading().unwrap();
    assert!(!lines.join("\n").contains("made-up-secret"));
}

#[test]
fn the_guided_one_says_why_the_step_is_there() {
    let mut app = desk(&[]);
    enter(&mut app);
    for step in Step::ALL {
        app.go_to(step);
        open(&mut app);
        let said = text(&story::main(&app));
        assert!(said.contains(guide::of(step).unwrap()), "{step:?}");
    }
    // And Esc goes back to where one came from.
    press(&mut app, "Esc");
    assert_eq!(app.step, Step::Okteto);
    press(&mut app, "O O Down Enter");
    assert_eq!(app.practice.open.as_ref().unwrap().exercise.name, "second");
    assert!(!text(&story::main(&app)).contains("Why:"));
}

#[test]
fn without_an_exercise_the_steps_are_there_as_ever() {
    let mut app = desk(&[]);
    press(&mut app, "Esc");
    assert_eq!(app.step, Step::Mode);
    press(&mut app, "O T");
    assert_eq!(app.step, Step::Pull);
    press(&mut app, "O R");
    assert_eq!(app.step, Step::Review);
    press(&mut app, "O Esc");
    assert_eq!(
        app.step,
        Step::Pull,
        "the review was entered from here, and is no place to go back to"
    );
}

#[test]
fn help_says_why_a_key_does_nothing_now() {
    let app = desk(&[]);
    for command in [Command::Hint, Command::StartOver, Command::Trainer, Command::Quiet] {
        let offer = offers(&app).into_iter().find(|offer| offer.command == command);
        assert!(offer.is_some_and(|offer| offer.refused.is_some()), "{command:?}");
    }
}
