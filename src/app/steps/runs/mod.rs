//! The runs that the journal knows, beside the sequence of steps: what stopped where, and going on with it.

pub mod story;

use crate::app::keymap::Command;
use crate::app::list::Cursor;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::slot::Slot;
use crate::app::step::{Offer, Step};
use crate::app::steps::{access, apply, identity, pull, review, undo};
use crate::app::task::{End, Job};
use crate::app::wizard::App;
use crate::domain::fault::Fault;
use crate::domain::journal::{Past, Phase, Purpose, Recorded, is_of};

/// Rows that a page key moves by.
const PAGE: usize = 8;
/// A wait is spoken of only after this many seconds (ux W3).
const SPOKEN_OF: u64 = 2;

/// The state of the list.
#[derive(Debug, Default)]
pub struct State {
    /// The runs, the newest first, or why they could not be read; `None` before they were.
    pub list: Option<Result<Vec<Recorded>, Fault>>,
    /// The selected run.
    pub cursor: Cursor,
}

impl State {
    /// The runs that were read.
    #[must_use]
    pub fn all(&self) -> &[Recorded] {
        self.list.as_ref().and_then(|list| list.as_ref().ok()).map_or(&[], Vec::as_slice)
    }

    /// The run that the cursor stands on.
    #[must_use]
    pub fn selected(&self) -> Option<&Recorded> {
        self.all().get(self.cursor.within(self.all().len()))
    }
}

/// The runs of earlier starts that stopped before their end, the newest first.
pub fn stopped(app: &App) -> impl Iterator<Item = (&Recorded, &Past)> {
    let own = &app.setup.stamp.run;
    app.runs.all().iter().filter_map(move |recorded| {
        let past = recorded.past.as_ref().ok()?;
        let open = past.phase.is_open() && recorded.process.is_none() && recorded.run != *own;
        open.then_some((recorded, past))
    })
}

/// Opens the list, at the newest run that stopped.
pub fn open(app: &mut App) {
    let newest = stopped(app).next().map(|(recorded, _)| recorded.run.clone());
    let row = app.runs.all().iter().position(|recorded| Some(&recorded.run) == newest.as_ref());
    app.runs.cursor.row = row.unwrap_or(0);
    app.go_to(Step::Runs);
}

/// It was entered: what the journal has now.
pub fn enter(app: &mut App) {
    reread(app);
}

/// Reads the journals; what stands on the screen stays until they are read.
pub fn reread(app: &mut App) {
    app.start(Slot::Runs, Job::Runs);
}

/// The journals were read, or could not be.
pub fn ended(app: &mut App, end: End) {
    let End::Runs(result) = end else { return };
    let at = app.runs.selected().map(|recorded| recorded.run.clone());
    let open = app.practice.open.as_ref().map(|open| open.run.clone());
    let newest_first = |mut runs: Vec<Recorded>| {
        // What other runs of practice made is in no account any more; those of an exercise begin with its own name.
        if let Some(open) = &open {
            let rest = |name: &str| name.strip_prefix(open.as_str()).map(str::to_owned);
            runs.retain(|one| rest(&one.run).is_some_and(|r| r.is_empty() || r.starts_with('-')));
        }
        runs.reverse();
        runs
    };
    app.runs.list = Some(result.map(newest_first));
    let row = app.runs.all().iter().position(|recorded| Some(&recorded.run) == at.as_ref());
    app.runs.cursor.row = row.unwrap_or_else(|| app.runs.cursor.within(app.runs.all().len()));
    undo::settle(app);
}

/// Why a run cannot be gone on with or taken back by this login, now.
#[must_use]
pub fn obstacle(app: &App, recorded: &Recorded) -> Option<String> {
    if app.slots.changing().is_some() {
        return Some("A change is being sent. Ctrl-C stops after the call.".to_owned());
    }
    let past = match &recorded.past {
        Ok(past) => past,
        Err(fault) => return Some(format!("{fault}; i shows what to do.")),
    };
    if let Some(process) = recorded.process {
        return Some(format!("Process {process} is at work on it: one at a time."));
    }
    match app.who.known() {
        None => Some("AWS has not said yet who you are.".to_owned()),
        Some(caller) => is_of(&past.header, caller).err().map(|fault| format!("Refused: {fault}.")),
    }
}

/// Why the selected run is not gone on with.
fn no_way_on(app: &App) -> Option<String> {
    let Some(recorded) = app.runs.selected() else { return Some("There is no run.".to_owned()) };
    let phase = recorded.past.as_ref().map(|past| past.phase);
    let own = app.setup.stamp.run == recorded.run;
    match phase {
        Ok(Phase::Done) => Some("It came to its end. u takes it back.".to_owned()),
        Ok(Phase::Undone) => Some("It was taken back: nothing of it is left.".to_owned()),
        _ if is_review(recorded) => obstacle(app, recorded),
        // What this start made would be nobody's any more.
        _ if !own && app.has_made() => Some(format!(
            "This start has made something itself, in run {}. Leave first, then continue.",
            app.setup.stamp.run
        )),
        _ => obstacle(app, recorded),
    }
}

/// Why the selected run is not taken back.
fn no_way_back(app: &App) -> Option<String> {
    let Some(recorded) = app.runs.selected() else { return Some("There is no run.".to_owned()) };
    match recorded.past.as_ref().map(|past| past.phase) {
        Ok(Phase::Undone) => Some("It was taken back: nothing of it is left.".to_owned()),
        _ => obstacle(app, recorded),
    }
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let offer = |command, words: &'static str, why: Option<String>| match why {
        None => Offer::on(command, words),
        Some(why) => Offer::off(command, words, why),
    };
    let mut offers = Vec::new();
    if app.runs.selected().is_some() {
        let words = match app.runs.selected() {
            Some(recorded) if is_review(recorded) => "to the review",
            _ => "continue",
        };
        offers.push(offer(Command::Go, words, no_way_on(app)));
        if let Some(why) = no_way_on(app) {
            offers.push(Offer::off(Command::Continue, words, why));
        }
        offers.push(offer(Command::Undo, "take it back", no_way_back(app)));
        offers.push(Offer::on(Command::Explain, "all of it"));
    }
    if app.runs.all().len() > 1 {
        offers.push(Offer::on(Command::Down, "run"));
    }
    offers.push(match app.slots.running(Slot::Runs) {
        Some(_) => Offer::off(Command::Reread, "read again", "Reading already."),
        None => Offer::on(Command::Reread, "read again"),
    });
    offers.push(Offer::on(Command::Back, "back"));
    offers
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    let rows = app.runs.all().len();
    if app.runs.cursor.command(command, rows, PAGE) {
        return true;
    }
    match command {
        Command::Go | Command::Continue => go_on(app),
        Command::Undo => {
            if let Some(run) = app.runs.selected().map(|recorded| recorded.run.clone()) {
                undo::open(app, run, false);
            }
        }
        Command::Reread => reread(app),
        Command::Explain => {
            let Some(recorded) = app.runs.selected() else { return false };
            let lines = story::whole(app, recorded);
            let title = format!("Run {}", recorded.run);
            app.overlay = Some(Overlay::Text(TextBox::new(title, lines)));
        }
        Command::Back => app.go_to(Step::Mode),
        _ => return false,
    }
    true
}

/// Goes on with the selected run: with taking it back, if that is where it stopped; else the wizard becomes that run.
fn go_on(app: &mut App) {
    let Some(recorded) = app.runs.selected().cloned() else { return };
    let mends = is_review(&recorded);
    let Ok(past) = recorded.past else { return };
    if stopped_in_undo(&past) {
        return undo::open(app, recorded.run, false);
    }
    if mends {
        review::open(app);
        return app.remark(
            "It mended findings of the review: read it and plan anew, or u in the runs takes it back.",
        );
    }
    app.become_run(&recorded.run);
    app.apply.forget();
    apply::adopt(app, &past);
    app.apply.past = Some(past);
    let has_answers = recorded.answers.is_some();
    if let Some(draft) = recorded.answers {
        // What stands in the forms is of another set-up.
        app.identity = identity::State::default();
        app.access = access::State::default();
        app.pull = pull::State::default();
        app.setup.last = Some(draft);
        identity::prefill(app);
    }
    app.pull.forget();
    if has_answers {
        app.go_to(Step::Apply);
    } else {
        app.go_to(Step::Identity);
        app.remark("The answers of that run are not there. Give them again; step 4 then goes on.");
    }
}

/// Whether it mended what a review found.
fn is_review(recorded: &Recorded) -> bool {
    recorded.past.as_ref().is_ok_and(|past| past.header.is_review())
}

/// Whether it was being taken back when it stopped.
#[must_use]
pub fn stopped_in_undo(past: &Past) -> bool {
    past.session.as_ref().is_some_and(|session| session.purpose == Purpose::Undo)
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    let waited = app.slots.running(Slot::Runs).map(|task| app.now.since(task.began).as_secs());
    match (waited, app.runs.selected()) {
        (Some(seconds), _) if seconds >= SPOKEN_OF => {
            format!("Reading the journals for {seconds} s.")
        }
        (_, Some(recorded)) if is_review(recorded) => no_way_on(app).unwrap_or_else(|| {
            "It mended findings. Enter opens the review, to plan anew; u takes it back.".to_owned()
        }),
        (_, Some(_)) => no_way_on(app).unwrap_or_else(|| {
            "Continuing reads the account and plans what is left; nothing is sent by it.".to_owned()
        }),
        (Some(_), None) => "Reading the journals.".to_owned(),
        (None, None) => "Esc goes back to step 1.".to_owned(),
    }
}

#[cfg(test)]
mod tests;
