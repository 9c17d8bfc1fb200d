//! The forms that issuers and the names of their providers have.

use super::super::holder::CLAIMS;
use super::fix;
use super::look::{Look, Seen};
use super::rules::{AUDIENCES_MANY, NAME_INHERITED, PROVIDER_URL};
use crate::domain::arn::Arn;
use crate::domain::finding::Finding;
use crate::domain::issuer::{Issuer, KNOWN_DOMAINS, SHARED, is_eks, is_gke, is_no_cluster};

/// What stands under `Federated`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Federation<'a> {
    /// The ARN of an OIDC provider.
    Oidc { arn: Arn, name: &'a str },
    /// A provider that AWS knows without an ARN.
    Domain(&'a str),
    /// The ARN of a SAML provider.
    Saml,
    /// The issuer's URL in place of the ARN.
    Url(&'a str),
    /// Anything else.
    Other,
}

impl<'a> Federation<'a> {
    pub fn of(text: &'a str) -> Self {
        if KNOWN_DOMAINS.contains(&text) {
            return Self::Domain(text);
        }
        if let Some((_, name)) = text.split_once("://").filter(|_| text.starts_with("http")) {
            return Self::Url(name);
        }
        match (Arn::parse(text), text.split_once(":oidc-provider/")) {
            (Ok(arn), Some((_, name))) if arn.service == "iam" => Self::Oidc { arn, name },
            (Ok(arn), None)
                if arn.service == "iam" && arn.resource.starts_with("saml-provider/") =>
            {
                Self::Saml
            }
            _ => Self::Other,
        }
    }

    /// The provider's name, where it can be told.
    pub fn provider(&self) -> Option<&'a str> {
        match self {
            Self::Oidc { name, .. } | Self::Domain(name) | Self::Url(name) => {
                Some(name.split_once("://").map_or(*name, |(_, rest)| rest))
            }
            Self::Saml | Self::Other => None,
        }
    }
}

/// The issuer and the claim of a condition key such as `NAME:sub`; `None` for AWS's own keys (`aws:…`, `sts:…`).
pub(super) fn claim(key: &str) -> Option<(&str, &str)> {
    let (issuer, claim) = key.rsplit_once(':')?;
    let own = ["aws:", "sts:", "saml:", "iam:"];
    let is_own = own.iter().any(|o| key.get(..o.len()).is_some_and(|k| k.eq_ignore_ascii_case(o)));
    let is_claim = CLAIMS.iter().any(|name| claim.eq_ignore_ascii_case(name));
    (!is_own && (is_claim || issuer.contains(['.', '/']))).then_some((issuer, claim))
}

/// Whether something in it was to be filled in. `${aws:…}` and its like are policy variables, which only values may
/// hold.
pub(super) fn has_placeholder(text: &str) -> bool {
    let open =
        |begin: &str, end: &str| text.split_once(begin).is_some_and(|(_, rest)| rest.contains(end));
    text.contains("${") || open("<", ">") || open("{{", "}}")
}

/// Whether many customers of the issuer share it, and by which claim it tells them apart.
pub(super) fn tenant_claim(provider: &str) -> Option<&'static str> {
    let by = SHARED.iter().find(|(name, _)| *name == provider).map(|(_, claim)| *claim);
    // With the others that AWS knows, `aud` is the customer's own client id.
    by.or_else(|| KNOWN_DOMAINS.contains(&provider).then_some("aud"))
}

/// Whether `sts.amazonaws.com` is the audience that the issuer's own tools ask for: on EKS, and of pipelines, which have
/// no other system that would take their tokens for it.
pub(super) fn has_standard_audience(provider: &str) -> bool {
    is_eks(provider) || is_no_cluster(provider)
}

/// Whether IAM can have a provider of that name at all.
fn url(look: &Look, seen: &Seen, text: &str, arn: &Arn, name: &str) -> Option<Finding> {
    let (why, words, document) = match name.split_once("://") {
        Some((_, bare)) => {
            let mended =
                Arn { resource: format!("oidc-provider/{bare}"), ..arn.clone() }.to_string();
            (
                "IAM takes https:// off the issuer's URL".to_owned(),
                format!("Write {mended}."),
                fix::principal(look.document(), seen.index, "Federated", text, Some(&mended)),
            )
        }
        None => (
            Issuer::parse(&format!("https://{name}")).err()?.why,
            "Write the provider's ARN as IAM lists it.".to_owned(),
            None,
        ),
    };
    Some(
        PROVIDER_URL
            .at(
                seen.place("Principal Federated"),
                format!("No provider can have the name {name:?}: {why}. No token gets in."),
            )
            .mended(words, document),
    )
}

pub(super) fn look(look: &Look) -> Vec<Finding> {
    let mut found = Vec::new();
    for seen in look.web() {
        for text in seen.federated().filter(|text| !has_placeholder(text)) {
            let Federation::Oidc { arn, name } = Federation::of(text) else { continue };
            let place = seen.place("Principal Federated");
            found.extend(url(look, seen, text, &arn, name));
            if is_gke(name) {
                found.push(NAME_INHERITED.at(&place, inherited(name)));
            }
        }
    }
    let listed = look.meant.provider_audiences.as_deref().unwrap_or_default().len();
    if listed > 90 {
        found.push(audiences_many(listed));
    }
    found
}

/// What follows from an issuer that is made of names.
pub(in crate::domain) fn inherited(name: &str) -> String {
    format!(
        "The issuer {name} is made of names: a cluster built anew under the same name has the same issuer, so its \
         accounts inherit this trust. Take the trust away when the cluster goes."
    )
}

/// That a provider lists almost as many audiences as it can.
pub(in crate::domain) fn audiences_many(listed: usize) -> Finding {
    AUDIENCES_MANY
        .at("provider", format!("The provider lists {listed} audiences; IAM takes 100."))
        .mended("Take away the audiences that no role asks for.", None)
}
