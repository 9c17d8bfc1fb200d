//! All that the pull test needs before it can begin.

use std::time::Duration;

use super::{Part, key, token};
use crate::app::steps::{apply, identity};
use crate::app::task::{Bearer, KeyBearer, ProbeOrder, RoleBearer};
use crate::app::wizard::App;
use crate::domain::draft::{Field, Mode, Verdict};
use crate::domain::intent::Intent;
use crate::domain::probe::Refusals;

/// For how long after a change a refusal that waiting may mend is tried again.
pub const WAIT: Duration = Duration::from_mins(2);

/// Everything the pull test needs, or the part that is still open and why.
///
/// # Errors
/// The part to go to, and what is missing there.
pub fn order(app: &App) -> Result<ProbeOrder, (Part, String)> {
    match app.draft.mode {
        Mode::Oidc => token::source(app).map(drop)?,
        Mode::IamUser => key::source(app).map(drop)?,
    }
    for (part, field) in [(Part::Image, Field::Image), (Part::Platform, Field::Platform)] {
        let name = identity::name(field);
        match app.draft.judge(field) {
            Verdict::Empty if field == Field::Image => {
                return Err((part, "Image is still open: type it, or Enter browses.".to_owned()));
            }
            Verdict::Wrong(problem) => return Err((part, format!("{name}: {problem}"))),
            _ => {}
        }
    }
    let Some(caller) = app.who.known() else {
        let why = "AWS has not said yet who you are: the account's number is part of the ARN.";
        return Err((Part::Action, why.to_owned()));
    };
    let intent = app.draft.intent(caller).map_err(|f| (Part::Action, f.message))?;
    let wish = app.draft.pull_wish(&intent).map_err(|f| (Part::Image, f.message))?;
    let bearer = match intent {
        Intent::Oidc(intent) => {
            let role = apply::role_arn(app).unwrap_or_else(|| intent.role_arn());
            Bearer::Role(RoleBearer { intent, role, token: token::source(app)? })
        }
        Intent::IamUser(intent) => {
            let user = apply::user_arn(app).unwrap_or_else(|| intent.user_arn());
            Bearer::Key(KeyBearer { intent, user, key: key::source(app)? })
        }
    };
    let refusals = if app.setup.read_only { Refusals::AllButPush } else { Refusals::default() };
    Ok(ProbeOrder { bearer, wish, wait: WAIT, just_changed: false, refusals })
}
