//! The second host of a registry: serves its blobs as S3 serves those of ECR.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::http::{Reply, Request, Server};

/// What it does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mischief {
    /// Nothing.
    #[default]
    None,
    /// One byte in the middle of each blob is another one.
    Alter,
    /// Closes the connection after half of each blob.
    Cut,
    /// Waits so long before the first byte.
    Delay(Duration),
    /// Sends no more than so many bytes a second on each connection.
    Throttle(usize),
}

/// Serves `https://localhost:PORT/docker/registry/v2/blobs/…`, by GET only. A request with `Authorization` is
/// refused as S3 refuses two ways of signing in at once.
pub struct Blobs {
    server: Server,
    mischief: Arc<Mutex<Mischief>>,
}

impl Blobs {
    pub fn start(root: &Path) -> Self {
        let root = root.to_owned();
        let mischief: Arc<Mutex<Mischief>> = Arc::default();
        let set = Arc::clone(&mischief);
        let server = Server::start(true, move |request, out| {
            let mischief = *set.lock().expect("no panic while locked");
            serve(&root, request, mischief, out)
        });
        Self { server, mischief }
    }

    /// By another name than the registry's, so that host and port both differ.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.server.address.port())
    }

    pub fn set(&self, mischief: Mischief) {
        *self.mischief.lock().expect("no panic while locked") = mischief;
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }
}

fn serve(
    root: &Path,
    request: &Request,
    mischief: Mischief,
    out: &mut dyn Write,
) -> io::Result<()> {
    let refuse = |status, code: &str, message: &str| {
        let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
        Reply::new(status, "application/xml", body)
    };
    if request.header("authorization").is_some() {
        let why = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature \
                   query string parameter or the Authorization header should be specified";
        return refuse(400, "InvalidArgument", why).send(out);
    }
    if request.method != "GET" {
        let why = "The request signature we calculated does not match the signature you provided.";
        return refuse(403, "SignatureDoesNotMatch", why).send(out);
    }
    let path = request.path().trim_start_matches('/');
    let Ok(mut bytes) = std::fs::read(root.join(path)) else {
        return refuse(404, "NoSuchKey", "The specified key does not exist.").send(out);
    };
    let reply = Reply::new(200, "application/octet-stream", Vec::new());
    if let Mischief::Delay(time) = mischief {
        std::thread::sleep(time);
    }
    out.write_all(reply.head(bytes.len()).as_bytes())?;
    match mischief {
        Mischief::Alter => {
            let middle = bytes.len() / 2;
            if let Some(byte) = bytes.get_mut(middle) {
                *byte = !*byte;
            }
            out.write_all(&bytes)?;
        }
        Mischief::Cut => out.write_all(bytes.get(..bytes.len() / 2).unwrap_or_default())?,
        Mischief::Throttle(rate) => {
            for part in bytes.chunks((rate / 20).max(1)) {
                out.write_all(part)?;
                out.flush()?;
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Mischief::None | Mischief::Delay(_) => out.write_all(&bytes)?,
    }
    out.flush()
}
