//! Images of random bytes, written as an OCI layout and pushed by skopeo.

use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::peer;
use super::registry::Registry;

/// What was pushed, as the pull test must find it.
#[derive(Debug, Clone)]
pub struct Image {
    /// `NAME:TAG`, the value of `pull_test.image`.
    pub reference: String,
    /// Digest of the manifest of one platform.
    pub digest: String,
    /// `(digest, bytes)` of each layer, in order.
    pub layers: Vec<(String, u64)>,
    /// `(digest, bytes)` of the configuration.
    pub config: (String, u64),
}

impl Image {
    /// All that a full pull receives: configuration and layers.
    pub fn bytes(&self) -> u64 {
        self.config.1 + self.layers.iter().map(|(_, size)| size).sum::<u64>()
    }
}

/// Pushes `NAME:v1` for linux/amd64 with a layer of each size.
pub fn push_image(registry: &Registry, name: &str, sizes: &[usize]) -> Image {
    let layout = Layout::new();
    let (descriptor, image) = layout.image(name, "amd64", sizes);
    layout.push(registry, name, &descriptor, &[]);
    image
}

/// Pushes `NAME:v1` as an index: an attestation first, as build tools add them, then linux/amd64 and linux/arm64.
/// Returns the digest of the index and the two images.
pub fn push_index(registry: &Registry, name: &str, sizes: &[usize]) -> (String, Image, Image) {
    let layout = Layout::new();
    let (mut amd64, first) = layout.image(name, "amd64", sizes);
    let (mut arm64, second) = layout.image(name, "arm64", sizes);
    let (mut attestation, _) = layout.image(name, "unknown", &[512]);
    amd64["platform"] = json!({"os": "linux", "architecture": "amd64"});
    arm64["platform"] = json!({"os": "linux", "architecture": "arm64", "variant": "v8"});
    attestation["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    attestation["annotations"] = json!({
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": first.digest,
    });
    let kind = "application/vnd.oci.image.index.v1+json";
    let index = json!({
        "schemaVersion": 2, "mediaType": kind, "manifests": [attestation, amd64, arm64],
    });
    let descriptor = layout.blob(kind, index.to_string().as_bytes());
    layout.push(registry, name, &descriptor, &["--all"]);
    (descriptor["digest"].as_str().unwrap_or_default().to_owned(), first, second)
}

/// A folder in the form of the OCI image layout.
struct Layout(TempDir);

impl Layout {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        std::fs::create_dir_all(folder.path().join("blobs/sha256")).expect("a folder");
        let version = r#"{"imageLayoutVersion":"1.0.0"}"#;
        std::fs::write(folder.path().join("oci-layout"), version).expect("a file");
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a blob and returns its descriptor.
    fn blob(&self, kind: &str, bytes: &[u8]) -> Value {
        let digest = hex(&Sha256::digest(bytes));
        std::fs::write(self.path().join("blobs/sha256").join(&digest), bytes).expect("a file");
        json!({"mediaType": kind, "digest": format!("sha256:{digest}"), "size": bytes.len()})
    }

    fn image(&self, name: &str, architecture: &str, sizes: &[usize]) -> (Value, Image) {
        let kind = "application/vnd.oci.image.layer.v1.tar+gzip";
        let seed = format!("{name}/{architecture}");
        let layers: Vec<Value> = sizes
            .iter()
            .enumerate()
            .map(|(index, size)| self.blob(kind, &random(&format!("{seed}/{index}"), *size)))
            .collect();
        let diff_ids: Vec<&Value> = layers.iter().map(|layer| &layer["digest"]).collect();
        let config = json!({
            "os": "linux", "architecture": architecture, "config": {},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config =
            self.blob("application/vnd.oci.image.config.v1+json", config.to_string().as_bytes());
        let kind = "application/vnd.oci.image.manifest.v1+json";
        let manifest =
            json!({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers});
        let descriptor = self.blob(kind, manifest.to_string().as_bytes());
        let named = |blob: &Value| {
            (
                blob["digest"].as_str().unwrap_or_default().to_owned(),
                blob["size"].as_u64().unwrap_or(0),
            )
        };
        let image = Image {
            reference: format!("{name}:v1"),
            digest: named(&descriptor).0,
            layers: layers.iter().map(named).collect(),
            config: named(&config),
        };
        (descriptor, image)
    }

    /// Pushes what the descriptor names, unchanged.
    fn push(&self, registry: &Registry, name: &str, descriptor: &Value, options: &[&str]) {
        let mut entry = descriptor.clone();
        entry["annotations"] = json!({"org.opencontainers.image.ref.name": "v1"});
        let index = json!({"schemaVersion": 2, "manifests": [entry]});
        std::fs::write(self.path().join("index.json"), index.to_string()).expect("a file");
        let from = format!("oci:{}:v1", self.path().display());
        let to = format!("docker://127.0.0.1:{}/{name}:v1", registry.port());
        let login = format!("AWS:{}", registry.token());
        let mut args = vec!["--insecure-policy", "copy", "--preserve-digests", "--quiet"];
        args.extend(options);
        args.extend(["--dest-creds", &login, &from, &to]);
        let bundle = peer::ca_bundle().display().to_string();
        let home = self.path().display().to_string();
        peer::call("skopeo", &args, &[("SSL_CERT_FILE", &bundle), ("HOME", &home)]);
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Bytes that no compression shortens, the same for the same seed.
fn random(seed: &str, size: usize) -> Vec<u8> {
    let start = Sha256::digest(seed.as_bytes());
    let mut state =
        start.iter().fold(1_u64, |state, byte| (state << 8) ^ (state >> 56) ^ u64::from(*byte)) | 1;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}
