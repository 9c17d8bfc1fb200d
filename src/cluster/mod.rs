//! The cluster, through `kubectl`: it brings the operator's kubeconfig and login plugins.
//!
//! Every call ends within 10 s or is killed; nothing is asked on the terminal; no shell takes part. What a call for
//! a token prints never enters a message.

mod manifest;
mod secret;

use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::domain::custody::{SecretPlace, SeenPlace, SeenSecret};
use crate::domain::fault::{Cause, Fault};
use crate::domain::secret::{AccessKey, WebToken};
use crate::domain::subject::{Audience, Subject};
use crate::ports::{Answer, Cluster};

const WITHIN: Duration = Duration::from_secs(10);
/// The least that Kubernetes grants (`TokenRequest`).
const TOKEN_SECONDS: u32 = 600;

/// `kubectl`, run for each question.
#[derive(Debug, Clone)]
pub struct Kubectl {
    program: OsString,
    within: Duration,
}

impl Default for Kubectl {
    fn default() -> Self {
        Self::at("kubectl")
    }
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
}

#[derive(Deserialize)]
struct TokenRequest {
    status: TokenStatus,
}

#[derive(Deserialize)]
struct TokenStatus {
    token: String,
}

impl Kubectl {
    /// The program at a path, or by a name on `PATH`.
    #[must_use]
    pub fn at(program: impl Into<OsString>) -> Self {
        Self { program: program.into(), within: WITHIN }
    }

    /// With another limit than 10 s for each call.
    #[must_use]
    pub fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    /// What it prints, or why it does not.
    async fn run(
        &self,
        context: Option<&str>,
        words: &[&str],
        input: Option<&str>,
        refused: impl Fn(&str) -> Fault,
    ) -> Result<Vec<u8>, Fault> {
        let program = self.program.to_string_lossy();
        let mut command = Command::new(&self.program);
        command
            .args(context.map(|name| format!("--context={name}")))
            .args(words)
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| {
            Fault::new(Cause::ClusterUnreachable, format!("{program} cannot be run: {error}"))
                .remedy("install kubectl and put it on PATH, or give the token as a file")
        })?;
        let pipe = child.stdin.take();
        let all = async {
            if let (Some(mut pipe), Some(input)) = (pipe, input) {
                // If it ends without reading, its own words say why.
                let _ = pipe.write_all(input.as_bytes()).await;
            }
            child.wait_with_output().await
        };
        let output = tokio::time::timeout(self.within, all)
            .await
            .map_err(|_| {
                Fault::new(
                    Cause::ClusterUnreachable,
                    format!("{program} did not answer within {:?}", self.within),
                )
                .remedy("check that kubectl works by itself: it may want a login or a VPN")
            })?
            .map_err(|error| {
                Fault::new(Cause::ClusterUnreachable, format!("{program} was lost: {error}"))
            })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(refused(&String::from_utf8_lossy(&output.stderr)).with(
            "exit",
            output.status.code().map_or_else(|| "signal".to_owned(), |c| c.to_string()),
        ))
    }
}

impl Cluster for Kubectl {
    fn context(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(async {
            let output =
                self.run(None, &["config", "current-context"], None, refused).await.ok()?;
            let name = String::from_utf8(output).ok()?.trim().to_owned();
            Some(name).filter(|name| !name.is_empty())
        })
    }

    fn issuer<'a>(&'a self, context: Option<&'a str>) -> Answer<'a, String> {
        Box::pin(async move {
            let words = ["get", "--raw", "/.well-known/openid-configuration"];
            let output = self.run(context, &words, None, refused).await?;
            let document: Document = serde_json::from_slice(&output).map_err(|error| {
                Fault::new(
                    Cause::Unexplained,
                    format!("the cluster's discovery document cannot be read: {error}"),
                )
            })?;
            Ok(document.issuer)
        })
    }

    /// By the API itself (`TokenRequest`, authentication.k8s.io/v1), since `kubectl create token` came only with
    /// version 1.24.
    fn token<'a>(
        &'a self,
        context: Option<&'a str>,
        subject: &'a Subject,
        audience: &'a Audience,
    ) -> Answer<'a, WebToken> {
        Box::pin(async move {
            let (namespace, account) = (subject.namespace(), subject.account());
            let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
            let request = json!({
                "apiVersion": "authentication.k8s.io/v1",
                "kind": "TokenRequest",
                "spec": {"audiences": [audience.as_str()], "expirationSeconds": TOKEN_SECONDS},
            });
            let words = ["create", "--raw", &path, "-f", "-"];
            let output = self
                .run(context, &words, Some(&request.to_string()), refused)
                .await
                .map_err(|fault| fault.with("subject", subject.to_string()))?;
            // The error's own text could quote the token, so only the place is told.
            let answer: TokenRequest = serde_json::from_slice(&output).map_err(|error| {
                Fault::new(
                    Cause::Unexplained,
                    format!("the cluster's answer holds no token (column {})", error.column()),
                )
            })?;
            Ok(WebToken::new(&answer.status.token))
        })
    }

    fn try_manifest<'a>(&'a self, context: Option<&'a str>, text: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let words = ["apply", manifest::DRY_RUN, "-f", "-"];
            self.run(context, &words, Some(text), manifest::refused).await.map(|_| ())
        })
    }

    fn secret_place<'a>(&'a self, place: &'a SecretPlace) -> Answer<'a, SeenPlace> {
        Box::pin(async move {
            let found = secret::place(self.seen_secret(place).await?, place)?;
            let over = match &found {
                SeenPlace::Free => None,
                SeenPlace::Ours(secret) => Some(secret),
            };
            self.send_secret(place, None, over).await?;
            Ok(found)
        })
    }

    fn put_secret<'a>(
        &'a self,
        place: &'a SecretPlace,
        key: &'a AccessKey,
        over: Option<&'a SeenSecret>,
    ) -> Answer<'a, ()> {
        Box::pin(self.send_secret(place, Some(key), over))
    }

    fn read_secret<'a>(&'a self, place: &'a SecretPlace) -> Answer<'a, AccessKey> {
        Box::pin(async move {
            let namespace = format!("--namespace={}", place.namespace);
            let words = ["get", "secret", &place.name, &namespace, "-o", "json"];
            let answer = self.run(place.context.as_deref(), &words, None, secret::refused).await?;
            secret::key(&Zeroizing::new(answer), place)
        })
    }
}

impl Kubectl {
    /// What stands in the place of a Secret; `None` where there is nothing, or it may not be read: then writing tells.
    async fn seen_secret(&self, place: &SecretPlace) -> Result<Option<SeenSecret>, Fault> {
        let (namespace, format) = (format!("--namespace={}", place.namespace), secret::metadata());
        let words = ["get", "secret", &place.name, &namespace, "--ignore-not-found", "-o", &format];
        match self.run(place.context.as_deref(), &words, None, secret::refused).await {
            Ok(lines) => Ok(secret::seen(&String::from_utf8_lossy(&lines))),
            Err(fault) if fault.cause == Cause::ClusterPermissionMissing => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Sends a Secret, or lets the server judge it without keeping it.
    async fn send_secret(
        &self,
        place: &SecretPlace,
        key: Option<&AccessKey>,
        over: Option<&SeenSecret>,
    ) -> Result<(), Fault> {
        let manifest = secret::manifest(place, key, over);
        let verb = if over.is_some() { "replace" } else { "create" };
        // The fields are known here: asking the cluster for them first would only be one more thing to fail.
        let mut words = vec![verb, "--validate=false", "-f", "-", "-o", "name"];
        words.extend(key.is_none().then_some(manifest::DRY_RUN));
        let input = Some(manifest.expose_secret());
        // A policy of the cluster may quote what it refuses.
        let refused = |stderr: &str| match key {
            Some(key) => secret::refused(&secret::without(stderr, key)),
            None => secret::refused(stderr),
        };
        self.run(place.context.as_deref(), &words, input, refused).await.map(drop)
    }
}

/// kubectl's complaint as a fault.
fn refused(stderr: &str) -> Fault {
    let said = complaint(stderr);
    let has = |parts: &[&str]| parts.iter().any(|part| said.contains(part));
    let fault = if has(&["(NotFound)"]) && has(&["serviceaccounts", "namespaces"]) {
        Fault::new(Cause::ServiceAccountMissing, "the cluster has no such service account")
    } else if has(&["(Forbidden)", "is forbidden"]) {
        Fault::new(Cause::ClusterPermissionMissing, "the cluster does not let this user do it").remedy(
            "ask for the right to create serviceaccounts/token in the namespace, or give the token as a file",
        )
    } else if has(&["Unauthorized", "must be logged in", "provide credentials"]) {
        Fault::new(Cause::ClusterUnreachable, "the cluster does not know this login")
            .remedy("renew the cluster login and try again")
    } else if has(&["context \"", "context was not", "no configuration", "current-context is"]) {
        Fault::new(Cause::ClusterUnreachable, "kubectl has no such context")
            .remedy("choose one of `kubectl config get-contexts`")
    } else {
        Fault::new(Cause::ClusterUnreachable, "kubectl cannot reach the cluster")
    };
    let message = format!("{}: {said}", fault.message);
    Fault { message, ..fault }.with("kubectl_said", said)
}

/// The lines that are not kubectl's own log (`E1123 10:00:00.000000 …`).
fn complaints(stderr: &str) -> Vec<&str> {
    let is_log = |line: &&str| {
        let mut letters = line.chars();
        letters.next().is_some_and(|c| "IWEF".contains(c))
            && letters.by_ref().take(4).filter(char::is_ascii_digit).count() == 4
    };
    let lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.filter(|line| !is_log(line)).collect()
}

/// The last of its lines, if need be of its log.
fn complaint(stderr: &str) -> String {
    let log = || stderr.lines().map(str::trim).rfind(|line| !line.is_empty());
    let line = complaints(stderr).last().copied().or_else(log);
    line.unwrap_or("nothing was said").chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_have_causes() {
        for (text, cause) in [
            (
                "Error from server (NotFound): serviceaccounts \"x\" not found",
                Cause::ServiceAccountMissing,
            ),
            (
                "Error from server (NotFound): namespaces \"x\" not found",
                Cause::ServiceAccountMissing,
            ),
            (
                "Error from server (Forbidden): serviceaccounts \"x\" is forbidden: User \"dev\" cannot create resource",
                Cause::ClusterPermissionMissing,
            ),
            (
                "E1123 10:00:00.000000   1 memcache.go:265] couldn't get\n\
                 The connection to the server localhost:8080 was refused - did you specify the right host or port?",
                Cause::ClusterUnreachable,
            ),
            ("error: context \"x\" does not exist", Cause::ClusterUnreachable),
            (
                "error: You must be logged in to the server (Unauthorized)",
                Cause::ClusterUnreachable,
            ),
            ("", Cause::ClusterUnreachable),
        ] {
            let fault = refused(text);
            assert_eq!(fault.cause, cause, "{text}");
            assert!(!fault.message.contains("memcache"));
        }
    }
}
