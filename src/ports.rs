//! What the outside must offer, in domain words. Adapters implement these; jobs use them; no SDK type crosses.
//!
//! Every future may be dropped at any await except those of [`Cloud::perform`], [`Cluster::put_secret`] and
//! [`Registry::try_push`], which the runner never drops.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::domain::arn::{PolicyArn, ProviderArn, RoleArn};
use crate::domain::custody::{SecretPlace, SeenPlace, SeenSecret};
use crate::domain::draft::Draft;
use crate::domain::exercise::Exercise;
use crate::domain::exercise::goal::Standing;
use crate::domain::exercise::progress::Progress;
use crate::domain::fault::Fault;
use crate::domain::host::RegistryHost;
use crate::domain::intent::{Caller, Intent};
use crate::domain::inventory::{Holdings, Inventory, SeenProvider, Wanted};
use crate::domain::issuer::Issuer;
use crate::domain::journal::{Header, Past, Record, Recorded};
use crate::domain::key::SeenKey;
use crate::domain::operation::{Deed, Operation};
use crate::domain::partition::{AccountId, Region};
use crate::domain::probe::{BlobProgress, Depth, PullWish};
use crate::domain::review::account::{GroupEntry, Page, RoleEntry, Summary, UserEntry};
use crate::domain::review::triage::{Acceptance, Accepted, Known};
use crate::domain::secret::{AccessKey, Credentials, Login, Session, WebToken};
use crate::domain::subject::{Audience, Subject};
use crate::domain::tutorial::{PrintedCall, Said};

pub use crate::domain::seen::{
    Blob, CallRecord, Discovery, Fetched, LoginSource, Manifest, Push, SeenImage, SeenRepository,
    SentCall,
};

/// What a port answers with.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Fault>>;

/// AWS: IAM, STS, ECR's control plane.
pub trait Cloud: Send + Sync + 'static {
    /// What the environment says of the login; reads files, sends nothing.
    fn source(&self) -> BoxFuture<'_, LoginSource>;
    /// `GetCallerIdentity`. Reads the credentials anew each time, so that a renewed login is seen.
    fn whoami(&self) -> Answer<'_, Caller>;
    /// Reads all that the plan for this intent depends on. Changes nothing.
    fn survey<'a>(&'a self, intent: &'a Intent) -> Answer<'a, Inventory>;
    /// Reads these things whole, and which roles trust the providers among them. One that cannot be read is a fault of all;
    /// only the account's roles may be kept from the operator. Changes nothing.
    fn holdings<'a>(&'a self, wanted: &'a Wanted) -> Answer<'a, Holdings>;
    /// The access keys of a user, the oldest first, with their last use where that may be read.
    fn keys<'a>(&'a self, user: &'a str) -> Answer<'a, Vec<SeenKey>>;
    /// Sends one changing call, once: no retry after it may have reached AWS.
    fn perform<'a>(&'a self, operation: &'a Operation) -> Answer<'a, Deed>;
    /// The registry's repositories, with the operator's own credentials.
    fn repositories<'a>(&'a self, host: &'a RegistryHost) -> Answer<'a, Vec<SeenRepository>>;
    /// The images of a repository, newest first, with the operator's own credentials.
    fn images<'a>(
        &'a self,
        host: &'a RegistryHost,
        repository: &'a str,
    ) -> Answer<'a, Vec<SeenImage>>;
    /// `AssumeRoleWithWebIdentity`: unsigned, no operator credentials take part, one try.
    fn assume<'a>(
        &'a self,
        role: &'a RoleArn,
        token: &'a WebToken,
        region: &'a Region,
    ) -> Answer<'a, Session>;
    /// `GetCallerIdentity` of these credentials alone: their ARN. One try.
    fn identity<'a>(&'a self, of: &'a Credentials, region: &'a Region) -> Answer<'a, String>;
    /// `GetAuthorizationToken` with these credentials only, in the registry's region, one try.
    fn registry_login<'a>(&'a self, of: &'a Credentials, region: &'a Region) -> Answer<'a, Login>;
}

/// The account as the review reads it. Reads only; few calls at once, for IAM throttles by the account.
pub trait Roster: Send + Sync + 'static {
    /// A page of `GetAccountAuthorizationDetails`: roles, users, groups, the account's own policies. Of roles it lacks
    /// description and longest session, of users keys and password.
    fn details<'a>(&'a self, more: Option<&'a str>) -> Answer<'a, Page>;
    /// A page of `ListRoles`: trust policies, but no policies, boundary, tags and last use.
    fn roles<'a>(&'a self, more: Option<&'a str>) -> Answer<'a, Page>;
    /// The rest of a role that [`Self::roles`] gave. What of it cannot be read stands in `unread`.
    fn role(&self, listed: RoleEntry) -> BoxFuture<'_, RoleEntry>;
    /// A page of `ListUsers`: no policies, groups, boundary, tags, keys.
    fn users<'a>(&'a self, more: Option<&'a str>) -> Answer<'a, Page>;
    /// The rest of a user that [`Self::users`] gave, but keys and password. What cannot be read stands in `unread`.
    fn user(&self, listed: UserEntry) -> BoxFuture<'_, UserEntry>;
    /// A group by its name; `None` where there is none.
    fn group<'a>(&'a self, name: &'a str) -> Answer<'a, Option<GroupEntry>>;
    /// The keys of a user with their last use, and whether it has a password. What cannot be read stands in `unread`.
    fn login(&self, user: UserEntry) -> BoxFuture<'_, UserEntry>;
    /// The document of a managed policy's version in force, percent-decoded; `None` where there is no such policy.
    fn policy<'a>(&'a self, arn: &'a PolicyArn) -> Answer<'a, Option<String>>;
    /// Every OIDC provider of the account, or why that one could not be read.
    fn providers(&self) -> Answer<'_, Vec<(ProviderArn, Result<SeenProvider, Fault>)>>;
    /// `GetAccountSummary`.
    fn summary(&self) -> Answer<'_, Summary>;
    /// The policy of a repository, also in another account; `None` where it has none. `repository-missing` where there is
    /// no such repository.
    fn repository_policy<'a>(
        &'a self,
        host: &'a RegistryHost,
        repository: &'a str,
    ) -> Answer<'a, Option<String>>;
}

/// The issuer's public documents.
pub trait Issuers: Send + Sync + 'static {
    /// Fetches the discovery document, within 5 s. Not reachable is `issuer-unreachable`, another name in it is
    /// `issuer-mismatch`.
    fn discover<'a>(&'a self, issuer: &'a Issuer) -> Answer<'a, Discovery>;
    /// Fetches the keys, within 5 s: their ids (`kid`), at least one.
    fn keys<'a>(&'a self, discovery: &'a Discovery) -> Answer<'a, Vec<String>>;
}

/// Told of a blob's bytes as they come. Called often; must be quick.
pub type OnBytes = Arc<dyn Fn(BlobProgress) + Send + Sync>;

/// The registry's pull API.
pub trait Registry: Send + Sync + 'static {
    /// Resolves a reference to the platform's manifest: all four types asked for, index to platform, attestations
    /// skipped, bytes held against the digest where asked by digest.
    fn manifest<'a>(&'a self, login: &'a Login, wish: &'a PullWish) -> Answer<'a, Manifest>;
    /// Fetches the blobs that `depth` asks for, several at once, by GET only; the redirect is followed without
    /// `Authorization`; size and sha256 are checked while streaming; nothing is kept. May be dropped at any time.
    fn layers<'a>(
        &'a self,
        login: &'a Login,
        wish: &'a PullWish,
        manifest: &'a Manifest,
        depth: Depth,
        on_bytes: OnBytes,
    ) -> Answer<'a, Fetched>;
    /// Starts an upload to the wish's repository, which a role that may only pull is denied. One that was admitted is
    /// cancelled before this answers. Anything else than either is a fault. Must not be dropped.
    fn try_push<'a>(&'a self, login: &'a Login, wish: &'a PullWish) -> Answer<'a, Push>;
}

/// The cluster, through kubectl.
pub trait Cluster: Send + Sync + 'static {
    /// The kubeconfig's current context; `None` where there is no kubectl or no kubeconfig.
    fn context(&self) -> BoxFuture<'_, Option<String>>;
    /// The issuer that the cluster names, by its discovery document.
    fn issuer<'a>(&'a self, context: Option<&'a str>) -> Answer<'a, String>;
    /// `kubectl create token` for the subject and audience, 10 minutes.
    fn token<'a>(
        &'a self,
        context: Option<&'a str>,
        subject: &'a Subject,
        audience: &'a Audience,
    ) -> Answer<'a, WebToken>;
    /// What the API server would say to this manifest: `kubectl apply --dry-run=server`, by which nothing is stored.
    /// `registry-kind-missing`, `admission-refused` with the reason, `cluster-permission-missing`.
    fn try_manifest<'a>(&'a self, context: Option<&'a str>, manifest: &'a str) -> Answer<'a, ()>;
    /// What stands in the place of a Secret, and that it could be written: by a dry run on the server with made-up values.
    /// Never reads what is in a Secret. A Secret that this program did not make is `conflict`.
    fn secret_place<'a>(&'a self, place: &'a SecretPlace) -> Answer<'a, SeenPlace>;
    /// Writes the key into the Secret: a new one, or over the one that was seen, unless it was changed since. By standard
    /// input, never by an argument. Must not be dropped.
    fn put_secret<'a>(
        &'a self,
        place: &'a SecretPlace,
        key: &'a AccessKey,
        over: Option<&'a SeenSecret>,
    ) -> Answer<'a, ()>;
    /// The access key that is in a Secret.
    fn read_secret<'a>(&'a self, place: &'a SecretPlace) -> Answer<'a, AccessKey>;
}

/// The open journal of a run.
pub trait Journal: Send {
    /// What stood in it when it was opened, folded; `None` where the run is new.
    fn past(&self) -> Option<&Past>;
    /// Adds a line. It is on the disk when this returns.
    ///
    /// # Errors
    /// `file`: it is not known to be on the disk, and nothing can be added any more.
    fn write(&mut self, record: &Record) -> Result<(), Fault>;
}

/// What is kept on disk.
pub trait Ledger: Send + Sync + 'static {
    /// Opens the journal of a run, the one that is there or a new one with this first line. As long as it is held, no
    /// other process opens one. Nothing is written yet.
    ///
    /// # Errors
    /// `in-use` while another process has one open; `wrong-account` where the run is of another account; `file`, with
    /// path and reason.
    fn open_journal(&self, header: &Header) -> Result<Box<dyn Journal>, Fault>;
    /// The runs that have a journal, the oldest first.
    ///
    /// # Errors
    /// `file`: the folder cannot be read. What is wrong with one run stands in it.
    fn runs(&self) -> Result<Vec<Recorded>, Fault>;
    /// Writes the answers to a run's folder, whole or not at all; returns where they are. No secret is among them.
    ///
    /// # Errors
    /// `file`, with path and reason.
    fn save_answers(&self, run: &str, draft: &Draft) -> Result<PathBuf, Fault>;
    /// Reads a web identity token from a file; `-` is standard input.
    ///
    /// # Errors
    /// `file`, with path and reason.
    fn read_token(&self, path: &Path) -> Result<WebToken, Fault>;
    /// Whether a new key file could be made there: its folder is there and can be written to, and nothing stands in its
    /// place. Leaves nothing behind.
    ///
    /// # Errors
    /// `file`, with path and reason; for a key file, the key that it holds as well.
    fn try_key_file(&self, path: &Path) -> Result<(), Fault>;
    /// Writes an access key to a new file of mode 0600. What stands there already, a link included, is refused.
    ///
    /// # Errors
    /// `file`, with path and reason; then nothing of the key is left there.
    fn write_key_file(&self, path: &Path, key: &AccessKey) -> Result<(), Fault>;
    /// Reads an access key from a file; `-` is standard input.
    ///
    /// # Errors
    /// `file`, with path and reason.
    fn read_key_file(&self, path: &Path) -> Result<AccessKey, Fault>;
    /// Notes that something of this account was changed, `at` in seconds since 1970. Later runs of the program see it.
    ///
    /// # Errors
    /// `file`, with path and reason.
    fn note_change(&self, account: &AccountId, at: i64) -> Result<(), Fault>;
    /// When this program last changed something of this account, in any run, in seconds since 1970. `None` where it
    /// never did, or that cannot be read.
    fn last_change(&self, account: &AccountId) -> Option<i64>;
}

/// What the review keeps on disk.
pub trait Archive: Send + Sync + 'static {
    /// What was accepted, by its file; nothing where there is no such file.
    ///
    /// # Errors
    /// `file`, with path and reason, and for what is wrong in it the line.
    fn read_accepted(&self, path: &Path) -> Result<Vec<Accepted>, Fault>;
    /// Changes what was accepted, in the file as it is now, and tells what is in it then. The file is made to be committed,
    /// and written whole or not at all: sorted, one entry a block. Remarks that stood in it stay where they can.
    ///
    /// # Errors
    /// `file`, with path and reason; `in-use`: others keep writing to it.
    fn accept(&self, path: &Path, change: &Acceptance) -> Result<Vec<Accepted>, Fault>;
    /// What the last whole review of this account found, by fingerprint; `None` where there was none.
    ///
    /// # Errors
    /// `file`, with path and reason.
    fn last_review(&self, account: &AccountId) -> Result<Option<BTreeMap<String, Known>>, Fault>;
    /// Keeps what a whole review of this account found.
    ///
    /// # Errors
    /// `file`, with path and reason.
    fn keep_review(
        &self,
        account: &AccountId,
        found: &BTreeMap<String, Known>,
    ) -> Result<(), Fault>;
    /// Keeps how far a learner is, for the next start.
    ///
    /// # Errors
    /// `file`, with path and reason.
    fn keep_progress(&self, progress: &Progress) -> Result<(), Fault>;
    /// Writes a text to a new file of this name in a run's folder; returns where it is.
    ///
    /// # Errors
    /// `file`, with path and reason.
    fn write_export(&self, run: &str, name: &str, text: &str) -> Result<PathBuf, Fault>;
}

/// The practice account as a place to learn in.
pub trait Classroom: Send + Sync + 'static {
    /// Puts the world of an exercise in the place of all that was there; the ways to the account and the operator's key stay.
    /// Where the world has a token that somebody saved, it is answered.
    fn open<'a>(&'a self, exercise: &'a Arc<Exercise>) -> Answer<'a, Option<WebToken>>;
    /// How far the goals of the open exercise are, in their order, as the account is now; `None` where the account cannot
    /// tell. Leaves no trace in the account. Empty while no exercise is open.
    fn standings(&self) -> BoxFuture<'_, Vec<Option<Standing>>>;
    /// Ends once something was changed in the account, or time may have changed how far a goal is. `seen` is what the last
    /// call answered; 0 at first.
    fn changed(&self, seen: u64) -> BoxFuture<'_, u64>;
    /// The changing calls since the world was opened, by whichever program, the oldest first.
    fn trail(&self) -> Vec<SentCall>;
    /// What the practice account answers to these calls, one after the other, on an account of its own that holds the
    /// tutorial's world. Sends nothing.
    fn said(&self, calls: &[PrintedCall]) -> Vec<Said>;
}

/// Everything outside, as the jobs are given it.
#[derive(Clone)]
pub struct World {
    /// AWS.
    pub cloud: Arc<dyn Cloud>,
    /// The account as the review reads it.
    pub roster: Arc<dyn Roster>,
    /// The issuer.
    pub issuers: Arc<dyn Issuers>,
    /// The registry.
    pub registry: Arc<dyn Registry>,
    /// The cluster.
    pub cluster: Arc<dyn Cluster>,
    /// The disk.
    pub ledger: Arc<dyn Ledger>,
    /// What the review keeps there.
    pub archive: Arc<dyn Archive>,
    /// The practice account as a place to learn in; only in practice.
    pub classroom: Option<Arc<dyn Classroom>>,
}

/// Told of every call to the outside once it has ended.
pub type OnCall = Arc<dyn Fn(CallRecord) + Send + Sync>;
