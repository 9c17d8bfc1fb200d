//! Debian's docker-registry over TLS with one login, as ECR: user `AWS`, the emulator's token as password.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use tempfile::TempDir;

use super::blobs::Blobs;
use super::peer::{self, Peer, Port};

const CONFIG: &str = "config.yml";

/// A running registry.
pub struct Registry {
    /// The value of `--registry-endpoint`.
    pub url: String,
    /// The second host, where blobs are redirected.
    pub blobs: Option<Blobs>,
    port: Port,
    token: String,
    peer: Peer,
    at: TempDir,
}

impl Registry {
    /// Serves its blobs itself.
    pub fn start(token: &str) -> Self {
        Self::run(token, false)
    }

    /// Sends whoever asks for a blob to a second host, as ECR does to S3.
    pub fn redirecting(token: &str) -> Self {
        Self::run(token, true)
    }

    fn run(token: &str, redirect: bool) -> Self {
        let (at, port) = (TempDir::new().expect("a folder"), Port::take());
        let data = at.path().join("data");
        std::fs::create_dir(&data).expect("a folder");
        let blobs = redirect.then(|| Blobs::start(&data));
        let middleware = blobs.as_ref().map_or_else(String::new, |blobs| {
            let base = blobs.url();
            format!(
                "middleware: {{storage: [{{name: redirect, options: {{baseurl: \"{base}/\"}}}}]}}\n"
            )
        });
        let config = format!(
            "version: 0.1\n\
             log: {{accesslog: {{disabled: false}}, level: info}}\n\
             storage: {{filesystem: {{rootdirectory: {data}}}, delete: {{enabled: true}}}}\n\
             http: {{addr: \"127.0.0.1:{port}\", secret: x, tls: {{certificate: {crt}, key: {key}}}}}\n\
             auth: {{htpasswd: {{realm: basic-realm, path: {at}/htpasswd}}}}\n{middleware}",
            data = data.display(),
            port = port.number,
            crt = peer::certificate("server.crt").display(),
            key = peer::certificate("server.key").display(),
            at = at.path().display(),
        );
        std::fs::write(at.path().join(CONFIG), config).expect("a file");
        write_login(&at, token);
        let peer = Peer::start("docker-registry", &["serve", CONFIG], &[], at.path(), &port);
        let url = format!("https://127.0.0.1:{}", port.number);
        Self { url, blobs, port, token: token.to_owned(), peer, at }
    }

    /// From now on it takes no push: it has no such method any more.
    pub fn freeze(&mut self) {
        let file = self.at.path().join(CONFIG);
        let config = std::fs::read_to_string(&file).expect("a file");
        let (open, frozen) =
            ("delete: {enabled: true}", "maintenance: {readonly: {enabled: true}}");
        assert!(config.contains(open), "{config}");
        std::fs::write(&file, config.replace(open, frozen)).expect("a file");
        self.peer.stop();
        let at = self.at.path();
        self.peer = Peer::start("docker-registry", &["serve", CONFIG], &[], at, &self.port);
    }

    pub fn port(&self) -> u16 {
        self.port.number
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// From a second later on only this token is good: the old one has expired.
    pub fn change_token(&mut self, token: &str) {
        token.clone_into(&mut self.token);
        write_login(&self.at, token);
    }

    /// Changes one byte of a stored blob; its size stays.
    pub fn alter(&self, digest: &str) {
        let mut file = std::fs::File::options()
            .read(true)
            .write(true)
            .open(self.blob(digest))
            .expect("the stored blob");
        let middle = file.metadata().expect("a size").len() / 2;
        let mut byte = [0];
        file.seek(SeekFrom::Start(middle)).expect("the middle");
        file.read_exact(&mut byte).expect("a byte");
        file.seek(SeekFrom::Start(middle)).expect("the middle");
        file.write_all(&[!byte[0]]).expect("to write");
    }

    /// Where a blob is stored.
    fn blob(&self, digest: &str) -> PathBuf {
        let hex = digest.strip_prefix("sha256:").expect("a sha256 digest");
        let (first, _) = hex.split_at(2);
        self.at
            .path()
            .join("data/docker/registry/v2/blobs/sha256")
            .join(first)
            .join(hex)
            .join("data")
    }

    /// What it said so far, with a line for each request.
    pub fn log(&self) -> String {
        self.peer.log()
    }
}

fn write_login(at: &TempDir, token: &str) {
    let line = peer::call("htpasswd", &["-bnBC", "5", "AWS", token], &[]);
    std::fs::write(at.path().join("htpasswd"), line).expect("a file");
}
