//! From answers to a plan, with nothing sent before the answers hold together.

use super::desk::{Bell, Desk, Left};
use super::runs::{is_undo, known, stand};
use crate::cli::KeyArgs;
use crate::domain::draft::{Draft, Field, Mode};
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::RegistryHost;
use crate::domain::intent::{Caller, Intent};
use crate::domain::inventory::Inventory;
use crate::domain::journal::{Entry, Past, Phase, Thing};
use crate::domain::key::{KeyId, KeyStatus};
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

/// Reads the account and plans: as part of the run that was interrupted, unless `is_new` says that it is one of its own.
pub(super) async fn planned<B: Bell>(
    desk: &mut Desk<B>,
    draft: &Draft,
    stamp: &Stamp,
    keys: &KeyArgs,
    is_new: bool,
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
    let goes_on = if is_new { None } else { open(desk, &intent, &caller).await? };
    let reached = goes_on.as_ref().filter(|_| keys.rotate).and_then(|past| reached(past, &seen));
    let wish = match reached {
        Some(wish) => wish,
        None => wish(keys, &seen)?,
    };
    let choices = Choices { keys: wish, ..Choices::default() };
    let Some(past) = goes_on else {
        return Ok(plan(&intent, &seen, &caller, stamp, &choices));
    };
    if let Some(fault) = lost(&past, &seen, &choices.keys) {
        return Err(fault.into());
    }
    let stamp = Stamp { run: past.header.run.clone(), ..stamp.clone() };
    let plan = plan(&intent, &seen, &caller, &stamp, &choices);
    Ok(Plan { goes_on: Some(past), ..plan })
}

/// The newest run for the same thing, if it can be gone on with and nobody is at work on it. One that sent nothing, or that
/// is taken back, left nothing that an older one would not know of; behind any other an older one is history.
async fn open<B: Bell>(
    desk: &mut Desk<B>,
    intent: &Intent,
    caller: &Caller,
) -> Result<Option<Past>, Left> {
    let known = match known(desk).await {
        Ok(known) => known,
        // Who may not read the runs may plan all the same; whoever applies is refused by the journal then.
        Err(Left::Fault(fault)) => {
            desk.out.say(&format!("warning: earlier runs could not be read: {fault}"));
            return Ok(None);
        }
        Err(left) => return Err(left),
    };
    let left = |past: &Past| past.number > 0 && past.phase != Phase::Undone;
    let mut ours = known.into_iter().rev().filter_map(|run| Some((run.past.ok()?, run.process)));
    let newest = ours.find(|(past, _)| past.header.is_for(intent, caller) && left(past));
    let idle = newest.filter(|(_, process)| process.is_none()).map(|(past, _)| past);
    Ok(idle.filter(Past::goes_on))
}

/// The run that is gone on with, and how far it got.
pub(super) fn words(past: &Past) -> String {
    let run = &past.header.run;
    if past.phase == Phase::Done {
        return format!("continuing run {run}, whose user has no access key");
    }
    let what = if is_undo(past) { ", taking it back" } else { "" };
    let how = match past.phase {
        Phase::Failed => "failed",
        Phase::Stopped => "was stopped",
        _ => "was interrupted",
    };
    let (at, stand) = (&past.last, stand(past));
    format!("continuing run {run}, which {how} at {at}{what}: {stand}")
}

/// Keys whose secret nobody has are no keys to go on with: they go first.
fn lost(past: &Past, seen: &Inventory, wish: &KeyWish) -> Option<Fault> {
    if matches!(wish, KeyWish::Delete(_) | KeyWish::Restore(_)) {
        return None;
    }
    let user = seen.user.as_ref()?;
    let lost = past.lost_keys(user, seen.placed_key());
    let key = lost.first()?;
    let made = if past.unsure_keys(user).contains(key) { "was perhaps made" } else { "was made" };
    let run = &past.header.run;
    let message = format!(
        "the access key {key} of {} {made} when run {run} stopped, and its secret was never delivered: nobody has it",
        user.name
    );
    let ids: Vec<&str> = lost.iter().map(KeyId::as_str).collect();
    Some(
        Fault::new(Cause::Conflict, message)
            .with("unknown_key", ids.join(" "))
            .with("run", run.as_str())
            .remedy(format!(
                "delete it: apply --answers … --yes --delete-key {key} --confirm {key}; then apply again. If somebody has its secret all the same: apply --new-run"
            )),
    )
}

/// The step of a rotation that the interrupted run did already, as a wish that nothing is left to be done for: the same
/// command once more is not the next step.
fn reached(past: &Past, seen: &Inventory) -> Option<KeyWish> {
    let user = seen.user.as_ref().filter(|_| past.phase.is_open())?;
    let entry = |key: &KeyId| past.entry(&Thing::Key(user.name.clone(), key.to_string()));
    match stage(user) {
        Stage::Both { new, .. } => {
            let is_made = entry(&new.id).is_some_and(Entry::is_made);
            let is_lost = past.lost_keys(user, seen.placed_key()).contains(&new.id);
            (is_made && !is_lost).then_some(KeyWish::Restore(new.id))
        }
        Stage::Watching { old, .. } => {
            let inactive = Some(KeyStatus::Inactive.word().to_owned());
            entry(&old.id)
                .is_some_and(|entry| entry.is_as_left(&inactive))
                .then_some(KeyWish::Retire(old.id))
        }
        _ => None,
    }
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
