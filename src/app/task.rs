//! The work that the state machine asks for, and what comes back: plain data, no futures.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::arn::{RoleArn, UserArn};
use crate::domain::custody::{Custody, SecretPlace, SeenPlace};
use crate::domain::draft::Draft;
use crate::domain::exercise::Exercise;
use crate::domain::exercise::goal::Standing;
use crate::domain::exercise::progress::Progress;
use crate::domain::fault::{Cause, Fault};
use crate::domain::host::RegistryHost;
use crate::domain::intent::{Caller, Intent, OidcIntent, UserIntent};
use crate::domain::inventory::{Holdings, Inventory};
use crate::domain::issuer::Issuer;
use crate::domain::journal::{Past, Recorded};
use crate::domain::key::KeyId;
use crate::domain::operation::Deed;
use crate::domain::plan::{Difference, Plan};
use crate::domain::probe::{BlobProgress, ProbeReport, PullWish, Refusals, Rung, RungResult, Try};
use crate::domain::review::mend::Mend;
use crate::domain::review::role::RoleReview;
use crate::domain::review::triage::{Acceptance, Accepted, Known};
use crate::domain::review::view::{self, Listing, Order, Table};
use crate::domain::review::{Counts, Review};
use crate::domain::secret::{AccessKey, WebToken};
use crate::domain::seen::{Discovery, LoginSource, SeenImage, SeenRepository, SentCall};
use crate::domain::tutorial::{PrintedCall, Said};
use crate::domain::undo::Undo;
use crate::render::review::Format;

/// Names one task. Handed out by the state machine; a report with another id than the one waited for changes
/// nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(pub u64);

/// Work described. The runner makes a task of it.
#[derive(Debug, Clone)]
pub enum Job {
    /// What the environment says: profile, region, endpoint, kubeconfig context. No network.
    Locate,
    /// Who the operator is. With `until_renewed` it asks again every few seconds until a login works.
    Whoami {
        /// Keep asking while credentials are missing or expired.
        until_renewed: bool,
    },
    /// The issuer that the cluster of this context names.
    ClusterIssuer(Option<String>),
    /// Discovery document and keys.
    Discover(Issuer),
    /// What AWS has for this intent.
    Survey(Box<Intent>),
    /// What stands where a secret is to go, and whether it could be written; nothing is made.
    TryPlace(Custody),
    /// The registry's repositories.
    Repositories(RegistryHost),
    /// The images of one repository.
    Images(RegistryHost, String),
    /// Carry out a plan.
    Apply(Box<Plan>),
    /// The runs that the journal knows.
    Runs,
    /// All that taking a run back depends on: its journal, who the operator is, what AWS has.
    Recall(String),
    /// Take a run back.
    Undo(Box<Undo>),
    /// Mend what the review found.
    Mend(Box<Mend>),
    /// The pull test.
    Probe(Box<ProbeOrder>),
    /// What the cluster of this context would say to this manifest; nothing is made.
    TryManifest(Option<String>, String),
    /// Write the answers to the folder of this run.
    SaveAnswers(String, Box<Draft>),
    /// Review the account. What was accepted is read from this file.
    Review(PathBuf),
    /// Keep what a whole review found: the next one of its account tells what is new.
    KeepReview(Arc<Review>),
    /// Change what was accepted, in its file.
    Accept(PathBuf, Acceptance),
    /// Print a review to a new file in the folder of this run.
    Export {
        /// The run.
        run: String,
        /// What to print.
        review: Arc<Review>,
        /// As what.
        format: Format,
    },
    /// Put the world of an exercise in the place of the account. What is made of it belongs to this run.
    OpenExercise(String, Arc<Exercise>),
    /// Tell how far the goals of the open exercise are, now and whenever that may have changed, until stopped. What was
    /// accepted of a review is read from this file.
    WatchGoals(Arc<Exercise>, PathBuf),
    /// Keep how far a learner is.
    KeepProgress(Progress),
    /// Write the record of the session to a new file in the folder of this run.
    WriteRecord(String, String),
    /// What the practice account says to what the tutorial prints.
    AskPrinted(Vec<PrintedCall>),
}

impl Job {
    /// Whether it changes anything in AWS, or puts another practice account in its place; at most one such task exists at a time, and it is never dropped.
    #[must_use]
    pub const fn is_changing(&self) -> bool {
        matches!(self, Self::Apply(_) | Self::Undo(_) | Self::Mend(_) | Self::OpenExercise(..))
    }
}

/// Everything the pull test needs.
#[derive(Debug, Clone)]
pub struct ProbeOrder {
    /// Who pulls.
    pub bearer: Bearer,
    /// What to fetch.
    pub wish: PullWish,
    /// For how long after a change a refusal that waiting may mend is tried again.
    pub wait: Duration,
    /// Whether the operator says that something was just changed: then it is waited from the beginning of the test on,
    /// whatever else is known of changes.
    pub just_changed: bool,
    /// What must be refused, as far as it is to be tried.
    pub refusals: Refusals,
}

/// Who pulls, as the test takes its part.
#[derive(Debug, Clone)]
pub enum Bearer {
    /// Okteto's service account through the role.
    Role(RoleBearer),
    /// The user by its access key.
    Key(KeyBearer),
}

/// A role, and whose token is swapped for it.
#[derive(Debug, Clone)]
pub struct RoleBearer {
    /// What the claims are held against.
    pub intent: OidcIntent,
    /// The role, as AWS returned its ARN.
    pub role: RoleArn,
    /// Where the token comes from.
    pub token: TokenSource,
}

/// A user, and where its key comes from.
#[derive(Debug, Clone)]
pub struct KeyBearer {
    /// Who is meant.
    pub intent: UserIntent,
    /// The user, as AWS returned its ARN.
    pub user: UserArn,
    /// Where the key comes from.
    pub key: KeySource,
}

impl Bearer {
    /// What was wanted of the set-up that is tested.
    #[must_use]
    pub fn intent(&self) -> Intent {
        match self {
            Self::Role(role) => Intent::Oidc(role.intent.clone()),
            Self::Key(key) => Intent::IamUser(key.intent.clone()),
        }
    }

    /// The stages of its test.
    #[must_use]
    pub const fn rungs(&self) -> &'static [Rung] {
        match self {
            Self::Role(_) => &Rung::OIDC,
            Self::Key(_) => &Rung::USER,
        }
    }
}

/// Where an access key comes from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// It is held in memory: made by this run, or pasted.
    Held(AccessKey),
    /// A file; `-` is standard input.
    File(PathBuf),
    /// A Kubernetes Secret: the key as Okteto has it.
    Secret(SecretPlace),
}

/// Where a web identity token comes from.
#[derive(Debug, Clone)]
pub enum TokenSource {
    /// A file; `-` is standard input.
    File(PathBuf),
    /// Pasted by the operator.
    Pasted(WebToken),
    /// `kubectl create token` in this context.
    Cluster(Option<String>),
}

/// What a task says while it runs and when it ends.
#[derive(Debug, Clone)]
pub enum Report {
    /// News from the middle.
    News(News),
    /// The end; nothing comes after it.
    End(End),
}

/// News from a running task.
#[derive(Debug, Clone)]
pub enum News {
    /// Apply, undo, mend: the step of this index in the list of changes is being sent.
    StepBegan(usize),
    /// Apply, undo, mend: it ended so.
    StepEnded(usize, StepOutcome),
    /// Apply, undo, mend: the step under way waits before its call is sent (again): the login has to be renewed, or AWS is busy.
    Waiting(Fault),
    /// Apply, undo, mend: the wait is over.
    GoesOn,
    /// Apply, undo, mend: no answer came; it is looked for what became of the call.
    LookingUp,
    /// Apply, undo, mend: reading back what was made.
    ReadingBack,
    /// Probe: a rung began.
    RungBegan(Rung),
    /// Probe: a try of a rung that is repeated while a change spreads.
    Tried(Try),
    /// Probe: a rung ended.
    RungEnded(RungResult),
    /// Probe: the layers to come, with their sizes.
    Layers(Vec<BlobProgress>),
    /// Probe: bytes came.
    Bytes(BlobProgress),
    /// Whoami: still no login; asks again.
    StillNoLogin(Fault),
    /// Review: further roles that trust a web identity, judged as far as their trust policies go; and how far it is.
    RolesJudged(Vec<Arc<RoleReview>>, Counts),
    /// Review: what is being read now: it follows "Reading".
    Stage(&'static str, Counts),
    /// Goals: how far each of them is, as the account tells, and what was sent since the exercise was opened.
    Goals(Vec<Option<Standing>>, Vec<SentCall>),
}

/// How one task ended.
#[derive(Debug, Clone)]
pub enum End {
    /// `Job::Locate`
    Located(LoginSource, Option<String>),
    /// `Job::Whoami`
    Caller(Result<Caller, Fault>),
    /// `Job::ClusterIssuer`
    ClusterIssuer(Result<String, Fault>),
    /// `Job::Discover`: the document, and the number of keys.
    Discovered(Result<(Discovery, usize), Fault>),
    /// `Job::Survey`
    Surveyed(Result<Box<Inventory>, Fault>),
    /// `Job::TryPlace`
    PlaceTried(Result<SeenPlace, Fault>),
    /// `Job::Repositories`
    Repositories(Result<Vec<SeenRepository>, Fault>),
    /// `Job::Images`
    Images(Result<Vec<SeenImage>, Fault>),
    /// `Job::Apply`
    Applied(Box<Applied>),
    /// `Job::Runs`, the oldest first.
    Runs(Result<Vec<Recorded>, Fault>),
    /// `Job::Recall`
    Recalled(Result<Box<Recalled>, Fault>),
    /// `Job::Undo`
    Undone(Box<Undone>),
    /// `Job::Mend`
    Mended(Box<Mended>),
    /// `Job::Probe`
    Probed(Box<ProbeReport>),
    /// `Job::TryManifest`
    ManifestTried(Result<(), Fault>),
    /// `Job::SaveAnswers`: where they are.
    Saved(Result<PathBuf, Fault>),
    /// `Job::Review`
    Reviewed(Result<Box<Reviewed>, Fault>),
    /// `Job::KeepReview`
    Kept(Result<(), Fault>),
    /// `Job::Accept`: what is in the file now.
    Accepted(Result<Vec<Accepted>, Fault>),
    /// `Job::Export`: where it is.
    Exported(Result<PathBuf, Fault>),
    /// `Job::OpenExercise`: what the wizard's fields hold now.
    ExerciseOpened(Result<Box<Draft>, Fault>),
    /// `Job::KeepProgress`
    ProgressKept(Result<(), Fault>),
    /// `Job::WriteRecord`: where it is.
    RecordWritten(Result<PathBuf, Fault>),
    /// `Job::AskPrinted`: one for each call.
    Printed(Vec<Said>),
    /// Cancelled before it was done. Says what is left behind, if anything.
    Stopped,
}

impl End {
    /// A review that was read.
    #[must_use]
    pub fn reviewed(review: Review) -> Self {
        Self::Reviewed(Ok(Box::new(review.into())))
    }
}

/// A review, and the rows that are shown of it: with thousands of roles they take longer than a key may.
#[derive(Debug, Clone)]
pub struct Reviewed {
    /// The review.
    pub review: Arc<Review>,
    /// The rows, in the order of [`Table::ALL`].
    pub tables: [Listing; 4],
    /// What the last review found and this one did not, although it looked; none where there was no last one.
    pub mended: Option<Vec<Known>>,
}

impl From<Review> for Reviewed {
    fn from(review: Review) -> Self {
        let tables =
            Table::ALL.map(|table| Listing::new(view::rows(&review, table), Order::default()));
        let triage = review.triage.as_ref().ok().filter(|triage| triage.known.is_some());
        let mended = triage.map(|triage| triage.gone(&review).into_iter().cloned().collect());
        Self { review: Arc::new(review), tables, mended }
    }
}

/// How one operation ended.
#[derive(Debug, Clone)]
pub enum StepOutcome {
    /// Sent and answered.
    Done {
        /// What it made.
        deed: Deed,
        /// How long it took.
        took: Duration,
    },
    /// Sent and refused, or not sent because the check before it failed.
    Failed {
        /// Why.
        fault: Fault,
        /// How long it took.
        took: Duration,
    },
    /// Sent, and no answer came: whether it happened is not known.
    Unknown {
        /// What was seen.
        fault: Fault,
        /// How long it took.
        took: Duration,
    },
    /// Never begun.
    Skipped,
}

/// How the whole of apply ended.
#[derive(Debug, Clone, Default)]
pub struct Applied {
    /// The word of the JSON results.
    pub outcome: ApplyOutcome,
    /// One for each of the plan's changes, in order.
    pub steps: Vec<StepOutcome>,
    /// The role's ARN as AWS has it.
    pub role: Option<RoleArn>,
    /// The user's ARN as AWS has it.
    pub user: Option<UserArn>,
    /// The access key that is to be used: the one that was made, else the youngest active one that is there.
    pub key: Option<KeyId>,
    /// The access key that was made, where it is to be held in memory.
    pub held: Option<AccessKey>,
    /// What reading back found different from what was meant; empty is good.
    pub differs: Vec<Difference>,
    /// Why nothing was done at all (wrong account, plan changed, blocked), or why reading back failed.
    pub fault: Option<Fault>,
}

impl Applied {
    /// Not begun, for this reason.
    #[must_use]
    pub fn blocked(plan: &Plan, fault: Fault) -> Self {
        let nothing = Self::nothing(plan);
        Self { outcome: ApplyOutcome::Blocked, fault: Some(fault), ..nothing }
    }

    /// As the journal and scripts are told: what was not seen to be as it was meant, or not written down, is not done.
    #[must_use]
    pub fn told(&self) -> ApplyOutcome {
        self.outcome.told(self.fault.as_ref(), self.differs.is_empty())
    }

    /// Nothing was done yet, nor did anything fail.
    #[must_use]
    pub fn nothing(plan: &Plan) -> Self {
        let steps = plan.changes().map(|_| StepOutcome::Skipped).collect();
        Self { steps, ..Self::default() }
    }
}

/// A run, and all that taking it back depends on.
#[derive(Debug, Clone)]
pub struct Recalled {
    /// Its journal, folded.
    pub past: Past,
    /// Who the operator is.
    pub caller: Caller,
    /// What AWS has of what the run touched.
    pub seen: Holdings,
}

/// How taking a run back ended.
#[derive(Debug, Clone, Default)]
pub struct Undone {
    /// The word of the JSON results.
    pub outcome: ApplyOutcome,
    /// One for each of the changes, in order. A refusal does not stop the rest.
    pub steps: Vec<StepOutcome>,
    /// What is still there although its call was answered well, a few words each; empty is good.
    pub left: Vec<String>,
    /// Why nothing was done at all, or why it was broken off.
    pub fault: Option<Fault>,
}

impl Undone {
    /// As the journal and scripts are told: what is still there, or was not written down, is not done.
    #[must_use]
    pub fn told(&self) -> ApplyOutcome {
        self.outcome.told(self.fault.as_ref(), self.left.is_empty())
    }

    /// Nothing was done yet.
    #[must_use]
    pub fn nothing(undo: &Undo) -> Self {
        let steps = undo.changes().map(|_| StepOutcome::Skipped).collect();
        Self { steps, ..Self::default() }
    }

    /// Not begun, for this reason.
    #[must_use]
    pub fn blocked(undo: &Undo, fault: Fault) -> Self {
        let nothing = Self::nothing(undo);
        Self { outcome: ApplyOutcome::Blocked, fault: Some(fault), ..nothing }
    }
}

/// How mending ended.
#[derive(Debug, Clone, Default)]
pub struct Mended {
    /// The word of the JSON results.
    pub outcome: ApplyOutcome,
    /// One for each of the calls, in order.
    pub steps: Vec<StepOutcome>,
    /// What is not as it was meant although its call was answered well, a few words each; empty is good.
    pub differs: Vec<String>,
    /// Why nothing was done at all, or why reading back failed.
    pub fault: Option<Fault>,
}

impl Mended {
    /// As the journal is told: what was not seen to be as it was meant, or not written down, is not done.
    #[must_use]
    pub fn told(&self) -> ApplyOutcome {
        self.outcome.told(self.fault.as_ref(), self.differs.is_empty())
    }

    /// Nothing was done yet.
    #[must_use]
    pub fn nothing(mend: &Mend) -> Self {
        let steps = mend.changes().map(|_| StepOutcome::Skipped).collect();
        Self { steps, ..Self::default() }
    }

    /// Not begun, for this reason.
    #[must_use]
    pub fn blocked(mend: &Mend, fault: Fault) -> Self {
        let nothing = Self::nothing(mend);
        Self { outcome: ApplyOutcome::Blocked, fault: Some(fault), ..nothing }
    }
}

/// The word for how apply, undo or mending ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApplyOutcome {
    /// All done, or nothing to do.
    #[default]
    Done,
    /// A step was refused.
    Failed,
    /// Stopped by the operator between two steps.
    Stopped,
    /// Not begun: a conflict, a missing confirmation, or the wrong account.
    Blocked,
}

impl ApplyOutcome {
    fn told(self, fault: Option<&Fault>, is_as_meant: bool) -> Self {
        match (self, fault) {
            (Self::Done, Some(fault)) if fault.cause == Cause::Stopped => Self::Stopped,
            (Self::Done, Some(_)) => Self::Failed,
            (Self::Done, None) if !is_as_meant => Self::Failed,
            (outcome, _) => outcome,
        }
    }

    /// The word of the JSON results.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Blocked => "blocked",
        }
    }
}
