//! The pull test with a role of the review: step 5 is lent its answers, and the operator's own come back afterwards.

use tui_input::Input as Line;

use super::{Thing, fix};
use crate::app::list::Cursor;
use crate::app::overlay::{Overlay, Picker, Picking};
use crate::app::slot::Slot;
use crate::app::step::Step;
use crate::app::steps::{access, identity, pull};
use crate::app::wizard::App;
use crate::domain::draft::{Draft, Field, Mode};
use crate::domain::review::role::RoleReview;
use crate::domain::trust::admit::Admitted;

/// What the operator had typed.
#[derive(Debug)]
pub struct Kept {
    pub(super) draft: Draft,
    last: Option<Draft>,
    way: Mode,
    identity: identity::State,
    access: access::State,
    pull: pull::State,
}

/// Why the selected role cannot be tested.
pub(super) fn not_now(app: &App) -> Option<String> {
    wish(app, 0).err()
}

/// The answers of the selected role.
fn wish(app: &App, nth: usize) -> Result<Draft, String> {
    let Some(Thing::Role(role)) = fix::thing(app) else {
        return Err("Only a role is tested: choose one of the first table.".to_owned());
    };
    if app.apply.made().next().is_some() || app.slots.changing().is_some() {
        let why = "This start has made something itself, and step 5 and its undo are about that. Leave, then test.";
        return Err(why.to_owned());
    }
    if app.slots.running(Slot::Probe).is_some() {
        return Err("A pull test is running; step 5 shows it.".to_owned());
    }
    let Some(caller) = app.who.known() else {
        return Err("AWS has not said yet who you are.".to_owned());
    };
    let draft = answers(app, role, nth)?;
    let intent = draft.intent(caller).map_err(|fault| {
        format!("Step 5 cannot test it: {}.", fault.message.trim_end_matches('.'))
    })?;
    let arn = intent.oidc().map(|oidc| oidc.role_arn().to_string());
    if arn.as_deref() != Some(role.entry.arn.as_str()) {
        return Err("Step 5 cannot test it: it is a role of another account.".to_owned());
    }
    Ok(draft)
}

/// The tokens that are wholly known and get in.
fn testable(role: &RoleReview) -> Vec<&Admitted> {
    let is_one = |one: &&Admitted| one.has_one_audience() && one.has_one_subject();
    role.trust.admits.iter().filter(is_one).collect()
}

/// The answers for the token of this number.
fn answers(app: &App, role: &RoleReview, nth: usize) -> Result<Draft, String> {
    let sets = testable(role);
    let Some(one) = sets.get(nth) else {
        return Err(if role.trust.admits.is_empty() {
            "Nobody gets in: there is no token to test it with.".to_owned()
        } else {
            "More than one token gets in: it pins no audience and subject to test.".to_owned()
        });
    };
    let mut draft = app.draft.clone();
    draft.mode = Mode::Oidc;
    for (field, text) in [
        (Field::Issuer, one.issuer.as_str()),
        (Field::Audience, &one.audience),
        (Field::Subject, &one.subject),
        (Field::Role, &role.entry.name),
        (Field::Path, &role.entry.path),
    ] {
        draft.set(field, text);
    }
    if role.entry.path == "/" {
        draft.texts.remove(&Field::Path);
    }
    let region = app.who.source.as_ref().and_then(|source| source.region.as_ref());
    if draft.text(Field::Registry).is_empty()
        && let Some((region, _)) = region
    {
        draft.set(Field::Registry, region.to_string());
    }
    Ok(draft)
}

/// Goes to step 5 with the role's answers; where several tokens get in, the one to test with is chosen first.
pub(super) fn open(app: &mut App) {
    let rows = match fix::thing(app) {
        Some(Thing::Role(role)) => testable(role),
        _ => Vec::new(),
    };
    if rows.len() < 2 || wish(app, 0).is_err() {
        return lend(app, 0);
    }
    let rows = rows.into_iter().map(|one| (one.audience.clone(), one.subject.clone())).collect();
    app.overlay = Some(Overlay::Picker(Picker {
        picking: Picking::Token,
        title: "Test with which audience and subject?".to_owned(),
        rows,
        marked: Vec::new(),
        filter: Line::default(),
        filtering: false,
        cursor: Cursor::default(),
        empty: String::new(),
    }));
}

/// Goes to step 5 with the answers for the token of this number.
pub(super) fn lend(app: &mut App, nth: usize) {
    let Ok(draft) = wish(app, nth) else { return };
    app.write_draft();
    let role = draft.text(Field::Role).to_owned();
    let kept = Kept {
        draft: app.draft.clone(),
        last: app.setup.last.replace(draft),
        way: app.mode.at,
        identity: std::mem::take(&mut app.identity),
        access: std::mem::take(&mut app.access),
        pull: std::mem::take(&mut app.pull),
    };
    identity::prefill(app);
    app.apply.forget();
    app.review.lent = Some(Box::new(kept));
    app.go_to(Step::Pull);
    app.remark(format!("The test is of {role}. Your own answers are kept and come back after it."));
}

/// Where a step leads while answers are lent: away from the test it is back to the review, with the operator's own.
pub fn way(app: &mut App, step: Step) -> Step {
    if step == Step::Pull {
        return step;
    }
    let Some(kept) = app.review.lent.take() else { return step };
    app.drop_task(Slot::Probe);
    let Kept { draft, last, way, identity, access, pull } = *kept;
    (app.draft, app.setup.last, app.mode.at) = (draft, last, way);
    (app.identity, app.access, app.pull) = (identity, access, pull);
    app.apply.forget();
    Step::Review
}
