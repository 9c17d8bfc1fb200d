//! One blob: streamed, counted, hashed, and let go.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::fault::{self, Thing};
use super::{Ask, Puller, altered, digest};
use crate::domain::fault::{Cause, Fault};
use crate::domain::probe::BlobProgress;
use crate::ports::{Blob, OnBytes};
use crate::web::{Exchange, host};

/// Often enough for the eye.
const REPORT_EVERY: Duration = Duration::from_millis(50);

impl Puller {
    /// Fetches a blob by GET and returns its size once every byte is verified, and with `keep` the bytes.
    pub(super) async fn blob(
        &self,
        ask: Ask<'_>,
        blob: &Blob,
        on_bytes: &OnBytes,
        keep: bool,
    ) -> Result<(u64, Vec<u8>), Fault> {
        let (mut exchange, place) = self.get(ask, Thing::Blob, &blob.digest).await?;
        if let Some(length) = exchange.length().filter(|length| *length != blob.size) {
            return Err(other_size(blob, length, &exchange));
        }
        let mut hash = Sha256::new();
        let mut kept = Vec::new();
        let mut received = 0;
        let mut reported = Instant::now();
        let report = |received| {
            on_bytes(BlobProgress { digest: blob.digest.clone(), received, total: blob.size });
        };
        loop {
            let chunk = match exchange.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                // Before the first byte a firewall is to blame; after it the network in general.
                Err(fault) if received == 0 => return Err(fault::blocked(fault, place, ask.wish)),
                Err(fault) => return Err(fault.with("received", received.to_string())),
            };
            let bytes = chunk.as_ref();
            received += bytes.len() as u64;
            if received > blob.size {
                return Err(other_size(blob, received, &exchange));
            }
            hash.update(bytes);
            if keep {
                kept.extend_from_slice(bytes);
            }
            if reported.elapsed() >= REPORT_EVERY {
                reported = Instant::now();
                report(received);
            }
        }
        if received != blob.size {
            return Err(other_size(blob, received, &exchange));
        }
        let got = digest(hash);
        if got != blob.digest {
            return Err(altered(&blob.digest, &got, "layer", &exchange));
        }
        report(received);
        Ok((received, kept))
    }
}

fn other_size(blob: &Blob, got: u64, exchange: &Exchange) -> Fault {
    let Blob { digest, size } = blob;
    Fault::new(
        Cause::DigestMismatch,
        format!("a layer has another size than the manifest says: {got} bytes for {size}"),
    )
    .with("digest", digest)
    .with("wanted", size.to_string())
    .with("got", got.to_string())
    .with("host", host(exchange.url()))
}
