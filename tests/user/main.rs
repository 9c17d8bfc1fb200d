//! Users with an access key, by the real binary: against software from elsewhere, and on the practice account where the
//! difficulties are that no emulator has.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what broke by breaking"
)]
#![cfg(unix)]

#[cfg(test)]
#[path = "../practice/bed.rs"]
#[allow(dead_code, reason = "each test crate uses a part of the bed")]
mod bed;
#[cfg(test)]
#[path = "../peers/bench.rs"]
#[allow(dead_code, reason = "each test crate uses a part of the bench")]
mod bench;
#[cfg(test)]
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test crate uses a part of the bed")]
mod support;

#[cfg(test)]
mod cluster;
#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod key;
#[cfg(test)]
mod lost;
#[cfg(test)]
mod pull;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod shown;
#[cfg(test)]
mod world;
