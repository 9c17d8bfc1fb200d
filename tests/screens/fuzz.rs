//! Any key at any size.

use okteto_ecr::app::message::Message;
use okteto_ecr::app::overlay::{Matter, Overlay};
use okteto_ecr::app::slot::Slot;
use okteto_ecr::app::step::Step;
use okteto_ecr::app::task::{ApplyOutcome, End, Job, Undone};
use okteto_ecr::domain::custody::SeenPlace;
use okteto_ecr::domain::fault::{Cause, Fault};

use super::support::{ASCII, Desk, UTF8};
use super::user::{self, NEW, OLD, SECRET};
use super::{review, runs};

/// A linear congruential generator: the same keys on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// Everything but the Enter: the names are typed, the focus is on the last choice.
fn say_yes(desk: &mut Desk) {
    let question = |desk: &Desk| match &desk.app.overlay {
        Some(Overlay::Question(question)) => question.clone(),
        other => panic!("{other:?}"),
    };
    // In a window that is too small no key does anything.
    desk.picture(80, 24, UTF8);
    for (i, name) in question(desk).names.iter().enumerate() {
        while question(desk).typing() != Some(i) {
            desk.press("Tab");
        }
        desk.paste(&name.wanted);
    }
    while question(desk).chosen + 1 != question(desk).choices.len() {
        desk.press("Tab");
    }
}

/// Random keys, replies and sizes from where `start` leads: nothing panics, nothing that changes anything is
/// started but by the yes to its question, and no secret is on a screen that was not asked to show it.
/// Returns the steps that were seen, and how often something was changed.
fn fuzz(
    start: impl Fn(usize) -> Desk,
    reply: impl Fn(&Job, usize) -> Option<End>,
    more: &str,
) -> (Vec<Step>, usize) {
    let (mut seen, mut changes) = (Vec::new(), 0);
    let keys: Vec<&str> = "Tab BackTab Enter Enter Esc Up Down Left Right Space j k g G n N d w i y Y P r / a K v u f c T 1 3 4"
        .split(' ')
        .chain(more.split_whitespace())
        .collect();
    let mut random = Random(7);
    for round in 0..40 {
        let mut desk = start(round);
        for _ in 0..120 {
            let mut key =
                if random.below(5) == 0 { "Enter" } else { keys[random.below(keys.len())] };
            if matches!(&desk.app.overlay, Some(Overlay::Question(_))) && random.below(2) == 0 {
                say_yes(&mut desk);
                key = "Enter";
            }
            let asked = matches!(&desk.app.overlay,
                Some(Overlay::Question(q))
                    if matches!(q.matter, Matter::Apply | Matter::Undo | Matter::Mend) && q.chosen > 0);
            let before = desk.started.len();
            desk.press(key);
            let begun = desk.started[before..].iter().any(|(_, job)| job.is_changing());
            assert!(!begun || (asked && key == "Enter"));
            changes += usize::from(begun);
            assert!(
                desk.app.slots.running(Slot::Apply).is_none()
                    || desk.app.slots.running(Slot::Undo).is_none()
            );
            if !seen.contains(&desk.app.step) {
                seen.push(desk.app.step);
            }
            if random.below(3) == 0 {
                let end = desk
                    .started
                    .last()
                    .and_then(|(id, job)| reply(job, random.below(8)).map(|end| (*id, end)));
                if let Some((id, end)) = end {
                    let report = okteto_ecr::app::task::Report::End(end);
                    desk.message(Message::Task(id, report));
                }
                desk.wait(700);
            }
            let (width, height) = (random.below(160) + 1, random.below(60) + 1);
            let theme = if random.below(2) == 0 { UTF8 } else { ASCII };
            let picture =
                desk.picture(width.try_into().unwrap(), height.try_into().unwrap(), theme);
            assert!(desk.app.is_revealed() || !picture.contains(SECRET), "{picture}");
        }
    }
    (seen, changes)
}

#[test]
fn random_keys_at_random_sizes() {
    let start = |_| {
        let mut desk = Desk::new();
        desk.press("Enter");
        desk
    };
    let (seen, changes) = fuzz(
        start,
        |job, _| match job {
            Job::Survey(_) => Some(End::Surveyed(Ok(Box::default()))),
            Job::Repositories(_) => Some(End::Repositories(Ok(Vec::new()))),
            _ => None,
        },
        "R",
    );
    assert!(changes > 0 && seen.contains(&Step::Apply), "{changes} {seen:?}");
}

#[test]
fn random_keys_among_the_runs() {
    let start = |round| {
        let mut desk = Desk::new();
        desk.press("Esc").end(|job| matches!(job, Job::Runs), End::Runs(Ok(runs::several())));
        if round % 2 == 0 {
            desk.press("c");
        }
        desk
    };
    let (seen, changes) = fuzz(
        start,
        |job, n| match job {
            Job::Survey(_) => Some(End::Surveyed(Ok(Box::default()))),
            Job::Runs => Some(End::Runs(Ok(runs::several()))),
            Job::Recall(run) => Some(runs::recalled(run, n % 2 == 0)),
            Job::Undo(undo) if n > 0 => {
                let outcome = if n % 2 == 0 { ApplyOutcome::Done } else { ApplyOutcome::Failed };
                Some(End::Undone(Box::new(Undone { outcome, ..Undone::nothing(undo) })))
            }
            Job::Apply(_) | Job::Undo(_) => Some(End::Stopped),
            _ => None,
        },
        "",
    );
    assert!(changes > 3, "{changes}");
    for step in [Step::Mode, Step::Apply, Step::Runs, Step::Undo] {
        assert!(seen.contains(&step), "{step:?}: {seen:?}");
    }
}

#[test]
fn random_keys_in_user_mode() {
    let (seen, changes) = fuzz(
        |round| {
            if round % 2 == 0 { user::access() } else { user::planned(user::of(round / 2 % 8)) }
        },
        |job, n| match job {
            Job::Survey(_) => Some(End::Surveyed(Ok(Box::new(user::of(n))))),
            Job::TryPlace(_) => Some(End::PlaceTried(Ok(SeenPlace::Free))),
            Job::Repositories(_) => Some(End::Repositories(Ok(Vec::new()))),
            Job::Apply(plan) if n > 0 => Some(user::made(plan.steps.len(), n % 2 == 0)),
            Job::Probe(_) => Some(user::pulled(if n % 2 == 0 { NEW } else { OLD })),
            _ => None,
        },
        "",
    );
    assert!(changes > 10, "{changes}");
    for step in [Step::Access, Step::Apply, Step::Pull, Step::Okteto, Step::Rotation] {
        assert!(seen.contains(&step), "{step:?}: {seen:?}");
    }
}

#[test]
fn random_keys_in_the_review() {
    let start = |round| {
        if round % 4 == 0 { review::reading() } else { review::of(review::sample::review()) }
    };
    let file = || Fault::new(Cause::File, "The disk is full.");
    let (seen, changes) = fuzz(
        start,
        |job, n| match job {
            Job::Review(_) if n == 0 => Some(End::Reviewed(Err(file()))),
            Job::Review(_) if n < 3 => Some(End::Stopped),
            Job::Review(_) => Some(End::reviewed(review::sample::review())),
            Job::Accept(..) => {
                Some(End::Accepted(if n > 2 { Ok(Vec::new()) } else { Err(file()) }))
            }
            Job::Export { .. } => Some(End::Exported(Ok("/state/review.json".into()))),
            Job::Survey(_) => Some(End::Surveyed(Ok(Box::default()))),
            Job::Probe(_) | Job::Apply(_) => Some(End::Stopped),
            _ => None,
        },
        "R R R R s o 2 e j j j j j j j j j j G T T T T a Enter",
    );
    for step in [Step::Review, Step::Pull, Step::Mode] {
        assert!(seen.contains(&step), "{step:?}: {seen:?} {changes}");
    }
}
