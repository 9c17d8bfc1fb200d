//! The text fields of step 3: what they are, and how the focus walks through them.

use super::Part;
use crate::app::wizard::App;
use crate::domain::draft::{Field, Mode, PolicyChoice, Verdict};

/// The fields, in reading order.
pub const FIELDS: [Field; 6] = [
    Field::Repositories,
    Field::Path,
    Field::Boundary,
    Field::Tags,
    Field::Description,
    Field::MaxSession,
];

/// The fields that are asked for: repositories only where they are to be chosen; a user has no description and no sessions.
#[must_use]
pub fn fields(app: &App) -> Vec<Field> {
    let chosen = app.draft.policy == PolicyChoice::Repositories;
    let of_role = app.draft.mode == Mode::Oidc;
    let asked = |field: &Field| match field {
        Field::Repositories => chosen,
        Field::Description | Field::MaxSession => of_role,
        _ => true,
    };
    FIELDS.into_iter().filter(asked).collect()
}

/// Whether the field of the repositories has the focus.
#[must_use]
pub fn on_repositories(app: &App) -> bool {
    app.access.form.focused().is_some_and(|f| f.field == Field::Repositories)
}

/// Moves to the next field; false where there is none on this side.
pub fn walk(app: &mut App, forward: bool) -> bool {
    let fields = fields(app);
    let focused = app.access.form.focused().map(|f| f.field);
    let at = fields.iter().position(|f| Some(*f) == focused).unwrap_or(0);
    let next = if forward { Some(at + 1) } else { at.checked_sub(1) };
    let Some(field) = next.and_then(|i| fields.get(i)) else { return false };
    app.access.form.focus_on(*field);
    app.write_draft();
    true
}

/// The focus comes to the fields: to the first, or from behind to the last.
pub fn arrive(app: &mut App, forward: bool) {
    let fields = fields(app);
    let field = if forward { fields.first() } else { fields.last() };
    if let Some(field) = field {
        app.access.form.focus_on(*field);
    }
}

/// Sees to it that the focus is on no field that is not asked for any more.
pub fn arrive_hidden(app: &mut App) {
    let focused = app.access.form.focused().map(|f| f.field);
    if app.access.part == Part::Options && focused.is_some_and(|f| !fields(app).contains(&f)) {
        arrive(app, true);
    }
}

/// Why the focused field would not do, and what would: the field itself has room for what is wrong only.
#[must_use]
pub fn wrong(app: &App) -> Option<String> {
    let field = app.access.form_in_focus()?.focused()?;
    let wrong = match field.verdict(&app.draft, app.now) {
        Some(Verdict::Wrong(problem)) => Some(problem),
        _ => None,
    };
    let problem = field.refused.clone().or(wrong)?;
    Some(format!("{}; for example {}", problem.why, problem.example))
}

/// The focused field in a few words: the line above the keys.
#[must_use]
pub fn hint(app: &App) -> String {
    let words = match app.access.form.focused().map(|f| f.field) {
        Some(Field::Repositories) => "Names, or beginnings with a * at the end. Enter lists them.",
        Some(Field::Path) => "Where it stands in IAM. May stay empty.",
        Some(Field::Boundary) => "The ARN of a policy that caps what it may do. May stay empty.",
        Some(Field::Tags) => "Your own tags, name=value. May stay empty.",
        Some(Field::Description) => "What the console shows beside the role. May stay empty.",
        _ => "3600 to 43200; Okteto needs an hour. May stay empty.",
    };
    words.to_owned()
}

/// What a field is, an example, and what is allowed.
#[must_use]
pub fn explanation(field: Field) -> Vec<String> {
    let text: &[&str] = match field {
        Field::Repositories => &[
            "The repositories that Okteto may pull from, separated by spaces. Enter lists those of the registry.",
            "",
            "Example   team/app team/web base/*",
            "Allowed   names, or the beginning of names with a * at the end",
        ],
        Field::Path => &[
            "Where the role or user stands in IAM. It becomes part of the ARN and is not changed later.",
            "",
            "Example   /okteto/",
            "Empty     /",
        ],
        Field::Boundary => &[
            "A policy that caps what the role or user can ever be given. Some companies allow none without one.",
            "",
            "Example   arn:aws:iam::112233445566:policy/boundary",
        ],
        Field::Tags => &[
            "Your own tags for what is made. The run's id and the program's version are added.",
            "",
            "Example   team=platform cost-center=42",
        ],
        Field::Description => &[
            "What the console shows beside the role.",
            "",
            "Example   Okteto pulls images with this role",
            "Allowed   up to 1000 characters",
        ],
        Field::MaxSession => &[
            "How long a session of the role may last. Okteto asks for an hour; longer is not needed.",
            "",
            "Example   3600",
            "Allowed   3600 to 43200; empty is IAM's own, 3600",
        ],
        _ => &[],
    };
    text.iter().map(|&line| line.to_owned()).collect()
}
