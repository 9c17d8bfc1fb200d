//! The review: the account as it is read, judged, shown and told.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what broke by breaking"
)]

#[cfg(test)]
#[path = "../practice/bed.rs"]
#[allow(dead_code, reason = "each test crate uses a part of the bed")]
mod bed;
#[cfg(test)]
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test crate uses a part of the bed")]
mod support;

#[cfg(test)]
mod command;
mod paper;
mod sixty;
mod whole;
#[cfg(test)]
mod wire;
