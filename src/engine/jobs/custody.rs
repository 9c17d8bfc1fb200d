//! Where the secret of an access key goes: looked at before there is one, handed over once there is.

use std::path::Path;
use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::domain::custody::{Custody, SeenPlace};
use crate::domain::fault::{Cause, Fault};
use crate::domain::secret::AccessKey;
use crate::engine::control::read;
use crate::ports::{Ledger, World};

/// What stands there, and that it could be written. Makes nothing.
pub(super) async fn seen(world: &World, custody: &Custody) -> Result<SeenPlace, Fault> {
    match custody {
        Custody::Kubernetes(place) => {
            read("from the cluster", || world.cluster.secret_place(place)).await
        }
        Custody::File(path) => {
            on_disk(world, path, Ledger::try_key_file).await?;
            Ok(SeenPlace::Free)
        }
        Custody::Show => Ok(SeenPlace::Free),
    }
}

/// Hands the key over to where it was found that it can go. Must not be dropped.
pub(super) async fn deliver(
    world: &World,
    custody: &Custody,
    seen: &SeenPlace,
    key: &AccessKey,
) -> Result<(), Fault> {
    let over = match seen {
        SeenPlace::Free => None,
        SeenPlace::Ours(secret) => Some(secret),
    };
    match custody {
        Custody::Kubernetes(place) => world.cluster.put_secret(place, key, over).await,
        Custody::File(path) => {
            let key = key.clone();
            on_disk(world, path, move |ledger, path| ledger.write_key_file(path, &key)).await
        }
        Custody::Show => Ok(()),
    }
}

/// Asks the disk, on a thread that may wait for it.
pub(super) async fn on_disk<T: Send + 'static>(
    world: &World,
    path: &Path,
    ask: impl FnOnce(&dyn Ledger, &Path) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let (ledger, path) = (Arc::clone(&world.ledger), path.to_owned());
    let asked = spawn_blocking(move || ask(&*ledger, &path)).await;
    asked.unwrap_or_else(|_| Err(Fault::new(Cause::File, "reading or writing was broken off")))
}
