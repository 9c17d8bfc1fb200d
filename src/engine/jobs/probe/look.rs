//! One look at the account with the operator's own credentials, before STS is asked: can the token get in at all?

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::window::Window;
use crate::app::task::{KeyBearer, ProbeOrder, RoleBearer};
use crate::clock::unix_now;
use crate::domain::claims::Claims;
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::{Caller, Intent};
use crate::domain::inventory::Inventory;
use crate::domain::key::KeyId;
use crate::domain::plan::{Choices, Stamp, Standing, StepId, plan};
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
    bearer: &RoleBearer,
    claims: &Claims,
    limit: Duration,
) -> Sight {
    let intent = Intent::Oidc(bearer.intent.clone());
    let (account, noted) = account(world, &intent, limit).await;
    let change = Window::of(order, noted, account.as_ref().ok(), None, unix_now());
    Sight { seen: account.map(|account| judged(bearer, account, claims)), change }
}

/// Takes the look at a user, of whose keys the one with this id is tried.
pub(super) async fn look_at_user(
    world: &World,
    order: &ProbeOrder,
    bearer: &KeyBearer,
    key: Option<&KeyId>,
) -> Sight {
    let intent = Intent::IamUser(bearer.intent.clone());
    let (account, noted) = account(world, &intent, LOOK_LIMIT).await;
    let keys = account.as_ref().ok().and_then(|account| account.user.as_ref());
    let made = keys.and_then(|user| user.keys.iter().find(|seen| Some(&seen.id) == key));
    let made = made.and_then(|key| key.created_at);
    let change = Window::of(order, noted, account.as_ref().ok(), made, unix_now());
    let seen = account.map(|account| {
        let may_pull = may_pull(&intent, &account);
        Seen { account, trust: None, refusal: None, unsure: None, may_pull }
    });
    Sight { seen, change }
}

/// The account, within a limit, and when this program last changed something of it.
async fn account(
    world: &World,
    intent: &Intent,
    limit: Duration,
) -> (Result<Inventory, String>, Option<i64>) {
    let account = timeout(limit, read_account(world, intent)).await.unwrap_or_else(|_| {
        Err(format!("the account did not answer within {} s", limit.as_secs()))
    });
    let (ledger, of) = (Arc::clone(&world.ledger), intent.account().clone());
    (account, spawn_blocking(move || ledger.last_change(&of)).await.ok().flatten())
}

async fn read_account(world: &World, intent: &Intent) -> Result<Inventory, String> {
    // Another account's IAM says nothing about this one.
    let caller = read("from STS", || world.cloud.whoami()).await.map_err(|fault| fault.message)?;
    if caller.account != *intent.account() {
        return Err(format!("the operator's login is one of account {}", caller.account));
    }
    let seen = read("from IAM", || world.cloud.survey(intent)).await;
    seen.map_err(|fault| fault.message)
}

fn judged(bearer: &RoleBearer, account: Inventory, claims: &Claims) -> Seen {
    let intent = &bearer.intent;
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
    faults.extend(other_role(bearer, &account));
    let refusal = Fault::chain(faults).map(|fault| match fault.remedy {
        Some(_) => fault,
        None => fault.remedy(REMEDY),
    });
    let may_pull = may_pull(&Intent::Oidc(intent.clone()), &account);
    Seen { account, trust, refusal, unsure, may_pull }
}

/// The role is not there, or not under the ARN that is tried.
fn other_role(bearer: &RoleBearer, account: &Inventory) -> Option<Fault> {
    let Some(role) = &account.role else {
        let message = format!("the account has no role {}", bearer.intent.role);
        return Some(Fault::new(Cause::RoleMissing, message).with("wanted", bearer.role.as_str()));
    };
    (role.arn != bearer.role).then(|| {
        let message = format!("there is no role {}, but there is {}", bearer.role, role.arn);
        Fault::new(Cause::RoleMissing, message)
            .with("wanted", bearer.role.as_str())
            .with("got", role.arn.as_str())
            .remedy("use the ARN of the role that is there")
    })
}

/// Whether a plan would leave the permissions as they are.
fn may_pull(intent: &Intent, account: &Inventory) -> bool {
    let (of, partition) = (intent.account().clone(), intent.partition());
    let caller = Caller { account: of, arn: String::new(), partition };
    let stamp = Stamp { run: String::new(), version: String::new() };
    let plan = plan(intent, account, &caller, &stamp, &Choices::default());
    let step = plan.steps.iter().find(|step| step.id == StepId::Permissions);
    step.is_some_and(|step| step.standing == Standing::Present)
}
