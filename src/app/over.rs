//! Keys while something lies over the screen.

use super::form::request;
use super::input::{Code, Key};
use super::keymap::{self, Command};
use super::overlay::{Overlay, Question};
use super::steps;
use super::wizard::App;

/// Rows of an overlay that a page key moves by.
const PAGE: usize = 10;

/// A key for the topmost thing.
pub fn key(app: &mut App, key: Key) {
    let Some(mut overlay) = app.overlay.take() else { return };
    let command = keymap::command(key);
    let stays = match &mut overlay {
        Overlay::Help { cursor } => {
            let rows = usize::MAX;
            !closes(command) && {
                command.map(|c| cursor.command(c, rows.min(200), PAGE));
                true
            }
        }
        Overlay::Log { cursor } => {
            let rows = app.calls.len();
            !(closes(command) || command == Some(Command::Log)) && {
                command.map(|c| cursor.command(c, rows, PAGE));
                true
            }
        }
        Overlay::Text(text) => {
            let rows = text.lines.len();
            let all = text.lines.join("\n");
            match command {
                c if closes(c) || c == Some(Command::Go) || c == Some(Command::Explain) => false,
                Some(Command::Copy | Command::CopyAll) => {
                    app.copy(&all);
                    true
                }
                Some(Command::Print) => {
                    app.print(all);
                    true
                }
                Some(c) => {
                    text.cursor.command(c, rows, PAGE);
                    true
                }
                None => true,
            }
        }
        Overlay::Question(question) => return asked(app, question.clone(), key),
        Overlay::Picker(_) => {
            app.overlay = Some(overlay);
            return steps::picker_key(app, key);
        }
    };
    if stays {
        app.overlay = Some(overlay);
    }
}

/// A paste for the topmost thing: only a name being typed takes one.
pub fn paste(app: &mut App, text: &str) {
    let text = text.trim();
    if text.lines().count() > 1 {
        return app.remark("That paste has several lines; a name has one.");
    }
    match &mut app.overlay {
        Some(Overlay::Question(question)) => {
            if let Some(name) = question.typing_mut() {
                for c in text.chars() {
                    name.line.handle(tui_input::InputRequest::InsertChar(c));
                }
            }
        }
        Some(Overlay::Picker(picker)) if picker.filtering => {
            for c in text.chars() {
                picker.filter.handle(tui_input::InputRequest::InsertChar(c));
            }
        }
        _ => {}
    }
}

fn closes(command: Option<Command>) -> bool {
    matches!(command, Some(Command::Back | Command::Leave | Command::Help))
}

fn asked(app: &mut App, mut question: Question, key: Key) {
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
        Code::Esc => return app.answer(question.matter, false),
        Code::Enter if question.typing().is_some() => question.move_focus(true),
        Code::Enter => {
            let yes = question.chosen > 0;
            if !yes || question.is_confirmed() {
                return app.answer(question.matter, yes);
            }
            app.remark("First type the name, to the letter. Tab goes to it.");
        }
        Code::Tab | Code::Down | Code::Right => question.move_focus(true),
        Code::BackTab | Code::Up | Code::Left => question.move_focus(false),
        Code::Char('l') => question.move_focus(true),
        Code::Char('h') => question.move_focus(false),
        _ => {}
    }
    app.overlay = Some(Overlay::Question(question));
}
