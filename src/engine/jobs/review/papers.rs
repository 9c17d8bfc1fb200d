//! What the pages lack: texts of managed policies, keys of users, policies of repositories.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::{StreamExt, stream};

use super::pages::again;
use super::{AT_ONCE, Look, on_cpu};
use crate::domain::arn::PolicyArn;
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::RegistryHost;
use crate::domain::intent::Caller;
use crate::domain::review::account::{RepositoryEntry, Shelf, Summary, UserEntry};
use crate::domain::review::rights::{self, Papers};
use crate::domain::review::role::RoleReview;
use crate::domain::review::{Part, whole};
use crate::engine::control::read;

/// Repositories whose own policies are read. Each takes a call.
const MOST_REPOSITORIES: usize = 200;

impl Look<'_> {
    /// The texts of the managed policies that the pages did not bring, AWS's own above all.
    pub(super) async fn papers(
        &mut self,
        roles: &[Arc<RoleReview>],
        users: &[UserEntry],
        known: &mut Shelf,
    ) {
        self.stage("managed policies");
        let of_roles = roles.iter().map(|role| Papers::from(&role.entry));
        let of_users = users.iter().map(Papers::from);
        let mut wanted: BTreeSet<PolicyArn> = BTreeSet::new();
        for papers in of_roles.chain(of_users) {
            wanted.extend(papers.managed(known).into_iter().cloned());
        }
        wanted.retain(|arn| !known.policies.contains_key(arn));
        let roster = &self.world.roster;
        let reads = stream::iter(wanted.into_iter().map(|arn| async move {
            let text = read("from IAM", || roster.policy(&arn)).await;
            (arn, text)
        }));
        let mut reads = reads.buffered(AT_ONCE);
        while let Some((arn, text)) = reads.next().await {
            let none = || Fault::new(Cause::Unexplained, format!("there is no policy {arn}"));
            let text = text.and_then(|text| text.ok_or_else(none));
            if let Err(fault) = &text {
                let what = format!("the managed policy {}", arn.name());
                self.or_gap::<()>(Part::Rest, what, Err(fault.clone()));
            }
            known.policies.insert(arn, text);
        }
    }

    /// The users that may do anything in ECR, with keys and password.
    pub(super) async fn logins(
        &mut self,
        users: Vec<UserEntry>,
        known: &Arc<Shelf>,
    ) -> Result<Vec<UserEntry>, Fault> {
        self.stage("access keys");
        let known = Arc::clone(known);
        let reaches =
            move |user: &UserEntry| !rights::judge(&Papers::from(user), &known).grants.is_empty();
        let users: Vec<UserEntry> =
            on_cpu(move || users.into_iter().filter(reaches).collect()).await?;
        let roster = &self.world.roster;
        let ask = |user| again(user, |user| roster.login(user), |user: &UserEntry| &user.unread);
        let reads = stream::iter(users.into_iter().map(ask));
        Ok(reads.buffered(AT_ONCE).collect().await)
    }

    pub(super) async fn summary(&mut self) -> Option<Summary> {
        self.stage("the account's figures");
        let roster = Arc::clone(&self.world.roster);
        let read = self.patiently(|| roster.summary()).await;
        let summary = self.or_gap(Part::Rest, "the account's figures", read)?;
        let total = summary.get("Roles").and_then(|roles| usize::try_from(roles).ok());
        self.counts.total = total;
        Some(summary)
    }

    /// The policies of repositories: of those in other accounts that the roles' rights name, and of the login's own.
    pub(super) async fn repositories(
        &mut self,
        roles: &[Arc<RoleReview>],
        caller: &Caller,
    ) -> Vec<RepositoryEntry> {
        if roles.is_empty() {
            return Vec::new();
        }
        self.stage("repository policies");
        let mut wanted = whole::foreign_repositories(roles, &caller.account);
        wanted.extend(self.own_repositories(caller).await);
        if let Some(rest) = wanted.len().checked_sub(MOST_REPOSITORIES).filter(|rest| *rest > 0) {
            wanted.truncate(MOST_REPOSITORIES);
            let message = format!(
                "{MOST_REPOSITORIES} were read, one call each; the others were not looked at"
            );
            let fault = Fault::new(Cause::QuotaReached, message);
            self.or_gap::<()>(
                Part::Rest,
                format!("the policies of {rest} more repositories"),
                Err(fault),
            );
        }
        let roster = &self.world.roster;
        let reads = wanted.into_iter().map(|(host, name): (RegistryHost, String)| async move {
            let policy = read("from ECR", || roster.repository_policy(&host, &name)).await;
            let (partition, region, account) = (host.partition(), &host.region, &host.account);
            let arn = format!("arn:{partition}:ecr:{region}:{account}:repository/{name}");
            RepositoryEntry { arn, policy }
        });
        stream::iter(reads).buffered(AT_ONCE).collect().await
    }

    /// The repositories of the login's account and region.
    async fn own_repositories(&mut self, caller: &Caller) -> Vec<(RegistryHost, String)> {
        let cloud = &self.world.cloud;
        let Some((region, _)) = cloud.source().await.region else { return Vec::new() };
        let host = RegistryHost::classic(caller.account.clone(), region);
        let read = read("from ECR", || cloud.repositories(&host)).await;
        let listed = self
            .or_gap(Part::Rest, format!("the repositories of {host}"), read)
            .unwrap_or_default();
        listed.into_iter().map(|repository| (host.clone(), repository.name)).collect()
    }
}
