//! The shared task runner: effects become tasks here, and what happens becomes reports.
//!
//! A read may be dropped at any await. A changing call is sent once, runs on a task of its own and is never dropped;
//! between two such calls the operator's stop is heard.

pub mod control;
pub mod jobs;
pub mod read_only;
pub mod runner;

#[cfg(test)]
pub(crate) mod fake;
