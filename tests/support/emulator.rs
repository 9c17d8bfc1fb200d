//! The two emulators of AWS. Each wrongly accepts something that the other refuses; see CONTRIBUTING.md.

use serde_json::Value;
use tempfile::TempDir;

use super::peer::{self, Peer, Port};

/// moto: the real managed policy documents, right shapes and paging. It believes every web identity token.
#[derive(Debug)]
pub struct Moto {
    pub url: String,
    port: Port,
    _peer: Peer,
    _at: TempDir,
}

impl Moto {
    pub const ACCOUNT: &str = "123456789012";
    /// The password of the registry login that it always hands out, its end in 2015.
    pub const REGISTRY_TOKEN: &str = "123456789012-auth-token";

    pub fn start() -> Self {
        let (at, port) = (TempDir::new().expect("a folder"), Port::take());
        let number = port.number.to_string();
        let env = [("MOTO_IAM_LOAD_MANAGED_POLICIES", "true"), ("PYTHONDONTWRITEBYTECODE", "1")];
        let args = ["-H", "127.0.0.1", "-p", &number];
        let peer = Peer::start("moto_server", &args, &env, at.path(), &port);
        Self { url: format!("http://127.0.0.1:{number}"), port, _peer: peer, _at: at }
    }

    pub fn port(&self) -> u16 {
        self.port.number
    }

    /// `aws ARGS --output json` against it, as root; `Null` for an empty answer.
    pub fn aws(&self, args: &[&str]) -> Value {
        aws(&self.url, args)
    }
}

/// ministack: verifies signatures, and holds web identity tokens to the provider and the trust policy. It compares
/// `aud` as a string, so tokens for it carry a string; it has no managed policies for ECR.
#[derive(Debug)]
pub struct Ministack {
    pub url: String,
    port: Port,
    _peer: Peer,
    _at: TempDir,
}

impl Ministack {
    pub const ACCOUNT: &str = "112233445566";
    /// The password of the registry login that it always hands out.
    pub const REGISTRY_TOKEN: &str = "ministack-auth-token";

    pub fn start() -> Self {
        let (at, port) = (TempDir::new().expect("a folder"), Port::take());
        let number = port.number.to_string();
        let state = at.path().join("state").display().to_string();
        let env = [
            ("AUTH", "true"),
            ("MINISTACK_ACCOUNT_ID", Self::ACCOUNT),
            ("BIND_HOST", "127.0.0.1"),
            ("GATEWAY_PORT", &number),
            ("STATE_DIR", &state),
            ("IOT_MTLS_ENABLED", "0"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
        ];
        let peer = Peer::start("ministack", &[], &env, at.path(), &port);
        Self { url: format!("http://127.0.0.1:{number}"), port, _peer: peer, _at: at }
    }

    pub fn port(&self) -> u16 {
        self.port.number
    }

    /// `aws ARGS --output json` against it, as root; `Null` for an empty answer.
    pub fn aws(&self, args: &[&str]) -> Value {
        aws(&self.url, args)
    }
}

fn aws(url: &str, args: &[&str]) -> Value {
    let mut all = vec!["--endpoint-url", url, "--output", "json"];
    all.extend(args);
    let env = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-2"),
        ("HOME", "/nonexistent"),
    ];
    let out = peer::call("aws", &all, &env);
    if out.trim().is_empty() { Value::Null } else { serde_json::from_str(&out).expect("JSON") }
}
