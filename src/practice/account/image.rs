//! The pictures of a scene as OCI images: made from their names when first asked for, once, and the same each time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest;
use fastrand::Rng;
use serde_json::{Value, json};

use crate::practice::scene::Picture;

/// OCI image manifest.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// OCI image index.
pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const STATEMENT: &str = "application/vnd.in-toto+json";
/// The platform of what buildx says about a build.
const UNKNOWN: &str = "unknown/unknown";
const CREATED: &str = "2026-01-05T08:00:00Z";

/// An image: all that its tag leads to.
#[derive(Debug)]
pub(super) struct Image {
    /// What the tag names; of an index its manifests follow.
    pub(super) manifests: Vec<Manifest>,
    /// By digest.
    pub(super) blobs: BTreeMap<String, Blob>,
}

/// A manifest or index.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) media_type: &'static str,
    pub(super) digest: String,
    pub(super) text: String,
    /// Sum of its layers and configuration; of an index the largest of its manifests.
    pub(super) size: usize,
}

/// A layer or configuration.
#[derive(Debug)]
pub(super) struct Blob {
    pub(super) media_type: &'static str,
    pub(super) bytes: Arc<Vec<u8>>,
}

/// What was made. The bytes follow from the names alone, so that whoever made them first made them for all.
static MADE: Mutex<BTreeMap<String, Arc<Image>>> = Mutex::new(BTreeMap::new());

/// The image of a picture in a repository.
pub(super) fn image(repository: &str, picture: &Picture) -> Arc<Image> {
    let name = format!("{repository} {picture:?}");
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(made.entry(name).or_insert_with(|| Arc::new(Image::make(repository, picture))))
}

/// The bytes of a blob of an image that was made already.
pub(super) fn blob(digest: &str) -> Option<Arc<Vec<u8>>> {
    let made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.values().find_map(|image| image.blobs.get(digest)).map(|blob| Arc::clone(&blob.bytes))
}

/// `sha256:…` of some bytes.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

impl Image {
    fn make(repository: &str, picture: &Picture) -> Self {
        let mut image = Self { manifests: Vec::new(), blobs: BTreeMap::new() };
        let mut entries: Vec<Value> = Vec::new();
        for platform in &picture.platforms {
            let annotations = match entries.first() {
                Some(first) if platform == UNKNOWN => {
                    let of = first["digest"].clone();
                    image.attest(&of);
                    // As buildx writes it (docker/buildx, "attestation storage").
                    Some(json!({
                        "vnd.docker.reference.digest": of,
                        "vnd.docker.reference.type": "attestation-manifest",
                    }))
                }
                _ => {
                    image.build(repository, platform, &picture.layers);
                    None
                }
            };
            let Some(manifest) = image.manifests.last() else { continue };
            let mut entry = json!({
                "mediaType": manifest.media_type,
                "digest": manifest.digest,
                "size": manifest.text.len(),
                "platform": shape(platform),
            });
            if let (Some(annotations), Some(map)) = (annotations, entry.as_object_mut()) {
                map.insert("annotations".to_owned(), annotations);
            }
            entries.push(entry);
        }
        if entries.len() > 1 {
            let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": entries });
            let size = image.manifests.iter().map(|manifest| manifest.size).max().unwrap_or(0);
            image.manifests.insert(0, Manifest::new(INDEX, &index, size));
        }
        image
    }

    /// An image for one platform.
    fn build(&mut self, repository: &str, platform: &str, sizes: &[usize]) {
        let layers: Vec<Value> = sizes
            .iter()
            .enumerate()
            .map(|(at, &size)| {
                self.keep(
                    LAYER,
                    layer(&format!("layer {} of {repository} for {platform}", at + 1), size),
                )
            })
            .collect();
        let history: Vec<Value> = (1..=layers.len())
            .map(|at| json!({ "created": CREATED, "created_by": format!("COPY layer-{at} /") }))
            .collect();
        let mut config = shape(platform);
        if let Some(map) = config.as_object_mut() {
            map.insert("created".to_owned(), CREATED.into());
            map.insert(
                "config".to_owned(),
                json!({ "Env": ["PATH=/usr/bin:/bin"], "Cmd": ["/app"] }),
            );
            // An archive that is not compressed has the same digest as the layer.
            map.insert("rootfs".to_owned(), rootfs(&layers));
            map.insert("history".to_owned(), history.into());
        }
        self.conclude(&config, &layers);
    }

    /// What a build says about one of its manifests.
    fn attest(&mut self, of: &Value) {
        let hex = of.as_str().and_then(|digest| digest.strip_prefix("sha256:")).unwrap_or_default();
        let predicate = "https://slsa.dev/provenance/v0.2";
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": predicate,
            "subject": [{ "name": "practice", "digest": { "sha256": hex } }],
            "predicate": { "builder": { "id": "" }, "buildType": "practice" },
        });
        let mut layer = self.keep(STATEMENT, statement.to_string().into_bytes());
        if let Some(map) = layer.as_object_mut() {
            map.insert("annotations".to_owned(), json!({ "in-toto.io/predicate-type": predicate }));
        }
        let layers = [layer];
        let mut config = shape(UNKNOWN);
        if let Some(map) = config.as_object_mut() {
            map.insert("config".to_owned(), json!({}));
            map.insert("rootfs".to_owned(), rootfs(&layers));
        }
        self.conclude(&config, &layers);
    }

    fn conclude(&mut self, config: &Value, layers: &[Value]) {
        let config = self.keep(CONFIG, config.to_string().into_bytes());
        let size =
            layers.iter().chain([&config]).filter_map(|part| part["size"].as_u64()).sum::<u64>();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers,
        });
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        self.manifests.push(Manifest::new(MANIFEST, &manifest, size));
    }

    /// Keeps a blob; gives its descriptor.
    fn keep(&mut self, media_type: &'static str, bytes: Vec<u8>) -> Value {
        let (digest, size) = (sha256(&bytes), bytes.len());
        self.blobs.insert(digest.clone(), Blob { media_type, bytes: Arc::new(bytes) });
        json!({ "mediaType": media_type, "digest": digest, "size": size })
    }
}

impl Manifest {
    fn new(media_type: &'static str, value: &Value, size: usize) -> Self {
        let text = format!("{value:#}");
        Self { media_type, digest: sha256(text.as_bytes()), text, size }
    }
}

/// `linux/arm64/v8` as configurations and indexes have it.
fn shape(platform: &str) -> Value {
    let mut parts = platform.split('/');
    let mut part = || parts.next().unwrap_or_default();
    let (os, architecture, variant) = (part(), part(), part());
    if variant.is_empty() {
        json!({ "architecture": architecture, "os": os })
    } else {
        json!({ "architecture": architecture, "os": os, "variant": variant })
    }
}

fn rootfs(layers: &[Value]) -> Value {
    let ids: Vec<&Value> = layers.iter().map(|layer| &layer["digest"]).collect();
    json!({ "type": "layers", "diff_ids": ids })
}

/// A tar archive of about this size: a short text, and bytes that follow from the name.
#[expect(clippy::expect_used, reason = "an archive in memory cannot fail to be written")]
fn layer(name: &str, size: usize) -> Vec<u8> {
    /// Two headers, the text, and the end of the archive.
    const REST: usize = 5 * 512;
    let seed = digest::digest(&digest::SHA256, name.as_bytes());
    let seed = seed.as_ref().iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(*byte));
    let mut bytes = vec![0; size.saturating_sub(REST)];
    Rng::with_seed(seed).fill(&mut bytes);
    let mut archive = tar::Builder::new(Vec::with_capacity(size + REST));
    for (path, content) in [("practice/about.txt", name.as_bytes()), ("practice/bytes", &bytes)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, content).expect("memory takes it");
    }
    archive.into_inner().expect("memory takes it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(platforms: &[&str]) -> Picture {
        Picture {
            tag: "1".to_owned(),
            platforms: platforms.iter().map(|&platform| platform.to_owned()).collect(),
            layers: vec![20_000, 4_000],
        }
    }

    #[test]
    fn one_platform_is_a_manifest_whose_parts_are_there() {
        let image = image("a/b", &picture(&["linux/arm64/v8"]));
        let [manifest] = image.manifests.as_slice() else { panic!("{:?}", image.manifests) };
        assert_eq!(manifest.digest, sha256(manifest.text.as_bytes()));
        let value: Value = serde_json::from_str(&manifest.text).unwrap();
        let mut sum = 0;
        for part in value["layers"].as_array().unwrap().iter().chain([&value["config"]]) {
            let bytes = &image.blobs[part["digest"].as_str().unwrap()].bytes;
            assert_eq!(part["digest"], sha256(bytes));
            assert_eq!(part["size"], bytes.len());
            sum += bytes.len();
        }
        assert_eq!(sum, manifest.size);
        let config = &image.blobs[value["config"]["digest"].as_str().unwrap()].bytes;
        let config: Value = serde_json::from_slice(config).unwrap();
        assert_eq!((&config["os"], &config["variant"]), (&json!("linux"), &json!("v8")));
        assert_eq!(config["rootfs"]["diff_ids"][1], value["layers"][1]["digest"]);
        assert_eq!(config["history"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_layer_is_an_archive_of_about_the_size_that_was_asked() {
        let bytes = layer("a name", 20_000);
        assert!(bytes.len().abs_diff(20_000) <= 1024, "{}", bytes.len());
        assert_eq!(bytes, layer("a name", 20_000));
        assert_ne!(bytes, layer("another", 20_000));
        let mut archive = tar::Archive::new(bytes.as_slice());
        let paths: Vec<_> =
            archive.entries().unwrap().map(|e| e.unwrap().path().unwrap().into_owned()).collect();
        assert_eq!(paths, ["practice/about.txt", "practice/bytes"].map(std::path::PathBuf::from));
    }

    #[test]
    fn several_platforms_are_an_index_and_a_build_says_something_about_itself() {
        let image = image("a/b", &picture(&["linux/amd64", "linux/arm64", UNKNOWN]));
        let index: Value = serde_json::from_str(&image.manifests[0].text).unwrap();
        assert_eq!(index["mediaType"], INDEX);
        for (at, manifest) in image.manifests.iter().skip(1).enumerate() {
            assert_eq!(index["manifests"][at]["digest"], manifest.digest);
            assert_eq!(index["manifests"][at]["size"], manifest.text.len());
        }
        let said = &index["manifests"][2];
        assert_eq!(said["platform"]["architecture"], "unknown");
        assert_eq!(
            said["annotations"]["vnd.docker.reference.digest"],
            index["manifests"][0]["digest"]
        );
        assert_eq!(image.manifests[0].size, image.manifests[1].size);
    }
}
