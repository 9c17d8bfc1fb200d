//! Keys while something lies over the screen.

use super::form::request;
use super::help;
use super::input::{Code, Key};
use super::keymap::{self, Command};
use super::overlay::{Overlay, Question, Sheet};
use super::search::Reading;
use super::steps;
use super::steps::practice::exports;
use super::wizard::App;
use crate::domain::seen::CallRecord;

/// Rows of an overlay that a page key moves by.
const PAGE: usize = 10;

/// A key for the topmost thing.
pub fn key(app: &mut App, key: Key) {
    let Some(mut overlay) = app.overlay.take() else { return };
    let command =
        if overlay.is_typing() { keymap::command_in_field(key) } else { keymap::command(key) };
    if command == Some(Command::Help) && !matches!(overlay, Overlay::Help { .. }) {
        app.overlay = Some(Overlay::help(Some(overlay)));
        return;
    }
    let lines = lines(app, &overlay);
    if let Some(reading) = overlay.reading_mut()
        && (reading.key(key, &lines)
            || command.is_some_and(|c| reading.cursor.command(c, lines.len(), PAGE)))
    {
        app.overlay = Some(overlay);
        return;
    }
    app.overlay = match overlay {
        Overlay::Question(question) => return asked(app, question, key),
        Overlay::Sheet(sheet) => return filled(app, sheet, key),
        Overlay::Picker(_) => {
            app.overlay = Some(overlay);
            return steps::picker_key(app, key);
        }
        Overlay::Help { under, .. } if closes(command) => under.map(|under| *under),
        Overlay::Log(_) if closes(command) || command == Some(Command::Log) => None,
        Overlay::Text(_)
            if closes(command)
                || matches!(command, Some(Command::Go | Command::Explain | Command::Trainer)) =>
        {
            None
        }
        Overlay::Text(_) => {
            match command {
                Some(Command::Copy | Command::CopyAll) => app.copy(&lines.join("\n")),
                Some(Command::Print) => app.print(&lines.join("\n")),
                _ => {}
            }
            Some(overlay)
        }
        Overlay::Exports(reading) => exports::command(app, reading, command),
        other => Some(other),
    };
}

/// The lines of a text that lies over the screen, as they are searched.
fn lines(app: &App, overlay: &Overlay) -> Vec<String> {
    match overlay {
        Overlay::Help { under, .. } => {
            help::rows(app, under.as_deref()).iter().map(help::Row::text).collect()
        }
        Overlay::Log(_) => {
            let line = |c: &CallRecord| {
                let id = c.request_id.as_deref().unwrap_or_default();
                format!("{} {} {} {id}", c.time(), c.call, c.answer())
            };
            app.calls.iter().map(line).collect()
        }
        Overlay::Text(text) => text.lines.clone(),
        Overlay::Exports(_) => exports::lines(app),
        Overlay::Question(_) | Overlay::Picker(_) | Overlay::Sheet(_) => Vec::new(),
    }
}

/// The topmost text: where one is in it, and its lines.
#[must_use]
pub fn reading(app: &App) -> Option<(&Reading, Vec<String>)> {
    match &app.overlay {
        Some(overlay) => Some((overlay.reading()?, lines(app, overlay))),
        None => steps::reading(app),
    }
}

/// A paste for the topmost thing: only a name, a filter or a search being typed takes one.
pub fn paste(app: &mut App, text: &str) {
    let text = text.trim();
    if text.lines().count() > 1 {
        return app.remark("That paste has several lines; one is taken here.");
    }
    let lines = app.overlay.as_ref().map(|overlay| lines(app, overlay)).unwrap_or_default();
    match &mut app.overlay {
        Some(Overlay::Question(question)) => {
            if let Some(name) = question.typing_mut() {
                for c in text.chars() {
                    name.line.handle(tui_input::InputRequest::InsertChar(c));
                }
            }
        }
        Some(Overlay::Sheet(sheet)) => {
            if let Some(field) = sheet.focused_mut() {
                for c in text.chars().filter(|c| !c.is_control()) {
                    field.line.handle(tui_input::InputRequest::InsertChar(c));
                }
                field.problem = None;
            }
        }
        Some(Overlay::Picker(picker)) if picker.filtering => {
            for c in text.chars() {
                picker.filter.handle(tui_input::InputRequest::InsertChar(c));
            }
        }
        Some(overlay) => {
            if let Some(reading) = overlay.reading_mut() {
                reading.paste(text, &lines);
            }
        }
        None => {}
    }
}

fn closes(command: Option<Command>) -> bool {
    matches!(command, Some(Command::Back | Command::Leave | Command::Help))
}

const fn is_text(key: Key) -> bool {
    matches!(key.code, Code::Char(_)) && !key.ctrl && !key.alt
}

fn asked(app: &mut App, mut question: Question, key: Key) {
    // Whoever is asked for a name and types means the name, wherever the focus is.
    if question.typing().is_none() && !question.is_confirmed() && is_text(key) {
        question.chosen = question.choices.len() + question.next_name();
    }
    if let Some(name) = question.typing_mut()
        && !matches!(
            key.code,
            Code::Tab | Code::BackTab | Code::Esc | Code::Enter | Code::Up | Code::Down
        )
    {
        if let Some(request) = request(key) {
            name.line.handle(request);
        }
        app.overlay = Some(Overlay::Question(question));
        return;
    }
    match key.code {
        Code::Esc => return app.answer(question.matter, 0),
        Code::Enter if question.typing().is_some() => question.move_focus(true),
        Code::Enter => {
            let yes = question.chosen > 0;
            if !yes || question.is_confirmed() {
                return app.answer(question.matter, question.chosen);
            }
            app.remark("First type the name, to the letter. Tab goes to it.");
        }
        Code::Tab | Code::Down | Code::Right | Code::Char('j' | 'l') => question.move_focus(true),
        Code::BackTab | Code::Up | Code::Left | Code::Char('k' | 'h') => question.move_focus(false),
        _ => {}
    }
    app.overlay = Some(Overlay::Question(question));
}

fn filled(app: &mut App, mut sheet: Sheet, key: Key) {
    match key.code {
        Code::Esc => return steps::sheet(app, sheet, false),
        Code::Enter if sheet.at + 1 >= sheet.fields.len() => return steps::sheet(app, sheet, true),
        Code::Enter | Code::Tab | Code::Down => sheet.move_focus(true),
        Code::BackTab | Code::Up => sheet.move_focus(false),
        _ => {
            if let Some(request) = request(key)
                && let Some(field) = sheet.focused_mut()
            {
                field.line.handle(request);
                field.problem = None;
            }
        }
    }
    app.overlay = Some(Overlay::Sheet(sheet));
}
