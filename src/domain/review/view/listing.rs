//! The rows of a table, sorted and chosen from.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use memchr::memmem::Finder;

use super::{Choice, Low, Order, Row};
use crate::domain::finding::Severity;

/// The texts of all rows, one behind the other: looking for a word in ten thousand rows is one run through them.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    pub(super) name: Column,
    pub(super) issuer: Column,
    pub(super) audience: Column,
    pub(super) subject: Column,
    pub(super) all: Column,
}

impl Texts {
    fn add(&mut self, low: &Low) {
        self.name.add(&low.name);
        self.issuer.add(&low.issuer);
        self.audience.add(&low.audience);
        self.subject.add(&low.subject);
        self.all.add(&low.all);
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    text: String,
    /// Where each row's text ends.
    ends: Vec<usize>,
}

impl Column {
    fn add(&mut self, text: &str) {
        self.text.push_str(text);
        // No word has it: none is found across two rows.
        self.text.push('\0');
        self.ends.push(self.text.len());
    }

    /// For each row whether its text has what is looked for.
    pub(super) fn hits(&self, finder: &Finder<'_>) -> Vec<bool> {
        let mut hits = vec![false; self.ends.len()];
        let (mut row, mut from) = (0, 0);
        while let Some(at) = self.text.as_bytes().get(from..).and_then(|rest| finder.find(rest)) {
            let at = from + at;
            while self.ends.get(row).is_some_and(|end| *end <= at) {
                row += 1;
            }
            let (Some(end), Some(hit)) = (self.ends.get(row), hits.get_mut(row)) else { break };
            *hit = true;
            from = *end;
        }
        hits
    }
}

/// The rows of a table, sorted and chosen from. What a key asks for is made ready when the rows come: with thousands of
/// them a key has no time for it.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    rows: Vec<Row>,
    order: Order,
    /// Rows by key.
    places: HashMap<String, usize>,
    texts: Texts,
    /// The rows in each order, in that of [`Order::ALL`].
    sorted: [Vec<usize>; 5],
    /// For each row whether it is chosen.
    hits: Vec<bool>,
    shown: Vec<usize>,
    /// How many findings count, by severity.
    counts: [usize; 6],
    /// In how many rows none does.
    sound: usize,
    /// How many findings are new.
    new_ones: usize,
}

impl Listing {
    /// Rows in an order; all of them are shown.
    #[must_use]
    pub fn new(rows: Vec<Row>, order: Order) -> Self {
        let mut listing = Self { order, ..Self::default() };
        listing.add(rows);
        listing
    }

    /// Adds rows; those that are chosen are shown. Rows come by the page: those that are there are not sorted again.
    pub fn add(&mut self, rows: Vec<Row>) {
        let first = self.rows.len();
        for (i, row) in (first..).zip(&rows) {
            self.places.insert(row.key.clone(), i);
            self.texts.add(&row.low);
        }
        self.rows.extend(rows);
        self.hits.resize(self.rows.len(), true);
        let new: Vec<usize> = (first..self.rows.len()).collect();
        self.insert(&new);
    }

    /// Puts rows that stand in no order yet into each, and counts.
    fn insert(&mut self, places: &[usize]) {
        for (order, sorted) in Order::ALL.into_iter().zip(&mut self.sorted) {
            let mut new = places.to_vec();
            let rows = &self.rows;
            let in_order = |a: usize, b: usize| match (rows.get(a), rows.get(b)) {
                (Some(x), Some(y)) => compared(order, x, y).then(a.cmp(&b)),
                _ => a.cmp(&b),
            };
            new.sort_unstable_by(|a, b| in_order(*a, *b));
            *sorted = merged(sorted, &new, in_order);
        }
        self.count();
        self.show();
    }

    fn count(&mut self) {
        self.counts = self.rows.iter().fold([0; 6], |mut sums, row| {
            for (sum, n) in sums.iter_mut().zip(row.counts) {
                *sum += n;
            }
            sums
        });
        self.sound = self.rows.iter().filter(|row| row.worst.is_none()).count();
        self.new_ones = self.rows.iter().map(|row| row.stands.new).sum();
    }

    /// How many rows there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows, in no order.
    #[must_use]
    pub fn all(&self) -> &[Row] {
        &self.rows
    }

    /// How many findings of a severity count.
    #[must_use]
    pub fn counted(&self, severity: Severity) -> usize {
        self.counts.get(severity as usize).copied().unwrap_or(0)
    }

    /// In how many rows none does.
    #[must_use]
    pub const fn sound(&self) -> usize {
        self.sound
    }

    /// How many findings are new.
    #[must_use]
    pub const fn new_ones(&self) -> usize {
        self.new_ones
    }

    /// The shown rows in their order, by their index in what they were made of.
    #[must_use]
    pub fn shown(&self) -> &[usize] {
        &self.shown
    }

    /// The shown row of this number, and its index in what it was made of.
    #[must_use]
    pub fn get(&self, n: usize) -> Option<(usize, &Row)> {
        let i = *self.shown.get(n)?;
        Some((i, self.rows.get(i)?))
    }

    /// The index of the row of this key in what it was made of, shown or not.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<usize> {
        self.places.get(key).copied()
    }

    /// Where the row of this key is shown.
    #[must_use]
    pub fn position(&self, key: &str) -> Option<usize> {
        let row = self.find(key)?;
        self.shown.iter().position(|i| *i == row)
    }

    /// Shows the rows that are chosen.
    pub fn choose(&mut self, choice: &Choice) {
        self.hits = choice.hits(&self.rows, &self.texts);
        self.show();
    }

    /// Sorts them otherwise; what is chosen stays chosen.
    pub fn sort(&mut self, order: Order) {
        self.order = order;
        self.show();
    }

    fn show(&mut self) {
        self.shown.clear();
        for i in self.sorted.get(self.order as usize).into_iter().flatten() {
            if let Some(true) = self.hits.get(*i) {
                self.shown.push(*i);
            }
        }
    }

    /// Puts rows in the places of those with their index: the same things, judged otherwise.
    pub fn replace(&mut self, rows: Vec<(usize, Row)>) {
        let places: BTreeSet<usize> = rows.iter().map(|(i, _)| *i).collect();
        for (i, row) in rows {
            if let Some(there) = self.rows.get_mut(i) {
                *there = row;
            }
        }
        for order in &mut self.sorted {
            order.retain(|i| !places.contains(i));
        }
        let places: Vec<usize> = places.into_iter().collect();
        self.insert(&places);
    }
}

/// Which of two rows comes first in an order.
fn compared(order: Order, a: &Row, b: &Row) -> Ordering {
    let first = match order {
        Order::Name => Ordering::Equal,
        Order::Severity => b.weight.cmp(&a.weight),
        Order::LastUse => a.used.rank().cmp(&b.used.rank()),
        Order::Audience => a.low.column.cmp(&b.low.column),
        Order::Issuer => (&a.kind, &a.low.issuer).cmp(&(&b.kind, &b.low.issuer)),
    };
    first.then_with(|| a.low.name.cmp(&b.low.name))
}

/// Two lists that are in order, as one.
fn merged(
    there: &[usize],
    new: &[usize],
    in_order: impl Fn(usize, usize) -> Ordering,
) -> Vec<usize> {
    let mut merged = Vec::with_capacity(there.len() + new.len());
    let mut rest = there;
    for i in new {
        let before = rest.partition_point(|it| in_order(*it, *i).is_lt());
        let (first, after) = rest.split_at(before);
        merged.extend_from_slice(first);
        merged.push(*i);
        rest = after;
    }
    merged.extend_from_slice(rest);
    merged
}
