//! The cluster of a practice account, in the place of `kubectl`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{BoxFuture, FutureExt};

use super::admission::admit;
use super::mint::mint;
use crate::domain::custody::{SecretPlace, SeenPlace, SeenSecret};
use crate::domain::fault::{Cause, Fault};
use crate::domain::secret::{AccessKey, WebToken};
use crate::domain::subject::{Audience, Subject};
use crate::ports::{Answer, Cluster};

/// What stands for the kubeconfig's context.
const CONTEXT: &str = "practice";

/// The cluster whose issuer a practice account plays.
#[derive(Debug, Clone)]
pub struct PracticeCluster {
    issuer: String,
    url: String,
    shelf: Arc<Mutex<BTreeMap<String, Kept>>>,
    told: Arc<Mutex<Option<Listener>>>,
}

/// Told after each change of a Secret.
#[derive(Clone)]
struct Listener(Arc<dyn Fn() + Send + Sync>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

/// A Secret of the practice cluster.
#[derive(Debug)]
struct Kept {
    key: AccessKey,
    version: u64,
}

impl PracticeCluster {
    /// The cluster with this issuer, minting at `url`.
    #[must_use]
    pub fn new(issuer: String, url: String) -> Self {
        Self { issuer, url, shelf: Arc::default(), told: Arc::default() }
    }
}

impl PracticeCluster {
    /// What a test or a trainer puts into a Secret by hand.
    pub fn set_secret(&self, place: &SecretPlace, key: AccessKey) {
        let mut kept = self.shelf();
        let version = kept.get(&place.to_string()).map_or(1, |kept| kept.version + 1);
        kept.insert(place.to_string(), Kept { key, version });
        drop(kept);
        self.tell();
    }

    /// What a Secret holds.
    #[must_use]
    pub fn secret(&self, place: &SecretPlace) -> Option<AccessKey> {
        self.shelf().get(&place.to_string()).map(|kept| kept.key.clone())
    }

    /// Who is told after each change of a Secret, in the place of whoever was.
    pub fn on_change(&self, listener: impl Fn() + Send + Sync + 'static) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        *told = Some(Listener(Arc::new(listener)));
    }

    fn tell(&self) {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(Listener(tell)) = told {
            tell();
        }
    }

    /// Empties it but for this Secret: another world is put in the place of this one. Nobody is told.
    pub fn refill(&self, kept: Option<(&SecretPlace, AccessKey)>) {
        let mut all = self.shelf();
        all.clear();
        all.extend(kept.map(|(place, key)| (place.to_string(), Kept { key, version: 1 })));
    }

    fn shelf(&self) -> MutexGuard<'_, BTreeMap<String, Kept>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cluster for PracticeCluster {
    fn context(&self) -> BoxFuture<'_, Option<String>> {
        std::future::ready(Some(CONTEXT.to_owned())).boxed()
    }

    fn issuer<'a>(&'a self, _: Option<&'a str>) -> Answer<'a, String> {
        std::future::ready(Ok(self.issuer.clone())).boxed()
    }

    fn token<'a>(
        &'a self,
        _: Option<&'a str>,
        subject: &'a Subject,
        audience: &'a Audience,
    ) -> Answer<'a, WebToken> {
        async move { mint(&self.url, Some(audience.as_str()), Some(&subject.to_string())).await }
            .boxed()
    }

    fn try_manifest<'a>(&'a self, _: Option<&'a str>, manifest: &'a str) -> Answer<'a, ()> {
        std::future::ready(admit(manifest)).boxed()
    }

    fn secret_place<'a>(&'a self, place: &'a SecretPlace) -> Answer<'a, SeenPlace> {
        let seen = self.shelf().get(&place.to_string()).map(|kept| SeenSecret {
            is_ours: true,
            key: Some(kept.key.id.clone()),
            version: kept.version.to_string(),
        });
        std::future::ready(Ok(seen.map_or(SeenPlace::Free, SeenPlace::Ours))).boxed()
    }

    fn put_secret<'a>(
        &'a self,
        place: &'a SecretPlace,
        key: &'a AccessKey,
        over: Option<&'a SeenSecret>,
    ) -> Answer<'a, ()> {
        let mut kept = self.shelf();
        let there = kept.get(&place.to_string()).map(|kept| kept.version);
        let put = if there.map(|version| version.to_string()) == over.map(|o| o.version.clone()) {
            let version = there.unwrap_or_default() + 1;
            kept.insert(place.to_string(), Kept { key: key.clone(), version });
            drop(kept);
            self.tell();
            Ok(())
        } else {
            let message = "the Secret was changed by somebody else just now";
            Err(Fault::new(Cause::Conflict, message))
        };
        std::future::ready(put).boxed()
    }

    fn read_secret<'a>(&'a self, place: &'a SecretPlace) -> Answer<'a, AccessKey> {
        let key = self.secret(place);
        let absent = || {
            Fault::new(Cause::AccessKeyUnknown, format!("the practice cluster has no {place}"))
                .remedy("make the key with a plan: it goes there")
        };
        std::future::ready(key.ok_or_else(absent)).boxed()
    }
}
