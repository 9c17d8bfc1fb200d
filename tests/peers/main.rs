//! The commands against software from elsewhere, by the real binary.

#[cfg(test)]
mod bed;
#[cfg(test)]
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test crate uses a part of the bed")]
mod support;
