//! A role judged: who gets in, and what is wrong with that.
//!
//! | part | does |
//! | --- | --- |
//! | `read` | the document, quickly: does it trust a web identity, which issuers does it name? |
//! | `judge` | who gets in, what is wrong, what mends it |
//! | `column` | audience and subject in a word |
//! | `evidence` | the lines of the document that a finding is about |

mod column;
mod evidence;
mod judge;
mod read;

pub use judge::{judge, mended_trust};
pub use read::trusts_web_identity;

use super::account::RoleEntry;
use super::found::Found;
use super::rights::Rights;
use crate::domain::issuer::{is_aks, is_eks, is_gke, is_shared};
use crate::domain::trust::admit::{Admitted, Intruder};

/// How the subjects of Okteto's own namespace begin.
pub(super) const OKTETO: &str = "system:serviceaccount:okteto:";

/// A role that trusts a web identity, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleReview {
    /// As it was read.
    pub entry: RoleEntry,
    /// Whom its trust policy lets in.
    pub trust: Trust,
    /// What it may do in ECR; `None` before the policies were read.
    pub rights: Option<Rights>,
    /// What is wrong, worst first.
    pub found: Vec<Found>,
}

impl RoleReview {
    /// Whether it is made for an Okteto instance: this program made it, or its trust policy names Okteto's namespace.
    #[must_use]
    pub fn is_for_okteto(&self) -> bool {
        self.trust.is_okteto && judge::is_for_okteto(&self.entry)
    }
}

/// Whom a trust policy lets in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// The issuers that it names, each once, without `https://`.
    pub issuers: Vec<IssuerSeen>,
    /// The audience for a column: the one that gets in, `*`, `2 audiences`, `none`.
    pub audience: String,
    /// The subject for a column, likewise.
    pub subject: String,
    /// Who gets in, in one sentence.
    pub real: String,
    /// Who was meant to, in one sentence, where that is somebody else: by the policy as it would be, mended.
    pub meant: Option<String>,
    /// What no token decides, a sentence each: who gets in without one, which conditions of the request are asked for.
    pub beyond: Vec<String>,
    /// Who gets in.
    pub admits: Vec<Admitted>,
    /// Who gets in and was not meant to.
    pub intruders: Vec<Intruder>,
    /// Whether an Okteto instance gets in or was meant to. One gets in where, by what the trust policy says as it stands or with
    /// its faults mended, a service account of the namespace `okteto` of a cluster does, by name or by a wildcard. It was
    /// meant to where the policy names such an account in a statement of a cluster's issuer, or where the role has this
    /// program's tag. Issuers that are no clusters, such as those of GitHub, GitLab, `CircleCI`, Terraform and Buildkite,
    /// never count.
    pub is_okteto: bool,
}

/// An issuer as a trust policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerSeen {
    /// Without `https://`.
    pub name: String,
    /// Whose.
    pub kind: IssuerKind,
}

/// Whose issuer it is, by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IssuerKind {
    /// Amazon EKS: `oidc.eks.REGION.amazonaws.com/id/HEX`.
    Eks,
    /// Google GKE: `container.googleapis.com/v1/projects/…`.
    Gke,
    /// Azure AKS: `REGION.oic.prod-aks.azure.com/TENANT/GUID/`.
    Aks,
    /// One that many tenants share, such as GitHub's.
    Shared,
    /// Any other.
    Other,
}

impl IssuerKind {
    /// By the name of the provider: the issuer without `https://`.
    #[must_use]
    pub fn of(provider: &str) -> Self {
        match provider {
            name if is_eks(name) => Self::Eks,
            name if is_gke(name) => Self::Gke,
            name if is_aks(name) => Self::Aks,
            name if is_shared(name) => Self::Shared,
            _ => Self::Other,
        }
    }

    /// The word of the column, of results and of filters.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Eks => "EKS",
            Self::Gke => "GKE",
            Self::Aks => "AKS",
            Self::Shared => "shared",
            Self::Other => "other",
        }
    }
}
