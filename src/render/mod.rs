//! What this program knows as text for people and other tools: a plan as `aws` commands, Okteto's manifest, a review, the record
//! of a practice session.

pub mod aws_cli;
pub mod okteto;
pub mod record;
pub mod review;
pub mod shell;
