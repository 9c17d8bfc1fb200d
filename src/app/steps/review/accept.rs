//! Accepting a finding: a reason, a last day, and the file that both are written to.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;

use super::{detail, fix};
use crate::app::overlay::{Matter, Overlay, Question, Sheet, SheetField};
use crate::app::slot::Slot;
use crate::app::task::Job;
use crate::app::wizard::App;
use crate::domain::fault::Fault;
use crate::domain::review::found::Found;
use crate::domain::review::triage::{Acceptance, Accepted, Standing, Triage};
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
    /// The last day that was asked for and not taken.
    far: Option<Date>,
    /// The change that is being written, and what is said once it was.
    pending: Option<(Acceptance, String)>,
    /// What was changed since the account began to be read anew: what was accepted may have been read before that.
    since: Vec<Acceptance>,
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
    let (account, fingerprint) = (account.to_owned(), found.fingerprint());
    let change = Acceptance::TakeBack { account, fingerprint };
    write(app, change, format!("{}: counts again.", found.on));
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
    let says_nothing = reason.chars().filter(|c| c.is_alphabetic()).count() < 3;
    let no_reason = says_nothing
        .then(|| "Whoever reads it later asks why, such as: only in the lab".to_owned());
    let day = day.and_then(|day| near(&app.review.accepting, triage.today, day));
    if let (None, Ok(until)) = (&no_reason, &day) {
        let review = app.review.review.as_ref();
        let by = review.map(|review| review.caller.arn.clone()).unwrap_or_default();
        let change = Acceptance::Add(Accepted {
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
        return write(app, change, told);
    }
    app.review.accepting.far = until.parse().ok();
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

/// A day that is far away is taken the second time.
fn near(state: &State, today: Date, day: Date) -> Result<Date, String> {
    let far = today.saturating_add(1.year());
    if day <= far || state.far == Some(day) {
        return Ok(day);
    }
    Err(format!("After {far}: that is more than a year. Enter again takes it"))
}

fn write(app: &mut App, change: Acceptance, told: String) {
    let Ok((triage, _)) = triage(app) else { return };
    let file = triage.file.clone();
    app.review.accepting.pending = Some((change.clone(), told));
    app.start(Slot::Accept, Job::Accept(file, change));
}

/// It was written, or not. What is in the file now is taken over: others may have written to it.
pub(super) fn ended(app: &mut App, result: Result<Vec<Accepted>, Fault>) {
    let is_reading = app.slots.running(Slot::Review).is_some();
    let state = &mut app.review;
    let Some((change, told)) = state.accepting.pending.take() else { return };
    let now = match result {
        Ok(now) => now,
        Err(fault) => {
            let message = fault.message.trim_end_matches('.');
            let told = format!("Not written: {message}. What was typed is kept; a asks again.");
            state.told = Some(told);
            return;
        }
    };
    (state.accepting.typed, state.accepting.about) = (None, None);
    if is_reading {
        state.accepting.since.push(change);
    }
    take(state, now);
    let Some(Ok(triage)) = state.review.as_ref().map(|review| &review.triage) else { return };
    state.told = Some(format!("{told} Written to {}.", triage.file.display()));
    detail::settle(app);
}

/// The account begins to be read anew.
pub(super) fn reading(state: &mut State) {
    state.since.clear();
}

/// What was changed while the account was read stands, whenever the file was read.
pub(super) fn over(state: &mut super::State) {
    let since = std::mem::take(&mut state.accepting.since);
    let Some(triage) = state.review.as_ref().and_then(|review| review.triage.as_ref().ok()) else {
        return;
    };
    let mut now = triage.accepted.clone();
    for change in &since {
        change.change(&mut now);
    }
    take(state, now);
}

/// Takes over what is accepted now.
fn take(state: &mut super::State, now: Vec<Accepted>) {
    let Some(review) = &mut state.review else { return };
    let account = review.caller.account.clone();
    if review.triage.as_ref().is_ok_and(|triage| triage.accepted == now) {
        return;
    }
    let review = Arc::make_mut(review);
    let Ok(triage) = &mut review.triage else { return };
    let others = differing(&triage.accepted, &now, account.as_str());
    triage.accepted = now;
    judge_again(state, &others);
}

/// The keys of the rows whose findings are accepted otherwise.
fn differing(before: &[Accepted], now: &[Accepted], account: &str) -> BTreeSet<String> {
    let apart = |one: &[Accepted], other: &[Accepted]| -> Vec<Accepted> {
        one.iter().filter(|it| it.account == account && !other.contains(it)).cloned().collect()
    };
    let apart = apart(before, now).into_iter().chain(apart(now, before));
    apart.flat_map(|one| [format!("{}/{}", one.on, one.fingerprint), one.on]).collect()
}

/// Makes these rows anew.
fn judge_again(state: &mut super::State, keys: &BTreeSet<String>) {
    for table in Table::ALL {
        let places = keys.iter().filter_map(|key| state.pane(table).listing.find(key));
        let rows: Vec<_> = places.filter_map(|i| Some((i, row(state, table, i)?))).collect();
        if rows.is_empty() {
            continue;
        }
        let choice = state.choice.clone();
        state.pane_mut(table).keep(|listing| {
            listing.replace(rows);
            listing.choose(&choice);
        });
    }
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
