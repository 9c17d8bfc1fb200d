//! The pull test with a role of the review: step 5 is lent its answers, and the operator's own come back afterwards.

use super::{Thing, fix};
use crate::app::slot::Slot;
use crate::app::step::Step;
use crate::app::steps::{access, identity, pull};
use crate::app::wizard::App;
use crate::domain::draft::{Draft, Field, Mode};
use crate::domain::review::role::RoleReview;

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
    wish(app).err()
}

/// The answers of the selected role.
fn wish(app: &App) -> Result<Draft, String> {
    let Some(Thing::Role(role)) = fix::thing(app) else {
        return Err("Only a role is tested: choose one of the first table.".to_owned());
    };
    if app.apply.made().next().is_some() || app.slots.changing().is_some() {
        return Err("This start has made something itself: step 5 tests that.".to_owned());
    }
    if app.slots.running(Slot::Probe).is_some() {
        return Err("A pull test is running; step 5 shows it.".to_owned());
    }
    let Some(caller) = app.who.known() else {
        return Err("AWS has not said yet who you are.".to_owned());
    };
    let draft = answers(app, role)?;
    let intent = draft.intent(caller).map_err(|fault| {
        format!("Step 5 cannot test it: {}.", fault.message.trim_end_matches('.'))
    })?;
    let arn = intent.oidc().map(|oidc| oidc.role_arn().to_string());
    if arn.as_deref() != Some(role.entry.arn.as_str()) {
        return Err("Step 5 cannot test it: it is a role of another account.".to_owned());
    }
    Ok(draft)
}

fn answers(app: &App, role: &RoleReview) -> Result<Draft, String> {
    let one = match role.trust.admits.as_slice() {
        [] => return Err("Nobody gets in: there is no token to test it with.".to_owned()),
        [one] => one,
        more => {
            return Err(format!(
                "{} kinds of tokens get in: it cannot be said which to test it with.",
                more.len()
            ));
        }
    };
    if !one.has_one_audience() || !one.has_one_subject() {
        return Err(
            "More than one token gets in: it pins no audience and subject to test.".to_owned()
        );
    }
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

/// Goes to step 5 with the role's answers.
pub(super) fn open(app: &mut App) {
    let Ok(draft) = wish(app) else { return };
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
