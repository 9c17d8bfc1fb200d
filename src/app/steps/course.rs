//! Calls that are sent one after the other, to make or to take back: how far each is, and what is waited for.

use super::apply::story::difference;
use crate::app::keymap::Command;
use crate::app::overlay::{Overlay, TextBox};
use crate::app::task::{News, StepOutcome};
use crate::app::wizard::App;
use crate::domain::fault::{Cause, Fault};
use crate::domain::moment::Moment;
use crate::domain::plan::Planned;

/// A wait is spoken of only after this many seconds (ux W3).
const SPOKEN_OF: u64 = 2;

/// How far one call is.
#[derive(Debug, Clone)]
pub enum Progress {
    /// Not sent yet.
    ToCome,
    /// Sent then; no answer yet.
    Going(Moment),
    /// Ended so.
    Ended(StepOutcome),
}

/// Why the call under way takes longer than its answer.
#[derive(Debug, Clone)]
pub enum Delay {
    /// It waits before it is sent (again): for a login, or for AWS to have time.
    Waiting(Fault),
    /// Its answer did not come: it is looked for what became of it.
    LookingUp,
}

/// How far all of them are.
#[derive(Debug)]
pub struct Course {
    /// One for each call.
    pub progress: Vec<Progress>,
    /// What came of it is being read since then.
    pub reading_back: Option<Moment>,
    /// When it began.
    pub began: Moment,
    /// What holds up the call under way.
    pub delay: Option<Delay>,
}

impl Delay {
    /// A few words beside the call.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Waiting(fault) => match fault.cause {
                Cause::CredentialsExpired => "waiting: the login has expired",
                Cause::CredentialsMissing => "waiting: there is no login",
                Cause::Throttled => "waiting: AWS is busy",
                _ => "waiting",
            },
            Self::LookingUp => "no answer: looking whether it happened",
        }
    }

    /// The same for a narrow column.
    #[must_use]
    pub fn in_short(&self) -> &'static str {
        match self {
            Self::Waiting(fault) if fault.cause == Cause::CredentialsExpired => {
                "waiting: login expired"
            }
            Self::Waiting(fault) if fault.cause == Cause::CredentialsMissing => "waiting: no login",
            Self::LookingUp => "no answer, looking",
            Self::Waiting(_) => self.words(),
        }
    }

    /// One line for the foot of the screen.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self {
            Self::Waiting(fault) if fault.cause == Cause::Throttled => {
                "AWS is busy; the call is sent again in a moment. Ctrl-C stops."
            }
            Self::Waiting(fault) if fault.cause == Cause::CredentialsMissing => {
                "Waiting: there is no login. Log in elsewhere; it goes on by itself."
            }
            Self::Waiting(_) => {
                "Waiting: the login has expired. Renew it elsewhere; it goes on by itself."
            }
            Self::LookingUp => "No answer: looking whether it happened.",
        }
    }

    /// What there is to know and to do, the instruction last but one.
    #[must_use]
    pub fn story(&self) -> Vec<String> {
        match self {
            Self::Waiting(fault) if fault.cause == Cause::Throttled => vec![
                fault.message.clone(),
                "The call was refused for that alone and did nothing; it is sent again in a moment."
                    .to_owned(),
            ],
            Self::Waiting(fault) => vec![
                fault.message.clone(),
                fault.what_to_do().to_owned(),
                "It goes on by itself, at this very call. It gives up after 15 min; Ctrl-C stops."
                    .to_owned(),
            ],
            Self::LookingUp => vec![
                "The call was sent and not answered. The account is looked at to see whether it happened; it is not sent again."
                    .to_owned(),
            ],
        }
    }
}

impl Course {
    /// So many calls, none of them sent.
    #[must_use]
    pub fn new(calls: usize, now: Moment) -> Self {
        let progress = vec![Progress::ToCome; calls];
        Self { progress, reading_back: None, began: now, delay: None }
    }

    /// Takes news in, but for the end of a call. Returns the call that has begun, if one has.
    pub fn news(&mut self, news: News, now: Moment) -> Option<usize> {
        match news {
            News::StepBegan(i) => {
                self.delay = None;
                *self.progress.get_mut(i)? = Progress::Going(now);
                return Some(i);
            }
            News::ReadingBack => (self.delay, self.reading_back) = (None, Some(now)),
            News::Waiting(fault) => self.delay = Some(Delay::Waiting(fault)),
            News::LookingUp => self.delay = Some(Delay::LookingUp),
            News::GoesOn => {
                self.delay = None;
                // From now on it is the answer that is waited for.
                if let Some((i, _)) = self.current()
                    && let Some(progress) = self.progress.get_mut(i)
                {
                    *progress = Progress::Going(now);
                }
            }
            _ => {}
        }
        None
    }

    /// Notes how a call ended; says whether that is new.
    pub fn end_step(&mut self, i: usize, outcome: StepOutcome) -> bool {
        let Some(progress) = self.progress.get_mut(i) else { return false };
        if matches!(progress, Progress::Ended(_)) {
            return false;
        }
        self.delay = None;
        *progress = Progress::Ended(outcome);
        true
    }

    /// How each ended, where the task was stopped before it could say.
    #[must_use]
    pub fn outcomes(&self) -> Vec<StepOutcome> {
        let outcome = |progress: &Progress| match progress {
            Progress::Ended(outcome) => outcome.clone(),
            _ => StepOutcome::Skipped,
        };
        self.progress.iter().map(outcome).collect()
    }

    /// How many have been answered well.
    #[must_use]
    pub fn done(&self) -> usize {
        let done = |p: &&Progress| matches!(p, Progress::Ended(StepOutcome::Done { .. }));
        self.progress.iter().filter(done).count()
    }

    /// The call under way.
    #[must_use]
    pub fn current(&self) -> Option<(usize, Moment)> {
        self.progress.iter().enumerate().find_map(|(i, p)| match p {
            Progress::Going(since) => Some((i, *since)),
            _ => None,
        })
    }

    /// Since when the answer that is waited for is waited for.
    #[must_use]
    pub fn waiting_since(&self) -> Moment {
        self.current().map(|(_, at)| at).or(self.reading_back).unwrap_or(self.began)
    }

    /// The calls that did not go well, each with its fault.
    pub fn faults(&self) -> impl Iterator<Item = (usize, &Fault)> {
        self.progress.iter().enumerate().filter_map(|(i, p)| match p {
            Progress::Ended(
                StepOutcome::Failed { fault, .. } | StepOutcome::Unknown { fault, .. },
            ) => Some((i, fault)),
            _ => None,
        })
    }

    /// Whether a call was sent whose answer never came.
    #[must_use]
    pub fn lost_reply(&self) -> bool {
        self.progress.iter().any(|p| matches!(p, Progress::Ended(StepOutcome::Unknown { .. })))
    }

    /// The line at the foot of the screen while it runs; `refusals` says what a refusal does.
    #[must_use]
    pub fn status(&self, now: Moment, stopping: bool, refusals: &str) -> String {
        if stopping {
            return "Stopping after the call under way. Ctrl-C again leaves at once.".to_owned();
        }
        if let Some(delay) = &self.delay {
            return delay.status().to_owned();
        }
        let waited = now.since(self.waiting_since()).as_secs();
        match (waited >= SPOKEN_OF, self.reading_back) {
            (false, None) => format!("Sending. {refusals}"),
            (false, Some(_)) => "Reading back what came of it.".to_owned(),
            (true, None) => {
                format!("Waiting for AWS for {waited} s. Usually under 3 s; gives up at 60 s.")
            }
            (true, Some(_)) => {
                format!("Reading back for {waited} s. IAM may show the old state for some seconds.")
            }
        }
    }
}

/// The selected command, all of them, or what went wrong, to the clipboard or out of the screen.
pub(super) fn take_along(
    app: &mut App,
    command: Command,
    one: Option<String>,
    all: Option<String>,
    faults: Option<String>,
) -> bool {
    match command {
        Command::Copy => one.or(faults).map(|text| app.copy(&text)),
        Command::CopyAll => all.or(faults).map(|text| app.copy(&text)),
        _ => [faults, all]
            .into_iter()
            .flatten()
            .reduce(|a, b| format!("{a}\n\n{b}"))
            .map(|text| app.print(&text)),
    }
    .is_some()
}

/// What is there of the selected step, and what will be.
pub(super) fn show_differences(app: &mut App, selected: Option<Planned>) -> bool {
    let Some(step) = selected else { return false };
    if step.diff.is_empty() {
        app.remark("Nothing that is there differs in this step.");
    } else {
        let title = format!("{}: now (-) and then (+)", step.summary);
        let lines = step.diff.iter().flat_map(difference).collect();
        app.overlay = Some(Overlay::Text(TextBox::new(title, lines)));
    }
    true
}
