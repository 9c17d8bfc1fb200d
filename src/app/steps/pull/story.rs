//! What is said of the pull test: a rung's whole story, the verdict, the words of each part.

use std::fmt::Write as _;
use std::time::Duration;

use super::Part;
use super::run::{Outcome, Run, Stage};
use crate::app::wizard::App;
use crate::domain::fault::Fault;
use crate::domain::moment::Moment;
use crate::domain::probe::{Depth, Rung, RungStatus, Try, Verdict};

/// What a rung does and why it is there.
#[must_use]
pub const fn purpose(rung: Rung) -> &'static str {
    match rung {
        Rung::Discovery => {
            "Reads the issuer's discovery document. AWS reads it too; that this machine cannot is no harm if AWS can."
        }
        Rung::Keys => "Reads the keys by which AWS checks the token's signature.",
        Rung::Token => "Takes the service account's signed token, as Okteto does at every pull.",
        Rung::Claims => {
            "Holds the token's iss, aud and sub against what the role's trust policy asks for."
        }
        Rung::Assume => {
            "Shows the token to AWS, which swaps it for keys of the role. No credentials of your own take part."
        }
        Rung::Identity => "Asks AWS whose keys these are: they must be the role's.",
        Rung::Login => "Asks ECR for a registry login with the role's keys.",
        Rung::Manifest => "Reads the image's manifest: its layers, their sizes and digests.",
        Rung::Layers => "Fetches the image's config and layers. Nothing is kept.",
        Rung::Digest => "Holds size and sha256 of all that was fetched against the manifest.",
    }
}

/// How deep, on screen.
#[must_use]
pub const fn depth_words(depth: Depth) -> (&'static str, &'static str) {
    match depth {
        Depth::Manifest => ("manifest", "The manifest alone: quick, but fetches no layer."),
        Depth::SmallestLayer => {
            ("smallest layer", "Config and the smallest layer: proves every permission.")
        }
        Depth::Full => ("all of it", "Every byte, checked. Nothing is kept."),
    }
}

/// What a part of the set-up is called.
#[must_use]
pub const fn part_name(part: Part) -> &'static str {
    match part {
        Part::Token => "Token",
        Part::TokenFile => "Token file",
        Part::Image => "Image",
        Part::Platform => "Platform",
        Part::Depth => "How much",
        Part::Action => "The pull test",
    }
}

/// What a part of the set-up is, why it is asked, an example.
#[must_use]
pub fn part(part: Part) -> Vec<String> {
    let text: &[&str] = match part {
        Part::Token => &[
            "The pull test needs what Okteto shows to AWS: a signed token of Okteto's service account.",
            "",
            "from the cluster   kubectl create token makes one that lives 10 minutes",
            "from a file        made by you or by somebody with access to the cluster",
            "pasted             goes straight to the test: never shown, never saved",
            "",
            "Made by hand: kubectl create token okteto --namespace okteto --audience AUDIENCE",
        ],
        Part::TokenFile => &[
            "A file with nothing in it but the token. It is read when the test begins.",
            "",
            "Example   token.jwt",
        ],
        Part::Image => &[
            "An image in the registry that Okteto will pull. The registry's host may stand before it.",
            "",
            "Example   team/app:latest",
            "          team/app@sha256:… (by digest)",
            "",
            "Empty, Enter lists what is there with your own rights. The test itself uses the role's alone.",
        ],
        Part::Platform => &[
            "Which image is taken where there is one for each platform: that of the cluster's nodes.",
            "",
            "Example   linux/amd64",
            "          linux/arm64",
        ],
        Part::Depth => &[
            "manifest         reads what the image consists of; fetches no layer",
            "smallest layer   config and one layer: proves every permission, with few bytes",
            "all of it        every byte, size and sha256 checked",
            "",
            "Nothing is kept on this machine.",
        ],
        Part::Action => &[
            "The test does what Okteto does at a pull, with the role that was made: it shows a token to AWS, gets keys of the role, logs in to ECR and fetches the image.",
            "",
            "It changes nothing and keeps nothing. Your own AWS login takes no part in it.",
            "",
            "A role made a moment ago is refused at first: that is tried again for up to two minutes.",
        ],
    };
    text.iter().map(|&line| line.to_owned()).collect()
}

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
pub fn verdict(run: &Run, now: Moment) -> Option<(RungStatus, String)> {
    let took = span(run.elapsed(now));
    let report = match run.outcome.as_ref()? {
        Outcome::Stopped => {
            let words = "Stopped. Nothing was changed and nothing is kept.".to_owned();
            return Some((RungStatus::Skipped, words));
        }
        Outcome::Reported(report) => report,
    };
    let received = report.image.as_ref().map_or(0, |i| i.bytes);
    let reached = if received > 0 && run.is_checked() {
        format!("pulled {} in {took}, digests match", bytes(received))
    } else {
        format!("read the manifest in {took}, fetched no layer")
    };
    Some(match report.verdict {
        Verdict::Passed => (RungStatus::Passed, reached),
        Verdict::Partly => (RungStatus::Warned, format!("{reached}; less than was asked for")),
        Verdict::Failed => {
            let stage = run.broken().and_then(|i| run.stages.get(i));
            let result = stage.and_then(|s| s.result.as_ref());
            let name = stage.map_or("", |s| s.rung.words());
            let why = result
                .map_or("", |r| r.fault.as_ref().map_or(r.detail.as_str(), |f| f.message.as_str()));
            (RungStatus::Failed, format!("stopped at ‘{name}’: {why}"))
        }
    })
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
    // What AWS said begins with its code.
    let said = ["code", "aws_said"].map(|key| fault.evidence.get(key).map(String::as_str));
    let said: Vec<_> = said.into_iter().flatten().collect();
    if !said.is_empty() {
        facts.push(("AWS said".to_owned(), said.join(": ")));
    }
    let known =
        |key: &str| matches!(key, "code" | "aws_said") || first.iter().any(|(k, _)| *k == key);
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

/// The tries of a rung in one sentence.
#[must_use]
pub fn tries_in_short(run: &Run, rung: Rung) -> Option<String> {
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
        .map(|t| format!(", let in at {}. Normal for a role this new.", seconds(t.after)));
    Some(format!("Swap: refused at {at}{}", end.unwrap_or_else(|| ".".to_owned())))
}

/// The whole story of a rung.
#[must_use]
pub fn story(run: &Run, stage: &Stage, now: Moment) -> Vec<String> {
    let mut lines = vec![purpose(stage.rung).to_owned(), String::new()];
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
        if !result.detail.is_empty() {
            lines.push(result.detail.clone());
        }
        if let Some(fault) = &result.fault {
            lines.push(String::new());
            lines.push(fault.message.clone());
            lines
                .extend(facts(fault).into_iter().map(|(name, value)| format!("  {name}: {value}")));
            if let Some(remedy) = &fault.remedy {
                lines.extend([String::new(), format!("What to do: {remedy}")]);
            }
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
    if let Some((_, words)) = verdict(run, app.now) {
        let _ = writeln!(text, "{words}");
    }
    if let Some(fault) = fault(run) {
        for (name, value) in facts(fault) {
            let _ = writeln!(text, "  {name}: {value}");
        }
        if let Some(remedy) = &fault.remedy {
            let _ = writeln!(text, "What to do: {remedy}");
        }
    }
    text
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
        let wait = span(run.wait);
        return format!("Waiting for the new role to spread inside AWS. Gives up after {wait}.");
    }
    match verdict(run, app.now) {
        None => "Pulling. Ctrl-C stops the pull; nothing else is touched.".to_owned(),
        Some((RungStatus::Passed, _)) => {
            "The role works. Step 6 has the values for Okteto.".to_owned()
        }
        Some((RungStatus::Failed, _)) => {
            "Nothing was changed and nothing is kept. Enter on a stage tells all of it.".to_owned()
        }
        Some(_) => "Nothing was changed and nothing is kept.".to_owned(),
    }
}
