//! The rotation of a user's access key, beside the sequence of steps: a second key, delivered and pulled with; once Okteto
//! has it the old one inactive; watched, then deleted.
//!
//! How far it is, the account says ([`crate::domain::rotation`]); each change is a plan of its own, shown and asked about as
//! in step 4. So it can be left at any point and gone on with.

pub mod story;

use self::story::{carry_over, whole};
use super::{apply, pull};
use crate::app::keymap::Command;
use crate::app::overlay::{Matter, Overlay, Question, TextBox};
use crate::app::slot::Slot;
use crate::app::step::{Offer, Step};
use crate::app::wizard::App;
use crate::domain::draft::Mode;
use crate::domain::inventory::Inventory;
use crate::domain::key::KeyId;
use crate::domain::plan::StepId;
use crate::domain::rotation::{KeyWish, Stage, stage};
use crate::domain::secret::AccessKey;

/// The state of the rotation. Nothing in it has to outlive the program.
#[derive(Debug, Default)]
pub struct State {
    /// Where it was entered from.
    from: Option<Step>,
    /// Whether the pull test leads back here.
    pub is_open: bool,
    /// The new key that the operator says Okteto has.
    told: Option<KeyId>,
    /// The new key that was gone on with untested.
    untested: Option<KeyId>,
    /// Whether an old key was deleted, so that one key is the end and not the beginning.
    is_done: bool,
    /// A change that was asked for out of turn.
    pub(super) pinned: Option<KeyWish>,
}

/// A point of the rotation, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// A second key is made, and its secret delivered.
    Second,
    /// A pull with it.
    Test,
    /// Okteto has it.
    Okteto,
    /// The old one is inactive.
    Retire,
    /// It is watched, then deleted.
    Delete,
    /// One key again.
    Done,
}

impl Point {
    /// All, in order.
    pub const ALL: [Self; 6] =
        [Self::Second, Self::Test, Self::Okteto, Self::Retire, Self::Delete, Self::Done];

    /// What it is called on screen.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Second => "Make a second key, deliver its secret",
            Self::Test => "Pull with it",
            Self::Okteto => "Okteto has it",
            Self::Retire => "Make the old key inactive",
            Self::Delete => "Watch its last use, then delete it",
            Self::Done => "One key, the new one",
        }
    }
}

/// Enters the rotation, if the answers name a user.
pub fn open(app: &mut App) {
    if app.draft.mode != Mode::IamUser {
        return app.remark("Only a user has a key to rotate: choose IAM user in step 1.");
    }
    if app.apply.running().is_some() {
        return app.remark("The changes are being sent. Ctrl-C stops after the call.");
    }
    let open = match app.who.known() {
        None => Some("AWS has not said yet who you are.".to_owned()),
        Some(caller) => app.draft.intent(caller).err().map(|fault| fault.message),
    };
    if let Some(why) = open {
        return app.remark(format!("First steps 2 and 3: {why}"));
    }
    if app.step != Step::Rotation {
        app.rotation.from = Some(app.step);
        app.rotation.is_done = false;
    }
    app.go_to(Step::Rotation);
}

/// It was entered: the account says how far it is.
pub fn enter(app: &mut App) {
    app.rotation.is_open = true;
    apply::reread(app);
}

/// What is to become of the keys that were read.
#[must_use]
pub(super) fn wish(state: &State, seen: &Inventory) -> KeyWish {
    let next = || stage(seen.user.as_ref()?).next();
    state.pinned.clone().or_else(next).unwrap_or_default()
}

/// How far the rotation is, once the account was read.
#[must_use]
pub fn now(app: &App) -> Option<(Point, Stage)> {
    let seen = app.apply.seen()?;
    let stage = seen.user.as_ref().map_or(Stage::NoKey, stage);
    let point = match &stage {
        Stage::One(_) if app.rotation.is_done => Point::Done,
        Stage::NoKey | Stage::Stuck | Stage::One(_) => Point::Second,
        Stage::Both { new, .. } if !is_tested(app, &new.id) => Point::Test,
        Stage::Both { new, .. } if app.rotation.told.as_ref() != Some(&new.id) => Point::Okteto,
        Stage::Both { .. } => Point::Retire,
        // Whoever made the key just now has not had it tested, or carried over, by anybody.
        Stage::Watching { new, .. } if app.apply.is_new(&new.id) && !is_tested(app, &new.id) => {
            Point::Test
        }
        Stage::Watching { new, .. }
            if app.apply.is_new(&new.id) && app.rotation.told.as_ref() != Some(&new.id) =>
        {
            Point::Okteto
        }
        Stage::Watching { .. } => Point::Delete,
    };
    Some((point, stage))
}

/// Whether a pull worked with this key, or it was gone on without.
fn is_tested(app: &App, new: &KeyId) -> bool {
    let run = app.pull.run.as_ref().filter(|run| run.is_good());
    let tried = run.and_then(|run| run.report()?.key.as_ref());
    tried == Some(new) || app.rotation.untested.as_ref() == Some(new)
}

/// The pull test was left: by a proof, or without one.
pub(super) fn back_from_test(app: &mut App) {
    let new = now(app).and_then(|(_, stage)| stage.staying().map(|new| new.id.clone()));
    if let Some(new) = new.filter(|new| !is_tested(app, new)) {
        app.rotation.untested = Some(new);
    }
    app.go_to(Step::Rotation);
}

/// The operator says that Okteto has the new key.
pub fn told(app: &mut App) {
    if let Some((Point::Okteto, stage)) = now(app) {
        app.rotation.told = stage.staying().map(|new| new.id.clone());
    }
}

/// A change of keys was made. The deletion of the old one is the end; whatever else it was, it is not.
pub(super) fn key_changed(app: &mut App) {
    app.rotation.pinned = None;
    let was = app.apply.run().and_then(|run| Some(stage(run.seen.user.as_ref()?)));
    app.rotation.is_done = match (was, &app.apply.choices.keys) {
        (Some(Stage::Watching { old, .. }), KeyWish::Delete(key)) => old.id == *key,
        _ => false,
    };
}

/// Why Enter does not go on now.
fn refusal(app: &App) -> Option<String> {
    if app.slots.running(Slot::Survey).is_some() {
        return Some("The account is being read first.".to_owned());
    }
    if app.apply.running().is_some() {
        return Some("The change is being sent. Ctrl-C stops after the call.".to_owned());
    }
    if apply::lost_key(app).is_some() {
        return Some("A key was made whose secret nobody has. f plans its deletion.".to_owned());
    }
    if app.apply.run().is_some() || apply::fault(app).is_some() {
        return Some("It did not go as planned. r reads the account and goes on.".to_owned());
    }
    let (point, stage) = now(app)?;
    let conflict = app.apply.plan().and_then(|plan| plan.conflicts().next());
    match stage {
        _ if apply::deletes_lost(app) && !app.setup.read_only => None,
        Stage::NoKey => Some("The user has no key. Step 4 makes the first one.".to_owned()),
        Stage::Stuck => {
            Some("Neither of the two keys is active: u makes the younger one active.".to_owned())
        }
        _ if matches!(point, Point::Test | Point::Okteto | Point::Done) => None,
        _ if app.setup.read_only => {
            Some("Started with --read-only: nothing can be changed.".to_owned())
        }
        _ => conflict.map(|step| format!("In the way: {}", step.reason)),
    }
}

/// What Enter does, in words.
#[must_use]
pub fn go_words(app: &App) -> String {
    match now(app) {
        Some(_) if apply::deletes_lost(app) => "delete the lost key".to_owned(),
        Some((Point::Test, _)) => "pull with the new key".to_owned(),
        Some((Point::Okteto, _)) => "Okteto has it".to_owned(),
        Some((Point::Retire, Stage::Both { old, .. })) => format!("make {} inactive", old.id),
        Some((Point::Delete, Stage::Watching { old, .. })) => format!("delete {}", old.id),
        Some((Point::Done, _)) => "to step 6".to_owned(),
        _ => "make a second key".to_owned(),
    }
}

/// The old key, while it can be made active again.
fn restorable(app: &App) -> Option<KeyId> {
    if app.setup.read_only || app.apply.running().is_some() {
        return None;
    }
    match now(app)?.1 {
        Stage::Watching { old, .. } => Some(old.id),
        Stage::Stuck => app.apply.seen()?.user.as_ref()?.keys.last().map(|key| key.id.clone()),
        _ => None,
    }
}

/// Whether no second key can be made because its secret could not go where the answers say. A file stands there already
/// on every rotation: it is the one with the first key.
fn is_place_taken(app: &App) -> bool {
    let plan = app.apply.plan().filter(|_| matches!(now(app), Some((Point::Second, _))));
    plan.is_some_and(|plan| plan.conflicts().any(|step| step.id == StepId::Custody))
}

/// The new key, if its secret is neither held nor in the place that the answers name: perhaps nobody has it.
pub(super) fn unheld(app: &App) -> Option<KeyId> {
    let Stage::Both { new, .. } = now(app)?.1 else { return None };
    let is_open =
        app.apply.running().is_none() && apply::lost_key(app).is_none() && !is_tested(app, &new.id);
    (is_open && !app.apply.is_placed(&new.id)).then_some(new.id)
}

/// What the keys do.
#[must_use]
pub fn offers(app: &App) -> Vec<Offer> {
    let mut offers = Vec::new();
    if app.apply.running().is_some() {
        offers.push(Offer::on(Command::Interrupt, "stop after this call"));
    }
    if apply::lost_key(app).is_some() {
        offers.push(Offer::on(Command::Mend, "delete the lost key"));
    }
    offers.push(match refusal(app) {
        None => Offer::on(Command::Go, go_words(app)),
        Some(why) => Offer::off(Command::Go, go_words(app), why),
    });
    offers.push(match app.slots.running(Slot::Survey) {
        Some(_) => Offer::off(Command::Reread, "read again", "Reading already."),
        None => Offer::on(Command::Reread, "read again"),
    });
    if unheld(app).is_some() {
        offers.push(Offer::on(Command::Mend, "delete the new key"));
    }
    if is_place_taken(app) {
        offers.insert(0, Offer::on(Command::Mend, "another place"));
    }
    if restorable(app).is_some() {
        offers.push(Offer::on(Command::Undo, "active again"));
    }
    if held(app).is_some() {
        let words = if app.is_revealed() { "hide" } else { "show the secret" };
        offers.push(Offer::on(Command::Reveal, words));
        offers.push(Offer::on(Command::Copy, "copy the secret"));
    }
    offers.push(Offer::on(Command::Explain, "all of it"));
    offers.push(Offer::on(Command::Back, "leave it as it is"));
    offers
}

/// The new key with its secret, if that is held here for the operator to carry over.
#[must_use]
pub fn held(app: &App) -> Option<&AccessKey> {
    app.apply.held(&now(app)?.1.staying()?.id)
}

/// Carries out a command.
pub fn command(app: &mut App, command: Command) -> bool {
    match command {
        Command::Go => go(app),
        Command::Reread => {
            app.rotation.pinned = None;
            apply::reread(app);
        }
        Command::Mend if apply::lost_key(app).is_some() => apply::mend(app),
        Command::Mend if is_place_taken(app) => {
            app.go_to(Step::Access);
            super::access::to_place(app);
            app.remark("Choose another place; then Enter, and K goes on with the rotation.");
        }
        Command::Mend => match unheld(app) {
            Some(key) => out_of_turn(app, KeyWish::Delete(key)),
            None => return false,
        },
        Command::Undo => match restorable(app) {
            Some(key) => out_of_turn(app, KeyWish::Restore(key)),
            None => return false,
        },
        Command::Reveal if held(app).is_some() => app.reveal(),
        Command::Copy if held(app).is_some() => {
            if let Some(secret) = held(app).map(|key| key.secret.clone()) {
                app.copy_secret(secret);
            }
        }
        Command::Explain => {
            app.overlay = Some(Overlay::Text(TextBox::new("The rotation", whole(app))));
        }
        Command::Back => leave(app),
        _ => return false,
    }
    true
}

/// Plans and asks about a change whose turn it is not.
fn out_of_turn(app: &mut App, wish: KeyWish) {
    app.rotation.pinned = Some(wish);
    apply::replan(app);
    apply::ask(app);
}

/// What is left to do of a rotation that was begun here.
#[must_use]
pub fn unfinished(app: &App) -> Option<String> {
    let user = app.apply.seen()?.user.as_ref()?;
    let old = match stage(user) {
        Stage::Both { old, new } | Stage::Watching { old, new } if app.apply.is_new(&new.id) => old,
        _ => return None,
    };
    Some(format!("The rotation is not at its end: {} is still there. K goes on with it.", old.id))
}

fn leave(app: &mut App) {
    if app.apply.running().is_some() {
        return app.remark("The change is being sent. Ctrl-C stops after the call.");
    }
    // What is being read goes on: step 6 tells of the key from it.
    app.rotation.is_open = false;
    app.rotation.pinned = None;
    app.go_to(app.rotation.from.unwrap_or(Step::Mode));
    if unfinished(app).is_some() {
        app.remark("The rotation stays as it is; K goes on with it.");
    }
}

fn go(app: &mut App) {
    let Some((point, _)) = now(app) else { return };
    if apply::deletes_lost(app) {
        return apply::ask(app);
    }
    match point {
        Point::Test => {
            app.pull.key_way = None;
            app.go_to(Step::Pull);
            pull::start_if_ready(app);
        }
        Point::Okteto => {
            let body = carry_over(app);
            app.overlay = Some(Overlay::Question(Question::new(
                Matter::OktetoHasIt,
                "Has Okteto got the new key?",
                body,
                &["Not yet", "Okteto has it"],
            )));
        }
        Point::Done => {
            app.rotation.is_open = false;
            app.go_to(Step::Okteto);
        }
        Point::Second | Point::Retire | Point::Delete => {
            // From a change out of turn the way leads back to the one whose turn it is.
            if app.rotation.pinned.take().is_some() {
                apply::replan(app);
            }
            apply::ask(app);
        }
    }
}

/// The line above the keys.
#[must_use]
pub fn status(app: &App) -> String {
    if let Some(left) = app.hides_in() {
        return format!(
            "A secret is on this screen. It is hidden again in {} s.",
            left.as_millis().div_ceil(1000)
        );
    }
    if app.apply.running().is_some() || app.slots.running(Slot::Survey).is_some() {
        return apply::status(app);
    }
    refusal(app).unwrap_or_else(|| match now(app) {
        Some((Point::Done, _)) => "The rotation is at its end.".to_owned(),
        _ => "Nothing is changed before a question says what.".to_owned(),
    })
}
