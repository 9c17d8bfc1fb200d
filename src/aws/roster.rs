//! Reading the whole account, for the review.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::Aws;
use crate::domain::arn::{PolicyArn, ProviderArn};
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::RegistryHost;
use crate::domain::inventory::SeenProvider;
use crate::domain::review::account::{GroupEntry, Page, RoleEntry, Summary, UserEntry};
use crate::ports::{Answer, Roster};

fn unread<'a, T: Send + 'a>() -> Answer<'a, T> {
    async { Err(Fault::new(Cause::Unexplained, "not read yet")) }.boxed()
}

impl Roster for Aws {
    fn details<'a>(&'a self, _more: Option<&'a str>) -> Answer<'a, Page> {
        unread()
    }

    fn roles<'a>(&'a self, _more: Option<&'a str>) -> Answer<'a, Page> {
        unread()
    }

    fn role(&self, listed: RoleEntry) -> BoxFuture<'_, RoleEntry> {
        async { listed }.boxed()
    }

    fn users<'a>(&'a self, _more: Option<&'a str>) -> Answer<'a, Page> {
        unread()
    }

    fn user(&self, listed: UserEntry) -> BoxFuture<'_, UserEntry> {
        async { listed }.boxed()
    }

    fn group<'a>(&'a self, _name: &'a str) -> Answer<'a, Option<GroupEntry>> {
        unread()
    }

    fn login(&self, user: UserEntry) -> BoxFuture<'_, UserEntry> {
        async { user }.boxed()
    }

    fn policy<'a>(&'a self, _arn: &'a PolicyArn) -> Answer<'a, Option<String>> {
        unread()
    }

    fn providers(&self) -> Answer<'_, Vec<(ProviderArn, Result<SeenProvider, Fault>)>> {
        unread()
    }

    fn summary(&self) -> Answer<'_, Summary> {
        unread()
    }

    fn repository_policy<'a>(
        &'a self,
        _host: &'a RegistryHost,
        _repository: &'a str,
    ) -> Answer<'a, Option<String>> {
        unread()
    }
}
