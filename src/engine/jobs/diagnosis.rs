//! Why a swap was refused: one look at the account with the operator's own login, held against what was meant.

use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::Intent;
use crate::domain::plan::{AudienceChoice, Difference, Planned, Stamp, StepId, plan};
use crate::engine::control::within;
use crate::engine::jobs::look::LOOK;
use crate::ports::World;

/// What a look at the account says of a refusal.
pub enum Look {
    /// Something is missing or different: the refusal will stay.
    Wrong(Fault),
    /// All is as it should be: a change has not spread yet, or something outside the account's IAM refuses.
    AsMeant,
    /// The account could not be read, and why.
    Blind(Fault),
}

/// Looks once. `refusal` is what STS or the registry said; its evidence stays with the diagnosis.
pub async fn look(world: &World, intent: &Intent, refusal: &Fault) -> Look {
    let survey = async {
        let caller = world.cloud.whoami().await?;
        if caller.account != intent.account {
            return Err(Fault::new(
                Cause::WrongAccount,
                format!("the operator's login is one of account {}", caller.account),
            ));
        }
        let seen = world.cloud.survey(intent).await?;
        let stamp = Stamp { run: String::new(), version: String::new() };
        Ok(plan(intent, &seen, &caller, &stamp, AudienceChoice::Add))
    };
    match within(LOOK, "what AWS has now", survey).await {
        Err(fault) => Look::Blind(fault),
        Ok(plan) => plan
            .steps
            .iter()
            .filter(|s| s.operation.is_some())
            .find_map(|step| named(intent, step, refusal))
            .map_or(Look::AsMeant, Look::Wrong),
    }
}

/// The fault behind a step that a sound account would not need.
fn named(intent: &Intent, step: &Planned, refusal: &Fault) -> Option<Fault> {
    let (issuer, role) = (&intent.issuer, &intent.role);
    let account = &intent.account;
    let (cause, message) = match step.id {
        StepId::Provider => (
            Cause::ProviderMissing,
            format!("account {account} has no identity provider for {issuer}"),
        ),
        StepId::Audience => (
            Cause::AudienceNotRegistered,
            format!("the identity provider does not list the audience {}", intent.audience),
        ),
        StepId::Role => (Cause::RoleMissing, format!("account {account} has no role {role}")),
        StepId::Trust => return Some(trust(intent, step, refusal)),
        StepId::Permissions => (
            match refusal.cause {
                Cause::LoginPermissionMissing => Cause::LoginPermissionMissing,
                Cause::PullPermissionMissing => Cause::PullPermissionMissing,
                _ => return None,
            },
            format!("role {role} lacks its permissions: {}", step.summary),
        ),
        StepId::Boundary | StepId::Settings | StepId::Tags => return None,
    };
    Some(with_refusal(Fault::new(cause, message), refusal).remedy(format!(
        "apply the plan again: it will do {}",
        step.operation.as_ref().map_or("what is missing", |o| o.call())
    )))
}

/// Which part of a trust policy keeps the token out.
fn trust(intent: &Intent, step: &Planned, refusal: &Fault) -> Fault {
    let key = |claim: &str| intent.issuer.key(claim);
    let at = |needle: &str| step.diff.iter().find(|d| d.at.contains(needle));
    let role = &intent.role;
    let (cause, words, difference) = if let Some(d) = at("Principal") {
        (Cause::TrustPrincipalMismatch, "trusts another principal", Some(d))
    } else if let Some(d) = at("Action") {
        (Cause::TrustActionMismatch, "allows another action", Some(d))
    } else if let Some(d) = step.diff.iter().find(|d| is_stray_key(d, &key("aud"), &key("sub"))) {
        (Cause::ConditionKeyMismatch, "asks for a condition key that the token never has", Some(d))
    } else if let Some(d) = at(&key("aud")) {
        (Cause::AudienceMismatch, "asks for another audience", Some(d))
    } else if let Some(d) = at(&key("sub")) {
        (Cause::SubjectMismatch, "asks for another subject", Some(d))
    } else {
        (Cause::Unexplained, "differs from what was meant", step.diff.first())
    };
    let mut fault = with_refusal(
        Fault::new(cause, format!("the trust policy of role {role} {words}")),
        refusal,
    );
    if let Some(d) = difference {
        fault = fault.with("at", d.at.clone());
        let (wanted, got) = (d.then.as_deref(), d.now.as_deref());
        fault =
            fault.with("wanted", wanted.unwrap_or("nothing")).with("got", got.unwrap_or("nothing"));
    }
    fault.remedy(
        "plan again: the difference is shown, and the trust can be corrected by the role's name",
    )
}

/// A condition that stands there now under a key that is not one of ours, where ours is missing.
fn is_stray_key(difference: &Difference, aud: &str, sub: &str) -> bool {
    difference.at.starts_with("Condition")
        && difference.now.is_some()
        && !difference.at.ends_with(aud)
        && !difference.at.ends_with(sub)
        || difference.at.contains("://")
}

fn with_refusal(mut fault: Fault, refusal: &Fault) -> Fault {
    for key in ["code", "status", "aws_said", "registry_said", "action", "resource"] {
        if let Some(value) = refusal.evidence.get(key) {
            fault = fault.with(key, value.clone());
        }
    }
    fault.request(refusal.request_id.clone())
}
