//! Nothing is lost: lives of the program that end anywhere, with faults in between, in virtual time. Whoever comes next goes on
//! to the end, and takes everything back to the beginning.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what broke by breaking"
)]
#![cfg(unix)]

#[path = "../flows/account.rs"]
#[allow(dead_code, reason = "each test crate uses a part of it")]
mod account;
#[path = "../flows/roster.rs"]
mod roster;
#[path = "../flows/shelf.rs"]
mod shelf;
#[path = "../flows/world.rs"]
#[allow(dead_code, reason = "each test crate uses a part of it")]
mod world;

mod bench;
mod disk;
mod life;
mod paper;
mod seeds;
mod stories;
