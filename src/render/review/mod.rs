//! A review as text for others.

use crate::domain::review::Review;

/// How a review is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For scripts.
    Json,
    /// For tables.
    Csv,
    /// For code scanning.
    Sarif,
}

/// The review in this format.
#[must_use]
pub fn print(_review: &Review, _format: Format) -> String {
    String::new()
}
