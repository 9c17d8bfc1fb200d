//! The rows of a table, sorted and chosen from.

use std::collections::HashMap;

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
    fn of(rows: &[Row]) -> Self {
        let column = |text: fn(&Low) -> &str| Column::of(rows.iter().map(|row| text(&row.low)));
        Self {
            name: column(|low| &low.name),
            issuer: column(|low| &low.issuer),
            audience: column(|low| &low.audience),
            subject: column(|low| &low.subject),
            all: column(|low| &low.all),
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    text: String,
    /// Where each row's text ends.
    ends: Vec<usize>,
}

impl Column {
    fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut column = Self::default();
        for text in texts {
            column.text.push_str(text);
            // No word has it: none is found across two rows.
            column.text.push('\0');
            column.ends.push(column.text.len());
        }
        column
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
}

impl Listing {
    /// Rows in an order; all of them are shown.
    #[must_use]
    pub fn new(rows: Vec<Row>, order: Order) -> Self {
        let mut listing = Self { order, ..Self::default() };
        listing.add(rows);
        listing
    }

    /// Adds rows; those that are chosen are shown.
    pub fn add(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows);
        let keys = self.rows.iter().enumerate().map(|(i, row)| (row.key.clone(), i));
        self.places = keys.collect();
        self.texts = Texts::of(&self.rows);
        self.hits.resize(self.rows.len(), true);
        self.ready();
    }

    /// Counts and sorts.
    fn ready(&mut self) {
        self.count();
        self.sorted = sorted(&self.rows);
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

    /// Puts a row in the place of the one with its index: the same thing, judged otherwise.
    pub fn replace(&mut self, i: usize, row: Row) {
        if let Some(there) = self.rows.get_mut(i) {
            *there = row;
        }
        self.ready();
    }
}

/// The rows in each order.
fn sorted(rows: &[Row]) -> [Vec<usize>; 5] {
    let names = ranks(rows, |row| row.low.name.clone());
    let audiences = ranks(rows, |row| row.audience.to_lowercase());
    let issuers = ranks(rows, |row| format!("{}\n{}", row.kind, row.low.issuer));
    let rank = |ranks: &[u32], i: usize| ranks.get(i).copied().unwrap_or(0);
    Order::ALL.map(|order| {
        // One number a row, the row itself in its end: comparing those is what takes the least time.
        let mut keys: Vec<u128> = Vec::with_capacity(rows.len());
        for (i, row) in rows.iter().enumerate() {
            let number: u64 = match order {
                Order::Name => 0,
                Order::Severity => u64::MAX - row.weight,
                Order::LastUse => row.used.rank(),
                Order::Audience => rank(&audiences, i).into(),
                Order::Issuer => rank(&issuers, i).into(),
            };
            let itself = u32::try_from(i).unwrap_or(u32::MAX);
            let by_name = u128::from(rank(&names, i)) << 32 | u128::from(itself);
            keys.push(u128::from(number) << 64 | by_name);
        }
        keys.sort_unstable();
        let index = |key: u128| usize::try_from(key & u128::from(u32::MAX)).unwrap_or(0);
        keys.into_iter().map(index).collect()
    })
}

/// Where each row stands by a text; equal texts stand together.
fn ranks(rows: &[Row], text: impl Fn(&Row) -> String) -> Vec<u32> {
    let mut texts: Vec<(String, usize)> =
        rows.iter().enumerate().map(|(i, row)| (text(row), i)).collect();
    texts.sort_unstable();
    let mut ranks = vec![0; rows.len()];
    let mut rank = 0;
    let mut last: Option<&str> = None;
    for (text, i) in &texts {
        if last.is_some_and(|last| last != text) {
            rank += 1;
        }
        last = Some(text);
        if let Some(there) = ranks.get_mut(*i) {
            *there = rank;
        }
    }
    ranks
}
