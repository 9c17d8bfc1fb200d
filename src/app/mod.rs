//! The state machine of the wizard: a `Message` comes in, new state and `Effect`s come out. No async, no I/O.

pub mod task;
