//! A role judged: who gets in, and what is wrong with that.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::account::RoleEntry;
use super::found::Found;
use super::rights::Rights;
use crate::domain::finding::Finding;
use crate::domain::policy::Document;
use crate::domain::trust::Given;
use crate::domain::trust::admit::{Admitted, Intruder, Meant};
use crate::domain::trust::lint::lint;

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
    /// Who gets in.
    pub admits: Vec<Admitted>,
    /// Who gets in and was not meant to.
    pub intruders: Vec<Intruder>,
    /// Whether an Okteto instance gets in or was meant to: its service account is named, or this program made the role.
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

/// The most fixes that one policy is mended by.
const FIXES: usize = 50;

/// The trust policy with all fixes, or those of these rules, applied one after the other, and the findings that they mend.
/// `None` where none of them has a document.
#[must_use]
pub fn mended_trust(
    entry: &RoleEntry,
    audiences: &BTreeMap<String, Vec<String>>,
    rules: Option<&BTreeSet<&str>>,
) -> Option<(Value, Vec<Finding>)> {
    let mut given = Given::read(&entry.trust).ok()?;
    given.role = Some(entry.arn.to_string());
    let meant = Meant {
        provider_audiences: audiences.values().next().filter(|_| audiences.len() == 1).cloned(),
        ..Meant::default()
    };
    let mut mended = Vec::new();
    while mended.len() < FIXES {
        let wished = |finding: &Finding| rules.is_none_or(|rules| rules.contains(finding.rule));
        let mut found = lint(&given, &meant).into_iter().filter(wished);
        let fixed = |finding: Finding| Some((finding.fix.clone()?.document?, finding));
        let Some((value, finding)) = found.find_map(fixed) else { break };
        given.document = Document { value, duplicates: Vec::new() };
        mended.push(finding);
    }
    (!mended.is_empty()).then_some((given.document.value, mended))
}
