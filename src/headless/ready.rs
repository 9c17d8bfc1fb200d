//! From answers to a plan, with nothing sent before the answers hold together.

use super::desk::{Bell, Desk, Left};
use crate::cli::KeyArgs;
use crate::domain::draft::{Draft, Field, Mode};
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::RegistryHost;
use crate::domain::intent::{Caller, Intent};
use crate::domain::inventory::Inventory;
use crate::domain::partition::{AccountId, Partition};
use crate::domain::plan::{Choices, Plan, Stamp, plan};
use crate::domain::rotation::{KeyWish, Stage, stage};

/// The intent as far as the answers alone make it: the caller is taken to be whom they name.
pub(super) struct Checked {
    /// The intent, for somebody of the account that the answers name, or else the registry's host.
    pub(super) intent: Intent,
    /// Whether either does.
    pub(super) names_account: bool,
}

/// Checks the answers by themselves. Sends nothing.
pub(super) fn check(draft: &Draft) -> Result<Checked, Left> {
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
    keys: &KeyArgs,
) -> Result<Plan, Left> {
    check(draft)?;
    if draft.mode == Mode::Oidc
        && (keys.rotate || keys.delete_key.is_some() || keys.restore_key.is_some())
    {
        let message = "a role has no access keys: --rotate, --delete-key and --restore-key are for mode = \"iam-user\"";
        return Err(Left::Use(Fault::new(Cause::BadAnswers, message).with("key", "mode")));
    }
    let caller = desk.whoami().await??;
    if caller.is_root() {
        desk.out.say("warning: the login is the account's root; a role or user is safer");
    }
    let intent = draft.intent(&caller)?;
    let seen = desk.survey(&intent).await?;
    let choices = Choices { keys: wish(keys, &seen)?, ..Choices::default() };
    Ok(plan(&intent, &seen, &caller, stamp, &choices))
}

/// What is to become of the keys that are there.
fn wish(keys: &KeyArgs, seen: &Inventory) -> Result<KeyWish, Fault> {
    if let Some(key) = &keys.delete_key {
        return Ok(KeyWish::Delete(key.clone()));
    }
    if let Some(key) = &keys.restore_key {
        return Ok(KeyWish::Restore(key.clone()));
    }
    if !keys.rotate {
        return Ok(KeyWish::Have);
    }
    // Without a user the plan itself says that there is no key.
    let Some(user) = &seen.user else { return Ok(KeyWish::Another) };
    let stage = stage(user);
    // A command that is run once more by mistake must not delete what it made inactive a moment ago.
    let next = stage.next().filter(|next| !matches!(next, KeyWish::Delete(_)));
    next.ok_or_else(|| {
        let fault = match &stage {
            Stage::Watching { old, new } => Fault::new(
                Cause::Conflict,
                format!("the old key is inactive: {}; the new one: {}", old.words(seen.read_at), new.words(seen.read_at)),
            )
            .remedy(format!(
                "once nothing uses it any more: --delete-key {id} --confirm {id}; if something does: --restore-key {id} --confirm {id}",
                id = old.id
            )),
            Stage::NoKey => Fault::new(Cause::Conflict, "the user has no access key to rotate")
                .remedy("apply without --rotate: it makes the first one"),
            _ => Fault::new(
                Cause::Conflict,
                "the user has two access keys and none of them is active",
            )
            .remedy("make one active with --restore-key, or delete one with --delete-key"),
        };
        fault.with("user", user.name.as_str())
    })
}
