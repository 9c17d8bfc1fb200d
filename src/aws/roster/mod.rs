//! Reading the whole account, for the review: [`Roster`] over IAM, and the policies of ECR's repositories.
//!
//! Nothing here sends a call again: the SDK's standard retry does, and whoever asks. At most `AT_ONCE` calls are under
//! way for one question.

mod entry;
mod page;
mod rest;
mod shelf;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use aws_sdk_iam::Client;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::connect::Connection;
use super::survey::Reader;
use super::{Aws, sdk_region};
use crate::domain::arn::{PolicyArn, ProviderArn};
use crate::domain::fault::Fault;
use crate::domain::host::RegistryHost;
use crate::domain::inventory::SeenProvider;
use crate::domain::review::account::{GroupEntry, Page, RoleEntry, Summary, UserEntry};
use crate::ports::{Answer, Roster};

/// IAM, and the connection that its client was made from.
struct Held {
    connection: Arc<Connection>,
    client: Client,
}

impl Held {
    fn reader(&self) -> Reader<'_> {
        Reader { client: &self.client, renew: self.connection.renew() }
    }
}

impl Aws {
    async fn held(&self) -> Result<Held, Fault> {
        let connection = self.connection().await?;
        let client = Client::from_conf(self.iam(&connection.operator).build());
        Ok(Held { connection, client })
    }
}

impl Roster for Aws {
    fn details<'a>(&'a self, more: Option<&'a str>) -> Answer<'a, Page> {
        async move { self.held().await?.reader().details(more).await }.boxed()
    }

    fn roles<'a>(&'a self, more: Option<&'a str>) -> Answer<'a, Page> {
        async move { self.held().await?.reader().listed_roles(more).await }.boxed()
    }

    fn role(&self, listed: RoleEntry) -> BoxFuture<'_, RoleEntry> {
        async move {
            match self.held().await {
                Ok(held) => held.reader().rest_of_role(listed).await,
                Err(fault) => RoleEntry { unread: listed.unread.or(Some(fault)), ..listed },
            }
        }
        .boxed()
    }

    fn users<'a>(&'a self, more: Option<&'a str>) -> Answer<'a, Page> {
        async move { self.held().await?.reader().listed_users(more).await }.boxed()
    }

    fn user(&self, listed: UserEntry) -> BoxFuture<'_, UserEntry> {
        async move {
            match self.held().await {
                Ok(held) => held.reader().rest_of_user(listed).await,
                Err(fault) => UserEntry { unread: listed.unread.or(Some(fault)), ..listed },
            }
        }
        .boxed()
    }

    fn group<'a>(&'a self, name: &'a str) -> Answer<'a, Option<GroupEntry>> {
        async move { self.held().await?.reader().group(name).await }.boxed()
    }

    fn login(&self, user: UserEntry) -> BoxFuture<'_, UserEntry> {
        async move {
            match self.held().await {
                Ok(held) => held.reader().login_of_user(user).await,
                Err(fault) => UserEntry { unread: user.unread.or(Some(fault)), ..user },
            }
        }
        .boxed()
    }

    fn policy<'a>(&'a self, arn: &'a PolicyArn) -> Answer<'a, Option<String>> {
        async move { self.held().await?.reader().policy_in_force(arn).await }.boxed()
    }

    fn providers(&self) -> Answer<'_, Vec<(ProviderArn, Result<SeenProvider, Fault>)>> {
        async move { self.held().await?.reader().all_providers().await }.boxed()
    }

    fn summary(&self) -> Answer<'_, Summary> {
        async move { self.held().await?.reader().summary().await }.boxed()
    }

    fn repository_policy<'a>(
        &'a self,
        host: &'a RegistryHost,
        repository: &'a str,
    ) -> Answer<'a, Option<String>> {
        async move {
            let connection = self.connection().await?;
            let config = self.ecr(&connection.operator).region(sdk_region(&host.region)).build();
            let client = aws_sdk_ecr::Client::from_conf(config);
            shelf::repository_policy(&client, connection.renew(), host, repository).await
        }
        .boxed()
    }
}
