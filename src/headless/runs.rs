//! `runs`: what the journal knows. Needs no AWS.

use serde_json::{Value, json};

use super::desk::{Bell, Desk, Left, stray};
use super::{put, result};
use crate::app::task::{End, Job};
use crate::cli::{Format, RunsArgs};
use crate::domain::journal::{Past, Phase, Purpose, Recorded};
use crate::ledger::Run;
use crate::render::shell::quote;

const HEAD: [&str; 5] = ["RUN", "BEGAN", "MODE", "ACCOUNT", "OUTCOME"];

pub(super) async fn runs<B: Bell>(
    desk: &mut Desk<B>,
    run: &Run,
    args: &RunsArgs,
) -> Result<u8, Left> {
    let known = known(desk).await?;
    match args.format {
        Format::Json => {
            let runs: Vec<Value> = known.iter().map(value).collect();
            desk.out.json(&result(json!({ "runs": runs })));
        }
        Format::Text => desk.out.text(&shown(&known, run)),
    }
    Ok(0)
}

/// The runs that have a journal, the oldest first.
pub(super) async fn known<B: Bell>(desk: &mut Desk<B>) -> Result<Vec<Recorded>, Left> {
    match desk.ask(Job::Runs).await? {
        End::Runs(runs) => Ok(runs?),
        _ => Err(stray()),
    }
}

/// How far the last process that worked on a run got: `2 of 3 calls done, role x in flight`.
pub(super) fn stand(past: &Past) -> String {
    let all = past.session.as_ref().map_or(0, |session| session.calls.len());
    let calls = if all == 1 { "call" } else { "calls" };
    let done = past.done.min(all);
    let words = format!("{done} of {all} {calls} done");
    if past.in_flight.is_empty() {
        return words;
    }
    format!("{words}, {} in flight", past.in_flight.join(", "))
}

/// Whether it was being taken back when it was last worked on.
pub(super) fn is_undo(past: &Past) -> bool {
    past.session.as_ref().is_some_and(|session| session.purpose == Purpose::Undo)
}

/// The word for how it stands.
fn outcome(known: &Recorded) -> &'static str {
    match (&known.past, known.process) {
        (Err(_), _) => "unreadable",
        (Ok(_), Some(_)) => "running",
        (Ok(past), None) => past.phase.word(),
    }
}

fn value(known: &Recorded) -> Value {
    let mut shown = json!({"run": known.run, "outcome": outcome(known)});
    match &known.past {
        Err(fault) => {
            put(&mut shown, "open", false);
            put(&mut shown, "fault", fault);
        }
        Ok(past) => {
            let header = &past.header;
            put(&mut shown, "began", &header.began);
            // Of a program that was killed nobody wrote down when it ended.
            if known.process.is_none() && past.phase != Phase::Interrupted {
                put(&mut shown, "ended", &past.last);
            }
            put(&mut shown, "last", &past.last);
            put(&mut shown, "mode", &header.mode);
            put(&mut shown, "account", &header.account);
            put(&mut shown, "about", &header.about);
            put(&mut shown, "registry", &header.registry);
            put(&mut shown, "open", past.phase.is_open());
            put(&mut shown, "in_flight", &past.in_flight);
            let calls = past.session.as_ref().map_or(0, |session| session.calls.len());
            put(&mut shown, "calls", calls);
            put(&mut shown, "calls_done", past.done.min(calls));
        }
    }
    if let Some(process) = known.process {
        put(&mut shown, "process", process);
    }
    shown
}

fn shown(known: &[Recorded], run: &Run) -> String {
    if known.is_empty() {
        return "No runs yet: nothing was changed by this program.".to_owned();
    }
    let rows: Vec<[String; 5]> = known.iter().map(row).collect();
    let widths: [usize; 5] = std::array::from_fn(|n| {
        let cells = rows.iter().filter_map(|row| row.get(n)).map(String::len);
        cells.chain(HEAD.get(n).map(|head| head.len())).max().unwrap_or_default()
    });
    let line = |cells: [&str; 5]| {
        let cells = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(HEAD)];
    for (known, row) in known.iter().zip(&rows) {
        lines.push(line(std::array::from_fn(|n| row.get(n).map_or("", String::as_str))));
        lines.extend(more(known, run).into_iter().map(|line| format!("    {line}")));
    }
    lines.join("\n")
}

fn row(known: &Recorded) -> [String; 5] {
    let header = known.past.as_ref().ok().map(|past| &past.header);
    let cell = |text: Option<&String>| text.map_or("-", String::as_str).to_owned();
    [
        known.run.clone(),
        header.map_or("-".to_owned(), |header| minute(&header.began)),
        cell(header.map(|header| &header.mode)),
        cell(header.map(|header| &header.account)),
        outcome(known).to_owned(),
    ]
}

/// What else there is to say of a run: what it is about, where it stopped, what to do next.
fn more(known: &Recorded, run: &Run) -> Vec<String> {
    let past = match &known.past {
        Ok(past) => past,
        Err(fault) => {
            return vec![fault.message.clone(), format!("what helps: {}", fault.what_to_do())];
        }
    };
    let mut lines = vec![past.header.purpose()];
    if let Some(process) = known.process {
        lines.push(format!("process {process} is at work on it"));
        return lines;
    }
    if past.phase.is_open() && past.number == 0 {
        lines.push(format!("stopped {}: nothing was sent", minute(&past.last)));
    } else if past.phase.is_open() {
        let what = if is_undo(past) { "taking it back: " } else { "" };
        lines.push(format!("stopped {}: {what}{}", minute(&past.last), stand(past)));
        if past.header.is_review() && !is_undo(past) {
            lines.push("a new review shows what of it is left to be mended".to_owned());
        } else if !is_undo(past) {
            let answers = match &known.answers {
                Some(_) => quote(&run.answers_of(&known.run).display().to_string()),
                None => "FILE".to_owned(),
            };
            lines.push(format!("okteto-ecr apply --answers {answers} --yes continues it"));
        }
        lines.push(format!("okteto-ecr undo {} takes it back", known.run));
    }
    lines
}

/// `2026-11-23 20:45` of an RFC 3339 time.
pub(super) fn minute(time: &str) -> String {
    time.chars().take("2026-11-23T20:45".len()).map(|c| if c == 'T' { ' ' } else { c }).collect()
}
