//! The review: what it finds, what it keeps, what it prints.

#[cfg(test)]
mod paper;
#[cfg(test)]
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test crate uses a part of the bed")]
mod support;
