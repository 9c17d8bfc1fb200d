//! A thousand stories with deaths and faults, each from its seed. `RECOVERY_SEED=N` plays one of them and tells of it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tokio::runtime::Builder;

use crate::bench::Bench;

const SEED: &str = "RECOVERY_SEED";

/// To the end and back to the beginning. What was met on the way.
#[expect(clippy::print_stdout, reason = "whoever reads of a failure wants to play it again")]
fn play(seed: u64, tell: bool) -> BTreeMap<&'static str, u32> {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let mut bench = runtime.block_on(Bench::new(seed));
    let played = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let start = bench.snapshot().await;
            bench.reach_the_end().await;
            bench.assert_wished().await;
            if bench.known().is_some() {
                bench.back().await;
            }
            bench.assert_back(&start).await;
        });
    }));
    if tell || played.is_err() {
        println!("{}\nplay it again with {SEED}={seed}", bench.told.join("\n"));
    }
    if let Err(panic) = played {
        for path in crate::paper::Paper::of(&bench.practice).all() {
            println!("{}", String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        }
        resume_unwind(panic);
    }
    bench.met
}

/// A quarter of them: they are played side by side.
fn quarter(number: u64) {
    if let Ok(seed) = std::env::var(SEED) {
        if number == 0 {
            play(seed.parse().unwrap(), true);
        }
        return;
    }
    let mut met = BTreeMap::new();
    for seed in (0..1000).filter(|seed| seed % 4 == number) {
        for (what, times) in play(seed, false) {
            *met.entry(what).or_insert(0) += times;
        }
    }
    let all = [
        "died",
        "answered",
        "throttled",
        "lost before",
        "lost after",
        "hung",
        "late",
        "expired",
        "stale",
        "undelivered",
    ];
    for what in all {
        assert!(met.get(what).is_some_and(|times| *times > 3), "{what} hardly happened: {met:?}");
    }
}

#[test]
fn a_first_quarter_of_a_thousand_seeds_reaches_its_end_and_its_beginning() {
    quarter(0);
}

#[test]
fn a_second_quarter_of_a_thousand_seeds_reaches_its_end_and_its_beginning() {
    quarter(1);
}

#[test]
fn a_third_quarter_of_a_thousand_seeds_reaches_its_end_and_its_beginning() {
    quarter(2);
}

#[test]
fn a_fourth_quarter_of_a_thousand_seeds_reaches_its_end_and_its_beginning() {
    quarter(3);
}
