//! What leads other programs to the practice account: lines for a shell, with a key among them that stays covered until it
//! is asked for.

use secrecy::ExposeSecret;

use crate::app::keymap::Command;
use crate::app::overlay::Overlay;
use crate::app::search::Reading;
use crate::app::wizard::App;

/// What stands before the one value that is a secret.
const SECRET: &str = "AWS_SECRET_ACCESS_KEY=";

/// Shows the lines, the key covered.
pub fn open(app: &mut App) {
    app.hide();
    app.overlay = Some(Overlay::Exports(Reading::default()));
}

/// The lines as they may be seen now, and how they are used.
#[must_use]
pub fn lines(app: &App) -> Vec<String> {
    let is_shown = app.is_revealed();
    let seen = |line: &str| match line.split_once(SECRET) {
        Some((head, _)) if !is_shown => format!("{head}{SECRET}••••••••"),
        _ => line.to_owned(),
    };
    let mut lines: Vec<String> =
        app.setup.lessons.exports.expose_secret().lines().map(seen).collect();
    lines.push(String::new());
    lines.extend(
        [
            "y copies all lines, the key with them. Paste them into another terminal; or keep them in a file of your own, such as practice.env, and there:",
            "    eval \"$(cat practice.env)\"",
            "",
            "The AWS CLI in that terminal then speaks with this account: aws iam list-roles. What it changes counts: the goals are held against the account, by whichever way it came to be so. The lines end with this program.",
        ]
        .map(str::to_owned),
    );
    lines
}

/// How long the key is still seen.
#[must_use]
pub fn title(app: &App) -> String {
    let words = "Lines that lead another terminal here";
    match app.hides_in() {
        Some(left) => format!("{words}; the key is hidden in {} s", left.as_secs() + 1),
        None => words.to_owned(),
    }
}

/// A key while they are shown; what is topmost then.
pub fn command(app: &mut App, reading: Reading, command: Option<Command>) -> Option<Overlay> {
    match command {
        Some(Command::Back | Command::Leave | Command::Exports | Command::Go) => {
            app.hide();
            return None;
        }
        Some(Command::Reveal) => app.reveal(),
        Some(Command::Copy | Command::CopyAll) => {
            app.copy_secret(app.setup.lessons.exports.clone());
        }
        Some(Command::Print) => app.remark("A key is among them: it is not printed. y copies it."),
        _ => {}
    }
    Some(Overlay::Exports(reading))
}
