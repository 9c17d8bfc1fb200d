use super::*;
use crate::app::task::TaskId;
use crate::app::testing::{self, Started, press};

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
    let at = tutorial::place(Part::Role);
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
