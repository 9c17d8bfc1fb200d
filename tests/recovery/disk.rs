//! Death at every point, a disk that is full at every line, and two processes at once.

use std::collections::BTreeSet;

use okteto_ecr::domain::journal::{Format, Header};
use okteto_ecr::ports::Ledger;

use crate::bench::Bench;
use crate::life::Fate;

/// Seeds that together tell every kind of story.
const STORIES: std::ops::Range<u64> = 0..24;

async fn easily_to_the_end(bench: &mut Bench) {
    for _ in 0..4 {
        if bench.live(Fate::default()).await {
            return bench.assert_wished().await;
        }
    }
    panic!("it does not end: {:?}", bench.told);
}

async fn easily_back(bench: &mut Bench) {
    for _ in 0..4 {
        if bench.live_back(Fate::default()).await {
            return;
        }
    }
    panic!("it is not taken back: {:?}", bench.told);
}

/// How far the whole of a story goes each way.
struct Lengths {
    kind: String,
    there: (u32, u32),
    back: (u32, u32),
}

async fn lengths(seed: u64) -> Option<Lengths> {
    let mut bench = Bench::new(seed).await;
    easily_to_the_end(&mut bench).await;
    let there = bench.last;
    bench.known()?;
    easily_back(&mut bench).await;
    Some(Lengths { kind: bench.kind(), there, back: bench.last })
}

/// One story of each kind, with its lengths.
async fn one_of_each() -> Vec<(u64, Lengths)> {
    let mut kinds = BTreeSet::new();
    let mut stories = Vec::new();
    for seed in STORIES {
        if let Some(lengths) = lengths(seed).await
            && kinds.insert(lengths.kind.clone())
        {
            stories.push((seed, lengths));
        }
    }
    assert!(stories.len() >= 6, "{kinds:?}");
    stories
}

/// The first life there and the first life back go as told; all others are easy.
async fn play(seed: u64, there: Fate, back: Fate) {
    let mut bench = Bench::new(seed).await;
    let start = bench.snapshot().await;
    let is_easy = |fate: &Fate| fate.death.is_none() && fate.full.is_none();
    if !is_easy(&there) {
        assert!(
            !bench.live(there).await,
            "seed {seed}, {there:?}: it says nothing of it: {:?}",
            bench.told
        );
    }
    easily_to_the_end(&mut bench).await;
    if !is_easy(&back) {
        assert!(
            !bench.live_back(back).await,
            "seed {seed}, {back:?}: it says nothing of it: {:?}",
            bench.told
        );
    }
    easily_back(&mut bench).await;
    bench.assert_back(&start).await;
}

#[tokio::test(start_paused = true)]
async fn killed_at_every_point_it_is_gone_on_with_and_taken_back() {
    let easy = Fate::default();
    for (seed, Lengths { there, back, .. }) in one_of_each().await {
        for point in 1..=there.0 {
            play(seed, Fate { death: Some(point), ..easy }, easy).await;
        }
        for point in 1..=back.0 {
            play(seed, easy, Fate { death: Some(point), ..easy }).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn on_a_disk_that_is_full_at_any_line_nothing_is_sent_that_is_not_in_the_journal() {
    let easy = Fate::default();
    for (seed, Lengths { there, back, .. }) in one_of_each().await {
        for line in 1..=there.1 {
            play(seed, Fate { full: Some(line), ..easy }, easy).await;
        }
        for line in 1..=back.1 {
            play(seed, easy, Fate { full: Some(line), ..easy }).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn while_one_process_is_at_work_another_changes_nothing() {
    let mut bench = Bench::new(0).await;
    let other = Header {
        format: Format::OURS,
        program: "0.1.0".to_owned(),
        run: "20261123-204511-aaaa".to_owned(),
        account: "112233445566".to_owned(),
        partition: "aws".to_owned(),
        region: "us-east-2".to_owned(),
        caller: "arn:aws:iam::112233445566:user/trainee".to_owned(),
        mode: "oidc".to_owned(),
        about: "role other".to_owned(),
        registry: "112233445566.dkr.ecr.us-east-2.amazonaws.com".to_owned(),
        began: "2026-11-23T20:45:11Z".to_owned(),
    };
    let start = bench.snapshot().await;
    let held = bench.practice.open_journal(&other).unwrap();
    assert!(!bench.live(Fate::default()).await);
    assert!(bench.told.last().unwrap().contains("one at a time"), "{:?}", bench.told);
    assert_eq!((bench.snapshot().await, bench.practice.writes()), (start.clone(), 0));
    // The lock of a process that is gone holds nobody up.
    drop(held);
    easily_to_the_end(&mut bench).await;
    let (made, writes) = (bench.snapshot().await, bench.practice.writes());
    let held = bench.practice.open_journal(&other).unwrap();
    assert!(!bench.live_back(Fate::default()).await);
    assert!(bench.told.last().unwrap().contains("one at a time"), "{:?}", bench.told);
    assert_eq!((bench.snapshot().await, bench.practice.writes()), (made, writes));
    drop(held);
    easily_back(&mut bench).await;
    bench.assert_back(&start).await;
}
