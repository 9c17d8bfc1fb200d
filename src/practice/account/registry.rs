//! The registry's rules: who may fetch what, and ECR's own words where not. There is one: what stands for its host is the same
//! address whosever it is, so that whose it was asked for cannot be told here.

use jiff::Timestamp;

use super::ecr::absent;
use super::refusal::Refusal;
use super::state::{Repository, State};
use super::{Account, Principal, image, permit, ticket};
use crate::practice::issuer::uuid;

/// A request to the registry, `Authorization` already taken apart.
#[derive(Debug, Clone)]
pub struct Visit<'a> {
    /// The clock.
    pub now: Timestamp,
    /// User name and password of the Basic header, if there was one.
    pub login: Option<(&'a str, &'a str)>,
    /// What is wanted.
    pub wish: Wish<'a>,
}

/// What is wanted of the registry.
#[derive(Debug, Clone, Copy)]
pub enum Wish<'a> {
    /// `GET /v2/`
    Ping,
    /// A manifest by tag or digest, with the `Accept` types.
    Manifest {
        /// Repository.
        repository: &'a str,
        /// Tag or digest.
        reference: &'a str,
        /// Types of the `Accept` headers.
        accept: &'a [String],
    },
    /// A blob by digest.
    Blob {
        /// Repository.
        repository: &'a str,
        /// Digest.
        digest: &'a str,
        /// Asked by `HEAD`.
        head: bool,
    },
    /// `GET /v2/NAME/tags/list`
    Tags {
        /// Repository.
        repository: &'a str,
    },
    /// `GET /v2/_catalog`
    Catalog,
    /// `POST /v2/NAME/blobs/uploads/`: an upload is to begin, what a pull-only role must be refused.
    Push {
        /// Repository.
        repository: &'a str,
    },
    /// `DELETE` of an upload.
    Cancel {
        /// Repository.
        repository: &'a str,
        /// The upload's id.
        upload: &'a str,
    },
    /// All else of a push: parts of an upload, its end, a manifest.
    Store {
        /// Repository.
        repository: &'a str,
    },
}

/// What the registry gives.
#[derive(Debug, Clone)]
pub enum Gift {
    /// `200`, with nothing to read.
    Welcome,
    /// A manifest's bytes.
    Manifest {
        /// Its media type.
        media_type: &'static str,
        /// Its digest.
        digest: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A blob is there: the layer host gives it to whoever shows this ticket, for a while.
    Blob {
        /// The query of the pre-signed URL.
        ticket: String,
        /// Size in bytes.
        size: usize,
    },
    /// Tags of a repository, or names of repositories.
    Names(Vec<String>),
    /// An upload was begun: its id.
    Upload(String),
    /// The upload is no more.
    Cancelled,
}

/// ECR's no: `{"errors":[{"code","message"}]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// HTTP status.
    pub status: u16,
    /// `DENIED`, `NAME_UNKNOWN`, …
    pub code: &'static str,
    /// The sentence.
    pub message: String,
    /// Whether `WWW-Authenticate: Basic` goes with it.
    pub challenge: bool,
}

impl Account {
    /// One visit to the registry.
    ///
    /// # Errors
    /// ECR's body of errors.
    pub fn visit(&mut self, visit: &Visit<'_>) -> Result<Gift, Denial> {
        let account: &Self = self;
        let of = account.log_in(visit)?;
        let may = |action: &str, name: &str| {
            let state = &account.state;
            let need = account.repository_need(&state.registry, &state.region, action, name);
            permit::allows(account, of, visit.now, &need)
                .map_err(|sentence| Denial::new(403, "DENIED", sentence))
        };
        // Which action stands behind HEAD of a blob, the tags, the catalogue and the end of an upload is inferred: no
        // source says it.
        match visit.wish {
            Wish::Ping => Ok(Gift::Welcome),
            Wish::Manifest { repository, reference, accept } => {
                may("BatchGetImage", repository)?;
                let gift = account.open(repository)?.manifest(reference, accept)?;
                let of = of.clone();
                self.chronicle.note_manifest(&of, repository);
                Ok(gift)
            }
            Wish::Blob { repository, digest, head } => {
                let action =
                    if head { "BatchCheckLayerAvailability" } else { "GetDownloadUrlForLayer" };
                may(action, repository)?;
                let found = account
                    .open(repository)?
                    .contents()
                    .find_map(|(_, image)| image.blobs.get(digest).map(|blob| blob.bytes.len()));
                let size = found
                    .ok_or_else(|| Denial::new(404, "BLOB_UNKNOWN", "blob unknown to registry"))?;
                let ticket = ticket::issue(visit.now, &account.state.region, digest);
                if !head {
                    let of = of.clone();
                    self.chronicle.note_blob(&of, repository);
                }
                Ok(Gift::Blob { ticket, size })
            }
            Wish::Tags { repository } => {
                may("ListImages", repository)?;
                let repository = account.open(repository)?;
                let mut tags: Vec<_> = repository.images.iter().map(|i| i.tag.clone()).collect();
                tags.sort();
                Ok(Gift::Names(tags))
            }
            Wish::Catalog => {
                may("DescribeRepositories", "*")?;
                Ok(Gift::Names(account.state.repositories.keys().cloned().collect()))
            }
            // ECR user guide, "Required IAM permissions for pushing an image".
            Wish::Push { repository } => {
                may("InitiateLayerUpload", repository)?;
                account.open(repository)?;
                let upload = uuid(fastrand::u128(..));
                self.state.uploads.insert(upload.clone(), repository.to_owned());
                Ok(Gift::Upload(upload))
            }
            Wish::Cancel { repository, upload } => {
                may("InitiateLayerUpload", repository)?;
                if account.state.uploads.get(upload).is_none_or(|of| of != repository) {
                    let sentence = "blob upload unknown to registry";
                    return Err(Denial::new(404, "BLOB_UPLOAD_UNKNOWN", sentence));
                }
                self.state.uploads.remove(upload);
                Ok(Gift::Cancelled)
            }
            Wish::Store { repository } => {
                may("PutImage", repository)?;
                account.open(repository)?;
                let sentence = "the practice registry does not take images";
                Err(Denial::new(405, "UNSUPPORTED", sentence))
            }
        }
    }

    /// How many uploads were begun and not cancelled.
    #[must_use]
    pub fn open_uploads(&self) -> usize {
        self.state.uploads.len()
    }

    /// The layer host's side: the bytes behind a ticket.
    ///
    /// # Errors
    /// An S3 error: code, message and status.
    pub fn layer(&self, now: Timestamp, digest: &str, ticket: &str) -> Result<Vec<u8>, Refusal> {
        ticket::check(now, digest, ticket)?;
        // Whoever was given the ticket has had the image made.
        image::blob(digest).map(|bytes| bytes.to_vec()).ok_or_else(|| Refusal {
            code: "NoSuchKey",
            message: "The specified key does not exist.".to_owned(),
            status: 404,
        })
    }

    /// Whose login it is.
    fn log_in(&self, visit: &Visit<'_>) -> Result<&Principal, Denial> {
        let pass = visit
            .login
            .filter(|(user, _)| *user == "AWS")
            .and_then(|(_, password)| self.state.logins.get(password))
            // A login of another region is as good as none: docker says "no basic auth credentials" (ECR user guide,
            // "Troubleshooting errors with Docker commands").
            .filter(|pass| pass.region == self.state.region)
            .ok_or_else(|| Denial {
                challenge: true,
                ..Denial::new(401, "UNAUTHORIZED", "Not Authorized")
            })?;
        if pass.ends <= visit.now {
            // awslabs/amazon-ecr-credential-helper#7
            let sentence = "Your authorization token has expired. Reauthenticate and try again.";
            return Err(Denial::new(403, "DENIED", sentence));
        }
        Ok(&pass.of)
    }

    fn open(&self, name: &str) -> Result<&Repository, Denial> {
        let State { registry, region, .. } = &self.state;
        self.repository(registry, region, name)
            .ok_or_else(|| Denial::new(404, "NAME_UNKNOWN", absent(name, registry)))
    }
}

impl Repository {
    /// By tag the client must know the stored type; by digest it is given what is stored (ECR user guide, "Container
    /// image manifest formats"). What ECR would convert for a client that knows other types only is not there for it
    /// here: the strict reading.
    fn manifest(&self, reference: &str, accept: &[String]) -> Result<Gift, Denial> {
        let by_digest = reference.contains(':');
        let unknown = |sentence: &str| Denial::new(404, "MANIFEST_UNKNOWN", sentence);
        let (image, at) = self
            .contents()
            .find_map(|(tag, image)| {
                let at = if by_digest {
                    image.manifests.iter().position(|manifest| manifest.digest == reference)?
                } else {
                    (tag == reference).then_some(0)?
                };
                Some((image, at))
            })
            .ok_or_else(|| unknown("Requested image not found"))?;
        let manifest = &image.manifests[at];
        let types = accept.iter().flat_map(|types| types.split(','));
        let types = types.map(|t| t.split(';').next().unwrap_or_default().trim());
        let reads = |wanted: &str| [manifest.media_type, "application/*", "*/*"].contains(&wanted);
        if !by_digest && !types.into_iter().any(reads) {
            return Err(unknown(&format!(
                "The stored manifest is {}, which the request does not accept",
                manifest.media_type
            )));
        }
        Ok(Gift::Manifest {
            media_type: manifest.media_type,
            digest: manifest.digest.clone(),
            bytes: manifest.text.clone().into_bytes(),
        })
    }
}

impl Denial {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), challenge: false }
    }
}

#[cfg(test)]
mod tests;
