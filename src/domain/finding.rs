//! What a look at a policy, a key or an account found wrong, and how bad it is.

use std::fmt;

use serde_json::Value;

/// How bad a finding is. Compare by [`Severity::rank`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Could be better.
    Low,
    /// Should be mended.
    Medium,
    /// Lets in who should not be, or more than should be.
    High,
    /// Lets in anyone.
    Critical,
    /// It cannot work as meant; counts as high.
    Error,
}

impl Severity {
    /// All of them, the least first.
    pub const ALL: [Self; 6] =
        [Self::Note, Self::Low, Self::Medium, Self::High, Self::Critical, Self::Error];

    /// The word of the JSON results and of `--fail-on`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
            Self::Error => "error",
        }
    }

    /// Where it stands in the order; an error counts as high.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Note => 0,
            Self::Low => 1,
            Self::Medium => 2,
            Self::High | Self::Error => 3,
            Self::Critical => 4,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The slug of the rule, a promise to scripts: `trust-sub-missing`.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What is wrong here and what follows from it, one or two sentences.
    pub message: String,
    /// The place in the document: `Statement 1: Condition StringEquals KEY`, `Statement 2: Principal`, or `document`; what
    /// stands beside the document is `role` or `provider`.
    pub place: String,
    /// What mends it, where that can be said.
    pub fix: Option<Fix>,
}

impl Finding {
    /// The same, as bad as it is here.
    #[must_use]
    pub fn graded(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// The same with what mends it.
    #[must_use]
    pub fn mended(self, words: impl Into<String>, document: Option<Value>) -> Self {
        Self { fix: Some(Fix { words: words.into(), document }), ..self }
    }
}

/// What mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// As an instruction.
    pub words: String,
    /// The whole document, mended, where that can be written.
    pub document: Option<Value>,
}
