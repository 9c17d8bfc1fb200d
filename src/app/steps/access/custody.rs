//! Where the secret of a user's key goes: chosen, and tried, before there is one.

use super::Part;
use crate::app::keymap::Command;
use crate::app::list::Cursor;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::slot::Slot;
use crate::app::step::Offer;
use crate::app::task::{End, Job};
use crate::app::wizard::App;
use crate::domain::custody::{Custody, CustodyChoice, SeenPlace};
use crate::domain::draft::{Field, Mode, Verdict};
use crate::domain::fault::Fault;
use crate::domain::intent::Intent;

/// The places to choose from.
pub const CHOICES: [CustodyChoice; 3] =
    [CustodyChoice::Kubernetes, CustodyChoice::File, CustodyChoice::Show];

/// The text fields of the places.
pub const FIELDS: [Field; 2] = [Field::Namespace, Field::KeyFile];

/// A place that was tried, and what came back once something did.
pub type Tried = (Custody, Option<Result<SeenPlace, Fault>>);

/// The name of a choice, what is said of it in two words, and what it brings.
#[must_use]
pub const fn words(choice: CustodyChoice) -> (&'static str, &'static str, &'static str) {
    match choice {
        CustodyChoice::Kubernetes => (
            "Kubernetes Secret",
            "nobody sees it",
            "Straight into a Secret that the Registry object of step 6 names.",
        ),
        CustodyChoice::File => (
            "A file",
            "for a vault",
            "A new file that only you can read (0600). Nothing is overwritten.",
        ),
        CustodyChoice::Show => (
            "Show it",
            "for the dialog",
            "Kept in memory, masked, for Okteto's dialog. Gone when the program ends.",
        ),
    }
}

/// All of them side by side.
fn comparison() -> Vec<String> {
    [
        "AWS tells the secret of an access key once. Where it goes is settled, and tried, before the key is made; if it cannot be delivered, the key is deleted at once.",
        "",
        "Kubernetes Secret: kubectl puts it into the Secret okteto-ecr-ACCOUNT-REGION in Okteto's namespace, by standard input. The Registry object of step 6 refers to it, so that nobody has to see it. Tried by a dry run on the server.",
        "",
        "A file: two lines, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, in a new file that only you can read. Put it into your vault and delete the file.",
        "",
        "Show it: kept in this program's memory, masked. v shows it for a moment, y sends it to your terminal's clipboard. It is gone when the program ends.",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The field of the chosen place.
#[must_use]
pub const fn field(choice: CustodyChoice) -> Option<Field> {
    match choice {
        CustodyChoice::Kubernetes => Some(Field::Namespace),
        CustodyChoice::File => Some(Field::KeyFile),
        CustodyChoice::Show => None,
    }
}

/// What is open or wrong about the place.
pub(super) fn wrong(app: &App) -> Option<(Field, String)> {
    let field = field(app.draft.custody).filter(|_| app.draft.mode == Mode::IamUser)?;
    match app.draft.judge(field) {
        Verdict::Wrong(problem) => Some((field, problem.what)),
        Verdict::Empty if field == Field::KeyFile => {
            Some((field, "the secret has to go somewhere; name a new file".to_owned()))
        }
        _ => None,
    }
}

/// The focus comes to the field of the place.
pub(super) fn arrive(app: &mut App) {
    if let Some(field) = field(app.draft.custody) {
        app.access.form.focus_on(field);
    }
}

pub(super) fn offers(app: &App) -> Vec<Offer> {
    vec![
        Offer::on(Command::Down, "choose"),
        match app.slots.running(Slot::Place) {
            Some(_) => Offer::off(Command::Reread, "try it", "It is being tried already."),
            None => Offer::on(Command::Reread, "try it"),
        },
        Offer::on(Command::Explain, "compare"),
    ]
}

pub(super) fn command(app: &mut App, command: Command) -> bool {
    match command {
        Command::Reread => attempt(app, true),
        Command::Explain => {
            let text = TextBox::new("Where the secret goes", comparison());
            app.overlay = Some(Overlay::Text(text));
        }
        _ => {
            let at = CHOICES.iter().position(|c| *c == app.draft.custody).unwrap_or(0);
            let mut cursor = Cursor { row: at };
            if !cursor.command(command, CHOICES.len(), CHOICES.len()) {
                return false;
            }
            if let Some(choice) = CHOICES.get(cursor.row) {
                app.draft.custody = *choice;
                attempt(app, false);
            }
        }
    }
    true
}

/// Where the secret goes by the answers of now.
#[must_use]
pub fn custody(app: &App) -> Option<Custody> {
    match app.draft.intent(app.who.known()?) {
        Ok(Intent::IamUser(user)) => Some(user.custody),
        _ => None,
    }
}

/// Tries the place, unless it was tried; `again` tries it whatever is known.
pub(super) fn attempt(app: &mut App, again: bool) {
    let Some(custody) = custody(app) else { return };
    let known = app.access.place.as_ref().is_some_and(|(tried, _)| *tried == custody);
    if (known && !again) || custody == Custody::Show {
        return;
    }
    app.access.place = Some((custody.clone(), None));
    app.start(Slot::Place, Job::TryPlace(custody));
}

/// The place was tried.
pub fn ended(app: &mut App, end: End) {
    match (end, &mut app.access.place) {
        (End::PlaceTried(result), Some((_, said))) => *said = Some(result),
        (_, place) => *place = None,
    }
}

/// What is known of the place of now; the inner `None` while it is tried.
#[must_use]
pub fn tried(app: &App) -> Option<Option<&Result<SeenPlace, Fault>>> {
    let custody = custody(app)?;
    let (tried, said) = app.access.place.as_ref()?;
    (*tried == custody).then_some(said.as_ref())
}

/// The line above the keys.
pub(super) fn status(app: &App) -> String {
    match app.access.part {
        Part::Place => match field(app.draft.custody) {
            Some(Field::Namespace) => {
                "Okteto's namespace, where its Registry objects are. Empty: okteto."
            }
            _ => "Name a file that is not there yet.",
        },
        _ => "AWS tells the secret once: where it goes is settled before there is one.",
    }
    .to_owned()
}

/// What the field of a place is, an example, and what is allowed.
#[must_use]
pub fn explanation(field: Field) -> Vec<String> {
    let text: &[&str] = match field {
        Field::Namespace => &[
            "The namespace that Okteto runs in. The Secret has to be in the one of the Registry object.",
            "",
            "Example   okteto",
            "Empty     okteto",
        ],
        _ => &[
            "Two lines are written to it: the key's id and its secret, in the names of the AWS CLI. Its folder has to be there, the file must not.",
            "",
            "Example   registry-key.env",
        ],
    };
    text.iter().map(|&line| line.to_owned()).collect()
}
