//! What is sent in the place of a passage: by the same planner and the same words as everywhere, from the answers where they
//! are whole, else from the tutorial's own values.

use crate::app::wizard::App;
use crate::domain::draft::{Draft, Field, Mode};
use crate::domain::handoff::{Credential, Handoff};
use crate::domain::intent::{Caller, Intent};
use crate::domain::inventory::Inventory;
use crate::domain::plan::{Choices, StepId, plan};
use crate::domain::policy::trust;
use crate::domain::tutorial::{self, Part, Sent, shell};
use crate::render::aws_cli;

/// What is sent in the place of the passage that the cursor stands on.
///
/// # Errors
/// Why that cannot be said yet.
pub fn sent(app: &App) -> Result<String, String> {
    let Some(passage) = super::passage(app) else {
        return Err("There is no passage here.".to_owned());
    };
    let Some(caller) = app.who.known() else {
        return Err("The account has not said yet who you are; what is sent names it.".to_owned());
    };
    let intent = intent(&app.draft, passage.way, caller)?;
    let oidc = intent.oidc();
    Ok(match passage.sent {
        Sent::Calls(steps) => calls(app, &intent, caller, steps),
        Sent::Identity => oidc.map_or_else(String::new, |oidc| {
            let (aud, sub) = (oidc.issuer.key("aud"), oidc.issuer.key("sub"));
            let (issuer, subject) = (oidc.issuer.url(), &oidc.subject);
            format!("Issuer   {issuer}\nSubject  {subject}\nKeys     {aud}\n         {sub}")
        }),
        Sent::Audience => {
            oidc.map_or_else(String::new, |oidc| format!("Audience  {}", oidc.audience))
        }
        Sent::Arns => oidc.map_or_else(String::new, |oidc| {
            format!("Provider  {}\nRole      {}", oidc.provider_arn(), oidc.role_arn())
        }),
        Sent::Trust => oidc.map_or_else(String::new, trust::text),
        Sent::Values => values(&Handoff::planned(&intent)),
    })
}

/// Whether it is made of the answers, and not of the tutorial's values.
#[must_use]
pub fn is_answered(app: &App) -> bool {
    let way = super::passage(app).map(|passage| passage.way);
    way.zip(app.who.known())
        .is_some_and(|(way, caller)| answered(&app.draft, way, caller).is_some())
}

/// The answers, where they are of this way and whole.
fn answered(draft: &Draft, way: Mode, caller: &Caller) -> Option<Intent> {
    (draft.mode == way).then(|| draft.intent(caller).ok()).flatten()
}

/// The answers, or else the tutorial's values.
fn intent(draft: &Draft, way: Mode, caller: &Caller) -> Result<Intent, String> {
    let theirs = || printed(way).intent(caller).map_err(|fault| fault.message);
    answered(draft, way, caller).map_or_else(theirs, Ok)
}

/// The tutorial's own values, as answers.
fn printed(way: Mode) -> Draft {
    let mut draft = Draft { mode: way, ..Draft::default() };
    let exports = [Part::Identity, Part::Audience].map(tutorial::printed);
    for (name, value) in exports.into_iter().flat_map(shell::exports) {
        match name {
            "OIDC_ENDPOINT" => draft.set(Field::Issuer, value),
            "OKTETO_SERVICE_ACCOUNT" => draft.set(Field::Subject, value),
            "AUDIENCE" => draft.set(Field::Audience, value),
            _ => {}
        }
    }
    // The names of its commands, and the region that its audience ends in.
    draft.set(Field::Role, "my-private-registry");
    draft.set(Field::User, "private-registry-user");
    draft.set(Field::Registry, "112233445566.dkr.ecr.us-east-2.amazonaws.com");
    draft
}

/// The calls that an account without anything would be sent.
fn calls(app: &App, intent: &Intent, caller: &Caller, steps: &[StepId]) -> String {
    let nothing = Inventory::default();
    let plan = plan(intent, &nothing, caller, &app.setup.stamp, &Choices::default());
    let of = plan.changes().filter(|step| steps.contains(&step.id));
    let commands = of.filter_map(|step| step.operation.as_ref()).map(|o| aws_cli::step(o, &plan));
    commands.collect::<Vec<_>>().join("\n")
}

/// The values in the words of Okteto's dialog.
fn values(handoff: &Handoff) -> String {
    let kind = handoff.credential.type_name();
    let rest = match &handoff.credential {
        Credential::Role { role_arn, audience } => {
            format!("Role ARN  {role_arn}\nAudience  {audience}")
        }
        Credential::User { access_key_id, secret } => {
            let id = access_key_id.as_ref().map_or("once it is made", |id| id.as_str());
            format!("Access Key         {id}\nSecret Access Key  in the Secret {secret}")
        }
    };
    format!("Type      {kind}\nHostname  {}\n{rest}", handoff.hostname)
}
