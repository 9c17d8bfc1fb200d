//! Stands before the practice account, and ends the process at a call of the test's choice, or holds the call.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Call, Server, relay};

/// How long anything is waited for.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Where in a changing call the process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// At the look at who the caller is: the journal says nothing of the call yet.
    Unannounced,
    /// Before a byte of it has reached AWS.
    Unsent,
    /// AWS has carried it out, and not a byte of its answer was sent.
    Unanswered,
    /// Its whole answer lies in the socket, unread.
    Unrecorded,
    /// Its end is in the journal, and whatever comes next is not: at the next call of any kind.
    Unfollowed,
}

impl Point {
    pub const ALL: [Self; 5] =
        [Self::Unannounced, Self::Unsent, Self::Unanswered, Self::Unrecorded, Self::Unfollowed];
}

/// What happens at a call.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
    /// The process is killed there.
    Kill(Point),
    /// The call waits until it is released, and then goes its way.
    Hold,
    /// The same of a look at who the caller is.
    HoldLook,
}

#[derive(Default)]
struct Plot {
    /// What happens at the changing call of this number, from 1; before how many looks at the caller there were by then.
    deed: Option<(usize, usize, Deed)>,
    process: Option<Pid>,
    calls: Vec<String>,
    writes: usize,
    looks: usize,
    struck: bool,
    released: bool,
}

#[derive(Default)]
struct Stage {
    plot: Mutex<Plot>,
    turned: Condvar,
}

impl Stage {
    fn plot(&self) -> MutexGuard<'_, Plot> {
        self.plot.lock().expect("no panic while locked")
    }

    /// Waits until the plot is so far.
    fn until(&self, is_so: impl Fn(&Plot) -> bool) -> MutexGuard<'_, Plot> {
        let (plot, late) = self
            .turned
            .wait_timeout_while(self.plot(), PATIENCE, |plot| !is_so(plot))
            .expect("no panic while locked");
        assert!(!late.timed_out(), "it did not come so far");
        plot
    }
}

pub struct Proxy {
    pub url: String,
    stage: Arc<Stage>,
    _server: Server,
}

impl Proxy {
    pub fn before(port: u16) -> Self {
        let stage = Arc::<Stage>::default();
        let plot = Arc::clone(&stage);
        let server = Server::start(false, move |request, out| {
            let call = Call::read(request);
            match met(&plot, &call) {
                None => out.write_all(&relay(request, port)?)?,
                Some(Deed::Hold | Deed::HoldLook) => {
                    struck(&plot);
                    drop(plot.until(|plot| plot.released));
                    out.write_all(&relay(request, port)?)?;
                }
                Some(Deed::Kill(point)) => {
                    let process = plot.until(|plot| plot.process.is_some()).process;
                    let process = process.expect("a process");
                    match point {
                        Point::Unannounced | Point::Unsent | Point::Unfollowed => {}
                        Point::Unanswered => drop(relay(request, port)?),
                        Point::Unrecorded => {
                            let answer = relay(request, port)?;
                            stop(process);
                            out.write_all(&answer)?;
                        }
                    }
                    kill_process(process, Signal::KILL).expect("it lives");
                    struck(&plot);
                }
            }
            Ok(())
        });
        Self { url: server.url(), stage, _server: server }
    }

    /// Begins anew: what happens at which changing call, before which there were so many looks at the caller.
    pub fn plan(&self, deed: Option<(usize, usize, Deed)>) {
        *self.stage.plot() = Plot { deed, ..Plot::default() };
    }

    /// The process that is meant.
    pub fn aim(&self, process: u32) {
        let raw = i32::try_from(process).expect("a process id");
        self.stage.plot().process = Pid::from_raw(raw);
        self.stage.turned.notify_all();
    }

    /// Waits until it happened.
    pub fn await_deed(&self) {
        drop(self.stage.until(|plot| plot.struck));
    }

    /// Lets the held call go its way.
    pub fn release(&self) {
        self.stage.plot().released = true;
        self.stage.turned.notify_all();
    }

    /// The calls since it began anew.
    pub fn calls(&self) -> Vec<String> {
        self.stage.plot().calls.clone()
    }

    /// Those that change something, each with how many looks at the caller came before it.
    pub fn writes(&self) -> Vec<(String, usize)> {
        let (mut looks, mut writes) = (0, Vec::new());
        for call in self.calls() {
            looks += usize::from(call == WHOAMI);
            if is_writing(&call) {
                writes.push((call, looks));
            }
        }
        writes
    }
}

const WHOAMI: &str = "GetCallerIdentity";

/// Whether it changes something of IAM, by its verb.
fn is_writing(action: &str) -> bool {
    const VERBS: [&str; 10] =
        ["Create", "Add", "Put", "Attach", "Update", "Tag", "Delete", "Remove", "Detach", "Untag"];
    VERBS.iter().any(|verb| action.starts_with(verb))
}

/// Notes a call: what happens at it.
fn met(stage: &Stage, call: &Call) -> Option<Deed> {
    let mut plot = stage.plot();
    plot.calls.push(call.action.clone());
    let (is_look, is_write) = (call.action == WHOAMI, is_writing(&call.action));
    plot.looks += usize::from(is_look);
    plot.writes += usize::from(is_write);
    let (number, looks, deed) = plot.deed.filter(|_| !plot.struck)?;
    let is_now = match deed {
        Deed::Kill(Point::Unannounced) | Deed::HoldLook => is_look && plot.looks == looks,
        Deed::Kill(Point::Unfollowed) => !is_write && plot.writes == number,
        _ => is_write && plot.writes == number,
    };
    is_now.then_some(deed)
}

fn struck(stage: &Stage) {
    stage.plot().struck = true;
    stage.turned.notify_all();
}

/// Stops all threads of a process, and waits until they stand.
fn stop(process: Pid) {
    kill_process(process, Signal::STOP).expect("it lives");
    let end = Instant::now() + PATIENCE;
    let tasks = format!("/proc/{}/task", process.as_raw_nonzero());
    let stands = |task: std::io::Result<std::fs::DirEntry>| {
        let stat = std::fs::read_to_string(task?.path().join("stat"))?;
        // The name of the thread, which may hold anything, ends with the last parenthesis.
        let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        Ok::<_, std::io::Error>(state == Some('T'))
    };
    while !std::fs::read_dir(&tasks).expect("its threads").all(|task| stands(task).unwrap_or(false))
    {
        assert!(Instant::now() < end, "it does not stand still");
        std::thread::sleep(Duration::from_millis(1));
    }
}
