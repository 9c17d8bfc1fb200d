//! The table of rules that need more than one trust policy: permissions, keys, providers, the account.
//!
//! Numbers as in the catalogues that [`crate::domain::trust::lint`] uses, and `E01` to `E07`, `K01` to `K06`, `O03`, `O04` beside them.

use crate::domain::finding::{Finding, Severity};
use crate::domain::trust::lint;
use Severity::{Error, High, Low, Medium, Note};

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name, a promise to scripts.
    pub slug: &'static str,
    /// How bad it usually is. The place may make it better or worse.
    pub severity: Severity,
    /// Its numbers in the catalogues.
    pub ids: &'static [&'static str],
    /// What it looks for, in a few words.
    pub looks_for: &'static str,
    /// Why that matters, one or two sentences.
    pub why: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
}

impl Rule {
    /// A finding of this rule, as bad as the rule usually is.
    #[must_use]
    pub fn at(&self, place: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding {
            rule: self.slug,
            severity: self.severity,
            message: message.into(),
            place: place.into(),
            fix: None,
        }
    }
}

/// What is said of a rule, wherever it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub slug: &'static str,
    /// How bad it usually is.
    pub severity: Severity,
    /// What it looks for.
    pub looks_for: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

/// Every rule that a review can find something by.
pub fn all() -> impl Iterator<Item = Entry> {
    let ours = RULES.iter().map(|r| Entry {
        slug: r.slug,
        severity: r.severity,
        looks_for: r.looks_for,
        why: r.why,
        source: r.source,
    });
    let trust = lint::RULES.iter().map(|r| Entry {
        slug: r.slug,
        severity: r.severity,
        looks_for: r.looks_for,
        why: r.why,
        source: r.source,
    });
    trust.chain(ours)
}

/// The rule of this name.
#[must_use]
pub fn entry(slug: &'static str) -> Entry {
    all().find(|rule| rule.slug == slug).unwrap_or(Entry {
        slug,
        severity: Note,
        looks_for: "",
        why: "",
        source: "",
    })
}

macro_rules! rules {
    ($(
        $name:ident $slug:literal $severity:ident [$($id:literal)*]
        $looks_for:literal, $why:literal, $source:literal;
    )*) => {
        $(#[doc = $looks_for] pub const $name: Rule = Rule {
            slug: $slug,
            severity: $severity,
            ids: &[$($id),*],
            looks_for: $looks_for,
            why: $why,
            source: $source,
        };)*

        /// Every rule of this table.
        pub const RULES: &[Rule] = &[$($name),*];
    };
}

rules! {
    ROLE_UNREAD "role-unread" Note []
        "a role of which not all could be read",
        "What could not be read was not judged: the role may be worse than it looks.",
        "the fault that the reading met";
    TRUST_UNREADABLE "role-trust-unreadable" Error []
        "a trust policy that is no policy",
        "IAM stores none that it cannot read, so what came is not what is in force: nothing can be said of it.",
        "IAM policy grammar";
    PROVIDER_UNREAD "provider-unread" Note []
        "a provider that could not be read",
        "Which audiences it lists is not known, so that the roles that trust it were judged without them.",
        "the fault that the reading met";
    PROVIDER_UNUSED "provider-unused" Medium ["P07"]
        "a provider that no role trusts (low: not all roles could be read)",
        "Whoever holds its issuer can use it as soon as somebody writes a role for it, and an account can have only 100.",
        "kubernetes/k8s.io#6300; boskos#121; IAM quotas";
    PROVIDER_GONE "role-provider-gone" Error ["F8"]
        "a role that trusts a provider which the account does not have (medium: it trusts another one as well)",
        "No token gets in now. Whoever makes a provider of that name, also of a cluster or domain that is no longer yours, \
         opens the role again.",
        "AssumeRoleWithWebIdentity (`No OpenIDConnect provider found in your account`)";
    AUDIENCE_UNUSED "provider-audience-unused" Low ["P07"]
        "an audience that no role asks for",
        "A role that is written without a condition on `aud` takes it too, and a provider can list only 100.",
        "id_roles_providers_create_oidc; IAM quotas";
    AUDIENCE_SHARED "role-audience-shared" Low ["P03" "F11"]
        "the same audience for two Okteto instances (medium: both are in one cluster)",
        "The audience does not tell the instances apart: a token that is made for one is taken for the other wherever `sub` \
         and issuer do not keep it out.",
        "Okteto's tutorial (one audience for each instance and region)";
    TWO_CLUSTERS "role-two-clusters" Medium ["T20"]
        "one role that two clusters can assume",
        "Whoever has one of the clusters has the role, and in AWS's log nothing but the provider's name tells them apart. The \
         role cannot be closed to one without a change for both.",
        "id_roles_create_for-idp_oidc (one provider for each role)";
    REPOSITORY_FOREIGN "repository-policy-missing" Medium ["O04"]
        "a role of an Okteto that pulls from another account, whose repository does not admit it (note: that could not \
         be told)",
        "Between accounts both must allow: the role's own policy and the repository's. The pull fails with 403.",
        "reference_policies_evaluation-logic-cross-account; Amazon ECR user guide, repository policies";
    PUSH "ecr-push" High ["E01" "F-P1"]
        "rights to push to ECR, or to administer it",
        "Whoever gets in can replace the images that your clusters run.",
        "AWS managed policies for Amazon ECR; least privilege";
}
