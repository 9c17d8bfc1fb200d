//! The words of a run: when it was, how it stands, what is open about it.

use jiff::Timestamp;

use super::stopped_in_undo;
use crate::app::steps::apply;
use crate::app::wizard::App;
use crate::domain::journal::{Entry, Past, Phase, Recorded};

/// For so long the day of the week says which day it was.
const A_WEEK: i64 = 6 * 24 * 3600;

/// Date and time of something that the journal has, for a column: `2026-11-24 16:40`.
#[must_use]
pub fn when(at: &str) -> String {
    let day = at.get(..10).unwrap_or(at);
    at.get(11..16).map_or_else(|| day.to_owned(), |time| format!("{day} {time}"))
}

/// The same for a sentence: `Tue 16:40 (UTC)` in the first days.
#[must_use]
pub fn when_in_words(at: &str, now: Option<i64>) -> String {
    let parsed: Option<Timestamp> = at.parse().ok();
    match parsed.zip(now) {
        Some((time, now)) if (0..A_WEEK).contains(&(now - time.as_second())) => {
            format!("{} (UTC)", time.strftime("%a %H:%M"))
        }
        _ => format!("{} (UTC)", when(at)),
    }
}

/// How a run stands, in a word or two.
#[must_use]
pub fn outcome(recorded: &Recorded) -> &'static str {
    match &recorded.past {
        Err(_) => "unreadable",
        Ok(_) if recorded.process.is_some() => "at work",
        Ok(past) => match past.phase {
            Phase::Done => "done",
            Phase::Failed => "failed",
            Phase::Stopped => "stopped",
            Phase::Interrupted => "interrupted",
            Phase::Undone => "taken back",
            Phase::PartlyUndone => "partly taken back",
        },
    }
}

/// `2 of 3 calls done`; none where the last session made no call.
#[must_use]
pub fn calls(past: &Past) -> Option<String> {
    let all = past.session.as_ref().map_or(0, |session| session.calls.len());
    let back = if stopped_in_undo(past) { " to take it back" } else { "" };
    let s = if all == 1 { "" } else { "s" };
    (all > 0).then(|| format!("{} of {all} call{s}{back} done", past.done.min(all)))
}

/// A run that stopped, in one sentence for step 1.
#[must_use]
pub fn sentence(app: &App, past: &Past) -> String {
    let now =
        app.started_unix.and_then(|start| Some(start + i64::try_from(app.now.0.as_secs()).ok()?));
    let mut words = vec![when_in_words(&past.last, now), past.header.does()];
    words.extend(calls(past));
    let other = app.who.known().filter(|caller| caller.account.as_str() != past.header.account);
    words.extend(other.map(|_| format!("in account {}", past.header.account)));
    words.join(", ")
}

/// What there is to say of a run beside its row.
#[must_use]
pub fn short(app: &App, recorded: &Recorded) -> Vec<String> {
    let mut lines = Vec::new();
    match &recorded.past {
        Err(fault) => {
            lines.push(fault.message.clone());
            lines.push(fault.what_to_do().to_owned());
        }
        Ok(past) => {
            lines.push(format!("Run       {}", recorded.run));
            lines.push(format!("Account   {} ({})", past.header.account, past.header.partition));
            let does = if past.header.is_review() { "Mends    " } else { "Sets up  " };
            lines.push(format!("{does} {}", past.header.about));
            let done = calls(past).map(|calls| format!(", {calls}")).unwrap_or_default();
            lines.push(format!("Stands    {}{done}", outcome(recorded)));
            lines.extend(past.in_flight.iter().map(|one| format!("not answered: {one}")));
        }
    }
    if let Some(process) = recorded.process {
        lines.push(format!("process {process} is at work on it"));
    }
    if recorded.run == app.setup.stamp.run {
        lines.push("It is the run of this very start.".to_owned());
    }
    lines
}

/// All there is to know of a run.
#[must_use]
pub fn whole(app: &App, recorded: &Recorded) -> Vec<String> {
    let folder = app.setup.run_folder.with_file_name(&recorded.run);
    let journal = folder.join("journal.jsonl");
    let mut lines = match &recorded.past {
        Err(fault) => apply::story::fault(fault),
        Ok(past) => of_past(recorded, past),
    };
    lines.push(String::new());
    lines.push(format!("Journal   {}", journal.display()));
    let is_review = recorded.past.as_ref().is_ok_and(|past| past.header.is_review());
    match &recorded.answers {
        Some(_) => lines.push(format!("Answers   {}", folder.join("answers.toml").display())),
        None if is_review => {}
        None => lines.push("Answers   not there; step 2 asks for them".to_owned()),
    }
    if let Some(process) = recorded.process {
        lines.push(format!("Process   {process} is at work on it"));
    }
    lines
}

fn of_past(recorded: &Recorded, past: &Past) -> Vec<String> {
    let header = &past.header;
    let does = if header.is_review() {
        format!("Mends     {}", header.about)
    } else {
        format!("Sets up   {}, for {}", header.about, header.registry)
    };
    let mut lines = vec![
        does,
        format!("Account   {} ({}), region {}", header.account, header.partition, header.region),
        format!("Began     {} (UTC), {}", when(&header.began), header.caller),
        format!("Last      {} (UTC)", when(&past.last)),
        format!(
            "Program   {}, format {}.{}",
            header.program, header.format.major, header.format.minor
        ),
        format!("Stands    {}", outcome(recorded)),
    ];
    lines.extend(calls(past).map(|calls| format!("Calls     {calls}, {} in all", past.number)));
    let mut add = |title: &str, body: Vec<String>| {
        if !body.is_empty() {
            lines.push(String::new());
            lines.push(title.to_owned());
            lines.extend(body.into_iter().map(|line| format!("  {line}")));
        }
    };
    if let Some(session) = &past.session {
        let doing = if stopped_in_undo(past) { "taking it back" } else { "making it" };
        let by = format!("{} (UTC), {doing}, {}", when(&session.at), session.caller);
        add("The last session", std::iter::once(by).chain(session.calls.clone()).collect());
    }
    add("Not answered: not known to have happened", past.in_flight.clone());
    add("What it left other than it found it", past.entries.iter().map(entry).collect());
    let keys = past.unsure.iter().map(|one| format!("a key of {}, if its call happened", one.user));
    add("Keys that were perhaps made", keys.collect());
    let secrets = past.delivered.iter().map(|(key, place)| format!("{key}: {place}"));
    add("Where secrets went", secrets.collect());
    lines
}

/// What became of a thing.
#[must_use]
pub fn entry(entry: &Entry) -> String {
    let how = match (&entry.before, entry.after.as_slice()) {
        (_, [_, _, ..]) => "not known yet",
        (None, _) => "made",
        (Some(_), [None]) => "removed",
        (Some(_), _) => "changed",
    };
    format!("{}: {how}", entry.thing.summary())
}
