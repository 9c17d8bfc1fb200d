//! Nothing is lost, whatever ends the real binary: killed at each changing call of each mode, before the call is sent, before
//! its answer, and before its answer is in the journal; then resumed to the end, and taken back to the beginning.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what broke by breaking"
)]
#![cfg(target_os = "linux")]

#[cfg(test)]
#[path = "../practice/bed.rs"]
#[allow(dead_code, reason = "each test crate uses a part of the bed")]
mod bed;
#[cfg(test)]
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test crate uses a part of the bed")]
mod support;

#[cfg(test)]
mod account;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod signals;
#[cfg(test)]
mod together;
#[cfg(test)]
mod world;
