//! The short words of the review: ages, counts, the line above the keys.

use jiff::Timestamp;

use super::{State, detail, now};
use crate::app::slot::Slot;
use crate::app::wizard::App;
use crate::domain::finding::Severity;
use crate::domain::review::Counts;
use crate::domain::review::view::Table;

/// A wait is spoken of only after this many seconds (ux W3).
const SPOKEN_OF: u64 = 2;

/// One thing of a table.
#[must_use]
pub const fn one(table: Table) -> &'static str {
    match table {
        Table::Roles => "role",
        Table::Users => "user",
        Table::Providers => "provider",
        Table::Account => "finding",
    }
}

/// `1 role`, `1,200 roles`.
#[must_use]
pub fn many(n: usize, what: &str) -> String {
    format!("{} {what}{}", number(n), if n == 1 { "" } else { "s" })
}

/// `1,200`.
#[must_use]
pub fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The letter of a severity.
#[must_use]
pub const fn letter(severity: Severity) -> char {
    match severity {
        Severity::Critical => 'C',
        Severity::High => 'H',
        Severity::Error => 'E',
        Severity::Medium => 'M',
        Severity::Low => 'L',
        Severity::Note => 'n',
    }
}

/// Severities in the order of the column of findings.
pub const WORST_FIRST: [Severity; 5] =
    [Severity::Critical, Severity::High, Severity::Error, Severity::Medium, Severity::Low];

/// The day of a time: `2024-06-10`; `not known`.
#[must_use]
pub fn day(at: Option<i64>) -> String {
    let time = at.and_then(|at| Timestamp::from_second(at).ok());
    time.map_or_else(|| "not known".to_owned(), |time| time.strftime("%Y-%m-%d").to_string())
}

/// When something was read, and how long ago that is: `read at 16:58 (UTC), 3 min ago`.
#[must_use]
pub fn read_at(at: i64, now: Option<i64>) -> String {
    let time = Timestamp::from_second(at).map(|time| time.strftime("%H:%M (UTC)").to_string());
    let time = time.unwrap_or_default();
    let ago = match now.map(|now| now.saturating_sub(at).div_euclid(60)) {
        None => String::new(),
        Some(..1) => ", just now".to_owned(),
        Some(minutes @ 1..120) => format!(", {minutes} min ago"),
        Some(minutes @ 120..2880) => format!(", {} h ago", minutes / 60),
        Some(minutes) => format!(", {} d ago", minutes / 1440),
    };
    format!("read at {time}{ago}")
}

/// How much was read: `1,200 of 5,000 roles, 37 trust a web identity; 31 of AWS's left out`.
#[must_use]
pub fn counted(counts: Counts) -> String {
    let Counts { roles, left_out, trusting, total, .. } = counts;
    let roles_words = match total {
        // AWS counts its own, too.
        Some(total) if roles + left_out < total => {
            format!("{} of {}", number(roles + left_out), many(total, "role"))
        }
        _ => many(roles, "role"),
    };
    let trust = if trusting == 1 { "trusts" } else { "trust" };
    let mut words = format!("{roles_words}, {} {trust} a web identity", number(trusting));
    if left_out > 0 {
        words = format!("{words}; {} of AWS's left out", number(left_out));
    }
    words
}

/// What leaves rows out beside the words of the filter: `high or worse, only Okteto`.
#[must_use]
pub fn narrowed(state: &State) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(state.choice.floor.map(|floor| format!("{} or worse", floor.word())));
    words.extend(state.choice.okteto.then(|| "only Okteto".to_owned()));
    words
}

/// The same with what is marked, and the order: `high or worse, only Okteto, 2 marked, by severity`.
#[must_use]
pub fn chosen(state: &State) -> String {
    let mut words = narrowed(state);
    let marks = state.marked().len();
    words.extend((marks > 0).then(|| format!("{} marked", number(marks))));
    words.push(format!("by {}", state.order.word()));
    words.join(", ")
}

/// The line above the keys.
pub(super) fn status(app: &App) -> String {
    let state = &app.review;
    if let Some(told) = &state.told {
        return told.clone();
    }
    if let Some(problem) = state.choice.filter.problems.first().filter(|_| state.detail.is_none()) {
        return problem.clone();
    }
    if let Some(line) = detail::status(app) {
        return line;
    }
    if let Some(task) = app.slots.running(Slot::Review) {
        if task.stopping {
            return "Stopping; what was read stays.".to_owned();
        }
        let (part, counts) =
            state.coming.as_ref().map_or(("", Counts::default()), |one| (one.stage, one.counts));
        let part = if part.is_empty() { "the account" } else { part };
        let seconds = app.now.since(task.began).as_secs();
        let time = if seconds >= SPOKEN_OF { format!(" for {seconds} s") } else { String::new() };
        let so_far = if counts.roles + counts.left_out == 0 {
            String::new()
        } else {
            format!(": {}", counted(Counts { left_out: 0, ..counts }))
        };
        return format!("Reading {part}{time}{so_far}. Esc stops.");
    }
    if let Some(fault) = &state.fault {
        let what = match &state.review {
            Some(_) => "Not read again",
            None if state.counts() == Counts::default() => "The account was not read",
            None => "Not all was read",
        };
        return format!("{what}: {}; i tells all.", fault.message.trim_end_matches('.'));
    }
    if state.stopped {
        return match &state.review {
            Some(review) => format!(
                "Stopped: these rows were {}. r reads again.",
                read_at(review.read_at, now(app))
            ),
            None => format!("Stopped, incomplete: {}. r reads again.", counted(state.counts())),
        };
    }
    let Some(review) = &state.review else { return String::new() };
    let mut words = format!("{}.", counted(review.counts));
    if let Some(mended) = &state.mended {
        let new: usize =
            Table::ALL.into_iter().map(|table| state.pane(table).listing.new_ones()).sum();
        if new + mended.len() > 0 {
            let (new, mended) = (number(new), number(mended.len()));
            words = format!("{new} new, {mended} mended since the last review; i tells. {words}");
        }
    }
    match review.gaps.len() {
        0 => {}
        n => words = format!("{words} {} not read: i tells.", number(n)),
    }
    words
}
