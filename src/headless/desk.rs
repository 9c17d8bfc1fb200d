//! One job at a time over the task runner, with an ear for signals.

use std::io;

use futures_util::future::{BoxFuture, FutureExt};
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::out::Out;
use crate::app::task::{End, Job, News, Report, TaskId};
use crate::domain::fault::{Cause, Fault};
use crate::domain::intent::{Caller, Intent};
use crate::domain::inventory::Inventory;
use crate::engine::runner::{Event, Runner, SHUTDOWN_LIMIT};
use crate::ports::World;

/// A signal that asks the program to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// From `kill`.
    Terminate,
    /// The terminal went away.
    HangUp,
}

impl Signal {
    /// The exit code of the contract.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::HangUp => 129,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "Ctrl-C",
            Self::Terminate => "SIGTERM",
            Self::HangUp => "SIGHUP",
        }
    }
}

/// Where signals come from; tests ring by hand.
pub trait Bell: Send {
    /// The next signal.
    fn rings(&mut self) -> BoxFuture<'_, Signal>;
}

/// The process's own signals.
pub struct Signals {
    interrupt: Stream,
    terminate: Stream,
    hang_up: Stream,
}

impl Signals {
    /// From now on these signals do not end the process by themselves.
    ///
    /// # Errors
    /// The system refuses.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }
}

impl Bell for Signals {
    fn rings(&mut self) -> BoxFuture<'_, Signal> {
        async {
            tokio::select! {
                _ = self.interrupt.recv() => Signal::Interrupt,
                _ = self.terminate.recv() => Signal::Terminate,
                _ = self.hang_up.recv() => Signal::HangUp,
            }
        }
        .boxed()
    }
}

/// Why a command ended without a result.
pub(super) enum Left {
    /// A refusal.
    Fault(Fault),
    /// Wrong use: exit 2 whatever the cause.
    Use(Fault),
    /// Told to end.
    Signalled(Signal),
    /// A bug.
    Panicked,
}

impl From<Fault> for Left {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

pub(super) struct Desk<B> {
    pub(super) out: Out,
    runner: Runner,
    events: UnboundedReceiver<Event>,
    pub(super) bell: B,
    last: u64,
}

impl<B: Bell> Desk<B> {
    pub(super) fn new(world: World, out: Out, bell: B) -> Self {
        let (sender, events) = unbounded_channel();
        Self { out, runner: Runner::new(world, sender), events, bell, last: 0 }
    }

    /// Does a job to its end. A signal stops it; the end is waited for all the same and comes with the signal.
    pub(super) async fn follow(
        &mut self,
        job: Job,
        mut tell: impl FnMut(&mut Out, News),
    ) -> Result<(End, Option<Signal>), Left> {
        self.last += 1;
        let id = TaskId(self.last);
        let is_changing = job.is_changing();
        let mut heard = None;
        self.runner.start(id, job);
        loop {
            tokio::select! {
                biased;
                signal = self.bell.rings(), if heard.is_none() => {
                    heard = Some(signal);
                    self.runner.cancel(id);
                    if is_changing {
                        self.out.say(&format!("{}: the call under way is waited for ...", signal.name()));
                    }
                }
                event = self.events.recv() => match event {
                    Some(Event::Report(from, Report::End(end))) if from == id => {
                        return Ok((end, heard));
                    }
                    Some(Event::Report(from, Report::News(news))) if from == id => {
                        tell(&mut self.out, news);
                    }
                    Some(Event::Report(..)) => {}
                    Some(Event::Panicked) | None => {
                        self.runner.shutdown(SHUTDOWN_LIMIT).await;
                        return Err(Left::Panicked);
                    }
                },
            }
        }
    }

    /// Does a job that only reads.
    pub(super) async fn ask(&mut self, job: Job) -> Result<End, Left> {
        match self.follow(job, |_, _| {}).await? {
            (End::Stopped, Some(signal)) => Err(Left::Signalled(signal)),
            (end, _) => Ok(end),
        }
    }

    pub(super) async fn whoami(&mut self) -> Result<Result<Caller, Fault>, Left> {
        match self.ask(Job::Whoami { until_renewed: false }).await? {
            End::Caller(answer) => Ok(answer),
            _ => Err(stray()),
        }
    }

    pub(super) async fn survey(&mut self, intent: &Intent) -> Result<Inventory, Left> {
        match self.ask(Job::Survey(Box::new(intent.clone()))).await? {
            End::Surveyed(answer) => Ok(*answer?),
            _ => Err(stray()),
        }
    }
}

/// The end of another job than the one that was started.
pub(super) fn stray() -> Left {
    Left::Fault(Fault::new(Cause::Unexplained, "the task ended without its answer"))
}
