//! What the outside showed: plain facts that travel from the ports to the screen.

use std::time::Duration;

use serde_json::{Map, Value};

use super::fault::Fault;
use super::partition::Region;
use super::probe::{Depth, Platform, Pulled};

/// Where the operator's login comes from, as far as it is known before any call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginSource {
    /// The profile in use and where its name came from (`AWS_PROFILE`, `--profile`, `default`).
    pub profile: Option<(String, &'static str)>,
    /// The region and where it came from.
    pub region: Option<(Region, &'static str)>,
    /// The endpoint, if it is not AWS's own.
    pub endpoint: Option<String>,
    /// The command that renews the login, such as `aws sso login --profile ops-dev`.
    pub renew: Option<String>,
}

/// A repository as the operator may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRepository {
    /// Its name.
    pub name: String,
}

/// An image as the operator may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenImage {
    /// Its tags; may be empty.
    pub tags: Vec<String>,
    /// Its digest.
    pub digest: String,
    /// Compressed size in bytes, if known.
    pub bytes: Option<u64>,
}

/// What the issuer publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// `issuer` of the document, already held to be equal to the asked one.
    pub issuer: String,
    /// `jwks_uri`.
    pub jwks_uri: String,
    /// How long the answer took.
    pub took: Duration,
}

/// The image that a manifest describes, and all that must be fetched for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The image so far: reference, digest, platform, number of layers.
    pub image: Pulled,
    /// Config first, then the layers in order; foreign layers are left out.
    pub blobs: Vec<Blob>,
    /// What was passed over and why, such as foreign layers.
    pub remarks: Vec<String>,
}

impl Manifest {
    /// The blobs that a depth asks for, each once. The first is the config.
    #[must_use]
    pub fn blobs_for(&self, depth: Depth) -> Vec<&Blob> {
        let (config, layers) = (self.blobs.iter().take(1), self.blobs.iter().skip(1));
        let mut blobs: Vec<&Blob> = match depth {
            Depth::Manifest => Vec::new(),
            Depth::SmallestLayer => config.chain(layers.min_by_key(|blob| blob.size)).collect(),
            Depth::Full => config.chain(layers).collect(),
        };
        let mut seen = std::collections::HashSet::new();
        blobs.retain(|blob| seen.insert(&blob.digest));
        blobs
    }
}

/// What came of a push that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Push {
    /// Denied, in the registry's words.
    Denied(String),
    /// An upload was begun: whether it could be cancelled.
    Begun(Result<(), Fault>),
}

/// One blob to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// `sha256:…`
    pub digest: String,
    /// Bytes by the manifest.
    pub size: u64,
}

/// What the layers brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Blobs received and verified.
    pub blobs: usize,
    /// Bytes received and verified.
    pub bytes: u64,
    /// The platform by the image's config, where it was fetched and says so.
    pub platform: Option<Platform>,
}

/// A changing call as the practice account met it, whichever program sent it.
#[derive(Debug, Clone, PartialEq)]
pub struct SentCall {
    /// When, seconds since 1970.
    pub at: i64,
    /// Such as `iam:CreateRole`.
    pub call: String,
    /// Its parameters by the names of the API; no secret is among them.
    pub input: Map<String, Value>,
    /// The code of AWS's refusal, where it was refused.
    pub refused: Option<String>,
}

/// One line of the log of calls: what was asked of AWS, when, and what came of it. Never a body, never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// RFC 3339, local wall clock of the start.
    pub at: String,
    /// `CreateRole`, `GET manifest`, …
    pub call: String,
    /// HTTP status, if an answer came.
    pub status: Option<u16>,
    /// How long it took.
    pub took: Duration,
    /// AWS's request id.
    pub request_id: Option<String>,
}

impl CallRecord {
    /// The time of day of the start, to the second.
    #[must_use]
    pub fn time(&self) -> &str {
        let time = self.at.split('T').nth(1).unwrap_or(&self.at);
        time.split(['.', '+', 'Z']).next().unwrap_or_default()
    }

    /// The status in words.
    #[must_use]
    pub fn answer(&self) -> String {
        self.status.map_or_else(|| "no answer".to_owned(), |s| s.to_string())
    }
}
