//! The table of rules that need more than one trust policy: permissions, keys, providers, the account.
//!
//! Numbers as in the catalogues that [`crate::domain::trust::lint`] uses, and `E01` to `E07`, `K01` to `K06`, `O03`, `O04` beside them.
//! Where the catalogues grade differently the stricter grade stands, unless it would say more than is so; then the row says
//! why.
//!
//! Not here: `P04`, `P06`, `P08` and `F12` need the network (discovery and keys of the issuer, the certificate as a proxy shows
//! it, whether the issuer's host, domain or bucket is still its owner's), and a review asks nobody but AWS; `P05` needs the
//! thumbprints of a provider, which are not read, since AWS looks at them only where it does not know the issuer's authority.

use crate::domain::finding::Severity;
use crate::domain::trust::lint::{self, Rule};
use Severity::{Error, High, Low, Medium, Note};

/// Every rule that a review can find something by.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    lint::RULES.iter().chain(RULES)
}

/// The rule of this name; of one that is in no table, nothing is known but the name.
#[must_use]
pub fn entry(slug: &'static str) -> Rule {
    let unknown = Rule { slug, severity: Note, ids: &[], looks_for: "", why: "", source: "" };
    all().find(|rule| rule.slug == slug).copied().unwrap_or(unknown)
}

macro_rules! rules {
    ($(
        $(#[doc = $note:literal])*
        $name:ident $slug:literal $severity:ident [$($id:literal)*]
        $looks_for:literal, $why:literal, $source:literal;
    )*) => {
        $(#[doc = $looks_for] $(#[doc = ""] #[doc = $note])* pub const $name: Rule = Rule {
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
    /// One catalogue says medium of it anywhere. Instances of two clusters are told apart by the issuer, which no token of the
    /// other cluster has: low. In one cluster `sub` alone is between them: medium.
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
    USER_UNREAD "user-unread" Note []
        "a user of which not all could be read",
        "What could not be read was not judged: the user may be worse than it looks.",
        "the fault that the reading met";
    POLICY_UNREAD "policy-unread" Note []
        "a policy whose text could not be read",
        "It may give more rights than are shown, or take some away.",
        "the fault that the reading met";
    PUSH "ecr-push" High ["E01" "F-P1"]
        "rights to push to ECR, or to administer it (note: to named repositories only, where nothing says that the role is for Okteto's pulls)",
        "Whoever gets in can replace the images that your clusters run.",
        "AWS managed policies for Amazon ECR; least privilege";
    EVERYTHING "everything-allowed" High ["E01" "F-P1"]
        "a policy that allows any action, as an administrator's does",
        "Whoever gets in has the account, not only its images.",
        "IAM user guide, security best practices: least privilege; AWS managed policies";
    READ_ONLY "ecr-read-only" Low ["E02"]
        "AWS's policy for reading where the one for pulling alone would do (note: where nothing says that it only pulls)",
        "It also lists repositories and reads their policies and scan findings, which no pull needs, and it cannot fill a pull-through cache.",
        "AWS managed policies for Amazon ECR: PullOnly since 2024-10-04";
    NO_LOGIN "ecr-no-login" Error ["E03"]
        "a right to pull without ecr:GetAuthorizationToken, or with it on a repository instead of *",
        "Without a login no registry client can pull, whatever else is allowed.",
        "ECR user guide, registry authentication; service authorization reference: GetAuthorizationToken knows no resource";
    NO_PULL "ecr-no-pull" Medium ["E03"]
        "a role or user for Okteto's pulls whose policies let it pull nothing",
        "Only a repository's own policy could let it pull, and only in the same account.",
        "ECR user guide, private repository policies";
    /// One catalogue says medium of a repository that is a pull-through cache's. Which are, the policies do not say: note. AWS's
    /// policy for reading has a rule that says it too.
    NO_IMPORT "ecr-no-import" Note ["E04"]
        "a right to pull from a prefix, or from everywhere, without ecr:BatchImportUpstreamImage",
        "If it is from a pull-through cache, an image that it does not have yet cannot be pulled.",
        "ECR user guide, pull-through cache: required permissions";
    ASSUMES_ANY "assumes-any-role" High ["E05"]
        "sts:AssumeRole on every role of an account",
        "Whoever gets in can become any role that trusts the account.",
        "Prowler: iam_no_custom_policy_permissive_role_assumption";
    FOREIGN_PARTITION "policy-partition" Error ["E06"]
        "a policy or repository ARN of another partition than the account's",
        "An ARN of another partition matches nothing here: what the policy was meant to allow is not allowed.",
        "IAM user guide, reference_identifiers; AWS partitions";
    BOUNDARY_TAKES "boundary-takes-pull" Error ["E07"]
        "a permissions boundary that takes away the pull or the login that the policies give",
        "What a boundary does not allow is not allowed, whatever the policies say.",
        "IAM user guide, permissions boundaries for IAM entities";
    /// One catalogue says high of a role for pulls. Of one that is not known to be for them it is medium: it may be made for
    /// both.
    BEYOND_ECR "beyond-ecr" Medium ["F-P1"]
        "rights beyond ECR on a role that can pull (high: where it is plainly for Okteto's pulls)",
        "A registry credential is used by everyone who builds or deploys there; each of them has these rights too.",
        "least privilege; Okteto's documentation, registry credentials";
    ALL_REPOSITORIES "pull-all" Note ["F-P2"]
        "a right to pull on *",
        "Every image of the account can be pulled. AWS's own policies are made so; an inline policy can name repositories.",
        "AWS managed policies for Amazon ECR";
    NO_BOUNDARY "no-boundary" Note ["F-P3"]
        "no permissions boundary",
        "A boundary caps what policies that are attached later can give.",
        "IAM user guide, permissions boundaries for IAM entities";
    STALE "role-stale" Low ["F-P5"]
        "a role that was not used for 90 days, or never since it was made",
        "Trust that nobody needs is only good for others.",
        "IAM API reference, RoleLastUsed; IAM user guide, refine permissions by last access";
    UNLABELLED "no-tags" Note ["F-P6"]
        "no tags and the path /",
        "Tags and a path tell whose it is and what it is for.",
        "IAM user guide, tagging";
    /// One catalogue says medium where the cluster has an issuer. Whether it has, nothing in the account says: low.
    LONG_LIVED "user-long-lived-key" Low ["K01"]
        "an access key for pulls, where a role by OIDC would do",
        "A key is good until somebody switches it off; a token ends by itself. If the cluster has an issuer, no key is needed.",
        "IAM user guide, security best practices: temporary credentials; Prowler";
    TWO_KEYS "user-two-keys" Medium ["K02"]
        "two active access keys",
        "It is right only while a key is being rotated: the other one is a way in that nobody watches.",
        "Prowler: iam_user_two_active_access_key";
    KEY_OLD "user-key-old" Medium ["K03"]
        "an active access key older than 90 days",
        "The longer a key is there, the more places hold a copy of it.",
        "CIS AWS Foundations 7.0, 2.12; Prowler: iam_rotate_access_key_90_days";
    KEY_UNUSED "user-key-unused" Medium ["K04"]
        "an active access key that was not used for 45 days",
        "A key that nobody uses is only good for whoever finds it.",
        "CIS AWS Foundations 7.0, 2.11";
    DIRECT_POLICY "user-direct-policy" Low ["K05"]
        "a policy attached straight to a user",
        "Rights of single users are easily lost sight of. Okteto's tutorial attaches it so.",
        "CIS AWS Foundations 7.0, 2.13";
    PASSWORD "user-console-password" High ["K06"]
        "a user for pulls that has a console password",
        "It should be a robot with one purpose; a password is a second way in.",
        "CIS AWS Foundations 7.0; least privilege";
    /// One catalogue says high of it as of a password. What groups give now is judged with the user's own rights, and graded as
    /// these are; only what they are given later is open: medium, as the other catalogue has it.
    IN_GROUPS "user-in-groups" Medium ["K06"]
        "a user for pulls that is in groups",
        "Whatever the group is given later, whoever has the key gets too.",
        "least privilege";
    ROOT_KEY "root-access-key" High ["R2"]
        "an access key of the account's root user",
        "No policy of the account limits what it can do.",
        "CIS AWS Foundations 7.0, 2.4; GetAccountSummary: AccountAccessKeysPresent";
    ROOT_MFA "root-no-mfa" Medium []
        "a root user without MFA",
        "Its password alone opens the account.",
        "CIS AWS Foundations; GetAccountSummary: AccountMFAEnabled";
    /// The catalogue has the providers alone, of which an account can have 100 and no more. The quotas of roles and users AWS
    /// raises on request: low, until all are there.
    QUOTA_NEAR "quota-near" Medium ["P07"]
        "more than 80 of the 100 OIDC providers that the account can have, or all of its roles or users (low: more than 90 % of these)",
        "Where it is full, no further instance can be set up.",
        "IAM quotas; GetAccountSummary";
    GLOBAL_TOKENS "global-tokens-v1" Note []
        "session tokens of the global STS endpoint that opt-in regions do not take",
        "Whoever uses the global endpoint cannot pull from a registry in an opt-in region.",
        "IAM user guide, managing AWS STS in a region; GetAccountSummary: GlobalEndpointTokenVersion";
}
