//! A refusal right after a change may mean "not yet". One look with the operator's own credentials tells it from
//! "wrong"; only where all is as it should be is it worth waiting.
//!
//! Delays 1, 2, 4, 8, 10, 10, … seconds up to the end of the window. Replicas differ: after a refusal two successes in
//! a row count.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::look::{Sight, look};
use crate::app::task::{News, ProbeOrder};
use crate::domain::fault::{Cause, Fault};
use crate::domain::probe::{Rung, Try};
use crate::engine::control::{Control, READ_LIMIT, within};
use crate::ports::{Answer, World};

/// Between a first success after a refusal and the second one.
const ONCE_MORE: Duration = Duration::from_secs(1);
/// Tries where the other end was merely busy or out of reach.
const PASSING_TRIES: u32 = 3;

pub(super) struct Patience<'a> {
    pub(super) world: &'a World,
    pub(super) control: &'a Control,
    pub(super) order: &'a ProbeOrder,
    pub(super) rung: Rung,
    /// No try begins after this.
    pub(super) until: Instant,
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

impl Patience<'_> {
    /// Asks until it is granted twice after a refusal (or at once), refused for good, or the window ends.
    pub(super) async fn ask<'b, T: Send>(
        &self,
        ask: impl Fn() -> Answer<'b, T> + Send + Sync,
    ) -> Result<T, Fault> {
        let began = Instant::now();
        let mut sight = None;
        let mut refused = false;
        let mut granted = false;
        let mut passing = 0;
        for number in 1.. {
            let tell = |refused: Option<&Fault>, next_in: Option<Duration>| {
                let after = began.elapsed();
                let refused = refused.cloned();
                self.control.news(News::Tried(Try {
                    rung: self.rung,
                    number,
                    after,
                    refused,
                    next_in,
                    wait: None,
                }));
            };
            let answer = within(READ_LIMIT, "from AWS", ask()).await;
            let fault = match answer {
                Ok(value) if granted || !refused => {
                    if number > 1 {
                        tell(None, None);
                    }
                    return Ok(value);
                }
                Ok(_) => {
                    granted = true;
                    tell(None, Some(ONCE_MORE));
                    sleep(ONCE_MORE).await;
                    continue;
                }
                Err(fault) => fault,
            };
            granted = false;
            let meaning = self.meaning(&fault);
            passing += u32::from(meaning == Refusal::Passing);
            let over = meaning == Refusal::Final || passing >= PASSING_TRIES;
            if meaning == Refusal::Spreading {
                refused = true;
                if sight.is_none() {
                    sight = Some(look(self.world, self.order, self.rung).await);
                }
            }
            let wait = delay(number);
            let worth = match &sight {
                None | Some(Sight::Right) => true,
                Some(Sight::Unseen(_)) => matches!(self.rung, Rung::Assume | Rung::Identity),
                Some(Sight::Wrong(_) | Sight::Lacking) => false,
            };
            if over || !worth || Instant::now() + wait > self.until {
                tell(Some(&fault), None);
                return Err(self.last(fault, sight, over, (number, began.elapsed())));
            }
            tell(Some(&fault), Some(wait));
            sleep(wait).await;
        }
        Err(Fault::new(Cause::DeadlinePassed, "no more tries"))
    }

    fn meaning(&self, fault: &Fault) -> Refusal {
        let code = fault.evidence.get("code").map_or("", String::as_str);
        let fresh_keys = matches!(code, "InvalidClientTokenId" | "UnrecognizedClientException");
        let denied = matches!(code, "AccessDenied" | "AccessDeniedException");
        let cause = fault.cause;
        let of_rung = match self.rung {
            Rung::Assume => {
                denied
                    || fresh_keys
                    || matches!(
                        cause,
                        Cause::PermissionDenied
                            | Cause::ProviderMissing
                            | Cause::AudienceNotRegistered
                    )
            }
            Rung::Login => {
                fresh_keys
                    || matches!(cause, Cause::LoginPermissionMissing | Cause::PermissionDenied)
            }
            Rung::Manifest => cause == Cause::PullPermissionMissing,
            _ => fresh_keys || cause == Cause::AccessKeyUnknown,
        };
        let spreading = of_rung || cause == Cause::NotYetPropagated;
        match fault.cause {
            _ if spreading => Refusal::Spreading,
            Cause::Throttled | Cause::Unreachable | Cause::IssuerUnreachable => Refusal::Passing,
            _ => Refusal::Final,
        }
    }

    /// The fault to end with, once waiting has no sense or no time.
    fn last(
        &self,
        refusal: Fault,
        sight: Option<Sight>,
        over: bool,
        (tries, waited): (u32, Duration),
    ) -> Fault {
        let counted = |fault: Fault| {
            fault
                .with("tries", tries.to_string())
                .with("waited_seconds", waited.as_secs().to_string())
        };
        match sight {
            Some(Sight::Wrong(found)) => counted(joined(found, &refusal)),
            Some(Sight::Right) if !over && matches!(self.rung, Rung::Assume | Rung::Identity) => {
                let seconds = waited.as_secs();
                let found = Fault::new(
                    Cause::NotYetPropagated,
                    format!(
                        "AWS still refuses after {seconds} s, although provider, audience, role and trust are as \
                         they should be"
                    ),
                )
                .remedy("wait a minute and run the pull test again; if it stays so, an organization's policy may refuse it");
                counted(joined(found, &refusal))
            }
            Some(Sight::Unseen(why)) => {
                let counted = counted(refusal).with("not_looked_at", why);
                let advice = "log in as an operator who may read the role and its provider: then the cause can be named";
                if counted.remedy.is_some() { counted } else { counted.remedy(advice) }
            }
            _ => counted(refusal),
        }
    }
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

/// Seconds before the try after this one.
fn delay(number: u32) -> Duration {
    Duration::from_secs(match number {
        1 => 1,
        2 => 2,
        3 => 4,
        4 => 8,
        _ => 10,
    })
}
