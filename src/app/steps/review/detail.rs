//! One row in full: a text in blocks, and a cursor that goes from one to the next.

use super::story::{self, Block, What};
use super::{Thing, accept, fix, history, lent, now, or_why};
use crate::app::keymap::Command;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::step::Offer;
use crate::app::wizard::App;
use crate::domain::review::found::Found;

/// Blocks that a page key moves by.
const PAGE: usize = 8;

/// What is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The row's key.
    pub key: String,
    /// On which block the cursor stands.
    pub at: usize,
    /// All there is to say of it, made when it is opened and when what it is made of changes: it takes longer than a key
    /// has.
    pub blocks: Vec<Block>,
    /// What each line of its document says.
    reads: Vec<String>,
}

/// Opens what the cursor of the table stands on, at its beginning: who gets in is read before what is wrong with it.
pub(super) fn open(app: &mut App) -> bool {
    let Some((_, row)) = app.review.shown().selected() else { return false };
    let key = row.key.clone();
    app.review.detail = Some(Detail { key, at: 0, blocks: Vec::new(), reads: Vec::new() });
    renew(app);
    let first = blocks(app).iter().position(can_stand).unwrap_or(0);
    if let Some(detail) = &mut app.review.detail {
        detail.at = first;
    }
    true
}

/// After the rows were read anew: what is open stays open as long as it is there.
pub(super) fn settle(app: &mut App) {
    let Some(detail) = &app.review.detail else { return };
    let key = detail.key.clone();
    let table = app.review.table;
    if app.review.pane(table).listing.find(&key).is_none() {
        app.review.detail = None;
        app.review.told = Some(format!("{key} is not there any more."));
        return;
    }
    renew(app);
}

/// Makes its blocks.
fn renew(app: &mut App) {
    let Some(thing) = thing(app) else { return };
    let blocks = app.review.story(thing, now(app), &history::lines(app, thing));
    let reads = story::reads(thing);
    if let Some(detail) = &mut app.review.detail {
        detail.at = detail.at.min(blocks.len().saturating_sub(1));
        (detail.blocks, detail.reads) = (blocks, reads);
    }
}

/// What is open.
#[must_use]
pub fn thing(app: &App) -> Option<Thing<'_>> {
    let state = &app.review;
    let key = &state.detail.as_ref()?.key;
    state.thing(state.table, state.shown().listing.find(key)?)
}

/// Its blocks.
#[must_use]
pub fn blocks(app: &App) -> &[Block] {
    app.review.detail.as_ref().map_or(&[], |detail| &detail.blocks)
}

/// Whether the cursor can stand on it.
fn can_stand(block: &Block) -> bool {
    block.what != What::Title
}

/// The block that the cursor stands on.
fn what(app: &App) -> Option<What> {
    let at = app.review.detail.as_ref()?.at;
    blocks(app).get(at).map(|block| block.what)
}

/// The finding that the cursor stands on.
#[must_use]
pub fn finding(app: &App) -> Option<&Found> {
    match what(app)? {
        What::Finding(i) => thing(app)?.found().get(i),
        _ => None,
    }
}

/// What the line of the document says that the cursor stands on.
pub(super) fn status(app: &App) -> Option<String> {
    match what(app)? {
        What::Document(line) => {
            let reads = app.review.detail.as_ref()?.reads.get(line)?;
            Some(format!("Line {}: {reads}", line + 1))
        }
        _ => None,
    }
}

/// What the keys do.
pub(super) fn offers(app: &App) -> Vec<Offer> {
    let found = thing(app).map_or(0, |thing| thing.found().len());
    let mut offers = vec![Offer::on(Command::Down, "move")];
    if found > 0 {
        offers.push(Offer::on(Command::NextMatch, "finding"));
    }
    offers.push(Offer::on(Command::Back, "back"));
    offers.push(or_why(Command::Mend, "mend", fix::no_plan(app)));
    offers.push(or_why(Command::Accept, "accept", accept::not_now(app)));
    offers.push(Offer::on(Command::Copy, fix::copied(app).0));
    offers.push(or_why(Command::Differences, "differences", fix::no_differences(app)));
    offers.push(Offer::on(Command::Explain, "all of it"));
    offers.push(or_why(Command::PullTest, "pull test", lent::not_now(app)));
    offers.push(Offer::on(Command::CopyAll, "copy all"));
    offers.push(Offer::on(Command::Print, "print it"));
    let here = |words| format!("Rows are {words} in the table; Esc goes back to it.");
    for (command, words) in [
        (Command::Find, "chosen"),
        (Command::Sort, "sorted"),
        (Command::Mark, "marked"),
        (Command::High, "chosen"),
        (Command::Medium, "chosen"),
        (Command::Low, "chosen"),
        (Command::OnlyOkteto, "chosen"),
    ] {
        offers.push(Offer::off(command, words, here(words)));
    }
    offers
}

/// Carries out a command.
pub(super) fn command(app: &mut App, command: Command) -> bool {
    match command {
        Command::Back => app.review.detail = None,
        Command::Mend => fix::mend(app),
        Command::Accept => accept::open(app),
        Command::Copy => fix::copy(app),
        Command::CopyAll | Command::Print => return fix::take_along(app, command),
        Command::Differences => fix::differences(app),
        Command::PullTest => lent::open(app),
        Command::Explain => explain(app),
        Command::Reread => super::reread(app),
        Command::Export => super::export::open(app),
        _ => return go(app, command),
    }
    true
}

/// Moves the cursor; says whether the command was one of moving.
fn go(app: &mut App, command: Command) -> bool {
    let Some(detail) = &mut app.review.detail else { return false };
    let blocks = &detail.blocks;
    let stops = |wanted: fn(&Block) -> bool| -> Vec<usize> {
        let all = blocks.iter().enumerate();
        all.filter(|(_, block)| wanted(block)).map(|(i, _)| i).collect()
    };
    let findings = stops(|block| matches!(block.what, What::Finding(_)));
    let to = match command {
        Command::NextMatch => findings.iter().find(|i| **i > detail.at).or(findings.first()),
        Command::PreviousMatch => {
            findings.iter().rev().find(|i| **i < detail.at).or(findings.last())
        }
        _ => {
            let stops = stops(can_stand);
            let row = stops.iter().position(|i| *i >= detail.at).unwrap_or(0);
            let mut cursor = crate::app::list::Cursor { row };
            if !cursor.command(command, stops.len(), PAGE) {
                return false;
            }
            detail.at = stops.get(cursor.row).copied().unwrap_or(0);
            return true;
        }
    };
    detail.at = to.copied().unwrap_or(detail.at);
    true
}

/// Everything about what the cursor stands on.
fn explain(app: &mut App) {
    let Some(detail) = app.review.detail.clone() else { return };
    let mut lines = match what(app) {
        Some(What::Document(line)) => {
            vec![detail.reads.get(line).cloned().unwrap_or_default(), String::new()]
        }
        _ => Vec::new(),
    };
    let block = detail.blocks.get(detail.at);
    lines.extend(block.into_iter().flat_map(|b| &b.lines).map(|(_, line)| line.clone()));
    if let Some(found) = finding(app) {
        let commands = fix::commands(found);
        if !commands.is_empty() {
            lines.extend([String::new(), "What f sends, as commands".to_owned()]);
            lines.extend(commands.iter().flat_map(|one| one.lines()).map(|l| format!("  {l}")));
        }
    }
    app.overlay = Some(Overlay::Text(TextBox::new(detail.key, lines)));
}
