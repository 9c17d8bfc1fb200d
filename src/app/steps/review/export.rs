//! Writing the review to a file.

use std::path::PathBuf;

use tui_input::Input as Line;

use super::lent;
use crate::app::input::Key;
use crate::app::keymap::{self, Command};
use crate::app::list::Cursor;
use crate::app::overlay::{Overlay, Picker, Picking};
use crate::app::slot::Slot;
use crate::app::task::Job;
use crate::app::wizard::App;
use crate::domain::fault::Fault;
use crate::render::review::Format;

/// Why there is nothing to export yet.
pub(super) fn not_yet(app: &App) -> Option<String> {
    let whole = app.review.review.is_some();
    (!whole).then(|| "Only a review that was read whole is exported.".to_owned())
}

/// Asks for the format.
pub(super) fn open(app: &mut App) {
    if let Some(why) = not_yet(app) {
        return app.remark(why);
    }
    let rows = Format::ALL.map(|format| (format.file().to_owned(), format.is_for().to_owned()));
    app.overlay = Some(Overlay::Picker(Picker {
        picking: Picking::Format,
        title: "Export the review to the folder of this run, as".to_owned(),
        rows: rows.to_vec(),
        marked: Vec::new(),
        filter: Line::default(),
        filtering: false,
        cursor: Cursor::default(),
        empty: String::new(),
    }));
}

/// A key while the formats are shown, or the tokens to test with.
pub fn key(app: &mut App, key: Key) {
    let Some(Overlay::Picker(mut picker)) = app.overlay.take() else { return };
    let len = picker.rows.len();
    match keymap::command(key) {
        Some(Command::Back | Command::Leave) => return,
        Some(Command::Go) => {
            let at = picker.cursor.within(len);
            return match picker.picking {
                Picking::Token => lent::lend(app, at),
                _ => write(app, at),
            };
        }
        Some(command) => {
            picker.cursor.command(command, len, len);
        }
        None => {}
    }
    app.overlay = Some(Overlay::Picker(picker));
}

fn write(app: &mut App, at: usize) {
    let (Some(review), Some(format)) = (app.review.review.clone(), Format::ALL.get(at)) else {
        return;
    };
    let run = app.setup.stamp.run.clone();
    app.start(Slot::Export, Job::Export { run, review, format: *format });
}

/// It was written, or not.
pub(super) fn ended(app: &mut App, result: Result<PathBuf, Fault>) {
    app.review.told = Some(match &result {
        Ok(path) => format!("Written to {}", path.display()),
        Err(fault) => format!("Not written: {fault}"),
    });
    app.review.exported = result.ok().or_else(|| app.review.exported.take());
}
