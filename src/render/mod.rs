//! One plan as text for other tools: `aws` commands, Okteto's manifest.

pub mod aws_cli;
pub mod okteto;
pub mod review;
pub mod shell;
