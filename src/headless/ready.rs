//! From answers to a plan, with nothing sent before the answers hold together.

use super::desk::{Bell, Desk, Left};
use crate::domain::draft::{Draft, Field, Mode};
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::RegistryHost;
use crate::domain::intent::{Caller, Intent};
use crate::domain::partition::{AccountId, Partition};
use crate::domain::plan::{AudienceChoice, Plan, Stamp, plan};

/// The intent as far as the answers alone make it: the caller is taken to be whom they name.
pub(super) struct Checked {
    /// The intent, for somebody of the account that the answers name, or else the registry's host.
    pub(super) intent: Intent,
    /// Whether either does.
    pub(super) names_account: bool,
}

/// Checks the answers by themselves. Sends nothing.
pub(super) fn check(draft: &Draft) -> Result<Checked, Left> {
    if draft.mode == Mode::IamUser {
        let message = "mode: \"iam-user\" is not there yet in this version; for example \"oidc\"";
        return Err(Left::Use(Fault::new(Cause::BadAnswers, message).with("key", "mode")));
    }
    let host = RegistryHost::parse(draft.text(Field::Registry)).ok();
    let partition = draft.region().map_or(Partition::Aws, |region| Partition::of_region(&region));
    let names_account = draft.account.is_some() || host.is_some();
    let account = match (&draft.account, host) {
        (Some(account), _) => AccountId::parse(account),
        (None, Some(host)) => Ok(host.account),
        // Any number serves to check the rest by.
        (None, None) => AccountId::parse("000000000000"),
    };
    let account = account.map_err(|problem| {
        let fault = Fault::new(Cause::BadAnswers, format!("account: {problem}"));
        Left::Use(fault.with("key", "account"))
    })?;
    let caller = Caller { account, arn: String::new(), partition };
    let intent = draft.intent(&caller).map_err(Left::Use)?;
    Ok(Checked { intent, names_account })
}

/// Reads the account and plans.
pub(super) async fn planned<B: Bell>(
    desk: &mut Desk<B>,
    draft: &Draft,
    stamp: &Stamp,
) -> Result<Plan, Left> {
    check(draft)?;
    let caller = desk.whoami().await??;
    if caller.is_root() {
        desk.out.say("warning: the login is the account's root; a role or user is safer");
    }
    let intent = draft.intent(&caller)?;
    let seen = desk.survey(&intent).await?;
    Ok(plan(&intent, &seen, &caller, stamp, AudienceChoice::default()))
}
