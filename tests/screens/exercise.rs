//! The exercises: their list, and the open one with its goals.

use std::sync::Arc;

use insta::assert_snapshot;
use okteto_ecr::app::task::{End, Job, News};
use okteto_ecr::app::wizard::Lessons;
use okteto_ecr::domain::draft::Draft;
use okteto_ecr::domain::exercise::Exercise;
use okteto_ecr::domain::exercise::file::parse;
use okteto_ecr::domain::exercise::goal::Standing;
use okteto_ecr::domain::exercise::progress::{Kept, Progress};
use ratatui::style::Modifier;

use super::support::{ASCII, Desk, MONO, UTF8};

const GUIDED: &str = include_str!("../../assets/practice/first-set-up.toml");

const SCHEME: &str = r#"
format = 1
title = "The scheme in the condition key"
about = "A trust policy that reads well and lets nobody in"
story = """
A colleague has set the role up by hand, from the tutorial. The identity provider is there, and so are the role and its
permissions. Okteto is refused all the same:

  AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity

Find out why, and make it pull.
"""
hints = [
  "The provider is not the one at fault.",
  "Read the keys of the conditions aloud, and the issuer as IAM names the provider.",
  "IAM names the provider without https://, and so must the keys.",
]
explanation = """
The key of a condition is the provider's name with :aud or :sub behind it, and that name has no scheme. A key with https://
is one that no token ever has: the condition is never true.
"""
sources = ["IAM user guide, keys for OIDC: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html"]

[[goals]]
text = "Find the stage that fails"
ask = "At which stage of the pull does it stop?"
choices = ["the token of the cluster", "STS: the role is not given", "ECR: the login", "ECR: the manifest"]
answer = "STS: the role is not given"

[[goals]]
text = "Name what is wrong"
ask = "Which part of the condition's key should not be there?"
answer = ["https://", "the scheme"]

[[goals]]
text = "Okteto pulls team/app with the role my-private-registry"
check = "okteto-pulls"
role = "my-private-registry"
repository = "team/app"

[[goals]]
text = "Nobody else gets in"
check = "nobody-else"
role = "my-private-registry"

[trainer]
fault = "Both keys of the trust policy begin with https://."
ask = "Why does AWS take such a policy without a word?"

[solution]
words = "Step 3 has the trust policy without the scheme; step 4 sends it."
commands = ["aws iam update-assume-role-policy --role-name my-private-registry --policy-document file://trust.json"]

[[wrong]]
words = "Without any condition Okteto gets in, and so does every pod of every cluster of that provider."

[[wrong]]
words = "StringLike with a star for the subject lets the whole cluster in."
"#;

fn exercise(name: &str, text: &str) -> Arc<Exercise> {
    Arc::new(parse(name, text).unwrap())
}

/// The list, with one that is done and one that is begun.
fn listed() -> Desk {
    let other = |title: &str| SCHEME.replace("The scheme in the condition key", title);
    let exercises = vec![
        exercise("first-set-up", GUIDED),
        exercise("scheme", SCHEME),
        exercise("provider", &other("The provider's ARN where the role's belongs")),
        exercise("old", &other("A token that is too old")),
    ];
    let done = Kept { done: Some("2026-11-28".to_owned()), ..Kept::default() };
    let begun = Kept { hints: 1, ..Kept::default() };
    let progress = [("first-set-up".to_owned(), done), ("old".to_owned(), begun)].into();
    let exports = "export AWS_ENDPOINT_URL='http://127.0.0.1:40001'\nexport AWS_ACCESS_KEY_ID='AKIAPRACTICEEXAMPLE1'\n\
        export AWS_SECRET_ACCESS_KEY='not-to-be-seen'\nexport AWS_REGION='us-east-2'\nunset AWS_PROFILE AWS_SESSION_TOKEN\n";
    let mut desk = Desk::at_lessons(Lessons {
        exercises,
        begin: None,
        progress: Progress(progress),
        fault: None,
        exports: exports.to_owned().into(),
    });
    desk.app.started_unix = Some(1_795_910_400);
    desk
}

fn watched(job: &Job) -> bool {
    matches!(job, Job::WatchGoals(..))
}

fn told(desk: &mut Desk, pulls: Standing) {
    let goals = vec![None, None, Some(pulls), Some(Standing::Met)];
    desk.news(watched, News::Goals(goals, Vec::new()));
}

/// Inside the exercise; its account is there.
fn inside() -> Desk {
    let mut desk = listed();
    desk.press("Down Enter");
    let opened = End::ExerciseOpened(Ok(Box::new(Draft::default())));
    desk.end(|job| matches!(job, Job::OpenExercise(..)), opened);
    told(&mut desk, Standing::Open("STS refuses the token: AccessDenied".to_owned()));
    desk
}

/// Everything met.
fn done() -> Desk {
    let mut desk = inside();
    desk.press("Enter Down Enter Enter").paste("https://").press("Enter");
    told(&mut desk, Standing::Met);
    desk
}

#[test]
fn the_list() {
    let mut desk = listed();
    desk.press("Down");
    assert_snapshot!("exercises_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("exercises_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("exercises_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("exercises_ascii_80x24", desk.picture(80, 24, ASCII));
    assert_snapshot!("exercises_mono_100x30", desk.picture(100, 30, MONO));
    desk.any_size();
    // Without colour, the selected one is told by its cursor and its weight.
    let buffer = desk.buffer(80, 24, MONO);
    let reversed = (0..24).find(|y| buffer[(11, *y)].modifier.contains(Modifier::REVERSED));
    assert!(reversed.is_some());
    desk.press("i");
    assert!(desk.picture(80, 24, UTF8).contains("A colleague has set the role up by hand"));
}

#[test]
fn inside_with_a_goal_of_the_account_and_one_to_answer() {
    let mut desk = inside();
    assert_snapshot!("exercise_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("exercise_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("exercise_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("exercise_ascii_80x24", desk.picture(80, 24, ASCII));
    assert_snapshot!("exercise_mono_80x24", desk.picture(80, 24, MONO));
    desk.press("Down Down");
    assert_snapshot!("exercise_of_the_account_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("exercise_of_the_account_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
}

#[test]
fn an_answer_is_asked_for_and_was_not_right() {
    let mut desk = inside();
    desk.press("Enter");
    assert_snapshot!("exercise_question_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("exercise_question_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
    desk.press("Enter");
    assert_snapshot!("exercise_wrong_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("exercise_wrong_100x30", desk.picture(100, 30, UTF8));
    desk.press("Down Enter").paste("aud");
    assert_snapshot!("exercise_typed_80x24", desk.picture(80, 24, UTF8));
    desk.any_size();
}

#[test]
fn hints() {
    let mut desk = inside();
    desk.press("H H");
    assert_snapshot!("exercise_hints_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("exercise_hints_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("exercise_hints_60x15", desk.picture(60, 15, UTF8));
}

#[test]
fn it_is_done() {
    let mut desk = done();
    assert_snapshot!("exercise_done_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("exercise_done_100x30", desk.picture(100, 30, UTF8));
    assert_snapshot!("exercise_done_60x15", desk.picture(60, 15, UTF8));
    assert_snapshot!("exercise_done_ascii_80x24", desk.picture(80, 24, ASCII));
    desk.any_size();
    // Every row of it can be come to, also in the smallest window.
    desk.picture(60, 15, UTF8);
    let mut seen = String::new();
    for _ in 0..12 {
        seen.push_str(&desk.picture(60, 15, UTF8));
        desk.press("PageDown");
    }
    for words in
        ["The key of a condition", "One way", "update-assume-role-policy", "IAM user guide"]
    {
        assert!(seen.contains(words), "{words}");
    }
}

#[test]
fn the_trainers_notes() {
    let mut desk = inside();
    let hidden = desk.picture(100, 30, UTF8);
    assert!(!hidden.contains("begin with https://."), "{hidden}");
    desk.press("F2");
    assert_snapshot!("exercise_notes_100x30", desk.picture(100, 30, UTF8));
    desk.press("F2");
    assert_eq!(desk.picture(100, 30, UTF8), hidden);
    desk.picture(80, 24, UTF8);
    desk.press("F2");
    assert_snapshot!("exercise_notes_80x24", desk.picture(80, 24, UTF8));
}

#[test]
fn large_and_quiet() {
    let mut desk = inside();
    desk.press("z");
    assert_snapshot!("exercise_quiet_story_80x24", desk.picture(80, 24, UTF8));
    desk.press("i H");
    assert_snapshot!("exercise_quiet_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("exercise_quiet_60x15", desk.picture(60, 15, UTF8));
    desk.any_size();
    desk.press("z");
    assert!(desk.picture(80, 24, UTF8).contains("Goals"));
}

#[test]
fn lines_for_another_terminal() {
    let mut desk = listed();
    desk.press("x");
    assert_snapshot!("exports_80x24", desk.picture(80, 24, UTF8));
    assert_snapshot!("exports_60x15", desk.picture(60, 15, UTF8));
    desk.press("v");
    assert!(desk.picture(80, 24, UTF8).contains("not-to-be-seen"));
    desk.wait(20_000);
    assert!(!desk.picture(80, 24, UTF8).contains("not-to-be-seen"));
}

#[test]
fn the_steps_say_how_many_goals_are_met() {
    let mut desk = inside();
    desk.press("Down Down Enter");
    for (columns, rows) in [(80, 24), (100, 30), (60, 15)] {
        let picture = desk.picture(columns, rows, UTF8);
        let second = picture.lines().nth(1).unwrap();
        assert!(second.ends_with("1 of 4 goals"), "{second}");
    }
    told(&mut desk, Standing::Met);
    let picture = desk.picture(80, 24, UTF8);
    assert!(picture.contains("Goal met: Okteto pulls team/app"), "{picture}");
}

#[test]
fn what_a_file_says_cannot_draw() {
    let text = SCHEME
        .replace("Find out why", "\\u001b[2JFind out why")
        .replace("by hand", "日本語\\u0007");
    let text = text.replace("title = \"The", "title = \"\\u001b]0;The");
    let mut desk =
        Desk::at_lessons(Lessons { exercises: vec![exercise("own", &text)], ..Lessons::default() });
    desk.any_size();
    desk.press("Enter i");
    desk.any_size();
    let picture = desk.picture(80, 24, UTF8);
    assert!(picture.contains("\\u{1b}[2J"), "{picture}");
    assert!(!picture.contains('\x1b'));
}

#[test]
fn an_empty_list_is_said() {
    let mut desk = Desk::at_lessons(Lessons::default());
    desk.any_size();
    desk.press("Down Enter i S F2 H z x Esc O");
    assert!(desk.picture(80, 24, UTF8).contains("There is no exercise here."));
}

#[test]
fn the_picture_of_the_readme() {
    let mut desk = inside();
    // The notes stand beside the exercise where the window is wide when they are asked for.
    desk.buffer(100, 30, UTF8);
    desk.press("H F2");
    super::svg::assert_is("practice", &desk.buffer(100, 30, UTF8));
}
