//! The registry of the practice account as the port wants it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use okteto_ecr::domain::fault::{Cause, Fault};
use okteto_ecr::domain::host::Reference;
use okteto_ecr::domain::probe::{BlobProgress, Depth, PullWish, Pulled};
use okteto_ecr::domain::secret::Login;
use okteto_ecr::ports::{Answer, Blob, Fetched, Manifest, OnBytes, Push, Registry};
use okteto_ecr::practice::account::difficulty::What;
use okteto_ecr::practice::account::registry::{Denial, Gift, Visit, Wish};
use secrecy::ExposeSecret;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::account::parts;
use crate::world::Practice;

fn denied(denial: &Denial) -> Fault {
    let says = |words: &str| denial.message.contains(words);
    let cause = match denial.code {
        "TOOMANYREQUESTS" => Cause::Throttled,
        "UNAUTHORIZED" => Cause::RegistryLoginRefused,
        "DENIED" if says("another region") => Cause::RegistryRegionMismatch,
        "DENIED" if says("resource-based") => Cause::RepositoryPolicyMissing,
        "NAME_UNKNOWN" => Cause::RepositoryMissing,
        "MANIFEST_UNKNOWN" => Cause::ImageMissing,
        "DENIED" if says("expired") => Cause::RegistryTokenExpired,
        "DENIED" => Cause::PullPermissionMissing,
        _ => Cause::Unexplained,
    };
    let fault = Fault::new(cause, format!("the registry refused: {}", denial.message))
        .with("code", denial.code)
        .with("status", denial.status.to_string())
        .with("registry_said", denial.message.as_str());
    parts(fault, &denial.message)
}

/// The registry's words for what is to happen to a call.
fn by_script(what: What) -> Option<Denial> {
    let (status, code, message) = match what {
        What::Throttle => (429, "TOOMANYREQUESTS", "Rate exceeded"),
        What::Expire => (403, "DENIED", "Your authorization token has expired."),
        _ => return None,
    };
    Some(Denial { status, code, message: message.to_owned(), challenge: false })
}

impl Practice {
    /// One visit with a login.
    fn visit(&self, login: &Login, wish: Wish) -> Result<Gift, Fault> {
        let front = self.front();
        let call = match wish {
            Wish::Manifest { .. } => "registry:manifest",
            _ => "registry:blob",
        };
        let said = self.registry_says.lock().unwrap().clone();
        if let Some(said) = said.or_else(|| front.account().meet(call).and_then(by_script)) {
            return Err(denied(&said));
        }
        let basic = STANDARD.decode(login.token.expose_secret()).unwrap();
        let basic = String::from_utf8(basic).unwrap();
        let visit = Visit { now: front.now(), login: basic.split_once(':'), wish };
        let gift = front.account().visit(&visit);
        gift.map_err(|denial| denied(&denial))
    }

    fn document(&self, login: &Login, wish: &PullWish, reference: &str) -> Result<Found, Fault> {
        let accept = [
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.docker.distribution.manifest.v2+json",
        ]
        .map(str::to_owned);
        let repository = wish.image.repository.as_str();
        let wanted = Wish::Manifest { repository, reference, accept: &accept };
        match self.visit(login, wanted)? {
            Gift::Manifest { digest, bytes, .. } => {
                Ok(Found { digest, json: serde_json::from_slice(&bytes).unwrap() })
            }
            other => panic!("no manifest: {other:?}"),
        }
    }
}

struct Found {
    digest: String,
    json: Value,
}

impl Registry for Practice {
    fn manifest<'a>(&'a self, login: &'a Login, wish: &'a PullWish) -> Answer<'a, Manifest> {
        async move {
            let reference = match &wish.image.reference {
                Reference::Tag(text) | Reference::Digest(text) => text,
            };
            let mut found = self.document(login, wish, reference)?;
            let children = found.json["manifests"].as_array().cloned().unwrap_or_default();
            if !children.is_empty() {
                let is_ours = |child: &&Value| {
                    child["platform"]["architecture"] == wish.platform.architecture.as_str()
                };
                let child = children.iter().find(is_ours).ok_or_else(|| {
                    let there: Vec<_> = children
                        .iter()
                        .map(|c| c["platform"]["architecture"].to_string())
                        .collect();
                    Fault::new(Cause::PlatformMissing, "the image is not there for the platform")
                        .with("wanted", wish.platform.to_string())
                        .with("got", there.join(", "))
                })?;
                found = self.document(login, wish, child["digest"].as_str().unwrap())?;
            }
            let blob = |value: &Value| Blob {
                digest: value["digest"].as_str().unwrap().to_owned(),
                size: value["size"].as_u64().unwrap(),
            };
            let layers = found.json["layers"].as_array().unwrap();
            let blobs = std::iter::once(&found.json["config"]).chain(layers).map(blob).collect();
            let image = Pulled {
                reference: format!("{}/{}", wish.host, wish.image),
                digest: found.digest,
                platform: None,
                layers: layers.len(),
                bytes: 0,
            };
            Ok(Manifest { image, blobs, remarks: Vec::new() })
        }
        .boxed()
    }

    fn layers<'a>(
        &'a self,
        login: &'a Login,
        wish: &'a PullWish,
        manifest: &'a Manifest,
        depth: Depth,
        on_bytes: OnBytes,
    ) -> Answer<'a, Fetched> {
        async move {
            let repository = wish.image.repository.as_str();
            let mut fetched = Fetched::default();
            for Blob { digest, size } in manifest.blobs_for(depth) {
                let wanted = Wish::Blob { repository, digest, head: false };
                let Gift::Blob { ticket, .. } = self.visit(login, wanted)? else {
                    panic!("no blob")
                };
                let front = self.front();
                let what = front.account().meet("layers:get");
                if what == Some(What::Refuse) {
                    let message = "the host of the layers refuses";
                    return Err(Fault::new(Cause::LayerHostBlocked, message).with("status", "403"));
                }
                let mut bytes = front.account().layer(front.now(), digest, &ticket).unwrap();
                if what == Some(What::Alter) {
                    bytes[0] = !bytes[0];
                }
                if format!("sha256:{}", hex(&Sha256::digest(&bytes))) != *digest {
                    return Err(Fault::new(
                        Cause::DigestMismatch,
                        format!("{digest} came with other bytes"),
                    )
                    .with("wanted", digest));
                }
                on_bytes(BlobProgress { digest: digest.clone(), received: *size, total: *size });
                fetched.blobs += 1;
                fetched.bytes += size;
            }
            Ok(fetched)
        }
        .boxed()
    }

    fn try_push<'a>(&'a self, login: &'a Login, wish: &'a PullWish) -> Answer<'a, Push> {
        async move {
            let repository = wish.image.repository.as_str();
            match self.visit(login, Wish::Push { repository }) {
                Err(fault) if fault.cause == Cause::PullPermissionMissing => {
                    Ok(Push::Denied(fault.message))
                }
                Err(fault) => Err(fault),
                Ok(Gift::Upload(upload)) => {
                    let cancel = Wish::Cancel { repository, upload: &upload };
                    Ok(Push::Begun(self.visit(login, cancel).map(|_| ())))
                }
                Ok(gift) => panic!("no upload: {gift:?}"),
            }
        }
        .boxed()
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
