use super::*;
use crate::app::task::TaskId;
use crate::app::testing::{self, Started, press};
use crate::domain::draft::Field;

fn opened() -> App {
    let mut app = testing::app();
    app.setup.practice = true;
    open(&mut app);
    app
}

/// The question that was put, with the number of its calls.
fn asked(started: Started) -> Option<(TaskId, usize)> {
    started.into_iter().find_map(|(id, job)| match job {
        Job::AskPrinted(calls) => Some((id, calls.len())),
        _ => None,
    })
}

#[test]
fn every_passage_has_something_beside_it() {
    let mut app = opened();
    for at in 0..tutorial::count() {
        go(&mut app, at);
        let text = sent(&app).unwrap();
        assert!(text.len() > 10, "{}: {text:?}", passage(&app).unwrap().title);
        assert!(!text.contains("${"), "{text}");
    }
}

#[test]
fn the_trust_that_is_sent_has_no_scheme_in_its_keys() {
    let mut app = opened();
    go(&mut app, tutorial::place(Part::Trust));
    let text = sent(&app).unwrap();
    assert!(!text.contains("https://"), "{text}");
    assert!(tutorial::printed(Part::Trust).contains("${OIDC_ENDPOINT}"));
}

#[test]
fn a_step_leads_to_its_passage_and_back() {
    let mut app = testing::app();
    app.setup.practice = true;
    app.go_to(Step::Access);
    open(&mut app);
    assert_eq!(passage(&app).unwrap().part, Part::Trust);
    assert!(command(&mut app, Command::Back));
    assert_eq!(app.step, Step::Access);
}

#[test]
fn enter_asks_about_every_trial_of_the_passage() {
    let mut app = opened();
    let at = tutorial::place(Part::Trust);
    go(&mut app, at);
    let trials = passage(&app).unwrap().trials.len();
    assert!(trials > 1);
    let mut started = press(&mut app, "Enter");
    for trial in 0..trials {
        let (id, calls) = asked(started).unwrap();
        let said = vec![Said::Done(trial.into()); calls];
        started = testing::end(&mut app, id, End::Printed(said));
        assert_eq!(app.tutorial.said.get(&(at, trial)), Some(&Said::Done(trial.into())));
    }
    assert!(asked(started).is_none());
    assert_eq!(app.tutorial.asking, None);
}

#[test]
fn the_defects_go_round_and_their_lines_stay_in_sight() {
    let mut app = opened();
    go(&mut app, tutorial::place(Part::Trust));
    let mut lines = vec![app.tutorial.line.row];
    for _ in 0..3 {
        press(&mut app, "n");
        lines.push(app.tutorial.line.row);
    }
    assert_eq!(lines, [6, 11, 12, 6]);
    press(&mut app, "N");
    assert_eq!((app.tutorial.defect, app.tutorial.line.row), (2, 12));
    // From another pane they lead back to what is printed.
    press(&mut app, "Tab n");
    assert_eq!((app.tutorial.pane, app.tutorial.defect), (Pane::Printed, 0));
}

#[test]
fn what_is_sent_follows_the_answers_of_its_way_only() {
    let mut app = opened();
    go(&mut app, tutorial::place(Part::RoleValues));
    let given = std::mem::take(&mut app.draft);
    assert!(!is_answered(&app), "nothing was answered yet");
    let theirs = sent(&app).unwrap();
    app.draft = given;
    for (field, text) in [
        (Field::Subject, "system:serviceaccount:okteto:other"),
        (Field::Role, "another-role"),
        (Field::Audience, "another-audience"),
    ] {
        app.draft.set(field, text);
    }
    assert!(is_answered(&app));
    let ours = sent(&app).unwrap();
    assert!(ours.contains("role/another-role") && ours.contains("another-audience"), "{ours}");
    assert!(theirs.contains("role/my-private-registry"), "{theirs}");
    // The user's passages are about a user all the same.
    go(&mut app, tutorial::place(Part::User));
    assert!(!is_answered(&app) && sent(&app).unwrap().contains("private-registry-user"));
}

#[test]
fn what_never_goes_to_aws_is_not_asked() {
    let mut app = opened();
    go(&mut app, tutorial::place(Part::RoleValues) - 7);
    assert_eq!(passage(&app).unwrap().part, Part::Audience);
    assert!(asked(press(&mut app, "Enter")).is_none());
    assert_eq!(app.status(), "Nothing of this passage goes to AWS.");
}

#[test]
fn an_answer_that_comes_late_stays_with_its_passage() {
    let mut app = opened();
    let at = tutorial::place(Part::Role);
    go(&mut app, at);
    let (id, _) = asked(press(&mut app, "Enter")).unwrap();
    press(&mut app, "Down");
    testing::end(&mut app, id, End::Printed(vec![Said::Done(7.into())]));
    assert_eq!(app.tutorial.said.get(&(at, 0)), Some(&Said::Done(7.into())));
    assert_eq!(app.tutorial.asking, None);
}

#[test]
fn all_of_it_is_there_to_be_read() {
    let mut app = opened();
    go(&mut app, tutorial::place(Part::Trust));
    let text = story::whole(&app).join("\n");
    for part in ["${OIDC_ENDPOINT}:aud", "Source:", "What is sent", "not asked yet"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    press(&mut app, "i");
    assert!(matches!(app.overlay, Some(Overlay::Text(_))));
}
