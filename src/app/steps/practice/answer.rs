//! Answering a question of an exercise: chosen from a list or typed, as often as one likes; nothing is counted.

use tui_input::Input as Line;

use super::keep;
use crate::app::input::Key;
use crate::app::keymap::{self, Command};
use crate::app::list::Cursor;
use crate::app::overlay::{Overlay, Picker, Picking, Sheet, SheetField};
use crate::app::wizard::App;
use crate::domain::exercise::goal::{By, Question};

/// The question of the selected goal.
fn question(app: &App) -> Option<(usize, &Question)> {
    let open = app.practice.open.as_ref()?;
    match &open.exercise.goals.get(open.at)?.by {
        By::Answer(question) => Some((open.at, question)),
        By::State(_) => None,
    }
}

/// Asks the question of the selected goal; what was answered before stands there.
pub(super) fn ask(app: &mut App) {
    let Some((at, question)) = question(app) else { return };
    let open = app.practice.open.as_ref();
    let given = open.and_then(|open| open.answers.get(at)).cloned().unwrap_or_default();
    let overlay = if question.choices.is_empty() {
        Overlay::Sheet(Sheet {
            title: "Your answer".to_owned(),
            body: vec![question.ask.clone()],
            fields: vec![SheetField::new("In a few words", given)],
            at: 0,
        })
    } else {
        let row = question.choices.iter().position(|choice| *choice == given).unwrap_or(0);
        let row_of = |choice: &String| (choice.clone(), String::new());
        Overlay::Picker(Picker {
            picking: Picking::Answer,
            title: question.ask.clone(),
            rows: question.choices.iter().map(row_of).collect(),
            marked: Vec::new(),
            filter: Line::default(),
            filtering: false,
            cursor: Cursor { row },
            empty: String::new(),
        })
    };
    app.practice.asked = at;
    app.overlay = Some(overlay);
}

/// A key while the choices are shown.
pub fn key(app: &mut App, key: Key) {
    let Some(Overlay::Picker(mut picker)) = app.overlay.take() else { return };
    let len = picker.rows.len();
    match keymap::command(key) {
        Some(Command::Back | Command::Leave) => return,
        Some(Command::Go) => {
            if let Some((choice, _)) = picker.rows.get(picker.cursor.within(len)) {
                give(app, choice);
            }
            return;
        }
        Some(command) => {
            picker.cursor.command(command, len, len);
        }
        None => {}
    }
    app.overlay = Some(Overlay::Picker(picker));
}

/// The line was filled in, or left.
pub fn sheet(app: &mut App, sheet: &Sheet, take: bool) {
    if let Some(field) = sheet.fields.first().filter(|_| take) {
        give(app, field.line.value().trim());
    }
}

/// Takes an answer to the question that was asked.
fn give(app: &mut App, answer: &str) {
    let at = app.practice.asked;
    let Some(open) = &mut app.practice.open else { return };
    let before = open.standings();
    if let Some(place) = open.answers.get_mut(at) {
        answer.clone_into(place);
    }
    app.practice.scroll = None;
    keep::note(app);
    keep::settle(app, &before, false);
}
