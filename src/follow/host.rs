//! The session that is followed: it listens, and sends the latest picture to whoever looks on. It waits for nobody.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::Picture;
use crate::domain::fault::Fault;

/// The end of the name of a socket that listens.
pub(super) const SOCKET: &str = "sock";

/// So many can follow at once.
const MOST: usize = 16;

/// How long is waited where the system lets nobody in, as where too many files are open.
const BREATH: Duration = Duration::from_secs(1);

/// A picture as it travels.
type Line = Arc<str>;

/// Where a session can be followed. It ends with its value.
#[derive(Debug)]
pub struct Host(Option<Open>);

#[derive(Debug)]
struct Open {
    socket: PathBuf,
    pictures: Arc<watch::Sender<Line>>,
    arrivals: Arc<Notify>,
    /// Ended when it is dropped, with everything that it began.
    _listening: JoinSet<()>,
}

impl Host {
    /// Listens in `folder` under the name of the run. Where it cannot, the log says why and nobody follows: that is no
    /// reason for a session to stop.
    #[must_use]
    pub fn open(folder: Result<PathBuf, Fault>, run: &str) -> Self {
        let opened = folder.map_err(|fault| fault.to_string()).and_then(|folder| {
            let said = |error| format!("could not listen in {}: {error}", folder.display());
            bind(&folder, run).map_err(said)
        });
        match opened {
            Ok((listener, socket)) => Self(Some(Open::new(listener, socket))),
            Err(why) => {
                tracing::warn!("this session cannot be followed: {why}");
                Self(None)
            }
        }
    }

    /// Waits until somebody has come who has not seen the picture.
    pub async fn called(&self) {
        match &self.0 {
            Some(open) => open.arrivals.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Whether anybody follows.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.0.as_ref().is_some_and(|open| open.pictures.receiver_count() > 0)
    }

    /// Gives the picture to all who follow; who is slow gets the next one that it has time for.
    pub fn show(&self, picture: &Picture) {
        if let Some(open) = &self.0 {
            open.pictures.send_replace(picture.print().into());
        }
    }

    /// Lets go of all who follow, and takes the socket away.
    pub fn close(&mut self) {
        self.0 = None;
    }
}

impl Open {
    fn new(listener: UnixListener, socket: PathBuf) -> Self {
        let pictures = Arc::new(watch::Sender::new(Line::from("")));
        let arrivals = Arc::new(Notify::new());
        let mut listening = JoinSet::new();
        listening.spawn(listen(listener, Arc::clone(&pictures), Arc::clone(&arrivals)));
        Self { socket, pictures, arrivals, _listening: listening }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // Where it is gone already nothing is left to do.
        let _ = fs::remove_file(&self.socket);
    }
}

/// A socket with mode 0600, whatever the umask. It gets its name when it listens: who finds it and is refused has found
/// one that is left over.
fn bind(folder: &Path, run: &str) -> io::Result<(UnixListener, PathBuf)> {
    let socket = folder.join(run).with_extension(SOCKET);
    let beside = socket.with_extension("new");
    let listener = UnixListener::bind(&beside)?;
    let placed = fs::set_permissions(&beside, Permissions::from_mode(0o600))
        .and_then(|()| fs::rename(&beside, &socket));
    if placed.is_err() {
        let _ = fs::remove_file(&beside);
    }
    placed.map(|()| (listener, socket))
}

/// Whether the other end belongs to the same user.
pub(super) fn is_ours(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == rustix::process::geteuid().as_raw())
}

async fn listen(listener: UnixListener, pictures: Arc<watch::Sender<Line>>, arrivals: Arc<Notify>) {
    let mut followers = JoinSet::new();
    loop {
        tokio::select! {
            come = listener.accept() => match come {
                Ok((stream, _)) if is_ours(&stream) && followers.len() < MOST => {
                    followers.spawn(send(stream, pictures.subscribe()));
                    arrivals.notify_one();
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!("somebody who wanted to follow could not be let in: {error}");
                    tokio::time::sleep(BREATH).await;
                }
            },
            Some(_) = followers.join_next() => {}
        }
    }
}

/// Sends each picture that there is time for, until the follower is gone.
async fn send(mut stream: UnixStream, mut pictures: watch::Receiver<Line>) {
    let mut sent = Line::from("");
    loop {
        tokio::select! {
            changed = pictures.changed() => if changed.is_err() { return },
            () = hears(&stream) => return,
        }
        let line = Line::clone(&pictures.borrow_and_update());
        // Drawn anew because of somebody else, or of what a follower does not see.
        if line == sent {
            continue;
        }
        if stream.write_all(line.as_bytes()).await.is_err() {
            return;
        }
        sent = line;
    }
}

/// Waits until the other end is gone, or says something: who follows has nothing to say.
async fn hears(stream: &UnixStream) {
    loop {
        if stream.readable().await.is_err() {
            return;
        }
        match stream.try_read(&mut [0]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            _ => return,
        }
    }
}
