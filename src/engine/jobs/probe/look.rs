//! One look at the account with the operator's own credentials, before STS is asked: can the token get in at all?

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::window::Window;
use crate::app::task::ProbeOrder;
use crate::clock::unix_now;
use crate::domain::claims::Claims;
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::Caller;
use crate::domain::inventory::Inventory;
use crate::domain::plan::{AudienceChoice, Stamp, Standing, StepId, plan};
use crate::domain::policy::Document;
use crate::domain::trust::{Holder, Outlook, Provider, outlook};
use crate::engine::control::read;
use crate::ports::World;

/// How long the look may keep the test waiting.
pub(super) const LOOK_LIMIT: Duration = Duration::from_secs(15);
/// How long it may where the token cannot work anyhow, and only what else is wrong is looked for.
pub(super) const GLANCE_LIMIT: Duration = Duration::from_secs(3);

const REMEDY: &str = "make a plan: it shows the difference and mends it";

/// What is known of the account.
pub(super) struct Sight {
    /// What the look showed, or why it could not be had.
    pub(super) seen: Result<Seen, String>,
    /// What was changed lately, if anything was.
    pub(super) change: Option<Window>,
}

/// What the look showed.
pub(super) struct Seen {
    /// The account.
    pub(super) account: Inventory,
    /// The role's trust policy, where it can be read.
    pub(super) trust: Option<Document>,
    /// Why STS will refuse the token, whatever is waited for.
    pub(super) refusal: Option<Fault>,
    /// What the trust asks for that is not known here.
    pub(super) unsure: Option<String>,
    /// Whether the policy that lets the role pull is attached to it.
    pub(super) may_pull: bool,
}

impl Sight {
    /// Nothing is known.
    pub(super) fn none() -> Self {
        Self { seen: Err("no look was taken".to_owned()), change: None }
    }
}

/// Takes the look. That it fails is no failure of the test.
pub(super) async fn look(
    world: &World,
    order: &ProbeOrder,
    claims: &Claims,
    limit: Duration,
) -> Sight {
    let account = timeout(limit, account(world, order)).await.unwrap_or_else(|_| {
        Err(format!("the account did not answer within {} s", limit.as_secs()))
    });
    let (ledger, of) = (Arc::clone(&world.ledger), order.intent.account.clone());
    let noted = spawn_blocking(move || ledger.last_change(&of)).await.ok().flatten();
    let change = Window::of(order, noted, account.as_ref().ok(), unix_now());
    Sight { seen: account.map(|account| judged(order, account, claims)), change }
}

async fn account(world: &World, order: &ProbeOrder) -> Result<Inventory, String> {
    // Another account's IAM says nothing about this one.
    let caller = read("from STS", || world.cloud.whoami()).await.map_err(|fault| fault.message)?;
    if caller.account != order.intent.account {
        return Err(format!("the operator's login is one of account {}", caller.account));
    }
    let seen = read("from IAM", || world.cloud.survey(&order.intent)).await;
    seen.map_err(|fault| fault.message)
}

fn judged(order: &ProbeOrder, account: Inventory, claims: &Claims) -> Seen {
    let intent = &order.intent;
    let trust = account.role.as_ref().and_then(|role| Document::parse(&role.trust).ok());
    let provider = match &account.provider {
        Some(seen) => {
            Provider { arn: seen.arn.as_str().to_owned(), audiences: Some(seen.audiences.clone()) }
        }
        None => Provider { arn: intent.provider_arn().to_string(), audiences: None },
    };
    let mut faults = Vec::new();
    if account.provider.is_none() {
        let message = format!("the account has no identity provider for {}", intent.issuer);
        let fault = Fault::new(Cause::ProviderMissing, message).with("claim", "iss");
        let provider = intent.provider_arn();
        faults.push(fault.with("got", intent.issuer.url()).with("resource", provider.as_str()));
    }
    let mut unsure = None;
    match trust.as_ref().map(|trust| outlook(trust, &provider, &Holder::from(claims))) {
        Some(Outlook::Admits) => {}
        Some(Outlook::Unsure(what)) => unsure = Some(what),
        Some(Outlook::Refuses(fault)) => faults.push(*fault),
        None => unsure = Some("a trust policy that cannot be read".to_owned()),
    }
    faults.extend(other_role(order, &account));
    let refusal = Fault::chain(faults).map(|fault| match fault.remedy {
        Some(_) => fault,
        None => fault.remedy(REMEDY),
    });
    let may_pull = may_pull(order, &account);
    Seen { account, trust, refusal, unsure, may_pull }
}

/// The role is not there, or not under the ARN that is tried.
fn other_role(order: &ProbeOrder, account: &Inventory) -> Option<Fault> {
    let Some(role) = &account.role else {
        let message = format!("the account has no role {}", order.intent.role);
        return Some(Fault::new(Cause::RoleMissing, message).with("wanted", order.role.as_str()));
    };
    (role.arn != order.role).then(|| {
        let message = format!("there is no role {}, but there is {}", order.role, role.arn);
        Fault::new(Cause::RoleMissing, message)
            .with("wanted", order.role.as_str())
            .with("got", role.arn.as_str())
            .remedy("use the ARN of the role that is there")
    })
}

/// Whether a plan would leave the permissions as they are.
fn may_pull(order: &ProbeOrder, account: &Inventory) -> bool {
    let intent = &order.intent;
    let caller =
        Caller { account: intent.account.clone(), arn: String::new(), partition: intent.partition };
    let stamp = Stamp { run: String::new(), version: String::new() };
    let plan = plan(intent, account, &caller, &stamp, AudienceChoice::Add);
    let step = plan.steps.iter().find(|step| step.id == StepId::Permissions);
    step.is_some_and(|step| step.standing == Standing::Present)
}
