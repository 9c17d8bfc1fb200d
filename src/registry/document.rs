//! Manifests and indexes as the registry hands them out.
//!
//! Shapes: OCI image specification, `manifest.md` and `image-index.md`; Docker's image manifest version 2, schema 2.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::fault::{Cause, Fault};
use crate::domain::probe::Platform;
use crate::ports::Blob;

/// All four types a pull can use. ECR translates a manifest that is asked for by tag into a type that is accepted,
/// never one that is asked for by digest (Amazon ECR user guide, `image-manifest-formats`), so all are accepted.
pub(super) const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.docker.distribution.manifest.v2+json";

/// What a reference leads to.
#[derive(Debug)]
pub(super) enum Document {
    /// Several platforms' manifests, attestations left out.
    Index(Vec<Entry>),
    /// One image.
    Image(Image),
}

/// One platform's manifest in an index.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) digest: String,
    /// `None` where the index does not say.
    pub(super) platform: Option<Platform>,
}

/// What a manifest lists.
#[derive(Debug)]
pub(super) struct Image {
    /// How many layers it names, foreign ones and repetitions among them.
    pub(super) layers: usize,
    /// Config first, then the layers; each once, foreign ones left out.
    pub(super) blobs: Vec<Blob>,
    /// What was left out.
    pub(super) remarks: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    schema_version: Option<u64>,
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    size: u64,
    #[serde(default)]
    urls: Vec<String>,
    platform: Option<RawPlatform>,
    #[serde(default)]
    annotations: serde_json::Map<String, Value>,
}

/// A platform, as an index and as the image's config have it (OCI image specification, `config.md`).
#[derive(Deserialize)]
struct RawPlatform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    variant: Option<String>,
}

impl RawPlatform {
    fn platform(self) -> Platform {
        let Self { os, architecture, variant } = self;
        Platform { os, architecture, variant: variant.filter(|v| !v.is_empty()) }
    }
}

/// The platform that an image's config names; other kinds of config name none.
pub(super) fn platform(config: &[u8]) -> Option<Platform> {
    let raw: RawPlatform = serde_json::from_slice(config).ok()?;
    (!raw.os.is_empty() && !raw.architecture.is_empty()).then(|| raw.platform())
}

impl Descriptor {
    /// A signature of the build beside the image, which is no image of any platform (`BuildKit`).
    fn is_attestation(&self) -> bool {
        let unknown = |p: &RawPlatform| p.os == "unknown" && p.architecture == "unknown";
        self.platform.as_ref().is_some_and(unknown)
            || self.annotations.get("vnd.docker.reference.type").and_then(Value::as_str)
                == Some("attestation-manifest")
    }

    /// Held at another host, not in the registry: base layers of Windows.
    fn is_foreign(&self) -> bool {
        !self.urls.is_empty()
            || self.media_type.contains(".foreign.")
            || self.media_type.contains(".nondistributable.")
    }

    fn blob(self) -> Result<Blob, Fault> {
        Ok(Blob { digest: checked(self.digest)?, size: self.size })
    }
}

/// A digest goes into a path, so its form is held to.
fn checked(digest: String) -> Result<String, Fault> {
    let good = digest.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    });
    if good {
        return Ok(digest);
    }
    let short: String = digest.chars().take(100).collect();
    Err(nonsense(&format!("names {short:?}, which is not a sha256 digest")))
}

fn nonsense(what: &str) -> Fault {
    Fault::new(Cause::Unexplained, format!("the manifest {what}"))
}

/// Reads a manifest or an index by what is in it; its stated type is not relied upon.
pub(super) fn read(body: &[u8]) -> Result<Document, Fault> {
    let raw: Raw =
        serde_json::from_slice(body).map_err(|error| nonsense(&format!("is not one: {error}")))?;
    if raw.schema_version == Some(1) {
        return Err(nonsense("is of the old schema 1").remedy(
            "push the image again with a current client: ECR images are of schema 2 or OCI",
        ));
    }
    match (raw.manifests, raw.config, raw.layers) {
        (Some(manifests), None, None) => manifests
            .into_iter()
            .filter(|entry| !entry.is_attestation())
            .map(|entry| {
                let platform = entry.platform.map(RawPlatform::platform);
                Ok(Entry { digest: checked(entry.digest)?, platform })
            })
            .collect::<Result<_, _>>()
            .map(Document::Index),
        (None, Some(config), Some(layers)) => image(config, layers).map(Document::Image),
        (Some(_), ..) => Err(nonsense("claims to be an index and an image at once")),
        _ => Err(nonsense("is neither an image nor an index")),
    }
}

fn image(config: Descriptor, layers: Vec<Descriptor>) -> Result<Image, Fault> {
    let count = layers.len();
    let mut blobs = vec![config.blob()?];
    let mut remarks = Vec::new();
    for layer in layers {
        if layer.is_foreign() {
            remarks.push(format!(
                "layer {} is held outside the registry and was passed over",
                layer.digest.chars().take(19).collect::<String>()
            ));
            continue;
        }
        let blob = layer.blob()?;
        match blobs.iter().find(|b| b.digest == blob.digest) {
            None => blobs.push(blob),
            Some(same) if same.size == blob.size => {}
            Some(_) => return Err(nonsense(&format!("gives {} two sizes", blob.digest))),
        }
    }
    Ok(Image { layers: count, blobs, remarks })
}

/// The entry for a platform; where no variant is wished for and the usual one is not there, the first of any.
/// A lone entry without a platform is taken as it is.
pub(super) fn choose(entries: Vec<Entry>, wish: &Platform) -> Result<Entry, Fault> {
    let close = |entry: &Entry| {
        entry
            .platform
            .as_ref()
            .is_some_and(|p| p.os == wish.os && p.architecture == wish.architecture)
    };
    let exact = |entry: &Entry| entry.platform.as_ref().is_some_and(|p| p.is_same(wish));
    let lone = entries.len() == 1 && entries.iter().all(|entry| entry.platform.is_none());
    let index = entries
        .iter()
        .position(exact)
        .or_else(|| entries.iter().position(close).filter(|_| wish.variant.is_none()))
        .or(lone.then_some(0));
    let mut there: Vec<String> = entries
        .iter()
        .map(|e| {
            e.platform
                .as_ref()
                .map_or_else(|| "one without a platform".to_owned(), Platform::to_string)
        })
        .collect();
    there.dedup();
    index.and_then(|index| entries.into_iter().nth(index)).ok_or_else(|| {
        let there = if there.is_empty() { "nothing".to_owned() } else { there.join(", ") };
        Fault::new(
            Cause::PlatformMissing,
            format!("the image is not there for {wish}: it has {there}"),
        )
        .with("wanted", wish.to_string())
        .with("got", there)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(n: u8) -> String {
        format!("sha256:{}", format!("{n:02x}").repeat(32))
    }

    fn entry(n: u8, platform: &str) -> String {
        let mut parts = platform.split('/');
        let (os, architecture) = (parts.next().unwrap(), parts.next().unwrap());
        let variant = parts.next().map(|v| format!(r#","variant":"{v}""#)).unwrap_or_default();
        format!(
            r#"{{"digest":"{}","size":7,"platform":{{"os":"{os}","architecture":"{architecture}"{variant}}}}}"#,
            digest(n)
        )
    }

    fn chosen(entries: &[String], wish: &str) -> Result<Entry, Fault> {
        let text = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, entries.join(","));
        let Document::Index(entries) = read(text.as_bytes()).unwrap() else { panic!("no index") };
        let mut parts = wish.split('/').map(str::to_owned);
        let wish = Platform {
            os: parts.next().unwrap(),
            architecture: parts.next().unwrap(),
            variant: parts.next(),
        };
        choose(entries, &wish)
    }

    #[test]
    fn the_platform_is_chosen_by_os_architecture_and_variant() {
        let all = [
            entry(0, "unknown/unknown"),
            entry(1, "linux/arm/v6"),
            entry(2, "linux/arm/v7"),
            entry(3, "linux/arm64/v8"),
            entry(4, "windows/amd64"),
            entry(5, "linux/amd64"),
        ];
        for (wish, n) in [
            ("linux/amd64", 5),
            ("linux/arm64", 3),
            ("linux/arm64/v8", 3),
            ("linux/arm", 2),
            ("linux/arm/v6", 1),
            ("windows/amd64", 4),
        ] {
            assert_eq!(chosen(&all, wish).unwrap().digest, digest(n), "{wish}");
        }
        let fault = chosen(&all, "linux/s390x").unwrap_err();
        assert_eq!(fault.cause, Cause::PlatformMissing);
        assert!(fault.message.ends_with(
            "it has linux/arm/v6, linux/arm/v7, linux/arm64/v8, windows/amd64, linux/amd64"
        ));
        assert!(chosen(&all[..1], "linux/amd64").is_err());
    }

    #[test]
    fn foreign_layers_are_passed_over_and_repetitions_named_once() {
        let d = digest;
        let text = format!(
            r#"{{"schemaVersion":2,"config":{{"digest":"{}","size":2}},"layers":[
                {{"mediaType":"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip","digest":"{}","size":9}},
                {{"digest":"{}","size":3}},{{"digest":"{}","size":3}},
                {{"digest":"{}","size":4,"urls":["https://mcr.example/x"]}}]}}"#,
            d(1),
            d(2),
            d(3),
            d(3),
            d(4)
        );
        let Document::Image(image) = read(text.as_bytes()).unwrap() else { panic!("no image") };
        assert_eq!(image.layers, 4);
        assert_eq!(image.remarks.len(), 2);
        assert_eq!(image.blobs, [Blob { digest: d(1), size: 2 }, Blob { digest: d(3), size: 3 }]);
    }

    #[test]
    fn what_is_no_manifest_is_said_to_be_none() {
        for (text, said) in [
            ("<html>", "is not one"),
            ("{}", "neither"),
            (r#"{"schemaVersion":1,"fsLayers":[]}"#, "schema 1"),
            (
                r#"{"schemaVersion":2,"manifests":[],"config":{"digest":"","size":1},"layers":[]}"#,
                "at once",
            ),
            (
                r#"{"config":{"digest":"sha256:../../x","size":1},"layers":[]}"#,
                "not a sha256 digest",
            ),
            (r#"{"config":{"digest":"sha256:","size":-1},"layers":[]}"#, "is not one"),
        ] {
            let fault = read(text.as_bytes()).unwrap_err();
            assert_eq!(fault.cause, Cause::Unexplained);
            assert!(fault.message.contains(said), "{}", fault.message);
        }
    }
}
