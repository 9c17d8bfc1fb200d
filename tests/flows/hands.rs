//! Any keys in user mode, on an account where this and that goes wrong: whatever is pressed, no key is left whose secret
//! nobody has without its being told, and no secret is seen that nobody asked to see.

use std::time::Duration;

use okteto_ecr::app::input::{Code, Key};
use okteto_ecr::app::message::Message;
use okteto_ecr::app::overlay::Overlay;
use okteto_ecr::app::steps::apply::lost_key;
use okteto_ecr::domain::journal::Purpose;
use okteto_ecr::domain::key::SeenKey;
use okteto_ecr::domain::secret::AccessKey;
use okteto_ecr::engine::runner::Event;
use okteto_ecr::ports::Cluster;
use okteto_ecr::practice::account::difficulty::What;
use proptest::prelude::*;
use tokio::runtime::Builder;

use crate::user::{USER, desk, letter, place};
use crate::world::Practice;

/// What a hand does.
#[derive(Debug, Clone, Copy)]
enum Move {
    Key(Key),
    /// Says yes to the question that stands there, with the name it asks for.
    Yes,
    Wait(u64),
    /// One step of a rotation, as far as it goes.
    Rotate,
    /// The next key is made, and its answer lost.
    Lose,
}

fn moves() -> impl Strategy<Value = Move> {
    let codes = [Code::Enter, Code::Esc, Code::Right, Code::Tab, Code::Down];
    prop_oneof![
        3 => Just(Move::Key(Key::plain(Code::Enter))),
        3 => Just(Move::Yes),
        2 => prop::sample::select(codes.to_vec()).prop_map(|code| Move::Key(Key::plain(code))),
        4 => prop::sample::select("KKfrruTyYec".chars().collect::<Vec<_>>())
            .prop_map(|c| Move::Key(letter(c))),
        3 => (1..30_u64).prop_map(Move::Wait),
        4 => Just(Move::Rotate),
        1 => Just(Move::Lose),
        1 => Just(Move::Key(Key::ctrl('c'))),
    ]
}

async fn played(moves: Vec<Move>, secret_to: &str) {
    let practice = Practice::new();
    let mut desk = desk(&practice, secret_to);
    desk.make_key().await;
    let mut lost = Vec::new();
    let mut secrets: Vec<AccessKey> = Vec::new();
    secrets.extend(desk.app.apply.held.clone());
    secrets.extend(practice.secrets.read_secret(&place()).await.ok());
    for one in moves {
        // A second Ctrl-C leaves at once, which is another matter.
        if desk.ended.is_some() {
            break;
        }
        match one {
            Move::Key(key) if key == Key::ctrl('c') && desk.app.slots.changing().is_none() => {}
            Move::Key(key) => desk.key(key),
            Move::Yes => match &desk.app.overlay {
                Some(Overlay::Question(_)) => desk.say_yes(),
                _ => desk.enter(),
            },
            Move::Rotate => {
                if desk.app.overlay.is_some() {
                    desk.key(Key::plain(Code::Esc));
                }
                desk.key(letter('K'));
                desk.wait(Duration::from_secs(3)).await;
                desk.enter();
                if matches!(desk.app.overlay, Some(Overlay::Question(_))) {
                    desk.say_yes();
                }
                desk.wait(Duration::from_secs(9)).await;
            }
            Move::Wait(seconds) => desk.wait(Duration::from_secs(seconds)).await,
            Move::Lose => practice.trouble("iam:CreateAccessKey", 0, Some(1), What::Lose),
        }
        lost.extend(lost_key(&desk.app));
        secrets.extend(desk.app.apply.held.clone());
        secrets.extend(practice.secrets.read_secret(&place()).await.ok());
    }
    if desk.ended.is_none() {
        desk.wait(Duration::from_mins(3)).await;
        lost.extend(lost_key(&desk.app));
        secrets.extend(desk.app.apply.held.clone());
        secrets.extend(practice.secrets.read_secret(&place()).await.ok());
        let runs = practice.world().ledger.runs().unwrap();
        let taken_back = runs.iter().filter_map(|run| run.past.as_ref().ok()).any(|past| {
            past.session.as_ref().is_some_and(|session| session.purpose == Purpose::Undo)
        });
        let keys = match practice.world().cloud.keys(USER).await {
            // A run that made the user, too, was taken back.
            Err(fault) if taken_back && fault.evidence["code"] == "NoSuchEntity" => Vec::new(),
            keys => keys.unwrap(),
        };
        for SeenKey { id, .. } in &keys {
            let has = secrets.iter().any(|key| key.id == *id);
            assert!(has || lost.contains(id), "nobody has {id}");
        }
        // But where the run was taken back, which a hand may have said yes to.
        assert!(taken_back || keys.iter().any(SeenKey::is_active), "Okteto has no key any more");
    }
    for key in &secrets {
        desk.assert_unseen(key);
    }
}

impl crate::Desk {
    /// Lets tasks work for so long.
    pub(crate) async fn wait(&mut self, time: Duration) {
        let until = tokio::time::Instant::now() + time;
        while tokio::time::Instant::now() < until {
            tokio::select! {
                biased;
                Some(event) = self.events.recv() => match event {
                    Event::Report(id, report) => self.send(Message::Task(id, report)),
                    Event::Panicked => panic!("a task broke"),
                },
                () = tokio::time::sleep(Duration::from_secs(1)) => self.send(Message::Tick),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn no_key_is_left_that_nobody_has(
        hands in prop::collection::vec(moves(), 5..60),
        shown: bool,
    ) {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(played(hands, if shown { "show" } else { "kubernetes" }));
    }
}
