//! The practice account as others meet it: the same calls as to the emulators, the tutorial's commands, the SDK.

#[cfg(test)]
mod bed;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod differences;
#[cfg(test)]
mod difficult;
#[cfg(test)]
mod sdk;
#[cfg(test)]
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test crate uses a part of the bed")]
mod support;
#[cfg(test)]
mod take_back;
#[cfg(test)]
mod tutorial;
#[cfg(test)]
mod witness;
