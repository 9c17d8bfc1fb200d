//! `review`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::{FailOn, fail_on};

/// What a review is printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReviewFormat {
    /// For people.
    Text,
    /// For scripts: one object.
    Json,
    /// For spreadsheets: one line a finding.
    Csv,
    /// SARIF 2.1.0, such as for GitHub code scanning.
    Sarif,
}

/// `review`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    okteto-ecr review                                  full screen\n  \
    okteto-ecr review --format text --role my-role     one role, as text\n  \
    okteto-ecr review --format sarif > review.sarif    for code scanning\n  \
    okteto-ecr review --format json --fail-on medium --baseline last.json\n\n\
    Exit codes: 0 nothing at --fail-on or above; 1 the account could not be read;\n\
    3 there is such a finding, and it is not accepted. What could only be read in\n\
    part is told on standard error and in the result.")]
pub struct ReviewArgs {
    /// What to print; without it the review opens full screen
    #[arg(long, value_enum)]
    pub format: Option<ReviewFormat>,
    /// Exit with 3 if a finding is as bad as this and not accepted; error
    /// counts as high
    #[arg(long, value_name = "SEVERITY", default_value = "high", value_parser = fail_on())]
    pub fail_on: FailOn,
    /// The file of what was accepted [default: okteto-ecr-accepted.toml here]
    #[arg(long, value_name = "FILE")]
    pub accepted: Option<PathBuf>,
    /// What an earlier review printed with --format json: tells what is new and
    /// what is mended since
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Only this role (repeatable)
    #[arg(long, value_name = "NAME")]
    pub role: Vec<String>,
}

impl ReviewArgs {
    /// Where it is looked for what was accepted, if nothing else is said.
    pub const ACCEPTED: &str = "okteto-ecr-accepted.toml";

    /// The file of what was accepted.
    #[must_use]
    pub fn accepted_file(&self) -> PathBuf {
        self.accepted.clone().unwrap_or_else(|| PathBuf::from(Self::ACCEPTED))
    }
}
