//! The review by its keys.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::app::message::Exit;
use crate::app::overlay::{Matter, Sheet};
use crate::app::task::{Mended, TaskId};
use crate::app::testing::{app, end, news, press, type_text, wait};
use crate::domain::draft::Field;
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::Intent;
use crate::domain::operation::Deed;
use crate::domain::review::triage::{Acceptance, Accepted, Known};
use crate::domain::review::view::Order;
use crate::domain::review::{Counts, Review, sample};

/// The review, being read; the id of the task.
fn opened() -> (App, TaskId) {
    let mut app = app();
    app.started_unix = Some(sample::NOW);
    let started = press(&mut app, "R");
    let [(id, Job::Review(accepted))] = started.as_slice() else { panic!("{started:?}") };
    assert_eq!(accepted, &app.setup.accepted);
    (app, *id)
}

/// The review, read.
pub fn read() -> App {
    let (mut app, id) = opened();
    end(&mut app, id, End::reviewed(sample::review()));
    app
}

fn names(app: &App) -> Vec<&str> {
    let listing = &app.review.shown().listing;
    (0..listing.shown().len())
        .filter_map(|i| listing.get(i).map(|(_, row)| row.name.as_str()))
        .collect()
}

fn selected(app: &App) -> &str {
    app.review.shown().selected().map_or("", |(_, row)| &row.name)
}

/// Types a filter and keeps it.
fn filter(app: &mut App, text: &str) {
    press(app, "/");
    type_text(app, text);
    press(app, "Enter");
}

/// The cursor goes to the row of this name.
fn stand_on(app: &mut App, name: &str) {
    press(app, "g");
    for _ in 0..20 {
        if selected(app) == name {
            return;
        }
        press(app, "j");
    }
    panic!("{name} is not shown: {:?}", names(app));
}

fn text(app: &App) -> String {
    let Some(Overlay::Text(text)) = &app.overlay else { panic!("{:?}", app.overlay) };
    text.lines.join("\n")
}

fn sheet(app: &App) -> &Sheet {
    let Some(Overlay::Sheet(sheet)) = &app.overlay else { panic!("{:?}", app.overlay) };
    sheet
}

#[test]
fn rows_come_while_it_is_read_and_stopping_keeps_them() {
    let (mut app, id) = opened();
    let counts = Counts { roles: 1200, trusting: 37, total: Some(5000), ..Counts::default() };
    let some: Vec<_> = sample::roles().into_iter().take(3).map(Arc::new).collect();
    news(&mut app, id, News::Stage("roles", counts));
    news(&mut app, id, News::RolesJudged(some, counts));
    assert_eq!(names(&app).len(), 3);
    wait(&mut app, Duration::from_secs(3));
    let status = app.status();
    assert!(status.contains("1,200 of 5,000 roles, 37 trust"), "{status}");
    assert!(status.contains("for 3 s"), "{status}");
    // What needs the whole says that it is not there.
    press(&mut app, "f");
    assert!(app.status().contains("not read whole"), "{}", app.status());
    wait(&mut app, Duration::from_secs(10));
    press(&mut app, "Esc");
    assert!(app.slots.running(Slot::Review).is_some_and(|task| task.stopping));
    assert_eq!(app.step, Step::Review);
    end(&mut app, id, End::Stopped);
    assert!(app.status().contains("incomplete"), "{}", app.status());
    assert_eq!(names(&app).len(), 3);
    press(&mut app, "i");
    assert!(text(&app).contains("these are the rows so far"), "{}", text(&app));
    press(&mut app, "Esc Esc");
    assert_eq!(app.step, Step::Mode, "back to where it was opened from");
    assert!(press(&mut app, "R").is_empty(), "nothing is read again unasked");
}

#[test]
fn ctrl_c_stops_the_reading_and_twice_leaves() {
    let (mut app, id) = opened();
    press(&mut app, "Ctrl-C");
    assert!(app.slots.running(Slot::Review).is_some_and(|task| task.stopping));
    assert!(app.overlay.is_none());
    end(&mut app, id, End::Stopped);
    assert!(app.status().contains("Ctrl-C again leaves"), "{}", app.status());
}

#[test]
fn where_it_began_in_the_review_esc_says_how_to_quit() {
    let mut app = app();
    app.setup.begin_at = Step::Review;
    app.begin();
    assert_eq!(app.step, Step::Review);
    let id = app.slots.running(Slot::Review).unwrap().id;
    end(&mut app, id, End::reviewed(sample::review()));
    press(&mut app, "Esc");
    assert_eq!(app.step, Step::Review);
    assert!(app.status().contains("q quits"), "{}", app.status());
    assert_eq!(app.exit_now(), Exit::Left);
}

#[test]
fn reading_again_keeps_rows_marks_filter_and_place() {
    let mut app = read();
    filter(&mut app, "okteto");
    stand_on(&mut app, "build-cache");
    press(&mut app, "Space");
    stand_on(&mut app, "build-cache");
    let before: Vec<String> = names(&app).into_iter().map(str::to_owned).collect();
    let started = press(&mut app, "r");
    let [(id, Job::Review(_))] = started.as_slice() else { panic!("{started:?}") };
    let first: Vec<_> = sample::roles().into_iter().take(1).map(Arc::new).collect();
    news(&mut app, *id, News::RolesJudged(first, Counts::default()));
    assert_eq!(names(&app), before, "the old rows stay until the new are there");
    let mut again = sample::review();
    again.roles.retain(|role| role.entry.name != "okteto-ci");
    end(&mut app, *id, End::reviewed(again));
    assert_eq!(selected(&app), "build-cache");
    assert!(!names(&app).contains(&"okteto-ci"));
    assert!(app.review.choice.marks.contains("role/build-cache"));
    assert_eq!(app.review.line.value(), "okteto");
}

#[test]
fn a_reading_that_failed_shows_why_or_keeps_what_was_there() {
    let (mut app, id) = opened();
    let denied = || Fault::new(Cause::PermissionDenied, "AWS refused iam:ListRoles.");
    end(&mut app, id, End::Reviewed(Err(denied())));
    assert!(app.status().contains("AWS refused iam:ListRoles"), "{}", app.status());
    let started = press(&mut app, "r");
    assert!(matches!(started.as_slice(), [(_, Job::Review(_))]), "{started:?}");

    let mut app = read();
    let started = press(&mut app, "r");
    end(&mut app, started[0].0, End::Reviewed(Err(denied())));
    assert_eq!(names(&app).len(), 12);
    assert!(app.status().contains("Not read again"), "{}", app.status());
    press(&mut app, "i");
    assert!(text(&app).contains("permission-denied"), "{}", text(&app));
}

#[test]
fn the_worst_is_first_and_the_order_goes_round() {
    let mut app = read();
    assert_eq!(names(&app)[..4], ["okteto-ci", "ecr-pull-legacy", "old-registry", "build-cache"]);
    for (order, first) in [
        (Order::Name, "build-cache"),
        (Order::LastUse, "ecr-pull-legacy"),
        (Order::Audience, "okteto-ci"),
        (Order::Issuer, "payments-ecr"),
        (Order::Severity, "okteto-ci"),
    ] {
        press(&mut app, "s g");
        assert_eq!(app.review.order, order);
        assert_eq!(selected(&app), first, "{order:?}");
    }
}

#[test]
fn the_cursor_stays_on_its_row_whatever_is_sorted_or_hidden() {
    let mut app = read();
    stand_on(&mut app, "build-cache");
    press(&mut app, "s s");
    assert_eq!(selected(&app), "build-cache");
    press(&mut app, "2");
    assert_eq!(selected(&app), "build-cache");
    press(&mut app, "2 o o");
    assert_eq!(selected(&app), "build-cache");
}

#[test]
fn severity_keys_are_floors_that_go_off_again() {
    let mut app = read();
    press(&mut app, "1");
    // An error counts as high.
    assert_eq!(names(&app), ["okteto-ci", "ecr-pull-legacy", "old-registry"]);
    press(&mut app, "2");
    assert_eq!(names(&app).len(), 4);
    press(&mut app, "3");
    assert_eq!(names(&app).len(), 5);
    press(&mut app, "3");
    assert_eq!(names(&app).len(), 12);
    press(&mut app, "o");
    assert!(!names(&app).contains(&"okteto-ci"));
    press(&mut app, "1 Esc");
    assert_eq!(names(&app).len(), 12, "Esc shows all of them");
}

#[test]
fn a_filter_is_typed_with_every_key_and_cleared_by_esc() {
    let mut app = read();
    press(&mut app, "/");
    let all: String = (' '..='~').collect();
    type_text(&mut app, &all);
    assert_eq!(app.review.line.value(), all);
    assert!(app.is_typing());
    press(&mut app, "Esc");
    assert_eq!((app.review.line.value(), names(&app).len()), ("", 12));
    filter(&mut app, "sev:high -is:okteto");
    assert_eq!(names(&app), ["okteto-ci", "ecr-pull-legacy"]);
    press(&mut app, "Esc");
    assert_eq!(names(&app).len(), 12);
}

#[test]
fn an_unknown_field_is_told_and_what_was_typed_stays() {
    let mut app = read();
    filter(&mut app, "severity:high");
    assert!(app.status().contains("severity: is no field"), "{}", app.status());
    assert!(app.status().contains("role aud sub"), "{}", app.status());
    assert_eq!(app.review.line.value(), "severity:high");
    press(&mut app, "/");
    for _ in 0.."severity:high".len() {
        press(&mut app, "Backspace");
    }
    assert_eq!(names(&app).len(), 12);
}

#[test]
fn tab_goes_round_the_tables() {
    let mut app = read();
    for table in [Table::Users, Table::Providers, Table::Account, Table::Roles] {
        press(&mut app, "Tab");
        assert_eq!(app.review.table, table);
    }
    press(&mut app, "BackTab");
    assert_eq!(app.review.table, Table::Account);
}

#[test]
fn the_detail_opens_at_its_beginning_and_goes_from_one_finding_to_the_next() {
    let mut app = read();
    stand_on(&mut app, "ecr-pull-legacy");
    press(&mut app, "Enter");
    let rule = |app: &App| detail::finding(app).map(|found| found.finding.rule);
    assert_eq!(rule(&app), None, "who gets in is read first");
    press(&mut app, "n");
    assert_eq!(rule(&app), Some("trust-sub-missing"));
    press(&mut app, "j");
    assert_eq!(rule(&app), Some("provider-aud-generic"));
    press(&mut app, "n");
    assert_eq!(rule(&app), Some("trust-sub-missing"), "it goes round");
    press(&mut app, "N");
    assert_eq!(rule(&app), Some("provider-aud-generic"));
    press(&mut app, "G");
    assert_eq!(rule(&app), None);
    assert!(app.status().starts_with("Line "), "{}", app.status());
    press(&mut app, "a");
    assert!(app.status().contains("stands on no finding"), "{}", app.status());
    assert_eq!(fix::wishes(&app).len(), 1, "off any finding f mends all that can be");
    press(&mut app, "n i");
    let all = text(&app);
    for words in ["trust-sub-missing", "has no key that ends with :sub", "aws iam update-assume"] {
        assert!(all.contains(words), "{words}: {all}");
    }
    press(&mut app, "Esc Esc");
    assert!(app.review.detail.is_none());
    assert_eq!((app.step, selected(&app)), (Step::Review, "ecr-pull-legacy"));
}

#[test]
fn the_difference_of_a_fix_is_shown() {
    let mut app = read();
    stand_on(&mut app, "old-registry");
    press(&mut app, "d");
    let text = text(&app);
    assert!(text.contains("  - ") && text.contains("  + "), "{text}");
    press(&mut app, "Esc");
    stand_on(&mut app, "build-cache");
    press(&mut app, "d");
    assert!(app.overlay.is_none());
    assert!(app.status().contains("Only a trust policy"), "{}", app.status());
}

#[test]
fn mending_takes_the_marked_rows_and_is_refused_with_a_reason() {
    let mut app = read();
    stand_on(&mut app, "build-cache");
    press(&mut app, "f");
    assert!(app.status().contains("By hand"), "{}", app.status());
    stand_on(&mut app, "my-private-registry");
    press(&mut app, "f");
    assert!(app.status().contains("Nothing was found"), "{}", app.status());
    press(&mut app, "Tab f");
    assert!(app.status().contains("from step 1"), "{}", app.status());
    press(&mut app, "BackTab");
    app.setup.read_only = true;
    stand_on(&mut app, "old-registry");
    press(&mut app, "f");
    assert!(app.status().contains("--read-only"), "{}", app.status());
    assert_eq!(app.step, Step::Review);
    app.setup.read_only = false;
    press(&mut app, "Space");
    stand_on(&mut app, "ecr-pull-legacy");
    press(&mut app, "Space");
    assert_eq!(fix::wishes(&app).len(), 2, "both, and not what is by hand");
    press(&mut app, "f");
    assert_eq!(app.step, Step::Mend);
}

#[test]
fn a_finding_is_accepted_with_a_reason_and_a_day() {
    let mut app = read();
    stand_on(&mut app, "build-cache");
    press(&mut app, "a");
    assert_eq!(sheet(&app).fields[1].line.value(), "2026-04-02", "90 days");
    press(&mut app, "Tab Enter");
    assert!(sheet(&app).fields[0].problem.is_some(), "a reason is missing");
    type_text(&mut app, "only in the lab");
    press(&mut app, "Tab");
    for _ in 0..10 {
        press(&mut app, "Backspace");
    }
    type_text(&mut app, "2026-01-01");
    assert!(press(&mut app, "Enter").is_empty());
    let problem = sheet(&app).fields[1].problem.clone().unwrap();
    assert!(problem.contains("is over"), "{problem}");
    assert_eq!(sheet(&app).fields[0].line.value(), "only in the lab");
    // What was typed outlives Esc.
    press(&mut app, "Esc a");
    assert_eq!(sheet(&app).fields[0].line.value(), "only in the lab");
    press(&mut app, "Tab Backspace");
    type_text(&mut app, "2");
    let started = press(&mut app, "Enter");
    let [(id, Job::Accept(file, Acceptance::Add(one)))] = started.as_slice() else {
        panic!("{started:?}")
    };
    assert_eq!(file, &PathBuf::from("okteto-ecr-accepted.toml"));
    assert_eq!(
        (one.on.as_str(), one.until.to_string().as_str()),
        ("role/build-cache", "2026-01-02")
    );
    let one = one.clone();
    // A file that cannot be written loses nothing.
    let fault = Fault::new(Cause::File, "The disk is full.");
    end(&mut app, *id, End::Accepted(Err(fault)));
    assert!(app.status().contains("disk is full"), "{}", app.status());
    press(&mut app, "a");
    assert_eq!(sheet(&app).fields[0].line.value(), "only in the lab");
    let started = press(&mut app, "Tab Enter");
    end(&mut app, started[0].0, End::Accepted(Ok(vec![one.clone()])));
    assert!(app.status().contains("okteto-ecr-accepted.toml"), "{}", app.status());
    filter(&mut app, "is:accepted");
    assert_eq!(names(&app), ["build-cache"]);
    assert_eq!(app.review.shown().selected().unwrap().1.worst(), None, "it counts no more");
    // And taken back.
    press(&mut app, "a");
    let Some(Overlay::Question(question)) = &app.overlay else { panic!("{:?}", app.overlay) };
    assert_eq!(question.matter, Matter::Acceptance);
    let started = press(&mut app, "Tab Enter");
    let [(id, Job::Accept(_, Acceptance::TakeBack { fingerprint, .. }))] = started.as_slice()
    else {
        panic!("{started:?}")
    };
    assert_eq!(*fingerprint, one.fingerprint);
    end(&mut app, *id, End::Accepted(Ok(Vec::new())));
    assert!(names(&app).is_empty());
}

/// Accepts what the cursor stands on; the id of the task, and what is to be written.
fn accept_one(app: &mut App) -> (TaskId, Accepted) {
    press(app, "a");
    type_text(app, "only in the lab");
    let started = press(app, "Tab Enter");
    let [(id, Job::Accept(_, Acceptance::Add(one)))] = started.as_slice() else {
        panic!("{started:?}")
    };
    (*id, one.clone())
}

#[test]
fn what_others_accepted_meanwhile_is_taken_over() {
    let mut app = read();
    stand_on(&mut app, "old-registry");
    let theirs = fix::finding(&app).unwrap().clone();
    stand_on(&mut app, "build-cache");
    let (id, mine) = accept_one(&mut app);
    let theirs =
        Accepted { on: theirs.on.to_string(), fingerprint: theirs.fingerprint(), ..mine.clone() };
    end(&mut app, id, End::Accepted(Ok(vec![theirs, mine])));
    filter(&mut app, "is:accepted");
    assert_eq!(names(&app), ["build-cache", "old-registry"]);
    assert_eq!(selected(&app), "build-cache");
}

#[test]
fn what_is_accepted_while_the_account_is_read_anew_stays_accepted() {
    for accepted_first in [true, false] {
        let mut app = read();
        stand_on(&mut app, "build-cache");
        let reading = press(&mut app, "r")[0].0;
        let (id, one) = accept_one(&mut app);
        let wrote = End::Accepted(Ok(vec![one]));
        // The file was read before it was written.
        let read = End::reviewed(sample::review());
        if accepted_first {
            end(&mut app, id, wrote);
            end(&mut app, reading, read);
        } else {
            end(&mut app, reading, read);
            end(&mut app, id, wrote);
        }
        filter(&mut app, "is:accepted");
        assert_eq!(names(&app), ["build-cache"], "{accepted_first}");
    }
}

#[test]
fn where_there_are_several_findings_one_is_chosen_first() {
    let mut app = read();
    stand_on(&mut app, "ecr-pull-legacy");
    press(&mut app, "a");
    assert!(app.status().contains("2 findings"), "{}", app.status());
    press(&mut app, "Enter n n a");
    assert!(sheet(&app).body[0].contains("sts.amazonaws.com"), "{:?}", sheet(&app).body);
}

#[test]
fn the_export_asks_for_the_format_and_says_where_it_is() {
    let mut app = read();
    press(&mut app, "e j");
    let started = press(&mut app, "Enter");
    let [(id, Job::Export { format, run, .. })] = started.as_slice() else { panic!("{started:?}") };
    assert_eq!((format.file(), run.as_str()), ("review.json", crate::app::testing::RUN));
    end(&mut app, *id, End::Exported(Ok(PathBuf::from("/state/run/review.json"))));
    assert!(app.status().contains("/state/run/review.json"), "{}", app.status());
    press(&mut app, "j i");
    assert!(text(&app).contains("/state/run/review.json"));
}

#[test]
fn the_pull_test_borrows_the_answers_and_gives_them_back() {
    let mut app = read();
    let own = app.draft.clone();
    stand_on(&mut app, "teamcity-pull");
    press(&mut app, "T");
    assert_eq!(app.step, Step::Pull);
    assert_eq!(app.draft.text(Field::Audience), "okteto.example.com/us-east-1");
    assert_eq!(app.draft.text(Field::Role), "teamcity-pull");
    app.go_to(Step::Okteto);
    assert_eq!((app.step, &app.draft), (Step::Review, &own), "whatever way it is left");
    assert_eq!(selected(&app), "teamcity-pull");
    press(&mut app, "T Esc");
    assert_eq!((app.step, &app.draft), (Step::Review, &own));
    press(&mut app, "Esc");
    assert_eq!(app.step, Step::Mode);
}

#[test]
fn a_role_with_a_path_is_tested_by_its_whole_arn() {
    let mut app = read();
    stand_on(&mut app, "deep-path");
    press(&mut app, "T");
    let caller = sample::caller();
    let Ok(Intent::Oidc(intent)) = app.draft.intent(&caller) else { panic!("{:?}", app.draft) };
    assert!(intent.role_arn().as_str().contains("/ppp"), "{}", intent.role_arn());
}

#[test]
fn what_cannot_be_tested_says_why() {
    let mut app = read();
    for (name, why) in [
        ("ecr-pull-legacy", "More than one token"),
        ("old-registry", "Nobody gets in"),
        ("okteto-ci", "More than one token"),
    ] {
        stand_on(&mut app, name);
        press(&mut app, "T");
        assert_eq!(app.step, Step::Review, "{name}");
        assert!(app.status().contains(why), "{name}: {}", app.status());
    }
    press(&mut app, "Tab T");
    assert!(app.status().contains("Only a role"), "{}", app.status());
}

#[test]
fn an_empty_account_and_an_empty_choice_take_every_key() {
    let (mut app, id) = opened();
    let nothing = Review {
        roles: Vec::new(),
        users: Vec::new(),
        providers: Vec::new(),
        account: Vec::new(),
        ..sample::review()
    };
    end(&mut app, id, End::reviewed(nothing));
    press(&mut app, "j G g k Enter Space y Y d f T a s 1 2 3 o n N Tab j Enter");
    assert!(app.overlay.is_none() && app.review.detail.is_none());
    let mut app = read();
    filter(&mut app, "nothing-has-this");
    press(&mut app, "j G g k Enter Space y Y d f T a s n N");
    assert!(app.overlay.is_none() && app.review.detail.is_none());
}

#[test]
fn the_detail_of_a_row_that_is_gone_closes() {
    let mut app = read();
    stand_on(&mut app, "okteto-ci");
    press(&mut app, "Enter");
    let started = press(&mut app, "r");
    let mut again = sample::review();
    again.roles.retain(|role| role.entry.name != "okteto-ci");
    end(&mut app, started[0].0, End::reviewed(again));
    assert!(app.review.detail.is_none());
    assert!(app.status().contains("not there any more"), "{}", app.status());
}

/// The screen stands still for as long as one message is taken.
#[test]
fn no_message_of_a_large_account_holds_up_the_screen() {
    let review = sample::many(10_000);
    let (mut app, id) = opened();
    let mut pages = Vec::new();
    // As many as AWS gives unasked.
    for page in review.roles.chunks(100) {
        let began = std::time::Instant::now();
        news(&mut app, id, News::RolesJudged(page.to_vec(), Counts::default()));
        pages.push(began.elapsed());
    }
    pages.sort_unstable();
    let usual = pages[pages.len() / 2];
    assert!(usual < Duration::from_millis(50), "{pages:?}");
    let mut whole = vec![];
    let mut id = id;
    for _ in 0..3 {
        let read = End::reviewed(review.clone());
        let began = std::time::Instant::now();
        end(&mut app, id, read);
        whole.push(began.elapsed());
        id = press(&mut app, "r")[0].0;
    }
    assert!(whole.iter().min() < Some(&Duration::from_millis(100)), "{whole:?}");
    let began = std::time::Instant::now();
    let started = press(&mut app, "e j Enter");
    let took = began.elapsed();
    assert!(matches!(started.as_slice(), [(_, Job::Export { .. })]), "{started:?}");
    assert!(took < Duration::from_millis(50), "nothing is printed here: {took:?}");
}

#[test]
fn what_was_changed_is_read_anew_when_the_review_is_come_back_to() {
    let mut app = read();
    press(&mut app, "Esc");
    assert!(press(&mut app, "R").is_empty(), "nothing was changed");
    stand_on(&mut app, "old-registry");
    press(&mut app, "Space");
    let step = StepOutcome::Done { deed: Deed::default(), took: Duration::ZERO };
    let steps = vec![step];
    changed(&mut app, &End::Mended(Box::new(Mended { steps, ..Mended::default() })));
    assert!(app.review.choice.marks.is_empty(), "what was mended is not marked any more");
    press(&mut app, "Esc");
    let started = press(&mut app, "R");
    assert!(matches!(started.as_slice(), [(_, Job::Review(_))]), "{started:?}");
    let id = started[0].0;
    end(&mut app, id, End::reviewed(sample::review()));
    press(&mut app, "Esc");
    assert!(press(&mut app, "R").is_empty(), "once");
}

#[test]
fn marks_of_another_table_are_not_mended() {
    let mut app = read();
    stand_on(&mut app, "old-registry");
    press(&mut app, "Space");
    assert!(words::chosen(&app.review).contains("1 marked"));
    press(&mut app, "Tab");
    assert!(!words::chosen(&app.review).contains("marked"));
    assert!(fix::wishes(&app).iter().all(|one| one.on.name() != "old-registry"));
}

#[test]
fn what_is_new_and_mended_is_told_in_the_line() {
    let (mut app, id) = opened();
    let mut review = sample::review();
    let mut known = review.triage.as_ref().unwrap().to_keep(&review);
    known.pop_first();
    let gone = Known {
        on: "role/okteto-ci".to_owned(),
        rule: "ecr-push".to_owned(),
        message: "it pushes".to_owned(),
    };
    known.insert("00000000000000aa".to_owned(), gone);
    review.gaps.clear();
    review.triage.as_mut().unwrap().known = Some(known);
    end(&mut app, id, End::reviewed(review));
    assert!(app.status().starts_with("1 new, 1 mended since"), "{}", app.status());
}

#[test]
fn a_review_that_missed_something_says_what_that_is_compared_with() {
    let (mut app, id) = opened();
    let mut review = sample::review();
    let fault = Fault::new(Cause::PermissionDenied, "AWS refused iam:ListUsers.");
    review.gaps.push(crate::domain::review::Gap {
        part: crate::domain::review::Part::Users,
        what: "the users".to_owned(),
        fault,
    });
    end(&mut app, id, End::reviewed(review));
    press(&mut app, "i");
    assert!(text(&app).contains("nothing is called mended"), "{}", text(&app));
}

#[test]
fn a_day_far_away_is_taken_the_second_time_and_a_day_is_no_reason() {
    let mut app = read();
    stand_on(&mut app, "build-cache");
    press(&mut app, "a");
    type_text(&mut app, "2020-01-01");
    press(&mut app, "Tab Enter");
    assert!(sheet(&app).fields[0].problem.is_some());
    type_text(&mut app, " only in the lab");
    press(&mut app, "Tab");
    for _ in 0..10 {
        press(&mut app, "Backspace");
    }
    type_text(&mut app, "2099-01-01");
    assert!(press(&mut app, "Enter").is_empty());
    let problem = sheet(&app).fields[1].problem.clone().unwrap();
    assert!(problem.contains("more than a year"), "{problem}");
    assert!(matches!(press(&mut app, "Enter").as_slice(), [(_, Job::Accept(..))]));
}

#[test]
fn where_two_tokens_get_in_one_is_chosen_to_test_with() {
    let (mut app, id) = opened();
    let mut review = sample::review();
    let at = review.roles.iter().position(|role| role.entry.name == "teamcity-pull").unwrap();
    let role = Arc::make_mut(&mut review.roles[at]);
    let mut second = role.trust.admits[0].clone();
    second.audience = "another.example.com".to_owned();
    role.trust.admits.push(second);
    end(&mut app, id, End::reviewed(review));
    stand_on(&mut app, "teamcity-pull");
    press(&mut app, "T");
    assert_eq!(app.step, Step::Review);
    let Some(Overlay::Picker(picker)) = &app.overlay else { panic!("{:?}", app.overlay) };
    assert_eq!(picker.rows.len(), 2);
    press(&mut app, "j Enter");
    assert_eq!(app.step, Step::Pull);
    assert_eq!(app.draft.text(Field::Audience), "another.example.com");
}
