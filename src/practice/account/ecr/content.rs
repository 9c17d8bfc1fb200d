//! What is in the repositories: images, manifests, layers.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{count, no_page, on_repository, page, parameter, wrong};
use crate::practice::account::image::{self, Image, Manifest};
use crate::practice::account::input::Shape;
use crate::practice::account::refusal::Refusal;
use crate::practice::account::state::Repository;
use crate::practice::account::{Account, Action, Ask, ticket};

pub(super) const ACTIONS: &[Action] = &[
    Action { name: "ListImages", needs: on_repository, run: list },
    Action { name: "DescribeImages", needs: on_repository, run: describe },
    Action { name: "BatchGetImage", needs: on_repository, run: get },
    Action { name: "GetDownloadUrlForLayer", needs: on_repository, run: layer_url },
    Action { name: "BatchCheckLayerAvailability", needs: on_repository, run: check_layers },
];

const DIGEST: Shape =
    Shape { min: 0, max: usize::MAX, pattern: Some(("[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+", is_digest)) };
const TAG: Shape = Shape { min: 1, max: 300, pattern: None };

impl Repository {
    /// Its images, each with the tag that it was made for.
    pub(in crate::practice::account) fn contents(
        &self,
    ) -> impl Iterator<Item = (&str, Arc<Image>)> {
        self.images.iter().map(|picture| (picture.tag.as_str(), image::image(&self.name, picture)))
    }
}

/// An image as the API counts them: every manifest is one, and the first of each picture has the tag.
struct Entry {
    tag: Option<String>,
    image: Arc<Image>,
    at: usize,
}

impl Entry {
    fn manifest(&self) -> &Manifest {
        &self.image.manifests[self.at]
    }

    fn id(&self) -> Value {
        let mut id = Map::new();
        id.insert("imageDigest".to_owned(), self.manifest().digest.as_str().into());
        if let Some(tag) = &self.tag {
            id.insert("imageTag".to_owned(), tag.as_str().into());
        }
        id.into()
    }

    fn is(&self, digest: Option<&str>, tag: Option<&str>) -> bool {
        digest.is_none_or(|digest| digest == self.manifest().digest)
            && tag.is_none_or(|tag| Some(tag) == self.tag.as_deref())
    }
}

fn entries(repository: &Repository) -> Vec<Entry> {
    repository
        .contents()
        .flat_map(|(tag, image)| {
            (0..image.manifests.len()).map(move |at| Entry {
                tag: (at == 0).then(|| tag.to_owned()),
                image: Arc::clone(&image),
                at,
            })
        })
        .collect()
}

/// The entries that the filter leaves. All of them are active.
fn filtered(ask: &Ask, repository: &Repository) -> Result<Vec<Entry>, Refusal> {
    let filter = ask.input.0.get("filter");
    let word = |name, words: &[&str]| match filter.and_then(|f| f.get(name)).and_then(Value::as_str)
    {
        Some(word) if !words.contains(&word) => {
            let rule = format!("must satisfy enum value set: [{}]", words.join(", "));
            Err(Refusal::new("InvalidParameterException", wrong(&format!("filter.{name}"), &rule)))
        }
        word => Ok(word.unwrap_or("ANY")),
    };
    let tagged = word("tagStatus", &["TAGGED", "UNTAGGED", "ANY"])?;
    let status = word("imageStatus", &["ACTIVE", "ARCHIVED", "ACTIVATING", "ANY"])?;
    let mut entries = entries(repository);
    entries.retain(|entry| {
        matches!(status, "ACTIVE" | "ANY")
            && match tagged {
                "TAGGED" => entry.tag.is_some(),
                "UNTAGGED" => entry.tag.is_none(),
                _ => true,
            }
    });
    Ok(entries)
}

fn list(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let entries = filtered(ask, account.named(ask)?)?;
    page(ask, "imageIds", entries.iter().map(|entry| (key(entry), entry.id())).collect())
}

fn describe(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let repository = account.named(ask)?;
    let wanted = ask.input.list("imageIds");
    count("imageIds", wanted.len(), 100)?;
    let show = |entry: &Entry| show(account, repository, entry);
    if wanted.is_empty() {
        let entries = filtered(ask, repository)?;
        return page(ask, "imageDetails", entries.iter().map(|e| (key(e), show(e))).collect());
    }
    no_page(ask)?;
    let entries = entries(repository);
    let details: Result<Vec<Value>, Refusal> = wanted
        .iter()
        .map(|id| {
            let (digest, tag) = parts(id);
            let found = entries.iter().find(|entry| entry.is(digest, tag));
            found.filter(|_| digest.or(tag).is_some()).map(show).ok_or_else(|| {
                Refusal::new(
                    "ImageNotFoundException",
                    format!(
                        "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository with name '{}' in the registry with id '{}'",
                        digest.unwrap_or("null"),
                        tag.unwrap_or("null"),
                        repository.name,
                        account.state.registry
                    ),
                )
            })
        })
        .collect();
    Ok(json!({ "imageDetails": details? }))
}

/// An image that is not there is no refusal but a failure beside the others (model of `BatchGetImage`).
fn get(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let wanted = ask.input.list("imageIds");
    if wanted.is_empty() {
        let rule = "must have length greater than or equal to 1";
        return Err(Refusal::new("InvalidParameterException", wrong("imageIds", rule)));
    }
    count("imageIds", wanted.len(), 100)?;
    count("acceptedMediaTypes", ask.input.list("acceptedMediaTypes").len(), 100)?;
    let accepted: Vec<&str> =
        ask.input.list("acceptedMediaTypes").iter().filter_map(Value::as_str).collect();
    let repository = account.named(ask)?;
    let entries = entries(repository);
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in wanted {
        match pick(&entries, id, &accepted) {
            Ok(entry) => images.push(json!({
                "registryId": account.state.registry,
                "repositoryName": repository.name,
                "imageId": entry.id(),
                "imageManifest": entry.manifest().text,
                "imageManifestMediaType": entry.manifest().media_type,
            })),
            Err((code, reason)) => failures.push(json!({
                "imageId": id, "failureCode": code, "failureReason": reason,
            })),
        }
    }
    Ok(json!({ "images": images, "failures": failures }))
}

fn pick<'e>(
    entries: &'e [Entry],
    id: &Value,
    accepted: &[&str],
) -> Result<&'e Entry, (&'static str, &'static str)> {
    let (digest, tag) = parts(id);
    if digest.or(tag).is_none() {
        let reason = "Invalid request parameters: both tag and digest cannot be null";
        return Err(("MissingDigestAndTag", reason));
    }
    if digest.is_some_and(|digest| !is_digest(digest)) {
        let reason = "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'";
        return Err(("InvalidImageDigest", reason));
    }
    if tag.is_some_and(|tag| TAG.check("imageTag", tag).is_err()) {
        return Err(("InvalidImageTag", "Invalid request parameters: image tag is not valid"));
    }
    let Some(found) = entries.iter().find(|entry| entry.is(digest, tag)) else {
        let alone = |digest, tag| entries.iter().any(|entry| entry.is(digest, tag));
        return Err(if tag.is_some() && alone(None, tag) && alone(digest, None) {
            ("ImageTagDoesNotMatchDigest", "Requested image tag does not match the digest")
        } else {
            ("ImageNotFound", "Requested image not found")
        });
    };
    // What ECR would convert for a client that knows other types only is not given here: the strict reading.
    let is_readable = accepted.is_empty() || accepted.contains(&found.manifest().media_type);
    if digest.is_some() || is_readable {
        Ok(found)
    } else {
        Err(("ImageNotFound", "Requested image not found"))
    }
}

/// The URL is without a host, which only the wire knows.
fn layer_url(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let digest = ask.input.required("layerDigest", DIGEST).map_err(parameter)?;
    let repository = account.named(ask)?;
    if !repository.contents().any(|(_, image)| image.blobs.contains_key(digest)) {
        return Err(Refusal::new(
            "LayersNotFoundException",
            format!(
                "The layer with digest '{digest}' does not exist in the repository with name '{}' in the registry with id '{}'",
                repository.name, account.state.registry
            ),
        ));
    }
    let ticket = ticket::issue(ask.now, &account.state.region, digest);
    Ok(json!({ "downloadUrl": format!("/{digest}?{ticket}"), "layerDigest": digest }))
}

fn check_layers(account: &mut Account, ask: &Ask) -> Result<Value, Refusal> {
    let digests = ask.input.list("layerDigests");
    if digests.is_empty() {
        let rule = "must have length greater than or equal to 1";
        return Err(Refusal::new("InvalidParameterException", wrong("layerDigests", rule)));
    }
    count("layerDigests", digests.len(), 100)?;
    let repository = account.named(ask)?;
    let (mut layers, mut failures) = (Vec::new(), Vec::new());
    for digest in digests.iter().filter_map(Value::as_str) {
        if !is_digest(digest) {
            failures.push(json!({
                "layerDigest": digest,
                "failureCode": "InvalidLayerDigest",
                "failureReason": "Invalid layer digest",
            }));
            continue;
        }
        let found = repository.contents().find_map(|(_, image)| {
            let blob = image.blobs.get(digest)?;
            Some((blob.media_type, blob.bytes.len()))
        });
        layers.push(match found {
            Some((media_type, size)) => json!({
                "layerDigest": digest,
                "layerAvailability": "AVAILABLE",
                "layerSize": size,
                "mediaType": media_type,
            }),
            None => json!({ "layerDigest": digest, "layerAvailability": "UNAVAILABLE" }),
        });
    }
    Ok(json!({ "layers": layers, "failures": failures }))
}

fn show(account: &Account, repository: &Repository, entry: &Entry) -> Value {
    let manifest = entry.manifest();
    let mut detail = json!({
        "registryId": account.state.registry,
        "repositoryName": repository.name,
        "imageDigest": manifest.digest,
        "imageSizeInBytes": manifest.size,
        "imagePushedAt": repository.created.as_second(),
        "imageManifestMediaType": manifest.media_type,
        "imageStatus": "ACTIVE",
    });
    if let (Some(tag), Some(map)) = (&entry.tag, detail.as_object_mut()) {
        map.insert("imageTags".to_owned(), json!([tag]));
    }
    detail
}

/// What a page goes on after.
fn key(entry: &Entry) -> String {
    format!("{} {}", entry.manifest().digest, entry.tag.as_deref().unwrap_or_default())
}

fn parts(id: &Value) -> (Option<&str>, Option<&str>) {
    let part = |name| id.get(name).and_then(Value::as_str);
    (part("imageDigest"), part("imageTag"))
}

fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hex)| {
        !algorithm.is_empty()
            && algorithm.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_+.".contains(&b))
            && !hex.is_empty()
            && hex.bytes().all(|b| b.is_ascii_hexdigit())
    })
}
