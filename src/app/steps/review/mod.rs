//! The review, beside the sequence of steps: roles, users, providers and the account, what is wrong with them, worst
//! first.

pub mod accept;
pub mod detail;
pub mod export;
pub mod fix;
mod history;
pub mod lent;
pub mod story;
pub mod words;

#[cfg(test)]
pub(crate) mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tui_input::Input as Line;

use self::detail::Detail;
use crate::app::form::request;
use crate::app::input::{Code, Key};
use crate::app::keymap::Command;
use crate::app::list::Cursor;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::slot::Slot;
use crate::app::step::{Offer, Step};
use crate::app::task::{End, Job, News, Reviewed, StepOutcome};
use crate::app::wizard::App;
use crate::domain::draft::Draft;
use crate::domain::fault::Fault;
use crate::domain::finding::Severity;
use crate::domain::review::found::Found;
use crate::domain::review::role::RoleReview;
use crate::domain::review::triage::Known;
use crate::domain::review::view::filter::Filter;
use crate::domain::review::view::{Choice, Judge, Listing, Order, Row, Table};
use crate::domain::review::{Counts, ProviderReview, Review, UserReview};

/// Rows that a page key moves by.
const PAGE: usize = 10;

/// One table: its rows, and where the cursor stands.
#[derive(Debug, Default)]
pub struct Pane {
    /// The rows.
    pub listing: Listing,
    /// The selected one of those that are shown.
    pub cursor: Cursor,
}

impl Pane {
    /// The selected row, and its index in what it was made of.
    #[must_use]
    pub fn selected(&self) -> Option<(usize, &Row)> {
        self.listing.get(self.cursor.within(self.listing.shown().len()))
    }

    /// Does something to the rows; the cursor stays on what it stood on, if that is still shown.
    fn keep(&mut self, change: impl FnOnce(&mut Listing)) {
        let key = self.selected().map(|(_, row)| row.key.clone());
        change(&mut self.listing);
        let at = key.and_then(|key| self.listing.position(&key));
        self.cursor.row = at.unwrap_or_else(|| self.cursor.within(self.listing.shown().len()));
    }
}

/// What is being read.
#[derive(Debug, Default)]
pub struct Coming {
    /// It follows "Reading".
    pub stage: &'static str,
    /// How far it is.
    pub counts: Counts,
    /// The roles so far.
    pub roles: Vec<Arc<RoleReview>>,
}

/// The state of the review.
#[derive(Debug, Default)]
pub struct State {
    /// The whole, once it was read.
    pub review: Option<Arc<Review>>,
    /// Why it could not be read the last time.
    pub fault: Option<Fault>,
    /// What is being read, or was when it stopped or failed.
    pub coming: Option<Coming>,
    /// Whether the last reading was stopped by the operator.
    pub stopped: bool,
    /// Which table is shown.
    pub table: Table,
    /// The tables, in the order of [`Table::ALL`].
    panes: [Pane; 4],
    /// What is typed to choose rows.
    pub line: Line,
    /// Whether typing goes there.
    pub typing: bool,
    /// Which rows are shown.
    pub choice: Choice,
    /// How they are sorted.
    pub order: Order,
    /// What is open in full.
    pub detail: Option<Detail>,
    /// What stands in the line above the keys until something else happens: where an export is, why not.
    pub told: Option<String>,
    /// Where the last export is.
    pub exported: Option<PathBuf>,
    /// What the last review found and this one did not, although it looked; none where that is not known.
    pub mended: Option<Vec<Known>>,
    /// Whether something was changed since it was read.
    is_stale: bool,
    accepting: accept::State,
    lent: Option<Box<lent::Kept>>,
    from: Option<Step>,
}

/// What a row is made of.
#[derive(Debug, Clone, Copy)]
pub enum Thing<'a> {
    /// A role.
    Role(&'a RoleReview),
    /// A user.
    User(&'a UserReview),
    /// A provider.
    Provider(&'a ProviderReview),
    /// A finding about the account.
    Account(&'a Found),
}

impl<'a> Thing<'a> {
    /// What was found about it, the worst first.
    #[must_use]
    pub fn found(self) -> &'a [Found] {
        match self {
            Self::Role(role) => &role.found,
            Self::User(user) => &user.found,
            Self::Provider(provider) => &provider.found,
            Self::Account(found) => std::slice::from_ref(found),
        }
    }
}

impl State {
    /// A table.
    #[must_use]
    pub fn pane(&self, table: Table) -> &Pane {
        let [roles, users, providers, account] = &self.panes;
        match table {
            Table::Roles => roles,
            Table::Users => users,
            Table::Providers => providers,
            Table::Account => account,
        }
    }

    fn pane_mut(&mut self, table: Table) -> &mut Pane {
        let [roles, users, providers, account] = &mut self.panes;
        match table {
            Table::Roles => roles,
            Table::Users => users,
            Table::Providers => providers,
            Table::Account => account,
        }
    }

    /// The table that is shown.
    #[must_use]
    pub fn shown(&self) -> &Pane {
        self.pane(self.table)
    }

    /// The roles that were read: of the whole, else those that came so far.
    #[must_use]
    pub fn roles(&self) -> &[Arc<RoleReview>] {
        match (&self.review, &self.coming) {
            (Some(review), _) => &review.roles,
            (None, Some(coming)) => &coming.roles,
            (None, None) => &[],
        }
    }

    /// How much was read.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let whole = self.review.as_ref().map(|review| review.counts);
        whole.or_else(|| Some(self.coming.as_ref()?.counts)).unwrap_or_default()
    }

    /// What the row of this index in a table is made of.
    #[must_use]
    pub fn thing(&self, table: Table, i: usize) -> Option<Thing<'_>> {
        let review = self.review.as_ref();
        Some(match table {
            Table::Roles => Thing::Role(self.roles().get(i)?),
            Table::Users => Thing::User(review?.users.get(i)?),
            Table::Providers => Thing::Provider(review?.providers.get(i)?),
            Table::Account => Thing::Account(review?.account.get(i)?),
        })
    }

    /// What the cursor of the table stands on.
    #[must_use]
    pub fn selected(&self) -> Option<Thing<'_>> {
        self.thing(self.table, self.shown().selected()?.0)
    }

    /// The marked rows of the table that is shown, by their index.
    #[must_use]
    pub fn marked(&self) -> Vec<usize> {
        let listing = &self.shown().listing;
        self.choice.marks.iter().filter_map(|key| listing.find(key)).collect()
    }

    /// Whether rows are left out by what was chosen.
    #[must_use]
    pub fn is_chosen(&self) -> bool {
        !self.line.value().trim().is_empty() || self.choice.floor.is_some() || self.choice.okteto
    }

    /// Whether printable keys are typed into the filter.
    #[must_use]
    pub const fn is_typing(&self) -> bool {
        self.typing && self.detail.is_none()
    }

    /// The operator's own answers, while those of a role stand in their place.
    #[must_use]
    pub fn kept(&self) -> Option<&Draft> {
        self.lent.as_ref().map(|kept| &kept.draft)
    }

    /// Everything about what a row is made of.
    fn story(&self, thing: Thing<'_>, now: Option<i64>, journal: &[String]) -> Vec<story::Block> {
        let repositories = self.review.as_ref().map_or(&[][..], |review| &review.repositories);
        story::whole(thing, self.judge(), now, repositories, journal)
    }

    /// What findings are held against.
    #[must_use]
    pub fn judge(&self) -> Judge<'_> {
        let nothing = Judge { account: "", triage: None };
        self.review.as_ref().map_or(nothing, |review| Judge::of(review))
    }

    /// How many findings of a severity count in the table that is shown.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.shown().listing.counted(severity)
    }

    fn choose(&mut self) {
        let choice = &self.choice;
        for pane in &mut self.panes {
            pane.keep(|listing| listing.choose(choice));
        }
    }

    /// Shows the rows of a whole; marks, cursor and choice stay.
    fn show(&mut self, reviewed: Reviewed) {
        let Reviewed { review, tables, mended } = reviewed;
        self.choice.at = review.read_at;
        self.mended = mended;
        self.review = Some(review);
        let (order, choice) = (self.order, &self.choice);
        for (pane, table) in self.panes.iter_mut().zip(tables) {
            pane.keep(|listing| {
                *listing = table;
                listing.sort(order);
                listing.choose(choice);
            });
        }
    }
}

/// Opens it from wherever one is.
pub fn open(app: &mut App) {
    // What comes back to it was entered from it.
    if !matches!(app.step, Step::Review | Step::Mend) && app.review.lent.is_none() {
        app.review.from = Some(app.step);
    }
    app.go_to(Step::Review);
}

/// It was entered.
pub fn enter(app: &mut App) {
    let review = &app.review;
    let is_new = review.review.is_none() && review.coming.is_none() && review.fault.is_none();
    if is_new || (review.is_stale && app.slots.running(Slot::Review).is_none()) {
        reread(app);
    }
}

/// Something was changed in the account: what was read before is no longer so. Rows that were mended are marked no more.
pub fn changed(app: &mut App, end: &End) {
    let state = &mut app.review;
    state.is_stale = state.review.is_some() || state.coming.is_some();
    let done = |step: &StepOutcome| matches!(step, StepOutcome::Done { .. });
    if let End::Mended(mended) = end
        && mended.steps.iter().any(done)
    {
        state.choice.marks.clear();
        state.choose();
    }
}

/// Reads the account; what stands on the screen stays until it was read.
pub fn reread(app: &mut App) {
    // Whoever leads here after a change may ask for what coming here began.
    if app.slots.running(Slot::Review).is_some_and(|task| task.began == app.now && !task.stopping) {
        return;
    }
    let at = now(app).unwrap_or_default();
    let state = &mut app.review;
    (state.fault, state.told, state.stopped, state.is_stale) = (None, None, false, false);
    accept::reading(&mut state.accepting);
    state.coming = Some(Coming::default());
    if state.review.is_none() {
        state.choice.at = at;
        let order = state.order;
        state.pane_mut(Table::Roles).keep(|listing| *listing = Listing::new(Vec::new(), order));
    }
    let accepted = app.setup.accepted.clone();
    app.start(Slot::Review, Job::Review(accepted));
}

/// When the age of what is shown changes.
#[must_use]
pub fn ages_in(app: &App) -> Option<Duration> {
    let review = app.review.review.as_ref().filter(|_| app.step == Step::Review)?;
    let age = now(app)?.saturating_sub(review.read_at).rem_euclid(60);
    Some(Duration::from_secs(60_u64.saturating_sub(u64::try_from(age).ok()?).max(1)))
}

/// Seconds since 1970, where the clock was told.
#[must_use]
pub fn now(app: &App) -> Option<i64> {
    app.started_unix?.checked_add(i64::try_from(app.now.0.as_secs()).ok()?)
}

/// Rows and counts while the account is read.
pub fn news(app: &mut App, news: News) {
    let state = &mut app.review;
    let Some(coming) = &mut state.coming else { return };
    match news {
        News::Stage(what, counts) => (coming.stage, coming.counts) = (what, counts),
        News::RolesJudged(roles, counts) => {
            coming.counts = counts;
            // What was read before stays until the new is whole.
            if state.review.is_none() {
                let judge = Judge { account: "", triage: None };
                let rows: Vec<Row> = roles.iter().map(|role| judge.role(role)).collect();
                let [pane, ..] = &mut state.panes;
                let choice = &state.choice;
                pane.keep(|listing| {
                    listing.add(rows);
                    listing.choose(choice);
                });
            }
            coming.roles.extend(roles);
        }
        _ => {}
    }
}

/// Keeps what was found, so that the next review tells what is new.
fn keep(app: &mut App) {
    let Some(review) = app.review.review.clone() else { return };
    if review.triage.is_ok() {
        app.start(Slot::Keep, Job::KeepReview(review));
    }
}

/// The account was read, or something was written.
pub fn ended(app: &mut App, end: End) {
    match end {
        End::Reviewed(Ok(reviewed)) => {
            let state = &mut app.review;
            (state.coming, state.fault) = (None, None);
            state.show(*reviewed);
            accept::over(state);
            detail::settle(app);
            keep(app);
        }
        End::Reviewed(Err(fault)) => app.review.fault = Some(fault),
        End::Kept(Err(fault)) => {
            app.review.told = Some(format!("What is new cannot be told next time: {fault}"));
        }
        End::Stopped => app.review.stopped = true,
        End::Accepted(result) => accept::ended(app, result),
        End::Exported(result) => export::ended(app, result),
        _ => return,
    }
    if app.review.review.is_some() && app.slots.running(Slot::Review).is_none() {
        app.review.coming = None;
    }
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let state = &app.review;
    if state.is_typing() {
        return vec![Offer::on(Command::Go, "keep the filter"), Offer::on(Command::Back, "clear")];
    }
    if state.detail.is_some() {
        return detail::offers(app);
    }
    let row = state.shown().selected();
    let mut offers = Vec::new();
    if row.is_some() {
        offers.push(Offer::on(Command::Down, words::one(state.table)));
    }
    offers.push(Offer::on(Command::Find, "filter"));
    offers.push(Offer::on(Command::Sort, "sort"));
    if row.is_some() {
        offers.push(Offer::on(Command::Go, "open"));
    }
    offers.push(or_why(Command::Mend, "mend", fix::no_plan(app)));
    offers.push(Offer::on(Command::NextPart, "table"));
    let reading = app.slots.running(Slot::Review).is_some();
    offers.push(if reading {
        Offer::on(Command::Back, "stop")
    } else {
        Offer::on(Command::Back, if state.is_chosen() { "clear" } else { "back" })
    });
    offers.push(or_why(Command::Export, "export", export::not_yet(app)));
    for (command, severity) in SEVERITIES {
        offers.push(Offer::on(command, format!("{} or worse", severity.word())));
    }
    offers.push(Offer::on(Command::OnlyOkteto, "only Okteto"));
    if row.is_some() {
        offers.push(Offer::on(Command::Mark, "mark"));
        offers.push(Offer::on(Command::Copy, fix::copied(app).0));
        offers.push(Offer::on(Command::CopyAll, "copy all of it"));
        offers.push(Offer::on(Command::Print, "print it"));
    }
    offers.push(or_why(Command::Accept, "accept", accept::not_now(app)));
    offers.push(or_why(Command::Differences, "differences", fix::no_differences(app)));
    offers.push(or_why(Command::PullTest, "pull test", lent::not_now(app)));
    offers.push(Offer::on(Command::Explain, "about this review"));
    offers.push(if reading {
        Offer::off(Command::Reread, "read again", "Reading already.")
    } else {
        Offer::on(Command::Reread, "read again")
    });
    offers
}

const SEVERITIES: [(Command, Severity); 3] = [
    (Command::High, Severity::High),
    (Command::Medium, Severity::Medium),
    (Command::Low, Severity::Low),
];

fn or_why(command: Command, words: &'static str, why: Option<String>) -> Offer {
    match why {
        None => Offer::on(command, words),
        Some(why) => Offer::off(command, words, why),
    }
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    app.review.told = None;
    if command == Command::Review {
        return true;
    }
    if app.review.detail.is_some() {
        return detail::command(app, command);
    }
    let state = &mut app.review;
    let table = state.table;
    let pane = state.pane_mut(table);
    let rows = pane.listing.shown().len();
    if pane.cursor.command(command, rows, PAGE) {
        return true;
    }
    if let Some((_, severity)) = SEVERITIES.into_iter().find(|(key, _)| *key == command) {
        let floor = Some(severity).filter(|_| state.choice.floor != Some(severity));
        state.choice.floor = floor;
        state.choose();
        return true;
    }
    match command {
        Command::NextPart | Command::Right => state.table = table.beside(true),
        Command::PreviousPart | Command::Left => state.table = table.beside(false),
        Command::Find => state.typing = true,
        Command::Sort => {
            state.order = state.order.next();
            let order = state.order;
            for pane in &mut state.panes {
                pane.keep(|listing| listing.sort(order));
            }
        }
        Command::OnlyOkteto => {
            state.choice.okteto = !state.choice.okteto;
            state.choose();
        }
        Command::Mark => return mark(app),
        Command::Go => return detail::open(app),
        Command::Explain => {
            let lines = story::of_review(app);
            app.overlay = Some(Overlay::Text(TextBox::new("This review", lines)));
        }
        Command::Reread => reread(app),
        Command::Mend => fix::mend(app),
        Command::Copy => fix::copy(app),
        Command::CopyAll | Command::Print => return fix::take_along(app, command),
        Command::Differences => fix::differences(app),
        Command::Accept => accept::open(app),
        Command::PullTest => lent::open(app),
        Command::Export => export::open(app),
        Command::Back => back(app),
        _ => return false,
    }
    true
}

fn mark(app: &mut App) -> bool {
    let state = &mut app.review;
    let Some((_, row)) = state.shown().selected() else { return false };
    let key = row.key.clone();
    if !state.choice.marks.remove(&key) {
        state.choice.marks.insert(key);
    }
    if state.choice.filter.minds_marks() {
        state.choose();
    } else {
        // As in other lists of many: the next one is at hand.
        let table = state.table;
        let pane = state.pane_mut(table);
        let rows = pane.listing.shown().len();
        pane.cursor.command(Command::Down, rows, 1);
    }
    true
}

fn back(app: &mut App) {
    if app.slots.running(Slot::Review).is_some_and(|task| !task.stopping) {
        app.stop_task(Slot::Review);
    } else if app.review.is_chosen() {
        let state = &mut app.review;
        (state.line, state.choice.floor, state.choice.okteto) = (Line::default(), None, false);
        filtered(state);
    } else if let Some(from) = app.review.from {
        app.go_to(from);
    } else {
        app.remark("The review is where this began. q quits.");
    }
}

/// The words were edited.
fn filtered(state: &mut State) {
    state.choice.filter = Filter::parse(state.line.value());
    state.choose();
}

/// A key while the filter is typed; says whether it is.
pub fn typed(app: &mut App, key: Key) -> bool {
    let state = &mut app.review;
    if !state.is_typing() {
        return false;
    }
    state.told = None;
    match key.code {
        Code::Esc => {
            (state.typing, state.line) = (false, Line::default());
            filtered(state);
        }
        Code::Enter | Code::Down | Code::Up | Code::Tab | Code::BackTab => state.typing = false,
        _ => {
            if let Some(request) = request(key) {
                state.line.handle(request);
                filtered(state);
            }
        }
    }
    true
}

/// A paste while the filter is typed; says whether it is.
pub fn pasted(app: &mut App, text: &str) -> bool {
    let state = &mut app.review;
    if !state.is_typing() {
        return false;
    }
    for c in text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }) {
        state.line.handle(tui_input::InputRequest::InsertChar(c));
    }
    filtered(state);
    true
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    words::status(app)
}
