//! "Not yet" or "never": a refusal of what should work is tried again only where something was changed a moment ago, and
//! then until a stated end. What should work and was not changed is reported at once.
//!
//! Delays 1, 2, 4, 8, 10, 10, … seconds up to the end of the window. Replicas differ: after a refusal two successes in
//! a row count, and where nothing was changed one more try is made a second later.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::look::Sight;
use super::window::Window;
use crate::app::task::{News, ProbeOrder};
use crate::clock;
use crate::domain::fault::{Cause, Fault};
use crate::domain::probe::{Rung, Try, Wait};
use crate::engine::control::{Control, READ_LIMIT, within};
use crate::ports::Answer;

/// Between two tries of which the second only makes sure.
pub(super) const ONCE_MORE: Duration = Duration::from_secs(1);
/// Tries where the other end was merely busy or out of reach.
const PASSING_TRIES: u32 = 3;

pub(super) struct Patience<'a> {
    pub(super) control: &'a Control,
    pub(super) order: &'a ProbeOrder,
    pub(super) rung: Rung,
    pub(super) sight: &'a Sight,
    /// For what this test itself has just been given, keys that are not known everywhere yet, and for what is not known
    /// at all.
    pub(super) fresh: &'a Window,
    /// The end of what is shown: no try begins after it.
    pub(super) ends: Option<Instant>,
}

/// What a refusal may mean.
#[derive(PartialEq, Eq)]
enum Refusal {
    Final,
    /// The other end was busy or out of reach.
    Passing,
    /// A change may not have spread.
    Spreading,
}

/// Whether to try again, and for what.
enum Chance<'a> {
    /// No.
    None,
    /// Once, to make sure.
    Once,
    /// While the other end is busy.
    Busy,
    /// Until the window ends.
    Until(&'a Window),
}

/// The tries of a rung as they are told.
pub(super) struct Told<'a> {
    control: &'a Control,
    rung: Rung,
    began: Instant,
    pub(super) number: u32,
}

impl<'a> Told<'a> {
    pub(super) fn new(control: &'a Control, rung: Rung) -> Self {
        Self { control, rung, began: Instant::now(), number: 0 }
    }

    pub(super) fn tried(
        &self,
        refused: Option<&Fault>,
        next_in: Option<Duration>,
        window: Option<&Window>,
    ) {
        let wait = window.map(|window| Wait {
            why: window.why.clone(),
            until: window.end.saturating_duration_since(self.began),
        });
        self.control.news(News::Tried(Try {
            rung: self.rung,
            number: self.number,
            after: self.began.elapsed(),
            refused: refused.cloned(),
            next_in,
            wait,
        }));
    }
}

impl Patience<'_> {
    /// Asks until it is granted twice after a refusal (or at once), refused for good, or the window ends.
    pub(super) async fn ask<'b, T: Send>(
        &self,
        ask: impl Fn() -> Answer<'b, T> + Send + Sync,
    ) -> Result<T, Fault> {
        self.ask_after(None, ask).await
    }

    /// The same where the first try was made already, and refused so.
    pub(super) async fn ask_after<'b, T: Send>(
        &self,
        mut first: Option<Fault>,
        ask: impl Fn() -> Answer<'b, T> + Send + Sync,
    ) -> Result<T, Fault> {
        let mut told = Told::new(self.control, self.rung);
        // The window of the last refusal that was waited for, once there was one.
        let mut refused: Option<Option<&Window>> = None;
        let (mut granted, mut passing, mut sure) = (false, 0, false);
        loop {
            told.number += 1;
            let answer = match first.take() {
                Some(fault) => Err(fault),
                None => within(READ_LIMIT, "from AWS", ask()).await,
            };
            let fault = match answer {
                Ok(value) => match refused {
                    Some(window) if !granted => {
                        granted = true;
                        told.tried(None, Some(ONCE_MORE), window);
                        sleep(ONCE_MORE).await;
                        continue;
                    }
                    _ => {
                        if told.number > 1 {
                            told.tried(None, None, None);
                        }
                        return Ok(value);
                    }
                },
                Err(fault) => fault,
            };
            granted = false;
            let chance = self.chance(&fault);
            let (wait, window) = match chance {
                Chance::None => (None, None),
                Chance::Busy => {
                    passing += 1;
                    ((passing < PASSING_TRIES).then(|| delay(told.number)), None)
                }
                Chance::Once => (Some(ONCE_MORE).filter(|_| !sure), None),
                Chance::Until(window) => {
                    let wait = delay(told.number);
                    (Some(wait).filter(|wait| Instant::now() + *wait <= window.end), Some(window))
                }
            };
            let wait = wait.filter(|wait| self.ends.is_none_or(|e| Instant::now() + *wait <= e));
            if !matches!(chance, Chance::Busy) {
                refused = Some(window);
                sure = true;
            }
            let Some(wait) = wait else {
                told.tried(Some(&fault), None, None);
                return Err(self.last(fault, &chance, (told.number, told.began.elapsed())));
            };
            told.tried(Some(&fault), Some(wait), window);
            sleep(wait).await;
        }
    }

    fn chance(&self, fault: &Fault) -> Chance<'_> {
        match self.meaning(fault) {
            Refusal::Final => Chance::None,
            Refusal::Passing => Chance::Busy,
            Refusal::Spreading if is_fresh(fault) => Chance::Until(self.fresh),
            Refusal::Spreading => {
                let grants = matches!(self.rung, Rung::Login | Rung::Manifest);
                match (&self.sight.seen, &self.sight.change) {
                    // The policy that grants it is not there: the refusal itself says best what that means.
                    (Ok(seen), _) if grants && !seen.may_pull => Chance::None,
                    (Err(_), _) if grants => Chance::None,
                    // What was changed by others is not known.
                    (Err(_), _) => Chance::Until(self.fresh),
                    (Ok(_), Some(window)) => Chance::Until(window),
                    (Ok(_), None) => Chance::Once,
                }
            }
        }
    }

    fn meaning(&self, fault: &Fault) -> Refusal {
        let cause = fault.cause;
        let of_rung = match self.rung {
            Rung::Assume => {
                is_denied(fault)
                    || matches!(cause, Cause::ProviderMissing | Cause::AudienceNotRegistered)
            }
            Rung::Login => {
                matches!(cause, Cause::LoginPermissionMissing | Cause::PermissionDenied)
            }
            Rung::Manifest => cause == Cause::PullPermissionMissing,
            _ => false,
        };
        match cause {
            _ if of_rung || is_fresh(fault) => Refusal::Spreading,
            Cause::Throttled | Cause::Unreachable | Cause::IssuerUnreachable => Refusal::Passing,
            _ => Refusal::Final,
        }
    }

    /// The fault to end with, once waiting has no sense or no time.
    fn last(&self, refusal: Fault, chance: &Chance<'_>, (tries, waited): (u32, Duration)) -> Fault {
        let judged = self.rung == Rung::Assume && self.meaning(&refusal) == Refusal::Spreading;
        let fault = match (&self.sight.seen, chance) {
            (Err(why), _) if self.meaning(&refusal) == Refusal::Spreading => unseen(refusal, why),
            _ if !judged => refusal,
            (Ok(seen), _) if seen.unsure.is_some() => {
                let what = seen.unsure.clone().unwrap_or_default();
                let remedy = format!(
                    "see whether that can hold for whoever shows the token; if not, ask for a value that does, with aud and sub pinned \
                     all the same: {what}"
                );
                refusal.with("not_judged", what).remedy(remedy)
            }
            (_, Chance::Until(window)) => joined(not_yet(window, waited), &refusal),
            _ => self.unchanged(&refusal),
        };
        fault.with("tries", tries.to_string()).with("waited_seconds", waited.as_secs().to_string())
    }

    /// What should work, was not changed and is refused all the same.
    fn unchanged(&self, refusal: &Fault) -> Fault {
        // What STS names is taken at its word; only "denied" may mean anything.
        let cause = if is_denied(refusal) { Cause::PermissionDenied } else { refusal.cause };
        let region = &self.order.wish.host.region;
        let at = clock::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let fault = Fault::new(
            cause,
            "the token fits provider, audience and trust, nothing was changed in the last two minutes, and AWS refuses it \
             all the same",
        )
        .with(
            "can_also_refuse",
            "a resource control policy or a service control policy of the organization; a permissions boundary or a session \
             policy; a region that is not enabled for the account",
        )
        .with(
            "ask_for",
            "the CloudTrail event AssumeRoleWithWebIdentity of this request id: its errorCode, errorMessage and userIdentity",
        )
        .with("time", at)
        .with("region", region.as_str());
        joined(
            fault.remedy(
                "ask an administrator of the account, or of its organization, for the CloudTrail event that the evidence \
                 names: it says which policy refuses",
            ),
            refusal,
        )
    }
}

/// STS says so of almost everything.
pub(super) fn is_denied(fault: &Fault) -> bool {
    let code = fault.evidence.get("code").map_or("", String::as_str);
    matches!(code, "AccessDenied" | "AccessDeniedException")
        || fault.cause == Cause::PermissionDenied
}

/// Keys that were made a moment ago and are not known everywhere.
fn is_fresh(fault: &Fault) -> bool {
    let code = fault.evidence.get("code").map_or("", String::as_str);
    matches!(code, "InvalidClientTokenId" | "UnrecognizedClientException")
        || matches!(fault.cause, Cause::NotYetPropagated | Cause::AccessKeyUnknown)
}

fn unseen(refusal: Fault, why: &str) -> Fault {
    let fault = refusal.with("not_looked_at", why);
    if fault.remedy.is_some() || fault.cause != Cause::Unexplained {
        return fault;
    }
    fault.remedy(
        "log in as an operator who may read the role and its provider: then it can be told whether the trust policy does not \
         admit the token, there is no such role, or it was changed a moment ago",
    )
}

fn not_yet(window: &Window, waited: Duration) -> Fault {
    let seconds = waited.as_secs();
    Fault::new(
        Cause::NotYetPropagated,
        format!(
            "AWS still refuses after {seconds} s, although provider, audience, role and trust are as they should be"
        ),
    )
    .with("changed", &window.why)
    .remedy(
        "wait a minute and run the pull test again; if it stays so, an organization's policy may refuse it",
    )
}

/// What was found out, with what AWS said beside it.
fn joined(found: Fault, refusal: &Fault) -> Fault {
    let mut joined = found.request(refusal.request_id.as_deref());
    for (key, value) in &refusal.evidence {
        joined.evidence.entry(key.clone()).or_insert_with(|| value.clone());
    }
    joined.evidence.entry("refusal".to_owned()).or_insert_with(|| refusal.message.clone());
    joined
}

/// Before the try after this one.
pub(super) fn delay(number: u32) -> Duration {
    Duration::from_secs(match number {
        1 => 1,
        2 => 2,
        3 => 4,
        4 => 8,
        _ => 10,
    })
}
