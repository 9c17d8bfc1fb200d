//! The commands against software from elsewhere, by the real binary.

#[cfg(test)]
mod bed;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod input;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod present;
#[cfg(test)]
mod pull;
#[cfg(test)]
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test crate uses a part of the bed")]
mod support;
