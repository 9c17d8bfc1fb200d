//! The table of rules that need more than one trust policy: permissions, keys, providers, the account.
//!
//! Numbers as in the catalogues that [`crate::domain::trust::lint`] uses, and `E01` to `E07`, `K01` to `K06`, `O03`, `O04` beside them.

use crate::domain::finding::{Finding, Severity};
use crate::domain::trust::lint;
use Severity::{High, Note};

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name, a promise to scripts.
    pub slug: &'static str,
    /// How bad it usually is. The place may make it better or worse.
    pub severity: Severity,
    /// Its numbers in the catalogues.
    pub ids: &'static [&'static str],
    /// What it looks for, in a few words.
    pub looks_for: &'static str,
    /// Why that matters, one or two sentences.
    pub why: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
}

impl Rule {
    /// A finding of this rule, as bad as the rule usually is.
    #[must_use]
    pub fn at(&self, place: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding {
            rule: self.slug,
            severity: self.severity,
            message: message.into(),
            place: place.into(),
            fix: None,
        }
    }
}

/// What is said of a rule, wherever it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub slug: &'static str,
    /// How bad it usually is.
    pub severity: Severity,
    /// What it looks for.
    pub looks_for: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

/// Every rule that a review can find something by.
pub fn all() -> impl Iterator<Item = Entry> {
    let ours = RULES.iter().map(|r| Entry {
        slug: r.slug,
        severity: r.severity,
        looks_for: r.looks_for,
        why: r.why,
        source: r.source,
    });
    let trust = lint::RULES.iter().map(|r| Entry {
        slug: r.slug,
        severity: r.severity,
        looks_for: r.looks_for,
        why: r.why,
        source: r.source,
    });
    trust.chain(ours)
}

/// The rule of this name.
#[must_use]
pub fn entry(slug: &'static str) -> Entry {
    all().find(|rule| rule.slug == slug).unwrap_or(Entry {
        slug,
        severity: Note,
        looks_for: "",
        why: "",
        source: "",
    })
}

macro_rules! rules {
    ($(
        $name:ident $slug:literal $severity:ident [$($id:literal)*]
        $looks_for:literal, $why:literal, $source:literal;
    )*) => {
        $(#[doc = $looks_for] pub const $name: Rule = Rule {
            slug: $slug,
            severity: $severity,
            ids: &[$($id),*],
            looks_for: $looks_for,
            why: $why,
            source: $source,
        };)*

        /// Every rule of this table.
        pub const RULES: &[Rule] = &[$($name),*];
    };
}

rules! {
    ROLE_UNREAD "role-unread" Note []
        "a role of which not all could be read",
        "What could not be read was not judged: the role may be worse than it looks.",
        "the fault that the reading met";
    PUSH "ecr-push" High ["E01" "F-P1"]
        "rights to push to ECR, or to administer it",
        "Whoever gets in can replace the images that your clusters run.",
        "AWS managed policies for Amazon ECR; least privilege";
}
