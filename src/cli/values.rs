//! How the values of options are read.

use std::ffi::OsStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;

use crate::domain::finding::Severity;
use crate::domain::issuer::Issuer;
use crate::domain::key::KeyId;
use crate::domain::problem::Problem;
use crate::domain::subject::{Audience, Subject};

/// How bad a finding must be to count as a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailOn(Option<Severity>);

impl FailOn {
    /// Whether a finding of this severity counts.
    #[must_use]
    pub fn counts(self, severity: Severity) -> bool {
        self.0.is_some_and(|least| severity.rank() >= least.rank())
    }
}

pub(super) fn fail_on() -> impl TypedValueParser<Value = FailOn> {
    let words = Severity::ALL.map(Severity::word).into_iter().chain(["never"]);
    PossibleValuesParser::new(words)
        .map(|word| FailOn(Severity::ALL.into_iter().find(|severity| severity.word() == word)))
}

pub(super) fn issuer(text: &str) -> Result<String, Problem> {
    Issuer::parse(text).map(|issuer| issuer.to_string())
}

/// Reads the id of an access key. Unlike other parsers it does not repeat what is none: it may be the secret.
#[derive(Debug, Clone, Copy)]
pub struct KeyIds;

impl TypedValueParser for KeyIds {
    type Value = KeyId;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<KeyId, clap::Error> {
        KeyId::parse(&value.to_string_lossy()).map_err(|problem| {
            let option = arg.map_or_else(String::new, |arg| format!(" for '{arg}'"));
            let message = format!("invalid value{option}: {problem}");
            command.clone().error(ErrorKind::ValueValidation, message)
        })
    }
}

pub(super) fn audience(text: &str) -> Result<String, Problem> {
    Audience::parse(text).map(|audience| audience.to_string())
}

/// A service account's, or any other: what is meant need not be Kubernetes's.
pub(super) fn subject(text: &str) -> Result<String, Problem> {
    if text.starts_with("system:") {
        return Subject::parse(text).map(|subject| subject.to_string());
    }
    let why = if text.is_empty() {
        "a subject is missing".to_owned()
    } else if let Some(bad) =
        text.chars().find(|c| c.is_whitespace() || c.is_control() || "*?".contains(*c))
    {
        format!("{bad:?} cannot stand in it")
    } else {
        return Ok(text.to_owned());
    };
    Err(Problem::new(
        why,
        "it is the sub claim of one token",
        "system:serviceaccount:okteto:okteto",
    ))
}
