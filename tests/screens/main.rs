//! One picture for each step and state, as text; a few with their styles and in ASCII.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test says what broke by breaking"
)]

mod access;
mod apply;
mod begin;
mod fuzz;
mod mend;
mod practice;
mod runs;
mod support;
mod svg;
mod user;
