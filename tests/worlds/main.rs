//! Every refusal explained: for each cause at least one world in which it happens. Each is played twice, by the wizard's
//! engine on the practice account in memory, in virtual time, and by the real binary over the wire; each time it must be
//! diagnosed as that cause, with its evidence and a remedy which, carried out, makes the same question pass.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what broke by breaking"
)]
#![cfg(unix)]

#[path = "../flows/account.rs"]
mod account;
#[path = "../practice/bed.rs"]
#[allow(dead_code, reason = "each test crate uses a part of the bed")]
mod bed;
#[path = "../flows/roster.rs"]
mod roster;
#[path = "../flows/shelf.rs"]
mod shelf;
#[cfg(test)]
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test crate uses a part of the bed")]
mod support;
#[path = "../flows/world.rs"]
#[allow(dead_code, reason = "each test crate uses a part of it")]
mod world;

mod command;
mod engine;
mod full;
mod stage;
mod table;

mod change;
mod cluster;
mod key;
mod login;
mod refusals;
mod registry;
mod role;
mod token;
mod trust;

use std::collections::BTreeSet;

use okteto_ecr::domain::fault::Cause;
use table::World;

/// The worlds of all pages.
fn all() -> impl Iterator<Item = &'static (&'static str, World)> {
    let pages = [
        login::ALL,
        change::ALL,
        token::ALL,
        role::ALL,
        trust::ALL,
        registry::ALL,
        cluster::ALL,
        key::ALL,
        refusals::ALL,
    ];
    pages.into_iter().flatten()
}

#[test]
fn every_cause_has_a_world_that_produces_it() {
    let produced: BTreeSet<Cause> = all().flat_map(|(_, world)| world.causes()).collect();
    let without: Vec<Cause> =
        Cause::ALL.iter().copied().filter(|cause| !produced.contains(cause)).collect();
    assert_eq!(without, []);
}

#[test]
fn there_are_many_worlds_and_most_are_played_both_ways() {
    let names: BTreeSet<&str> = all().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), all().count(), "a name stands there twice");
    assert!(names.len() >= 40, "{}", names.len());
    let both = all().filter(|(_, world)| world.only.is_none()).count();
    assert!(both >= 40, "{both} are played both ways");
}
