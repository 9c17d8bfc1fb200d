//! The real binary, in an environment of its own.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::{Front, Hang, Issuer, Ministack, Moto, Registry, peer};

/// The binary under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_okteto-ecr");

/// A home, an environment, and global options; then one command after another in it.
#[derive(Debug)]
pub struct Run {
    home: TempDir,
    env: Vec<(OsString, OsString)>,
    options: Vec<String>,
    limit: Duration,
}

/// How a command ended.
#[derive(Debug)]
pub struct Finished {
    /// `None` where a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

impl Run {
    /// Nothing of the tester's own environment but `PATH`, and a home that is empty.
    pub fn new() -> Self {
        let home = TempDir::new().expect("a folder");
        let mut run =
            Self { home, env: Vec::new(), options: Vec::new(), limit: Duration::from_mins(2) };
        let path = std::env::var_os("PATH").unwrap_or_default();
        run = run.env("PATH", path).env("LANG", "C.UTF-8").env("TERM", "xterm-256color");
        // No cluster: kubectl is not found in an empty kubeconfig, and the instance metadata is not asked.
        run = run.env("AWS_EC2_METADATA_DISABLED", "true").env("KUBECONFIG", "/nonexistent");
        let home = run.home().to_owned();
        run = run.env("HOME", &home).env("XDG_STATE_HOME", home.join("state"));
        run.env("XDG_CONFIG_HOME", home.join("config")).env("XDG_CACHE_HOME", home.join("cache"))
    }

    /// With root's credentials of an emulator at `url`.
    pub fn on(url: &str) -> Self {
        Self::new()
            .env("AWS_ENDPOINT_URL", url)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-2")
    }

    pub fn on_moto(moto: &Moto) -> Self {
        Self::on(&moto.url)
    }

    pub fn on_ministack(ministack: &Ministack) -> Self {
        Self::on(&ministack.url)
    }

    pub fn on_front(front: &Front) -> Self {
        Self::on(&front.url)
    }

    pub fn on_hang(hang: &Hang) -> Self {
        Self::on(&hang.url)
    }

    /// `--registry-endpoint`, and trust in its certificate.
    #[must_use]
    pub fn registry(self, registry: &Registry) -> Self {
        self.option("--registry-endpoint", &registry.url).env("AWS_CA_BUNDLE", peer::ca_bundle())
    }

    /// `--issuer-endpoint`.
    #[must_use]
    pub fn issuer(self, issuer: &Issuer) -> Self {
        self.option("--issuer-endpoint", &issuer.url)
    }

    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.retain(|(key, _)| key != name);
        self.env.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Without a variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.env.retain(|(key, _)| key != name);
        self
    }

    #[must_use]
    pub fn option(mut self, name: &str, value: &str) -> Self {
        self.options.extend([name.to_owned(), value.to_owned()]);
        self
    }

    /// After so long a command is killed and the test fails.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The home; also a place for the test's own files.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where the program keeps its state.
    pub fn state(&self) -> PathBuf {
        self.home().join("state")
    }

    /// Writes a file into the home, for a token or an answers file.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// The environment, for a pseudo-terminal.
    pub fn environment(&self) -> &[(OsString, OsString)] {
        &self.env
    }

    /// The global options, for a pseudo-terminal.
    pub fn options(&self) -> &[String] {
        &self.options
    }

    /// Starts a command without a terminal; its outputs are pipes, its input is empty.
    pub fn spawn(&self, args: &[&str]) -> Child {
        let mut command = Command::new(BINARY);
        command.args(args).args(&self.options).current_dir(self.home());
        command.env_clear().envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the binary starts")
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Finished {
        let began = Instant::now();
        let mut child = self.spawn(args);
        let read = |stream: Option<Box<dyn std::io::Read + Send>>| {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                let _ = stream.map(|mut stream| stream.read_to_end(&mut bytes));
                String::from_utf8_lossy(&bytes).into_owned()
            })
        };
        let stdout = read(child.stdout.take().map(|stream| Box::new(stream) as _));
        let stderr = read(child.stderr.take().map(|stream| Box::new(stream) as _));
        let mut late = false;
        let status = loop {
            if let Some(status) = child.try_wait().expect("a child to wait for") {
                break status;
            }
            if began.elapsed() > self.limit && !late {
                late = true;
                child.kill().expect("a child to kill");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let finished = Finished {
            code: status.code(),
            stdout: stdout.join().expect("read"),
            stderr: stderr.join().expect("read"),
            took: began.elapsed(),
        };
        assert!(!late, "{args:?} did not end within {:?}: {finished:#?}", self.limit);
        finished
    }

    /// `COMMAND --answers FILE --format json ARGS`.
    pub fn json(&self, command: &str, answers: &Path, args: &[&str]) -> Finished {
        let file = answers.display().to_string();
        let mut all = vec![command, "--answers", &file, "--format", "json"];
        all.extend(args);
        self.run(&all)
    }
}

impl Finished {
    /// Fails unless it ended with this exit code.
    #[must_use]
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "another exit code: {self:#?}");
        self
    }

    /// The one object on standard output.
    #[track_caller]
    pub fn value(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|why| panic!("no JSON object ({why}): {self:#?}"));
        assert_eq!(value["format"], 1, "{self:#?}");
        value
    }

    /// Both outputs, for looking through.
    pub fn outputs(&self) -> [&str; 2] {
        [&self.stdout, &self.stderr]
    }

    /// Fails where it wrote an escape sequence.
    #[track_caller]
    pub fn assert_plain(&self) {
        for output in self.outputs() {
            assert!(!output.contains('\x1b'), "an escape code: {output:?}");
        }
    }
}
