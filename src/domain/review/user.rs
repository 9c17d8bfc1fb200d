//! A user judged: its keys, its password, its groups; and what is wrong with the account itself.

#[cfg(test)]
mod tests;

use super::account::{Shelf, Summary, UserEntry};
use super::found::{self, Found, On};
use super::permission::{self, DAY, day};
use super::rights::{self, Papers};
use super::{UserReview, rules};
use crate::domain::finding::Severity;
use crate::domain::intent::Caller;
use crate::domain::inventory;
use crate::domain::key::{KeyStatus, LastUse, MOST_KEYS, SeenKey};
use crate::domain::operation::Operation;

/// OIDC providers that an account can have, fixed (IAM quotas).
const PROVIDERS: i64 = 100;

/// A user that may do something in ECR, at the time `now`, seconds since 1970; `None` where it can do nothing there.
///
/// What is wrong only with a robot is looked for only in one: a user that this program made, or whose rights are all of
/// ECR. An administrator may pull too, and has a password for good reason.
#[must_use]
pub fn judge(entry: UserEntry, shelf: &Shelf, caller: &Caller, now: i64) -> Option<UserReview> {
    let papers = Papers::from(&entry);
    let rights = rights::judge(&papers, shelf);
    if rights.grants.is_empty() {
        return None;
    }
    let on = On::User(entry.name.clone());
    let is_robot = inventory::is_ours(&entry.tags)
        || (rights.unread.is_empty()
            && rights.beyond.iter().all(|service| service == "ecr-public"));
    let mut found = Vec::new();
    if let Some(fault) = &entry.unread {
        let message = "not all of the user could be read; what is there was judged";
        let finding = rules::USER_UNREAD.at("user", message);
        found.push(Found::new(on.clone(), finding).shown_by([found::why(fault)]));
    }
    found.extend(keys(&on, &entry, now));
    if is_robot {
        found.extend(permission::look(&on, &papers, &rights, shelf, caller));
        found.extend(robot(&on, &entry));
    }
    found::sort(&mut found);
    Some(UserReview { entry, rights, found })
}

/// The keys of any user.
fn keys(on: &On, entry: &UserEntry, now: i64) -> Vec<Found> {
    let active: Vec<&SeenKey> = entry.keys.iter().flatten().filter(|key| key.is_active()).collect();
    let mut found = Vec::new();
    if active.len() >= MOST_KEYS {
        let never: Vec<String> = active
            .iter()
            .filter(|key| key.last_use == LastUse::Never)
            .map(|key| key.id.to_string())
            .collect();
        let words = if never.is_empty() {
            "finish the rotation: switch off the older key, then delete it".to_owned()
        } else {
            format!("if no rotation is going on, delete {}, which was never used", never.join(", "))
        };
        let finding = rules::TWO_KEYS
            .at(
                "keys",
                "two access keys are active, which is right only while one is being rotated",
            )
            .mended(words, None);
        found.push(Found::new(on.clone(), finding).shown_by(active.iter().map(|k| told(k))));
    }
    for key in active {
        let is_older = |at: Option<i64>| at.is_some_and(|at| now.saturating_sub(at) > 90 * DAY);
        let unused = unused(key, now);
        if let Some(made) = key.created_at.filter(|at| is_older(Some(*at))) {
            let message =
                format!("the key {} was made {}, more than 90 days ago", key.id, day(made));
            let words =
                if unused.is_some() { "switch it off, nobody uses it" } else { "rotate it" };
            let finding = rules::KEY_OLD.at("keys", message).mended(words, None);
            let rotates = unused.is_none().then(|| entry.name.clone());
            let found_key = Found::new(on.clone(), finding).shown_by([told(key)]);
            found.push(Found { rotates, ..found_key });
        }
        if let Some(message) = unused {
            let call = Operation::SetKeyStatus {
                user: entry.name.clone(),
                key: key.id.clone(),
                status: KeyStatus::Inactive,
            };
            found.push(
                Found::new(on.clone(), rules::KEY_UNUSED.at("keys", message))
                    .shown_by([told(key)])
                    .mended_by(
                        format!("switch the key {} off, later delete it", key.id),
                        vec![call],
                    ),
            );
        }
    }
    found
}

/// That a key was not used for 45 days, if so (CIS: 45 days or more). One made since then has had no time to be.
fn unused(key: &SeenKey, now: i64) -> Option<String> {
    let is_long = |at: i64| now.saturating_sub(at) >= 45 * DAY;
    match (&key.last_use, key.created_at) {
        (LastUse::At(at, _), _) if is_long(*at) => {
            Some(format!("the key {} was last used {}, 45 days ago or more", key.id, day(*at)))
        }
        (LastUse::Never, Some(at)) if is_long(at) => {
            Some(format!("the key {} was made {} and never used", key.id, day(at)))
        }
        _ => None,
    }
}

/// A key by its dates.
fn told(key: &SeenKey) -> String {
    let made = key.created_at.map_or_else(|| "at a time not known".to_owned(), day);
    let used = match &key.last_use {
        LastUse::Unknown => "last use not known".to_owned(),
        LastUse::Never => "never used".to_owned(),
        LastUse::At(at, service) => format!("last used {} by {service}", day(*at)),
    };
    format!("{} {}, made {made}, {used}", key.id, key.status.word().to_lowercase())
}

/// What a user that only pulls should not have.
fn robot(on: &On, entry: &UserEntry) -> Vec<Found> {
    let mut found = Vec::new();
    if entry.keys.iter().flatten().any(SeenKey::is_active) {
        let finding = rules::LONG_LIVED
            .at("keys", "it has a key that does not end by itself")
            .mended("use a role by OIDC, if the cluster has an issuer", None);
        found.push(Found::new(on.clone(), finding));
    }
    let attached = entry.attached.iter().map(|arn| arn.name().to_owned());
    let mut direct: Vec<String> =
        attached.chain(entry.inline.keys().map(|name| format!("inline {name}"))).collect();
    if !direct.is_empty() {
        direct.sort();
        let finding = rules::DIRECT_POLICY
            .at("policies", "its policies are attached straight to it, as the tutorial does it")
            .mended("use a role by OIDC, which needs no user", None);
        found.push(Found::new(on.clone(), finding).shown_by(direct));
    }
    if entry.has_password == Some(true) {
        let finding = rules::PASSWORD
            .at("user", "it has a password for the console, which no pull needs")
            .mended("delete its login profile", None);
        found.push(Found::new(on.clone(), finding));
    }
    if !entry.groups.is_empty() {
        let finding = rules::IN_GROUPS
            .at("groups", "it is in groups, and has whatever they are given")
            .mended("give it one policy of its own, or a role in its place", None);
        let mut groups = entry.groups.clone();
        groups.sort();
        found.push(Found::new(on.clone(), finding).shown_by(groups));
    }
    found
}

/// What is wrong with the account itself, by its summary and the number of its OIDC providers.
#[must_use]
pub fn account(summary: &Summary, providers: usize) -> Vec<Found> {
    let has_key = summary.get("AccountAccessKeysPresent").is_some_and(|count| count > 0);
    let mut found = Vec::new();
    let mut add = |told| found.push(told);
    let plain = |finding| Found::new(On::Account, finding);
    if has_key {
        let finding = rules::ROOT_KEY.at("root", "the root user has an access key");
        add(plain(finding.mended("sign in as root and delete it", None)));
    }
    // A root user without a password cannot sign in: AWS Organizations can take it away.
    let has_password = summary.get("AccountPasswordPresent") != Some(0);
    if summary.get("AccountMFAEnabled") == Some(0) && (has_password || has_key) {
        let finding = rules::ROOT_MFA.at("root", "the root user has no MFA");
        add(plain(finding.mended("sign in as root and set it up", None)));
    }
    let providers = i64::try_from(providers).unwrap_or(i64::MAX);
    let counted = |name: &str, quota: &str| Some((summary.get(name)?, summary.get(quota)?));
    let quotas = [
        ("OIDC providers", Some((providers, PROVIDERS)), 80, Severity::Medium),
        ("roles", counted("Roles", "RolesQuota"), 90, Severity::Low),
        ("users", counted("Users", "UsersQuota"), 90, Severity::Low),
    ];
    for (what, counted, percent, severity) in quotas {
        let Some((count, quota)) = counted.filter(|(_, quota)| *quota > 0) else { continue };
        if count.saturating_mul(100) <= quota.saturating_mul(percent) {
            continue;
        }
        let (message, severity) = if count >= quota {
            (format!("the account has as many {what} as it can have"), Severity::Medium)
        } else {
            let message =
                format!("the account has more than {percent} % of the {what} that it can have");
            (message, severity)
        };
        let finding = rules::QUOTA_NEAR
            .at("quotas", message)
            .graded(severity)
            .mended(format!("remove {what} that nobody needs"), None);
        add(Found::new(On::Account, finding).shown_by([format!("{count} of {quota} {what}")]));
    }
    if summary.get("GlobalEndpointTokenVersion") == Some(1) {
        add(plain(rules::GLOBAL_TOKENS.at(
            "settings",
            "tokens of the global STS endpoint are of version 1, which opt-in regions do not take",
        )));
    }
    found
}
