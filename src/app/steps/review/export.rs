//! Writing the review to a file.

use std::path::PathBuf;

use tui_input::Input as Line;

use crate::app::input::Key;
use crate::app::keymap::{self, Command};
use crate::app::list::Cursor;
use crate::app::overlay::{Overlay, Picker, Picking};
use crate::app::slot::Slot;
use crate::app::task::Job;
use crate::app::wizard::App;
use crate::domain::fault::Fault;
use crate::domain::review::Review;
use crate::render::review::{Format, print};

/// The formats: the file's name, what it is for.
const FORMATS: [(Format, &str, &str); 4] = [
    (Format::Text, "review.txt", "for people"),
    (Format::Json, "review.json", "for scripts"),
    (Format::Csv, "review.csv", "for tables"),
    (Format::Sarif, "review.sarif", "for code scanning"),
];

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
    let rows = FORMATS.map(|(_, name, what)| (name.to_owned(), what.to_owned())).to_vec();
    app.overlay = Some(Overlay::Picker(Picker {
        picking: Picking::Format,
        title: "Export the review as".to_owned(),
        rows,
        marked: Vec::new(),
        filter: Line::default(),
        filtering: false,
        cursor: Cursor::default(),
        empty: String::new(),
    }));
}

/// A key while the formats are shown.
pub fn key(app: &mut App, key: Key) {
    let Some(Overlay::Picker(mut picker)) = app.overlay.take() else { return };
    match keymap::command(key) {
        Some(Command::Back | Command::Leave) => return,
        Some(Command::Go) => {
            let at = picker.cursor.within(FORMATS.len());
            return write(app, at);
        }
        Some(command) => {
            picker.cursor.command(command, FORMATS.len(), FORMATS.len());
        }
        None => {}
    }
    app.overlay = Some(Overlay::Picker(picker));
}

fn write(app: &mut App, at: usize) {
    let (Some(review), Some((format, name, _))) = (&app.review.review, FORMATS.get(at)) else {
        return;
    };
    // As the command prints it: what is new is told only against a baseline that was named.
    let mut plain = Review::clone(review);
    if let Ok(triage) = &mut plain.triage {
        triage.known = None;
    }
    let text = print(&plain, *format);
    let (run, name) = (app.setup.stamp.run.clone(), (*name).to_owned());
    app.start(Slot::Export, Job::Export { run, name, text });
}

/// It was written, or not.
pub(super) fn ended(app: &mut App, result: Result<PathBuf, Fault>) {
    app.review.told = Some(match &result {
        Ok(path) => format!("Written to {}", path.display()),
        Err(fault) => format!("Not written: {fault}"),
    });
    app.review.exported = result.ok().or_else(|| app.review.exported.take());
}
