//! What is said of a run of the pull test: a rung's whole story, the verdict, the tries.

use std::fmt::Write as _;
use std::time::Duration;

use super::run::{Outcome, Run, Stage};
use super::words;
use crate::app::wizard::App;
use crate::domain::fault::{Cause, Fault};
use crate::domain::moment::Moment;
use crate::domain::probe::{Depth, Rung, RungStatus, Try, Verdict};

/// A duration as it is spoken: `0.9 s`, `16 s`, `2 min 5 s`.
#[must_use]
pub fn span(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        s @ 10..60 => format!("{s} s"),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{} min {} s", s / 60, s % 60),
    }
}

/// Bytes as they are spoken: `96.0 MiB`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a tenth of a MiB is what is said")]
pub fn bytes(n: u64) -> String {
    match n {
        0..1024 => format!("{n} B"),
        1024..1_048_576 => format!("{:.0} KiB", n as f64 / 1024.0),
        _ => format!("{:.1} MiB", n as f64 / 1_048_576.0),
    }
}

/// How the run ended and why: whether it is good, and the sentence. Nothing while it runs.
#[must_use]
pub fn verdict(run: &Run) -> Option<(RungStatus, String)> {
    let report = match run.outcome.as_ref()? {
        Outcome::Stopped => {
            let words = "Stopped. Nothing was changed and nothing is kept.".to_owned();
            return Some((RungStatus::Skipped, words));
        }
        Outcome::Reported(report) => report,
    };
    let received = report.image.as_ref().map_or(0, |i| i.bytes);
    let took = span(run.pulled_in());
    let reached = if received > 0 && run.is_checked() {
        format!("pulled {} in {took}, digests match", bytes(received))
    } else {
        format!("read the manifest in {took}, fetched no layer")
    };
    Some(match report.verdict {
        Verdict::Passed => (RungStatus::Passed, format!("{reached}{}", refused_too(run))),
        Verdict::Partly if run.depth == Depth::Full => (
            RungStatus::Warned,
            format!("{reached}; that is less than was asked for{}", refused_too(run)),
        ),
        Verdict::Partly => {
            (RungStatus::Passed, format!("{reached}; as much as was asked for{}", refused_too(run)))
        }
        Verdict::Failed => {
            let stage = run.broken().and_then(|i| run.stages.get(i));
            let result = stage.and_then(|s| s.result.as_ref());
            let name = stage.map_or("", |s| s.rung.words());
            let why = result
                .map_or("", |r| r.fault.as_ref().map_or(r.detail.as_str(), |f| f.message.as_str()));
            let words = match stage.filter(|s| Rung::REFUSALS.contains(&s.rung)) {
                Some(_) => format!("{reached}, but {why}"),
                None => format!("stopped at ‘{name}’: {why}"),
            };
            (RungStatus::Failed, words)
        }
    })
}

/// What was tried after the pull and refused, as it must be.
fn refused_too(run: &Run) -> String {
    let passed = |rung: &Rung| run.result(*rung).is_some_and(|r| r.status == RungStatus::Passed);
    let names: Vec<_> = Rung::REFUSALS.into_iter().filter(passed).map(words::refused).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("; {one} is refused"),
        [first @ .., last] => format!("; {} and {last} are refused", first.join(", ")),
    }
}

/// The fault that stopped the run.
#[must_use]
pub fn fault(run: &Run) -> Option<&Fault> {
    run.stages.get(run.broken()?)?.result.as_ref()?.fault.as_ref()
}

/// The facts of a fault, name and value, the telling ones first.
#[must_use]
pub fn facts(fault: &Fault) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let first = [("wanted", "Wanted"), ("got", "Got"), ("first_difference", "First difference")];
    for (key, name) in first {
        if let Some(value) = fault.evidence.get(key) {
            facts.push((name.to_owned(), value.clone()));
        }
    }
    if let Some(place) = fault.evidence.get("at") {
        facts.push(("At".to_owned(), place.clone()));
    }
    // What AWS said begins with its code.
    let said = ["code", "aws_said"].map(|key| fault.evidence.get(key).map(String::as_str));
    let said: Vec<_> = said.into_iter().flatten().collect();
    if !said.is_empty() {
        facts.push(("AWS said".to_owned(), said.join(": ")));
    }
    let known = |key: &str| {
        matches!(key, "at" | "code" | "aws_said") || first.iter().any(|(k, _)| *k == key)
    };
    for (key, value) in fault.evidence.iter().filter(|(k, _)| !known(k)) {
        let mut name = key.replace('_', " ");
        if let Some(letter) = name.get_mut(..1) {
            letter.make_ascii_uppercase();
        }
        facts.push((name, value.clone()));
    }
    if let Some(id) = &fault.request_id {
        facts.push(("Request id".to_owned(), id.clone()));
    }
    facts
}

/// What else is wrong, a line for each: once the first is mended, these are still to be. All that must be refused is
/// tried, so that more than one rung may have failed.
#[must_use]
pub fn also(run: &Run) -> Vec<String> {
    let failed = run.stages.iter().filter_map(|stage| stage.result.as_ref());
    let failed = failed.filter(|result| result.status == RungStatus::Failed);
    let faults = failed.filter_map(|result| result.fault.as_ref());
    let all = faults.flat_map(|fault| std::iter::once(fault).chain(fault.others()));
    all.skip(1).map(|other| format!("Also: {}, {}", other.cause.slug(), other.message)).collect()
}

/// A fault in all its parts: message, facts, remedy.
fn told(fault: &Fault) -> Vec<String> {
    let mut lines = vec![fault.message.clone()];
    lines.extend(facts(fault).into_iter().map(|(name, value)| format!("  {name}: {value}")));
    lines.extend([String::new(), format!("What to do: {}", fault.what_to_do())]);
    lines
}

/// A fault and those behind it, whole.
#[must_use]
pub fn told_all(fault: &Fault) -> Vec<String> {
    let mut lines = told(fault);
    for other in fault.others() {
        lines.extend([String::new(), format!("Also: {}", other.cause.slug())]);
        lines.extend(told(other));
    }
    lines
}

/// What AWS answered, in a word.
#[must_use]
pub fn code(fault: &Fault) -> &str {
    fault.evidence.get("code").map_or(fault.cause.slug(), String::as_str)
}

/// One try as a line.
#[must_use]
pub fn try_line((attempt, told): &(Try, Moment), now: Moment) -> String {
    let mut line = format!("Try {:<2} at {:>6}   ", attempt.number, span(attempt.after));
    match &attempt.refused {
        None => line.push_str("let in"),
        Some(_) if Rung::REFUSALS.contains(&attempt.rung) => line.push_str("refused"),
        Some(fault) => line.push_str(code(fault)),
    }
    if let Some(next) = attempt.next_in {
        let left = next.saturating_sub(now.since(*told)).as_secs_f64().ceil();
        if left > 0.0 {
            let _ = write!(line, ", next in {left:.0} s");
        }
    }
    line
}

/// The tries of the rung that was refused, in one sentence.
#[must_use]
pub fn tries_in_short(run: &Run) -> Option<String> {
    let rung = run.refused()?;
    let name = if rung == Rung::Assume { "Swap" } else { rung.words() };
    let seconds = |d: Duration| format!("{:.0} s", d.as_secs_f64());
    let (let_in, refused): (Vec<_>, Vec<_>) =
        run.tries_of(rung).map(|(t, _)| t).partition(|t| t.refused.is_none());
    if refused.is_empty() {
        return None;
    }
    let times: Vec<_> = refused.iter().map(|t| seconds(t.after)).collect();
    let at = match times.as_slice() {
        [] => return None,
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        [first, .., last] => format!("{first} to {last}, {} times", times.len()),
    };
    let end = let_in
        .last()
        .map(|t| format!(", let in at {}. Normal for a change this new.", seconds(t.after)));
    Some(format!("{name}: refused at {at}{}", end.unwrap_or_else(|| ".".to_owned())))
}

/// Why a rung waits, in one sentence.
#[must_use]
pub fn waiting_words(run: &Run, rung: Rung) -> String {
    let last = run.tries_of(rung).last().map(|(t, _)| t);
    let why =
        last.and_then(|t| t.wait.as_ref()).map_or_else(String::new, |w| format!(": {}", w.why));
    if Rung::REFUSALS.contains(&rung) {
        return format!(
            "AWS still lets it in{why}. It is tried until what was changed has spread."
        );
    }
    let fault = last.and_then(|t| t.refused.as_ref());
    let passing = [Cause::Throttled, Cause::Unreachable, Cause::DeadlinePassed];
    if let Some(fault) = fault.filter(|f| passing.contains(&f.cause)) {
        return format!("{}. It is tried again.", fault.message.trim_end_matches('.'));
    }
    format!(
        "AWS refuses so far{why}. Normal for a change this new: it takes some seconds to spread."
    )
}

/// What is said beside a rung, in a few words; its story has all of it.
#[must_use]
pub fn short(run: &Run, stage: &Stage) -> String {
    let tries = run.tries_of(stage.rung).count();
    let Some(result) = &stage.result else {
        return match stage.rung {
            _ if stage.is_running() && run.outcome.is_some() => "stopped".to_owned(),
            rung if run.waiting() == Some(rung) => format!("waiting, try {tries}"),
            Rung::Layers if stage.is_running() && !run.blobs.is_empty() => {
                format!("{} of {} done", run.blobs().done, run.blobs.len())
            }
            _ => String::new(),
        };
    };
    let detail = result.detail.as_str();
    match (result.status, stage.rung) {
        (RungStatus::Failed, _) => {
            result.fault.as_ref().map_or(detail, |f| f.cause.slug()).to_owned()
        }
        (RungStatus::Skipped, _) if detail.contains("cannot be had") => "no other token".to_owned(),
        (RungStatus::Skipped, _) if run.broken().is_some() => String::new(),
        (RungStatus::Skipped, _) if detail.contains("asked for") => "not asked for".to_owned(),
        (RungStatus::Warned, Rung::Discovery | Rung::Keys) => "not seen from here".to_owned(),
        (RungStatus::Passed, Rung::Discovery) => "issuer matches".to_owned(),
        (RungStatus::Passed, Rung::Claims) => "iss, aud, sub match".to_owned(),
        (RungStatus::Passed, Rung::Digest) => "sizes, sha256 match".to_owned(),
        (RungStatus::Passed, Rung::RefusesPush) => "denied".to_owned(),
        (RungStatus::Passed, rung) if Rung::REFUSALS.contains(&rung) => {
            let by = if detail.contains("provider") { "provider" } else { "trust" };
            format!("{by} refuses")
        }
        (RungStatus::Passed, rung) if run.refused() == Some(rung) && tries > 1 => {
            format!("{tries} tries")
        }
        (RungStatus::Passed, Rung::Assume) => "keys of the role".to_owned(),
        (RungStatus::Passed, Rung::Login) => {
            good_until(detail).unwrap_or_else(|| detail.to_owned())
        }
        (RungStatus::Passed, Rung::AccessKey) => {
            detail.split(',').next().unwrap_or(detail).to_owned()
        }
        // Of a session its role, of a user its name.
        (RungStatus::Passed, Rung::Identity) => {
            let part = usize::from(run.intent.oidc().is_some());
            detail.rsplit('/').nth(part).unwrap_or(detail).to_owned()
        }
        (RungStatus::Passed, Rung::Manifest) => {
            let layers = detail.split(", ").find(|p| p.contains(" layer")).unwrap_or(detail);
            match run.total() {
                0 => layers.to_owned(),
                total => format!("{layers}, {}", bytes(total)),
            }
        }
        _ => detail.to_owned(),
    }
}

/// `good until 04:53 UTC` of a sentence that ends in a time of RFC 3339 in UTC.
fn good_until(detail: &str) -> Option<String> {
    let (_, time) = detail.strip_suffix('Z')?.rsplit_once('T')?;
    Some(format!("good until {} UTC", time.get(..5)?))
}

/// The whole story of a rung.
#[must_use]
pub fn story(run: &Run, stage: &Stage, now: Moment) -> Vec<String> {
    let mut lines = vec![words::purpose(stage.rung).to_owned(), String::new()];
    let took = stage.took(now).map(span).unwrap_or_default();
    lines.push(match &stage.result {
        Some(result) => match result.status {
            RungStatus::Passed => format!("Passed in {took}"),
            RungStatus::Failed => format!("Failed after {took}"),
            RungStatus::Warned => format!("Warning, after {took}; the test goes on"),
            RungStatus::Skipped => "Not tried".to_owned(),
        },
        None if stage.began.is_some() && run.outcome.is_some() => "Stopped".to_owned(),
        None if stage.began.is_some() => format!("Running for {took}"),
        None => "Not begun".to_owned(),
    });
    if let Some(result) = &stage.result {
        let told = result.fault.as_ref().is_some_and(|f| f.message == result.detail);
        if !result.detail.is_empty() && !told {
            lines.push(result.detail.clone());
        }
        if let Some(fault) = &result.fault {
            lines.push(String::new());
            lines.extend(told_all(fault));
        }
    }
    let tries: Vec<_> = run.tries_of(stage.rung).collect();
    if !tries.is_empty() {
        lines.push(String::new());
        for attempt in tries {
            lines.push(try_line(attempt, now));
            if let Some(fault) = &attempt.0.refused {
                lines.push(format!("  {}", fault.message));
                if let Some(id) = &fault.request_id {
                    lines.push(format!("  Request id: {id}"));
                }
            }
        }
    }
    lines
}

/// Title and story of the selected rung.
#[must_use]
pub fn selected(app: &App) -> Option<(&'static str, Vec<String>)> {
    let run = app.pull.run.as_ref()?;
    let stage = run.stages.get(app.pull.rung.within(run.stages.len()))?;
    Some((stage.rung.words(), story(run, stage, app.now)))
}

/// The whole run as text, for copying and printing.
#[must_use]
pub fn whole(app: &App) -> String {
    let Some(run) = &app.pull.run else { return String::new() };
    let mut text = format!("Pull test of {} in {}\n", run.image, run.host);
    for stage in &run.stages {
        let word = stage.result.as_ref().map_or("to come", |r| r.status.word());
        let detail = stage.result.as_ref().map_or("", |r| r.detail.as_str());
        let took = stage.took(app.now).map(span).unwrap_or_default();
        let _ = writeln!(text, "{:20}  {word:8}  {took:>10}  {detail}", stage.rung.words());
    }
    if let Some((_, words)) = verdict(run) {
        let _ = writeln!(text, "{words}");
    }
    if let Some(fault) = fault(run) {
        // Its message stands in the verdict.
        for line in told_all(fault).into_iter().skip(1) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// For how long it is waited, and until when by the clock of the run.
fn waiting_status(run: &Run, now: Moment) -> String {
    let Some(end) = run.gives_up() else {
        return "Waiting for the other end, which is busy. It is tried again.".to_owned();
    };
    let seconds = end.since(run.began).as_secs();
    let left = end.since(now).as_secs_f64().ceil();
    format!(
        "Waiting for it to spread. Gives up in {left:.0} s, at {}:{:02}.",
        seconds / 60,
        seconds % 60
    )
}

/// The line above the keys, while a run is shown.
#[must_use]
pub fn status(app: &App) -> String {
    let Some(run) = &app.pull.run else { return String::new() };
    let task = app.slots.running(crate::app::slot::Slot::Probe);
    if task.is_some_and(|t| t.stopping) {
        return "Stopping. Nothing was changed and nothing is kept.".to_owned();
    }
    if run.waiting().is_some() {
        return waiting_status(run, app.now);
    }
    let current = run.current().and_then(|at| run.stages.get(at));
    match verdict(run) {
        None if current.is_some_and(|stage| Rung::REFUSALS.contains(&stage.rung)) => {
            "The pull works. Now it is tried whether what must be refused is.".to_owned()
        }
        None => "Pulling. Ctrl-C stops the pull; nothing else is touched.".to_owned(),
        Some((RungStatus::Passed | RungStatus::Warned, _)) => {
            let what = if run.intent.oidc().is_some() { "role" } else { "key" };
            let next = if app.rotation.is_open {
                "The rotation goes on from here."
            } else if app.review.kept().is_some() {
                "Esc goes back to the review."
            } else {
                "Step 6 has the values for Okteto."
            };
            format!("The {what} works. {next}")
        }
        Some((RungStatus::Failed, _)) => {
            "Nothing was changed. Enter on a stage tells all of it.".to_owned()
        }
        Some(_) => "Nothing was changed and nothing is kept.".to_owned(),
    }
}
