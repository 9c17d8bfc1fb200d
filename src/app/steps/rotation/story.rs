//! The words of the rotation: what there is to say of each point.

use super::{Point, now, unheld};
use crate::app::steps::access::custody::custody;
use crate::app::steps::apply;
use crate::app::wizard::App;
use crate::domain::custody::Custody;
use crate::domain::inventory::Inventory;
use crate::domain::rotation::Stage;

/// How the new key gets to Okteto.
pub(super) fn carry_over(app: &App) -> Vec<String> {
    let place = custody(app);
    let mut lines = match place {
        Some(Custody::Kubernetes(place)) => vec![
            format!("It is in the {place}, to which the Registry object refers."),
            "Okteto does not say whether it notices a Secret that changed alone: apply the Registry object again (step 6, e), then wait a few minutes.".to_owned(),
        ],
        Some(Custody::File(path)) => vec![
            format!("It is in {}.", path.display()),
            "In Okteto: Admin, Registry Credentials, Edit: put both lines in. It is used within seconds.".to_owned(),
        ],
        _ => vec![
            "It is held here: v shows it, y copies it.".to_owned(),
            "In Okteto: Admin, Registry Credentials, Edit: put Access Key and Secret Access Key in. It is used within seconds.".to_owned(),
        ],
    };
    lines.push(String::new());
    lines.push(
        "Once you say so, the old key can be made inactive, which can be taken back.".to_owned(),
    );
    lines
}

/// What is to be said at this point.
#[must_use]
pub fn story(app: &App) -> Vec<String> {
    let read_at = app.apply.seen().and_then(|seen| seen.read_at);
    let Some((point, stage)) = now(app) else { return Vec::new() };
    let mut lines = match &stage {
        Stage::NoKey => vec!["The user has no access key.".to_owned()],
        Stage::Stuck => {
            vec!["Neither of the two keys is active: nothing can be pulled.".to_owned()]
        }
        Stage::One(key) => vec![format!("The key   {}", key.words(read_at))],
        Stage::Both { old, new } | Stage::Watching { old, new } => vec![
            format!("New       {}", new.words(read_at)),
            format!("Old       {}", old.words(read_at)),
        ],
    };
    lines.push(String::new());
    match point {
        Point::Second if stage == Stage::Stuck => lines.push(
            "u makes the younger one active again. A key that nobody has the secret of can be deleted once the other is active.".to_owned(),
        ),
        Point::Second => {
            let place = custody(app);
            let place = place.map(|place| place.to_string()).unwrap_or_default();
            lines.push(format!(
                "A second key is made beside it; its secret goes to: {place}. The old one goes on working for whoever has it."
            ));
            // A file that is there already is refused, not written over.
            let may_be_written =
                |seen: &&Inventory| seen.place.as_ref().is_some_and(Result::is_ok);
            let seen = app.apply.seen().filter(may_be_written);
            if seen.is_some_and(|seen| seen.placed_key().is_some()) {
                lines.push("There it takes the place of the old key's secret, which AWS does not tell again.".to_owned());
            }
        }
        Point::Test => {
            let place = custody(app);
            lines.push(match unheld(app).zip(place) {
                None => "Pull with the new key before anything depends on it. A new key is not known everywhere at once.".to_owned(),
                Some((new, Custody::File(path))) => format!(
                    "Whether the secret of {new} is in {}, the pull test finds out. Whoever has it can paste it there as well. If nobody has, f plans the deletion of that key, and a second one can be made again.",
                    path.display()
                ),
                Some((new, place)) => format!(
                    "The secret of {new} is not in {place}. Whoever has it can paste it for the pull. If nobody has, f plans the deletion of that key, and a second one can be made again."
                ),
            });
        }
        Point::Okteto => lines.extend(carry_over(app).into_iter().take(2)),
        Point::Retire => lines.push(
            "Inactive, the old key is refused everywhere, and can be made active again at once. Watch for pulls that fail."
                .to_owned(),
        ),
        Point::Delete => lines.push(
            "r reads its last use again: AWS tells it with some delay. If something still needs it, u makes it active again. Deleted, it cannot be had back.".to_owned(),
        ),
        Point::Done => lines.push("The old key is gone. The new one is the only one.".to_owned()),
    }
    lines
}

/// All that is to be read of this point.
pub(super) fn whole(app: &App) -> Vec<String> {
    let mut lines: Vec<String> =
        apply::fault(app).map(apply::story::fault).into_iter().flatten().collect();
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.extend(story(app));
    if let Some(plan) = app.apply.plan() {
        for step in plan.changes() {
            lines.push(String::new());
            lines.extend(apply::story::whole(step, Some(plan), app.apply.seen()));
        }
    }
    lines.extend([
        String::new(),
        "Every point can be left: how far a rotation is, the keys themselves say.".to_owned(),
    ]);
    lines
}
