//! What the review holds: its tables, what was read, what is chosen and open.

use std::path::PathBuf;
use std::sync::Arc;

use tui_input::Input as Line;

use super::detail::Detail;
use super::{accept, lent, story};
use crate::app::list::Cursor;
use crate::app::step::Step;
use crate::app::task::Reviewed;
use crate::domain::draft::Draft;
use crate::domain::fault::Fault;
use crate::domain::finding::Severity;
use crate::domain::review::found::Found;
use crate::domain::review::role::RoleReview;
use crate::domain::review::triage::Known;
use crate::domain::review::view::{Choice, Judge, Listing, Order, Row, Table};
use crate::domain::review::{Counts, ProviderReview, Review, UserReview};

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
    pub(super) fn keep(&mut self, change: impl FnOnce(&mut Listing)) {
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
    pub(super) panes: [Pane; 4],
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
    pub(super) is_stale: bool,
    pub(super) accepting: accept::State,
    pub(super) lent: Option<Box<lent::Kept>>,
    pub(in crate::app::steps) from: Option<Step>,
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

    pub(super) fn pane_mut(&mut self, table: Table) -> &mut Pane {
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
    pub(super) fn story(
        &self,
        thing: Thing<'_>,
        now: Option<i64>,
        journal: &[String],
    ) -> Vec<story::Block> {
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

    pub(super) fn choose(&mut self) {
        let choice = &self.choice;
        for pane in &mut self.panes {
            pane.keep(|listing| listing.choose(choice));
        }
    }

    /// Shows the rows of a whole; marks, cursor and choice stay.
    pub(super) fn show(&mut self, reviewed: Reviewed) {
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
