//! An empty account for the review.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::Fake;
use crate::domain::arn::{PolicyArn, ProviderArn};
use crate::domain::exercise::progress::Progress;
use crate::domain::fault::Fault;
use crate::domain::host::RegistryHost;
use crate::domain::inventory::SeenProvider;
use crate::domain::partition::AccountId;
use crate::domain::review::account::{GroupEntry, Page, RoleEntry, Summary, UserEntry};
use crate::domain::review::triage::{Acceptance, Accepted, Known};
use crate::ports::{Answer, Archive, Roster};

fn nothing<'a, T: Default + Send + 'a>() -> Answer<'a, T> {
    async { Ok(T::default()) }.boxed()
}

impl Roster for Fake {
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

impl Archive for Fake {
    fn read_accepted(&self, _: &Path) -> Result<Vec<Accepted>, Fault> {
        Ok(Vec::new())
    }

    fn accept(&self, _: &Path, change: &Acceptance) -> Result<Vec<Accepted>, Fault> {
        let mut accepted = Vec::new();
        change.change(&mut accepted);
        Ok(accepted)
    }

    fn last_review(&self, _: &AccountId) -> Result<Option<BTreeMap<String, Known>>, Fault> {
        Ok(None)
    }

    fn keep_review(&self, _: &AccountId, _: &BTreeMap<String, Known>) -> Result<(), Fault> {
        Ok(())
    }

    fn keep_progress(&self, _: &Progress) -> Result<(), Fault> {
        Ok(())
    }

    fn write_export(&self, _: &str, name: &str, _: &str) -> Result<PathBuf, Fault> {
        Ok(PathBuf::from(name))
    }
}
