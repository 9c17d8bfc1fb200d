//! The review, at the seam that its screens and results read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what broke by breaking"
)]

mod sixty;
mod whole;
