//! One module a step; here each kind of message finds its step.

pub mod access;
pub mod apply;
pub mod calls;
pub mod course;
pub mod identity;
pub mod mend;
pub mod mode;
pub mod okteto;
pub mod practice;
pub mod pull;
pub mod review;
pub mod rotation;
pub mod runs;
pub mod story;
pub mod tutorial;
pub mod undo;

use super::input::{Code, Key};
use super::keymap::Command;
use super::overlay::Sheet;
use super::search::Reading;
use super::slot::Slot;
use super::step::{Offer, Step};
use super::task::{End, News};
use super::who;
use super::wizard::App;
use crate::domain::draft::Field;

/// What the step's keys do now, the most useful first.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    match app.step {
        Step::Mode => mode::offers(app),
        Step::Identity => identity::offers(app),
        Step::Access => access::offers(app),
        Step::Apply => apply::offers(app),
        Step::Pull => pull::offers(app),
        Step::Okteto => okteto::offers(app),
        Step::Rotation => rotation::offers(app),
        Step::Runs => runs::offers(app),
        Step::Undo => undo::offers(app),
        Step::Review => review::offers(app),
        Step::Mend => mend::offers(app),
        Step::Practice => practice::offers(app),
        Step::Tutorial => tutorial::offers(app),
    }
}

/// Carries out a command; says whether the step had a use for it.
pub fn command(app: &mut App, command: Command) -> bool {
    match app.step {
        Step::Mode => mode::command(app, command),
        Step::Identity => identity::command(app, command),
        Step::Access => access::command(app, command),
        Step::Apply => apply::command(app, command),
        Step::Pull => pull::command(app, command),
        Step::Okteto => okteto::command(app, command),
        Step::Rotation => rotation::command(app, command),
        Step::Runs => runs::command(app, command),
        Step::Undo => undo::command(app, command),
        Step::Review => review::command(app, command),
        Step::Mend => mend::command(app, command),
        Step::Practice => practice::command(app, command),
        Step::Tutorial => tutorial::command(app, command),
    }
}

/// The step was entered.
pub fn enter(app: &mut App) {
    match app.step {
        Step::Mode => mode::enter(app),
        Step::Identity => identity::enter(app),
        Step::Access => access::enter(app),
        Step::Apply => apply::enter(app),
        Step::Pull => pull::enter(app),
        Step::Okteto => okteto::enter(app),
        Step::Rotation => rotation::enter(app),
        Step::Runs => runs::enter(app),
        Step::Undo => undo::enter(app),
        Step::Review => review::enter(app),
        Step::Mend => mend::enter(app),
        Step::Practice => practice::enter(app),
        Step::Tutorial => tutorial::enter(app),
    }
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    match app.step {
        Step::Mode => mode::status(app),
        Step::Identity => identity::status(app),
        Step::Access => access::status(app),
        Step::Apply => apply::status(app),
        Step::Pull => pull::status(app),
        Step::Okteto => okteto::status(app),
        Step::Rotation => rotation::status(app),
        Step::Runs => runs::status(app),
        Step::Undo => undo::status(app),
        Step::Review => review::status(app),
        Step::Mend => mend::status(app),
        Step::Practice => practice::status(app),
        Step::Tutorial => tutorial::status(app),
    }
}

/// A text field of the step was edited.
pub fn edited(app: &mut App) {
    match app.step {
        Step::Identity => identity::edited(app),
        Step::Access => access::edited(app),
        Step::Pull => pull::edited(app),
        _ => {}
    }
}

/// A paste that is not for a text field; says whether the step took it.
pub fn pasted(app: &mut App, text: &str) -> bool {
    match app.step {
        Step::Access => access::pasted(app, text),
        Step::Pull => pull::pasted(app, text),
        Step::Review => review::pasted(app, text),
        _ => false,
    }
}

/// The text of the step with the focus: where one is in it, and its lines.
#[must_use]
pub fn reading(app: &App) -> Option<(&Reading, Vec<String>)> {
    match app.step {
        Step::Access => access::text(app),
        _ => None,
    }
}

/// A key for the search in the step's text, or for the filter of its table; says whether it was one.
pub fn searched(app: &mut App, key: Key) -> bool {
    match app.step {
        Step::Access => access::searched(app, key),
        Step::Review => review::typed(app, key),
        _ => false,
    }
}

/// A sheet was filled in, or left.
pub fn sheet(app: &mut App, sheet: Sheet, take: bool) {
    match app.step {
        Step::Review => review::accept::sheet(app, sheet, take),
        Step::Practice => practice::answer::sheet(app, &sheet, take),
        _ => {}
    }
}

/// What is offered for a field. In practice also an audience, which the real cluster's owner alone can name.
#[must_use]
pub fn suggestion(app: &App, field: Field) -> Option<String> {
    let first = app.setup.practice && field == Field::Audience && app.draft.text(field).is_empty();
    if first { Some(field.example().to_owned()) } else { app.draft.suggestion(field) }
}

/// The right arrow at the end of a field takes the grey suggestion.
pub fn suggestion_taken(app: &mut App, key: Key) -> bool {
    let Some(field) = app.form().and_then(|f| f.focused()) else { return false };
    if key != Key::plain(Code::Right) || !field.at_end() {
        return false;
    }
    // Only what is in sight is taken: under a text that is being typed no suggestion is shown yet.
    if !field.text().is_empty() && !field.is_resting(app.now) {
        return false;
    }
    let kind = field.field;
    let Some(suggestion) = suggestion(app, kind) else { return false };
    let now = app.now;
    let taken = match app.step {
        Step::Identity => app.identity.form.get_mut(kind),
        Step::Access => app.access.form.get_mut(kind),
        Step::Pull => app.pull.form.get_mut(kind),
        _ => None,
    };
    if let Some(field) = taken {
        field.take(&suggestion, now);
    }
    true
}

/// A key for the open picker.
pub fn picker_key(app: &mut App, key: Key) {
    match app.step {
        Step::Access => access::picker_key(app, key),
        Step::Pull => pull::picker_key(app, key),
        Step::Review => review::export::key(app, key),
        Step::Practice => practice::answer::key(app, key),
        _ => app.overlay = None,
    }
}

/// News from a task that is still listened to.
pub fn news(app: &mut App, slot: Slot, news: News) {
    match slot {
        Slot::Whoami => who::news(app, news),
        Slot::Apply => apply::news(app, news),
        Slot::Undo => undo::news(app, news),
        Slot::Probe => pull::news(app, news),
        Slot::Review => review::news(app, news),
        Slot::Mend => mend::news(app, news),
        Slot::Goals => practice::news(app, news),
        _ => {}
    }
}

/// The end of a task that is still listened to.
pub fn ended(app: &mut App, slot: Slot, end: End) {
    if matches!(slot, Slot::Apply | Slot::Undo | Slot::Mend) {
        review::changed(app, &end);
    }
    match slot {
        Slot::Locate | Slot::Whoami | Slot::ClusterIssuer => {
            who::ended(app, end);
            if slot == Slot::ClusterIssuer {
                identity::edited(app);
            }
        }
        Slot::Discover => identity::discovered(app, end),
        Slot::Place => access::custody::ended(app, end),
        Slot::Survey | Slot::Apply => apply::ended(app, end),
        Slot::Runs => runs::ended(app, end),
        Slot::Recall | Slot::Undo => undo::ended(app, end),
        Slot::Repositories => {
            if app.step == Step::Access {
                access::ended(app, end);
            } else {
                pull::ended(app, end);
            }
        }
        Slot::Images | Slot::Probe => pull::ended(app, end),
        Slot::Manifest => okteto::ended(app, end),
        Slot::Mend => mend::ended(app, end),
        Slot::Exercise | Slot::Goals | Slot::Progress | Slot::Record => practice::ended(app, end),
        Slot::Printed => tutorial::ended(app, end),
        Slot::Review | Slot::Keep | Slot::Accept | Slot::Export => review::ended(app, end),
        Slot::Save => {
            if let End::Saved(result) = end {
                if let Err(fault) = &result {
                    app.remark(format!("Answers not saved: {fault}"));
                }
                okteto::saved(app, result);
            }
        }
    }
}
