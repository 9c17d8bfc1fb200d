//! One picture for each step and state, as text; a few with their styles and in ASCII.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test says what broke by breaking"
)]

// The sample of a review is that of the unit tests.
use okteto_ecr::domain;

mod access;
mod apply;
mod begin;
mod exercise;
mod fuzz;
mod mend;
mod practice;
mod review;
mod runs;
mod support;
mod svg;
mod tutorial;
mod user;
