//! The cluster's side of the federation: keys, discovery documents and service account tokens, shaped like those of
//! Kubernetes.

/// A cluster that issues service account tokens.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Its URL, as `iss` has it.
    pub url: String,
}

impl Issuer {
    /// A cluster with this issuer URL. Its keys are made when first needed.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned() }
    }
}
