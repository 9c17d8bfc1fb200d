//! A Kubernetes API server with Debian's etcd behind it: tokens of service accounts, discovery, RBAC and custom
//! resources are the real ones. There are no nodes and no controllers, so nothing runs in it.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::answers::Answers;
use super::peer::{self, Peer, Port};

/// How long the server may take to come to what it was told.
const SETTLED: Duration = Duration::from_mins(1);
/// Okteto's kind as its guide documents it.
const REGISTRY_KIND: &str = include_str!("registry-crd.yaml");

/// Whom the server knows: user, token, group.
const USERS: [(&str, &str, &str); 2] =
    [("admin", "token-of-the-admin", "system:masters"), (Kube::GUEST, "token-of-the-guest", "")];

/// A running cluster, as far as its API goes. It ends with the thread that started it.
#[derive(Debug)]
pub struct Kube {
    /// Of the API server: the value of `--issuer-endpoint`.
    pub url: String,
    issuer: String,
    // It ends before the store that it writes to.
    server: Peer,
    _etcd: Peer,
    _ports: [Port; 3],
    at: TempDir,
}

impl Kube {
    /// The user of the restricted kubeconfig: what everyone may do who has logged in, and what `grant` adds.
    pub const GUEST: &str = "guest";

    /// Its tokens are those of the tutorial's issuer, so they fit the tutorial's answers.
    pub fn start() -> Self {
        Self::issuing_as(Answers::ISSUER)
    }

    /// Its tokens name this issuer, an https URL where nothing needs to be: the issuer's documents are at `url`.
    pub fn issuing_as(issuer: &str) -> Self {
        let at = TempDir::new().expect("a folder");
        let ports = [Port::take(), Port::take(), Port::take()];
        let [secure, clients, peers] = &ports;
        let url = format!("https://127.0.0.1:{}", secure.number);
        write_files(at.path(), &url);
        let etcd = start_etcd(at.path(), clients, peers);
        let server = start_server(at.path(), secure, clients, issuer);
        let kube = Self { url, issuer: issuer.to_owned(), server, _etcd: etcd, _ports: ports, at };
        // It listens before its roles and namespaces are there.
        kube.until("the server is ready", |kube| {
            kube.asks("admin", &["get", "--raw", "/readyz"]).is_ok_and(|said| said == "ok")
                && kube.asks("admin", &["get", "namespace", "default"]).is_ok()
        });
        kube
    }

    /// The issuer of its service account tokens.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// A kubeconfig of the user who may do everything. Its contexts: `admin`, which is current, `guest`, and `nobody`,
    /// who has not logged in.
    pub fn kubeconfig(&self) -> PathBuf {
        self.at.path().join("admin.kubeconfig")
    }

    /// The same contexts, with that of the guest current.
    pub fn restricted_kubeconfig(&self) -> PathBuf {
        self.at.path().join("guest.kubeconfig")
    }

    /// A kubectl that uses one of these two and a home of its own, for what takes a program and no environment.
    pub fn program(&self, kubeconfig: &Path) -> PathBuf {
        let path = kubeconfig.with_extension("kubectl");
        let line = format!(
            "#!/bin/sh\nexec env -i PATH=\"$PATH\" HOME='{}' KUBECONFIG='{}' '{}' \"$@\"\n",
            self.at.path().display(),
            kubeconfig.display(),
            peer::program("kubectl").display(),
        );
        std::fs::write(&path, line).expect("a file");
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("permissions");
        path
    }

    /// What `kubectl ARGS` prints for the admin.
    #[track_caller]
    pub fn kubectl(&self, args: &[&str]) -> String {
        self.asks("admin", args).unwrap_or_else(|why| panic!("kubectl {args:?} failed: {why}"))
    }

    /// Applies a manifest as the admin.
    #[track_caller]
    pub fn apply(&self, manifest: &str) {
        let done = self.call("admin", &["apply", "-f", "-"], manifest);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "the manifest was not taken: {said}\n{manifest}");
    }

    /// Makes a namespace.
    pub fn namespace(&self, name: &str) {
        self.kubectl(&["create", "namespace", name]);
    }

    /// Makes a service account. Its namespace must be there.
    pub fn service_account(&self, namespace: &str, name: &str) {
        self.kubectl(&["create", "serviceaccount", name, "--namespace", namespace]);
    }

    /// Lets the guest do this in a namespace: verbs such as `get,create`, a resource such as `serviceaccounts/token`.
    pub fn grant(&self, namespace: &str, verbs: &str, resource: &str) {
        let name = format!("{verbs}-{resource}").replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let place = ["--namespace", namespace];
        let (verb, what) = (format!("--verb={verbs}"), format!("--resource={resource}"));
        self.kubectl(&[&["create", "role", &name, &verb, &what][..], &place].concat());
        let (role, user) = (format!("--role={name}"), format!("--user={}", Self::GUEST));
        self.kubectl(&[&["create", "rolebinding", &name, &role, &user][..], &place].concat());
        let (whole, part) = resource.split_once('/').unwrap_or((resource, ""));
        let part = format!("--subresource={part}");
        for verb in verbs.split(',') {
            let question = ["auth", "can-i", verb, whole, &part, "--namespace", namespace];
            self.until("the guest may do it", |kube| kube.asks(Self::GUEST, &question).is_ok());
        }
    }

    /// Lets everyone read the issuer's documents, as AWS must; a new cluster refuses them.
    pub fn publish_issuer(&self) {
        let (role, group) = (
            "--clusterrole=system:service-account-issuer-discovery",
            "--group=system:unauthenticated",
        );
        self.kubectl(&["create", "clusterrolebinding", "publish-issuer", role, group]);
        self.until("the issuer is public", |kube| {
            kube.asks("nobody", &["get", "--raw", "/openid/v1/jwks"]).is_ok()
        });
    }

    /// Makes Okteto's `Registry` kind known. A kubectl that has seen it believes for minutes that it is still there.
    pub fn registry_kind(&self) {
        self.apply(REGISTRY_KIND);
        // Named by its discovery, served, and described for kubectl's own look at a manifest: each comes by itself.
        self.until("the Registry kind is served", |kube| {
            let described = kube.asks("admin", &["get", "--raw", "/openapi/v2"]);
            kube.asks("admin", &["get", "registries.admin.okteto.com", "--all-namespaces"]).is_ok()
                && described.is_ok_and(|text| text.contains("com.okteto.admin.v1.Registry\""))
        });
    }

    /// What the API server said so far.
    pub fn log(&self) -> String {
        self.server.log()
    }

    /// What kubectl prints in a context, or what it complains of.
    fn asks(&self, context: &str, args: &[&str]) -> Result<String, String> {
        let done = self.call(context, args, "");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        if done.status.success() { Ok(text(done.stdout)) } else { Err(text(done.stderr)) }
    }

    fn call(&self, context: &str, args: &[&str], input: &str) -> Output {
        let mut command = Command::new(peer::program("kubectl"));
        command.args(["--context", context]).args(args).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.at.path()).env("KUBECONFIG", self.kubeconfig());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("kubectl starts");
        // A kubectl that ends without reading says why by itself.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        child.wait_with_output().expect("kubectl ends")
    }

    #[track_caller]
    fn until(&self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + SETTLED;
        while !is_so(self) {
            assert!(Instant::now() < end, "it did not come to this: {what}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn write_files(at: &Path, url: &str) {
    let write = |name: &str, text: &str| std::fs::write(at.join(name), text).expect("a file");
    let tokens =
        USERS.map(|(user, token, group)| format!("{token},{user},{user}-uid,\"{group}\"\n"));
    write("tokens.csv", &tokens.concat());
    let mut known = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n\
         - {{name: kube, cluster: {{server: \"{url}\", certificate-authority: \"{}\"}}}}\n",
        peer::ca_bundle().display(),
    );
    // Without a login kubectl would ask for one, so nobody is who the admin is taken for.
    let nobody = "as: \"system:anonymous\", as-groups: [\"system:unauthenticated\"]";
    let users = USERS.map(|(user, token, _)| (user, token, ""));
    let users = [&users[..], &[("nobody", USERS[0].1, nobody)]].concat();
    known += "contexts:\n";
    for (user, ..) in &users {
        let _ = writeln!(known, "- {{name: {user}, context: {{cluster: kube, user: {user}}}}}");
    }
    known += "users:\n";
    for (user, token, more) in &users {
        let _ = writeln!(known, "- {{name: {user}, user: {{token: \"{token}\", {more}}}}}");
    }
    for (user, ..) in USERS {
        write(&format!("{user}.kubeconfig"), &format!("{known}current-context: {user}\n"));
    }
    let key = |name: &str| at.join(name).display().to_string();
    peer::call("openssl", &["genrsa", "-out", &key("issuer.key"), "2048"], &[]);
    let public = ["rsa", "-in", &key("issuer.key"), "-pubout", "-out", &key("issuer.pub")];
    peer::call("openssl", &public, &[]);
}

fn start_etcd(at: &Path, clients: &Port, peers: &Port) -> Peer {
    let (here, others) = (loopback(clients), loopback(peers));
    let args = [
        "--data-dir=etcd".to_owned(),
        format!("--listen-client-urls={here}"),
        format!("--advertise-client-urls={here}"),
        format!("--listen-peer-urls={others}"),
        format!("--initial-advertise-peer-urls={others}"),
        format!("--initial-cluster=default={others}"),
        // What it holds need not outlive a power cut.
        "--unsafe-no-fsync".to_owned(),
    ];
    Peer::start("etcd", &args.each_ref().map(String::as_str), &[], at, clients)
}

fn start_server(at: &Path, secure: &Port, clients: &Port, issuer: &str) -> Peer {
    let args = [
        format!("--etcd-servers={}", loopback(clients)),
        "--bind-address=127.0.0.1".to_owned(),
        "--advertise-address=127.0.0.1".to_owned(),
        format!("--secure-port={}", secure.number),
        "--endpoint-reconciler-type=none".to_owned(),
        format!("--tls-cert-file={}", peer::certificate("server.crt").display()),
        format!("--tls-private-key-file={}", peer::certificate("server.key").display()),
        "--token-auth-file=tokens.csv".to_owned(),
        "--authorization-mode=RBAC".to_owned(),
        format!("--service-account-issuer={issuer}"),
        format!("--service-account-jwks-uri={}/openid/v1/jwks", issuer.trim_end_matches('/')),
        "--service-account-signing-key-file=issuer.key".to_owned(),
        "--service-account-key-file=issuer.pub".to_owned(),
        "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
        // It would wait for a controller that gives each account a secret.
        "--disable-admission-plugins=ServiceAccount".to_owned(),
        "--cert-dir=certificates".to_owned(),
    ];
    Peer::start("kube-apiserver", &args.each_ref().map(String::as_str), &[], at, secure)
}

fn loopback(port: &Port) -> String {
    format!("http://127.0.0.1:{}", port.number)
}
