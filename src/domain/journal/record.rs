//! The lines of a journal as they are saved: flat, versioned, types of their own.
//!
//! The first line is a [`Header`]; each of the others a [`Record`]. A line counts once it ends in a newline: what was being
//! written when the program died is no line, and a later process cuts it off before it goes on with a line that begins a
//! session.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::{Caller, Intent};
use crate::domain::plan::Plan;

/// The version of the format: a reader takes any minor of its own major.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Format {
    /// Another major cannot be read.
    pub major: u32,
    /// A newer minor can be read, and not written to: what it adds would be lost on it.
    pub minor: u32,
}

impl Format {
    /// What this program writes.
    pub const OURS: Self = Self { major: 1, minor: 0 };
}

/// The first line: what the whole run is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the format. Of a journal that was read it is the highest that any session wrote.
    pub format: Format,
    /// The version of the program that began it.
    pub program: String,
    /// The run's id.
    pub run: String,
    /// The account, 12 digits.
    pub account: String,
    /// The partition, such as `aws`.
    pub partition: String,
    /// The region of the registry.
    pub region: String,
    /// The ARN of who began it.
    pub caller: String,
    /// `oidc`, `iam-user`, or `review`: [`REVIEW`].
    pub mode: String,
    /// What is set up, such as `role my-private-registry`.
    pub about: String,
    /// The registry; `-` where the run is for none.
    pub registry: String,
    /// When it began, RFC 3339.
    pub began: String,
}

impl Header {
    /// The first line of the journal of a plan's run.
    #[must_use]
    pub fn of(plan: &Plan, began: String) -> Self {
        let (intent, caller) = (&plan.intent, &plan.caller);
        Self {
            format: Format::OURS,
            program: plan.stamp.version.clone(),
            run: plan.stamp.run.clone(),
            account: caller.account.to_string(),
            partition: caller.partition.id().to_owned(),
            region: intent.host().region.to_string(),
            caller: caller.arn.clone(),
            mode: intent.mode().word().to_owned(),
            about: about(intent),
            registry: intent.host().to_string(),
            began,
        }
    }

    /// Whether it mended what a review found, and set nothing up: there are no answers that it could be gone on with from.
    #[must_use]
    pub fn is_review(&self) -> bool {
        self.mode == REVIEW
    }

    /// What it sets up or mends, in a few words: `role my-private-registry`, `mends role a`.
    #[must_use]
    pub fn does(&self) -> String {
        if self.is_review() { format!("mends {}", self.about) } else { self.about.clone() }
    }

    /// The same with what it is for.
    #[must_use]
    pub fn purpose(&self) -> String {
        if self.is_review() { self.does() } else { format!("{} for {}", self.about, self.registry) }
    }

    /// Whether the run is for the same thing: the same account, mode, registry, and role or user.
    #[must_use]
    pub fn is_for(&self, intent: &Intent, caller: &Caller) -> bool {
        is_of(self, caller).is_ok()
            && self.mode == intent.mode().word()
            && self.about == about(intent)
            && self.registry == intent.host().to_string()
    }
}

/// Any line but the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Record {
    /// A process goes to work on the run. Its line also holds the format in which that process writes.
    #[serde(serialize_with = "in_our_format")]
    Session(Session),
    /// A call is about to be sent.
    Began(Began),
    /// It was answered, or it is known that it will not be.
    Ended(Ended),
    /// The process has ended its work in order.
    Closed {
        /// When, RFC 3339.
        at: String,
        /// How.
        outcome: Outcome,
    },
    /// Of a newer minor.
    #[serde(other)]
    Unknown,
}

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// A plan is carried out.
    Apply,
    /// The run is taken back.
    Undo,
    /// Of a newer minor.
    #[serde(other)]
    Unknown,
}

/// A process goes to work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// When, RFC 3339.
    pub at: String,
    /// The version of the program.
    pub program: String,
    /// The ARN of who does it.
    pub caller: String,
    /// What for.
    pub purpose: Purpose,
    /// The calls it is about to make, in a few words each.
    pub calls: Vec<String>,
}

/// A call is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Began {
    /// When, RFC 3339.
    pub at: String,
    /// Its number in the run, from 1.
    pub n: u64,
    /// Which part of the set-up, such as `role`.
    pub id: String,
    /// The call, such as `iam:CreateRole`; `deliver` for an access key's secret.
    pub call: String,
    /// A few words, such as `role my-private-registry`.
    pub summary: String,
    /// Its parameters in the names of the AWS API, as sent.
    pub request: Value,
    /// What it takes the place of, in the same names; null where nothing was there.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub before: Value,
}

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All was done.
    Done,
    /// It was refused, and did not happen.
    Failed,
    /// It was stopped before its end.
    Stopped,
    /// It may or may not have happened. So it is with a word of a newer minor.
    #[serde(other)]
    Unknown,
}

impl Outcome {
    /// The word of the file and of the JSON results.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Unknown => "unknown",
        }
    }
}

/// A call was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When, RFC 3339.
    pub at: String,
    /// Its number.
    pub n: u64,
    /// How: done, failed or unknown.
    pub outcome: Outcome,
    /// `created`, `adopted`, `changed` or `removed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// The ARN that AWS returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The id of the access key that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// AWS's request id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The cause, where it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What was said, where it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A journal as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// The first line.
    pub header: Header,
    /// The others.
    pub lines: Vec<Record>,
    /// Whether it ends in the middle of a line.
    pub torn: bool,
}

/// Why a journal could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// Its first line was never written whole: nothing was sent after it.
    Empty,
    /// It is of another major.
    Version(Format, String),
    /// A line in the middle is none.
    Damaged(usize, String),
}

/// What a run for this intent is about: `role my-private-registry`.
#[must_use]
pub fn about(intent: &Intent) -> String {
    let principal = intent.principal();
    format!("{} {principal}", principal.kind())
}

/// The mode of a run that mends what a review found.
pub const REVIEW: &str = "review";

/// Whether a login may touch what the run made: it is of the same account.
///
/// # Errors
/// `wrong-account`.
pub fn is_of(header: &Header, caller: &Caller) -> Result<(), Fault> {
    let (account, partition) = (caller.account.as_str(), caller.partition.id());
    if (account, partition) == (header.account.as_str(), header.partition.as_str()) {
        return Ok(());
    }
    let message = format!(
        "run {} is of account {} ({}), the login is of {account} ({partition})",
        header.run, header.account, header.partition
    );
    Err(Fault::new(Cause::WrongAccount, message)
        .with("wanted", header.account.as_str())
        .with("got", account)
        .with("caller", caller.arn.as_str())
        .remedy("log in to the account that the run was made in"))
}

/// What every version has in its first line and in those that begin a session.
#[derive(Deserialize)]
struct Head {
    format: Format,
    #[serde(default)]
    program: String,
}

/// A session as it is saved.
fn in_our_format<S: Serializer>(session: &Session, to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Saved<'a> {
        format: Format,
        #[serde(flatten)]
        session: &'a Session,
    }
    Saved { format: Format::OURS, session }.serialize(to)
}

/// What of a journal counts: all up to the end of its last whole line. It may have been torn within a letter.
#[must_use]
pub fn whole(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    text.get(..end).unwrap_or_default()
}

impl Journal {
    /// Reads the text of a journal. What is torn at its end is passed over, and so is a line that cannot be read where none
    /// follows it, or a later process that went on after it.
    ///
    /// # Errors
    /// It is empty, of another major, or damaged.
    pub fn read(text: impl AsRef<[u8]>) -> Result<Self, Unread> {
        let text = text.as_ref();
        let whole = whole(text);
        let torn = whole.len() < text.len();
        if whole.trim_ascii().is_empty() {
            return Err(Unread::Empty);
        }
        let lines: Vec<&[u8]> = whole.trim_ascii_end().split(|byte| *byte == b'\n').collect();
        let damaged = |at: usize, why: &serde_json::Error| Unread::Damaged(at + 1, why.to_string());
        let first = lines.first().copied().unwrap_or_default();
        let Head { mut format, .. } =
            serde_json::from_slice(first).map_err(|error| damaged(0, &error))?;
        // A later process may have written in a newer format than the one that began it.
        let heads = lines.iter().rev().filter_map(|line| serde_json::from_slice::<Head>(line).ok());
        for head in heads {
            if head.format.major != Format::OURS.major {
                return Err(Unread::Version(head.format, head.program));
            }
            format = format.max(head.format);
        }
        let header = serde_json::from_slice(first).map_err(|error| damaged(0, &error))?;
        let mut read = Vec::new();
        let mut unread = None;
        for (at, line) in lines.iter().enumerate().skip(1) {
            match serde_json::from_slice(line) {
                Ok(Record::Session(session)) => {
                    unread = None;
                    read.push(Record::Session(session));
                }
                Ok(line) => match unread {
                    Some(damage) => return Err(damage),
                    None => read.push(line),
                },
                Err(error) => unread = unread.or_else(|| Some(damaged(at, &error))),
            }
        }
        Ok(Self { header: Header { format, ..header }, lines: read, torn })
    }

    /// Whether this program may add lines to it.
    #[must_use]
    pub fn may_be_written(&self) -> bool {
        self.header.format <= Format::OURS
    }

    /// The version of the program that wrote to it last.
    #[must_use]
    pub fn program(&self) -> &str {
        let mut sessions = self.lines.iter().rev().filter_map(|line| match line {
            Record::Session(session) => Some(session.program.as_str()),
            _ => None,
        });
        sessions.next().unwrap_or(&self.header.program)
    }
}

impl Unread {
    /// The same as a fault of the run's journal.
    #[must_use]
    pub fn fault(&self, run: &str) -> Fault {
        let fault = match self {
            Self::Empty => Fault::new(Cause::File, format!("the journal of run {run} is empty"))
                .remedy("nothing was sent by that run; its folder may be removed"),
            Self::Version(Format { major, minor }, program) => Fault::new(
                Cause::File,
                format!("the journal of run {run} has format {major}.{minor}, which this version cannot read"),
            )
            .with("format", format!("{major}.{minor}"))
            .remedy(format!("use okteto-ecr {program}, which wrote it")),
            Self::Damaged(line, why) => {
                Fault::new(Cause::File, format!("line {line} of the journal of run {run} is damaged: {why}"))
                    .with("line", line.to_string())
                    .remedy("look at the account by hand: what that run made carries its tag okteto-ecr:run")
            }
        };
        fault.with("run", run)
    }
}
