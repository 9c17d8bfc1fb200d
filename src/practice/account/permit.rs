//! May the caller do it? By its policies, with AWS's wording of the denial.
//!
//! Logic: IAM user guide, `reference_policies_evaluation-logic`. Wording: "Troubleshoot access denied error messages".

use jiff::Timestamp;

use super::refusal::Refusal;
use super::state::{Identity, Papers, fold};
use super::{Account, Ask, Need, Principal, Service};
use crate::domain::evaluate::{Asker, Context, Effect, Judgement, Named, Outcome, Policy, Request};
use crate::domain::policy::Document;

/// Every need must be allowed.
///
/// # Errors
/// `AccessDenied` (ECR: `AccessDeniedException`) with AWS's sentence.
pub(super) fn demand(account: &Account, ask: &Ask, needs: &[Need]) -> Result<(), Refusal> {
    if needs.is_empty() {
        return Ok(());
    }
    let Some(caller) = &ask.caller else {
        let message = "Request is missing Authentication Token";
        return Err(Refusal::new("MissingAuthenticationToken", message));
    };
    let code = match ask.service {
        Service::Iam | Service::Sts => "AccessDenied",
        Service::Ecr => "AccessDeniedException",
    };
    needs.iter().try_for_each(|need| {
        decide(account, caller, ask.now, &ask.region, need)
            .map_err(|sentence| Refusal::new(code, sentence))
    })
}

/// Whether a principal may have what it needs, in the account's own region.
///
/// # Errors
/// AWS's sentence.
pub(super) fn allows(
    account: &Account,
    principal: &Principal,
    now: Timestamp,
    need: &Need,
) -> Result<(), String> {
    decide(account, principal, now, &account.state.region, need)
}

fn decide(
    account: &Account,
    principal: &Principal,
    now: Timestamp,
    region: &str,
    need: &Need,
) -> Result<(), String> {
    let papers = account.state.papers(principal, now).unwrap_or_else(|| gone(account, principal));
    let context = context(account, principal, &papers, now, region, need);
    let asker = match principal {
        Principal::User(_) => Asker::User(papers.arn.clone()),
        Principal::Session { .. } => {
            Asker::Session { role: papers.identity_arn.clone(), session: papers.arn.clone() }
        }
    };
    let request = Request {
        asker: &asker,
        action: &need.action,
        resource: &need.resource,
        context: &context,
    };
    verdict(&papers, need.resource_policy.as_deref(), &request).map_err(|why| {
        format!(
            "User: {} is not authorized to perform: {} on resource: {} {why}",
            papers.arn, need.action, need.resource
        )
    })
}

/// IAM's logic within one account: a denial anywhere wins; the identity's own policies or the resource's must allow it;
/// so must boundary and session policy where there are any.
///
/// That a resource policy which names the user, or the session, passes by boundary and session policy (same page) is left
/// out: the strict reading.
fn verdict(papers: &Papers, resource: Option<&str>, request: &Request<'_>) -> Result<(), String> {
    let judge = |text: &str| {
        let policy = Policy::read(&Document::parse(text).ok()?).ok()?;
        Some(policy.judge(request))
    };
    let identity: Vec<_> = papers.identity.iter().map(|text| judge(text)).collect();
    let resource = resource.map(judge);
    let boundary = papers.boundary.as_deref().map(judge);
    let session = papers.session.as_deref().map(judge);
    // What cannot be read could have denied it.
    let denies = |j: &Option<Judgement>| j.as_ref().is_none_or(|j| j.outcome == Outcome::Denied);
    // A boundary or session policy that cannot be read, or has no statement, allows nothing, which is enough.
    let readably = |j: &Option<Judgement>| j.is_some() && denies(j);
    for (denied, kind) in [
        (identity.iter().any(denies), "an identity-based policy"),
        (resource.as_ref().is_some_and(denies), "a resource-based policy"),
        (boundary.as_ref().is_some_and(readably), "a permissions boundary"),
        (session.as_ref().is_some_and(readably), "a session policy"),
    ] {
        if denied {
            return Err(format!("with an explicit deny in {kind}"));
        }
    }
    let allows = |j: &Option<Judgement>| j.as_ref().is_some_and(|j| j.outcome == Outcome::Allowed);
    let granted = identity.iter().any(allows) || resource.flatten().as_ref().is_some_and(grants);
    for (allowed, kind) in [
        (granted, "identity-based policy"),
        (boundary.as_ref().is_none_or(allows), "permissions boundary"),
        (session.as_ref().is_none_or(allows), "session policy"),
    ] {
        if !allowed {
            return Err(format!("because no {kind} allows the {} action", request.action));
        }
    }
    Ok(())
}

/// Whether a resource's policy allows by itself. One that names only the account leaves it to the account's policies whom
/// it lets (`reference_policies_elements_principal`, "AWS account principals").
fn grants(judgement: &Judgement) -> bool {
    judgement.statements.iter().any(|statement| {
        statement.effect == Effect::Allow
            && statement.is_match()
            && statement.principal != Some(Named::Account)
    })
}

/// The papers of somebody who is no more: a name, and nothing that allows anything.
fn gone(account: &Account, principal: &Principal) -> Papers {
    let state = &account.state;
    let (arn, identity_arn) = match principal {
        Principal::User(name) => (state.arn("user", "/", name), state.arn("user", "/", name)),
        Principal::Session { role, session, .. } => (
            format!(
                "arn:{}:sts::{}:assumed-role/{role}/{session}",
                state.partition(),
                state.account
            ),
            state.arn("role", "/", role),
        ),
    };
    Papers { arn, identity_arn, ..Papers::default() }
}

/// The global condition keys (`reference_policies_condition-keys`) and those of the need.
fn context(
    account: &Account,
    principal: &Principal,
    papers: &Papers,
    now: Timestamp,
    region: &str,
    need: &Need,
) -> Context {
    let identity = identity(account, principal);
    let id = identity.map(|identity| identity.id.as_str());
    let seconds = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let mut context = Context::default()
        .with("aws:PrincipalArn", [&papers.identity_arn])
        .with("aws:PrincipalAccount", [&account.state.account])
        .with("aws:CurrentTime", [seconds.to_string()])
        .with("aws:EpochTime", [now.as_second().to_string()])
        .with("aws:RequestedRegion", [region])
        .with("aws:SourceIp", ["127.0.0.1"])
        // Loopback stands for AWS's own endpoints, which are met over TLS only.
        .with("aws:SecureTransport", ["true"])
        .with("aws:PrincipalIsAWSService", ["false"])
        .with("aws:ViaAWSService", ["false"]);
    match principal {
        Principal::User(_) => {
            context.set("aws:PrincipalType", ["User"]);
            context.set("aws:username", papers.arn.rsplit('/').next());
            context.set("aws:userid", id);
        }
        Principal::Session { session, .. } => {
            context.set("aws:PrincipalType", ["AssumedRole"]);
            context.set("aws:userid", id.map(|id| format!("{id}:{session}")));
        }
    }
    for (key, value) in identity.into_iter().flat_map(|identity| &identity.tags) {
        context.set(&format!("aws:PrincipalTag/{key}"), [value]);
    }
    for (key, values) in &need.context {
        context.set(key, values.iter());
    }
    context
}

fn identity<'a>(account: &'a Account, principal: &Principal) -> Option<&'a Identity> {
    let state = &account.state;
    match principal {
        Principal::User(name) => state.users.get(&fold(name)).map(|user| &user.identity),
        Principal::Session { role, role_id, .. } => state
            .roles
            .get(&fold(role))
            .map(|role| &role.identity)
            .filter(|identity| identity.id == *role_id),
    }
}
