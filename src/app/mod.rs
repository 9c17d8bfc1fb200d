//! The state machine of the wizard: a `Message` comes in, new state and `Effect`s come out. No async, no I/O.

pub mod form;
pub mod help;
pub mod input;
pub mod keymap;
mod leave;
pub mod list;
pub mod message;
pub mod over;
pub mod overlay;
pub mod plain;
pub mod search;
pub mod setup;
pub mod slot;
pub mod step;
pub mod steps;
pub mod task;
#[cfg(test)]
pub(crate) mod testing;
pub mod who;
pub mod wizard;
