//! Where the secret of an access key goes. It is chosen, and proven to be open, before there is a secret.

use std::fmt;
use std::path::PathBuf;

use super::host::RegistryHost;
use super::key::KeyId;

/// The keys of the Secret's data, which the Registry object refers to.
pub const SECRET_KEYS: [&str; 2] = ["accessKeyId", "secretAccessKey"];
/// The label by which this program knows its own Secrets (Kubernetes, "Recommended Labels").
pub const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "okteto-ecr");
/// The annotation that says which access key is in a Secret.
pub const KEY_ANNOTATION: &str = "okteto-ecr/access-key-id";

/// The evidence of a refused place that says which access key is in the file there.
pub const HOLDS_KEY: &str = "holds_key";

/// The choice of custody, before its place is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CustodyChoice {
    /// A Kubernetes Secret.
    #[default]
    Kubernetes,
    /// A file.
    File,
    /// Held in memory and shown on demand.
    Show,
}

/// Where the secret goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Custody {
    /// Into a Kubernetes Secret, through `kubectl`.
    Kubernetes(SecretPlace),
    /// Into a new file.
    File(PathBuf),
    /// Nowhere: held in memory, shown on demand.
    Show,
}

/// A Kubernetes Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretPlace {
    /// kubeconfig context; `None` is the current one.
    pub context: Option<String>,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// A Secret that is there, without what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenSecret {
    /// Whether its label says that this program made it.
    pub is_ours: bool,
    /// The access key that its annotation names.
    pub key: Option<KeyId>,
    /// Its version, by which a change in between is noticed.
    pub version: String,
}

/// What was found where the secret is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeenPlace {
    /// Nothing stands there, and it could be written.
    Free,
    /// A Secret of this program's stands there, and it could be written anew.
    Ours(SeenSecret),
}

impl Custody {
    /// The kubeconfig context of the cluster that takes it.
    #[must_use]
    pub fn context(&self) -> Option<&str> {
        match self {
            Self::Kubernetes(place) => place.context.as_deref(),
            Self::File(_) | Self::Show => None,
        }
    }
}

impl SecretPlace {
    /// The name of the Secret for a registry: `okteto-ecr-ACCOUNT-REGION`.
    #[must_use]
    pub fn name_for(host: &RegistryHost) -> String {
        format!("okteto-ecr-{}-{}", host.account, host.region)
    }
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret {}/{}", self.namespace, self.name)
    }
}

impl fmt::Display for Custody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kubernetes(place) => place.fmt(f),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Show => f.write_str("memory, shown on demand"),
        }
    }
}
