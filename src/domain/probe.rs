//! The pull test as rungs, and its verdict.

use std::fmt;
use std::time::Duration;

use super::fault::Fault;
use super::host::{ImageRef, RegistryHost};
use super::key::KeyId;

/// How much of the image is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// The manifest only.
    Manifest,
    /// Config and the smallest layer: proves every permission.
    SmallestLayer,
    /// Everything.
    #[default]
    Full,
}

impl Depth {
    /// The word of the answers file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::SmallestLayer => "smallest-layer",
            Self::Full => "full",
        }
    }
}

/// A platform, `linux/amd64` or `linux/arm/v7`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// `linux`, `windows`.
    pub os: String,
    /// `amd64`, `arm64`.
    pub architecture: String,
    /// `v7`, if it matters.
    pub variant: Option<String>,
}

impl Default for Platform {
    /// The one that is asked for where none is named.
    fn default() -> Self {
        Self { os: "linux".to_owned(), architecture: "amd64".to_owned(), variant: None }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { os, architecture, variant } = self;
        write!(f, "{os}/{architecture}")?;
        variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

impl Platform {
    /// Whether an image for `other` is one for this: an unstated variant stands for the usual one
    /// (containerd's `platforms` package).
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.os == other.os
            && self.architecture == other.architecture
            && self.usual_variant() == other.usual_variant()
    }

    fn usual_variant(&self) -> Option<&str> {
        match (self.architecture.as_str(), self.variant.as_deref()) {
            ("arm64", None) => Some("v8"),
            ("arm", None) => Some("v7"),
            ("amd64", None) => Some("v1"),
            (_, variant) => variant,
        }
    }
}

/// `96.0 MiB`.
#[must_use]
pub fn mebibytes(bytes: u64) -> String {
    let tenths = u128::from(bytes) * 10 / (1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

/// One stage of the pull test, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// The access key was had, and AWS knows it.
    AccessKey,
    /// The issuer's discovery document.
    Discovery,
    /// The issuer's keys.
    Keys,
    /// A token was had.
    Token,
    /// Its claims are the ones the trust asks for.
    Claims,
    /// STS swaps it.
    Assume,
    /// The session is the role's.
    Identity,
    /// ECR gives a registry login.
    Login,
    /// The manifest (through the index to the platform).
    Manifest,
    /// The bytes of config and layers.
    Layers,
    /// Size and sha256 of every blob.
    Digest,
    /// A token for another audience is not let in.
    RefusesOtherAudience,
    /// A token of another service account is not let in.
    RefusesOtherSubject,
    /// The role may not push.
    RefusesPush,
}

impl Rung {
    /// All rungs of OIDC mode in order.
    pub const OIDC: [Self; 13] = [
        Self::Discovery,
        Self::Keys,
        Self::Token,
        Self::Claims,
        Self::Assume,
        Self::Identity,
        Self::Login,
        Self::Manifest,
        Self::Layers,
        Self::Digest,
        Self::RefusesOtherAudience,
        Self::RefusesOtherSubject,
        Self::RefusesPush,
    ];

    /// All rungs of user mode in order.
    pub const USER: [Self; 7] = [
        Self::AccessKey,
        Self::Identity,
        Self::Login,
        Self::Manifest,
        Self::Layers,
        Self::Digest,
        Self::RefusesPush,
    ];

    /// What must be refused, tried after a pull that worked.
    pub const REFUSALS: [Self; 3] =
        [Self::RefusesOtherAudience, Self::RefusesOtherSubject, Self::RefusesPush];

    /// The id of the JSON results.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::AccessKey => "access-key",
            Self::Discovery => "discovery",
            Self::Keys => "keys",
            Self::Token => "token",
            Self::Claims => "claims",
            Self::Assume => "assume",
            Self::Identity => "identity",
            Self::Login => "login",
            Self::Manifest => "manifest",
            Self::Layers => "layers",
            Self::Digest => "digest",
            Self::RefusesOtherAudience => "refuses-other-audience",
            Self::RefusesOtherSubject => "refuses-other-subject",
            Self::RefusesPush => "refuses-push",
        }
    }

    /// What the stage is called on screen.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::AccessKey => "Access key",
            Self::Discovery => "Issuer answers",
            Self::Keys => "Issuer's keys",
            Self::Token => "Token",
            Self::Claims => "Claims fit the trust",
            Self::Assume => "Swap for AWS keys",
            Self::Identity => "Who the keys are",
            Self::Login => "ECR login",
            Self::Manifest => "Manifest",
            Self::Layers => "Layers",
            Self::Digest => "Check digests",
            Self::RefusesOtherAudience => "Refuses other aud",
            Self::RefusesOtherSubject => "Refuses other sub",
            Self::RefusesPush => "Refuses a push",
        }
    }
}

/// Which of the things that must be refused are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Refusals {
    /// All of them.
    #[default]
    All,
    /// Not the push, which would begin an upload where it is not refused (`--read-only`).
    AllButPush,
    /// None (`--skip-refusals`).
    LeftOut,
}

/// How a rung ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RungStatus {
    /// As it should be.
    Passed,
    /// Stops the test.
    Failed,
    /// Not tried, and why stands in the detail.
    Skipped,
    /// Not as it should be, but the test goes on.
    Warned,
}

impl RungStatus {
    /// The word of the JSON results.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Warned => "warned",
        }
    }
}

/// The result of one rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RungResult {
    /// Which.
    pub rung: Rung,
    /// How it ended.
    pub status: RungStatus,
    /// How long it took.
    pub took: Duration,
    /// A few words: `5 layers, 96.0 MiB`.
    pub detail: String,
    /// Why it failed or warned.
    pub fault: Option<Fault>,
}

/// The whole test's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Everything asked for was seen to work.
    Passed,
    /// A rung failed.
    Failed,
    /// What was tried worked, but less than the depth asked for was tried.
    Partly,
}

impl Verdict {
    /// The word of the JSON results.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Partly => "partly",
        }
    }
}

/// What was pulled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pulled {
    /// The image as asked for, host included.
    pub reference: String,
    /// Digest of the manifest that was taken (the platform's).
    pub digest: String,
    /// Its platform, where it says so.
    pub platform: Option<String>,
    /// How many layers it has.
    pub layers: usize,
    /// Bytes received and verified.
    pub bytes: u64,
}

/// Everything the pull test found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeReport {
    /// The verdict.
    pub verdict: Verdict,
    /// One per rung, in order.
    pub rungs: Vec<RungResult>,
    /// The image, from the manifest on.
    pub image: Option<Pulled>,
    /// Bytes per second over the layers.
    pub bytes_per_second: Option<u64>,
    /// The access key that was tried, in user mode.
    pub key: Option<KeyId>,
}

/// One try of a rung that is repeated while a change spreads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    /// Which rung.
    pub rung: Rung,
    /// First try is 1.
    pub number: u32,
    /// Since the rung began.
    pub after: Duration,
    /// What came back; `None` is success.
    pub refused: Option<Fault>,
    /// When the next one is due.
    pub next_in: Option<Duration>,
    /// Why it goes on, and until when, where it does for a change that may not have spread.
    pub wait: Option<Wait>,
}

/// Why a refusal is tried again, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// What was changed and how long ago, without a full stop: `the role was made 12 s ago`.
    pub why: String,
    /// The end of it, since the rung began. No try begins after that.
    pub until: Duration,
}

/// Bytes of one blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobProgress {
    /// The blob's digest.
    pub digest: String,
    /// Bytes so far.
    pub received: u64,
    /// Its size by the manifest.
    pub total: u64,
}

/// What to pull, from where, how deep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullWish {
    /// The registry.
    pub host: RegistryHost,
    /// The image.
    pub image: ImageRef,
    /// For which platform, if the reference is an index.
    pub platform: Platform,
    /// How much.
    pub depth: Depth,
}
