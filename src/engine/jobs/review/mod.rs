//! Reads the account and judges it: page by page, each judged while the next is on its way.
//!
//! | part | does |
//! | --- | --- |
//! | `pages` | `GetAccountAuthorizationDetails`; where that is denied, the lists, and single calls for what matters |
//! | `papers` | what the pages lack: texts of managed policies, keys of users, policies of repositories |
//!
//! Whatever cannot be read is a gap of the review and stops nothing; only a login that fails, and an account of which
//! nothing can be read, are faults.

mod pages;
mod papers;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;

use self::pages::Pages;
use super::on_disk;
use crate::app::task::{News, Reviewed};
use crate::clock;
use crate::domain::arn::ProviderArn;
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::Caller;
use crate::domain::inventory::SeenProvider;
use crate::domain::review::account::{Shelf, UserEntry};
use crate::domain::review::rights::{self, Papers};
use crate::domain::review::role::RoleReview;
use crate::domain::review::triage::Triage;
use crate::domain::review::{
    Counts, Gap, Part, ProviderReview, Review, UserReview, found, listed, permission, user, whole,
};
use crate::engine::control::{Control, read};
use crate::ports::{Answer, World};

/// Single calls of one kind at once: IAM throttles by the account, for everybody in it.
const AT_ONCE: usize = 3;
/// A page that AWS was too busy for is asked for again after these times, beside what the SDK does by itself.
const BUSY: [Duration; 4] = [
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(40),
];

/// Reviews the account, and makes the rows that are shown of it.
pub(super) async fn shown(
    world: &World,
    control: &Control,
    accepted: PathBuf,
) -> Result<Reviewed, Fault> {
    let review = review(world, control, accepted).await?;
    on_cpu(move || review.into()).await
}

/// Reviews the account.
async fn review(world: &World, control: &Control, accepted: PathBuf) -> Result<Review, Fault> {
    let caller = read("from STS", || world.cloud.whoami()).await?;
    let mut look = Look { world, control, stage: "", counts: Counts::default(), gaps: Vec::new() };
    let summary = look.summary().await;
    let providers = look.providers().await;
    let audiences = Arc::new(listed(providers.iter().map(|(arn, seen)| (arn, seen))));
    let Pages { mut roles, users, mut shelf } = look.pages(&audiences).await?;
    look.sessions(&mut roles, &audiences).await?;
    look.papers(&roles, &users, &mut shelf).await;
    let shelf = Arc::new(shelf);
    let users = look.logins(users, &shelf).await?;
    let read_at = clock::unix_now();
    let roles = judged(roles, &shelf, &caller, read_at).await?;
    let repositories = look.repositories(&roles, &caller).await;
    let users = judged_users(users, &shelf, &caller, read_at).await?;
    // Last, so that what was accepted meanwhile counts.
    let triage = look.triage(&caller, accepted).await;
    let Look { counts, mut gaps, .. } = look;
    gaps.sort_by(|a, b| a.what.cmp(&b.what));
    let mut review = Review {
        read_at,
        roles,
        users,
        account: summary.as_ref().map_or_else(Vec::new, |s| user::account(s, providers.len())),
        providers: providers.into_iter().map(unjudged).map(Arc::new).collect(),
        repositories,
        counts,
        gaps,
        triage,
        caller,
    };
    on_cpu(move || {
        whole::look(&mut review, summary.as_ref());
        review
    })
    .await
}

/// What is being read, and what could not be.
struct Look<'a> {
    world: &'a World,
    control: &'a Control,
    /// What is being read now.
    stage: &'static str,
    counts: Counts,
    gaps: Vec<Gap>,
}

impl Look<'_> {
    fn stage(&mut self, what: &'static str) {
        self.stage = what;
        self.control.news(News::Stage(what, self.counts));
    }

    /// What was read; what could not be is noted.
    fn or_gap<T>(
        &mut self,
        part: Part,
        what: impl Into<String>,
        read: Result<T, Fault>,
    ) -> Option<T> {
        match read {
            Ok(read) => Some(read),
            Err(fault) => {
                self.gaps.push(Gap { part, what: what.into(), fault });
                None
            }
        }
    }

    /// A read that waits while AWS is busy.
    fn patiently<'b, T: Send, A: Fn() -> Answer<'b, T> + Send + Sync>(
        &self,
        ask: A,
    ) -> impl Future<Output = Result<T, Fault>> + use<'b, T, A> {
        patiently(self.control.clone(), self.stage, self.counts, ask)
    }

    /// What was accepted, and what the last review found.
    async fn triage(&mut self, caller: &Caller, file: PathBuf) -> Result<Triage, Fault> {
        let archive = Arc::clone(&self.world.archive);
        let (account, place) = (caller.account.clone(), file.clone());
        let known = on_disk({
            let archive = Arc::clone(&archive);
            move || archive.last_review(&account)
        });
        let known = known.await;
        let known = self.or_gap(Part::Rest, "what the last review found", known).flatten();
        let accepted = on_disk(move || archive.read_accepted(&place)).await?;
        Ok(Triage { file, accepted, known, today: clock::today() })
    }

    async fn providers(&mut self) -> Vec<(ProviderArn, Result<SeenProvider, Fault>)> {
        self.stage("identity providers");
        let roster = Arc::clone(&self.world.roster);
        let read = self.patiently(|| roster.providers()).await;
        self.or_gap(Part::Providers, "the account's identity providers", read).unwrap_or_default()
    }
}

fn unjudged((arn, seen): (ProviderArn, Result<SeenProvider, Fault>)) -> ProviderReview {
    ProviderReview { arn, seen, trusted_by: Vec::new(), found: Vec::new() }
}

/// The roles with what they may do, and what is wrong with that.
async fn judged(
    roles: Vec<Arc<RoleReview>>,
    shelf: &Arc<Shelf>,
    caller: &Caller,
    now: i64,
) -> Result<Vec<Arc<RoleReview>>, Fault> {
    let (shelf, caller) = (Arc::clone(shelf), caller.clone());
    on_cpu(move || {
        let complete = |role: Arc<RoleReview>| {
            let mut role = Arc::unwrap_or_clone(role);
            let papers = Papers::of(&role);
            let rights = rights::judge(&papers, &shelf);
            let on = found::On::Role(role.entry.name.clone());
            role.found.extend(permission::look(&on, &papers, &rights, &shelf, &caller));
            role.found.extend(permission::stale(&role.entry, now));
            role.rights = Some(rights);
            Arc::new(role)
        };
        roles.into_iter().map(complete).collect()
    })
    .await
}

async fn judged_users(
    users: Vec<UserEntry>,
    shelf: &Arc<Shelf>,
    caller: &Caller,
    now: i64,
) -> Result<Vec<Arc<UserReview>>, Fault> {
    let (shelf, caller) = (Arc::clone(shelf), caller.clone());
    on_cpu(move || {
        let judge = |entry| user::judge(entry, &shelf, &caller, now).map(Arc::new);
        users.into_iter().filter_map(judge).collect()
    })
    .await
}

/// A read that waits while AWS is busy, and says so.
async fn patiently<'b, T: Send>(
    control: Control,
    stage: &'static str,
    counts: Counts,
    ask: impl Fn() -> Answer<'b, T> + Send + Sync,
) -> Result<T, Fault> {
    for wait in BUSY {
        match read("from IAM", &ask).await {
            Err(fault) if fault.cause == Cause::Throttled => {
                control.news(News::Stage("on once AWS has time: it is busy", counts));
                tokio::time::sleep(wait).await;
                control.news(News::Stage(stage, counts));
            }
            answer => return answer,
        }
    }
    read("from IAM", ask).await
}

/// Work for the processor, apart from the tasks that wait for answers.
async fn on_cpu<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    match spawn_blocking(work).await {
        Ok(done) => Ok(done),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(Fault::new(Cause::Stopped, "the review was broken off")),
    }
}

#[cfg(test)]
mod tests;
