//! Programs from elsewhere: where they are, a port for each, and their end.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a peer may take to answer on a machine that is busy elsewhere.
const READY: Duration = Duration::from_mins(1);

/// The folder that `tests/run` installs into.
pub fn folder() -> PathBuf {
    let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let default = || {
        let cache = from("XDG_CACHE_HOME").map(PathBuf::from);
        let home = || PathBuf::from(from("HOME").unwrap_or_default()).join(".cache");
        cache.unwrap_or_else(home).join("okteto-ecr-peers")
    };
    let peers = from("OKTETO_ECR_PEERS").map_or_else(default, PathBuf::from);
    assert!(peers.is_dir(), "the software that this test runs against is missing: run tests/run");
    peers
}

/// A program of the test bed.
pub fn program(name: &str) -> PathBuf {
    let path = folder().join("bin").join(name);
    assert!(path.exists(), "{name}, which this test runs against, is missing: run tests/run");
    path
}

/// The Python that the AWS CLI runs in: it has botocore.
pub fn python() -> PathBuf {
    let path = folder().join("venv/bin/python");
    assert!(path.exists(), "the AWS CLI, which this test runs against, is missing: run tests/run");
    path
}

/// A file of the loopback certificate authority.
pub fn certificate(name: &str) -> PathBuf {
    let path = folder().join("ca").join(name);
    assert!(path.exists(), "the certificates of the test bed are missing: run tests/run");
    path
}

/// The root certificate that signs every TLS server of the test bed: the value for `AWS_CA_BUNDLE`.
pub fn ca_bundle() -> PathBuf {
    certificate("rootCA.pem")
}

/// A port on loopback that no other test uses as long as this is alive: below those the kernel hands out, and held
/// by a lock that ends with the process.
#[derive(Debug)]
pub struct Port {
    pub number: u16,
    _lock: File,
}

impl Port {
    pub fn take() -> Self {
        let locks = folder().join("ports");
        std::fs::create_dir_all(&locks).expect("a folder for locks");
        let start = 20_000 + u16::try_from(std::process::id() * 7 % 10_000).expect("small");
        for number in (start..32_000).chain(20_000..start) {
            let lock = File::create(locks.join(number.to_string())).expect("a lock file");
            if lock.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", number)).is_ok() {
                return Self { number, _lock: lock };
            }
        }
        panic!("no free port between 20000 and 32000");
    }
}

/// A process that ends with the test, even when the test is killed.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Peer {
    /// Starts it in an environment of `PATH` and what is given, its talk in `FOLDER/NAME.log`, and waits until
    /// something listens on `port`.
    pub fn start(name: &str, args: &[&str], env: &[(&str, &str)], at: &Path, port: &Port) -> Self {
        let log = at.join(format!("{name}.log"));
        let out = File::create(&log).expect("a log file");
        let err = out.try_clone().expect("a second handle");
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(program(name)).args(args);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", at).envs(env.iter().copied()).current_dir(at);
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let child = command.spawn().unwrap_or_else(|why| panic!("{name} did not start: {why}"));
        let mut peer = Self { child, name: name.to_owned(), log };
        peer.wait_for(port.number);
        peer
    }

    fn wait_for(&mut self, port: u16) {
        let end = Instant::now() + READY;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child to wait for") {
                panic!("{} ended at once with {status}:\n{}", self.name, self.log());
            }
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return;
            }
            assert!(Instant::now() < end, "{} does not listen:\n{}", self.name, self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Peer {
    /// Ends it.
    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs a program of the test bed to its end and returns its standard output.
pub fn call(name: &str, args: &[&str], env: &[(&str, &str)]) -> String {
    let mut command = Command::new(program(name));
    command.args(args).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let done = command
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|why| panic!("{name} did not start: {why}"));
    let err = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{name} {args:?} failed: {err}");
    String::from_utf8(done.stdout).expect("text")
}
