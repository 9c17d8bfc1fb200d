//! What the review finds in these worlds: nothing.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use okteto_ecr::domain::arn::{PolicyArn, ProviderArn};
use okteto_ecr::domain::fault::Fault;
use okteto_ecr::domain::host::RegistryHost;
use okteto_ecr::domain::inventory::SeenProvider;
use okteto_ecr::domain::review::account::{GroupEntry, Page, RoleEntry, Summary, UserEntry};
use okteto_ecr::ports::{Answer, Roster};

/// The review is tested over the wire: here it finds an empty account.
pub struct Nothing;

fn nothing<'a, T: Default + Send + 'a>() -> Answer<'a, T> {
    async { Ok(T::default()) }.boxed()
}

impl Roster for Nothing {
    fn details<'a>(&'a self, _: Option<&'a str>) -> Answer<'a, Page> {
        nothing()
    }

    fn roles<'a>(&'a self, _: Option<&'a str>) -> Answer<'a, Page> {
        nothing()
    }

    fn role(&self, listed: RoleEntry) -> BoxFuture<'_, RoleEntry> {
        async { listed }.boxed()
    }

    fn users<'a>(&'a self, _: Option<&'a str>) -> Answer<'a, Page> {
        nothing()
    }

    fn user(&self, listed: UserEntry) -> BoxFuture<'_, UserEntry> {
        async { listed }.boxed()
    }

    fn group<'a>(&'a self, _: &'a str) -> Answer<'a, Option<GroupEntry>> {
        nothing()
    }

    fn login(&self, user: UserEntry) -> BoxFuture<'_, UserEntry> {
        async { user }.boxed()
    }

    fn policy<'a>(&'a self, _: &'a PolicyArn) -> Answer<'a, Option<String>> {
        nothing()
    }

    fn providers(&self) -> Answer<'_, Vec<(ProviderArn, Result<SeenProvider, Fault>)>> {
        nothing()
    }

    fn summary(&self) -> Answer<'_, Summary> {
        nothing()
    }

    fn repository_policy<'a>(
        &'a self,
        _: &'a RegistryHost,
        _: &'a str,
    ) -> Answer<'a, Option<String>> {
        nothing()
    }
}
