//! The file of what was accepted: TOML, made to be committed and looked at in a pull request. It holds no secret.

use std::fmt::Write;
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Accepted;
use crate::domain::answers::{Entry, line_at, no_such_key};
use crate::domain::fault::{Cause, Fault};
use crate::domain::partition::AccountId;
use crate::domain::problem::Problem;
use crate::domain::visible::is_hidden;

const KEYS: [&str; 2] = ["format", "accepted"];
/// What an entry has. All but `what` must be there.
const ENTRY: [&str; 9] =
    ["account", "on", "rule", "fingerprint", "what", "reason", "until", "by", "at"];
/// What stands at the top of a new file.
const HEAD: &str = "\
# Findings of okteto-ecr review that somebody answers for until a day.
# One that becomes worse, or is wrong in another way, is not among them.
";

/// The file, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File {
    /// The entries, in the order of the file.
    pub accepted: Vec<Accepted>,
    /// The remarks at its top, and those right above each entry: whole lines.
    remarks: Remarks,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Remarks {
    head: Vec<String>,
    above: Vec<Vec<String>>,
}

impl File {
    /// Reads such a file.
    ///
    /// # Errors
    /// `bad-answers` with `line` (from 1) and, where it is about one, `key` as evidence: no TOML, an unknown key
    /// (`nearest` names the nearest known one), a value of the wrong type or that would not do (`reason`, `example`),
    /// something missing, another format than 1.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let table = DeTable::parse(text).map_err(|e| {
            let line = e.span().map_or(1, |span| line_at(text, span.start));
            let message = format!("it is not TOML, line {line}: {}", e.message().trim());
            Fault::new(Cause::BadAnswers, message).with("line", line.to_string())
        })?;
        let mut file = Self::default();
        file.remarks.head = head(text);
        let mut format = false;
        for (name, value) in table.get_ref() {
            let entry = entry(text, "", name.get_ref(), &name.span(), value.get_ref());
            match (entry.key.as_str(), value.get_ref()) {
                ("format", _) => {
                    let number = entry.whole_number("1")?;
                    if number != 1 {
                        let why = "this program knows format 1; a newer one may know more";
                        return Err(entry.wrong(&Problem::new(
                            format!("format {number}"),
                            why,
                            "1",
                        )));
                    }
                    format = true;
                }
                ("accepted", DeValue::Array(list)) => {
                    for one in list {
                        let DeValue::Table(table) = one.get_ref() else {
                            return Err(entry.mistyped("blocks", "[[accepted]]"));
                        };
                        let line = line_at(text, one.span().start);
                        file.accepted.push(accepted(text, line, table)?);
                        file.remarks.above.push(above(text, line));
                    }
                }
                ("accepted", _) => return Err(entry.mistyped("blocks", "[[accepted]]")),
                (key, _) => return Err(no_such_key(key, entry.line, &KEYS)),
            }
        }
        if !format {
            return Err(missing("format", 1, "format = 1"));
        }
        Ok(file)
    }

    /// Writes these entries: sorted, each once, under the remarks that the file has.
    #[must_use]
    pub fn print(&self, accepted: &[Accepted]) -> String {
        let mut out = String::new();
        if self.remarks.head.is_empty() {
            out.push_str(HEAD);
        }
        for line in &self.remarks.head {
            out.push_str(line);
            out.push('\n');
        }
        out.push_str("format = 1\n");
        let mut sorted: Vec<&Accepted> = accepted.iter().collect();
        sorted.sort_by_key(|one| one.order());
        sorted.dedup();
        for one in sorted {
            out.push('\n');
            let place = self.accepted.iter().position(|before| before == one);
            for line in place.and_then(|place| self.remarks.above.get(place)).into_iter().flatten()
            {
                out.push_str(line);
                out.push('\n');
            }
            block(&mut out, one);
        }
        out
    }
}

fn block(out: &mut String, one: &Accepted) {
    out.push_str("[[accepted]]\n");
    let Accepted { account, on, rule, fingerprint, what, reason, until, by, at } = one;
    let mut line = |key: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{key} = {value}");
    };
    line("account", quoted(account));
    line("on", quoted(on));
    line("rule", quoted(rule));
    line("fingerprint", quoted(fingerprint));
    if !what.is_empty() {
        line("what", quoted(what));
    }
    line("reason", quoted(reason));
    line("until", until.to_string());
    line("by", quoted(by));
    line("at", at.to_string());
}

/// A text of TOML on one line. What a reader of the file could not see is written as an escape.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn entry<'a>(
    text: &str,
    prefix: &str,
    name: &str,
    span: &Range<usize>,
    value: &'a DeValue<'a>,
) -> Entry<'a> {
    Entry { key: format!("{prefix}{name}"), line: line_at(text, span.start), value }
}

fn missing(key: &str, line: usize, example: &str) -> Fault {
    Fault::new(
        Cause::BadAnswers,
        format!("{key}, line {line}: it is missing; for example {example}"),
    )
    .with("key", key)
    .with("line", line.to_string())
    .with("reason", "missing")
    .with("example", example)
}

/// The remarks before anything else.
fn head(text: &str) -> Vec<String> {
    let lines = text.lines().take_while(|line| line.starts_with('#') || line.trim().is_empty());
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    // Empty lines alone are no remark.
    if lines.iter().all(|line| line.trim().is_empty()) {
        lines.clear();
    }
    lines
}

/// The remarks right above a line.
fn above(text: &str, line: usize) -> Vec<String> {
    let before: Vec<&str> = text.lines().take(line.saturating_sub(1)).collect();
    let remarks = before.iter().rev().take_while(|line| line.starts_with('#'));
    let mut remarks: Vec<String> = remarks.map(|line| (*line).to_owned()).collect();
    remarks.reverse();
    remarks
}

fn accepted(text: &str, line: usize, table: &DeTable<'_>) -> Result<Accepted, Fault> {
    for name in table.keys() {
        let key = name.get_ref();
        if !ENTRY.contains(&key.as_ref()) {
            let known = ENTRY.map(|known| format!("accepted.{known}"));
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            return Err(no_such_key(
                &format!("accepted.{key}"),
                line_at(text, name.span().start),
                &known,
            ));
        }
    }
    let find = |key: &str| -> Option<Entry<'_>> {
        let (name, value): (_, &Spanned<DeValue<'_>>) =
            table.iter().find(|(name, _)| name.get_ref() == key)?;
        Some(entry(text, "accepted.", key, &name.span(), value.get_ref()))
    };
    let checked = |key: &str, example: &str, check: &dyn Fn(&str) -> Result<(), Problem>| {
        let Some(entry) = find(key) else {
            return Err(missing(&format!("accepted.{key}"), line, &format!("{key} = {example:?}")));
        };
        let text = entry.text(&format!("{example:?}"))?;
        check(&text).map_err(|problem| entry.wrong(&problem))?;
        Ok(text)
    };
    let day = |key: &str| match find(key) {
        None => Err(missing(&format!("accepted.{key}"), line, &format!("{key} = 2027-03-31"))),
        Some(entry) => date(&entry),
    };
    let some = |text: &str| match text.trim() {
        "" => Err(Problem::new("nothing stands here", "a pull request asks for it", "\"PLAT-12\"")),
        _ => Ok(()),
    };
    let account = |text: &str| AccountId::parse(text).map(drop);
    Ok(Accepted {
        account: checked("account", "112233445566", &account)?,
        on: checked("on", "role/my-role", &subject)?,
        rule: checked("rule", "trust-sub-missing", &some)?,
        fingerprint: checked("fingerprint", "0123456789abcdef", &fingerprint)?,
        what: find("what").map_or(Ok(String::new()), |entry| entry.text("\"…\""))?,
        reason: checked("reason", "gone with the old cluster, PLAT-12", &some)?,
        until: day("until")?,
        by: checked("by", "arn:aws:iam::112233445566:user/dana", &some)?,
        at: day("at")?,
    })
}

fn date(entry: &Entry<'_>) -> Result<Date, Fault> {
    let text = match entry.value {
        DeValue::Datetime(date) => date.to_string(),
        DeValue::String(text) => text.to_string(),
        _ => return Err(entry.mistyped("a day", "2027-03-31")),
    };
    let is_day = text.len() == 10;
    text.parse().ok().filter(|_| is_day).ok_or_else(|| {
        let why = "the key takes year, month and day";
        entry.wrong(&Problem::new(format!("{text:?} is no day"), why, "2027-03-31"))
    })
}

fn subject(text: &str) -> Result<(), Problem> {
    let named = ["role/", "user/", "provider/"]
        .iter()
        .any(|kind| text.strip_prefix(kind).is_some_and(|name| !name.is_empty()));
    if named || text == "account" {
        return Ok(());
    }
    let why = "a finding is about role/NAME, user/NAME, provider/NAME or account";
    Err(Problem::new(format!("{text:?} names nobody"), why, "\"role/my-role\""))
}

fn fingerprint(text: &str) -> Result<(), Problem> {
    if text.len() == 16 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')) {
        return Ok(());
    }
    let why = "it has 16 of 0 to 9 and a to f, as review prints it";
    Err(Problem::new(format!("{text:?} is no fingerprint"), why, "\"0123456789abcdef\""))
}
