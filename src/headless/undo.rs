//! `undo`: takes back what a run made.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};

use super::desk::{Bell, Desk, Left, stray};
use super::out::{Out, words};
use super::runs::{known, minute};
use super::sent::{Talk, capital, code, put_outcome};
use super::{plan, put, result, text};
use crate::app::task::{ApplyOutcome, End, Job, News, Recalled, StepOutcome, Undone};
use crate::cli::{Format, UndoArgs};
use crate::domain::fault::{Cause, Fault};
use crate::domain::journal::{Past, Phase, Recorded};
use crate::domain::operation::Operation;
use crate::domain::plan::{Planned, Standing};
use crate::domain::undo::{Decisions, Undo, names, undo as decide};
use crate::render::shell::quote;

/// Said in the place of "taken back" where nothing may be written.
const UNWRITTEN: &str = "Nothing is left to be sent. That the run is taken back was not written down, because of --read-only: undo without it does that.";

pub(super) async fn undo<B: Bell>(
    desk: &mut Desk<B>,
    args: &UndoArgs,
    read_only: bool,
) -> Result<u8, Left> {
    if read_only && args.yes {
        let message = "undo --yes changes AWS, and --read-only allows no such call";
        let fault = Fault::new(Cause::PermissionDenied, message).with("policy", "--read-only");
        return Err(Left::Use(
            fault.remedy("leave --yes out to see what undo would do, or leave --read-only out"),
        ));
    }
    let run = meant(known(desk).await?, args.run.as_deref())?;
    // What stayed when it was taken back may go by now.
    let is_over = |past: &&Past| past.phase == Phase::Undone && past.is_empty();
    if let Some(past) = run.past.as_ref().ok().filter(is_over)
        && run.process.is_none()
    {
        return Ok(already(desk, past, args.format));
    }
    let Recalled { past, caller, seen } = match desk.ask(Job::Recall(run.run)).await? {
        End::Recalled(recalled) => *recalled?,
        _ => return Err(stray()),
    };
    let decisions = Decisions {
        take: args.confirm.iter().cloned().collect(),
        keep: args.keep.iter().cloned().collect(),
    };
    // What is kept by a name that nothing has would go.
    let known = names(&past, &seen);
    if let Some(unknown) = decisions.keep.iter().find(|name| !known.contains(*name)) {
        let message = format!("--keep {unknown}: nothing of run {} has this name", past.header.run);
        let known: Vec<String> = known.into_iter().collect();
        let fault = Fault::new(Cause::BadAnswers, message).with("key", "--keep");
        return Err(Left::Use(fault.remedy(format!("its names are: {}", known.join(", ")))));
    }
    let undo = decide(&past, &seen, &caller, &decisions);
    if args.format == Format::Text {
        desk.out.text(&shown(&undo));
    }
    // That nothing is left to be sent has to be written down as well.
    let unwritten = (read_only && undo.past.phase != Phase::Undone).then_some(UNWRITTEN);
    let (undone, signal) = match refusal(&undo, args, read_only) {
        Some(fault) => (Undone::blocked(&undo, fault), None),
        None if read_only => (Undone::nothing(&undo), None),
        None => {
            let mut talk = Talk::of(undo.changes());
            let tell = |out: &mut Out, news: News| talk.tell(out, &news);
            match desk.follow(Job::Undo(Box::new(undo.clone())), tell).await? {
                (End::Undone(undone), signal) => (*undone, signal),
                _ => return Err(stray()),
            }
        }
    };
    match args.format {
        Format::Json => desk.out.json(&value(&undo, &undone, unwritten)),
        Format::Text => desk.out.text(&ended(&undo, &undone, unwritten)),
    }
    Ok(code(undone.told(), &undone.steps, signal))
}

/// The run that is meant: the one of this id, else the last that there is, whatever stands of it.
fn meant(mut known: Vec<Recorded>, id: Option<&str>) -> Result<Recorded, Fault> {
    let Some(id) = id else {
        return known.pop().ok_or_else(|| {
            Fault::new(Cause::File, "the journal knows no run that could be taken back")
                .remedy("name the state folder of the run with --state-dir, if it is another one")
        });
    };
    known.into_iter().find(|run| run.run == id).ok_or_else(|| {
        Fault::new(Cause::File, format!("there is no journal of a run {id}"))
            .with("run", id)
            .remedy("`okteto-ecr runs` lists those that are known")
    })
}

/// It is taken back: there is nothing to do.
fn already<B: Bell>(desk: &mut Desk<B>, past: &Past, format: Format) -> u8 {
    let run = &past.header.run;
    let said = format!("Run {run} is taken back already.");
    match format {
        Format::Json => {
            desk.out.say(&said);
            desk.out.json(&whole(past, ApplyOutcome::Done, &[], &[]));
        }
        Format::Text => desk.out.text(&said),
    }
    0
}

/// Why it is not carried out: something is undecided, or nobody said yes to what would be sent.
fn refusal(undo: &Undo, args: &UndoArgs, read_only: bool) -> Option<Fault> {
    let run = &undo.past.header.run;
    let undecided: Vec<&Planned> = undo.conflicts().collect();
    if let Some(first) = undecided.first() {
        let mut ways: Vec<String> = Vec::new();
        for way in undecided.iter().map(|step| decision(undo, step)) {
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        let ways = ways.join("; ");
        let others = match undecided.len() {
            1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        let message = format!("{}: {}{others}", first.summary, first.reason);
        let names: Vec<&str> =
            undecided.iter().filter_map(|step| step.confirm.as_deref()).collect();
        return Some(
            Fault::new(Cause::Conflict, message)
                .with("undecided", names.join(" "))
                .remedy(format!("decide by name, then undo again: {ways}")),
        );
    }
    let calls = undo.changes().count();
    if calls == 0 {
        return None;
    }
    let yes = (!args.yes || read_only).then(|| "--yes".to_owned());
    let names = undo.confirmations().into_iter();
    let names = names.filter(|name| !undo.decisions.take.contains(*name));
    let missing: Vec<String> =
        yes.into_iter().chain(names.map(|name| format!("--confirm {}", quote(name)))).collect();
    if missing.is_empty() {
        return None;
    }
    let calls = if calls == 1 { "1 call".to_owned() } else { format!("{calls} calls") };
    let message = format!(
        "taking run {run} back sends {calls} and asks nothing here: it wants {}",
        missing.join(" ")
    );
    Some(
        Fault::new(Cause::ConfirmationNeeded, message)
            .with("missing", missing.join(" "))
            .remedy(format!("look at the calls, then run: {}", command(undo))),
    )
}

/// How something undecided is decided.
fn decision(undo: &Undo, step: &Planned) -> String {
    let name = step.confirm.as_deref().unwrap_or_default();
    let shown = quote(name);
    let keep = format!("--keep {shown} leaves it");
    // What cannot be taken back although it was asked for can only stay; its way out says what is in the way.
    if undo.decisions.take.contains(name) || !step.ways_out.is_empty() {
        let ways = step.ways_out.iter().map(|way| format!("{way}, "));
        return format!("{}{keep}", ways.collect::<String>());
    }
    format!("--confirm {shown} takes it back all the same, {keep}")
}

/// The command that carries it out.
fn command(undo: &Undo) -> String {
    let mut line = format!("okteto-ecr undo {} --yes", undo.past.header.run);
    let asked = undo.confirmations().into_iter().map(str::to_owned);
    let take: BTreeSet<String> = undo.decisions.take.iter().cloned().chain(asked).collect();
    for (option, names) in [("--confirm", &take), ("--keep", &undo.decisions.keep)] {
        for name in names {
            let _ = write!(line, " {option} {}", quote(name));
        }
    }
    line
}

/// Each step with how it ended; what sends nothing is skipped.
fn outcomes<'a>(
    undo: &'a Undo,
    undone: &'a Undone,
) -> impl Iterator<Item = (&'a Planned, &'a StepOutcome)> {
    let mut outcomes = undone.steps.iter();
    undo.steps.iter().map(move |step| {
        let outcome = step.operation.as_ref().and_then(|_| outcomes.next());
        (step, outcome.unwrap_or(&StepOutcome::Skipped))
    })
}

/// The promised object.
fn whole(past: &Past, outcome: ApplyOutcome, steps: &[Value], remarks: &[String]) -> Value {
    let header = &past.header;
    result(json!({
        "run": header.run,
        "account": header.account,
        "about": header.about,
        "outcome": outcome.word(),
        "steps": steps,
        "remarks": remarks,
    }))
}

fn value(undo: &Undo, undone: &Undone, unwritten: Option<&str>) -> Value {
    let steps: Vec<Value> = outcomes(undo, undone)
        .map(|(step, outcome)| {
            let mut shown = plan::step(step);
            put_outcome(&mut shown, outcome);
            shown
        })
        .collect();
    let mut remarks = undo.remarks.clone();
    remarks.extend(unwritten.filter(|_| undone.told() == ApplyOutcome::Done).map(str::to_owned));
    let mut whole = whole(&undo.past, undone.told(), &steps, &remarks);
    if !undone.left.is_empty() {
        put(&mut whole, "left", &undone.left);
    }
    if let Some(fault) = &undone.fault {
        put(&mut whole, "fault", fault);
    }
    whole
}

fn sign(step: &Planned) -> char {
    let removes = step.operation.as_ref().is_some_and(Operation::removes);
    match step.standing {
        Standing::Needed if !removes => '+',
        Standing::Conflict => '!',
        Standing::Present => '=',
        Standing::Needed => '-',
        Standing::Adopt | Standing::Change => '~',
    }
}

/// What it comes to, call by call.
fn shown(undo: &Undo) -> String {
    let header = &undo.past.header;
    let mut shown = format!(
        "Run {}: {}\nAccount {} as {}, begun {}\n\n",
        header.run,
        header.purpose(),
        header.account,
        undo.caller.arn,
        minute(&header.began)
    );
    for step in &undo.steps {
        let (id, standing) = (step.id.word(), step.standing.word());
        let _ = writeln!(shown, "{} {standing:<8} {id:<11} {}", sign(step), step.summary);
        let _ = writeln!(shown, "    {}", step.reason);
        if let Some(operation) = &step.operation {
            let _ = writeln!(shown, "    call: {}", operation.call());
        }
        text::differences(&mut shown, &step.diff);
        if step.standing == Standing::Conflict {
            let _ = writeln!(shown, "    decide: {}", decision(undo, step));
        }
    }
    for remark in &undo.remarks {
        let _ = writeln!(shown, "note: {remark}");
    }
    let _ = match (undo.changes().count(), undo.conflicts().count()) {
        (_, 1..) => writeln!(shown, "\nBlocked: something has to be decided first (!)."),
        (0, 0) => writeln!(shown, "\nNothing is left to be sent."),
        (1, 0) => writeln!(shown, "\n1 call, the newest first."),
        (n, 0) => writeln!(shown, "\n{n} calls, the newest first."),
    };
    shown
}

/// How it ended.
fn ended(undo: &Undo, undone: &Undone, unwritten: Option<&str>) -> String {
    let run = &undo.past.header.run;
    let mut lines: Vec<String> = Vec::new();
    let began = undone.steps.iter().any(|step| !matches!(step, StepOutcome::Skipped));
    if began {
        let sent = outcomes(undo, undone).filter(|(step, _)| step.operation.is_some());
        lines.extend(sent.map(|(step, outcome)| text::step(step, outcome)));
        lines.push(String::new());
    }
    let all = undone.steps.len();
    let done = undone.steps.iter().filter(|s| matches!(s, StepOutcome::Done { .. })).count();
    let doubtful = undone.steps.iter().any(|s| matches!(s, StepOutcome::Unknown { .. }));
    lines.push(match undone.told() {
        ApplyOutcome::Done => match unwritten {
            Some(unwritten) => unwritten.to_owned(),
            None => format!("Done: run {run} is taken back."),
        },
        outcome if done == 0 && !doubtful => format!("{}: nothing was changed.", capital(outcome)),
        outcome => format!(
            "{}: {done} of {all} calls done. What is left: okteto-ecr undo {run}",
            capital(outcome)
        ),
    });
    if undone.told() == ApplyOutcome::Done {
        let untouched = undo.steps.iter().filter(|step| step.operation.is_none());
        lines.extend(
            untouched.map(|step| format!("Not touched: {}. {}", step.summary, step.reason)),
        );
    }
    if !undone.left.is_empty() {
        lines.push(format!(
            "Still there although its call was answered: {}",
            undone.left.join(", ")
        ));
    }
    lines.extend(undone.fault.as_ref().map(words));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::journal::{Purpose, REVIEW};
    use crate::domain::principal::Principal;
    use crate::domain::review::mend::scene::{READ_ONLY, Scene, on_role, policy, role, sound};
    use crate::domain::sample;

    #[test]
    fn what_a_review_ended_wants_yes_and_the_name() {
        let scene = Scene::default().with_role(role("a", &sound(), false));
        let from = Principal::Role("a".to_owned());
        let call = Operation::DetachPolicy { from, policy: policy(READ_ONLY) };
        let mut account = scene.account();
        account.steps(Purpose::Apply, &scene.plan(&[on_role("a", "x", vec![call])]).steps);
        let told = |yes: bool, names: &[&str]| {
            let confirm: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            let take = confirm.iter().cloned().collect();
            let decisions = Decisions { take, ..Decisions::default() };
            let past = account.past_as(REVIEW);
            let undo = decide(&past, &account.seen(), &sample::caller(), &decisions);
            let keep = Vec::new();
            let args = UndoArgs { run: None, yes, confirm, keep, format: Format::Text };
            refusal(&undo, &args, false)
                .map(|fault| (fault.evidence["missing"].clone(), fault.what_to_do().to_string()))
        };
        let (missing, way) = told(true, &[]).unwrap();
        assert_eq!(missing, "--confirm a");
        assert!(way.contains("--yes --confirm a"), "{way}");
        assert_eq!(told(false, &[]).unwrap().0, "--yes --confirm a");
        assert_eq!(told(false, &["a"]).unwrap().0, "--yes");
        assert_eq!(told(true, &["a"]), None);
    }
}
