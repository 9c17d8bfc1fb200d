//! Accepting a finding: a reason, a last day, and the file that both are written to.

use jiff::ToSpan;
use jiff::civil::Date;

use super::{detail, fix};
use crate::app::overlay::{Matter, Overlay, Question, Sheet, SheetField};
use crate::app::slot::Slot;
use crate::app::task::Job;
use crate::app::wizard::App;
use crate::domain::fault::Fault;
use crate::domain::review::found::Found;
use crate::domain::review::triage::{Accepted, Standing, Triage};
use crate::domain::review::view::{self, Table};

/// For so many days a finding is accepted, if nothing else is said.
const USUAL: i64 = 90;

/// What was typed, and what is being written.
#[derive(Debug, Default)]
pub struct State {
    /// Which finding the sheet is about.
    about: Option<Found>,
    /// What was typed about it and not taken: its fingerprint, the reason, the day.
    typed: Option<(String, String, String)>,
    /// What is being written, and what is said once it was.
    pending: Option<(Vec<Accepted>, String)>,
}

/// The finding that is meant: in the detail the one under the cursor, in the table the only one.
fn meant(app: &App) -> Result<&Found, String> {
    let nowhere = || "The cursor stands on no finding; n goes to the next one.".to_owned();
    if app.review.detail.is_some() {
        return detail::finding(app).ok_or_else(nowhere);
    }
    match fix::thing(app).map(super::Thing::found) {
        None | Some([]) => Err("Nothing was found here that could be accepted.".to_owned()),
        Some([one]) => Ok(one),
        Some(more) => Err(format!(
            "It has {} findings: Enter opens it, and a accepts the one under the cursor.",
            more.len()
        )),
    }
}

/// What was accepted so far, or why that is not known.
fn triage(app: &App) -> Result<(&Triage, &str), String> {
    let Some(review) = &app.review.review else {
        return Err("The account was not read whole; r reads it.".to_owned());
    };
    match &review.triage {
        Ok(triage) => Ok((triage, review.caller.account.as_str())),
        Err(fault) => Err(format!(
            "What was accepted could not be read: {}; i tells all.",
            fault.message.trim_end_matches('.')
        )),
    }
}

/// Why nothing can be accepted now.
pub(super) fn not_now(app: &App) -> Option<String> {
    if app.slots.running(Slot::Accept).is_some() {
        return Some("What was accepted is being written.".to_owned());
    }
    triage(app).and_then(|_| meant(app)).err()
}

/// Asks for the reason and the day; of what is accepted already whether that is taken back.
pub(super) fn open(app: &mut App) {
    let (Ok(found), Ok((triage, account))) = (meant(app), triage(app)) else { return };
    let found = found.clone();
    let standing = triage.standing(account, &found);
    if let Standing::Accepted(one) = &standing {
        let body = vec![
            found.finding.message.clone(),
            String::new(),
            format!("Accepted until {} by {}:", one.until, one.by),
            one.reason.clone(),
        ];
        let choices = ["Leave it accepted", "Take it back", "Change it"];
        let question = Question::new(Matter::Acceptance, "It is accepted.", body, &choices);
        app.overlay = Some(Overlay::Question(question));
        app.review.accepting.about = Some(found);
        return;
    }
    fill_in(app, found, &standing);
}

/// Opens the sheet, with what was typed there before or what is accepted now.
fn fill_in(app: &mut App, found: Found, standing: &Standing) {
    let Ok((triage, _)) = triage(app) else { return };
    let file = triage.file.display().to_string();
    let usual = triage.today.saturating_add(USUAL.days());
    let (reason, until) = match (&app.review.accepting.typed, standing) {
        (Some((print, reason, until)), _) if *print == found.fingerprint() => {
            (reason.clone(), until.clone())
        }
        (_, Standing::Accepted(one)) => (one.reason.clone(), one.until.to_string()),
        (_, Standing::Expired(one)) => (one.reason.clone(), usual.to_string()),
        _ => (String::new(), usual.to_string()),
    };
    let body = vec![
        format!("{}: {}", found.on, found.finding.message),
        String::new(),
        format!("It then counts no more, until that day is over. Written to {file}."),
    ];
    app.overlay = Some(Overlay::Sheet(Sheet {
        title: "Accept this finding?".to_owned(),
        body,
        fields: vec![
            SheetField::new("Why it may stay", reason),
            SheetField::new("Until and with (YYYY-MM-DD)", until),
        ],
        at: 0,
    }));
    app.review.accepting.about = Some(found);
}

/// The question about what is accepted was answered.
pub fn answered(app: &mut App, choice: usize) {
    let Some(found) = app.review.accepting.about.clone() else { return };
    let Ok((triage, account)) = triage(app) else { return };
    let standing = triage.standing(account, &found);
    if choice > 1 {
        return fill_in(app, found, &standing);
    }
    let list = without(triage, account, &found);
    write(app, list, format!("{}: counts again.", found.on));
}

/// What was accepted, but for this.
fn without(triage: &Triage, account: &str, found: &Found) -> Vec<Accepted> {
    let print = found.fingerprint();
    let other = |one: &&Accepted| one.account != account || one.fingerprint != print;
    triage.accepted.iter().filter(other).cloned().collect()
}

/// The sheet was filled in, or left: what was typed is kept for the next time.
pub fn sheet(app: &mut App, mut sheet: Sheet, take: bool) {
    let Some(found) = app.review.accepting.about.clone() else { return };
    let text = |i: usize| {
        sheet.fields.get(i).map(|field| field.line.value().trim().to_owned()).unwrap_or_default()
    };
    let (reason, until) = (text(0), text(1));
    app.review.accepting.typed = Some((found.fingerprint(), reason.clone(), until.clone()));
    if !take {
        return;
    }
    let Ok((triage, account)) = triage(app) else { return };
    let day = last_day(&until, triage.today);
    let no_reason = reason.is_empty().then(|| {
        "A reason is missing. Whoever reads it later asks why, such as: only in the lab".to_owned()
    });
    if let (None, Ok(until)) = (&no_reason, &day) {
        let review = app.review.review.as_ref();
        let by = review.map(|review| review.caller.arn.clone()).unwrap_or_default();
        let mut list = without(triage, account, &found);
        list.push(Accepted {
            account: account.to_owned(),
            on: found.on.to_string(),
            rule: found.finding.rule.to_owned(),
            fingerprint: found.fingerprint(),
            what: found.finding.message.clone(),
            reason,
            until: *until,
            by,
            at: triage.today,
        });
        let told = format!("Accepted until {until}.");
        return write(app, list, told);
    }
    let first = usize::from(no_reason.is_none());
    for (field, problem) in sheet.fields.iter_mut().zip([no_reason, day.err()]) {
        field.problem = problem;
    }
    sheet.at = first;
    app.overlay = Some(Overlay::Sheet(sheet));
}

/// The last day on which it counts.
fn last_day(text: &str, today: Date) -> Result<Date, String> {
    let example = today.saturating_add(USUAL.days());
    // Other forms of ISO are dates as well, but not what the file has.
    let date = Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
    match date {
        None => Err(format!("This is no day. Year, month and day, such as {example}")),
        Some(date) if date < today => {
            Err(format!("That day is over: today is {today}. Later would do, such as {example}"))
        }
        Some(date) => Ok(date),
    }
}

fn write(app: &mut App, list: Vec<Accepted>, told: String) {
    let Ok((triage, _)) = triage(app) else { return };
    let file = triage.file.clone();
    app.review.accepting.pending = Some((list.clone(), told));
    app.start(Slot::Accept, Job::Accept(file, list));
}

/// It was written, or not.
pub(super) fn ended(app: &mut App, result: Result<(), Fault>) {
    let Some((list, told)) = app.review.accepting.pending.take() else { return };
    let state = &mut app.review;
    if let Err(fault) = result {
        let message = fault.message.trim_end_matches('.');
        state.told = Some(format!("Not written: {message}. What was typed is kept; a asks again."));
        return;
    }
    state.accepting.typed = None;
    let Some(review) = &mut state.review else { return };
    let review = std::sync::Arc::make_mut(review);
    let Ok(triage) = &mut review.triage else { return };
    triage.accepted = list;
    state.told = Some(format!("{told} Written to {}.", triage.file.display()));
    let Some(found) = state.accepting.about.take() else { return };
    // Only the row that it is about counts otherwise now.
    for table in Table::ALL {
        let Some(i) = row_of(state, table, &found) else { continue };
        let Some(row) = row(state, table, i) else { continue };
        let choice = state.choice.clone();
        state.pane_mut(table).keep(|listing| {
            listing.replace(i, row);
            listing.choose(&choice);
        });
    }
}

fn row_of(state: &super::State, table: Table, found: &Found) -> Option<usize> {
    let n = state.pane(table).listing.len();
    (0..n).find(|i| state.thing(table, *i).is_some_and(|thing| thing.found().contains(found)))
}

fn row(state: &super::State, table: Table, i: usize) -> Option<view::Row> {
    let judge = state.judge();
    Some(match state.thing(table, i)? {
        super::Thing::Role(role) => judge.role(role),
        super::Thing::User(user) => judge.user(user),
        super::Thing::Provider(provider) => judge.provider(provider, state.roles()),
        super::Thing::Account(found) => judge.account(found),
    })
}
