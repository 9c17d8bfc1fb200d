//! Roles, users, groups and policies, page by page.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use tokio::task::{JoinError, JoinHandle};

use super::{AT_ONCE, Look, on_cpu};
use crate::app::task::News;
use crate::domain::fault::{Cause, Fault};
use crate::domain::review::Part;
use crate::domain::review::account::{Page, RoleEntry, Shelf, UserEntry};
use crate::domain::review::role::{self, RoleReview};
use crate::engine::control::{is_passing, read};

/// Users whose policies are read one by one, where they do not come with the pages. More would take minutes.
const MOST_USERS: usize = 200;
/// What could not be read for now is asked for again after these times.
const ONCE_MORE: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(10)];
/// Roles of an Okteto that are read once more for their longest session.
const MOST_SESSIONS: usize = 100;
/// The call that the pages come by.
const DETAILS: &str = "iam:GetAccountAuthorizationDetails";

/// What the pages held.
pub(super) struct Pages {
    /// The roles that trust a web identity, judged as far as their trust policies go.
    pub(super) roles: Vec<Arc<RoleReview>>,
    pub(super) users: Vec<UserEntry>,
    pub(super) shelf: Shelf,
}

pub(super) type Audiences = Arc<BTreeMap<String, Vec<String>>>;
type Judging = JoinHandle<Vec<Arc<RoleReview>>>;

impl Look<'_> {
    pub(super) async fn pages(&mut self, audiences: &Audiences) -> Result<Pages, Fault> {
        let mut pages = Pages { roles: Vec::new(), users: Vec::new(), shelf: Shelf::default() };
        self.stage("roles and users");
        let roster = Arc::clone(&self.world.roster);
        let first = self.patiently(|| roster.details(None)).await;
        match first {
            Ok(first) => self.whole(first, audiences, &mut pages).await,
            Err(fault) if fault.cause == Cause::PermissionDenied => {
                self.one_by_one(fault, audiences, &mut pages).await?;
            }
            Err(fault) => return Err(fault),
        }
        pages.roles.sort_by(|a, b| a.entry.name.cmp(&b.entry.name));
        pages.users.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(pages)
    }

    /// All pages of the details, from the first on.
    async fn whole(&mut self, first: Page, audiences: &Audiences, pages: &mut Pages) {
        let roster = Arc::clone(&self.world.roster);
        let mut page = first;
        let mut judging: Option<Judging> = None;
        loop {
            let more = page.more.take();
            self.taken(page, pages, audiences, &mut judging).await;
            let Some(more) = more else { break };
            let next = self.patiently(|| roster.details(Some(&more)));
            match self.meanwhile(next, &mut judging, pages).await {
                Ok(next) => page = next,
                Err(fault) => {
                    let what = format!("the account beyond {} roles", self.counts.roles);
                    self.or_gap::<()>(Part::Roles, what, Err(fault));
                    break;
                }
            }
        }
        self.heard(&mut judging, pages).await;
    }

    /// Takes a page over: its roles are judged while the next page is on its way.
    async fn taken(
        &mut self,
        page: Page,
        pages: &mut Pages,
        audiences: &Audiences,
        judging: &mut Option<Judging>,
    ) {
        let roles = self.counted(page.roles);
        self.counts.users += page.users.len();
        pages.users.extend(page.users);
        let groups = page.groups.into_iter().map(|group| (group.name.clone(), group));
        pages.shelf.groups.extend(groups);
        let policies = page.policies.into_iter().map(|(arn, text)| (arn, Ok(text)));
        pages.shelf.policies.extend(policies);
        self.heard(judging, pages).await;
        *judging = Some(judge(roles, audiences));
    }

    /// The roles that anybody but AWS can change.
    fn counted(&mut self, roles: Vec<RoleEntry>) -> Vec<RoleEntry> {
        let (reserved, roles): (Vec<_>, Vec<_>) =
            roles.into_iter().partition(RoleEntry::is_reserved);
        self.counts.left_out += reserved.len();
        self.counts.roles += roles.len();
        roles
    }

    /// Waits for an answer; if roles are judged before it comes, they are told at once.
    async fn meanwhile<T>(
        &mut self,
        answer: impl Future<Output = T>,
        judging: &mut Option<Judging>,
        pages: &mut Pages,
    ) -> T {
        let mut answer = pin!(answer);
        if let Some(mut work) = judging.take() {
            tokio::select! {
                biased;
                judged = &mut work => self.told(judged, pages),
                answer = &mut answer => {
                    *judging = Some(work);
                    return answer;
                }
            }
        }
        answer.await
    }

    /// Waits for the roles that are being judged, and tells of them.
    async fn heard(&mut self, judging: &mut Option<Judging>, pages: &mut Pages) {
        if let Some(work) = judging.take() {
            let judged = work.await;
            self.told(judged, pages);
        }
    }

    fn told(&mut self, judged: Result<Vec<Arc<RoleReview>>, JoinError>, pages: &mut Pages) {
        let judged = match judged {
            Ok(judged) => judged,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        self.counts.trusting += judged.len();
        self.control.news(News::RolesJudged(judged.clone(), self.counts));
        pages.roles.extend(judged);
    }

    /// The details may not be read: the list of roles, then those that trust a web identity, call by call.
    async fn one_by_one(
        &mut self,
        denied: Fault,
        audiences: &Audiences,
        pages: &mut Pages,
    ) -> Result<(), Fault> {
        let roster = Arc::clone(&self.world.roster);
        self.stage("roles, one by one: the account's details may not be read");
        let mut more: Option<String> = None;
        loop {
            let page = match self.patiently(|| roster.roles(more.as_deref())).await {
                Ok(page) => page,
                // Neither way: there is nothing to be reviewed.
                Err(fault) if self.counts.roles == 0 => return Err(denied.and(fault)),
                Err(fault) => {
                    let what = format!("the roles after the first {}", self.counts.roles);
                    self.or_gap::<()>(Part::Roles, what, Err(fault));
                    break;
                }
            };
            let mut roles = self.counted(page.roles);
            roles.retain(|listed| role::trusts_web_identity(&listed.trust));
            let ask = |listed| again(listed, |listed| roster.role(listed), |role| &role.unread);
            let whole = stream::iter(roles.into_iter().map(ask));
            let whole: Vec<RoleEntry> = whole.buffered(AT_ONCE).collect().await;
            let mut judging = Some(judge(whole, audiences));
            self.heard(&mut judging, pages).await;
            more = page.more;
            if more.is_none() {
                break;
            }
        }
        self.users_one_by_one(pages).await;
        let remedy = format!("allow {DETAILS}: a review then takes seconds and misses nothing");
        self.or_gap::<()>(Part::Rest, "the account's details at once", Err(denied.remedy(remedy)));
        Ok(())
    }

    /// The longest session of the roles of an Okteto, which the details lack: such roles are read once more, and judged anew.
    pub(super) async fn sessions(
        &mut self,
        roles: &mut [Arc<RoleReview>],
        audiences: &Audiences,
    ) -> Result<(), Fault> {
        let lacks = |role: &&mut Arc<RoleReview>| {
            role.trust.is_okteto && role.entry.max_session_seconds.is_none()
        };
        let mut lacking: Vec<_> = roles.iter_mut().filter(lacks).take(MOST_SESSIONS).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        self.stage("the sessions of Okteto's roles");
        let roster = Arc::clone(&self.world.roster);
        let entries = lacking.iter().map(|role| role.entry.clone()).collect::<Vec<_>>();
        let ask = |listed| again(listed, |listed| roster.role(listed), |role| &role.unread);
        let whole: Vec<RoleEntry> =
            stream::iter(entries.into_iter().map(ask)).buffered(AT_ONCE).collect().await;
        let audiences = Arc::clone(audiences);
        let judged = on_cpu(move || {
            // What could not be read this time was read with the pages.
            let judge = |entry: RoleEntry| match entry.unread {
                None => role::judge(entry, &audiences),
                Some(_) => None,
            };
            whole.into_iter().map(judge).collect::<Vec<_>>()
        });
        for (role, judged) in lacking.iter_mut().zip(judged.await?) {
            if let Some(judged) = judged {
                **role = Arc::new(judged);
            }
        }
        Ok(())
    }

    async fn users_one_by_one(&mut self, pages: &mut Pages) {
        self.stage("users, one by one");
        let roster = Arc::clone(&self.world.roster);
        let mut listed: Vec<UserEntry> = Vec::new();
        let mut more: Option<String> = None;
        loop {
            match self.patiently(|| roster.users(more.as_deref())).await {
                Ok(page) => {
                    listed.extend(page.users);
                    more = page.more;
                }
                Err(fault) => {
                    self.or_gap::<()>(Part::Users, "the account's users", Err(fault));
                    break;
                }
            }
            if more.is_none() {
                break;
            }
        }
        self.counts.users = listed.len();
        if let Some(rest) = listed.len().checked_sub(MOST_USERS).filter(|rest| *rest > 0) {
            let fault = Fault::new(
                Cause::PermissionDenied,
                format!(
                    "{rest} users were not looked at: without {DETAILS} each takes several calls"
                ),
            );
            self.or_gap::<()>(Part::Users, format!("{rest} of {} users", listed.len()), Err(fault));
            listed.truncate(MOST_USERS);
        }
        let ask = |listed| again(listed, |listed| roster.user(listed), |user| &user.unread);
        let whole = stream::iter(listed.into_iter().map(ask));
        pages.users = whole.buffered(AT_ONCE).collect().await;
        let groups: BTreeSet<&String> = pages.users.iter().flat_map(|user| &user.groups).collect();
        for name in groups {
            match read("from IAM", || roster.group(name)).await {
                Ok(group) => {
                    pages.shelf.groups.extend(group.map(|group| (name.clone(), group)));
                }
                Err(fault) => {
                    self.or_gap::<()>(Part::Users, format!("the group {name}"), Err(fault));
                }
            }
        }
    }
}

/// Asks for the rest of something that was listed, again where AWS was busy or out of reach: such an answer is no fault
/// of the whole, so that nobody else asks again.
pub(super) async fn again<'a, T: Clone>(
    listed: T,
    ask: impl Fn(T) -> BoxFuture<'a, T>,
    unread: impl Fn(&T) -> &Option<Fault>,
) -> T {
    for wait in ONCE_MORE {
        let whole = ask(listed.clone()).await;
        // What was unread before stays so, whatever is asked now.
        if unread(&listed).is_some() || !unread(&whole).as_ref().is_some_and(is_passing) {
            return whole;
        }
        tokio::time::sleep(wait).await;
    }
    ask(listed).await
}

/// Judges roles, apart from the tasks that wait for answers.
fn judge(roles: Vec<RoleEntry>, audiences: &Audiences) -> Judging {
    let audiences = Arc::clone(audiences);
    tokio::task::spawn_blocking(move || {
        let judged = roles.into_iter().filter_map(|entry| role::judge(entry, &audiences));
        judged.map(Arc::new).collect()
    })
}
