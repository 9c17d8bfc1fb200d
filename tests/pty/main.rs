//! The full-screen wizard, by the real binary in a pseudo-terminal, against software from elsewhere.

#[cfg(test)]
mod bed;
#[cfg(test)]
mod follow;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod manner;
#[cfg(test)]
mod practice;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod shell;
#[cfg(test)]
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test crate uses a part of the bed")]
mod support;
#[cfg(test)]
mod user;
