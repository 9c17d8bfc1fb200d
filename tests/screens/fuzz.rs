//! Any key at any size.

use okteto_ecr::app::message::Message;
use okteto_ecr::app::overlay::{Matter, Overlay};
use okteto_ecr::app::task::{End, Job};

use super::support::{ASCII, Desk, UTF8};

/// Steps 3 and 4 under random keys, replies and sizes: nothing panics, and nothing that changes anything is
/// started but by the yes to its question.
#[test]
fn random_keys_at_random_sizes() {
    let keys: Vec<&str> =
        "Tab BackTab Enter Esc Up Down Left Right Space j k g G n N d w i y Y P r / a"
            .split(' ')
            .collect();
    let mut seed = 7_u64;
    let mut random = |n: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % n
    };
    for _ in 0..40 {
        let mut desk = Desk::new();
        desk.press("Enter");
        for _ in 0..120 {
            let asked = matches!(&desk.app.overlay,
                Some(Overlay::Question(q)) if q.matter == Matter::Apply && q.chosen > 0);
            let before = desk.started.len();
            let key = keys[random(keys.len())];
            desk.press(key);
            let begun = desk.started[before..].iter().any(|(_, job)| matches!(job, Job::Apply(_)));
            assert!(!begun || (asked && key == "Enter"));
            if random(4) == 0 {
                let reply = match desk.started.last() {
                    Some((id, Job::Survey(_))) => Some((*id, End::Surveyed(Ok(Box::default())))),
                    Some((id, Job::Repositories(_))) => {
                        Some((*id, End::Repositories(Ok(Vec::new()))))
                    }
                    Some((id, Job::Apply(_))) => Some((*id, End::Stopped)),
                    _ => None,
                };
                if let Some((id, end)) = reply {
                    let report = okteto_ecr::app::task::Report::End(end);
                    desk.message(Message::Task(id, report));
                }
                desk.wait(700);
            }
            let (width, height) = (random(140) + 1, random(50) + 1);
            let theme = if random(2) == 0 { UTF8 } else { ASCII };
            desk.buffer(width.try_into().unwrap(), height.try_into().unwrap(), theme);
        }
    }
}
